"""Decisions in columns: the same as one by one; backtests, drift and approval by kind of firm."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from ledger.ledger import Ledger
from ledger.state import State
from services.credit import monitoring
from services.credit.backtest import backtest
from services.credit.columns import judged
from services.credit.gather import firm_of
from services.credit.inputs import Money
from services.credit.models import load_model
from services.credit.policy import read_policy, shipped
from services.credit.prepared import Prepared
from services.credit.rooms import Rooms
from services.credit.without import GROUPS, without
from services.features import CATALOGUE, NUMBERS
from services.features.door import Door, door
from tests.credit_stand_in import Model, Sources, desk, wish
from tests.credit_world import published, random_world


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A random small world, published: (folder, tables, snapshot)."""
    folder = tmp_path_factory.mktemp("world")
    tables = random_world()
    tables.listings = pl.DataFrame(
        {"enterprise": [3], "list": ["serious"], "happened_on": [date(2025, 1, 1)], "fact": ["e" * 16]}
    )
    return folder, tables, published(folder, tables)


NAMES = ("log_sales", "top1_customer", "seen_customers", "buyers_log_sales")
MODEL = Model(names=NAMES, weights=(-0.3, 3.0, -0.15, -0.05), base=0.3)
NO_MONEY = Money(None, "no_cash_path", None, None, "no_receivables", None, "no_contracts")


def test_columns_say_what_decisions_say_one_by_one(whole, tmp_path):
    _, _, snapshot = whole
    prepared = Prepared(snapshot, Ledger(tmp_path))
    policy = read_policy(
        shipped()[0].body.replace('industry, values: ["66"', 'industry, values: ["13", "66"')
    )
    told = judged(prepared, MODEL, policy, keep=True)
    assert set(told["status"]) == {"approved", "manual_review", "declined"}
    assert told["thin"].n_unique() == 2
    every = door(snapshot).features(NUMBERS)

    class Real(Sources):
        def features(self, firm, as_of):
            rooms = Rooms(prepared, State(tmp_path))
            rooms._models[None] = MODEL
            return rooms.features(firm, as_of)

        def uses(self, firm, amount_fen):
            return (), None

    made = desk(
        snapshot, tmp_path, State(tmp_path),
        Real(its_model=MODEL, money_is=NO_MONEY, machine_most=10**15), policies=(policy,),
    )  # fmt: skip
    for row in told.iter_rows(named=True):
        party = snapshot.id_of(row["enterprise"])
        asked = made.apply(wish(party, amount_fen=1_000_000_000), "clerk")
        inputs, answer, _ = made.work_out(asked.id)
        assert firm_of(prepared, party) == row["enterprise"]
        got = (answer["status"], answer["pd"], answer["grade"], inputs.books.own_months, inputs.level)
        assert got == tuple(row[k] for k in ("status", "pd", "grade", "own_months", "level")), party
        assert answer["observed_only"]["pd"] == row["pd_observed"]
        if answer["status"] == "approved":
            assert answer["limit"]["amount_fen"] == row["limit_fen"]
    assert every.as_of == snapshot.as_of


@pytest.mark.slow
def test_features_without_a_link_are_those_of_a_graph_that_never_had_it(whole, tmp_path):
    _, tables, snapshot = whole
    prepared = Prepared(snapshot, Ledger(tmp_path))
    every = door(snapshot).features(NUMBERS)
    means = (
        "buyers_growth",
        "buyers_log_sales",
        "suppliers_log_sales",
        "buyers_failing",
        "suppliers_failing",
    )
    names = [n for n in NUMBERS if CATALOGUE[n].group in GROUPS] + list(means)
    rng = np.random.default_rng(3)
    busy = np.flatnonzero(np.diff(snapshot.out_indptr) > 2)
    for firm in rng.choice(busy, 3, replace=False):
        sides = [
            t.edge for t in prepared.traded(int(firm), len(snapshot.months)) if not prepared.hubs[t.partner]
        ]
        edges = [*sides[:1], *sides[-1:]]
        got = without(prepared, every, int(firm), edges, names)
        for edge in edges:
            truth = (
                Door(_lacking(tables, edge), snapshot.as_of).features(names).of(int(firm)).matrix(names)[0]
            )
            mine = every.of(int(firm)).matrix(names)[0]
            for name, value in got[edge].items():
                mine[names.index(name)] = np.nan if value is None else value
            for name, a, b in zip(names, mine, truth, strict=True):
                assert a == pytest.approx(b, rel=1e-6, abs=1e-6, nan_ok=True), (name, firm, edge)
            assert got[edge]


def _lacking(tables, edge):
    """The tables as if one link had never been."""
    pair = tables.edges.row(edge, named=True)
    gone = pl.col("edge") == edge
    moved = tables.flow.filter(gone).select(
        month=pl.Series([tables.months[m] for m in tables.flow.filter(gone)["month"]]),
        fen="amount_fen",
        number="count",
    )
    flow = tables.flow.filter(~gone).with_columns(
        edge=pl.when(pl.col("edge") > edge).then(pl.col("edge") - 1).otherwise("edge")
    )

    def less(rows, firm, column, by, where):
        joined = rows.join(moved, on="month", how="left", maintain_order="left")
        hit = (pl.col("enterprise") == firm) & where
        taken = pl.when(hit).then(pl.col(by).fill_null(0)).otherwise(0)
        return joined.with_columns((pl.col(column) - taken).cast(rows.schema[column])).select(rows.columns)

    books = less(tables.coverage, pair["src"], "invoices", "number", pl.col("side") == "sale")
    return replace(
        tables,
        edges=tables.edges.with_row_index("e").filter(pl.col("e") != edge).drop("e"),
        flow=flow,
        item_flow=tables.item_flow.filter(
            ~((pl.col("src") == pair["src"]) & (pl.col("dst") == pair["dst"])).fill_null(False)
        ),
        sales=less(tables.sales, pair["src"], "invoiced_fen", "fen", pl.lit(True)),
        coverage=less(books, pair["dst"], "invoices", "number", pl.col("side") == "purchase"),
        settlements=tables.settlements.filter(
            ~((pl.col("seller") == pair["src"]) & (pl.col("buyer") == pair["dst"]))
        ),
        edge_products=pl.DataFrame(schema=tables.edge_products.schema),
        evidence=pl.DataFrame(schema=tables.evidence.schema),
        goods_paths=pl.DataFrame(schema=tables.goods_paths.schema),
    )


def test_a_backtest_tells_what_became_of_the_loans_it_would_have_given(whole, tmp_path):
    _, _, snapshot = whole
    prepared = Prepared(snapshot, Ledger(tmp_path))
    day = date(2025, 6, 30)
    told = judged(prepared, MODEL, shipped()[0], day)
    good = told.filter(pl.col("status") == "approved")["enterprise"][:5]
    other = told.filter(pl.col("status") != "approved")["enterprise"][:3]
    loans = pl.DataFrame(
        {
            "enterprise": [*good, *other],
            "booked_on": [day] * (len(good) + len(other)),
            "amount_fen": [100] * (len(good) + len(other)),
            "defaulted": [True, *[False] * (len(good) - 1), *[True] * len(other)],
        }
    ).cast({"enterprise": pl.Int32})
    rows = backtest(prepared, MODEL, shipped(), [day], loans)
    first = rows.row(0, named=True)
    assert rows.height == len(shipped())
    assert (first["loans"], first["loans_approved"]) == (len(good) + len(other), len(good))
    assert (first["bad"], first["bad_approved"]) == (1 + len(other), 1)
    assert first["approved"] + first["manual_review"] + first["declined"] == first["firms"]
    assert rows["approved"][1] <= rows["approved"][0]


def test_drift_is_told_against_what_chance_gives():
    rng = np.random.default_rng(1)
    same = [monitoring.drift("x", rng.normal(size=400), rng.normal(size=200)) for _ in range(60)]
    assert np.mean([one["moved"] for one in same]) < 0.2
    other = monitoring.drift("x", rng.normal(size=400), rng.normal(1.0, 1.0, 200))
    assert other["moved"] is True
    assert other["psi"] > other["band"] > 0
    gone = np.full(200, np.nan)
    assert monitoring.drift("x", rng.normal(size=400), gone)["moved"] is True
    assert monitoring.drift("x", rng.normal(size=400), rng.normal(size=10))["psi"] is None


def test_calibration_and_approval_rates():
    pd = np.linspace(0.01, 0.5, 1000)
    bad = np.random.default_rng(2).random(1000) < pd
    assert monitoring.calibration(pd, bad)["ece"] < 0.05
    assert monitoring.calibration(pd, np.ones(1000, np.bool_))["ece"] > 0.5
    rows = pl.DataFrame({"status": ["approved"] * 8 + ["declined"] * 2, "region": ["33"] * 5 + [None] * 5})
    first, second = monitoring.rates(rows, ("region",))
    assert (first["value"], first["count"], first["approved"]) == ("-", 5, 0.6)
    assert (second["approved"], second["high"]) == (1.0, 1.0)
    assert first["low"] < 0.6 < first["high"]


def test_a_report_of_what_was_decided(tmp_path):
    from tests.credit_stand_in import A, policies, snapshot_in

    state, snapshot = State(tmp_path), snapshot_in(tmp_path)
    made = desk(snapshot, tmp_path, state, policies=policies())
    for purpose in ("wages", "equity"):
        made.decide(made.apply(wish(A, purpose=purpose), "clerk").id, "clerk")
    with state.reading() as connection:
        rows = monitoring.decided(connection, made.prepared)
    told = monitoring.report(rows, "2026-01-01", ["log_sales"], {rows["id"][0]: True})
    assert told["decisions"] == 2
    assert {r["dimension"] for r in told["rates"]} == set(monitoring.DIMENSIONS)
    assert next(r for r in told["rates"] if r["dimension"] == "thin")["approved"] == 0.5
    assert told["drift"][0]["psi"] is None
    assert told["calibration"]["count"] == 1
    assert json.dumps(told)
    assert monitoring.report(rows.clear(), "2026-01-01", [])["decisions"] == 0


@pytest.mark.parametrize(
    "name", ["hhi_customers", "top1_customer", "sales_red_share", "log_guarantees_given"]
)
def test_more_of_what_is_bad_never_raises_the_score(name):
    model = load_model(None)
    if name not in model.names:
        pytest.skip(f"the shipped model does not look at {name}")
    rng = np.random.default_rng(4)
    rows = rng.normal(1.0, 2.0, (200, len(model.names)))
    at = model.names.index(name)
    steps = np.linspace(0.0, 1.0, 21) if name != "log_guarantees_given" else np.linspace(0.0, 9.0, 21)
    scores = []
    for value in steps:
        rows[:, at] = value
        scores.append([model.score(pd) for pd in model.pd(rows)])
    assert (np.diff(np.array(scores), axis=0) <= 0).all()
