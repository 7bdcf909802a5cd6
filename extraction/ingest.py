"""From paths to committed facts: every document found, read, counted and written in batches.

Reading never stops for one bad file; what failed is told at the end. A document that the ledger
already holds, read by the same or a newer reader, is skipped whole: that saves time only, for
duplicates are settled when reading (`ledger.ledger`), not here. The exception is a ledger that did not
say whose books it holds: told so (`owner`), it is read again and its first reading withdrawn.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from extraction.credit_codes import tax_number
from extraction.dates import beijing_today
from extraction.held import FACT_TABLES, Held, HeldDocument
from extraction.normalise import normalise_many
from extraction.reader import InvoiceReader
from extraction.readers import READERS, reader_for
from extraction.rows import Facts, Reader, Rows
from extraction.source import Limits, Source, sources
from extraction.unknown import why_unknown
from ledger.errors import DayanError, InputError, Problem
from ledger.ledger import Ledger, Load

#: A batch is committed when it holds this many rows, bytes or documents.
BATCH_ROWS, BATCH_BYTES, BATCH_DOCUMENTS = 120_000, 128 << 20, 1_000


@dataclass
class Outcome:
    """What became of one document. `state`: read | known | failed. Rows add up:
    rows = accepted + duplicates + rejected; of the accepted, `new` facts were not there before.
    `warned` invoices have warnings: `warned_for` counts them by code, `examples` holds one of each."""

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
    warned: int = 0
    warned_for: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Problem] = field(default_factory=dict)
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

    def warned_for(self) -> list[tuple[Problem, int]]:
        """Every warning that invoices carry: an example, and how many carry one; the commonest first."""
        counts: Counter[str] = sum((o.warned_for for o in self.outcomes), Counter())
        examples = {code: p for o in reversed(self.outcomes) for code, p in o.examples.items()}
        return [(examples[c], n) for c, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


@dataclass
class _Read:
    """A document that was read: its rows, to be normalised with others, or its facts at once.
    `instead`: what the ledger holds of it is to be withdrawn."""

    source: Source
    outcome: Outcome
    instead: bool = False
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
    *,
    owner: str | None = None,
    today: date | None = None,
) -> Summary:
    """Read every document behind `paths` into `ledger`; `progress` hears of each as it ends.

    `owner` is the tax number of whose books those ledgers are that do not say it themselves. `today` is
    the day of loading (by default the day it is in Beijing): invoices dated later are rejected.
    Raises InputError when `owner` is no tax number.
    """
    found = (source for path in paths for source in sources(path, limits or Limits()))
    return _take_in(found, _Into(ledger, readers, owner_code(owner), today), progress)


def reread(
    ledger: Ledger,
    progress: Callable[[Outcome], None] = lambda _: None,
    readers: Sequence[Reader] = READERS,
) -> Summary:
    """Read the kept originals anew where a reader has become better since; the newest reading counts."""
    kept = ledger.documents().select("name", "sha256").iter_rows()
    found = (Source(name, ledger.originals.read(sha256)) for name, sha256 in kept)
    return _take_in(found, _Into(ledger, readers), progress)


def owner_code(owner: str | None) -> str | None:
    """`owner` as it is kept. InputError when it is no tax number, or one that identifies nobody."""
    if owner is None:
        return None
    code = "".join(owner.split()).upper()
    number = tax_number(code)
    if not number.scheme or number.suspicious:
        raise InputError("owner_invalid", value=owner)
    return code


class _Into:
    """Where documents go in one run: the ledger and what it held before, the readers, the owner, the day."""

    def __init__(
        self, ledger: Ledger, readers: Sequence[Reader], owner: str | None = None, today: date | None = None
    ) -> None:
        self.ledger, self.readers, self.owner = ledger, readers, owner
        self.today = today or beijing_today()
        self.held = Held(ledger)


def _take_in(
    found: Iterable[Source | InputError], into: _Into, progress: Callable[[Outcome], None]
) -> Summary:
    summary = Summary()
    documents = _documents(found, into)
    for batch in _batches(documents, summary, progress):
        loads = []
        for read, facts in _facts(batch, into.today):
            read.outcome.warnings = facts.warnings
            _note_warned(facts, read.outcome)
            loads.append((_load(read.source, facts), read.outcome))
        new = _new_facts(into.held, [load for load, _ in loads])
        for (load, outcome), fresh in zip(loads, new, strict=True):
            _report(load, outcome, fresh)
            progress(outcome)
        for read in batch:
            if read.instead:
                into.ledger.withdraw(read.source.sha256)
        into.ledger.commit(load for load, _ in loads)
    return summary


def _documents(found: Iterable[Source | InputError], into: _Into) -> Iterator[_Read | Outcome]:
    """Every document: read, or what else became of it."""
    seen: set[str] = set()
    for source in found:
        if isinstance(source, InputError):
            yield Outcome(str(source.params.get("file", "")), "failed", error=source)
            continue
        read = _read(source, seen, into)
        if isinstance(read, _Read):
            seen.add(source.sha256)
        yield read


def _read(source: Source, seen: set[str], into: _Into) -> _Read | Outcome:
    """Read one document, unless it is known; an error of its own ends only this document."""
    outcome = Outcome(source.name, "failed", sha256=source.sha256)
    try:
        reader = reader_for(source, into.readers)
        if reader is None:
            raise why_unknown(source)
        outcome.format = reader.name
        before = into.held.documents.get(source.sha256)
        if source.sha256 in seen:
            return _known(outcome, before)
        current = before is not None and before.version >= reader.version
        if not isinstance(reader, InvoiceReader):
            return _known(outcome, before) if current else _Read(source, outcome, facts=reader.facts(source))
        if current and not (into.owner and reader.ledgers and before and before.owner is None):
            return _known(outcome, before)
        return _read_rows(reader, source, outcome, before, into)
    except DayanError as error:
        outcome.error = error
        return outcome


def _read_rows(
    reader: InvoiceReader, source: Source, outcome: Outcome, before: HeldDocument | None, into: _Into
) -> _Read | Outcome:
    """The rows of a document. One that names no owner, and was read before, keeps the owner it had then."""
    rows = reader.rows(source)
    current = before is not None and before.version >= reader.version
    if not rows.nameless:
        return _known(outcome, before) if current else _Read(source, outcome, rows=rows)
    owner = into.owner
    if before and before.owner:
        owner = into.held.code_of(before.owner)
        if owner is None:  # a citizen's number, which is not kept: better the older reading than none
            return _known(outcome, before)
    if owner:
        rows = rows.owned_by(owner)
    return _Read(source, outcome, instead=current, rows=rows)


def _known(outcome: Outcome, before: HeldDocument | None) -> Outcome:
    outcome.state = "known"
    outcome.rows = outcome.duplicates = before.rows if before else 0
    return outcome


def _batches(
    documents: Iterator[_Read | Outcome], summary: Summary, progress: Callable[[Outcome], None]
) -> Iterator[list[_Read]]:
    """What was read, in batches bounded by rows, bytes and number, so that memory is too."""
    batch: list[_Read] = []
    rows = size = 0
    for read in documents:
        if isinstance(read, Outcome):
            summary.outcomes.append(read)
            progress(read)
            continue
        summary.outcomes.append(read.outcome)
        batch.append(read)
        rows, size = rows + read.size, size + len(read.source.data)
        if rows >= BATCH_ROWS or size >= BATCH_BYTES or len(batch) >= BATCH_DOCUMENTS:
            yield batch
            batch, rows, size = [], 0, 0
    if batch:
        yield batch


def _facts(batch: list[_Read], today: date) -> Iterator[tuple[_Read, Facts]]:
    """The facts of a batch; invoices of many small documents are worked out together."""
    together = [read for read in batch if read.rows is not None]
    made = normalise_many([read.rows for read in together if read.rows is not None], today)
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
        facts=sum(facts.tables[t].height for t in FACT_TABLES if t in facts.tables),
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


def _note_warned(facts: Facts, outcome: Outcome) -> None:
    """How many invoices have warnings, which ones, and an example of each."""
    warnings = [t.select("warnings") for t in facts.tables.values() if "warnings" in t.columns]
    if not warnings:
        return
    warned = pl.concat(warnings).filter(pl.col("warnings").list.len() > 0)
    outcome.warned = warned.height
    if warned.is_empty():
        return
    every = warned.with_row_index("invoice").explode("warnings").unnest("warnings")
    counted = every.group_by("code", maintain_order=True).agg(
        pl.col("invoice").n_unique(), pl.col("field", "value").first()
    )
    for code, invoices, place, value in counted.iter_rows():
        outcome.warned_for[code] = invoices
        outcome.examples[code] = Problem(code, outcome.name, field=place, value=value)


def _new_facts(held: Held, loads: list[Load]) -> list[int]:
    """How many facts each document brings that neither the ledger nor an earlier one holds."""
    parts = [
        load.tables[t].select("fact", place=pl.lit(place, pl.Int64))
        for place, load in enumerate(loads)
        for t in FACT_TABLES
        if t in load.tables
    ]
    if not parts:
        return [0] * len(loads)
    mine = pl.concat(parts).unique("fact", keep="first", maintain_order=True)
    counted = dict(held.add(mine).group_by("place").len().iter_rows())
    return [counted.get(place, 0) for place in range(len(loads))]
