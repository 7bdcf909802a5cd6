"""False pairs that are hard to tell from true links: half by random walks, half by degree.

For each end of an edge that is kept, the other end is replaced: by where a walk of 2 or 3 steps from
the kept end arrives (either direction of the links), and by a draw in proportion to degree. A false
target must buy and a false source must sell in the graph; a walk that finds none in `TRIES` goes
over to degree. A pair of `known` is never false. After HeaRT (Li et al., NeurIPS 2023).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gnn.pairs.paths import undirected
from graph.csr import Float, Float64, Graph, Int32, Int64, Mask, build, fixed

PER_END = 25  # of each of the two ways
TRIES = 20
Pairs = Int32  # int32[k, 2]: source, target


def of_edges(nodes: int, edges: Pairs) -> Graph:
    """The graph of an edge list in any order, each edge once."""
    order = np.lexsort((edges[:, 1], edges[:, 0]))
    return build(nodes, edges[order, 0], edges[order, 1])


def keys(nodes: int, edges: Pairs) -> Int64:
    """Sorted int64 keys source · nodes + target of the edges: the form of `known`."""
    return np.sort(edges[:, 0].astype(np.int64) * nodes + edges[:, 1])


def ranks(true: Float, false: Float) -> Float64:
    """float64[k]: the rank of true[i] among false[i, :]; each tie counts half."""
    above = (false > true[:, None]).sum(axis=1)
    level = (false == true[:, None]).sum(axis=1)
    return np.asarray(1.0 + above + level / 2, np.float64)


def false_pairs(graph: Graph, known: Int64, edges: Pairs, seed: int, per_end: int = PER_END) -> Pairs:
    """int32[k, 4 · per_end, 2]: for each edge first the pairs that keep its source, walks before
    degree, then those that keep its target."""
    both = undirected(graph)
    found: Pairs = _false_pairs(
        fixed(edges, np.int32),
        graph.nodes,
        fixed(known, np.int64),
        both.indptr,
        both.column,
        np.diff(graph.in_indptr) > 0,
        np.diff(graph.out_indptr) > 0,
        graph.src,
        graph.dst,
        per_end,
        TRIES,
        np.uint64(seed * 2654435761 + 88172645463325252),
    )
    return found


@njit(nogil=True, cache=True)
def _next(state: NDArray[np.uint64], below: int) -> int:
    """A number below `below` (xorshift64)."""
    value = state[0]
    value ^= value << np.uint64(13)
    value ^= value >> np.uint64(7)
    value ^= value << np.uint64(17)
    state[0] = value
    return int((value >> np.uint64(11)) % np.uint64(below))


@njit(nogil=True, cache=True)
def _holds(known: Int64, key: int) -> bool:
    at = np.searchsorted(known, key)
    return bool(at < len(known) and known[at] == key)


@njit(nogil=True, cache=True)
def _false_pairs(
    edges: Pairs,
    nodes: int,
    known: Int64,
    indptr: Int64,
    partner: Int32,
    buys: Mask,
    sells: Mask,
    sources: Int32,
    targets: Int32,
    per_end: int,
    most: int,
    seed: np.uint64,
) -> Pairs:
    found = np.empty((len(edges), 4 * per_end, 2), np.int32)
    state = np.array([seed], dtype=np.uint64)
    for _ in range(20):
        _next(state, 2)
    for e in range(len(edges)):
        for side in range(2):
            kept = edges[e, side]
            role = buys if side == 0 else sells
            pool = targets if side == 0 else sources
            for j in range(2 * per_end):
                tries = 0
                while True:
                    tries += 1
                    if j < per_end and tries <= most and indptr[kept + 1] > indptr[kept]:
                        other = kept
                        for _ in range(2 + _next(state, 2)):
                            other = partner[indptr[other] + _next(state, indptr[other + 1] - indptr[other])]
                        if not role[other]:
                            continue
                    else:
                        other = pool[_next(state, len(pool))]
                    a, b = (kept, other) if side == 0 else (other, kept)
                    # After a thousand tries the firm deals with nearly everyone: take what comes.
                    if a != b and (tries > 1000 or not _holds(known, np.int64(a) * nodes + b)):
                        break
                found[e, side * 2 * per_end + j, 0] = a
                found[e, side * 2 * per_end + j, 1] = b
    return found
