"""The commit protocol: facts stand once and whole, whoever loads, however often, and whatever dies."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from ledger.errors import NotFound
from ledger.ledger import Ledger, Load
from ledger.tables import Tables

SHA = "ab" * 32


def facts(n: int, first: int = 0) -> pl.DataFrame:
    numbers = [f"{i:016x}" for i in range(first, first + n)]
    return pl.DataFrame({"row": range(1, n + 1), "fact": numbers, "amount_fen": range(n)}).with_columns(
        happened_on=pl.lit(date(2025, 3, 1))
    )


def load(n: int = 3, sha: str = SHA, version: int = 1, **tables: pl.DataFrame) -> Load:
    given = tables or {"invoices": facts(n)}
    return Load(sha, "book.csv", b"data", "test", version, given, rows=n, facts=n)


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
    with ledger._loading([7]):
        assert ledger.compact()["invoices"] == 0
    assert ledger.compact()["invoices"] == 5


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


def test_what_has_no_date_was_known_when_loaded(tmp_path: Path) -> None:
    ledger, told = Ledger(tmp_path), datetime(2025, 3, 2, tzinfo=UTC)
    known = pl.Series("known_at", [None, told], pl.Datetime("us", "UTC"))
    before = datetime.now(UTC)
    ledger.commit([load(2, invoices=facts(2).with_columns(known))])
    first, second = ledger.scan("invoices").sort("row").collect()["known_at"]
    assert before <= first <= datetime.now(UTC)
    assert second == told


def test_unknown_columns_tell_a_newer_folder(tmp_path: Path) -> None:
    from deltalake import write_deltalake

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


def start(folder: Path, loads: int) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", LOADER, str(folder), str(loads)],
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
