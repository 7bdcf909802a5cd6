"""How good forecasts were, said so that it cannot be misread: 1 - WAPE at a named level and horizon.

Never a mean percentage error (months without amounts have none), never on net flow (its sign changes), never
on a balance (yesterday's is nearly right already).
"""

from dataclasses import asdict, dataclass

import numpy as np

from graph.csr import Float64, Int64


@dataclass(frozen=True)
class Accuracy:
    """`accuracy`: 1 - WAPE; `level`: of what (`row_month`, `row_quarter`, `total_month`); `horizon`: months
    ahead; `mase`: mean over rows of mean absolute error over the row's mean absolute monthly change before
    the first origin; `coverage`: share inside each interval, by what the interval promised."""

    accuracy: float
    level: str
    horizon: str
    mase: float
    coverage: dict[str, float]
    rows: int
    months: int

    def figures(self) -> dict[str, object]:
        """As plain values, for an answer or a table."""
        return asdict(self)


def wape(actual: Float64, forecast: Float64) -> float:
    """Sum of absolute errors over sum of absolute amounts of float64[n, t]; months not known (NaN) count
    nowhere. NaN where there was no amount at all."""
    known = ~np.isnan(actual)
    size = np.abs(actual[known]).sum()
    return float(np.abs(actual[known] - forecast[known]).sum() / size) if size > 0 else float("nan")


def wape_of_sums(actual: Float64, forecast: Float64, months: int) -> float:
    """WAPE of sums over `months` months each; a stretch with a month not known is left out."""
    shape = (len(actual), -1, months)
    return wape(actual.reshape(shape).sum(2), forecast.reshape(shape).sum(2))


def wape_of_totals(actual: Float64, forecast: Float64) -> float:
    """WAPE of the sum over all rows, by month; a row not known in a month is left out of both sums."""
    known = ~np.isnan(actual)
    totals = np.where(known, actual, 0.0).sum(0, keepdims=True)
    return wape(totals, np.where(known, forecast, 0.0).sum(0, keepdims=True))


def mase(actual: Float64, forecast: Float64, history: Float64) -> float:
    """Mean over rows of mean absolute error over the mean absolute monthly change in `history`: float64[n,
    T]. Rows that never changed, or with no known month to compare, are left out."""
    change = np.abs(np.diff(history, axis=1))
    steps = (~np.isnan(change)).sum(1)
    scale = np.nansum(change, 1) / np.maximum(steps, 1)
    known = ~np.isnan(actual)
    error = np.where(known, np.abs(actual - forecast), 0.0).sum(1) / np.maximum(known.sum(1), 1)
    usable = (scale > 0) & known.any(1)
    return float((error[usable] / scale[usable]).mean()) if usable.any() else float("nan")


def coverage(actual: Float64, low: Float64, high: Float64) -> float:
    """Share of the known amounts inside their interval, its ends included."""
    known = ~np.isnan(actual)
    inside = (actual[known] >= low[known]) & (actual[known] <= high[known])
    return float(inside.mean()) if known.any() else float("nan")


def statement(
    actual: Float64,
    forecast: Float64,
    history: Float64,
    intervals: dict[float, tuple[Float64, Float64]],
    horizon: int,
    level: str = "row_month",
    groups: Int64 | None = None,
) -> Accuracy:
    """What may be published about forecasts of `horizon` months each. `level` `row_month` | `row_quarter` |
    `total_month`: the last sums each group of rows. KeyError on another level."""
    groups = np.zeros(len(actual), np.int64) if groups is None else groups
    error = {
        "row_month": lambda: wape(actual, forecast),
        "row_quarter": lambda: wape_of_sums(actual, forecast, 3),
        "total_month": lambda: _totals(actual, forecast, groups),
    }[level]()
    inside = {f"{promised:g}": coverage(actual, low, high) for promised, (low, high) in intervals.items()}
    return Accuracy(
        1.0 - error,
        level,
        f"1-{horizon}",
        mase(actual, forecast, history),
        inside,
        len(actual),
        actual.shape[1],
    )


def _totals(actual: Float64, forecast: Float64, groups: Int64) -> float:
    """WAPE of the groups' sums by month."""
    known = ~np.isnan(actual)
    sums = np.zeros((2, int(groups.max()) + 1 if len(groups) else 0, actual.shape[1]))
    for table, out in zip((actual, forecast), sums, strict=True):
        np.add.at(out, groups, np.where(known, table, 0.0))
    return wape(sums[0], sums[1])
