"""From a link back to both books: an invoice that was joined by evidence shows every document."""

from pathlib import Path

import polars as pl
import pytest

from api.views.evidence import evidence
from dayan.pipeline import compute
from extraction.ingest import ingest
from graph.snapshot import write_snapshot
from ledger.ledger import Ledger
from seeds.chains import load_chains

HEAD = "企业代号,发票号码,开票日期,{}方单位代号,金额,税额,价税合计,发票状态\n"
ROWS = [("12345678", 100), ("12345999", 250), ("12346000", 300)]


def write(path: Path, owner: str, side: str, partner: str) -> Path:
    rows = [
        f"{owner},{n},2018/6/{i + 1},{partner},{a}.00,{a // 10}.00,{a + a // 10}.00,有效发票\n"
        for i, (n, a) in enumerate(ROWS)
    ]
    path.write_text(HEAD.format(side) + "".join(rows), "utf-8")
    return path


def test_an_edge_leads_back_to_both_books(tmp_path: Path) -> None:
    books = [write(tmp_path / "sold.csv", "E1", "购", "B7"), write(tmp_path / "bought.csv", "E2", "销", "A9")]
    ledger = Ledger(tmp_path / "home")
    ingest(books, ledger)
    tables, found = compute(ledger, load_chains())
    snapshot = write_snapshot(tmp_path / "home", tables)
    assert found.pairs.height == 1
    assert snapshot.edges.select("gross_fen", "count", "attested").rows() == [(65_000, 3, "both")]
    index = {code: i for i, code in enumerate(snapshot.enterprises["code"])}
    assert set(index) == {"E1", "E2"}
    answer = evidence(snapshot, ledger, (index["E1"], index["E2"]), 10, None, "en")
    assert answer.total == 3
    assert [item.amount_fen for item in answer.items] == [30_000, 25_000, 10_000]
    for item in answer.items:
        assert sorted(d.name for d in item.documents) == ["bought.csv", "sold.csv"]
    reasons = snapshot.members.filter(pl.col("reason").is_not_null())["reason"].to_list()
    assert reasons == ["same_invoice_in_both_books"] * 2


def test_a_graph_of_nothing_is_a_graph(tmp_path: Path) -> None:
    """Everything withdrawn: what is published afterwards is empty, not what stood before."""
    book = write(tmp_path / "sold.csv", "E1", "购", "B7")
    ledger = Ledger(tmp_path / "home")
    ingest([book], ledger)
    ledger.withdraw("sold.csv")
    tables, _ = compute(ledger, load_chains())
    snapshot = write_snapshot(tmp_path / "home", tables)
    assert (snapshot.enterprises.height, snapshot.edges.height, snapshot.months) == (0, 0, [])


@pytest.mark.parametrize("nobody", ["", "个人", "零售"])
def test_a_shop_has_sales_though_nobody_is_named(tmp_path: Path, nobody: str) -> None:
    book = tmp_path / "shop.csv"
    book.write_text(
        HEAD.format("购") + f"E1,12345678,2018/6/1,{nobody},100.00,10.00,110.00,有效发票\n", "utf-8"
    )
    ledger = Ledger(tmp_path / "home")
    ingest([book], ledger)
    tables, _ = compute(ledger, load_chains())
    assert tables.enterprises.select("code", "sales_fen", "retail_fen").rows() == [("E1", 10_000, 10_000)]
