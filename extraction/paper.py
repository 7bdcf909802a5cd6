"""One invoice paper as values with the place they were read from, and its way into canonical rows.

A path names a value: `number`, `seller.code`, `total`, `lines[2].amount`; where a document holds several
invoices, `invoices[2].total`. Paths that are canonical columns (`extraction.rows`) go into the rows; every
path goes into the ledger's table `fields`, with the checks it passed (`extraction.paper_checks`).
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import polars as pl

from extraction.credit_codes import is_synthetic, tax_number
from extraction.paper_checks import Outcome, checked, confidence
from extraction.personal import masked_text
from extraction.rows import COLUMNS, Rows
from ledger.errors import FileUnreadable
from ledger.names import masked_person

#: Header paths whose column has another name than the path with dots as underscores.
_COLUMN = {
    "amount": "invoice_amount",
    "tax": "invoice_tax",
    "total": "invoice_total",
    "words": "total_words",
}
_LINE_COLUMNS = frozenset(
    {
        *("item", "tax_category", "specification", "unit", "quantity"),
        *("price", "amount", "rate", "tax", "total"),
    }
)
#: Free text that may hold a citizen's number or mobile telephone.
_FREE = re.compile(r"^specific\.|(?:^|\.)(?:remark|name|address|item|specification|payee|reviewer|drawer)$")
#: Digits enough for a number of somebody's.
_LONG = re.compile(r"\d(?:[ －-]?\d){10}")
_PHONE = re.compile(r"(?<!\d)(?:(?:0\d{2,3}[-—\s]?)?\d{7,8}(?:-\d{1,6})?|1[3-9]\d{9}|400\d{7})$")
_PEOPLE = {
    "payee": re.compile(r"收款人\s*[:：]\s*([^\s;；,，:：]+)"),
    "reviewer": re.compile(r"复核人?\s*[:：]\s*([^\s;；,，:：]+)"),
}


@dataclass(frozen=True)
class Value:
    """A value as read, how it was read and where: page from 1, box `x0,y0,x1,y1` in points."""

    text: str
    method: str = "xml"
    confidence: float = 1.0
    page: int | None = None
    box: str | None = None


@dataclass
class Paper:
    """What one paper says. `derived` holds columns that we conclude and the paper does not print; `compared`
    the outcomes of comparing two layers of it."""

    header: dict[str, Value] = field(default_factory=dict)
    lines: list[dict[str, Value]] = field(default_factory=list)
    derived: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Value] = field(default_factory=dict)  # values for `fields` only
    compared: list[Outcome] = field(default_factory=list)

    def put(self, path: str, value: "Value | str") -> None:
        """Set a header value, unless it is empty or already known from a better place."""
        if isinstance(value, str):
            value = Value(value.strip())
        if value.text:
            self.header.setdefault(path, value)

    def text(self, path: str) -> str:
        """A header value as text, '' where there is none."""
        return self.header[path].text if path in self.header else ""

    def fill_from(self, other: "Paper") -> None:
        """Take from `other`, a less certain layer of the same paper, what this one lacks."""
        for path, value in other.header.items():
            self.header.setdefault(path, value)
        for path, value in other.extra.items():
            self.extra.setdefault(path, value)
        for column, text in other.derived.items():
            self.derived.setdefault(column, text)
        self.lines = self.lines or other.lines

    def put_people(self) -> None:
        """Payee and reviewer, where fully digitalised invoices keep them: in the remark."""
        if "remark" in self.header:
            remark = self.header["remark"]
            for path, pattern in _PEOPLE.items():
                if found := pattern.search(remark.text):
                    self.put(path, Value(found[1], remark.method, min(remark.confidence, 0.9), remark.page))


def line(**values: str) -> dict[str, Value]:
    """A line of plain values, without the empty ones."""
    return {path: Value(text.strip()) for path, text in values.items() if text.strip()}


def rows(paper: Paper, name: str, version: int, file: str) -> Rows:
    """The paper as canonical rows. FileUnreadable when it names no number."""
    return rows_of([paper], name, version, file)


def rows_of(papers: list[Paper], name: str, version: int, file: str) -> Rows:
    """Several papers of one document as canonical rows, in their order. FileUnreadable when none of them
    names a number; one that does not is a row to be rejected."""
    if not any(paper.text("number") for paper in papers):
        raise FileUnreadable("paper_no_invoice", file=file)
    records: list[dict[str, Any]] = []
    fields: list[dict[str, Any]] = []
    codes: set[str] = set()
    for number, paper in enumerate(papers, 1):
        mine = _records(paper)
        records += [record | {"row": len(records) + n} for n, record in enumerate(mine, 1)]
        fields += _fields(paper, f"invoices[{number}]." if len(papers) > 1 else "")
        codes |= {mine[0].get("seller_code", ""), mine[0].get("buyer_code", "")}
    # Values with a place first: a frame made of records takes its types from the first of them.
    fields.sort(key=lambda f: f["box"] is None)
    return Rows(
        frame=_frame(records),
        format=name,
        version=version,
        fields=fields,
        synthetic=any(is_synthetic(code) for code in codes),
    )


def _frame(records: list[dict[str, Any]]) -> pl.DataFrame:
    """Canonical columns, only those that some record has: each one costs when small papers are many."""
    present = dict.fromkeys(name for record in records for name in record)
    return pl.DataFrame(records, schema={name: COLUMNS[name] for name in present})


def _records(paper: Paper) -> list[dict[str, str]]:
    """The rows of one paper, one a line."""
    header = {_COLUMN.get(p, p.replace(".", "_")): v.text for p, v in paper.header.items()}
    header = {c: t for c, t in header.items() if c in COLUMNS} | paper.derived
    return [
        {**header, **{p: v.text for p, v in values.items() if p in _LINE_COLUMNS}, "sequence": str(number)}
        for number, values in enumerate(paper.lines or [_as_line(paper)], 1)
    ]


def split_phone(joined: str) -> tuple[str, str]:
    """(address, telephone) of the one field in which older invoices print both."""
    joined = joined.strip()
    found = _PHONE.search(joined)
    return (joined[: found.start()].rstrip(" -，,、"), found[0]) if found else (joined, "")


def _as_line(paper: Paper) -> dict[str, Value]:
    """The whole invoice as its only line, for papers that print none."""
    return {p: paper.header[p] for p in ("amount", "tax", "total") if p in paper.header}


def _fields(paper: Paper, start: str = "") -> list[dict[str, Any]]:
    """Every value as a record of the table `fields`, without `reading`; personal numbers masked."""
    placed = list(paper.header.items())
    for number, values in enumerate(paper.lines, 1):
        placed += [(f"lines[{number}].{path}", value) for path, value in values.items()]
    placed += paper.extra.items()
    shown = _shown(paper, dict(placed))
    passed, failed = checked(paper)
    return [
        {
            "path": start + path,
            "value": shown.get(path, value.text),
            "page": value.page,
            "box": value.box,
            "method": value.method,
            "confidence": confidence(value.confidence, len(checks), failed=path in failed),
            "checks": checks,
        }
        for path, value in placed
        for checks in (passed.get(path, []),)
    ]


def _shown(paper: Paper, placed: dict[str, Value]) -> dict[str, str]:
    """What may be stored of values that hold, or may hold, something personal."""
    shown: dict[str, str] = {}
    for side in ("seller", "buyer"):
        if code := paper.text(f"{side}.code"):
            number = tax_number(code.upper())
            shown[f"{side}.code"] = number.shown if number.shown != code.upper() else code
            if number.legal_form == "person":
                shown[f"{side}.name"] = masked_person(paper.text(f"{side}.name"))
    free = {path: shown.get(path, value.text) for path, value in placed.items() if _is_free(path)}
    return shown | {path: masked_text(text) for path, text in free.items() if _LONG.search(text)}


@lru_cache(maxsize=10_000)
def _is_free(path: str) -> bool:
    return _FREE.search(path) is not None
