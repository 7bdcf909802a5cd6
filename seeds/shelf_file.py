"""A real shelf from a file: CSV or YAML, one product a row, headed in Chinese or English.

Nothing is guessed: a value that cannot be used is told by file, row, field and value, all of them at once.
"""

import csv
import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from ledger.errors import FileUnreadable, InputError, Problem
from seeds.shelf import AUDIENCES, BENCHMARKS, COLUMNS, FORMS, INVESTORS, KINDS

#: Most bytes of a file, and most problems told at once.
LARGEST, MOST_TOLD = 64_000_000, 200


@dataclass(frozen=True)
class Field:
    """A heading: its Chinese name, how its text is read, and whether every row needs it."""

    heading: str
    reads: str
    needed: bool = False
    choices: tuple[str, ...] = ()
    default: object = None


#: Amounts are in yuan in a file (`*_yuan` or the Chinese heading), rates in percent a year.
FIELDS: dict[str, Field] = {
    "id": Field("产品代码", "text", True),
    "name": Field("产品名称", "text", True),
    "issuer": Field("发行机构", "text", True),
    "kind": Field("产品类型", "choice", True, KINDS),
    "form": Field("运作模式", "choice", True, FORMS),
    "level": Field("风险等级", "level", True),
    "audience": Field("募集方式", "choice", False, AUDIENCES, "public"),
    "investors": Field("投资者类型", "choice", False, INVESTORS, "both"),
    "lock_days": Field("封闭或最短持有天数", "days", True),
    "notice_days": Field("预约天数", "days", default=0),
    "confirm_days": Field("申购确认天数", "days", default=1),
    "settle_days": Field("赎回到账天数", "days", True),
    "quick_cap_fen": Field("快速赎回单日上限", "yuan"),
    "benchmark_kind": Field("基准类型", "choice", False, BENCHMARKS, "benchmark"),
    "benchmark_low": Field("业绩比较基准下限", "percent", True),
    "benchmark_high": Field("业绩比较基准上限", "percent", True),
    "benchmark_from": Field("基准起始日", "date", True),
    "benchmark_until": Field("基准截止日", "date"),
    "least_fen": Field("起购金额", "yuan", True),
    "step_fen": Field("递增金额", "yuan", default=100),
    "most_fen": Field("单户上限", "yuan"),
    "subscribe_rate": Field("申购费率", "percent", default=0.0),
    "redeem_rate": Field("赎回费率", "percent", default=0.0),
    "manage_rate": Field("管理费率", "percent", default=0.0),
    "size_fen": Field("产品规模", "yuan"),
    "on_sale_from": Field("销售起始日", "date"),
    "on_sale_until": Field("销售截止日", "date"),
}
_WORDS = {
    **{"现金管理类": "cash_management", "固定收益类": "fixed_income", "固收+": "fixed_income_plus"},
    **{"固定收益增强": "fixed_income_plus", "结构性存款": "structured_deposit", "混合类": "mixed"},
    **{"权益类": "equity", "商品及金融衍生品类": "commodity_derivative"},
    **{"开放式": "open", "最短持有期": "min_hold", "封闭式": "closed", "公募": "public", "私募": "private"},
    **{"不限": "both", "个人": "natural", "机构": "institution"},
    **{"业绩比较基准": "benchmark", "七日年化": "seven_day"},
}


def read_shelf(path: Path) -> pl.DataFrame:
    """The shelf in a file: columns as in `seeds.shelf.COLUMNS`, `synthetic` false.

    Raises FileUnreadable where the file cannot be read at all, InputError `shelf_wrong` with a problem for
    each value that cannot be used.
    """
    rows = _rows(path)
    problems: list[Problem] = []
    records = [_record(path.name, number, row, problems) for number, row in rows]
    _whole(path.name, [number for number, _ in rows], records, problems)
    if problems:
        raise InputError("shelf_wrong", tuple(problems[:MOST_TOLD]), file=path.name, count=len(problems))
    columns: dict[str, list[object]] = {name: [r.get(name) for r in records] for name in FIELDS}
    columns["synthetic"] = [False] * len(records)
    return pl.DataFrame(columns, schema=COLUMNS)


def _rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """Rows with their numbers as a person counts them: the line in a CSV, the place in a YAML list."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FileUnreadable("shelf_unreadable", file=path.name, detail=error.strerror or "") from None
    if len(data) > LARGEST:
        raise FileUnreadable("shelf_unreadable", file=path.name, detail=f"> {LARGEST} bytes")
    text = _decoded(data, path.name)
    if path.suffix.lower() in (".yaml", ".yml"):
        return _yaml_rows(text, path.name)
    try:
        reader = csv.DictReader(io.StringIO(text), strict=True)
        found = [(reader.line_num, dict(row)) for row in reader]
    except csv.Error as error:
        raise FileUnreadable("shelf_unreadable", file=path.name, detail=str(error)) from None
    if not found:
        raise FileUnreadable("shelf_empty", file=path.name)
    return found


def _decoded(data: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileUnreadable("shelf_unreadable", file=name, detail="encoding")


def _yaml_rows(text: str, name: str) -> list[tuple[int, dict[str, Any]]]:
    try:
        body = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise FileUnreadable("shelf_unreadable", file=name, detail=str(error).split("\n", 1)[0]) from None
    found = body.get("products") if isinstance(body, dict) else body
    if not isinstance(found, list) or not found:
        raise FileUnreadable("shelf_empty", file=name)
    return [(i, row if isinstance(row, dict) else {"": row}) for i, row in enumerate(found, 1)]


def _record(file: str, number: int, row: dict[str, Any], problems: list[Problem]) -> dict[str, object]:
    """A product; what is wrong with it is added to `problems`."""
    given = {str(key).strip(): value for key, value in row.items() if key is not None}
    names = {field.heading: name for name, field in FIELDS.items()}
    names |= {name.replace("_fen", "_yuan"): name for name in FIELDS}
    told = {names[key]: value for key, value in given.items() if key in names}
    if None in row or (unknown := [key for key in given if key not in names]):
        field = "" if None in row else unknown[0]
        problems.append(Problem("shelf_unknown_field", file, number, field, str(given.get(field, ""))[:80]))
    found: dict[str, object] = {}
    for name, field_ in FIELDS.items():
        text = str(told.get(name, "") if told.get(name) is not None else "").strip()
        if not text:
            found[name] = field_.default
            if field_.needed:
                problems.append(Problem("shelf_value_missing", file, number, name, ""))
            continue
        value = _value(field_, text)
        if value is None:
            problems.append(Problem(f"shelf_not_{field_.reads}", file, number, name, text[:80]))
        found[name] = value
    return found


def _value(field: Field, text: str) -> object:
    """The value a text stands for; None where it stands for none."""
    if field.reads == "text":
        return text if len(text) <= 200 else None
    if field.reads == "choice":
        word = _WORDS.get(text, text.lower())
        return word if word in field.choices else None
    if field.reads == "level":
        digits = text.upper().removeprefix("P").removeprefix("R")
        return int(digits) if digits in ("1", "2", "3", "4", "5") else None
    if field.reads == "date":
        try:
            return date.fromisoformat(text[:10] if len(text) > 10 and text[10] in " T" else text)
        except ValueError:
            return None
    return _number(field.reads, text)


def _number(reads: str, text: str) -> int | float | None:
    """Days, yuan (as fen) or percent (as a share); exact, within sense."""
    try:
        number = Decimal(text.replace(",", "").removesuffix("%"))
    except InvalidOperation:
        return None
    if not number.is_finite() or number < 0:
        return None
    if reads == "percent":
        return float(number / 100) if number <= 100 else None
    whole = number * 100 if reads == "yuan" else number
    if whole != whole.to_integral_value() or whole > (10**17 if reads == "yuan" else 36_500):
        return None
    return int(whole)


def _whole(file: str, numbers: list[int], records: list[dict[str, Any]], problems: list[Problem]) -> None:
    """What only shows when values are seen together."""
    seen: dict[object, int] = {}
    for number, record in zip(numbers, records, strict=True):
        id_, low, high = record["id"], record["benchmark_low"], record["benchmark_high"]
        if id_ is not None and seen.setdefault(id_, number) != number:
            problems.append(Problem("shelf_id_twice", file, number, "id", str(id_)))
        if low is not None and high is not None and low > high:
            problems.append(Problem("shelf_range_turned", file, number, "benchmark_low", str(low)))
        if (
            record["form"] == "open"
            and (record["lock_days"] or 0) > 0
            and record["kind"] == "cash_management"
        ):
            problems.append(Problem("shelf_cash_locked", file, number, "lock_days", str(record["lock_days"])))
        until, since = record["benchmark_until"], record["benchmark_from"]
        if until is not None and since is not None and until < since:
            problems.append(Problem("shelf_dates_turned", file, number, "benchmark_until", str(until)))
