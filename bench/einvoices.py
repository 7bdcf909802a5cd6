"""Bench `einvoices`: are the values of real e-invoices read right, header and lines, one by one?

OFD: every value of `truth.json`, taken from the ledger's tables where those hold it, else from
`fields`. 数电票 XML: no real file with truth is at hand, so generated invoices are written and read
back. What is missing counts as wrong, and so does every line too many.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from extraction.readers import reader_for
from extraction.rows import Facts
from extraction.source import Source, sources
from ledger.errors import InputError
from seeds.papers import PaperInvoice, PaperLine, Party, in_words, write_digital_xml

_DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "einvoices"
_GENERATED = 200
_SHOWN = 20  # wrong values named one by one
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


def run(data: Path | None = None) -> dict[str, object]:
    """Read everything, print a table, return the figures."""
    folder, console = data or _DATA, Console()
    counts: dict[str, Counter[str]] = {"OFD": Counter(), "数电票 XML": Counter()}
    skipped: Counter[str] = Counter()
    read: Counter[str] = Counter()
    truth = json.loads((folder / "truth.json").read_text("utf-8")) if (folder / "truth.json").exists() else {}
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} | set(truth)
    for name in sorted(files - {"truth.json"}):
        path, expected = folder / name, truth.get(name)
        try:
            facts = _facts(path)
        except InputError as error:
            console.print(f"[red]{path.name}: {error}")
            facts = None
        if facts is None:
            skipped[path.suffix.lstrip(".")] += 1
        else:
            read[facts.format] += 1
        if expected is not None:
            for key, right in _compare(expected, facts):
                counts["OFD"]["right" if right else "wrong"] += 1
                if not right and counts["OFD"]["wrong"] <= _SHOWN:
                    console.print(f"[red]{path.name}: {key}")
    for invoice in _invoices(_GENERATED):
        facts = _facts_of(Source("generated", write_digital_xml(invoice)))
        for key, right in _compare(_truth_of(invoice), facts):
            counts["数电票 XML"]["right" if right else "wrong"] += 1
            if not right and counts["数电票 XML"]["wrong"] <= _SHOWN:
                console.print(f"[red]{invoice.number}: {key}")
    figures: dict[str, object] = {
        "structured": {name: c["right"] / c.total() for name, c in counts.items() if c.total()},
        "values": {name: c.total() for name, c in counts.items()},
        "read": dict(sorted(read.items())),
        "skipped": dict(sorted(skipped.items())),
    }
    _print(console, counts, skipped, read)
    return figures


def _print(console: Console, counts: dict[str, Counter[str]], *others: Counter[str]) -> None:
    table = Table("format", "values", "right", "share", title="e-invoices, value by value")
    for name, count in counts.items():
        if count.total():
            share = count["right"] / count.total()
            table.add_row(name, str(count.total()), str(count["right"]), f"{share:.4f}")
    console.print(table)
    console.print("数电票 XML: a round trip of generated files; no real file with truth is at hand.")
    for title, counter in zip(("skipped (no reader yet)", "read"), others, strict=True):
        console.print(f"{title}: " + ", ".join(f"{name} {n}" for name, n in sorted(counter.items())))


def _facts(path: Path) -> Facts | None:
    for source in sources(path):
        if isinstance(source, InputError):
            raise source
        return _facts_of(source)
    return None


def _facts_of(source: Source) -> Facts | None:
    reader = reader_for(source)
    return None if reader is None else reader.facts(source)


def _compare(expected: dict[str, Any], facts: Facts | None) -> Iterator[tuple[str, bool]]:
    """Every value of the truth with whether it was read right; nothing is right in what was not read."""
    found, lines, fields = _found(facts)
    nothing = not found
    for key, value in expected.items():
        if key == "lines":
            for number, line in enumerate(value):
                cells = lines[number] if number < len(lines) else {}
                for name, cell in line.items():
                    yield f"lines[{number + 1}].{name}", bool(cells) and _same(cell, cells.get(_LINE[name]))
            yield from ((f"line {n + 1} too many", False) for n in range(len(value), len(lines)))
        elif key == "lines_front":
            for number, line in enumerate(value, 1):
                for name, cell in line.items():
                    yield (
                        f"front[{number}].{name}",
                        _same(cell, fields.get(f"front[{number}].{_FRONT[name]}")),
                    )
        else:
            yield key, not nothing and _same(value, found.get(key))


def _found(facts: Facts | None) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, str]]:
    """Header by the truth's keys, lines by our columns, and the fields by path."""
    if facts is None or facts.tables["invoices"].is_empty():
        return {}, [], {}
    fields = dict(facts.tables["fields"].select("path", "value").iter_rows())
    invoice = facts.tables["invoices"].row(0, named=True)
    header = {key: fields.get(path) for key, path in _FIELD.items()}
    header |= {k: invoice[k] for k in ("code", "number")} | {"date": str(invoice["happened_on"])}
    header |= {k: _yuan(invoice[f"{k}_fen"]) for k in ("amount", "tax", "total")}
    codes = dict(facts.tables["parties"].select("party", "code").iter_rows())
    header |= {f"{side}_tax_id": codes.get(invoice[side]) for side in ("seller", "buyer")}
    lines = (
        facts.tables["invoice_lines"]
        .sort("line")
        .with_columns(pl.col("amount_fen", "tax_fen").map_elements(_yuan, return_dtype=pl.String))
    )
    return header, lines.to_dicts(), fields


def _yuan(fen: int | None) -> str | None:
    return None if fen is None else str(Decimal(fen) / 100)


def _same(expected: object, found: object) -> bool:
    """Equal as numbers where both are numbers, else as text; nothing equals nothing."""
    if expected in (None, "") or found in (None, ""):
        return expected in (None, "") and found in (None, "")
    if isinstance(expected, float | int) or isinstance(found, Decimal):
        return _number(expected) == _number(found)
    return str(expected) == str(found)


def _number(value: object) -> Decimal | None:
    text = str(value).strip()
    try:
        return Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)
    except InvalidOperation:
        return None


def _truth_of(invoice: PaperInvoice) -> dict[str, Any]:
    """What a generated invoice says, by the truth's keys."""
    return {
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
                "qty": str(line.quantity),
                "price": str(line.price),
                "amount": line.amount_fen / 100,
                "rate": f"{line.rate}",
                "tax": line.tax_fen / 100,
            }
            for line in invoice.lines
        ],
    }


def _invoices(count: int) -> Iterator[PaperInvoice]:
    """Seeded invoices, blue and red, of one to forty lines."""
    draw = random.Random(20)
    firms = [Party(f"合成企业{i}有限公司", _code(draw, i), "合成路1号", "0573-85000000") for i in range(40)]
    for number in range(count):
        seller, buyer = draw.sample(firms, 2)
        red = draw.random() < 0.1
        yield PaperInvoice(
            number=f"2599{number:016d}",
            issued=datetime(2025, 1, 1, 8) + timedelta(hours=31 * number),
            seller=seller,
            buyer=buyer,
            lines=tuple(_line(draw, -1 if red else 1) for _ in range(draw.choice((1, 1, 2, 5, 40)))),
            kind=draw.choice(("digital_special", "digital_ordinary")),
            reverses=f"2499{number:016d}" if red else "",
            drawer="管理员",
        )


def _line(draw: random.Random, sign: int) -> PaperLine:
    quantity, price = Decimal(draw.randint(1, 500)), Decimal(draw.randint(100, 99999)) / 100
    rate = Decimal(draw.choice(("0.13", "0.09", "0.06", "0.03", "0.01")))
    amount = int(quantity * price * 100)
    return PaperLine(
        item=draw.choice(("*塑料制品*高温尼龙切片", "*通信设备*绝缘骨架", "*研发和技术服务*检测费")),
        amount_fen=sign * amount,
        tax_fen=sign * round(amount * rate),
        rate=rate,
        quantity=sign * quantity,
        price=price,
        unit="千克",
        specification=draw.choice(("", "PA46-25kg")),
        tax_category="1070601010000000000",
    )


def _code(draw: random.Random, number: int) -> str:
    """A credit code of the region that no registry issues, with its right check digit."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = f"91990000MA{number:05d}{draw.choice('ABCDEFGH')}A"[:17]
    total = sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + alphabet[(31 - total % 31) % 31]
