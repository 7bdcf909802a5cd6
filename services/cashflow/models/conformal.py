"""Intervals that hold as often as they say: quantiles of past errors, by how active a row is.

Split conformal prediction (V. Vovk and others, Algorithmic Learning in a Random World, 2005; Mondrian cells
from the same book): errors of forecasts made at earlier origins, each over its row's size, are kept by
cell; an interval is the forecast plus its cell's lower and upper quantile times that unit. Nothing is
assumed about the shape of the errors, only that the next ones are like the last ones.
"""

from dataclasses import dataclass

import numpy as np

from graph.csr import Float64, Int64
from services.cashflow.models.panel import activity, recent_mean

#: Cells: rows with an amount in less than 60 %, less than 95 % and nearly all of the last twelve months.
_EDGES = (0.6, 0.95)
CELLS = len(_EDGES) + 1
#: How much of the row's mean is in the unit of its errors; the rest is its forecast.
_OF_MEAN = 0.2
#: A cell with fewer past errors than this uses those of all cells.
ENOUGH = 60


@dataclass(frozen=True)
class PastErrors:
    """`scaled`: float64[k], errors over the row's level; `cell`: int64[k], each below CELLS."""

    scaled: Float64
    cell: Int64

    def bounds(self, coverage: float) -> Float64:
        """float64[CELLS, 2]: lower and upper quantile of each cell, widened for its finite number."""
        found = np.zeros((CELLS, 2))
        for cell in range(CELLS):
            mine = self.scaled[self.cell == cell]
            found[cell] = _quantiles(mine if len(mine) >= ENOUGH else self.scaled, coverage)
        return found


def cells_of(values: Float64) -> Int64:
    """int64[n]: the cell of each row of float64[n, T], by its activity."""
    found: Int64 = np.searchsorted(_EDGES, activity(values), side="right").astype(np.int64)
    return found


def scale_of(values: Float64, forecast: Float64) -> Float64:
    """float64[n, h]: what errors are measured in: mostly the forecast (a month that is always large has
    larger errors), and a little of the row's mean of the last year, so that no forecast is called sure
    for being small. Tiny where there was nothing."""
    mean = np.abs(recent_mean(values))[:, None]
    scale: Float64 = np.maximum(_OF_MEAN * mean + (1 - _OF_MEAN) * np.abs(forecast), 1e-9)
    return scale


def past_errors(parts: list[tuple[Float64, Float64, Float64]]) -> PastErrors:
    """From (known months, forecast, actual) of earlier origins: float64[n, T], [n, h], [n, h] with NaN where
    not known yet. Rows without any amount in their last year are left out."""
    scaled, cell = [np.zeros(0)], [np.zeros(0, np.int64)]
    for known, forecast, actual in parts:
        scale = scale_of(known, forecast)
        usable = ~np.isnan(actual) & (recent_mean(known) > 0)[:, None]
        scaled.append(((actual - forecast) / scale)[usable])
        cell.append(np.broadcast_to(cells_of(known)[:, None], actual.shape)[usable])
    return PastErrors(np.concatenate(scaled), np.concatenate(cell))


def _quantiles(errors: Float64, coverage: float) -> tuple[float, float]:
    count = len(errors)
    if not count:
        return -1.0, 1.0
    tail = (1.0 - coverage) / 2
    ordered = np.sort(errors)
    low = int(np.floor(tail * (count + 1))) - 1
    high = int(np.ceil((1 - tail) * (count + 1))) - 1
    return float(ordered[max(low, 0)]), float(ordered[min(high, count - 1)])
