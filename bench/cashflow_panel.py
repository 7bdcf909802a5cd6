"""Part of bench `cashflow`: 532 monthly series of real small firms, forecast at four origins.

As measured before: amounts with tax by month from October 2016; void invoices, exact duplicates and the eight
twin firms left out; a row needs 18 months of history and amounts in six of the last twelve at the first
origin; a firm's last month is cut off, not zero, and is neither learnt from nor scored; quarters count where
all three months are whole. Origins end in October 2018, January, April and July 2019, three months each.
Everything that is chosen is chosen anew at each origin, on months before it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from graph.csr import Float64
from services.cashflow.models.accuracy import coverage, mase, wape, wape_of_sums, wape_of_totals
from services.cashflow.models.boosted import GrownAtOrigins
from services.cashflow.models.forecast import COVERAGES, Learned, fit_panel
from services.cashflow.models.panel import Panel, observed, panel_of, recent_mean
from services.cashflow.models.pooled import Pooling, fit
from services.cashflow.models.selection import Tournament
from services.cashflow.models.theta import theta_forecasts

FIRST, MONTHS, HORIZON = date(2016, 10, 1), 41, 3
ORIGINS = (25, 28, 31, 34)
_YEAR, _HISTORY, _ACTIVE = 12, 18, 6
_COLUMNS = ("firm", "number", "day", "other", "amount", "tax", "total", "status")
_BOOKS = [f"att{n}_{side}_invoices" for n in (1, 2) for side in ("input", "output")]
Rival = Callable[[Panel], Float64]


@dataclass(frozen=True)
class Books:
    """The panel (group 0 sales, 1 purchases) and whose row each is."""

    panel: Panel
    keys: list[tuple[str, str]]

    @property
    def actual(self) -> Float64:
        """float64[n, 12]: the scored months, NaN where cut off."""
        return np.concatenate([self.panel.values[:, o : o + HORIZON] for o in ORIGINS], axis=1)


def load(folder: Path) -> Books:
    """The series from the contest's files, or others of the same form."""
    frames = [_book(folder, name) for name in _BOOKS]
    rows = pl.concat(frames).filter(pl.col("status") == "有效发票")
    pairs = folder / "duplicate_enterprise_pairs.csv"
    if pairs.exists():
        rows = rows.filter(~pl.col("firm").is_in(pl.read_csv(pairs)["b"].unique().implode()))
    month = (pl.col("day").dt.year() - FIRST.year) * 12 + pl.col("day").dt.month() - FIRST.month
    rows = rows.with_columns(month=month).filter(pl.col("month") >= 0)
    ends = rows.group_by("firm").agg(end=pl.col("month").max())
    series = (
        rows.select("firm", "side").unique().join(ends, on="firm").sort("firm", "side").with_row_index("row")
    )
    cells = rows.filter(pl.col("month") < MONTHS).join(series, on=["firm", "side"])
    cells = cells.group_by("row", "month").agg(pl.col("total").sum()).sort("row", "month")
    amounts = np.zeros((len(series), MONTHS))
    amounts[cells["row"].to_numpy(), cells["month"].to_numpy()] = cells["total"].to_numpy()
    values = observed(amounts, series["end"].to_numpy())
    origin = ORIGINS[0]
    first = np.where((amounts != 0).any(1), (amounts != 0).argmax(1), MONTHS)
    kept = (first <= origin - _HISTORY) & ((amounts[:, origin - _YEAR : origin] != 0).sum(1) >= _ACTIVE)
    keys = [key for key, keep in zip(series.select("firm", "side").iter_rows(), kept, strict=True) if keep]
    groups = np.array([int(side == "input") for _, side in keys], np.int64)
    return Books(panel_of(values[kept], FIRST, groups), keys)


def _book(folder: Path, name: str) -> pl.DataFrame:
    path = next(p for p in (folder / f"{name}.csv.gz", folder / f"{name}.csv") if p.exists())
    frame = pl.read_csv(path, infer_schema=False)
    frame = frame.rename(dict(zip(frame.columns, _COLUMNS, strict=True)))
    return (
        frame.with_columns(pl.col("status").str.strip_chars())
        .unique(maintain_order=True)
        .with_columns(
            pl.col("day").str.to_date("%Y/%m/%d"),
            pl.col("total").cast(pl.Float64),
            side=pl.lit(name.split("_")[1]),
        )
    )


def run(books: Books) -> dict[str, object]:
    """The five figures and the coverage of the combination, and all of them of everything simpler."""
    tournament = Tournament(books.panel, HORIZON)
    learned = GrownAtOrigins(tournament)
    whole, inside = combined(books, tournament, learned)
    core, core_inside = combined(books, tournament, None)
    table = {name: scores(books, at_origins(books, rival)) for name, rival in _rivals().items()}
    table["best pooled, rows"] = scores(books, _best(tournament, "rows"))
    table["best pooled, totals"] = scores(books, _best(tournament, "totals"))
    table["trees alone"] = scores(
        books,
        np.concatenate(
            [learned.forecast(books.panel.until(o), tournament.best(o, "rows")) for o in ORIGINS], axis=1
        ),
    )
    table["core install: pooled + Theta, totals lead"] = scores(books, core)
    table["all: pooled + Theta + trees, totals lead"] = scores(books, whole)
    return {
        **scores(books, whole),
        "coverage": inside,
        "coverage_error": round(max(abs(got - float(promised)) for promised, got in inside.items()), 4),
        "coverage_core": core_inside,
        "series": books.panel.rows,
        "rivals": table,
    }


def combined(
    books: Books, tournament: Tournament, learned: Learned | None
) -> tuple[Float64, dict[str, float]]:
    """float64[n, 12] of the combination, and the share of months inside each interval."""
    forecasts = [
        fit_panel(books.panel.until(o), HORIZON, learned, tournament=tournament).forecast(
            books.panel.values[:, :o], books.panel.groups
        )
        for o in ORIGINS
    ]
    inside = {}
    for promised in COVERAGES:
        low, high = (np.concatenate([f.interval(promised)[i] for f in forecasts], axis=1) for i in (0, 1))
        inside[f"{promised:g}"] = round(coverage(books.actual, low, high), 4)
    return np.concatenate([f.mean for f in forecasts], axis=1), inside


def scores(books: Books, forecast: Float64) -> dict[str, float]:
    """WAPE by firm-month, firm-quarter, sales and purchases of all firms by month; MASE, scaled by the months
    before the first origin."""
    actual, sales = books.actual, books.panel.groups == 0
    found = {
        "month": wape(actual, forecast),
        "quarter": wape_of_sums(actual, forecast, 3),
        "sales": wape_of_totals(actual[sales], forecast[sales]),
        "purchases": wape_of_totals(actual[~sales], forecast[~sales]),
        "mase": mase(actual, forecast, books.panel.values[:, : ORIGINS[0]]),
    }
    return {name: round(value, 4) for name, value in found.items()}


def at_origins(books: Books, rival: Rival) -> Float64:
    """float64[n, 12]: a rival's forecasts, each from what was known at its origin."""
    return np.concatenate([rival(books.panel.until(origin)) for origin in ORIGINS], axis=1)


def _best(tournament: Tournament, of: str) -> Float64:
    return np.concatenate([tournament.best(origin, of) for origin in ORIGINS], axis=1)


def _rivals() -> dict[str, Rival]:
    return {
        "last month": lambda p: np.repeat(np.nan_to_num(p.values[:, -1:]), HORIZON, axis=1),
        "same month a year ago": lambda p: np.nan_to_num(p.values[:, -_YEAR : HORIZON - _YEAR]),
        "mean of 12 months": lambda p: np.repeat(recent_mean(p.values)[:, None], HORIZON, axis=1),
        "mean of 12 months x plain index": _plain_index,
        "Theta": _theta,
        "pooled, by amount, no choosing": lambda p: _pooled(p, Pooling(1.0, 0.1, 1.0)),
        "pooled, half by amount, no choosing": lambda p: _pooled(p, Pooling(0.5, 0.1, 0.9)),
        "the same with the row's own season": lambda p: _pooled(p, Pooling(0.5, 0.1, 0.9, 0.1)),
    }


def _pooled(panel: Panel, pooling: Pooling) -> Float64:
    return fit(panel, HORIZON, pooling).forecast(panel, HORIZON)


def _plain_index(panel: Panel) -> Float64:
    """Last year's totals of all rows, month by month over their mean: no smoothing, no holiday."""
    year = panel.values[:, -_YEAR:]
    totals = year[~np.isnan(year).any(1)].sum(0)
    index = (totals / totals.mean())[:HORIZON]
    forecast: Float64 = np.maximum(recent_mean(panel.values)[:, None] * index, 0.0)
    return forecast


def _theta(panel: Panel) -> Float64:
    rows = [row[~np.isnan(row)] for row in panel.values]
    return np.maximum(theta_forecasts(rows, HORIZON), 0.0)
