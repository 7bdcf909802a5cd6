"""What a loan pays when: instalments in whole fen that add up to the fen, due on banking days.

Interest is simple: balance × annual rate × actual days / day count, rounded half up to the fen, each period
once. Days run from one due day to the next as rolled to a banking day.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from ledger.errors import InputError
from services.calendar import next_banking_day

#: Ways to pay back: 等额本息, 先息后本, 随借随还.
METHODS = ("equal_instalment", "interest_bullet", "revolving")
#: Longest term that is scheduled, in months.
LONGEST = 360


@dataclass(frozen=True)
class Terms:
    """A loan's terms. `rate`: annual simple, 0.0435 is 4.35 %; `day_count`: days of a year for interest."""

    amount_fen: int
    rate: Decimal
    method: str
    months: int
    starts_on: date
    day_count: int = 360

    def __post_init__(self) -> None:
        sound = self.amount_fen > 0 and 0 < self.months <= LONGEST and 0 <= self.rate <= 1
        if not sound or self.method not in METHODS or self.day_count not in (360, 365):
            raise InputError("loan_terms_wrong", method=self.method, months=self.months, rate=str(self.rate))

    @property
    def ends_on(self) -> date:
        """The day on which all is due."""
        return due_day(self.starts_on, self.months)


@dataclass(frozen=True)
class Instalment:
    """One payment: interest runs from `starts_on` to `due_on`."""

    number: int
    starts_on: date
    due_on: date
    principal_fen: int
    interest_fen: int


def due_day(start: date, months: int) -> date:
    """The same day of the month so many months later (its last, where it has no such day), rolled to a
    banking day."""
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    for day in (start.day, 30, 29, 28):
        try:
            return next_banking_day(date(year, month, min(day, start.day)))
        except ValueError:
            continue
    raise AssertionError(start)


def accrued(balance_fen: int, rate: Decimal, days: int, day_count: int) -> Fraction:
    """Interest of `days` on a balance, exactly."""
    return Fraction(balance_fen) * Fraction(rate) * days / day_count


def whole(amount: Fraction) -> int:
    """Half up to whole fen."""
    return int((2 * amount.numerator + amount.denominator) // (2 * amount.denominator))


def schedule(terms: Terms) -> list[Instalment]:
    """The instalments of a loan paid out in full on its first day.

    Principal adds up to the amount. Of equal instalments all but the last are the same; the last pays what
    is left: less, by no more than a fen a month and its interest. A revolving loan has one, at its end,
    without interest: that depends on what is drawn.
    """
    days = [terms.starts_on, *(due_day(terms.starts_on, n) for n in range(1, terms.months + 1))]
    if terms.method == "revolving":
        return [Instalment(1, terms.starts_on, days[-1], terms.amount_fen, 0)]
    if terms.method == "interest_bullet":
        return _bullet(terms, days)
    return _equal(terms, days)


def _bullet(terms: Terms, days: list[date]) -> list[Instalment]:
    made = []
    for n, (first, due) in enumerate(pairwise(days), 1):
        interest = whole(accrued(terms.amount_fen, terms.rate, (due - first).days, terms.day_count))
        made.append(Instalment(n, first, due, terms.amount_fen if n == terms.months else 0, interest))
    return made


def _equal(terms: Terms, days: list[date]) -> list[Instalment]:
    """The smallest equal payment whose remainder at the end is not more than it."""
    low, high = terms.amount_fen // terms.months, terms.amount_fen * 3 + 100
    while low < high:
        payment = (low + high) // 2
        if _rest(terms, days, payment) > payment:
            low = payment + 1
        else:
            high = payment
    return _paying(terms, days, low)


def _rest(terms: Terms, days: list[date], payment: int) -> int:
    """What the last instalment would have to be."""
    last = _paying(terms, days, payment)[-1]
    return last.principal_fen + last.interest_fen


def _paying(terms: Terms, days: list[date], payment: int) -> list[Instalment]:
    made, balance = [], terms.amount_fen
    for n, (first, due) in enumerate(pairwise(days), 1):
        interest = whole(accrued(balance, terms.rate, (due - first).days, terms.day_count))
        # A payment too small to cover interest pays no principal: such a trial leaves a large remainder.
        principal = balance if n == terms.months else min(balance, max(0, payment - interest))
        made.append(Instalment(n, first, due, principal, interest))
        balance -= principal
    return made
