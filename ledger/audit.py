"""The audit chain: who did what to the facts, each entry sealed with the hash of the one before.

An entry that is changed, taken out or put in later breaks the chain from there on, and `check` says
where. That the newest entries were cut off together shows by the seal of its length (`ledger.seals`),
which says too what this does not hold against.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from ledger import seals
from ledger.errors import Conflict, InputError
from ledger.seals import Seal
from ledger.state import GENESIS, State

#: What may be entered. Sentences and labels are made from these where they are shown.
ACTIONS = frozenset(
    {"document_uploaded", "document_withdrawn", "field_corrected", "review_decided", "job_stopped"}
    | {
        "enterprise_read",
        "enterprises_listed",
        "document_read",
        "fact_read",
        "read_refused",
        "audit_exported",
    }
    | {"key_made", "key_revoked", "webhook_made", "webhook_ended", "audit_sealed"}
    | {"signed_in", "signed_out", "sign_in_failed", "session_ended"}
    | {"receivables_held", "receivables_released", "receivables_registered", "receivable_marked"}
    | {"portfolio_made", "portfolio_changed", "portfolio_closed", "portfolio_joined", "portfolio_left"}
    | {"loan_entered", "loan_approved", "loan_refused", "loan_booked", "loan_drawn", "loan_repaid"}
    | {"warning_raised", "warning_lifted"}
    | {"application_entered", "application_withdrawn", "consent_withdrawn"}
    | {"decision_made", "decision_objected", "offer_accepted", "offer_declined"}
    | {"decision_reviewed", "lists_imported", "listing_appealed"}
    | {"view_made", "view_changed", "view_deleted", "note_made", "note_changed", "note_deleted"}
    | {"watchlist_made", "watchlist_changed", "watchlist_deleted", "list_exported"}
    | {"report_made"}
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
    previous: str
    hash: str


@dataclass(frozen=True)
class Deed:
    """Something to be entered: by whom, what, to what."""

    by: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    at: str = ""


def append_all(connection: sqlite3.Connection, deeds: Iterable[Deed]) -> str:
    """Enter deeds in their order, in the transaction of `connection`; returns the new head.

    Raises ValueError for an action that is none.
    """
    last = connection.execute("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    number, previous = before = (last["number"], last["hash"]) if last else (0, GENESIS)
    rows = []
    for deed in deeds:
        if deed.action not in ACTIONS:
            raise ValueError(deed.action)
        number += 1
        told = json.dumps(dict(deed.detail), ensure_ascii=False, sort_keys=True)
        at = deed.at or datetime.now(UTC).isoformat()
        cells = (number, at, deed.by, deed.action, deed.subject, told, previous)
        previous = _seal(cells)
        rows.append((*cells, previous))
    connection.executemany("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    seals.follow(connection, before, (number, previous))
    return previous


def append(connection: sqlite3.Connection, by: str, action: str, subject: str, **detail: Any) -> str:
    """Enter an action in the transaction of `connection` (`State.writing`) and return its hash."""
    return append_all(connection, [Deed(by, action, subject, detail)])


def note(state: State, by: str, action: str, subject: str, **detail: Any) -> str:
    """`append` in a transaction of its own."""
    with state.writing() as connection:
        return append(connection, by, action, subject, **detail)


@dataclass(frozen=True)
class Chosen:
    """Which entries: about a subject, by somebody, of one action, between two days (UTC); None: all."""

    subject: str | None = None
    by: str | None = None
    action: str | None = None
    since: date | None = None
    until: date | None = None

    def condition(self) -> tuple[str, list[str]]:
        """As SQL and what fills it."""
        parts, values = ["number > ?"], []
        for name in ("subject", "by", "action"):
            if getattr(self, name) is not None:
                parts.append(f"{name} = ?")
                values.append(getattr(self, name))
        if self.since is not None:
            parts.append("at >= ?")
            values.append(self.since.isoformat())
        if self.until is not None:
            parts.append("substr(at, 1, 10) <= ?")
            values.append(self.until.isoformat())
        return " AND ".join(parts), values


def newest(state: State, before: int | None, limit: int, wanted: Chosen | None = None) -> list[Entry]:
    """Entries before number `before` (None: all), newest first; of the `wanted` ones."""
    condition, values = (wanted or Chosen()).condition()
    query = (
        f"SELECT * FROM audit WHERE {condition} AND (? IS NULL OR number < ?) "  # noqa: S608 - ours
        "ORDER BY number DESC LIMIT ?"
    )
    with state.reading() as connection:
        rows = connection.execute(query, (0, *values, before, before, limit)).fetchall()
    return [_entry(row) for row in rows]


def entries(state: State, after: int = 0, limit: int = 1_000, wanted: Chosen | None = None) -> list[Entry]:
    """Entries that follow number `after`, oldest first; of the `wanted` ones."""
    condition, values = (wanted or Chosen()).condition()
    query = f"SELECT * FROM audit WHERE {condition} ORDER BY number LIMIT ?"  # noqa: S608 - ours
    with state.reading() as connection:
        rows = connection.execute(query, (after, *values, limit)).fetchall()
    return [_entry(row) for row in rows]


def line(entry: Entry) -> bytes:
    """An entry as a JSON line, from which `verify_lines` can work its seal out again."""
    return json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n"


def head(state: State) -> str:
    """The hash of the newest entry."""
    with state.reading() as connection:
        last = connection.execute("SELECT hash FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    return str(last["hash"]) if last else GENESIS


@dataclass(frozen=True)
class Checked:
    """What working the chain out again found: how many entries, the newest seal, the first misfit.

    `holds_head`: the heads that were asked for are in the chain. `sealed`: its length is the one that was
    sealed beside it; None where nobody looked (an export bears no seal).
    """

    entries: int
    head: str
    broken_at: int | None
    holds_head: bool
    sealed: bool | None = field(default=None, compare=False)

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the chain."""
        return self.broken_at is None and self.holds_head and self.sealed is not False


def verify(state: State) -> int | None:
    """The number of the first entry that does not fit the chain; None where all do."""
    return check(state).broken_at


def check(state: State, head: str | None = None, kept: Iterable[Seal] = ()) -> Checked:
    """Work the chain out again. `head` and `kept` are seals kept elsewhere: they are not in a chain whose
    newest entries were cut off, nor in one that was written anew."""
    wanted = tuple(kept)
    with state.reading() as connection:
        found = _checked(map(tuple, connection.execute("SELECT * FROM audit ORDER BY number")), head, wanted)
        ours = all(seals.is_ours(connection, seal) for seal in wanted)
        seal = seals.kept(connection)
        same = seal is not None and (seal.entries, seal.head) == (found.entries, found.head)
        sealed = same and seal is not None and seals.is_ours(connection, seal)
    return replace(found, holds_head=found.holds_head and ours, sealed=sealed)


def verify_lines(lines: Iterable[str], head: str | None = None, kept: Iterable[Seal] = ()) -> Checked:
    """`check` of an export of the whole chain. Raises InputError where a line is none of ours."""
    return _checked((_of_line(text, number) for number, text in enumerate(lines, 1)), head, tuple(kept))


def seal(state: State, by: str, *, anew: bool = False) -> Seal:
    """The seal of the chain as it stands, to be kept elsewhere.

    Where the chain is not as long as was sealed, `anew` enters that and seals what there is. Raises
    Conflict `audit_not_sealed` without it.
    """
    found = check(state)
    with state.writing() as connection:
        seal = seals.kept(connection)
        if found.sealed and seal is not None:
            return seal
        if not anew:
            raise Conflict("audit_not_sealed")
        was = None if seal is None else {"entries": seal.entries, "head": seal.head, "at": seal.at}
        append(connection, by, "audit_sealed", "*", was=was, found=found.entries)
        last = connection.execute("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1").fetchone()
        return seals.write(connection, *last)


def _checked(rows: Iterable[tuple[Any, ...]], head: str | None, kept: tuple[Seal, ...] = ()) -> Checked:
    """`rows` are the cells of entries in the order of the table, the seal last."""
    previous, count, broken, seen = GENESIS, 0, None, head in (None, GENESIS)
    missing = {(seal.entries, seal.head) for seal in kept} - {(0, GENESIS)}
    for count, (*cells, seal) in enumerate(rows, 1):
        fits = cells[0] == count and cells[-1] == previous and seal == _seal(tuple(cells))
        if not fits and broken is None:
            broken = count
        seen = seen or seal == head
        missing.discard((count, seal))
        previous = seal
    return Checked(count, previous, broken, seen and not missing and broken is None)


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(**{**dict(row), "detail": json.loads(row["detail"])})


def _of_line(text: str, number: int) -> tuple[Any, ...]:
    try:
        entry = Entry(**json.loads(text))
    except (ValueError, TypeError):
        raise InputError("audit_line", row=number) from None
    told = json.dumps(entry.detail, ensure_ascii=False, sort_keys=True)
    return entry.number, entry.at, entry.by, entry.action, entry.subject, told, entry.previous, entry.hash


def _seal(cells: tuple[Any, ...]) -> str:
    return sha256(json.dumps(cells, ensure_ascii=False).encode()).hexdigest()
