"""Diffusion over the graph's rows: means over neighbours, kept in bf16, summed in float32.

Source: decoupled propagation, SIGN (Frasca et al. 2020). A bf16 number is the upper half of a float32;
it is kept as uint16. Every row is summed in the order of its columns, so no figure depends on threads.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graph.csr import Graph, Int32, Int64, Mask, Rows, Side, over_rows, rows
from graph.kernels.bits import AHEAD, bits_of, fetch, float_of

Bits = NDArray[np.uint16]
Float32 = NDArray[np.float32]
#: Takes finished rows: `(low, values)`, the values of rows low, low + 1, …
Sink = Callable[[int, Bits], None]


def links(graph: Graph, side: Side, weight: Any = None, keep: Mask | None = None) -> Rows:
    """The rows to take means over: `out` a firm's customers, `in` its suppliers, `both` all partners.

    `weight`: one number an edge, such as `graph.kernels.pagerank.damped(amount_fen)`; all alike when None.
    """
    return rows(graph, side, weight, keep, np.float32)


def propagate(links: Rows, now: Bits, out: Bits, threads: int | None = None) -> Bits:
    """out_i = sum_j w_ij now_j / sum_j w_ij over the links of i; bf16[n, d], returned and in place.

    A row without links becomes 0. ValueError where `out` is `now`, or the shapes differ.
    """
    if out.shape != now.shape or len(now) != len(links.indptr) - 1 or np.shares_memory(now, out):
        raise ValueError(f"{now.shape} cannot be spread into {out.shape} in the same memory or another shape")
    with over_rows(links.indptr, threads) as run:
        run(_spread, links.indptr, links.column, links.weight, now, out, 0)
    return out


def propagate_into(links: Rows, now: Bits, sink: Sink, threads: int | None = None) -> None:
    """As `propagate`, each finished block of rows handed to `sink`: only `now` is held as a whole.

    `sink` is called from several threads, for different rows in any order.
    """

    def one(_block: int, low: int, high: int) -> None:
        part = np.empty((high - low, now.shape[1]), np.uint16)
        _spread(_block, low, high, links.indptr, links.column, links.weight, now, part, low)
        sink(low, part)

    with over_rows(links.indptr, threads) as run:
        run(one)


def propagate_some(links: Rows, chosen: Int32, now: Bits, out: Bits) -> None:
    """The rows `chosen` of `propagate`, into the same rows of `out`; the others stay."""
    _spread_some(links.indptr, links.column, links.weight, chosen, now, out)


def to_bf16(values: Any) -> Bits:
    """float32 → bf16 of the same shape, rounded to the nearest, ties to even."""
    values = np.ascontiguousarray(values, np.float32)
    found = np.empty(values.shape, np.uint16)
    _narrow(values.reshape(-1), found.reshape(-1))
    return found


def from_bf16(bits: Bits, out: Float32 | None = None) -> Float32:
    """bf16 → float32 of the same shape, exact; into `out` where given."""
    found = np.empty(bits.shape, np.float32) if out is None else out
    _widen(np.ascontiguousarray(bits).reshape(-1), found.reshape(-1))
    return found


@njit(nogil=True, cache=True)
def rounded(value: np.float32) -> np.uint16:
    """One float32 as bf16, to the nearest, ties to even; for finite numbers."""
    bits = bits_of(np.float32(value))
    return np.uint16((bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16))


@njit(nogil=True, cache=True)
def widened(bits: np.uint16) -> np.float32:
    """One bf16 as float32."""
    return float_of(np.uint32(bits) << np.uint32(16))  # type: ignore[no-any-return]


@njit(nogil=True, cache=True)
def _narrow(values: Float32, found: Bits) -> None:
    for i in range(len(values)):
        found[i] = rounded(values[i])


@njit(nogil=True, cache=True)
def _widen(bits: Bits, found: Float32) -> None:
    for i in range(len(bits)):
        found[i] = widened(bits[i])


@njit(nogil=True, cache=True)
def _spread(
    _block: int,
    low: int,
    high: int,
    indptr: Int64,
    column: Int32,
    weight: Float32,
    now: Bits,
    out: Bits,
    base: int,
) -> None:
    """Means of rows low … high - 1 into `out`, whose first row is row `base`."""
    width, end = now.shape[1], indptr[high]
    weighted = len(weight) > 0
    total = np.empty(width, np.float32)
    for i in range(low, high):
        total[:] = 0
        mass = np.float32(0)
        for p in range(indptr[i], indptr[i + 1]):
            if p + AHEAD < end:
                for line in range(0, width, 32):  # 64 bytes come at once
                    fetch(now, column[p + AHEAD], line)
            j = column[p]
            if weighted:
                w = weight[p]
                mass += w
                for c in range(width):
                    total[c] += w * widened(now[j, c])
            else:
                mass += np.float32(1)
                for c in range(width):
                    total[c] += widened(now[j, c])
        share = np.float32(1) / mass if mass > 0 else np.float32(0)
        for c in range(width):
            out[i - base, c] = rounded(total[c] * share)


@njit(nogil=True, cache=True)
def _spread_some(indptr: Int64, column: Int32, weight: Float32, chosen: Int32, now: Bits, out: Bits) -> None:
    for i in chosen:
        _spread(0, i, i + 1, indptr, column, weight, now, out, 0)
