"""Canonical text rows → facts: the one place where the rules for invoices from any reader are applied.

What each step does stands in its module: `values` reads cells, `roles` says who is who, `invoices`
groups rows and checks sums, `findings` gathers what is wrong. A bad row costs its invoice, never the
document; rows = accepted + duplicates + rejected, exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from extraction.batch import Batch, split
from extraction.dates import beijing_today
from extraction.findings import Check, Findings
from extraction.invoices import Assembled, assemble
from extraction.personal import masked_cells
from extraction.roles import with_parties
from extraction.rows import Facts, Rows, facts_frame, no_facts
from extraction.values import read_values
from ledger.errors import Problem
from ledger.records import PROBLEM

_ATTESTED = (
    *("row", "fact", "weak", "kind", "code", "number", "happened_on", "known_at", "seller", "buyer"),
    *("owner", "side", "currency", "amount_fen", "tax_fen", "total_fen", "status", "reverses", "remark"),
)
_LINE = (
    *("row", "fact", "line", "item", "tax_category", "specification", "unit", "quantity", "price"),
    *("amount_fen", "rate", "tax_fen"),
)


@dataclass
class Stacked:
    """Facts of several documents as one frame a table: column `document` says whose a row is, counted from
    0. `said` is what is said of each document; its `tables` are empty."""

    tables: dict[str, pl.DataFrame]
    said: list[Facts]


def normalise(rows: Rows, today: date | None = None) -> Facts:
    """The facts in `rows`, what was rejected and why, and what deserves a warning."""
    return normalise_many([rows], today)[0]


def normalise_many(documents: Sequence[Rows], today: date | None = None) -> list[Facts]:
    """`normalise` of each document, worked out together: the same answers, far cheaper for small ones."""
    stacked = normalise_stacked(documents, today)
    parts = {name: split(table, len(documents)) for name, table in stacked.tables.items()}
    return [
        replace(said, tables={name: tables[i] for name, tables in parts.items()})
        for i, said in enumerate(stacked.said)
    ]


def normalise_stacked(documents: Sequence[Rows], today: date | None = None) -> Stacked:
    """`normalise_many` with the answers left together: for thousands of small documents, to take the
    frames apart costs several times what it costs to make them.

    `today` is the day of loading, by default the day it is in Beijing: what is dated later is rejected.
    """
    said: dict[int, Facts] = {}
    today = today or beijing_today()
    parts: list[dict[str, pl.DataFrame]] = []
    for per_line in (True, False):
        places = [i for i, d in enumerate(documents) if d.per_line == per_line]
        if places:
            made = _together([documents[i] for i in places], per_line, today)
            number = pl.Series(places, dtype=pl.Int32)
            there = {n: t.with_columns(document=number.gather(t["document"])) for n, t in made.tables.items()}
            parts.append(there)
            said |= zip(places, made.said, strict=True)
    tables = {name: pl.concat(part[name] for part in parts) for name in parts[0]} if parts else {}
    return Stacked(tables, [said[i] for i in range(len(documents))])


def _together(documents: list[Rows], per_line: bool, today: date) -> Stacked:
    findings, batch = Findings(), Batch(documents)
    findings.add(batch.problems(), batch.frame["row"])
    frame, parties = with_parties(read_values(batch.frame, findings, today), findings)
    made = assemble(frame, findings, per_line)
    if per_line:
        _beside_unreadable(made, frame, findings, batch)
    rejected = findings.by_row(fatal=True)
    invoices = _invoices(made, findings)
    parties = _mentioned(parties, made.invoices)
    lines = made.lines.select(c for c in _LINE if c in made.lines.columns)
    problems = batch.placed(rejected.cast({"row": pl.Int32}))
    attested = _conformed("invoices", batch.placed(invoices))
    tables = {
        "invoices": attested,
        "invoice_lines": _conformed("invoice_lines", batch.placed(lines)),
        "parties": _conformed("parties", batch.placed(parties.drop("synthetic"))),
        "links": _links(attested),
        "rejects": _rejects(documents, problems),
        "fields": _fields(documents),
        "relations": _none("relations"),
    }
    outside = batch.counts(_outside(rejected, batch.frame))
    dropped = batch.counts(made.dropped)
    said = [
        Facts({}, d.frame.height + outside[i], dropped[i], 0, d.format, d.version, synthetic=d.synthetic)
        for i, d in enumerate(documents)
    ]
    _say(said, documents, attested, parties, problems)
    return Stacked(tables, said)


def _say(
    said: list[Facts],
    documents: list[Rows],
    invoices: pl.DataFrame,
    parties: pl.DataFrame,
    problems: pl.DataFrame,
) -> None:
    """Put into `said` what the frames say of each document: rejects, owner, synthetic, warnings."""
    for i, count in problems.group_by("document").len().iter_rows():
        said[i].rejected = count
    owners = invoices.filter(pl.col("owner").is_not_null()).group_by("document")
    for i, owner, count in owners.agg(pl.col("owner").first(), n=pl.col("owner").n_unique()).iter_rows():
        said[i].owner = owner if count == 1 else None
    for i in parties.filter("synthetic")["document"].unique():
        said[i].synthetic = True
    missing = pl.col("problems").list.eval(pl.element().struct.field("code") == "owner_missing").list.any()
    nameless = dict(problems.filter(missing).group_by("document").len().iter_rows())
    for i, document in enumerate(documents):
        said[i].warnings = [p for p in document.problems if p.row == 0]
        if i in nameless:  # what a person must be told who handed in a ledger that does not say whose it is
            said[i].warnings.append(Problem("ledger_without_owner", value=f"{nameless[i]:,}"))


def _conformed(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with exactly the columns of the ledger's `table` but `reading`, and `document`."""
    fitting = facts_frame(table, frame.drop("document"))
    return fitting.with_columns(frame["document"].cast(pl.Int32))


def _none(table: str) -> pl.DataFrame:
    return no_facts(table).with_columns(document=pl.Series([], dtype=pl.Int32))


def _fields(documents: list[Rows]) -> pl.DataFrame:
    """The table `fields`, of the documents that are papers."""
    number = [i for i, d in enumerate(documents) for _ in d.fields]
    schema = no_facts("fields").schema
    frame = pl.DataFrame([f for d in documents for f in d.fields], schema=schema)
    return frame.with_columns(document=pl.Series(number, dtype=pl.Int32))


def _outside(rejected: pl.DataFrame, frame: pl.DataFrame) -> pl.Series:
    """Rejected rows that never reached the frame: data rows of the document all the same."""
    return rejected.select("row").join(frame.select("row"), on="row", how="anti")["row"]


def _mentioned(parties: pl.DataFrame, invoices: pl.DataFrame) -> pl.DataFrame:
    """Parties of accepted invoices: a rejected row says nothing about anybody."""
    named = pl.concat(invoices.select("document", party=who) for who in ("owner", "seller", "buyer")).unique()
    return parties.join(named, on=["document", "party"], how="semi", maintain_order="left")


def _invoices(made: Assembled, findings: Findings) -> pl.DataFrame:
    """The table `invoices`, each with its warnings (an empty list where there are none)."""
    warned = findings.warnings_of(made.belongs).rename({"invoice": "row", "problems": "warnings"})
    table = made.invoices.select(_ATTESTED)
    empty = pl.lit([], dtype=pl.List(PROBLEM))
    if warned.is_empty():
        return facts_frame("invoices", table.with_columns(warnings=empty))
    table = table.join(warned, on="row", how="left", maintain_order="left")
    return facts_frame("invoices", table.with_columns(pl.col("warnings").fill_null(empty)))


def _links(invoices: pl.DataFrame) -> pl.DataFrame:
    """Red → blue, where the red invoice names the blue one."""
    named = invoices.filter(pl.col("reverses").is_not_null() & (pl.col("status") != "normal"))
    reason = pl.lit("named_by_red_invoice")
    links = named.select("document", kind=pl.lit("reverses"), src="fact", dst="reverses", reason=reason)
    return _conformed("links", links.unique(maintain_order=True))


def _rejects(documents: list[Rows], problems: pl.DataFrame) -> pl.DataFrame:
    """The table `rejects`: the user's own cells as JSON, built for these rows alone.

    Documents with the same columns are worked on together.
    """
    alike: dict[tuple[str, ...], list[pl.DataFrame]] = {}
    for (i,), bad in problems.group_by("document"):
        own = documents[i].frame if documents[i].raw is None else documents[i].raw
        rows = own.join(bad.select("row"), on="row", how="semi")
        alike.setdefault(tuple(own.columns), []).append(rows.with_columns(document=pl.lit(i, pl.Int32)))
    cells = pl.struct(pl.exclude("document", "row")).struct.json_encode()
    parts = [masked_cells(pl.concat(p)).select("document", "row", raw=cells) for p in alike.values()]
    if not parts:
        return _none("rejects")
    table = problems.join(pl.concat(parts), on=["document", "row"], how="left").sort("document", "row")
    return _conformed("rejects", table.with_columns(pl.col("raw").fill_null("{}")))


def _beside_unreadable(made: Assembled, frame: pl.DataFrame, findings: Findings, batch: Batch) -> None:
    """Warn on the invoices next to a row of which not even the number could be read: it may have been
    a line of theirs."""
    fatal = findings.fatal_rows()
    if not len(fatal) or made.belongs.is_empty():
        return
    known = frame.filter(pl.col("number").is_not_null())["row"]
    lost = pl.DataFrame({"row": fatal}).filter(~pl.col("row").is_in(known.implode()))
    if lost.is_empty():
        return
    lost = lost.with_columns(batch.document_of(lost["row"]))
    accepted = made.belongs.select("row", beside="row").sort("row")
    accepted = accepted.with_columns(batch.document_of(accepted["row"]))
    near = pl.concat(
        lost.join_asof(accepted, on="row", by="document", strategy=way, check_sortedness=False)
        .select(row="beside")
        .drop_nulls()
        for way in ("backward", "forward")
    )
    findings.note(near.unique().sort("row"), Check("row_beside_unreadable", "", pl.lit(True), fatal=False))
