"""What belongs to whom at the desk: read by others where it is shared, changed by its owner alone."""

import sqlite3
from datetime import UTC, datetime

from ledger.errors import Forbidden, NotFound
from ledger.ids import stable_id


def now() -> str:
    """The moment, as it is stored."""
    return datetime.now(UTC).isoformat()


def new_id(connection: sqlite3.Connection, table: str, by: str) -> str:
    """The id of the next row of `table`; what was deleted never lends its id to another."""
    last = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return stable_id(table, str((last["seq"] if last else 0) + 1), by)


def readable(row: sqlite3.Row | None, by: str, missing: str, id_: str) -> sqlite3.Row:
    """`row` where `by` may read it. Raises NotFound `missing`, also for what another keeps to themselves."""
    if row is None or (row["by"] != by and not row["shared"]):
        raise NotFound(missing, id=id_[:16])
    return row


def own(row: sqlite3.Row | None, by: str, missing: str, id_: str) -> sqlite3.Row:
    """`row` where `by` owns it. Raises NotFound, Forbidden `not_the_owner` for what another shares."""
    found = readable(row, by, missing, id_)
    if found["by"] != by:
        raise Forbidden("not_the_owner")
    return found
