"""The user's own rows that were rejected, given back as CSV with a column that says why, and what was
accepted with a warning."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from ledger.errors import DayanError, Problem
from ledger.words import label

_FILE = {"zh": "文件", "en": "file"}
#: A cell that starts so is a formula to a spreadsheet program.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_errors(
    rejects: pl.DataFrame,
    names: Mapping[int, str],
    path: Path,
    lang: str = "en",
    warned: pl.DataFrame | None = None,
    failed: Iterable[tuple[str, DayanError]] = (),
) -> int:
    """Write failed documents, rejected rows and facts with warnings to `path` and return how many: file,
    row, whether it failed, was rejected or only warned of, number (of a warned invoice or another fact),
    the errors as sentences, then the user's own columns (of rejected rows) in the order they first appear.

    `rejects` are rows of that table of the ledger, `warned` rows of those with `warnings`, with `reading`,
    `row` and `number`; `names` maps readings to file names, `failed` are file names and what went wrong.
    UTF-8 with its mark, so that Excel reads it; cells that a spreadsheet would run as formulas are defused.
    """
    whole = list(failed)
    records = sorted([*_rejected(rejects, lang), *_warned(warned, lang)], key=lambda r: r[0])
    columns = list(dict.fromkeys(c for *_, cells in records for c in cells))
    labels = ("rejected_row", "result", "invoice_number", "errors")
    head = [_FILE["zh" if lang == "zh" else "en"], *(label(k, lang) for k in labels)]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([defused(c) for c in (*head, *columns)])
        for name, error in whole:
            writer.writerow([defused(c) for c in (name, "", label("failed", lang), "", error.text(lang))])
        for (reading, row, _), told, cells in records:
            fixed = [names.get(reading, ""), row, *told]
            writer.writerow([defused(str(c)) for c in (*fixed, *(cells.get(c, "") for c in columns))])
    return len(whole) + len(records)


#: (reading, row, whether a warning), (result, number, sentences), the user's own cells.
_Record = tuple[tuple[int, int, bool], tuple[str, str, str], dict[str, str]]


def _rejected(rejects: pl.DataFrame, lang: str) -> Iterator[_Record]:
    for r in rejects.iter_rows(named=True):
        told = (label("rejected", lang), "", _sentences(r["problems"], lang))
        yield (r["reading"], r["row"], False), told, _cells(r["raw"])


def _warned(facts: pl.DataFrame | None, lang: str) -> Iterator[_Record]:
    if facts is None:
        return
    for r in facts.iter_rows(named=True):
        told = (label("warning", lang), r["number"] or "", _sentences(r["warnings"], lang))
        yield (r["reading"], r["row"], True), told, {}


def defused(cell: str) -> str:
    """`cell` as a spreadsheet takes it for text: with an apostrophe before a formula. Numbers stay."""
    return f"'{cell}" if cell.startswith(_FORMULA) and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    digits = cell.strip().lstrip("+-").replace(",", "").replace(".", "", 1)
    return digits.isascii() and digits.isdigit()


def _cells(raw: str) -> dict[str, str]:
    found = json.loads(raw or "{}")
    return {str(k): "" if v is None else str(v) for k, v in found.items()}


def _sentences(problems: list[dict[str, Any]], lang: str) -> str:
    said = (Problem(p["code"], field=p["field"], value=p["value"]).text(lang) for p in problems)
    return "; ".join(dict.fromkeys(said))
