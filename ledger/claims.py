"""Receivables in the state store: what buyers confirmed, what is disputed, and who holds a claim on which.

A pledge or a purchase takes every name that an invoice goes by (each attesting fact), and a receivable is
held once: the store itself refuses the second, whoever comes at the same moment.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from ledger.audit import append
from ledger.errors import Conflict, InputError, NotFound
from ledger.ids import stable_id
from ledger.state import State

MARKS = pl.Schema(
    {
        **dict.fromkeys(("fact", "kind"), pl.String),
        "amount_fen": pl.Int64,
        "happened_on": pl.Date,
        **dict.fromkeys(("proof", "by"), pl.String),
    }
)
CLAIMS = pl.Schema(
    {
        **dict.fromkeys(("claim", "fact", "kind", "holder", "register_number"), pl.String),
        "registered_on": pl.Date,
        "held": pl.Boolean,
        "since": pl.Date,
        "released": pl.Date,
    }
)


@dataclass(frozen=True)
class Held:
    """One receivable to be held: its canonical fact, every fact that attests it, and the amount in fen."""

    canonical: str
    facts: tuple[str, ...]
    amount_fen: int


@dataclass(frozen=True)
class Search:
    """What the movables register answered: its number, day, and whether anybody else holds a claim."""

    number: str
    on: date
    result: str  # free | taken


@dataclass(frozen=True)
class Claim:
    """A pledge or purchase that stands, or stood."""

    id: str
    kind: str
    seller: str
    holder: str
    searched_on: str
    search_number: str
    register_number: str | None
    registered_on: str | None
    amount_fen: int
    facts: tuple[str, ...]
    by: str
    at: str
    released: str | None


def hold(
    state: State,
    kind: str,
    seller: str,
    holder: str,
    receivables: Sequence[Held],
    search: Search,
    by: str,
    registered: tuple[str, date] | None = None,
) -> Claim:
    """Pledge or sell receivables to `holder`: all of them or none; the same sent twice is one claim.

    `seller` is the seller's party id. Raises InputError where nothing is named or the search is not by
    number, Conflict `receivable_taken_elsewhere` where the register names another holder and
    `receivable_held` where one of them is held already, `receivable_disputed` where its buyer disputes it.
    """
    if not receivables or not search.number.strip():
        raise InputError("receivable_search_missing" if receivables else "receivables_none_named")
    if search.result != "free":
        raise Conflict("receivable_taken_elsewhere", search=search.number)
    facts = sorted({one.canonical for one in receivables})
    now = datetime.now(UTC).isoformat()
    with state.writing() as connection:
        for earlier in _claims(connection, "WHERE search_number = ? AND released IS NULL", (search.number,)):
            told = (earlier.kind, earlier.seller, earlier.holder, sorted(earlier.facts))
            entered = (earlier.register_number, earlier.registered_on)
            entry = entered if registered is None else (registered[0], registered[1].isoformat())
            if told == (kind, seller, holder, facts) and entered == entry:
                return earlier  # sent twice
        for one in receivables:
            _undisputed(connection, one)
        made = connection.execute("SELECT COUNT(*) FROM claims").fetchone()[0]
        id_ = stable_id("claim", kind, seller, holder, *facts, str(made))
        number, day = registered or (None, None)
        cells = (
            *(id_, kind, seller, holder, search.on.isoformat(), search.number, search.result, number),
            *(day and day.isoformat(), sum(one.amount_fen for one in receivables), by, now),
        )
        connection.execute(
            "INSERT INTO claims (id, kind, seller, holder, searched_on, search_number, search_result, "
            "register_number, registered_on, amount_fen, by, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            cells,
        )
        for one in receivables:
            _take(connection, id_, one)
        noted = {"kind": kind, "holder": holder, "receivables": len(facts), "search": search.number}
        append(connection, by, "receivables_held", id_, **noted)
        return _claims(connection, "WHERE id = ?", (id_,))[0]


def _undisputed(connection: sqlite3.Connection, one: Held) -> None:
    """Raises Conflict where a dispute stands: it may have been noted since whoever asks looked."""
    row = connection.execute(
        "SELECT kind, proof FROM receivable_marks WHERE fact IN (SELECT value FROM json_each(?)) "
        "AND kind IN ('disputed', 'settled_dispute') ORDER BY number DESC LIMIT 1",
        (json.dumps([one.canonical, *one.facts]),),
    ).fetchone()
    if row is not None and row["kind"] == "disputed":
        raise Conflict("receivable_disputed", receivable=one.canonical, proof=row["proof"])


def _take(connection: sqlite3.Connection, claim: str, one: Held) -> None:
    for fact in sorted({one.canonical, *one.facts}):
        try:
            connection.execute(
                "INSERT INTO claim_facts VALUES (?, ?, ?, ?, 1)",
                (claim, fact, one.canonical, one.amount_fen),
            )
        except sqlite3.IntegrityError as error:
            earlier = connection.execute(
                "SELECT claim FROM claim_facts WHERE fact = ? AND held = 1", (fact,)
            ).fetchone()
            if earlier is None:
                raise
            raise Conflict("receivable_held", receivable=one.canonical, claim=earlier["claim"]) from error


def release(state: State, claim: str, by: str, why: str) -> Claim:
    """Let go of a claim; its receivables are free again. Raises NotFound, InputError, Conflict."""
    if not why.strip():
        raise InputError("reason_missing")
    with state.writing() as connection:
        found = _claims(connection, "WHERE id = ?", (claim,))
        if not found:
            raise NotFound("claim_not_found", claim=claim)
        if found[0].released:
            raise Conflict("claim_released", claim=claim)
        connection.execute("UPDATE claim_facts SET held = 0 WHERE claim = ?", (claim,))
        connection.execute(
            "UPDATE claims SET released = ?, released_by = ?, released_why = ? WHERE id = ?",
            (datetime.now(UTC).isoformat(), by, why, claim),
        )
        append(connection, by, "receivables_released", claim, why=why)
        return _claims(connection, "WHERE id = ?", (claim,))[0]


def register(state: State, claim: str, number: str, on: date, by: str) -> Claim:
    """Note the register's number of a claim and its day; what was once noted stays.

    Raises NotFound, Conflict where the claim is released or registered otherwise.
    """
    with state.writing() as connection:
        found = _claims(connection, "WHERE id = ?", (claim,))
        if not found:
            raise NotFound("claim_not_found", claim=claim)
        if found[0].released:
            raise Conflict("claim_released", claim=claim)
        noted = found[0].register_number, found[0].registered_on
        if noted == (number, on.isoformat()):
            return found[0]  # sent twice
        if noted[0] is not None:
            raise Conflict("claim_registered", claim=claim, number=noted[0])
        connection.execute(
            "UPDATE claims SET register_number = ?, registered_on = ? WHERE id = ?",
            (number, on.isoformat(), claim),
        )
        append(connection, by, "receivables_registered", claim, number=number)
        return _claims(connection, "WHERE id = ?", (claim,))[0]


def mark(
    state: State,
    seller: str,
    fact: str,
    kind: str,
    on: date,
    proof: str,
    by: str,
    amount_fen: int | None = None,
) -> None:
    """Note what a person knows of a receivable: confirmed, disputed, settled_dispute, collected.

    `proof` names the paper that says so: the same of one paper sent twice is one mark. Raises InputError
    where it is empty or the amount is not above 0.
    """
    if not proof.strip():
        raise InputError("proof_missing")
    if amount_fen is not None and amount_fen <= 0:
        raise InputError("mark_amount_wrong", amount_fen=amount_fen)
    with state.writing() as connection:
        same = connection.execute(
            "SELECT 1 FROM receivable_marks WHERE (fact, seller, kind, happened_on, proof) = (?, ?, ?, ?, ?) "
            "AND amount_fen IS ?",
            (fact, seller, kind, on.isoformat(), proof, amount_fen),
        ).fetchone()
        if same is not None:
            return
        connection.execute(
            "INSERT INTO receivable_marks (fact, seller, kind, amount_fen, happened_on, proof, by, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (fact, seller, kind, amount_fen, on.isoformat(), proof, by, datetime.now(UTC).isoformat()),
        )
        append(connection, by, "receivable_marked", fact, kind=kind, on=on.isoformat())


def marks_of(state: State, sellers: Sequence[str]) -> pl.DataFrame:
    """What is noted of the receivables of these parties, in the order it was noted: columns MARKS."""
    with state.reading() as connection:
        rows = connection.execute(
            "SELECT fact, kind, amount_fen, happened_on, proof, by FROM receivable_marks "
            "WHERE seller IN (SELECT value FROM json_each(?)) ORDER BY number",
            (json.dumps(list(sellers)),),
        ).fetchall()
    return _frame(rows, MARKS)


def confirmed_any(state: State, sellers: Sequence[str]) -> bool:
    """Whether a buyer is noted to have confirmed any receivable of these parties."""
    with state.reading() as connection:
        row = connection.execute(
            "SELECT 1 FROM receivable_marks "
            "WHERE seller IN (SELECT value FROM json_each(?)) AND kind = 'confirmed' LIMIT 1",
            (json.dumps(list(sellers)),),
        ).fetchone()
    return row is not None


def claims_on(state: State, sellers: Sequence[str]) -> pl.DataFrame:
    """Who holds, or held, which receivable of these parties: columns CLAIMS, one row an attesting fact."""
    with state.reading() as connection:
        rows = connection.execute(
            "SELECT c.id AS claim, f.fact, c.kind, c.holder, c.register_number, c.registered_on, f.held, "
            "substr(c.at, 1, 10) AS since, substr(c.released, 1, 10) AS released "
            "FROM claims c JOIN claim_facts f ON f.claim = c.id "
            "WHERE c.seller IN (SELECT value FROM json_each(?)) ORDER BY c.number, f.fact",
            (json.dumps(list(sellers)),),
        ).fetchall()
    return _frame(rows, CLAIMS)


def claims_of(state: State, sellers: Sequence[str]) -> list[Claim]:
    """Claims on what these parties sold, oldest first."""
    with state.reading() as connection:
        where = "WHERE seller IN (SELECT value FROM json_each(?)) ORDER BY number"
        return _claims(connection, where, (json.dumps(list(sellers)),))


def claim_of(state: State, claim: str) -> Claim:
    """One claim. Raises NotFound."""
    with state.reading() as connection:
        found = _claims(connection, "WHERE id = ?", (claim,))
    if not found:
        raise NotFound("claim_not_found", claim=claim)
    return found[0]


def _claims(connection: sqlite3.Connection, where: str, values: tuple[Any, ...]) -> list[Claim]:
    rows = connection.execute(f"SELECT * FROM claims {where}", values).fetchall()  # noqa: S608
    names = [name for name in Claim.__dataclass_fields__ if name != "facts"]
    made = []
    for row in rows:
        facts = connection.execute(
            "SELECT DISTINCT canonical FROM claim_facts WHERE claim = ? ORDER BY canonical", (row["id"],)
        ).fetchall()
        made.append(Claim(**{n: row[n] for n in names}, facts=tuple(f["canonical"] for f in facts)))
    return made


def as_answer(claim: Claim) -> dict[str, Any]:
    """A claim as plain values."""
    return {**asdict(claim), "facts": list(claim.facts)}


def _frame(rows: list[sqlite3.Row], schema: pl.Schema) -> pl.DataFrame:
    texts = {n: pl.String if t == pl.Date else pl.Int64 if t == pl.Boolean else t for n, t in schema.items()}
    frame = pl.DataFrame([dict(row) for row in rows], schema=texts)
    days = [pl.col(n).str.to_date("%Y-%m-%d") for n, t in schema.items() if t == pl.Date]
    flags = [pl.col(n).cast(pl.Boolean) for n, t in schema.items() if t == pl.Boolean]
    return frame.with_columns(*days, *flags)
