"""When an invoice is due: as its contract says, else by the policy's assumption; how old it is on a day."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from graph.snapshot import Snapshot
from services.calendar import banking_days
from services.lending.policy import Policy
from services.lending.sales_index import contract_days

#: Buckets of age from the day of the invoice, in order.
BUCKETS = ("d0_30", "d31_60", "d61_90", "d91_180", "d181_365", "d366")


def dated(rows: pl.DataFrame, source: Snapshot, firm: int, rules: Policy, day: date) -> pl.DataFrame:
    """`rows` with due_on, due_basis, contract, age_days, bucket and overdue_days, as of `day`.

    Age counts from the invoice, overdue days from the day it was due, which rolls to a banking day. What a
    contract ties to delivery or acceptance counts from the invoice: no paper of delivery is read.
    """
    rows = _assumed(_by_contract(rows, source, firm), source, rules)
    rows = rows.with_columns(due_on=_rolled(rows["due_on"]))
    age = (pl.lit(day) - pl.col("issued_on")).dt.total_days().cast(pl.Int32)
    late = (pl.lit(day) - pl.col("due_on")).dt.total_days().clip(lower_bound=0).cast(pl.Int32)
    cuts = rules.body["receivables"]["ageing_days"]
    bucket = pl.lit(BUCKETS[-1])
    for last, name in zip(reversed(cuts), reversed(BUCKETS[:-1]), strict=True):
        bucket = pl.when(pl.col("age_days") <= last).then(pl.lit(name)).otherwise(bucket)
    return (
        rows.with_columns(age_days=age)
        .with_columns(bucket=bucket, overdue_days=pl.when(pl.col("open_fen") > 0).then(late).otherwise(0))
    )  # fmt: skip


def _rolled(days: pl.Series) -> pl.Series:
    """Each day, or the next one on which banks are open."""
    if days.is_empty():
        return days
    first, last = int(days.to_physical().min()), int(days.to_physical().max())  # type: ignore[arg-type]
    ahead = banking_days(date(1970, 1, 1) + timedelta(days=first), last - first + 1)
    at = days.to_physical().to_numpy()
    return pl.Series("due_on", first + ahead[at - first].astype(np.int32)).cast(pl.Date)


def _by_contract(rows: pl.DataFrame, source: Snapshot, firm: int) -> pl.DataFrame:
    """The contract that an invoice belongs to: the one it is known to be for, else the one in force."""
    contracts = contract_days(source, firm)
    nothing = {"contract": pl.String, "due_on": pl.Date, "due_basis": pl.String}
    if contracts.is_empty():
        return rows.with_columns(pl.lit(None, kind).alias(name) for name, kind in nothing.items())
    known = (
        source.scan("flows4")
        .filter(pl.col("contract").is_not_null() & pl.col("fact").is_in(rows["fact"].implode()))
        .select("fact", linked="contract")
        .collect()
    )
    named = rows.select("fact", "buyer", "issued_on").join(known, on="fact", how="left")
    fits = named.join(contracts, on="buyer")
    in_force = (pl.col("issued_on") >= pl.col("starts")) & (
        pl.col("until").is_null() | (pl.col("issued_on") <= pl.col("until"))
    )
    own = pl.col("contract") == pl.col("linked")
    best = (
        fits.with_columns(own=own.fill_null(False), in_force=in_force.fill_null(False))
        .filter(pl.col("own") | (pl.col("linked").is_null() & pl.col("in_force")))
        .sort("fact", "own", "starts", "contract", descending=[False, True, True, False], nulls_last=True)
        .unique("fact", keep="first", maintain_order=True)
    )
    printed = pl.col("due_on").is_not_null()
    from_day = pl.when(pl.col("trigger") == "statement").then(pl.col("issued_on").dt.month_end())
    counted = from_day.otherwise("issued_on") + pl.duration(days=pl.col("days"))
    said = best.select(
        "fact",
        "contract",
        due_on=pl.when(printed).then("due_on").otherwise(counted),
        due_basis=pl.when(printed)
        .then(pl.lit("printed"))
        .when(pl.col("days").is_not_null())
        .then(pl.lit("contract")),
    )
    return rows.join(said, on="fact", how="left", maintain_order="left")


def _assumed(rows: pl.DataFrame, source: Snapshot, rules: Policy) -> pl.DataFrame:
    """Where no contract says: so many days by the kind of buyer."""
    days = {row["buyer"]: row["days"] for row in rules.rows("receivables", "due_days")}
    codes = rules.body["receivables"]["public_codes"]
    buyers = source.enterprises[rows["buyer"].unique().sort()].select("code", "size")
    buyers = buyers.with_columns(buyer=rows["buyer"].unique().sort())
    code = pl.col("code").fill_null("")
    public = (code.str.len_chars() == 18) & code.str.slice(0, 2).is_in(codes)
    large = pl.col("size") == "large"
    kinds = buyers.select(
        "buyer",
        days=pl.when(public)
        .then(days["public_body"])
        .when(large)
        .then(days["large"])
        .otherwise(days["other"]),
        by=pl.when(public | large.fill_null(False)).then(pl.lit("law")).otherwise(pl.lit("assumed")),
    )
    counted = pl.col("issued_on") + pl.duration(days=pl.col("days"))
    return (
        rows.join(kinds, on="buyer", maintain_order="left")
        .with_columns(due_on=pl.coalesce("due_on", counted), due_basis=pl.coalesce("due_basis", "by"))
        .drop("days", "by")
    )
