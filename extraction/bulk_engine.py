"""One engine of a bulk load: reads documents one by one and works their facts out together.

A process has one. What it makes is a `Pack`: an outcome for every document, and the facts of all that
were read as one frame a table, which is how they travel and how they are committed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from extraction.corrections import with_corrections
from extraction.held import FACT_TABLES, HeldDocument, Owners
from extraction.normalise import Stacked, normalise_stacked
from extraction.outcome import Outcome, warnings_column
from extraction.owned import owned_by, unowned
from extraction.personal import masked_text
from extraction.reader import InvoiceReader
from extraction.readers import reader_for
from extraction.rows import Facts, Reader, Rows, facts_frame
from extraction.source import Limits, Source, prove
from extraction.unknown import why_unknown
from ledger.errors import Conflict, DayanError, FileUnreadable, Problem
from ledger.ledger import Ledger, Load

#: So much of what an unforeseen error says is told.
DETAIL = 200


@dataclass(frozen=True)
class Task:
    """A document to be read, and what the ledger held of it before. `tries`: how often it was begun and
    its reader did not live to tell."""

    number: int
    source: Source
    before: HeldDocument | None = None
    tries: int = 0

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.source.data)


@dataclass
class Pack:
    """What came of some documents: `ended` (known or failed), and `read` with the loads to commit, whose
    facts stand in `tables`, each with a column `load` that counts the loads from 0."""

    ended: list[Outcome] = field(default_factory=list)
    read: list[Outcome] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)

    @property
    def numbers(self) -> list[int]:
        """The documents whose outcome is told here."""
        return [outcome.number for outcome in (*self.ended, *self.read)]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.height for table in self.tables.values())


@dataclass
class Setup:
    """What every engine of a run has: ledger, readers, whose books nameless ledgers are, the day."""

    ledger: Ledger
    readers: Sequence[Reader]
    owner: str | None
    today: date
    limits: Limits
    corrections: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def says_no_more(self, reader: Reader, before: HeldDocument) -> bool:
        """Whether `reader` would say of a document what the ledger holds of it: it is no better than the
        one that read it, and nobody said meanwhile whose books it is."""
        ledgers = getattr(reader, "ledgers", False)
        return before.version >= reader.version and not (self.owner and ledgers and before.owner is None)

    def reader_of(self, before: HeldDocument) -> Reader | None:
        """The reader that read a document before, where the ledger names it and it is here."""
        return next((reader for reader in self.readers if reader.name == before.reader), None)


@dataclass
class _Read:
    """A document that was read: its rows, to be worked out with others, or its facts at once.
    `instead`: what the ledger holds of it is to be withdrawn."""

    source: Source
    outcome: Outcome
    instead: bool = False
    rows: Rows | None = None
    facts: Facts | None = None

    @property
    def size(self) -> int:
        if self.rows is not None:
            return self.rows.frame.height
        return self.facts.rows if self.facts else 0


class Engine:
    """Reads documents; holds what was read until it is flushed. `rows`, `bytes`, `documents`: so much."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._owners = Owners(setup.ledger)
        self._read: list[_Read] = []
        self.rows = self.bytes = 0

    @property
    def documents(self) -> int:
        """Documents that wait for a flush."""
        return len(self._read)

    def take(self, task: Task) -> Outcome | None:
        """Read one document. Its outcome where that was the end of it (known or failed), else None.

        An error of its own ends only this document, also one that no reader foresaw: a bulk load
        does not stop for a bug that one file in ten thousand finds.
        """
        outcome = Outcome(task.source.name, "failed", sha256=task.source.sha256, number=task.number)
        try:
            read = self._taken(task, outcome)
        except BaseException as error:  # noqa: BLE001 - panics of extension modules are no Exception
            outcome.error = told(error, task.source.name)
            return outcome
        if isinstance(read, Outcome):
            return read
        self._read.append(read)
        self.rows, self.bytes = self.rows + read.size, self.bytes + len(read.source.data)
        return None

    def flush(self) -> Pack:
        """The facts of all documents taken since the last flush. Their originals are kept by now."""
        batch, self._read = self._read, []
        self.rows = self.bytes = 0
        if not batch:
            return Pack()
        try:
            return self._packed(batch)
        except Conflict:
            raise
        except BaseException as error:  # noqa: BLE001 - see `take`
            if len(batch) == 1:
                batch[0].outcome.error = told(error, batch[0].source.name)
                return Pack(ended=[batch[0].outcome])
        return join([self._alone(read) for read in batch])

    def _alone(self, read: _Read) -> Pack:
        self._read = [read]
        return self.flush()

    def _taken(self, task: Task, outcome: Outcome) -> _Read | Outcome:
        source, before = task.source, task.before
        source = with_corrections(source, self._setup.corrections)
        prove(source, self._setup.limits)
        reader = reader_for(source, self._setup.readers)
        if reader is None:
            raise why_unknown(source)
        outcome.format = reader.name
        if before and self._setup.says_no_more(reader, before):
            return known(outcome, before)
        if not isinstance(reader, InvoiceReader):
            return self._facts(reader, source, outcome, before)
        return self._rows(reader, source, outcome, before)

    def _facts(self, reader: Reader, source: Source, outcome: Outcome, before: HeldDocument | None) -> _Read:
        """The facts of a document that holds no invoices. One that does not say whose it is gets the owner
        that a person names, or had named before; without one it says how many rows belong to nobody."""
        facts = reader.facts(source)
        owner = self._setup.owner
        if before and before.owner:
            owner = self._owners.code_of(before.owner) or owner
        if owner:
            facts = owned_by(facts, owner)
        if unowned(facts):
            facts.warnings.append(Problem("rows_without_owner", source.name, value=f"{facts.rows:,}"))
        current = before is not None and before.version >= reader.version
        return _Read(source, outcome, instead=current, facts=facts)

    def _rows(
        self, reader: InvoiceReader, source: Source, outcome: Outcome, before: HeldDocument | None
    ) -> _Read | Outcome:
        """The rows of a document. One that names no owner, and was read before, keeps the owner it had."""
        rows = reader.rows(source)
        current = before is not None and before.version >= reader.version
        if not rows.nameless:
            return known(outcome, before) if current else _Read(source, outcome, rows=rows)
        owner = self._setup.owner
        if before and before.owner:
            owner = self._owners.code_of(before.owner)
            if owner is None:  # a citizen's number, which is not kept: better the older reading than none
                return known(outcome, before)
        if owner:
            rows = rows.owned_by(owner)
        return _Read(source, outcome, instead=current, rows=rows)

    def _packed(self, batch: list[_Read]) -> Pack:
        together = [read for read in batch if read.rows is not None]
        ready = [read for read in batch if read.facts is not None]
        made = normalise_stacked([r.rows for r in together if r.rows is not None], self._setup.today)
        every = [*made.said, *(r.facts for r in ready if r.facts is not None)]
        tables = _stacked(made, [r.facts for r in ready if r.facts is not None])
        counts = _facts_of(tables, len(every))
        reads = [*together, *ready]
        loads = [_load(r, facts, n) for r, facts, n in zip(reads, every, counts, strict=True)]
        for read, load, facts in zip(reads, loads, every, strict=True):
            _report(load, facts, read.outcome)
        _note_warned(tables, [read.outcome for read in reads])
        for read in reads:
            _keep(self._setup.ledger, read.source)
        return Pack([], [read.outcome for read in reads], loads, tables)


def join(packs: Sequence[Pack]) -> Pack:
    """Several packs as one."""
    tables: dict[str, list[pl.DataFrame]] = {}
    whole = Pack()
    for pack in packs:
        start = len(whole.loads)
        for name, table in pack.tables.items():
            moved = table.with_columns((pl.col("load") + start).cast(pl.Int32)) if start else table
            tables.setdefault(name, []).append(moved)
        whole.ended += pack.ended
        whole.read += pack.read
        whole.loads += pack.loads
    whole.tables = {name: pl.concat(parts) for name, parts in tables.items()}
    return whole


def told(error: BaseException, name: str) -> DayanError:
    """An error as people are told it. What ends a program is no error of a document and goes on."""
    if isinstance(error, DayanError):
        return error
    if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
        raise error
    said = str(error).strip().partition("\n")[0]
    return FileUnreadable(
        "document_reader_failed", file=name, detail=f"{type(error).__name__} {masked_text(said)}"[:DETAIL]
    )


def known(outcome: Outcome, before: HeldDocument | None) -> Outcome:
    """The outcome of a document that the ledger holds already."""
    outcome.state = "known"
    outcome.rows = outcome.duplicates = before.rows if before else 0
    return outcome


def _stacked(made: Stacked, others: list[Facts]) -> dict[str, pl.DataFrame]:
    """All facts as one frame a table with `load`; tables without rows are left out."""
    parts = {n: [t.rename({"document": "load"})] for n, t in made.tables.items() if t.height}
    for number, facts in enumerate(others, len(made.said)):
        for name, table in facts.tables.items():
            if table.height:
                load = pl.lit(number, pl.Int32).alias("load")
                parts.setdefault(name, []).append(facts_frame(name, table).with_columns(load))
    return {name: pl.concat(tables) for name, tables in parts.items()}


def _facts_of(tables: dict[str, pl.DataFrame], loads: int) -> list[int]:
    """How many facts each load has."""
    counts = [0] * loads
    for name in FACT_TABLES:
        if name in tables:
            for load, count in tables[name].group_by("load").len().iter_rows():
                counts[load] += count
    return counts


def _load(read: _Read, facts: Facts, count: int) -> Load:
    source = read.source
    return Load(
        sha256=source.sha256,
        name=source.name,
        data=b"",
        kept=len(source.data),
        format=facts.format,
        reader=read.outcome.format,
        reader_version=facts.version,
        tables={},
        rows=facts.rows,
        facts=count,
        duplicates=facts.duplicates,
        rejected=facts.rejected,
        owner=facts.owner,
        synthetic=facts.synthetic,
        replaces=read.instead,
    )


def _keep(ledger: Ledger, source: Source) -> None:
    try:
        ledger.originals.keep(source.sha256, source.data)
    except OSError as error:  # a full disk is no fault of the document
        raise Conflict("ledger_not_writable", detail=error.strerror or type(error).__name__) from error


def _report(load: Load, facts: Facts, outcome: Outcome) -> None:
    """What a person is told of a document that was read."""
    outcome.state, outcome.format, outcome.facts = "read", load.format, load.facts
    outcome.rows, outcome.duplicates, outcome.rejected = load.rows, load.duplicates, load.rejected
    outcome.synthetic, outcome.warnings = load.synthetic, facts.warnings


def _note_warned(tables: dict[str, pl.DataFrame], outcomes: list[Outcome]) -> None:
    """How many facts have warnings, which ones, and an example of each."""
    columns = {name: warnings_column(name) for name in tables}
    warnings = [tables[name].select("load", warnings=column) for name, column in columns.items() if column]
    if not warnings:
        return
    warned = pl.concat(warnings).filter(pl.col("warnings").list.len() > 0)
    for load, count in warned.group_by("load").len().iter_rows():
        outcomes[load].warned = count
    every = warned.with_row_index("fact").explode("warnings").unnest("warnings")
    counted = every.group_by("load", "code", maintain_order=True).agg(
        pl.col("fact").n_unique(), pl.col("field", "value").first()
    )
    for load, code, facts, place, value in counted.iter_rows():
        outcome = outcomes[load]
        outcome.warned_for[code] = facts
        outcome.examples[code] = Problem(code, outcome.name, field=place, value=value)
