"""Warnings in the state store: what was found about a borrower after the loan, what it does, who lifted it.

A warning stands until somebody other than who raised it lifts it, with a reason. The strongest of those
that stand is what holds: freeze (nothing more is lent or drawn), cut, refer, or a mere note.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from ledger.audit import append
from ledger.errors import Conflict, InputError, NotFound
from ledger.ids import stable_id

#: What a warning does, the weakest first.
ACTIONS = ("note", "refer", "cut", "freeze")


@dataclass(frozen=True)
class Warning_:
    """A warning about a party. `detail`: the figures it was raised on."""

    id: str
    party: str
    code: str
    found_on: str
    action: str
    detail: dict[str, Any]
    by: str
    at: str
    lifted: str | None
    lifted_by: str | None
    lifted_why: str | None
    number: int = 0


def raise_(
    connection: sqlite3.Connection,
    party: str,
    code: str,
    on: date,
    action: str,
    detail: dict[str, Any],
    by: str,
) -> bool:
    """Note a warning; False where one of that code, day and action is noted already."""
    id_ = stable_id("warning", party, code, on.isoformat(), action)
    cells = (id_, party, code, on.isoformat(), action, json.dumps(detail, sort_keys=True), by, _now())
    made = connection.execute(
        "INSERT OR IGNORE INTO warnings (id, party, code, found_on, action, detail, by, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        cells,
    ).rowcount
    if made:
        append(connection, by, "warning_raised", id_, party=party, code=code, does=action)
    return bool(made)


def lift(connection: sqlite3.Connection, id_: str, by: str, why: str) -> Warning_:
    """Take a warning off. Raises NotFound, InputError without a reason, Conflict where `by` raised it or it
    is lifted."""
    if not why.strip():
        raise InputError("reason_missing")
    found = _read(connection, "WHERE id = ?", (id_,))
    if not found:
        raise NotFound("warning_not_found", warning=id_)
    if found[0].lifted:
        raise Conflict("warning_lifted_already", warning=id_)
    if found[0].by == by:
        raise Conflict("warning_four_eyes", warning=id_, by=by)
    cells = (_now(), by, why, id_)
    connection.execute("UPDATE warnings SET lifted = ?, lifted_by = ?, lifted_why = ? WHERE id = ?", cells)
    append(connection, by, "warning_lifted", id_, why=why)
    return _read(connection, "WHERE id = ?", (id_,))[0]


def warnings(
    connection: sqlite3.Connection, parties: Sequence[str] | None = None, standing: bool = False
) -> list[Warning_]:
    """Warnings about these parties (None: all), the newest first; `standing`: those not lifted."""
    where = "WHERE (? = 0 OR lifted IS NULL) AND (? IS NULL OR party IN (SELECT value FROM json_each(?)))"
    about = None if parties is None else json.dumps(list(parties))
    return _read(connection, f"{where} ORDER BY number DESC", (int(standing), about, about))


def strongest(connection: sqlite3.Connection, parties: Sequence[str]) -> str | None:
    """The strongest action that stands against any of these parties, None where nothing does."""
    found = {one.action for one in warnings(connection, parties, standing=True)}
    return next((action for action in reversed(ACTIONS) if action in found), None)


def _read(connection: sqlite3.Connection, where: str, values: tuple[Any, ...]) -> list[Warning_]:
    rows = connection.execute(f"SELECT * FROM warnings {where}", values).fetchall()  # noqa: S608
    names = [name for name in Warning_.__dataclass_fields__ if name != "detail"]
    return [Warning_(**{n: r[n] for n in names}, detail=json.loads(r["detail"])) for r in rows]


def _now() -> str:
    return datetime.now(UTC).isoformat()
