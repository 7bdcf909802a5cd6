"""The invoices behind a link: fact ids from the snapshot's index, facts and documents from the ledger."""

from decimal import Decimal
from typing import Any

import polars as pl

from api.models import Evidence, EvidenceDocument, EvidenceFact, EvidenceLine, FourFlows, Warned
from api.paging import Cursor
from api.views.notes import shown_of
from api.views.payments import four_flows
from graph.invoices import preferred
from graph.snapshot import Snapshot
from ledger.errors import NotFound, Problem
from ledger.invoice_kinds import invoice_kinds
from ledger.ledger import Ledger
from ledger.words import label, messages

LISTING = "evidence"
#: Sort key of the list: day, then 60 bits of the fact's id.
KEYS = 2
#: What decides which attestation of an invoice counts, and its day: all that is read to order a list.
ORDERING = ("fact", "side", "status", "row", "happened_on")
#: What the documents of one invoice may state differently.
STATED = ("amount_fen", "total_fen", "status")


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
    order = _order(ledger, snapshot.attesting(facts))
    rest = order.filter(_follows(after.key)) if after else order
    page = rest.head(limit)
    last = page.select("day", "number").row(-1) if rest.height > limit else None
    shown = page["fact"].to_list()
    attesting = snapshot.attesting(shown)
    invoices, lines = (_canonical(ledger, table, attesting) for table in ("invoices", "invoice_lines"))
    return Evidence(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        items=_items(invoices, lines, four_flows(snapshot, shown), lang),
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


def _order(ledger: Ledger, attesting: pl.DataFrame) -> pl.DataFrame:
    """fact, day (as a number), number (half the fact's id as one): the sort keys, in order."""
    documents = ledger.documents().lazy().select("reading", "sha256")
    narrow = (
        ledger.tables.scan("invoices")
        .filter(pl.col("fact").is_in(attesting["fact"].implode()))
        .select("reading", *ORDERING)
        .join(documents, on="reading")
        .join(attesting.lazy(), on="fact")
        .with_columns(fact="canonical")
        .collect()
    )
    keys = preferred(narrow).select(
        "fact",
        pl.col("happened_on").cast(pl.Int32).fill_null(0).alias("day"),
        pl.col("fact").str.slice(0, 15).str.to_integer(base=16).alias("number"),
    )
    return keys.sort("day", "number", descending=[True, False])


def _follows(key: tuple[int, ...]) -> pl.Expr:
    day, number = key
    return (pl.col("day") < day) | ((pl.col("day") == day) & (pl.col("number") > number))


def _items(
    invoices: pl.DataFrame, lines: pl.DataFrame, flows: dict[str, FourFlows], lang: str
) -> list[EvidenceFact]:
    """The invoices of `flows`, in that order, with their lines."""
    counting = {row["fact"]: row for row in preferred(invoices).iter_rows(named=True)}
    attested = invoices.partition_by("fact", as_dict=True)
    described = lines.partition_by("fact", as_dict=True)
    none = lines.clear()
    return [_fact(counting[i], attested[i,], described.get((i,), none), of, lang) for i, of in flows.items()]


def _fact(
    row: dict[str, Any], invoices: pl.DataFrame, lines: pl.DataFrame, flows: FourFlows, lang: str
) -> EvidenceFact:
    """One invoice: what `row`, the attestation that counts, states, and every attestation beside it."""
    place = (pl.col("sha256") == row["sha256"]) & (pl.col("row") == row["row"])
    others = pl.concat([invoices.filter(place), invoices.filter(~place)])
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
        status=row["status"],
        lines=[_line(line) for line in _told(lines, row, invoices).iter_rows(named=True)],
        documents=[_document(other) for other in others.iter_rows(named=True)],
        disagrees=any(others[name].drop_nulls().n_unique() > 1 for name in STATED),
        warnings=_warnings(others, lang),
        flows=flows,
    )


def without_names(told: Evidence, own: set[str], lang: str) -> Evidence:
    """`told` without the names of documents that are not among `own`: a file's name says whose it is."""
    instead = label("another_paper", lang)
    items = []
    for fact in told.items:
        papers = [d if d.id in own else d.model_copy(update={"name": instead}) for d in fact.documents]
        items.append(fact.model_copy(update={"documents": papers}))
    return told.model_copy(update={"items": items})


def _document(row: dict[str, Any]) -> EvidenceDocument:
    stated = {name: row[name] for name in STATED}
    return EvidenceDocument(
        id=row["sha256"], name=row["name"], row=row["row"], format=row["format"], **stated
    )


def _warnings(invoices: pl.DataFrame, lang: str) -> list[Warned]:
    """What the readers found odd, each thing once."""
    found = [problem for noted in invoices["warnings"] for problem in (noted if noted is not None else ())]
    unique = dict.fromkeys((p["code"], p["field"] or "", p["value"] or "") for p in found)
    return [Warned(code=c, message=_sentence(c, f, v, lang), field=f, value=v) for c, f, v in unique]


def _sentence(code: str, field: str, value: str, lang: str) -> str:
    """A warning in words; its code where a newer version wrote it."""
    return Problem(code, field=field, value=value).text(lang) if code in messages() else code


def _told(lines: pl.DataFrame, counts: dict[str, Any], invoices: pl.DataFrame) -> pl.DataFrame:
    """The lines of one document, for two books would show each line twice: of those that state the
    amounts that count, the one that tells most; of the others only where none of those has lines."""
    if lines.is_empty():
        return lines
    agrees = [pl.col(name).eq_missing(pl.lit(counts[name])) for name in ("amount_fen", "total_fen")]
    agreeing = invoices.filter(agrees)["sha256"].unique().implode()
    fullest = (
        lines.group_by("sha256")
        .len()
        .with_columns(agrees=pl.col("sha256").is_in(agreeing), counts=pl.col("sha256") == counts["sha256"])
        .sort(["agrees", "len", "counts", "sha256"], descending=[True, True, True, False])
    )["sha256"][0]
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
