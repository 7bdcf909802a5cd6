"""Lists that a bank keeps or imports by itself (black, grey, court, tax), each entry with source and days.

An entry is kept for good: it expires, or an appeal about it is upheld; it is never rewritten away.
"""

import csv
import io
import json
import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ledger.errors import Conflict, InputError, NotFound, Problem
from ledger.ids import stable_id

#: Lists that can be imported.
LISTS = (
    *("dishonest", "consumption_limited", "abnormal", "serious", "tax_abnormal", "tax_crime"),
    *("own_black", "own_grey"),
)
COLUMNS = ("code", "name", "list", "since", "until", "source", "reason")
MOST_ROWS = 100_000


@dataclass(frozen=True)
class Listed:
    """One entry. `appeal`: None, open, upheld (it no longer counts) or dismissed."""

    id: str
    code: str
    name: str
    list: str
    since: date
    until: date | None
    source: str
    reason: str
    appeal: str | None = None


def read_csv(text: str, file: str) -> list[Listed]:
    """The entries of a CSV with columns COLUMNS. Raises InputError naming every row that cannot stand."""
    try:
        return _read(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=None)), file)
    except csv.Error as error:
        raise InputError("list_unreadable", file=file) from error


def _read(rows: "csv.DictReader[str]", file: str) -> list[Listed]:
    lacking = [name for name in ("code", "list", "since", "source") if name not in (rows.fieldnames or ())]
    if lacking:
        problems = tuple(Problem("list_column_missing", file=file, field=name) for name in lacking)
        raise InputError("list_unreadable", problems, file=file)
    read: list[Listed] = []
    wrong: list[Problem] = []
    for number, row in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise InputError("list_too_long", file=file, most=MOST_ROWS)
        problem = _wrong(row, file, number)
        if problem is None:
            read.append(_entry(row))
        else:
            wrong.append(problem)
    if wrong:
        raise InputError("list_unreadable", tuple(wrong[:50]), file=file)
    return read


def keep(connection: sqlite3.Connection, entries: list[Listed], by: str) -> int:
    """Add entries; those that are known already stay as they are. How many were new."""
    at = datetime.now(UTC).isoformat()
    before = connection.total_changes
    connection.executemany(
        "INSERT OR IGNORE INTO standing_lists (id, code, name, list, since, until, source, reason, by, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (e.id, e.code, e.name, e.list, str(e.since), e.until and str(e.until), e.source, e.reason, by, at)
            for e in entries
        ],
    )
    return connection.total_changes - before


def listed(connection: sqlite3.Connection, codes: tuple[str, ...], day: date) -> list[Listed]:
    """Entries about these codes that stand on a day, whatever became of appeals."""

    rows = connection.execute(
        "SELECT * FROM standing_lists WHERE code IN (SELECT value FROM json_each(?)) AND since <= ?"
        " AND (until IS NULL OR until >= ?) ORDER BY number",
        (json.dumps(codes), str(day), str(day)),
    )
    return [_listed(row) for row in rows]


def appeal(connection: sqlite3.Connection, id_: str, outcome: str, why: str) -> Listed:
    """Note an appeal about an entry: open, upheld or dismissed. Raises NotFound, Conflict, InputError."""
    if outcome not in ("open", "upheld", "dismissed"):
        raise InputError("appeal_unknown", outcome=outcome)
    row = connection.execute("SELECT * FROM standing_lists WHERE id = ?", (id_,)).fetchone()
    if row is None:
        raise NotFound("listing_not_found", listing=id_)
    if row["appeal"] in ("upheld", "dismissed"):
        raise Conflict("appeal_closed", listing=id_, outcome=row["appeal"])
    connection.execute(
        "UPDATE standing_lists SET appeal = ?, appeal_why = ? WHERE id = ?", (outcome, why, id_)
    )
    return _listed(connection.execute("SELECT * FROM standing_lists WHERE id = ?", (id_,)).fetchone())


def _wrong(row: dict[str, str | None], file: str, number: int) -> Problem | None:
    list_ = (row.get("list") or "").strip()
    if list_ not in LISTS:
        return Problem("list_unknown", file, number, "list", list_)
    for name in ("code", "source"):
        if not (row.get(name) or "").strip():
            return Problem("list_cell_missing", file, number, name, "")
    for name in ("since", "until"):
        cell = (row.get(name) or "").strip()
        if name == "until" and not cell:
            continue
        try:
            date.fromisoformat(cell)
        except ValueError:
            return Problem("list_date_unreadable", file, number, name, cell)
    until = (row.get("until") or "").strip()
    if until and until < (row.get("since") or "").strip():
        return Problem("list_ends_before_it_begins", file, number, "until", until)
    return None


def _entry(row: dict[str, str | None]) -> Listed:
    cell = {name: (row.get(name) or "").strip() for name in COLUMNS}
    since, until = date.fromisoformat(cell["since"]), cell["until"] or None
    code = cell["code"].upper()
    id_ = stable_id("listing", code, cell["list"], cell["since"], cell["source"])
    ends = None if until is None else date.fromisoformat(until)
    return Listed(id_, code, cell["name"], cell["list"], since, ends, cell["source"], cell["reason"])


def _listed(row: sqlite3.Row) -> Listed:
    until = row["until"]
    return Listed(
        **{name: row[name] for name in ("id", "code", "name", "list", "source", "reason", "appeal")},
        since=date.fromisoformat(row["since"]),
        until=None if until is None else date.fromisoformat(until),
    )
