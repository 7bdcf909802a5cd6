"""Economic dependence: shares of own books only, over a year, and no group around what everybody needs."""

from datetime import date

import numpy as np
import polars as pl

from gnn.groups.dependence import dependence
from gnn.groups.policy import policy_on
from gnn.view import view_of
from tests.graphs import tables

MONTHS = [f"{year}-{month:02d}" for year in (2023, 2024) for month in range(1, 13)]
DAY = date(2024, 12, 31)
POLICY = policy_on(DAY)
N = 40


def world(trade, covered, retail=()):
    """(seller, buyer) → months (in MONTHS) with an amount each; own books: (firm, side, months)."""
    pairs = sorted(trade)
    flow = [(e, m, fen) for e, pair in enumerate(pairs) for m, fen in trade[pair].items()]
    sums = [sum(trade[pair].values()) for pair in pairs]
    edges = pl.DataFrame(
        {"src": [a for a, _ in pairs], "dst": [b for _, b in pairs], "amount_fen": sums}
    ).with_columns(gross_fen="amount_fen", red_fen=0, count=1, attested=pl.lit("seller"))
    items = pl.DataFrame(
        [(m, firm, None, 0, fen) for firm, m, fen in retail],
        schema=["month", "src", "dst", "product", "amount_fen"],
        orient="row",
    )
    given = tables(
        N,
        as_of=DAY,
        months=MONTHS,
        edges=edges,
        flow=pl.DataFrame(flow, schema=["edge", "month", "amount_fen"], orient="row"),
        item_flow=items,
        products=pl.DataFrame({"id": ["0" * 16], "tax_category": [None], "item": ["橡胶"]}),
        relations=pl.DataFrame(),
        evidence=pl.DataFrame(schema={"edge": pl.Int32, "fact": pl.String}),
    )
    rows = [(firm, side, MONTHS[m], 1) for firm, side, months in covered for m in months]
    kinds = {"enterprise": pl.Int32, "side": pl.String, "month": pl.String, "invoices": pl.Int32}
    return view_of(given), pl.DataFrame(rows, schema=kinds, orient="row")


def told(trade, covered, retail=(), hubs=(), day=None):
    view, coverage = world(trade, covered, retail)
    flags = np.zeros(N, np.bool_)
    flags[list(hubs)] = True
    return dependence(view, coverage, flags, POLICY)


def year(fen, months=range(12, 24)):
    return dict.fromkeys(months, fen)


def outcomes(found):
    return found.rows.select("enterprise", "side", "partner", "share", "outcome").rows()


def test_a_share_of_own_books_makes_a_group_from_a_half_on():
    trade = {
        (0, 1): year(600),
        (0, 2): year(400),
        (3, 4): year(490),
        (3, 5): year(490),
        (3, 6): year(20),
    }
    found = told(trade, [(0, "sale", range(12, 24)), (3, "sale", range(12, 24))])
    assert (0, "sale", 1, 0.6, "depends") in outcomes(found)
    assert 3 not in found.rows.filter(pl.col("side") == "sale")["enterprise"].to_list()
    rows = found.found.ties.select("enterprise", "tie", "share", "amount_fen").rows()
    assert rows == [(0, "DEPENDS_SALES", 0.6, 7200), (1, "HEAD", None, None)]


def test_what_shops_sell_to_consumers_counts_as_receipts():
    trade, books = {(0, 1): year(600)}, [(0, "sale", range(12, 24))]
    assert outcomes(told(trade, books))[0][3] == 1.0
    retail = [(0, m, 700) for m in range(12, 24)]
    assert [row for row in outcomes(told(trade, books, retail)) if row[1] == "sale"] == []


def test_without_own_books_the_share_is_null_and_the_amount_at_least_so_much():
    found = told({(0, 1): year(600)}, [])
    row = found.rows.filter(pl.col("side") == "sale").row(0, named=True)
    assert (row["share"], row["amount_fen"], row["outcome"]) == (None, 7200, "seen")
    assert found.found.ties.is_empty()


def test_books_that_miss_a_month_others_show_or_run_too_short_are_partial():
    gap = told({(0, 1): year(600)}, [(0, "sale", [m for m in range(12, 24) if m != 20])])
    assert outcomes(gap)[0][3:] == (None, "partial")
    short = told({(0, 1): year(600, range(21, 24))}, [(0, "sale", range(21, 24))])
    assert outcomes(short)[0][3:] == (None, "partial")


def test_only_the_last_year_counts_and_one_large_order_is_no_dependence():
    old = {(0, 1): year(9000, range(0, 12)), (0, 2): year(600), (0, 3): year(500)}
    found = told(old, [(0, "sale", range(24))])
    assert [row[2] for row in outcomes(found) if row[1] == "sale"] == [2]
    once = {(0, 1): {14: 90_000, 15: 90_000}, (0, 2): year(10)}
    assert [r for r in outcomes(told(once, [(0, "sale", range(12, 24))])) if r[1] == "sale"] == []


def test_a_supplier_everybody_depends_on_makes_no_group():
    trade = {(0, buyer): year(900) for buyer in range(1, 30)}
    books = [(buyer, "purchase", range(12, 24)) for buyer in range(1, 30)]
    many = told(trade, books)
    assert set(many.rows.filter(pl.col("side") == "purchase")["outcome"]) == {"common"}
    assert many.found.groups.is_empty()
    few = {pair: months for pair, months in trade.items() if pair[1] < 5}
    assert told(few, books).found.groups["head"].to_list() == [0]
    hub = told(few, books, hubs=[0])
    assert set(hub.rows.filter(pl.col("side") == "purchase")["outcome"]) == {"hub"}
    assert hub.found.groups.is_empty()


def test_returns_take_nothing_from_other_partners():
    trade = {(0, 1): year(600), (0, 2): year(400), (0, 3): year(-900)}
    assert outcomes(told(trade, [(0, "sale", range(12, 24))]))[0][3] == 0.6
