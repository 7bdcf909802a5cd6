"""A learned word on each row: how its next months will differ from the pooled forecast, by boosted trees.

One row a panel row, an origin and a month ahead; nothing in it was known later than the origin. The trees
answer with the ratio of the amount to the pooled forecast, under absolute error: the median, which is what
a single firm's forecast is judged by. Grown with LightGBM (extra `finance`), evaluated with the core install.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gnn.extra import needed
from gnn.trees import Trees, from_lightgbm
from graph.csr import Float64
from services.cashflow.models.panel import YEAR, Panel, recent_mean
from services.cashflow.models.selection import FIRST_ORIGIN, Tournament

#: Whoever has more to say about rows (their buyers) gives columns of his own: known panel and months
#: ahead → float64[h, n, k].
Extra = Callable[[Panel, int], Float64]
_TREES, _SEED = 150, 7
_PARAMETERS: dict[str, Any] = {
    "objective": "l1",
    "num_leaves": 15,
    "learning_rate": 0.05,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 1.0,
    "num_threads": 1,
    "verbosity": -1,
    "deterministic": True,
    "force_col_wise": True,
    "seed": _SEED,
}
_MOST_RATIO = 20.0


@dataclass(frozen=True)
class GrownTrees:
    """Trees that answer for any panel of firms; `extra`: what else they were shown."""

    trees: Trees
    extra: Extra | None = field(default=None, compare=False)

    def forecast(self, known: Panel, base: Float64) -> Float64:
        """float64[n, h]; where the pooled forecast is 0 it stays 0."""
        rows = described(known, base, self.extra)
        said = np.stack([self.trees.score(rows[h]) for h in range(base.shape[1])], axis=1)
        forecast: Float64 = np.maximum(base * np.clip(said, 0.0, _MOST_RATIO), 0.0)
        return forecast


@dataclass
class GrownAtOrigins:
    """Trees grown anew for every origin, from the months before it: the fair way to judge growing itself."""

    tournament: Tournament
    extra: Extra | None = None

    def __post_init__(self) -> None:
        self._forecasts: dict[int, Float64] = {}

    def forecast(self, known: Panel, base: Float64) -> Float64:
        """float64[n, h] for the tournament's rows at one of its origins; the pool's where nothing could be
        learnt."""
        origin = known.months
        if origin not in self._forecasts:
            grown = grow(self.tournament, origin, self.extra)
            self._forecasts[origin] = base if grown is None else grown.forecast(known, base)
        return self._forecasts[origin]


def grow(tournament: Tournament, origin: int, extra: Extra | None = None) -> GrownTrees | None:
    """Trees from all origins before `origin` and the months up to it; None where there is no such origin.
    MissingExtra without LightGBM."""
    rows, targets, weights = [], [], []
    for earlier in range(FIRST_ORIGIN, origin):
        known = tournament.panel.until(earlier)
        base = tournament.best(earlier, "rows")
        shown = described(known, base, extra)
        for h in range(min(tournament.horizon, origin - earlier)):
            actual = tournament.panel.values[:, earlier + h]
            usable = ~np.isnan(actual) & (base[:, h] > 0)
            rows.append(shown[h][usable])
            targets.append(np.clip(actual[usable] / base[usable, h], -1.0, _MOST_RATIO))
            weights.append(np.sqrt(base[usable, h]))
    if not rows or not sum(map(len, targets)):
        return None
    lightgbm = needed("lightgbm")
    weight = np.concatenate(weights)
    data = lightgbm.Dataset(np.concatenate(rows), np.concatenate(targets), weight=weight / weight.mean())
    return GrownTrees(from_lightgbm(lightgbm.train(_PARAMETERS, data, _TREES)), extra)


def described(known: Panel, base: Float64, extra: Extra | None = None) -> np.ndarray:
    """float32[h, n, k]: amounts in units of the row's mean of the last year; NaN where not known."""
    values, mean = known.values, recent_mean(known.values)
    unit = np.where(mean > 0, mean, np.nan)[:, None]
    year = values[:, -YEAR:] / unit
    some = np.where(np.isnan(year), np.nan, year != 0)
    quiet = np.argmax(np.nan_to_num(some[:, ::-1]) > 0, axis=1).astype(float)
    columns = [
        *(_mean(year[:, -months:]) for months in (1, 2, 3, 6)),
        _mean(some),
        _mean(some[:, -3:]),
        quiet,
        np.sqrt(np.maximum(_mean(year**2) - _mean(year) ** 2, 0)),
        _mean(np.sort(np.where(np.isnan(year), 0, year), axis=1)[:, 4:8]),
        np.nan_to_num(year).max(1),
        _mean(values[:, -2 * YEAR : -YEAR] / unit) if known.months > YEAR else np.full(known.rows, np.nan),
        np.minimum((~np.isnan(values)).sum(1), 3 * YEAR),
        np.log(np.where(mean > 0, mean, np.nan)),
        known.groups,
    ]
    shared = np.stack([np.asarray(column, float) for column in columns], axis=1)
    ahead = [_ahead(known, base, unit[:, 0], shared, h) for h in range(base.shape[1])]
    if extra is not None:
        ahead = [np.hstack(pair) for pair in zip(ahead, extra(known, base.shape[1]), strict=True)]
    return np.stack(ahead).astype(np.float32)


def _ahead(known: Panel, base: Float64, unit: Float64, shared: Float64, h: int) -> Float64:
    """float64[n, k]: what is shared, the month ahead, and that month a year ago."""
    at = known.months + h - YEAR
    ago = known.values[:, at] / unit if 0 <= at < known.months else np.full(known.rows, np.nan)
    month = np.full(known.rows, float((known.start + known.months + h) % YEAR))
    return np.column_stack([shared, np.full(known.rows, float(h)), month, ago, base[:, h] / unit])


def _mean(values: Float64) -> Float64:
    """Mean of the known ones in each row; NaN where none is."""
    count = (~np.isnan(values)).sum(1)
    mean: Float64 = np.where(count > 0, np.nansum(values, 1) / np.maximum(count, 1), np.nan)
    return mean
