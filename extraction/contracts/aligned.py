"""Tables without rulings: a heading of goods columns, and the lines below it cut at those columns.

A line with a figure in a column of figures is a row; a line without one belongs to the row nearest above
or below (a name that wraps). The table ends with its total, or where a line no longer fits the columns.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from extraction.contracts.document import Cell, Mark, Table, Text, joined, tidy
from extraction.contracts.lexicon import column_of
from extraction.contracts.numbering import numbered
from extraction.pdf_words import Word

_FIGURES = frozenset({"quantity", "price", "net_price", "amount", "net_amount"})
_NUMBER = re.compile(r"[¥]?[-,.]{0,4}\d[-\d,.]{0,40}(?:元|万元)?")
_TOTAL = re.compile(r"\s*(?:合\s*计|总\s*计|小\s*计|共\s*计|总金额|合同总|价税合计|TOTAL)", re.IGNORECASE)


class Line(Protocol):
    """What is needed of a line of a page."""

    @property
    def words(self) -> tuple[Word, ...]:
        """From the left."""

    @property
    def text(self) -> Text:
        """All of it."""

    @property
    def page(self) -> int:
        """From 1."""

    @property
    def height(self) -> float:
        """Of its letters."""


@dataclass(frozen=True)
class _Column:
    kind: str | None
    x0: float
    x1: float


L = TypeVar("L", bound=Line)


def aligned_tables(rows: Sequence[L], numbered_so_far: int) -> list[L | Table]:
    """`rows` with the lines of unruled goods tables replaced by tables."""
    made: list[L | Table] = []
    i, number = 0, numbered_so_far
    while i < len(rows):
        columns = _heading(rows[i])
        end = _end(rows, i + 1, columns) if columns else i
        if end <= i + 1:
            made.append(rows[i])
            i += 1
            continue
        number += 1
        made.append(_table(rows[i:end], columns, number))
        i = end
    return made


def _heading(row: Line) -> list[_Column]:
    """The columns a line announces, none where it is no heading of goods."""
    groups: list[list[Word]] = []
    for word in row.words:
        near = groups and word.x0 - groups[-1][-1].x1 < 0.6 * row.height
        if near and (column_of(groups[-1][-1].text) is None or word.text.isascii()):
            groups[-1].append(word)
        else:
            groups.append([word])
    columns = [
        _Column(column_of(tidy("".join(w.text for w in group))), group[0].x0, group[-1].x1)
        for group in groups
    ]
    kinds = {column.kind for column in columns} - {None}
    if len(columns) < 3 or len(kinds) < 3 or "item" not in kinds or not kinds & _FIGURES:
        return []
    return columns


def _end(rows: Sequence[Line], start: int, columns: list[_Column]) -> int:
    """The first line that is no longer of the table; `start` where no line is."""
    last, total = start, False
    for i in range(start, len(rows)):
        row = rows[i]
        text = row.text.text
        gap = row.words[0].y0 - rows[i - 1].words[0].y1
        if row.page == rows[i - 1].page and gap > 3.5 * row.height:
            break
        if _TOTAL.match(text) and last > start:
            last, total = i + 1, True
            continue
        if total and not re.search(r"大\s*写|人民币", text):
            break
        level = numbered(text)[0]
        long = len(row.words) == 1 and row.words[0].x1 - row.words[0].x0 > 0.5 * (
            columns[-1].x1 - columns[0].x0
        )
        if (level >= 0 and len(row.words) < 3) or long or (total and level >= 0):
            break
        if _anchors(row, columns) or _beside(row, columns):
            last = i + 1
        else:
            break
    return last if any(_anchors(row, columns) for row in rows[start:last]) else start


def _beside(row: Line, columns: list[_Column]) -> bool:
    """Whether a line without figures can be a piece of a cell: short, and under some column."""
    return all(_distance(word, columns[_column(word, columns)]) < 4 * row.height for word in row.words)


def _anchors(row: Line, columns: list[_Column]) -> bool:
    """Whether a line holds a figure where figures stand."""
    return any(
        columns[_column(word, columns)].kind in _FIGURES and _NUMBER.fullmatch(tidy(word.text))
        for word in row.words
    )


def _distance(word: Word, column: _Column) -> float:
    """How far a word is from standing flush left, centred or flush right under a heading."""
    middle = abs((word.x0 + word.x1) - (column.x0 + column.x1)) / 2
    return min(abs(word.x0 - column.x0), middle, abs(word.x1 - column.x1))


def _column(word: Word, columns: list[_Column]) -> int:
    return min(range(len(columns)), key=lambda i: _distance(word, columns[i]))


def _table(rows: Sequence[Line], columns: list[_Column], number: int) -> Table:
    heading = tuple(
        Cell(_text([w for w in rows[0].words if column.x0 <= w.x0 <= column.x1], rows[0].page), i)
        for i, column in enumerate(columns)
    )
    body = rows[1:]
    anchors = [i for i, row in enumerate(body) if _anchors(row, columns) or _TOTAL.match(row.text.text)]
    belongs: dict[int, list[Line]] = {i: [] for i in anchors}
    for i, row in enumerate(body):
        mine = min(anchors, key=lambda a: (_apart(body[a], row), a > i))
        belongs[i if i in belongs else mine].append(row)
    made = [heading]
    for lines in belongs.values():
        cells: dict[int, list[Text]] = {}
        for line in lines:
            under: dict[int, list[Word]] = {}
            for word in line.words:
                under.setdefault(_column(word, columns), []).append(word)
            for place, words in under.items():
                cells.setdefault(place, []).append(_text(words, line.page))
        made.append(tuple(Cell(joined(parts), place) for place, parts in sorted(cells.items())))
    return Table(tuple(made), number)


def _apart(one: Line, other: Line) -> float:
    if one.page != other.page:
        return 1e6 * abs(one.page - other.page)
    return abs(one.words[0].middle - other.words[0].middle)


def _text(words: Sequence[Word], page: int) -> Text:
    parts: list[Text] = []
    for i, word in enumerate(words):
        text = tidy(word.printed or word.text)
        if i and word.x0 - words[i - 1].x1 > 0.1 * (word.y1 - word.y0) and text[0].isascii():
            parts.append(Text(" "))
        mark = Mark(0, len(text), page, word.x0, word.y0, word.x1, word.y1)
        parts.append(Text(text, f"page[{page}]", (mark,)))
    return joined(parts) if parts else Text("", f"page[{page}]")
