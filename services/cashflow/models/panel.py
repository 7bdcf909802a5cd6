"""Monthly amounts of many rows side by side, honest about which months are known at all.

A row is one firm's inflow or outflow. NaN is a month nobody has seen: before the books begin, or from
the month in which they were cut off. A month seen without any amount is 0. The last month of a book is
never whole, so it counts as cut off.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from graph.csr import Float64, Int64

YEAR = 12


@dataclass(frozen=True)
class Panel:
    """`values`: float64[n, T]; `start`: its first month, counted from year 0; `groups`: int64[n], which rows
    share a season and a total (0 … G - 1)."""

    values: Float64
    start: int
    groups: Int64

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.values)

    @property
    def months(self) -> int:
        """Number of months."""
        return int(self.values.shape[1])

    def until(self, months: int) -> "Panel":
        """The same rows with only the first `months` months: what was known at that origin."""
        return Panel(self.values[:, :months], self.start, self.groups)

    def of_group(self, group: int) -> "Panel":
        """The rows of one group, numbered as that group's own."""
        mine = self.groups == group
        return Panel(self.values[mine], self.start, np.zeros(int(mine.sum()), np.int64))


def month_number(day: date) -> int:
    """Months since year 0: January 2024 is 2024 * 12."""
    return day.year * YEAR + day.month - 1


def panel_of(values: Float64, start: date, groups: Int64 | None = None) -> Panel:
    """A panel from float64[n, T]. ValueError on a wrong shape, on infinities or on groups below 0."""
    values = np.ascontiguousarray(values, np.float64)
    if values.ndim != 2 or np.isinf(values).any():
        raise ValueError("a panel is a table of finite amounts and NaN")
    groups = np.zeros(len(values), np.int64) if groups is None else np.asarray(groups, np.int64)
    if groups.shape != (len(values),) or (len(groups) and groups.min() < 0):
        raise ValueError("one group of 0 or more for each row")
    return Panel(values, month_number(start), groups)


def observed(amounts: Float64, cut_off: Int64) -> Float64:
    """float64[n, T] of summed amounts, 0 where none, as what is known: NaN before a row's first amount and
    from month `cut_off[row]` on (the month in which its book ends)."""
    month = np.arange(amounts.shape[1])
    some = amounts != 0
    first = np.where(some.any(1), some.argmax(1), amounts.shape[1])
    known = (month >= first[:, None]) & (month < np.asarray(cut_off)[:, None])
    return np.where(known, amounts, np.nan)


def recent_mean(values: Float64, months: int = YEAR) -> Float64:
    """float64[n]: the mean of the known ones among the last `months` months; 0 where none is known."""
    last = values[:, -months:]
    count = (~np.isnan(last)).sum(1)
    total: Float64 = np.nansum(last, 1) / np.maximum(count, 1)
    return total


def activity(values: Float64, months: int = YEAR) -> Float64:
    """float64[n]: share of the known ones among the last `months` months with any amount; 0 where none."""
    last = values[:, -months:]
    known = (~np.isnan(last)).sum(1)
    share: Float64 = (np.nan_to_num(last) != 0).sum(1) / np.maximum(known, 1)
    return share
