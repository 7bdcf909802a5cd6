"""All shortest ways along the goods between two sets of firms, over the mapped arrays of a snapshot.

A breadth-first search from both ends, a layer at a time in whole arrays: it may touch much of the
graph, and whole-graph work never reads a database. Hubs are on no way: everybody buys there, which
says nothing about goods.
"""

from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.csr import Int32, Mask
from graph.snapshot import Snapshot

#: Links within which ways are looked for: nobody follows goods further.
LONGEST = 8
#: Firms a search may visit before it gives up and says so.
MOST_VISITED = 500_000
#: seller → {buyer: amount_fen}
Links = dict[int, dict[int, int]]
#: Widths of what leads nowhere, and of what has arrived.
_NOWHERE, _ARRIVED = -(2**62), 2**62


@dataclass
class _Half:
    """The search from one end: the newest layer, who was reached, and the edges of every step."""

    layer: Int32
    reached: NDArray[np.bool_]
    steps: list[Int32] = field(default_factory=list)


def shortest_links(
    snapshot: Snapshot, starts: list[int], goals: list[int], own: Mask | None = None
) -> tuple[Links, bool]:
    """The links on shortest ways from one of `starts` to one of `goals`; and whether the search gave up.

    `own`: bool[enterprises]; only links that begin or end at one of them are walked. None: all links.
    No links where the two sets meet, or nothing leads from one to the other within LONGEST.
    """
    ahead, behind = _half(snapshot, starts), _half(snapshot, goals)
    if set(starts) & set(goals):
        return {}, False
    while len(ahead.steps) + len(behind.steps) < LONGEST:
        forward, edges = min(
            ((way, _edges(snapshot, half.layer, way, own)) for way, half in ((True, ahead), (False, behind))),
            key=lambda option: len(option[1]),
        )
        half = ahead if forward else behind
        _grow(snapshot, half, edges, forward)
        met = np.intersect1d(ahead.layer, behind.layer)
        if len(met):
            return _between(snapshot, ahead, behind, met), False
        if not len(half.layer):
            return {}, False
        if np.count_nonzero(ahead.reached) + np.count_nonzero(behind.reached) > MOST_VISITED:
            return {}, True
    return {}, False


def widest(links: Links, start: int, goals: set[int], limit: int) -> list[list[int]]:
    """The `limit` ways whose smallest link is largest, then by firm; `links` hold no circle."""
    if start in goals:
        return []
    best: dict[int, int] = {}
    heap: list[tuple[int, list[int]]] = []
    _push(heap, [start], _widest_from(links, start, goals, best))
    found: list[list[int]] = []
    while heap and len(found) < limit:
        bound, way = heappop(heap)
        if way[-1] in goals:
            found.append(way)
            continue
        for buyer, amount in links[way[-1]].items():
            _push(heap, [*way, buyer], min(-bound, amount, _widest_from(links, buyer, goals, best)))
    return found


def _half(snapshot: Snapshot, firms: list[int]) -> _Half:
    reached = np.zeros(snapshot.enterprises.height, np.bool_)
    reached[firms] = True
    return _Half(np.unique(np.array(firms, np.int32)), reached)


def _edges(snapshot: Snapshot, firms: Int32, forward: bool, own: Mask | None) -> Int32:
    """The edge indices out of (or into) `firms`, firm by firm."""
    ends = snapshot.out_indptr if forward else snapshot.in_indptr
    begin, count = ends[firms], ends[firms + 1] - ends[firms]
    shift = np.repeat(begin - np.concatenate([[0], np.cumsum(count)[:-1]]), count)
    rows = shift + np.arange(len(shift))
    edges: Int32 = rows.astype(np.int32) if forward else snapshot.in_edges[rows]
    if own is None:
        return edges
    src, dst = (snapshot.column("edges", end)[edges] for end in ("src", "dst"))
    kept: Mask = own[src] | own[dst]
    return edges[kept]


def _grow(snapshot: Snapshot, half: _Half, edges: Int32, forward: bool) -> None:
    """One step along `edges` to firms not reached before; hubs are never stepped on."""
    there = snapshot.column("edges", "dst" if forward else "src")[edges]
    new = ~half.reached[there] & ~snapshot.column("enterprises", "hub")[there]
    half.steps.append(edges[new])
    half.layer = np.unique(there[new])
    half.reached[half.layer] = True


def _between(snapshot: Snapshot, ahead: _Half, behind: _Half, met: Int32) -> Links:
    """Of all steps, the links that lead through the firms where the two searches met."""
    kept = [
        *_traced(snapshot, ahead.steps, met, ("dst", "src")),
        *_traced(snapshot, behind.steps, met, ("src", "dst")),
    ]
    links: Links = {}
    for edges in kept:
        columns = (snapshot.column("edges", name)[edges].tolist() for name in ("src", "dst", "amount_fen"))
        for seller, buyer, amount in zip(*columns, strict=True):
            links.setdefault(seller, {})[buyer] = amount
    return links


def _traced(snapshot: Snapshot, steps: list[Int32], met: Int32, ends: tuple[str, str]) -> list[Int32]:
    """The edges of each step that lead to `met`, found from the last step back to the first."""
    kept, wanted = [], met
    near, far = (snapshot.column("edges", end) for end in ends)
    for edges in reversed(steps):
        kept.append(edges[np.isin(near[edges], wanted)])
        wanted = np.unique(far[kept[-1]])
    return kept


def _push(heap: list[tuple[int, list[int]]], way: list[int], width: int) -> None:
    if width > _NOWHERE:
        heappush(heap, (-width, way))


def _widest_from(links: Links, at: int, goals: set[int], best: dict[int, int]) -> int:
    """How wide the best way on from `at` is. No deeper than LONGEST calls."""
    if at in goals:
        return _ARRIVED
    if at not in best:
        ways: Any = (min(a, _widest_from(links, to, goals, best)) for to, a in links.get(at, {}).items())
        best[at] = max(ways, default=_NOWHERE)
    return best[at]
