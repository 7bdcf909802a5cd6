"""What one buyer's payments to one seller are for: the surest matches first, guesses last and marked.

What is named comes first, then what the amounts prove, each round making the next one easier, for what
is settled is out of the way. What two answers fit equally well is told as a tie. Last, what is left is
put on the oldest invoices: an assumption, never counted as a match.
"""

from collections import Counter

from extraction.payments_amounts import Answer, Tie, explain
from extraction.payments_desk import Deal, Desk, Due, Payment, Settled
from extraction.payments_named import by_contract, by_number, by_term, contradicts, part_of_named, take
from extraction.payments_reasons import Reason, reason
from extraction.payments_sums import choices
from ledger.money import yuan

#: Days before and after an invoice's date within which its instalments lie; payments looked through.
BEFORE, LATEST = 100, 400
#: Paying whole invoices is a habit when so many payments are that, and this share of them.
HABIT_TIMES, HABIT = 3, 0.6
#: Answers listed of a tie.
LISTED = 10
#: Words of a deduction, and the share of an invoice that may be missing for one.
DEDUCTION, DEDUCTED = ("扣款", "扣除", "质量", "索赔", "罚款", "折让", "赔"), 0.1


def match_pair(payments: list[Payment], dues: list[Due], deals: list[Deal] | None = None) -> list[Settled]:
    """What is put against what, and what a person must decide."""
    desk = Desk(payments, dues, deals)
    by_number(desk)
    by_contract(desk)
    desk.pay_whole = _pay_whole(desk)
    rules = (_by_amount, by_term, _completes, part_of_named, _only_open)
    while any(rule(desk) for rule in rules):
        pass
    _by_amount(desk, doubtful=True)
    _ask(desk)
    _in_order(desk)
    return desk.rows


def _also(payment: Payment) -> list[Reason]:
    return [reason("third_party")] if payment.third_party else []


def _pay_whole(desk: Desk) -> bool:
    """Whether most of their payments are, at first sight, one or several whole invoices."""
    payments = desk.unpaid()
    answers = [explain(desk, payment) for payment in payments]
    whole = sum(isinstance(a, Tie) or (a is not None and not a.missing) for a in answers)
    return whole >= HABIT_TIMES and whole > len(payments) * HABIT


def _by_amount(desk: Desk, *, doubtful: bool = False) -> bool:
    """Payments that their amount explains; the doubtful ones only when nothing else is left to do."""
    progress = False
    for payment in desk.unpaid():
        answer = explain(desk, payment)
        if isinstance(answer, Answer) and (doubtful or answer.sure):
            if not contradicts(desk, payment, answer):
                take(desk, payment, answer, _also(payment))
            progress = True
    return progress


def _completes(desk: Desk) -> bool:
    """Two or three payments that together come to one open invoice, to the fen, as no others do."""
    payments = [p for p in desk.unpaid() if not isinstance(explain(desk, p), Tie)]
    dues = [d for d in desk.dues if not d.closed and d.open(d.day) > 0]
    fits: list[tuple[Due, tuple[Payment, ...]]] = []
    for due in dues:
        wanted = due.open(due.day + LATEST)
        near = [
            p
            for p in payments
            if -BEFORE <= p.day - due.day <= LATEST and p.left < wanted and _may_pay(desk, p, due)
        ]
        found = choices([p.left for p in near], wanted, most=3)
        fits += [(due, tuple(near[i] for i in c)) for c in found if near[c[-1]].day >= due.day]
    uses = Counter(p.fact for _, parts in fits for p in parts) + Counter(due.fact for due, _ in fits)
    alone = [(d, parts) for d, parts in fits if uses[d.fact] == 1 and all(uses[p.fact] == 1 for p in parts)]
    for due, parts in alone:
        for payment in parts:
            why = [
                reason("completes", yuan(payment.left), yuan(due.total)),
                reason("only_fit"),
                *_also(payment),
            ]
            desk.settle(payment, due, payment.left, "completes", why)
    return bool(alone)


def _may_pay(desk: Desk, payment: Payment, due: Due) -> bool:
    """Whether the words name this invoice or none."""
    named = [d for d, _ in desk.named.get(payment.fact, ()) if not d.closed]
    return not named or due in named


def _only_open(desk: Desk) -> bool:
    """Part of the one invoice that is open."""
    for payment in desk.unpaid():
        owed = desk.open(payment.day)
        if len(owed) == 1 and payment.left < owed[0][1]:
            why = [reason("only_open", yuan(payment.left), yuan(owed[0][1])), *_also(payment)]
            desk.settle(payment, owed[0][0], payment.left, "part", why)
            return True
    return False


def _ask(desk: Desk) -> None:
    """Ties and deductions: told, not decided."""
    for payment in desk.unpaid():
        answer = explain(desk, payment)
        if isinstance(answer, Tie):
            every = {d.fact: d for a in answer.answers for d in a.dues}
            desk.ask(payment, list(every.values())[:LISTED], "tie", answer.reasons())
        elif any(word in payment.said.form for word in DEDUCTION):
            near = [
                (d, owed)
                for d, owed in desk.open(payment.day)
                if owed * (1 - DEDUCTED) <= payment.left < owed
            ]
            if near:
                why = [reason("deduction", yuan(payment.left), yuan(near[0][1]))]
                desk.ask(payment, [d for d, _ in near][:LISTED], "deduction", why)


def _in_order(desk: Desk) -> None:
    """What is left goes on the oldest invoices that are open: nobody said so."""
    for payment in desk.unpaid():
        for due, owed in desk.open(payment.day):
            if payment.left <= 0:
                break
            why = [reason("in_order"), *_also(payment)]
            desk.settle(payment, due, min(payment.left, owed), "in_order", why)
