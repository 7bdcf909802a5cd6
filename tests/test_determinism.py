"""The same documents give the same snapshot, byte for byte, whatever the order and number of loads."""

from pathlib import Path

import pytest

from dayan.pipeline import compute
from extraction.ingest import ingest
from graph.snapshot import write_snapshot
from ledger.ledger import Ledger
from seeds.chains import load_chains
from seeds.economy import generate

COLUMNS = "企业代号,发票号码,开票日期,{},金额,税额,价税合计,发票状态\n"


def snapshot_of(folder: Path, *batches: list[Path]) -> str:
    ledger = Ledger(folder)
    for batch in batches:
        ingest(batch, ledger)
    tables, _ = compute(ledger, load_chains())
    return write_snapshot(folder, tables).id


@pytest.mark.slow
def test_order_and_batches_of_loading_do_not_matter(tmp_path: Path) -> None:
    generate(tmp_path / "economy", 1_000, 4_000)
    files = sorted(p for p in (tmp_path / "economy" / "documents").rglob("*") if p.is_file())
    half = len(files) // 2
    one = snapshot_of(tmp_path / "a", files)
    other = snapshot_of(tmp_path / "b", files[half:][::-1], files[:half], files[:3])
    assert one == other


def test_one_invoice_under_two_codes_is_settled_the_same_way(tmp_path: Path) -> None:
    """Two rows of one weak key name different customers: whichever counts, it is always the same."""
    row = "E1,12345678,2018/6/1,{},100.00,10.00,110.00,有效发票\n"
    books = []
    for name, codes in (("a", ("B2", "B1")), ("b", ("B1", "B2"))):
        path = tmp_path / f"{name}.csv"
        path.write_text(COLUMNS.format("购方单位代号") + "".join(row.format(c) for c in codes), "utf-8")
        books.append(path)
    bought = tmp_path / "bought.csv"
    bought.write_text(
        COLUMNS.format("销方单位代号") + "E2,12345678,2018/6/1,A1,100.00,10.00,110.00,有效发票\n", "utf-8"
    )
    ids = {
        snapshot_of(tmp_path / str(i), order)
        for i, order in enumerate(([*books, bought], [bought, *books[::-1]]))
    }
    assert len(ids) == 1
