"""The commit protocol: facts stand once and whole, whoever loads, however often, and whatever dies."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError
from deltalake.table import TableMerger

from ledger.errors import Busy, Conflict, InputError, NotFound
from ledger.ledger import Ledger, Load
from ledger.records import TABLES, conform
from ledger.tables import Tables

SHA = "ab" * 32


def facts(n: int, first: int = 0) -> pl.DataFrame:
    numbers = [f"{i:016x}" for i in range(first, first + n)]
    return pl.DataFrame({"row": range(1, n + 1), "fact": numbers, "amount_fen": range(n)}).with_columns(
        happened_on=pl.lit(date(2025, 3, 1))
    )


def load(
    n: int = 3, sha: str = SHA, version: int = 1, name: str = "book.csv", **tables: pl.DataFrame
) -> Load:
    given = tables or {"invoices": facts(n)}
    return Load(sha, name, b"data", "test", version, given, rows=n, facts=n)


def count(ledger: Ledger) -> int:
    return ledger.scan("invoices").collect().height


class Stopping(Ledger):
    """A load that has written its facts and stops before it commits, until it is told to go on."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.written, self.may_commit = threading.Event(), threading.Event()
        append = self.tables.append

        def stopping(table: str, frame: pl.DataFrame) -> None:
            if table == "documents":
                self.written.set()
                assert self.may_commit.wait(30)
            append(table, frame)

        self.tables.append = stopping  # type: ignore[method-assign]

    def begin(self, *loads: Load) -> threading.Thread:
        thread = threading.Thread(target=self.commit, args=(loads,))
        thread.start()
        assert self.written.wait(30)
        return thread


def once(what: Callable[[], object]) -> Callable[[], None]:
    """`what`, only the first time."""
    done: list[object] = []

    def call() -> None:
        if not done:
            done.append(True)
            what()

    return call


def test_facts_exist_only_with_their_document(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.tables.append("invoices", facts(5).with_columns(reading=pl.lit(7, pl.Int64)))
    assert ledger.scan("invoices").collect().is_empty()
    ledger.commit([load(3)])
    assert ledger.scan("invoices").collect()["amount_fen"].to_list() == [0, 1, 2]
    assert ledger.originals.read(SHA) == b"data"


def test_one_document_read_twice_counts_once(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.commit([load(3)])
    ledger.commit([load(3)])
    assert ledger.documents().height == 1
    assert ledger.scan("invoices").collect().height == 3


def test_the_newest_reader_counts(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.commit([load(3, version=2)])
    ledger.commit([load(5, version=1)])
    assert ledger.scan("invoices").collect().height == 3
    ledger.commit([load(4, version=3)])
    assert ledger.scan("invoices").collect().height == 4


def test_withdrawing_takes_every_reading_and_can_be_reloaded(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.commit([load(3)])
    ledger.commit([load(3, version=2)])
    assert ledger.withdraw(SHA[:8]) == ["book.csv"]
    assert ledger.scan("invoices").collect().is_empty()
    with pytest.raises(NotFound):
        ledger.withdraw(SHA[:8])
    ledger.commit([load(3)])
    assert ledger.scan("invoices").collect().height == 3


def test_compact_drops_what_no_document_owns(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.tables.append("invoices", facts(5).with_columns(reading=pl.lit(7, pl.Int64)))
    ledger.commit([load(3)])
    assert ledger.compact()["invoices"] == 5
    assert ledger.scan("invoices").collect().height == 3


def test_compact_spares_a_load_that_is_running(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.commit([load(1)])
    ledger.tables.append("invoices", facts(5).with_columns(reading=pl.lit(7, pl.Int64)))
    with ledger.running.load({7: SHA}):
        assert ledger.compact()["invoices"] == 0
    assert ledger.compact()["invoices"] == 5


def test_compact_spares_a_load_that_begins_while_it_runs(tmp_path: Path) -> None:
    ledger, other = Ledger(tmp_path), Stopping(tmp_path)
    ledger.commit([load(1)])
    documents, threads = ledger.documents, []
    begin = once(lambda: threads.append(other.begin(load(5, sha="cd" * 32, invoices=facts(5, 100)))))

    def then_a_load_begins() -> pl.DataFrame:
        found = documents()
        begin()
        return found

    ledger.documents = then_a_load_begins  # type: ignore[method-assign]
    ledger.compact()
    other.may_commit.set()
    threads[0].join()
    assert count(Ledger(tmp_path)) == 6


def test_compact_spares_a_load_that_ends_while_it_runs(tmp_path: Path) -> None:
    ledger, other = Ledger(tmp_path), Stopping(tmp_path)
    ledger.commit([load(1)])
    thread = other.begin(load(5, sha="cd" * 32, invoices=facts(5, 100)))
    now = ledger.running.now

    def after_it_has_ended() -> dict[int, str]:
        other.may_commit.set()
        thread.join()
        return now()

    ledger.running.now = after_it_has_ended  # type: ignore[method-assign]
    assert ledger.compact()["invoices"] == 0
    assert count(ledger) == 6


def test_a_record_that_goes_while_it_is_looked_at_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(tmp_path)
    read = Path.read_text

    def too_late(path: Path, *args: str) -> str:
        path.unlink()
        return read(path, *args)

    with ledger.running.load({7: SHA}):
        monkeypatch.setattr(Path, "read_text", too_late)
        assert ledger.running.now() == {}


def test_an_append_while_rows_are_dropped_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, execute = Ledger(tmp_path), TableMerger.execute
    ledger.tables.append("invoices", facts(5).with_columns(reading=pl.lit(7, pl.Int64)))
    ledger.commit([load(1)])
    late = load(2, sha="cd" * 32, invoices=facts(2, 100))
    commit = once(lambda: Ledger(tmp_path).commit([late]))

    def after_an_append(merger: TableMerger) -> object:
        commit()
        return execute(merger)

    monkeypatch.setattr(TableMerger, "execute", after_an_append)
    assert ledger.compact()["invoices"] == 5
    assert count(ledger) == 3
    assert set(ledger.tables.readings("invoices")["len"]) == {1, 2}


def test_a_load_outlasts_rows_dropped_while_it_appends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, tries = Ledger(tmp_path), []
    ledger.commit([load(1)])

    def loses_twice(path: str, rows: pl.DataFrame, mode: str, schema_mode: str) -> None:
        tries.append(path)
        if len(tries) < 3:
            raise CommitFailedError("a concurrent transaction deleted data this operation read")
        write_deltalake(path, rows, mode="append", schema_mode="merge")

    monkeypatch.setattr("ledger.tables.write_deltalake", loses_twice)
    ledger.commit([load(2, sha="cd" * 32, invoices=facts(2, 100))])
    assert count(ledger) == 3


def test_compact_gives_up_where_loads_never_pause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, execute = Ledger(tmp_path), TableMerger.execute
    monkeypatch.setattr("ledger.tables.ATTEMPTS", 2)
    orphan = facts(5).with_columns(reading=pl.Series([1, 2**60, 1, 1, 1]))
    ledger.tables.append("invoices", orphan)

    def after_an_append(merger: TableMerger) -> object:
        Ledger(tmp_path).tables.append("invoices", orphan)
        return execute(merger)

    monkeypatch.setattr(TableMerger, "execute", after_an_append)
    with pytest.raises(Busy):
        ledger.compact()
    assert ledger.tables.scan("invoices").collect().height == 15


def test_a_scan_begun_before_compact_can_be_finished(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.commit([load(3)])
    begun = ledger.scan("invoices")
    ledger.commit([load(4, version=2)])
    assert ledger.compact()["invoices"] == 3
    assert begun.collect().height == 3
    assert count(ledger) == 4


def test_a_reading_superseded_while_it_is_looked_up_is_looked_up_again(tmp_path: Path) -> None:
    ledger, other = Ledger(tmp_path), Ledger(tmp_path)
    ledger.commit([load(3)])
    documents = ledger.documents
    supersede = once(lambda: (other.commit([load(4, version=2)]), other.compact()))

    def then_superseded() -> pl.DataFrame:
        found = documents()
        supersede()
        return found

    ledger.documents = then_superseded  # type: ignore[method-assign]
    assert count(ledger) == 4


def test_compact_leaves_what_it_keeps_as_it_was(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    problem = [{"code": "date", "field": "issued", "value": None}]
    lines = facts(3).select("row", "fact", "amount_fen").with_columns(quantity=pl.lit("0.12345678901234"))
    given = {
        "invoices": facts(3).with_columns(warnings=pl.Series([problem, [], None])),
        "invoice_lines": lines,
    }
    for i in range(3):
        ledger.commit([load(3, sha=f"{i:064x}", **given)])
        ledger.commit([load(3, sha=f"{i:064x}", version=2, **given)])
    before = {t: ledger.scan(t).sort("reading", "row").collect() for t in given}
    assert ledger.compact() == {**dict.fromkeys(TABLES, 0), "invoices": 9, "invoice_lines": 9}
    for table, frame in before.items():
        assert ledger.scan(table).sort("reading", "row").collect().equals(frame)
        assert ledger.tables.readings(table)["len"].sum() == 9
    assert len(DeltaTable(str(tmp_path / "ledger" / "documents")).file_uris()) == 1


def test_very_many_dead_readings_can_be_dropped(tmp_path: Path) -> None:
    ledger, many = Ledger(tmp_path), 150_000
    ledger.tables.append("links", pl.DataFrame({"reading": range(many), "kind": "reverses"}))
    assert ledger.compact()["links"] == many


def test_a_table_that_is_just_being_created_is_empty(tmp_path: Path) -> None:
    log = tmp_path / "ledger" / "invoices" / "_delta_log"
    log.mkdir(parents=True)
    (log / "_commit_1.json.tmp").touch()
    assert count(Ledger(tmp_path)) == 0


def test_a_load_tried_again_after_a_failure_counts_once(tmp_path: Path) -> None:
    ledger, again = Ledger(tmp_path), load(3)
    append = ledger.tables.append

    def full_disk(table: str, frame: pl.DataFrame) -> None:
        if table == "documents":
            raise OSError("disk full")
        append(table, frame)

    ledger.tables.append = full_disk  # type: ignore[method-assign]
    with pytest.raises(OSError, match="disk full"):
        ledger.commit([again])
    ledger.tables.append = append  # type: ignore[method-assign]
    ledger.commit([again])
    assert count(ledger) == 3
    assert ledger.compact()["invoices"] == 3


A, B = "ab" * 32, "ab" * 8 + "cd" * 24


@pytest.mark.parametrize("slip", ["", "a", SHA[:7]])
def test_a_slip_of_the_hand_withdraws_nothing(tmp_path: Path, slip: str) -> None:
    ledger = Ledger(tmp_path)
    ledger.commit([load(3)])
    with pytest.raises(InputError):
        ledger.withdraw(slip)
    assert count(ledger) == 3


def test_a_short_name_is_a_name(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.commit([load(3, name="a"), load(2, sha="cd" * 32, invoices=facts(2, 100))])
    assert ledger.withdraw("a") == ["a"]
    assert count(ledger) == 2


def test_what_fits_several_documents_withdraws_none(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.commit([load(3, sha=A, name="a.csv"), load(2, sha=B, name="b.csv", invoices=facts(2, 100))])
    with pytest.raises(Conflict, match=r"a\.csv \(abab.*b\.csv \(abab"):
        ledger.withdraw(A[:8])
    assert count(ledger) == 5
    assert ledger.withdraw(B[:20].upper()) == ["b.csv"]
    assert count(ledger) == 3


def test_a_name_that_several_documents_bear_is_no_answer(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.commit([load(3), load(2, sha="cd" * 32, invoices=facts(2, 100))])
    with pytest.raises(Conflict, match=r"abababab.*cdcdcdcd"):
        ledger.withdraw("book.csv")
    assert count(ledger) == 5


def test_a_withdrawal_holds_for_a_load_that_is_on_its_way(tmp_path: Path) -> None:
    ledger, other = Ledger(tmp_path), Stopping(tmp_path)
    ledger.commit([load(3)])
    thread = other.begin(load(3, version=2))
    assert ledger.withdraw(SHA) == ["book.csv"]
    other.may_commit.set()
    thread.join()
    assert count(ledger) == 0
    assert ledger.compact()["invoices"] == 6
    ledger.commit([load(3)])
    assert count(ledger) == 3


def test_a_load_and_a_compact_during_a_withdrawal_leave_no_document_empty(tmp_path: Path) -> None:
    ledger, other = Ledger(tmp_path), Ledger(tmp_path)
    ledger.commit([load(3, version=2)])
    append, threads = ledger.tables.append, []

    def meanwhile(table: str, frame: pl.DataFrame) -> None:
        other.commit([load(3, version=1)])  # loses against the reading that is being withdrawn
        threads.append(threading.Thread(target=other.compact))
        threads[0].start()
        threads[0].join(1)  # it must wait
        append(table, frame)

    ledger.tables.append = meanwhile  # type: ignore[method-assign]
    ledger.withdraw(SHA)
    threads[0].join()
    assert ledger.documents().height == 1
    assert count(ledger) == 3


def test_a_point_read_names_the_documents(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.commit([load(3), load(3, sha="cd" * 32)])
    found = ledger.facts("invoices", [f"{1:016x}"])
    assert found["sha256"].to_list() == [SHA, "cd" * 32]


def test_judgements_add_and_an_undo_is_one_too(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    kept = ledger.judge("core", "p1", "nev", "me", "")
    undone = ledger.judge("same", "p1", "p2", "me", "")
    ledger.judge("undo", undone, "", "me", "a mistake")
    assert ledger.judgements()["judgement"].to_list() == [kept]


def test_the_same_judgement_twice_is_one_until_it_is_undone(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    first = ledger.judge("same", "p1", "p2", "me", "")
    assert ledger.judge("same", "p1", "p2", "you", "I think so too") == first
    assert ledger.judge("same", "p1", "p3", "me", "") != first
    assert ledger.judge("undo", first, "", "me", "") == ledger.judge("undo", first, "", "me", "")
    again = ledger.judge("same", "p1", "p2", "me", "")
    assert again != first
    assert ledger.judge("same", "p1", "p2", "me", "") == again
    assert again in ledger.judgements()["judgement"]
    assert ledger.tables.scan("judgements").collect().height == 4


def test_two_who_judge_the_same_at_once_judge_once(tmp_path: Path) -> None:
    ledger, other = Ledger(tmp_path), Ledger(tmp_path)
    append = ledger.tables.append

    def after_another(table: str, frame: pl.DataFrame) -> None:
        other.judge("core", "p1", "nev", "you", "")
        append(table, frame)

    ledger.tables.append = after_another  # type: ignore[method-assign]
    judged = ledger.judge("core", "p1", "nev", "me", "")
    assert ledger.judgements()["judgement"].to_list() == [judged]


def test_what_has_no_date_was_known_when_loaded(tmp_path: Path) -> None:
    ledger, told = Ledger(tmp_path), datetime(2025, 3, 2, tzinfo=UTC)
    known = pl.Series("known_at", [None, told], pl.Datetime("us", "UTC"))
    before = datetime.now(UTC)
    ledger.commit([load(2, invoices=facts(2).with_columns(known))])
    first, second = ledger.scan("invoices").sort("row").collect()["known_at"]
    assert before <= first <= datetime.now(UTC)
    assert second == told


def test_unknown_columns_tell_a_newer_folder(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    write_deltalake(str(tmp_path / "documents"), pl.DataFrame({"reading": [1], "mood": ["good"]}))
    assert Tables(tmp_path).unknown_columns() == {"documents": ["mood"]}


LOADER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from ledger.ledger import Ledger
    from tests.test_ledger import facts, load
    ledger = Ledger(Path(sys.argv[1]))
    print("ready", flush=True)
    sys.stdin.readline()
    for i in range(int(sys.argv[2])):
        ledger.commit([load(2000, sha=f"{i:064x}", invoices=facts(2000, i * 2000))])
        print(i, flush=True)
    """
)


def start(folder: Path, times: int, program: str = LOADER) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(folder), str(times)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_two_processes_load_the_same_documents_at_once(tmp_path: Path) -> None:
    both = [start(tmp_path, 4) for _ in range(2)]
    for process in both:
        go(process)
    for process in both:
        process.communicate(timeout=60)
        assert process.returncode == 0
    rows = Ledger(tmp_path).scan("invoices").collect()
    assert rows.height == 8000
    assert rows["fact"].n_unique() == 8000


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.0, 0.02, 0.05, 0.1, 0.2])
def test_a_kill_leaves_no_fact_half(tmp_path: Path, after: float) -> None:
    process = start(tmp_path, 50)
    go(process)
    time.sleep(after)  # the moment of the kill is what is varied
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    ledger = Ledger(tmp_path)
    per_document = ledger.scan("invoices").group_by("reading").len().collect()["len"]
    assert (per_document == 2000).all()
    assert per_document.len() == ledger.documents().height
    again = start(tmp_path, 5)
    go(again)
    again.communicate(timeout=60)
    assert (
        Ledger(tmp_path).scan("invoices").filter(pl.col("fact") < f"{10_000:016x}").collect().height == 10_000
    )


COMPACTER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from ledger.errors import Busy
    from ledger.ledger import Ledger
    from tests.test_ledger import facts, load
    ledger = Ledger(Path(sys.argv[1]))
    print("ready", flush=True)
    sys.stdin.readline()
    for i in range(int(sys.argv[2])):
        try:
            dropped = ledger.compact()["invoices"]
        except Busy:
            dropped = -1
        print(dropped, flush=True)
    """
)


@pytest.mark.slow
def test_two_who_load_and_two_who_compact_lose_nothing(tmp_path: Path) -> None:
    loading = [start(tmp_path, 60) for _ in range(2)]
    compacting = [start(tmp_path, 10_000, COMPACTER) for _ in range(2)]
    ledger, seen = Ledger(tmp_path), 0
    try:
        for process in [*loading, *compacting]:
            go(process)
        while any(process.poll() is None for process in loading):
            per_document = ledger.scan("invoices").group_by("reading").len().collect()["len"]
            assert (per_document == 2000).all()
            assert per_document.len() >= seen
            seen = per_document.len()
        assert [process.poll() for process in compacting] == [None, None], "compact failed"
    finally:
        for process in compacting:
            process.kill()
        said = [process.communicate(timeout=60)[0].split() for process in [*loading, *compacting]]
    assert [process.returncode for process in loading] == [0, 0]
    assert any(int(dropped) > 0 for lines in said[2:] for dropped in lines), "nothing was ever dropped"
    ledger.compact()
    rows = ledger.tables.scan("invoices").collect()
    assert rows.height == 120_000
    assert rows["fact"].n_unique() == 120_000


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.0, 0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3])
def test_a_kill_of_compact_loses_nothing(tmp_path: Path, after: float) -> None:
    ledger = Ledger(tmp_path)
    for i in range(10):
        for version in (1, 2):
            ledger.commit([load(2000, sha=f"{i:064x}", version=version, invoices=facts(2000, i * 2000))])
    process = start(tmp_path, 1, COMPACTER)
    go(process)
    time.sleep(after)  # the moment of the kill is what is varied
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert ledger.scan("invoices").collect()["fact"].n_unique() == 20_000
    ledger.compact()
    rows = ledger.tables.scan("invoices").collect()
    assert rows.height == 20_000
    assert rows["fact"].n_unique() == 20_000


def test_a_folder_of_an_older_version_takes_in_new_columns(tmp_path: Path) -> None:
    row = {"judgement": "a", "kind": "core", "subject": "x", "object": "nev"}
    older = conform("judgements", pl.DataFrame([row])).drop("value")
    write_deltalake(str(tmp_path / "judgements"), older)
    tables = Tables(tmp_path)
    tables.append("judgements", pl.DataFrame([row | {"judgement": "b", "kind": "field", "value": "5"}]))
    assert tables.scan("judgements").sort("judgement").collect()["value"].to_list() == [None, "5"]
