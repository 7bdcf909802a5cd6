"""Time, CPU, load and peak memory of what runs inside a `with` block, child processes included."""

import os
import time
from threading import Event, Thread
from types import TracebackType

import psutil

GB = 1e9


class Measure:
    """`with Measure() as m: …`, then `m.seconds`, `m.cpu_seconds`, `m.peak_gb`, `m.load`.

    Memory is the resident size of this process and all its descendants, summed, looked at every
    `every` seconds; pages that two of them share count twice. CPU time of a child that lives
    less than that may be missed. `load` is the one-minute load average at the start: what else
    the machine was doing.
    """

    def __init__(self, every: float = 0.02) -> None:
        self.seconds = self.cpu_seconds = self.peak_gb = self.load = 0.0
        self._every, self._stop = every, Event()
        self._me = psutil.Process()
        self._cpu: dict[tuple[int, float], float] = {}
        self._before: dict[tuple[int, float], float] = {}

    def __enter__(self) -> "Measure":
        self.load = os.getloadavg()[0]
        self._sample()
        self._before = dict(self._cpu)
        self._watch = Thread(target=self._run, daemon=True)
        self._watch.start()
        self._start = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds = time.perf_counter() - self._start
        self._stop.set()
        self._watch.join()
        self._sample()
        self.cpu_seconds = sum(spent - self._before.get(key, 0.0) for key, spent in self._cpu.items())

    def figures(self) -> dict[str, float]:
        """The four numbers, rounded, under the names the benches print."""
        return {
            "seconds": round(self.seconds, 3),
            "cpu_seconds": round(self.cpu_seconds, 3),
            "peak_gb": round(self.peak_gb, 3),
            "load": round(self.load, 2),
        }

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            self._sample()

    def _sample(self) -> None:
        total = 0
        for process in (self._me, *self._me.children(recursive=True)):
            try:
                with process.oneshot():
                    total += process.memory_info().rss
                    times = process.cpu_times()
                    self._cpu[process.pid, process.create_time()] = times.user + times.system
            except psutil.NoSuchProcess:
                continue  # it ended while we looked
        self.peak_gb = max(self.peak_gb, total / GB)
