"""Applications and decisions in the state store: entered once, decided once, never rewritten.

An application is applied → decided → booked, or withdrawn before it is booked; it is decided again where the
loan that it was booked as was refused. A decision is kept with
everything it was made from; what people do about it afterwards (an objection, a review) is an event of
its own, and the newest event says what holds. Firms are named by party ids.
"""

import json
import sqlite3
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal

from ledger.errors import Conflict, NotFound
from ledger.ids import stable_id

#: Applications, each with when its consent was taken back.
_APPLICATIONS = (
    "SELECT applications.*,"
    " (SELECT e.at FROM consent_ends e WHERE e.application = applications.id) AS consent_ended"
    " FROM applications"
)
Status = Literal["approved", "declined", "manual_review"]


@dataclass(frozen=True)
class Consent:
    """What the applicant agreed to: which text, which data, for what, when, and until when (last day)."""

    text: str
    scope: tuple[str, ...]
    purpose: str
    given_on: date
    until: date


@dataclass(frozen=True)
class Application:
    """A firm's wish for credit. `documents`: SHA-256 of papers handed in with it; `consent_ended`: when the
    applicant took the consent back; `entered_as`: by the bank, or by the owner of the firm."""

    id: str
    party: str
    product: str
    amount_fen: int
    months: int
    purpose: str
    consent: Consent
    documents: tuple[str, ...]
    by: str
    at: str
    state: str
    number: int = 0
    consent_ended: str | None = None
    entered_as: str = "bank"


@dataclass(frozen=True)
class Event:
    """What a person did about a decision: objected to it or reviewed it."""

    kind: str
    status: Status
    limit_fen: int | None
    override: bool
    reason: str
    why: str
    by: str
    at: str


@dataclass(frozen=True)
class Decision:
    """A decision as it was made, and what people did about it since."""

    id: str
    application: str
    party: str
    status: Status
    valid_until: date
    policy: str
    model: str
    snapshot: str
    inputs: str
    answer: str
    by: str
    at: str
    number: int = 0
    events: tuple[Event, ...] = field(default=())

    @property
    def holds(self) -> Status:
        """What holds now: the word of the newest event, else the decision's own."""
        return self.events[-1].status if self.events else self.status

    @property
    def limit_fen(self) -> int:
        """The limit that holds now; 0 where nothing is approved."""
        if self.holds != "approved":
            return 0
        if self.events and self.events[-1].limit_fen is not None:
            return self.events[-1].limit_fen
        return int((json.loads(self.answer)["limit"] or {}).get("amount_fen") or 0)


def enter(
    connection: sqlite3.Connection,
    *,
    consent: Consent,
    documents: tuple[str, ...] = (),
    entered_as: str = "bank",
    **given: Any,
) -> Application:
    """Keep a new application: party, product, amount_fen, months, purpose, by."""
    last = connection.execute("SELECT COALESCE(MAX(number), 0) FROM applications").fetchone()[0]
    at = _now()
    id_ = stable_id("application", str(last + 1), given["party"])
    body = json.dumps(asdict(consent), ensure_ascii=False, default=str, sort_keys=True)
    connection.execute(
        "INSERT INTO applications (id, party, product, amount_fen, months, purpose, consent, documents, by,"
        " at, state, entered_as) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'applied', ?)",
        (
            *(id_, given["party"], given["product"], given["amount_fen"], given["months"], given["purpose"]),
            *(body, json.dumps(documents), given["by"], at, entered_as),
        ),
    )
    return application(connection, id_)


def application(connection: sqlite3.Connection, id_: str) -> Application:
    """The application of that id. Raises NotFound `application_not_found`."""
    row = connection.execute(f"{_APPLICATIONS} WHERE id = ?", (id_,)).fetchone()
    if row is None:
        raise NotFound("application_not_found", application=id_)
    return _application(row)


def applications(
    connection: sqlite3.Connection,
    *,
    parties: tuple[str, ...] | None = None,
    state: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Application]:
    """Applications, the newest first: of these parties, in that state, entered before number `before`."""
    where, values = ["1 = 1"], []
    if parties is not None:
        where.append("party IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(parties))
    for column, value, test in (("state", state, "="), ("number", before, "<")):
        if value is not None:
            where.append(f"{column} {test} ?")
            values.append(value)  # type: ignore[arg-type]
    query = f"{_APPLICATIONS} WHERE {' AND '.join(where)} ORDER BY number DESC LIMIT ?"
    return [_application(row) for row in connection.execute(query, (*values, limit))]


def move(connection: sqlite3.Connection, id_: str, to: str) -> None:
    """Bring an application on: to decided, booked or withdrawn. Raises Conflict `application_state`."""
    now = application(connection, id_)
    from_ = {"decided": ("applied",), "booked": ("decided",), "withdrawn": ("applied", "decided")}[to]
    if now.state not in from_:
        raise Conflict("application_state", application=id_, state=now.state, to=to)
    connection.execute("UPDATE applications SET state = ? WHERE id = ?", (to, id_))


def unbook(connection: sqlite3.Connection, decision_id: str) -> None:
    """Bring the application of a decision back to decided: in the transaction that refuses its loan. Nothing
    where no decision desk kept the decision."""
    connection.execute(
        "UPDATE applications SET state = 'decided' WHERE state = 'booked' AND id ="
        " (SELECT application FROM decisions WHERE id = ?)",
        (decision_id,),
    )


def end_consent(connection: sqlite3.Connection, id_: str, by: str) -> Application:
    """Take the consent of an application back, from now on; what is not booked is withdrawn with it.

    Taken back twice it stays as it was. Raises NotFound.
    """
    now = application(connection, id_)
    if now.consent_ended is None:
        connection.execute("INSERT INTO consent_ends VALUES (?, ?, ?)", (id_, by, _now()))
    if now.state in ("applied", "decided"):
        move(connection, id_, "withdrawn")
    return application(connection, id_)


def book(connection: sqlite3.Connection, application_id: str, today: date) -> Decision:
    """Mark an application booked and return the decision it rests on: for whoever books the loan, in the
    transaction that books it.

    Raises Conflict where it is not decided, not approved, or approved no longer holds.
    """
    made = decision_on(connection, application_id)
    if made is None:
        raise Conflict("application_undecided", application=application_id)
    if made.holds != "approved":
        raise Conflict("decision_not_approved", decision=made.id, status=made.holds)
    if today > made.valid_until:
        raise Conflict("decision_expired", decision=made.id, until=str(made.valid_until))
    move(connection, application_id, "booked")
    return made


def decide(connection: sqlite3.Connection, made: Decision, challengers: list[dict[str, str]]) -> None:
    """Keep a decision with what challenger policies would have said, and bring its application on.

    Raises Conflict `application_state` where the application is decided already or withdrawn.
    """
    move(connection, made.application, "decided")
    row = {k: v for k, v in asdict(made).items() if k not in ("number", "events")}
    row["valid_until"] = str(made.valid_until)
    marks = ", ".join("?" * len(row))
    connection.execute(
        f"INSERT INTO decisions ({', '.join(row)}) VALUES ({marks})",  # noqa: S608
        tuple(row.values()),
    )
    for one in challengers:
        cells = (made.id, one["policy"], one["status"], one["answer"])
        connection.execute("INSERT INTO challenger_answers VALUES (?, ?, ?, ?)", cells)


def decision(connection: sqlite3.Connection, id_: str) -> Decision:
    """The decision of that id with its events. Raises NotFound `decision_not_found`."""
    row = connection.execute("SELECT * FROM decisions WHERE id = ?", (id_,)).fetchone()
    if row is None:
        raise NotFound("decision_not_found", decision=id_)
    return _decision(connection, row)


def decision_on(connection: sqlite3.Connection, application_id: str) -> Decision | None:
    """The decision on an application, None before there is one. Raises NotFound without the application."""
    application(connection, application_id)
    row = connection.execute("SELECT * FROM decisions WHERE application = ?", (application_id,)).fetchone()
    return None if row is None else _decision(connection, row)


def decisions(
    connection: sqlite3.Connection,
    *,
    parties: tuple[str, ...] | None = None,
    status: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Decision]:
    """Decisions, the newest first: of these parties, with that status holding now."""
    chosen = "1 = 1" if parties is None else "party IN (SELECT value FROM json_each(?))"
    values: list[Any] = [] if parties is None else [json.dumps(parties)]
    holding = "COALESCE((SELECT e.status FROM decision_events e WHERE e.decision = decisions.id"
    holding += " ORDER BY e.number DESC LIMIT 1), status)"
    if status is not None:
        chosen += f" AND {holding} = ?"
        values.append(status)
    if before is not None:
        chosen += " AND number < ?"
        values.append(before)
    query = f"SELECT * FROM decisions WHERE {chosen} ORDER BY number DESC LIMIT ?"  # noqa: S608
    return [_decision(connection, row) for row in connection.execute(query, (*values, limit)).fetchall()]


def decisions_naming(connection: sqlite3.Connection, fact: str, limit: int) -> tuple[list[Decision], int]:
    """The latest decisions whose answer names a fact as evidence, and how many there are."""
    named = "FROM decisions WHERE instr(answer, ?) > 0"
    quoted = json.dumps(fact)
    total = connection.execute(f"SELECT COUNT(*) {named}", (quoted,)).fetchone()[0]
    rows = connection.execute(f"SELECT * {named} ORDER BY number DESC LIMIT ?", (quoted, limit))
    return [_decision(connection, row) for row in rows.fetchall()], int(total)


def challengers(connection: sqlite3.Connection, decision_id: str) -> dict[str, str]:
    """What challenger policies would have decided: policy → status."""
    rows = connection.execute(
        "SELECT policy, status FROM challenger_answers WHERE decision = ? ORDER BY policy", (decision_id,)
    )
    return {row["policy"]: row["status"] for row in rows}


def happen(connection: sqlite3.Connection, decision_id: str, event: Event) -> None:
    """Add what a person did about a decision."""
    row = {"decision": decision_id, **asdict(event), "override": int(event.override)}
    connection.execute(
        f"INSERT INTO decision_events ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",  # noqa: S608
        tuple(row.values()),
    )


def keep_policy(connection: sqlite3.Connection, version: str, body: str) -> None:
    """Keep the text of a policy that decided something, so that its version can be replayed.

    Raises Conflict `policy_changed` where another text bears the version.
    """
    row = connection.execute("SELECT body FROM credit_policies WHERE version = ?", (version,)).fetchone()
    if row is not None and row["body"] != body:
        raise Conflict("policy_changed", policy=version)
    if row is None:
        connection.execute("INSERT INTO credit_policies VALUES (?, ?)", (version, body))


def kept_policy(connection: sqlite3.Connection, version: str) -> str | None:
    """The text of a policy that decided something once; None where it never did."""
    row = connection.execute("SELECT body FROM credit_policies WHERE version = ?", (version,)).fetchone()
    return None if row is None else str(row["body"])


def _application(row: sqlite3.Row) -> Application:
    said = json.loads(row["consent"])
    consent = Consent(
        text=said["text"],
        scope=tuple(said["scope"]),
        purpose=said["purpose"],
        given_on=date.fromisoformat(said["given_on"]),
        until=date.fromisoformat(said["until"]),
    )
    same = ("id", "party", "product", "amount_fen", "months", "purpose", "by", "at", "state", "number")
    documents = tuple(json.loads(row["documents"]))
    kept = {name: row[name] for name in (*same, "consent_ended", "entered_as")}
    return Application(**kept, consent=consent, documents=documents)


def _decision(connection: sqlite3.Connection, row: sqlite3.Row) -> Decision:
    told = connection.execute(
        "SELECT * FROM decision_events WHERE decision = ? ORDER BY number", (row["id"],)
    ).fetchall()
    same = ("kind", "status", "limit_fen", "reason", "why", "by", "at")
    events = tuple(Event(**{n: e[n] for n in same}, override=bool(e["override"])) for e in told)
    cells = {name: row[name] for name in row.keys() if name != "valid_until"}  # noqa: SIM118
    return Decision(**cells, valid_until=date.fromisoformat(row["valid_until"]), events=events)


def _now() -> str:
    return datetime.now(UTC).isoformat()
