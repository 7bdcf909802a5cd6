"""What the amount of a payment says: which open invoices of the pair it can be the money for.

Ways are tried from the surest to the least sure; the first that finds anything decides, and where it
finds two answers nobody decides: that is a tie.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from extraction.payments_desk import Desk, Due, Payment
from extraction.payments_reasons import Reason, reason, tied, total
from extraction.payments_sums import TOLERATED, chance, choices, roundness, runs
from ledger.money import yuan

#: What banks take for a transfer, in fen.
FEES = tuple(f * 50 for f in (1, 2, 4, 6, 7, 8, 10, 11, 12, 15, 16, 20, 21, 24, 25, 30, 40, 50, 60, 80))
FEES += tuple(f * 100 for f in (50, 60, 80, 100, 120, 150, 200))
_FEES = frozenset(FEES)
#: Days by which an invoice may follow the money it was paid with.
AFTERWARDS = 60


#: So few open invoices are hit by chance too seldom to doubt an equal amount.
FEW = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """Invoices that together explain a payment, `missing` fen of them not having been paid."""

    dues: tuple[Due, ...]
    rule: str
    reasons: tuple[Reason, ...]
    missing: int = 0
    credits: tuple[Due, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether it is more than a coincidence of round amounts."""
        return all(r.name != "by_chance" for r in self.reasons)


@dataclass(frozen=True, slots=True)
class Tie:
    """Answers of which none is better than the others."""

    answers: tuple[Answer, ...]

    def reasons(self) -> list[Reason]:
        """Why none is chosen."""
        first = [r for r in self.answers[0].reasons if r.name != "only_fit"]
        return [*first, tied(len(self.answers), total(first))]


Open = list[tuple[Due, int]]


def explain(desk: Desk, payment: Payment, deal: int | None = None) -> Answer | Tie | None:
    """What `payment` is for, by its amount; among the invoices of one contract where `deal` is given."""
    owed = [(d, a) for d, a in desk.open(payment.day) if deal is None or d.deal == deal]
    for way in _WAYS:
        found = way(desk, payment, owed)
        if not found:
            continue
        best = found if len(found) == 1 else _in_months(found, payment)
        if len(best) == 1 and not _replaceable(best[0], payment, owed):
            return _weighed(desk, best[0], payment, owed)
        return Tie(tuple(found)) if len(found) > 1 else Tie((best[0], *_others(best[0], owed)))
    return None


def _weighed(desk: Desk, answer: Answer, payment: Payment, owed: Open) -> Answer:
    """`answer`, with what speaks against it where so round an amount would fit something by chance."""
    largest = sum(a for _, a in owed) or payment.left
    tried = max(len(owed) if len(answer.dues) == 1 else len(owed) ** 2 // 2, 1)
    hit = [a for d, a in owed if d in answer.dues]
    if answer.rule == "rounded":
        tried *= roundness(payment.left)
    else:
        tried *= len(FEES) if answer.missing in _FEES else 1
        hit.append(payment.left)
    # Few are open, or one of them is part paid and this is just the rest: even a round amount says enough.
    few = len(owed) <= FEW or (len(answer.dues) == 1 and answer.dues[0].paid > 0)
    surprising = chance(hit, tried, largest) <= TOLERATED or (few and answer.rule == "exact")
    if (
        surprising
        or (desk.pay_whole and not answer.missing)
        or any(r.name == "month_named" for r in answer.reasons)
    ):
        return answer
    return replace(answer, reasons=(*answer.reasons, reason("by_chance", yuan(payment.left))))


def _equal(_: Desk, payment: Payment, owed: Open) -> list[Answer]:
    if all(amount != payment.left for _, amount in owed):
        return []
    why = (reason("amount_equal", yuan(payment.left), yuan(payment.left)), reason("only_fit"))
    return [Answer((due,), "exact", why) for due, amount in owed if amount == payment.left]


def _runs(_: Desk, payment: Payment, owed: Open) -> list[Answer]:
    return _summed(owed, payment.left, "sum", ("sum_equal", "only_fit"), 0)


def _with_fee(_: Desk, payment: Payment, owed: Open) -> list[Answer]:
    found = []
    for due, amount in owed:
        missing = amount - payment.left
        if missing in _FEES and missing * 20 < amount:
            why = (reason("fee_missing", yuan(payment.left), yuan(amount)), reason("only_fit"))
            found.append(Answer((due,), "fee", why, missing))
    return found


def _rounded(_: Desk, payment: Payment, owed: Open) -> list[Answer]:
    """But for the small change of one invoice, or of a run of them. Rounder sums are no small change."""
    if roundness(payment.left) not in (100, 1000):
        return []
    most = payment.left + min(roundness(payment.left), payment.left // 200) - 1
    near = [(d, a) for d, a in owed if payment.left < a <= most]
    sums = [(run, sum(owed[i][1] for i in run)) for run in runs([a for _, a in owed], payment.left + 1, most)]
    found: list[tuple[tuple[Due, ...], int]] = [((due,), amount) for due, amount in near]
    found += [(tuple(owed[i][0] for i in run), total) for run, total in sums]
    return [
        Answer(
            dues,
            "rounded",
            (reason("rounded", yuan(payment.left), yuan(total)), reason("only_fit")),
            total - payment.left,
        )
        for dues, total in found
    ]


def _runs_with_fee(_: Desk, payment: Payment, owed: Open) -> list[Answer]:
    amounts = [a for _, a in owed]
    sums = (
        (run, sum(amounts[i] for i in run))
        for run in runs(amounts, payment.left + 1, payment.left + FEES[-1])
    )
    return [
        Answer(
            tuple(owed[i][0] for i in run),
            "sum_fee",
            (reason("fee_missing", yuan(payment.left), yuan(total)), reason("only_fit")),
            total - payment.left,
        )
        for run, total in sums
        if total - payment.left in _FEES
    ]


def _netted(desk: Desk, payment: Payment, owed: Open) -> list[Answer]:
    """Less what the seller owes back."""
    back = desk.credits(payment.day)
    if not back:
        return []
    credit, credited = sum(a for _, a in back), tuple(d for d, _ in back)
    wanted = payment.left + credit
    why = (reason("credit_netted", yuan(payment.left), yuan(wanted)), reason("only_fit"))
    single = [Answer((d,), "netted", why, credit, credited) for d, a in owed if a == wanted]
    names = ("credit_netted", "only_fit")
    return single or _summed(owed, wanted, "netted", names, credit, credited)


def _choices(_: Desk, payment: Payment, owed: Open) -> list[Answer]:
    owed = [(d, a) for d, a in owed if a <= payment.left]
    why = (reason("sum_equal", yuan(payment.left), yuan(payment.left)), reason("only_fit"))
    amounts = [a for _, a in owed]
    return [Answer(tuple(owed[i][0] for i in c), "sum", why) for c in choices(amounts, payment.left)]


def _choices_of_months(desk: Desk, payment: Payment, owed: Open) -> list[Answer]:
    """Some of the invoices of the months that the payment names."""
    months = payment.said.months
    of_them = [(d, a) for d, a in owed if _of_month(d, months)] if months else []
    return [replace(a, reasons=(*a.reasons, reason("month_named"))) for a in _choices(desk, payment, of_them)]


def _afterwards(desk: Desk, payment: Payment, _: Open) -> list[Answer]:
    later = [d for d in desk.dues if payment.day < d.day <= payment.day + AFTERWARDS and not d.closed]
    why = (
        reason("amount_equal", yuan(payment.left), yuan(payment.left)),
        reason("only_fit"),
        reason("invoice_later"),
    )
    return [Answer((d,), "exact", why) for d in later if d.open(d.day) == payment.left]


_WAYS: tuple[Callable[[Desk, Payment, Open], list[Answer]], ...] = (
    _equal,
    _runs,
    _with_fee,
    _rounded,
    _runs_with_fee,
    _netted,
    _choices_of_months,
    _choices,
    _afterwards,
)


def _summed(
    owed: Open,
    wanted: int,
    rule: str,
    names: tuple[str, ...],
    missing: int,
    credits: tuple[Due, ...] = (),
) -> list[Answer]:
    found = runs([a for _, a in owed], wanted)
    if not found:
        return []
    why = (reason(names[0], yuan(wanted - missing), yuan(wanted)), *map(reason, names[1:]))
    return [Answer(tuple(owed[i][0] for i in run), rule, why, missing, credits) for run in found]


def _in_months(found: list[Answer], payment: Payment) -> list[Answer]:
    """Of several answers those whose invoices are of the months that the payment names."""
    if not payment.said.months:
        return found
    return [
        replace(a, reasons=(*a.reasons, reason("month_named")))
        for a in found
        if all(_of_month(due, payment.said.months) for due in a.dues)
    ] or found


def _of_month(due: Due, months: tuple[tuple[int | None, int], ...]) -> bool:
    day = date.fromordinal(due.day)
    return any(day.month == month and year in (None, day.year) for year, month in months)


def _others(answer: Answer, owed: Open) -> list[Answer]:
    """The same answer with one of its invoices changed for another of the same amount."""
    of = {d.fact: a for d, a in owed}
    inside = {d.fact for d in answer.dues}
    swaps = []
    for n, due in enumerate(answer.dues):
        for other, amount in owed:
            if other.fact not in inside and amount == of.get(due.fact):
                swaps.append(replace(answer, dues=(*answer.dues[:n], other, *answer.dues[n + 1 :])))
    return swaps


def _replaceable(answer: Answer, payment: Payment, owed: Open) -> bool:
    """Whether some invoice outside would do as well as one inside, the payment naming no month."""
    if any(r.name == "month_named" for r in answer.reasons):
        return False
    swaps = _others(answer, owed)
    if payment.said.months and swaps:
        return not all(_of_month(d, payment.said.months) for d in answer.dues)
    return bool(swaps)
