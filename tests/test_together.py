"""serve, ingest, build and query at once on one folder, and what a kill of each leaves behind."""

import json
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from dayan.pipeline import build_lock
from graph.engine import connect
from graph.snapshot import open_snapshot
from ledger.ledger import Ledger
from seeds.economy import generate
from tests.economy_home import dayan, environment, make_home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("together")
    generate(folder / "more", 1_000, 4_000, seed=2)
    return make_home(folder)


def start(*args: object, data: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "dayan", *map(str, args), "--data", str(data)],
        cwd=data.parent,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def served(data: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    process = start("serve", "--port", "18555", data=data)
    try:
        assert process.stdout is not None
        line = next(line for line in process.stdout if "http://" in line)
        yield line[line.index("http://") :].strip(), process
    finally:
        process.kill()
        process.communicate()


def get(url: str) -> str:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return str(answer.read().decode())
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_everything_at_once(home: Path) -> None:
    before = open_snapshot(home).id
    with served(home) as (url, _):
        assert before in get(f"{url}/v1/chains")
        reading = start("ingest", home.parent / "more" / "documents", data=home)
        building = start("build", "--force", data=home)
        asked = dayan("query", "chain_list", cwd=home.parent, data=home)
        assert asked.returncode == 0, asked.stderr
        for process in (reading, building):
            text, _ = process.communicate(timeout=240)
            assert process.returncode == 0, text
        built = dayan("build", cwd=home.parent, data=home)
        assert built.returncode == 0, built.stderr
        after = open_snapshot(home).id
        assert after != before
        assert after in get(f"{url}/v1/chains")  # the running server serves the new snapshot
        assert '"store_snapshot":"' + after in get(f"{url}/ready").replace(" ", "")


def test_one_build_at_a_time(home: Path) -> None:
    before = open_snapshot(home).id
    with build_lock(home):
        refused = dayan("build", "--force", cwd=home.parent, data=home)
    assert refused.returncode == 1
    assert "another build is running" in refused.stderr
    assert open_snapshot(home).id == before
    assert dayan("build", cwd=home.parent, data=home).returncode == 0


def test_a_graph_store_that_was_lost_is_filled_again(home: Path) -> None:
    def gone() -> bool:
        told = json.loads((home / "run" / "store.json").read_text())
        return not psutil.pid_exists(told["pid"])

    snapshot = open_snapshot(home)
    deadline = time.monotonic() + 60
    while not gone() and time.monotonic() < deadline:
        time.sleep(0.2)
    shutil.rmtree(home / "store")
    for command, code in (("doctor", 1), ("status", 0)):
        told = dayan(command, cwd=home.parent, data=home)
        assert told.returncode == code, told.stderr
        assert "run `dayan build`" in told.stdout.replace("\n", " ")
    built = dayan("build", cwd=home.parent, data=home)
    assert built.returncode == 0, built.stderr
    assert "writing to the graph store: supplies" in built.stderr
    assert "finding segments" not in built.stderr  # nothing is worked out again
    with connect(None, home) as store:
        counts = {row["kind"]: row["count"] for row in store.run("edge_counts")}
    assert counts["SUPPLIES"] == snapshot.edges.height + snapshot.inferred_links.height
    assert "nothing has changed" in dayan("build", cwd=home.parent, data=home).stdout
    assert dayan("doctor", cwd=home.parent, data=home).returncode == 0


@pytest.mark.parametrize("after", [0.5, 3.0, 5.0, 7.0])
def test_a_killed_build_is_finished_by_the_next(home: Path, after: float) -> None:
    expected = open_snapshot(home).id
    building = start("build", "--force", data=home)
    time.sleep(after)  # the moment of the kill is what is varied
    building.send_signal(signal.SIGKILL)
    building.communicate()
    done = dayan("build", "--force", cwd=home.parent, data=home)
    assert done.returncode == 0, done.stderr
    snapshot = open_snapshot(home)
    assert snapshot.id == expected
    with connect(None, home) as store:
        marker = store.run("build")
        counts = {row["kind"]: row["count"] for row in store.run("edge_counts")}
    assert marker[0]["snapshot"] == expected
    assert counts["SUPPLIES"] == snapshot.edges.height + snapshot.inferred_links.height


def test_a_killed_ingest_is_finished_by_the_next(home: Path, tmp_path: Path) -> None:
    documents = home.parent / "more" / "documents"
    for after in (1.5, 2.5):
        reading = start("ingest", documents, data=tmp_path / "d")
        time.sleep(after)
        reading.send_signal(signal.SIGKILL)
        reading.communicate()
    done = dayan("ingest", documents, cwd=tmp_path, data=tmp_path / "d")
    assert done.returncode == 0, done.stderr
    ledger, whole = Ledger(tmp_path / "d"), tmp_path / "whole"
    assert dayan("ingest", documents, cwd=tmp_path, data=whole).returncode == 0
    columns = ["fact", "row", "side"]
    mine, theirs = (
        x.scan("invoices").select(columns).sort(columns).collect() for x in (ledger, Ledger(whole))
    )
    assert mine.equals(theirs)


def test_a_killed_server_leaves_nothing_in_the_way(home: Path) -> None:
    with served(home) as (url, process):
        get(f"{url}/health")
        process.send_signal(signal.SIGKILL)
    with served(home) as (url, _):
        assert "nev" in get(f"{url}/v1/chains")
