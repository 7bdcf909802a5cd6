"""Idempotency keys: a write sent twice under one key is done once and answered twice alike."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

from ledger.errors import Conflict

#: Days that a key is kept.
KEPT = 7


def remembered(
    connection: sqlite3.Connection, owner: str, route: str, key: str, request: str
) -> dict[str, Any] | None:
    """The answer given before under `key`; None where there was none.

    `request` is the hash of what is asked. Raises Conflict `idempotency_key_reused` where the key came
    with another request.
    """
    row = connection.execute(
        "SELECT request, answer FROM replays WHERE owner = ? AND route = ? AND key = ?", (owner, route, key)
    ).fetchone()
    if row is None:
        return None
    if row["request"] != request:
        raise Conflict("idempotency_key_reused", key=key)
    answer: dict[str, Any] = json.loads(row["answer"])
    return answer


def remember(
    connection: sqlite3.Connection, owner: str, route: str, key: str, request: str, answer: dict[str, Any]
) -> None:
    """Keep `answer` under `key`, in the transaction that does the work; old keys go."""
    now = datetime.now(UTC)
    old = (now - timedelta(days=KEPT)).isoformat()
    connection.execute("DELETE FROM replays WHERE created < ?", (old,))
    connection.execute(
        "INSERT INTO replays VALUES (?, ?, ?, ?, ?, ?)",
        (owner, route, key, request, json.dumps(answer, ensure_ascii=False), now.isoformat()),
    )
