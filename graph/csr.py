"""The graph as flat arrays: edges sorted by (src, dst), and where each firm's rows begin.

An edge index is a row number of the edge table. Goods flow src → dst: the out-edges of a firm
lead to its customers and lie together; `in_edges` lists edge indices by customer.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from os import cpu_count
from typing import Any, Literal, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Float = NDArray[np.floating[Any]]
Float64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
Side = Literal["out", "in", "both"]
RowKernel = Callable[..., None]
T = TypeVar("T")

#: Rows are cut into this many blocks whatever the number of threads: sums stay the same.
BLOCKS = 16


@dataclass(frozen=True)
class Graph:
    """n firms and m edges. `src`, `dst`: int32[m]; `out_indptr`, `in_indptr`: int64[n + 1];
    `in_edges`: int32[m], edge indices sorted by (dst, src)."""

    src: Int32
    dst: Int32
    out_indptr: Int64
    in_indptr: Int64
    in_edges: Int32

    @property
    def nodes(self) -> int:
        """Number of firms."""
        return len(self.out_indptr) - 1

    @property
    def edges(self) -> int:
        """Number of edges."""
        return len(self.src)

    def mask(self, keep: Mask | None) -> Mask:
        """`keep` as one flag an edge; all edges when there is none. ValueError on a wrong length."""
        if keep is None:
            return fixed(np.ones(self.edges, np.bool_), np.bool_)
        if len(keep) != self.edges:
            raise ValueError(f"keep has {len(keep)} flags for {self.edges} edges")
        return fixed(keep, np.bool_)


@dataclass(frozen=True)
class Rows:
    """A sparse matrix: row i holds `column` and `weight` from indptr[i] up to indptr[i + 1]."""

    indptr: Int64
    column: Int32
    weight: Float


def fixed(values: Any, dtype: Any) -> NDArray[Any]:
    """`values` as a plain, contiguous, read-only array of `dtype`.

    One form for mapped files, Arrow columns and fresh arrays alike, so that each kernel is
    compiled once and not once for every origin.
    """
    view = np.ascontiguousarray(values, dtype=dtype).view(np.ndarray).view()
    view.setflags(write=False)
    return view


def build(nodes: int, src: Any, dst: Any) -> Graph:
    """The graph of an edge list sorted by (src, dst) without repeats.

    ValueError where it is not, or names a firm outside 0 … nodes - 1.
    """
    src, dst = fixed(src, np.int32), fixed(dst, np.int32)
    if len(src) != len(dst):
        raise ValueError(f"{len(src)} sources for {len(dst)} targets")
    if len(src) and (src[0] < 0 or src[-1] >= nodes or dst.min() < 0 or dst.max() >= nodes):
        raise ValueError(f"an edge names a firm outside 0 … {nodes - 1}")
    if not _strictly_sorted(src, dst):
        raise ValueError("edges must be sorted by (src, dst), each pair once")
    out_indptr = starts(src, nodes)
    in_indptr, in_edges = by_target(dst, nodes)
    return Graph(src, dst, out_indptr, in_indptr, in_edges)


def starts(ids: Any, nodes: int) -> Int64:
    """Where each id's run begins in a sorted column: int64[nodes + 1]."""
    indptr = np.zeros(nodes + 1, np.int64)
    np.cumsum(np.bincount(ids, minlength=nodes), out=indptr[1:])
    return fixed(indptr, np.int64)


def by_target(dst: Any, nodes: int) -> tuple[Int64, Int32]:
    """`in_indptr` and `in_edges` of edges sorted by (src, dst): a stable counting sort."""
    indptr = starts(dst, nodes)
    return indptr, fixed(_counting_sort(fixed(dst, np.int32), indptr), np.int32)


def rows(graph: Graph, side: Side, weight: Any, keep: Mask | None, dtype: Any = np.float64) -> Rows:
    """The kept edges as a matrix: `out` row i holds i's customers, `in` its suppliers, `both` all
    partners. `weight`: one number an edge; edges of weight 0 or less and loops are left out. None:
    all edges alike, and the matrix has no weights; `out` is then the graph's own columns where it can be."""
    if weight is None and keep is None and _loops(graph.src, graph.dst) == 0:
        return _all_rows(graph, side, dtype)
    flags = np.asarray(graph.src != graph.dst)
    if keep is not None:
        np.logical_and(flags, graph.mask(keep), out=flags)
    bare = weight is None
    weight = fixed(np.empty(0) if bare else weight, dtype)
    flags = fixed(flags if bare else flags & (weight > 0), np.bool_)
    outward, inward = side != "in", side != "out"
    indptr = np.zeros(graph.nodes + 1, np.int64)
    np.cumsum(_row_counts(graph.src, graph.dst, flags, graph.nodes, outward, inward), out=indptr[1:])
    column, value = np.empty(indptr[-1], np.int32), np.empty(0 if bare else indptr[-1], dtype)
    indptr = fixed(indptr, np.int64)
    arrays = (graph.src, graph.dst, graph.out_indptr, graph.in_indptr, graph.in_edges)
    with over_rows(indptr) as run:
        run(_fill_rows, *arrays, weight, flags, outward, inward, indptr, column, value)
    return Rows(indptr, fixed(column, np.int32), fixed(value, dtype))


def _all_rows(graph: Graph, side: Side, dtype: Any) -> Rows:
    """`rows` of all edges alike, where none is a loop."""
    bare = fixed(np.empty(0), dtype)
    if side == "out":
        return Rows(graph.out_indptr, graph.dst, bare)
    both = side == "both"
    indptr = fixed(graph.in_indptr + graph.out_indptr, np.int64) if both else graph.in_indptr
    column = np.empty(indptr[-1], np.int32)
    arrays = (graph.src, graph.dst, graph.out_indptr, graph.in_indptr, graph.in_edges)
    with over_rows(indptr) as run:
        run(_fill_all, *arrays, both, indptr, column)
    return Rows(indptr, fixed(column, np.int32), bare)


@contextmanager
def over_rows(indptr: Int64, threads: int | None = None) -> Iterator[Callable[..., None]]:
    """A caller of row kernels: `run(kernel, *args)` does kernel(block, low, high, *args) for
    `BLOCKS` blocks of rows of about equally many entries, on `threads` threads (default: all).

    Threads and not numba's own parallel loops: those end the process when two Python threads
    meet in one, or after a fork.
    """
    weights = indptr + np.arange(len(indptr), dtype=np.int64)
    cuts = np.searchsorted(weights, np.linspace(0, weights[-1], BLOCKS + 1)[1:-1])
    edges = [0, *(int(cut) for cut in cuts), len(indptr) - 1]
    with ThreadPoolExecutor(threads or cpu_count() or 1) as pool:

        def run(kernel: RowKernel, *args: Any) -> None:
            jobs = [pool.submit(kernel, b, edges[b], edges[b + 1], *args) for b in range(BLOCKS)]
            for job in jobs:
                job.result()

        yield run


def together(*jobs: Callable[[], T]) -> list[T]:
    """The results of independent jobs, done at once; for kernels that no rows can be cut from."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        return [done.result() for done in [pool.submit(job) for job in jobs]]


@njit(nogil=True, cache=True)
def _strictly_sorted(src: Int32, dst: Int32) -> bool:
    for e in range(1, len(src)):
        if src[e] < src[e - 1] or (src[e] == src[e - 1] and dst[e] <= dst[e - 1]):
            return False
    return True


@njit(nogil=True, cache=True)
def _loops(src: Int32, dst: Int32) -> int:
    found = 0
    for e in range(len(src)):
        found += src[e] == dst[e]
    return found


@njit(nogil=True, cache=True)
def _counting_sort(keys: Int32, indptr: Int64) -> Int32:
    place = indptr[:-1].copy()
    order = np.empty(len(keys), np.int32)
    for e in range(len(keys)):
        order[place[keys[e]]] = e
        place[keys[e]] += 1
    return order


@njit(nogil=True, cache=True)
def _row_counts(src: Int32, dst: Int32, keep: Mask, nodes: int, outward: bool, inward: bool) -> Int64:
    counts = np.zeros(nodes, np.int64)
    for e in range(len(src)):
        if keep[e]:
            if outward:
                counts[src[e]] += 1
            if inward:
                counts[dst[e]] += 1
    return counts


@njit(nogil=True, cache=True)
def _fill_rows(
    _block: int,
    low: int,
    high: int,
    src: Int32,
    dst: Int32,
    out_indptr: Int64,
    in_indptr: Int64,
    in_edges: Int32,
    weight: Float,
    keep: Mask,
    outward: bool,
    inward: bool,
    indptr: Int64,
    column: Int32,
    value: Float,
) -> None:
    weighted = len(value) > 0
    for i in range(low, high):
        at = indptr[i]
        if outward:
            for e in range(out_indptr[i], out_indptr[i + 1]):
                if keep[e]:
                    column[at] = dst[e]
                    if weighted:
                        value[at] = weight[e]
                    at += 1
        if inward:
            for p in range(in_indptr[i], in_indptr[i + 1]):
                e = in_edges[p]
                if keep[e]:
                    column[at] = src[e]
                    if weighted:
                        value[at] = weight[e]
                    at += 1


@njit(nogil=True, cache=True)
def _fill_all(
    _block: int,
    low: int,
    high: int,
    src: Int32,
    dst: Int32,
    out_indptr: Int64,
    in_indptr: Int64,
    in_edges: Int32,
    outward: bool,
    indptr: Int64,
    column: Int32,
) -> None:
    for i in range(low, high):
        at = indptr[i]
        if outward:
            for e in range(out_indptr[i], out_indptr[i + 1]):
                column[at] = dst[e]
                at += 1
        for p in range(in_indptr[i], in_indptr[i + 1]):
            column[at] = src[in_edges[p]]
            at += 1
