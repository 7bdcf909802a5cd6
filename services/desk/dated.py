"""A chain at a time: who traded in some months, what they sold, what went over each link.

Places are those of the snapshot: where a firm stood earlier is not told by a build.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from graph.csr import Int64
from graph.kernels.trivial import sums
from graph.snapshot import Snapshot


@dataclass(frozen=True)
class Span:
    """Months of a snapshot, as numbers: from `low` up to and not including `high`."""

    low: int
    high: int


def span(snapshot: Snapshot, day: date, months: int | None) -> Span:
    """The full months up to a day, the last `months` of them (None: all)."""
    high = snapshot.months_until(day)
    return Span(0 if months is None else max(0, high - months), high)


def traded(snapshot: Snapshot, within: Span) -> tuple[pl.DataFrame, Int64]:
    """enterprise, sales_fen of everybody who bought or sold in these months; and the net amount of each edge:
    int64[edges]."""
    wanted = np.zeros(len(snapshot.months), np.bool_)
    wanted[within.low : within.high] = True
    held = snapshot.scan("flow").select("edge", "month", "amount_fen").filter(
        pl.col("month") >= within.low, pl.col("month") < within.high
    ).collect()  # fmt: skip
    amounts = sums(snapshot.counts["edges"], held, wanted)[0]
    seen = held["edge"].unique().to_numpy()
    ends = [pl.Series(snapshot.column("edges", end)[seen]) for end in ("src", "dst")]
    names = snapshot.months[within.low : within.high]
    sold = (
        snapshot.scan("sales")
        .filter(pl.col("month").is_in(names))
        .group_by("enterprise")
        .agg(sales_fen=pl.col("invoiced_fen").sum())
        .collect()
    )
    every = pl.concat([*ends, sold["enterprise"]]).unique().sort().alias("enterprise").to_frame()
    rows = every.join(sold, on="enterprise", how="left", maintain_order="left")
    return rows.with_columns(pl.col("sales_fen").fill_null(0)), amounts
