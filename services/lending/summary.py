"""What a firm's receivables come to: per buyer, by age, and the figures a credit officer asks for.

A figure that the papers do not show is null with its reason: days of sales outstanding need proof of what
is unpaid, shares and dilution need the firm's own sales books.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from graph.snapshot import Snapshot
from services.lending.due import BUCKETS
from services.lending.policy import Policy

#: Names of the figures.
FIGURES = ("dso_days", "dilution", "top5_share")
_SUMS = ("amount_fen", "red_fen", "settled_fen", "assumed_fen", "open_fen", "eligible_fen", "if_proven_fen")


@dataclass(frozen=True)
class Figure:
    """One figure, or why there is none (`reason`, a code)."""

    name: str
    value: float | None
    reason: str | None = None


@dataclass(frozen=True)
class Summary:
    """`buyers`: one row a buyer, the largest open amount first: of what is open, the next due day ahead and
    the oldest one that is past; `buckets`: open fen by age; `sums`: of all.

    `excluded`: exclusion → open fen that it keeps out (one receivable may be kept out by several).
    `proven_fen`: of what is open, shown by statements or a confirmation to be unpaid.
    """

    buyers: pl.DataFrame
    buckets: Mapping[str, int]
    sums: Mapping[str, int]
    excluded: Mapping[str, int]
    proven_fen: int
    figures: tuple[Figure, ...]


def summed(rows: pl.DataFrame, source: Snapshot, firm: int, rules: Policy, day: date) -> Summary:
    """The summary of `receivables` (columns RECEIVABLES) of the firm in row `firm` as of `day`."""
    live = rows.filter(pl.col("status") != "void")
    value, due = pl.col("open_fen"), pl.col("due_on")
    by_age = [value.filter(pl.col("bucket") == name).sum().alias(name) for name in BUCKETS]
    proven = pl.col("unpaid").is_in(["statements", "confirmed"])
    buyers = (
        live.group_by("buyer")
        .agg(
            *(pl.col(name).sum() for name in (*_SUMS, "advance_fen")),
            *by_age,
            pl.len().cast(pl.Int32).alias("invoices"),
            (value > 0).sum().cast(pl.Int32).alias("open_invoices"),
            value.filter(proven).sum().alias("proven_fen"),
            value.filter(pl.col("overdue_days") > 0).sum().alias("overdue_fen"),
            due.filter((value > 0) & (due >= day)).min().alias("next_due_on"),
            due.filter((value > 0) & (due < day)).min().alias("overdue_since"),
        )
        .sort("open_fen", "buyer", descending=[True, False])
    )
    excluded = (
        live.filter(value > 0)
        .select("open_fen", "excluded_by")
        .explode("excluded_by", empty_as_null=False, keep_nulls=False)
        .group_by("excluded_by")
        .agg(value.sum())
    )
    return Summary(
        buyers=buyers,
        buckets={name: int(live.filter(pl.col("bucket") == name)["open_fen"].sum()) for name in BUCKETS},
        sums={name: int(live[name].sum()) for name in (*_SUMS, "advance_fen")},
        excluded=dict(excluded.sort("excluded_by").iter_rows()),
        proven_fen=int(live.filter(proven)["open_fen"].sum()),
        figures=_figures(live, buyers, source, firm, rules, day),
    )


def _figures(
    live: pl.DataFrame, buyers: pl.DataFrame, source: Snapshot, firm: int, rules: Policy, day: date
) -> tuple[Figure, ...]:
    """dso_days, dilution and top5_share, over the policy's months before `day`."""
    months = int(rules.value("receivables", "months_for_ratios"))
    since = day - timedelta(days=round(months * 365 / 12))
    year = live.filter(pl.col("issued_on") > since)
    sold, back = int(year["amount_fen"].sum()), -int(year["red_fen"].sum())
    own = source.enterprises["own_sales_until"][firm] is not None
    if not own:
        return tuple(
            Figure(name, None, "own_books_missing") for name in ("dso_days", "dilution", "top5_share")
        )
    if not sold:
        return tuple(Figure(name, None, "no_sales") for name in ("dso_days", "dilution", "top5_share"))
    still = live.filter(pl.col("open_fen") > 0)
    unproven = still.filter(pl.col("unpaid").is_in(["not_proven", "asked"]))
    owed = int(still["open_fen"].sum())
    days = (day - since).days
    first_five = int(buyers["open_fen"].head(5).sum())
    dso = Figure("dso_days", round(owed * days / (sold - back), 1)) if sold > back else None
    return (
        Figure("dso_days", None, "unpaid_not_proven") if len(unproven) or dso is None else dso,
        Figure("dilution", round(back / sold, 4)),
        Figure("top5_share", round(first_five / owed, 4))
        if owed
        else Figure("top5_share", None, "nothing_open"),
    )
