"""Portfolios in the state store: named, with the capital their limits are shares of, and their firms."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ledger.audit import append
from ledger.errors import Conflict, InputError, NotFound
from ledger.ids import stable_id


@dataclass(frozen=True)
class Portfolio:
    """A portfolio. `closed`: when, None while it is open."""

    id: str
    name: str
    capital_fen: int
    note: str | None
    by: str
    created: str
    closed: str | None
    number: int = 0


def make(connection: sqlite3.Connection, name: str, capital_fen: int, note: str | None, by: str) -> Portfolio:
    """A new portfolio. Raises InputError `portfolio_name_blank`, Conflict `portfolio_exists` where one of
    that name is there."""
    name = _name(name)
    if connection.execute("SELECT 1 FROM portfolios WHERE name = ?", (name,)).fetchone():
        raise Conflict("portfolio_exists", name=name)
    id_ = stable_id("portfolio", name)
    cells = (id_, name, capital_fen, note, by, datetime.now(UTC).isoformat())
    connection.execute(
        "INSERT INTO portfolios (id, name, capital_fen, note, by, created) VALUES (?, ?, ?, ?, ?, ?)", cells
    )
    append(connection, by, "portfolio_made", id_, name=name, capital_fen=capital_fen)
    return portfolio(connection, id_)


def portfolio(connection: sqlite3.Connection, id_: str) -> Portfolio:
    """A portfolio. Raises NotFound."""
    row = connection.execute("SELECT * FROM portfolios WHERE id = ?", (id_,)).fetchone()
    if row is None:
        raise NotFound("portfolio_not_found", portfolio=id_)
    return _portfolio(row)


def portfolios(connection: sqlite3.Connection, after: int = 0, limit: int = 1_000) -> list[Portfolio]:
    """Portfolios in the order they were made, after number `after`."""
    rows = connection.execute(
        "SELECT * FROM portfolios WHERE number > ? ORDER BY number LIMIT ?", (after, limit)
    ).fetchall()
    return [_portfolio(row) for row in rows]


def count(connection: sqlite3.Connection) -> int:
    """How many portfolios there are."""
    return int(connection.execute("SELECT COUNT(*) FROM portfolios").fetchone()[0])


def change(connection: sqlite3.Connection, id_: str, by: str, **values: Any) -> Portfolio:
    """Give a portfolio another name, capital or note; None leaves it. Raises as `make`, and NotFound."""
    found = _open(connection, id_)
    told = {name: value for name, value in values.items() if value is not None}
    if "name" in told:
        told["name"] = _name(told["name"])
    name = told.get("name", found.name)
    taken = connection.execute("SELECT id FROM portfolios WHERE name = ? AND id <> ?", (name, id_)).fetchone()
    if taken:
        raise Conflict("portfolio_exists", name=name)
    cells = (name, told.get("capital_fen", found.capital_fen), told.get("note", found.note), id_)
    connection.execute("UPDATE portfolios SET name = ?, capital_fen = ?, note = ? WHERE id = ?", cells)
    append(connection, by, "portfolio_changed", id_, **told)
    return portfolio(connection, id_)


def close(connection: sqlite3.Connection, id_: str, by: str) -> Portfolio:
    """Close a portfolio: it stays, and takes no new loan. Raises NotFound, Conflict while loans run."""
    _open(connection, id_)
    running = connection.execute(
        "SELECT COUNT(*) FROM loans WHERE portfolio = ? AND state IN ('active', 'waiting')", (id_,)
    ).fetchone()[0]
    if running:
        raise Conflict("portfolio_has_loans", portfolio=id_, count=running)
    when = datetime.now(UTC).isoformat()
    connection.execute("UPDATE portfolios SET closed = ? WHERE id = ?", (when, id_))
    append(connection, by, "portfolio_closed", id_)
    return portfolio(connection, id_)


def join(connection: sqlite3.Connection, id_: str, parties: Sequence[str], by: str) -> int:
    """Put firms (party ids) into a portfolio; returns how many were not in it. Raises NotFound, Conflict."""
    _open(connection, id_)
    when = datetime.now(UTC).isoformat()
    new = 0
    for party in sorted(set(parties)):
        cells = (id_, party, by, when)
        done = connection.execute("INSERT OR IGNORE INTO portfolio_members VALUES (?, ?, ?, ?)", cells)
        new += done.rowcount
    if new:
        append(connection, by, "portfolio_joined", id_, parties=sorted(set(parties)))
    return new


def leave(connection: sqlite3.Connection, id_: str, party: str, by: str) -> None:
    """Take a firm out of a portfolio. Raises NotFound where it is not in it, Conflict while its loans run."""
    _open(connection, id_)
    running = connection.execute(
        "SELECT COUNT(*) FROM loans WHERE portfolio = ? AND party = ? AND state IN ('active', 'waiting')",
        (id_, party),
    ).fetchone()[0]
    if running:
        raise Conflict("portfolio_has_loans", portfolio=id_, count=running)
    cells = (id_, party)
    if not connection.execute(
        "DELETE FROM portfolio_members WHERE portfolio = ? AND party = ?", cells
    ).rowcount:
        raise NotFound("portfolio_member_not_found", portfolio=id_, party=party)
    append(connection, by, "portfolio_left", id_, party=party)


def members(connection: sqlite3.Connection, id_: str) -> list[str]:
    """Party ids of the firms in a portfolio. Raises NotFound."""
    portfolio(connection, id_)
    rows = connection.execute(
        "SELECT party FROM portfolio_members WHERE portfolio = ? ORDER BY party", (id_,)
    ).fetchall()
    return [row["party"] for row in rows]


def open_for(connection: sqlite3.Connection, parties: Sequence[str]) -> Portfolio | None:
    """The first open portfolio that one of the parties is in, else the first that is open; None without."""
    row = connection.execute(
        "SELECT p.* FROM portfolios p WHERE closed IS NULL ORDER BY EXISTS (SELECT 1 FROM portfolio_members m"
        " WHERE m.portfolio = p.id AND m.party IN (SELECT value FROM json_each(?))) DESC, number LIMIT 1",
        (json.dumps(list(parties)),),
    ).fetchone()
    return None if row is None else _portfolio(row)


def open_capital_fen(connection: sqlite3.Connection) -> int | None:
    """The capital of all open portfolios together; None where none is open."""
    row = connection.execute("SELECT SUM(capital_fen) AS fen FROM portfolios WHERE closed IS NULL").fetchone()
    return None if row["fen"] is None else int(row["fen"])


def _name(name: str) -> str:
    """A name without blanks around it. Raises InputError where nothing is left that can be read."""
    bare = name.strip()
    if not any(one.isprintable() and not one.isspace() for one in bare):
        raise InputError("portfolio_name_blank", field="name")
    return bare


def _open(connection: sqlite3.Connection, id_: str) -> Portfolio:
    found = portfolio(connection, id_)
    if found.closed:
        raise Conflict("portfolio_is_closed", portfolio=id_)
    return found


def _portfolio(row: sqlite3.Row) -> Portfolio:
    return Portfolio(**{name: row[name] for name in Portfolio.__dataclass_fields__})
