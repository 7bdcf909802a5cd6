"""A row's level times the pooled season of its group: the forecast that is hardest to beat on short books.

What is uncertain (whether a large row says more about the season than a small one, how strongly the
season is shrunk, how fast old months are forgotten, how much of a row's own season is believed) is a
small set of candidates; which of them counts is decided on earlier origins (`selection`).
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from graph.csr import Float64
from services.cashflow.models.panel import YEAR, Panel, recent_mean
from services.cashflow.models.season import coefficients, pooled_season


@dataclass(frozen=True)
class Pooling:
    """`power`: a row counts level ** power in the season (1: by amount, 0: all alike); `ridge`: shrinks the
    season towards none; `decay`: what a month older counts in the level; `own`: how many years of the
    group's season one year of the row's own weighs against (0: its own season is not used)."""

    power: float = 0.5
    ridge: float = 0.1
    decay: float = 0.9
    own: float = 0.0


#: A row's own season moves no month further than this many times the group's.
_OWN_MOST = 5.0
CANDIDATES = tuple(
    Pooling(power, ridge, decay, own)
    for power, ridge, decay, own in product((0.0, 0.5, 1.0), (0.1, 0.4), (0.8, 0.9, 1.0), (0.0, 0.1, 0.3))
)


@dataclass(frozen=True)
class PooledFit:
    """`factor`: float64[G, T + h], the season of each group; `level`: float64[n]; `own`: float64[n, T + h] or
    None, a row's own season over its group's."""

    factor: Float64
    level: Float64
    own: Float64 | None

    def forecast(self, panel: Panel, horizon: int) -> Float64:
        """float64[n, h], never below 0."""
        ahead = self.factor[panel.groups, panel.months : panel.months + horizon]
        if self.own is not None:
            ahead = ahead * self.own[:, panel.months : panel.months + horizon]
        return np.maximum(self.level[:, None] * ahead, 0.0)


def seasons(panel: Panel, horizon: int, power: float, ridge: float) -> Float64:
    """float64[G, T + horizon]: the pooled season of every group, small groups near that of all."""
    groups = int(panel.groups.max()) + 1 if panel.rows else 0
    factor = np.ones((groups, panel.months + horizon))
    weight = _weights(recent_mean(panel.values), power)
    of_all = coefficients(panel.values, weight, panel.start, ridge) if groups > 1 else None
    for group in range(groups):
        mine = panel.groups == group
        if mine.any():
            rows, counts = panel.values[mine], weight[mine]
            factor[group] = pooled_season(rows, counts, panel.start, horizon, ridge, of_all)
    return factor


def fit(panel: Panel, horizon: int, pooling: Pooling, factor: Float64 | None = None) -> PooledFit:
    """Level and season at the panel's end; `factor`: the seasons, where they are known already."""
    if factor is None:
        factor = seasons(panel, horizon, pooling.power, pooling.ridge)
    each = factor[panel.groups] if panel.rows else np.ones((0, panel.months + horizon))
    own = _own_season(panel, each, pooling.own) if pooling.own else None
    known = each[:, : panel.months] * (own[:, : panel.months] if own is not None else 1.0)
    return PooledFit(factor, level_of(panel.values, known, pooling.decay), own)


def level_of(values: Float64, factor: Float64, decay: float) -> Float64:
    """float64[n]: the amounts of the last year over its factors, a month older counting `decay` times as
    much."""
    span = min(YEAR, values.shape[1])
    recent = values[:, values.shape[1] - span :]
    weight = decay ** np.arange(span)[::-1] * ~np.isnan(recent)
    over = (weight * factor[:, values.shape[1] - span : values.shape[1]]).sum(1)
    level: Float64 = (weight * np.nan_to_num(recent)).sum(1) / np.maximum(over, 1e-9)
    return level


def _weights(level: Float64, power: float) -> Float64:
    """level ** (power - 1); rows of the lowest twentieth of levels are too small to be scaled up."""
    weight = np.zeros(len(level))
    positive = level > 0
    if positive.any():
        enough = level >= max(float(np.quantile(level[positive], 0.05)), 1e-9)
        weight[enough] = level[enough] ** (power - 1.0)
    return weight


def _own_season(panel: Panel, factor: Float64, own: float) -> Float64:
    """float64[n, T + h]: amounts of a month of the year over what the pool expects, shrunk towards 1."""
    level = level_of(panel.values, factor[:, : panel.months], 1.0)
    known = ~np.isnan(panel.values)
    expected = level[:, None] * factor[:, : panel.months] * known
    month = np.eye(YEAR)[(panel.start + np.arange(factor.shape[1])) % YEAR]
    rest = (level / own)[:, None]
    over = expected @ month[: panel.months] + rest
    seen = np.nan_to_num(panel.values) @ month[: panel.months] + rest
    ratio = np.where(over > 0, np.clip(seen / np.maximum(over, 1e-9), 0.0, _OWN_MOST), 1.0)
    own_season: Float64 = ratio @ month.T
    return own_season
