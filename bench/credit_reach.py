"""Bench `credit`, the reach: how many sound firms get an offer at the loss rate of a policy that sees less.

The other policy offers to suppliers of level 1 and 2 and to nobody else, as a bank does that knows a core
enterprise's own list. The model's policy offers by probability of default, lowest first, until as large a
share of its loans defaults. Knock-outs and limits come later and are the same for both.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
SEEN, DEEP = (1, 2), (4, 5, 6)


def reach(told: Floats, bad: Bools, level: Floats) -> dict[str, float]:
    """Shares of sound firms offered a loan, and loss rates. `level` is NaN where no core is reached.

    `reach` of all, `reach_deep` of levels 4 to 6, the cut set by what the model tells, outcomes unseen;
    `reach_baseline` of all by the other policy; `reach_hindsight`: the largest cut whose loans lost no more
    than the other policy's, read off the outcomes. ValueError where nobody is at SEEN."""
    seen = np.isin(level, SEEN)
    if not seen.any():
        raise ValueError("no firm is at a level that the other policy sees")
    allowed = float(bad[seen].mean())
    by_outcome, by_told = _offered(told, bad.astype(np.float64), allowed), _offered(told, told, allowed)
    deep = np.isin(level, DEEP)
    return {
        "reach": _share(by_told, ~bad),
        "reach_deep": _share(by_told, ~bad & deep),
        "reach_baseline": _share(seen, ~bad),
        "reach_hindsight": _share(by_outcome, ~bad),
        "reach_hindsight_deep": _share(by_outcome, ~bad & deep),
        "loss": _share(bad, by_told),
        "loss_hindsight": _share(bad, by_outcome),
        "loss_baseline": round(allowed, 4),
        "deep_firms": int(deep.sum()),
        "seen_firms": int(seen.sum()),
    }


def _offered(told: Floats, cost: Floats, allowed: float) -> Bools:
    """The most firms, from the least told risk on, whose mean cost is within what is allowed."""
    order = np.argsort(told, kind="stable")
    mean = np.cumsum(cost[order]) / np.arange(1, len(order) + 1)
    within = np.flatnonzero(mean <= allowed)
    offered = np.zeros(len(told), np.bool_)
    offered[order[: int(within[-1]) + 1 if len(within) else 0]] = True
    return offered


def _share(part: Bools, whole: Bools) -> float:
    return round(float(part[whole].mean()), 4) if whole.any() else 0.0
