"""What a cash path asks for: money needed by each day in each scenario, on a grid that is daily at first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Days at the start that are looked at one by one; later ones in weeks.
DAILY, STEP = 12, 7


@dataclass(frozen=True)
class Needs:
    """`begins`: int[g], the first day of each stretch; `need_fen`: float64[k, g], what is needed in all from
    the start until the end of each stretch; never falling, never below 0 or above the money that there is.
    `short`: bool[k], scenarios in which more is needed than there is, whatever is done with it.
    """

    begins: Ints
    need_fen: Floats
    short: NDArray[np.bool_]

    def at_least(self, scenarios: int) -> "Needs":
        """These, each as often as it takes: few paths meet many shocks of value."""
        times = -(-scenarios // len(self.short))
        if times <= 1:
            return self
        return Needs(self.begins, np.tile(self.need_fen, (times, 1)), np.tile(self.short, times))

    def half(self, which: int) -> "Needs":
        """Every second scenario, from `which` (0 or 1) on."""
        return Needs(self.begins, self.need_fen[which::2], self.short[which::2])


def needs_of(
    inflow_fen: Ints, outflow_fen: Ints, horizon: int, amount_fen: int, reserve_fen: int = 0
) -> Needs:
    """Needs of the first `horizon` days: int64[k, days] each; `reserve_fen` stays outside the plan and pays
    first, `amount_fen` is what the plan holds."""
    need = needed_by_day(inflow_fen[:, :horizon], outflow_fen[:, :horizon], reserve_fen)
    begins = np.array([*range(min(DAILY, horizon)), *range(DAILY, horizon, STEP)], np.int64)
    ends = np.append(begins[1:], horizon) - 1
    whole = need[:, ends].astype(np.float64)
    return Needs(begins, np.minimum(whole, amount_fen), whole[:, -1] > amount_fen)


def needed_by_day(inflow_fen: Ints, outflow_fen: Ints, reserve_fen: int = 0) -> Ints:
    """What is needed in all, beyond the reserve, until the end of each day: int64[k, days], never falling."""
    whole = np.cumsum(outflow_fen - inflow_fen, axis=1) - reserve_fen
    return np.asarray(np.maximum.accumulate(np.maximum(whole, 0), axis=1), np.int64)
