"""What is proven of a firm in its owner's words, and which one paper would help most.

Counts come from own books, from others' papers that name the firm, and from payments put against invoices.
The paper is what the last decision on this snapshot advised, else the first thing that is wanting.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import get_args

import polars as pl

from api.asking import Asking
from api.models_owner import Line, PaperKind, PaperWanted, ProductOffered, Proven, ProvenLine
from api.views.credit import named
from ledger import credit
from ledger.words import Lang, label, message
from services.credit.policy import Policy, champion
from services.credit.prepared import Prepared
from services.credit.rooms import Rooms
from services.lending.policy import today

YEAR = 12
#: Features that the lines rest on.
_FEATURES: dict[Line, str] = {
    "sales": "books_months",
    "purchases": "purchase_books_months",
    "buyers": "customers",
    "suppliers": "suppliers",
    "payments": "days_to_pay",
    "contracts": "open_contracts",
}
#: Reasons of a null that a bank statement would fill.
_MONEY_UNSEEN = frozenset({"no_statements", "no_payments"})
_ADVISED: dict[str, PaperKind] = {
    "hand_in_statements": "statements",
    "hand_in_contracts": "contracts",
    "confirm_receivables": "confirmation",
}


@dataclass(frozen=True)
class Seen:
    """Counts of the last twelve months."""

    own_sales: int
    own_purchases: int
    seen: int
    buyers: int
    suppliers: int
    payments: int
    contracts: int
    money_unseen: bool


def proven(asked: Asking, firm: int) -> Proven:
    """What is proven of the firm in row `firm`."""
    snapshot = asked.snapshot
    rooms = asked.data.credit_rooms(snapshot)
    policy = champion(today())
    found = seen_of(rooms, firm)
    paper = _paper(found, policy, _advice(asked, rooms.prepared, firm))
    return Proven(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        enterprise=named(rooms.prepared, snapshot.id_of(firm)),
        lines=[_line(code, found, policy, asked.lang) for code in get_args(Line)],
        best=_wanted(paper, asked.lang) if paper else None,
        products=[
            ProductOffered(
                product=one.name,  # type: ignore[arg-type]
                text=label(f"product_{one.name}", asked.lang),
                least_fen=one.least_fen,
                most_fen=one.most_fen,
                least_months=one.least_months,
                most_months=one.most_months,
            )
            for one in policy.products.values()
        ],
    )


def seen_of(rooms: Rooms, firm: int) -> Seen:
    """What papers show of a firm in the twelve months before the cut-off."""
    prepared = rooms.prepared
    snapshot = prepared.snapshot
    until = snapshot.months_until(snapshot.as_of)
    books = prepared.books_of(firm).filter(pl.col("m").is_between(until - YEAR, until - 1))
    traded = prepared.traded(firm, until)
    paid = prepared.settled(firm)
    since = snapshot.as_of - timedelta(days=365)
    paid = paid.filter((pl.col("seller") == firm) & (pl.col("happened_on") > since))
    missing = rooms.features(firm, snapshot.as_of).missing
    return Seen(
        own_sales=prepared.own_months(firm, until),
        own_purchases=books.filter(pl.col("side") == "purchase")["m"].n_unique(),
        seen=prepared.seen_months(firm, until),
        buyers=sum(one.side == "customer" and not prepared.hubs[one.partner] for one in traded),
        suppliers=sum(one.side == "supplier" and not prepared.hubs[one.partner] for one in traded),
        payments=paid["payment"].n_unique(),
        contracts=prepared.contracts_of(firm).height,
        money_unseen=bool(_MONEY_UNSEEN & {str(why) for why in missing.values()}),
    )


def _advice(asked: Asking, prepared: Prepared, firm: int) -> str | None:
    """What the last decision advised, where it was made on this snapshot: later papers may have answered."""
    with asked.data.state.reading() as connection:
        found = credit.decisions(connection, parties=prepared.parties_of(firm), limit=1)
    if not found or found[0].snapshot != prepared.snapshot.id:
        return None
    advice = json.loads(found[0].answer)["advice"]
    return None if advice is None else str(advice)


def _paper(found: Seen, policy: Policy, advice: str | None) -> PaperKind | None:
    if advice in _ADVISED:
        return _ADVISED[advice]
    if advice == "hand_in_books":
        return "sales_book" if found.own_sales <= found.own_purchases else "purchase_book"
    wanting: tuple[tuple[PaperKind, bool], ...] = (
        ("sales_book", found.own_sales < policy.own_months),
        ("statements", found.money_unseen and not found.payments),
        ("purchase_book", found.own_purchases < policy.own_months),
        ("sales_book", found.own_sales < YEAR),
        ("contracts", not found.contracts),
    )
    return next((paper for paper, lacks in wanting if lacks), None)


def _line(code: Line, found: Seen, policy: Policy, lang: Lang) -> ProvenLine:
    counts = {
        "sales": found.own_sales or found.seen,
        "purchases": found.own_purchases,
        "buyers": found.buyers,
        "suppliers": found.suppliers,
        "payments": found.payments,
        "contracts": found.contracts,
    }
    needed = {"sales": policy.own_months, "purchases": policy.own_months}
    by_others = code == "sales" and not found.own_sales and found.seen > 0
    count = counts[code]
    key = f"proven_{code}" if count else f"unproven_{code}"
    return ProvenLine(
        code=code,
        text=message("proven_sales_by_others" if by_others else key, lang, n=count),
        proven=not by_others and count >= needed.get(code, 1),
        count=count,
        of=YEAR if code in needed else None,
        feature=_FEATURES[code] if count else None,
    )


def _wanted(paper: PaperKind, lang: Lang) -> PaperWanted:
    return PaperWanted(
        code=paper, text=message(f"paper_{paper}", lang), why=message(f"paper_{paper}_why", lang)
    )
