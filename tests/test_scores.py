"""Scores over a trade small enough to count by hand: shares from own books alone, else null and why."""

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from gnn.contagion.network import networks_of
from gnn.contagion.shake import Assumptions, Shock, shake
from gnn.scores.books import books_of, goods_of
from gnn.scores.chain import chain_scores
from gnn.scores.momentum import seasons
from gnn.view import view_of
from graph.score_tables import SCORE_TABLES
from graph.snapshot import SnapshotTables, write_snapshot
from ledger.words import labels, messages
from seeds.chains import Chain, Segment

YUAN = 100
MONTHS = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)]
ITEMS = {"尼龙": "nylon", "绝缘料": "insulation", "手机": "phone", "模具费": None}
NYLON, INSULATION, PHONE, MOULD = range(4)


def segment(name: str, item: str, tier: int, *feeds: str) -> Segment:
    both = {"zh": item, "en": name}
    return Segment(name, "phones", both, tier, "manufacture", (item,), (), (), feeds, end=tier == 0)


CHAIN = Chain(
    "phones",
    {"zh": "手机", "en": "phones"},
    (
        segment("nylon", "尼龙", 2, "insulation"),
        segment("insulation", "绝缘料", 1, "phone"),
        segment("phone", "手机", 0),
    ),
    (),
)
#: Two makers of nylon 0 and 1, insulation 2 and 3, phones 4.
STANDS = {0: "nylon", 1: "nylon", 2: "insulation", 3: "insulation", 4: "phone"}
REGIONS = ["330482", "330483", "330402", "310115", "310115"]


def tables(sales, own=(), months=MONTHS, regions=REGIONS, stands=None) -> SnapshotTables:
    """`sales`: (month, src, dst or None, product, yuan); `own`: (firm, side) with books of every month, or
    (firm, side, months)."""
    n = len(regions)
    flow = pl.DataFrame(
        [(months.index(m), s, d, p, yuan * YUAN) for m, s, d, p, yuan in sales],
        schema={
            "month": pl.Int32,
            "src": pl.Int32,
            "dst": pl.Int32,
            "product": pl.Int32,
            "amount_fen": pl.Int64,
        },
        orient="row",
    )
    flow = flow.group_by("month", "src", "dst", "product").agg(pl.col("amount_fen").sum())
    pairs = flow.drop_nulls("dst").group_by("src", "dst").agg(pl.col("amount_fen").sum())
    pairs = pairs.sort("src", "dst").with_row_index("edge").cast({"edge": pl.Int32})
    covered = [(f, side, month) for f, side, *some in own for month in (some[0] if some else months)]
    places = STANDS if stands is None else stands
    return SnapshotTables(
        as_of=date(2025, 12, 31),
        months=list(months),
        synthetic=True,
        enterprises=pl.DataFrame(
            {
                "id": [f"{i:016x}" for i in range(n)],
                "name": [f"第{i}厂" for i in range(n)],
                "region": regions,
                "hub": [False] * n,
            }
        ),
        coverage=pl.DataFrame(
            covered, schema={"enterprise": pl.Int32, "side": pl.String, "month": pl.String}, orient="row"
        ),
        edges=pairs.select("src", "dst", "amount_fen"),
        flow=flow.drop_nulls("dst")
        .join(pairs.select("src", "dst", "edge"), on=["src", "dst"])
        .group_by("edge", "month")
        .agg(pl.col("amount_fen").sum(), pl.len().alias("count")),
        products=pl.DataFrame(
            {"id": [f"{i:016x}" for i in range(4)], "tax_category": [None] * 4, "item": list(ITEMS)}
        ),
        item_flow=flow,
        positions=pl.DataFrame(
            {
                "enterprise": list(places),
                "chain": "phones",
                "segment": list(places.values()),
                "membership": 1.0,
                "confidence": 1.0,
            }
        ),
        chains=[{"id": "phones", "name": CHAIN.name, "segments": [], "cores": []}],
    )


def scored(whole: SnapshotTables, as_of: date | None = None) -> dict[str, pl.DataFrame]:
    frames = whole.ordered()
    given = (frames["positions"], frames["enterprises"], frames["coverage"])
    return chain_scores(view_of(whole, as_of), *given, [CHAIN])


def score(made, firm: int, name: str) -> dict:
    rows = made["scores"].filter((pl.col("enterprise") == firm) & (pl.col("name") == name))
    assert rows.height == 1, rows
    return rows.row(0, named=True)


def monthly(src, dst, product, yuan, months=MONTHS):
    return [(m, src, dst, product, yuan) for m in months]


#: 2 buys nylon of 0 (3/4) and 1, 3 of 0 alone; both sell to 4; 4 sells phones to consumers.
TRADE = [
    *monthly(0, 2, NYLON, 30),
    *monthly(1, 2, NYLON, 10),
    *monthly(0, 3, NYLON, 20),
    *monthly(2, 4, INSULATION, 60),
    *monthly(3, 4, INSULATION, 40),
    *monthly(4, None, PHONE, 500),
]


def test_dependence_is_told_from_own_books_and_else_left_open():
    made = scored(tables(TRADE, [(0, "sale"), (2, "purchase")]))
    top = score(made, 0, "top1_customer")
    assert (top["value"], top["partner"], top["basis"]) == (0.6, 2, "own")
    assert (top["amount_fen"], top["of_fen"], top["count"], top["months"]) == (36000, 60000, 2, 12)
    assert score(made, 0, "hhi_customers")["value"] == pytest.approx(0.36 + 0.16)
    assert score(made, 2, "top1_supplier")["value"] == 0.75
    seen = score(made, 3, "top1_customer")
    assert (seen["value"], seen["of_fen"], seen["basis"]) == (None, None, "partial")
    assert (seen["reason"], seen["amount_fen"]) == ("sale_books_missing", 40 * 12 * YUAN)


def test_consumers_count_in_the_whole_and_are_nobody():
    both = [*TRADE, *monthly(2, None, INSULATION, 40)]
    assert score(scored(tables(both, [(2, "sale")])), 2, "top1_customer")["value"] == 0.6
    shop = score(scored(tables(TRADE, [(4, "sale")])), 4, "top1_customer")
    assert (shop["value"], shop["partner"], shop["reason"]) == (0.0, None, "only_consumers")


def test_months_without_own_books_do_not_count():
    few = scored(tables(TRADE, [(0, "sale", MONTHS[-2:])]))
    assert score(few, 0, "top1_customer")["value"] is None
    late = [*TRADE, *monthly(0, 3, NYLON, 960, MONTHS[12:15])]
    own = (0, "sale", MONTHS[15:])  # the months of the great sales are only in others' papers
    assert score(scored(tables(late, [own])), 0, "top1_customer")["value"] == 0.6


def test_importance_is_the_share_of_what_customers_buy_of_the_goods():
    more = [*TRADE, *monthly(4, 2, PHONE, 1000)]  # other goods do not change the share
    share = score(scored(tables(more, [(2, "purchase")])), 0, "share_of_customers")
    assert (share["value"], share["partner"], share["segment"]) == (0.75, 2, "nylon")
    assert (share["count"], share["of_count"]) == (1, 2)
    none = score(scored(tables(TRADE)), 0, "share_of_customers")
    assert (none["value"], none["reason"], none["of_count"]) == (None, "customer_books_missing", 2)


def test_an_only_source_is_told_from_the_customers_own_books():
    made = scored(tables(TRADE, [(2, "purchase"), (3, "purchase")]))
    sole = score(made, 0, "sole_customers")
    assert (sole["value"], sole["partner"], sole["basis"]) == (1.0, 3, "own")
    part = score(scored(tables(TRADE, [(3, "purchase")])), 0, "sole_customers")
    assert (part["value"], part["at_least"], part["basis"]) == (None, 1.0, "partial")
    assert score(scored(tables(TRADE)), 0, "sole_customers")["at_least"] is None


def test_goods_bought_once_or_in_no_segment_are_no_need():
    once = [*TRADE, *monthly(1, 3, MOULD, 15), ("2025-07", 1, 4, NYLON, 9000)]
    own = [(3, "purchase"), (4, "purchase")]
    made = scored(tables(once, own))
    assert score(made, 1, "sole_customers")["at_least"] == 0.0
    assert score(made, 0, "sole_customers")["at_least"] == 1.0


def test_other_sellers_are_counted_near_the_customer():
    regions = [*REGIONS, "330499", "330106", None]
    more = [*TRADE, *monthly(5, 4, NYLON, 1), *monthly(6, 2, NYLON, 1), *monthly(7, 3, NYLON, 1)]
    made = scored(tables(more, [(2, "purchase")], regions=regions))
    rows = made["score_firms"].filter((pl.col("enterprise") == 0) & (pl.col("name") == "supplied"))
    row = rows.filter(pl.col("partner") == 2).row(0, named=True)
    # of 1, 5, 6 and 7: 1 and 6 deliver into 33; 1 and 5 are in 3304
    assert (row["sellers"], row["delivering"], row["nearby"]) == (4, 2, 2)
    assert (row["sources"], row["share"]) == (2, pytest.approx(30 / 41))
    substitutes = score(made, 0, "substitutes")
    assert (substitutes["value"], substitutes["at_least"]) == (None, 4.0)


def test_sole_sources_are_followed_downstream_with_the_path():
    line = [*monthly(0, 2, NYLON, 30), *monthly(2, 4, INSULATION, 60), *monthly(4, 1, PHONE, 9)]
    made = scored(tables(line, [(f, "purchase") for f in range(5)]))
    reached = score(made, 0, "sole_downstream")
    assert (reached["at_least"], reached["of_count"], reached["partner"]) == (3.0, 3, 1)
    rows = made["score_firms"].filter((pl.col("enterprise") == 0) & (pl.col("name") == "sole_downstream"))
    assert rows["path"].to_list() == [[0, 2, 4, 1], [0, 2, 4], [0, 2]]


def test_the_share_of_a_segment_is_among_those_whose_books_are_in():
    made = scored(tables(TRADE, [(0, "sale"), (1, "sale"), (2, "sale")]))
    assert score(made, 0, "segment_share")["value"] == pytest.approx(50 / 60)
    part = score(made, 2, "segment_share")
    assert (part["value"], part["count"], part["of_count"]) == (1.0, 1, 2)
    assert score(made, 3, "segment_share")["reason"] == "sale_books_missing"


def test_inferred_positions_do_not_count():
    whole = tables(TRADE, [(f, "sale") for f in range(5)])
    inferred = pl.col("enterprise") == 1
    basis = pl.when(inferred).then(pl.lit("inferred")).otherwise(pl.lit("observed"))
    whole.positions = whole.positions.with_columns(basis=basis)
    made = scored(whole)
    assert score(made, 0, "segment_share")["count"] == 2  # it sells nylon all the same
    rows = made["scores"].filter((pl.col("enterprise") == 1) & (pl.col("name") == "segment_share"))
    assert rows.is_empty()
    nylon = made["momentum"].filter(pl.col("segment") == "nylon").row(0, named=True)
    assert nylon["of_firms"] == 1


def shaken(whole, tmp_path, firm, **given):
    """What follows in the network of a published snapshot where `firm` stops."""
    for table, frame in scored(whole).items():
        setattr(whole, table, frame)
    network = networks_of(write_snapshot(tmp_path, whole))["phones"]
    outcome = shake(network, Shock(network.index_of(firm), "stop"), Assumptions(**given))
    return network, outcome


def test_networks_are_cut_from_the_observed_trade_of_the_last_year(tmp_path):
    own = [(f, side) for f in range(5) for side in ("sale", "purchase")]
    net, out = shaken(tables([*TRADE, ("2024-01", 1, 4, PHONE, 99)], own), tmp_path, 0, spare=0.0)
    pairs = set(zip(net.seller.tolist(), net.buyer.tolist(), strict=True))
    assert pairs == {(0, 2), (1, 2), (0, 3), (2, 4), (3, 4)}  # what was sold two years ago is over
    assert net.sales[4] == pytest.approx(500 * YUAN * 12 / (365.25 / 7))
    assert (out.goods.first[[2, 3]] == 3).all()
    assert out.goods.peak[3] == pytest.approx(20 * YUAN * 12 / (365.25 / 7))


def test_stock_is_what_purchases_leave_over_sales(tmp_path):
    bought = [*monthly(0, 2, NYLON, 30), *monthly(2, 4, INSULATION, 60, MONTHS[:-1])]
    own = [(2, "sale"), (2, "purchase")]
    bought += [(MONTHS[-1], 2, 4, INSULATION, 1)]
    net, _ = shaken(tables(bought, own), tmp_path, 0)
    # five months' sales used 30 a month times 180/301 of sales; what is left of six months' purchases
    use = 180 / 301
    low = 5 * (30 - 60 * use)
    left = low + 30 - 1 * use
    assert net.stock_weeks[net.index_of(2)] == pytest.approx((left - low) / (30 * 12 / (365.25 / 7)))
    assert net.stock_weeks[net.index_of(4)] == 0  # whose books are not in


def test_a_chain_without_trade_is_shaken_in_vain(tmp_path):
    net, out = shaken(tables([]), tmp_path, 0)
    assert len(net.firms) == 5
    assert not out.goods.first.any()
    assert not out.money.first.any()


def test_hubs_sell_nothing_that_counts():
    whole = tables(TRADE, [(2, "purchase")])
    view = view_of(whole)
    goods = goods_of(4, pl.DataFrame(schema=SCORE_TABLES["goods"]), whole.ordered()["positions"], 5)
    hubs = [True, False, False, False, False]
    books = books_of(view, goods, whole.ordered()["coverage"], pl.Series(hubs).to_numpy())
    assert set(books.trade["src"]) == {1, 2, 3, 4}


def test_trade_without_lines_is_the_goods_of_the_sellers_segment():
    whole = tables(TRADE, [(2, "purchase"), (3, "purchase")])
    whole.item_flow = whole.item_flow.filter(pl.col("dst").is_null())
    made = scored(whole)
    assert score(made, 0, "share_of_customers")["segment"] == "nylon"
    assert score(made, 0, "sole_customers")["value"] == 1.0


def test_january_and_february_are_compared_together():
    last = [[MONTHS[m] for m in group] for group in seasons(MONTHS)[:3]]
    assert last == [["2025-01", "2025-02"], ["2025-03"], ["2025-04"]]
    assert seasons(MONTHS[:13]) == []  # a January without its February
    assert seasons(MONTHS[1:14]) == []  # February 2024 came without its January
    assert seasons(MONTHS[:12]) == []


def test_momentum_is_told_of_firms_with_books_of_both_years():
    regions, stands = ["330482"] * 6, dict.fromkeys(range(5), "nylon")
    then, now = MONTHS[:2], MONTHS[12:14]
    # the holiday moved: all sold in February a year ago, in January this year
    sales = [(then[1], f, 5, NYLON, 100) for f in range(5)]
    sales += [(now[0], f, 5, NYLON, yuan) for f, yuan in enumerate((110, 120, 90, 999, 999))]
    own = [(f, "sale", [*then, *now]) for f in range(3)]
    own += [(3, "sale", now), (4, "sale", [*then, now[0]])]
    made = scored(tables(sales, own, MONTHS[:14], regions, stands))["momentum"]
    row = made.row(0, named=True)
    assert row["value"] == pytest.approx(320 / 300 - 1)
    assert (row["firms"], row["growing"], row["of_firms"]) == (3, 2, 5)
    assert (row["gone"], row["came"], row["breadth"]) == (0, 1, pytest.approx(2 / 3))
    assert row["months"] == now
    few = scored(tables(sales, own[:2], MONTHS[:14], regions, stands))["momentum"].row(0, named=True)
    assert (few["value"], few["reason"]) == (None, "momentum_few_firms")
    none = scored(tables(sales[:5], own, MONTHS[:12], regions, stands))["momentum"].row(0, named=True)
    assert (none["value"], none["reason"]) == (None, "momentum_no_year_before")


def test_nothing_later_than_the_day_is_seen():
    own = [(0, "sale"), (2, "purchase"), (3, "purchase")]
    later = [*TRADE, *monthly(1, 3, NYLON, 500, MONTHS[18:]), *monthly(1, 4, MOULD, 5, MONTHS[18:])]
    until = date(2025, 6, 30)
    now, then = scored(tables(later, own), until), scored(tables(TRADE, own), until)
    for table, frame in then.items():
        assert now[table].equals(frame), table


def test_the_order_of_rows_does_not_matter():
    own = [(0, "sale"), (2, "purchase"), (3, "purchase"), (4, "sale")]
    made, other = scored(tables(TRADE, own)), scored(tables(TRADE[::-1], own[::-1]))
    assert all(made[table].equals(other[table]) for table in SCORE_TABLES)


def test_a_snapshot_keeps_the_tables(tmp_path):
    whole = tables(TRADE, [(0, "sale"), (3, "purchase")])
    made = scored(whole)
    for table, frame in made.items():
        assert frame.height
        setattr(whole, table, frame)
    published = write_snapshot(tmp_path, whole)
    assert all(getattr(published, table).equals(frame) for table, frame in made.items())


def test_an_empty_graph_has_no_scores():
    made = scored(tables([], stands={}))
    assert {table: made[table].height for table in SCORE_TABLES} == {
        "goods": 3,
        "scores": 0,
        "score_firms": 0,
        "momentum": 0,
    }


def test_every_reason_has_its_sentence():
    room = Path(__file__).parents[1] / "gnn"
    text = "".join(path.read_text("utf-8") for path in sorted(room.glob("score_*.py")))
    coded = set(re.findall(r'"([a-z0-9]+(?:_[a-z0-9]+)+)"', text))
    told = {key.removeprefix("score_text_") for key in messages() if key.startswith("score_text_")}
    told |= {key.removeprefix("momentum_text_") for key in messages() if key.startswith("momentum_text_")}
    made = scored(tables(TRADE, [(0, "sale"), (2, "purchase"), (4, "sale")]))
    assert set(made["scores"]["reason"]) | set(made["momentum"]["reason"]) <= told
    parts = (
        "_books_missing",
        "_none_seen",
        "_customers_none",
        "_few_firms",
        "_year_before",
        "only_consumers",
    )
    assert {code for code in coded if code.endswith(parts)} <= told
    assert {f"score_{name}" for name in made["scores"]["name"]} <= set(labels())
