"""Paths of goods: from a firm to a core enterprise (or from one down to a shop), where each firm's goods
feed what the next one sells.

A hop from a firm selling goods of segment s to one standing in segment t carries when s feeds t, or when
t is s and the buyer passes goods on. Its worth is how far both are believed, how much the trade matters to
either side and whether the link was seen in more than one month:

    worth(e, s) = P(goods of e are s) · matters(e)

and the path shown is the one of the largest product of worths: V(i, s) = max over e, t of worth · V(j, t).
Goods that have names are what they are; of a firm without named goods they are what it is believed to make.
Dynamic programming over (firm, segment), a fixed number of sweeps; no path is longer than that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gnn.positions.plain import Plain
from gnn.positions.seats import Beliefs, Seats
from gnn.view import View
from graph.csr import Graph, Int32, Int64, Mask, fixed

Float32 = NDArray[np.float32]
Int16 = NDArray[np.int16]

#: Longest path, in links.
LONGEST = 12
#: What a hop is worth at least against the best one possible: trade that matters to nobody still carries.
SLIGHT = 0.15
#: A hop seen in one month only is worth this much less.
ONCE = 0.6
#: Share of a firm's or a link's goods from which it is sure that they are of a segment.
ENOUGH = 0.1
#: Each hop costs a little, so that of equal paths the shorter is shown.
HOP = 0.9


@dataclass(frozen=True)
class Ways:
    """Best ways of n firms to the ends of one chain, as (firm, belief) states. `value` float32[n, K]: 0
    where there is none; `edge` int32[n, K]: the link of the first hop, -1 at an end; `seat` int16[n, K]:
    with which of its own beliefs the firm goes on there."""

    stands: Beliefs
    value: Float32
    edge: Int32
    seat: Int16
    upstream: bool


def ways(
    view: View, plain: Plain, stands: Beliefs, chain: int, cores: Sequence[int], upstream: bool = True
) -> Ways:
    """Ways of goods from every firm to one of `cores` in chain number `chain`; with `upstream` False from a
    core down to every firm. `stands`: where firms are believed to stand, see `present`."""
    g = view.graph
    seats = plain.seats
    stands = _with_cores(stands, seats, chain, cores)
    goods = _goods_of(g, plain, stands)
    matters = _matters(view, plain)
    value, edge, seat = _start(stands, seats, chain, cores)
    inside = fixed(seats.chain == chain, np.bool_)
    passes = fixed(_passes_on(plain, view.firms), np.bool_)
    feeds = fixed(seats.feeding, np.bool_)
    arrays = (stands.segment, goods.segment, goods.share, matters, inside, passes, feeds)
    for _ in range(LONGEST):
        if not _sweep(g.src, g.dst, *arrays, upstream, value, edge, seat):
            break
    return Ways(stands, value, edge, seat, upstream)


@dataclass(frozen=True)
class Way:
    """One path: `firms` and the `edges` between them in the order goods flow, the `segments` whose goods
    each firm sells, and `worth`, the product of the hops' worths: it ranks paths and is no probability."""

    firms: tuple[int, ...]
    edges: tuple[int, ...]
    segments: tuple[int, ...]
    worth: float


def way(found: Ways, graph: Graph, firm: int) -> Way | None:
    """The best path of one firm, None where it reaches no core enterprise."""
    k = int(found.value[firm].argmax())
    if found.value[firm, k] <= 0:
        return None
    worth, firms, segments = float(found.value[firm, k]), [firm], [int(found.stands.segment[firm, k])]
    edges: list[int] = []
    while found.edge[firm, k] >= 0 and len(edges) < LONGEST:
        e = int(found.edge[firm, k])
        k, firm = int(found.seat[firm, k]), int(graph.dst[e] if found.upstream else graph.src[e])
        edges.append(e)
        firms.append(firm)
        segments.append(int(found.stands.segment[firm, k]))
    step = 1 if found.upstream else -1
    return Way(tuple(firms[::step]), tuple(edges[::step]), tuple(segments[::step]), min(1.0, worth))


def present(plain: Plain, raw: Beliefs) -> Beliefs:
    """Whether a firm stands in a segment at all, as a probability: a tenth of its named goods is proof; a
    firm without named goods as far as it is believed."""
    own = plain.own
    named = (own.share.sum(axis=1) > 0)[:, None]
    proof = np.minimum(own.share / np.float32(ENOUGH), 1)
    return Beliefs(
        fixed(np.where(named, own.segment, raw.segment), np.int16),
        fixed(np.where(named, proof, raw.share), np.float32),
    )


def _goods_of(g: Graph, plain: Plain, stands: Beliefs) -> Beliefs:
    """What went over each link: its named goods, else what its seller is believed to make."""
    named = plain.goods.segment[:, :1] >= 0
    seller = stands.of(g.src)
    return Beliefs(
        fixed(np.where(named, plain.goods.segment, seller.segment), np.int16),
        fixed(
            np.where(named, np.minimum(plain.goods.share / np.float32(ENOUGH), 1), seller.share), np.float32
        ),
    )


def _matters(view: View, plain: Plain) -> Float32:
    """float32[m] in 0 … 1: the larger of a link's shares in its seller's sales and its buyer's purchases."""
    g = view.graph
    amount = np.where(plain.usable, np.maximum(view.amount_fen, 0), 0).astype(np.float64)
    shares = []
    for ends in (g.src, g.dst):
        whole = np.bincount(ends, amount, view.firms)[ends]
        shares.append(np.divide(amount, whole, out=np.zeros_like(amount), where=whole > 0))
    months = np.bincount(view.flow["edge"].to_numpy(), minlength=g.edges)
    seen = np.where(months > 1, 1.0, ONCE)
    worth = (SLIGHT + (1 - SLIGHT) * np.sqrt(np.maximum(*shares))) * seen * HOP
    return fixed(np.where(amount > 0, worth, 0), np.float32)


def _with_cores(stands: Beliefs, seats: Seats, chain: int, cores: Sequence[int]) -> Beliefs:
    """`stands`, with every core enterprise standing in the chain that hangs on it: one that is known by its
    purchases only makes the chain's end product."""
    segment, share = stands.segment.copy(), stands.share.copy()
    ends = np.flatnonzero((seats.chain == chain) & seats.end)
    for core in cores:
        there = segment[core]
        if not ((there >= 0) & (seats.chain[there] == chain)).any():
            kept = ends[: segment.shape[1]]
            segment[core], share[core] = -1, 0
            segment[core, : len(kept)], share[core, : len(kept)] = kept, 1
    return Beliefs(fixed(segment, np.int16), fixed(share, np.float32))


def _start(stands: Beliefs, seats: Seats, chain: int, cores: Sequence[int]) -> tuple[Float32, Int32, Int16]:
    """Values at the ends: a core enterprise stands where it is believed to stand in this chain."""
    n, k = stands.segment.shape
    value = np.zeros((n, k), np.float32)
    for core in cores:
        there = stands.segment[core]
        value[core] = np.where((there >= 0) & (seats.chain[there] == chain), 1.0, 0.0)
    return value, np.full((n, k), -1, np.int32), np.full((n, k), -1, np.int16)


def _passes_on(plain: Plain, firms: int) -> Mask:
    """bool[n]: firms seen to sell what they buy."""
    found = np.zeros(firms, np.bool_)
    found[plain.placed.filter(role="trade")["enterprise"].to_numpy()] = True
    return found


@njit(nogil=True, cache=True)
def _sweep(
    src: Int32,
    dst: Int32,
    segment: Int16,
    goods: Int16,
    goods_share: Float32,
    matters: Float32,
    inside: Mask,
    passes: Mask,
    feeds: Mask,
    upstream: bool,
    value: Float32,
    edge: Int32,
    seat: Int16,
) -> bool:
    """One pass over the links in their order; whether any value rose. Values only rise, so the result does
    not depend on when a pass began."""
    kept = segment.shape[1]
    rose = False
    before = value.copy()
    for e in range(len(src)):
        if matters[e] == 0:
            continue
        near, far = (src[e], dst[e]) if upstream else (dst[e], src[e])
        for b in range(kept):
            if before[far, b] <= 0:
                continue
            t = segment[far, b]
            for a in range(kept):
                s = segment[near, a]
                if s < 0:
                    break
                if not inside[s] and not inside[t]:
                    continue
                sold, stood = (s, t) if upstream else (t, s)
                carries = feeds[sold, stood] or (sold == stood and passes[dst[e]])
                if not carries:
                    continue
                what = np.float32(0.0)
                for k in range(goods.shape[1]):
                    if goods[e, k] == sold:
                        what = goods_share[e, k]
                        break
                worth = what * matters[e] * before[far, b]
                if worth > value[near, a]:
                    value[near, a], edge[near, a], seat[near, a] = worth, e, b
                    rose = True
    return rose


def all_ways(found: Ways, graph: Graph) -> tuple[Int64, Float32, Int32]:
    """(firms int64[r], worth float32[r], edges int32[r, LONGEST]) of every firm that has a way of at
    least one link: its links from the firm on towards the core enterprise, -1 after the last."""
    firms = reached(found)
    best = found.value[firms].argmax(axis=1)
    edges = _walks(firms, best, graph.src, graph.dst, found.edge, found.seat, found.upstream, LONGEST)
    some = edges[:, 0] >= 0
    worth = found.value[firms, best][some]
    return firms[some], np.minimum(worth, 1), edges[some]


@njit(nogil=True, cache=True)
def _walks(
    firms: Int64, best: Int64, src: Int32, dst: Int32, edge: Int32, seat: Int16, upstream: bool, longest: int
) -> Int32:
    walked = np.full((len(firms), longest), -1, np.int32)
    for r in range(len(firms)):
        firm, k = firms[r], best[r]
        for step in range(longest):
            e = edge[firm, k]
            if e < 0:
                break
            walked[r, step] = e
            k = seat[firm, k]
            firm = dst[e] if upstream else src[e]
    return walked


def reached(found: Ways) -> Int64:
    """The firms that have a way, ascending."""
    return np.flatnonzero(found.value.max(axis=1) > 0)
