"""Depth: how far, on average, a firm's goods have to go to the end product of its chain.

Source: upstreamness, Antràs, Chor, Fally & Hillberry (AER P&P 2012) and Fally (2012), taken over
the customers that lead to one chain's end product instead of over all of them.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from graph.csr import Float64, Graph, Int32, Int64, Mask, Rows, fixed, over_rows, rows, together
from graph.kernels.bits import AHEAD, fetch
from graph.kernels.reach import Reach, reach

#: Stop when no depth moves by more than this in one sweep.
SETTLED = 1e-9
#: The side of a firm on both sides is judged by walks of at most this many links …
HORIZON = 12
#: … that go on with this probability at each …
CARRY = 0.85
#: … and a difference below this, the noise of the sums, is none.
TIE = 1e-6


@dataclass(frozen=True)
class Depths:
    """`depth` float64[n]: 0 makers of the end product, positive upstream, negative downstream,
    NaN on neither side. `sweeps` and `change`: how many it took and what moved last;
    `settled` is False when the bound on sweeps was hit first."""

    depth: Float64
    sweeps: int
    change: float
    settled: bool


def depth(
    graph: Graph,
    ends: Any,
    keep: Mask | None = None,
    weight: Any = None,
    step: Any = None,
    down_step: Any = None,
    *,
    bound: int = 2000,
    settled: float = SETTLED,
) -> Depths:
    """Depth of every firm above (or below) the makers `ends` of a chain's end product.

        U_i = step_i + sum_j w_ij U_j     over customers j that lead to the end product
        U_i = 0                           for i in ends

    w_ij is `weight` (float64[m], such as the amount; all alike when None) as a share of i's sales
    to such customers. `step` (float64[n]; 1 when None) is 1 for makers and 0 for traders: a
    trader passes goods on and adds no depth. `keep` (bool[m]): the chain's own edges, no hubs.
    Edges of weight 0 or less (all returned) and loops carry nothing. Every firm with a depth
    leads to a fixed one, so the sum is finite, cycles or not.

    Below the end product the mirror holds over suppliers, with a minus sign:
    U_i = -(down_step_i + sum_j w_ij |U_j|), w over i's purchases from end makers and firms below.
    There every hand counts (`down_step` 1 when None): all of it is trade.

    A firm that leads to the end product and is led to from it (a dealer that sells something
    back, a supplier that buys a car) stands where more of its money goes: see `_below`. One that
    then leads to the end product only through firms below it, or hangs below only on firms above,
    is on neither line: NaN. Stops when no depth moves by `settled` in a sweep.
    """
    sales, purchases = rows(graph, "out", weight, keep), rows(graph, "in", weight, keep)
    ends = np.unique(np.asarray(ends, np.int32))
    above, below = _sides(sales, purchases, ends)
    found = np.full(graph.nodes, np.nan)
    up = _solve(sales, above, step, bound, settled, found)
    down = _solve(purchases, below, down_step, bound, settled, found)
    found[below.order] = -found[below.order]
    found[ends] = 0.0
    sweeps, change = max(up[0], down[0]), max(up[1], down[1])
    return Depths(found, sweeps, change, change < settled)


def _sides(sales: Rows, purchases: Rows, ends: Int32) -> tuple[Reach, Reach]:
    """The firms above and below the end makers, nearest first; both begin with the end makers."""
    above, below = together(lambda: reach(purchases, ends), lambda: reach(sales, ends))
    both = above.met & below.met
    both[ends] = False
    if both.any():
        above = reach(purchases, ends, ~(both & _below(sales, purchases, ends)))
    return above, reach(sales, ends, ~above.met)


def _below(sales: Rows, purchases: Rows, ends: Int32) -> Mask:
    """Firms whose purchases lead back to the end makers more surely than their sales lead there.

    Each yuan walks from the firm to its customers (or back to its suppliers) in proportion to the
    amounts, goes on with probability `CARRY` at each link, for `HORIZON` links at most. The firm is
    below when a walk over its purchases meets an end maker with a greater probability than one
    over its sales. A truck bought once weighs little against what a firm lives on, however near
    it is to the truck's maker. Equal: above.
    """
    return np.asarray(_meeting(purchases, ends) > _meeting(sales, ends) + TIE)


def _meeting(links: Rows, ends: Int32) -> Float64:
    """Probability that the walk of `_below` over `links` meets an end maker: float64[n]."""
    fixed_at = np.zeros(len(links.indptr) - 1, np.bool_)
    fixed_at[ends] = True
    now = fixed_at.astype(np.float64)
    after = now.copy()
    with over_rows(links.indptr) as run:
        for _ in range(HORIZON):
            run(_walk, links.indptr, links.column, links.weight, fixed_at, now, after)
            now, after = after, now
    return now


def _solve(
    links: Rows, side: Reach, step: Any, bound: int, settled: float, found: Float64
) -> tuple[int, float]:
    """Writes the depths of one side into `found`, positive; returns sweeps and the last change."""
    order, ends = side.order, int((side.hops == 0).sum())
    local = np.full(len(found), -1, np.int32)
    local[order] = np.arange(len(order), dtype=np.int32)
    system = _system(links.indptr, links.column, fixed(links.weight, np.float64), order, local, ends)
    value = np.zeros(len(order))
    steps = np.ones(len(order)) if step is None else np.asarray(step, np.float64)[order]
    sweeps, change = _relax(*system, fixed(steps, np.float64), ends, bound, settled, value)
    found[order] = value
    return sweeps, change


@njit(nogil=True, cache=True)
def _walk(
    _block: int,
    low: int,
    high: int,
    indptr: Int64,
    column: Int32,
    weight: Float64,
    fixed_at: Mask,
    now: Float64,
    after: Float64,
) -> None:
    for i in range(low, high):
        if fixed_at[i]:
            continue
        total, met = 0.0, 0.0
        if len(weight) > 0:
            for p in range(indptr[i], indptr[i + 1]):
                total += weight[p]
                met += weight[p] * now[column[p]]
        else:
            total = float(indptr[i + 1] - indptr[i])
            for p in range(indptr[i], indptr[i + 1]):
                met += now[column[p]]
        after[i] = CARRY * met / total if total > 0 else 0.0


@njit(nogil=True, cache=True)
def _system(
    start: Int64, partner: Int32, flow: Float64, order: Int32, local: Int32, ends: int
) -> tuple[Int64, Int32, Float64]:
    """The equations of one side, firms renumbered nearest first: rows of shares that sum to 1; no
    shares where all links weigh alike."""
    indptr = np.zeros(len(order) + 1, np.int64)
    room = 0
    for i in order:
        room += start[i + 1] - start[i]
    column, share = np.empty(room, np.int32), np.empty(room if len(flow) > 0 else 0, np.float64)
    at = 0
    for r in range(ends, len(order)):
        i, first, total = order[r], at, 0.0
        for p in range(start[i], start[i + 1]):
            j = local[partner[p]]
            if j >= 0:
                column[at] = j
                if len(share) > 0:
                    share[at] = flow[p]
                    total += flow[p]
                at += 1
        if len(share) > 0:
            for p in range(first, at):
                share[p] /= total
        indptr[r + 1] = at
    return indptr, column[:at], share[:at]


@njit(nogil=True, cache=True)
def _relax(
    indptr: Int64,
    column: Int32,
    share: Float64,
    step: Float64,
    ends: int,
    bound: int,
    settled: float,
    value: Float64,
) -> tuple[int, float]:
    """Gauss-Seidel sweeps, nearest firms first, until nothing moves by `settled`.

    Where goods go round before they reach an end, the error shrinks by one dominant factor f a
    sweep; once f is steady the rest of that series, d f / (1 - f), is added at once (Lyusternik).
    """
    moved = np.zeros(len(value))
    factor, since, change = 0.0, 0, 0.0
    for sweep in range(1, bound + 1):
        change, cross, square = 0.0, 0.0, 0.0
        for r in range(ends, len(value)):
            total = 0.0
            if len(share) > 0:
                for p in range(indptr[r], indptr[r + 1]):
                    total += share[p] * value[column[p]]
            else:
                for p in range(indptr[r], indptr[r + 1]):
                    if p + AHEAD < len(column):
                        fetch(value, column[p + AHEAD], 0)
                    total += value[column[p]]
                total /= max(indptr[r + 1] - indptr[r], 1)
            total += step[r]
            d = total - value[r]
            cross += d * moved[r]
            square += moved[r] * moved[r]
            value[r], moved[r] = total, d
            change = max(change, abs(d))
        if change < settled:
            return sweep, change
        since += 1
        before, factor = factor, (cross / square if square > 0 else 0.0)
        if since >= 4 and 0.0 < factor < 1.0 and abs(factor - before) < 0.02 * (1.0 - factor):
            for r in range(ends, len(value)):
                value[r] += moved[r] * factor / (1.0 - factor)
            since = 0
    return bound, change
