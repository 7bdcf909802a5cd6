"""Paths told by day, week or month: expected inflow, outflow, balance, their intervals, the first shortfall.

Expected amounts add up exactly: along days, weeks and months, and over firms of a chain or portfolio, whose
scenarios are summed one by one. Intervals are read off the summed scenarios and do not add up.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from graph.csr import Int64
from services.cashflow.ground import Ground
from services.cashflow.panel import month_first, month_number
from services.cashflow.path import Asked, CashPath, Note, path_on

STEPS = ("day", "week", "month")


@dataclass(frozen=True)
class Outlook:
    """Scenarios of one firm, or summed over many. Amounts in fen with tax, first row inflow, second outflow.

    `moved` int64[2, k, days]; `expected` int64[2, days]; `known` expected of known flows; `firms`: how many,
    `partial` of them on partial books; `path`: of a single firm; `notes`: each with how many firms it is of.
    """

    start: date
    moved: Int64
    expected: Int64
    known: tuple[int, int]
    opening_fen: int | None
    opening_on: date | None
    firms: int
    partial: int
    notes: list[tuple[Note, int]]
    path: CashPath | None = field(default=None, repr=False)

    @property
    def balance(self) -> Int64:
        """int64[k, days]: opening balance and all that moved until each day."""
        return (self.opening_fen or 0) + np.cumsum(self.moved[0] - self.moved[1], axis=1)


def outlook_of(ground: Ground, firms: Sequence[int], asked: Asked, opening_fen: int | None) -> Outlook:
    """The outlook of some firms together; of one, with its path.

    The balance of many is known where it is given: payments among them stand on both sides.
    """
    if len(firms) == 1:
        path = path_on(ground, firms[0], asked, opening_fen)
        moved = np.stack([path.inflow_fen, path.outflow_fen])
        partial = int(path.basis == "partial")
        noted = [(one, 1) for one in path.notes]
        return Outlook(
            path.start, moved, path.expected_fen, path.known_fen, path.opening_fen, path.opening_on, 1,
            partial, noted, path,
        )  # fmt: skip
    moved = np.zeros((2, asked.scenarios, asked.days), np.int64)
    expected = np.zeros((2, asked.days), np.int64)
    known, partial, codes = [0, 0], 0, Counter[str]()
    told: dict[str, Counter[str]] = {}
    quiet = Asked(asked.days, asked.scenarios, asked.noted, telling=False)
    for firm in firms:
        path = path_on(ground, firm, quiet)
        moved[0] += path.inflow_fen
        moved[1] += path.outflow_fen
        expected += path.expected_fen
        known = [known[side] + path.known_fen[side] for side in (0, 1)]
        partial += path.basis == "partial"
        codes.update(one.code for one in path.notes)
        for one in path.notes:
            told.setdefault(one.code, Counter()).update({k: int(str(v)) for k, v in one.params.items()})
    notes = [
        (Note(code, dict(told[code])), count)
        for code, count in sorted(codes.items())
        if code != "cashflow_no_opening"
    ]
    if opening_fen is None:
        notes.append((Note("cashflow_no_opening"), len(firms)))
    sums = (known[0], known[1])
    return Outlook(ground.start, moved, expected, sums, opening_fen, None, len(firms), partial, notes)


def stretches(start: date, step: str, count: int) -> list[tuple[date, date]]:
    """First and last day of `count` days, calendar weeks (to Sunday) or calendar months from `start` on."""
    found, first = [], start
    for _ in range(count):
        if step == "day":
            last = first
        elif step == "week":
            last = first + timedelta(days=6 - first.weekday())
        else:
            last = month_first(month_number(first) + 1) - timedelta(days=1)
        found.append((first, last))
        first = last + timedelta(days=1)
    return found


def summed(values: Int64, start: date, steps: list[tuple[date, date]]) -> Int64:
    """Sums along days (last axis) over each stretch."""
    return np.add.reduceat(values, [(first - start).days for first, _ in steps], axis=-1)


def interval(values: Int64, level: int) -> tuple[Int64, Int64]:
    """Ends of the interval that holds the next draw with `level` percent, of int64[k, s] scenarios: the order
    statistics at (k + 1)(1 ± level) / 2.

    Where the lower end is the least that was drawn (weeks in which nothing comes), no lower tail is left,
    and the upper end lies at (k + 1) level: else it would hold more than it promises.
    """
    ordered = np.sort(values, axis=0)
    k = len(values)
    low = ordered[max(int(np.floor((100 - level) / 200 * (k + 1))) - 1, 0)]
    high = ordered[min(int(np.ceil((100 + level) / 200 * (k + 1))) - 1, k - 1)]
    from_least = ordered[min(int(np.ceil(level / 100 * (k + 1))) - 1, k - 1)]
    lumped = (low == ordered[0]) & (ordered[0] == ordered[min(1, k - 1)])
    return low, np.where(lumped, from_least, high)


@dataclass(frozen=True)
class Shortfall:
    """Whether the balance falls below nothing: in which share of scenarios, on which first day (the middle of
    those scenarios, and the days that a tenth of them lie before and after), how much is short at worst in
    all but one of twenty scenarios, and on which day the expected balance does."""

    probability: float
    likely_on: date | None
    from_on: date | None
    until_on: date | None
    needed_fen: int
    expected_on: date | None


def shortfall(outlook: Outlook) -> Shortfall | None:
    """The first shortfall; None where no opening balance is known."""
    if outlook.opening_fen is None:
        return None
    short = outlook.balance < 0
    hit = short.any(axis=1)
    first = np.sort(short[hit].argmax(axis=1))
    lowest = np.sort(np.maximum(-outlook.balance.min(axis=1), 0))
    middle = outlook.opening_fen + np.cumsum(outlook.expected[0] - outlook.expected[1])
    on = _day_at(outlook.start, first)
    return Shortfall(
        probability=float(hit.mean()),
        likely_on=on(0.5),
        from_on=on(0.1),
        until_on=on(0.9),
        needed_fen=int(lowest[min(len(lowest) - 1, int(np.ceil(0.95 * (len(lowest) + 1))) - 1)]),
        expected_on=outlook.start + timedelta(days=int((middle < 0).argmax()))
        if (middle < 0).any()
        else None,
    )


def _day_at(start: date, first: Int64) -> Callable[[float], date | None]:
    def on(share: float) -> date | None:
        if not len(first):
            return None
        return start + timedelta(days=int(first[min(len(first) - 1, int(share * len(first)))]))

    return on
