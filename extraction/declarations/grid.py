"""Forms as rows of cells with a horizontal place, from a workbook's sheet or a PDF's page alike."""

from collections.abc import Iterator
from dataclasses import dataclass

from extraction.pdf_words import Page, Word, is_pdf, read_pdf, turned
from extraction.sheet import Sheet
from extraction.source import Source
from extraction.tables import sheets_of
from extraction.workbook import is_workbook
from ledger.errors import FileUnreadable


@dataclass(frozen=True)
class Cell:
    """Text that stands between `x0` and `x1` (columns of a sheet, or points), and its place for people."""

    text: str
    x0: float
    x1: float
    page: int | None = None
    box: str | None = None

    @property
    def middle(self) -> float:
        """Where its centre stands."""
        return (self.x0 + self.x1) / 2


@dataclass(frozen=True)
class Row:
    """Cells from left to right, and the row's number as a person counts."""

    number: int
    cells: tuple[Cell, ...]

    @property
    def text(self) -> str:
        """All of it."""
        return " ".join(cell.text for cell in self.cells)


@dataclass(frozen=True)
class Grid:
    """One sheet or one page."""

    name: str
    rows: tuple[Row, ...]


def grids(source: Source) -> Iterator[Grid]:
    """The sheets or pages of a document, none when it is neither. FileUnreadable for a broken one."""
    if is_pdf(source):
        for page in read_pdf(source).pages:
            yield Grid(f"{page.number}", tuple(_page_rows(page)))
        return
    for sheet in workbook_sheets(source):
        yield Grid(sheet.name, tuple(_sheet_rows(sheet)))


def first_lines(source: Source, lines: int = 12) -> list[str]:
    """The first lines of every sheet or page, to look for a title; none where it cannot be read."""
    try:
        if is_pdf(source):
            return [row.text for grid in grids(source) for row in grid.rows[:lines]]
        heads = (sheet.head[:lines] for sheet in workbook_sheets(source))
        return [" ".join(row) for head in heads for row in head]
    except FileUnreadable:
        return []


def workbook_sheets(source: Source) -> tuple[Sheet, ...]:
    """The sheets of a workbook, none of anything else: nobody hands in a form as CSV."""
    return sheets_of(source) if is_workbook(source.data) else ()


def _sheet_rows(sheet: Sheet) -> Iterator[Row]:
    head = sheet.head
    width = max((len(row) for row in head), default=0)
    if not width:
        return
    body = sheet.body(-1, width).frame
    for values in body.iter_rows():
        number, texts = int(values[0]), values[1:]
        cells = [Cell(t.strip(), i, i + 1) for i, t in enumerate(texts) if t and t.strip()]
        if cells:
            yield Row(number, tuple(cells))


def _page_rows(page: Page) -> Iterator[Row]:
    """Words whose middle lines are within half their height, read upright; their boxes stay those of the
    page as it is shown."""
    upright = page.upright()
    words = sorted(upright.words, key=lambda w: (w.middle, w.x0))
    lines: list[list[Word]] = []
    for word in words:
        if lines and abs(lines[-1][-1].middle - word.middle) < 0.5 * (word.y1 - word.y0):
            lines[-1].append(word)
        else:
            lines.append([word])
    for number, line in enumerate(lines, 1):
        line.sort(key=lambda w: w.x0)
        cells = [Cell(w.text, w.x0, w.x1, page.number, _box(w, page, upright)) for w in line]
        yield Row(number, tuple(cells))


def _box(word: Word, shown: Page, upright: Page) -> str:
    """Where a word of the upright page stands on the page as it is shown."""
    if not shown.turn:
        return word.box
    box = (word.x0, word.y0, word.x1, word.y1)
    return ",".join(f"{edge:.1f}" for edge in turned(box, shown.turn, upright.width, upright.height))
