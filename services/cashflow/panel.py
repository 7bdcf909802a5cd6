"""What firms sold and bought month by month, without tax, and what a forecast makes of it."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from graph.csr import Int64
from graph.snapshot import Snapshot
from services.cashflow.books import Floats
from services.cashflow.models.forecast import fit_panel
from services.cashflow.models.panel import panel_of

#: Shares of the distribution that a forecast is kept as, and the coverages of the intervals they end.
SHARES = np.array([0.025, 0.05, 0.10, 0.25, 0.4, 0.5, 0.6, 0.75, 0.90, 0.95, 0.975])
#: The last is narrow enough to be the middle: a month without invoices is likelier than a mean one.
_COVERAGES = (0.95, 0.9, 0.8, 0.5, 0.2, 0.02)
#: A forecast is fitted on so many firms, the same ones every time; more hardly change a pooled season.
_FITTED = 2_500


@dataclass(frozen=True)
class Side:
    """Sales or purchases. `panel` float64[n, months] in fen without tax, NaN after the end of a firm's books;
    `retail` float64[n]: to consumers in the last twelve months; `edge_year` float64[m]: over each edge in
    them; `quantiles` float32[n, h, q]: the forecast of each month at SHARES."""

    panel: Floats
    retail: Floats
    edge_year: Floats
    mean: Floats
    quantiles: "np.typing.NDArray[np.float32]"


def month_number(day: date) -> int:
    """Months since year 0."""
    return day.year * 12 + day.month - 1


def month_first(number: int) -> date:
    """First day of a month."""
    return date(number // 12, number % 12 + 1, 1)


def sides_of(source: Snapshot, day: date, horizon: int) -> tuple[Side, Side]:
    """Sales and purchases of all full months until `day`, forecast over the `horizon` months after them."""
    months = source.months_until(day)
    firms, edges = source.counts["enterprises"], source.counts["edges"]
    flow = source.flow_until(day, "edge", "month", "amount_fen")
    edge, month = flow["edge"].to_numpy(), flow["month"].to_numpy()
    amount = flow["amount_fen"].to_numpy().astype(np.float64)
    first = source.months[0]
    numbers = [int(m[:4]) * 12 + int(m[5:]) - 1 for m in source.months[:months]]
    start = int(first[:4]) * 12 + int(first[5:]) - 1
    width = month_number(day) - start + (1 if _ends(day) else 0)
    column = np.array(numbers, np.int64)[month] - start if months else month
    recent = column >= width - 12
    year = np.bincount(edge[recent], amount[recent], edges)
    retail = _retail(source, months, firms, width, np.array(numbers, np.int64) - start)
    groups = chain_groups(source)
    made = []
    for name, more in (("src", retail), ("dst", None)):
        who = source.column("edges", name)[edge]
        at = who.astype(np.int64) * width + column
        panel: Floats = np.bincount(at, amount, firms * width).astype(np.float64).reshape(firms, width)
        if more is not None:
            panel = panel + more
        until = source.enterprises["own_sales_until" if name == "src" else "own_purchases_until"]
        panel = _censored(panel, until.to_list(), start)
        mean, quantiles = forecast(panel, start, horizon, groups)
        last = retail[:, -12:].sum(axis=1) if more is not None else np.zeros(firms)
        made.append(Side(panel, last, np.maximum(year, 0), mean, quantiles))
    return made[0], made[1]


def chain_groups(source: Snapshot) -> Int64:
    """The chain each firm most likely belongs to, as a number; firms of none share one: int64[n]."""
    likely = source.positions.sort(
        "enterprise", "chain_probability", "chain", descending=[False, True, False], nulls_last=True
    ).unique("enterprise", keep="first", maintain_order=True)
    groups = np.zeros(source.counts["enterprises"], np.int64)
    names = sorted(likely["chain"].unique().to_list())
    numbers = likely["chain"].replace_strict(names, list(range(1, len(names) + 1)), return_dtype=pl.Int64)
    groups[likely["enterprise"].to_numpy()] = numbers.to_numpy()
    return groups


def forecast(
    panel: Floats, start: int, horizon: int, groups: Int64
) -> "tuple[Floats, np.typing.NDArray[np.float32]]":
    """(mean float64[n, h], quantiles float32[n, h, q]) of the months after `panel`; firms that never moved
    stay at nothing. Seasons are shared within `groups`; fitted on a fixed sample, answered for all."""
    firms = len(panel)
    mean, quantiles = np.zeros((firms, horizon)), np.zeros((firms, horizon, len(SHARES)), np.float32)
    live = np.flatnonzero((np.nan_to_num(panel) != 0).any(axis=1))
    if not len(live) or not panel.shape[1]:
        return mean, quantiles
    _, group = np.unique(groups[live], return_inverse=True)
    ordered = np.argsort(group, kind="stable")
    _, firsts = np.unique(group, return_index=True)
    picked = np.union1d(ordered[:: max(1, len(live) // _FITTED)], firsts)
    first, values = month_first(start), np.maximum(panel[live], 0)
    model = fit_panel(panel_of(values[picked], first, group[picked]), horizon, None, _COVERAGES)
    made = model.forecast(values, group)
    mean[live] = made.mean
    lows, highs = zip(*(made.interval(one) for one in _COVERAGES), strict=True)
    middle = (lows[-1] + highs[-1]) / 2
    ends = np.stack([*lows[:-1], middle, *highs[-2::-1]], axis=-1)
    # An interval that lies wholly on one side of the point would cross it: quantiles never fall.
    quantiles[live] = np.maximum.accumulate(ends, axis=-1)
    return mean, quantiles


def _ends(day: date) -> bool:
    """Whether a month ends with that day."""
    return month_number(date.fromordinal(day.toordinal() + 1)) != month_number(day)


def _retail(source: Snapshot, months: int, firms: int, width: int, offset: Int64) -> Floats:
    """Sales to consumers by firm and month, float64[n, months]."""
    items = (
        source.scan("item_flow")
        .filter(pl.col("dst").is_null() & (pl.col("month") < months))
        .group_by("src", "month")
        .agg(pl.col("amount_fen").sum())
        .collect()
    )
    column = offset[items["month"].to_numpy()] if months else np.zeros(0, np.int64)
    at = items["src"].to_numpy().astype(np.int64) * width + column
    sums = np.bincount(at, items["amount_fen"].to_numpy(), firms * width)
    return np.asarray(sums.reshape(firms, width), np.float64)


def _censored(panel: Floats, until: list[date | None], start: int) -> Floats:
    """`panel` with NaN in the months after a firm's own books end.

    Books that stop for no longer than they had stopped before are taken to go on: a firm that sells every
    other month sold nothing. What others' papers alone show is left as it is.
    """
    width = panel.shape[1]
    last = np.array([width if d is None else month_number(d) - start for d in until], np.int64)
    active = panel != 0
    at = np.where(active, np.arange(width), -1)
    before = np.maximum.accumulate(at, axis=1)
    # months without anything between two with something
    gaps = np.where(active[:, 1:] & (before[:, :-1] >= 0), at[:, 1:] - before[:, :-1] - 1, 0)
    usual = gaps.max(axis=1, initial=0)
    silent = width - 1 - last
    cut = (silent > usual) & (silent > 0)
    months = np.arange(width)
    return np.where(cut[:, None] & (months[None, :] > last[:, None]), np.nan, panel)
