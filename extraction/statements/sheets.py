"""The tables of a document, whatever it is: CSV, workbooks, HTML that calls itself XLS, PDF."""

import re
from functools import lru_cache

import polars as pl
from lxml import etree, html

from extraction import tables
from extraction.delimited import DelimitedSheet, decoded
from extraction.pdf_words import is_pdf
from extraction.sheet import HEAD, Body, Sheet, names
from extraction.source import Source
from extraction.statements.headings import find_header
from extraction.statements.pdf_table import Table, pdf_sheets
from extraction.xml_safe import local, parse
from ledger.errors import FileUnreadable

_HTML = (b"<html", b"<!doctype html", b"<table", b"<style", b"<meta", b"<head", b"<body")
_EXCEL_XML = b"urn:schemas-microsoft-com:office:spreadsheet"
#: Only the bare mark; blanks around it are taken off afterwards, in time that grows as the line does.
_MARKS = tuple(re.compile(mark) for mark in (r"\^+", r"~+", r"\x01", r"\s{2,}|\t", r"\s+"))
_LONGEST_LINE = 4_000  # what is longer tells nothing about how lines are parted
_LARGEST_HTML = 64 << 20


#: Where each cell of a PDF stands: its row and column in the table, its text, its page and box.
PLACE = pl.Schema(
    {"row": pl.Int32, "column": pl.Int32, "text": pl.String, "page": pl.Int32, "box": pl.String}
)


class ListSheet:
    """A table that is a list of rows already. `places` (PLACE) tells where cells stand, in a PDF."""

    def __init__(
        self,
        name: str,
        rows: list[list[str]],
        numbers: list[int] | None = None,
        places: pl.DataFrame | None = None,
    ) -> None:
        self.name, self._rows = name, rows
        self.places = PLACE.to_frame() if places is None else places
        self._numbers = numbers or list(range(1, len(rows) + 1))

    @property
    def head(self) -> list[list[str]]:
        """The first rows."""
        return self._rows[:HEAD]

    def body(self, header: int, width: int) -> Body:
        """The rows below the header; blank rows are none."""
        rows = self._rows[header + 1 :]
        columns = [
            pl.Series(n, [r[i] if i < len(r) and r[i] else None for r in rows], dtype=pl.String)
            for i, n in enumerate(names(width))
        ]
        number = pl.Series("row", self._numbers[header + 1 :], dtype=pl.Int32)
        frame = pl.DataFrame([number, *columns])
        return Body(frame.filter(~pl.all_horizontal(pl.col(names(width)).is_null())))


def sheets_of(source: Source) -> tuple[Sheet, ...]:
    """The tables in a document, none when it holds none. FileUnreadable for a broken one."""
    if is_pdf(source):
        return tuple(ListSheet(t.name, t.rows, t.numbers, _places(t)) for t in pdf_sheets(source))
    if source.data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_HTML):
        return _html(source)
    if source.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml") and _EXCEL_XML in source.data[:4096]:
        return _workbook_xml(source)
    found = tables.sheets_of(source)
    if len(found) == 1 and isinstance(found[0], DelimitedSheet) and find_header(found[0]) is None:
        spaced = _spaced(source)
        return spaced if spaced and find_header(spaced[0]) else found
    return found


def _places(table: Table) -> pl.DataFrame:
    """The cells of a PDF's table that stand somewhere."""
    cells = [
        (number, column, text, *place)
        for number, row, places in zip(table.numbers, table.rows, table.places, strict=True)
        for column, (text, place) in enumerate(zip(row, places, strict=True))
        if place
    ]
    return pl.DataFrame(cells, schema=PLACE, orient="row")


@lru_cache(maxsize=1)
def _spaced(source: Source) -> tuple[Sheet, ...]:
    """Text whose columns are parted by blanks or by marks that no other program takes for delimiters."""
    lines = decoded(source.data).splitlines()
    sample = [line for line in lines[:200] if line.strip() and len(line) <= _LONGEST_LINE]
    for mark in _MARKS:
        widths = [len(_cells(mark, line)) for line in sample]
        if widths and sum(w >= 4 for w in widths) > 0.5 * len(widths):
            return (ListSheet("", [_cells(mark, line) for line in lines]),)
    return ()


def _cells(mark: "re.Pattern[str]", line: str) -> list[str]:
    """The cells of a line parted by a mark, blanks around them off."""
    return [cell.strip() for cell in mark.split(line.strip())]


@lru_cache(maxsize=1)
def _workbook_xml(source: Source) -> tuple[Sheet, ...]:
    """The sheets of a workbook written as XML (Excel 2003), which banks also name .xls."""
    root = parse(source.data, source.name)
    sheets: list[Sheet] = []
    for number, sheet in enumerate(e for e in root.iter() if local(e) == "Worksheet"):
        name = next((v for k, v in sheet.items() if k.endswith("Name")), str(number + 1))
        sheets.append(ListSheet(name, [_xml_row(row) for row in sheet.iter() if local(row) == "Row"]))
    return tuple(sheets)


def _xml_row(row: etree._Element) -> list[str]:
    """The cells of a row; one may say at which column it stands."""
    cells: list[str] = []
    for cell in row:
        if local(cell) != "Cell":
            continue
        place = next((v for k, v in cell.items() if k.endswith("Index")), "")
        if place.isdecimal() and len(place) <= 3 and len(cells) < int(place) <= 500:
            cells += [""] * (int(place) - 1 - len(cells))
        cells.append("".join(str(t) for t in cell.itertext()).strip())
    return cells


@lru_cache(maxsize=1)
def _html(source: Source) -> tuple[Sheet, ...]:
    """Tables of an HTML page: what many banks' XLS files are."""
    if len(source.data) > _LARGEST_HTML:
        raise FileUnreadable("file_too_large", file=source.name, bytes=len(source.data), limit=_LARGEST_HTML)
    try:
        root = html.document_fromstring(decoded(source.data), parser=html.HTMLParser(no_network=True))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise FileUnreadable("file_malformed", file=source.name, detail="HTML") from error
    rows = [
        [cell for td in tr.iterchildren("td", "th") for cell in _spanned(td)]
        for tr in root.iter("tr")
        if not any(True for _ in tr.iterdescendants("table"))
    ]
    return (ListSheet("", rows),) if rows else ()


def _spanned(cell: html.HtmlElement) -> list[str]:
    """The text of a cell, and an empty one for each further column it spans."""
    span = cell.get("colspan", "1")
    extra = min(int(span), 60) - 1 if span.isdecimal() and len(span) <= 9 else 0
    return [" ".join(cell.text_content().split()), *[""] * extra]
