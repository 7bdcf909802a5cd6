"""Days to pay: what is open counts as far as it was seen, pairs lean on their buyer."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from services.cashflow.books import books_of
from services.cashflow.delays import AT_ONCE, delays_of
from services.cashflow.policy import policy_on
from tests.cash_world import YUAN, CashWorld

CUT = date(2025, 12, 31)
RULES = policy_on(CUT).body


def delays(world, tmp_path):
    source, ledger = world.write(tmp_path)
    books = books_of(source, ledger, world.as_of, RULES["delay"]["statement_lag_days"])
    found = delays_of(source, books, RULES)
    return found, lambda seller, buyer: int(found.of[source.edge_between(seller, buyer)])


def test_where_nothing_is_seen_the_assumption_stands(tmp_path):
    world = CashWorld(2, CUT)
    world.invoice(0, 1, date(2025, 5, 1), 100 * YUAN)
    found, row = delays(world, tmp_path)
    assert found.basis[row(0, 1)] == "assumption"
    assert found.quantile(row(0, 1), 0.62) == 60
    assert found.quantile(row(0, 1), 0.999) is None  # some never pay
    assert found.quantile(AT_ONCE, 0.5) <= 3


def test_a_pair_is_told_by_its_payments_and_leans_on_its_buyer(tmp_path):
    world = CashWorld(6, CUT)
    for n in range(40):
        day = date(2024, 1, 5) + timedelta(days=14 * n)
        for seller, days in ((0, 20), (1, 60)):
            world.pay(world.invoice(seller, 5, day, 1_000 * YUAN), day + timedelta(days=days))
    world.pay(world.invoice(2, 5, date(2025, 6, 2), 1_000 * YUAN), date(2025, 6, 12))
    world.invoice(3, 5, date(2025, 6, 2), 1_000 * YUAN)
    world.stated(5, 0)
    found, row = delays(world, tmp_path)
    medians = [found.quantile(row(seller, 5), 0.5) for seller in range(3)]
    assert medians[0] == pytest.approx(20, abs=3)
    assert medians[1] == pytest.approx(60, abs=4)
    assert 20 < medians[2] < 61  # one payment after ten days does not outweigh the buyer's habit
    assert found.basis[row(0, 5)] == "edge"
    assert (found.basis[row(3, 5)], found.paid[row(3, 5)], found.open[row(3, 5)]) == ("buyer", 0, 1)


def test_what_is_open_is_not_taken_for_paid_early(tmp_path):
    """Half of the payments are cut off: their mean alone would be far too short."""
    rng = np.random.default_rng(3)
    world = CashWorld(2, CUT)
    true = rng.uniform(10, 110, 600)
    for days in true:
        day = CUT - timedelta(days=int(rng.integers(5, 130)))
        world.pay(world.invoice(0, 1, day, 500 * YUAN), day + timedelta(days=int(days)))
    world.first = date(2025, 1, 1)
    world.stated(0, 0)
    found, row = delays(world, tmp_path)
    seen = pl.DataFrame(world.settlements)
    assert len(seen) < 400
    assert found.quantile(row(0, 1), 0.5) == pytest.approx(np.median(true), abs=7)
    assert found.quantile(row(0, 1), 0.25) == pytest.approx(np.quantile(true, 0.25), abs=7)


def test_who_settles_at_the_years_end_is_told_by_the_month(tmp_path):
    world = CashWorld(3, CUT)
    for year in (2024, 2025):
        for month in range(1, 11):
            for seller in (0, 1):
                fact = world.invoice(seller, 2, date(year, month, 10), 800 * YUAN)
                world.pay(fact, date(year, 12, 27) if seller == 0 else date(year, month, 28))
    world.stated(2, 0)
    found, row = delays(world, tmp_path)
    held = found.held[row(0, 2)]
    assert (held.month, held.first, held.last) == (12, 27, 27)
    assert found.held[row(1, 2)] is None
    assert found.quantile(row(1, 2), 0.5) == pytest.approx(18, abs=3)


def test_what_comes_too_late_for_the_month_is_paid_after_it(tmp_path):
    """A seller whose late invoices are paid in spring is still one who is paid at the year's end."""
    world = CashWorld(2, CUT)
    for year in (2023, 2024, 2025):
        for month in (2, 4, 6, 8, 10, 12):
            paid = date(year + 1, 2, 9) if month == 12 else date(year, 12, 28)
            world.pay(world.invoice(0, 1, date(year, month, 3), 800 * YUAN), paid)
    world.first = date(2023, 1, 1)
    world.stated(0, 0)
    found, row = delays(world, tmp_path)
    assert found.held[row(0, 1)].month == 12
