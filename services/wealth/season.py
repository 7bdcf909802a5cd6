"""One product's daily flow a month ahead: effects of the calendar on a level that moves.

    log flow on day t = level + effects(t) + error

Effects (weekday among trading days, closed days and what lies beside them, day of the month, the last
fortnight of a quarter) are a ridge regression on days weighed by age; the level is the middle of what is
left, over one, two and four weeks' memory. Nobody knows beforehand which memory is right, so the forecast is
the plain mean of all three, with and without effects of the day of the month. Errors count relative to the
flow (`relative`), as in MAPE, or in logs.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from services.wealth.rows import Bools, Floats

MEMORIES = (7, 14, 28)
#: Ridge on effects; days by which their weight halves; days of the moving level they are measured from;
#: days looked back on.
RIDGE, HALVES, LEVEL_DAYS, LOOKED_BACK = 4.0, 60.0, 57, 200
_SMALLEST = 0.02


@dataclass(frozen=True)
class Days:
    """Days from `first` on: `trading` bool[n], the exchange is open; `worked` bool[n], a working day."""

    first: date
    trading: Bools
    worked: Bools


def forecast(
    flows: Floats,
    days: Days,
    horizon: int,
    *,
    memories: tuple[int, ...] = MEMORIES,
    of_month: tuple[bool, ...] = (False, True),
    quarter: bool = True,
    relative: bool = True,
) -> Floats:
    """Flows of the `horizon` days after those in `flows` (float64[sides, n] > 0): float64[sides, horizon].

    `days` covers both. At least a week must be known; with less than two months, levels say nearly all.
    """
    known = flows.shape[1]
    start = max(0, known - LOOKED_BACK)
    logs = np.log(flows[:, start:])
    found = []
    for wanted in of_month:
        columns = effects(days, known + horizon, wanted, quarter)
        for side in range(flows.shape[0]):
            found.append(_side(logs[side], columns[start:], memories, relative))
    return np.asarray(np.exp(np.mean(np.split(np.array(found), len(of_month)), axis=0)), np.float64)


def _side(logs: Floats, columns: Floats, memories: tuple[int, ...], relative: bool) -> Floats:
    """Log forecast of one side for the days of `columns` past those of `logs`: the mean over memories."""
    n = len(logs)
    known, ahead = columns[:n], columns[n:]
    age = np.arange(n)[::-1].astype(np.float64)
    penalty = np.full(columns.shape[1], RIDGE)
    fitted = np.zeros(columns.shape[1])
    half = LEVEL_DAYS // 2
    for _ in range(3):
        left = logs - known @ fitted
        level = np.array([np.median(left[max(0, i - half) : i + half + 1]) for i in range(n)])
        fitted = _least(known, logs - level, 0.5 ** (age / HALVES), penalty, relative)
    left = logs - known @ fitted
    one = np.ones((n, 1))
    levels = [_least(one, left, 0.5 ** (age / memory), np.array([1e-6]), relative)[0] for memory in memories]
    return np.asarray(np.mean(levels) + ahead @ fitted, np.float64)


def _least(design: Floats, target: Floats, weight: Floats, penalty: Floats, relative: bool) -> Floats:
    """Reweighted least squares towards the least sum of |1 − exp(fit − target)|, or of |fit − target|."""
    now, ridge = weight, np.diag(penalty)
    fitted: Floats = np.zeros(design.shape[1])
    for _ in range(8 if design.shape[1] > 1 else 15):
        weighed = design * now[:, None]
        fitted = np.asarray(np.linalg.solve(weighed.T @ design + ridge, weighed.T @ target), np.float64)
        error = target - design @ fitted
        steep = np.exp(np.clip(-error, -3, 3)) if relative else 1.0
        now = weight * steep / np.maximum(np.abs(error), _SMALLEST)
    return fitted


def effects(days: Days, count: int, of_month: bool, quarter: bool) -> Floats:
    """Columns of the first `count` days: float64[count, columns]."""
    before, after, closed = _runs(days.trading)
    trading = days.trading[:count]
    found = np.zeros((count, 7))
    dates = [days.first + timedelta(days=i) for i in range(count)]
    for t, day in enumerate(dates):
        # The last closed day before business resumes is like a Sunday, others like a Saturday.
        found[t, day.weekday() if trading[t] else 6 if after[t] == 1 else 5] = 1
    opens, ends = trading & (before[:count] >= 2), trading & (before[:count] >= 4)
    columns = [found]
    columns.append(np.stack([
        ~trading & (closed[:count] >= 3), ~trading & (closed[:count] >= 5), opens, ends,
        trading & (after[:count] >= 4), days.worked[:count] & ~trading,
    ], axis=1))  # fmt: skip
    if of_month:
        columns.append(np.array([_of_month(day) for day in dates]))
    if quarter:
        columns.append(np.array([[_to_quarter_end(day) <= 15] for day in dates]))
    return np.concatenate([one.astype(np.float64) for one in columns], axis=1)


def _runs(trading: Bools) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Days since the last open day, until the next one, and the length of the closed stretch around a day."""
    n = len(trading)
    before, after = np.ones(n, np.int64), np.ones(n, np.int64)
    for i in range(1, n):
        before[i] = 1 if trading[i - 1] else before[i - 1] + 1
    for i in range(n - 2, -1, -1):
        after[i] = 1 if trading[i + 1] else after[i + 1] + 1
    return before, after, np.where(trading, 0, before + after - 1)


def _of_month(day: date) -> list[bool]:
    left = calendar.monthrange(day.year, day.month)[1] - day.day
    parts = (day.day <= 3, 8 <= day.day <= 11, 14 <= day.day <= 17, 20 <= day.day <= 21, 24 <= day.day <= 28)
    return [*parts, left <= 1]


def _to_quarter_end(day: date) -> int:
    month = (day.month - 1) // 3 * 3 + 3
    return (date(day.year, month, calendar.monthrange(day.year, month)[1]) - day).days
