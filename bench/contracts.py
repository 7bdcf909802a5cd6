"""Bench `contracts`: are parties, roles, amounts, dates and terms of contracts read right, one by one?

Invented contracts are written in all known layouts (`known`) and in those kept out of development
(`unseen`), and read back. With `--data DIR`, `truth.json` there names files with what they say:
`[{file, kind, number, signed, seller: {name, code}, buyer, amount_fen, terms: [{kind, trigger, …}]}]`; what
it omits is not asked. What is missing counts as wrong, and so does every term of payment too many.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from extraction.contract import ContractReader
from extraction.rows import Facts
from extraction.source import Source, sources
from ledger.errors import InputError
from ledger.names import normal_form
from seeds.contract import PaperContract
from seeds.contracts import layouts_for, write_contract
from seeds.paper import Party
from seeds.sample_contracts import sample_contracts

_SAMPLED = 70
_SHOWN = 12
#: What a term must agree in, where the truth has it.
_TERM = ("kind", "trigger", "share", "amount_fen", "days", "working_days", "due_on", "every_months", "until")
_PAYING = frozenset({"payment", "retention", "deposit", "rent"})
_FIELDS = ("party", "role", "number", "amount", "date", "term")
Counts = dict[str, Counter[str]]


def run(data: Path | None = None) -> dict[str, object]:
    """Read everything, print a table, return the figures."""
    console = Console()
    figures: dict[str, object] = {}
    if data is not None:
        counts, documents, seconds, unread = _of_folder(data, console)
        figures |= {"given": _share(counts), "given_fields": _shares(counts), "unread": unread}
        _print(console, {"given": counts})
        return figures | {"documents": documents, "rate": round(documents / max(seconds, 1e-9), 1)}
    contracts = list(sample_contracts(_SAMPLED))
    known, documents, seconds = _measure(_known(contracts), console)
    figures |= {"known": _share(known), "known_fields": _shares(known), "documents": documents}
    figures["rate"] = round(documents / max(seconds, 1e-9), 1)
    tables = {"known": known}
    writers = _kept_out()
    if writers:
        unseen, kept, _ = _measure(_unseen(contracts, writers), None)
        figures |= {"unseen": _share(unseen), "unseen_fields": _shares(unseen), "unseen_documents": kept}
        tables["unseen"] = unseen
    _print(console, tables)
    return figures


def _known(contracts: list[PaperContract]) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    for contract in contracts:
        for layout in layouts_for(contract.kind):
            yield f"{contract.number} {layout}", write_contract(contract, layout), _truth(contract)


def _kept_out() -> dict[str, Callable[[PaperContract], bytes]]:
    try:
        module = import_module("seeds.kept_out")
    except ImportError:
        return {}
    names = ("contract_docx", "contract_pdf", "lease_docx")
    return {name: getattr(module, name) for name in names if hasattr(module, name)}


def _unseen(
    contracts: list[PaperContract], writers: dict[str, Callable[[PaperContract], bytes]]
) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    for contract in contracts:
        for name, write in writers.items():
            if (contract.kind == "lease") == name.startswith("lease"):
                yield name, write(contract), _truth(contract)


def _truth(contract: PaperContract) -> dict[str, Any]:
    """The description in the form of `truth.json`."""

    def party(firm: Party) -> dict[str, str]:
        return {"name": firm.name, "code": firm.code}

    terms = [{k: v for k in _TERM if (v := getattr(term, k)) is not None} for term in contract.terms]
    return {
        "number": contract.number,
        "signed": contract.signed,
        "seller": party(contract.seller),
        "buyer": party(contract.buyer),
        "amount_fen": contract.amount_fen,
        "deposit_fen": contract.deposit_fen,
        "starts": contract.starts,
        "until": contract.until,
        "terms": terms,
    }


def _measure(
    documents: Iterator[tuple[str, bytes, dict[str, Any]]], console: Console | None
) -> tuple[Counts, int, float]:
    """Read each document and compare; wrong values are named one by one on `console`."""
    reader, counts, read, seconds, shown = ContractReader(), _empty(), 0, 0.0, 0
    for name, data, truth in documents:
        source = Source(name, data)
        before = time.process_time()
        facts = _read(reader, source)
        seconds += time.process_time() - before
        read += 1
        for field, what, right in compare(truth, facts):
            counts[field]["right" if right else "wrong"] += 1
            if not right and console is not None and shown < _SHOWN:
                shown += 1
                console.print(f"[red]{name}: {what}", markup=True)
    return counts, read, seconds


def _of_folder(folder: Path, console: Console) -> tuple[Counts, int, float, list[str]]:
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    entries = truth if isinstance(truth, list) else [{"file": name, **said} for name, said in truth.items()]
    reader, counts, seconds, unread = ContractReader(), _empty(), 0.0, []
    for entry in entries:
        source = next((s for s in sources(folder / entry["file"]) if isinstance(s, Source)), None)
        before = time.process_time()
        facts = None if source is None else _read(reader, source)
        seconds += time.process_time() - before
        if facts is None:
            unread.append(entry["file"])
        for field, what, right in compare(entry, facts):
            counts[field]["right" if right else "wrong"] += 1
            if not right:
                console.print(f"[red]{entry['file']}: {what}")
    return counts, len(entries), seconds, unread


def _read(reader: ContractReader, source: Source) -> Facts | None:
    try:
        return reader.facts(source) if reader.recognises(source) else None
    except InputError:
        return None


def compare(truth: dict[str, Any], facts: Facts | None) -> Iterator[tuple[str, str, bool]]:
    """(field, what was asked, whether it is right) of one contract, for all that the truth names."""
    tables = {} if facts is None else facts.tables
    rows = tables["contracts"].to_dicts() if tables else []
    made = rows[0] if rows else {}
    people = {p["party"]: p for p in tables["parties"].to_dicts()} if tables else {}
    for side in ("seller", "buyer"):
        said = truth.get(side) or {}
        found = people.get(made.get(side), {})
        named = normal_form(found.get("name") or "") == normal_form(said.get("name", ""))
        coded = (found.get("code") or "") == (said.get("code") or "")
        if said.get("name"):
            yield "party", f"{side}.name {found.get('name')}", named
            yield "role", f"{side} {found.get('name')}", named or bool(said.get("code") and coded)
        if said.get("code"):
            yield "party", f"{side}.code {found.get('code')}", coded
    if truth.get("number"):
        number = normal_form(made.get("number") or "")
        yield "number", f"number {number}", number == normal_form(truth["number"])
    for key in ("amount_fen", "deposit_fen"):
        if key in truth and not (key == "deposit_fen" and truth[key] is None):
            yield "amount", f"{key} {made.get(key)}", made.get(key) == truth[key]
    for key in ("signed", "starts", "until"):
        if truth.get(key):
            read = made.get("happened_on" if key == "signed" else key)
            yield "date", f"{key} {read}", _same(key, truth[key], read)
    if "terms" in truth:
        yield from _terms(truth["terms"], tables["contract_terms"].to_dicts() if rows else [])


def _terms(truth: list[dict[str, Any]], found: list[dict[str, Any]]) -> Iterator[tuple[str, str, bool]]:
    left = list(found)
    for said in truth:
        keys = [k for k in _TERM if said.get(k) is not None]
        hit = next((f for f in left if all(_same(k, said[k], f.get(k)) for k in keys)), None)
        if hit is not None:
            left.remove(hit)
        yield "term", f"term {said}", hit is not None
    kinds = {said.get("kind") for said in truth} or {"payment"}
    for spare in left:
        if spare["kind"] in _PAYING and (spare["kind"] in kinds or spare["kind"] != "deposit"):
            yield "term", f"one too many: {spare['kind']} {spare['text']}", False


def _same(key: str, said: Any, read: Any) -> bool:
    if key in ("days", "working_days"):
        return (said or 0) == (read or 0)
    if read is None:
        return said is None
    if key == "share":
        return bool(abs(Decimal(str(said)) - read) < Decimal("0.00001"))
    return str(said) == (read.isoformat() if isinstance(read, date) else str(read))


def _empty() -> Counts:
    return {field: Counter() for field in _FIELDS}


def _share(counts: Counts) -> float:
    total: Counter[str] = sum(counts.values(), Counter())
    return round(total["right"] / total.total(), 5) if total else 0.0


def _shares(counts: Counts) -> dict[str, dict[str, float]]:
    return {
        field: {"right": round(c["right"] / c.total(), 5), "values": c.total()}
        for field, c in counts.items()
        if c.total()
    }


def _print(console: Console, tables: dict[str, Counts]) -> None:
    table = Table("layouts", "field", "values", "right", "share", title="contracts, value by value")
    for name, counts in tables.items():
        for field, count in counts.items():
            if count.total():
                share = count["right"] / count.total()
                table.add_row(name, field, str(count.total()), str(count["right"]), f"{share:.4f}")
    console.print(table)
