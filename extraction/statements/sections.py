"""Tables of a document cut into sections: a header, what stands above it, the rows below it.

Exports pasted one below the other repeat their header, and their preamble between; each is a section of
its own. The cells of a section come by role, as text, beside the user's own columns for rejects.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import polars as pl

from extraction.cells import half_width
from extraction.sheet import Sheet, names, titles
from extraction.statements.guess import header_of
from extraction.statements.headings import Header
from extraction.statements.preamble import read_preamble
from extraction.statements.sheets import PLACE, ListSheet
from extraction.statements.vocabulary import plain, words
from extraction.vocabulary import bare
from ledger.errors import Problem

#: Roles whose cells are texts for people: they keep full width and placeholders aside stay as printed.
TEXTS = frozenset({"name", "payer_name", "payee_name", "summary", "remark", "bank", "own_name", "drawer"})
_FORCED = r'^\s*=\s*"(.*)"\s*$'
_EMPTY = ("", "-", "--", "---", "—", "——", "NULL", "N/A", "/", "无", "None")


@dataclass
class Section:
    """One header with its rows. `text` has `row` and a column of text for each role (`many` ones joined),
    `own` the user's columns, `above` the lines over the header, `below` those under the last row.
    `broken` are rows that fit no header; `doubtful` may be cut off. `places`: where the cells of the table
    stand in a PDF (`PLACE`, rows as in `text`)."""

    header: Header
    text: pl.DataFrame
    own: pl.DataFrame
    above: list[list[str]]
    sheet: str = ""
    below: list[list[str]] = field(default_factory=list)
    broken: list[Problem] = field(default_factory=list)
    doubtful: list[Problem] = field(default_factory=list)
    last_row: int = 0
    places: pl.DataFrame = field(default_factory=PLACE.to_frame)

    def column(self, role: str) -> pl.Series:
        """The cells of a role; nulls where no column has it."""
        if role in self.text.columns:
            return self.text[role]
        return pl.Series(role, [None] * self.text.height, dtype=pl.String)


def sections_of(sheets: Iterable[Sheet], file: str) -> list[Section]:
    """Every section of every table that has a header we know, rows counted on from table to table."""
    found: list[Section] = []
    offset = 0
    for sheet in sheets:
        header = header_of(sheet)
        if header is None:
            offset += len(sheet.head)
            continue
        made = _sections(sheet, header, file, offset)
        found += made
        offset = max([offset, *(s.last_row for s in made)])
    return [s for s in found if s.text.height] or [s for s in found if _is_empty_statement(s)]


def _is_empty_statement(section: Section) -> bool:
    """Whether a header without rows is the statement of an account in which nothing moved."""
    said = read_preamble(section.above, section.below, section.sheet)
    return section.header.kind == "account" and bool(said.account)


def _sections(sheet: Sheet, header: Header, file: str, offset: int) -> list[Section]:
    width = max(
        (i + 1 for row in sheet.head[header.last :] for i, c in enumerate(row) if c.strip()), default=0
    )
    body = sheet.body(header.last, max(width, len(header.cells)))
    width = len([c for c in body.frame.columns if c != "row"])
    frame = _until_end(body.frame.filter(_not_blank(width)))
    frame, starts = _parted(frame, header)
    above = [list(row) for row in sheet.head[: header.last + 1 - header.rows]]
    broken = {row: (code, value) for row, code, value in body.broken}
    doubtful = {row: (code, value) for row, code, value in body.doubtful}
    places = sheet.places if isinstance(sheet, ListSheet) else PLACE.to_frame()
    places = places.with_columns((pl.col("row") + offset).cast(pl.Int32))
    sections = []
    bounds = [0, *starts, frame.height]
    for start, end in pairwise(bounds):
        rows = frame.slice(start, end - start)
        if start:
            rows = rows.slice(header.rows)
        section = Section(header, _by_role(rows, header), _own(rows, header, width), above, sheet.name)
        section.places = places
        section.text = section.text.with_columns((pl.col("row") + offset).cast(pl.Int32))
        section.own = section.own.with_columns((pl.col("row") + offset).cast(pl.Int32))
        present = set(rows["row"].to_list())
        section.broken = [
            Problem(c, file, r + offset, value=v) for r, (c, v) in broken.items() if r in present
        ]
        section.doubtful = [
            Problem(c, file, r + offset, value=v) for r, (c, v) in doubtful.items() if r in present
        ]
        section.below = _tail(rows if end < frame.height else body.frame, width)
        section.last_row = offset + int(max([header.last + 1, *frame["row"].tail(1)]))
        sections.append(section)
        # A pasted export brings its preamble along: the last lines of the section before.
        above = _after_rows(rows, header) or above
    return sections


def _parted(frame: pl.DataFrame, header: Header) -> tuple[pl.DataFrame, list[int]]:
    """(the rows, places of headers that begin a section). A header printed again on a new page, with no
    preamble before it, begins none: the table goes on."""
    begins: list[int] = []
    again: list[int] = []
    for place in _repeats(frame, header):
        said = read_preamble(_after_rows(frame.head(place), header), [])
        (begins if said.account or said.holder else again).append(place)
    if not again:
        return frame, begins
    kept = frame.filter(~pl.int_range(pl.len()).is_in(again))
    return kept, [place - sum(other < place for other in again) for place in begins]


def _after_rows(frame: pl.DataFrame, header: Header) -> list[list[str]]:
    """The last lines (of eight) that are no movements: those without a day or without an amount."""
    roles = header.roles
    money = [i for role in ("amount", "out", "in", "order_amount", "balance") for i in roles.get(role, [])]
    days = [i for role in ("date", "month") for i in roles.get(role, [])]
    lines: list[list[str]] = []
    for row in reversed(frame.tail(8).rows()):
        cells = [c or "" for c in row[1:]]
        if any(re.search(r"\d", cells[i]) for i in days) and any(re.search(r"\d", cells[i]) for i in money):
            break
        lines.insert(0, cells)
    return lines


def _not_blank(width: int) -> pl.Expr:
    return ~pl.all_horizontal(pl.col(names(width)).fill_null("").str.strip_chars(" \t`,") == "")


def _until_end(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows up to the one that begins a summary of them all."""
    ends = frame["c0"].fill_null("").str.strip_chars("`#\t ").str.starts_with(words().ends[0])
    for word in words().ends[1:]:
        ends = ends | frame["c0"].fill_null("").str.strip_chars("`#\t ").str.starts_with(word)
    first = ends.arg_true()
    return frame.head(int(first[0])) if len(first) else frame


def _repeats(frame: pl.DataFrame, header: Header) -> list[int]:
    """Places in `frame` where the header stands again."""
    column = next((i for i, cell in enumerate(header.cells) if cell.strip()), None)
    if column is None:
        return []
    first = plain(header.cells[column])
    cells = frame[f"c{column}"]
    suspects = cells.is_not_null() & ~cells.fill_null("").str.contains(r"\d{4}")
    found = []
    for place in suspects.arg_true():
        row = [c or "" for c in frame.row(int(place))[1:]]
        same = sum(1 for a, b in zip(row, header.cells, strict=False) if b.strip() and plain(a) == plain(b))
        known = sum(1 for c in header.cells if c.strip())
        if plain(row[column]) == first and same >= max(2, 0.7 * known) and header.rows == 1:
            found.append(int(place))
    return found


def _by_role(rows: pl.DataFrame, header: Header) -> pl.DataFrame:
    """The cells by role."""
    columns = []
    for role, places in header.roles.items():
        cells = [tidy(rows[f"c{i}"], role in TEXTS).alias(str(i)) for i in places]
        joined = cells[0] if len(cells) == 1 else _joined(cells)
        columns.append(joined.alias(role))
    for role, places in header.either.items():
        columns += [tidy(rows[f"c{i}"], role == "name").alias(f"either_{role}_{i}") for i in places]
    named = {i for places in (*header.roles.values(), *header.either.values()) for i in places}
    loose = [i for i in range(len(rows.columns) - 1) if i not in named]
    columns += [tidy(rows[f"c{i}"], True).alias(f"c{i}") for i in loose]
    return pl.DataFrame([rows["row"], *columns])


def _joined(cells: list[pl.Series]) -> pl.Series:
    """Several columns of free text as one: each different text once."""
    frame = pl.DataFrame(cells)
    texts = pl.concat_list(pl.all()).list.drop_nulls().list.unique(maintain_order=True).list.join(" ")
    made = frame.select(pl.when(texts != "").then(texts))
    return made.to_series()


def tidy(cells: pl.Series, text: bool) -> pl.Series:
    """Cells without blanks around and marks that force text; placeholders null. Others than `text`
    also in half width."""
    cells = cells.cast(pl.String)
    if not text:
        cells = half_width(cells)
    if cells.str.contains(r"""^\s*[='`"]""").any():
        cells = cells.str.replace(_FORCED, "$1").str.strip_chars_start("'`\" \t")
    cells = cells.str.strip_chars()
    return cells.set(cells.is_in(_EMPTY).fill_null(False), None)


def _own(rows: pl.DataFrame, header: Header, width: int) -> pl.DataFrame:
    cells = [*header.cells, *[""] * width][:width]
    return rows.rename(dict(zip(names(width), titles(list(cells)), strict=True)))


def _tail(rows: pl.DataFrame, width: int) -> list[list[str]]:
    """The last rows as lines, for what is printed under a table."""
    return [[c or "" for c in row[1:]] for row in rows.tail(8).iter_rows()] if width else []


def is_word(cells: pl.DataFrame, known: frozenset[str]) -> pl.Series:
    """Whether some cell of a row, digits and marks aside, is one of the words."""
    found = pl.Series([False] * cells.height, dtype=pl.Boolean)
    longest = max(map(len, known)) + 8
    for name, dtype in cells.schema.items():
        if dtype != pl.String:
            continue
        column = cells[name]
        short = column.str.len_chars() <= longest
        texts = column.filter(short.fill_null(False)).unique().drop_nulls()
        hits = [t for t in texts if _core(t) in known]
        if hits:
            found = found | column.is_in(hits).fill_null(False)
    return found


def _core(text: str) -> str:
    return bare(text).translate(str.maketrans("", "", "0123456789.,:;()笔条共张元[]-#"))
