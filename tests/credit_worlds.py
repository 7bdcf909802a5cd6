"""Invented cases for credit models: what raises and lowers the risk is known."""

from functools import cache

import numpy as np

from services.credit.models.fitting import Cases
from services.credit.models.model import CreditModel
from services.credit.models.training import Plan, train

#: Two that may move the risk one way only, one that says nothing, one that is often null.
NAMES = ("log_sales", "sales_void_share", "top1_supplier", "sales_growth")
DIRECTION = np.array([-1, 1, 0, -1])
#: Pulled hard to equal weights, so that every part counts.
PLAN = Plan(least=20, rounds=25, pull=100.0, parts=3, penalties=((1.0, 3.0), (5.0, 5.0)))


def cases(n: int = 400, seed: int = 3) -> Cases:
    rng = np.random.default_rng(seed)
    rows = np.stack([rng.normal(6, 1, n), rng.beta(1, 9, n), rng.random(n), rng.normal(0, 0.3, n)], axis=1)
    odds = -2.2 - 1.3 * (rows[:, 0] - 6) + 9 * (rows[:, 1] - 0.1)
    rows[rng.random(n) < 0.2, 3] = np.nan
    bad = rng.random(n) < 1 / (1 + np.exp(-odds))
    return Cases(rows, bad, DIRECTION, np.arange(n))


@cache
def blended() -> CreditModel:
    return train(NAMES, cases(), PLAN)
