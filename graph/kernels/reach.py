"""Breadth-first search from many firms at once, along the goods or against them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from graph.csr import Int32, Int64, Mask, Rows, fixed

#: Hops of a firm that the search does not meet.
UNMET = np.int32(-1)


@dataclass(frozen=True)
class Reach:
    """`hops` int32[n]: fewest links from a seed, `UNMET` if none. `seed` int32[n]: the nearest
    seed, the smallest index among equally near ones, -1 if none. `order` int32[found]: the firms
    met, nearest first, seeds ahead in ascending order."""

    hops: Int32
    seed: Int32
    order: Int32

    @property
    def met(self) -> Mask:
        """bool[n]: whether the firm was met."""
        return np.asarray(self.hops != UNMET)


def reach(links: Rows, seeds: Any, firms: Mask | None = None) -> Reach:
    """Breadth-first search from `seeds`, from each firm to those in its row of `links`.

    `graph.csr.rows(graph, "in", …)` walks from customer to supplier (upstream), `"out"` with the
    goods. Where `firms` (bool[n]) is given, only firms in it are met; seeds always are. O(n + m).
    """
    n = len(links.indptr) - 1
    seeds = np.unique(np.asarray(seeds, dtype=np.int32))
    if len(seeds) and (seeds[0] < 0 or seeds[-1] >= n):
        raise ValueError(f"a seed lies outside 0 … {n - 1}")
    allowed = np.ones(n, np.bool_) if firms is None else firms
    found = _search(links.indptr, links.column, fixed(allowed, np.bool_), fixed(seeds, np.int32))
    return Reach(*found)


@njit(nogil=True, cache=True)
def _search(indptr: Int64, column: Int32, allowed: Mask, seeds: Int32) -> tuple[Int32, Int32, Int32]:
    n = len(indptr) - 1
    hops, seed, queue = np.full(n, -1, np.int32), np.full(n, -1, np.int32), np.empty(n, np.int32)
    last = 0
    for s in seeds:
        hops[s], seed[s], queue[last] = 0, s, s
        last += 1
    head = 0
    while head < last:
        i = queue[head]
        head += 1
        for p in range(indptr[i], indptr[i + 1]):
            j = column[p]
            if hops[j] == -1:
                if allowed[j]:
                    hops[j], seed[j], queue[last] = hops[i] + 1, seed[i], j
                    last += 1
            elif hops[j] == hops[i] + 1 and seed[i] < seed[j]:
                # All firms one hop nearer are final before j's own row is read, so the smallest wins.
                seed[j] = seed[i]
    return hops, seed, queue[:last].copy()
