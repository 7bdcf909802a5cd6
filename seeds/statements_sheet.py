"""Written statements as workbooks, and as the HTML tables that many banks name .xls."""

from datetime import datetime
from html import escape
from io import BytesIO

import xlsxwriter

from seeds.statements_cells import AMOUNTS

_CREATED = datetime(2025, 1, 1)  # a fixed day, so that the bytes are the same


def write_xlsx(
    above: list[list[str]],
    titles: list[str],
    grid: list[list[str]],
    below: list[list[str]],
    keys: list[str],
    quirks: tuple[str, ...],
) -> bytes:
    """A workbook; with `month_sheets` one sheet a month, with `numbers` amounts as numbers."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": _CREATED})
    sheets = _by_month(grid) if "month_sheets" in quirks else {"Sheet1": grid}
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, line in enumerate([*above, titles, *rows, *below]):
            body = len(above) < number <= len(above) + len(rows)
            for column, text in enumerate(line):
                if body and "numbers" in quirks and keys[column] in AMOUNTS and text:
                    sheet.write_number(number, column, float(text))
                elif text:
                    sheet.write_string(number, column, text)
    book.close()
    return out.getvalue()


def write_html(lines: list[list[str]]) -> bytes:
    """A page with one table."""
    rows = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in line) + "</tr>\n" for line in lines)
    head = '<meta http-equiv="Content-Type" content="text/html; charset=UTF-8">'
    return f"<html><head>{head}</head><body><table border=1>\n{rows}</table></body></html>".encode()


def _by_month(grid: list[list[str]]) -> dict[str, list[list[str]]]:
    """Rows by the month of their first cell."""
    sheets: dict[str, list[list[str]]] = {}
    for row in grid:
        sheets.setdefault(row[0][:7], []).append(row)
    return sheets or {"Sheet1": []}
