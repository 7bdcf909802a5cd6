"""How the sales of each firm grew, by its own books alone: the last full months against the year before."""

import polars as pl

from graph.snapshot import Snapshot

#: Most months that are compared with the same months of the year before.
MONTHS = 12


def windows(snapshot: Snapshot) -> tuple[list[str], list[str]]:
    """The last full months that the year before holds too, and those of the year before; empty where the
    snapshot is too short."""
    full = snapshot.months[: snapshot.months_until(snapshot.as_of)]
    known = set(full)
    last = [month for month in full[-MONTHS:] if _year_before(month) in known]
    return last, [_year_before(month) for month in last]


def growth(snapshot: Snapshot) -> pl.DataFrame:
    """enterprise, growth, now_fen, before_fen of the firms whose own sales books cover both stretches.

    Books that begin within the year before, or end before the last month, say nothing: what lies outside
    them is not known to be zero.
    """
    last, before = windows(snapshot)
    if not last:
        return pl.DataFrame(
            schema={
                "enterprise": pl.Int32,
                "growth": pl.Float64,
                "now_fen": pl.Int64,
                "before_fen": pl.Int64,
            }
        )
    until = snapshot.enterprises.select(until=pl.col("own_sales_until").dt.strftime("%Y-%m")).with_row_index(
        "enterprise"
    )
    fen, month = pl.col("invoiced_fen"), pl.col("month")
    own = (
        snapshot.scan("sales")
        .filter(pl.col("invoiced_from") == "own")
        .select("enterprise", "month", "invoiced_fen")
        .collect()
    )
    summed = own.group_by("enterprise").agg(
        since=month.min(),
        now_fen=fen.filter(month.is_in(last)).sum(),
        before_fen=fen.filter(month.is_in(before)).sum(),
    )
    return (
        summed.join(until.cast({"enterprise": pl.Int32}), on="enterprise")
        .filter(
            pl.col("since") <= before[0], pl.col("until") >= last[-1], pl.col("before_fen") > 0
        )
        .select(
            "enterprise", growth=pl.col("now_fen") / pl.col("before_fen") - 1, now_fen="now_fen",
            before_fen="before_fen",
        )
        .sort("enterprise")
    )  # fmt: skip


def _year_before(month: str) -> str:
    return f"{int(month[:4]) - 1}{month[4:]}"
