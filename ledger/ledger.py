"""The ledger of one data folder: loading facts so that each stands once and none stands half.

The commit protocol. A load writes its facts, then one `documents` row per reading: that row is the
commit across all tables, and facts without it do not exist. Nothing is checked before appending
(two processes that check and append would both append); instead, when reading, the readings of one
document are settled: withdrawn ones are out, then the newest reader version counts, then the
smallest reading number. So two processes that load the same file at once, and a kill at any moment,
leave each fact once.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from filelock import FileLock, Timeout

from ledger.errors import NotFound
from ledger.ids import stable_id
from ledger.originals import Originals
from ledger.records import INSTANT, TABLES
from ledger.tables import Tables

#: Tables whose rows belong to a reading.
FACT_TABLES = tuple(t for t, s in TABLES.items() if "reading" in s and t != "documents")


@dataclass
class Load:
    """One document read and not yet committed: its facts by table, and what is said of it."""

    sha256: str
    name: str
    data: bytes
    format: str
    reader_version: int
    tables: dict[str, pl.DataFrame]
    rows: int
    facts: int
    duplicates: int = 0
    rejected: int = 0
    owner: str | None = None
    synthetic: bool = False
    reading: int = field(default_factory=lambda: secrets.randbits(62))

    def document(self, now: datetime) -> dict[str, Any]:
        """The row of `documents` that commits this load."""
        return {
            "reading": self.reading,
            "event": "read",
            "sha256": self.sha256,
            "name": self.name,
            "format": self.format,
            "reader_version": self.reader_version,
            "bytes": len(self.data),
            "owner": self.owner,
            "rows": self.rows,
            "facts": self.facts,
            "duplicates": self.duplicates,
            "rejected": self.rejected,
            "synthetic": self.synthetic,
            "loaded_at": now,
        }


class Ledger:
    """Facts of one data folder. Cheap to open; holds no connection."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tables = Tables(folder / "ledger")
        self.originals = Originals(folder / "originals")

    # Loading

    def commit(self, loads: Iterable[Load]) -> None:
        """Write a batch of loads: originals, facts, and last their `documents` rows."""
        batch = list(loads)
        if not batch:
            return
        now = datetime.now(UTC)
        with self._loading([load.reading for load in batch]):
            for load in batch:
                self.originals.keep(load.sha256, load.data)
            for table in FACT_TABLES:
                parts = [
                    load.tables[table].with_columns(pl.lit(load.reading, pl.Int64).alias("reading"))
                    for load in batch
                    if table in load.tables and not load.tables[table].is_empty()
                ]
                if parts:
                    self.tables.append(table, _dated(pl.concat(parts, how="diagonal_relaxed"), now))
            self.tables.append(
                "documents", pl.DataFrame([x.document(now) for x in batch], schema=TABLES["documents"])
            )

    def withdraw(self, sha256_prefix: str) -> list[str]:
        """Take a document out of the ledger: its facts no longer exist. Returns the names it had.

        Raises NotFound when no committed document starts with that SHA-256 (or has that name).
        """
        rows = self.documents().filter(
            pl.col("sha256").str.starts_with(sha256_prefix) | (pl.col("name") == sha256_prefix)
        )
        if rows.is_empty():
            raise NotFound("document_not_found", document=sha256_prefix)
        every = self.tables.scan("documents").filter(pl.col("event") == "read").collect()
        gone = every.join(rows.select("sha256"), on="sha256", how="semi")
        self.tables.append(
            "documents",
            gone.with_columns(
                pl.lit("withdrawn").alias("event"), pl.lit(datetime.now(UTC)).alias("loaded_at")
            ),
        )
        return rows["name"].to_list()

    def judge(self, kind: str, subject: str, object_: str, by: str, why: str) -> str:
        """Record a person's judgement; the same one twice is one. Returns its id."""
        judgement = stable_id("judgement", kind, subject, object_, secrets.token_hex(8))
        row = {
            "judgement": judgement,
            "kind": kind,
            "subject": subject,
            "object": object_,
            "by": by,
            "why": why,
            "at": datetime.now(UTC),
        }
        self.tables.append("judgements", pl.DataFrame([row], schema=TABLES["judgements"]))
        return judgement

    # Reading

    def documents(self) -> pl.DataFrame:
        """The readings that count, one row a document, in the order of their SHA-256."""
        rows = self.tables.scan("documents").collect()
        withdrawn = rows.filter(pl.col("event") == "withdrawn").select("reading")
        return (
            rows.filter(pl.col("event") == "read")
            .join(withdrawn, on="reading", how="anti")
            .sort("sha256", "reader_version", "reading", descending=[False, True, False])
            .unique("sha256", keep="first", maintain_order=True)
        )

    def scan(self, table: str) -> pl.LazyFrame:
        """The committed rows of a fact table."""
        readings = self.documents().select("reading")
        return self.tables.scan(table).join(readings.lazy(), on="reading", how="semi")

    def facts(self, table: str, ids: Iterable[str]) -> pl.DataFrame:
        """A point read: the committed rows of the facts named, with their document's SHA-256 and name."""
        wanted = pl.Series("fact", list(ids), pl.String)
        documents = self.documents().select("reading", "sha256", "name", "format")
        found = self.tables.scan(table).filter(pl.col("fact").is_in(wanted.implode())).collect()
        return found.join(documents, on="reading", how="inner").sort("fact", "sha256", "row")

    def judgements(self) -> pl.DataFrame:
        """Judgements that stand, oldest first: an undone one and its undo are left out."""
        rows = self.tables.scan("judgements").sort("at", "judgement").collect()
        undone = rows.filter(pl.col("kind") == "undo").select(pl.col("subject").alias("judgement"))
        return rows.filter(pl.col("kind") != "undo").join(undone, on="judgement", how="anti")

    # Housekeeping

    def compact(self) -> dict[str, int]:
        """Merge small files and drop what no committed document owns; returns rows dropped by table.

        Rows of loads that are running now stay: their process holds a lock that says so.
        """
        alive = self._running()
        kept = [*self.documents()["reading"].to_list(), *alive]
        return {t: self.tables.rewrite(t, pl.col("reading").is_in(kept)) for t in FACT_TABLES}

    def _loading(self, readings: list[int]) -> "_Loading":
        return _Loading(self.folder / "run" / "loads", readings)

    def _running(self) -> list[int]:
        """Readings that a living process is writing; files left by dead ones are removed."""
        alive: list[int] = []
        for path in (self.folder / "run" / "loads").glob("*.readings"):
            lock = FileLock(path.with_suffix(".lock"))
            try:
                lock.acquire(timeout=0)
            except Timeout:
                alive += [int(line) for line in path.read_text().split()]
            else:
                path.unlink(missing_ok=True)
                lock.release()
        return alive


def _dated(facts: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """What a document does not date was first known when it was loaded."""
    if "known_at" not in facts.columns:
        return facts
    return facts.with_columns(pl.col("known_at").cast(INSTANT).fill_null(pl.lit(now, INSTANT)))


class _Loading:
    """While entered, a lock file tells `compact` which readings are on their way."""

    def __init__(self, folder: Path, readings: list[int]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{readings[0]}.readings"
        self.text = "\n".join(map(str, readings))
        self.lock = FileLock(self.path.with_suffix(".lock"))

    def __enter__(self) -> None:
        self.lock.acquire()
        self.path.write_text(self.text)

    def __exit__(self, *_: object) -> None:
        self.path.unlink(missing_ok=True)
        self.lock.release()
        self.path.with_suffix(".lock").unlink(missing_ok=True)
