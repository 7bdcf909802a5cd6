"""Canonical text rows → facts: the one place where the rules for invoices from any reader are applied.

What each step does stands in its module: `values` reads cells, `roles` says who is who, `invoices`
groups rows and checks sums, `findings` gathers what is wrong. A bad row costs its invoice, never the
document; rows = accepted + duplicates + rejected, exactly.
"""

from collections.abc import Sequence
from datetime import date

import polars as pl

from extraction.batch import Batch
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


def normalise(rows: Rows, today: date | None = None) -> Facts:
    """The facts in `rows`, what was rejected and why, and what deserves a warning."""
    return normalise_many([rows], today)[0]


def normalise_many(documents: Sequence[Rows], today: date | None = None) -> list[Facts]:
    """`normalise` of each document, worked out together: the same answers, far cheaper for small ones.

    `today` is the day of loading, by default the day it is in Beijing: what is dated later is rejected.
    """
    facts: dict[int, Facts] = {}
    today = today or beijing_today()
    for per_line in (True, False):
        places = [i for i, d in enumerate(documents) if d.per_line == per_line]
        if places:
            facts |= zip(places, _together([documents[i] for i in places], per_line, today), strict=True)
    return [facts[i] for i in range(len(documents))]


def _together(documents: list[Rows], per_line: bool, today: date) -> list[Facts]:
    findings, batch = Findings(), Batch(documents)
    findings.add(batch.problems(), batch.frame["row"])
    frame, parties = with_parties(read_values(batch.frame, findings, today), findings)
    made = assemble(frame, findings, per_line)
    if per_line:
        _beside_unreadable(made, frame, findings, batch)
    rejected = findings.by_row(fatal=True)
    invoices = _invoices(made, findings)
    parties = _mentioned(parties, made.invoices)
    synthetic = parties.group_by("document").agg(pl.col("synthetic").any()).filter("synthetic")["document"]
    lines = made.lines.select(c for c in _LINE if c in made.lines.columns)
    split = {
        "invoices": batch.split(invoices),
        "invoice_lines": batch.split(facts_frame("invoice_lines", lines)),
        "parties": batch.split(parties),
        "links": batch.split(_links(invoices)),
    }
    problems = batch.split(rejected.cast({"row": pl.Int32}))
    outside = batch.counts(_outside(rejected, batch.frame))
    dropped = batch.counts(made.dropped)
    invented = set(synthetic.to_list())
    return [
        _facts(
            document,
            {name: tables[i] for name, tables in split.items()},
            problems[i],
            rows=document.frame.height + outside[i],
            duplicates=dropped[i],
            synthetic=i in invented,
        )
        for i, document in enumerate(documents)
    ]


def _facts(
    document: Rows,
    tables: dict[str, pl.DataFrame],
    problems: pl.DataFrame,
    *,
    rows: int,
    duplicates: int,
    synthetic: bool,
) -> Facts:
    """The facts of one document."""
    fields = pl.DataFrame(document.fields) if document.fields else no_facts("fields")
    tables |= {
        "parties": facts_frame("parties", tables["parties"].drop("synthetic")),
        "links": facts_frame("links", tables["links"].drop("row").unique(maintain_order=True)),
        "rejects": _rejects(document, problems),
        "fields": facts_frame("fields", fields),
        "relations": no_facts("relations"),
    }
    owners = tables["invoices"]["owner"].unique().drop_nulls()
    return Facts(
        tables=tables,
        rows=rows,
        duplicates=duplicates,
        rejected=problems.height,
        format=document.format,
        version=document.version,
        owner=owners[0] if len(owners) == 1 else None,
        synthetic=document.synthetic or synthetic,
        warnings=[p for p in document.problems if p.row == 0] + _without_owner(problems),
    )


def _without_owner(problems: pl.DataFrame) -> list[Problem]:
    """What a person must be told who handed in a ledger that does not say whose books it is."""
    said = pl.col("problems").list.eval(pl.element().struct.field("code") == "owner_missing").list.any()
    rows = problems.filter(said).height
    return [Problem("ledger_without_owner", value=f"{rows:,}")] if rows else []


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
    """Red → blue, where the red invoice names the blue one; with `row`."""
    named = invoices.filter(pl.col("reverses").is_not_null() & (pl.col("status") != "normal"))
    reason = pl.lit("named_by_red_invoice")
    return named.select("row", kind=pl.lit("reverses"), src="fact", dst="reverses", reason=reason)


def _rejects(document: Rows, problems: pl.DataFrame) -> pl.DataFrame:
    """The table `rejects`: the user's own cells as JSON, built for these rows alone."""
    if problems.is_empty():
        return no_facts("rejects")
    own = document.frame if document.raw is None else document.raw
    bad = own.join(problems.select("row"), on="row", how="semi")
    raw = masked_cells(bad).select("row", raw=pl.struct(pl.exclude("row")).struct.json_encode())
    table = problems.join(raw, on="row", how="left").sort("row")
    return facts_frame("rejects", table.with_columns(pl.col("raw").fill_null("{}")))


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
