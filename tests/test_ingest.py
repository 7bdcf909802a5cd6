"""Ingesting: what is new, known and failed; reading anew with a better reader."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from extraction.books import BooksReader
from extraction.held import FACT_TABLES
from extraction.ingest import ingest, reread
from extraction.readers import READERS
from ledger.errors import InputError
from ledger.ids import party_id
from ledger.ledger import Ledger
from tests.ledgers import BUYER, DEDUCTION, SELLER, csv_bytes, digital, line, source, table

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


def nameless(path: Path) -> Path:
    """A deduction export that does not say whose it is."""
    row = {
        "勾选状态": "已勾选", "数电发票号码": digital(7), "开票日期": "2025-03-02", "金额": "100.00",
        "销售方纳税人识别号": SELLER, "销售方纳税人名称": "平湖市甲高分子材料有限公司", "税额": "13.00",
        "发票状态": "正常",
    }  # fmt: skip
    path.write_bytes(csv_bytes(table([row], DEDUCTION)))
    return path


def test_a_nameless_ledger_is_booked_only_when_told_whose_it_is(tmp_path: Path) -> None:
    ledger, path, owner = (
        Ledger(tmp_path / "home"),
        nameless(tmp_path / "抵扣.csv"),
        party_id("uscc", "", BUYER),
    )
    (refused,) = ingest([path], ledger).outcomes
    assert (refused.rows, refused.rejected, refused.facts) == (1, 1, 0)
    assert "--owner" in refused.warnings[0].text()
    (read,) = ingest([path], ledger, owner=f" {BUYER.lower()} ").outcomes
    assert (read.state, read.rejected, read.new) == ("read", 0, 1)
    booked = ledger.scan("invoices").select("owner", "buyer", "side").collect()
    assert booked.rows() == [(owner, owner, "purchase")]
    assert ledger.scan("rejects").collect().is_empty()
    assert [o.state for o in ingest([path], ledger, owner=BUYER).outcomes] == ["known"]


def test_a_nameless_ledger_keeps_its_owner_when_it_is_read_anew(tmp_path: Path) -> None:
    ledger, path = Ledger(tmp_path / "home"), nameless(tmp_path / "抵扣.csv")
    ingest([path], ledger, owner=BUYER)
    for again in (
        lambda readers: reread(ledger, readers=readers),
        lambda r: ingest([path], ledger, readers=r),
    ):
        better = BooksReader()
        better.version = int(ledger.documents()["reader_version"][0]) + 1
        assert [o.state for o in again((*READERS[:-1], better)).outcomes] == ["read"]
        assert ledger.scan("invoices").collect()["owner"].to_list() == [party_id("uscc", "", BUYER)]


def test_an_owner_must_be_a_tax_number(tmp_path: Path) -> None:
    for wrong in ("甲公司", "9" * 18, BUYER[:-1] + ("0" if BUYER[-1] != "0" else "1")):
        with pytest.raises(InputError):
            ingest([], Ledger(tmp_path), owner=wrong)


def test_the_day_of_loading_is_the_last_there_is(tmp_path: Path) -> None:
    path = book(tmp_path / "a.csv", 10_000_001)
    early = ingest([path], Ledger(tmp_path / "early"), today=date(2018, 5, 30))
    assert early.total("rejected") == 1
    assert ingest([path], Ledger(tmp_path / "now"), today=date(2018, 5, 31)).total("rejected") == 0


def test_warnings_are_counted_by_invoice_and_by_kind(tmp_path: Path) -> None:
    rows = [line(1, 税率="17%"), line(2, 税率="17%", 发票票种="自造票"), line(3)]
    (tmp_path / "a.csv").write_bytes(source(rows).data)
    (tmp_path / "b.csv").write_bytes(source([line(4, 发票票种="自造票")]).data)
    summary = ingest([tmp_path / "a.csv", tmp_path / "b.csv"], Ledger(tmp_path / "home"))
    assert [o.warned for o in summary.outcomes] == [2, 1]
    assert [(p.code, n) for p, n in summary.warned_for()] == [
        ("kind_unknown", 2),
        ("rate_not_in_force", 2),
        ("tax_not_rate", 2),
    ]


def test_new_facts_are_told_from_held_ones_in_every_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(tmp_path / "home")
    ingest([book(tmp_path / "old.csv", 1, 2)], ledger)
    monkeypatch.setattr("extraction.ingest.BATCH_DOCUMENTS", 1)
    scanned: list[str] = []
    scan = Ledger.scan

    def counted(self: Ledger, name: str) -> pl.LazyFrame:
        scanned.append(name)
        return scan(self, name)

    monkeypatch.setattr(Ledger, "scan", counted)
    paths = [book(tmp_path / f"{i}.csv", i, i + 1) for i in range(2, 6)]
    assert [o.new for o in ingest(paths, ledger).outcomes] == [1, 1, 1, 1]
    assert scanned == list(FACT_TABLES)
    scanned.clear()
    ingest(paths, Ledger(tmp_path / "fresh"))
    assert scanned == []
