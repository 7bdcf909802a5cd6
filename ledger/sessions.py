"""Browser sessions: 256 random bits in a cookie, kept as a hash; each stands on a key, or on a person whom
a provider (OIDC) vouched for.

A session of a key holds what the key holds, and ends with it: nothing of the key is copied. A session of
a person carries the role and the firms that the provider told. It also ends when nothing was asked for a
while, and in any case after some hours. Ended ones are taken out; the audit chain tells that they were.
"""

import json
import re
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ledger import access, audit
from ledger.access import HOLDER, LOCAL, Key, hashed
from ledger.errors import Forbidden, NotFound
from ledger.state import State

#: The shape of a token. It never begins as a key does, so neither is taken for the other.
SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")
#: Names that are nobody's at a provider.
RESERVED = frozenset({LOCAL, "nobody"})
#: The longest time between two notes that a session is in use.
NOTED = timedelta(seconds=60)


@dataclass(frozen=True)
class Person:
    """Whom a provider vouched for. `parties`: bound to these parties; None: to none."""

    issuer: str
    subject: str
    name: str
    role: str
    parties: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Session:
    """A session as it may be shown. `key`: what it stands on; None where a provider vouched for `holder`."""

    id: str
    key: Key | None
    holder: str
    role: str
    parties: tuple[str, ...] | None
    created: datetime
    seen: datetime
    expires: datetime

    def until(self, idle: timedelta) -> datetime:
        """When it ends if nothing more is asked."""
        return min(self.seen + idle, self.ends)

    @property
    def method(self) -> str:
        """What it stands on: `key`, or the word of a provider (`oidc`)."""
        return "key" if self.key else "oidc"

    @property
    def ends(self) -> datetime:
        """When it ends at the latest."""
        return min(self.expires, datetime.fromisoformat(self.key.expires)) if self.key else self.expires

    def over(self, idle: timedelta, now: datetime) -> str | None:
        """Why it holds no more, as a code; None while it does."""
        if self.key is not None and self.key.state(now) != "active":
            return f"key_is_{self.key.state(now)}"
        return "session_over" if now >= self.until(idle) else None

    def unnoted(self, idle: timedelta, now: datetime) -> bool:
        """Whether its use was noted long enough ago to note it again."""
        return now - self.seen >= min(NOTED, idle / 10)


def begin(state: State, on: Key | Person, hours: float, idle: timedelta) -> tuple[Session, str]:
    """Begin a session that stands on a key or a person; returns it and its token, which nobody can read
    again. Raises Forbidden where the person's name is another's, or cannot be used."""
    id_, token, now = secrets.token_hex(6), secrets.token_urlsafe(32), datetime.now(UTC)
    expires = now + timedelta(hours=hours)
    with state.writing() as connection:
        _forget(connection, now, idle)
        if isinstance(on, Key):
            cells: tuple[str | None, ...] = (on.id, on.holder, None, None)
            told: dict[str, object] = {"method": "key", "key": on.id}
        else:
            parties = None if on.parties is None else json.dumps(on.parties)
            cells = (None, _holder(connection, on, now), on.role, parties)
            told = {"method": "oidc", "role": on.role, "parties": on.parties}
        connection.execute(
            "INSERT INTO sessions (id, hash, key, holder, role, parties, created, seen, expires)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (id_, hashed(token), *cells, now.isoformat(), now.isoformat(), expires.isoformat()),
        )
        audit.append(connection, str(cells[1]), "signed_in", id_, **told)
        made = holding(connection, token)
    assert made is not None
    return made, token


def end(state: State, session: Session) -> None:
    """End a session at once. One that has ended stays so."""
    with state.writing() as connection:
        ended = connection.execute("DELETE FROM sessions WHERE id = ?", (session.id,)).rowcount
        if ended:
            audit.append(connection, session.holder, "signed_out", session.id)


def holding(connection: sqlite3.Connection, token: str) -> Session | None:
    """The session whose token this is, whether it still holds or not; None where there is none."""
    if not SHAPE.fullmatch(token):
        return None
    row = connection.execute("SELECT * FROM sessions WHERE hash = ?", (hashed(token),)).fetchone()
    return None if row is None else _session(connection, row)


def listed(state: State, idle: timedelta) -> list[Session]:
    """The sessions that hold now, the newest first."""
    now = datetime.now(UTC)
    with state.reading() as connection:
        rows = connection.execute("SELECT * FROM sessions ORDER BY number DESC").fetchall()
        found = [_session(connection, row) for row in rows]
    return [one for one in found if one.over(idle, now) is None]


def end_for(state: State, by: str, id_: str) -> Session:
    """End somebody's session before its time: the next request that shows it is nobody's. Raises NotFound."""
    with state.writing() as connection:
        row = connection.execute("SELECT * FROM sessions WHERE id = ?", (id_,)).fetchone()
        if row is None:
            raise NotFound("session_not_found", session=id_)
        ended = _session(connection, row)
        connection.execute("DELETE FROM sessions WHERE id = ?", (id_,))
        audit.append(connection, by, "session_ended", id_, holder=ended.holder, method=ended.method)
    return ended


def _session(connection: sqlite3.Connection, row: sqlite3.Row) -> Session:
    key = None if row["key"] is None else access.of_id(connection, row["key"])
    told = None if row["parties"] is None else tuple(json.loads(row["parties"]))
    return Session(
        row["id"],
        key,
        row["holder"],
        key.role if key else row["role"],
        key.parties if key else told,
        *(datetime.fromisoformat(row[name]) for name in ("created", "seen", "expires")),
    )


def note_use(connection: sqlite3.Connection, session: Session, now: datetime) -> None:
    """Note that the session is in use."""
    connection.execute("UPDATE sessions SET seen = ? WHERE id = ?", (now.isoformat(), session.id))


def count(state: State) -> int:
    """How many sessions are kept, those among them that ended by time and were not yet taken out."""
    with state.reading() as connection:
        return int(connection.execute("SELECT count(*) FROM sessions").fetchone()[0])


def _holder(connection: sqlite3.Connection, person: Person, now: datetime) -> str:
    """What a person is called in all that is written down: what they were called when they first came.

    Four eyes compare these names: whoever is renamed at the provider stays who they were, and a second
    person never takes the name of the first.
    """
    who = (person.issuer, person.subject)
    row = connection.execute("SELECT holder FROM people WHERE issuer = ? AND subject = ?", who).fetchone()
    if row is not None:
        return str(row["holder"])
    if not HOLDER.fullmatch(person.name) or person.name in RESERVED:
        raise Forbidden("oidc_name", holder=person.name[:60])
    if connection.execute("SELECT 1 FROM people WHERE holder = ?", (person.name,)).fetchone():
        raise Forbidden("oidc_name_taken", holder=person.name)
    connection.execute("INSERT INTO people VALUES (?, ?, ?, ?)", (*who, person.name, now.isoformat()))
    return person.name


def _forget(connection: sqlite3.Connection, now: datetime, idle: timedelta) -> None:
    """Take out what has ended by time."""
    since = (now - idle).isoformat()
    connection.execute("DELETE FROM sessions WHERE expires <= ? OR seen <= ?", (now.isoformat(), since))
