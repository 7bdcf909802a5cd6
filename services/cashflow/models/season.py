"""How far each month stands above or below the ordinary one: a season shared by all rows of a group.

Few rows have enough years to show a season of their own; together they do. Month effects and what the
lunar new year does are fitted as one ridge regression on the logarithm of the pooled amounts over the
pooled levels. The holiday moves between January and February: the share of a month that lies in the
25 days before it (business is hurried) and after it (little is done) are regressors of their own, so a
February with the holiday in it is not taken for a February without.
"""

from datetime import date
from functools import cache

import numpy as np

from graph.csr import Float64
from seeds.knowledge import lunar_new_year
from services.cashflow.models.panel import YEAR

_AROUND = 25
_HALF = 6
_ROUNDS = 4
_HOLIDAY_RIDGE = 0.1
#: A group of so many rows is drawn towards the season of all groups as if that were one more year.
_DRAWN = 20.0
#: Pooled seasons are kept within these bounds: no month is a tenth or ten times the ordinary one.
_LEAST, _MOST = 0.1, 10.0


@cache
def _holidays() -> tuple[int, ...]:
    return tuple(day.toordinal() for day in lunar_new_year().values())


def holiday_shares(start: int, months: int) -> Float64:
    """float64[months, 2]: the share of each month's days after and before a lunar new year."""
    shares = np.zeros((months, 2))
    for t in range(months):
        year, month = divmod(start + t, YEAR)
        first = date(year, month + 1, 1).toordinal()
        end = date(year + (month == YEAR - 1), (month + 1) % YEAR + 1, 1).toordinal()
        for day in _holidays():
            for side, (low, high) in enumerate(((day, day + _AROUND), (day - _AROUND, day))):
                shares[t, side] += max(0, min(end, high) - max(first, low)) / (end - first)
    return shares


@cache
def design(start: int, months: int) -> Float64:
    """float64[months, 14]: which month of the year it is, and its shares around the lunar new year."""
    month = np.zeros((months, YEAR))
    month[np.arange(months), (start + np.arange(months)) % YEAR] = 1
    return np.hstack([month, holiday_shares(start, months)])


def pooled_season(
    values: Float64, weight: Float64, start: int, horizon: int, ridge: float, of_all: Float64 | None = None
) -> Float64:
    """float64[T + horizon]: the factor of each month for the rows of one group; see `coefficients`."""
    return factors(coefficients(values, weight, start, ridge, of_all), start, values.shape[1] + horizon)


def factors(coefficient: Float64, start: int, months: int) -> Float64:
    """float64[months]: what the coefficients say of each month from `start`."""
    found: Float64 = np.clip(np.exp(design(start, months) @ coefficient), _LEAST, _MOST)
    return found


def coefficients(
    values: Float64, weight: Float64, start: int, ridge: float, of_all: Float64 | None = None
) -> Float64:
    """float64[14]: month and holiday effects of one group's rows, logarithms.

    `values`: float64[n, T], NaN unknown; `weight`: float64[n], what a row counts (1: by its amount;
    one over its level: every row alike); `of_all`: the effects of all groups together, towards which a
    group is drawn the more the fewer rows it has. Levels are centred yearly means of the deseasonalised
    amounts, found in a few rounds beside the season. All 0 where there is nothing to learn from.
    """
    months = values.shape[1]
    known, amounts = ~np.isnan(values), np.nan_to_num(values)
    matrix = design(start, months)
    total = weight @ amounts
    rows_known = known.sum(0)
    drawn = 0.0 if of_all is None else _DRAWN / max(len(values), 1)
    towards = np.zeros(matrix.shape[1]) if of_all is None else of_all
    found = towards
    for _ in range(_ROUNDS):
        pool = weight @ _centred(amounts, known, factors(found, start, months))
        usable = (pool > 0) & (total > 0)
        if usable.sum() < 2:
            return towards
        share = rows_known[usable] / rows_known[usable].max()
        target = np.log(total[usable] / pool[usable])
        found = _ridge(matrix[usable], target, share, ridge, drawn, towards)
    return found


def _centred(amounts: Float64, known: np.ndarray, factor: Float64) -> Float64:
    """float64[n, T]: a row's amounts over the factors of thirteen months around each month it is known in."""
    months = amounts.shape[1]
    low = np.maximum(np.arange(months) - _HALF, 0)
    high = np.minimum(np.arange(months) + _HALF + 1, months)
    sums = np.pad(np.cumsum(amounts, 1), ((0, 0), (1, 0)))
    parts = np.pad(np.cumsum(known * factor, 1), ((0, 0), (1, 0)))
    over = parts[:, high] - parts[:, low]
    level: Float64 = np.where(
        known & (over > 1e-9), (sums[:, high] - sums[:, low]) / np.maximum(over, 1e-9), 0
    )
    return level


def _ridge(
    matrix: Float64, target: Float64, weight: Float64, ridge: float, drawn: float, towards: Float64
) -> Float64:
    """Least squares with `ridge` pulling towards 0 and `drawn` pulling towards `towards`."""
    penalty = np.full(matrix.shape[1], ridge)
    penalty[YEAR:] = _HOLIDAY_RIDGE
    weighted = matrix * weight[:, None]
    square = weighted.T @ matrix + np.diag(penalty + drawn)
    return np.asarray(np.linalg.solve(square, weighted.T @ target + drawn * towards), np.float64)
