"""What an invoice should read like, by the keys of `truth.json`, compared with what was read, value by value.
What is missing counts as wrong, and so does every line too many."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from extraction.rows import Facts
from seeds.paper import PaperInvoice, in_words, percent

#: Key in the truth → path in `fields`, for what no other table holds.
_FIELD = {
    "check_code": "check_code",
    "machine_no": "machine_no",
    "drawer": "drawer",
    "payee": "payee",
    "reviewer": "reviewer",
    "total_cn": "words",
    "qr": "qr",
    "remark": "remark",
    "buyer_name": "buyer.name",
    "seller_name": "seller.name",
}
_LINE = {
    "name": "item",
    "spec": "specification",
    "unit": "unit",
    "qty": "quantity",
    "price": "price",
    "amount": "amount_fen",
    "rate": "rate",
    "tax": "tax_fen",
}
_FRONT = {"name": "item", "amount": "amount", "tax": "tax"}


@dataclass
class Found:
    """One invoice as read: header by the truth's keys, lines by our columns, fields by path, warnings."""

    header: dict[str, Any]
    lines: list[dict[str, Any]]
    fields: dict[str, str]
    warned: bool = False


NOTHING = Found({}, [], {})


def found_in(facts: Facts | None) -> list[Found]:
    """Every invoice of a document, in its order."""
    if facts is None:
        return []
    every = dict(facts.tables["fields"].select("path", "value").iter_rows())
    invoices = facts.tables["invoices"].to_dicts()
    codes = dict(facts.tables["parties"].select("party", "code").iter_rows())
    numbers = {value: path.partition(".")[0] for path, value in every.items() if path.endswith("].number")}
    return [
        _found(facts, invoice, codes, _fields_of(every, numbers.get(invoice["number"])))
        for invoice in invoices
    ]


def _fields_of(every: dict[str, str], start: str | None) -> dict[str, str]:
    if start is None:
        return every
    return {p.removeprefix(f"{start}."): v for p, v in every.items() if p.startswith(f"{start}.")}


def _found(facts: Facts, invoice: dict[str, Any], codes: dict[str, str], fields: dict[str, str]) -> Found:
    header: dict[str, Any] = {key: fields.get(path) for key, path in _FIELD.items()}
    header |= {k: invoice[k] for k in ("code", "number")} | {"date": str(invoice["happened_on"])}
    header |= {k: _yuan(invoice[f"{k}_fen"]) for k in ("amount", "tax", "total")}
    header |= {f"{side}_tax_id": codes.get(invoice[side]) for side in ("seller", "buyer")}
    lines = facts.tables["invoice_lines"].filter(pl.col("fact") == invoice["fact"]).sort("line")
    yuan = pl.col("amount_fen", "tax_fen").map_elements(_yuan, return_dtype=pl.String)
    return Found(header, lines.with_columns(yuan).to_dicts(), fields, bool(invoice["warnings"]))


def compare(expected: dict[str, Any], found: Found, *, printed: bool = False) -> Iterator[tuple[str, bool]]:
    """Every value of the truth with whether it was read right; nothing is right in what was not read.

    `printed`: read from print, where blanks at the end of a line and full or half width cannot be told.
    """
    same = _same_print if printed else _same
    for key, value in expected.items():
        if key == "lines":
            for number, line in enumerate(value):
                cells = found.lines[number] if number < len(found.lines) else {}
                for name, cell in line.items():
                    yield f"lines[{number + 1}].{name}", bool(cells) and same(cell, cells.get(_LINE[name]))
            yield from ((f"line {n + 1} too many", False) for n in range(len(value), len(found.lines)))
        elif key == "lines_front":
            for number, line in enumerate(value, 1):
                for name, cell in line.items():
                    front = found.fields.get(f"front[{number}].{_FRONT[name]}")
                    yield f"front[{number}].{name}", same(cell, front)
        else:
            yield key, bool(found.header) and same(value, found.header.get(key))


def is_cell(key: str) -> bool:
    """Whether a compared value is one of a line."""
    return key.startswith(("lines[", "line ", "front["))


def truth_of(invoice: PaperInvoice) -> dict[str, Any]:
    """What a generated invoice says, by the truth's keys."""
    return {
        **({"code": invoice.code, "check_code": invoice.check_code} if invoice.code else {}),
        **({"payee": invoice.payee, "reviewer": invoice.reviewer} if invoice.code else {}),
        "number": invoice.number,
        "date": f"{invoice.issued:%Y-%m-%d}",
        "seller_name": invoice.seller.name,
        "seller_tax_id": invoice.seller.code,
        "buyer_name": invoice.buyer.name,
        "buyer_tax_id": invoice.buyer.code,
        "amount": invoice.amount_fen / 100,
        "tax": invoice.tax_fen / 100,
        "total": invoice.total_fen / 100,
        "total_cn": in_words(invoice.total_fen),
        "drawer": invoice.drawer,
        "remark": invoice.full_remark,
        "lines": [
            {
                "name": line.item,
                "spec": line.specification,
                "unit": line.unit,
                "qty": None if line.quantity is None else str(line.quantity),
                "price": None if line.price is None else str(line.price),
                "amount": line.amount_fen / 100,
                "rate": None if line.rate is None else percent(line.rate),
                "tax": line.tax_fen / 100,
            }
            for line in invoice.lines
        ],
    }


def _yuan(fen: int | None) -> str | None:
    return None if fen is None else str(Decimal(fen) / 100)


def _same(expected: object, found: object) -> bool:
    """Equal as numbers where both are numbers, else as text; nothing equals nothing."""
    if expected in (None, "") or found in (None, ""):
        return expected in (None, "") and found in (None, "")
    if isinstance(expected, float | int) or isinstance(found, Decimal):
        return _number(expected) == _number(found)
    return str(expected) == str(found)


def _same_print(expected: object, found: object) -> bool:
    if isinstance(expected, str) and isinstance(found, str):
        return _bare(expected) == _bare(found)
    return _same(expected, found)


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _number(value: object) -> Decimal | None:
    text = str(value).strip()
    try:
        return Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)
    except InvalidOperation:
        return None
