"""One fact as an answer: its values in words, the papers it stands on, and what rests on it."""

from datetime import date
from decimal import Decimal
from typing import Any, Literal

import polars as pl

from api.models import Named
from api.models_facts import FactAnswer, FactDecision, FactLink, FactPaper, FactTable, FactValue
from api.views.evidence import plain
from graph.invoices import preferred
from graph.model import EDGES
from graph.snapshot import Snapshot
from ledger import credit
from ledger.errors import NotFound
from ledger.invoice_kinds import invoice_kinds
from ledger.ledger import Ledger
from ledger.records import TABLES
from ledger.state import State
from ledger.words import Lang, label, labels

#: Where a fact is looked for, in this order: the invoices first, for most facts are.
KINDS = (
    *("invoices", "bank_flows", "contracts", "declarations", "relations", "statements", "bills"),
    *("listings", "attributes", "aliases"),
)
#: What belongs to a fact line by line.
LINES = {"invoices": ("invoice_lines",), "contracts": ("contract_lines", "contract_terms")}
#: Columns that hold a party.
PARTIES = frozenset(
    {"seller", "buyer", "owner", "counterparty", "party", "drawer", "acceptor", "payee", "src", "dst"}
)
#: Columns that say nothing to a person.
INNER = frozenset(
    {"reading", "row", "fact", "weak", "warnings", "breaks", "known_at", "account", "counterparty_account"}
    | {"src_is_person", "sha256", "format", "line", "term"}
)
#: Decisions that are named; how many there are stands beside them.
NAMED_DECISIONS = 20
#: Codes of a column whose labels stand under another beginning.
CODED = {"purpose": "cash_", "way": "way_", "list": "list_", "form": ""}


def fact(snapshot: Snapshot, ledger: Ledger, state: State | None, id_: str, lang: Lang) -> FactAnswer:
    """The fact `id_`. `state` None: for a caller who may not read decisions. Raises NotFound where no
    committed document says it."""
    table, rows = _found(ledger, id_)
    counting = preferred(rows) if table == "invoices" else rows.head(1)
    row = counting.row(0, named=True)
    decisions, total = _decisions(state, id_, lang) if state else ([], 0)
    return FactAnswer(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        fact=id_,
        table=table,
        kind_text=_kind(table, row, lang),
        happened_on=row.get("happened_on"),
        amount_fen=row.get("total_fen") or row.get("amount_fen"),
        values=_values(snapshot, ledger, table, row, lang),
        tables=_lines(snapshot, ledger, table, row, lang),
        papers=_papers(ledger, rows, row),
        link=_link(snapshot, row) if table == "invoices" else None,
        decisions=decisions,
        decisions_total=total,
    )


def _found(ledger: Ledger, id_: str) -> tuple[str, pl.DataFrame]:
    for table in KINDS:
        rows = ledger.facts(table, [id_])
        if rows.height:
            return table, rows
    raise NotFound("fact_not_found", fact=id_)


def _kind(table: str, row: dict[str, Any], lang: Lang) -> str:
    if table == "invoices":
        kind = invoice_kinds().get(row["kind"])
        if kind:
            return kind.zh if lang == "zh" else kind.en
    return label(f"fact_table_{table}", lang)


def _values(
    snapshot: Snapshot, ledger: Ledger, table: str, row: dict[str, Any], lang: Lang
) -> list[FactValue]:
    """Every value of the row that a person reads, parties with their enterprises."""
    names = [name for name in TABLES[table] if name not in INNER and row.get(name) is not None]
    parties = _named(snapshot, ledger, [row[name] for name in names if name in PARTIES])
    person = bool(row.get("src_is_person"))
    found = []
    for name in names:
        if name == "src" and person:
            continue  # a person's id says nothing; their masked name stands in src_label
        value = _value(table, name, row[name], lang)
        if name in PARTIES:
            enterprise, said = parties.get(row[name], (None, None))
            named = said or (enterprise.name if enterprise else None)
            value = value.model_copy(update={"enterprise": enterprise, "text": named})
        found.append(value)
    return found


def _value(table: str, name: str, value: Any, lang: Lang) -> FactValue:
    word = "amount_net_fen" if (table, name) == ("invoices", "amount_fen") else name
    unit: Literal["text", "fen", "date", "share", "number"] = "text"
    text = str(value)
    if name.endswith("_fen"):
        unit = "fen"
    elif isinstance(value, date):
        unit, text = "date", value.isoformat()
    elif isinstance(value, Decimal):
        unit, text = ("share" if name in ("share", "rate") else "number"), plain(value) or ""
    elif isinstance(value, bool):
        text = "yes" if value else "no"
    told = _coded(table, name, text, lang) if unit == "text" else None
    return FactValue(
        name=name, label=label(f"fact_{word}", lang), value=text, unit=unit, text=told, enterprise=None
    )


def _coded(table: str, name: str, value: str, lang: Lang) -> str | None:
    """What a code is called; None where the value is the paper's own text."""
    if table == "relations" and name == "kind" and value in EDGES:
        return label(value, lang)
    if table == "invoices" and name == "kind":
        return _kind(table, {"kind": value}, lang)
    for key in (f"fact_is_{value}", f"{CODED.get(name, '')}{value}", f"{name}_{value}", value):
        if key in labels():
            return label(key, lang)
    return None


def _named(
    snapshot: Snapshot, ledger: Ledger, parties: list[str]
) -> dict[str, tuple[Named | None, str | None]]:
    """Party → its enterprise in the graph, and its name as printed."""
    if not parties:
        return {}
    rows = snapshot.members.filter(pl.col("party").is_in(parties))
    joined = {
        row["party"]: (
            Named(id=snapshot.id_of(row["enterprise"]), name=snapshot.enterprises["name"][row["enterprise"]]),
            row["name"],
        )
        for row in rows.iter_rows(named=True)
    }
    missing = [party for party in parties if party not in joined]
    if missing:
        known = ledger.tables.scan("parties").filter(pl.col("party").is_in(missing)).collect()
        joined |= {row["party"]: (None, row["name"] or row["code"]) for row in known.iter_rows(named=True)}
    return dict(joined)


def _lines(
    snapshot: Snapshot, ledger: Ledger, table: str, row: dict[str, Any], lang: Lang
) -> list[FactTable]:
    """Lines of the document that counts: two books would show each twice."""
    found = []
    for name in LINES.get(table, ()):
        lines = ledger.facts(name, [row["fact"]])
        if lines.is_empty():
            continue
        mine = lines.filter(pl.col("sha256") == row["sha256"])
        shown = mine if mine.height else lines.filter(pl.col("sha256") == lines["sha256"].min())
        rows = [_values(snapshot, ledger, name, one, lang) for one in shown.iter_rows(named=True)]
        found.append(FactTable(name=name, label=label(f"fact_table_{name}", lang), rows=rows))
    return found


def _papers(ledger: Ledger, rows: pl.DataFrame, counting: dict[str, Any]) -> list[FactPaper]:
    synthetic = dict(ledger.documents().select("sha256", "synthetic").iter_rows())
    papers = [
        FactPaper(
            id=row["sha256"],
            name=row["name"],
            format=row["format"],
            row=row["row"] or None,
            counts=(row["sha256"], row["row"]) == (counting["sha256"], counting["row"]),
            synthetic=bool(synthetic.get(row["sha256"])),
        )
        for row in rows.iter_rows(named=True)
    ]
    return sorted(papers, key=lambda paper: (not paper.counts, paper.id, paper.row or 0))


def _link(snapshot: Snapshot, row: dict[str, Any]) -> FactLink | None:
    ends = [_enterprise(snapshot, row[name]) for name in ("seller", "buyer")]
    if None in ends:
        return None
    seller, buyer = (end for end in ends if end is not None)
    edge = snapshot.edge_between(seller, buyer)
    if edge is None:
        return None
    told = snapshot.edges.row(edge, named=True)
    names = snapshot.enterprises["name"]
    return FactLink(
        seller=Named(id=snapshot.id_of(seller), name=names[seller]),
        buyer=Named(id=snapshot.id_of(buyer), name=names[buyer]),
        amount_fen=told["amount_fen"],
        count=told["count"],
    )


def _enterprise(snapshot: Snapshot, party: str | None) -> int | None:
    found = snapshot.members.filter(pl.col("party") == party) if party else None
    return int(found["enterprise"][0]) if found is not None and found.height else None


def _decisions(state: State, id_: str, lang: Lang) -> tuple[list[FactDecision], int]:
    with state.reading() as connection:
        found, total = credit.decisions_naming(connection, id_, NAMED_DECISIONS)
    named = [
        FactDecision(
            id=one.id, enterprise=one.party, status=one.holds, status_text=label(f"credit_{one.holds}", lang)
        )
        for one in found
    ]
    return named, total
