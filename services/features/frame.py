"""Features of one or many firms as a frame: values, why some are missing, and what each rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from graph.csr import Float64, Int32, fixed
from ledger.errors import InputError
from services.features.catalogue import CATALOGUE, CODE, FEATURE_SET_VERSION, REASONS
from services.features.columns import Codes, Column

if TYPE_CHECKING:
    import pandas as pd

    from ledger.ledger import Ledger
    from services.features.door import Door
    from services.features.lineage import Lineage


@dataclass(frozen=True)
class Features:
    """Rows of firms, columns of features.

    `firms`: int32[k], rows of the source; `as_of`: the day; `snapshot`: its id, None where the source is no
    snapshot; `columns`: by name, in the order of the catalogue; `inferred`: bool[k], whether a firm's place
    in a chain is inferred from its dealings and not shown by its own goods.
    """

    firms: Int32
    as_of: date
    snapshot: str | None
    columns: Mapping[str, Column]
    inferred: np.ndarray[Any, np.dtype[np.bool_]]
    door: "Door" = field(repr=False, compare=False)
    version: str = FEATURE_SET_VERSION

    @property
    def names(self) -> tuple[str, ...]:
        """The features that are in it."""
        return tuple(self.columns)

    @property
    def frame(self) -> pl.DataFrame:
        """`enterprise` (row of the source) and a column a feature, null where missing."""
        return pl.DataFrame({"enterprise": self.firms, **{n: _shown(c) for n, c in self.columns.items()}})

    @property
    def missing(self) -> pl.DataFrame:
        """The same shape with the code of the reason, null where there is a value."""
        codes = pl.Series([None, *REASONS[1:]], dtype=pl.String)
        reasons = {name: codes.gather(column.missing) for name, column in self.columns.items()}
        return pl.DataFrame({"enterprise": self.firms, **reasons})

    def matrix(self, names: Sequence[str]) -> Float64:
        """float64[k, len(names)] with NaN where missing. InputError on a name that is no number here."""
        for name in names:
            if name not in self.columns or CATALOGUE[name].kind == "text":
                raise InputError("feature_unknown", name=name)
        columns = [self.columns[name].values for name in names]
        return np.column_stack(columns) if columns else np.empty((len(self.firms), 0))

    def to_pandas(self) -> "pd.DataFrame":
        """`frame` as a pandas frame whose index is the row of the firm in the source."""
        return self.frame.to_pandas().set_index("enterprise")

    def row(self, firm: int) -> int:
        """Where a firm stands here. InputError where it does not."""
        at = np.flatnonzero(self.firms == firm)
        if not len(at):
            raise InputError("feature_no_firm", firm=firm)
        return int(at[0])

    def value(self, firm: int, name: str) -> float | str | None:
        """One value, None where it is missing."""
        at, column = self.row(firm), self._column(name)
        if column.missing[at]:
            return None
        found = column.values[at]
        return found if isinstance(found, str) else float(found)

    def reason(self, firm: int, name: str) -> str | None:
        """Why a value is missing: a code of REASONS; None where it is there."""
        return REASONS[self._column(name).missing[self.row(firm)]] or None

    def basis(self, firm: int, name: str) -> str:
        """own, seen or stated; observed or inferred where it rests on the firm's place in a chain."""
        said = CATALOGUE[name].basis
        if said != "position":
            return said
        return "inferred" if self.inferred[self.row(firm)] else "observed"

    def lineage(self, firm: int, name: str, ledger: "Ledger | None" = None) -> "Lineage":
        """Which links, papers and statements a value rests on, none of them after the day."""
        from services.features.lineage import lineage

        self._column(name)
        at = self.firms[self.row(firm)].item()
        return lineage(self.door.seen, at, CATALOGUE[name].lineage, ledger, name)

    def of(
        self, firms: "int | Sequence[int] | np.ndarray[Any, Any]", names: Sequence[str] | None = None
    ) -> "Features":
        """Only these firms and features, in this order. InputError on what is not here."""
        wanted = np.atleast_1d(np.asarray(firms, np.int32))
        rows = self._rows_of(wanted)
        kept = {name: self._column(name) for name in (names or self.columns)}
        picked = {name: _rows(column, rows) for name, column in kept.items()}
        return replace(self, firms=fixed(wanted, np.int32), columns=picked, inferred=self.inferred[rows])

    def observed(self) -> "Features":
        """The same on observed links alone: whatever an inferred place speaks through is missing."""
        return replace(
            self,
            columns={
                name: _hidden(column, self.inferred) if CATALOGUE[name].basis == "position" else column
                for name, column in self.columns.items()
            },
        )

    def _rows_of(self, wanted: Int32) -> Any:
        count = len(self.firms)
        inside = (wanted >= 0) & (wanted < count)
        if inside.all() and (self.firms[wanted] == wanted).all():
            return wanted  # a frame of everybody
        order = np.argsort(self.firms, kind="stable")
        at = np.searchsorted(self.firms, wanted, sorter=order).clip(0, max(count - 1, 0))
        rows = order[at] if count else at
        if not count or (self.firms[rows] != wanted).any():
            raise InputError("feature_no_firm", firm=int(wanted[0]))
        return rows

    def _column(self, name: str) -> Column:
        if name not in self.columns:
            raise InputError("feature_unknown", name=name)
        return self.columns[name]


def _shown(column: Column) -> pl.Series:
    if isinstance(column.values, pl.Series):
        return column.values
    return pl.Series(column.values).fill_nan(None)


def _rows(column: Column, rows: Any) -> Column:
    if isinstance(column.values, pl.Series):
        return Column(column.values.gather(rows), column.missing[rows])
    return Column(column.values[rows], column.missing[rows])


def _hidden(column: Column, where: Any) -> Column:
    missing: Codes = np.where(where & (column.missing == 0), np.int8(CODE["inferred"]), column.missing)
    if isinstance(column.values, pl.Series):
        kept = pl.select(pl.when(pl.Series(missing == 0)).then(column.values)).to_series()
        return Column(kept, missing)
    return Column(np.where(missing == 0, column.values, np.nan), missing)
