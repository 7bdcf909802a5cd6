"""Notes in the state store: what somebody wrote about an enterprise or a link, every version of it kept.

A note on a link names both ends, supplier first. Deleting hides a note; what it said stays for the audit.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.audit import append
from ledger.owned import new_id, now, own, readable

#: Characters of a note.
LONGEST = 4_000
_MISSING = "note_not_found"


@dataclass(frozen=True)
class Note:
    """A note as it reads now. `partner`: the buyer's party, of a note on a link."""

    id: str
    party: str
    partner: str | None
    text: str
    shared: bool
    by: str
    created: str
    changed: str
    versions: int
    number: int = 0


@dataclass(frozen=True)
class Version:
    """What a note said from a moment on."""

    version: int
    text: str
    at: str


def make(
    connection: sqlite3.Connection, by: str, party: str, partner: str | None, text: str, shared: bool
) -> Note:
    """Keep a new note."""
    id_, at = new_id(connection, "notes", by), now()
    connection.execute(
        "INSERT INTO notes (id, party, partner, shared, by, created) VALUES (?, ?, ?, ?, ?, ?)",
        (id_, party, partner, int(shared), by, at),
    )
    connection.execute("INSERT INTO note_versions VALUES (?, 1, ?, ?)", (id_, text, at))
    append(connection, by, "note_made", id_, party=party, partner=partner, shared=shared)
    return note(connection, id_, by)


def note(connection: sqlite3.Connection, id_: str, by: str) -> Note:
    """A note that `by` may read. Raises NotFound."""
    row = connection.execute(f"{_SELECT} WHERE n.id = ? AND n.deleted IS NULL", (id_,)).fetchone()
    return _note(readable(row, by, _MISSING, id_))


def notes(
    connection: sqlite3.Connection, by: str, parties: Sequence[str] | None = None,
    partners: Sequence[str] | None = None, before: int | None = None, limit: int = 50,
) -> list[Note]:  # fmt: skip
    """Own and shared notes, the newest first: about any of these parties (also as the partner of a link);
    with `partners`, about the links from those to these."""
    where, values = _chosen(by, parties, partners)
    query = f"{_SELECT} WHERE {where} AND (? IS NULL OR n.number < ?) ORDER BY n.number DESC LIMIT ?"
    return [_note(row) for row in connection.execute(query, (*values, before, before, limit)).fetchall()]


def count(
    connection: sqlite3.Connection, by: str, parties: Sequence[str] | None, partners: Sequence[str] | None
) -> int:
    """How many notes `notes` would tell of."""
    where, values = _chosen(by, parties, partners)
    return int(connection.execute(f"SELECT COUNT(*) FROM notes n WHERE {where}", values).fetchone()[0])  # noqa: S608


def history(connection: sqlite3.Connection, id_: str, by: str) -> list[Version]:
    """What a note said, the newest version first. Raises NotFound."""
    note(connection, id_, by)
    rows = connection.execute(
        "SELECT version, text, at FROM note_versions WHERE note = ? ORDER BY version DESC", (id_,)
    )
    return [Version(**dict(row)) for row in rows.fetchall()]


def change(connection: sqlite3.Connection, id_: str, by: str, text: str | None, shared: bool | None) -> Note:
    """Let an own note say something else, or share it; None leaves it. Raises NotFound, Forbidden."""
    found = note(connection, id_, by)
    own(_bare(connection, id_), by, _MISSING, id_)
    if text is not None and text != found.text:
        connection.execute(
            "INSERT INTO note_versions VALUES (?, ?, ?, ?)", (id_, found.versions + 1, text, now())
        )
    if shared is not None:
        connection.execute("UPDATE notes SET shared = ? WHERE id = ?", (int(shared), id_))
    append(connection, by, "note_changed", id_, versions=note(connection, id_, by).versions, shared=shared)
    return note(connection, id_, by)


def delete(connection: sqlite3.Connection, id_: str, by: str) -> None:
    """Hide an own note. Raises NotFound, Forbidden."""
    note(connection, id_, by)
    own(_bare(connection, id_), by, _MISSING, id_)
    connection.execute("UPDATE notes SET deleted = ? WHERE id = ?", (now(), id_))
    append(connection, by, "note_deleted", id_)


_SELECT = (
    "SELECT n.*, v.text AS text, v.at AS changed, v.version AS versions FROM notes n"
    " JOIN note_versions v ON v.note = n.id"
    " AND v.version = (SELECT MAX(w.version) FROM note_versions w WHERE w.note = n.id)"
)


def _chosen(
    by: str, parties: Sequence[str] | None, partners: Sequence[str] | None
) -> tuple[str, tuple[str | None, ...]]:
    where, values = "n.deleted IS NULL AND (n.by = ? OR n.shared = 1)", [by]
    if parties is not None and partners is not None:
        where += " AND n.party IN (SELECT value FROM json_each(?))"
        where += " AND n.partner IN (SELECT value FROM json_each(?))"
        values += [json.dumps(list(parties)), json.dumps(list(partners))]
    elif parties is not None:
        where += " AND (n.party IN (SELECT value FROM json_each(?))"
        where += " OR n.partner IN (SELECT value FROM json_each(?)))"
        values += [json.dumps(list(parties))] * 2
    return where, tuple(values)


def _bare(connection: sqlite3.Connection, id_: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute("SELECT * FROM notes WHERE id = ?", (id_,)).fetchone()
    return row


def _note(row: sqlite3.Row) -> Note:
    names = [name for name in Note.__dataclass_fields__ if name != "shared"]
    return Note(**{name: row[name] for name in names}, shared=bool(row["shared"]))
