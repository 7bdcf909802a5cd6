"""Documents read by several processes: handed out in chunks, and no document takes more than itself down.

A worker that dies, or is ended because a document keeps it too long or takes too much memory, costs that
document; the others of its chunk are read anew. A document whose worker died is tried once more, alone:
it may have been another's memory, or somebody's hand.
"""

import os
import pickle
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, cast

import psutil

from extraction.bulk_engine import Pack, Setup, Task
from extraction.bulk_wire import IDLE, Chunk, Fatal, Packed, Ready, receive, send
from extraction.bulk_worker import WAITING, Mark
from extraction.outcome import Outcome, failed
from ledger.errors import Conflict, DayanError, FileUnreadable

#: A chunk holds at most so many documents and bytes, and about so many seconds of work.
CHUNK_DOCUMENTS, CHUNK_BYTES, CHUNK_SECONDS = 1_000, 4 << 20, 1.0
#: Documents from this size on are read one at a time.
BIG = 32 << 20
#: Seconds between two looks at what the workers do, and those a run waits for chunks when it is stopped.
LOOK, GRACE = 0.5, 5.0
#: Seconds in which a worker must stand, and how many may not until the run gives up.
START, STILLBORN = 120.0, 3
#: One thread each: there is a process for every core.
_ONE_THREAD = ("OMP_NUM_THREADS", "POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Bounds:
    """What a document and a worker may take. A worker that holds more than `recycle` bytes after a chunk
    is replaced by a fresh one; `memory` bytes end it at once, and fail its document. A document may take
    `seconds`, and one more for every `bytes_a_second`."""

    seconds: float = 60.0
    bytes_a_second: int = 100_000
    recycle: int = 1 << 30
    memory: int = 0

    def patience(self, task: Task | None) -> float:
        """Seconds that a document, or working out a chunk, may take."""
        return self.seconds + (task.size if task else CHUNK_BYTES) / self.bytes_a_second

    def most_memory(self, processes: int) -> int:
        """`memory`, by default a process's part of half of what the machine has, and 1 GiB at least."""
        return self.memory or max(1 << 30, int(psutil.virtual_memory().total) // 2 // max(1, processes))


class _Worker:
    """One process: the chunks it was given, what it is at, and since when."""

    def __init__(self, setup: bytes, answers: "queue.Queue[tuple[_Worker, object]]") -> None:
        self.said = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the worker
        with tempfile.TemporaryFile() as mark:
            mark.write(bytes(Mark.SIZE))
            mark.flush()
            self.mark = Mark(mark.fileno())
            self.mark.set(IDLE)
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "extraction.bulk_worker", str(mark.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.said,
                env=_environment(),
                pass_fds=(mark.fileno(),),
                start_new_session=True,
            )
        self.ready = self.retiring = False
        self.chunks: deque[dict[int, Task]] = deque()
        self.at, self.since = IDLE, time.monotonic()
        self._outbox: queue.Queue[Chunk | None] = queue.Queue()
        for target in (lambda: self._feed(setup), lambda: self._hear(answers)):
            threading.Thread(target=target, daemon=True).start()

    def give(self, chunk: Chunk) -> None:
        """Hand a chunk over; never waits, though the engine may be deaf for a while."""
        self.chunks.append({task.number: task for task in chunk})
        self._outbox.put(chunk)

    def look(self) -> tuple[int, float]:
        """What it is at, and for how many seconds it has been."""
        at = self.mark.get()
        if at != self.at:
            self.at, self.since = at, time.monotonic()
        return at, time.monotonic() - self.since

    def last_words(self) -> str:
        """The last line it wrote on its error stream."""
        self.said.seek(0)
        lines = self.said.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else f"exit code {self.process.poll()}"

    def end(self) -> None:
        """Kill it: whatever it has not told by now is read anew by another."""
        self.process.kill()
        self.process.wait()
        self._outbox.put(None)
        self.mark.close()
        self.said.close()

    def _feed(self, setup: bytes) -> None:
        stream = cast(BinaryIO, self.process.stdin)
        with suppress(OSError, ValueError):  # it died: the other thread says so
            stream.write(setup)
            while (message := self._outbox.get()) is not None:
                send(stream, message)
        with suppress(OSError):
            stream.close()

    def _hear(self, answers: "queue.Queue[tuple[_Worker, object]]") -> None:
        stream = cast(BinaryIO, self.process.stdout)
        with suppress(Exception), stream:  # a torn message is an end like any other
            while True:
                answers.put((self, receive(stream)))
        answers.put((self, None))


@dataclass
class _Work:
    """What is still to be handed out: documents as they come, those that came back, and those that are to
    be tried alone."""

    tasks: Iterator[Task]
    back: deque[Task] = field(default_factory=deque)
    alone: deque[Task] = field(default_factory=deque)
    held: Task | None = None  # a big one that waits for another to end; small ones pass it
    over: bool = False
    pace: float = CHUNK_SECONDS / 16  # seconds a document has taken of late

    def chunk(self, big_allowed: bool) -> Chunk:
        """The next documents; none where there are none, or none that may be read now."""
        if self.alone:
            return [self.alone.popleft()]
        if big_allowed and self.held:
            big, self.held = self.held, None
            return [big]
        chunk: Chunk = []
        size, most = 0, min(CHUNK_DOCUMENTS, max(1, int(CHUNK_SECONDS / self.pace)))
        while len(chunk) < most and size < CHUNK_BYTES:
            task = self.back.popleft() if self.back else next(self.tasks, None)
            if task is None:
                self.over = True
                break
            if task.size >= BIG:
                if big_allowed and not chunk:
                    return [task]
                if self.held:
                    self.back.appendleft(task)
                    break
                self.held = task
                continue
            chunk.append(task)
            size += task.size
        return chunk

    @property
    def done(self) -> bool:
        return self.over and not self.back and not self.alone and not self.held

    def learn(self, seconds: float, documents: int) -> None:
        """Chunks shrink at once where documents turn out slow, and grow step by step."""
        if documents:
            self.pace = max(seconds / documents, self.pace / 4, 1e-4)


class Pool:
    """`with Pool(setup, processes) as pool: pool.run(tasks, receive, stop, tick)`.

    The readers of `setup` travel as they are when the pool is made: before they hold what cannot travel.
    """

    def __init__(self, setup: Setup, processes: int, bounds: Bounds | None = None) -> None:
        self._setup = pickle.dumps(setup, protocol=5)
        self._processes, self._bounds = processes, bounds or Bounds()
        self._answers: queue.Queue[tuple[_Worker, object]] = queue.Queue()
        self._workers: list[_Worker] = []
        self._stillborn = 0
        self._most_memory = self._bounds.most_memory(processes)

    def __enter__(self) -> "Pool":
        for _ in range(self._processes):
            self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.end()

    def run(
        self,
        tasks: Iterator[Task],
        receive: Callable[[Pack], None],
        stop: Callable[[], bool],
        tick: Callable[[], None],
    ) -> bool:
        """Read all `tasks`; `receive` gets what became of them. False when `stop` ended it before.

        Raises Conflict where no worker can be started or the ledger cannot be written to.
        """
        work, looked = _Work(tasks), time.monotonic()
        stopped_at: float | None = None
        while True:
            if stopped_at is None and stop():
                stopped_at = time.monotonic()
            if stopped_at is None:
                self._hand_out(work)
            waiting = any(w.chunks for w in self._workers)
            if not waiting and work.done:
                return True
            if stopped_at is not None and (not waiting or time.monotonic() - stopped_at > GRACE):
                return False
            with suppress(queue.Empty):
                worker, answer = self._answers.get(timeout=0.1)
                self._take(worker, answer, work, receive)
            if time.monotonic() - looked > LOOK:
                looked = time.monotonic()
                self._look(work, receive)
            tick()

    def _start(self) -> None:
        self._workers.append(_Worker(self._setup, self._answers))

    def _hand_out(self, work: _Work) -> None:
        for depth in range(WAITING):  # everybody gets a first chunk before anybody gets a second
            for worker in self._workers:
                if len(worker.chunks) > depth or worker.retiring or work.done:
                    continue
                chunk = work.chunk(big_allowed=not self._big_on_its_way())
                if chunk:
                    worker.give(chunk)

    def _big_on_its_way(self) -> bool:
        tasks = (task for w in self._workers for chunk in w.chunks for task in chunk.values())
        return any(task.size >= BIG for task in tasks)

    def _take(self, worker: _Worker, answer: object, work: _Work, receive: Callable[[Pack], None]) -> None:
        """What a worker says, or (None) that it is no more."""
        if worker not in self._workers:
            return
        if isinstance(answer, Ready):
            worker.ready = True
        elif isinstance(answer, Fatal):
            raise answer.error
        elif isinstance(answer, Packed):
            pack = answer.pack()
            for number in pack.numbers:
                worker.chunks[0].pop(number, None)
            if answer.whole:
                work.back.extend(worker.chunks.popleft().values())  # what it found no time for
                work.learn(answer.seconds, len(pack.numbers))
                worker.retiring |= answer.resident > self._bounds.recycle
            receive(pack)
            if worker.retiring and not worker.chunks:
                self._replace(worker, work)
        else:
            self._lost(worker, work, receive, None)

    def _look(self, work: _Work, receive: Callable[[Pack], None]) -> None:
        """End those that have been at one document for too long, or hold too much."""
        for worker in list(self._workers):
            at, seconds = worker.look()
            task = worker.chunks[0].get(at) if worker.chunks else None
            resident = _resident(worker.process.pid)
            if resident > self._most_memory:
                self._lost(worker, work, receive, "document_too_much_memory", gb=f"{resident / 1e9:.1f}")
            elif not worker.ready and seconds > START:
                self._lost(worker, work, receive, None)
            elif worker.ready and at != IDLE and seconds > self._bounds.patience(task):
                self._lost(worker, work, receive, "document_too_slow", seconds=f"{seconds:.0f}")

    def _lost(
        self,
        worker: _Worker,
        work: _Work,
        receive: Callable[[Pack], None],
        why: str | None,
        **params: str,
    ) -> None:
        """A worker is no more, or is ended here (`why`): who is to blame fails, the rest goes back."""
        at, _ = worker.look()
        chunks = [list(chunk.values()) for chunk in worker.chunks]
        if not worker.ready:
            self._stillborn += 1
            if self._stillborn >= STILLBORN:
                raise Conflict("workers_cannot_start", detail=worker.last_words())
        first = chunks[0] if chunks else []
        guilty = [t for t in first if t.number == at] or (first if at != IDLE and len(first) == 1 else [])
        for task in guilty:
            if why or task.tries:
                receive(Pack(ended=[_blamed(task, why or "document_reader_died", params)]))
            else:
                work.alone.append(Task(task.number, task.source, task.before, task.tries + 1))
        if at != IDLE and not guilty:  # it died over all of them together: each is tried by itself
            work.alone.extend(first)
            first = []
        innocent = [t for chunk in (first, *chunks[1:]) for t in chunk if t not in guilty]
        work.back.extendleft(reversed(innocent))
        self._replace(worker, work)

    def _replace(self, worker: _Worker, work: _Work) -> None:
        worker.end()
        self._workers.remove(worker)
        if not work.done:
            self._start()


def _blamed(task: Task, why: str, params: dict[str, Any]) -> Outcome:
    error: DayanError = FileUnreadable(why, file=task.source.name, **params)
    return failed(task.source.name, error, task.number, task.source.sha256)


def _resident(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _environment() -> dict[str, str]:
    """Ours, with the same modules within reach, and one thread for every pool of threads there may be."""
    paths = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
    return os.environ | dict.fromkeys(_ONE_THREAD, "1") | {"PYTHONPATH": paths}
