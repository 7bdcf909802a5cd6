"""Payments whose words name what they are for: invoice numbers and contract numbers."""

from dataclasses import replace

from extraction.payments_amounts import FEES, Answer, Tie, explain
from extraction.payments_desk import Deal, Desk, Due, Payment
from extraction.payments_reasons import Reason, reason
from extraction.payments_sums import choices
from extraction.payments_text import names_contract
from ledger.money import yuan

#: Days an invoice may be dated after the payment that names it.
GRACE = 5
#: A contract's instalment as printed and as paid may differ by rounding.
ROUNDING = 100


def by_number(desk: Desk) -> None:
    """Put payments against the invoices whose numbers they name, where the amount agrees."""
    ends = _Ends(desk.dues)
    for payment in desk.unpaid():
        if payment.said.numbers or payment.said.tails:
            named = {d.fact: (d, why) for d, why in ends.named(payment) if d.open(payment.day) > 0}
            if named:
                desk.named[payment.fact] = list(named.values())
                _whole_of_named(desk, payment, desk.named[payment.fact])


def contradicts(desk: Desk, payment: Payment, answer: Answer) -> bool:
    """Whether the words name an open invoice that `answer` leaves out: then a person is asked."""
    named = [
        (d, why) for d, why in desk.named.get(payment.fact, ()) if not d.closed and d.open(payment.day) > 0
    ]
    if not named or {d.fact for d, _ in named} <= {d.fact for d in answer.dues}:
        return False
    said = [named[0][1], reason("other_fits", yuan(payment.left))]
    every = {d.fact: d for d in (*(d for d, _ in named), *answer.dues)}
    desk.ask(payment, every.values(), "named_other", said)
    return True


class _Ends:
    """Invoices by the ends of their numbers."""

    def __init__(self, dues: list[Due]) -> None:
        self._of: dict[str, list[Due]] = {}
        for due in dues:
            for length in range(4, len(due.number)):
                self._of.setdefault(due.number[-length:], []).append(due)
            self._of.setdefault(due.number, []).append(due)

    def named(self, payment: Payment) -> list[tuple[Due, Reason]]:
        """The invoices that the words name, each with how; an end that several have names none."""
        found = []
        for text in (*payment.said.numbers, *payment.said.tails):
            fits = [d for d in self._of.get(text, ()) if d.day <= payment.day + GRACE and not d.closed]
            if len(fits) == 1:
                whole = text == fits[0].number or len(text) >= 8
                found.append((fits[0], reason("number_named" if whole else "number_end_named", text)))
        return sorted(found, key=lambda f: (f[0].day, f[0].fact))


def _whole_of_named(desk: Desk, payment: Payment, named: list[tuple[Due, Reason]]) -> None:
    """All that is owed on what is named, but for a fee; or a sum that holds what is named."""
    dues, why = [d for d, _ in named], [w for _, w in named]
    owed = _owed(payment, dues)
    if owed == payment.left or owed - payment.left in FEES:
        equal = "amount_equal" if owed == payment.left else "fee_missing"
        exact = reason(equal, yuan(payment.left), yuan(owed))
        _each(desk, payment, dues, [[w, exact] for w in why], close=True)
        return
    other = explain(desk, payment)
    if not isinstance(other, Answer) and owed < payment.left:
        other = _and_more(desk, payment, dues, owed)
    if isinstance(other, Answer) and not contradicts(desk, payment, other):
        _each(desk, payment, list(other.dues), [[why[0], *other.reasons]] * len(other.dues), close=True)
    elif owed < payment.left and payment.fact not in desk.held and "等" not in payment.said.form:
        desk.ask(payment, dues, "named_other", [why[0], reason("other_fits", yuan(payment.left), yuan(owed))])


def _and_more(desk: Desk, payment: Payment, dues: list[Due], owed: int) -> Answer | None:
    """What is named, and what explains the rest of the money."""
    rest = Payment(payment.fact, payment.day, payment.left - owed, payment.said)
    for due in dues:
        due.closed = True
    answer = explain(desk, rest)
    for due in dues:
        due.closed = False
    if not isinstance(answer, Answer) or not answer.sure:
        return None
    return replace(answer, dues=(*dues, *answer.dues))


def part_of_named(desk: Desk) -> bool:
    """Part of the invoices that are named and still open, oldest first; whether any was."""
    progress = False
    for payment in desk.unpaid():
        named = [
            (d, w) for d, w in desk.named.get(payment.fact, ()) if not d.closed and d.open(payment.day) > 0
        ]
        if not named:
            continue
        day = max(payment.day, *(d.day for d, _ in named))
        some = choices([d.open(day) for d, _ in named], payment.left)
        equal = [(n,) for n, (d, _) in enumerate(named) if d.open(day) == payment.left]
        if len(picked := equal or some) == 1:
            named = [named[n] for n in picked[0]]
        _each(desk, payment, [d for d, _ in named], [[w] for _, w in named], close=False)
        progress = True
    return progress


def _owed(payment: Payment, dues: list[Due]) -> int:
    day = max(payment.day, *(d.day for d in dues))
    return sum(d.open(day) for d in dues)


def _each(desk: Desk, payment: Payment, dues: list[Due], why: list[list[Reason]], *, close: bool) -> None:
    """Pay `dues` one after another as far as the money goes; `close`: what is missing then is a fee."""
    for due, reasons in zip(dues, why, strict=True):
        amount = min(payment.left, due.open(max(payment.day, due.day)))
        if amount > 0:
            desk.settle(payment, due, amount, "named", reasons)
        due.closed = due.closed or close


def by_contract(desk: Desk) -> None:
    """Put payments against the contracts whose numbers they name."""
    for payment in desk.unpaid():
        if not payment.said.form:
            continue
        named = [n for n, deal in enumerate(desk.deals) if names_contract(payment.said, deal.number)]
        if len(named) == 1:
            _settle_contract(desk, payment, named[0], [reason("contract_named", desk.deals[named[0]].number)])


def by_term(desk: Desk) -> bool:
    """Put payments against the one contract whose schedule asks for their amount; whether any was."""
    progress = False
    for payment in desk.unpaid():
        fits = [
            (n, t)
            for n, deal in enumerate(desk.deals)
            if deal.day <= payment.day
            for t, amount in enumerate(deal.terms)
            if t not in deal.used and abs(amount - payment.left) <= ROUNDING
        ]
        if len({n for n, _ in fits}) == 1 and not desk.open(payment.day):
            deal = desk.deals[fits[0][0]]
            deal.used.add(fits[0][1])
            why = [reason("term_equal", yuan(payment.left), yuan(deal.terms[fits[0][1]]))]
            _settle_contract(desk, payment, fits[0][0], why)
            progress = True
    return progress


def _settle_contract(desk: Desk, payment: Payment, n: int, why: list[Reason]) -> None:
    """The contract is known: its invoice if there is one or the amount tells which, else itself."""
    deal, linked = desk.deals[n], [d for d in desk.linked(n) if not d.closed]
    answer = explain(desk, payment, n)
    if isinstance(answer, Answer):
        take(desk, payment, answer, why)
    elif len(linked) == 1 and not isinstance(answer, Tie):
        due = linked[0]
        amount = min(payment.left, due.open(max(payment.day, due.day)))
        if amount > 0:
            desk.settle(payment, due, amount, "contract", why)
    if payment.left and _room(deal, linked, payment):
        desk.settle_deal(payment, deal, payment.left, "contract", why)


def _room(deal: Deal, linked: list[Due], payment: Payment) -> bool:
    """Whether the contract, as far as its amount is known, still has room for what is left."""
    paid = deal.paid + sum(d.paid for d in linked)
    return deal.amount is None or paid + payment.left <= deal.amount


def take(desk: Desk, payment: Payment, answer: Answer, also: list[Reason]) -> None:
    """Settle as `answer` says."""
    day = payment.day
    # What is missing is missing of the last one that can bear it.
    dues = sorted(
        answer.dues, key=lambda d: (max(d.open(max(day, d.day)), 0) <= answer.missing, d.day, d.fact)
    )
    for due in dues:
        amount = min(payment.left, due.open(max(day, due.day)))
        if amount > 0:
            desk.settle(payment, due, amount, answer.rule, [*also, *answer.reasons])
        due.closed = True
    for due in answer.credits:
        due.closed = True
