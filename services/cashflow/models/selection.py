"""Which candidate to trust, decided on origins whose outcome was known at the time.

At an origin o every earlier origin q is forecast from what was known at q, and compared with the months
after q up to o. Errors of a group's total decide which candidate gives the total; errors of the rows
decide which gives the rows. Nothing after o is looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graph.csr import Float64, Int64
from services.cashflow.models import pooled
from services.cashflow.models.panel import YEAR, Panel
from services.cashflow.models.pooled import CANDIDATES, Pooling

#: An origin needs a whole year before it, and at most this many are looked back at.
FIRST_ORIGIN, MOST_ORIGINS = YEAR + 1, 24
#: The best few candidates are averaged: one alone is often best by luck.
BEST = 3


@dataclass(frozen=True)
class Errors:
    """Absolute errors over absolute amounts, float64[candidates, G], of rows and of group totals; `origins`:
    how many were compared."""

    rows: Float64
    totals: Float64
    origins: int


@dataclass
class Tournament:
    """All candidates on one panel, at any origin of it; what was computed for one origin is kept."""

    panel: Panel
    horizon: int
    candidates: Sequence[Pooling] = CANDIDATES

    def __post_init__(self) -> None:
        self._cells: dict[int, tuple[Float64, Float64, Float64]] = {}
        self._seasons: dict[tuple[int, float, float], Float64] = {}

    @cached_property
    def groups(self) -> int:
        """Number of groups."""
        return int(self.panel.groups.max()) + 1 if self.panel.rows else 0

    def forecast(self, origin: int, pooling: Pooling) -> Float64:
        """float64[n, h]: the forecast at `origin` (number of months known), from those months alone."""
        known = self.panel.until(origin)
        factor = self.seasons(origin, pooling.power, pooling.ridge)
        return pooled.fit(known, self.horizon, pooling, factor).forecast(known, self.horizon)

    def seasons(self, origin: int, power: float, ridge: float) -> Float64:
        """float64[G, origin + h]: the pooled seasons at `origin`."""
        key = (origin, power, ridge)
        if key not in self._seasons:
            self._seasons[key] = pooled.seasons(self.panel.until(origin), self.horizon, power, ridge)
        return self._seasons[key]

    def origins_before(self, origin: int) -> range:
        """Earlier origins with at least one known month after them."""
        return range(max(FIRST_ORIGIN, origin - MOST_ORIGINS), origin)

    def errors(self, origin: int) -> Errors:
        """How each candidate did at the origins before `origin`, on months before it."""
        shape = (len(self.candidates), self.groups)
        rows, totals, size_rows, size_totals = (np.zeros(shape) for _ in range(4))
        for earlier in self.origins_before(origin):
            ahead = min(self.horizon, origin - earlier)
            of_rows, of_totals, sizes = self._errors_at(earlier)
            rows += of_rows[:, :, :ahead].sum(2)
            totals += of_totals[:, :, :ahead].sum(2)
            size_rows += sizes[0, :, :ahead].sum(1)
            size_totals += sizes[1, :, :ahead].sum(1)
        return Errors(
            rows / np.maximum(size_rows, 1e-9),
            totals / np.maximum(size_totals, 1e-9),
            len(self.origins_before(origin)),
        )

    def chosen(self, origin: int, of: str) -> Int64:
        """int64[G, BEST]: the best candidates of each group at `origin`, by `rows` or `totals`."""
        errors: Float64 = getattr(self.errors(origin), of).copy()
        if of == "totals":
            errors[[one.own > 0 for one in self.candidates]] = np.inf  # a total's own season is the group's
        return np.argsort(errors, axis=0, kind="stable")[:BEST].T

    def best(self, origin: int, of: str) -> Float64:
        """float64[n, h]: the forecast at `origin` by each group's best candidates."""
        chosen = self.chosen(origin, of)
        out = np.zeros((self.panel.rows, self.horizon))
        for number in np.unique(chosen):
            share = (chosen == number).sum(1)[self.panel.groups] / chosen.shape[1]
            out += share[:, None] * self.forecast(origin, self.candidates[number])
        return out

    def _errors_at(self, origin: int) -> tuple[Float64, Float64, Float64]:
        """[candidates, G, h] of rows and totals, and [2, G, h] their sizes, for one origin."""
        if origin not in self._cells:
            actual = self.panel.values[:, origin : origin + self.horizon]
            actual = np.pad(actual, ((0, 0), (0, self.horizon - actual.shape[1])), constant_values=np.nan)
            known = ~np.isnan(actual)
            amounts = np.nan_to_num(actual)
            cells = [
                self._compared(np.where(known, self.forecast(origin, one), 0.0), amounts)
                for one in self.candidates
            ]
            sizes = np.stack([self._by_group(np.abs(amounts)), np.abs(self._by_group(amounts))])
            self._cells[origin] = np.stack([c[0] for c in cells]), np.stack([c[1] for c in cells]), sizes
        return self._cells[origin]

    def _compared(self, forecast: Float64, actual: Float64) -> tuple[Float64, Float64]:
        error = actual - forecast
        return self._by_group(np.abs(error)), np.abs(self._by_group(error))

    def _by_group(self, values: Float64) -> Float64:
        """float64[G, h] sums of float64[n, h]."""
        return np.stack(
            [np.bincount(self.panel.groups, column, minlength=self.groups) for column in values.T], axis=1
        )
