"""Pieces of the graph around enterprises: partners by amount within a time, what several have in common."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.csr import Int64
from graph.snapshot import Snapshot


@dataclass(frozen=True)
class Window:
    """Months that count, as numbers of `snapshot.months`: from `low` up to and not including `high`."""

    low: int
    high: int


@dataclass(frozen=True)
class Partners:
    """Links of one firm on one side, by amount: `edge` rows, `other` ends, sums; of how many."""

    edge: NDArray[np.int64]
    other: NDArray[np.int32]
    amount_fen: Int64
    count: Int64
    total: int


def window(snapshot: Snapshot, since: str | None, until: str | None) -> Window | None:
    """The months from `since` to `until` ("2025-03"), both included; None where all of them count."""
    if since is None and until is None:
        return None
    months = snapshot.months
    low = 0 if since is None else sum(month < since for month in months)
    high = len(months) if until is None else sum(month <= until for month in months)
    return Window(low, max(low, high))


def sums(snapshot: Snapshot, edges: NDArray[np.int64], within: Window | None) -> tuple[Int64, Int64]:
    """Net amount in fen and number of invoices of each edge: int64[k] each. `edges` must ascend."""
    if within is None:
        columns = ("amount_fen", "count")
        return tuple(snapshot.column("edges", name)[edges].astype(np.int64) for name in columns)  # type: ignore[return-value]
    amount, count = np.zeros(len(edges), np.int64), np.zeros(len(edges), np.int64)
    for _, at, rows in _months(snapshot, edges, within):
        amount[at] += snapshot.column("flow", "amount_fen")[rows]
        count[at] += snapshot.column("flow", "count")[rows]
    return amount, count


def by_month(snapshot: Snapshot, edges: NDArray[np.int64]) -> pl.DataFrame:
    """month (number), at (place in `edges`), amount_fen, count: a row a month and edge with any invoice."""
    parts = [
        pl.DataFrame(
            {
                "month": np.full(len(at), month, np.int32),
                "at": at.astype(np.int32),
                "amount_fen": snapshot.column("flow", "amount_fen")[rows],
                "count": snapshot.column("flow", "count")[rows],
            }
        )
        for month, at, rows in _months(snapshot, edges, Window(0, len(snapshot.months)))
    ]
    schema = {"month": pl.Int32, "at": pl.Int32, "amount_fen": pl.Int64, "count": pl.Int32}
    return pl.concat([pl.DataFrame(schema=schema), *parts])


def partners(
    snapshot: Snapshot, firm: int, side: str, within: Window | None, least_fen: int,
    allowed: NDArray[np.bool_] | None,
) -> Partners:  # fmt: skip
    """Who supplies a firm (`suppliers`) or whom it supplies (`customers`) within a time, largest first.

    `allowed`: bool[enterprises] of those that count. Where a time is set, links without an invoice in it are
    none.
    """
    edges = np.sort(snapshot.suppliers(firm) if side == "suppliers" else snapshot.customers(firm)).astype(
        np.int64
    )
    other = snapshot.column("edges", "src" if side == "suppliers" else "dst")[edges]
    if allowed is not None:
        edges, other = edges[allowed[other]], other[allowed[other]]
    amount, count = sums(snapshot, edges, within)
    kept = (amount >= least_fen) if least_fen > 0 else np.ones(len(edges), np.bool_)
    if within is not None:
        kept &= count != 0
    rows = np.flatnonzero(kept)
    order = rows[np.lexsort((other[rows], -amount[rows]))]
    return Partners(edges[order], other[order].astype(np.int32), amount[order], count[order], len(order))


def common(snapshot: Snapshot, firms: Sequence[int], side: str, at_least: int) -> tuple[pl.DataFrame, int]:
    """Who supplies (or buys from) several of `firms`; and how many hubs were left out.

    Rows: partner, shared (how many of `firms`), amount_fen, edges (list, by firm): most shared first.
    """
    parts = []
    for firm in firms:
        edges = (snapshot.suppliers(firm) if side == "suppliers" else snapshot.customers(firm)).astype(
            np.int64
        )
        ends = snapshot.column("edges", "src" if side == "suppliers" else "dst")[edges]
        amounts = snapshot.column("edges", "amount_fen")[edges]
        parts.append(pl.DataFrame({"partner": ends, "edge": edges, "amount_fen": amounts}))
    every = pl.concat(parts)
    grouped = (
        every.group_by("partner")
        .agg(pl.len().alias("shared"), pl.col("amount_fen").sum(), pl.col("edge").sort().alias("edges"))
        .filter(pl.col("shared") >= at_least, ~pl.col("partner").is_in(list(firms)))
    )
    hub = snapshot.enterprises["hub"].fill_null(False).gather(grouped["partner"])
    kept = grouped.filter(~hub)
    kept = kept.sort("shared", "amount_fen", "partner", descending=[True, True, False])
    return kept, grouped.height - kept.height


def _months(snapshot: Snapshot, edges: NDArray[np.int64], within: Window):  # type: ignore[no-untyped-def]
    """month, places in `edges` that were invoiced in it, and their rows of the flow."""
    ends = [0, *snapshot.manifest["flow_ends"]]
    for month in range(within.low, within.high):
        held = snapshot.flow_edges[month]
        at = np.searchsorted(held, edges)
        hit = (
            np.flatnonzero((at < len(held)) & (held[np.minimum(at, len(held) - 1)] == edges))
            if len(held)
            else ()
        )
        if len(hit):
            yield month, hit, ends[month] + at[hit]
