"""The audit record of reads: one thread enters them in small groups, before the answer leaves.

An answer waits until its entry is committed. Groups are committed without waiting for the disk, so a
process that dies loses no entry of an answer that left; the disk is waited for every `SYNC_S` seconds,
so a machine that loses power loses at most so much. Where an entry cannot be made, nothing is read.
"""

import os
import sqlite3
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread

from ledger import audit
from ledger.audit import Deed
from ledger.errors import Busy, Conflict
from ledger.state import State

#: Most groups of entries in one transaction.
GROUP = 256
#: Seconds between two waits for the disk, while there is something to wait for.
SYNC_S = 0.25


@dataclass
class _Wanted:
    deeds: list[Deed]
    done: "Future[None]" = field(default_factory=Future)


class Recorder:
    """Enters deeds into the audit chain of one data folder. Thread-safe; starts when first asked."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._queue: SimpleQueue[_Wanted | None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._unsynced, self._closing = Event(), Event()

    def enter(self, deeds: list[Deed]) -> "Future[None]":
        """Done when the deeds are in the chain. It raises Busy or Conflict where they cannot be."""
        wanted = _Wanted(deeds)
        with self._lock:
            if not self._threads:
                self._closing.clear()
                for work in (self._record, self._keep_syncing):
                    self._threads.append(Thread(target=work, name="recorder", daemon=True))
                    self._threads[-1].start()
            self._queue.put(wanted)
        return wanted.done

    def close(self) -> None:
        """Enter what waits, wait for the disk, and end."""
        with self._lock:
            threads, self._threads = self._threads, []
        if threads:
            self._queue.put(None)
            threads[0].join()
            self._closing.set()
            self._unsynced.set()
            threads[1].join()
            self._sync()

    def _record(self) -> None:
        going = True
        while going:
            group = self._next()
            going = None not in group
            self._commit([one for one in group if one is not None])
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _next(self) -> list[_Wanted | None]:
        """What waits; waits for something."""
        group = [self._queue.get()]
        with suppress(Empty):
            while len(group) < GROUP:
                group.append(self._queue.get_nowait())
        return group

    def _commit(self, group: list[_Wanted]) -> None:
        # Whoever gave up waiting (the caller hung up) is entered too, and not told.
        waiting = [wanted.done for wanted in group if wanted.done.set_running_or_notify_cancel()]
        try:
            if group:
                self._enter([deed for wanted in group for deed in wanted.deeds])
        except Exception as error:  # noqa: BLE001 - each who waits hears it; the thread goes on
            for done in waiting:
                done.set_exception(error)
            return
        self._unsynced.set()
        for done in waiting:
            done.set_result(None)

    def _keep_syncing(self) -> None:
        """Wait for the disk again and again, beside the entering, while there is something to wait for."""
        while not self._closing.is_set():
            self._unsynced.wait()
            self._closing.wait(SYNC_S)
            self._unsynced.clear()
            self._sync()

    def _enter(self, deeds: list[Deed]) -> None:
        try:
            if self._connection is None:
                self._connection = self.state.kept("NORMAL")
            connection = self._connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                audit.append_all(connection, deeds)
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            if "locked" in str(error) or "busy" in str(error):
                raise Busy("state_busy") from error
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            raise Conflict("state_unreadable", file=self.state.path.name, detail=str(error)) from error

    def _sync(self) -> None:
        """Wait until the journal is on the disk. SQLite holds no lock on that file for closing to break."""
        journal = self.state.path.with_name(self.state.path.name + "-wal")
        with suppress(OSError):
            handle = os.open(journal, os.O_RDWR)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
