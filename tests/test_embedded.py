"""The embedded engine's process: shared, found again, replaced, gone with its last user, leaving no trace."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import polars as pl
import psutil
import pytest

from graph import embedded
from graph.engine import connect
from graph.publish import publish
from graph.store import BATCH
from ledger.errors import StoreUnavailable
from tests.store_graph import tables

REPOSITORY = Path(__file__).parents[1]
#: Joins, says the engine's pid, reads; then waits until its stdin closes.
USER = """
import sys
from pathlib import Path
from graph.engine import connect
with connect(None, Path(sys.argv[1])) as store:
    store.schema()
    if len(sys.argv) > 2:
        store.write("create_region", [[sys.argv[2], None]])
    print(store.pid, flush=True)
    sys.stdin.read()
"""


def user(folder: Path, cwd: Path, *args: str) -> tuple[subprocess.Popen[str], int]:
    """Another process of ours that uses the engine, and the pid it was told."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER, str(folder), *args],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    return process, int(process.stdout.readline())


def leave(process: subprocess.Popen[str]) -> None:
    process.communicate()


def gone_within(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def regions(folder: Path) -> set[str]:
    with connect(None, folder) as store:
        frame = store.frame("keys_region", pl.Schema({"id": pl.String(), "ours": pl.Boolean()}))
    return set(frame["id"])


@pytest.fixture
def cwd(tmp_path: Path) -> Path:
    (tmp_path / "cwd").mkdir()
    return tmp_path / "cwd"


@pytest.mark.slow
def test_processes_share_one_engine_that_ends_with_the_last(tmp_path: Path, cwd: Path):
    folder = tmp_path / "data"
    first, pid = user(folder, cwd, "one")
    second, same = user(folder, cwd, "two")
    assert pid == same
    if os.name == "posix":
        assert (folder / "run" / "store.json").stat().st_mode & 0o777 == 0o600
    first.send_signal(signal.SIGKILL)  # its starter: nothing happens to the others
    first.communicate()
    assert not gone_within(pid, 4)
    assert regions(folder) == {"one", "two"}
    second.send_signal(signal.SIGKILL)  # the last: noticed though it said nothing
    second.communicate()
    assert gone_within(pid, 30)
    assert list(cwd.iterdir()) == []  # no log of the engine
    assert regions(folder) == {"one", "two"}  # and what was written is there for the next


@pytest.mark.slow
def test_two_that_start_at_once_get_one_engine(tmp_path: Path, cwd: Path):
    folder = tmp_path / "data"
    command = [sys.executable, "-c", USER, str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    both = [
        subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    assert len({process.stdout.readline() for process in both}) == 1
    for process in both:
        leave(process)


@pytest.mark.slow
def test_a_killed_engine_is_replaced_and_keeps_what_was_committed(tmp_path: Path):
    folder = tmp_path / "data"
    with connect(None, folder) as store:
        publish(store, tables(), None, "s1")
        stale = json.loads((folder / "run" / "store.json").read_text())
        before = store.run("edge_counts")
        psutil.Process(store.pid).kill()
        assert gone_within(stale["pid"], 10)
        assert store.run("edge_counts") == before  # this store found the way back by itself
        fresh = json.loads((folder / "run" / "store.json").read_text())
        assert fresh["pid"] == store.pid != stale["pid"]
        assert fresh["password"] != stale["password"]
        assert publish(store, tables(), tables(), "s1", previous_id="s1").full is False


@pytest.mark.slow
def test_a_publication_whose_engine_is_killed_ends_well_or_is_made_good_by_the_next(tmp_path: Path):
    """Killed in the middle of a batch it fails; between two it goes on with a new engine."""
    many = pl.DataFrame({"id": [f"r{n:06}" for n in range(60_000)]}).with_columns(name="id")
    wanted = {**tables(), "Region": pl.concat([tables()["Region"], many])}
    with connect(None, tmp_path) as store:
        killed = store.pid

        def kill(kind: str, done: int, total: int) -> None:
            if kind == "Region" and done == BATCH:
                threading.Timer(0.1, psutil.Process(killed).kill).start()

        try:
            publish(store, wanted, None, "s1", kill)
        except StoreUnavailable:
            assert store.run("build") == []
            assert publish(store, wanted, None, "s1").full
        assert store.pid != killed
        nodes = {row["kind"]: row["count"] for row in store.run("node_counts")}
        edges = {row["kind"]: row["count"] for row in store.run("edge_counts")}
        assert nodes["Region"] == 60_002
        assert edges == {kind: len(wanted[kind]) for kind in edges}
        assert store.run("build") == [{"snapshot": "s1"}]


def test_a_stranger_at_the_control_port_is_turned_away(embedded_store):
    address = embedded_store._address
    told = json.loads(Path(_folder_of(embedded_store) / "run" / "store.json").read_text())
    with socket.create_connection(("127.0.0.1", told["control"]), timeout=5) as stranger:
        stranger.sendall(b"let me in\n")
        assert stranger.recv(16) == b""
    assert address.alive()
    assert told["uri"].startswith("bolt://127.0.0.1:")
    listening = {
        c.laddr.ip for c in psutil.Process(told["pid"]).net_connections("tcp") if c.status == "LISTEN"
    }
    assert {ip.removeprefix("::ffff:") for ip in listening} <= {"127.0.0.1", "::1"}


def _folder_of(store) -> Path:
    return Path(psutil.Process(store.pid).cmdline()[-2]).parent


def test_a_file_left_behind_is_not_believed(tmp_path: Path):
    path = tmp_path / "store.json"
    for left in ("", "[]", "{", json.dumps({"control": 1, "token": "t"})):
        path.write_text(left)
        assert embedded._take_seat(path) is None
    assert embedded._take_seat(tmp_path / "none.json") is None


def test_an_engine_that_cannot_start_names_its_log(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false" if os.name == "posix" else sys.executable)
    with pytest.raises(StoreUnavailable) as caught:
        embedded.join(tmp_path)
    assert caught.value.code == "engine_failed"
    assert "engine.log" in str(caught.value)
