"""Features of payment: how long buyers take, how long the firm takes, what of its invoices is paid.

Of payments put against invoices (`settlements`) that had happened on the day, proven or assumed. What share
is paid is told only of months whose sales book and bank statement are both in: unpaid needs proof.
"""

from datetime import date, timedelta

import numpy as np
import polars as pl

from graph.csr import Float64, Mask
from services.features.books import absent
from services.features.columns import Column, Missing, column, log10, ratio
from services.features.seen import LEAST_MONTHS, YEAR, Seen

#: Payments that a figure needs.
LEAST_PAYMENTS = 3
HALF_YEAR = 182
#: Days that payments count for.
RECENT = 365


def payment(seen: Seen) -> dict[str, Column]:
    """Group `payment`."""
    paid = seen.paid
    old = np.full(seen.firms, paid.height > 0 and paid["invoiced_on"].null_count() == paid.height)
    told = _dated(seen, paid)
    recent = told.filter(pl.col("ago") < RECENT)
    half = told.filter(pl.col("ago") < HALF_YEAR)
    earlier = told.filter((pl.col("ago") >= HALF_YEAR) & (pl.col("ago") < RECENT))
    days, count = _mean(recent, "seller", seen.firms)
    late = [_mean(part, "seller", seen.firms) for part in (half, earlier)]
    few = (late[0][1] < LEAST_PAYMENTS) | (late[1][1] < LEAST_PAYMENTS)
    paying, pays = _mean(recent, "buyer", seen.firms)
    lack: Missing = [(seen.unseen, "no_graph"), (old, "older_snapshot")]
    return {
        "days_to_pay": column(days, *lack, (count < LEAST_PAYMENTS, "no_payments")),
        "days_to_pay_change": column(late[0][0] - late[1][0], *lack, (few, "no_payments")),
        "days_paying": column(paying, *lack, (pays < LEAST_PAYMENTS, "no_payments")),
        **_settled(seen, paid, old),
    }


def _dated(seen: Seen, paid: pl.DataFrame) -> pl.DataFrame:
    """Payments with the days that they took, and how long ago they came."""
    whole = paid.filter((pl.col("amount_fen") > 0) & pl.col("invoiced_on").is_not_null())
    return whole.with_columns(
        days=(pl.col("happened_on") - pl.col("invoiced_on")).dt.total_days(),
        ago=(pl.lit(seen.day) - pl.col("happened_on")).dt.total_days(),
    )


def _mean(rows: pl.DataFrame, who: str, firms: int) -> tuple[Float64, Float64]:
    """Days weighed by amount, and the number of payments, of each firm."""
    firm, weight = rows[who].to_numpy(), rows["amount_fen"].to_numpy().astype(np.float64)
    whole = np.bincount(firm, weight, firms)
    total = np.bincount(firm, weight * rows["days"].to_numpy(), firms)
    mean = np.divide(total, whole, out=np.full(firms, np.nan), where=whole > 0)
    return mean, np.bincount(firm, minlength=firms).astype(np.float64)


def _settled(seen: Seen, paid: pl.DataFrame, old: Mask) -> dict[str, Column]:
    """Of invoices of the last year's months with book and statement: what came in, what is put against
    them, what is open. All with tax."""
    months = seen.months_of_sales.filter(
        (pl.col("m") > seen.months - 1 + seen.behind - YEAR)
        & (pl.col("invoiced_from") == "own")
        & (pl.col("received_from") == "own")
    )
    firm, n = months["enterprise"].to_numpy(), seen.firms
    total = np.bincount(firm, months["invoiced_total_fen"].cast(pl.Float64).fill_null(np.nan).to_numpy(), n)
    came = np.bincount(firm, months["received_fen"].cast(pl.Float64).fill_null(0).to_numpy(), n)
    of_month = paid.with_columns(month=pl.col("invoiced_on").dt.strftime("%Y-%m")).join(
        months.select(seller="enterprise", month="month"), on=["seller", "month"], how="semi"
    )
    amount = of_month["amount_fen"].to_numpy().astype(np.float64)
    settled = np.bincount(of_month["seller"].to_numpy(), amount, n)
    few = np.bincount(firm, minlength=n) < LEAST_MONTHS
    lack: Missing = [
        *absent(seen, "sale"),
        (few, "no_statements"),
        (old | np.isnan(total), "older_snapshot"),
        (~(total > 0), "nothing_sold"),
    ]
    share = np.clip(ratio(settled, total), 0, 1)
    return {
        "collected_share": column(np.clip(ratio(came, total), 0, 10), *lack),
        "settled_share": column(share, *lack),
        "log_receivables": column(log10((total - settled) / 100), *lack),
    }


def paid_until(seen: Seen) -> pl.DataFrame:
    """Rows of `settlements` that had happened on the day; those that ask a person count nowhere."""
    return shown_by(seen.table("settlements").drop("reasons"), seen.day)


def shown_by(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    """Those of `settlements` that `paid_until` counts on a day."""
    return rows.filter((pl.col("happened_on") <= day) & (pl.col("basis") != "asked"))


def due_until(day: date, days: int) -> pl.Expr:
    """Whether `due_on` lies in the `days` after the day."""
    return (pl.col("due_on") > day) & (pl.col("due_on") <= pl.lit(day, pl.Date) + timedelta(days=days))
