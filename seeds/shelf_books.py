"""A product's own books from files: daily flows, and who holds how much; errors by file, row and field."""

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl

from ledger.errors import FileUnreadable, InputError, Problem
from ledger.money import fen_of
from seeds.shelf_file import MOST_TOLD

#: Column → heading in Chinese, how it is read, and its type.
FLOWS = {
    "product": ("产品代码", "text", pl.String()),
    "day": ("日期", "date", pl.Date()),
    "subscribed_fen": ("申购金额", "yuan", pl.Int64()),
    "redeemed_fen": ("赎回金额", "yuan", pl.Int64()),
}
HOLDERS = {
    "product": ("产品代码", "text", pl.String()),
    "code": ("统一社会信用代码", "text", pl.String()),
    "amount_fen": ("持有金额", "yuan", pl.Int64()),
}
_Columns = dict[str, tuple[str, str, pl.DataType]]


def read_flows(path: Path) -> pl.DataFrame:
    """Flows a day and product: columns of FLOWS; in the file yuan, headed in Chinese or English."""
    return _read(path, FLOWS)


def read_holders(path: Path) -> pl.DataFrame:
    """Holdings by product and credit code: columns of HOLDERS."""
    return _read(path, HOLDERS)


def _read(path: Path, columns: _Columns) -> pl.DataFrame:
    """The table in a CSV file. Raises FileUnreadable, InputError with a problem for each wrong value."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable("shelf_unreadable", file=path.name, detail=type(error).__name__) from None
    reader = csv.DictReader(text.splitlines())
    problems: list[Problem] = []
    found: dict[str, list[object]] = {name: [] for name in columns}
    for row in reader:
        for name, (heading, reads, _) in columns.items():
            given = row.get(heading) or row.get(name) or row.get(name.replace("_fen", "_yuan")) or ""
            value = _READERS[reads](given.strip())
            if value is None:
                code = f"shelf_not_{reads}" if given.strip() else "shelf_value_missing"
                problems.append(Problem(code, path.name, reader.line_num, name, given[:80]))
            found[name].append(value)
    if problems:
        raise InputError("shelf_wrong", tuple(problems[:MOST_TOLD]), file=path.name, count=len(problems))
    return pl.DataFrame(found, schema={name: kind for name, (_, _, kind) in columns.items()})


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _yuan(text: str) -> int | None:
    fen = fen_of(text)
    return fen if fen is not None and fen >= 0 else None


_READERS: dict[str, Callable[[str], object]] = {
    "text": lambda text: text or None,
    "date": _date,
    "yuan": _yuan,
}
