"""The rate and the portfolio of most expected profit."""

from decimal import Decimal
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import InputError
from services.credit.pricing import Churn, default_churn, laplace, offer, portfolio, price, profits

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "cumcm2020c"
CHURN = Churn(np.array([0.04, 0.08, 0.12]), np.array([0.0, 0.3, 0.9]))


def test_the_best_rate_by_hand():
    # 0.04·0.99 - 0.45·0.01 = .0351; 0.7·(.0792 - .0045) = .05229; 0.1·(.1188 - .0045) = .01143
    assert profits(0.01, 0.45, CHURN) == pytest.approx([0.0351, 0.05229, 0.01143])
    found = offer(0.01, 0.45, CHURN)
    assert found.rate == Decimal("0.0800") and found.keeps == pytest.approx(0.7)


def test_no_rate_pays_for_a_firm_that_surely_fails():
    assert price(1.0, 1.0, CHURN) is None
    assert offer(0.5, 0.45, CHURN) is None


@given(st.floats(0, 0.3), st.floats(0, 0.1))
def test_a_riskier_firm_earns_less_and_pays_no_less(pd, more):
    one, other = offer(pd, 0.45, default_churn()), offer(pd + more, 0.45, default_churn())
    if other is not None:
        assert one is not None and one.profit >= other.profit and one.rate <= other.rate


def test_shares_outside_their_range_are_refused():
    with pytest.raises(ValueError, match="shares"):
        price(1.2, 0.45, CHURN)


@pytest.mark.parametrize(("rates", "lost"), [
    ([0.05, 0.04], [0, 0]), ([0.05], [1.2]), ([], []), ([0.05, 0.06], [0.1]), ([0.05], [float("nan")]),
])  # fmt: skip
def test_a_table_that_is_none(rates, lost):
    with pytest.raises(InputError):
        Churn(np.array(rates), np.array(lost))


def test_few_cases_never_prove_nothing_or_all():
    assert laplace(0, 27) == pytest.approx(0.5 / 28)
    assert laplace(0, 0) == 0.5


@given(st.lists(st.integers(-3, 6), min_size=1, max_size=5), st.integers(0, 12), st.integers(0, 8))
@settings(max_examples=40, deadline=None)
def test_the_portfolio_is_the_best_of_all(profit, budget, cap):
    """Against every combination of amounts 0, 2 or 3 (an optimum lies there, but for one that fills up)."""
    unit, n = 1_000_000, len(profit)
    earned = np.array(profit, np.float64) / 100
    groups, caps = ([list(range(min(2, n)))], [cap * unit])
    found = portfolio(earned, budget * unit, 2 * unit, 3 * unit, groups, caps)
    amounts = found.amount_fen
    assert amounts.sum() <= budget * unit and amounts[:2].sum() <= cap * unit
    assert (((amounts >= 2 * unit) & (amounts <= 3 * unit)) | (amounts == 0)).all()
    best = max(
        float(np.dot(earned, each)) * unit
        for each in product((0, 2, 2.5, 3), repeat=n)
        if sum(each) <= budget and sum(each[:2]) <= cap
    )
    assert found.profit_fen >= round(best) - 1 and found.optimal


def test_nothing_to_lend_and_nobody_to_lend_to():
    assert portfolio(np.array([0.1]), 5, 10, 100).amount_fen.tolist() == [0]
    assert portfolio(np.empty(0), 500, 10, 100).profit_fen == 0


@pytest.mark.data
@pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not here")
def test_attachment_three():
    from bench.credit_pricing import priced

    found = priced(DATA)
    assert found["rates"] == pytest.approx([7.45, 9.45, 14.25])
    assert found["profit"] == pytest.approx([78.74, 116.93, 160.47], abs=0.01)
