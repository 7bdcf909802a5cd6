"""One job in a worker's hands: it tells the queue how far it is and hears whether to go on."""

import logging
from collections.abc import Mapping
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any

from ledger import jobs
from ledger.errors import DayanError
from ledger.jobs import DocumentOutcome, Job
from ledger.state import State

log = logging.getLogger("dayan.turn")
#: Seconds between two signs of life; also how soon a stop is heard and outcomes are seen.
BEAT_S = 1.0


class Interrupted(Exception):
    """The job is to end before it is done: a person stopped it, or the worker goes."""


class Turn:
    """While entered, a thread of its own speaks for the job, however busy the work is."""

    def __init__(self, state: State, job: Job, leaving: Event, beat_s: float = BEAT_S) -> None:
        self.state, self.job, self._leaving = state, job, leaving
        self._beat_s = beat_s
        self._asked = Event()  # a person stopped it, or another worker has it
        self._over = Event()
        self._lock = Lock()
        self._outcomes: list[DocumentOutcome] = []
        self._progress: tuple[str | None, int, int | None] = (None, 0, None)
        self._pulse = Thread(target=self._live, name="pulse", daemon=True)

    def __enter__(self) -> "Turn":
        self._pulse.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._pulse.join()
        self._speak()

    def say(self, step: str, done: int = 0, total: int | None = None) -> None:
        """Note how far the work is; told at the next beat."""
        self._progress = (step, done, total)

    def note(self, outcome: DocumentOutcome) -> None:
        """Keep what became of a document; written at the next beat, many at once."""
        with self._lock:
            self._outcomes.append(outcome)

    def stopping(self) -> bool:
        """Whether the work is to end before it is done."""
        return self._asked.is_set() or self._leaving.is_set()

    def go_on(self) -> None:
        """Raises Interrupted when `stopping`."""
        if self.stopping():
            raise Interrupted

    def pause(self, seconds: float) -> None:
        """Wait a little; raises Interrupted when the work is to end."""
        self._asked.wait(seconds)
        self.go_on()

    def end(
        self, how: str, result: Mapping[str, Any] | None = None, error: Mapping[str, Any] | None = None
    ) -> None:
        """End the job, with every outcome and how far it came written before."""
        self.flush()
        jobs.beat(self.state, self.job, *self._progress)
        jobs.end(self.state, self.job, how, result, error)

    def leave(self, result: Mapping[str, Any] | None = None) -> None:
        """Let go of an interrupted job: back to the queue where only the worker goes, else stopped."""
        if self._asked.is_set():
            self.end("stopped", result)
        else:
            self.flush()
            jobs.release(self.state, self.job)

    def _live(self) -> None:
        while not self._over.wait(self._beat_s):
            try:
                self._speak()
            except Exception:  # whatever it is: a job that falls silent is taken for dead and begun anew
                log.exception("a beat of job %s failed", self.job.id)

    def _speak(self) -> None:
        try:
            self.flush()
            if not jobs.beat(self.state, self.job, *self._progress):
                self._asked.set()
        except DayanError:
            pass  # the store is busy: the next beat comes soon, and silence is allowed for longer

    def flush(self) -> None:
        """Write the outcomes noted since the last beat."""
        with self._lock:
            jobs.enter(self.state, self.job, self._outcomes)
            self._outcomes = []
