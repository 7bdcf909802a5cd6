"""A server as a user starts it, and clients that ask it over a real socket: for benches that time answers."""

import http.client
import json
import math
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Seconds the server gets to answer for the first time, and to end.
PATIENCE, FAREWELL = 180, 20
#: What a copy of a data folder shares with the original: files that are never written again.
SHARED = ("snapshots", "ledger", "originals")


@dataclass(frozen=True)
class Call:
    """One request: `body` is sent as JSON where there is one."""

    kind: str
    path: str
    method: str = "GET"
    body: dict[str, Any] | None = None


@dataclass(frozen=True)
class Heard:
    """What came back: seconds until the last byte was read, status, body."""

    kind: str
    seconds: float
    status: int
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body. RuntimeError on a refusal: it is quick and must not count."""
        if not 200 <= self.status < 300:
            raise RuntimeError(f"{self.kind}: {self.status} {self.body[:300]!r}")
        told: dict[str, Any] = json.loads(self.body)
        return told


def ask(port: int, calls: list[Call], timeout: float = 60) -> list[Heard]:
    """The calls in turn over one connection."""
    connection, heard = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout), []
    for call in calls:
        body = None if call.body is None else json.dumps(call.body)
        headers = {"Content-Type": "application/json"} if body else {}
        start = time.perf_counter()
        connection.request(call.method, call.path, body, headers)
        answer = connection.getresponse()
        told = answer.read()
        heard.append(Heard(call.kind, time.perf_counter() - start, answer.status, told))
    connection.close()
    return heard


@contextmanager
def server(folder: Path, until: str = "/ready") -> Iterator[int]:
    """`dayan serve` on a free port until `until` answers, and says that it is warm where it says so at all;
    stopped as Ctrl-C would at the end."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "dayan", "serve", "--data", str(folder), "--port", str(port)]
    # Many clients are one user here, who would soon be asked to slow down.
    unhurried = os.environ | {"DAYAN_RATE": "0"}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=unhurried)
    try:
        _wait(port, process, until)
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(FAREWELL)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port: int, process: "subprocess.Popen[bytes]", until: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError, http.client.HTTPException):
            answer = ask(port, [Call("wait", until)])[0]
            if answer.status == 200 and answer.json().get("warm", True):
                return
        time.sleep(0.2)
    raise RuntimeError(f"the server at port {port} was not ready (exit status {process.poll()})")


def until_warm(port: int) -> None:
    """Wait until the server has worked out what takes long, also where its database is not there."""
    deadline = time.monotonic() + PATIENCE
    while not json.loads(ask(port, [Call("wait", "/ready")])[0].body)["warm"]:
        if time.monotonic() > deadline:
            raise RuntimeError(f"the server at port {port} did not get warm")
        time.sleep(0.2)


def demo(folder: Path) -> None:
    """Make the demo where there is no graph yet."""
    from graph.snapshot import current_id

    if current_id(folder) is None:
        command = [sys.executable, "-m", "dayan", "demo", "--no-serve", "--data", str(folder)]
        subprocess.run(command, check=True)


def copied(folder: Path, to: Path) -> Path:
    """A data folder of its own beside `folder`, so that what is booked there stays there: the big tables,
    which nobody writes again, are linked, the rest is copied; the database is left out."""
    to.mkdir(parents=True)
    for path in sorted(folder.iterdir()):
        if path.name in SHARED:
            shutil.copytree(path, to / path.name, copy_function=_linked)
        elif path.is_file() and not path.name.startswith("state.sqlite"):
            shutil.copy2(path, to / path.name)
    return to


def _linked(source: str, to: str) -> str:
    try:
        os.link(source, to)
    except OSError:  # another disk
        shutil.copy2(source, to)
    return to


def quantile(times: list[float], share: float) -> float:
    """The smallest time that `share` of all do not exceed."""
    ordered = sorted(times)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def load() -> float:
    """How many processes wanted a core in the last minute."""
    return round(os.getloadavg()[0], 2)
