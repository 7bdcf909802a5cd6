"""Ingesting: what is new, known and failed; reading anew with a better reader."""

from pathlib import Path

from extraction.books import BooksReader
from extraction.ingest import ingest, reread
from extraction.readers import READERS
from ledger.ledger import Ledger

HEAD = "企业代号,发票号码,开票日期,购方单位代号,金额,税额,价税合计,发票状态\n"
ROW = "E1,{},2018/6/1,B7,100.00,10.00,110.00,有效发票\n"


def book(path: Path, *numbers: int) -> Path:
    path.write_text(HEAD + "".join(ROW.format(n) for n in numbers), "utf-8")
    return path


def test_new_facts_are_counted_once_over_files_and_runs(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "home")
    first = book(tmp_path / "a.csv", 10_000_001, 10_000_002)
    second = book(tmp_path / "b.csv", 10_000_002, 10_000_003)
    summary = ingest([first, second], ledger)
    assert [o.new for o in summary.outcomes] == [2, 1]
    third = book(tmp_path / "c.csv", 10_000_003, 10_000_004)
    again = ingest([first, third], ledger)
    assert [(o.name, o.state, o.new) for o in again.outcomes] == [("a.csv", "known", 0), ("c.csv", "read", 1)]


def test_the_same_bytes_twice_in_one_run_are_one_document(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "home")
    paths = [book(tmp_path / name, 10_000_001) for name in ("a.csv", "copy.csv")]
    assert [o.state for o in ingest(paths, ledger).outcomes] == ["read", "known"]
    assert ledger.documents().height == 1


def test_a_bad_file_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    bad = tmp_path / "bad.xml"
    bad.write_text("<EInvoice><Header>", "utf-8")
    summary = ingest(
        [bad, tmp_path / "gone.csv", book(tmp_path / "a.csv", 10_000_001)], Ledger(tmp_path / "home")
    )
    assert [(o.name, o.state) for o in summary.outcomes] == [
        ("bad.xml", "failed"),
        ("gone.csv", "failed"),
        ("a.csv", "read"),
    ]
    assert "bad.xml" in str(summary.outcomes[0].error)


def test_originals_are_read_anew_when_a_reader_is_better(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "home")
    ingest([book(tmp_path / "a.csv", 10_000_001)], ledger)
    (tmp_path / "a.csv").unlink()
    assert [o.state for o in reread(ledger).outcomes] == ["known"]
    better = BooksReader()
    better.version += 1
    assert [o.state for o in reread(ledger, readers=(*READERS[:-1], better)).outcomes] == ["read"]
    assert ledger.documents()["reader_version"].to_list() == [better.version]
    assert ledger.scan("invoices").collect().height == 1
