"""From paths to committed facts: every document found, read, counted and written in batches.

Reading never stops for one bad file; what failed is told at the end. A document that the ledger
already holds, read by the same or a newer reader, is skipped whole: that saves time only, for
duplicates are settled when reading (`ledger.ledger`), not here. The exception is a ledger that did not
say whose books it holds: told so (`owner`), it is read again and its first reading withdrawn.

One process reads here, several in `extraction.bulk_pool`; either way this process alone commits, in
large batches, so that the tables stay few files. What is told as read is committed: a run that is
stopped or killed is ended by the same call again, which skips what it finds.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from math import inf
from pathlib import Path

from extraction.bulk_engine import Engine, Setup, Task
from extraction.bulk_intake import Intake, Tally
from extraction.bulk_pool import Pool
from extraction.credit_codes import tax_number
from extraction.dates import beijing_today
from extraction.outcome import Outcome, Summary
from extraction.readers import READERS
from extraction.rows import Reader
from extraction.seldom import seldom_collected
from extraction.source import Limits, Source, Walk, Walked
from ledger.errors import InputError
from ledger.ledger import Ledger

__all__ = ["Outcome", "Summary", "Tally", "ingest", "owner_code", "reread"]

#: One process works out together what it has read, and commits it, at so many rows, bytes or documents.
BATCH_ROWS, BATCH_BYTES, BATCH_DOCUMENTS = 120_000, 128 << 20, 1_000
#: Work (`Walked.total`) that is shared out at once, and seconds of it that are worth starting processes.
MUCH, WORTH_WAITING = 40 << 20, 3.0


def ingest(
    paths: Iterable[Path],
    ledger: Ledger,
    limits: Limits | None = None,
    progress: Callable[[Outcome], None] = lambda _: None,
    readers: Sequence[Reader] = READERS,
    *,
    owner: str | None = None,
    today: date | None = None,
    processes: int = 1,
    isolated: bool = False,
    lead: float = 0.0,
    stop: Callable[[], bool] = lambda: False,
    watch: Callable[[Tally], None] = lambda _: None,
) -> Summary:
    """Read every document behind `paths` into `ledger`; `progress` hears of each when it is committed,
    known or failed, and `watch` several times a second how far the run has come.

    `owner` is the tax number of whose books those ledgers are that do not say it themselves. `today` is
    the day of loading (by default the day it is in Beijing): invoices dated later are rejected. With more
    than one of `processes`, or `isolated`, documents are read in processes of their own, and one that
    kills or hangs its reader fails alone. To start them takes a second or two: this process reads for
    `lead` seconds, unless it knows beforehand that there is much, and starts them where that was not
    nearly all. `stop` is asked all the time: told True, what was read is
    committed and the summary says that it `stopped`. The facts do not depend on `processes`.

    Raises InputError when `owner` is no tax number.
    """
    setup = _setup(ledger, readers, owner_code(owner), today, limits or Limits())
    walk = Walk(paths, setup.limits, without=ledger.folder, unchecked=True)
    run = _Run(setup, progress, watch, stop, processes, isolated, lead)
    with seldom_collected():
        return run.take_in(iter(walk), walk.walked)


def reread(
    ledger: Ledger,
    progress: Callable[[Outcome], None] = lambda _: None,
    readers: Sequence[Reader] = READERS,
    *,
    processes: int = 1,
    isolated: bool = False,
    lead: float = 0.0,
    stop: Callable[[], bool] = lambda: False,
    watch: Callable[[Tally], None] = lambda _: None,
) -> Summary:
    """Read the kept originals anew where a reader has become better since; the newest reading counts."""
    kept = ledger.documents().select("name", "sha256", "bytes")
    walked = Walked()
    walked.expect(kept["bytes"])

    def found() -> Iterator[Source]:
        for name, sha256, size in kept.iter_rows():
            walked.found += 1
            yield Source(name, ledger.originals.read(sha256))
            walked.leave(size)

    setup = _setup(ledger, readers, None, None, Limits())
    with seldom_collected():
        return _Run(setup, progress, watch, stop, processes, isolated, lead).take_in(found(), walked)


def owner_code(owner: str | None) -> str | None:
    """`owner` as it is kept. InputError when it is no tax number, or one that identifies nobody."""
    if owner is None:
        return None
    code = "".join(owner.split()).upper()
    number = tax_number(code)
    if not number.scheme or number.suspicious:
        raise InputError("owner_invalid", value=owner)
    return code


def _setup(
    ledger: Ledger, readers: Sequence[Reader], owner: str | None, today: date | None, limits: Limits
) -> Setup:
    return Setup(ledger, readers, owner, today or beijing_today(), limits)


@dataclass
class _Run:
    """One run: how documents are read, and who hears of it."""

    setup: Setup
    progress: Callable[[Outcome], None]
    watch: Callable[[Tally], None]
    stop: Callable[[], bool]
    processes: int
    isolated: bool
    lead: float

    def take_in(self, found: Iterator[Source | InputError], walked: Walked) -> Summary:
        with Intake(self.setup, self.progress, self.watch, walked) as intake:
            tasks = intake.tasks(found)
            pool = Pool(self.setup, max(1, self.processes)) if self.processes > 1 or self.isolated else None
            finished = True
            if not pool or (self.lead and walked.total < MUCH):
                finished = self._alone(intake, tasks, walked, self.lead if pool else inf)
            if pool and finished and (first := next(tasks, None)):
                with pool:
                    finished = pool.run(chain([first], tasks), intake.receive, self.stop, intake.tick)
            intake.commit()
            return intake.summary(stopped=not finished)

    def _alone(self, intake: Intake, tasks: Iterator[Task], walked: Walked, lead: float) -> bool:
        """Read in this process, until much is left after `lead` seconds. False when told to stop."""
        engine, began, go_on = Engine(self.setup), time.monotonic(), True
        for task in tasks:
            if self.stop():
                go_on = False
                break
            if outcome := engine.take(task):
                intake.settle(outcome)
            if _is_full(engine) or intake.is_due():
                intake.receive(engine.flush())
                intake.commit()
            intake.tick()
            spent = time.monotonic() - began
            if spent > lead and walked.seconds_left(spent) > WORTH_WAITING:
                break
        intake.receive(engine.flush())
        return go_on


def _is_full(engine: Engine) -> bool:
    return engine.rows >= BATCH_ROWS or engine.bytes >= BATCH_BYTES or engine.documents >= BATCH_DOCUMENTS
