"""The tables of a document as somebody sees them: own headings, own cells, rows numbered as facts are.

A place in a table is told by a row's number. Readers count rows each in their own way (on from sheet to
sheet, without a second header …), so the tables come from the reader's own cutting where it has one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from extraction.books import BooksReader
from extraction.people import covered_cells
from extraction.personal import masked_account
from extraction.readers import reader_for
from extraction.registry import RegistryReader
from extraction.registry_layout import registry
from extraction.rows import Reader
from extraction.sheet import Sheet, names, titles
from extraction.source import Source
from extraction.statements.reader import StatementReader
from extraction.statements.sections import sections_of
from extraction.statements.sheets import sheets_of as statement_sheets
from extraction.tables import follows, forget_workbook, sheets_of
from ledger.errors import InputError
from ledger.names import masked_number

#: Columns that a table may have; what is wider is cut, and its reader tells of the rest.
WIDEST = 80
#: Headings of accounts and of people's papers: numbers that no pattern tells from others.
_ACCOUNTS = re.compile(r"[账帐]号|卡号|(?:^|[_ ])account(?:$|[_ ])", re.IGNORECASE)
_PAPERS = re.compile(r"证件号|身份证|护照|person_key", re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """One table: `frame` has `row` (as facts count it) and a column of text for each of `titles`."""

    name: str
    titles: tuple[str, ...]
    frame: pl.DataFrame


def tables_in(source: Source, readers: Sequence[Reader]) -> list[Table]:
    """The tables of a document in order, none where it is no table or cannot be read."""
    reader = reader_for(source, readers)
    try:
        if isinstance(reader, BooksReader):
            raw = reader.read(source).raw
            return [] if raw is None else [_table("", raw)]
        if isinstance(reader, StatementReader):
            sections = sections_of(statement_sheets(source), source.name)
            return [_table(section.sheet, section.own) for section in sections]
        if isinstance(reader, RegistryReader):
            return _registry(source)
        return [_lettered(sheet) for sheet in sheets_of(source) if sheet.head]
    except InputError:
        return []
    finally:
        forget_workbook()


def covered(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` of a table with the numbers of people, their names and all accounts masked."""
    shown = covered_cells(rows)
    texts = [title for title, dtype in rows.schema.items() if dtype == pl.String]
    masks = [
        *((title, masked_account) for title in texts if _ACCOUNTS.search(title)),
        *((title, masked_number) for title in texts if _PAPERS.search(title)),
    ]
    return shown.with_columns(pl.col(title).map_elements(mask, pl.String) for title, mask in masks)


def _table(name: str, frame: pl.DataFrame) -> Table:
    own = [title for title in frame.columns if title != "row"][:WIDEST]
    return Table(name, tuple(own), frame.select("row", *own))


def _registry(source: Source) -> list[Table]:
    """Sheets that follow a layout of the registry; their rows count on from sheet to sheet."""
    found, offset = [], 0
    for each in (follows(sheet, registry().tables) for sheet in sheets_of(source)):
        if each is None:
            continue
        header = each.sheet.head[each.header]
        width = max(i + 1 for i, cell in enumerate(header) if cell.strip())
        body = each.sheet.body(each.header, width).frame
        own = body.rename(dict(zip(names(width), titles(header[:width]), strict=True)))
        shifted = own.with_columns((pl.col("row") + offset).cast(pl.Int32))
        found.append(_table(each.sheet.name, shifted))
        offset += max([each.header + 1, *body["row"].tail(1)])
    return found


def _lettered(sheet: Sheet) -> Table:
    """A sheet of which no row is known to be the header: its columns are named A, B, C …"""
    width = min(WIDEST, max((len(row) for row in sheet.head), default=0))
    body = sheet.body(-1, max(width, 1)).frame
    letters = {name: _letter(place) for place, name in enumerate(names(max(width, 1)))}
    return _table(sheet.name, body.rename(letters))


def _letter(place: int) -> str:
    return chr(65 + place) if place < 26 else chr(64 + place // 26) + chr(65 + place % 26)
