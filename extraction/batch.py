"""Several documents as one frame and back: small papers cost a hundredth when they are read together."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from extraction.rows import Rows
from ledger.errors import Problem


class Batch:
    """Documents stacked: rows of document i stand `starts[i]` further on, in column `document` is i; `sha256`
    and `ledger` are what the documents say of themselves."""

    def __init__(self, documents: Sequence[Rows]) -> None:
        self.documents = documents
        spans = [_span(d) for d in documents]
        self.starts = np.concatenate([[0], np.cumsum(spans)[:-1]]).astype(np.int64)
        heights = [d.frame.height for d in documents]
        number = np.repeat(np.arange(len(documents), dtype=np.int32), heights)
        frames = [d.frame for d in documents]
        self.frame = frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal")
        self.frame = self.frame.with_columns(
            (pl.col("row") + pl.Series(self.starts[number])).cast(pl.Int32),
            document=pl.Series(number),
            sha256=pl.Series([d.sha256 for d in documents], dtype=pl.String).gather(number),
            ledger=pl.Series([d.ledger for d in documents], dtype=pl.Boolean).gather(number),
        )

    def problems(self) -> list[Problem]:
        """Problems of rows, with the rows of the stack."""
        if len(self.documents) == 1:
            return self.documents[0].problems
        return [
            Problem(p.code, p.file, p.row + int(start), p.field, p.value)
            for document, start in zip(self.documents, self.starts, strict=True)
            for p in document.problems
            if p.row > 0
        ]

    def document_of(self, rows: pl.Series) -> pl.Series:
        """Which document each row of the stack belongs to."""
        found = np.searchsorted(self.starts, rows.to_numpy(), side="right") - 1
        return pl.Series("document", found.astype(np.int32))

    def counts(self, rows: pl.Series) -> list[int]:
        """How many of `rows` each document has."""
        return [int(n) for n in np.bincount(self.document_of(rows).to_numpy(), minlength=len(self.documents))]

    def placed(self, table: pl.DataFrame) -> pl.DataFrame:
        """A table with `document` or `row` (or both) with both as the documents count them, in the order
        of the documents."""
        if "document" not in table.columns:
            table = table.with_columns(self.document_of(table["row"]))
        table = table.sort("document", maintain_order=True)
        if "row" in table.columns:
            starts = pl.Series(self.starts[table["document"].to_numpy()])
            table = table.with_columns((pl.col("row") - starts).cast(pl.Int32))
        return table


def split(table: pl.DataFrame, documents: int) -> list[pl.DataFrame]:
    """A table with `document`, document by document, in the order it has."""
    table = table.sort("document", maintain_order=True)
    ends = np.searchsorted(table["document"].to_numpy(), np.arange(documents + 1))
    table = table.drop("document")
    return [table.slice(a, b - a) for a, b in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)]


def _span(document: Rows) -> int:
    """Room for every row number of a document, also of rows that never reached the frame."""
    numbers = (document.frame["row"], pl.Series([p.row for p in document.problems], dtype=pl.Int32))
    return 1 + max(int(n) for n in (document.frame.height, *(s.max() for s in numbers)) if n is not None)  # type: ignore[arg-type]
