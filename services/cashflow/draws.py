"""Draws of dated cash: open invoices paid after a drawn delay, forecast months split into invoices.

One kernel for one side (sales or purchases) of one firm. A firm's draws depend on its id, the seed and the
number of the scenario alone, so that its path is the same by itself and within a chain or portfolio.
"""

from math import erfc, exp, log, sqrt
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from graph.csr import Int32, Int64
from services.cashflow.books import Flags, Floats

_HALF = 1 / sqrt(2.0)
#: Points that a distribution is looked up at.
POINTS = 2_048


class Firm(NamedTuple):
    """One side of one firm: its i open invoices, its e edges, its forecast."""

    key: np.uint64  # id
    open_fen: Int64  # [i]
    age: Int32  # [i] days since the invoice
    row: Int32  # [i] row of delays
    observed: Flags  # [i] whether what is open is unpaid
    year: Floats  # [e] over each edge in the last year
    edge_row: Int32  # [e] row of delays
    one_row: int  # that of all edges, -1: they differ
    quantiles: "np.typing.NDArray[np.float32]"  # [h, q] without tax
    scale: Floats  # [h] share of the month's forecast that is not known otherwise
    factor: float  # with tax over without
    lumps: int  # invoices a month
    swing: float  # standard deviation of the logarithm of their amounts
    retail: float  # paid at once in the last year


class World(NamedTuple):
    """What all firms share. Days count from the day after as_of."""

    by_day: Floats  # [d, T + 1] share paid within so many days
    within: Int32  # [d, POINTS + 1] days within which so large a share is paid; -1: never
    waits: Flags  # [d] whether it settles in one month of the year
    window: Int32  # [d, w, 2] first and last day of those months
    late: Int32  # [d] days that payment comes later than it was seen to: what-if
    normal: Floats  # [POINTS] quantiles of the standard normal distribution
    shares: Floats  # [q]
    common: Floats  # [k, h] standard normal, shared by all firms
    weight: Floats  # [2] of the error's variance: common, of the firm
    days: Int32  # [h, POINTS] days of each month, as often as invoices fall on them
    first: Int32  # [h] day on which each month begins
    roll: Int32  # [D] banking day of each day
    seed: np.uint64
    side: np.uint64


@njit(nogil=True, cache=True)
def _mix(x: Any) -> Any:
    """A step of splitmix64."""
    x = np.uint64(x + np.uint64(0x9E3779B97F4A7C15))
    x = np.uint64((x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9))
    x = np.uint64((x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB))
    return np.uint64(x ^ (x >> np.uint64(31)))


@njit(nogil=True, cache=True)
def _uniform(state: Any) -> Any:
    """The next number in (0, 1); `state` uint64[1] moves on."""
    state[0] = np.uint64(state[0] + np.uint64(0x9E3779B97F4A7C15))
    return (float(_mix(state[0]) >> np.uint64(11)) + 0.5) / 9007199254740992.0


@njit(nogil=True, cache=True)
def _normal(world: Any, state: Any) -> Any:
    """A standard normal number."""
    return world.normal[int(_uniform(state) * len(world.normal))]


@njit(nogil=True, cache=True)
def _delay(world: Any, row: int, age: int, u: Any) -> int:
    """Days to payment, drawn among those beyond `age` (-1: all); -1: never."""
    if age >= 0:
        if age + 1 >= world.by_day.shape[1]:
            return -1
        low = world.by_day[row, age + 1]
        u = low + u * (1.0 - low)
    days = world.within[row, int(u * (world.within.shape[1] - 1))]
    return int(days) if days < 0 else max(int(days), age + 1)


@njit(nogil=True, cache=True)
def _pay_day(world: Any, row: int, day: int, observed: bool, state: Any) -> int:
    """The day on which an invoice of `day` is paid (negative: before), or 1 << 30: never."""
    if row == 0:
        return day
    waits = world.waits[row]
    age = -1 - day if observed and day < 0 else -1
    days = _delay(world, row, -1 if waits else age, _uniform(state))
    if days < 0:
        return 1 << 30
    paid = day + days
    if waits:
        for w in range(world.window.shape[1]):
            first, last = world.window[row, w, 0], world.window[row, w, 1]
            if last >= day:
                paid = max(paid, first + int(_uniform(state) * (last - first + 1)))
                break
        if paid < 0 and observed:
            days = _delay(world, row, age, _uniform(state))
            return 1 << 30 if days < 0 else day + days + world.late[row]
    # What is paid by now was not late.
    return paid + world.late[row] if paid >= 0 else paid


@njit(nogil=True, cache=True)
def _amount(values: Any, shares: Any, u: Any) -> Any:
    """The u-quantile of a forecast kept at `shares`; beyond them it falls to nothing, or grows slowly."""
    n = len(shares)
    if u <= shares[0]:
        return values[0] * u / shares[0]
    if u >= shares[n - 1]:
        step = log((1 - shares[n - 2]) / (1 - shares[n - 1]))
        more = (values[n - 1] - values[n - 2]) * log((1 - shares[n - 1]) / (1 - u)) / step
        return values[n - 1] + min(more, 2.0 * values[n - 1])
    at = np.searchsorted(shares, u)
    part = (u - shares[at - 1]) / (shares[at] - shares[at - 1])
    return values[at - 1] + part * (values[at] - values[at - 1])


@njit(nogil=True, cache=True)
def _put(world: Any, total: Any, s: int, paid: int, fen: Any) -> Any:
    """Book an amount on the banking day of its payment; what of it falls into the days drawn."""
    days = total.shape[1]
    if paid < 0 or paid >= days:
        return 0
    rolled = world.roll[paid]
    if rolled >= days:
        return 0
    total[s, rolled] += fen
    return fen


@njit(nogil=True, cache=True)
def _row_of(firm: Any, whole: Any, state: Any) -> int:
    """The row of delays of a forecast invoice: that of an edge drawn by last year's amounts."""
    left = _uniform(state) * whole - firm.retail
    if left < 0:
        return 0
    for e in range(len(firm.year)):
        left -= firm.year[e]
        if left < 0:
            return int(firm.edge_row[e])
    return 1


@njit(nogil=True, cache=True)
def _ahead(world: Any, firm: Any, total: Any, months: Any, s: int, whole: Any, state: Any) -> Any:
    """Invoices still to be written, month by month; what of them is paid within the days drawn."""
    booked = 0
    own = _normal(world, state) * sqrt(world.weight[1])
    rest = sqrt(max(0.0, 1.0 - world.weight[0] - world.weight[1]))
    common = sqrt(world.weight[0])
    part = np.empty(firm.lumps)
    row = firm.one_row
    for h in range(world.days.shape[0]):
        z = common * world.common[s, h] + own + rest * _normal(world, state)
        u = min(max(0.5 * erfc(-z * _HALF), 1e-9), 1 - 1e-9)
        fen = _amount(firm.quantiles[h], world.shares, u) * firm.scale[h] * firm.factor
        months[s, h] = fen
        if fen < 1 or world.first[h] >= total.shape[1]:
            continue
        sum_ = 0.0
        for n in range(len(part)):
            part[n] = exp(firm.swing * _normal(world, state))
            sum_ += part[n]
        for n in range(len(part)):
            day = world.first[h] + world.days[h, int(_uniform(state) * world.days.shape[1])]
            if firm.one_row < 0:
                row = _row_of(firm, whole, state)
            paid = _pay_day(world, row, day, False, state)
            booked += _put(world, total, s, paid, np.int64(fen * part[n] / sum_))
    return booked


@njit(nogil=True, cache=True)
def draw(world: World, firm: Firm, total: Int64, months: Floats) -> tuple[int, int]:
    """Add what is paid to `total` int64[k, D] and note in `months` float64[k, h] what is invoiced, with tax.

    Returns the sums over all scenarios that open invoices and forecast ones gave.
    """
    state = np.empty(1, np.uint64)
    whole = firm.retail + firm.year.sum()
    known = ahead = 0
    for s in range(total.shape[0]):
        state[0] = _mix(firm.key ^ _mix(world.seed ^ _mix(np.uint64(s) * np.uint64(2) + world.side)))
        for i in range(len(firm.open_fen)):
            paid = _pay_day(world, firm.row[i], -1 - firm.age[i], firm.observed[i], state)
            known += _put(world, total, s, paid, firm.open_fen[i])
        ahead += _ahead(world, firm, total, months, s, whole, state)
    return known, ahead


def tables(cdf: Floats, limits: Floats) -> tuple[Floats, Int32]:
    """`World.by_day` and `World.within` of distributions in bins: float64[d, b], limits float64[b + 1]."""
    days = np.arange(int(limits[-1]) + 1)
    shares = (np.arange(POINTS + 1) + 0.5) / POINTS
    by_day = np.empty((len(cdf), len(days)))
    within = np.empty((len(cdf), POINTS + 1), np.int32)
    for row, values in enumerate(cdf):
        known = np.concatenate([[0.0], values])
        by_day[row] = np.interp(days, limits, known)
        # A share that no bin adds to lies at the first day on which it is reached.
        steps = np.flatnonzero(np.diff(known, prepend=-1.0) > 0)
        steps = np.unique(np.concatenate([steps, np.maximum(steps - 1, 0)]))
        at = np.interp(shares, known[steps], limits[steps])
        within[row] = np.where(shares <= known[-1], at, -1).astype(np.int32)
    return by_day, within


def normal_points() -> Floats:
    """`World.normal`: as good as drawn, and fast."""
    normal = NormalDist()
    return np.array([normal.inv_cdf((i + 0.5) / POINTS) for i in range(POINTS)])


def points(cumulated: Floats) -> Int32:
    """`World.days` of cumulated shares float64[h, 31]."""
    shares = (np.arange(POINTS) + 0.5) / POINTS
    return np.stack([np.searchsorted(row, shares) for row in cumulated]).astype(np.int32)


def rounded(sums: Int64, scenarios: int) -> Int64:
    """Means of sums over scenarios along days in whole fen, so that any run of days sums to its own mean
    rounded: int64 of the same shape."""
    running = np.cumsum(sums, axis=-1)
    whole = (2 * running + scenarios) // (2 * scenarios)
    return np.asarray(np.diff(whole, axis=-1, prepend=0), np.int64)
