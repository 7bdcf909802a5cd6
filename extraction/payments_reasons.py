"""What speaks for a payment and an invoice belonging together, and how much each thing counts.

The weights are log-odds and are added up; the confidence is their logistic sum. A match that reaches
PROVEN without being a guess by order is proven.
"""

from math import exp, log
from typing import NamedTuple

#: Confidence from which a match counts as proven.
PROVEN = 0.9

#: Before anything is known of a payment and an open invoice of the same two firms.
BASE = -3.0
WEIGHTS = {
    "number_named": 8.0,  # the invoice's number stands in the payment's words
    "number_end_named": 5.5,  # only its last digits
    "contract_named": 6.0,
    "month_named": 2.0,
    "amount_equal": 6.0,  # of one invoice, to the fen
    "sum_equal": 6.0,  # of several
    "fee_missing": 4.0,  # but for what a bank takes for a transfer
    "rounded": 3.5,  # but for the small change
    "credit_netted": 4.0,  # but for what the seller had credited
    "only_fit": 2.0,  # nothing else that is open fits
    "completes": 5.5,  # with other payments it comes to one invoice, to the fen
    "term_equal": 6.0,  # what the contract's schedule asks for
    "only_open": 5.5,  # nothing else is open
    "invoice_later": -1.5,  # the invoice was issued after the payment
    "third_party": -0.5,  # somebody else pays for the debtor, and says so
    "in_order": 2.0,  # nothing but the order in which invoices fell due
    "by_chance": -3.5,  # so round an amount fits something soon, and these two seldom pay that way
    "other_fits": -6.0,  # the words name one invoice and the amount fits another
    "deduction": 3.0,  # the words speak of a deduction, and little is missing
}


class Reason(NamedTuple):
    """One thing that counts: its name, what it gave, and what was compared."""

    name: str
    gave: float
    left: str | None = None
    right: str | None = None


def reason(name: str, left: str | None = None, right: str | None = None) -> Reason:
    """The reason of that name. KeyError where there is none."""
    return Reason(name, WEIGHTS[name], left, right)


def tied(candidates: int, so_far: float) -> Reason:
    """That `candidates` explain the payment equally well: each is as likely as every other."""
    return Reason("equally_good", -log(candidates - 1) - so_far, str(candidates))


def total(reasons: list[Reason]) -> float:
    """Log-odds, BASE included."""
    return BASE + sum(r.gave for r in reasons)


def confidence(reasons: list[Reason]) -> float:
    """Between 0 and 1, to three places."""
    return round(1 / (1 + exp(-total(reasons))), 3)
