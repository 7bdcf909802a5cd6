"""Exposure: what loans hang on, the limits before and after, and what observed ties alone may count."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import portfolios
from ledger.errors import Conflict
from ledger.state import State
from services.lending import booking, exposure
from services.lending.booking import Approved, Request
from services.lending.exposure import LimitUse, check, exposures, fitted
from services.lending.policy import policy_on
from services.lending.ties import DIMENSIONS, ties
from tests.lending_world import CUT_OFF, build, firm, inv

RULES = policy_on(CUT_OFF)
START = date(2026, 1, 15)
WAN = 1_000_000
GROUP, DEPEND = "a" * 16, "b" * 16
RELATION = {"src_is_person": False, "first": date(2024, 1, 1), "known_on": date(2024, 1, 1)}


def relation(kind, src, dst, until=None, **more):
    return {**RELATION, "kind": kind, "src": firm(src), "dst": firm(dst), "until": until, **more}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A and B are one group, A and C hang on core F along paths of goods, D is guaranteed by E."""
    return build(
        tmp_path_factory.mktemp("exposure"),
        [inv("AB", 20, 10, "1"), inv("BF", 20, 10, "2"), inv("CF", 20, 10, "3"), inv("DE", 20, 10, "4")],
        groups=pl.DataFrame(
            [{"id": GROUP, "kind": "control", "size": 2, "head": 0},
             {"id": DEPEND, "kind": "dependent", "size": 2, "head": 5}]
        ).cast({"head": pl.Int32}),
        group_members=pl.DataFrame({"group": [GROUP, GROUP, DEPEND, DEPEND], "enterprise": [0, 1, 2, 5]}),
        relations=pl.DataFrame(
            [relation("GUARANTEES", "E", "D"), relation("GUARANTEES", "E", "C", until=date(2025, 6, 30)),
             relation("GUARANTEES", "F", "C", first=date(2027, 1, 1))],
            schema_overrides={"until": pl.Date},
        ),
        goods_paths=pl.DataFrame(
            {"enterprise": [0, 2], "chain": "toy", "core": 5, "upstream": True, "worth": 0.5,
             "edges": [[0], [2]]}
        ),
        positions=pl.DataFrame(
            [{"enterprise": 0, "chain": "toy", "segment": "part", "basis": "observed"},
             {"enterprise": 2, "chain": "toy", "segment": "part", "basis": "inferred"}]
        ),
        inferred_links=pl.DataFrame([{"src": 3, "dst": 5, "probability": 0.99, "rank": 1, "way": "paths"}]),
        chains=[
            {"id": "toy", "name": {"zh": "玩具", "en": "toys"}, "segments": [], "cores": [{"enterprise": 5}]}
        ],
        enterprises={"D": {"region": "440300", "industry": None}},
    )  # fmt: skip


def of(world, *letters):
    rows = ties(world.snapshot, [world.row(x) for x in letters])
    return {(d, s) for _, d, s in rows.iter_rows()}


def test_what_a_loan_hangs_on(world):
    assert of(world, "A") == {
        ("borrower", firm("A")), ("group", GROUP), ("core", firm("F")), ("chain", "toy"), ("industry", "26"),
        ("region", "33"),
    }  # fmt: skip
    assert ("guarantor", firm("E")) in of(world, "D") & of(world, "E")
    assert ("region", "44") in of(world, "D") and not [s for d, s in of(world, "D") if d == "industry"]
    assert ("dependent", DEPEND) in of(world, "C") & of(world, "F")
    assert ("core", firm("F")) in of(world, "F")


def test_only_observed_and_standing_ties_count(world):
    told = of(world, "C")
    assert not [s for d, s in told if d == "chain"]  # an inferred place is no exposure
    assert not [s for d, s in told if d == "guarantor"]  # one ended, one has not begun
    assert not [s for d, s in of(world, "D") if d == "core"]  # an inferred link leads nowhere


def test_a_branch_counts_with_its_head_office(tmp_path):
    one = build(
        tmp_path, [inv("AB", 20, 10, "1")],
        groups=pl.DataFrame([{"id": GROUP, "kind": "one_entity", "size": 2, "head": 1}]),
        group_members=pl.DataFrame({"group": [GROUP, GROUP], "enterprise": [0, 1]}),
    )  # fmt: skip
    assert ("borrower", firm("B")) in of(one, "A") & of(one, "B")


@pytest.fixture
def lent(world, tmp_path):
    """A function that books a loan in a portfolio of 1,000 万 of its own."""
    state = State(tmp_path)
    with state.writing() as connection:
        chosen = portfolios.make(connection, "one", 1_000 * WAN, None, "ann").id

    def book(letter, wan, **more):
        granted = Approved(
            f"{letter}{wan}".ljust(16, "0"), firm(letter), wan * WAN, Decimal("0.06"), 12, date(2026, 2, 1)
        )
        return booking.book(world.snapshot, state, granted, Request(chosen, **more), "ann", START)

    book.state, book.portfolio = state, chosen
    return book


def test_limits_before_and_after(world, lent):
    uses = check(world.snapshot, lent.state, RULES, 0, 100 * WAN)
    assert [u.dimension for u in uses] == sorted((u.dimension for u in uses), key=DIMENSIONS.index)
    by_name = {u.dimension: u for u in uses}
    assert (by_name["borrower"].limit_fen, by_name["group"].limit_fen) == (150 * WAN, 200 * WAN)
    assert {u.before_fen for u in uses} == {0} and not any(u.breaks for u in uses)
    lent("A", 100)
    by_name = {u.dimension: u for u in check(world.snapshot, lent.state, RULES, 1, 120 * WAN)}
    assert by_name["group"].before_fen == 100 * WAN and by_name["group"].after_fen == 220 * WAN
    assert by_name["group"].breaks and not by_name["borrower"].breaks
    by_name = {u.dimension: u for u in check(world.snapshot, lent.state, RULES, 2, 10 * WAN)}
    assert by_name["core"].before_fen == 100 * WAN and by_name["core"].firms == 1


def test_what_would_break_a_limit_is_refused_and_names_it(world, lent):
    lent("A", 100)
    with pytest.raises(Conflict) as refused:
        lent("C", 110)
    told = refused.value.params
    assert (
        refused.value.code == "exposure_limit"
        and told["dimension"] == "core"
        and told["subject"] == firm("F")
    )
    assert (told["before_fen"], told["after_fen"], told["limit_fen"]) == (100 * WAN, 210 * WAN, 200 * WAN)
    assert told["left_fen"] == 100 * WAN
    assert lent("C", 100).made
    with pytest.raises(Conflict):
        lent("A", 151)
    done = lent("F", 10, override="the committee says so")
    assert done.loan.state == "waiting"  # and counts already
    told = exposures(world.snapshot, lent.state, lent.portfolio)
    assert told.total_fen == 210 * WAN
    full = {(u.dimension, u.subject): u.before_fen for u in told.uses}
    assert full["core", firm("F")] == 210 * WAN and full["borrower", firm("F")] == 10 * WAN
    assert full["dependent", DEPEND] == 110 * WAN and full["region", "33"] == 210 * WAN
    shares = [u.before_fen / u.limit_fen for u in told.uses]
    assert shares == sorted(shares, reverse=True)


def use(dimension, before, limit, effect, amount):
    return LimitUse(dimension, "x", limit, before, before + amount, 1, effect, "s", False)


def test_cut_to_what_is_left_or_referred():
    amount = 100 * WAN
    assert fitted([use("group", 0, amount, "cut", amount)], amount, RULES).action == "pass"
    fit = fitted([use("group", 60 * WAN, amount, "cut", amount)], amount, RULES)
    assert (fit.action, fit.amount_fen, fit.bound[0].dimension) == ("cut", 40 * WAN, "group")
    fit = fitted([use("group", amount, amount, "cut", amount)], amount, RULES)
    assert fit.action == "refer" and fit.bound
    fit = fitted([use("region", 60 * WAN, amount, "refer", amount)], amount, RULES)
    assert (fit.action, fit.amount_fen) == ("refer", amount)
    both = [use("group", 60 * WAN, amount, "cut", amount), use("region", 55 * WAN, amount, "refer", amount)]
    fit = fitted(both, amount, RULES)  # once cut, the region has room
    assert (fit.action, fit.amount_fen, len(fit.bound)) == ("cut", 40 * WAN, 1)


limits = st.tuples(st.integers(0, 10**9), st.integers(1, 10**9), st.sampled_from(["cut", "refer"]))


@given(st.lists(limits, max_size=6), st.integers(1, 10**9))
@settings(max_examples=200, deadline=None)
def test_what_passes_or_is_cut_breaks_no_limit(told, amount):
    uses = [use(str(n), before, limit, effect, amount) for n, (before, limit, effect) in enumerate(told)]
    fit = fitted(uses, amount, RULES)
    assert 0 <= fit.amount_fen <= amount
    if fit.action != "refer":
        after = [replace(u, after_fen=u.before_fen + fit.amount_fen) for u in uses]
        assert not any(u.breaks for u in after)
    assert (fit.action == "pass") == (not fit.bound)


def test_without_a_portfolio_the_policys_own_capital_counts(world, tmp_path):
    uses = check(world.snapshot, State(tmp_path), None, 0, 1)
    assert uses[0].limit_fen == RULES.value("capital_fen") * 15 // 100
    assert len({(u.dimension, u.subject) for u in uses}) == len(uses)  # over the house alone


def test_a_capital_of_nothing_leaves_no_room(world, lent):
    lent("A", 100)
    with lent.state.writing() as connection:
        portfolios.change(connection, lent.portfolio, "ann", capital_fen=1)
    told = exposures(world.snapshot, lent.state, lent.portfolio)
    assert {u.limit_fen for u in told.uses} == {0} and {u.room_fen for u in told.uses} == {0}


def test_a_firm_is_checked_in_the_portfolio_it_is_in(world, tmp_path):
    state = State(tmp_path)
    with state.writing() as connection:
        portfolios.make(connection, "first", 1_000 * WAN, None, "ann")
        second = portfolios.make(connection, "second", 2_000 * WAN, None, "ann").id
        portfolios.join(connection, second, [firm("C")], "ann")

    def limits(row):
        return {(u.dimension, u.over): u.limit_fen for u in check(world.snapshot, state, RULES, row, 1)}

    assert limits(2)["industry", "portfolio"] == 800 * WAN
    assert limits(0)["industry", "portfolio"] == 400 * WAN
    assert limits(0)["borrower", "house"] == limits(2)["borrower", "house"] == 450 * WAN
    assert exposure.exposures(world.snapshot, state, second).total_fen == 0
