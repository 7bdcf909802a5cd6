"""找关系: how chosen enterprises hang together, over the kinds of links that are switched on.

From each of them a search goes out, a layer at a time in whole arrays, half as far as the longest way; where
two searches met, the shortest ways between the two are read off. Hubs are on no way: everybody buys there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from services.desk.web import Narrowed, Web

#: Nodes that one search may visit before it gives up and says so.
MOST_VISITED = 200_000
#: Ways told for a pair and set of kinds.
WAYS = 5
#: Ways counted, over all kinds together: beyond, "at least so many".
COUNTED = 1_000
Steps = tuple[NDArray[np.int32], NDArray[np.int32]]


@dataclass(frozen=True)
class Way:
    """A way from one enterprise to another: its nodes, and by which kinds it was looked for."""

    nodes: tuple[int, ...]
    kinds: tuple[str, ...]


@dataclass
class Related:
    """Two enterprises: the shortest ways, over all kinds together and over each alone; none: `shortest` None.

    `cut`: a search gave up before it had looked everywhere.
    """

    one: int
    other: int
    ways: list[Way] = field(default_factory=list)
    shortest: int | None = None
    found: int = 0
    cut: bool = False


@dataclass(frozen=True)
class _Ball:
    """What one search reached: int8[nodes] links away (-1: not reached), and the steps of each layer."""

    away: NDArray[np.int8]
    steps: list[Steps]
    cut: bool


def related(
    web: Web | Narrowed, firms: Sequence[int], kinds: Sequence[str], longest: int, hubs: bool = False
) -> list[Related]:
    """Every pair of `firms`, in their order. `longest`: links of a way at most."""
    sets = [tuple(kinds), *((kind,) for kind in kinds if len(kinds) > 1)]
    pairs = {(a, b): Related(a, b) for a, b in combinations(firms, 2)}
    for chosen in sets:
        reach = (longest + 1) // 2
        balls = {firm: _ball(web, firm, set(firms), chosen, reach, hubs) for firm in firms}
        for (a, b), pair in pairs.items():
            _meet(pair, balls[a], balls[b], chosen, longest)
    return list(pairs.values())


def _ball(
    web: Web | Narrowed, start: int, ends: set[int], kinds: tuple[str, ...], reach: int, hubs: bool
) -> _Ball:
    away = np.full(web.nodes, -1, np.int8)
    away[start] = 0
    layer, steps, visited = np.array([start], np.int32), list[Steps](), 1
    passed = np.ones(web.nodes, np.bool_) if hubs else ~web.hub
    passed[list(ends)] = True
    for distance in range(1, reach + 1):
        parts = [web.steps(layer, kind)[:2] for kind in kinds]
        near, far = (np.concatenate([part[end] for part in parts]) for end in (0, 1))
        new = (away[far] < 0) & passed[far]
        near, far = near[new], far[new]
        pairs = np.unique(np.stack([far, near], 1), axis=0)
        steps.append((pairs[:, 1], pairs[:, 0]))
        layer = np.unique(far)
        away[layer] = distance
        visited += len(layer)
        if not len(layer):
            break
        if visited > MOST_VISITED:
            return _Ball(away, steps, distance < reach)
    return _Ball(away, steps, False)


def _meet(pair: Related, one: _Ball, other: _Ball, kinds: tuple[str, ...], longest: int) -> None:
    """Add the shortest ways that two balls hold together."""
    pair.cut = pair.cut or one.cut or other.cut
    both = np.flatnonzero((one.away >= 0) & (other.away >= 0))
    if not len(both):
        return
    total = one.away[both].astype(np.int16) + other.away[both]
    shortest = int(total.min())
    if shortest > longest:
        return
    pair.shortest = shortest if pair.shortest is None else min(pair.shortest, shortest)
    # Every shortest way has one node this far from the first end, within the reach of both searches.
    middle = min(shortest, len(one.steps), (shortest + 1) // 2)
    meeting = both[(total == shortest) & (one.away[both] == middle)]
    known = {way.nodes for way in pair.ways}
    first = not pair.found
    for number, nodes in enumerate(_ways(one, other, meeting), 1):
        if first:
            pair.found = number
        if number <= WAYS and nodes not in known:
            pair.ways.append(Way(nodes, kinds))
        if number >= (COUNTED if first else WAYS):
            return


def _ways(one: _Ball, other: _Ball, meeting: NDArray[np.int64]) -> Iterator[tuple[int, ...]]:
    for node in meeting.tolist():
        for head in _back(one, node):
            for tail in _back(other, node):
                yield (*reversed(head), *tail[1:])


def _back(ball: _Ball, node: int) -> Iterator[tuple[int, ...]]:
    """Every shortest way from `node` back to where the search began."""
    distance = int(ball.away[node])
    if distance == 0:
        yield (node,)
        return
    near, far = ball.steps[distance - 1]
    low, high = np.searchsorted(far, [node, node + 1])
    for before in near[low:high].tolist():
        for rest in _back(ball, before):
            yield (node, *rest)
