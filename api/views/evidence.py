"""The invoices behind a link: fact ids from the snapshot's index, facts and documents from the ledger."""

from decimal import Decimal
from typing import Any

import polars as pl

from api.models import Evidence, EvidenceDocument, EvidenceFact, EvidenceLine
from api.paging import Cursor
from api.views.notes import shown_of
from graph.snapshot import Snapshot
from ledger.errors import NotFound
from ledger.invoice_kinds import invoice_kinds
from ledger.ledger import Ledger

LISTING = "evidence"
#: Sort key of the list: day, then 60 bits of the fact's id.
KEYS = 2
#: Where two books disagree on an invoice, void and red win (ledger, "Facts").
STATUS_WINS = ("void", "red", "normal")


def evidence(
    snapshot: Snapshot, ledger: Ledger, link: tuple[int, int], limit: int, after: Cursor | None, lang: str
) -> Evidence:
    """A page of the invoices behind the link (seller's index, buyer's index), latest first.

    Raises NotFound where there is no such link. Facts whose documents were withdrawn since the build
    are counted in `total` and in `withdrawn`, and not shown.
    """
    edge = snapshot.edge_between(*link)
    if edge is None:
        seller, buyer = map(snapshot.id_of, link)
        raise NotFound("link_not_found", seller=seller, buyer=buyer)
    facts = snapshot.evidence(edge)
    attesting = snapshot.attesting(facts)
    invoices = _canonical(ledger, "invoices", attesting)
    order = _order(invoices)
    rest = order.filter(_follows(after.key)) if after else order
    page = rest.head(limit)
    last = page.select("day", "number").row(-1) if rest.height > limit else None
    shown = page["fact"].to_list()
    return Evidence(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        items=_items(invoices, _canonical(ledger, "invoice_lines", snapshot.attesting(shown)), shown, lang),
        total=len(facts),
        next=Cursor(LISTING, snapshot.id, last).text() if last else None,
        note=shown_of(len(shown), len(facts), lang) if len(shown) < len(facts) else None,
        withdrawn=len(facts) - order.height,
    )


def _canonical(ledger: Ledger, table: str, attesting: pl.DataFrame) -> pl.DataFrame:
    """The ledger's rows of all facts that attest some invoice, under the invoice's own fact id."""
    found = ledger.facts(table, attesting["fact"])
    return (
        found.join(attesting, on="fact", maintain_order="left")
        .with_columns(fact="canonical")
        .drop("canonical")
    )


def _order(invoices: pl.DataFrame) -> pl.DataFrame:
    """fact, day (as a number), number (half the fact's id as one): the sort keys, in order."""
    keys = invoices.group_by("fact").agg(pl.col("happened_on").min().cast(pl.Int32).fill_null(0).alias("day"))
    numbered = keys.with_columns(pl.col("fact").str.slice(0, 15).str.to_integer(base=16).alias("number"))
    return numbered.sort("day", "number", descending=[True, False])


def _follows(key: tuple[int, ...]) -> pl.Expr:
    day, number = key
    return (pl.col("day") < day) | ((pl.col("day") == day) & (pl.col("number") > number))


def _items(invoices: pl.DataFrame, lines: pl.DataFrame, ids: list[str], lang: str) -> list[EvidenceFact]:
    """The invoices `ids`, in that order, with their lines."""
    attested = invoices.partition_by("fact", as_dict=True)
    described = lines.partition_by("fact", as_dict=True)
    none = lines.clear()
    return [_fact(attested[fact,], described.get((fact,), none), lang) for fact in ids]


def _fact(invoices: pl.DataFrame, lines: pl.DataFrame, lang: str) -> EvidenceFact:
    """One invoice from all its attestations."""
    rows = invoices.rows(named=True)
    status = min((row["status"] for row in rows), key=_strength)
    row = next(row for row in rows if row["status"] == status)
    kind = invoice_kinds().get(row["kind"])
    return EvidenceFact(
        fact=row["fact"],
        number=row["number"],
        kind=row["kind"],
        kind_text=(kind.zh if lang == "zh" else kind.en) if kind else row["kind"],
        happened_on=row["happened_on"],
        amount_fen=row["amount_fen"],
        tax_fen=row["tax_fen"],
        total_fen=row["total_fen"],
        currency=row["currency"],
        status=status,
        lines=[_line(line) for line in _fullest(lines).iter_rows(named=True)],
        documents=[_document(row) for row in rows],
    )


def _document(row: dict[str, Any]) -> EvidenceDocument:
    return EvidenceDocument(id=row["sha256"], name=row["name"], row=row["row"], format=row["format"])


def _strength(status: str) -> int:
    return STATUS_WINS.index(status) if status in STATUS_WINS else len(STATUS_WINS)


def _fullest(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines of the document that tells most of the invoice: two books would show each line twice."""
    if lines.is_empty():
        return lines
    fullest = lines.group_by("sha256").len().sort(["len", "sha256"], descending=[True, False])["sha256"][0]
    return lines.filter(pl.col("sha256") == fullest).sort("line", "row")


def _line(row: dict[str, Any]) -> EvidenceLine:
    return EvidenceLine(
        item=row["item"],
        quantity=plain(row["quantity"]),
        unit=row["unit"],
        price=plain(row["price"]),
        amount_fen=row["amount_fen"],
        rate=plain(row["rate"]),
    )


def plain(value: Decimal | None) -> str | None:
    """A decimal as people write it, without trailing zeros or an exponent: 12.50000 → 12.5."""
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
