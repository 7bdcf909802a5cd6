"""How many days pass between an invoice and its payment, for every pair of seller and buyer.

Discrete hazards over bins of days (Kaplan and Meier's estimate): of what was unpaid at a bin's beginning, the
share that was paid within it. Open invoices count as long as they have been seen unpaid. A pair's hazards are
drawn to its buyer's, those to the pool of all, and those to the policy's assumption:

    h = (paid in the bin + w · h of the wider circle) / (unpaid at its beginning + w)

Firms that settle in one month of the year whatever was invoiced when are told apart: payments wait for it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from graph.csr import Int32
from graph.snapshot import Snapshot
from services.cashflow.books import Books, Floats, days

#: Where a pair's distribution comes from.
ASSUMED, POOL, BUYER, EDGE = "assumption", "pool", "buyer", "edge"
#: Row of `Delays.cdf` of sales paid at once.
AT_ONCE = 0


@dataclass(frozen=True)
class Held:
    """A month in which everything is settled: its number, and the days of it that were seen."""

    month: int
    first: int
    last: int


@dataclass(frozen=True)
class Delays:
    """`cdf` float64[d, b]: share paid by the end of each bin, row 0: at once, row 1: where nothing is known;
    `edges` float64[b + 1]: the bins' limits in days. `of` int32[m]: the row of each edge. `basis`, `held`,
    `paid`, `open`: by row, how it came about, and of how many payments and open invoices. `late` int32[d]:
    days that a row is supposed to pay later than was seen (`services.cashflow.late`); None: no row is.
    """

    edges: Floats
    cdf: Floats
    of: Int32
    basis: tuple[str, ...]
    held: tuple[Held | None, ...]
    paid: tuple[int, ...]
    open: tuple[int, ...]
    late: Int32 | None = None

    def quantile(self, row: int, share: float) -> int | None:
        """Days within which that share is paid; None where it never is."""
        values = self.cdf[row]
        at = int(np.searchsorted(values, share))
        if at >= len(values):
            return None
        below = values[at - 1] if at else 0.0
        low, high = self.edges[at], self.edges[at + 1]
        width = values[at] - below
        return round(float(low + (high - low) * (share - below) / width)) if width > 0 else round(float(high))


def delays_of(source: Snapshot, books: Books, policy: dict[str, Any]) -> Delays:
    """Delays of every edge by what is known on the books' day."""
    rules = policy["delay"]
    limits = np.array(rules["edges"], np.float64)
    assumed = _assumed(rules["assumed"], limits)
    seen = _seen(books)
    of = np.full(len(books.at) - 1, 1, np.int32)
    rows: list[Floats] = [np.ones(len(limits) - 1), _cdf(assumed)]
    basis, held = [ASSUMED, ASSUMED], [None, None]  # type: tuple[list[str], list[Held | None]]
    counted = [(0, 0), (0, 0)]
    if seen.height:
        ends = source.edges.select("src", "dst").with_row_index("edge").cast({"edge": pl.Int32})
        seen = seen.join(ends, on="edge", maintain_order="left")
        holding = _holding(seen, rules["hold"])
        free = _free(seen, holding)
        # Hundreds of payments of one firm say less of others than a few of each of many.
        firms = int((books.covered_from < days(books.day)).sum())
        counts_for = min(1.0, rules["per_firm"] * firms / max(free.height, 1))
        pool = _hazard(free, limits, assumed, rules["weight"]["pool"] / max(counts_for, 1e-9))
        rows[1], basis[1], counted[1] = _cdf(pool), POOL, _numbers(free)
        of_buyer = {
            int(buyer): _hazard(group, limits, pool, rules["weight"]["buyer"])
            for (buyer,), group in free.group_by("dst", maintain_order=True)
        }
        for (edge, src, dst), group in seen.group_by("edge", "src", "dst", maintain_order=True):
            held.append(holding.get(("edge", edge)) or holding.get(("src", src)) or holding.get(("dst", dst)))
            # What waits for a month says nothing of how long its payers would take else.
            wider = of_buyer.get(int(dst), pool)
            own = pool if held[-1] else _hazard(group, limits, wider, rules["weight"]["edge"])
            of[int(edge)] = len(rows)
            rows.append(_cdf(own))
            counted.append(_numbers(group))
            basis.append(EDGE if counted[-1][0] else BUYER)
        _by_buyer(source, of, rows, basis, held, counted, of_buyer)
    paid, left = zip(*counted, strict=True)
    return Delays(limits, np.stack(rows), of, tuple(basis), tuple(held), tuple(paid), tuple(left))


def _by_buyer(
    source: Snapshot,
    of: Int32,
    rows: list[Floats],
    basis: list[str],
    held: list[Held | None],
    counted: list[tuple[int, int]],
    of_buyer: dict[int, Floats],
) -> None:
    """Edges of buyers that are seen to pay others: their buyer's habit."""
    for buyer, hazard in sorted(of_buyer.items()):
        others = [e for e in source.suppliers(buyer) if of[e] == 1]
        if others:
            of[others] = len(rows)
            rows.append(_cdf(hazard))
            basis.append(BUYER)
            held.append(None)
            counted.append((0, 0))


def _free(seen: pl.DataFrame, holding: dict[tuple[str, Any], Held]) -> pl.DataFrame:
    """Payments that wait for no month."""
    waits = pl.lit(False)
    for who in ("edge", "src", "dst"):
        keys = [key for kind, key in holding if kind == who]
        waits = waits | pl.col(who).is_in(keys)
    return seen.filter(~waits)


def _numbers(seen: pl.DataFrame) -> tuple[int, int]:
    paid = int(seen["event"].sum())
    return paid, seen.height - paid


def _seen(books: Books) -> pl.DataFrame:
    """Payments and what was seen unpaid: edge, days, event, amount_fen, issued, paid."""
    paid = books.payments.select(
        "edge", "issued", "paid", "amount_fen", days=pl.col("paid") - pl.col("issued"), event=pl.lit(True)
    )
    open_ = np.flatnonzero(books.observed & (books.open_fen > 0))
    left = pl.DataFrame(
        {
            "edge": books.edge[open_],
            "issued": books.issued[open_],
            "paid": np.full(len(open_), days(books.day), np.int32),
            "amount_fen": books.open_fen[open_],
            "days": days(books.day) - books.issued[open_],
            "event": np.zeros(len(open_), np.bool_),
        }
    )
    return pl.concat([paid, left.select(paid.columns).cast(paid.schema)])


def _hazard(seen: pl.DataFrame, limits: Floats, wider: Floats, weight: float) -> Floats:
    """Share of what is unpaid at each bin's beginning that is paid within it."""
    bins = len(limits) - 1
    at = np.searchsorted(limits, seen["days"].to_numpy(), side="right") - 1
    event = seen["event"].to_numpy()
    # An invoice of which one part is paid now and one later counts once for each part: so do open ones.
    paid = np.bincount(np.minimum(at[event], bins - 1), minlength=bins)[:bins]
    gone = np.bincount(np.minimum(at[~event], bins), minlength=bins + 1)[:bins]
    unpaid = len(at) - np.concatenate([[0], np.cumsum(paid + gone)[:-1]])
    # Of those that left sight within a bin, half count as seen through it.
    unpaid = unpaid - gone / 2
    return np.asarray((paid + weight * wider) / (np.maximum(unpaid, paid) + weight), np.float64)


def _assumed(table: dict[int, float], limits: Floats) -> Floats:
    """Hazards of the policy's table of shares paid within so many days."""
    by = np.interp(limits, [0.0, *table], [0.0, *table.values()])
    return np.asarray(np.diff(by) / np.maximum(1 - by[:-1], 1e-9), np.float64)


def _cdf(hazard: Floats) -> Floats:
    return np.asarray(1 - np.cumprod(1 - np.clip(hazard, 0.0, 1.0)), np.float64)


def _holding(seen: pl.DataFrame, rules: dict[str, Any]) -> dict[tuple[str, Any], Held]:
    """Pairs, sellers and buyers whose payments wait for one month of the year, whenever they were invoiced.

    Most come in that month, and hardly any between an invoice and the first such month after it.
    """
    epoch = pl.lit(date(1970, 1, 1))
    paid = seen.filter("event").with_columns(
        on=epoch + pl.duration(days=pl.col("paid")), invoiced=epoch + pl.duration(days=pl.col("issued"))
    )
    found: dict[tuple[str, Any], Held] = {}
    for who in ("edge", "src", "dst"):
        for (key,), group in paid.group_by(who, maintain_order=True):
            held = _month_of(group, rules)
            if held is not None:
                found[who, key] = held
    return found


def _month_of(group: pl.DataFrame, rules: dict[str, Any]) -> Held | None:
    """The month that these payments wait for, None where they do not."""
    months = group.group_by(month=pl.col("on").dt.month()).agg(pl.col("amount_fen").sum())
    top = months.sort("amount_fen", "month", descending=[True, False]).row(0, named=True)
    inside = group.filter(pl.col("on").dt.month() == top["month"])
    if inside.height < rules["payments"] or inside["invoiced"].dt.month().n_unique() < rules["months"]:
        return None
    if top["amount_fen"] < rules["share"] * group["amount_fen"].sum():
        return None
    # No year is without the 28th.
    dated = [min(one, 28) if top["month"] == 2 else one for one in inside["on"].dt.day().to_list()]
    held = Held(top["month"], min(dated), max(dated))
    year = pl.col("invoiced").dt.year()
    after = pl.col("invoiced") > pl.date(year, held.month, held.last)
    opens = pl.date(year + after.cast(pl.Int32), held.month, held.first)
    waited = group.select((pl.col("on") >= opens).mean()).item()
    return held if waited >= rules["waited"] else None


def windows(held: Held, day: date, back: int, ahead: int) -> list[tuple[int, int]]:
    """First and last day of the months of settling around `day`, in days after it."""
    made = []
    for year in range((day - timedelta(days=back)).year, (day + timedelta(days=ahead)).year + 2):
        month_end = (date(year + held.month // 12, held.month % 12 + 1, 1) - timedelta(days=1)).day
        ends = (
            date(year, held.month, min(held.first, month_end)),
            date(year, held.month, min(held.last, month_end)),
        )
        made.append(((ends[0] - day).days, (ends[1] - day).days))
    return made
