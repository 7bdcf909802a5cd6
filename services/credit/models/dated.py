"""Loans with the features of their borrowers as they were known before the loan was booked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from graph.snapshot import Snapshot
from graph.snapshot_tables import SnapshotTables
from ledger.errors import InputError
from services.credit.models.directions import direction_of
from services.credit.models.fitting import Cases
from services.credit.models.model import refuse_rating
from services.features import backfill

#: Months of the graph that must lie before a loan.
LEAST_MONTHS = 6
COLUMNS = {"code": pl.String, "booked_on": pl.Date, "defaulted": pl.Boolean, "known_on": pl.Date}

_SAID = {
    "true": True,
    "1": True,
    "yes": True,
    "是": True,
    "false": False,
    "0": False,
    "no": False,
    "否": False,
}


@dataclass(frozen=True)
class Loans:
    """Loans beside the features of their borrowers: `table` has COLUMNS, `day` (that the features are of)
    and `firm`; `cases` the same rows; `names` the columns of `cases.rows`."""

    table: pl.DataFrame
    cases: Cases
    names: tuple[str, ...]

    def of(self, which: pl.Series) -> "Loans":
        """Those loans only."""
        mask = which.to_numpy()
        return Loans(self.table.filter(which), self.cases.of(mask), self.names)

    def picked(self, names: Sequence[str]) -> "Loans":
        """Those features only."""
        at = [self.names.index(name) for name in names]
        cases = self.cases
        rows = np.ascontiguousarray(cases.rows[:, at])
        return Loans(self.table, Cases(rows, cases.bad, cases.direction[at], cases.group), tuple(names))


def dated(source: Snapshot | SnapshotTables, loans: pl.DataFrame, names: Sequence[str]) -> Loans:
    """The loans whose borrower the graph knows, with features as of the quarter's end before the booking.

    `loans`: COLUMNS, one row a loan. A loan before the graph had LEAST_MONTHS months is left out. Conflict
    for a bank's rating among the names; InputError where a column is missing or no loan is left.
    """
    refuse_rating(names)
    said = typed(loans)
    firms = source.enterprises.select("code").with_row_index("firm").drop_nulls("code")
    said = said.with_columns(day=_quarter_end()).join(firms, on="code", maintain_order="left")
    said = said.filter((pl.col("day") >= _first_day(source.months)) & (pl.col("day") <= source.as_of))
    if said.is_empty():
        raise InputError("loans_none", rows=loans.height)
    parts, rows = [], []
    for (day,), part in said.group_by("day", maintain_order=True):
        found = backfill(source, part["firm"].to_numpy(), [day], names)
        parts.append(part)
        rows.append(found.select(names).cast(pl.Float64).fill_null(np.nan).to_numpy())
    table = pl.concat(parts)
    bad, group = table["defaulted"].to_numpy(), table["firm"].to_numpy().astype(np.int64)
    cases = Cases(np.ascontiguousarray(np.concatenate(rows)), bad, direction_of(names), group)
    return Loans(table, cases, tuple(names))


def typed(loans: pl.DataFrame) -> pl.DataFrame:
    """COLUMNS of a table that may come from a CSV file; `known_on` (optional) is the day on which the outcome
    was known, else the end of a year after the booking. InputError where it is no such table."""
    if missing := set(COLUMNS) - {"known_on"} - set(loans.columns):
        raise InputError("labels_columns", missing=", ".join(sorted(missing)))
    try:
        texts = [name for name in ("booked_on", "known_on") if loans.schema.get(name) == pl.String]
        read = loans.with_columns(pl.col(name).str.to_date("%Y-%m-%d") for name in texts)
        if "known_on" not in read.columns:
            read = read.with_columns(known_on=pl.col("booked_on").dt.offset_by("1y"))
        if read.schema["defaulted"] == pl.String:
            said = pl.col("defaulted").str.strip_chars().str.to_lowercase()
            read = read.with_columns(
                defaulted=said.replace_strict(_SAID, default=None, return_dtype=pl.Boolean)
            )
        return read.select(pl.col(name).cast(kind) for name, kind in COLUMNS.items()).drop_nulls()
    except pl.exceptions.PolarsError as error:
        raise InputError("labels_unreadable", file="loans", detail=str(error).splitlines()[0]) from None


def _quarter_end() -> pl.Expr:
    """The last day of a quarter that is not after the booking."""
    following = pl.col("booked_on").dt.offset_by("1d").dt.truncate("1q")
    return following.dt.offset_by("-1d")


def _first_day(months: Sequence[str]) -> date:
    year, month = (int(part) for part in months[0].split("-"))
    later = year * 12 + month - 1 + LEAST_MONTHS - 1
    return date(later // 12, later % 12 + 1, 28)
