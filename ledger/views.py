"""Saved views in the state store: what an explorer, a map or a list showed, to be opened again by its id.

A view names enterprises and links by their ids: names and figures are read anew when it is opened, as far
as whoever opens it may see them.
"""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from ledger.audit import append
from ledger.errors import InputError
from ledger.owned import new_id, now, own, readable

KINDS = ("explorer", "map", "list")
#: Bytes of a state as JSON.
LARGEST = 64 * 1024
_MISSING = "view_not_found"


@dataclass(frozen=True)
class View:
    """A saved view. `snapshot`: the version it was saved on."""

    id: str
    name: str
    kind: str
    state: dict[str, Any]
    shared: bool
    snapshot: str | None
    by: str
    created: str
    changed: str
    number: int = 0


def make(
    connection: sqlite3.Connection, by: str, name: str, kind: str, state: dict[str, Any], shared: bool,
    snapshot: str | None,
) -> View:  # fmt: skip
    """Keep a new view. Raises InputError `view_too_large`."""
    id_, at = new_id(connection, "views", by), now()
    connection.execute(
        "INSERT INTO views (id, name, kind, body, shared, snapshot, by, created, changed)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (id_, name, kind, _body(state), int(shared), snapshot, by, at, at),
    )
    append(connection, by, "view_made", id_, kind=kind, shared=shared)
    return view(connection, id_, by)


def view(connection: sqlite3.Connection, id_: str, by: str) -> View:
    """A view that `by` may read. Raises NotFound."""
    return _view(readable(_row(connection, id_), by, _MISSING, id_))


def views(
    connection: sqlite3.Connection, by: str, kind: str | None, before: int | None, limit: int
) -> list[View]:
    """Own and shared views, the newest first, made before number `before`."""
    rows = connection.execute(
        f"SELECT * FROM views WHERE {_READABLE} AND (? IS NULL OR number < ?) ORDER BY number DESC LIMIT ?",  # noqa: S608
        (by, kind, kind, before, before, limit),
    )
    return [_view(row) for row in rows.fetchall()]


def count(connection: sqlite3.Connection, by: str, kind: str | None) -> int:
    """How many views `by` may read."""
    query = f"SELECT COUNT(*) FROM views WHERE {_READABLE}"  # noqa: S608
    return int(connection.execute(query, (by, kind, kind)).fetchone()[0])


def change(
    connection: sqlite3.Connection, id_: str, by: str, *, name: str | None = None,
    state: dict[str, Any] | None = None, shared: bool | None = None, snapshot: str | None = None,
) -> View:  # fmt: skip
    """Give an own view another name, state or reach. Raises NotFound, Forbidden, InputError."""
    found = _view(own(_row(connection, id_), by, _MISSING, id_))
    cells = (
        found.name if name is None else name,
        _body(found.state if state is None else state),
        int(found.shared if shared is None else shared),
        found.snapshot if state is None else snapshot,
        now(),
        id_,
    )
    connection.execute(
        "UPDATE views SET name = ?, body = ?, shared = ?, snapshot = ?, changed = ? WHERE id = ?", cells
    )
    append(connection, by, "view_changed", id_, shared=bool(cells[2]))
    return view(connection, id_, by)


def delete(connection: sqlite3.Connection, id_: str, by: str) -> None:
    """Take an own view away. Raises NotFound, Forbidden."""
    own(_row(connection, id_), by, _MISSING, id_)
    connection.execute("DELETE FROM views WHERE id = ?", (id_,))
    append(connection, by, "view_deleted", id_)


_READABLE = "(by = ? OR shared = 1) AND (? IS NULL OR kind = ?)"


def _row(connection: sqlite3.Connection, id_: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute("SELECT * FROM views WHERE id = ?", (id_,)).fetchone()
    return row


def _view(row: sqlite3.Row) -> View:
    same = ("id", "name", "kind", "snapshot", "by", "created", "changed", "number")
    return View(**{n: row[n] for n in same}, state=json.loads(row["body"]), shared=bool(row["shared"]))


def _body(state: dict[str, Any]) -> str:
    text = json.dumps(state, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode("utf-8", "replace")) > LARGEST:
        raise InputError("view_too_large", most=LARGEST // 1024)
    return text
