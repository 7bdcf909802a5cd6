"""Whether the goods of a path follow one another: segments, traders, dates, and what nobody knows."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from api.views.goods import Feeding, Goods, Link
from graph.products import build_products, edge_products
from graph.snapshot import write_snapshot
from tests.tiny_graph import FIRMS, firm, invoices, tables, tiny

BEFORE = (date(2025, 3, 1), date(2025, 6, 1))


@pytest.fixture(scope="module")
def economy(tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("tiny"))


def link(snapshot, seller, buyer, days=BEFORE):
    return Link(snapshot.index_of(firm(seller)), snapshot.index_of(firm(buyer)), 0, *days)


def judged(snapshot, way, chain="toy-car", items=("x",), lang="en"):
    """The judgement on the last hop of a way of three firms, whether they trade or not."""
    first, last = link(snapshot, way[0], way[1]), link(snapshot, way[1], way[2])
    feeding = Feeding(snapshot, [first.seller, last.seller, last.buyer], chain, lang)
    return feeding.judge(first, last, items)


@pytest.mark.parametrize(
    ("way", "feeds"),
    [
        ("ACE", True),  # polymer, part
        ("AEG", True),  # polymer, (part,) module
        ("AGH", False),  # polymer and car are three steps apart
        ("DCE", False),  # part, part: neither is made of the other
        ("CAG", False),  # against the goods
        ("JDF", None),  # nobody knows where J stands
        ("AJG", None),
    ],
)
def test_goods_follow_the_segments(economy, way, feeds):
    found, reason = judged(economy.snapshot, way)
    assert found is feeds
    assert (reason is None) is (feeds is True)


def test_the_reason_names_the_firm_and_both_goods_in_either_language(economy):
    name = FIRMS["C"][0]
    assert judged(economy.snapshot, "DCE")[1] == (
        f"{name} buys part and sells part: the one does not feed the other"
    )
    assert (
        judged(economy.snapshot, "DCE", lang="zh")[1]
        == f"{name}：买进的是零件，卖出的是零件，前者并不供给后者"
    )
    assert FIRMS["J"][0] in judged(economy.snapshot, "AJG")[1]


def test_a_trader_sells_what_it_buys(tmp_path):
    changed = tables(invoices())
    trades = pl.when(pl.col("id") == firm("C")).then(pl.lit("trade")).otherwise("role").alias("role")
    changed.enterprises = changed.enterprises.with_columns(trades)
    snapshot = write_snapshot(tmp_path, changed)
    assert judged(snapshot, "DCE") == (True, None)
    assert judged(snapshot, "CDE")[0] is False  # D is none


def test_without_a_chain_any_that_both_stand_in_will_do(economy):
    assert judged(economy.snapshot, "ACE", chain=None) == (True, None)
    assert judged(economy.snapshot, "ACE", chain="watch")[0] is None  # A has no segment there


def test_what_was_sold_before_anything_was_bought_is_not_made_of_it(economy):
    first = link(economy.snapshot, "A", "C")
    last = replace(link(economy.snapshot, "C", "E"), first=date(2024, 1, 1), last=date(2024, 2, 1))
    found, reason = Feeding(economy.snapshot, [first.seller, last.seller], "toy-car", "en").judge(
        first, last, ["x"]
    )
    assert found is False
    assert "2024-02-01" in reason
    assert "2025-03-01" in reason


def test_goods_that_are_not_known_are_not_judged(economy):
    found, reason = judged(economy.snapshot, "ACE", items=())
    assert found is None
    assert "no lines" in reason


def edge(snapshot, seller, buyer):
    return snapshot.edge_between(snapshot.index_of(firm(seller)), snapshot.index_of(firm(buyer)))


def test_items_and_months_are_those_of_the_link(economy):
    snapshot, wanted = economy.snapshot, {}
    for pair in ("AC", "KA", "DF"):
        wanted[pair] = replace(link(snapshot, *pair), edge=edge(snapshot, *pair))
    goods = Goods(snapshot, [one.edge for one in wanted.values()])
    assert [goods.items(wanted[pair]) for pair in wanted] == [["高温尼龙切片"], ["电力"], ["轴承"]]
    assert goods.months[wanted["AC"].edge] == ["2025-03", "2025-04", "2025-05"]


def test_a_link_without_lines_has_no_items(economy):
    snapshot = economy.snapshot
    bare = replace(link(snapshot, "L", "E"), edge=edge(snapshot, "L", "E"))
    assert Goods(snapshot, [bare.edge]).items(bare) == []


def test_of_many_goods_the_three_largest_stand_whatever_their_tax_category():
    rows = [("1", "a", 5), ("2", "a", 6), ("1", "b", 9), ("1", "c", 1), ("1", "d", 8), ("1", None, 99)]
    lines = pl.DataFrame(rows, schema=["tax_category", "item", "amount_fen"], orient="row")
    lines = lines.with_columns(fact=pl.lit("f"))
    invoices = pl.DataFrame(
        {"fact": ["f"], "seller": ["s"], "buyer": ["t"], "happened_on": [date(2025, 3, 1)]}
    )
    index = pl.DataFrame({"enterprise": ["s", "t"], "i": [0, 1]}, schema_overrides={"i": pl.Int32})
    built = build_products(lines.lazy(), invoices, invoices.clear(), index)
    edges = pl.DataFrame({"src": [0], "dst": [1]}, schema={"src": pl.Int32, "dst": pl.Int32})
    found = edge_products(built, edges)
    assert found.select("edge", "amount_fen", "rank").rows() == [(0, 11, 1), (0, 9, 2), (0, 8, 3)]
    named = [built.products.row(p, named=True) for p in found["product"]]
    assert [(p["item"], p["tax_category"]) for p in named] == [("A", "2"), ("B", "1"), ("D", "1")]
