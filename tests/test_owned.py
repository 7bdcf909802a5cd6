"""A statement that does not name its holder: told, and given to the firm that a person names."""

from pathlib import Path

from extraction.ingest import ingest
from ledger.ids import party_id
from ledger.ledger import Ledger
from ledger.words import message
from tests.ledgers import SELLER

ROWS = """交易日期,摘要,对方户名,收入金额,支出金额,余额
2024-06-18,货款,甲有限公司,100.00,,1100.00
2024-06-20,货款,乙有限公司,,50.00,1050.00
"""


def test_the_owner_is_asked_for_and_taken(tmp_path: Path) -> None:
    path = tmp_path / "流水.csv"
    path.write_text(ROWS, "utf-8")
    ledger = Ledger(tmp_path / "home")
    (first,) = ingest([path], ledger).outcomes
    assert [w.code for w in first.warnings] == ["rows_without_owner"]
    assert "--owner" in message("rows_without_owner", "zh", value="2")
    assert ledger.scan("bank_flows").collect()["owner"].to_list() == [None, None]
    (second,) = ingest([path], ledger, owner=SELLER).outcomes
    assert (second.state, second.warnings) == ("read", [])
    flows = ledger.scan("bank_flows").collect()
    assert flows["owner"].to_list() == [party_id("uscc", "", SELLER)] * 2
    assert ledger.scan("statements").collect()["owner"].null_count() == 0
    assert ingest([path], ledger, owner=SELLER).count("known") == 1


def test_another_reader_version_keeps_the_owner(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "流水.csv"
    path.write_text(ROWS, "utf-8")
    ledger = Ledger(tmp_path / "home")
    ingest([path], ledger, owner=SELLER)
    monkeypatch.setattr("extraction.statements.reader.StatementReader.version", 99)
    ingest([path], ledger)
    assert ledger.documents()["reader_version"].to_list() == [99]
    assert ledger.scan("bank_flows").collect()["owner"].unique().to_list() == [party_id("uscc", "", SELLER)]
