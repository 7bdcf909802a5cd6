"""Cells as people and programs type them: blanks, full-width digits, marks that force text → plain text."""

import polars as pl

from extraction.vocabulary import vocabulary

#: Marks by which programs keep a spreadsheet from turning digits into a number: ="0012", '0012, tab.
_FORCED = r'^\s*=\s*"(.*)"\s*$'
#: Invisible marks that survive copying from web pages.
_INVISIBLE = r"[\u{200B}-\u{200F}\u{FEFF}\u{2060}]"


def tidy_cells(frame: pl.DataFrame, coded: frozenset[str], placeholders: bool = True) -> pl.DataFrame:
    """Every text column stripped, blanks and placeholders null; `coded` ones (numbers, codes, dates)
    also in half width and without the marks that force text."""
    return frame.with_columns(
        _tidy(frame[name], name in coded, placeholders)
        for name, dtype in frame.schema.items()
        if dtype == pl.String
    )


def _tidy(cells: pl.Series, coded: bool, placeholders: bool) -> pl.Series:
    if coded:
        cells = half_width(cells)
        if cells.str.contains(r"""^[='`"]""").any():
            cells = cells.str.replace(_FORCED, "$1").str.strip_chars_start("'`")
    cells = cells.str.strip_chars()
    empty = vocabulary().placeholders if placeholders else ("",)
    short = cells.str.len_bytes() <= max(len(word.encode()) for word in empty)
    if not short.any():
        return cells
    gone = short & cells.str.to_uppercase().is_in(empty)
    return cells.set(gone.fill_null(False), None) if gone.any() else cells


def half_width(cells: pl.Series) -> pl.Series:
    """NFKC and no invisible marks, where anything but ASCII occurs at all."""
    if not (cells.str.len_bytes() != cells.str.len_chars()).any():
        return cells
    return cells.str.normalize("NFKC").str.replace_all(_INVISIBLE, "")
