"""Rows that the pooled flow model learns from: what was known of a product's flows on the eve of a day.

A day is of one of two types, trading or closed, and is compared with days of its own type alone. A row is
(day forecast from, days ahead, side, product); its target is the log of the flow over the median of the last
six days of the type. Nothing in a row is later than the day it is forecast from.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Days of one type that levels look back on, and the fewest a day can be forecast from.
LOOKED_BACK, LEAST = 20, 8
#: Columns that the log of a flow is compared in: the last `LAGS` days of the type.
LAGS = 8
#: Calendar columns of a row, in order, before `ahead_of_type`, `ahead`, side and product.
CALENDAR = (
    "weekday",
    "days_since",
    "days_until",
    "day",
    "days_left",
    "trading_left",
    "quarter_end",
    "trading",
)


@dataclass(frozen=True)
class Panel:
    """Flows of products: `flows` float64[sides, products, days] > 0, the first of `first`; `trading`:
    bool[days + horizon], whether the exchange is open; `signals`: float64[m, products, days] > 0 that were
    known each evening (page views), none as [0, products, days]."""

    flows: Floats
    first: date
    trading: Bools
    signals: Floats

    @property
    def days(self) -> int:
        """Days whose flows are known."""
        return int(self.flows.shape[2])


@dataclass(frozen=True)
class Rows:
    """`x`: float64[h, sides, products, columns]; `base`: float64[h, sides, products], the log median that a
    target is measured from; `extra`: how many columns before the calendar are about the weekday."""

    x: Floats
    base: Floats


def calendar_of(panel: Panel) -> Floats:
    """What the calendar says of each day: float64[len(trading), 8], columns as in CALENDAR."""
    trading = panel.trading
    open_days = np.flatnonzero(trading)
    days = [panel.first + timedelta(days=i) for i in range(len(trading))]
    found = np.empty((len(trading), len(CALENDAR)))
    for t, day in enumerate(days):
        length = calendar.monthrange(day.year, day.month)[1]
        before, after = open_days[open_days < t], open_days[open_days > t]
        left = sum(_trades(day + timedelta(days=k), t + k, trading) for k in range(1, length - day.day + 1))
        found[t] = (
            day.weekday(),
            t - before[-1] if len(before) else 3,
            after[0] - t if len(after) else 3,
            day.day,
            length - day.day,
            min(left, 10),
            day.month % 3 == 0,
            trading[t],
        )
    return found


def _trades(day: date, at: int, trading: Bools) -> bool:
    """Whether a day is open; beyond what is known, weekdays are."""
    return bool(trading[at]) if at < len(trading) else day.weekday() < 5


def rows_from(panel: Panel, told: Floats, origin: int, horizon: int) -> Rows | None:
    """Rows for the `horizon` days from day `origin` on; None where there are too few days of a type."""
    logs = np.log(panel.flows[:, :, :origin])
    kinds = {}
    for kind in (True, False):
        same = np.flatnonzero(panel.trading[:origin] == kind)
        if len(same) < LEAST:
            return None
        kinds[kind] = (same, *_levels(logs, np.log(panel.signals[:, :, :origin]), same))
    latest = kinds[True][2]
    x, bases = [], []
    for h in range(min(horizon, len(panel.trading) - origin)):
        t = origin + h
        same, base, columns = kinds[bool(panel.trading[t])]
        alike = same[told[same, 0] == told[t, 0]][::-1][:4]
        of_weekday = [np.zeros_like(base), np.zeros_like(base)]
        if len(alike):
            of_weekday = [np.median(logs[:, :, alike], axis=2) - base, logs[:, :, alike[0]] - base]
        to_come = float((panel.trading[origin:t] == panel.trading[t]).sum())
        flat = [np.full(base.shape, value) for value in (*told[t], to_come, float(h))]
        side, product = np.indices(base.shape).astype(np.float64)
        x.append(np.stack([*columns, *of_weekday, latest[0], latest[LAGS], *flat, side, product], axis=-1))
        bases.append(base)
    return Rows(np.stack(x), np.stack(bases))


def _levels(logs: Floats, signals: Floats, same: NDArray[np.int64]) -> tuple[Floats, list[Floats]]:
    """The level of each series over days of one type, and where its latest days lie from it."""
    seen = logs[:, :, same[-LOOKED_BACK:]]
    base = np.median(seen[:, :, -6:], axis=2)
    ten = seen[:, :, -10:]
    columns = [seen[:, :, -i] - base for i in range(1, LAGS + 1)]
    columns += [np.median(seen[:, :, -k:], axis=2) - base for k in (3, 10, 20)]
    columns += [ten.std(axis=2), ten.max(axis=2) - base, ten.min(axis=2) - base]
    columns += [base[::-1] - base, seen[::-1][:, :, -1] - base[::-1]]
    whole = np.log(np.exp(seen).sum(axis=1))
    level = np.median(whole[:, -6:], axis=1)
    for moved in (whole[:, -1] - level, whole[:, -3:].mean(axis=1) - level):
        columns.append(np.broadcast_to(moved[:, None], base.shape))
    viewed = signals[:, :, same[-10:]]
    for one in viewed:
        middle = np.median(one, axis=1)
        columns.append(np.broadcast_to(one[:, -1] - middle, base.shape))
        columns.append(np.broadcast_to(one[:, -3:].mean(axis=1) - middle, base.shape))
    return base, columns
