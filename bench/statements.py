"""Bench `statements`: are the rows of account statements right, do their balances tell lost rows, and are
payments matched to their invoices?

Generated statements are written in every known layout and read back; so are those in layouts kept out of
development. With --data DIR, files of `truth.json` there: [{file, opening_fen, closing_fen, rows: [{date,
direction, amount_fen, balance_fen, counterparty}]}]. A row missing or too many counts as wrong.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from extraction.parties import is_person
from extraction.readers import reader_for
from extraction.rows import Facts
from extraction.source import Source, sources
from extraction.statements.purposes import is_inner
from extraction.statements.sheets import sheets_of
from ledger.errors import InputError
from ledger.names import masked_person, normal_form
from seeds.paper import plain
from seeds.sample_statements import sample_statement
from seeds.statement import PaperStatement
from seeds.statements import LAYOUTS, prints, write_statement

_SEEDS, _ROWS, _LARGE = range(6), 80, 50_000
_SHOWN = 10
_Row = tuple[str, str, int, int | None, str | None]


@dataclass
class _Tally:
    """Rows right and in all; statements judged right and in all."""

    right: int = 0
    rows: int = 0
    judged: int = 0
    statements: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Rows right."""
        return self.right / max(self.rows, 1)


def run(data: Path | None = None) -> dict[str, object]:
    """Read everything, print a table, return the figures."""
    console = Console()
    known, unseen = {}, {}
    if data is not None:
        known = {"files": _of_files(data)}
    else:
        known = {layout: _of_layout(layout) for layout in LAYOUTS}
        unseen = _kept_out()
    _print(console, "known", known)
    _print(console, "unseen", unseen)
    figures: dict[str, object] = {
        "rows": _share(known),
        "reconciled": sum(t.judged for t in known.values())
        / max(sum(t.statements for t in known.values()), 1),
        "counts": {
            "rows": sum(t.rows for t in known.values()),
            "statements": sum(t.statements for t in known.values()),
            "layouts": len(known),
            "unseen_rows": sum(t.rows for t in unseen.values()),
            "unseen_layouts": len(unseen),
        },
    }
    if unseen:
        figures["unseen"] = _share(unseen)
    if data is None:
        figures["rate"] = _rate()
        if find_spec("bench.payments") is not None:
            matched = import_module("bench.payments").run(data)
            figures |= {k: matched[k] for k in ("matched", "matched_precision") if k in matched}
    console.print({k: v for k, v in figures.items() if k != "counts"})
    return figures


def _of_layout(layout: str) -> _Tally:
    """Whole statements, and each with one movement left out."""
    tally = _Tally()
    for seed in _SEEDS:
        statement = sample_statement(seed, _ROWS)
        name = f"{layout}/{seed}"
        facts = _facts(name, write_statement(statement, layout)[1])
        _count(tally, name, _expected(statement, named=prints(layout, "counterparty")), facts)
        tally.statements += 2
        tally.judged += _reconciles(facts)
        lost = (seed * 13 + 7) % (_ROWS - 2) + 1
        cut = _facts(f"{name}/cut", write_statement(statement, layout, without=lost)[1])
        movement = statement.movements[lost]
        gap = movement.amount_fen if movement.direction == "in" else -movement.amount_fen
        tally.judged += _tells(cut, gap)
    return tally


def _kept_out() -> dict[str, _Tally]:
    """Layouts that nobody who writes a reader has seen."""
    if find_spec("seeds.kept_out") is None:
        return {}
    write = getattr(import_module("seeds.kept_out"), "statements", None)
    if not callable(write):
        return {}
    tallies: dict[str, _Tally] = {}
    for seed in _SEEDS:
        statement = sample_statement(1_000 + seed, _ROWS)
        for layout, _, data in write(statement):
            tally = tallies.setdefault(layout, _Tally())
            named, balanced = _printed(statement, data)
            expected = _expected(statement, named=named, balanced=balanced)
            _count(tally, layout, expected, _facts(layout, data))
    return tallies


def _printed(statement: PaperStatement, data: bytes) -> tuple[bool, bool]:
    """Whether a file prints counterparties and balances at all: nobody can read what does not stand there."""
    try:
        sheets = sheets_of(Source("layout", data))
    except InputError:
        return True, True
    text = "".join(c for sheet in sheets for row in sheet.head for c in row)
    text = normal_form(text or data.decode("utf-8", "replace")).replace(",", "")
    names = [normal_form(m.counterparty) for m in statement.movements if m.counterparty]
    balances = [plain(b) for b in statement.balances()]
    return any(n in text for n in names), any(b in text for b in balances)


def _of_files(folder: Path) -> _Tally:
    """The files of a truth."""
    tally = _Tally()
    for entry in json.loads((folder / "truth.json").read_text("utf-8")):
        source = next(sources(folder / entry["file"]))
        if isinstance(source, InputError):
            raise source
        facts = _facts(source.name, source.data)
        expected = [_row(**{k: r.get(k) for k in _KEYS}) for r in entry["rows"]]
        _count(tally, entry["file"], expected, facts)
        if entry.get("closing_fen") is not None:
            tally.statements += 1
            tally.judged += _ends(facts, entry)
    return tally


_KEYS = ("date", "direction", "amount_fen", "balance_fen", "counterparty")


def _row(
    date: str, direction: str, amount_fen: int, balance_fen: int | None, counterparty: str | None
) -> _Row:
    return date, direction, amount_fen, balance_fen, shown(counterparty)


def shown(name: str | None) -> str | None:
    """A counterparty as a reader may show it, in normal form: people are masked."""
    if not name:
        return None
    person = is_person(name) and not is_inner(name)
    return normal_form(masked_person(name) if person else name)


def _expected(statement: PaperStatement, *, named: bool, balanced: bool = True) -> list[_Row]:
    pairs = zip(statement.movements, statement.balances(), strict=True)
    return [
        _row(
            f"{m.at:%Y-%m-%d}",
            m.direction,
            m.amount_fen,
            balance if balanced else None,
            m.counterparty if named else None,
        )
        for m, balance in pairs
    ]


def _facts(name: str, data: bytes) -> Facts | None:
    source = Source(name, data)
    reader = reader_for(source)
    try:
        return None if reader is None else reader.facts(source)
    except InputError:
        return None


def _found(facts: Facts | None) -> Iterator[_Row]:
    if facts is None or "bank_flows" not in facts.tables:
        return
    columns = ("happened_on", "direction", "amount_fen", "balance_fen", "counterparty_name")
    for day, direction, amount, balance, name in facts.tables["bank_flows"].select(columns).iter_rows():
        yield str(day), direction, amount, balance, normal_form(name) if name else None


def _count(tally: _Tally, name: str, expected: list[_Row], facts: Facts | None) -> None:
    """Rows right: as a multiset, for the order of equal times is nobody's claim."""
    found = Counter(_found(facts))
    wanted = Counter(expected)
    right = sum((found & wanted).values())
    tally.right += right
    tally.rows += max(len(expected), found.total())
    if right < len(expected):
        missing = next(iter(wanted - found), None)
        tally.wrong.append(f"{name}: {right} of {len(expected)}, e.g. {missing}")


def _reconciles(facts: Facts | None) -> bool:
    return facts is not None and all(facts.tables["statements"]["reconciled"].to_list())


def _tells(facts: Facts | None, gap: int) -> bool:
    """Whether exactly one break is told, and it is as wide as the movement that is gone."""
    if facts is None:
        return False
    breaks = [b for every in facts.tables["statements"]["breaks"].to_list() for b in every]
    told = any(w.code == "statement_breaks" for w in facts.warnings)
    return told and len(breaks) == 1 and _width(breaks[0]["value"]) == gap


def _width(value: str) -> int:
    """`expected ≠ found` in fen: how much is missing."""
    expected, found = (int(part.replace(",", "").replace(".", "")) for part in value.split(" ≠ "))
    return found - expected


def _ends(facts: Facts | None, entry: dict[str, Any]) -> bool:
    if facts is None or facts.tables["statements"].is_empty():
        return False
    first = facts.tables["statements"].row(0, named=True)
    opening = entry.get("opening_fen")
    return first["closing_fen"] == entry["closing_fen"] and opening in (None, first["opening_fen"])


def _share(tallies: dict[str, _Tally]) -> float:
    rows = sum(t.rows for t in tallies.values())
    return sum(t.right for t in tallies.values()) / max(rows, 1)


def _rate() -> int:
    """Rows of a large CSV read per CPU second."""
    data = write_statement(sample_statement(7, _LARGE), "icbc")[1]
    start = time.process_time()
    _facts("large", data)
    return round(_LARGE / (time.process_time() - start))


def _print(console: Console, title: str, tallies: dict[str, _Tally]) -> None:
    if not tallies:
        return
    table = Table(
        "layout", "rows", "right", "share", "statements", "judged right", title=f"statements, {title}"
    )
    for name, t in tallies.items():
        table.add_row(name, str(t.rows), str(t.right), f"{t.share:.4f}", str(t.statements), str(t.judged))
        if title == "known":
            for line in t.wrong[:_SHOWN]:
                console.print(f"[red]{line}")
    console.print(table)
