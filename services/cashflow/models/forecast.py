"""The forecast of a panel: what to trust is settled on earlier origins; rows, totals, intervals follow.

Members: the pooled season times the row's level, Theta on the deseasonalised row, and (where a learned model
is given) its word on how the row will differ from the pool. Their weights are those with the least absolute
error on earlier origins. Rows are then scaled towards the pooled forecast of their group's total, as
far as that has paid, and intervals come from the errors this made at the earlier origins.

Runs with the core install. `fit_panel` does the searching (seconds for thousands of rows, by night);
`PanelModel.forecast` answers for any rows of the same months at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Protocol

import numpy as np

from graph.csr import Float64, Int64
from services.cashflow.models import pooled
from services.cashflow.models.coherence import bottom_up, ratios
from services.cashflow.models.conformal import cells_of, past_errors, scale_of
from services.cashflow.models.panel import Panel, panel_of, recent_mean
from services.cashflow.models.pooled import Pooling
from services.cashflow.models.selection import FIRST_ORIGIN, Tournament
from services.cashflow.models.theta import theta_forecasts

COVERAGES = (0.8, 0.9, 0.95)
#: Weights are tried in steps of a quarter; intervals are cut from at most a year of origins.
_STEPS, _LOOK_BACK = 4, 12
#: How far totals may move rows; of equals the first.
_LEADS = (1.0, 0.5, 0.0)


class Learned(Protocol):
    """A model that forecasts rows from what was known at an origin and the pooled forecast of then."""

    def forecast(self, known: Panel, base: Float64) -> Float64:
        """float64[n, h] for the rows of `known` and their pooled forecasts, float64[n, h]."""
        ...


@dataclass(frozen=True)
class Forecast:
    """`mean`: float64[n, h], adds up over rows; `bounds`: promised coverage → (low, high), float64[n, h]
    each; `level`: float64[n], a row's ordinary month; `weights`: member → float64[G]; `origins`: how many
    earlier origins decided."""

    mean: Float64
    bounds: dict[float, tuple[Float64, Float64]]
    level: Float64
    weights: dict[str, Float64]
    origins: int

    def interval(self, coverage: float) -> tuple[Float64, Float64]:
        """Lower and upper ends, float64[n, h]. KeyError for a coverage that was not asked for."""
        return self.bounds[coverage]


@dataclass(frozen=True)
class PanelModel:
    """What `fit_panel` settled, for rows whose known months begin and end as the panel's did."""

    start: int
    months: int
    horizon: int
    poolings: list[list[Pooling]]
    seasons: dict[tuple[float, float], Float64]
    weights: dict[str, Float64]
    scale: Float64
    bounds: dict[float, Float64]
    origins: int
    learned: Learned | None = field(default=None, compare=False)

    def forecast(self, values: Float64, groups: Int64 | None = None) -> Forecast:
        """Forecast of float64[n, T] rows, their groups numbered as the panel's. ValueError where the months
        differ."""
        panel = panel_of(values, date(self.start // 12, self.start % 12 + 1, 1), groups)
        if panel.months != self.months:
            raise ValueError(f"the model knows {self.months} months, the rows have {panel.months}")
        base = self._pooled(panel)
        mean = _mixed(_members(panel, base, self._season(panel), self.learned), self.weights, panel.groups)
        mean = mean * self.scale[panel.groups]
        scale, cell = scale_of(panel.values, mean), cells_of(panel.values)
        ends = {
            promised: (
                np.maximum(mean + scale * table[cell, 0][:, None], 0.0),
                np.maximum(mean + scale * table[cell, 1][:, None], 0.0),
            )
            for promised, table in self.bounds.items()
        }
        return Forecast(mean, ends, recent_mean(panel.values), self.weights, self.origins)

    def _pooled(self, panel: Panel) -> Float64:
        out = np.zeros((panel.rows, self.horizon))
        for group, chosen in enumerate(self.poolings):
            mine = panel.groups == group
            if not mine.any():
                continue
            rows = Panel(panel.values[mine], panel.start, np.full(int(mine.sum()), group))
            for one in chosen:
                fitted = pooled.fit(rows, self.horizon, one, self.seasons[one.power, one.ridge])
                out[mine] += fitted.forecast(rows, self.horizon) / len(chosen)
        return out

    def _season(self, panel: Panel) -> Float64:
        """float64[n, T + h]: the season Theta is cleared of."""
        table = np.stack(
            [
                self.seasons[chosen[0].power, chosen[0].ridge][group]
                for group, chosen in enumerate(self.poolings)
            ]
        )
        return table[panel.groups]


def forecast_panel(
    values: Float64,
    start: date,
    horizon: int,
    groups: Int64 | None = None,
    learned: Learned | None = None,
    coverages: Sequence[float] = COVERAGES,
) -> Forecast:
    """Forecast `horizon` months of float64[n, T] monthly amounts beginning at `start`; NaN is a month not
    known.

    `groups`: int64[n], rows that share a season and a total. Fits and forecasts in one go; `fit_panel` keeps
    the fitted part. ValueError on a wrong shape or a horizon below 1.
    """
    panel = panel_of(values, start, groups)
    return fit_panel(panel, horizon, learned, coverages).forecast(panel.values, panel.groups)


def fit_panel(
    panel: Panel,
    horizon: int,
    learned: Learned | None = None,
    coverages: Sequence[float] = COVERAGES,
    tournament: Tournament | None = None,
) -> PanelModel:
    """Settle candidates, weights, totals and intervals on the panel's earlier origins.

    `tournament`: of the same rows over more months, where several origins of one panel are fitted in turn.
    """
    if horizon < 1 or not panel.rows:
        raise ValueError("a forecast needs at least one row and one month ahead")
    tournament = tournament or Tournament(panel, horizon)
    origin = panel.months
    looked = [_Past.at(tournament, q, learned) for q in _looked_back(origin)]
    weights = _weights(looked, origin, learned is not None, tournament.groups)
    now = _Past.at(tournament, origin, learned)
    mixed = _mixed(now.members, weights, panel.groups)
    lead = _lead(looked, weights, origin, tournament.groups)
    errors = past_errors([one.compared(weights, lead, origin) for one in looked])
    chosen = [[tournament.candidates[i] for i in row] for row in tournament.chosen(origin, "rows")]
    keys = {(one.power, one.ridge) for row in chosen for one in row}
    return PanelModel(
        panel.start,
        origin,
        horizon,
        chosen,
        {key: tournament.seasons(origin, *key) for key in sorted(keys)},
        weights,
        ratios(mixed, now.totals, panel.groups) ** lead[:, None],
        {promised: errors.bounds(promised) for promised in coverages},
        len(looked),
        learned,
    )


@dataclass(frozen=True)
class _Past:
    """All forecasts made at one origin. `members`: name → float64[n, h]; `totals`: float64[G, h]."""

    known: Panel
    members: dict[str, Float64]
    totals: Float64
    later: Float64

    @classmethod
    def at(cls, tournament: Tournament, origin: int, learned: Learned | None) -> "_Past":
        known = tournament.panel.until(origin)
        base = tournament.best(origin, "rows")
        totals = bottom_up(tournament.best(origin, "totals"), known.groups, tournament.groups)
        chosen = [tournament.candidates[row[0]] for row in tournament.chosen(origin, "rows")]
        season = np.stack(
            [tournament.seasons(origin, one.power, one.ridge)[g] for g, one in enumerate(chosen)]
        )
        members = _members(known, base, season[known.groups], learned)
        later = tournament.panel.values[:, origin : origin + base.shape[1]]
        later = np.pad(later, ((0, 0), (0, base.shape[1] - later.shape[1])), constant_values=np.nan)
        return cls(known, members, totals, later)

    def actual(self, origin: int) -> Float64:
        """float64[n, h]: what came after, as far as it was known at `origin`."""
        ahead = self.known.months + np.arange(self.later.shape[1])
        return np.where(ahead[None, :] < origin, self.later, np.nan)

    def compared(
        self, weights: dict[str, Float64], lead: Float64, origin: int
    ) -> tuple[Float64, Float64, Float64]:
        """Known months, coherent forecast, actual; `lead`: float64[G], how far totals move their rows."""
        groups = self.known.groups
        mixed = _mixed(self.members, weights, groups)
        scale = ratios(mixed, self.totals, groups) ** lead[:, None]
        return self.known.values, mixed * scale[groups], self.actual(origin)


def _looked_back(origin: int) -> range:
    return range(max(FIRST_ORIGIN, origin - _LOOK_BACK), origin)


def _members(known: Panel, base: Float64, season: Float64, learned: Learned | None) -> dict[str, Float64]:
    members = {"pooled": base, "theta": _theta(known, season, base)}
    if learned is not None:
        members["learned"] = learned.forecast(known, base)
    return members


def _theta(known: Panel, season: Float64, base: Float64) -> Float64:
    """Theta on each row without the pooled season; rows known for under four months keep the pooled
    forecast."""
    plain = known.values / season[:, : known.months]
    series = [row[~np.isnan(row)] for row in plain]
    enough = np.array([len(one) > 3 for one in series], np.bool_)
    ahead = theta_forecasts([one if len(one) > 3 else np.ones(4) for one in series], base.shape[1], period=0)
    ahead = np.maximum(ahead, 0.0) * season[:, known.months : known.months + base.shape[1]]
    found: Float64 = np.where(enough[:, None], ahead, base)
    return found


def _mixed(members: dict[str, Float64], weights: dict[str, Float64], groups: Int64) -> Float64:
    parts = [weights[name][groups][:, None] * forecast for name, forecast in members.items()]
    mixed: Float64 = np.sum(parts, axis=0)
    return mixed


def _weights(looked: list[_Past], origin: int, learned: bool, groups: int) -> dict[str, Float64]:
    """Weights of each group with the least absolute error at earlier origins; the pool alone without any."""
    names = ["pooled", "theta", *(["learned"] if learned else [])]
    grid = [w for w in product(range(_STEPS + 1), repeat=len(names)) if sum(w) == _STEPS]
    grid.sort(reverse=True)  # of equals, the one that trusts the pool most
    loss = np.zeros((len(grid), groups))
    for past in looked:
        actual = past.actual(origin)
        known = ~np.isnan(actual)
        for number, one in enumerate(grid):
            mixed = np.sum([w / _STEPS * past.members[n] for w, n in zip(one, names, strict=True)], axis=0)
            error = np.where(known, np.abs(np.nan_to_num(actual) - mixed), 0.0).sum(1)
            loss[number] += np.bincount(past.known.groups, error, minlength=groups)
    best = np.argmin(loss, axis=0) if looked else np.zeros(groups, np.int64)
    chosen = np.array(grid)[best] / _STEPS
    return {name: chosen[:, i] for i, name in enumerate(names)}


def _lead(looked: list[_Past], weights: dict[str, Float64], origin: int, groups: int) -> Float64:
    """float64[G]: how far a group's total moves its rows (1: wholly), by the error of rows and of totals,
    each over its size, at earlier origins. Where one large row is most of a group, its surprises move no
    others."""
    loss = np.zeros((len(_LEADS), groups))
    for number, lead in enumerate(_LEADS):
        errors, sizes = np.zeros((2, groups)), np.zeros((2, groups))
        for past in looked:
            _, forecast, actual = past.compared(weights, np.full(groups, lead), origin)
            known, at = ~np.isnan(actual), past.known.groups
            amounts, error = np.where(known, actual, 0.0), np.where(known, actual - forecast, 0.0)
            for table, into in ((error, errors), (amounts, sizes)):
                into[0] += bottom_up(np.abs(table), at, groups).sum(1)
                into[1] += np.abs(bottom_up(table, at, groups)).sum(1)
        loss[number] = (errors / np.maximum(sizes, 1e-9)).sum(0)
    best: Float64 = np.array(_LEADS)[np.argmin(loss, axis=0)]
    return best


__all__ = ["COVERAGES", "Forecast", "Learned", "PanelModel", "fit_panel", "forecast_panel"]
