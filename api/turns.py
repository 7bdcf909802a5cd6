"""Who computes next: a few requests at a time, the one that is due first.

Requests that compute share one interpreter. All at once, each takes as long as all of them together; in turn,
the short ones are soon done and the long ones hardly later. What waits longest comes up in the end, whatever
its kind, for its due time does not move.
"""

import heapq
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from threading import Event, Lock
from time import monotonic as clock
from typing import Literal

Kind = Literal["features", "decision", "forecast", "match"]

#: Requests that compute at once: the second fills the time in which the first waits for the disk.
AT_ONCE = 2
#: Seconds after which an answer of a kind is due. Not a promise: an order.
DUE_S: dict[Kind, float] = {"features": 0.1, "decision": 0.25, "forecast": 0.5, "match": 2.0}


class Turns:
    """A gate that lets `at_once` through at a time, by the due time of each."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._free = at_once
        self._waiting: list[tuple[float, int, Event]] = []
        self._number = count()
        self._lock = Lock()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @contextmanager
    def turn(self, due_in: float) -> Iterator[None]:
        """Waits for a turn and holds it. A thread that holds one must not ask for another."""
        called = Event()
        with self._lock:
            if self._free:
                self._free -= 1
                called.set()
            else:
                heapq.heappush(self._waiting, (clock() + due_in, next(self._number), called))
        called.wait()
        try:
            yield
        finally:
            with self._lock:
                if self._waiting:  # the turn goes on to the next without being free between
                    heapq.heappop(self._waiting)[2].set()
                else:
                    self._free += 1
