"""Bench `demo`: from a clean clone to the first answer of the page, with a cold cache and again.

The clone gets an empty home, so that nothing cached on this machine helps. `--data` is not used.
"""

import os
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

from rich.console import Console

from bench.measure import Measure

ROOT = Path(__file__).resolve().parents[1]
PORT = 18_431
#: After this many seconds the demo counts as not answering.
PATIENCE = 900


def run(data: Path | None = None) -> dict[str, object]:  # noqa: ARG001
    """Measure both runs, print them, return the figures."""
    console = Console()
    with tempfile.TemporaryDirectory() as scratch:
        clone, home = Path(scratch) / "dayan", Path(scratch) / "home"
        home.mkdir()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        cold = _until_answer(clone, home)
        warm = _until_answer(clone, home)
        install = _size(clone / ".venv") / 1e9
    figures: dict[str, object] = {
        "cold_seconds": round(cold.seconds, 1),
        "warm_seconds": round(warm.seconds, 1),
        "install_gb": round(install, 3),
        "cold_cpu_seconds": round(cold.cpu_seconds, 1),
        "peak_gb": round(cold.peak_gb, 3),
        "load": round(cold.load, 2),
    }
    for name, value in figures.items():
        console.print(f"{name:>18} {value}")
    return figures


def _until_answer(clone: Path, home: Path) -> Measure:
    """`make demo` until the page and the map answer; then it is stopped as Ctrl-C would."""
    kept = ("PATH", "LANG", "PIP_CERT", "SSL_CERT_FILE", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
    env = {k: os.environ[k] for k in kept if k in os.environ}
    env |= {"HOME": str(home), "DAYAN_PORT": str(PORT)}
    env |= {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "UV_")) and "CACHE" not in k}
    with Measure(every=0.1) as measure:
        process = subprocess.Popen(["make", "demo"], cwd=clone, env=env, start_new_session=True)
        try:
            for path in ("/", "/v1/chains/nev/map"):
                _wait_for(f"http://127.0.0.1:{PORT}{path}", process)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    os.killpg(process.pid, signal.SIGINT)
    process.wait(60)
    return measure


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"make demo ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
    raise TimeoutError(url)


def _size(folder: Path) -> int:
    """Bytes on disk, each file once."""
    seen: set[tuple[int, int]] = set()
    total = 0
    for path in folder.rglob("*"):
        entry = path.lstat()
        if path.is_file() and not path.is_symlink() and (entry.st_dev, entry.st_ino) not in seen:
            seen.add((entry.st_dev, entry.st_ino))
            total += entry.st_size
    return total
