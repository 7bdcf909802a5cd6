"""What signed contracts make due and no invoice has billed yet, and what of the forecast that replaces."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from extraction.contract_schedule import ANCHORS, schedule
from graph.snapshot import Snapshot
from services.calendar import days_off_between, next_banking_day
from services.cashflow.books import Books, days
from services.cashflow.flows import KnownFlow

_DECIMAL = pl.Decimal(38, 14)


@dataclass(frozen=True)
class Agreed:
    """`flows` of contracts; `replaces`: edge → fen with tax that a forecast of that edge holds already;
    `undated`: amounts agreed whose day waits for an event that has not come."""

    flows: list[KnownFlow]
    replaces: dict[int, int]
    undated: int
    undated_fen: int


NOTHING_AGREED = Agreed([], {}, 0, 0)


def agreed_of(source: Snapshot, books: Books, firm: int, last: date, rules: dict[str, Any]) -> Agreed:
    """The contracts of one firm, as seller and as buyer, known on the books' day, due until `last`."""
    mine = (pl.col("seller") == firm) | (pl.col("buyer") == firm)
    signed = (pl.col("happened_on") <= books.day) & (pl.col("currency").fill_null("CNY") == "CNY")
    contracts = source.contracts.filter(mine & signed).sort("happened_on", "contract")
    if contracts.is_empty():
        return NOTHING_AGREED
    due = _schedule(source, books, contracts, last, rules["acceptance_days"])
    flows: list[KnownFlow] = []
    replaces: dict[int, int] = {}
    undated, undated_fen = 0, 0
    billed: dict[int, int] = {}
    for head in contracts.iter_rows(named=True):
        edge = source.edge_between(head["seller"], head["buyer"])
        rows = due.filter(pl.col("fact") == head["contract"]).sort("due_on", "term", nulls_last=True)
        left = _billed(books, edge, head, billed) if edge is not None else head["settled_fen"] or 0
        for row in rows.iter_rows(named=True):
            fen = row["amount_fen"] or 0
            fen, left = _less(row, fen, left, books.day)
            if fen <= 0:
                continue
            if row["due_on"] is None:
                undated, undated_fen = undated + 1, undated_fen + fen
                continue
            flow = _flow(head, row, fen, firm, books.day, rules["contract"])
            if flow.on <= last:
                flows.append(flow)
                if edge is not None:
                    replaces[edge] = replaces.get(edge, 0) + fen
    return Agreed(flows, replaces, undated, undated_fen)


def unbilled_of(source: Snapshot, books: Books, firm: int) -> list[tuple[str, int | None]]:
    """Sales contracts of a firm known on the books' day: (contract, what of it is still to be invoiced).

    The same allocation of invoices to contracts as a cash path has. None where nobody can say how much was
    invoiced: no invoice names the contract, and no sales book of the firm runs to its signing.
    """
    signed = (pl.col("happened_on") <= books.day) & (pl.col("currency").fill_null("CNY") == "CNY")
    contracts = source.contracts.filter((pl.col("seller") == firm) & signed).drop_nulls("amount_fen")
    until = source.enterprises["own_sales_until"][firm]
    billed: dict[int, int] = {}
    found: list[tuple[str, int | None]] = []
    for head in contracts.sort("happened_on", "contract").iter_rows(named=True):
        edge = source.edge_between(head["seller"], head["buyer"])
        named = max(head["invoiced_fen"] or 0, head["settled_fen"] or 0)
        taken = named if edge is None else _billed(books, edge, head, billed)
        seen = head["invoiced_fen"] is not None or (until is not None and until >= head["happened_on"])
        found.append((head["contract"], max(head["amount_fen"] - taken, 0) if seen else None))
    return found


def _less(row: dict[str, Any], fen: int, left: int, day: date) -> tuple[int, int]:
    """What of a term is still to come, and what of the amounts billed or paid is left for later terms.

    Rent of past periods is taken as paid: its lease runs on.
    """
    if row["kind"] in ("rent", "deposit"):
        return (0 if row["due_on"] is None or row["due_on"] <= day else fen), left
    taken = min(fen, left)
    return fen - taken, left - taken


def _billed(books: Books, edge: int, head: dict[str, Any], billed: dict[int, int]) -> int:
    """What invoices since the signing have billed of a contract; what one has taken another has not.

    An invoice between the two since then is taken for the contract's, oldest contract first: so that the same
    money is not awaited from both.
    """
    rows = slice(int(books.at[edge]), int(books.at[edge + 1]))
    since = books.issued[rows] >= days(head["happened_on"])
    whole = int(books.total_fen[rows][since].sum()) - billed.get(edge, 0)
    known = max(head["invoiced_fen"] or 0, head["settled_fen"] or 0)
    taken = max(min(max(whole, 0), head["amount_fen"] or 0), known)
    billed[edge] = billed.get(edge, 0) + min(taken, max(whole, 0))
    return taken


def _schedule(
    source: Snapshot, books: Books, contracts: pl.DataFrame, last: date, acceptance: int
) -> pl.DataFrame:
    """Rows of `extraction.contract_schedule` until `last`; planned deliveries count as their events."""
    terms = source.contract_terms.join(contracts.select("contract"), on="contract", how="semi")
    text = pl.String
    heads = contracts.select(
        "happened_on", fact="contract", amount_fen="amount_fen",
        seller=pl.col("seller").cast(text), buyer=pl.col("buyer").cast(text),
    )  # fmt: skip
    rows = terms.rename({"contract": "fact"}).with_columns(pl.col("share").cast(_DECIMAL))
    planned = rows.filter((pl.col("kind") == "delivery") & pl.col("due_on").is_not_null())
    delivered = planned.group_by("fact").agg(on=pl.col("due_on").max())
    events = [
        delivered.select("fact", pl.lit(name).alias("trigger"), on=pl.col("on") + pl.duration(days=later))
        for name, later in (("delivery", 0), ("invoice", 0), ("completion", 0), ("acceptance", acceptance))
    ]
    anchors = pl.concat([one.cast(ANCHORS) for one in events])
    off = days_off_between(books.day - timedelta(days=400), last)
    return schedule(heads, rows, anchors, off)


def _flow(
    head: dict[str, Any], row: dict[str, Any], fen: int, firm: int, day: date, rules: dict[str, Any]
) -> KnownFlow:
    sold = head["seller"] == firm
    late = row["due_on"] <= day
    on = day + timedelta(days=rules["overdue_days"]) if late else row["due_on"]
    rent = row["kind"] == "rent"
    return KnownFlow(
        kind="rent" if rent else "contract",
        direction="in" if sold else "out",
        on=next_banking_day(on),
        amount_fen=fen,
        basis="overdue" if late else "contract",
        partner=head["buyer"] if sold else head["seller"],
        fact=head["contract"],
        late=0.0 if rent else float(rules["late_days"]),
    )


def scales(
    replaces: dict[int, int], shares: dict[int, float], mean: "np.typing.NDArray[np.float64]", factor: float
) -> "np.typing.NDArray[np.float64]":
    """float64[h]: what is left of each month's forecast once what contracts tell is taken out.

    `shares`: of the forecast, by edge; `mean` float64[h] without tax. An edge's forecast gives way from the
    first month on until the contracts' sum is reached; more than it holds is new business, on top of it.
    """
    left = np.ones(len(mean))
    for edge, fen in sorted(replaces.items()):
        share, rest = shares.get(edge, 0.0), float(fen)
        for h, value in enumerate(mean):
            holds = share * float(value) * factor
            taken = min(rest, holds)
            if holds > 0:
                left[h] -= share * taken / holds
                rest -= taken
    return np.clip(left, 0.0, 1.0)
