"""Plans of idle money: who may be shown what, no needed money in a lock, caps kept, checks that bite."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.wealth_check import broken, free_money, may_be_advised, missing
from bench.wealth_plans import DAY, Path, _case, cases, customer, firm_path, plan, rungs_of
from ledger.errors import InputError
from seeds.shelf import shelf
from services.wealth.customer import Assessment, Customer, suitable
from services.wealth.match import Question, key_of, match
from services.wealth.needs import needs_of
from services.wealth.offers import offers, shortlist
from services.wealth.policy import policies, policy_on
from services.wealth.programme import Programme, cvar, tail_weights

PRODUCTS = shelf(1_200)
AMOUNT = 100_000_000


@pytest.fixture(scope="module")
def path():
    return firm_path(120, 3, amount_fen=AMOUNT)


@pytest.fixture(scope="module")
def question():
    return Question(customer(), DAY, 182, AMOUNT)


@pytest.fixture(scope="module")
def found(path, question):
    return match(PRODUCTS, path, question)


def test_the_plan_keeps_every_rule_and_earns_more_than_open_products(found, path, question):
    assert broken(_case(question, path), rungs_of(found), found.ladder.account_fen) == []
    assert found.ladder.placed_fen == AMOUNT
    assert found.ladder.rate > found.ladder.open_rate > found.policy.account_rate
    assert found.on_shelf > found.suitable > found.in_time >= len(found.offers)
    assert found.ladder.checked.scenarios == 60


def test_the_same_question_gives_the_same_plan(found, path, question):
    again = match(PRODUCTS, path, question)
    assert np.array_equal(again.ladder.rows, found.ladder.rows)
    assert np.array_equal(again.ladder.amount_fen, found.ladder.amount_fen)
    assert again.ladder.checked == found.ladder.checked


def test_the_checker_sees_what_is_wrong(found, path, question):
    """A checker that finds nothing proves nothing: each rule is broken once."""
    case, rungs = _case(question, path), rungs_of(found)
    account = found.ladder.account_fen
    early = replace(rungs[-1], until=rungs[-1].bought_on, money_on=rungs[-1].bought_on)
    assert {"asked_back_in_lock", "money_before_settlement"} <= set(
        broken(case, [*rungs[:-1], early], account)
    )
    risky = replace(rungs[0], product={**rungs[0].product, "level": 3})
    assert "above_level" in broken(case, [risky, *rungs[1:]], account)
    private = replace(rungs[0], product={**rungs[0].product, "audience": "private", "investors": "natural"})
    assert {"private_to_ordinary", "wrong_investor"} <= set(broken(case, [private, *rungs[1:]], account))
    assert "amounts_do_not_add_up" in broken(case, rungs, account + 1)
    assert "no_assessment" in broken(replace(case, expires_on=DAY - timedelta(days=1)), rungs, account)
    locked = [replace(one, money_on=case.start + timedelta(days=181)) for one in rungs]
    assert "needed_in_lock" in broken(case, locked, account)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (None, "wealth_not_assessed"),
        ({"expires_on": DAY - timedelta(days=1)}, "wealth_assessment_expired"),
        (
            {"assessed_on": DAY - timedelta(days=366), "expires_on": DAY + timedelta(days=300)},
            "wealth_assessment_expired",
        ),
        ({"assessed_on": DAY + timedelta(days=1)}, "wealth_assessed_later"),
        ({"level": "C9"}, "wealth_level_unknown"),
        ({"assessor": " "}, "wealth_no_assessor"),
    ],
)
def test_without_an_assessment_in_force_nothing_is_proposed(path, question, change, code):
    told = question.customer.assessment
    who = Customer(None if change is None else replace(told, **change))
    with pytest.raises(InputError) as caught:
        match(PRODUCTS, path, replace(question, customer=who))
    assert caught.value.code == code


def test_the_last_day_of_an_assessment_still_counts(path, question):
    told = replace(question.customer.assessment, expires_on=DAY)
    assert match(PRODUCTS, path, replace(question, customer=Customer(told))).ladder.rows.size


@pytest.mark.parametrize("level", range(1, 6))
def test_levels_classes_and_persons_decide_what_is_shown(level):
    policy, told = policy_on(DAY), Assessment(f"C{level}", "desk", DAY, DAY)
    plain = suitable(PRODUCTS, Customer(told), DAY, policy)
    assert plain["level"].max() == level
    assert set(plain["audience"]) == {"public"}
    assert set(plain["investors"]) == {"both", "institution"}
    person = suitable(PRODUCTS, Customer(told, natural_person=True), DAY, policy)
    assert set(person["investors"]) == {"both", "natural"}
    if level > 1:
        assert "private" in set(
            suitable(PRODUCTS, Customer(told, professional=True), DAY, policy)["audience"]
        )


def test_what_is_needed_at_once_is_not_placed(question):
    out = np.zeros((40, 182), np.int64)
    out[:, 0] = AMOUNT
    found = match(PRODUCTS, Path(date(2026, 1, 1), np.zeros_like(out), out), question)
    assert found.ladder.account_fen == AMOUNT
    assert found.ladder.rate == pytest.approx(found.policy.account_rate)


def test_what_is_never_needed_goes_where_it_yields_most(question):
    nothing = np.zeros((40, 182), np.int64)
    idle = match(PRODUCTS, Path(date(2026, 1, 1), nothing, nothing), question)
    out = nothing.copy()
    out[:, 60] = AMOUNT // 2
    half = match(PRODUCTS, Path(date(2026, 1, 1), nothing, out), question)
    assert idle.ladder.rate > half.ladder.rate > half.ladder.open_rate
    assert idle.ladder.account_fen < AMOUNT // 1000
    free = free_money(
        _case(question, Path(date(2026, 1, 1), nothing, out)), rungs_of(half), half.ladder.account_fen
    )
    assert free[60] >= AMOUNT // 2


def test_quick_redemption_counts_up_to_its_cap_only(question):
    """Money needed on the second day, before any ordinary redemption arrives: account plus caps."""
    cash = PRODUCTS.filter((PRODUCTS["kind"] == "cash_management") & (PRODUCTS["quick_cap_fen"] == 1_000_000))
    out = np.zeros((40, 182), np.int64)
    out[:, 2] = 30_000_000
    found = match(cash, Path(date(2026, 1, 5) - timedelta(days=4), np.zeros_like(out), out), question)
    case = _case(question, Path(date(2026, 1, 1), np.zeros_like(out), out))
    assert broken(case, rungs_of(found), found.ladder.account_fen) == []
    quick = sum(min(one.amount_fen, 1_000_000) for one in rungs_of(found))
    assert found.ladder.account_fen >= 30_000_000 - quick


@pytest.mark.parametrize("scenarios", [1, 2, 3])
def test_a_path_of_few_scenarios_is_enough(question, scenarios):
    out = np.zeros((scenarios, 182), np.int64)
    out[:, 50] = AMOUNT // 3
    path = Path(date(2026, 1, 1), np.zeros_like(out), out)
    found = match(PRODUCTS, path, question)
    assert broken(_case(question, path), rungs_of(found), found.ladder.account_fen) == []
    low, middle, high = found.ladder.checked.yields
    assert low < middle < high


@pytest.mark.parametrize("amount", [1, 50, 1_000, 10**16])
def test_sums_that_no_product_takes_stay_in_the_account(question, amount):
    nothing = np.zeros((10, 182), np.int64)
    found = match(PRODUCTS, Path(date(2026, 1, 1), nothing, nothing), replace(question, amount_fen=amount))
    assert found.ladder.placed_fen == amount


def test_the_cap_of_the_rules_binds_whatever_a_product_says():
    import polars as pl

    policy, generous = policy_on(DAY), PRODUCTS.with_columns(quick_cap_fen=pl.lit(10**9))
    assert offers(generous, date(2026, 1, 1), 182, AMOUNT, policy).quick_fen.max() == policy.quick_cap_fen


def test_the_reserve_pays_first():
    flows = np.zeros((4, 30), np.int64), np.full((4, 30), 100, np.int64)
    assert needs_of(*flows, 30, 10_000).need_fen.max() == 3_000
    assert needs_of(*flows, 30, 10_000, 2_000).need_fen.max() == 1_000
    short = needs_of(*flows, 30, 500)
    assert short.short.all()
    assert short.need_fen.max() == 500


def test_stretches_look_at_their_last_day_before_it_begins():
    out = np.zeros((1, 40), np.int64)
    out[0, 20] = 7
    needs = needs_of(np.zeros_like(out), out, 40, 100)
    at = int(np.flatnonzero(needs.need_fen[0])[0])
    assert needs.begins[at] <= 20 < [*needs.begins, 40][at + 1]


@given(st.lists(st.floats(0, 1), min_size=5, max_size=60), st.sampled_from([0.5, 0.9, 0.95]))
def test_cvar_is_the_mean_of_the_worst(losses, level):
    loss = np.array(losses)
    assert tail_weights(loss, level).sum() == pytest.approx(1)
    value = cvar(loss, level)
    assert value >= loss.mean() - 1e-12
    assert value <= loss.max() + 1e-12
    # Rockafellar and Uryasev: min over t of t + mean((loss − t)⁺) / (1 − level), met at one of the losses.
    other = min(t + np.maximum(loss - t, 0).mean() / (1 - level) for t in (0.0, *losses))
    assert value == pytest.approx(other, abs=1e-9)


def test_the_programme_equals_one_that_holds_every_scenario(path, question):
    """The same optimum as Rockafellar and Uryasev's programme written out over all scenarios."""
    from scipy.optimize import linprog

    policy = policy_on(DAY)
    every = offers(suitable(PRODUCTS, question.customer, DAY, policy), path.start, 182, AMOUNT, policy)
    few = every.take(shortlist(every, 40))
    needs = needs_of(path.inflow_fen, path.outflow_fen * 2, 182, AMOUNT)
    from services.wealth.programme import Bounds

    bounds = Bounds(AMOUNT, 182, policy.issuer_share, 0.7, 0.9, policy.account_rate)
    shock = np.zeros(len(needs.short))
    made = Programme(few, needs, shock, bounds)
    limit = 0.02
    x = made.solve(limit, np.zeros(len(few), bool))
    k, g, n, q = len(needs.short), len(needs.begins), made.n, len(made.quick)
    unit = np.stack([made.free(row) for row in np.eye(1 + n + q)], axis=1)
    size = 1 + n + q + 1 + k + k  # shares, t, z, u
    rows, most = [], []
    for s in range(k):
        for t in range(g):
            row = np.zeros(size)
            row[: 1 + n + q] = -unit[t]
            row[1 + n + q + 1 + s] = -1
            rows.append(row)
            most.append(-needs.need_fen[s, t] / AMOUNT)
        row = np.zeros(size)
        row[1 + n + q], row[1 + n + q + 1 + s], row[1 + n + q + 1 + k + s] = -1, 1, -1
        rows.append(row)
        most.append(0.0)
    row = np.zeros(size)
    row[1 + n + q], row[1 + n + q + 1 + k :] = 1, 1 / (k * 0.1)
    rows.append(row)
    most.append(limit)
    for t in range(g):
        row = np.zeros(size)
        row[: 1 + n + q] = -unit[t]
        rows.append(row)
        most.append(-made.needed[t] / AMOUNT)
    for issuer in set(few.frame["issuer"]):
        row = np.zeros(size)
        row[1 : 1 + n] = (few.frame["issuer"] == issuer).to_numpy()
        rows.append(row)
        most.append(policy.issuer_share)
    for at, product in enumerate(made.quick):
        row = np.zeros(size)
        row[1 + n + at], row[1 + product] = 1, -1
        rows.append(row)
        most.append(0.0)
    upper = [1.0, *few.most_fen / AMOUNT, *few.quick_fen[made.quick] / AMOUNT, *[None] * (1 + 2 * k)]
    lower = [0.0] * (1 + n + q) + [None] + [0.0] * (2 * k)
    whole = np.zeros((1, size))
    whole[0, : 1 + n] = 1
    cost = np.concatenate([-made.rate, np.zeros(size - 1 - n)])
    best = linprog(cost, np.array(rows), most, whole, [1.0], list(zip(lower, upper, strict=True)))
    assert made.rate @ x[: 1 + n] == pytest.approx(-best.fun, abs=2e-6)
    assert cvar(made.missing(x, needs, shock).locked, 0.9) <= limit + 3e-5


def test_a_shortlist_loses_next_to_nothing(path, question):
    policy = policy_on(DAY)
    every = offers(suitable(PRODUCTS, question.customer, DAY, policy), path.start, 182, AMOUNT, policy)
    rows = shortlist(every, 60)
    assert len(rows) == 60
    best = int(np.argmax(every.rate))
    assert best in rows
    few = match(PRODUCTS, path, replace(question, shortlisted=60))
    many = match(PRODUCTS, path, replace(question, shortlisted=10_000))
    assert few.ladder.rate == pytest.approx(many.ladder.rate, abs=2e-4)


def test_shortlists_are_shared_by_kind_of_customer(path, question):
    made = []
    kept = {}

    def keep(key, make):
        if key not in kept:
            made.append(key)
            kept[key] = make()
        return kept[key]

    first = match(PRODUCTS, path, question, keep)
    second = match(PRODUCTS, path, replace(question, amount_fen=AMOUNT + 3_000), keep)
    assert len(made) == 1
    assert second.ladder.placed_fen == first.ladder.placed_fen + 3_000
    other = replace(question, customer=customer("C3"))
    assert key_of(other) != key_of(question)


def test_policies_are_dated_and_say_where_they_come_from():
    assert [one.since for one in policies()] == sorted(one.since for one in policies())
    with pytest.raises(InputError):
        policy_on(date(2020, 1, 1))


def test_the_plan_holds_on_paths_it_never_saw():
    figures = plan(seed=7)
    assert figures["gain_bp"] >= 45
    assert figures["cvar_ratio"] <= 1.5
    assert figures["greedy"]["cvar_ratio"] > 10


def test_generated_cases_break_no_rule():
    figures = cases(30, seed=5)
    assert figures["violations"] == 0
    assert figures["planned"] > 8
    assert figures["refused"] > 6


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(7, 200), st.integers(10**5, 10**11))
def test_any_needs_leave_them_free(seed, horizon, amount):
    rng = np.random.default_rng(seed)
    net = (rng.normal(0.002, 0.03, (24, horizon)) * amount).astype(np.int64)
    path = Path(date(2026, 1, 1), np.maximum(-net, 0), np.maximum(net, 0))
    question = Question(customer("C3"), DAY, horizon, amount)
    found = match(PRODUCTS[::15], path, question)
    case = _case(question, path)
    assert may_be_advised(case)
    assert broken(case, rungs_of(found), found.ladder.account_fen) == []
    assert missing(case, rungs_of(found), found.ladder.account_fen).mean() < 0.05


@pytest.mark.slow
def test_more_generated_cases_break_no_rule():
    assert cases(600, seed=11)["violations"] == 0
