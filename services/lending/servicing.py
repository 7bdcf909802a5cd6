"""After the booking: draw, repay, and the account as of a day, with entries that follow from it.

What a payment paid is worked out from the whole history each time (`services.lending.account`) and entered
in the book; a credit that was used since is entered with it.
"""

import sqlite3
from datetime import date

from graph.snapshot import Snapshot
from ledger import audit, lending
from ledger.errors import Conflict, InputError, Problem
from ledger.lending import Loan
from ledger.state import State
from services.lending.account import Account, Move, Split, account
from services.lending.booking import FIRST_DRAW, check_not_frozen, drawn, terms_of
from services.lending.policy import policy_on, today
from services.lending.schedule import Instalment


def account_of(connection: sqlite3.Connection, loan: Loan, on: date) -> Account:
    """The account of a loan on a day, from what is in the book until then."""
    return _account(connection, loan, on, ())


def _account(connection: sqlite3.Connection, loan: Loan, on: date, more: tuple[Move, ...]) -> Account:
    dues = [Instalment(**vars(one)) for one in lending.instalments(connection, loan.id)]
    rules = policy_on(date.fromisoformat(loan.starts_on))
    kinds = {"drawn": "draw", "repaid": "pay"}
    moves = [
        Move(entry.happened_on, kinds[entry.kind], entry.cash_fen, entry.reference)
        for entry in lending.entries(connection, loan.id)
        if entry.kind in kinds
    ]
    return account(terms_of(loan), dues, [*moves, *more], rules, on)


def happened(on: date) -> date:
    """`on`, which may not lie ahead: interest would run to it, and no entry is ever changed.

    Raises InputError `entry_in_future`.
    """
    if on > today():
        raise InputError("entry_in_future", (Problem("entry_in_future", field="on", value=on.isoformat()),))
    return on


def repay(state: State, loan: str, amount_fen: int, on: date, reference: str, by: str) -> Account:
    """Enter a repayment. `reference` is the payer's own: sent twice it is one payment.

    What is due is paid in the policy's order, the rest waits for what falls due next; the whole payoff
    closes the loan. Raises NotFound, InputError for more than the payoff, Conflict for a day before the last
    entry or a loan that does not run.
    """
    with state.writing() as connection:
        found = lending.loan(connection, loan)
        earlier = lending.entry(connection, loan, "repaid", reference)
        if earlier is not None:
            if (earlier.happened_on, earlier.cash_fen) != (on, amount_fen):
                raise Conflict("entry_differs", loan=loan, reference=reference)
            return account_of(connection, found, on)
        _running(connection, found, on)
        told = _account(connection, found, on, (Move(on, "pay", amount_fen, reference),))
        _enter(connection, found, told, by)
        if told.payoff_fen == 0 and (found.method != "revolving" or on >= date.fromisoformat(found.ends_on)):
            _close(connection, found, on, by)
        audit.append(connection, by, "loan_repaid", loan, amount_fen=amount_fen, reference=reference)
        return told


def draw(
    source: Snapshot, state: State, loan: str, amount_fen: int, on: date, reference: str, by: str
) -> Account:
    """Draw on a revolving loan. Raises NotFound, InputError beyond the limit, Conflict where the borrower is
    frozen, the loan does not run or is not revolving."""
    with state.writing() as connection:
        found = lending.loan(connection, loan)
        earlier = lending.entry(connection, loan, "drawn", reference)
        if reference == FIRST_DRAW:  # that of the day it was booked, which nobody sent
            raise Conflict("entry_differs", loan=loan, reference=reference)
        if earlier is not None:
            if (earlier.happened_on, earlier.cash_fen) != (on, amount_fen):
                raise Conflict("entry_differs", loan=loan, reference=reference)
            return account_of(connection, found, on)
        _running(connection, found, on)
        if found.method != "revolving":
            raise Conflict("loan_not_revolving", loan=loan)
        check_not_frozen(connection, source, found.party)
        left = _open_commitment(connection, loan)
        if not 0 < amount_fen <= left:
            raise InputError("loan_draw_too_much", amount_fen=amount_fen, left_fen=left)
        told = _account(connection, found, on, (Move(on, "draw", amount_fen, reference),))
        _enter(connection, found, told, by)
        lending.post(connection, loan, "drawn", on, reference, by, drawn(amount_fen))
        audit.append(connection, by, "loan_drawn", loan, amount_fen=amount_fen, reference=reference)
        return told


def _running(connection: sqlite3.Connection, loan: Loan, on: date) -> None:
    if loan.state != "active":
        raise Conflict("loan_not_running", loan=loan.id, state=loan.state)
    last = max(entry.happened_on for entry in lending.entries(connection, loan.id))
    if on < last:
        raise Conflict("entry_too_early", loan=loan.id, on=on.isoformat(), last=last.isoformat())


def _enter(connection: sqlite3.Connection, loan: Loan, told: Account, by: str) -> None:
    """Enter every split that is not in the book yet."""
    for split in told.splits:
        if not split.paid_fen:  # nothing came in: what was paid ahead is used
            reference, kind = f"credit {split.on.isoformat()}", "credit_used"
        else:
            reference, kind = split.key, "repaid"
        if lending.entry(connection, loan.id, kind, reference) is None:
            again = loan.method == "revolving" and not _cut_off(connection, loan.id)
            postings = _postings(split, again)
            lending.post(connection, loan.id, kind, split.on, reference, by, postings)


def _open_commitment(connection: sqlite3.Connection, loan: str) -> int:
    """What is granted and may still be drawn."""
    return sum(entry.postings.get("commitment", 0) for entry in lending.entries(connection, loan))


def _cut_off(connection: sqlite3.Connection, loan: str) -> bool:
    """Whether what is paid back may no longer be drawn again."""
    return any(entry.kind == "commitment_ended" for entry in lending.entries(connection, loan))


def _postings(split: Split, again: bool) -> dict[str, int]:
    """A split as postings. What is paid back on a revolving loan may be drawn `again`."""
    postings = {
        "cash": split.paid_fen,
        "penalty_income": -split.penalty_fen,
        "interest_income": -split.interest_fen,
        "loan_principal": -split.principal_fen,
        "borrower_credit": -split.credit_fen,
    }
    if again:
        postings |= {"commitment": split.principal_fen, "commitment_contra": -split.principal_fen}
    return postings


def _close(connection: sqlite3.Connection, loan: Loan, on: date, by: str) -> None:
    """A loan that is paid back: nothing of what was granted stays open."""
    rest = _open_commitment(connection, loan.id)
    if rest:
        ended = {"commitment": -rest, "commitment_contra": rest}
        lending.post(connection, loan.id, "commitment_ended", on, "end", by, ended)
    lending.set_state(connection, loan.id, "closed")
