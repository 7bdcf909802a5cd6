"""One seller and one buyer: what is owed, what was paid, and what has been put against what so far."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from extraction.payments_reasons import PROVEN, Reason, confidence
from extraction.payments_text import NOTHING, Said


@dataclass(slots=True)
class Payment:
    """Money that went from the buyer to the seller; `left` is what has not been put against anything."""

    fact: str
    day: int
    amount: int
    said: Said = NOTHING
    third_party: bool = False
    left: int = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.amount


@dataclass(slots=True)
class Due:
    """An invoice: total with tax, what red ones took back on which day; `paid` never exceeds the total."""

    fact: str
    number: str
    day: int
    total: int
    reds: tuple[tuple[int, int], ...] = ()
    deal: int | None = None  # its contract, by position
    paid: int = 0
    closed: bool = False  # paid but for a fee or small change that nobody will claim

    def open(self, day: int) -> int:
        """What is owed of it on that day; negative where more was paid than is left of it."""
        return self.total + sum(back for on, back in self.reds if on <= day) - self.paid


@dataclass(slots=True)
class Deal:
    """A contract: its amount with tax if it has one, and the amounts its schedule asks for."""

    fact: str
    number: str
    day: int
    amount: int | None = None
    terms: tuple[int, ...] = ()
    paid: int = 0
    used: set[int] = field(default_factory=set)


class Settled(NamedTuple):
    """One line of the result: so much of this payment for this invoice (or this contract)."""

    payment: str
    invoice: str | None
    contract: str | None
    amount: int
    rule: str
    basis: str  # proven | assumed | asked
    confidence: float
    reasons: list[Reason]


class Desk:
    """The papers of one pair of firms, in order of day."""

    def __init__(self, payments: list[Payment], dues: list[Due], deals: list[Deal] | None = None) -> None:
        self.payments = sorted(payments, key=lambda p: (p.day, p.fact))
        self.dues = sorted(dues, key=lambda d: (d.day, d.number, d.fact))
        self.deals = deals or []
        self.rows: list[Settled] = []
        self.held: set[str] = set()  # payments a person must look at: nothing is put against them
        self._open = self.dues
        self.pay_whole = False  # whether these two usually pay whole invoices
        self.named: dict[str, list[tuple[Due, Reason]]] = {}  # payment → the invoices its words name

    def unpaid(self) -> list[Payment]:
        """Payments of which something is left."""
        return [p for p in self.payments if p.left > 0 and p.fact not in self.held]

    def open(self, day: int) -> list[tuple[Due, int]]:
        """What is owed on that day of the invoices issued by then, oldest first."""
        # Invoices are settled in any order; those that are done with are dropped from time to time.
        if sum(d.closed for d in self._open) * 2 > len(self._open):
            self._open = [d for d in self._open if not d.closed]
        end = bisect_right(self._open, day, key=lambda d: d.day)
        return [(d, owed) for d in self._open[:end] if not d.closed and (owed := d.open(day)) > 0]

    def credits(self, day: int) -> list[tuple[Due, int]]:
        """What the seller owes back on that day, as positive amounts."""
        return [(d, -d.open(day)) for d in self._open if d.day <= day and not d.closed and d.open(day) < 0]

    def linked(self, deal: int) -> list[Due]:
        """The invoices of a contract."""
        return [d for d in self.dues if d.deal == deal]

    def settle(self, payment: Payment, due: Due, amount: int, rule: str, reasons: list[Reason]) -> None:
        """Put `amount` of the payment against the invoice."""
        due.paid += amount
        payment.left -= amount
        due.closed = due.closed or (due.paid >= due.total and not due.reds)
        contract = None if due.deal is None else self.deals[due.deal].fact
        self._note(payment, due.fact, contract, amount, rule, reasons)

    def settle_deal(
        self, payment: Payment, deal: Deal, amount: int, rule: str, reasons: list[Reason]
    ) -> None:
        """Put `amount` of the payment against the contract, no invoice being known."""
        deal.paid += amount
        payment.left -= amount
        self._note(payment, None, deal.fact, amount, rule, reasons)

    def ask(self, payment: Payment, dues: Iterable[Due], rule: str, reasons: list[Reason]) -> None:
        """Say that a person must decide between `dues`; the payment stays as it is."""
        self.held.add(payment.fact)
        sure = confidence(reasons)
        for due in dues:
            amount = min(payment.left, max(due.open(payment.day), 0))
            self.rows.append(Settled(payment.fact, due.fact, None, amount, rule, "asked", sure, reasons))

    def _note(
        self, payment: Payment, due: str | None, deal: str | None, amount: int, rule: str, why: list[Reason]
    ) -> None:
        sure = confidence(why)
        basis = "proven" if sure >= PROVEN and rule != "in_order" else "assumed"
        self.rows.append(Settled(payment.fact, due, deal, amount, rule, basis, sure, why))
