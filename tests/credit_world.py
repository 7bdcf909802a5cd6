"""A random small world with two years of trade: firms, links, books, sales; one firm trades with nobody."""

from datetime import date

import numpy as np
import polars as pl

from graph.snapshot import write_snapshot
from graph.snapshot_tables import SnapshotTables

MONTHS = [f"{2024 + m // 12}-{m % 12 + 1:02d}" for m in range(24)]


def random_world(firms: int = 40, links: int = 150, seed: int = 1) -> SnapshotTables:
    """Two firms of three have own sales books, one of three own purchase books; the last is unseen."""
    rng = np.random.default_rng(seed)
    pairs = sorted({(int(a), int(b)) for a, b in rng.integers(0, firms - 1, (links, 2)) if a != b})
    own = {"sale": rng.random(firms) < 0.66, "purchase": rng.random(firms) < 0.33}
    flow = []
    for edge in range(len(pairs)):
        first, often = rng.integers(0, 20), rng.uniform(0.2, 1.0)
        for month in range(first, 24):
            if rng.random() < often:
                flow.append((edge, month, int(rng.lognormal(13, 1)), int(rng.integers(1, 5))))
    flow = pl.DataFrame(flow, schema=["edge", "month", "amount_fen", "count"], orient="row")
    ends = pl.DataFrame(pairs, schema=["src", "dst"], orient="row").with_row_index("edge").cast(pl.Int64)
    traded = flow.join(ends, on="edge").with_columns(month=pl.Series(MONTHS).gather(flow["month"]))
    sums = traded.group_by(enterprise="src", month="month").agg(invoiced_fen=pl.col("amount_fen").sum())
    edges = traded.group_by("edge").agg(
        gross_fen=pl.col("amount_fen").sum(),
        amount_fen=pl.col("amount_fen").sum(), count=pl.col("count").sum(),
        first=pl.col("month").min().str.to_date("%Y-%m"), last=pl.col("month").max().str.to_date("%Y-%m"),
    )  # fmt: skip
    seen = ends.join(edges, on="edge").sort("src", "dst")
    number = seen.select("edge").with_row_index("e").cast(pl.Int64)
    industries = rng.choice(["1311", "2929", "6610", "3670"], firms)
    coverage = [_books(traded, side, own[side]) for side in own]
    return SnapshotTables(
        as_of=date(2025, 12, 31),
        months=MONTHS,
        synthetic=True,
        enterprises=pl.DataFrame(
            {"id": [f"{i:016x}" for i in range(firms)], "name": [f"firm {i}" for i in range(firms)],
             "code": [f"C{i}" for i in range(firms)], "hub": False, "industry": industries}
        ),
        edges=seen.drop("edge").with_columns(red_fen=0, attested=pl.lit("seller")),
        flow=flow.join(number, on="edge").select("month", "amount_fen", "count", edge="e"),
        sales=sums.with_columns(
            invoiced_from=pl.when(pl.Series(own["sale"]).gather(sums["enterprise"])).then(pl.lit("own"))
            .otherwise(pl.lit("seen"))
        ),
        coverage=pl.concat(coverage),
    )  # fmt: skip


def _books(traded: pl.DataFrame, side: str, own: np.ndarray) -> pl.DataFrame:
    """Months of own books with their invoices."""
    who = "src" if side == "sale" else "dst"
    sums = traded.group_by(enterprise=who, month="month").agg(invoices=pl.col("count").sum())
    return sums.filter(pl.Series(own).gather(sums["enterprise"])).with_columns(side=pl.lit(side))


def published(folder, tables: SnapshotTables):
    """The world as a snapshot."""
    return write_snapshot(folder, tables)
