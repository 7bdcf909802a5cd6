"""Master data in the snapshot: rows of the firm they speak of, each fact once, with days and sources."""

from datetime import date
from pathlib import Path

import polars as pl

from dayan.pipeline import compute
from extraction.ingest import ingest
from graph.snapshot import write_snapshot
from ledger.ledger import Ledger
from seeds.chains import load_chains
from tests.ledgers import BUYER, SELLER, csv_bytes, line, source

LISTS = [
    ["统一社会信用代码", "企业名称", "名单类型", "列入日期", "移出日期", "文号", "列入机关", "列入原因"],
    [SELLER, "甲公司", "经营异常名录", "2024-03-05", "2024-09-01", "7", "市监局", "年报"],
    [BUYER, "乙公司", "灰名单", "2025-01-01", "", "8", "本行", "关注"],
]
FIRMS = [
    ["统一社会信用代码", "企业名称", "登记状态", "企业规模", "曾用名", "数据来源", "数据日期"],
    [SELLER, "甲公司", "存续", "小型", "甲厂", "市监局", "2025-06-30"],
]


def test_lists_attributes_and_names_reach_the_snapshot_once(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_bytes(source([line(1)]).data)
    (tmp_path / "lists.csv").write_bytes(csv_bytes(LISTS))
    (tmp_path / "again.csv").write_bytes(csv_bytes([LISTS[0], LISTS[1]]))
    (tmp_path / "firms.csv").write_bytes(csv_bytes(FIRMS))
    ledger = Ledger(tmp_path / "home")
    assert ingest(sorted(tmp_path.glob("*.csv")), ledger).count("read") == 4
    snapshot = write_snapshot(tmp_path / "home", compute(ledger, load_chains())[0])
    firm = {row["code"]: i for i, row in enumerate(snapshot.enterprises.iter_rows(named=True))}
    lists = snapshot.listings.sort("list")
    assert lists.select("enterprise", "list", "happened_on", "until", "authority").rows() == [
        (firm[SELLER], "abnormal", date(2024, 3, 5), date(2024, 9, 1), "市监局"),
        (firm[BUYER], "own_grey", date(2025, 1, 1), None, "本行"),
    ]
    said = snapshot.attributes.filter(pl.col("enterprise") == firm[SELLER])
    assert dict(said.select("name", "value").iter_rows()) == {"status": "active", "size": "small"}
    assert said["source"].unique().to_list() == ["市监局"]
    assert snapshot.names.select("enterprise", "name", "kind").rows() == [(firm[SELLER], "甲厂", "former")]
