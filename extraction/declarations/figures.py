"""The figures of a form: which cell belongs to which item and column, and what their arithmetic says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from extraction.declarations.forms import Form, item_name, plain
from extraction.declarations.grid import Cell, Grid, Row
from ledger.errors import Problem
from ledger.money import decimal_of, scaled

_NUMBER = re.compile(r"^[¥￥]?[-+(]?\d[\d,]*(?:\.\d+)?\)?$|^-?\d+(?:\.\d+)?$")
_NOTHING = re.compile(r"^[-—–/*·.\s]*$")
_COLUMN = re.compile(r"^\(?(\d{1,2})\)?(?:=.*)?$")


@dataclass
class Figure:
    """One figure: `fen` is None where the cell cannot be read. `checks` are those it passed."""

    item: str
    column: str
    printed: str
    row: int
    cell: Cell
    fen: int | None
    checks: list[str] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def figures_of(grid: Grid, form: Form, times: int) -> list[Figure]:
    """Every figure of the form in the order of its rows; `times`: yuan in one unit of the amounts."""
    found = _numbered(grid, form, times) if form.numbered else _itemised(grid, form, times)
    return list(found)


def fen_of(text: str, times: int) -> int | None:
    """An amount as forms print it; None where it is none."""
    clean = plain(text).replace("、", "")
    if re.fullmatch(r"¥?\(.+\)", clean):
        clean = "-" + clean.lstrip("¥")[1:-1]
    value = decimal_of(clean)
    return None if value is None else scaled(value, times * 100)


def _itemised(grid: Grid, form: Form, times: int) -> Iterator[Figure]:
    """Items by their names, columns by headings right of them; only the first row of an item counts."""
    headings, below = _headings(grid, form)
    seen: set[tuple[str, str]] = set()
    for row in grid.rows[below:]:
        named = ((cell, item_name(cell.text)) for cell in row.cells)
        names = [(cell, form.items[word]) for cell, word in named if word in form.items]
        for nth, (name, item) in enumerate(names):
            until = names[nth + 1][0].x0 if nth + 1 < len(names) else float("inf")
            for key, cell in _cells_right(row, name, until, headings):
                if (item, key) not in seen and not _NOTHING.match(cell.text):
                    seen.add((item, key))
                    yield Figure(item, key, name.text, row.number, cell, fen_of(cell.text, times))


def _headings(grid: Grid, form: Form) -> tuple[list[tuple[str | None, Cell]], int]:
    """(column key or None, heading) from left to right of the row with most known headings, and the index
    of the row below it."""
    best: list[tuple[str | None, Cell]] = []
    at = 0
    for index, row in enumerate(grid.rows[:20]):
        cells = [(form.columns.get(item_name(cell.text)), cell) for cell in row.cells]
        if sum(key is not None for key, _ in cells) > sum(key is not None for key, _ in best):
            best, at = cells, index + 1
    return best, at


def _cells_right(
    row: Row, name: Cell, until: float, headings: list[tuple[str | None, Cell]]
) -> Iterator[tuple[str, Cell]]:
    """The cells of an item by column: each under its heading, the nearest heading of a key counts."""
    taken: set[str] = set()
    right = [(key, cell) for key, cell in headings if cell.middle > name.x0 and cell.x0 < until]
    for nth, (key, heading) in enumerate(right):
        if key is None or key in taken:
            continue
        left = (right[nth - 1][1].middle + heading.middle) / 2 if nth else name.x1
        end = (right[nth + 1][1].middle + heading.middle) / 2 if nth + 1 < len(right) else until
        under = [c for c in row.cells if c is not name and left <= c.middle < end and c.x0 >= name.x1]
        numbers = [
            c for c in under if _NUMBER.match(plain(c.text).replace("、", ",")) or _NOTHING.match(c.text)
        ]
        if under:
            taken.add(key)
            yield key, (numbers or under)[-1]


def _numbered(grid: Grid, form: Form, times: int) -> Iterator[Figure]:
    """Columns by the numbers the law gives them, rows by patterns; sums over the rows that count."""
    columns, below = _column_numbers(grid, form)
    if not columns:
        return
    first = min(cell.x0 for cell in columns.values())
    sums: dict[str, Figure] = {}
    for row in grid.rows[below:]:
        label = _label(row, first, form)
        if not label:
            continue
        cells = {key: cell for key, cell in _under(row, columns, form) if not _NOTHING.match(cell.text)}
        read = {key: fen_of(cell.text, times) for key, cell in cells.items()}
        problems = _row_adds_up(read, row.number)
        for key, cell in cells.items():
            if read[key] is None:
                yield Figure(f"sales.{key}", "period", label, row.number, cell, None)
                continue
            total = sums.setdefault(key, Figure(f"sales.{key}", "period", label, row.number, cell, 0))
            total.fen = (total.fen or 0) + (read[key] or 0)
            total.warnings += problems if key == "total" else []
    invoiced = [sums[key] for key in ("special", "other_invoices") if key in sums]
    yield from sums.values()
    if invoiced:
        fen = sum(f.fen or 0 for f in invoiced)
        yield Figure("sales.invoiced", "period", invoiced[0].printed, invoiced[0].row, invoiced[0].cell, fen)


def _column_numbers(grid: Grid, form: Form) -> tuple[dict[int, Cell], int]:
    """Column number → its cell, of the row in which most of them stand in order."""
    best: dict[int, Cell] = {}
    at = 0
    for index, row in enumerate(grid.rows[:25]):
        found: dict[int, Cell] = {}
        for cell in row.cells:
            number = _COLUMN.match(plain(cell.text))
            if number and int(number[1]) == len(found) + 1:
                found[int(number[1])] = cell
        if len(found) > max(len(best), len(form.numbered) // 2):
            best, at = found, index + 1
    return {n: c for n, c in best.items() if n in form.numbered}, at


def _label(row: Row, first: float, form: Form) -> str:
    """The row's name when it counts, '' when it does not."""
    texts = [item_name(cell.text) for cell in row.cells if cell.middle < first]
    if any(word in text for word in form.of_which for text in texts):
        return ""
    return next((t for t in reversed(texts) if any(p.search(t) for p in form.rows)), "")


def _under(row: Row, columns: dict[int, Cell], form: Form) -> Iterator[tuple[str, Cell]]:
    """Each cell right of the names, by the column number it stands nearest to."""
    first = min(cell.x0 for cell in columns.values())
    for cell in row.cells:
        if cell.x1 < first:
            continue
        nearest = min(columns, key=lambda n: abs(columns[n].middle - cell.middle))
        if abs(columns[nearest].middle - cell.middle) < _half_gap(columns):
            yield form.numbered[nearest], cell


def _half_gap(columns: dict[int, Cell]) -> float:
    middles = sorted(cell.middle for cell in columns.values())
    gaps = [b - a for a, b in pairwise(middles)]
    return max(gaps) * 0.75 if gaps else float("inf")


def _row_adds_up(read: dict[str, int | None], row: int) -> list[Problem]:
    """Column 9 = 1 + 3 + 5 + 7."""
    parts = [read.get(key) or 0 for key in ("special", "other_invoices", "uninvoiced", "adjusted")]
    total = read.get("total")
    if total is None or total == sum(parts):
        return []
    return [Problem("declared_sum_wrong", row=row, field="total", value=f"{sum(parts)} / {total}")]
