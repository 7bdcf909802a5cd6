"""XLSX, XLSM and XLS as sheets of text: what Excel shows, never a float's tail of digits."""

from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from io import BytesIO
from typing import Any

import polars as pl
from python_calamine import CalamineError, CalamineSheet, PasswordError, load_workbook

from extraction.extent import check_area, check_extent, place_name
from extraction.sheet import HEAD, Body, names
from ledger.errors import FileUnreadable

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_WORKBOOK_PART = b"xl/workbook"


def is_workbook(data: bytes) -> bool:
    """Whether `data` is an Excel workbook: by its parts, not by a name."""
    return data.startswith(_OLE) or (data.startswith(b"PK") and _WORKBOOK_PART in data)


class WorkbookSheet:
    """One sheet of a workbook."""

    def __init__(self, name: str, sheet: CalamineSheet) -> None:
        self.name = name
        self._sheet = sheet

    @cached_property
    def _rows(self) -> list[list[Any]]:
        return self._sheet.to_python(skip_empty_area=False)

    @cached_property
    def head(self) -> list[list[str]]:
        """The first rows as text."""
        return [[cell_text(c) or "" for c in row] for row in self._rows[:HEAD]]

    def body(self, header: int, width: int) -> Body:
        """The rows below the header; blank rows are none."""
        rows = self._rows[header + 1 :]
        columns = {
            name: pl.Series(name, [cell_text(r[i]) if i < len(r) else None for r in rows], dtype=pl.String)
            for i, name in enumerate(names(width))
        }
        numbers = pl.Series("row", range(header + 2, header + 2 + len(rows)), dtype=pl.Int32)
        frame = pl.DataFrame([numbers, *columns.values()])
        cells = pl.col(names(width)).fill_null("").str.strip_chars()
        return Body(frame.filter(~pl.all_horizontal(cells == "")))


def open_workbook(data: bytes, name: str) -> list[WorkbookSheet]:
    """The sheets of a workbook. FileUnreadable when it is encrypted or broken."""
    if not data.startswith(_OLE):
        check_extent(data, name)
    try:
        book = load_workbook(BytesIO(data))
        sheets = [book.get_sheet_by_name(s) for s in book.sheet_names]
    except PasswordError as error:
        raise FileUnreadable("file_encrypted", file=name) from error
    except (CalamineError, OSError, ValueError) as error:
        raise FileUnreadable("file_truncated", file=name) from error
    for sheet in sheets:
        check_sheet(sheet, name)
    return [WorkbookSheet(s.name, s) for s in sheets]


def check_sheet(sheet: CalamineSheet, file: str) -> None:
    """FileUnreadable when laying a sheet out would take too much room: for XLS, which only its own
    limit of 65,536 rows and 256 columns keeps in bounds until then."""
    row, column = sheet.end or (0, 0)
    check_area(file, (row + 1) * (column + 1), place_name(row + 1, column + 1))


def cell_text(cell: Any) -> str | None:
    """A cell as Excel shows it: 15 significant digits, no exponent, dates as ISO.

    From 10¹⁵ on a spreadsheet number has lost digits: it keeps its exponent, so that no reader takes
    it for an invoice number.
    """
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float):
        return f"{cell:.15E}" if abs(cell) >= 1e15 else format(Decimal(f"{cell:.15g}"), "f")
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
