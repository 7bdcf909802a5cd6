"""A loan's account on a day: what was paid on what, what is due, how long overdue, its class.

A pure function of the terms, the schedule, and what was drawn and paid until then: the same answer whenever
it is asked for. Interest and penalty are kept as exact fractions and taken in whole fen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from ledger.errors import InputError
from services.lending.policy import Policy
from services.lending.schedule import Instalment, Terms, accrued, whole

#: What a payment may pay; the policy orders them.
PARTS = ("penalty", "interest", "principal")


@dataclass(frozen=True)
class Move:
    """Money drawn (`draw`) or paid (`pay`) on a day. `key` tells two moves of one day apart."""

    on: date
    kind: str
    amount_fen: int
    key: str


@dataclass(frozen=True)
class Split:
    """What a payment, or a credit from an earlier one, went to. `credit_fen`: kept for what falls due."""

    on: date
    key: str
    paid_fen: int
    penalty_fen: int
    interest_fen: int
    principal_fen: int
    credit_fen: int


@dataclass(frozen=True)
class Account:
    """A loan as of `on`, all in fen. `due_*`: fallen due and unpaid; `payoff_fen`: what ends it that day."""

    on: date
    drawn_fen: int
    outstanding_fen: int
    due_principal_fen: int
    due_interest_fen: int
    due_penalty_fen: int
    credit_fen: int
    paid_fen: int
    payoff_fen: int
    overdue_days: int
    next_due_on: date | None
    classed: str
    splits: tuple[Split, ...]

    @property
    def due_fen(self) -> int:
        """All that is due and unpaid."""
        return self.due_principal_fen + self.due_interest_fen + self.due_penalty_fen


@dataclass
class _Owed:
    """An instalment as it is paid."""

    due_on: date
    principal: int
    interest: int


@dataclass
class _Run:
    """The account as it moves through time."""

    terms: Terms
    rules: Policy
    owed: list[_Owed]
    at: date
    drawn: int = 0
    outstanding: int = 0
    penalty: Fraction = Fraction(0)
    running: Fraction = Fraction(0)  # interest of a revolving loan, or of the period under way
    credit: int = 0
    paid: int = 0
    splits: list[Split] = field(default_factory=list)

    @property
    def revolving(self) -> bool:
        """Whether interest runs on what is drawn instead of by schedule."""
        return self.terms.method == "revolving"


def account(
    terms: Terms, instalments: Sequence[Instalment], moves: Iterable[Move], rules: Policy, on: date
) -> Account:
    """The account on a day. Moves after it are left out; those of one day count in the order given.

    Raises InputError where more is drawn than was granted, or more is paid than ends the loan.
    """
    owed = [_Owed(one.due_on, one.principal_fen, one.interest_fen) for one in instalments]
    run = _Run(terms, rules, owed, terms.starts_on)
    if run.revolving:
        run.owed = []
    for move in sorted((m for m in moves if m.on <= on), key=lambda m: m.on):
        _advance(run, move.on)
        if move.kind == "draw":
            _draw(run, move)
        else:
            _pay(run, move)
    _advance(run, on)
    return _told(run, on)


def _draw(run: _Run, move: Move) -> None:
    limit = run.terms.amount_fen
    used = run.outstanding if run.revolving else run.drawn
    if used + move.amount_fen > limit or move.amount_fen <= 0 or move.on >= run.terms.ends_on:
        raise InputError("loan_draw_too_much", amount_fen=move.amount_fen, left_fen=limit - used)
    run.drawn += move.amount_fen
    run.outstanding += move.amount_fen


def _advance(run: _Run, to: date) -> None:
    """Let time pass: what falls due takes the credit that waits for it, then interest and penalty run."""
    for due in sorted({one.due_on for one in run.owed} | {run.terms.ends_on}):
        if run.at < due <= to:
            _pass(run, due)
            if run.credit and _due_now(run, due):
                _use_credit(run, due)
    _pass(run, to)


def _pass(run: _Run, to: date) -> None:
    """Interest and penalty from `run.at` to `to`, between which nothing falls due or is paid."""
    days = (to - run.at).days
    if days <= 0:
        return
    terms = run.terms
    times = Fraction(str(run.rules.value("loan", "penalty_times")))
    late = sum(one.principal for one in run.owed if one.due_on <= run.at)
    if run.revolving:
        late = run.outstanding if run.at >= terms.ends_on else 0
        run.running += accrued(run.outstanding - late, terms.rate, days, terms.day_count)
    run.penalty += accrued(late, terms.rate, days, terms.day_count) * times
    run.at = to


def _due_now(run: _Run, on: date) -> bool:
    if run.revolving:
        return on >= run.terms.ends_on and run.outstanding > 0
    return any(one.due_on <= on and one.principal + one.interest for one in run.owed)


def _use_credit(run: _Run, on: date) -> None:
    """Put what was paid ahead on what falls due."""
    before, run.credit = run.credit, 0
    parts = _allocate(run, before, on)
    run.credit = before - sum(parts.values())
    run.splits.append(_split(on, "credit", 0, parts, run.credit - before))


def _split(on: date, key: str, paid: int, parts: dict[str, int], credit: int) -> Split:
    return Split(on, key, paid, parts["penalty"], parts["interest"], parts["principal"], credit)


def _pay(run: _Run, move: Move) -> None:
    payoff = _payoff(run, move.on)
    if move.amount_fen <= 0 or move.amount_fen > payoff:
        raise InputError("loan_paid_too_much", amount_fen=move.amount_fen, payoff_fen=payoff)
    before = run.credit
    money = move.amount_fen + before
    run.credit = 0
    parts = _close(run, move.on) if move.amount_fen == payoff else _allocate(run, money, move.on)
    run.credit = money - sum(parts.values())
    run.paid += move.amount_fen
    run.splits.append(_split(move.on, move.key, move.amount_fen, parts, run.credit - before))


def _allocate(run: _Run, money: int, on: date) -> dict[str, int]:
    """Put money on what is due, in the policy's order, the oldest first. Returns fen by part."""
    parts = dict.fromkeys(PARTS, 0)
    for part in run.rules.body["loan"]["allocation"]:
        taken = _take(run, part, money - sum(parts.values()), on)
        parts[part] += taken
    return parts


def _take(run: _Run, part: str, money: int, on: date) -> int:
    if part == "penalty":
        taken = min(money, int(run.penalty))
        run.penalty -= taken
        return taken
    if run.revolving:
        return _take_revolving(run, part, money)
    left = money
    for one in run.owed:
        if one.due_on <= on:
            taken = min(left, getattr(one, part))
            setattr(one, part, getattr(one, part) - taken)
            left -= taken
            if part == "principal":
                run.outstanding -= taken
    return money - left


def _take_revolving(run: _Run, part: str, money: int) -> int:
    """A revolving loan is paid whenever its borrower likes: interest so far, then principal."""
    if part == "interest":
        taken = min(money, whole(run.running))
        run.running -= taken
        return taken
    taken = min(money, run.outstanding)
    run.outstanding -= taken
    return taken


def _early_interest(run: _Run, on: date) -> int:
    """Interest of the period under way, up to the day."""
    if run.revolving:
        return whole(run.running)
    terms = run.terms
    past = [one.due_on for one in run.owed if one.due_on <= on]
    if len(past) == len(run.owed):
        return 0
    since = max([terms.starts_on, *past])
    later = sum(one.principal for one in run.owed if one.due_on > on)
    return whole(accrued(later, terms.rate, (on - since).days, terms.day_count))


def _payoff(run: _Run, on: date) -> int:
    """What ends the loan on the day, after the credit it has."""
    due_interest = 0 if run.revolving else sum(one.interest for one in run.owed if one.due_on <= on)
    whole_sum = run.outstanding + due_interest + _early_interest(run, on) + _penalty(run)
    return max(0, whole_sum - run.credit)


def _penalty(run: _Run) -> int:
    return int(run.penalty)


def _close(run: _Run, on: date) -> dict[str, int]:
    due_interest = 0 if run.revolving else sum(one.interest for one in run.owed if one.due_on <= on)
    parts = {
        "penalty": _penalty(run),
        "interest": due_interest + _early_interest(run, on),
        "principal": run.outstanding,
    }
    run.penalty, run.running, run.outstanding = Fraction(0), Fraction(0), 0
    for one in run.owed:
        one.principal = one.interest = 0
    return parts


def _told(run: _Run, on: date) -> Account:
    due = [one for one in run.owed if one.due_on <= on and one.principal + one.interest]
    ahead = [one.due_on for one in run.owed if one.due_on > on and one.principal + one.interest]
    principal, interest = sum(one.principal for one in due), sum(one.interest for one in due)
    oldest = min((one.due_on for one in due), default=None)
    if run.revolving:
        ended = on >= run.terms.ends_on
        owing = run.outstanding > 0 or whole(run.running) > 0
        principal, interest = (run.outstanding, whole(run.running)) if ended else (0, 0)
        oldest = run.terms.ends_on if ended and owing else None
        ahead = [] if ended or not owing else [run.terms.ends_on]
    overdue = (on - oldest).days if oldest else 0
    return Account(
        on=on,
        drawn_fen=run.drawn,
        outstanding_fen=run.outstanding,
        due_principal_fen=principal,
        due_interest_fen=interest,
        due_penalty_fen=_penalty(run),
        credit_fen=run.credit,
        paid_fen=run.paid,
        payoff_fen=_payoff(run, on),
        overdue_days=overdue,
        next_due_on=min(ahead, default=None),
        classed=class_of(overdue, run.rules),
        splits=tuple(run.splits),
    )


def class_of(overdue_days: int, rules: Policy) -> str:
    """The class of a loan overdue for so many days (五级分类); the policy's days."""
    found = "normal"
    for row in rules.body["loan"]["classes"]:
        if overdue_days >= row["overdue_from"]:
            found = row["class"]
    return str(found)
