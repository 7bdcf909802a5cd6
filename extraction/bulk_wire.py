"""What the processes of a bulk load say to each other: pickled messages over the standard streams.

Both ends are the same program on the same machine, started by one another. Frames travel as Arrow IPC.
"""

import pickle
from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO

import polars as pl

from extraction.bulk_engine import Pack, Task
from extraction.outcome import Outcome
from ledger.errors import DayanError
from ledger.ledger import Load

#: What the mark says where it is no document's number: nothing to do; working out a whole chunk.
IDLE, TOGETHER = -1, -2


@dataclass
class Ready:
    """The engine stands: documents may come."""


@dataclass
class Fatal:
    """Something that no document is to blame for and that ends the run, such as a full disk."""

    error: DayanError


@dataclass
class Packed:
    """A pack on its way. `whole`: that was the chunk, whatever is left of it. `seconds` and `resident`
    (bytes) are what the chunk took and what the worker holds after it."""

    ended: list[Outcome]
    read: list[Outcome]
    loads: list[Load]
    whole: bool
    seconds: float = 0.0
    resident: int = 0
    tables: dict[str, bytes] = field(default_factory=dict)

    @staticmethod
    def of(pack: Pack, *, whole: bool, seconds: float = 0.0, resident: int = 0) -> "Packed":
        """`pack` ready to be sent."""
        tables = {name: _bytes_of(table) for name, table in pack.tables.items()}
        return Packed(pack.ended, pack.read, pack.loads, whole, seconds, resident, tables)

    def pack(self) -> Pack:
        """The pack that was sent."""
        tables = {name: pl.read_ipc_stream(BytesIO(data)) for name, data in self.tables.items()}
        return Pack(self.ended, self.read, self.loads, tables)


#: A chunk of documents for a worker, and what a worker answers.
Chunk = list[Task]
Answer = Ready | Fatal | Packed


def send(stream: BinaryIO, message: object) -> None:
    """Write one message. OSError where nobody reads any more."""
    pickle.dump(message, stream, protocol=5)
    stream.flush()


def receive(stream: BinaryIO) -> object:
    """The next message. EOFError (or what a torn message raises) where there is none."""
    return pickle.load(stream)  # noqa: S301 - see above


def _bytes_of(table: pl.DataFrame) -> bytes:
    out = BytesIO()
    table.write_ipc_stream(out, compression="uncompressed")
    return out.getvalue()
