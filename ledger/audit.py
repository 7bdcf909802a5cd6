"""The audit chain: who did what to the facts, each entry sealed with the hash of the one before.

An entry that is changed, taken out or put in later breaks the chain from there on, and `verify` says
where. It cannot tell that the newest entries were cut off together: keep `head` elsewhere for that.
"""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from ledger.state import State

#: What stands before the first entry.
GENESIS = "0" * 64
#: What may be entered. Sentences and labels are made from these where they are shown.
ACTIONS = frozenset(
    {"document_uploaded", "document_withdrawn", "field_corrected", "review_decided", "job_stopped"}
)


@dataclass(frozen=True)
class Entry:
    """One thing done: when, by whom, to what."""

    number: int
    at: str
    by: str
    action: str
    subject: str
    detail: dict[str, Any]
    hash: str


def append(connection: sqlite3.Connection, by: str, action: str, subject: str, **detail: Any) -> str:
    """Enter an action in the transaction of `connection` (`State.writing`) and return its hash."""
    if action not in ACTIONS:
        raise ValueError(action)
    last = connection.execute("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    number, previous = (last["number"] + 1, last["hash"]) if last else (1, GENESIS)
    told = json.dumps(detail, ensure_ascii=False, sort_keys=True)
    cells = (number, datetime.now(UTC).isoformat(), by, action, subject, told, previous)
    seal = _seal(cells)
    connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*cells, seal))
    return seal


def note(state: State, by: str, action: str, subject: str, **detail: Any) -> str:
    """`append` in a transaction of its own."""
    with state.writing() as connection:
        return append(connection, by, action, subject, **detail)


def entries(state: State, after: int = 0, limit: int = 1_000) -> list[Entry]:
    """Entries that follow number `after`, oldest first."""
    with state.reading() as connection:
        rows = connection.execute(
            "SELECT * FROM audit WHERE number > ? ORDER BY number LIMIT ?", (after, limit)
        ).fetchall()
    return [
        Entry(r["number"], r["at"], r["by"], r["action"], r["subject"], json.loads(r["detail"]), r["hash"])
        for r in rows
    ]


def head(state: State) -> str:
    """The hash of the newest entry."""
    with state.reading() as connection:
        last = connection.execute("SELECT hash FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    return str(last["hash"]) if last else GENESIS


def verify(state: State) -> int | None:
    """The number of the first entry that does not fit the chain; None where all do."""
    with state.reading() as connection:
        return _first_broken(connection.execute("SELECT * FROM audit ORDER BY number"))


def _first_broken(rows: Iterator[sqlite3.Row]) -> int | None:
    previous = GENESIS
    for expected, row in enumerate(rows, 1):
        cells = tuple(row)[:-1]
        if row["number"] != expected or row["previous"] != previous or row["hash"] != _seal(cells):
            return expected
        previous = row["hash"]
    return None


def _seal(cells: tuple[Any, ...]) -> str:
    return sha256(json.dumps(cells, ensure_ascii=False).encode()).hexdigest()
