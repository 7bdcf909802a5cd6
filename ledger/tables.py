"""Append-only tables in Delta format: one folder a table, created on first use.

Appending is safe from several processes at once: Delta's log decides who comes first and the other
retries. Only creation needs a lock, for two creators would both write version 0.
"""

from pathlib import Path

import polars as pl
from deltalake import DeltaTable, write_deltalake
from filelock import FileLock

from ledger.records import TABLES, conform, empty


class Tables:
    """The tables of one ledger folder. Knows nothing of commits: see `ledger.ledger`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def append(self, table: str, frame: pl.DataFrame) -> None:
        """Add rows; columns are made to fit (`ledger.records.conform`)."""
        if frame.is_empty():
            return
        self._create(table)
        write_deltalake(str(self.folder / table), conform(table, frame), mode="append")

    def scan(self, table: str) -> pl.LazyFrame:
        """Every row ever appended, committed or not; columns of an older folder come as null."""
        if not self._exists(table):
            return empty(table).lazy()
        frame = pl.scan_delta(str(self.folder / table))
        present = set(frame.collect_schema().names())
        return frame.select(
            (pl.col(name) if name in present else pl.lit(None)).cast(dtype).alias(name)
            for name, dtype in TABLES[table].items()
        )

    def rewrite(self, table: str, keep: pl.Expr) -> int:
        """Keep only rows for which `keep` holds, in few large files; returns how many went."""
        if not self._exists(table):
            return 0
        path = str(self.folder / table)
        frame = self.scan(table).collect()
        kept = frame.filter(keep)
        write_deltalake(path, kept, mode="overwrite")
        DeltaTable(path).vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
        return frame.height - kept.height

    def unknown_columns(self) -> dict[str, list[str]]:
        """Columns that this version does not know: the folder was written by a newer one."""
        unknown = {}
        for table, schema in TABLES.items():
            if self._exists(table):
                there = pl.scan_delta(str(self.folder / table)).collect_schema().names()
                if extra := sorted(set(there) - set(schema)):
                    unknown[table] = extra
        return unknown

    def _exists(self, table: str) -> bool:
        log = self.folder / table / "_delta_log"
        return log.is_dir() and any(log.iterdir())

    def _create(self, table: str) -> None:
        if self._exists(table):
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / f".{table}.lock"):
            if not self._exists(table):
                write_deltalake(str(self.folder / table), empty(table), mode="error")
