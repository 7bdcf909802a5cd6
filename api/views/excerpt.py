"""A document's table as an answer, some rows of it with the facts in them; and every fact it says."""

from dataclasses import dataclass
from itertools import chain
from typing import Any

import polars as pl

from api.data import Data
from api.memo import Memo
from api.models_excerpt import DocumentFact, DocumentFacts, DocumentRows, ExcerptRow, ExcerptTable
from api.paging import Cursor
from api.views.documents import committed
from api.views.facts import KINDS
from api.views.notes import shown_of
from extraction.excerpt import Table, covered, tables_in
from extraction.source import Source
from graph.snapshot import Snapshot
from ledger.errors import InputError, Problem
from ledger.invoice_kinds import invoice_kinds
from ledger.ledger import Ledger
from ledger.records import TABLES
from ledger.words import Lang, label, message, messages

LISTING = "document_facts"
KEYS = 1
#: Bytes of a table that is cut up for a page; whoever needs more of it downloads the original.
LARGEST = 64 << 20
#: Documents whose tables are kept cut: a reader pages through one after the other.
_CUT = Memo(2)
#: Where the rows of facts stand: beside the facts the lines of invoices, which stand in rows of their own.
_IN_ROWS = (*KINDS, "invoice_lines")


@dataclass(frozen=True)
class Window:
    """Which rows: from row `start` on (None from the first), at most `limit`."""

    start: int | None
    limit: int


def rows(data: Data, snapshot: Snapshot | None, sha256: str, window: Window, lang: Lang) -> DocumentRows:
    """Rows of the tables of the document `sha256`, none where it holds no table. Raises NotFound."""
    ledger = data.ledger
    document = committed(ledger, sha256)
    large = document["bytes"] > LARGEST
    tables = [] if large else _CUT.get((str(data.folder), sha256), lambda: _cut(data, document))
    before = _before(tables, window)
    cuts = _cuts(tables, before, window.limit)
    numbers = sorted({row for _, cut in cuts for row in cut["row"]})
    facts = _facts_in(ledger, document["reading"], numbers)
    rejected = _rejected(ledger, document["reading"], numbers, lang)
    note = None
    if large:
        sizes = {"megabytes": document["bytes"] >> 20, "limit": LARGEST >> 20}
        note = message("excerpt_too_large", lang, **sizes)
    elif not tables:
        note = message("excerpt_none", lang)
    return DocumentRows(
        snapshot=snapshot.id if snapshot else None,
        as_of=snapshot.as_of if snapshot else None,
        tables=[ExcerptTable(name=table.name, titles=list(table.titles)) for table in tables],
        items=[
            ExcerptRow(
                row=row[0],
                table=at,
                cells=row[1:],
                facts=[fact for fact, printed in facts.get(row[0], []) if _stands(printed, row[1:])],
                rejected=rejected.get(row[0], []),
            )
            for at, cut in cuts
            for row in map(list, covered(cut).iter_rows())
        ],
        total=sum(table.frame.height for table in tables),
        before=before,
        note=note,
    )


def _cut(data: Data, document: dict[str, Any]) -> list[Table]:
    source = Source(document["name"], data.ledger.originals.read(document["sha256"]))
    return tables_in(source, data.readers)


def _before(tables: list[Table], window: Window) -> int:
    """How many rows stand before the first one with a number of at least `window.start`; where there is
    none, before the last rows."""
    before = 0
    for table in tables:
        late = (table.frame["row"] >= (window.start or 0)).arg_true()
        if len(late):
            return before + int(late[0])
        before += table.frame.height
    return max(0, before - window.limit)


def _cuts(tables: list[Table], before: int, limit: int) -> list[tuple[int, pl.DataFrame]]:
    """The rows after the first `before`, at most `limit`, table by table."""
    found = []
    for at, table in enumerate(tables):
        cut = table.frame.slice(before, limit) if before < table.frame.height else table.frame.clear()
        before, limit = max(0, before - table.frame.height), limit - cut.height
        if cut.height:
            found.append((at, cut))
    return found


def _facts_in(ledger: Ledger, reading: int, numbers: list[int]) -> dict[int, list[tuple[str, str | None]]]:
    """Row → the facts that stand in it, each once, with what is printed beside it where that is kept."""
    wanted = pl.Series(numbers, dtype=pl.Int32).implode()
    found: dict[int, dict[str, str | None]] = {}
    for table in _IN_ROWS:
        printed = pl.col("printed") if "printed" in TABLES[table] else pl.lit(None, dtype=pl.String)
        mine = ledger.tables.scan(table).filter(pl.col("reading") == reading, pl.col("row").is_in(wanted))
        for row, fact, beside in mine.select("row", "fact", printed).collect().iter_rows():
            found.setdefault(row, {}).setdefault(fact, beside)
    return {row: list(facts.items()) for row, facts in found.items()}


def _stands(printed: str | None, cells: list[str | None]) -> bool:
    """Whether a row is the one meant: forms count the rows of each sheet anew, so the item's name decides."""
    if printed is None:
        return True
    name = _bare(printed)
    return any(name in _bare(cell) for cell in cells if cell)


def _bare(text: str) -> str:
    return "".join(text.split())


def _rejected(ledger: Ledger, reading: int, numbers: list[int], lang: Lang) -> dict[int, list[str]]:
    wanted = pl.Series(numbers, dtype=pl.Int32).implode()
    mine = ledger.tables.scan("rejects").filter(pl.col("reading") == reading, pl.col("row").is_in(wanted))
    return {
        row: list(dict.fromkeys(_sentence(problem, lang) for problem in problems))
        for row, problems in mine.select("row", "problems").collect().iter_rows()
    }


def _sentence(problem: dict[str, Any], lang: Lang) -> str:
    code, field, value = problem["code"], problem["field"] or "", problem["value"] or ""
    return Problem(code, field=field, value=value).text(lang) if code in messages() else str(code)


def facts(
    ledger: Ledger, snapshot: Snapshot | None, sha256: str, limit: int, after: Cursor | None, lang: Lang
) -> DocumentFacts:
    """A page of the facts that the document `sha256` says. Raises NotFound."""
    start = after.key[0] if after else 0
    if start < 0:
        raise InputError("cursor_invalid")
    document = committed(ledger, sha256)
    said = list(chain.from_iterable(_said(ledger, table, document["reading"]) for table in KINDS))
    said.sort(key=lambda one: (one["row"], one["order"], one["fact"]))
    page, more = said[start : start + limit], start + limit < len(said)
    single = len(said) == 1
    return DocumentFacts(
        snapshot=snapshot.id if snapshot else None,
        as_of=snapshot.as_of if snapshot else None,
        items=[_fact(one, single, lang) for one in page],
        total=len(said),
        next=Cursor(LISTING, "", (start + limit,)).text() if more else None,
        note=shown_of(len(page), len(said), lang) if len(page) < len(said) else None,
    )


def _said(ledger: Ledger, table: str, reading: int) -> list[dict[str, Any]]:
    """The facts of one table: what each is told by."""
    has = TABLES[table]
    amount = next((name for name in ("total_fen", "amount_fen") if name in has), None)
    number = next((name for name in ("number", "serial", "item") if name in has), None)
    kind = "kind" if table == "invoices" else None
    chosen = [
        pl.col(name).alias(alias) if name else pl.lit(None).alias(alias)
        for alias, name in (("amount_fen", amount), ("number", number), ("kind", kind))
    ]
    mine = ledger.tables.scan(table).filter(pl.col("reading") == reading)
    frame = mine.select("row", "fact", *_day(has), *chosen).collect()
    return [{**row, "table": table, "order": KINDS.index(table)} for row in frame.iter_rows(named=True)]


def _day(has: Any) -> list[pl.Expr]:
    """The day of a fact; a statement of an account is dated by its end."""
    name = next((name for name in ("happened_on", "until") if name in has), None)
    return [pl.col(name).alias("happened_on") if name else pl.lit(None).alias("happened_on")]


def _fact(one: dict[str, Any], single: bool, lang: Lang) -> DocumentFact:
    kind = invoice_kinds().get(one["kind"]) if one["kind"] else None
    named = (kind.zh if lang == "zh" else kind.en) if kind else label(f"fact_table_{one['table']}", lang)
    return DocumentFact(
        fact=one["fact"],
        table=one["table"],
        kind_text=named,
        row=None if single else one["row"] or None,
        happened_on=one["happened_on"],
        amount_fen=one["amount_fen"],
        number=one["number"],
    )
