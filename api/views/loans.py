"""Loans, their accounts, schedules and entries, and the watch after them, as answers."""

import sqlite3
from datetime import date

from api import rows
from api.asking import Asking
from api.models_lending import (
    AccountBody,
    ApprovalBody,
    Entries,
    EntryBody,
    InstalmentBody,
    LoanAnswer,
    LoanAsked,
    LoanBody,
    Loans,
    NotShown,
    PostingBody,
    RoundAnswer,
    Schedule,
    WarningAnswer,
    WarningBody,
    Warnings,
)
from api.paging import Cursor
from api.views.amounts import share_text
from api.views.credit import answered
from api.views.notes import shown_of
from api.views.portfolios import Told, seen
from api.views.receivables import sales_index
from ledger import lending, offers, portfolios, watch
from ledger.errors import NotFound
from ledger.lending import Loan
from ledger.words import label, message
from services.lending.account import Account
from services.lending.booking import Request, book_decision, needed_for, terms_of
from services.lending.exposure import LimitUse
from services.lending.patrol import every_party, patrol
from services.lending.policy import policy_on, today
from services.lending.receivables import parties_of
from services.lending.servicing import account_of, happened
from services.lending.watching import contagion

LISTING, KEYS = "loans", 1
#: Warnings told in one answer.
WARNINGS = 500


def book(asked: Asking, said: LoanAsked) -> LoanAnswer:
    """Book a decision. Raises as `services.lending.booking.book`."""
    wish = Request(
        portfolio=said.portfolio,
        method=said.method,
        amount_fen=said.amount_fen,
        months=said.months,
        draw_fen=said.draw_fen,
        override=said.override,
    )
    done = book_decision(asked.snapshot, asked.data.state, said.decision, wish, asked.by, today())
    return answer(asked, done.loan.id, None, done.made, done.uses)


def answer(
    asked: Asking, id_: str, on: date | None, made: bool = False, uses: tuple[LimitUse, ...] = ()
) -> LoanAnswer:
    """A loan and its account on a day (None: today, or its first day where that is later)."""
    told = Told(asked.snapshot, asked.lang)
    with asked.data.state.reading() as connection:
        found = _own(asked, lending.loan(connection, id_), told)
        account = None
        if found.state in ("active", "closed"):
            day = on or max(today(), date.fromisoformat(found.starts_on))
            account = account_body(account_of(connection, found, day), asked.lang)
        loan = _loan(connection, found, told, asked.lang)
    count = terms_of(found).day_count
    return LoanAnswer(
        snapshot=asked.snapshot.id,
        as_of=asked.snapshot.as_of,
        loan=loan,
        account=account,
        made=made,
        limits=[told.use(use) for use in uses],
        notes=[
            message("loan_note_simulated", asked.lang),
            message("loan_note_interest", asked.lang, day_count=count),
        ],
    )


def _own(asked: Asking, found: Loan, told: Told) -> Loan:
    """`found`, whose reading is entered as that of its borrower. Raises NotFound, as for one that is not
    there, where the caller may not see the borrower."""
    borrower = told.party(found.party).id
    row = asked.snapshot.index_of(borrower)
    if asked.who.bound and (row is None or not asked.may_see(row)):
        asked.noted("read_refused", found.id)
        raise NotFound("loan_not_found", loan=found.id)
    asked.noted("enterprise_read", borrower, loan=found.id)
    return found


def account_body(told: Account, lang: str) -> AccountBody:
    """An account as an answer."""
    same = [name for name in AccountBody.model_fields if name != "classed_text"]
    values = {name: getattr(told, name) for name in same}
    return AccountBody(**values, classed_text=label(f"class_{told.classed}", lang))


def _loan(connection: sqlite3.Connection, found: Loan, told: Told, lang: str) -> LoanBody:
    same = ("id", "decision", "portfolio", "party", "amount_fen", "rate", "method", "starts_on", "ends_on")
    same = (*same, "policy", "state", "override", "entered_by", "entered_at")  # type: ignore[assignment]
    return LoanBody(
        **{name: getattr(found, name) for name in same},
        borrower=told.party(found.party),
        months=found.term_months,
        method_text=label(found.method, lang),
        state_text=label(f"loan_{found.state}", lang),
        approvals=[
            ApprovalBody.model_validate(one, from_attributes=True)
            for one in lending.approvals(connection, found.id)
        ],
        approvals_needed=needed_for(found),
        offer_answer=answered(offers.answer_to(connection, found.decision), lang),
    )


def listed(
    asked: Asking,
    portfolio: str | None,
    firm: int | None,
    state: str | None,
    limit: int,
    after: Cursor | None,
) -> Loans:
    """A page of loans."""
    told = Told(asked.snapshot, asked.lang)
    parties = None if firm is None else parties_of(asked.snapshot, firm)
    if parties is None and asked.who.bound:
        parties = sorted(rows.every_party(asked.snapshot, asked.data.state, asked.who))
    states = ("waiting", "active", "refused", "closed") if state is None else (state,)
    with asked.data.state.reading() as connection:
        every = len(lending.loans(connection, portfolio, parties, states))
        found = lending.loans(connection, portfolio, parties, states, after.key[0] if after else 0, limit + 1)
        items = [_loan(connection, one, told, asked.lang) for one in found[:limit]]
    following = None
    if len(found) > limit:
        following = Cursor(LISTING, asked.snapshot.id, (found[limit - 1].number,)).text()
    asked.listed(item.borrower.id for item in items)
    return Loans(
        snapshot=asked.snapshot.id, as_of=asked.snapshot.as_of, items=items, total=every, next=following
    )


def schedule(asked: Asking, id_: str) -> Schedule:
    """What a loan pays when. Raises NotFound."""
    with asked.data.state.reading() as connection:
        found = _own(asked, lending.loan(connection, id_), Told(asked.snapshot, asked.lang))
        dues = lending.instalments(connection, id_)
    items = [InstalmentBody(**vars(one), total_fen=one.principal_fen + one.interest_fen) for one in dues]
    count = terms_of(found).day_count
    return Schedule.model_validate(
        {
            **seen(asked),
            "loan": id_,
            "day_count": count,
            "items": items,
            "total": len(items),
            "principal_fen": sum(one.principal_fen for one in dues),
            "interest_fen": sum(one.interest_fen for one in dues),
            "notes": [message("loan_note_interest", asked.lang, day_count=count)],
        }
    )


def entries(asked: Asking, id_: str) -> Entries:
    """Entries of a loan. Raises NotFound."""
    with asked.data.state.reading() as connection:
        _own(asked, lending.loan(connection, id_), Told(asked.snapshot, asked.lang))
        found = lending.entries(connection, id_)
    items = [
        EntryBody(
            **{name: getattr(one, name) for name in ("id", "kind", "happened_on", "reference", "by", "at")},
            kind_text=label(f"entry_{one.kind}", asked.lang),
            postings=[
                PostingBody(account=name, account_text=label(f"account_{name}", asked.lang), amount_fen=fen)
                for name, fen in one.postings.items()
            ],
        )
        for one in found
    ]
    return Entries.model_validate({**seen(asked), "loan": id_, "items": items, "total": len(items)})


def warnings(asked: Asking, portfolio: str, standing: bool) -> Warnings:
    """Warnings about a portfolio's borrowers. Raises NotFound."""
    with asked.data.state.reading() as connection:
        parties = every_party(asked.snapshot, portfolios.members(connection, portfolio))
        found = watch.warnings(connection, parties, standing)
    told = Told(asked.snapshot, asked.lang)
    items = [warning(one, told, asked.lang) for one in found[:WARNINGS]]
    cut = len(items) < len(found)
    asked.listed(item.borrower.id for item in items)
    return Warnings(
        snapshot=asked.snapshot.id,
        as_of=asked.snapshot.as_of,
        items=items,
        total=len(found),
        note=shown_of(len(items), len(found), asked.lang) if cut else None,
    )


def warning(found: watch.Warning_, told: Told, lang: str) -> WarningBody:
    """A warning in the reader's words."""
    value, least = found.detail.get("value"), found.detail.get("at_least")
    shown = share_text(value, lang)
    same = ("id", "party", "code", "action", "found_on", "by", "at", "lifted", "lifted_by", "lifted_why")
    days = "" if value is None else f"{value:g}"
    return WarningBody(
        **{name: getattr(found, name) for name in same},
        borrower=told.party(found.party),
        label=label(f"warning_{found.code}", lang),
        text=message(f"warning_text_{found.code}", lang, value=shown, days=days),
        action_text=label(f"action_{found.action}", lang),
        value=value,
        at_least=least,
    )


def lift(asked: Asking, id_: str, why: str) -> WarningAnswer:
    """Take a warning off. Raises NotFound, Conflict, InputError."""
    with asked.data.state.writing() as connection:
        found = watch.lift(connection, id_, asked.by, why)
    snapshot = asked.snapshot
    told = warning(found, Told(snapshot, asked.lang), asked.lang)
    asked.noted("enterprise_read", told.borrower.id, warning=found.id)
    return WarningAnswer(snapshot=snapshot.id, as_of=snapshot.as_of, warning=told)


def go_round(asked: Asking, portfolio: str, on: date | None, stopped: int | None) -> RoundAnswer:
    """A round after the loan over a portfolio. Raises NotFound, InputError for a day ahead: what it cuts is
    entered in the book."""
    snapshot, state = asked.snapshot, asked.data.state
    day = happened(on or today())
    more = []
    if stopped is not None:
        from gnn.contagion.network import networks_of

        networks = asked.data.worked_out.get(("networks", snapshot.id), lambda: networks_of(snapshot))
        firms = range(snapshot.counts["enterprises"])
        more = contagion(snapshot, networks, firms, stopped, policy_on(day))
    done = patrol(snapshot, state, sales_index(asked), portfolio, day, more)
    told = Told(snapshot, asked.lang)
    with state.reading() as connection:
        parties = every_party(snapshot, portfolios.members(connection, portfolio))
        found = watch.warnings(connection, parties, standing=True)
    shown = {told.party(one.party).id for one in found[:WARNINGS]}
    asked.listed(sorted(shown | {snapshot.id_of(one.firm) for one in done.unknown}))
    return RoundAnswer(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        borrowers=done.borrowers,
        found=len(done.found),
        raised=done.raised,
        cut_fen=done.cut_fen,
        warnings=[warning(one, told, asked.lang) for one in found[:WARNINGS]],
        not_shown=[
            NotShown(
                borrower=told.firm(one.firm),
                code=one.code,
                label=label(f"warning_{one.code}", asked.lang),
                reason=one.reason,
                text=label(f"reason_{one.reason}", asked.lang),
            )
            for one in done.unknown
        ],
    )
