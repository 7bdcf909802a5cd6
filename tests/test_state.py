"""The state store: transactions, versions, the audit chain, idempotency keys, the queue of jobs."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import audit, jobs, replays
from ledger import state as store
from ledger.errors import Busy, Conflict, NotFound
from ledger.jobs import DocumentOutcome
from ledger.state import State


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path)


def queued(state: State, kind: str = "build") -> str:
    with state.writing() as connection:
        return jobs.add(connection, kind, "local", {"files": ["a.xml"]})


def test_the_file_is_closed_to_others_and_so_is_its_journal(state):
    with state.writing() as connection:
        jobs.add(connection, "build", "local", {})
        files = list(state.path.parent.glob("state.sqlite*"))
        assert len(files) == 3
        assert {f.stat().st_mode & 0o777 for f in files} == {0o600}


def test_a_transaction_stands_whole_or_not_at_all(state):
    with pytest.raises(ZeroDivisionError), state.writing() as connection:
        jobs.add(connection, "build", "local", {})
        audit.append(connection, "local", "job_stopped", "x")
        raise ZeroDivisionError
    assert (jobs.count(state), audit.entries(state)) == (0, [])


def test_a_store_of_a_newer_version_is_told_and_left_alone(state):
    queued(state)
    with closing(sqlite3.connect(state.path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(Conflict) as caught:
        jobs.count(State(state.path.parent))
    assert caught.value.code == "state_newer"


def test_an_older_store_is_brought_up_without_loss(state, monkeypatch):
    queued(state)
    more = (
        *store.MIGRATIONS,
        "CREATE TABLE later (x INTEGER) STRICT;\nALTER TABLE jobs ADD COLUMN note TEXT;",
    )
    monkeypatch.setattr(store, "MIGRATIONS", more)
    newer = State(state.path.parent)
    with newer.reading() as connection:
        assert connection.execute("SELECT count(*) FROM later").fetchone()[0] == 0
        assert connection.execute("SELECT count(*) FROM jobs WHERE note IS NULL").fetchone()[0] == 1


def test_half_a_migration_is_none(state, monkeypatch):
    queued(state)
    released = len(store.MIGRATIONS)
    monkeypatch.setattr(
        store, "MIGRATIONS", (*store.MIGRATIONS, "CREATE TABLE later (x);\nCREATE TABLE jobs (x);")
    )
    with pytest.raises(Conflict):
        jobs.count(State(state.path.parent))
    with closing(sqlite3.connect(state.path)) as connection:
        assert (
            connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'later'").fetchone()[0] == 0
        )
        assert connection.execute("PRAGMA user_version").fetchone()[0] == released


def test_a_file_that_is_no_store_is_told(tmp_path):
    (tmp_path / store.NAME).write_bytes(b"not a database at all, but long enough to be looked at " * 20)
    with pytest.raises(Conflict) as caught:
        jobs.count(State(tmp_path))
    assert caught.value.code == "state_unreadable"


def test_a_writer_that_waits_too_long_says_busy(state, monkeypatch):
    queued(state)
    monkeypatch.setattr(store, "PATIENCE", 0.05)
    with state.writing(), pytest.raises(Busy):
        queued(state)
    assert jobs.count(state) == 1


def test_readers_go_on_while_one_writes(state):
    queued(state)
    with state.writing() as connection:
        jobs.add(connection, "build", "local", {})
        assert jobs.count(state) == 1
    assert jobs.count(state) == 2


# The audit chain


def test_the_chain_holds_until_somebody_touches_it(state):
    for n in range(5):
        audit.note(state, "local", "field_corrected", f"doc{n}", path="total", value=str(n))
    assert audit.verify(state) is None
    assert [e.number for e in audit.entries(state, after=2)] == [3, 4, 5]
    assert audit.head(state) == audit.entries(state)[-1].hash
    with closing(sqlite3.connect(state.path)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("UPDATE audit SET by = 'nobody' WHERE number = 3")


@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE audit SET detail = '{}' WHERE number = 3",
        "UPDATE audit SET by = 'nobody' WHERE number = 3",
        "DELETE FROM audit WHERE number = 3",
        "UPDATE audit SET number = 99 WHERE number = 3",
    ],
)
def test_what_is_changed_or_cut_breaks_the_chain_there(state, tamper):
    for n in range(5):
        audit.note(state, "local", "field_corrected", f"doc{n}", value=str(n))
    with closing(sqlite3.connect(state.path)) as connection:
        connection.execute("DROP TRIGGER audit_is_never_changed")
        connection.execute("DROP TRIGGER audit_is_never_cut")
        connection.execute(tamper)
        connection.commit()
    assert audit.verify(state) == 3


def test_an_entry_sealed_anew_after_a_change_breaks_the_chain_behind_it(state):
    for n in range(5):
        audit.note(state, "local", "field_corrected", f"doc{n}", value=str(n))
    with closing(sqlite3.connect(state.path)) as connection:
        connection.execute("DROP TRIGGER audit_is_never_changed")
        cells = list(connection.execute("SELECT * FROM audit WHERE number = 3").fetchone())
        cells[2] = "nobody"
        sealed = (cells[2], audit._seal(tuple(cells[:-1])))
        connection.execute("UPDATE audit SET by = ?, hash = ? WHERE number = 3", sealed)
        connection.commit()
    assert audit.verify(state) == 4


@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=4))
def test_any_text_is_sealed_and_read_back(tmp_path_factory, said):
    state = State(tmp_path_factory.mktemp("chain"))
    for by, subject, value in said:
        if any(0xD800 <= ord(c) < 0xE000 for c in by + subject + value):
            return
        audit.note(state, by, "review_decided", subject, value=value)
    assert audit.verify(state) is None
    assert [(e.by, e.subject, e.detail["value"]) for e in audit.entries(state)] == said


def test_many_processes_make_one_chain(state):
    queued(state)
    script = (
        "import sys; from pathlib import Path; from ledger import audit; from ledger.state import State\n"
        "s = State(Path(sys.argv[1]))\n"
        "for n in range(15): audit.note(s, sys.argv[2], 'job_stopped', str(n))\n"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(state.path.parent), str(n)], cwd=Path(__file__).parents[1]
        )
        for n in range(3)
    ]
    assert [p.wait(60) for p in started] == [0, 0, 0]
    assert len(audit.entries(state)) == 45
    assert audit.verify(state) is None


# Idempotency keys


def test_a_key_answers_twice_alike_and_never_for_another_request(state):
    with state.writing() as connection:
        assert replays.remembered(connection, "me", "r", "k", "h") is None
        replays.remember(connection, "me", "r", "k", "h", {"job": "1"})
    with state.writing() as connection:
        assert replays.remembered(connection, "me", "r", "k", "h") == {"job": "1"}
        assert replays.remembered(connection, "you", "r", "k", "other") is None
        assert replays.remembered(connection, "me", "other", "k", "other") is None
        with pytest.raises(Conflict):
            replays.remembered(connection, "me", "r", "k", "other")


# The queue


def test_jobs_are_taken_once_and_in_order(state):
    ids = [queued(state) for _ in range(3)]
    taken: list[str] = []

    def worker(name: str) -> None:
        while (job := jobs.take(state, name)) is not None:
            taken.append(job.id)
            jobs.end(state, job, "done", {"n": 1})

    threads = [threading.Thread(target=worker, args=(str(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(ids)
    assert {j.state for j in jobs.listed(state, 10)} == {"done"}
    assert [j.id for j in jobs.listed(state, 10)] == ids[::-1]


def test_a_running_job_whose_worker_is_silent_is_taken_up_again(state, monkeypatch):
    id_ = queued(state)
    first = jobs.take(state, "one")
    assert jobs.take(state, "two") is None
    monkeypatch.setattr(jobs, "SILENT_S", -1.0)
    second = jobs.take(state, "two")
    assert (second.id, second.attempts, second.worker) == (id_, 2, "two")
    assert jobs.beat(state, first) is False  # it has lost the job, and what it says no longer counts
    assert jobs.end(state, first, "done") is False
    assert jobs.beat(state, second, "reading", 1, 3) is True
    assert jobs.end(state, second, "done") is True
    assert (jobs.get(state, id_).step, jobs.get(state, id_).total) == ("reading", 3)


def test_abandoned_jobs_are_taken_at_once(state):
    id_ = queued(state)
    jobs.take(state, "one")
    jobs.abandon(state)
    assert jobs.take(state, "two").id == id_


def test_a_job_that_kills_its_workers_is_given_up(state):
    id_ = queued(state)
    for n in range(jobs.ATTEMPTS):
        assert jobs.take(state, str(n)) is not None
        jobs.abandon(state)
    assert jobs.take(state, "last") is None
    assert jobs.get(state, id_).error["code"] == "job_keeps_dying"


def test_a_released_job_goes_back_and_costs_no_attempt(state):
    queued(state)
    job = jobs.take(state, "one")
    jobs.release(state, job)
    again = jobs.take(state, "two")
    assert (again.id, again.attempts) == (job.id, 1)


def test_stopping_ends_a_waiting_job_and_asks_a_running_one(state):
    waiting, running = queued(state), queued(state)
    job = jobs.take(state, "one")
    assert job.id == waiting
    assert jobs.stop(state, job.id, "me").state == "running"
    assert jobs.beat(state, job) is False
    assert jobs.end(state, job, "stopped") is True
    assert jobs.stop(state, running, "me").state == "stopped"
    for id_ in (waiting, running):
        with pytest.raises(Conflict):
            jobs.stop(state, id_, "me")
    with pytest.raises(NotFound):
        jobs.stop(state, "0" * 16, "me")
    assert [e.action for e in audit.entries(state)] == ["job_stopped"] * 2


def test_a_job_stopped_before_its_worker_died_is_not_begun_again(state):
    id_ = queued(state)
    job = jobs.take(state, "one")
    jobs.stop(state, job.id, "me")
    jobs.abandon(state)
    assert jobs.take(state, "two") is None
    assert jobs.get(state, id_).state == "stopped"


def test_what_was_read_stays_read_when_the_job_is_done_over(state):
    id_ = queued(state, "ingest")
    job = jobs.take(state, "one")
    jobs.enter(
        state, job, [DocumentOutcome("a", "1", "read", {"rows": 3}), DocumentOutcome("b", "2", "failed")]
    )
    jobs.enter(state, job, [DocumentOutcome("a", "1", "known"), DocumentOutcome("b", "2", "read")])
    assert [(o.name, o.state) for o in jobs.outcomes_of(state, id_, 10)] == [("a", "read"), ("b", "read")]
    assert jobs.outcome_counts(state, id_) == {"read": 2}


def test_one_build_waits_for_all_who_ask(state):
    first = jobs.queue_build(state, "me")
    assert jobs.queue_build(state, "you", force=True) == first
    assert jobs.get(state, first).params == {"force": True}
    jobs.take(state, "one")
    assert jobs.queue_build(state, "me") != first  # that one may have begun before
