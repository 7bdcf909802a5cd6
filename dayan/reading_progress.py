"""How a long reading is shown while it lasts, and how a person stops it."""

import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn

from dayan.console import err
from extraction.ingest import Tally
from ledger.words import message

#: Where nobody looks on (a log, a pipe) a plain line is written every so many seconds.
PLAIN_EVERY = 5.0
#: The rate is that of the last so many seconds; the time left is told after so many, and so much done.
RATE_OVER, TELL_AFTER, TELL_FROM = 20.0, 2.0, 0.005


class Pace:
    """Documents a second, and the time that is left."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._past: deque[tuple[float, int]] = deque([(self._began, 0)])

    def told(self, tally: Tally, lang: str) -> str:
        """How far it has come, as a sentence."""
        now = time.monotonic()
        self._past.append((now, tally.documents))
        while len(self._past) > 2 and now - self._past[0][0] > RATE_OVER:
            self._past.popleft()
        then, before = self._past[0]
        rate = (tally.documents - before) / max(now - then, 1e-6)
        spent = now - self._began
        known = spent > TELL_AFTER and TELL_FROM < tally.share < 1
        return message(
            "reading_so_far",
            lang,
            documents=f"{tally.documents:,}",
            failed=f"{tally.failed:,}",
            rate=f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}",
            left=clock(spent * (1 - tally.share) / tally.share) if known else "–",
        )


def clock(seconds: float) -> str:
    """Seconds as 0:05 or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@contextmanager
def reading_progress(lang: str) -> Iterator[Callable[[Tally], None]]:
    """A bar with rate and time left on a terminal, a plain line every few seconds elsewhere."""
    pace = Pace()
    if not err.is_terminal:
        last = time.monotonic()

        def line(tally: Tally) -> None:
            nonlocal last
            if time.monotonic() - last >= PLAIN_EVERY:
                last = time.monotonic()
                text = f"{tally.share:.0%} {pace.told(tally, lang)}"
                err.print(text, markup=False, highlight=False, soft_wrap=True)

        yield line
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=err, transient=False) as bar:
        task = bar.add_task(message("reading_begins", lang), total=1.0)
        yield lambda tally: bar.update(task, completed=tally.share, description=pace.told(tally, lang))


class Stop:
    """`with Stop(lang) as stop`: Ctrl-C or SIGTERM makes `stop()` true; Ctrl-C again ends at once.

    `code` is then the exit code that tells which signal it was.
    """

    _SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self, lang: str) -> None:
        self._lang = lang
        self._before: dict[int, Any] = {}
        self._told = False
        self.code = 0

    def __enter__(self) -> "Stop":
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._asked) for number in self._SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def __call__(self) -> bool:
        """Whether somebody asked for the end; the first time it is so, they are told that it was heard."""
        if self.code and not self._told:
            self._told = True
            err.print(message("reading_stops", self._lang))
        return self.code != 0

    def _asked(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self.code:
            raise KeyboardInterrupt
        self.code = 128 + number  # not told here: the signal may come in the middle of an import
