"""From invoices to edges: who supplies whom, per month, with the invoices that attest it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl


@dataclass(frozen=True)
class Edges:
    """`edges` one row a pair (src, dst as enterprise indices), `flow` one row a pair and month,
    `evidence` edge → fact (hex ids), `months` the calendar months from first to last."""

    edges: pl.DataFrame
    flow: pl.DataFrame
    evidence: pl.DataFrame
    months: list[str]


def build_edges(supplies: pl.DataFrame, index: pl.DataFrame, retail: pl.DataFrame | None = None) -> Edges:
    """Sum the invoices that mean supply into edges.

    `supplies` are settled invoices with seller and buyer; `index` maps enterprise → i (int32).
    Amounts are in fen without tax: `gross_fen` what was invoiced, `red_fen` what red invoices took
    back (negative), `amount_fen` their sum. `months` spans `retail` too, sold to nobody by name.
    """
    rows = (
        supplies.join(index.rename({"enterprise": "seller", "i": "src"}), on="seller")
        .join(index.rename({"enterprise": "buyer", "i": "dst"}), on="buyer")
        .select("src", "dst", "fact", "happened_on", "amount_fen", "status", "attested")
    )
    amount = pl.col("amount_fen")
    edges = (
        rows.lazy()
        .group_by("src", "dst")
        .agg(
            amount.filter(amount > 0).sum().alias("gross_fen"),
            amount.filter(amount <= 0).sum().alias("red_fen"),
            amount.sum(),
            (pl.col("status") == "normal").sum().cast(pl.Int64).alias("count"),
            pl.col("happened_on").min().alias("first"),
            pl.col("happened_on").max().alias("last"),
            _attested(),
        )
        .sort("src", "dst")
        .collect()
    )
    numbered = edges.select("src", "dst").with_row_index("edge").cast({"edge": pl.Int32})
    rows = rows.join(numbered, on=["src", "dst"])
    days = pl.concat([part["happened_on"] for part in (rows, retail) if part is not None])
    first = days.min()
    months = month_names(first, days.max()) if first is not None else []
    flow = (
        rows.lazy()
        .group_by("edge", month("happened_on", first))
        .agg(amount.sum(), pl.len().cast(pl.Int64).alias("count"))
        .sort("month", "edge")
        .collect()
    )
    return Edges(edges, flow, rows.select("edge", "fact").sort("edge", "fact"), months)


def _attested() -> pl.Expr:
    """The best attestation of any invoice on the edge."""
    seen = pl.col("attested")
    return (
        pl.when((seen == "both").any() | ((seen == "seller").any() & (seen == "buyer").any()))
        .then(pl.lit("both"))
        .when((seen == "seller").any())
        .then(pl.lit("seller"))
        .when((seen == "buyer").any())
        .then(pl.lit("buyer"))
        .otherwise(pl.lit("paper"))
        .alias("attested")
    )


def month(column: str, first: object) -> pl.Expr:
    """`month`: calendar months of a date since the first one, as int32."""
    day, start = pl.col(column), pl.lit(first, pl.Date)
    since = (day.dt.year() - start.dt.year()) * 12 + day.dt.month() - start.dt.month()
    return since.cast(pl.Int32).alias("month")


def month_names(first: object, last: object) -> list[str]:
    """Every calendar month from `first` to `last` as YYYY-MM."""
    series = pl.select(
        pl.date_range(
            pl.lit(first, pl.Date).dt.month_start(), pl.lit(last, pl.Date).dt.month_start(), "1mo"
        ).dt.strftime("%Y-%m")
    ).to_series()
    return [str(m) for m in series]


def indptr(sorted_ids: pl.Series, n: int) -> npt.NDArray[np.int64]:
    """CSR row pointer (n + 1) of a sorted column of row numbers."""
    counts = np.bincount(sorted_ids.to_numpy(), minlength=n)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
