"""A worker of a bulk load: a process of its own with one engine, started by `extraction.bulk_pool`.

It ends when its standard input does: however the process that started it dies, it does not stay.
"""

import ctypes
import mmap
import os
import queue
import signal
import struct
import sys
import threading
import time
from contextlib import suppress
from typing import Any, BinaryIO, cast

import psutil

from extraction.bulk_engine import Engine, Pack, Setup, join
from extraction.bulk_wire import IDLE, TOGETHER, Chunk, Fatal, Packed, Ready, receive, send
from extraction.seldom import seldom_collected
from ledger.errors import DayanError

#: So many rows are worked out together at most; the rest of a chunk comes after.
ROWS = 120_000
#: Chunks that may wait for the engine while it works, and seconds for one: the rest of it goes back.
WAITING, SECONDS = 2, 3.0
_PR_SET_PDEATHSIG = 1


class Mark:
    """What a worker is doing just now, where the process that started it can look even when it is dead."""

    SIZE = 8

    def __init__(self, file: int) -> None:
        """`file`: an open file of `SIZE` bytes, which both processes hold and no folder names."""
        self._bytes = mmap.mmap(file, self.SIZE)

    def set(self, number: int) -> None:
        """From now on, the document `number`, or IDLE or TOGETHER."""
        struct.pack_into("<q", self._bytes, 0, number)

    def get(self) -> int:
        """What was set last."""
        return int(struct.unpack_from("<q", self._bytes, 0)[0])

    def close(self) -> None:
        """Let go of the file."""
        self._bytes.close()


def main(mark: int) -> None:
    """Read documents until no more come."""
    _die_with_parent()
    source, out = _streams()
    setup = cast(Setup, receive(source))
    chunks: queue.Queue[Chunk] = queue.Queue(WAITING)
    threading.Thread(target=_listen, args=(source, chunks), daemon=True).start()
    engine, doing = Engine(setup), Mark(mark)
    doing.set(IDLE)
    send(out, Ready())
    me = psutil.Process()
    while True:
        chunk = chunks.get()
        began = time.monotonic()
        try:
            with seldom_collected():
                pack = _work(engine, chunk, doing, out)
        except DayanError as error:
            send(out, Fatal(error))
            return
        doing.set(IDLE)
        took, resident = time.monotonic() - began, int(me.memory_info().rss)
        send(out, Packed.of(pack, whole=True, seconds=took, resident=resident))


def _work(engine: Engine, chunk: Chunk, doing: Mark, out: BinaryIO) -> Pack:
    """The documents of a chunk, as far as its time allows; what is large is sent on the way."""
    pack, began = Pack(), time.monotonic()
    while chunk and time.monotonic() - began < SECONDS:
        task = chunk.pop(0)  # and so its bytes may go as soon as they are read
        doing.set(task.number)
        outcome = engine.take(task)
        del task
        if outcome:
            pack.ended.append(outcome)
        if engine.rows >= ROWS and chunk:
            doing.set(TOGETHER)
            send(out, Packed.of(engine.flush(), whole=False))
    doing.set(TOGETHER)
    return join([pack, engine.flush()])


def _listen(source: BinaryIO, chunks: "queue.Queue[Chunk]") -> None:
    with suppress(Exception):
        while True:
            chunks.put(cast(Chunk, receive(source)))
    os._exit(0)


def _streams() -> tuple[BinaryIO, BinaryIO]:
    """The streams for messages; whatever else prints or asks finds nobody there."""
    source, out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return source, out


def _die_with_parent() -> None:
    """Ctrl-C is the business of whoever started us. On Linux the system ends us when that one dies, even
    while an engine does not let the thread run that listens."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            libc: Any = ctypes.CDLL(None)
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]))
