"""Which rate, and how much to whom: expected profit under churn by rate, and a portfolio within a budget.

A loan of one yuan at yearly rate r to a firm with probability of default p and loss given default l earns

    profit(r) = (1 - churn(r)) · (r · (1 - p) - l · p)

where churn(r) is the share of customers that walk away at that rate (CUMCM 2020 C, attachment 3, gives such
curves; any table of rates and shares will do).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from ledger.errors import InputError

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
_FILE = Path(__file__).parent / "churn.yaml"
#: Decimals of a rate as it is told.
RATE_DIGITS = 4


@dataclass(frozen=True)
class Churn:
    """The share of customers lost at each rate: `rates` ascending, `lost` in 0 … 1, both float64[r]."""

    rates: Float64
    lost: Float64

    def __post_init__(self) -> None:
        good = len(self.rates) == len(self.lost) > 0 and np.isfinite([*self.rates, *self.lost]).all()
        if not good or (np.diff(self.rates) <= 0).any() or (self.lost < 0).any() or (self.lost > 1).any():
            raise InputError("churn_table", rows=len(self.rates))


@dataclass(frozen=True)
class Offer:
    """The rate that earns most, and what one yuan lent at it earns; `keeps`: share of customers that stay."""

    rate: Decimal
    profit: float
    keeps: float


@dataclass(frozen=True)
class Portfolio:
    """Amounts in fen, one a firm, 0: no offer; `profit_fen`: expected; `optimal`: proven to be the best."""

    amount_fen: Int64
    profit_fen: int
    optimal: bool


def profits(pd: float, lgd: float, churn: Churn) -> Float64:
    """float64[r]: expected profit of one yuan at each rate of the table. ValueError outside 0 … 1."""
    if not (0.0 <= pd <= 1.0 and 0.0 <= lgd <= 1.0):
        raise ValueError("pd and lgd are shares")
    return np.asarray((1.0 - churn.lost) * (churn.rates * (1.0 - pd) - lgd * pd))


def offer(pd: float, lgd: float, churn: Churn) -> Offer | None:
    """The best rate of the table, the lowest among equals; None where no rate earns anything."""
    earned = profits(pd, lgd, churn)
    best = int(np.argmax(earned))
    if earned[best] <= 0.0:
        return None
    rate = Decimal(repr(float(churn.rates[best]))).quantize(Decimal(1).scaleb(-RATE_DIGITS))
    return Offer(rate, float(earned[best]), float(1.0 - churn.lost[best]))


def price(pd: float, lgd: float, churn: Churn | None = None) -> Decimal | None:
    """The yearly simple rate that earns most under `churn` (default: the table of `churn.yaml`), None where
    none earns anything."""
    found = offer(pd, lgd, churn or default_churn())
    return None if found is None else found.rate


def laplace(bad: int, of: int) -> float:
    """(bad + ½) / (of + 1): a share of few cases that is never 0 or 1 (Krichevsky and Trofimov 1981)."""
    return (bad + 0.5) / (of + 1.0)


@cache
def default_churn() -> Churn:
    """The table that stands for a bank's own until it has one; invented, and it says so."""
    rows = yaml.safe_load(_FILE.read_text("utf-8"))["rows"]
    return Churn(*(np.array([float(row[key]) for row in rows]) for key in ("rate", "lost")))


def portfolio(
    profit: Float64,
    budget_fen: int,
    least_fen: int,
    most_fen: int,
    groups: Sequence[Sequence[int]] = (),
    caps_fen: Sequence[int] = (),
    seconds: float = 60.0,
) -> Portfolio:
    """Who gets how much: Σ profit · amount at its highest, within the budget (mixed-integer, HiGHS).

    `profit` float64[n]: of one yuan lent to each firm at its best rate; an amount is 0 or from `least_fen` to
    `most_fen`; the firms of `groups[g]` together get at most `caps_fen[g]`. The rate need not be chosen
    along with the amounts, for the budget is used up by what is offered, whatever the rate.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array, eye_array, hstack, vstack

    n = len(profit)
    if not n or budget_fen < least_fen:
        return Portfolio(np.zeros(n, np.int64), 0, True)
    least, most = least_fen / 1e6, most_fen / 1e6  # solvers like numbers near 1: units of 10,000 yuan
    one = eye_array(n, format="csr")
    member = np.zeros((len(groups), n))
    for row, firms in enumerate(groups):
        member[row, list(firms)] = 1.0
    sums = csr_array(np.vstack([np.ones((1, n)), member]))
    limits = np.array([budget_fen, *caps_fen], np.float64) / 1e6
    rules = [
        LinearConstraint(hstack([one, -most * one]).tocsr(), -np.inf, 0.0),
        LinearConstraint(hstack([one, -least * one]).tocsr(), 0.0, np.inf),
        LinearConstraint(vstack([hstack([sums, csr_array(sums.shape)])]).tocsr(), -np.inf, limits),
    ]
    found = milp(
        np.concatenate([-np.asarray(profit), np.zeros(n)]),
        integrality=np.repeat([0, 1], n),
        bounds=Bounds(np.zeros(2 * n), np.repeat([most, 1.0], n)),
        constraints=rules,
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    if found.x is None:
        return Portfolio(np.zeros(n, np.int64), 0, False)
    amount = np.where(found.x[n:] > 0.5, np.floor(found.x[:n] * 1e6 + 1e-3), 0.0).astype(np.int64)
    return Portfolio(amount, round(float(np.dot(profit, amount))), bool(found.status == 0))
