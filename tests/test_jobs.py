"""The worker: it reads what was handed in, ends with what it serves, and loses nothing when it dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import Event

import pytest

from api.views.uploads import folder_for
from dayan import tasks, work
from dayan.turn import Interrupted, Turn
from ledger import jobs
from ledger.errors import Busy, InputError
from ledger.ledger import Ledger
from ledger.state import State
from seeds.papers import PaperInvoice, PaperLine, Party, write_digital_xml
from tests.api_server import settings_for
from tests.ledgers import BUYER, SELLER, csv_bytes, line, table

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def here(monkeypatch):
    """Documents are read in this process: starting others takes a second each time."""
    monkeypatch.setattr(tasks, "ISOLATED", False)


def paper(number: int) -> bytes:
    """An invoice as 数电票 XML."""
    invoice = PaperInvoice(
        number=f"2533200000{number:010d}",
        issued=date(2025, 3, 4),
        seller=Party("平湖市甲高分子材料有限公司", SELLER),
        buyer=Party("嘉兴市乙注塑有限公司", BUYER),
        lines=(PaperLine("*塑料制品*切片", 100_000, 13_000, Decimal("0.13"), Decimal(10), Decimal(100)),),
    )
    return write_digital_xml(invoice)


def hand_in(folder: Path, files: dict[str, bytes], **params: object) -> str:
    """Queue an ingest as the API does."""
    state, id_ = State(folder), jobs.new_id()
    place = folder_for(folder, id_)
    for number, (name, data) in enumerate(files.items()):
        (place / str(number)).mkdir()
        (place / str(number) / name).write_bytes(data)
    with state.writing() as connection:
        jobs.add(connection, "ingest", "me", {"files": list(files), **params}, id_)
    return id_


def run(folder: Path) -> None:
    work.work(settings_for(folder), Event(), until_idle=True)


def outcomes(folder: Path, id_: str) -> dict[str, str]:
    return {o.name: o.state for o in jobs.outcomes_of(State(folder), id_, 100)}


def test_what_was_handed_in_is_read_and_told_file_by_file(tmp_path):
    ledger = csv_bytes(table([line(1), line(2, 金额="broken")]))
    files = {"a.xml": paper(1), "账.csv": ledger, "junk.bin": b"\0\1\2junk", "same.xml": paper(1)}
    id_ = hand_in(
        tmp_path, files, owner=SELLER, refused=[{"name": "big.pdf", "code": "file_too_large", "params": {}}]
    )
    run(tmp_path)
    job = jobs.get(State(tmp_path), id_)
    assert (job.state, job.error) == ("done", None)
    assert outcomes(tmp_path, id_) == {
        "a.xml": "read", "账.csv": "read", "junk.bin": "failed", "same.xml": "known", "big.pdf": "failed",
    }  # fmt: skip
    told = {o.name: o.body for o in jobs.outcomes_of(State(tmp_path), id_, 100)}
    assert told["账.csv"]["rejected"] == 1
    assert told["junk.bin"]["error"]["code"] == "file_unknown"
    assert (job.done, job.total, job.result["rejected"]) == (100, 100, 1)
    assert sorted(Ledger(tmp_path).documents()["name"]) == ["a.xml", "账.csv"]
    assert list((tmp_path / "uploads").iterdir()) == []
    assert "build" not in job.result


def test_a_beat_that_fails_is_logged_and_the_next_one_comes(tmp_path, monkeypatch, caplog):
    state = State(tmp_path)
    jobs.queue_build(state, "me")
    taken, beats = jobs.take(state, "w"), []

    def beat(*_: object) -> bool:
        beats.append(1)
        if len(beats) == 1:
            raise OSError("the disk is away")
        return True

    monkeypatch.setattr(jobs, "beat", beat)
    with Turn(state, taken, Event(), beat_s=0.01):
        wait_for(lambda: len(beats) > 2, 5)
    assert "the disk is away" in caplog.text


def test_as_many_processes_read_as_the_settings_say(tmp_path, monkeypatch):
    import extraction.ingest as reading

    asked, ingest = [], reading.ingest

    def watched(*args: object, **options: object) -> object:
        asked.append(options["processes"])
        return ingest(*args, **(options | {"processes": 1}))

    monkeypatch.setattr(reading, "ingest", watched)
    for settings in (settings_for(tmp_path), settings_for(tmp_path).model_copy(update={"processes": 3})):
        hand_in(tmp_path, {"a.xml": paper(1)})
        work.work(settings, Event(), until_idle=True)
    assert asked == [1, 3]


def test_a_build_follows_only_what_is_new(tmp_path):
    first = hand_in(tmp_path, {"a.xml": paper(1)}, build=True)
    again = hand_in(tmp_path, {"b.xml": paper(1)}, build=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(tasks.TASKS, "build", lambda *_: {"snapshot": "x", "fresh": True})
        run(tmp_path)
    state = State(tmp_path)
    build = jobs.get(state, first).result["build"]
    assert jobs.get(state, build).result == {"snapshot": "x", "fresh": True}
    assert "build" not in jobs.get(state, again).result


def test_a_build_waits_for_another_and_tells_its_steps(tmp_path, monkeypatch):
    tries = []

    def build(_target: object, progress: Callable[..., None], *, force: bool) -> object:
        tries.append(force)
        if len(tries) == 1:
            raise Busy("build_running", folder="x")
        progress("writing", word="enterprises", done=3, total=9)
        return type("Built", (), {"snapshot": type("S", (), {"id": "abc"}), "fresh": True})

    monkeypatch.setattr("dayan.pipeline.build", build)
    monkeypatch.setattr(tasks, "BUILD_WAIT_S", 0.01)
    id_ = jobs.queue_build(State(tmp_path), "me", force=True)
    run(tmp_path)
    job = jobs.get(State(tmp_path), id_)
    assert (tries, job.result) == ([True, True], {"snapshot": "abc", "fresh": True})
    assert (job.state, job.step, job.done, job.total) == ("done", "writing", 3, 9)


def test_a_failing_job_says_why_and_the_next_goes_on(tmp_path, monkeypatch):
    def refuse(*_: object) -> dict[str, object]:
        raise InputError("owner_invalid", value="x")

    monkeypatch.setitem(tasks.TASKS, "build", refuse)
    bad = jobs.queue_build(State(tmp_path), "me")
    good = hand_in(tmp_path, {"a.xml": paper(1)})
    run(tmp_path)
    state = State(tmp_path)
    assert jobs.get(state, bad).error == {"code": "owner_invalid", "params": {"value": "x"}}
    assert jobs.get(state, good).state == "done"


def test_a_defect_is_told_without_its_details(tmp_path, monkeypatch, caplog):
    monkeypatch.setitem(tasks.TASKS, "build", lambda *_: 1 // 0)
    id_ = jobs.queue_build(State(tmp_path), "me")
    run(tmp_path)
    assert jobs.get(State(tmp_path), id_).error == {"code": "internal", "params": {}}
    assert "ZeroDivisionError" in caplog.text


def test_what_is_not_committed_is_not_told_as_read(tmp_path, monkeypatch):
    def fail(*_: object) -> None:
        raise InputError("ledger_busy", table="x")

    monkeypatch.setattr(Ledger, "commit", fail)
    id_ = hand_in(tmp_path, {"a.xml": paper(1)})
    run(tmp_path)
    assert jobs.get(State(tmp_path), id_).state == "failed"
    assert outcomes(tmp_path, id_) == {}


def test_a_stop_keeps_what_was_read_and_says_so(tmp_path, monkeypatch):
    files = {f"{n}.xml": paper(n) for n in range(6)}
    id_, state = hand_in(tmp_path, files), State(tmp_path)
    monkeypatch.setattr("extraction.ingest.BATCH_DOCUMENTS", 1)
    taken = jobs.take(state, "me")
    with Turn(state, taken, Event(), beat_s=0.01) as turn:
        noted = []

        def note(outcome: jobs.DocumentOutcome, keep=turn.note) -> None:
            keep(outcome)
            noted.append(outcome)
            if len(noted) == 2:
                jobs.stop(state, id_, "me")
                wait_for(turn.stopping)

        turn.note = note  # type: ignore[method-assign]
        with pytest.raises(Interrupted):
            tasks.run(settings_for(tmp_path), turn)
        turn.leave()
    kept = Ledger(tmp_path).documents().height
    assert jobs.get(state, id_).state == "stopped"
    assert 0 < kept < 6
    assert sum(s == "read" for s in outcomes(tmp_path, id_).values()) == kept


def test_a_worker_that_goes_leaves_its_job_in_the_queue(tmp_path):
    id_, state, leaving = hand_in(tmp_path, {"a.xml": paper(1)}), State(tmp_path), Event()
    job = jobs.take(state, "me")
    leaving.set()
    work.do(settings_for(tmp_path), state, job, leaving)
    assert jobs.get(state, id_).state == "queued"
    run(tmp_path)
    assert jobs.get(state, id_).state == "done"
    assert outcomes(tmp_path, id_) == {"a.xml": "read"}


def test_only_one_worker_works_on_a_folder(tmp_path):
    leaving = Event()
    hand_in(tmp_path, {"a.xml": paper(1)})
    with work._alone(tmp_path, leaving) as mine:
        assert mine
        second = Event()
        second.set()
        with work._alone(tmp_path, second) as other:
            assert not other


def test_uploads_that_nobody_waits_for_are_removed(tmp_path, monkeypatch):
    waiting = hand_in(tmp_path, {"a.xml": paper(1)})
    folder_for(tmp_path, "f" * 16)
    monkeypatch.setattr(work, "STRAY_S", -1.0)
    work._remove_strays(tmp_path, State(tmp_path))
    assert [p.name for p in (tmp_path / "uploads").iterdir()] == [waiting]


def started(folder: Path) -> "subprocess.Popen[bytes]":
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DAYAN_")}
    command = [sys.executable, "-m", "dayan", "work", "--attached", "--data", str(folder)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT, env=environment)


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
def test_a_killed_worker_costs_nothing(tmp_path):
    files = {f"{n}.xml": paper(n) for n in range(400)}
    id_, state = hand_in(tmp_path, files), State(tmp_path)
    first = started(tmp_path)
    wait_for(lambda: jobs.get(state, id_).state == "running")
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert first.stdin is not None
    first.stdin.close()
    second = started(tmp_path)
    wait_for(lambda: jobs.get(state, id_).state in jobs.ENDED)
    assert second.stdin is not None
    second.stdin.close()  # as when `serve` is gone
    assert second.wait(20) == 0
    job = jobs.get(state, id_)
    assert (job.state, job.attempts) == ("done", 2)
    assert set(outcomes(tmp_path, id_).values()) == {"read"}
    ledger = Ledger(tmp_path)
    assert ledger.documents().height == ledger.scan("invoices").collect()["fact"].n_unique() == 400


@pytest.mark.slow
def test_serve_keeps_a_worker_and_takes_it_along(tmp_path):
    seen: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        popen = subprocess.Popen

        def noting(*args: object, **options: object) -> "subprocess.Popen[bytes]":
            process = popen(*args, **options)  # type: ignore[call-overload]
            seen.append(process.pid)
            return process

        patch.setattr(work.subprocess, "Popen", noting)
        with work.beside(settings_for(tmp_path)):
            id_ = hand_in(tmp_path, {"a.xml": paper(1)})
            wait_for(lambda: jobs.get(State(tmp_path), id_).state == "done")
            os.kill(seen[0], signal.SIGKILL)
            id_ = hand_in(tmp_path, {"b.xml": paper(2)})
            wait_for(lambda: jobs.get(State(tmp_path), id_).state == "done")
    assert len(seen) == 2
    with pytest.raises(ProcessLookupError):
        os.kill(seen[1], 0)
