"""One PDF page or part of a page → what it says of an invoice; pages of one invoice are put together.

A page may hold several invoices one under another; an invoice may take several pages, with a list of
goods (销货清单) that stands for the one line of the front. Its number holds the pages together.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from extraction.paper import Paper, Value
from extraction.paper_kinds import kind_of_code, kind_of_label, kind_of_title
from extraction.pdf_invoice_labels import (
    Label,
    labels_of,
    money_text,
    put_header,
    put_parties,
    put_people,
    put_total,
    remark_of,
)
from extraction.pdf_invoice_rows import METHOD, VOID, Form, Row, form_of
from extraction.pdf_invoice_table import LINE_PATHS, Table, lines_of, sum_cells, table_of
from extraction.pdf_words import Pdf
from ledger.money import decimal_of

_TOTAL = "价税合计"
_LISTED = re.compile(r"\(?详见.{0,6}清单\)?")
_LIST_TITLE = re.compile(r"(?:应税劳务|销售货物).{0,12}清单")
_HEAD = re.compile(r"发票(?:代码|号码)|开票日期|电子发票\(|增值税.{0,6}发票")
_PEOPLE = re.compile(r"收款人:|复核人?:|开票人:?")
#: Tickets that are invoices by themselves, by their title.
_TICKETS = {"铁路电子客票": "rail", "航空运输电子客票行程单": "air"}
_FARE = re.compile(r"票价:?(¥?\d+\.\d{2})")


@dataclass
class Piece:
    """What one form says."""

    paper: Paper
    is_list: bool
    sums: dict[str, dict[str, Value]] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """Code and number, '' where not printed."""
        return self.paper.text("code"), self.paper.text("number")


def papers_of(pdf: Pdf) -> list[Paper]:
    """The invoices that the pages print, in their order."""
    groups: list[list[Piece]] = []
    by_number: dict[str, list[Piece]] = {}
    for page in pdf.pages:
        for form in _forms(form_of(page)):
            piece = _piece(form)
            if piece is None:
                continue
            number = piece.key[1]
            group = by_number.get(number) if number else (groups[-1] if groups else None)
            if group is None:
                group = []
                groups.append(group)
            if number:
                by_number[number] = group
            group.append(piece)
    return [_together(group) for group in groups]


def _forms(form: Form) -> list[Form]:
    """The parts of a page that hold an invoice each: each has one 价税合计."""
    totals = [r.y for r in form.rows if _TOTAL in r.text]
    if len(totals) < 2:
        return [form]
    cuts = [0.0]
    for first, last in pairwise(totals):
        head = next((r.y for r in form.rows if first < r.y < last and _HEAD.search(r.text)), None)
        if head is None:
            return [form]
        people = (r.y for r in form.rows if first < r.y < head and _PEOPLE.search(r.text))
        after = max(people, default=first)
        between = [r for r in form.rows if after <= r.y <= head]
        gaps = [(b.y - b.height / 2 - a.y - a.height / 2, a.y, b.y) for a, b in pairwise(between)]
        _, above, below = max(gaps)
        cuts.append((above + below) / 2)
    cuts.append(form.page.height + 1)
    return [form.part(top, bottom) for top, bottom in pairwise(cuts)]


def _piece(form: Form) -> Piece | None:
    """What a form says; None where it says nothing of an invoice."""
    paper, labels, table = Paper(), labels_of(form), table_of(form)
    is_list = any(_LIST_TITLE.search(r.text) for r in form.rows)
    put_header(paper, form, labels)
    if table is None and "number" not in paper.header:
        return None
    top = next((x.row.y for x in labels if x.name == "name"), form.page.height)
    if not is_list:
        _put_kind(paper, form, labels, table.top if table else top)
    bottoms = _bottoms(labels, table)
    put_parties(paper, form, labels, bottoms)
    put_people(paper, form, labels)
    put_total(paper, form, labels)
    _put_void(paper, form)
    piece = Piece(paper, is_list)
    if table is not None:
        _put_lines(paper, form, table)
        piece.sums = {word: sum_cells(form, table, row) for word, row in table.sums.items()}
    total = next((x.row for x in labels if x.name == "words"), None)
    if total is not None and not is_list:
        _put_remark(paper, form, labels, total)
    if paper.derived.get("kind") == "rail":
        _put_fare(paper, form)
    return piece


def _put_void(paper: Paper, form: Form) -> None:
    """作废 printed over the form is its status; where it leans over several forms it is only told."""
    if form.voids:
        paper.put("status_word", form.value(form.voids[:1], VOID, 0.8))
    elif form.leaning:
        mark = Value(VOID, METHOD, 0.8, form.page.number)
        if form.whole:
            paper.put("status_word", mark)
        else:
            paper.extra["void_mark"] = mark


def _bottoms(labels: list[Label], table: Table | None) -> list[float]:
    ends = [x.row.y for x in labels if x.name in ("payee", "reviewer", "drawer", "seal", "words")]
    return [*ends, table.top] if table else ends


def _put_kind(paper: Paper, form: Form, labels: list[Label], bottom: float) -> None:
    """Kind by the printed title, a trade's own word above it, or the code."""
    first = {id(x.row): x.first for x in reversed(labels)}
    for row in form.rows:
        if row.y > bottom:
            break
        if "票" in row.text:
            for word, ticket in _TICKETS.items():
                if word in row.text:
                    paper.derived.setdefault("kind", ticket)
            titles = [row.text[: first.get(id(row), len(row.text))], *(w.text for w in row.words)]
            if kind := next(filter(None, (kind_of_title(t) for t in titles if "票" in t)), ""):
                paper.derived.setdefault("kind", kind)
        if trade := next(filter(None, (kind_of_label(w.text) for w in row.words)), ""):
            paper.derived["kind"] = trade
    if kind := kind_of_code(paper.text("code")):
        paper.derived.setdefault("kind", kind)


def _put_lines(paper: Paper, form: Form, table: Table) -> None:
    for number, cells in enumerate(lines_of(form, table), 1):
        paper.lines.append({p: v for p, v in cells.items() if p in LINE_PATHS and v.text})
        for path, value in cells.items():
            if path not in LINE_PATHS and value.text:
                paper.extra[f"specific.{path}[{number}]"] = value


def _put_remark(paper: Paper, form: Form, labels: list[Label], total: Row) -> None:
    """From under the total to the line of the people."""
    people = (x.row.y for x in labels if x.name in ("payee", "reviewer", "drawer", "seal"))
    bottom = min((y for y in people if y > total.y), default=form.page.height)
    paper.put("remark", remark_of(form, labels, total.y + 0.6 * total.height, bottom - 2))
    paper.put_people()


def _put_fare(paper: Paper, form: Form) -> None:
    """Rail tickets print the fare and no table."""
    for row in form.rows:
        if found := _FARE.search(row.text):
            paper.put("total", form.value(row.piece(*found.span(1)), money_text(found[1])))


def _together(pieces: list[Piece]) -> Paper:
    """The pages of one invoice as one paper."""
    whole = Paper()
    for piece in sorted(pieces, key=lambda p: p.is_list):
        for path, value in piece.paper.header.items():
            whole.put(path, value)
        for column, text in piece.paper.derived.items():
            whole.derived.setdefault(column, text)
    for word in ("合计", "总计"):
        for piece in reversed(pieces):
            for path, value in piece.sums.get(word, {}).items():
                whole.put(path, value)
    front = [p for p in pieces if not p.is_list]
    listed = [p for p in pieces if p.is_list]
    for piece in front if listed else ():
        for cells in piece.paper.lines:
            if "item" in cells and _LISTED.search(cells["item"].text.replace("（", "(").replace("）", ")")):
                whole.extra |= {
                    f"front[1].{p}": v for p, v in cells.items() if p in ("item", "amount", "tax")
                }
        piece.paper.lines = [c for c in piece.paper.lines if not _is_front(c)]
    _put_all_lines(whole, [*front, *listed])
    return whole


def _is_front(cells: dict[str, Value]) -> bool:
    item = cells["item"].text if "item" in cells else ""
    return bool(_LISTED.search(item.replace("（", "(").replace("）", ")")))


def _put_all_lines(whole: Paper, pieces: list[Piece]) -> None:
    """Lines page by page. Copies of a page (发票联, 抵扣联) are told by the sum, right only without them."""
    distinct: list[Piece] = []
    for piece in pieces:
        texts = [{p: v.text for p, v in cells.items()} for cells in piece.paper.lines]
        if not any(texts == [{p: v.text for p, v in c.items()} for c in d.paper.lines] for d in distinct):
            distinct.append(piece)
    every, once = _lines(pieces), _lines(distinct)
    amount = _decimal(whole.header.get("amount"))
    whole.lines = once if len(once) < len(every) and _sum(once) == amount != _sum(every) else every
    for piece in pieces:
        for path, value in piece.paper.extra.items():
            whole.extra.setdefault(path, value)


def _lines(pieces: list[Piece]) -> list[dict[str, Value]]:
    return [cells for piece in pieces for cells in piece.paper.lines]


def _sum(lines: list[dict[str, Value]]) -> Decimal | None:
    amounts = [_decimal(cells.get("amount")) for cells in lines]
    return None if None in amounts else sum((a for a in amounts if a is not None), Decimal())


def _decimal(value: Value | None) -> Decimal | None:
    return None if value is None else decimal_of(value.text)
