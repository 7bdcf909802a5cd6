"""What contracts make due when: terms and the days of the events they wait for → dated flows.

Pure columns, no ledger: whoever forecasts calls it with the contracts known on a day and the events seen
until then. A term whose event has not happened yet keeps its row without a day: it is known to come.
"""

from collections.abc import Collection
from datetime import date
from decimal import ROUND_HALF_UP
from typing import Any

import polars as pl

SCHEDULE = pl.Schema(
    {
        "fact": pl.String,
        "term": pl.Int32,
        "kind": pl.String,
        "due_on": pl.Date,
        "amount_fen": pl.Int64,
        "payer": pl.String,
        "payee": pl.String,
        "basis": pl.String,
    }
)
#: Events known so far: contract, trigger (as in contract_terms) and the day it happened.
ANCHORS = pl.Schema({"fact": pl.String, "trigger": pl.String, "on": pl.Date})
_PAID = ("payment", "retention", "deposit", "rent")
_MOST_RENTS = 1_200  # payments of one term: a hundred years by the month


def schedule(
    contracts: pl.DataFrame,
    terms: pl.DataFrame,
    anchors: pl.DataFrame | None = None,
    holidays: Collection[date] = (),
) -> pl.DataFrame:
    """Flows of `contracts` and `terms` (ledger tables) as `SCHEDULE`, in order of contract, term and day.

    `basis` says what the day rests on: `printed` (the paper names it), `signing`, `event` (a day in
    `anchors`: the last of its trigger), or `waits` (nothing known yet: no day). Working days leave out
    weekends and `holidays`. A `statement` counts from the end of the month of its event, or of the delivery.
    What is paid before delivery is due on the day of delivery at the latest, less the days printed.
    Amounts are the term's own, else its share of the contract's; unknown ones stay null.
    """
    who = contracts.select("fact", "happened_on", total="amount_fen", payer="buyer", payee="seller").unique(
        "fact", keep="first", maintain_order=True
    )
    due = terms.filter(pl.col("kind").is_in(_PAID)).unique(
        ["fact", "term"], keep="first", maintain_order=True
    )
    due = due.join(who, on="fact", how="inner", maintain_order="left")
    due = _anchored(due, pl.DataFrame(schema=ANCHORS) if anchors is None else anchors)
    share = pl.struct("total", "share").map_elements(_part, return_dtype=pl.Int64)
    due = _dated(due, holidays).with_columns(amount_fen=pl.coalesce("amount_fen", share))
    rents = due.filter(
        (pl.col("kind") == "rent") & pl.col("every_months").is_not_null() & pl.col("day").is_not_null()
    )
    once = due.join(rents.select("fact", "term"), on=["fact", "term"], how="anti", maintain_order="left")
    made = pl.concat([_columns(once), _columns(_repeated(rents))])
    return made.sort("fact", "term", "due_on", nulls_last=True, maintain_order=True)


def _part(of: dict[str, Any]) -> int | None:
    """A share of an amount in whole fen; exact, so not by a column of floats."""
    if of["total"] is None or of["share"] is None:
        return None
    return int((of["total"] * of["share"]).to_integral_value(ROUND_HALF_UP))


def _anchored(due: pl.DataFrame, anchors: pl.DataFrame) -> pl.DataFrame:
    """`on`: the day of each term's event, where it is known."""
    known = anchors.group_by("fact", "trigger").agg(pl.col("on").max())
    due = due.join(known, on=["fact", "trigger"], how="left", maintain_order="left")
    delivered = known.filter(pl.col("trigger") == "delivery").select("fact", delivered="on")
    due = due.join(delivered, on="fact", how="left", maintain_order="left")
    statement = pl.col("trigger") == "statement"
    prepaid = pl.col("trigger") == "before_delivery"
    event = (
        pl.when(statement)
        .then(pl.coalesce("on", "delivered").dt.month_end())
        .when(prepaid)
        .then(pl.coalesce("on", "delivered"))
        .otherwise("on")
    )
    signing = (pl.col("trigger") == "signing") & event.is_null()
    return due.with_columns(
        on=pl.when(signing).then("happened_on").otherwise(event),
        basis=pl.when(pl.col("due_on").is_not_null())
        .then(pl.lit("printed"))
        .when(signing & pl.col("happened_on").is_not_null())
        .then(pl.lit("signing"))
        .when(event.is_not_null())
        .then(pl.lit("event"))
        .otherwise(pl.lit("waits")),
    )


def _dated(due: pl.DataFrame, holidays: Collection[date]) -> pl.DataFrame:
    """`day`: when each term is due."""
    days = pl.col("days").fill_null(0)
    plain = pl.col("on") + pl.duration(days=days)
    working = pl.col("on").dt.add_business_days(days, holidays=sorted(holidays), roll="backward")
    counted = pl.when(pl.col("working_days").fill_null(False)).then(working).otherwise(plain)
    return due.with_columns(day=pl.coalesce("due_on", counted))


def _repeated(rents: pl.DataFrame) -> pl.DataFrame:
    """Rent as one row a payment, from its first day every so many months until the last."""
    last = pl.coalesce("until", "day")
    between = (last.dt.year() - pl.col("day").dt.year()) * 12 + last.dt.month() - pl.col("day").dt.month()
    times = (between // pl.col("every_months") + 1).clip(1, _MOST_RENTS)
    rows = rents.with_columns(n=pl.int_ranges(0, times)).explode("n")
    months = pl.format("{}mo", pl.col("n") * pl.col("every_months"))
    rows = rows.with_columns(day=pl.col("day").dt.offset_by(months))
    return rows.filter(pl.col("until").is_null() | (pl.col("day") <= pl.col("until"))).drop("n")


def _columns(due: pl.DataFrame) -> pl.DataFrame:
    return due.select(
        *("fact", "term", "kind"), pl.col("day").alias("due_on"), *("amount_fen", "payer", "payee", "basis")
    ).cast(SCHEDULE)
