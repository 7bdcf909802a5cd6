"""A customer takes an offer or turns it down: kept once, with audit, told to whoever listens."""

from dataclasses import dataclass
from datetime import date

from ledger import audit, credit, offers, webhooks
from ledger.offers import OfferAnswer, Said
from ledger.state import State


@dataclass(frozen=True)
class Word:
    """What is said to an offer. `seen_fen`: what was offered when they looked; `for_customer`: the bank says
    it in the customer's place, for the reason in `why`."""

    said: Said
    seen_fen: int | None = None
    method: str | None = None
    for_customer: bool = False
    why: str = ""


def answer_offer(state: State, decision: str, word: Word, by: str, on: date) -> OfferAnswer:
    """Keep what is said to the offer of a decision. Raises as `ledger.offers.say`."""
    with state.writing() as connection:
        kept, new = offers.say(
            connection,
            decision,
            word.said,
            seen_fen=word.seen_fen,
            method=word.method,
            on=on,
            by=by,
            for_customer=word.for_customer,
            why=word.why,
        )
        if new:
            found = credit.decision(connection, decision)
            told = {"party": found.party, "amount_fen": kept.amount_fen, "for_customer": kept.for_customer}
            audit.append(
                connection, by, f"offer_{kept.said}", decision, **told, application=found.application
            )
            heard: dict[str, object] = {"said": kept.said, "application": found.application}
            webhooks.emit(connection, "offer.answered", decision, heard, found.party)
        return kept
