"""Keys to the API: 256 random bits shown once, kept as a hash; each with a role, an end and maybe firms.

A key reads `dy_<id>_<secret>`. The id (12 hex digits) is shown in lists and logs; the secret is in no
file. SHA-256 without salt is enough for 256 random bits: there is nothing to guess. Two keys of one
holder are one person: `holder` is the name that other records bear (four eyes compare it).
"""

import hmac
import json
import re
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from ledger import audit
from ledger.errors import Conflict, InputError, NotFound
from ledger.state import State

#: The shape of a whole key: its id and its secret.
SHAPE = re.compile(r"dy_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
#: What gives a key away wherever it stands, whole or in part.
TRACE = re.compile(r"dy_[0-9a-f]{12}_[A-Za-z0-9_-]{8,}")
HOLDER = re.compile(r"[\w.@-]{1,60}")
#: Days that a key holds, when nobody says; and the most.
DAYS, MOST_DAYS = 90, 1_096
#: Most firms that one key may be bound to by name.
MOST_PARTIES = 1_000
#: The caller on this machine while there are no keys; no holder is called so.
LOCAL = "local"


@dataclass(frozen=True)
class Key:
    """A key as it may be shown: all but its secret. `scopes` None: all of its role; `parties` None: not
    bound to firms; `rate` None: as the setting says."""

    number: int
    id: str
    holder: str
    role: str
    scopes: tuple[str, ...] | None
    parties: tuple[str, ...] | None
    portfolio: str | None
    rate: float | None
    note: str
    created: str
    created_by: str
    expires: str
    revoked: str | None
    revoked_by: str | None

    def state(self, now: datetime | None = None) -> str:
        """active | expired | revoked."""
        if self.revoked:
            return "revoked"
        return "active" if self.expires > (now or datetime.now(UTC)).isoformat() else "expired"


@dataclass(frozen=True)
class NewKey:
    """What a key to be made is to be. `parties` are ids of parties or enterprises."""

    holder: str
    role: str
    scopes: tuple[str, ...] | None = None
    parties: tuple[str, ...] | None = None
    portfolio: str | None = None
    days: int = DAYS
    rate: float | None = None
    note: str = ""


def make(state: State, by: str, wanted: NewKey) -> tuple[Key, str]:
    """Make a key; returns it and its whole text, which nobody can read again. Raises InputError."""
    _check(wanted)
    id_, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    text, now = f"dy_{id_}_{secret}", datetime.now(UTC)
    expires = (now + timedelta(days=wanted.days)).isoformat()
    lists = [None if v is None else json.dumps(list(v)) for v in (wanted.scopes, wanted.parties)]
    rest = (wanted.note, now.isoformat(), by, expires)
    with state.writing() as connection:
        connection.execute(
            "INSERT INTO keys (id, hash, holder, role, scopes, parties, portfolio, rate, note, created,"
            " created_by, expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (id_, hashed(text), wanted.holder, wanted.role, *lists, wanted.portfolio, wanted.rate, *rest),
        )
        told = {"holder": wanted.holder, "role": wanted.role, "expires": expires, "scopes": wanted.scopes}
        told |= {"parties": wanted.parties, "portfolio": wanted.portfolio}
        audit.append(connection, by, "key_made", id_, **told)
        return _get(connection, id_), text


def revoke(state: State, by: str, id_: str) -> Key:
    """End a key at once. Raises NotFound, Conflict `key_revoked` where it was before."""
    with state.writing() as connection:
        if _get(connection, id_).revoked:
            raise Conflict("key_revoked", key=id_)
        now = datetime.now(UTC).isoformat()
        connection.execute("UPDATE keys SET revoked = ?, revoked_by = ? WHERE id = ?", (now, by, id_))
        audit.append(connection, by, "key_revoked", id_)
        return _get(connection, id_)


def listed(state: State, limit: int, before: int | None = None) -> list[Key]:
    """Keys, newest first, those that came before number `before`."""
    with state.reading() as connection:
        rows = connection.execute(
            "SELECT * FROM keys WHERE number < ? ORDER BY number DESC LIMIT ?", (before or 2**62, limit)
        )
        return [_key(row) for row in rows]


def count(state: State) -> int:
    """How many keys were ever made."""
    with state.reading() as connection:
        return int(connection.execute("SELECT count(*) FROM keys").fetchone()[0])


def get(state: State, id_: str) -> Key:
    """The key `id_`. Raises NotFound."""
    with state.reading() as connection:
        return _get(connection, id_)


def any_active(state: State) -> bool:
    """Whether some key holds now."""
    with state.reading() as connection:
        now = datetime.now(UTC).isoformat()
        query = "SELECT 1 FROM keys WHERE revoked IS NULL AND expires > ? LIMIT 1"
        return connection.execute(query, (now,)).fetchone() is not None


def hashed(text: str) -> str:
    """What is kept of a key."""
    return sha256(text.encode()).hexdigest()


def holding(connection: sqlite3.Connection, text: str) -> Key | None:
    """The key that reads `text`, whatever its state; None where there is none.

    An id that nobody has costs the same comparison as a wrong secret.
    """
    shape = SHAPE.fullmatch(text)
    if shape is None:
        return None
    row = connection.execute("SELECT * FROM keys WHERE id = ?", (shape[1],)).fetchone()
    same = hmac.compare_digest(hashed(text), row["hash"] if row else "0" * 64)
    return _key(row) if row is not None and same else None


def of_id(connection: sqlite3.Connection, id_: str) -> Key:
    """The key `id_`, as `connection` sees it. Raises NotFound."""
    return _get(connection, id_)


def _check(wanted: NewKey) -> None:
    if not HOLDER.fullmatch(wanted.holder) or wanted.holder == LOCAL:
        raise InputError("key_holder", holder=wanted.holder[:80])
    if not 1 <= wanted.days <= MOST_DAYS:
        raise InputError("key_days", days=wanted.days, most=MOST_DAYS)
    if wanted.parties is not None and wanted.portfolio is not None:
        raise InputError("key_bound_twice")
    parties = wanted.parties
    if parties is not None and not 1 <= len(parties) <= MOST_PARTIES:
        raise InputError("key_parties", most=MOST_PARTIES)
    if any(not re.fullmatch("[0-9a-f]{16}", party) for party in parties or ()):
        raise InputError("key_parties", most=MOST_PARTIES)


def _get(connection: sqlite3.Connection, id_: str) -> Key:
    row = connection.execute("SELECT * FROM keys WHERE id = ?", (id_,)).fetchone()
    if row is None:
        raise NotFound("key_not_found", key=id_)
    return _key(row)


def _key(row: sqlite3.Row) -> Key:
    cells: dict[str, Any] = dict(row)
    del cells["hash"]
    for name in ("scopes", "parties"):
        cells[name] = tuple(json.loads(cells[name])) if cells[name] is not None else None
    return Key(**cells)
