"""Append-only tables in Delta format: one folder a table, created on first use.

Appending is safe from several processes at once: Delta's log decides who comes first and the other
tries again. Only creation needs a lock, for two creators would both write version 0. Nothing is ever
overwritten: rows are dropped and files merged by commits that an append in between makes fail or
leaves alone, and files no longer used stay for a week (Delta's own rule), for scans that began before.
"""

from contextlib import nullcontext, suppress
from pathlib import Path

import polars as pl
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError
from filelock import FileLock, Timeout

from ledger.errors import Busy
from ledger.records import TABLES, conform, empty

#: So often is a commit tried that others come before, and so often a drop before it asks for a pause.
ATTEMPTS, UNASKED = 20, 3
#: So many seconds an append waits at most for a drop that asks for a pause.
PATIENCE = 2.0


class Tables:
    """The tables of one ledger folder. Knows nothing of commits: see `ledger.ledger`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._latest: dict[str, int] = {}

    def append(self, table: str, frame: pl.DataFrame) -> None:
        """Add rows; columns are made to fit (`ledger.records.conform`)."""
        if frame.is_empty():
            return
        self._create(table)
        with suppress(Timeout), self._pause(table).acquire(timeout=PATIENCE, poll_interval=0.01):
            pass  # a courtesy: nothing is lost where it is not kept
        rows = conform(table, frame)
        for attempt in range(ATTEMPTS):
            try:
                write_deltalake(str(self.folder / table), rows, mode="append", schema_mode="merge")
                return
            except CommitFailedError:  # rows were dropped or files merged meanwhile; nothing was appended
                if attempt == ATTEMPTS - 1:
                    raise

    def scan(self, table: str) -> pl.LazyFrame:
        """Every row appended until now, committed or not; columns of an older folder come as null."""
        if not self._exists(table):
            return empty(table).lazy()
        frame = pl.scan_delta(self._open(table))  # of this version, even if collected later
        present = set(frame.collect_schema().names())
        return frame.select(
            (pl.col(name) if name in present else pl.lit(None)).cast(dtype).alias(name)
            for name, dtype in TABLES[table].items()
        )

    def version(self, table: str) -> int:
        """The number of the table's latest commit; -1 where there is none.

        Cheap: to open a table takes milliseconds, and every answer over a ledger asks whether it grew. Each
        commit is a file of the log, numbered on from the last.
        """
        log = self.folder / table / "_delta_log"
        at = self._latest.get(table, -1)
        if at < 0 or not (log / f"{at:020}.json").exists():  # the first time, or cleared away since
            at = self._open(table).version() if self._exists(table) else -1
        while at >= 0 and (log / f"{at + 1:020}.json").exists():
            at += 1
        self._latest[table] = at
        return at

    def readings(self, table: str) -> pl.DataFrame:
        """Which readings have rows in the table, and how many: columns `reading` and `len`."""
        return self.scan(table).group_by("reading").len().collect()

    def drop(self, table: str, readings: pl.Series) -> None:
        """Take out all rows of `readings`, to which nobody may be adding. Raises Busy.

        A merge and not a delete: a list of many values in a predicate overflows the stack of the
        engine. Only files that hold such rows are written anew.
        """
        if readings.is_empty():
            return
        for attempt in range(ATTEMPTS):
            with nullcontext() if attempt < UNASKED else self._pause(table):
                merge = self._open(table).merge(
                    readings.to_frame("reading"),
                    "rows.reading = dead.reading",
                    source_alias="dead",
                    target_alias="rows",
                    streamed_exec=False,  # so it passes over files and appends with other readings
                )
                with suppress(CommitFailedError):  # a load appended meanwhile
                    merge.when_matched_delete().execute()
                    return
        raise Busy("ledger_busy", table=table)

    def merge(self, table: str) -> None:
        """Make few large files of many small ones; remove files that nothing has used for a week."""
        if self._exists(table):
            self._open(table).optimize.compact()
            if self._open(table).vacuum(full=True):
                self._open(table).vacuum(full=True, dry_run=False)

    def unknown_columns(self) -> dict[str, list[str]]:
        """Columns that this version does not know: the folder was written by a newer one."""
        unknown = {}
        for table, schema in TABLES.items():
            if self._exists(table):
                there = pl.scan_delta(str(self.folder / table)).collect_schema().names()
                if extra := sorted(set(there) - set(schema)):
                    unknown[table] = extra
        return unknown

    def _pause(self, table: str) -> FileLock:
        return FileLock(self.folder / f".{table}.pause.lock")

    def _open(self, table: str) -> DeltaTable:
        return DeltaTable(str(self.folder / table))

    def _exists(self, table: str) -> bool:
        # Not "is there a log": while another creates the table, that holds a file of no version yet.
        return DeltaTable.is_deltatable(str(self.folder / table))

    def _create(self, table: str) -> None:
        if self._exists(table):
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / f".{table}.lock"):
            if not self._exists(table):
                write_deltalake(str(self.folder / table), empty(table), mode="error")
