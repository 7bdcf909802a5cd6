"""PageRank: who the goods of many end up with, and which chain a firm belongs to.

Source: Page, Brin, Motwani & Winograd 1999; personalised: Haveliwala 2002.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graph.csr import BLOCKS, Float64, Graph, Int32, Int64, Mask, Rows, fixed, over_rows, rows
from graph.kernels.bits import AHEAD, fetch

Float32 = NDArray[np.float32]
#: A sweep is slow when it leaves more than this share of the damping of the change before it.
SLOW = 0.95


def pagerank(
    graph: Graph,
    weight: Any = None,
    keep: Mask | None = None,
    *,
    damping: float = 0.85,
    tolerance: float = 1e-6,
    bound: int = 200,
) -> Float64:
    """Global PageRank with the goods, towards buyers: float64[n], sums to 1.

        r = d Aᵀ r + (1 - |d Aᵀ r|)/n,   A_ij = weight_ij / sum_j weight_ij

    What does not go on along an edge, 1 - d of the walks and all of those at firms that sell to
    nobody, restarts anywhere. So r is y scaled to sum 1, y = d Aᵀ y + 1, which needs few sweeps where
    goods run out after some tiers. `weight`: one number an edge (all alike when None). Stops when the
    ranks change by less than `tolerance` in sum, or after `bound` sweeps.
    """
    n = graph.nodes
    if n == 0:
        return np.zeros(0)
    matrix, share = _sales(graph, weight, keep)
    entries = matrix.indptr, matrix.column, matrix.weight
    walked, brought = np.zeros(n), np.empty(n)
    moved, mass = np.empty(BLOCKS), np.empty(BLOCKS)
    total, scale, before, steady = float(n), 1.0, 0.0, 0
    with over_rows(matrix.indptr) as run:
        for _ in range(bound):
            run(_bring, walked, scale, share, brought)
            run(_pull, *entries, damping, brought, scale, walked, moved, mass)
            change, came, scaled = moved.sum(), mass.sum(), scale != 1.0
            if 2 * change < tolerance * (came + n):
                break
            # What is left shrinks by d a sweep only where next to nothing is lost at dead ends: then
            # all of it lies along one direction, and its size follows from the sum.
            steady = steady + 1 if not scaled and before > 0 and change > SLOW * damping * before else 0
            rest = total - came
            scale = n / rest if steady >= 2 and rest > 0 else 1.0
            steady = 0 if scale != 1.0 else steady
            before, total = (0.0 if scaled else change), scale * came + n
    walked += 1
    walked /= walked.sum()
    return walked


def personalised(
    graph: Graph,
    restart: Any,
    weight: Any = None,
    keep: Mask | None = None,
    *,
    damping: float = 0.85,
    tolerance: float = 1e-4,
    bound: int = 100,
) -> Float32:
    """Personalised PageRank for k restart vectors at once: float32[n, k], columns sum to 1.

        x_c = (1 - d) s_c + d W D⁻¹ x_c,   W = symmetric weights, D = their row sums

    (A walk that cannot go on ends here; scaling to sum 1 gives what restarting it would.)
    Walks go both ways along an edge: who buys from a chain belongs to it as who sells to it does.
    `restart`: n × k, not negative, scaled here to sum 1 a column (one without mass stays 0).
    `weight`: one number an edge, `damped(amount_fen)` as a rule; all alike when None. W being
    symmetric, the spectrum of the iteration is real and lies in [-d, d]: Chebyshev semi-iteration
    (Golub & Varga 1961) takes it at 0.56 a sweep instead of 0.85. Stops when no column changes by
    more than `tolerance` in sum, or after `bound` sweeps; 1e-4 puts `membership` right to the fourth place.
    """
    restart = np.array(restart, np.float32, ndmin=2)
    if restart.shape[0] != graph.nodes or (restart < 0).any():
        raise ValueError(f"restart must be {graph.nodes} rows of numbers that are not negative")
    matrix = rows(graph, "both", weight, keep, np.float32)
    degree, scaled = _row_shares(matrix, damping)
    matrix = Rows(matrix.indptr, matrix.column, scaled)
    mass = restart.sum(axis=0, dtype=np.float64)
    restart *= ((1 - damping) / np.where(mass > 0, mass, 1)).astype(np.float32)
    restart /= degree[:, None]
    # The unknown is z = D⁻¹ x, for which the rows of the matrix, not its columns, are normalised.
    mass_at = _chebyshev(matrix, restart, degree, damping, tolerance, bound)
    mass_at *= degree[:, None]
    np.maximum(mass_at, 0, out=mass_at)
    total = mass_at.sum(axis=0, dtype=np.float64)
    mass_at /= np.where(total > 0, total, 1).astype(np.float32)
    return mass_at


def membership(mass: Any, prior: Any = None) -> Float32:
    """Shares of the chains in what walks leave on each firm: float32[n, k], rows sum to 1.

    `mass`: columns of `personalised`. `prior` (k): a weight per chain, such as its number of
    firms; all alike when None. A firm that no walk meets has a row of zeros.
    """
    mass = np.asarray(mass, np.float32) if prior is None else np.asarray(mass * np.asarray(prior), np.float32)
    total = mass.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(mass, total, out=np.zeros_like(mass), where=total > 0))


def damped(amount_fen: Any) -> Float32:
    """log(1 + yuan): a link a thousand times larger pulls a few times harder. Returns count 0."""
    return np.log1p(np.maximum(np.asarray(amount_fen, np.float64), 0) / 100).astype(np.float32)


def _row_shares(matrix: Rows, damping: float) -> tuple[Float32, Float32]:
    """Row sums (1 where a row is empty) and the weights as damped shares of them; no shares where
    all weigh alike, each being the damping over the row sum."""
    if not len(matrix.weight):
        return np.maximum(np.diff(matrix.indptr), 1).astype(np.float32), matrix.weight
    degree = np.ones(len(matrix.indptr) - 1, np.float32)
    share = np.empty_like(matrix.weight)
    with over_rows(matrix.indptr) as run:
        run(_shares, matrix.indptr, matrix.weight, damping, degree, share)
    return degree, fixed(share, np.float32)


def _chebyshev(
    matrix: Rows,
    source: Float32,
    degree: Float32,
    damping: float,
    tolerance: float,
    bound: int,
) -> Float32:
    """The fixed point of z = matrix · z + source by Chebyshev semi-iteration."""
    source, degree = fixed(source, np.float32), fixed(degree, np.float32)
    now, before = source.copy(), np.zeros_like(source)
    change, omega = np.zeros((BLOCKS, source.shape[1])), 1.0
    with over_rows(matrix.indptr) as run:
        for sweep in range(bound):
            change[:] = 0
            args = (matrix.indptr, matrix.column, matrix.weight, source, degree, now, before)
            run(_mix, *args, np.float32(damping), np.float32(omega), change)
            now, before = before, now
            if change.sum(axis=0).max(initial=0.0) < tolerance:
                break
            omega = 1 / (1 - damping**2 / 2) if sweep == 0 else 1 / (1 - damping**2 * omega / 4)
    return now


def _sales(graph: Graph, weight: Any, keep: Mask | None) -> tuple[Rows, Float64]:
    """Suppliers of each firm with the share of their sales; where all links weigh alike no weights,
    and for each firm the share that one of its links carries."""
    n = graph.nodes
    if weight is not None:
        flow = fixed(weight, np.float64)
        shares = _sold_shares(graph.src, graph.dst, flow, graph.mask(keep), n)
        return rows(graph, "in", shares, keep), fixed(np.ones(n), np.float64)
    matrix = rows(graph, "in", None, keep)
    return matrix, fixed(_split(matrix.column, n), np.float64)


@njit(nogil=True, cache=True)
def _sold_shares(src: Int32, dst: Int32, flow: Float64, keep: Mask, nodes: int) -> Float64:
    """Each usable edge as a share of what its seller sells over such edges; 0 for the others."""
    total, share = np.zeros(nodes), np.zeros(len(src))
    for e in range(len(src)):
        if keep[e] and flow[e] > 0 and src[e] != dst[e]:
            total[src[e]] += flow[e]
            share[e] = flow[e]
    for e in range(len(src)):
        if share[e] > 0:
            share[e] /= total[src[e]]
    return share


@njit(nogil=True, cache=True)
def _split(column: Int32, nodes: int) -> Float64:
    """One over the number of times each firm stands in `column`; 1 for those that do not."""
    share = np.zeros(nodes)
    for j in column:
        share[j] += 1
    for i in range(nodes):
        share[i] = 1 / max(share[i], 1)
    return share


@njit(nogil=True, cache=True)
def _bring(
    _block: int, low: int, high: int, walked: Float64, scale: float, share: Float64, brought: Float64
) -> None:
    for i in range(low, high):
        brought[i] = (scale * walked[i] + 1) * share[i]


@njit(nogil=True, cache=True)
def _pull(
    block: int,
    low: int,
    high: int,
    indptr: Int64,
    column: Int32,
    weight: Float64,
    damping: float,
    brought: Float64,
    scale: float,
    walked: Float64,
    moved: Float64,
    mass: Float64,
) -> None:
    """What walks bring to rows low … high - 1, over what the sweep before brought them."""
    change, sum_ = 0.0, 0.0
    weighted, end = len(weight) > 0, indptr[high]
    for i in range(low, high):
        total = 0.0
        if weighted:
            for p in range(indptr[i], indptr[i + 1]):
                total += weight[p] * brought[column[p]]
        else:
            for p in range(indptr[i], indptr[i + 1]):
                if p + AHEAD < end:
                    fetch(brought, column[p + AHEAD], 0)
                total += brought[column[p]]
        total *= damping
        change += abs(total - scale * walked[i])
        walked[i] = total
        sum_ += total
    moved[block], mass[block] = change, sum_


@njit(nogil=True, cache=True)
def _shares(
    _block: int,
    low: int,
    high: int,
    indptr: Int64,
    weight: Float32,
    damping: float,
    degree: Float32,
    share: Float32,
) -> None:
    for i in range(low, high):
        total = 0.0
        for p in range(indptr[i], indptr[i + 1]):
            total += weight[p]
        if total > 0:
            degree[i] = total
            for p in range(indptr[i], indptr[i + 1]):
                share[p] = damping * weight[p] / total


@njit(nogil=True, cache=True)
def _mix(
    block: int,
    low: int,
    high: int,
    indptr: Int64,
    column: Int32,
    scaled: Float32,
    source: Float32,
    degree: Float32,
    now: Float32,
    before: Float32,
    damping: float,
    omega: float,
    change: Float64,
) -> None:
    """One sweep over rows low … high - 1; the result overwrites `before`, read only at its own row."""
    k = source.shape[1]
    total, moved = np.empty(k, np.float32), np.zeros(k)
    weighted, end = len(scaled) > 0, indptr[high]
    for i in range(low, high):
        total[:] = 0
        for p in range(indptr[i], indptr[i + 1]):
            if p + AHEAD < end:
                fetch(now, column[p + AHEAD], 0)
                fetch(now, column[p + AHEAD], k - 1)
            j = column[p]
            if weighted:
                for c in range(k):
                    total[c] += scaled[p] * now[j, c]
            else:
                for c in range(k):
                    total[c] += now[j, c]
        if not weighted:
            share = damping / degree[i]
            for c in range(k):
                total[c] *= share
        for c in range(k):
            value = omega * (total[c] + source[i, c] - before[i, c]) + before[i, c]
            moved[c] += degree[i] * abs(value - now[i, c])
            before[i, c] = value
    for c in range(k):
        change[block, c] = moved[c]
