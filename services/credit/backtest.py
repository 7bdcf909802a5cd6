"""A policy on past days: whom it would have approved, how much, and what became of loans booked then."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from services.credit.columns import rule
from services.credit.judging import Model
from services.credit.policy import Policy
from services.credit.prepared import Prepared
from services.features.door import Door

#: Columns of `outcomes`: a loan booked on the last day of a month, and whether it defaulted in a year.
OUTCOMES = pl.Schema(
    {"enterprise": pl.Int32, "booked_on": pl.Date, "amount_fen": pl.Int64, "defaulted": pl.Boolean}
)


def backtest(
    prepared: Prepared,
    model: Model,
    policies: Sequence[Policy],
    days: Sequence[date],
    outcomes: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """One row a day and policy: firms, approved, manual_review, declined, limit_fen, expected_loss_fen; with
    `outcomes` (OUTCOMES) also loans, loans_approved, bad, bad_approved of those booked on that day.

    Features are those of the day and are worked out once for all policies; positions, groups and lists are
    those of the snapshot that hold on it.
    """
    rows = []
    for day in days:
        every = Door(prepared.snapshot, day).features()
        for policy in policies:
            told = rule(prepared, model, policy, every)
            rows.append({"as_of": day, "policy": policy.version, **_summed(told, policy)})
            if outcomes is not None:
                rows[-1] |= _became(told, outcomes.filter(pl.col("booked_on") == day))
    return pl.DataFrame(rows, infer_schema_length=None)


def _summed(told: pl.DataFrame, policy: Policy) -> dict[str, Any]:
    approved = told.filter(pl.col("status") == "approved")
    lost = (approved["limit_fen"] * approved["pd"] * policy.lgd).sum()
    counts = {
        status: told.filter(pl.col("status") == status).height
        for status in ("approved", "manual_review", "declined")
    }
    return {
        "firms": told.height,
        **counts,
        "limit_fen": int(approved["limit_fen"].sum()),
        "expected_loss_fen": round(float(lost)),
    }


def _became(told: pl.DataFrame, loans: pl.DataFrame) -> dict[str, Any]:
    """What became of the loans of that day, of all and of those that would have been approved."""
    known = loans.join(told.select("enterprise", "status"), on="enterprise")
    taken = known.filter(pl.col("status") == "approved")
    return {
        "loans": known.height,
        "loans_approved": taken.height,
        "bad": int(known["defaulted"].sum()),
        "bad_approved": int(taken["defaulted"].sum()),
    }
