"""The stochastic programme: the best yield that leaves money free when it is needed.

    max  Σ rate_i x_i
    s.t. Σ x_i = amount,  0 ≤ x_i ≤ most_i,  Σ over an issuer ≤ its share
         free_t(x) ≥ what is needed by t in 95 % of scenarios                          for each t
         CVaR_95( max_t (need_kt − free_t(x))⁺ + loss_k(x) ) ≤ limit

    free_t(x) = account + Σ_{money_i ≤ t} x_i + Σ_{quick_i ≤ t < money_i} e_i,   e_i ≤ x_i, e_i ≤ daily cap

CVaR is convex and piecewise linear in x, so it is kept by cuts (Künzi-Bay and Mayer 2006): solve, look which
scenarios make the worst twentieth, add that one linear bound, solve again. Each programme is small and sparse
and solved by HiGHS; any number of scenarios costs a look, no variables. Money lost is the scenario's common
shock times Σ swing_i x_i, less what was earned.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, vstack

from services.wealth.needs import Needs
from services.wealth.offers import Floats, Offers

#: Cuts at most, and how far over its limit a CVaR may end, as a share of the money.
MOST_CUTS, CLOSE = 80, 2e-5


@dataclass(frozen=True)
class Bounds:
    """Everything that binds a plan besides the products: shares of the money and levels of caution."""

    amount_fen: int
    horizon: int
    issuer_share: float
    needed_in: float
    cvar_level: float
    account_rate: float


@dataclass(frozen=True)
class Missing:
    """Money missing by scenario, float64[k]: `locked` when it was needed, and `lost` in value by the end."""

    locked: Floats
    lost: Floats

    @property
    def whole(self) -> Floats:
        """Both."""
        return np.asarray(self.locked + self.lost, np.float64)


@dataclass
class Programme:
    """A programme over offers and scenarios: `needs` (k scenarios), `shock` float64[k] standard normal."""

    offers: Offers
    needs: Needs
    shock: Floats
    bounds: Bounds
    _cuts: list[tuple[Floats, float]] = field(default_factory=list)
    solved: int = 0

    def __post_init__(self) -> None:
        offers, begins = self.offers, self.needs.begins
        self.n = len(offers)
        self.quick = np.flatnonzero((offers.quick_fen > 0) & (offers.quick_from < offers.money))
        years = self.bounds.horizon / 365
        rate = np.concatenate([[self.bounds.account_rate], offers.rate])
        self.rate, self.gain = rate, rate * years
        self.swing = np.concatenate([[0.0], offers.swing]) * np.sqrt(years)
        # The first stretch that begins with the money there: g where that is beyond the last.
        self.money_at = np.searchsorted(begins, offers.money)
        self.quick_at = np.searchsorted(begins, offers.quick_from[self.quick])
        self.needed = np.quantile(self.needs.need_fen, self.bounds.needed_in, axis=0, method="higher")
        self._defined = self._definitions()

    def free(self, x: Floats) -> Floats:
        """Money that is free by each stretch, float64[g], from shares [account, products, at once]."""
        g = len(self.needs.begins)
        held, out = x[1 : 1 + self.n], x[1 + self.n : 1 + self.n + len(self.quick)]
        steps = np.bincount(self.money_at, held, minlength=g + 1)
        steps += np.bincount(self.quick_at, out, minlength=g + 1)
        steps -= np.bincount(self.money_at[self.quick], out, minlength=g + 1)
        return np.asarray(x[0] + np.cumsum(steps)[:g], np.float64)

    def _definitions(self) -> tuple[csr_matrix, Floats]:
        """Rows = that say what the whole, free_t, the result and the swing are; rows in `_limits` are ≤.

        Columns: account, products n, what comes out at once q, free_t g, result, swing.
        """
        n, q, g = self.n, len(self.quick), len(self.needs.begins)
        after = 1 + n + q
        products, outs = 1 + np.arange(n), 1 + n + np.arange(q)
        stretch = np.arange(g)
        ends = self.money_at[self.quick]
        entries = [
            (np.zeros(1 + n, np.int64), np.arange(1 + n), np.ones(1 + n)),
            (np.array([1]), np.array([0]), np.array([-1.0])),  # the account is free at once
            (1 + self.money_at, products, -np.ones(n)),
            (1 + self.quick_at, outs, -np.ones(q)),
            (1 + ends, outs, np.ones(q)),
            (1 + stretch, after + stretch, np.ones(g)),
            (2 + stretch[:-1], after + stretch[:-1], -np.ones(g - 1)),
            (np.full(1 + n, 1 + g), np.arange(1 + n), self.gain),
            (np.full(1 + n, 2 + g), np.arange(1 + n), self.swing),
            (1 + g + np.arange(2), after + g + np.arange(2), -np.ones(2)),
        ]
        # What is free only beyond the last stretch, is not looked at.
        kept = [(r, c, v) for r, c, v in entries[:2]]
        for r, c, v in entries[2:5]:
            inside = r <= g
            kept.append((r[inside], c[inside], v[inside]))
        row, column, value = (np.concatenate(part) for part in zip(*kept, *entries[5:], strict=True))
        equal = csr_matrix((value, (row, column)), (3 + g, after + g + 2))
        return equal, np.concatenate([[1.0], np.zeros(2 + g)])

    def _limits(self) -> tuple[csr_matrix, Floats]:
        """Rows ≤: an issuer's share, and what comes out at once is no more than is held."""
        n, q, g = self.n, len(self.quick), len(self.needs.begins)
        issuers, of = np.unique(self.offers.frame["issuer"].to_numpy(), return_inverse=True)
        row = np.concatenate([of, len(issuers) + np.arange(q), len(issuers) + np.arange(q)])
        column = np.concatenate([1 + np.arange(n), 1 + self.quick, 1 + n + np.arange(q)])
        value = np.concatenate([np.ones(n), -np.ones(q), np.ones(q)])
        rows = csr_matrix((value, (row, column)), (len(issuers) + q, 1 + n + q + g + 2))
        return rows, np.concatenate([np.full(len(issuers), self.bounds.issuer_share), np.zeros(q)])

    def solve(self, limit: float, barred: NDArray[np.bool_]) -> Floats | None:
        """Shares of the money: float64[1 + n + q], the account first; None where no plan keeps the bounds.

        `limit` bounds the CVaR as a share of the money; `barred` bool[n] products are not used.
        """
        amount, q, g = self.bounds.amount_fen, len(self.quick), len(self.needs.begins)
        most = np.where(barred, 0.0, np.minimum(self.offers.most_fen / amount, 1.0))
        caps = self.offers.quick_fen[self.quick] / amount
        least = np.concatenate([np.zeros(1 + self.n + q), self.needed / amount, [-np.inf, 0.0]])
        upper = np.concatenate([[1.0], most, caps, np.full(g + 2, np.inf)])
        cost = np.concatenate([-self.rate, np.zeros(q + g + 2)])
        equal, equals = self._defined
        rows, at_most = self._limits()
        for _ in range(MOST_CUTS):
            cuts = csr_matrix(np.array([cut for cut, _ in self._cuts]).reshape(-1, len(cost)))
            # A cut reads: constant + row · x ≤ limit.
            over = np.array([limit - constant for _, constant in self._cuts])
            found = linprog(
                cost, vstack([rows, cuts], format="csr"), np.concatenate([at_most, over]), equal, equals,
                np.stack([least, upper], axis=1), method="highs-ds",
            )  # fmt: skip
            self.solved += 1
            if found.x is None:
                return None
            x = np.asarray(found.x[: 1 + self.n + q], np.float64)
            worst, cut = self._cut(x)
            if worst <= limit + CLOSE:
                break
            self._cuts.append(cut)
        return x

    def _cut(self, x: Floats) -> tuple[float, tuple[Floats, float]]:
        """The CVaR at `x`, and (row, constant): constant + row · x is nowhere more than the CVaR."""
        amount, g = self.bounds.amount_fen, len(self.needs.begins)
        gap = self.needs.need_fen / amount - self.free(x)[None, :]
        at = np.argmax(gap, axis=1)
        every = np.arange(len(at))
        locked = np.maximum(gap[every, at], 0.0)
        held = x[: 1 + self.n]
        lost = np.maximum(-(float(self.gain @ held) + self.shock * float(self.swing @ held)), 0.0)
        weight = tail_weights(locked + lost, self.bounds.cvar_level)
        short, losing = weight * (locked > 0), weight * (lost > 0)
        row = np.zeros(1 + self.n + len(self.quick) + g + 2)
        row[-g - 2 : -2] = -np.bincount(at, short, minlength=g)
        row[-2:] = -losing.sum(), -float(losing @ self.shock)
        need = float(short @ (self.needs.need_fen[every, at] / amount))
        return float(weight @ (locked + lost)), (row, need)

    def missing(self, x: Floats, needs: Needs, shock: Floats) -> Missing:
        """Money missing in other scenarios, in shares of the money."""
        gap = needs.need_fen / self.bounds.amount_fen - self.free(x)[None, :]
        held = x[: 1 + self.n]
        lost = -(float(self.gain @ held) + shock * float(self.swing @ held))
        return Missing(np.maximum(gap.max(axis=1), 0.0), np.maximum(lost, 0.0))


def tail_weights(loss: Floats, level: float) -> Floats:
    """Weights, summing to 1, of the worst (1 − level) of scenarios: CVaR = weights · loss."""
    n = len(loss)
    room = (1 - level) * n
    order = np.argsort(-loss, kind="stable")
    weight = np.zeros(n)
    taken = np.clip(room - np.arange(n), 0.0, 1.0)
    weight[order] = taken / room
    return weight


def cvar(loss: Floats, level: float) -> float:
    """Mean of the worst (1 − level) of `loss`."""
    return float(tail_weights(loss, level) @ loss)
