"""How long the audit chain is, sealed: a chain cannot know that its newest entries were cut off.

One row beside the chain says how many entries there are and which is the newest, under an HMAC with a
key of its own: `audit.key`, 32 random bytes beside the state store, mode 0600. It may be a link to a
file elsewhere. Each entry moves the seal on, and only from where the chain really stood: a seal that
did not fit is left as it is, so that what was done shows until somebody seals anew, which is entered.

Who can write into the store alone (its file, a statement slipped in) cannot cut the chain unseen. Who
can also read `audit.key` can seal anything; and who can put the whole folder back to an earlier day
puts its seal back with it. Against both helps a seal kept where they cannot reach (`dayan audit seal`).
"""

import hmac
import json
import os
import secrets
import sqlite3
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ledger.errors import InputError

KEY = "audit.key"
MIGRATION = """
    CREATE TABLE audit_seal (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        entries INTEGER NOT NULL,
        head TEXT NOT NULL,
        at TEXT NOT NULL,
        mac TEXT NOT NULL
    ) STRICT;
"""


@dataclass(frozen=True)
class Seal:
    """The chain had `entries` entries and ended in `head` when it was sealed."""

    entries: int
    head: str
    at: str
    mac: str

    def line(self) -> str:
        """As one line of JSON, to be kept elsewhere."""
        return json.dumps(asdict(self))


def begin(connection: sqlite3.Connection, entries: int, head: str) -> None:
    """Seal a store that never was, in the transaction of `connection`. Where there is a key, or a seal,
    it was sealed before: what is missing then was taken away."""
    if kept(connection) is None and _key(_folder(connection)) is None:
        write(connection, entries, head)


def follow(connection: sqlite3.Connection, before: tuple[int, str], after: tuple[int, str]) -> None:
    """Move the seal from `before` to `after` (entries, head), in the transaction of `connection`. One that
    does not stand at `before` stays."""
    seal = kept(connection)
    if seal is not None and (seal.entries, seal.head) == before and is_ours(connection, seal):
        write(connection, *after)


def write(connection: sqlite3.Connection, entries: int, head: str) -> Seal:
    """Seal `entries` entries that end in `head`, whatever was sealed; makes the key where there is none."""
    folder = _folder(connection)
    key = _key(folder) or _made(folder)
    at = datetime.now(UTC).isoformat()
    seal = Seal(entries, head, at, _mac(key, entries, head, at))
    connection.execute(
        "INSERT OR REPLACE INTO audit_seal VALUES (1, ?, ?, ?, ?)", (entries, head, at, seal.mac)
    )
    return seal


def kept(connection: sqlite3.Connection) -> Seal | None:
    """The seal of the store, whether it is ours or not; None where there is none."""
    row = connection.execute("SELECT entries, head, at, mac FROM audit_seal").fetchone()
    return None if row is None else Seal(**dict(row))


def is_ours(connection: sqlite3.Connection, seal: Seal) -> bool:
    """Whether the key of this store made the seal."""
    key = _key(_folder(connection))
    same = key and hmac.compare_digest(_mac(key, seal.entries, seal.head, seal.at), seal.mac)
    return bool(same)


def read(text: str) -> list[Seal]:
    """Seals that were kept elsewhere, one a line. Raises InputError where a line is none."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            seal = Seal(**json.loads(line))
            sound = isinstance(seal.entries, int) and all(isinstance(v, str) for v in (seal.head, seal.mac))
        except (ValueError, TypeError):
            sound = False
        if not sound:
            raise InputError("audit_seal_line", row=number)
        found.append(seal)
    if not found:
        raise InputError("audit_seal_line", row=1)
    return found


def _mac(key: bytes, entries: int, head: str, at: str) -> str:
    return hmac.digest(key, f"audit seal:{entries}:{head}:{at}".encode(), "sha256").hex()


def _folder(connection: sqlite3.Connection) -> Path:
    """The folder of the store that `connection` is open on."""
    return Path(connection.execute("PRAGMA database_list").fetchone()["file"]).parent


def _key(folder: Path) -> bytes | None:
    """The key; None where it is not there, or is none."""
    try:
        key = (folder / KEY).read_bytes()
    except OSError:
        return None
    return key if len(key) == 32 else None


def _made(folder: Path) -> bytes:
    """A new key, which only this user may read."""
    half = folder / f"{KEY}.{secrets.token_hex(4)}"
    handle = os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    key = secrets.token_bytes(32)
    with os.fdopen(handle, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileNotFoundError):
        (folder / KEY).unlink()  # one that is no key: it was looked at under the store's lock
    half.rename(folder / KEY)
    return key
