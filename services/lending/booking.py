"""From an approved decision to a loan in the book: once, within the limits, by those who may.

All of it is one transaction: checked, entered, and where nobody has to approve also granted and paid out (a
simulated payment: the entry stands for it). The same decision booked twice, also at the same moment, is one
loan; a process that is killed on the way leaves nothing.
"""

import json
import sqlite3
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from graph.snapshot import Snapshot
from ledger import audit, credit, lending, offers, portfolios, watch
from ledger.errors import Conflict, InputError, NotFound
from ledger.ids import stable_id
from ledger.lending import Loan
from ledger.money import yuan
from ledger.state import State
from services.lending.authority import approvals_needed
from services.lending.exposure import LimitUse, fitted, refusal, uses_of
from services.lending.policy import Policy, policy_on
from services.lending.receivables import parties_of
from services.lending.schedule import METHODS, Terms, schedule
from services.lending.ties import rows_of

#: Reference of the draw that a booking makes itself.
FIRST_DRAW = "first"


@dataclass(frozen=True)
class Approved:
    """What a decision grants: at most `amount_fen` at `rate` (annual, simple), for at most `months`.

    `reviewed`: a person decided it; `against_machine`: and otherwise than the machine had."""

    decision: str
    party: str
    amount_fen: int
    rate: Decimal
    months: int
    valid_until: date
    status: str = "approved"
    application: str | None = None
    reviewed: bool = False
    against_machine: bool = False


@dataclass(frozen=True)
class Request:
    """What of it is booked, and how. `draw_fen`: paid out at once; None: all of it."""

    portfolio: str
    method: str = "equal_instalment"
    amount_fen: int | None = None
    months: int | None = None
    draw_fen: int | None = None
    override: str | None = None

    def text(self) -> str:
        """The request as it is kept: the same bytes for the same wish."""
        return json.dumps(self.__dict__, ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True)
class Booked:
    """The loan, whether this call made it, and the limits as they were checked (empty where it was there)."""

    loan: Loan
    made: bool
    uses: tuple[LimitUse, ...]
    approvals_needed: int


def approved_of(made: credit.Decision) -> Approved:
    """What a kept decision grants. Raises Conflict where it names no rate or term."""
    answer: dict[str, Any] = json.loads(made.answer)
    if not answer.get("rate") or not answer.get("term"):
        raise Conflict("decision_without_terms", decision=made.id)
    return Approved(
        decision=made.id,
        party=made.party,
        amount_fen=made.limit_fen,
        rate=Decimal(answer["rate"]["annual_simple"]),
        months=int(answer["term"]),
        valid_until=made.valid_until,
        status=made.holds,
        application=made.application,
        reviewed=any(event.kind == "reviewed" for event in made.events),
        against_machine=any(event.override for event in made.events),
    )


def book_decision(
    source: Snapshot, state: State, decision: str, request: Request, by: str, on: date
) -> Booked:
    """Book the kept decision of that id; its application is marked booked in the same transaction.

    Raises NotFound, and as `book`.
    """
    with state.writing() as connection:
        made = credit.decision(connection, decision)
        return book_in(connection, source, approved_of(made), request, by, on)


def book(source: Snapshot, state: State, approved: Approved, request: Request, by: str, on: date) -> Booked:
    """Book what a decision grants, on a day.

    Raises Conflict where the decision is not approved or no longer valid, was booked otherwise or its loan
    refused, the portfolio is closed, the borrower is frozen, or a limit would break (`exposure_limit`, naming
    the limit and its use before and after); InputError for terms beyond what was granted without an
    override's reason. An override is of terms and limits: who wants another decision has it reviewed.
    """
    with state.writing() as connection:
        return book_in(connection, source, approved, request, by, on)


def book_in(
    connection: sqlite3.Connection,
    source: Snapshot,
    approved: Approved,
    request: Request,
    by: str,
    on: date,
) -> Booked:
    """`book` in a transaction (`State.writing`) that is open."""
    rules = policy_on(on)
    earlier = lending.loan_of_decision(connection, approved.decision)
    if earlier is not None:
        if earlier.state == "refused":
            raise Conflict("loan_refused", decision=approved.decision, loan=earlier.id)
        if earlier.request != request.text():
            raise Conflict("decision_booked", decision=approved.decision, loan=earlier.id)
        return Booked(earlier, False, (), needed_for(earlier))
    terms = _terms(approved, request, rules, on)
    asked = _Asked(approved.decision, approved.party, request.portfolio, terms.amount_fen, request.override)
    uses = _allowed(connection, source, asked, rules, on)
    override = request.override is not None or approved.against_machine
    needed = approvals_needed(owed_after(uses, terms.amount_fen), rules, override, approved.reviewed)
    loan = _entered(connection, approved, request, terms, rules, by, needed)
    if approved.application is not None:
        check_consent_stands(connection, approved.application)
        check_accepted(connection, approved.application, approved, terms, rules)
        credit.book(connection, approved.application, on)
    if needed == 0:
        _start(connection, loan, terms, by)
    return Booked(lending.loan(connection, loan.id), True, tuple(uses), needed)


def approve(
    source: Snapshot, state: State, loan: str, by: str, why: str, on: date, refuse: bool = False
) -> Loan:
    """What a second person says of a loan that waits; with the last approval needed it is paid out, on `on`.

    Raises InputError without a reason, Conflict where `by` had a part in it (`ledger.lending.hands`) or has
    spoken, or it does not wait; with the last approval also, as `book`, where it could not be booked now.
    """
    if not why.strip():
        raise InputError("reason_missing")
    with state.writing() as connection:
        verdict = "refused" if refuse else "approved"
        lending.approve(connection, loan, by, verdict, why)
        found = lending.loan(connection, loan)
        audit.append(connection, by, f"loan_{verdict}", loan, why=why)
        if refuse:
            lending.set_state(connection, loan, "refused")
            credit.unbook(connection, found.decision)
        elif len(lending.approvals(connection, loan)) >= needed_for(found):
            _check_again(connection, source, found, on)
            _start(connection, found, replace(terms_of(found), starts_on=on), by)
        return lending.loan(connection, loan)


def needed_for(loan: Loan) -> int:
    """How many people must approve a loan in the book."""
    if loan.needed is not None:
        return loan.needed
    rules = policy_on(date.fromisoformat(loan.starts_on))
    return approvals_needed(loan.amount_fen, rules, loan.override is not None)


def terms_of(loan: Loan) -> Terms:
    """The terms of a loan in the book."""
    rules = policy_on(date.fromisoformat(loan.starts_on))
    return Terms(
        amount_fen=loan.amount_fen,
        rate=loan.annual_rate,
        method=loan.method,
        months=loan.term_months,
        starts_on=date.fromisoformat(loan.starts_on),
        day_count=int(rules.value("loan", "day_count")),
    )


def _terms(approved: Approved, request: Request, rules: Policy, on: date) -> Terms:
    _check_holds(approved.decision, approved.status, approved.valid_until, on)
    if request.override is not None and not request.override.strip():
        raise InputError("reason_missing")
    amount = approved.amount_fen if request.amount_fen is None else request.amount_fen
    months = approved.months if request.months is None else request.months
    beyond = amount > approved.amount_fen or months > approved.months
    if request.method not in METHODS or (beyond and request.override is None) or amount <= 0:
        raise InputError("loan_beyond_decision", amount_fen=amount, granted_fen=approved.amount_fen)
    draw = amount if request.draw_fen is None else request.draw_fen
    if not 0 <= draw <= amount:
        raise InputError("loan_draw_too_much", amount_fen=draw, left_fen=amount)
    if draw != amount and request.method != "revolving":
        raise InputError("loan_drawn_whole", method=request.method)
    count = int(rules.value("loan", "day_count"))
    return Terms(amount, approved.rate, request.method, months, on, count)


def _check_holds(decision: str, status: str, valid_until: date, on: date) -> None:
    """An override does not stand in for an approval: what is declined or waits is first for a review."""
    if status != "approved":
        raise Conflict("decision_not_approved", decision=decision, status=status)
    if on > valid_until:
        raise Conflict("decision_expired", decision=decision, until=str(valid_until))


@dataclass(frozen=True)
class _Asked:
    """What is to be lent: to whom, in which portfolio; `loan`: as which loan that waits, if it does."""

    decision: str
    party: str
    portfolio: str
    amount_fen: int
    override: str | None
    loan: str | None = None


def _allowed(
    connection: sqlite3.Connection, source: Snapshot, asked: _Asked, rules: Policy, on: date
) -> list[LimitUse]:
    """The limits, none of which breaks unless a person overrides it with a reason; the law's never."""
    chosen = portfolios.portfolio(connection, asked.portfolio)
    if chosen.closed:
        raise Conflict("portfolio_is_closed", portfolio=chosen.id)
    firm = rows_of(source, [asked.party]).get(asked.party)
    if firm is None:
        raise Conflict("borrower_unknown", party=asked.party)
    check_not_frozen(connection, source, asked.party)
    not_counted = {"decision": asked.decision, "loan": asked.loan}
    uses = uses_of(connection, source, rules, firm, asked.amount_fen, chosen, on, **not_counted)
    fit = fitted(uses, asked.amount_fen, rules)
    if fit.action != "pass" and asked.override is None:
        raise Conflict("exposure_limit", **refusal(source, fit))
    if of_law := tuple(use for use in fit.bound if use.law):
        raise Conflict("exposure_limit_of_law", **refusal(source, replace(fit, bound=of_law)))
    return uses


def owed_after(uses: list[LimitUse], amount_fen: int) -> int:
    """All that the borrower would owe: authority looks at it, so that small loans do not add up past it."""
    return amount_fen + max((use.before_fen for use in uses if use.dimension == "borrower"), default=0)


def _check_again(connection: sqlite3.Connection, source: Snapshot, loan: Loan, on: date) -> None:
    """Whether a loan that waited may still start: days went by since it was entered. Raises as `book`."""
    try:
        made = credit.decision(connection, loan.decision)
    except NotFound:  # booked by `book` on terms that no decision desk kept
        pass
    else:
        _check_holds(made.id, made.holds, made.valid_until, on)
        check_consent_stands(connection, made.application)
    asked = _Asked(loan.decision, loan.party, loan.portfolio, loan.amount_fen, loan.override, loan.id)
    _allowed(connection, source, asked, policy_on(on), on)


def check_consent_stands(connection: sqlite3.Connection, application: str) -> None:
    """Raises Conflict `consent_taken_back` where the borrower took consent back: nothing more is paid out on
    what rested on it."""
    found = credit.application(connection, application)
    if found.consent_ended is not None:
        raise Conflict("consent_taken_back", application=application, at=found.consent_ended)


def check_accepted(
    connection: sqlite3.Connection, application: str, approved: Approved, terms: Terms, rules: Policy
) -> None:
    """Raises Conflict where the customer turned the offer down, took another one (`offer_accepted_otherwise`:
    paid back otherwise, more, for longer), or (`offer_not_accepted`) has not taken it and the policy wants
    that of who entered the application."""
    decision = approved.decision
    said = offers.answer_to(connection, decision)
    if said is not None and said.said == "declined":
        raise Conflict("offer_declined_already", decision=decision, day=str(said.said_on))
    if said is not None and (
        said.method not in (None, terms.method)
        or terms.amount_fen > said.amount_fen
        or terms.months > approved.months
    ):
        fen, method = said.amount_fen, said.method or terms.method
        raise Conflict(
            "offer_accepted_otherwise", decision=decision, method=method, amount_fen=fen, amount=yuan(fen)
        )
    entered_as = credit.application(connection, application).entered_as
    if said is None and acceptance_needed(entered_as, rules):
        raise Conflict("offer_not_accepted", decision=decision)


def acceptance_needed(entered_as: str, rules: Policy) -> bool:
    """Whether an application entered so is booked only once the customer has taken the offer."""
    wanted: list[Any] = rules.rows("loan", "accepted_by_customer", "entered_as")
    return entered_as in wanted


def check_not_frozen(connection: sqlite3.Connection, source: Snapshot, party: str) -> None:
    """Raises Conflict `borrower_frozen` where a freeze stands against any party of the firm."""
    firm = rows_of(source, [party]).get(party)
    every = [party] if firm is None else [party, *parties_of(source, firm)]
    if watch.strongest(connection, every) == "freeze":
        raise Conflict("borrower_frozen", party=party)


def _entered(
    connection: sqlite3.Connection,
    approved: Approved,
    request: Request,
    terms: Terms,
    rules: Policy,
    by: str,
    needed: int,
) -> Loan:
    loan = Loan(
        id=stable_id("loan", approved.decision),
        decision=approved.decision,
        portfolio=request.portfolio,
        party=approved.party,
        amount_fen=terms.amount_fen,
        rate=str(terms.rate),
        method=terms.method,
        term_months=terms.months,
        starts_on=terms.starts_on.isoformat(),
        ends_on=terms.ends_on.isoformat(),
        policy=rules.version,
        request=request.text(),
        state="waiting",
        entered_by=by,
        entered_at=lending.now(),
        override=request.override,
        needed=needed,
    )
    lending.enter(connection, loan)
    portfolios.join(connection, request.portfolio, [approved.party], by)
    told = {"decision": loan.decision, "amount_fen": loan.amount_fen, "approvals_needed": needed}
    audit.append(connection, by, "loan_entered", loan.id, **told, override=request.override is not None)
    return loan


def _start(connection: sqlite3.Connection, loan: Loan, terms: Terms, by: str) -> None:
    """Grant a loan and pay out what is drawn at once."""
    on, amount = terms.starts_on, terms.amount_fen
    granted = {"commitment": amount, "commitment_contra": -amount}
    dues = [lending.Due(**vars(one)) for one in schedule(terms)]
    lending.start(connection, loan.id, on, terms.ends_on, dues)
    lending.post(connection, loan.id, "granted", on, "grant", by, granted)
    asked = json.loads(loan.request)["draw_fen"]
    draw = amount if asked is None or loan.method != "revolving" else int(asked)
    if draw:
        lending.post(connection, loan.id, "drawn", on, FIRST_DRAW, by, drawn(draw))
    audit.append(connection, by, "loan_booked", loan.id, decision=loan.decision, drawn_fen=draw)


def drawn(amount_fen: int) -> dict[str, int]:
    """Postings of money paid out: the commitment turns into a loan."""
    return {
        "loan_principal": amount_fen,
        "cash": -amount_fen,
        "commitment": -amount_fen,
        "commitment_contra": amount_fen,
    }
