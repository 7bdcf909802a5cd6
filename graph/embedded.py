"""Joins the embedded engine of a data folder, starting its process when nobody has yet.

One process per data folder (`graph.child`), found through `run/store.json` and kept alive by an open
control connection of each user. A file that was left behind by a killed process is known by nobody
answering at its control port; under the file lock `run/store.lock` a new process is then started.
"""

import json
import secrets
import select
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from ledger.errors import StoreUnavailable

#: Seconds a start may take; a cold, busy machine takes about ten, a predecessor may have to end first.
START_S = 150.0
CONTROL_S = 5.0


@dataclass(frozen=True)
class Membership:
    """A user's seat at the engine: where it is, and the connection that keeps it alive."""

    uri: str
    user: str
    password: str
    database: str
    pid: int
    control: socket.socket

    def alive(self) -> bool:
        """Whether the engine still holds the connection. Costs microseconds."""
        try:
            readable, _, _ = select.select([self.control], [], [], 0)
            return not readable or bool(self.control.recv(1, socket.MSG_PEEK))
        except (OSError, ValueError):  # ValueError: closed by us
            return False

    def leave(self) -> None:
        """Give up the seat; the engine ends a little after the last one."""
        self.control.close()


def join(folder: Path) -> Membership:
    """A seat at the engine of data folder `folder`. Raises StoreUnavailable when it does not start."""
    run, store = (folder / "run").resolve(), (folder / "store").resolve()
    run.mkdir(parents=True, exist_ok=True)
    if seat := _take_seat(run / "store.json"):
        return seat
    with FileLock(run / "store.lock", timeout=START_S):
        for _ in range(2):  # a port may be taken between choosing it and listening
            if seat := _take_seat(run / "store.json"):
                return seat
            _start(run, store)
        if seat := _take_seat(run / "store.json"):
            return seat
    raise StoreUnavailable("engine_failed", log=str(_log(store)))


def _take_seat(path: Path) -> Membership | None:
    """A seat at the engine that `path` tells of, None when it is not there any more."""
    told = _read(path)
    if told is None:
        return None
    try:
        control = socket.create_connection(("127.0.0.1", told["control"]), timeout=CONTROL_S)
    except OSError:
        return None
    try:
        control.sendall(told["token"].encode() + b"\n")
        if control.recv(16).strip() == b"ok":
            return Membership(
                told["uri"], told["user"], told["password"], told["database"], told["pid"], control
            )
    except OSError:  # it is just going
        pass
    control.close()
    return None


def _start(run: Path, store: Path) -> None:
    """Start the engine's process and wait until it answers, or has failed."""
    log = _log(store)
    log.parent.mkdir(parents=True, exist_ok=True)
    instance = secrets.token_hex(8)
    script = Path(__file__).with_name("child.py")
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-P", str(script), str(run), str(store), instance],
            cwd=store,  # the engine logs into its working directory, never into the user's
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            **_detached(),
        )
    threading.Thread(target=process.wait, daemon=True).start()  # leaves no zombie behind
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if (told := _read(run / "store.json")) and told["instance"] == instance:
            return
        if process.poll() is not None:
            return
        time.sleep(0.02)
    process.kill()
    raise StoreUnavailable("engine_slow", seconds=START_S, log=str(log))


def _detached() -> dict[str, Any]:
    """The engine outlives its starter, and a Ctrl-C at the terminal is not meant for it."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def _read(path: Path) -> dict[str, Any] | None:
    try:
        told = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def _log(store: Path) -> Path:
    return store / "log" / "engine.log"
