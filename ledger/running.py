"""Loads on their way: which readings a living process is writing just now.

A load takes a lock of its own, then puts down a record of its readings, and only then writes facts.
The operating system frees the lock of a process that dies, however it dies; so a record whose lock
is free belongs to nobody, and a reading that stands in a table is alive, committed, or dead for good.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout


class Running:
    """The records of one data folder. Each load has its own lock, so nobody ever waits for one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def load(self, readings: Mapping[int, str]) -> Iterator[None]:
        """While entered, these readings (each with its document's SHA-256) are on their way."""
        self.folder.mkdir(parents=True, exist_ok=True)
        record = self.folder / f"{secrets.token_hex(8)}.readings"
        with FileLock(record.with_suffix(".lock")):
            partial = record.with_suffix(".part")
            partial.write_text("".join(f"{reading} {sha256}\n" for reading, sha256 in readings.items()))
            partial.replace(record)
            try:
                yield
            finally:
                _remove(record)
        _remove(record.with_suffix(".lock"))

    def now(self) -> dict[int, str]:
        """The readings that are on their way, with their documents; records of dead loads are removed.

        Who wants to know what is dead reads the tables before this and the documents after it: a load
        that ends in between is then found among the documents.
        """
        alive: dict[int, str] = {}
        for record in self.folder.glob("*.readings"):
            try:
                with FileLock(record.with_suffix(".lock")).acquire(timeout=0):
                    _remove(record)
                _remove(record.with_suffix(".lock"))
            except Timeout:
                with suppress(FileNotFoundError):  # it has ended meanwhile
                    alive |= _read(record)
        return alive


def _read(record: Path) -> dict[int, str]:
    parts = (line.partition(" ") for line in record.read_text().splitlines())
    return {int(reading): sha256 for reading, _, sha256 in parts}


def _remove(path: Path) -> None:
    # Windows refuses while somebody looks at the file; it is then removed by the next who asks.
    with suppress(PermissionError):
        path.unlink(missing_ok=True)
