"""A write sent twice under one idempotency key: done once, answered twice alike."""

import json
import sqlite3
from collections.abc import Callable
from hashlib import sha256
from typing import Annotated

from fastapi import Header

from api.asking import Asking
from api.models import Model
from ledger.replays import remember, remembered

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        description="The same key with the same request again gets the same answer, and it is done once",
    ),
]


def once(
    asked: Asking, route: str, key: str | None, body: Model, work: Callable[[sqlite3.Connection], Model]
) -> bytes:
    """The JSON of `work`'s answer, in one transaction with what it writes.

    Raises Conflict `idempotency_key_reused` where the key came with another request.
    """
    request = sha256(body.model_dump_json().encode()).hexdigest()
    with asked.data.state.writing() as connection:
        if key and (before := remembered(connection, asked.by, route, key, request)) is not None:
            return json.dumps(before, ensure_ascii=False).encode()
        answer = work(connection).model_dump_json(by_alias=True)
        if key:
            remember(connection, asked.by, route, key, request, json.loads(answer))
    return answer.encode()
