"""An approved decision as an offer in yuan: what falls due first and what it costs in all."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from api.models_owner import Offer, OfferWay
from ledger.credit import Decision
from ledger.errors import Conflict
from ledger.words import Lang, label
from services.lending.booking import Approved, approved_of
from services.lending.policy import policy_on
from services.lending.schedule import Terms, schedule

#: Ways that a first instalment can be told of before anything is drawn.
WAYS = ("equal_instalment", "interest_bullet")


def offer(found: Decision, snapshot: str, as_of: date, on: date, lang: Lang) -> Offer:
    """What `found` offers to a loan that starts on `on`. Raises Conflict where nothing is
    offered, or no longer."""
    granted = approved_of(found)
    if granted.status != "approved" or granted.amount_fen <= 0:
        raise Conflict("decision_not_approved", decision=found.id, status=granted.status)
    if on > granted.valid_until:
        raise Conflict("decision_expired", decision=found.id, until=str(granted.valid_until))
    terms = terms_of(granted, on)
    return Offer(
        snapshot=snapshot,
        as_of=as_of,
        decision=found.id,
        amount_fen=granted.amount_fen,
        rate=str(granted.rate),
        months=granted.months,
        valid_until=granted.valid_until,
        starts_on=on,
        day_count=terms.day_count,
        ways=[_way(replace(terms, method=method), lang) for method in WAYS],
    )


def terms_of(granted: Approved, on: date) -> Terms:
    """The terms of all that was granted, paid out on a day."""
    return Terms(
        amount_fen=granted.amount_fen,
        rate=Decimal(granted.rate),
        method=WAYS[0],
        months=granted.months,
        starts_on=on,
        day_count=int(policy_on(on).value("loan", "day_count")),
    )


def _way(terms: Terms, lang: Lang) -> OfferWay:
    made = schedule(terms)
    first, last = made[0], made[-1]
    interest = sum(one.interest_fen for one in made)
    return OfferWay(
        method=terms.method,  # type: ignore[arg-type]
        method_text=label(terms.method, lang),
        first_due_on=first.due_on,
        first_fen=first.principal_fen + first.interest_fen,
        last_due_on=last.due_on,
        last_fen=last.principal_fen + last.interest_fen,
        instalments=len(made),
        interest_fen=interest,
        total_fen=terms.amount_fen + interest,
    )
