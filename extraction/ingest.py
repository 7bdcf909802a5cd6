"""From paths to committed facts: every document found, read, counted and written in batches.

Reading never stops for one bad file; what failed is told at the end. A document that the ledger
already holds, read by the same or a newer reader, is skipped whole: that saves time only, for
duplicates are settled when reading (`ledger.ledger`), not here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from extraction.readers import reader_for
from extraction.rows import Facts
from extraction.source import Limits, Source, sources
from ledger.errors import DayanError, FileUnreadable
from ledger.ledger import Ledger, Load

#: A batch is committed when it holds this many rows, bytes or documents.
BATCH_ROWS, BATCH_BYTES, BATCH_DOCUMENTS = 1_000_000, 256 << 20, 1_000

#: Tables whose rows are facts with an identity of their own.
_FACTS = ("invoices", "relations")


@dataclass
class Outcome:
    """What became of one document. `state`: read | known | failed. Rows add up:
    rows = accepted + duplicates + rejected; of the accepted, `new` facts were not there before."""

    name: str
    state: str
    format: str = ""
    sha256: str = ""
    rows: int = 0
    duplicates: int = 0
    rejected: int = 0
    facts: int = 0
    new: int = 0
    error: DayanError | None = None
    synthetic: bool = False


@dataclass
class Summary:
    """Everything that one ingest did, a line a document."""

    outcomes: list[Outcome] = field(default_factory=list)

    def total(self, what: str) -> int:
        """Sum of a count over all documents read."""
        return sum(getattr(o, what) for o in self.outcomes)

    def count(self, state: str) -> int:
        """Documents that ended in `state`."""
        return sum(o.state == state for o in self.outcomes)


def ingest(
    paths: Iterable[Path],
    ledger: Ledger,
    limits: Limits | None = None,
    progress: Callable[[Outcome], None] = lambda _: None,
) -> Summary:
    """Read every document behind `paths` into `ledger`; `progress` hears of each as it ends."""
    summary = Summary()
    for batch in _batches(_documents(paths, ledger, limits or Limits(), summary, progress)):
        known = _known_facts(ledger, [load for load, _ in batch])
        for load, outcome in batch:
            outcome.new = _count_new(load, known)
        ledger.commit(load for load, _ in batch)
    return summary


def _documents(
    paths: Iterable[Path],
    ledger: Ledger,
    limits: Limits,
    summary: Summary,
    progress: Callable[[Outcome], None],
) -> Iterator[tuple[Load, Outcome]]:
    committed = ledger.documents().select("sha256", "reader_version", "rows")
    versions = dict(zip(committed["sha256"], committed.iter_rows(), strict=True))
    seen: set[str] = set()
    for path in paths:
        for source in sources(path, limits):
            if isinstance(source, DayanError):
                outcome: Outcome = Outcome(str(source.params.get("file", path)), "failed", error=source)
                load = None
            else:
                load, outcome = _read(source, versions, seen)
            summary.outcomes.append(outcome)
            progress(outcome)
            if load:
                yield load, outcome


def _read(
    source: Source, versions: dict[str, tuple[str, int, int]], seen: set[str]
) -> tuple[Load | None, Outcome]:
    """Read one document, unless it is known; an error of its own ends only this document."""
    outcome = Outcome(source.name, "failed", sha256=source.sha256)
    try:
        reader = reader_for(source)
        if reader is None:
            raise FileUnreadable("file_unknown", file=source.name)
        before = versions.get(source.sha256)
        if source.sha256 in seen or (before and before[1] >= reader.version):
            outcome.state, outcome.format = "known", reader.name
            outcome.rows = outcome.duplicates = before[2] if before else 0
            return None, outcome
        facts = reader.facts(source)
    except DayanError as error:
        outcome.error = error
        return None, outcome
    seen.add(source.sha256)
    load = _load(source, facts)
    outcome.state, outcome.format, outcome.facts = "read", load.format, load.facts
    outcome.rows, outcome.duplicates, outcome.rejected = load.rows, load.duplicates, load.rejected
    outcome.synthetic = load.synthetic
    return load, outcome


def _load(source: Source, facts: Facts) -> Load:
    return Load(
        sha256=source.sha256,
        name=source.name,
        data=source.data,
        format=facts.format,
        reader_version=facts.version,
        tables=facts.tables,
        rows=facts.rows,
        facts=sum(facts.tables[t].height for t in _FACTS if t in facts.tables),
        duplicates=facts.duplicates,
        rejected=facts.rejected,
        owner=facts.owner,
        synthetic=facts.synthetic,
    )


def _batches(documents: Iterator[tuple[Load, Outcome]]) -> Iterator[list[tuple[Load, Outcome]]]:
    """Batches bounded by rows, bytes and number, so that memory is too."""
    batch: list[tuple[Load, Outcome]] = []
    for load, outcome in documents:
        batch.append((load, outcome))
        rows, size = sum(x.rows for x, _ in batch), sum(len(x.data) for x, _ in batch)
        if rows >= BATCH_ROWS or size >= BATCH_BYTES or len(batch) >= BATCH_DOCUMENTS:
            yield batch
            batch = []
    if batch:
        yield batch


def _known_facts(ledger: Ledger, loads: list[Load]) -> pl.Series:
    """Invoices and relations of this batch that the ledger already holds (for the report only)."""
    mine = [load.tables[t]["fact"] for load in loads for t in _FACTS if t in load.tables]
    if not mine:
        return pl.Series("fact", [], pl.String)
    wanted = pl.concat(mine).unique().rename("fact").to_frame().lazy()
    held = pl.concat([ledger.scan(t).select("fact") for t in _FACTS])
    return wanted.join(held, on="fact", how="semi").collect()["fact"]


def _count_new(load: Load, known: pl.Series) -> int:
    fresh = 0
    for table in _FACTS:
        if table in load.tables:
            fact = load.tables[table]["fact"].unique()
            fresh += int((~fact.is_in(known.implode())).sum())
    return fresh
