"""One document read anew with what a person corrected in it, and put in the place of its last reading."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from extraction.corrections import corrections_in
from extraction.held import FACT_TABLES
from extraction.reader import InvoiceReader
from extraction.readers import READERS, reader_for
from extraction.rows import Facts, Reader
from extraction.source import Source
from ledger.errors import Conflict, NotFound, Problem
from ledger.ledger import Ledger, Load

Said = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Reread:
    """A document as it reads with corrections."""

    source: Source
    facts: Facts


def corrections_of(ledger: Ledger, sha256: str) -> Said:
    """The corrections of a document that stand."""
    return corrections_in(ledger.judgements()).get(sha256, ())


def read_again(
    ledger: Ledger, sha256: str, corrections: Said, readers: Sequence[Reader] = READERS
) -> Reread | None:
    """The document `sha256` read with `corrections`; None where its kind of reader takes none up yet.

    Raises NotFound, Conflict `document_not_reread` where the reader of this version reads it no more.
    """
    rows = ledger.documents().filter(pl.col("sha256") == sha256)
    if rows.is_empty():
        raise NotFound("document_not_found", document=sha256)
    row = rows.row(0, named=True)
    source = Source(row["name"], ledger.originals.read(sha256), corrections)
    reader = reader_for(source, readers)
    if reader is None:
        raise Conflict("document_not_reread", document=row["name"])
    if not (isinstance(reader, InvoiceReader) and reader.correctable):
        return None
    return Reread(source, reader.facts(source))


def worse(before: Facts, after: Facts) -> tuple[Problem, ...]:
    """What is wrong with a correction: the reasons for which rows are rejected now that were not before."""
    if after.rejected <= before.rejected:
        return ()
    rejects = after.tables["rejects"]
    return tuple(
        Problem(p["code"], row=row, field=p["field"] or "", value=p["value"] or "")
        for row, problems in rejects.select("row", "problems").iter_rows()
        for p in problems
    )


def put_in_place(ledger: Ledger, read: Reread) -> None:
    """Commit a reading instead of the one that counts now, in one step."""
    facts, source = read.facts, read.source
    load = Load(
        sha256=source.sha256,
        name=source.name,
        data=source.data,
        format=facts.format,
        reader_version=facts.version,
        tables=facts.tables,
        rows=facts.rows,
        facts=sum(facts.tables[t].height for t in FACT_TABLES if t in facts.tables),
        duplicates=facts.duplicates,
        rejected=facts.rejected,
        owner=facts.owner,
        synthetic=facts.synthetic,
        replaces=True,
    )
    ledger.commit([load])
