"""Webhooks: addresses that hear of events, what is to be sent to each, and how it is signed.

No secret is stored: that of a webhook is derived from its id with the master key in `access.key` (32
random bytes beside the state store, mode 0600), so it is shown once and can sign for ever. A copy of
the state store alone signs nothing; who loses `access.key` makes the webhooks anew.
"""

import hmac
import json
import os
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ledger import audit
from ledger.errors import Conflict, InputError, NotFound
from ledger.state import State

#: Event → the scope that a key needs to hear of it.
EVENTS = {"job.done": "documents:read", "decision.made": "credit:read", "offer.answered": "credit:read"}
MASTER = "access.key"
#: Webhooks that one key may have.
MOST = 20
#: Deliveries of one key that are tried in one round.
EACH = 5
#: Seconds before each further try; after the last the delivery has failed.
BACKOFF_S = (10, 60, 300, 1_800, 7_200, 21_600)


@dataclass(frozen=True)
class Webhook:
    """An address and the events it hears of."""

    number: int
    id: str
    key: str
    url: str
    events: tuple[str, ...]
    created: str
    ended: str | None


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one address: queued | delivered | failed | dropped (the key may no longer)."""

    number: int
    id: str
    webhook: str
    event: str
    subject: str
    party: str | None
    body: str
    state: str
    attempts: int
    due: str
    status: int | None
    error: str | None
    created: str
    ended: str | None


def make(state: State, by: str, key: str, url: str, events: tuple[str, ...]) -> Webhook:
    """Let `url` hear of `events`; the caller has checked the address. Raises InputError, Conflict."""
    unknown = sorted(set(events) - set(EVENTS))
    if unknown or not events:
        raise InputError("webhook_events", events=", ".join(unknown)[:200], known=", ".join(EVENTS))
    id_ = secrets.token_hex(8)
    with state.writing() as connection:
        standing = connection.execute(
            "SELECT count(*) FROM webhooks WHERE key = ? AND ended IS NULL", (key,)
        ).fetchone()[0]
        if standing >= MOST:
            raise Conflict("webhooks_too_many", most=MOST)
        told = json.dumps(sorted(set(events)))
        connection.execute(
            "INSERT INTO webhooks (id, key, url, events, created) VALUES (?, ?, ?, ?, ?)",
            (id_, key, url, told, _now()),
        )
        audit.append(connection, by, "webhook_made", id_, key=key, events=sorted(set(events)))
        return _get(connection, id_, key)


def end(state: State, by: str, key: str, id_: str) -> Webhook:
    """End a webhook of `key`; what is queued for it is dropped. Raises NotFound."""
    with state.writing() as connection:
        if _get(connection, id_, key).ended is None:
            connection.execute("UPDATE webhooks SET ended = ? WHERE id = ?", (_now(), id_))
            connection.execute(
                "UPDATE deliveries SET state = 'dropped', ended = ? WHERE webhook = ? AND state = 'queued'",
                (_now(), id_),
            )
            audit.append(connection, by, "webhook_ended", id_, key=key)
        return _get(connection, id_, key)


def of_key(state: State, key: str) -> list[Webhook]:
    """The webhooks of a key, newest first."""
    with state.reading() as connection:
        rows = connection.execute("SELECT * FROM webhooks WHERE key = ? ORDER BY number DESC", (key,))
        return [_webhook(row) for row in rows]


def deliveries(
    state: State, key: str, id_: str, limit: int, before: int | None = None
) -> tuple[list[Delivery], int]:
    """Deliveries of a key's webhook, newest first, and how many there are. Raises NotFound."""
    with state.reading() as connection:
        _get(connection, id_, key)
        rows = connection.execute(
            "SELECT * FROM deliveries WHERE webhook = ? AND number < ? ORDER BY number DESC LIMIT ?",
            (id_, before or 2**62, limit),
        )
        found = [Delivery(**dict(row)) for row in rows]
        total = connection.execute("SELECT count(*) FROM deliveries WHERE webhook = ?", (id_,)).fetchone()
        return found, int(total[0])


def emit(
    connection: sqlite3.Connection,
    event: str,
    subject: str,
    data: Mapping[str, Any],
    party: str | None = None,
) -> int:
    """Queue an event for every address that wants it, in the transaction that makes it true; how many.

    `data` names ids and states, never persons or figures: a receiver asks the API for the rest. `party`
    is the firm that it is about, for keys that see some firms only.
    """
    if event not in EVENTS:
        raise ValueError(event)
    rows = connection.execute("SELECT * FROM webhooks WHERE ended IS NULL").fetchall()
    wanting = [hook for hook in map(_webhook, rows) if event in hook.events]
    now = _now()
    for hook in wanting:
        id_ = secrets.token_hex(8)
        body = {"id": id_, "event": event, "at": now, "subject": subject, "data": dict(data)}
        connection.execute(
            "INSERT INTO deliveries (id, webhook, event, subject, party, body, state, due, created)"
            " VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?)",
            (id_, hook.id, event, subject, party, json.dumps(body, ensure_ascii=False), now, now),
        )
    return len(wanting)


# The sender's side


def due(state: State, limit: int = 20) -> list[tuple[Delivery, Webhook]]:
    """What is to be sent now, oldest first; of each key the oldest few, so that none crowds others out."""
    with state.reading() as connection:
        rows = connection.execute(
            "SELECT * FROM deliveries WHERE number IN (SELECT number FROM (SELECT d.number, row_number() OVER"
            " (PARTITION BY w.key ORDER BY d.due, d.number) AS place FROM deliveries d JOIN webhooks w"
            " ON w.id = d.webhook WHERE d.state = 'queued' AND d.due <= ?) WHERE place <= ?)"
            " ORDER BY due, number LIMIT ?",
            (_now(), EACH, limit),
        ).fetchall()
        found = [Delivery(**dict(row)) for row in rows]
        hooks = {
            row["id"]: _webhook(row)
            for row in connection.execute("SELECT * FROM webhooks WHERE ended IS NULL").fetchall()
        }
    return [(delivery, hooks[delivery.webhook]) for delivery in found if delivery.webhook in hooks]


def sent(state: State, delivery: Delivery, status: int | None, error: str | None = None) -> None:
    """Keep how a try went: 2xx ends it, anything else is tried again later, until the last try."""
    attempts = delivery.attempts + 1
    well = status is not None and 200 <= status < 300
    last = attempts > len(BACKOFF_S)
    how = "delivered" if well else "failed" if last else "queued"
    wait = 0 if well or last else BACKOFF_S[attempts - 1]
    later = (datetime.now(UTC) + timedelta(seconds=wait)).isoformat()
    with state.writing() as connection:
        connection.execute(
            "UPDATE deliveries SET state = ?, attempts = ?, due = ?, status = ?, error = ?, ended = ?"
            " WHERE id = ? AND state = 'queued'",
            (how, attempts, later, status, error, None if how == "queued" else _now(), delivery.id),
        )


def drop(state: State, delivery: Delivery, why: str) -> None:
    """Send it never: its key may no longer hear of it."""
    with state.writing() as connection:
        connection.execute(
            "UPDATE deliveries SET state = 'dropped', error = ?, ended = ? WHERE id = ? AND state = 'queued'",
            (why, _now(), delivery.id),
        )


def secret_of(folder: Path, id_: str) -> str:
    """The secret of webhook `id_`, as shown once: `whsec_` and 64 hex digits."""
    return "whsec_" + hmac.digest(_master(folder), f"webhook:{id_}".encode(), "sha256").hex()


def signature(secret: str, body: bytes, at: int) -> str:
    """What goes into `Dayan-Signature`: HMAC-SHA256 over `<unix seconds>.<body>`."""
    sealed = hmac.digest(secret.encode(), str(at).encode() + b"." + body, "sha256").hex()
    return f"t={at},v1={sealed}"


def is_signed(secret: str, body: bytes, header: str, now: float, tolerance_s: float = 300) -> bool:
    """Whether `header` signs `body` and is not old: what a receiver checks, in constant time."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    try:
        at = int(parts.get("t", ""))
    except ValueError:
        return False
    same = hmac.compare_digest(signature(secret, body, at).encode(), header.encode())
    return same and abs(now - at) <= tolerance_s


def _master(folder: Path) -> bytes:
    """The master key, made when first needed; no other user may read it. Raises Conflict."""
    path = folder / MASTER
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = folder / f"{MASTER}.{secrets.token_hex(4)}"
        handle = os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
        try:
            os.link(half, path)  # whole or not at all, and the first one stays
        except FileExistsError:
            pass
        finally:
            half.unlink()
    key = path.read_bytes()
    if len(key) != 32 or path.stat().st_mode & 0o077:
        raise Conflict("access_key_unsafe", file=MASTER)
    return key


def _get(connection: sqlite3.Connection, id_: str, key: str) -> Webhook:
    row = connection.execute("SELECT * FROM webhooks WHERE id = ? AND key = ?", (id_, key)).fetchone()
    if row is None:
        raise NotFound("webhook_not_found", webhook=id_)
    return _webhook(row)


def _webhook(row: sqlite3.Row) -> Webhook:
    return Webhook(**{**dict(row), "events": tuple(json.loads(row["events"]))})


def _now() -> str:
    return datetime.now(UTC).isoformat()
