"""Gathering what a decision is made from: every room is asked once, and what it said is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Protocol

import polars as pl

from ledger.errors import NotFound
from ledger.state import State
from ledger.watch import ACTIONS
from services.credit import rates
from services.credit.inputs import Books, Dealing, Inputs, Money, Use, Warned, Wish
from services.credit.judging import Model
from services.credit.prepared import Prepared, Traded
from services.credit.standing import findings
from services.freshness import age_of
from services.lending.patrol import hold_on

#: Links of which each the decision without it is worked out: the largest customers and suppliers.
CUSTOMERS, SUPPLIERS = 5, 3
#: Months that books are looked at over.
YEAR = 12


@dataclass(frozen=True)
class Seen:
    """The features of one firm. `without`: edges → the features that change without each; `facts`: feature →
    ids of the facts it rests on; `rated`: firms → their probability of default by the same model; `kept`:
    features that are not worked out anew without a link."""

    feature_set: str
    names: tuple[str, ...]
    values: tuple[float | None, ...]
    missing: dict[str, str]
    inferred: tuple[str, ...]
    in_graph: bool
    without: Callable[[Sequence[int]], dict[int, dict[str, float | None]]]
    facts: Callable[[str], tuple[str, ...]]
    rated: Callable[[Sequence[int]], dict[int, float | None]]
    kept: tuple[str, ...] = ()


class Sources(Protocol):
    """The rooms that a decision asks."""

    def features(self, firm: int, as_of: date) -> Seen:
        """Features of the firm as of a day."""

    def model(self, version: str | None = None) -> Model:
        """The model in use, or one that decided something once. Raises Conflict where that is gone."""

    def keep_model(self, version: str) -> None:
        """Keep the model of that version for replays, where it is not kept yet."""

    def churn(self) -> tuple[str, str]:
        """The table of customers lost by rate that is in use: its version, and its text as it is kept."""

    def price(self, table: str) -> Callable[[float, float], Decimal | None]:
        """The annual rate of the best expected profit by such a table's text, of a probability of default and
        a loss given default; None where no rate earns anything."""

    def money(self, firm: int, as_of: date, months: int) -> Money:
        """What a limit over so many months is worked out from."""

    def uses(self, firm: int, amount_fen: int) -> tuple[tuple[Use, ...], str | None]:
        """Limits on exposure and their use before; or why none is known."""

    def machine_most_fen(self, day: date) -> int:
        """The largest amount that is decided without a person."""


def gather(prepared: Prepared, sources: Sources, state: State | None, wish: Wish, as_of: date) -> Inputs:
    """The inputs of a decision about the firm that the wish's party belongs to.

    Raises NotFound `enterprise_not_found`.
    """
    snapshot = prepared.snapshot
    firm = firm_of(prepared, wish.party)
    until = snapshot.months_until(as_of)
    traded = prepared.traded(firm, until)
    seen = sources.features(firm, as_of)
    uses, why = sources.uses(firm, wish.amount_fen)
    day = date.fromisoformat(wish.decided_on)
    return Inputs(
        wish=wish,
        enterprise=snapshot.id_of(firm),
        as_of=as_of.isoformat(),
        snapshot=snapshot.id,
        synthetic=snapshot.synthetic,
        feature_set=seen.feature_set,
        names=seen.names,
        values=seen.values,
        missing=seen.missing,
        inferred=seen.inferred,
        level=_level(seen),
        in_graph=seen.in_graph,
        kept=seen.kept,
        findings=findings(prepared, state, firm, as_of, day),
        books=_books(prepared, firm, until, traded),
        dealings=_dealings(prepared, seen, traded),
        money=sources.money(firm, as_of, wish.months),
        uses=uses,
        uses_reason=why,
        lpr=rates.known(day),
        churn=sources.churn()[0],
        machine_most_fen=sources.machine_most_fen(day),
        warned=_warned(prepared, state, firm),
        age=age_of(snapshot, day, firm),
    )


def with_evidence(inputs: Inputs, seen: Seen, features: list[str]) -> Inputs:
    """The inputs with the facts behind the features that reasons name."""
    return replace(inputs, evidence={name: seen.facts(name) for name in sorted(set(features))})


def firm_of(prepared: Prepared, party: str) -> int:
    """The row of the enterprise that a party belongs to. Raises NotFound `enterprise_not_found`."""
    firm = prepared.snapshot.index_of(party)
    if firm is None:
        firm = prepared.parties.get(party)
    if firm is None:
        raise NotFound("enterprise_not_found", enterprise=party)
    return firm


def _warned(prepared: Prepared, state: State | None, firm: int) -> tuple[Warned, ...]:
    """Warnings that stand against the firm now, the strongest first, then the newest."""
    if state is None:
        return ()
    _, standing = hold_on(prepared.snapshot, state, firm)
    told = [Warned(one.id, one.code, one.found_on, one.action) for one in standing]
    return tuple(sorted(told, key=lambda one: -ACTIONS.index(one.action)))


def _level(seen: Seen) -> int | None:
    """The level over observed links nearest to a core enterprise, None where none is reached."""
    value = dict(zip(seen.names, seen.values, strict=True)).get("level")
    return None if value is None else round(value)


def _books(prepared: Prepared, firm: int, until: int, traded: list[Traded]) -> Books:
    own, seen = prepared.own_months(firm, until), prepared.seen_months(firm, until)
    sold = [one.amount_fen for one in traded if one.side == "customer"]
    basis = "own" if own >= 12 else "at_least"
    rows = prepared.sales_of(firm)
    rows = rows.filter(pl.col("m").is_between(until - YEAR, until - 1) & pl.col("invoiced_fen").is_not_null())
    # Links hold what went to firms alone, own invoices also what consumers bought.
    sums = [sum(sold)] * bool(sold) + [int(rows["invoiced_fen"].sum())] * (rows.height > 0)
    sales = max(0, *sums) if sums else None
    return Books(own, seen, sales, basis, prepared.sold_months(firm, until))


def _dealings(prepared: Prepared, seen: Seen, traded: list[Traded]) -> tuple[Dealing, ...]:
    """The largest links on each side; hubs tell nothing."""
    hubs = prepared.hubs
    kept = [one for one in traded if not hubs[one.partner]]
    most = {"customer": CUSTOMERS, "supplier": SUPPLIERS}
    told = [one for side, n in most.items() for one in [t for t in kept if t.side == side][:n]]
    changed = seen.without([one.edge for one in told])
    rated = seen.rated([one.partner for one in told])
    return tuple(
        Dealing(
            partner=prepared.snapshot.id_of(one.partner),
            side=one.side,
            count=one.count,
            months=one.months,
            amount_fen=one.amount_fen,
            without=changed[one.edge],
            partner_pd=rated.get(one.partner),
            evidence=tuple(prepared.snapshot.evidence(one.edge)[-3:]),
        )
        for one in told
    )
