"""The ledger of one data folder: loading facts so that each stands once and none stands half.

The commit protocol. A load writes its facts, then one `documents` row per reading: that row is the
commit across all tables, and facts without it do not exist. Nothing is checked before appending
(two processes that check and append would both append); instead, when reading, the readings of one
document are settled: withdrawn ones are out, then the newest reader version counts, then the
smallest reading number. So two processes that load the same file at once, and a kill at any moment,
leave each fact once.

A reading that counts stops counting only when a better one counts or it is withdrawn, and never counts
again. What no longer counts, and what a dead load left behind, `compact` takes out of the tables.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from filelock import FileLock

from ledger.errors import Busy, Conflict, InputError, NotFound
from ledger.ids import stable_id
from ledger.originals import Originals
from ledger.records import INSTANT, TABLES
from ledger.running import Running
from ledger.tables import Tables

#: Tables whose rows belong to a reading.
FACT_TABLES = tuple(t for t, s in TABLES.items() if "reading" in s and t != "documents")

#: So many digits of a SHA-256 name a document; fewer are a slip of the hand.
SHORTEST_PREFIX = 8
#: So many documents are listed when a name or a beginning fits several.
MATCHES_SHOWN = 10


def _new_reading() -> int:
    return secrets.randbits(62)


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
    #: Whether what the ledger holds of this document is withdrawn in the same step, as when a person
    #: corrected a value: a kill leaves the one reading or the other, never both, never none.
    replaces: bool = False
    #: Bytes of an original that has been kept already, where `data` is no longer held.
    kept: int | None = None
    #: Name of the reader, which need not be asked whether it knows these bytes when they come again.
    reader: str = ""
    reading: int = field(default_factory=_new_reading)

    def document(self, now: datetime) -> dict[str, Any]:
        """The row of `documents` that commits this load."""
        return {
            "reading": self.reading,
            "event": "read",
            "sha256": self.sha256,
            "name": self.name,
            "format": self.format,
            "reader": self.reader or None,
            "reader_version": self.reader_version,
            "bytes": len(self.data) if self.kept is None else self.kept,
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
        self.running = Running(folder / "run" / "loads")

    # Loading

    def commit(self, loads: Iterable[Load], stacked: Mapping[str, pl.DataFrame] | None = None) -> None:
        """Write a batch of loads: originals, facts, and last their `documents` rows.

        `stacked`: further facts of the loads, those of all of them as one frame a table; its column `load`
        says whose a row is, counted from 0.
        """
        # Each attempt is a reading of its own: what a failed one left behind must not count twice.
        batch = [replace(load, reading=_new_reading()) for load in loads]
        if not batch:
            return
        now = datetime.now(UTC)
        with self.running.load({load.reading: load.sha256 for load in batch}):
            for load in batch:
                if load.kept is None:
                    self.originals.keep(load.sha256, load.data)
            readings = pl.Series([load.reading for load in batch], dtype=pl.Int64)
            for table in FACT_TABLES:
                parts = [
                    load.tables[table].with_columns(pl.lit(load.reading, pl.Int64).alias("reading"))
                    for load in batch
                    if table in load.tables and not load.tables[table].is_empty()
                ]
                if stacked and table in stacked:
                    rows = stacked[table]
                    parts.append(rows.drop("load").with_columns(reading=readings.gather(rows["load"])))
                if parts:
                    self.tables.append(table, _dated(pl.concat(parts, how="diagonal_relaxed"), now))
            read = pl.DataFrame([x.document(now) for x in batch], schema=TABLES["documents"])
            replaced = [load.sha256 for load in batch if load.replaces]
            if not replaced:
                self.tables.append("documents", read)
                return
            with self._turn():
                others = self._withdrawals(replaced).join(read, on="reading", how="anti")
                self.tables.append("documents", pl.concat([read, others]))

    def withdraw(self, document: str) -> list[str]:
        """Take a document out of the ledger: its facts no longer exist. Returns the names it had.

        `document` is a name, a SHA-256 or at least eight digits of its beginning. One append takes
        out all its readings, and those of loads of the same file that are on their way; a load that
        begins later brings it back. Raises NotFound, InputError for a beginning that is too short,
        Conflict when several documents fit.
        """
        with self._turn():
            gone = self._withdrawals([self._named(document)])
            self.tables.append("documents", gone)
        return gone["name"].drop_nulls().unique().sort().to_list()

    def _withdrawals(self, documents: list[str]) -> pl.DataFrame:
        """Rows of `documents` that take out every reading of these documents, also those on their way."""
        coming = self.running.now()  # before the documents: what ends meanwhile is found there
        rows = self.tables.scan("documents").filter(pl.col("sha256").is_in(documents)).collect()
        withdrawn = rows.filter(pl.col("event") == "withdrawn")
        gone = rows.filter(pl.col("event") == "read").join(withdrawn, on="reading", how="anti")
        racing = [{"reading": r, "sha256": s} for r, s in coming.items() if s in documents]
        every = pl.concat([gone, pl.DataFrame(racing, schema=TABLES["documents"])])
        return every.unique("reading", keep="first").with_columns(
            pl.lit("withdrawn").alias("event"), pl.lit(datetime.now(UTC), INSTANT).alias("loaded_at")
        )

    def _named(self, document: str) -> str:
        """The SHA-256 of the one committed document that bears this name or begins like this."""
        digits = document.lower()
        is_hex = set(digits) <= set("0123456789abcdef")
        fits = pl.col("name") == document
        if is_hex and len(digits) >= SHORTEST_PREFIX:
            fits |= pl.col("sha256").str.starts_with(digits)
        found = self.documents().filter(fits)
        if digits in found["sha256"]:  # the whole SHA-256 is never in doubt, whatever bears it as a name
            return digits
        if found.height > 1:
            first = found.head(MATCHES_SHOWN).select("name", "sha256").iter_rows()
            matches = ", ".join(f"{name} ({sha256[:16]})" for name, sha256 in first)
            raise Conflict("document_ambiguous", document=document, count=found.height, matches=matches)
        if found.height == 1:
            return str(found["sha256"].item())
        if is_hex and len(digits) < SHORTEST_PREFIX:
            raise InputError("document_prefix_short", document=document, digits=SHORTEST_PREFIX)
        raise NotFound("document_not_found", document=document)

    def judge(
        self, kind: str, subject: str, object_: str, by: str, why: str, value: str | None = None
    ) -> str:
        """Record a person's judgement and return its id; while it stands, the same one again is that one.

        Of judgements that differ in `value` alone the newest counts.
        """
        about = pl.col("kind") == kind, pl.col("subject") == subject, pl.col("object") == object_
        earlier = set(self.tables.scan("judgements").filter(about).collect()["judgement"])
        # Nothing undoes an undo: it stands as soon as it is there.
        standing = self.judgements().filter(about)
        if value is not None and not standing.is_empty():
            standing = standing.tail(1).filter(pl.col("value") == value)
        found = earlier if kind == "undo" else set(standing["judgement"])
        if found:
            return str(min(found))
        # Two processes that judge the same at once form the same id, and `judgements` reads it once.
        said = () if value is None else (value,)
        judgement = stable_id("judgement", kind, subject, object_, *said, str(len(earlier)))
        row = {
            "judgement": judgement,
            "kind": kind,
            "subject": subject,
            "object": object_,
            "value": value,
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
        """The committed rows of a fact table, as they stand now, whenever they are collected."""
        documents, rows = self._view(table)
        return rows.join(documents.select("reading").lazy(), on="reading", how="semi")

    def facts(self, table: str, ids: Iterable[str]) -> pl.DataFrame:
        """A point read: the committed rows of the facts named, with their document's SHA-256 and name."""
        wanted = pl.Series("fact", list(ids), pl.String)
        documents, rows = self._view(table)
        found = rows.filter(pl.col("fact").is_in(wanted.implode())).collect()
        named = documents.select("reading", "sha256", "name", "format")
        return found.join(named, on="reading", how="inner").sort("fact", "sha256", "row")

    def _view(self, table: str) -> tuple[pl.DataFrame, pl.LazyFrame]:
        """The readings that count, and every row of `table` as it stood while they did.

        Documents come first, for facts are written before them. Between the two reads a reading may
        be superseded and its facts taken out by `compact`: then both are read again.
        """
        while True:
            version = self.tables.version("documents")
            documents = self.documents()
            rows = self.tables.scan(table)
            if self.tables.version("documents") == version:
                return documents, rows
            if documents.join(self.documents(), on="reading", how="anti").is_empty():
                return documents, rows

    def judgements(self) -> pl.DataFrame:
        """Judgements that stand, oldest first: an undone one and its undo are left out."""
        rows = self.tables.scan("judgements").sort("at", "judgement").collect()
        undone = rows.filter(pl.col("kind") == "undo").select(pl.col("subject").alias("judgement"))
        return (
            rows.filter(pl.col("kind") != "undo")
            .join(undone, on="judgement", how="anti")
            .unique("judgement", keep="first", maintain_order=True)
        )

    # Housekeeping

    def compact(self) -> dict[str, int]:
        """Merge small files and drop what no committed document owns; returns rows dropped by table.

        Safe at any time: loads, scans and other compacts may run, and a kill loses nothing. The files
        that are no longer used stay for a week, for those who are reading them. Raises Busy when loads
        come so fast that a table cannot be tidied between them.
        """
        dropped, busy = {}, None
        for table in TABLES:
            with self._turn():
                try:
                    dropped[table] = self._drop_dead(table) if table in FACT_TABLES else 0
                except Busy as error:  # the other tables are tidied all the same
                    busy = error
                self.tables.merge(table)
        if busy:
            raise busy
        return dropped

    def _drop_dead(self, table: str) -> int:
        # The order matters: whoever wrote what stands in the table had said so before, so it is found
        # running, or it has ended and is found among the documents, or it never will be.
        written = self.tables.readings(table)
        running = self.running.now()
        kept = [*self.documents()["reading"], *running]
        dead = written.filter(~pl.col("reading").is_in(pl.Series(kept, dtype=pl.Int64).implode()))
        self.tables.drop(table, dead["reading"])
        return int(dead["len"].sum())

    def _turn(self) -> FileLock:
        """Whoever takes facts out does so alone: between a withdrawal's look and its append, the loser
        of two readings could be dropped that the withdrawal of the winner would bring back."""
        (self.folder / "run").mkdir(parents=True, exist_ok=True)
        return FileLock(self.folder / "run" / "taking-out.lock")


def _dated(facts: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """What a document does not date was first known when it was loaded."""
    if "known_at" not in facts.columns:
        return facts
    return facts.with_columns(pl.col("known_at").cast(INSTANT).fill_null(pl.lit(now, INSTANT)))
