"""Which tables a document holds, and which layout each follows: told by the columns, never by a name."""

from dataclasses import dataclass
from functools import lru_cache

from extraction.delimited import DelimitedSheet, looks_like_text
from extraction.layout import Form, Layout
from extraction.sheet import Sheet
from extraction.source import Source
from extraction.workbook import is_workbook, open_workbook
from ledger.errors import InputError


@dataclass(frozen=True)
class Found:
    """A sheet that follows a layout: where its header stands, and which cell is which column."""

    sheet: Sheet
    layout: Layout
    form: Form
    header: int  # index into sheet.head
    columns: dict[str, int]  # canonical column → cell of the header


@dataclass(frozen=True)
class _Opened:
    """The sheets of the document opened last: asked by several readers, unpacked once."""

    sheets: tuple[Sheet, ...]


def sheets_of(source: Source) -> tuple[Sheet, ...]:
    """The tables in a document, none when it is no table. FileUnreadable for a broken workbook."""
    if is_workbook(source.data):
        return _workbook(source).sheets
    return (DelimitedSheet(source.data),) if looks_like_text(source.data) else ()


@lru_cache(maxsize=1)
def _workbook(source: Source) -> _Opened:
    return _Opened(tuple(open_workbook(source.data, source.name)))


def forget_workbook() -> None:
    """Let go of the workbook kept between being recognised and being read."""
    _workbook.cache_clear()


def follows(sheet: Sheet, layouts: tuple[Layout, ...]) -> Found | None:
    """The layout that explains most columns of some row near the top, None when none fits."""
    best: Found | None = None
    for index, row in enumerate(sheet.head):
        if sum(1 for cell in row if cell.strip()) < 2:
            continue
        for layout in layouts:
            columns = layout.columns_in(row)
            form = layout.form_of(columns)
            if form and (best is None or len(columns) > len(best.columns)):
                best = Found(sheet, layout, form, index, columns)
    return best


def recognised(source: Source, layouts: tuple[Layout, ...]) -> bool:
    """Whether any sheet of the document follows a layout. A broken workbook follows none here; reading
    it says what is wrong with it."""
    try:
        return any(follows(sheet, layouts) for sheet in sheets_of(source))
    except InputError:
        return False
