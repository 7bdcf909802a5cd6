"""When in the year a firm buys, ships and is paid, and what it pays every month: found in its own history.

A month is a peak where it holds far more than a mean month, in the whole history and in every single year of
it. Two full years are asked for: in one year every lumpy firm has peaks.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from services.cashflow.bank import Recurring, recurring
from services.cashflow.books import Floats
from services.cashflow.ground import Ground
from services.cashflow.panel import month_number

BUYS, SHIPS, PAID = "buys", "ships", "paid"


@dataclass(frozen=True)
class Habit:
    """`what`: buys | ships | paid; `months`: the peaks (1 to 12), empty where there is none; `share`: of all
    that falls into them; `reason`: peaks | even | short (under two years) | few (papers) | not_seen."""

    what: str
    months: tuple[int, ...]
    share: float | None
    reason: str


@dataclass(frozen=True)
class Fixed:
    """An outlay of every month or quarter; `partner`: who is paid, where that is a firm."""

    kind: str
    every: int
    day: int
    amount_fen: int
    partner: int | None = None
    name: str | None = None


def habits_of(ground: Ground, firm: int) -> list[Habit]:
    """What the firm's months show of buying, shipping and being paid."""
    rules = ground.policy.body["peak"]
    months = ground.source.months_until(ground.as_of)
    own = [until[firm] is not None for until in ground.own_until]
    start = _start(ground)
    found = []
    for what, side in ((BUYS, 1), (SHIPS, 0)):
        values = ground.sides[side].panel[firm]
        papers = int(ground.books.count[firm, side])
        found.append(
            _habit(what, values, start, papers, rules) if own[side] else Habit(what, (), None, "not_seen")
        )
    found.append(_paid(ground, firm, start, months, rules))
    return found


def _start(ground: Ground) -> int:
    first = ground.source.months[0]
    return int(first[:4]) * 12 + int(first[5:]) - 1


def _habit(what: str, values: Floats, start: int, papers: int, rules: dict[str, Any]) -> Habit:
    years = len(values) // 12
    if years < 2 or np.isnan(values[-12 * years :]).any():
        return Habit(what, (), None, "short")
    if papers < rules["papers_a_year"]:
        return Habit(what, (), None, "few")
    table = np.maximum(values[-12 * years :], 0).reshape(years, 12)
    mean = table.mean(axis=1, keepdims=True)
    if not (mean > 0).all():
        return Habit(what, (), None, "few")
    scaled = table / mean
    peaks = (scaled.mean(axis=0) >= rules["over_mean"]) & (scaled >= rules["every_year"]).all(axis=0)
    first = start + len(values) - 12 * years
    months = tuple(sorted((first + int(i)) % 12 + 1 for i in np.flatnonzero(peaks)))
    share = float(table[:, peaks].sum() / table.sum()) if months else None
    return Habit(what, months, share, "peaks" if months else "even")


def _paid(ground: Ground, firm: int, start: int, months: int, rules: dict[str, Any]) -> Habit:
    """When customers' money came in, by the firm's own statements."""
    covered = ground.bank.months(firm)
    if not covered:
        return Habit(PAID, (), None, "not_seen")
    values = np.array([0.0 if start + m in covered else np.nan for m in range(months)])
    recent = 0
    for one in ground.bank.of(firm):
        at = month_number(one.on) - start
        if one.direction == "in" and one.purpose in ("trade", "bill") and 0 <= at < months:
            values[at] += one.fen
            recent += at >= months - 12
    return _habit(PAID, values, start, recent, rules)


def fixed_of(ground: Ground, firm: int) -> list[Fixed]:
    """What the firm pays every month or quarter, by its statements and its leases."""
    rules = ground.policy.body
    found: list[Fixed] = []
    partners: set[int] = set()
    agreed = ground.agreed(firm)
    rents = [one for one in agreed.flows if one.kind == "rent" and one.direction == "out"]
    for partner in sorted({one.partner for one in rents if one.partner is not None}):
        mine = sorted((one for one in rents if one.partner == partner), key=lambda one: one.on)
        gap = month_number(mine[1].on) - month_number(mine[0].on) if len(mine) > 1 else 12
        found.append(Fixed("rent", gap, mine[0].on.day, mine[0].amount_fen, partner))
    partners |= {one.partner for one in agreed.flows if one.partner is not None}
    if firm in ground.bank.stated:
        partners |= ground.partners(firm) | {firm}
        seen: list[Recurring] = recurring(ground.bank, firm, rules["recurring"], partners)
        found += [Fixed(one.purpose, one.every, one.day, one.amount_fen, None, one.name) for one in seen]
    return found
