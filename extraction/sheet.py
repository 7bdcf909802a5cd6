"""A table of a document before anybody knows what it says: its first rows, then the rest by column."""

from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

#: The header stands within so many rows from the top.
HEAD = 40


@dataclass
class Body:
    """The rows below a header as text, with `row` (from 1 as a person counts in that sheet).

    Columns are `c0`, `c1` …; `broken` says of rows that do not fit the header what is wrong with them
    (`row`, `code`, `value`); `doubtful` the same of rows that fit and may be cut off all the same.
    """

    frame: pl.DataFrame
    broken: list[tuple[int, str, str]] = field(default_factory=list)
    doubtful: list[tuple[int, str, str]] = field(default_factory=list)


class Sheet(Protocol):
    """One table: a CSV file, or a sheet of a workbook."""

    @property
    def name(self) -> str:
        """Its name; empty for a CSV file."""

    @property
    def head(self) -> list[list[str]]:
        """The first rows as text, at most HEAD."""

    def body(self, header: int, width: int) -> Body:
        """The rows below row `header` (index into `head`), in `width` columns."""


def names(width: int) -> list[str]:
    """Names of the columns of a body."""
    return [f"c{i}" for i in range(width)]


def titles(header: list[str]) -> list[str]:
    """The user's own headings, made unique: an empty one is named by its column."""
    made: list[str] = []
    for index, cell in enumerate(header):
        title = cell.strip().lstrip("\ufeff") or f"列{index + 1}"
        made.append(title if title not in made and title != "row" else f"{title}_{index + 1}")
    return made
