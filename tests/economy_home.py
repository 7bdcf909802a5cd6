"""A small synthetic economy, read and built by the command line into a data folder of its own."""

import os
import subprocess
import sys
from pathlib import Path

from seeds.economy import generate

ROOT = Path(__file__).parents[1]
FIRMS, LINKS = 1_000, 4_000


def dayan(
    *args: object, cwd: Path, data: Path | None = None, **env: str
) -> "subprocess.CompletedProcess[str]":
    """Run the command line as a person would, from `cwd`."""
    command = [sys.executable, "-m", "dayan", *map(str, args), *(["--data", str(data)] if data else [])]
    return subprocess.run(
        command, cwd=cwd, env=environment(**env), capture_output=True, text=True, timeout=300, check=False
    )


def environment(**more: str) -> dict[str, str]:
    """The environment without this user's settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("DAYAN_")}
    return {**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **more}


def make_home(folder: Path) -> Path:
    """Generate, ingest and build; returns the data folder (the documents lie in ../economy/documents)."""
    generate(folder / "economy", FIRMS, LINKS)
    home = folder / "home"
    for args in (("ingest", folder / "economy" / "documents"), ("build",)):
        done = dayan(*args, cwd=folder, data=home)
        assert done.returncode == 0, done.stderr
    return home
