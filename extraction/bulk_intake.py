"""The intake of a run: numbers documents, knows their copies, commits what was read, tells of each.

Committing has a thread of its own, so that those who read need not wait for the disk.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType

import polars as pl

from extraction.bulk_engine import Pack, Setup, Task, join, known
from extraction.held import FACT_TABLES, Held, HeldDocument
from extraction.outcome import Outcome, Summary, failed, same_bytes
from extraction.source import Source, Walked
from ledger.errors import InputError

#: A batch is committed at so many documents or rows of facts.
DOCUMENTS, ROWS = 2_000, 400_000
#: And when it has waited for this share of the time that the run has taken, within these bounds of seconds:
#: whoever is cut off early loses little, and a long run does not leave thousands of small files.
SHARE, SOONEST, LATEST = 0.25, 2.0, 20.0
#: Seconds between two tallies.
EVERY = 0.2


@dataclass(frozen=True)
class Tally:
    """How far a run has come: documents that ended, how many of them failed, and which share of all work
    is done, from 0 to 1, as far as one can tell before every archive has been opened."""

    documents: int
    failed: int
    share: float


class Intake:
    """What a run takes in. `with Intake(…) as intake`: for `tasks` somebody makes packs to `receive`."""

    def __init__(
        self,
        setup: Setup,
        progress: Callable[[Outcome], None],
        watch: Callable[[Tally], None],
        walked: Walked,
    ) -> None:
        self._ledger, self._progress, self._watch, self._walked = setup.ledger, progress, watch, walked
        self._setup, self._held = setup, Held(setup.ledger)
        setup.corrections = self._held.corrections
        self._outcomes: list[Outcome] = []
        self._failed = 0
        #: SHA-256 → the outcome of those bytes in this run; None while they are on their way.
        self._met: dict[str, Outcome | None] = {}
        self._copies: dict[str, list[tuple[str, int]]] = {}
        self._packs: list[Pack] = []
        self._documents = self._rows = 0
        self._began = self._since = self._told = time.monotonic()
        self._committer = ThreadPoolExecutor(1, "commit")
        self._committing: Future[Pack] | None = None

    def __enter__(self) -> "Intake":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._committer.shutdown()

    def tasks(self, found: Iterator[Source | InputError]) -> Iterator[Task]:
        """What is to be read: every document once, whatever names its bytes have."""
        for number, source in enumerate(found):
            if isinstance(source, InputError):
                self.settle(failed(str(source.params.get("file", "")), source, number))
                continue
            sha256 = source.sha256
            if sha256 not in self._met:
                self._met[sha256] = None
                before = self._held.documents.get(sha256)
                if before and (outcome := self._known_already(source, before, number)):
                    self.settle(outcome)
                else:
                    yield Task(number, source, before)
            elif (met := self._met[sha256]) is not None:
                self.settle(same_bytes(met, source.name, number))
            else:
                self._copies.setdefault(sha256, []).append((source.name, number))

    def _known_already(self, source: Source, before: HeldDocument, number: int) -> Outcome | None:
        """The outcome of a document that need not be opened: the reader that read it says no more today."""
        reader = self._setup.reader_of(before)
        if reader is None or not self._setup.says_no_more(reader, before):
            return None
        outcome = Outcome(source.name, "known", reader.name, source.sha256, number=number)
        return known(outcome, before)

    def receive(self, pack: Pack) -> None:
        """What became of documents; what was read is committed when there is enough of it."""
        for outcome in pack.ended:
            self.settle(outcome)
        if pack.read:
            if not self._packs:
                self._since = time.monotonic()
            self._packs.append(pack)
            self._documents += len(pack.read)
            self._rows += pack.rows
        if self._documents >= DOCUMENTS or self._rows >= ROWS or self.is_due():
            self._begin_commit()

    def is_due(self) -> bool:
        """Whether what waits, has waited long enough."""
        now = time.monotonic()
        patience = min(max(SHARE * (now - self._began), SOONEST), LATEST)
        return now - self._since > patience

    def commit(self) -> None:
        """Commit everything that was received, and wait until it is."""
        self._begin_commit()
        self._end_commit()

    def settle(self, outcome: Outcome) -> None:
        """A document has ended: tell of it and of the copies that waited for it."""
        self._outcomes.append(outcome)
        self._failed += outcome.state == "failed"
        if self._met.get(outcome.sha256, outcome) is None:
            self._met[outcome.sha256] = outcome
        self._progress(outcome)
        for name, number in self._copies.pop(outcome.sha256, ()):
            self.settle(same_bytes(outcome, name, number))

    def tick(self) -> None:
        """Something happened, or nothing for a while: time to look and to tell."""
        if self._committing and self._committing.done():
            self._end_commit()
        if (now := time.monotonic()) - self._told > EVERY:
            self._told = now
            self._watch(self._tally())

    def summary(self, *, stopped: bool) -> Summary:
        """All outcomes in the order in which the documents were found."""
        self._watch(self._tally())
        return Summary(sorted(self._outcomes, key=lambda outcome: outcome.number), stopped)

    def _tally(self) -> Tally:
        ended, walked = len(self._outcomes), self._walked
        share = walked.passed / walked.total if walked.total else 1.0
        return Tally(ended, self._failed, share * ended / walked.found if walked.found else 0.0)

    def _begin_commit(self) -> None:
        self._since = time.monotonic()
        if not self._packs:
            return
        packs, self._packs = self._packs, []
        self._documents = self._rows = 0
        self._end_commit()  # one at a time: while it lasts, whoever brings more waits here
        self._committing = self._committer.submit(self._commit, packs)

    def _commit(self, packs: list[Pack]) -> Pack:
        whole = join(packs)
        counts = _new_facts(self._held, whole)
        for outcome, new in zip(whole.read, counts, strict=True):
            outcome.new = new
        self._ledger.commit(whole.loads, whole.tables)
        return whole

    def _end_commit(self) -> None:
        if self._committing:
            committed, self._committing = self._committing, None
            for outcome in committed.result().read:
                self.settle(outcome)


def _new_facts(held: Held, pack: Pack) -> list[int]:
    """How many facts each document brings that neither the ledger nor an earlier one holds."""
    parts = [pack.tables[t].select("fact", "load") for t in FACT_TABLES if t in pack.tables]
    if not parts:
        return [0] * len(pack.loads)
    mine = pl.concat(parts).unique("fact", keep="first", maintain_order=True)
    counted = dict(held.add(mine).group_by("load").len().iter_rows())
    return [counted.get(load, 0) for load in range(len(pack.loads))]
