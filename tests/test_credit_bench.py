"""The measuring of credit models: nobody is asked about whom a model has seen, and figures by hand."""

import numpy as np
import pytest

from bench.credit_cumcm import Firms, paired, repeated, shuffled, trained
from bench.credit_reach import reach
from bench.credit_rivals import boosted_rival, rank_logistic
from services.credit.models.figures import auc
from services.credit.models.fitting import Cases
from services.credit.models.training import Plan
from tests.credit_worlds import NAMES, cases


def firms(n: int = 60) -> Firms:
    c = cases(n)
    group = np.arange(n)
    group[1::10] = group[::10]  # two books of one firm
    return Firms(NAMES, Cases(c.rows, c.bad, c.direction, group))


def test_a_model_never_sees_whom_it_is_asked_about():
    asked = firms()
    twins = dict(zip(asked.cases.rows[:, 0], asked.cases.group, strict=True))

    def spy(shown: Cases, rows):
        assert not {twins[v] for v in shown.rows[:, 0]} & {twins[v] for v in rows[:, 0]}
        return np.full(len(rows), 0.5)

    told = repeated(asked, spy)
    assert told.shape == (20, 60) and (told == 0.5).all()


def test_each_rival_tells_probabilities():
    c = cases(200)
    for model in (rank_logistic, boosted_rival, trained(Plan(kinds=("line",), parts=3))):
        told = model(c.of(np.arange(150)), c.rows[150:])
        assert ((told > 0) & (told < 1)).all() and auc(told, c.bad[150:]) > 0.6


def test_the_interval_of_one_model_against_itself_is_nought():
    c = cases(100)
    told = np.tile(c.rows[:, 0], (3, 1))
    assert paired(told, told, c.bad, draws=20) == (0.0, 0.0)


def test_shuffling_moves_graph_features_only():
    c = cases(50)
    plain = Firms(("log_sales", "sales_void_share", "buyers_size", "buyers_growth"), c)
    mixed = shuffled(plain)
    np.testing.assert_array_equal(mixed.cases.rows[:, :2], c.rows[:, :2])
    assert (mixed.cases.rows[:, 2] != c.rows[:, 2]).any()
    assert sorted(mixed.cases.rows[:, 2]) == sorted(c.rows[:, 2])


def test_reach_by_hand():
    told = np.array([0.01, 0.02, 0.03, 0.04, 0.30, 0.40])
    bad = np.array([False, False, False, True, False, True])
    level = np.array([1, 4, np.nan, 2, 5, 1])
    # Levels 1 and 2: three firms, two bad. As many bad among the offered: all six (two of six is less).
    found = reach(told, bad, level)
    assert found["loss_baseline"] == pytest.approx(0.6667) and found["reach"] == 1.0
    level = np.array([1, 4, 1, 2, 5, np.nan])  # one of three
    found = reach(told, bad, level)
    assert found["reach_baseline"] == 0.5 and found["reach"] == 1.0 and found["loss"] <= 1 / 3
    with pytest.raises(ValueError, match="level"):
        reach(told, bad, np.full(6, 4.0))
