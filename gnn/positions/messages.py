"""What a firm's neighbours say about where it stands: sums of log likelihood ratios over its links.

A neighbour that stands in segment t with belief B(t) speaks for segment s by

    log( 1 - sum_t B(t)  +  sum_t B(t) L[s, t] ),      L[s, t] = P(t | s) / P(t)

where P(t | s) is the share of the links of firms in s that lead to firms in t. A neighbour nobody can
place (all B = 0) says nothing: log 1. Sums over the links of a firm are the naive Bayes evidence of its
neighbourhood (links independent given the segment).
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graph.csr import Float64, Int32, Int64, fixed, over_rows

Float32 = NDArray[np.float32]
Int16 = NDArray[np.int16]


def link_table(
    seller: Int16, seller_p: Float32, buyer: Int16, buyer_p: Float32, prior: Float64
) -> tuple[Float32, Float32]:
    """(of_buyers, of_sellers), each float32[S, S]: likelihood ratios learned from links. Row t is what a
    partner in segment t says of every segment s.

    `seller`, `buyer`: int16[m, K] segments at both ends of each link, -1 for none; `*_p`: float32[m, K]
    beliefs in them. `prior`: float64[S, S], pseudo-counts of links from s to t, above 0 everywhere.
    of_buyers[t, s] = P(buyer in t | seller in s) / P(buyer in t); of_sellers[t, s] the same of a seller.
    """
    counts = prior.copy()
    _count(fixed(seller, np.int16), seller_p, fixed(buyer, np.int16), buyer_p, counts)
    total = counts.sum()
    lift = counts * total / np.outer(counts.sum(axis=1), counts.sum(axis=0))
    return fixed(lift.T, np.float32), fixed(lift, np.float32)


def neighbours_say(
    indptr: Int64, edges: Int32, weight: Float32, segment: Int16, belief: Float32, lift: Float32, rows: Int64
) -> Float32:
    """float32[len(rows), S]: the sum over each row's links of weight · log likelihood ratio.

    Firm i's links are edges[indptr[i]:indptr[i + 1]]; `weight`, `segment` [m, K], `belief` [m, K] belong
    to links and speak of the firm at the other end; `lift`: a table of `link_table`.
    """
    out = np.zeros((len(rows), lift.shape[0]), np.float32)
    sizes = np.concatenate([[0], np.cumsum(indptr[rows + 1] - indptr[rows])])
    with over_rows(fixed(sizes, np.int64)) as run:
        run(_say, rows, indptr, edges, weight, segment, belief, lift, out)
    return out


@njit(nogil=True, cache=True)
def _count(seller: Int16, seller_p: Float32, buyer: Int16, buyer_p: Float32, counts: Float64) -> None:
    for e in range(seller.shape[0]):
        for a in range(seller.shape[1]):
            s = seller[e, a]
            if s < 0:
                break
            for b in range(buyer.shape[1]):
                t = buyer[e, b]
                if t < 0:
                    break
                counts[s, t] += seller_p[e, a] * buyer_p[e, b]


@njit(nogil=True, cache=True)
def _say(
    _block: int,
    low: int,
    high: int,
    rows: Any,
    indptr: Any,
    edges: Any,
    weight: Any,
    segment: Any,
    belief: Any,
    lift: Any,
    out: Any,
) -> None:
    kinds = lift.shape[0]
    ratio = np.empty(kinds, np.float32)
    for r in range(low, high):
        i = rows[r]
        for p in range(indptr[i], indptr[i + 1]):
            e = edges[p]
            if weight[e] == 0 or segment[e, 0] < 0:
                continue
            known = np.float32(0.0)
            ratio[:] = 0.0
            for k in range(segment.shape[1]):
                t = segment[e, k]
                if t < 0:
                    break
                b = belief[e, k]
                known += b
                for s in range(kinds):
                    ratio[s] += b * lift[t, s]
            rest = max(np.float32(0.0), np.float32(1.0) - known)
            for s in range(kinds):
                out[r, s] += weight[e] * np.log(rest + ratio[s] + np.float32(1e-6))
