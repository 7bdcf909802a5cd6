"""What all cash paths of a snapshot and a day share: books, delays, forecasts, statements, the calendar.

Worked out once (seconds) and kept: a path of one firm then costs milliseconds.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.csr import Int32
from graph.snapshot import Snapshot
from ledger.errors import InputError
from ledger.ledger import Ledger
from services.calendar import banking_days, is_banking_day
from services.cashflow.agreed import NOTHING_AGREED, Agreed, agreed_of
from services.cashflow.bank import Bank, bank_of
from services.cashflow.books import Books, Floats, books_of, days
from services.cashflow.delays import Delays, delays_of, windows
from services.cashflow.draws import World, normal_points, points, tables
from services.cashflow.panel import SHARES, Side, month_first, month_number, sides_of
from services.cashflow.policy import Policy, policy_on
from services.cashflow.proof import Proof, proof_of
from services.lending.sales_index import SalesIndex

#: The furthest day of a path, in days after as_of.
MOST_DAYS = 400
#: Kept for so many pairs of snapshot and day.
_KEPT = 3
SEED = 20_260_101


@dataclass(frozen=True)
class Ground:
    """All that is shared. `sides`: sales and purchases; `key` uint64[n]: ids of firms."""

    source: Snapshot
    ledger: Ledger
    as_of: date
    policy: Policy
    books: Books
    delays: Delays
    sides: tuple[Side, Side]
    bank: Bank
    key: "NDArray[np.uint64]"

    @cached_property
    def own_until(self) -> "tuple[list[date | None], list[date | None]]":
        """How far each firm's own sales and purchase books are in; None: seen in others' papers alone."""
        firms = self.source.enterprises
        return firms["own_sales_until"].to_list(), firms["own_purchases_until"].to_list()

    def partners(self, firm: int) -> set[int]:
        """Firms that it has invoices with."""
        source = self.source
        sold = source.column("edges", "dst")[source.customers(firm)]
        return {int(one) for one in (*sold, *source.column("edges", "src")[source.suppliers(firm)])}

    @cached_property
    def proof(self) -> Proof | None:
        """The forecast of the last full months, made before them."""
        first = self.source.months[0]
        return proof_of(self.source, self.sides, int(first[:4]) * 12 + int(first[5:]) - 1)

    @cached_property
    def contracting(self) -> frozenset[int]:
        """Firms with a contract of their own."""
        held = self.source.contracts
        return frozenset(held["seller"].to_list()) | frozenset(held["buyer"].to_list())

    def agreed(self, firm: int) -> Agreed:
        """What the firm's contracts make due, as far as any path goes."""
        if firm not in self.contracting:
            return NOTHING_AGREED
        if firm not in self._agreed:
            far = self.as_of + timedelta(days=MOST_DAYS)
            self._agreed[firm] = agreed_of(self.source, self.books, firm, far, self.policy.body)
        return self._agreed[firm]

    @cached_property
    def _agreed(self) -> dict[int, Agreed]:
        return {}

    @property
    def today(self) -> int:
        """as_of in days since 1970."""
        return days(self.as_of)

    @cached_property
    def sales_index(self) -> SalesIndex:
        """What the receivables ledger reads once for a snapshot."""
        return SalesIndex.of(self.source, self.ledger)

    def waits_until(self, row: int, day: Floats) -> Floats:
        """The middle of the month in which a row of delays settles what was invoiced on `day`, in days after
        as_of; 0 where it waits for none."""
        waits, window = self._windows
        until = np.zeros(len(day))
        if waits[row]:
            for first, last in window[row][::-1].astype(np.float64) + 1:
                until = np.where(last >= day, (first + last) / 2, until)
        return until

    def missed(self, edge: int) -> int:
        """How many invoices of an edge are unpaid though the month in which it settles them is over: they are
        awaited after the delay of all others."""
        waits, window = self._windows
        row, rows = int(self.delays.of[edge]), slice(int(self.books.at[edge]), int(self.books.at[edge + 1]))
        if not waits[row]:
            return 0
        unpaid = (self.books.open_fen[rows] > 0) & self.books.observed[rows]
        since = self.books.issued[rows][unpaid].astype(np.int64) - self.today - 1
        ends = window[row][:, 1].astype(np.int64)
        first = np.where(ends[None, :] >= since[:, None], ends[None, :], np.iinfo(np.int64).max).min(axis=1)
        return int((first < 0).sum())

    @property
    def start(self) -> date:
        """The first day of a path."""
        return self.as_of + timedelta(days=1)

    @cached_property
    def months(self) -> list[date]:
        """First days of the months forecast."""
        first = month_number(self.start)
        return [month_first(first + h) for h in range(self.sides[0].mean.shape[1])]

    @cached_property
    def pace(self) -> Floats:
        """float64[h, 31]: cumulated share of a month's invoices by day; of the first, what is left."""
        weights = _day_weights(self.books, self.as_of)
        rows = np.ones((len(self.months), 31))
        for h, first in enumerate(self.months):
            ends = month_first(month_number(first) + 1)
            values = np.zeros(31)
            for d in range((ends - first).days):
                day = first + timedelta(days=d)
                values[d] = weights[int(is_banking_day(day)), min((ends - day).days - 1, 9)] * (
                    day > self.as_of
                )
            rows[h] = np.cumsum(values) / max(values.sum(), 1e-12)
        return rows

    @cached_property
    def remaining(self) -> float:
        """Share of the first month's invoices that is still to be written."""
        weights = _day_weights(self.books, self.as_of)
        first, whole, left = self.months[0], 0.0, 0.0
        ends = month_first(month_number(first) + 1)
        for d in range((ends - first).days):
            day = first + timedelta(days=d)
            value = float(weights[int(is_banking_day(day)), min((ends - day).days - 1, 9)])
            whole, left = whole + value, left + value * (day > self.as_of)
        return left / whole if whole else 1.0

    def world(self, side: int, scenarios: int) -> World:
        """The shared part of the draws of one side."""
        if (side, scenarios) not in self._worlds:
            self._worlds[side, scenarios] = self._world(side, scenarios)
        return self._worlds[side, scenarios]

    @cached_property
    def _worlds(self) -> dict[tuple[int, int], World]:
        return {}

    def _world(self, side: int, scenarios: int) -> World:
        waits, window = self._windows
        by_day, within = self._tables
        late = self.delays.late
        rng = np.random.default_rng([SEED, side])
        # A shock that all firms share lasts: half of it is the whole path's, half the month's.
        lasting = rng.standard_normal((scenarios, 1))
        monthly = rng.standard_normal((scenarios, len(self.months)))
        return World(
            by_day=by_day,
            within=within,
            waits=waits,
            window=window,
            late=np.zeros(len(by_day), np.int32) if late is None else late,
            normal=normal_points(),
            shares=SHARES,
            common=(lasting + monthly) / np.sqrt(2.0),
            weight=np.array(self._weights),
            days=points(self.pace),
            first=np.array([(one - self.start).days for one in self.months], np.int32),
            roll=banking_days(self.start, MOST_DAYS),
            seed=np.uint64(SEED),
            side=np.uint64(side),
        )

    @cached_property
    def _weights(self) -> tuple[float, float]:
        """Shares of the error's variance: common to all firms, common to a firm's months. Half of each is
        what the held-out months show, half the policy's: three months are few."""
        rules = self.policy.body["common"]
        shown = None if self.proof is None else self.proof.lasting
        if shown is None:
            return rules["share"], rules["firm"]
        return (shown[0] + rules["share"]) / 2, (shown[1] + rules["firm"]) / 2

    @cached_property
    def _tables(self) -> "tuple[Floats, Int32]":
        return tables(self.delays.cdf, self.delays.edges)

    @cached_property
    def _windows(self) -> "tuple[NDArray[np.bool_], Int32]":
        """Rows of delays that settle in one month of the year, first and last days of those months."""
        rows = [windows(held, self.start, 800, 800) if held else [] for held in self.delays.held]
        window = np.zeros((len(rows), max((len(row) for row in rows), default=1) or 1, 2), np.int32)
        for at, row in enumerate(rows):
            for w, ends in enumerate(row):
                window[at, w] = ends
        return np.array([bool(row) for row in rows]), window


def _day_weights(books: Books, day: date) -> Floats:
    """float64[2, 10]: invoices a day by whether banks are open and days to the month's end (9: or more)."""
    first = day - timedelta(days=730)
    span = (day - first).days + 1
    count = np.bincount(np.clip(books.issued - days(first), 0, span), minlength=span + 1)[1:span]
    sums, number = np.zeros((2, 10)), np.zeros((2, 10))
    for i, invoices in enumerate(count, start=1):
        one = first + timedelta(days=i)
        left = (month_first(month_number(one) + 1) - one).days - 1
        at = int(is_banking_day(one)), min(left, 9)
        sums[at] += invoices
        number[at] += 1
    plain = np.array([0.15, 1.0])[:, None] * np.ones((1, 10))
    if not count.sum():
        return plain
    mean = count.sum() / span
    # A few days' worth of the plain habit, so that a young ledger has no day without invoices.
    return np.asarray((sums + 5 * plain * mean) / (number + 5) / mean, np.float64)


_GROUNDS: "OrderedDict[tuple[str, str, date, int], Ground]" = OrderedDict()
_LOCK = Lock()


def ground_of(source: Snapshot, ledger: Ledger, as_of: date | None = None) -> Ground:
    """The ground of a snapshot on a day, kept for the next caller.

    Raises InputError for a day before the first month of data or after the cut-off.
    """
    day = source.as_of if as_of is None else as_of
    if day > source.as_of:
        raise InputError("cashflow_after_data", day=day.isoformat(), last=source.as_of.isoformat())
    if not source.months or source.months_until(day) < 1:
        first = source.months[0] if source.months else ""
        raise InputError("cashflow_before_data", day=day.isoformat(), first=first)
    key = (str(source.folder), source.id, day, ledger.tables.version("documents"))
    with _LOCK:
        if key in _GROUNDS:
            _GROUNDS.move_to_end(key)
            return _GROUNDS[key]
        made = _ground(source, ledger, day)
        _GROUNDS[key] = made
        while len(_GROUNDS) > _KEPT:
            _GROUNDS.popitem(last=False)
    return made


def _ground(source: Snapshot, ledger: Ledger, day: date) -> Ground:
    policy = policy_on(day)
    rules: dict[str, Any] = policy.body
    books = books_of(source, ledger, day, rules["delay"]["statement_lag_days"])
    horizon = month_number(day + timedelta(days=MOST_DAYS)) - month_number(day + timedelta(days=1)) + 1
    ids = np.array([int(one, 16) for one in source.enterprises["id"]], np.uint64)
    return Ground(
        source=source,
        ledger=ledger,
        as_of=day,
        policy=policy,
        books=books,
        delays=delays_of(source, books, rules),
        sides=sides_of(source, day, horizon),
        bank=bank_of(source, ledger, day),
        key=ids,
    )
