"""A plan one can follow: how much in what until when, solved, rounded to what products accept, and checked.

Half of the scenarios make the plan, the other half check it. Where the worst twentieth of the second half
misses more than the limit, all needs of the first half are raised by as much and the plan is made again.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ledger.errors import Conflict
from services.wealth.needs import Needs
from services.wealth.offers import Floats, Ints, Offers
from services.wealth.policy import Policy
from services.wealth.programme import Bounds, Programme, cvar

#: Plans made again: with larger needs, and with products left out whose least amount was not reached.
TIGHTER, AGAIN = 4, 12
#: Scenarios at least: a path of fewer is met by so many shocks of value.
FEWEST = 100


@dataclass(frozen=True)
class Checked:
    """What the scenarios that made no part of the plan say of it, in shares of the money placed.

    `cvar`: mean of the worst twentieth of money missing; `limit`: what it may be; `locked`: share of
    scenarios in which money was locked when needed; `lost`: in which value was lost by the end; `short`: in
    which the firm needs more than there is, whatever it does; `yields`: a year's result in the tenth, the
    middle and the ninetieth of a hundred scenarios.
    """

    cvar: float
    limit: float
    locked: float
    lost: float
    short: float
    yields: tuple[float, float, float]
    scenarios: int


@dataclass(frozen=True)
class Ladder:
    """`rows`: int[m] of the offers, `amount_fen`: int[m] in each; `account_fen` stays in the account; `rate`:
    yearly yield of all of it, `open_rate`: of the best plan of open products alone for the same needs."""

    offers: Offers
    rows: Ints
    amount_fen: Ints
    account_fen: int
    rate: float
    open_rate: float
    checked: Checked
    programmes: int

    @property
    def placed_fen(self) -> int:
        """All of the money, the account's part too."""
        return int(self.amount_fen.sum()) + self.account_fen


def shocks(scenarios: int, seed: int) -> Floats:
    """Common shocks of value, standard normal and balanced: float64[scenarios]."""
    rng = np.random.default_rng([seed, scenarios])
    drawn = rng.standard_normal((scenarios + 1) // 2)
    return np.concatenate([drawn, -drawn])[:scenarios]


def ladder(
    offers: Offers, needs: Needs, amount_fen: int, horizon: int, policy: Policy, seed: int = 1
) -> Ladder:
    """The plan of `amount_fen` for `horizon` days. Raises Conflict where no plan keeps the rules."""
    bounds = Bounds(
        amount_fen, horizon, policy.issuer_share, policy.needed_in, policy.cvar_level, policy.account_rate
    )
    needs = needs.at_least(FEWEST)
    shock = shocks(len(needs.short), seed)
    making, checking = needs.half(0), needs.half(1)
    needed = np.quantile(needs.need_fen, policy.needed_in, axis=0, method="higher")
    moving = making.need_fen.max(axis=0) > 0
    shift, solved, x = 0.0, 0, None
    for _ in range(TIGHTER):
        larger = making.need_fen * (1 + policy.margin) + shift * amount_fen * moving
        made = Programme(
            offers, replace(making, need_fen=np.minimum(larger, amount_fen)), shock[0::2], bounds
        )
        made.needed = np.maximum(made.needed, needed)
        x = _whole(made, policy.cvar_share)
        solved += made.solved
        worst = cvar(made.missing(x, checking, shock[1::2]).whole, policy.cvar_level)
        if worst <= policy.cvar_share:
            break
        shift += worst - policy.cvar_share / 2
    assert x is not None
    fen = np.rint(x[1 : 1 + made.n] * amount_fen).astype(np.int64)
    rows = np.flatnonzero(fen)
    account = amount_fen - int(fen.sum())
    rate = (float(fen[rows] @ offers.rate[rows]) + account * policy.account_rate) / amount_fen
    checked = check(made, x, checking, shock[1::2], policy)
    open_ = _open_rate(made, policy)
    return Ladder(offers, rows, fen[rows], account, rate, open_, checked, solved)


def _open_rate(made: Programme, policy: Policy) -> float:
    """Yield of the best plan of open products of the two calmest levels, before rounding."""
    frame = made.offers.frame
    locked = (frame["lock_days"] > 0).to_numpy() | (frame["level"] > 2).to_numpy()
    x = made.solve(policy.cvar_share, locked)
    return policy.account_rate if x is None else float(made.rate @ x[: 1 + made.n])


def check(made: Programme, x: Floats, needs: Needs, shock: Floats, policy: Policy) -> Checked:
    """What other scenarios say of the plan `x`."""
    missing = made.missing(x, needs, shock)
    years = made.bounds.horizon / 365
    held = x[: 1 + made.n]
    results = (float(made.gain @ held) + shock * float(made.swing @ held)) / years
    low, middle, high = (float(v) for v in np.quantile(results, [0.1, 0.5, 0.9]))
    return Checked(
        cvar=cvar(missing.whole, policy.cvar_level),
        limit=policy.cvar_share,
        locked=float((missing.locked > 1e-9).mean()),
        lost=float((missing.lost > 1e-9).mean()),
        short=float(needs.short.mean()),
        yields=(low, middle, high),
        scenarios=len(shock),
    )


def _whole(made: Programme, limit: float) -> Floats:
    """A solution in amounts that products accept: none below its least, each on its step, the rest waiting in
    the account. Money only ever moves to the account, so every bound still holds."""
    offers, amount = made.offers, made.bounds.amount_fen
    step = offers.frame["step_fen"].to_numpy()
    barred: NDArray[np.bool_] = np.zeros(made.n, bool)
    for attempt in range(AGAIN):
        x = made.solve(limit, barred)
        if x is None:
            raise Conflict("wealth_no_plan")
        fen = np.floor(x[1 : 1 + made.n] * amount + 1e-6).astype(np.int64)
        crumbs = (fen > 0) & (fen < offers.least_fen)
        if not crumbs.any():
            break
        # The smallest crumbs first: a product that almost reached its least may do so without them.
        few = np.flatnonzero(crumbs)
        share = fen[few] / offers.least_fen[few]
        last = attempt == AGAIN - 2
        barred[few if last else few[share <= np.median(share)]] = True
    else:
        fen[crumbs] = 0
    over = np.maximum(fen - offers.frame["least_fen"].to_numpy(), 0) % step
    fen = np.where(fen > 0, fen - over, 0)
    quick = np.minimum(fen[made.quick], offers.quick_fen[made.quick]) / amount
    held = fen / amount
    return np.concatenate([[1 - held.sum()], held, quick])
