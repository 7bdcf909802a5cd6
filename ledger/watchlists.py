"""Watchlists in the state store: enterprises that somebody keeps an eye on, by their party ids."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.audit import append
from ledger.errors import InputError
from ledger.owned import new_id, now, own, readable

#: Enterprises on one watchlist.
MOST = 5_000
_MISSING = "watchlist_not_found"


@dataclass(frozen=True)
class Watchlist:
    """A watchlist with its members. `alerts`: whether what happens to them is told on the first page."""

    id: str
    name: str
    shared: bool
    alerts: bool
    parties: tuple[str, ...]
    by: str
    created: str
    changed: str
    number: int = 0


def make(
    connection: sqlite3.Connection, by: str, name: str, parties: Sequence[str], shared: bool, alerts: bool
) -> Watchlist:
    """Keep a new watchlist. Raises InputError `watchlist_too_long`."""
    id_, at = new_id(connection, "watchlists", by), now()
    connection.execute(
        "INSERT INTO watchlists (id, name, shared, alerts, by, created, changed)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (id_, name, int(shared), int(alerts), by, at, at),
    )
    _join(connection, id_, parties)
    append(connection, by, "watchlist_made", id_, parties=sorted(set(parties)), shared=shared)
    return watchlist(connection, id_, by)


def watchlist(connection: sqlite3.Connection, id_: str, by: str) -> Watchlist:
    """A watchlist that `by` may read. Raises NotFound."""
    return _watchlist(connection, readable(_row(connection, id_), by, _MISSING, id_))


def watchlists(
    connection: sqlite3.Connection, by: str, before: int | None = None, limit: int = 1_000,
    alerts: bool = False, own: bool = False,
) -> list[Watchlist]:  # fmt: skip
    """Own and shared watchlists, the newest first; `alerts`: those alone whose alerts are on; `own`: none of
    others."""
    rows = connection.execute(
        "SELECT * FROM watchlists WHERE (by = ? OR (shared = 1 AND ? = 0)) AND (? = 0 OR alerts = 1)"
        " AND (? IS NULL OR number < ?) ORDER BY number DESC LIMIT ?",
        (by, int(own), int(alerts), before, before, limit),
    ).fetchall()
    return [_watchlist(connection, row) for row in rows]


def count(connection: sqlite3.Connection, by: str, own: bool = False) -> int:
    """How many watchlists `by` may read; `own`: none of others."""
    query = "SELECT COUNT(*) FROM watchlists WHERE by = ? OR (shared = 1 AND ? = 0)"
    return int(connection.execute(query, (by, int(own))).fetchone()[0])


def change(
    connection: sqlite3.Connection, id_: str, by: str, *, name: str | None = None, shared: bool | None = None,
    alerts: bool | None = None, add: Sequence[str] = (), remove: Sequence[str] = (),
) -> Watchlist:  # fmt: skip
    """Change an own watchlist; None leaves it. Raises NotFound, Forbidden, InputError."""
    row = own(_row(connection, id_), by, _MISSING, id_)
    cells = (
        row["name"] if name is None else name,
        row["shared"] if shared is None else int(shared),
        row["alerts"] if alerts is None else int(alerts),
    )
    connection.execute(
        "UPDATE watchlists SET name = ?, shared = ?, alerts = ?, changed = ? WHERE id = ?",
        (*cells, now(), id_),
    )
    connection.executemany(
        "DELETE FROM watchlist_members WHERE watchlist = ? AND party = ?", [(id_, party) for party in remove]
    )
    _join(connection, id_, add)
    told = {"added": sorted(set(add)), "removed": sorted(set(remove)), "shared": bool(cells[1])}
    append(connection, by, "watchlist_changed", id_, **told)
    return watchlist(connection, id_, by)


def delete(connection: sqlite3.Connection, id_: str, by: str) -> None:
    """Take an own watchlist away. Raises NotFound, Forbidden."""
    own(_row(connection, id_), by, _MISSING, id_)
    connection.execute("DELETE FROM watchlist_members WHERE watchlist = ?", (id_,))
    connection.execute("DELETE FROM watchlists WHERE id = ?", (id_,))
    append(connection, by, "watchlist_deleted", id_)


def _join(connection: sqlite3.Connection, id_: str, parties: Sequence[str]) -> None:
    at = now()
    connection.executemany(
        "INSERT OR IGNORE INTO watchlist_members VALUES (?, ?, ?)", [(id_, party, at) for party in parties]
    )
    held = connection.execute(
        "SELECT COUNT(*) FROM watchlist_members WHERE watchlist = ?", (id_,)
    ).fetchone()[0]
    if held > MOST:
        raise InputError("watchlist_too_long", most=f"{MOST:,}", count=f"{held:,}")


def _row(connection: sqlite3.Connection, id_: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute("SELECT * FROM watchlists WHERE id = ?", (id_,)).fetchone()
    return row


def _watchlist(connection: sqlite3.Connection, row: sqlite3.Row) -> Watchlist:
    members = connection.execute(
        "SELECT party FROM watchlist_members WHERE watchlist = ? ORDER BY at, party", (row["id"],)
    ).fetchall()
    same = ("id", "name", "by", "created", "changed", "number")
    return Watchlist(
        **{name: row[name] for name in same}, shared=bool(row["shared"]), alerts=bool(row["alerts"]),
        parties=tuple(member["party"] for member in members),
    )  # fmt: skip
