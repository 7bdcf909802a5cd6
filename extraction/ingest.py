"""From paths to committed facts: every document found, read, counted and written in batches.

Reading never stops for one bad file; what failed is told at the end. A document that the ledger
already holds, read by the same or a newer reader, is skipped whole: that saves time only, for
duplicates are settled when reading (`ledger.ledger`), not here.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from extraction.normalise import normalise_many
from extraction.reader import InvoiceReader
from extraction.readers import READERS, reader_for
from extraction.rows import Facts, Reader, Rows
from extraction.source import Limits, Source, sources
from ledger.errors import DayanError, FileUnreadable, InputError, Problem
from ledger.ledger import Ledger, Load

#: A batch is committed when it holds this many rows, bytes or documents.
BATCH_ROWS, BATCH_BYTES, BATCH_DOCUMENTS = 120_000, 128 << 20, 1_000

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
    warnings: list[Problem] = field(default_factory=list)
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


@dataclass
class _Read:
    """A document that was read: its rows, to be normalised with others, or its facts at once."""

    source: Source
    outcome: Outcome
    rows: Rows | None = None
    facts: Facts | None = None

    @property
    def size(self) -> int:
        """Rows it holds, for bounding a batch."""
        if self.rows is not None:
            return self.rows.frame.height
        return self.facts.rows if self.facts else 0


def ingest(
    paths: Iterable[Path],
    ledger: Ledger,
    limits: Limits | None = None,
    progress: Callable[[Outcome], None] = lambda _: None,
    readers: Sequence[Reader] = READERS,
) -> Summary:
    """Read every document behind `paths` into `ledger`; `progress` hears of each as it ends."""
    found = (source for path in paths for source in sources(path, limits or Limits()))
    return _take_in(found, ledger, progress, readers)


def reread(
    ledger: Ledger,
    progress: Callable[[Outcome], None] = lambda _: None,
    readers: Sequence[Reader] = READERS,
) -> Summary:
    """Read the kept originals anew where a reader has become better since; the newest reading counts."""
    kept = ledger.documents().select("name", "sha256").iter_rows()
    found = (Source(name, ledger.originals.read(sha256)) for name, sha256 in kept)
    return _take_in(found, ledger, progress, readers)


def _take_in(
    found: Iterable[Source | InputError],
    ledger: Ledger,
    progress: Callable[[Outcome], None],
    readers: Sequence[Reader],
) -> Summary:
    summary = Summary()
    documents = _documents(found, ledger, readers)
    for batch in _batches(documents, summary, progress):
        loads = []
        for read, facts in _facts(batch):
            read.outcome.warnings = facts.warnings
            loads.append((_load(read.source, facts), read.outcome))
        new = _new_facts(ledger, [load for load, _ in loads])
        for (load, outcome), fresh in zip(loads, new, strict=True):
            _report(load, outcome, fresh)
            progress(outcome)
        ledger.commit(load for load, _ in loads)
    return summary


def _documents(
    found: Iterable[Source | InputError], ledger: Ledger, readers: Sequence[Reader]
) -> Iterator[_Read | Outcome]:
    """Every document: read, or what else became of it."""
    committed = ledger.documents().select("sha256", "reader_version", "rows")
    versions = dict(zip(committed["sha256"], committed.iter_rows(), strict=True))
    seen: set[str] = set()
    for source in found:
        if isinstance(source, InputError):
            yield Outcome(str(source.params.get("file", "")), "failed", error=source)
            continue
        read = _read(source, versions, seen, readers)
        if isinstance(read, _Read):
            seen.add(source.sha256)
        yield read


def _read(
    source: Source,
    versions: dict[str, tuple[str, int, int]],
    seen: set[str],
    readers: Sequence[Reader],
) -> _Read | Outcome:
    """Read one document, unless it is known; an error of its own ends only this document."""
    outcome = Outcome(source.name, "failed", sha256=source.sha256)
    try:
        reader = reader_for(source, readers)
        if reader is None:
            raise FileUnreadable("file_unknown", file=source.name)
        outcome.format = reader.name
        before = versions.get(source.sha256)
        if source.sha256 in seen or (before and before[1] >= reader.version):
            outcome.state = "known"
            outcome.rows = outcome.duplicates = before[2] if before else 0
            return outcome
        if isinstance(reader, InvoiceReader):
            return _Read(source, outcome, rows=reader.read(source))
        return _Read(source, outcome, facts=reader.facts(source))
    except DayanError as error:
        outcome.error = error
        return outcome


def _batches(
    documents: Iterator[_Read | Outcome], summary: Summary, progress: Callable[[Outcome], None]
) -> Iterator[list[_Read]]:
    """What was read, in batches bounded by rows, bytes and number, so that memory is too."""
    batch: list[_Read] = []
    for read in documents:
        if isinstance(read, Outcome):
            summary.outcomes.append(read)
            progress(read)
            continue
        summary.outcomes.append(read.outcome)
        batch.append(read)
        rows, size = sum(x.size for x in batch), sum(len(x.source.data) for x in batch)
        if rows >= BATCH_ROWS or size >= BATCH_BYTES or len(batch) >= BATCH_DOCUMENTS:
            yield batch
            batch = []
    if batch:
        yield batch


def _facts(batch: list[_Read]) -> Iterator[tuple[_Read, Facts]]:
    """The facts of a batch; invoices of many small documents are worked out together."""
    together = [read for read in batch if read.rows is not None]
    made = normalise_many([read.rows for read in together if read.rows is not None])
    yield from zip(together, made, strict=True)
    yield from ((read, read.facts) for read in batch if read.facts is not None)


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


def _report(load: Load, outcome: Outcome, new: int) -> None:
    """What a person is told of a document that was read."""
    outcome.state, outcome.format, outcome.facts = "read", load.format, load.facts
    outcome.rows, outcome.duplicates, outcome.rejected = load.rows, load.duplicates, load.rejected
    outcome.synthetic = load.synthetic
    outcome.new = new


def _new_facts(ledger: Ledger, loads: list[Load]) -> list[int]:
    """How many facts each document brings that neither the ledger nor an earlier one holds."""
    parts = [
        load.tables[t].select("fact", place=pl.lit(place, pl.Int64))
        for place, load in enumerate(loads)
        for t in _FACTS
        if t in load.tables
    ]
    if not parts:
        return [0] * len(loads)
    mine = pl.concat(parts).unique("fact", keep="first", maintain_order=True)
    held = pl.concat([ledger.scan(t).select("fact") for t in _FACTS])
    fresh = mine.lazy().join(held, on="fact", how="anti").group_by("place").len().collect()
    counted = dict(fresh.iter_rows())
    return [counted.get(place, 0) for place in range(len(loads))]
