"""A firm's dated cash path: known flows once, on banking days; sums that agree; honest intervals."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.claims import Held as HeldReceivable
from ledger.claims import Search, hold
from ledger.errors import InputError
from ledger.state import State
from services.calendar import is_banking_day, tax_due
from services.cashflow.ground import ground_of
from services.cashflow.habits import fixed_of, habits_of
from services.cashflow.outlook import interval, outlook_of, shortfall, stretches, summed
from services.cashflow.path import Asked, cash_path, path_on
from services.cashflow.receivable import open_of
from services.lending.receivables import receivables
from tests.cash_world import YUAN, CashWorld, drawn_world, firm_id, steady

CUT = date(2025, 12, 31)
YEAR = Asked(365)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The steady world's snapshot and ledger."""
    return steady(CUT).write(tmp_path_factory.mktemp("steady"))


@pytest.fixture(scope="module")
def ground(plain):
    return ground_of(*plain)


def written(world, tmp_path):
    return ground_of(*world.write(tmp_path))


def known(path, kind):
    return [one for one in path.known if one.kind == kind]


def test_a_steady_firm_is_paid_what_it_sells_a_month_later(ground):
    path = path_on(ground, 0, YEAR)
    inflow, outflow = path.expected_fen.sum(axis=1)
    # twelve months of a million and half a million, with tax, after thirty days
    assert inflow == pytest.approx(12_000_000 * YUAN, rel=0.15)
    assert outflow == pytest.approx(6_000_000 * YUAN, rel=0.2)
    (open_,) = known(path, "receivable")
    assert (open_.amount_fen, open_.partner, open_.basis) == (
        pytest.approx(1_000_000 * YUAN, rel=0.05),
        1,
        "statements",
    )
    assert date(2026, 1, 5) <= open_.on <= date(2026, 1, 20)


def test_money_moves_on_banking_days_alone(ground):
    path = path_on(ground, 0, YEAR)
    for side in (path.inflow_fen, path.outflow_fen):
        moving = np.flatnonzero(side.any(axis=0))
        assert len(moving) > 100
        assert all(is_banking_day(path.start + timedelta(days=int(d))) for d in moving)


def test_the_balance_is_the_opening_one_and_all_that_moved(ground):
    path = path_on(ground, 0, YEAR)
    assert (path.opening_fen, path.opening_on, path.basis) == (500_000 * YUAN, CUT, "own")
    moved = (path.inflow_fen - path.outflow_fen).sum(axis=1)
    assert (path.balance()[:, -1] == path.opening_fen + moved).all()
    assert (
        path_on(ground, 0, YEAR, opening_fen=7).balance()[0, 0]
        == 7 + (path.inflow_fen - path.outflow_fen)[0, 0]
    )


def test_partial_books_say_so_and_tell_no_balance(ground):
    path = path_on(ground, 3, YEAR)
    codes = {one.code for one in path.notes}
    assert path.basis == "partial"
    assert path.opening_fen is None
    assert {"cashflow_no_statement", "cashflow_no_tax", "cashflow_sales_seen", "cashflow_no_opening"} <= codes
    assert {one.basis for one in path.known} == {"not_proven"}
    assert shortfall(outlook_of(ground, [3], YEAR, None)) is None


def test_receivables_are_those_of_the_receivables_ledger(plain, ground):
    said = receivables(*plain, 0)
    open_ = open_of(ground, 0, plain[0].customers(0), selling=True, noted=False)
    assert int(open_.open_fen.sum()) == said["open_fen"].sum() == 1_000_000 * YUAN


@pytest.mark.slow
def test_a_receivable_that_was_sold_no_longer_comes_in(tmp_path):
    source, ledger = steady(CUT).write(tmp_path)
    before = cash_path(source, ledger, 0)
    (fact,) = receivables(source, ledger, 0).filter(receivables(source, ledger, 0)["open_fen"] > 0)["fact"]
    found = Search(number="S1", on=CUT, result="free")
    held = HeldReceivable(fact, (fact,), 1_000_000 * YUAN)
    hold(
        State(ledger.folder),
        "purchase",
        firm_id(0),
        "某银行",
        [held],
        found,
        by="tester",
        registered=("R1", CUT),
    )
    with_claim = cash_path(source, ledger, 0)
    assert before.expected_fen[0].sum() - with_claim.expected_fen[0].sum() == pytest.approx(
        1_000_000 * YUAN, rel=0.05
    )
    assert not known(with_claim, "receivable")
    assert "cashflow_purchased" in {one.code for one in with_claim.notes}


def contract(world, seller, buyer, amount_fen, signed, due, number=1):
    """A signed contract whose whole amount is due on one day."""
    fact = f"{number:x}".rjust(16, "c")
    world.contracts.append(
        {
            "seller": seller, "buyer": buyer, "contract": fact, "kind": "sales", "currency": "CNY",
            "happened_on": signed, "amount_fen": amount_fen, "basis": "with_tax",
        }
    )  # fmt: skip
    world.terms.append(
        {
            "seller": seller, "buyer": buyer, "contract": fact, "term": 1, "kind": "payment", "share": 1.0,
            "amount_fen": amount_fen, "trigger": "date", "due_on": due,
        }
    )  # fmt: skip


@pytest.mark.slow
def test_a_contract_replaces_the_forecast_of_the_same_two_firms(plain, tmp_path):
    base = path_on(ground_of(*plain), 0, YEAR).expected_fen[0].sum()
    usual, new = steady(CUT), steady(CUT)
    signed, due, fen = date(2025, 12, 20), date(2026, 5, 1), 3_000_000 * YUAN
    contract(usual, 0, 1, fen, signed, due)
    contract(new, 0, 4, fen, signed, due)
    (tmp_path / "a").mkdir()
    with_usual = path_on(written(usual, tmp_path / "a"), 0, YEAR)
    with_new = path_on(written(new, tmp_path / "b"), 0, YEAR)
    (flow,) = known(with_usual, "contract")
    assert (flow.on, flow.amount_fen, flow.partner) == (date(2026, 5, 6), fen, 1)  # the May week rolls it
    assert with_usual.expected_fen[0].sum() == pytest.approx(base, rel=0.06)
    assert with_new.expected_fen[0].sum() == pytest.approx(base + fen, rel=0.02)


@pytest.mark.slow
def test_what_a_contract_has_billed_is_awaited_once(tmp_path):
    world = steady(CUT)
    contract(world, 0, 1, 1_600_000 * YUAN, date(2025, 12, 1), date(2026, 3, 2))
    path = path_on(written(world, tmp_path), 0, YEAR)
    # the invoice of 10 December is the contract's first million
    assert [one.amount_fen for one in known(path, "contract")] == [600_000 * YUAN]


@pytest.mark.slow
def test_rent_and_outlays_that_come_back_fall_on_their_days(tmp_path):
    world = steady(CUT)
    for n in range(12):
        month = n + 1
        world.move(0, "out", date(2025, month, 10), 80_000 * YUAN + n, "wages")
        world.move(0, "out", tax_due(2025, month), 9_000 * YUAN, "tax")
        world.move(0, "out", date(2025, month, 3 + n), 50 * YUAN * (n % 2), "fee")
    world.contracts.append(
        {"seller": 4, "buyer": 0, "contract": "c" * 16, "kind": "lease", "currency": "CNY",
         "happened_on": date(2024, 1, 1), "until": date(2028, 1, 1)}
    )  # fmt: skip
    world.terms.append(
        {"seller": 4, "buyer": 0, "contract": "c" * 16, "term": 1, "kind": "rent",
         "amount_fen": 30_000 * YUAN, "trigger": "date", "due_on": date(2024, 1, 1),
         "every_months": 3, "until": date(2028, 1, 1)}
    )  # fmt: skip
    ground = written(world, tmp_path)
    path = path_on(ground, 0, YEAR)
    assert [one.on for one in known(path, "tax")] == [tax_due(2026, month) for month in range(1, 13)]
    wages = known(path, "wages")
    assert [one.on for one in wages[:3]] == [date(2026, 1, 12), date(2026, 2, 10), date(2026, 3, 10)]
    assert wages[0].amount_fen == pytest.approx(80_000 * YUAN, rel=0.001)
    assert [one.on for one in known(path, "rent")] == [
        date(2026, 1, 4), date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 8)
    ]  # fmt: skip
    assert {(one.kind, one.every) for one in fixed_of(ground, 0)} >= {("wages", 1), ("tax", 1), ("rent", 3)}


def test_vat_follows_sales_less_purchases_where_no_statement_shows_tax(ground):
    flows = known(path_on(ground, 0, YEAR), "vat")
    assert all(one.on == tax_due(one.on.year, one.on.month) for one in flows)
    # 13 % within a million less half a million, and 12 % surcharges
    month = 500_000 * YUAN * 0.13 / 1.13 * 1.12
    assert flows[0].amount_fen == pytest.approx(month, rel=0.02)


@pytest.mark.slow
def test_bills_come_in_and_go_out_when_they_fall_due(tmp_path):
    world = steady(CUT)
    held = {"owner": 0, "number": "B1", "kind": "bank", "event": "received", "happened_on": date(2025, 11, 1),
            "due_on": date(2026, 2, 20), "amount_fen": 70_000 * YUAN}  # fmt: skip
    gone = {**held, "number": "B2", "event": "discounted"}
    owed = {**held, "number": "B3", "event": "accepted", "acceptor": firm_id(0), "due_on": date(2026, 3, 3)}
    world.bills = [{"acceptor": firm_id(1), **held}, {"acceptor": firm_id(1), **gone}, owed]
    flows = known(path_on(written(world, tmp_path), 0, YEAR), "bill")
    assert [(one.direction, one.on) for one in flows] == [
        ("in", date(2026, 2, 24)),
        ("out", date(2026, 3, 3)),
    ]


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sets(st.integers(0, 4), min_size=2), st.integers(10, 390), st.sampled_from(["day", "week", "month"])
)
def test_sums_of_firms_and_of_days_are_exact(ground, firms, days, step):
    asked = Asked(days, scenarios=20)
    whole = outlook_of(ground, sorted(firms), asked, None)
    parts = [path_on(ground, firm, asked) for firm in sorted(firms)]
    assert (whole.expected == sum(one.expected_fen for one in parts)).all()
    assert (whole.moved[0] == sum(one.inflow_fen for one in parts)).all()
    assert (whole.moved[1] == sum(one.outflow_fen for one in parts)).all()
    steps = [one for one in stretches(whole.start, step, 400) if (one[1] - whole.start).days < days]
    if steps:
        within = (steps[-1][1] - whole.start).days + 1
        for values in (whole.expected, whole.moved):
            cut = values[..., :within]
            assert (summed(cut, whole.start, steps).sum(axis=-1) == cut.sum(axis=-1)).all()
    mean = whole.moved.mean(axis=1)
    assert np.abs(np.cumsum(whole.expected - mean, axis=1)).max() <= len(firms)  # rounding does not drift


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 4), st.integers(1, 364))
def test_a_shorter_path_is_the_beginning_of_a_longer_one(ground, firm, days):
    short, long = path_on(ground, firm, Asked(days)), path_on(ground, firm, YEAR)
    assert (short.inflow_fen == long.inflow_fen[:, :days]).all()
    assert (short.outflow_fen == long.outflow_fen[:, :days]).all()
    assert (short.expected_fen == long.expected_fen[:, :days]).all()


@pytest.mark.slow
def test_what_was_not_known_on_the_day_changes_nothing(plain, tmp_path):
    cut = date(2025, 6, 30)
    early = path_on(ground_of(*steady(cut, months=18).write(tmp_path)), 3, YEAR)
    late = path_on(ground_of(*plain, cut), 3, YEAR)
    assert (early.expected_fen == late.expected_fen).all()


@pytest.mark.slow
def test_a_day_within_a_month_knows_its_invoices_and_forecasts_the_rest(plain):
    path = path_on(ground_of(*plain, date(2025, 6, 15)), 0, Asked(60))
    # the invoice of 10 June is known: no second one is expected for June
    assert path.inflow_fen[:, :46].sum(axis=1).mean() == pytest.approx(1_000_000 * YUAN, rel=0.35)


@pytest.mark.slow
def test_a_shortfall_has_a_day_and_a_probability(tmp_path):
    world = steady(CUT)
    for month in range(1, 13):
        world.move(0, "out", date(2025, month, 10), 900_000 * YUAN, "wages")
    ground = written(world, tmp_path)
    found = shortfall(outlook_of(ground, [0], YEAR, 500_000 * YUAN))
    assert found.probability > 0.95
    assert found.from_on <= found.likely_on <= found.until_on
    assert found.needed_fen > 1_000_000 * YUAN
    safe = shortfall(outlook_of(ground, [0], YEAR, 10**12))
    assert (safe.probability, safe.likely_on, safe.needed_fen) == (0.0, None, 0)


@pytest.mark.slow
def test_peaks_are_months_that_stand_out_in_every_year(tmp_path):
    world = CashWorld(3, CUT, own=frozenset({0, 1}))
    for n in range(24):
        year, month = 2024 + n // 12, n % 12 + 1
        for day in (5, 15):
            high = 8 if month in (4, 8) else 1
            once = 8 if (year, month) == (2024, 6) else 1  # in one year alone: no habit
            world.invoice(1, 0, date(year, month, day), 100_000 * YUAN * high * once)
            world.invoice(0, 2, date(year, month, day), 100_000 * YUAN * (6 if month == 9 else 1))
    habits = {one.what: one for one in habits_of(written(world, tmp_path), 0)}
    assert habits["buys"].months == (4, 8)
    assert habits["ships"].months == (9,)
    assert (habits["paid"].months, habits["paid"].reason) == ((), "not_seen")


@pytest.mark.slow
def test_no_peak_is_told_of_under_two_years(tmp_path):
    world = steady(CUT, months=20)
    assert {one.reason for one in habits_of(written(world, tmp_path), 0)} == {"short"}


@pytest.mark.parametrize("days", [0, -5, 401])
def test_a_horizon_out_of_range_is_refused(ground, days):
    with pytest.raises(InputError, match="1 to 400"):
        path_on(ground, 0, Asked(days))


@pytest.mark.parametrize(
    ("day", "code"),
    [(date(2023, 6, 1), "cashflow_before_data"), (date(2026, 1, 1), "cashflow_after_data")],
)
def test_a_day_outside_the_data_is_refused(plain, day, code):
    with pytest.raises(InputError) as refused:
        cash_path(*plain, 0, day)
    assert refused.value.code == code


def test_intervals_of_draws_hold_what_they_promise():
    rng = np.random.default_rng(1)
    draws = rng.normal(size=(200, 4_000))
    fresh = rng.normal(size=4_000)
    for level in (80, 90, 95):
        low, high = interval((draws * 1e6).astype(np.int64), level)
        assert ((fresh * 1e6 >= low) & (fresh * 1e6 <= high)).mean() == pytest.approx(level / 100, abs=0.02)


@pytest.mark.slow
def test_intervals_hold_the_truth_of_a_drawn_world(tmp_path):
    """What is really paid after the cut-off lies inside as often as promised, by week and by month."""
    sellers, days = 160, 91
    inside = {(step, level): [] for step in ("week", "month") for level in (80, 90, 95)}
    world, truth = drawn_world(7, sellers, date(2025, 9, 30), days)
    ground = written(world, tmp_path)
    asked = replace(Asked(days), scenarios=400)
    for seller in range(sellers):
        path = path_on(ground, seller, asked)
        for step, count in (("week", 13), ("month", 3)):
            steps = stretches(path.start, step, count)
            drawn = summed(path.inflow_fen, path.start, steps)
            came = summed(truth.received[seller], path.start, steps)
            for level in (80, 90, 95):
                low, high = interval(drawn, level)
                inside[step, level] += ((came >= low) & (came <= high)).tolist()
    held = {key: float(np.mean(values)) for key, values in inside.items()}
    for (_, level), share in held.items():
        assert share == pytest.approx(level / 100, abs=0.045), held
