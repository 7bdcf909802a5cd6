"""The user's own rows that were rejected, given back as CSV with a column that says why."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from ledger.errors import Problem
from ledger.words import label

_FILE = {"zh": "文件", "en": "file"}
#: A cell that starts so is a formula to a spreadsheet program.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_errors(rejects: pl.DataFrame, names: Mapping[int, str], path: Path, lang: str = "en") -> int:
    """Write rejected rows to `path` and return how many: file, row, the errors as sentences, then the
    user's own columns in the order they first appear.

    `rejects` is the ledger's table; `names` maps readings to file names. UTF-8 with its mark, so that
    Excel reads it; cells that a spreadsheet would run as formulas are defused.
    """
    records = [(r, _cells(r["raw"])) for r in rejects.sort("reading", "row").iter_rows(named=True)]
    columns = list(dict.fromkeys(c for _, cells in records for c in cells))
    head = [_FILE["zh" if lang == "zh" else "en"], label("rejected_row", lang), label("errors", lang)]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([defused(c) for c in (*head, *columns)])
        for reject, cells in records:
            said = "; ".join(dict.fromkeys(_sentence(p, lang) for p in reject["problems"]))
            fixed = [names.get(reject["reading"], ""), reject["row"], said]
            writer.writerow([defused(str(c)) for c in (*fixed, *(cells.get(c, "") for c in columns))])
    return len(records)


def defused(cell: str) -> str:
    """`cell` as a spreadsheet takes it for text: with an apostrophe before a formula. Numbers stay."""
    return f"'{cell}" if cell.startswith(_FORMULA) and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    digits = cell.strip().lstrip("+-").replace(",", "").replace(".", "", 1)
    return digits.isascii() and digits.isdigit()


def _cells(raw: str) -> dict[str, str]:
    found = json.loads(raw or "{}")
    return {str(k): "" if v is None else str(v) for k, v in found.items()}


def _sentence(problem: dict[str, str], lang: str) -> str:
    return Problem(problem["code"], field=problem["field"], value=problem["value"]).text(lang)
