"""What a customer said to an approved decision, which is an offer until its last day: taken or turned down.

Said once, and kept with the day, the amount it was about, and by whom: the owner of the firm, or somebody of
the bank in the customer's place, who says how they know.
"""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from ledger import credit
from ledger.errors import Conflict, InputError

Said = Literal["accepted", "declined"]
#: Letters that a reason has at least, where the bank answers in the customer's place.
LEAST_WHY = 5


@dataclass(frozen=True)
class OfferAnswer:
    """What was said to the offer of `decision`. `method`: the way of paying back that was chosen, if any;
    `for_customer`: entered by the bank, for the reason in `why`."""

    decision: str
    said: Said
    amount_fen: int
    method: str | None
    said_on: date
    by: str
    for_customer: bool
    why: str
    at: str


def answer_to(connection: sqlite3.Connection, decision: str) -> OfferAnswer | None:
    """What was said to a decision's offer, None while nothing was."""
    row = connection.execute("SELECT * FROM offer_answers WHERE decision = ?", (decision,)).fetchone()
    if row is None:
        return None
    kept = dict(row) | {
        "said_on": date.fromisoformat(row["said_on"]),
        "for_customer": bool(row["for_customer"]),
    }
    return OfferAnswer(**kept)


def say(
    connection: sqlite3.Connection,
    decision: str,
    said: Said,
    *,
    seen_fen: int | None,
    method: str | None,
    on: date,
    by: str,
    for_customer: bool,
    why: str,
) -> tuple[OfferAnswer, bool]:
    """Keep what a customer says to an offer on a day; whether this call kept it. `seen_fen`: what was offered
    when they looked. An offer that is turned down is withdrawn.

    The same word again is the first one. Raises Conflict where the other was said, nothing is offered, or no
    longer, or otherwise than was seen; InputError where the bank answers without a reason; NotFound.
    """
    found = credit.decision(connection, decision)
    earlier = answer_to(connection, decision)
    if earlier is not None:
        if earlier.said != said:
            raise Conflict(f"offer_{earlier.said}_already", decision=decision, day=str(earlier.said_on))
        return earlier, False
    if for_customer and len(why.strip()) < LEAST_WHY:
        raise InputError("offer_why_missing")
    check_offered(connection, found, on)
    if seen_fen not in (None, found.limit_fen):
        raise Conflict("offer_changed", decision=decision, amount_fen=found.limit_fen)
    at = datetime.now(UTC).isoformat()
    made = OfferAnswer(decision, said, found.limit_fen, method, on, by, for_customer, why.strip(), at)
    cells = (decision, said, made.amount_fen, method, on.isoformat(), by, int(for_customer), made.why, at)
    connection.execute("INSERT INTO offer_answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", cells)
    if said == "declined":
        credit.move(connection, found.application, "withdrawn")
    return made, True


def check_offered(connection: sqlite3.Connection, found: credit.Decision, on: date) -> None:
    """Raises Conflict where a decision offers nothing on a day: not approved, ended, consent taken back, the
    application withdrawn or booked, or its loan refused."""
    application = credit.application(connection, found.application)
    if application.consent_ended is not None:
        raise Conflict("consent_taken_back", application=application.id, at=application.consent_ended)
    if application.state != "decided":
        raise Conflict(
            "application_state", application=application.id, state=application.state, to="accepted"
        )
    row = connection.execute(
        "SELECT id FROM loans WHERE decision = ? AND state = 'refused'", (found.id,)
    ).fetchone()
    if row is not None:
        raise Conflict("loan_refused", decision=found.id, loan=row["id"])
    if found.holds != "approved":
        raise Conflict("decision_not_approved", decision=found.id, status=found.holds)
    if on > found.valid_until:
        raise Conflict("decision_expired", decision=found.id, until=str(found.valid_until))
