"""Reader of VAT returns and financial statements: figures → table `declarations`, with their places."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from extraction.credit_codes import is_synthetic
from extraction.declarations.checks import check
from extraction.declarations.figures import Figure, figures_of
from extraction.declarations.forms import Form, forms, plain, version
from extraction.declarations.grid import Grid, first_lines, grids
from extraction.declarations.heading import Heading, heading_of
from extraction.parties import MENTION, identify
from extraction.rows import Facts, facts_frame, no_facts
from extraction.source import Source
from extraction.tables import forget_workbook
from ledger.errors import FileUnreadable
from ledger.ids import stable_id

#: How sure a figure is: found by its printed name and heading, and so when its sums agree.
_FOUND, _AGREES = 0.95, 0.99
_MARK = "合成数据"


@dataclass(frozen=True)
class _Filled:
    """A form somebody filled in: what it says and where."""

    form: Form
    heading: Heading
    figures: list[Figure]


class DeclarationReader:
    """VAT returns, their schedule 1, balance sheets, income and cash-flow statements."""

    name = "declarations"
    version = 1

    def __init__(self) -> None:
        #: Rises with the forms': what was read by older ones is then read anew.
        self.version = type(self).version + version() - 1

    def recognises(self, source: Source) -> bool:
        """Whether one of the first lines of a sheet or page is the title of a form."""
        lines = [plain(line) for line in first_lines(source)]
        return any(form.is_titled(lines) for form in forms())

    def facts(self, source: Source) -> Facts:
        """The figures of every form in the document. FileUnreadable when it does not say whose or when."""
        try:
            filled = list(_filled(source))
        finally:
            forget_workbook()
        filled = [f for f in filled if f.figures]
        if not filled:
            raise FileUnreadable("declaration_empty", file=source.name)
        for each in filled:
            check(each.form.id, each.figures)
        mention, party = _owner(filled, source)
        records = [r for f in filled for r in _records(f, party, source)]
        table = pl.DataFrame(records, schema=no_facts("declarations").schema)
        kept = table.unique("fact", keep="first", maintain_order=True)
        rejects = [r for f in filled for r in _rejects(f)]
        tables = {name: no_facts(name) for name in ("invoices", "invoice_lines", "links", "relations")}
        tables |= {
            "declarations": kept,
            "parties": mention,
            "fields": pl.DataFrame([r for f in filled for r in _fields(f)], schema=no_facts("fields").schema),
            "rejects": pl.DataFrame(rejects, schema=no_facts("rejects").schema),
        }
        return Facts(
            tables=tables,
            rows=table.height + len(rejects),
            duplicates=table.height - kept.height,
            rejected=len(rejects),
            format=self.name,
            version=self.version,
            owner=party,
            synthetic=any(is_synthetic(f.heading.code) for f in filled) or _marked(source),
        )


def _filled(source: Source) -> Iterator[_Filled]:
    for grid in grids(source):
        form = _form_of(grid)
        if form is not None:
            heading = heading_of(grid)
            yield _Filled(form, heading, figures_of(grid, form, heading.times))


def _form_of(grid: Grid) -> Form | None:
    lines = [plain(row.text) for row in grid.rows[:12]]
    return next((form for form in forms() if form.is_titled(lines)), None)


def _owner(filled: list[_Filled], source: Source) -> tuple[pl.DataFrame, str]:
    """Rows of `parties` for the one whose forms these are, and its id; any sheet may say it."""
    code = next((f.heading.code for f in filled if f.heading.code), None)
    name = next((f.heading.name for f in filled if f.heading.name), None)
    mention = pl.DataFrame(
        [("owner", code, name, None, source.sha256, None)],
        schema=dict.fromkeys(MENTION, pl.String),
        orient="row",
    )
    who = identify(mention)
    if who["party"].item() is None:
        raise FileUnreadable("declaration_no_owner", file=source.name)
    columns = {"party_scope": "scope", "shown": "code", "shown_name": "name"}
    row = who.select("party", "scheme", *columns, "legal_form").rename(columns)
    return facts_frame("parties", row), str(who["party"].item())


def _records(filled: _Filled, party: str, source: Source) -> list[dict[str, Any]]:
    """Rows of `declarations`."""
    heading, form = filled.heading, filled.form.id
    if heading.ends is None or heading.begins is None:
        raise FileUnreadable("declaration_no_period", file=source.name, form=form)
    said = (party, form, heading.begins.isoformat(), heading.ends.isoformat())
    return [
        {
            "row": figure.row,
            "fact": stable_id("declaration", *said, figure.item, figure.column),
            "owner": party,
            "form": form,
            "from": heading.begins,
            "happened_on": heading.ends,
            "known_at": _midnight(heading),
            "item": figure.item,
            "printed": figure.printed,
            "column": figure.column,
            "currency": "CNY",
            "amount_fen": figure.fen,
            "warnings": [{"code": w.code, "field": w.field, "value": w.value} for w in figure.warnings],
        }
        for figure in filled.figures
        if figure.fen is not None
    ]


def _midnight(heading: Heading) -> datetime | None:
    """00:00 in Beijing of the day it was filed; None (the time of loading) where it does not say."""
    if heading.filed is None:
        return None
    day = heading.filed
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)


def _fields(filled: _Filled) -> list[dict[str, Any]]:
    return [
        {
            "path": f"{filled.form.id}.{f.item}.{f.column}",
            "value": f.cell.text,
            "page": f.cell.page,
            "box": f.cell.box,
            "method": "table",
            "confidence": _AGREES if f.checks else _FOUND,
            "checks": f.checks,
        }
        for f in filled.figures
    ]


def _rejects(filled: _Filled) -> list[dict[str, Any]]:
    """Figures that cannot be read."""
    return [
        {
            "row": f.row,
            "raw": json.dumps({f.printed: f.cell.text}, ensure_ascii=False),
            "problems": [{"code": "amount_unreadable", "field": f.item, "value": f.cell.text}],
        }
        for f in filled.figures
        if f.fen is None
    ]


def _marked(source: Source) -> bool:
    return any(_MARK in line for line in first_lines(source))
