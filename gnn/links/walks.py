"""Candidate links by directed paths of three links: u sells to a, who also buys from b, who sells to v."""

import numpy as np
from numba import njit

from gnn.positions.plain import Plain
from gnn.view import View
from graph.csr import Int32, Int64, Mask, fixed, over_rows

#: A firm with more dealings than this joins everybody: paths through it say nothing.
BUSIEST = 300


def by_paths(view: View, plain: Plain, closed_sellers: Mask, closed_buyers: Mask, kept: int) -> Int32:
    """int32[k, 2]: of each open seller the `kept` buyers with the heaviest paths u → a ← b → v, each weighed
    by 1 / sqrt(number of a's suppliers · number of b's customers)."""
    g = view.graph
    best = np.full((view.firms, kept), -1, np.int32)
    used = fixed(plain.usable, np.bool_)
    open_buyers = fixed(~closed_buyers & ~plain.hubs, np.bool_)
    starts = fixed(~closed_sellers & ~plain.hubs, np.bool_)
    sellers = fixed(g.src[g.in_edges], np.int32)
    used_in = fixed(used[g.in_edges], np.bool_)
    with over_rows(g.out_indptr) as run:
        run(_walk, g.out_indptr, g.dst, used, g.in_indptr, sellers, used_in, starts, open_buyers, best)
    row, place = np.nonzero(best >= 0)
    return np.stack([row.astype(np.int32), best[row, place]], axis=1)


@njit(nogil=True, cache=True)
def _walk(  # noqa: PLR0912 (a kernel: three nested hops and a selection)
    _block: int,
    low: int,
    high: int,
    out_indptr: Int64,
    dst: Int32,
    used: Mask,
    in_indptr: Int64,
    sellers: Int32,
    used_in: Mask,
    starts: Mask,
    open_buyers: Mask,
    best: Int32,
) -> None:
    n = len(out_indptr) - 1
    weight, met = np.zeros(n, np.float32), np.empty(n, np.int32)
    kept = best.shape[1]
    for u in range(low, high):
        if not starts[u]:
            continue
        found = 0
        for p in range(out_indptr[u], out_indptr[u + 1]):
            a = dst[p]
            suppliers = in_indptr[a + 1] - in_indptr[a]
            if not used[p] or suppliers > BUSIEST:
                continue
            for q in range(in_indptr[a], in_indptr[a + 1]):
                b = sellers[q]
                customers = out_indptr[b + 1] - out_indptr[b]
                if not used_in[q] or b == u or customers > BUSIEST:
                    continue
                worth = np.float32(1.0) / np.sqrt(np.float32(suppliers * customers))
                for r in range(out_indptr[b], out_indptr[b + 1]):
                    v = dst[r]
                    if used[r] and v != a and v != u and open_buyers[v]:  # noqa: PLR1714 (numba)
                        if weight[v] == 0:
                            met[found] = v
                            found += 1
                        weight[v] += worth
        for k in range(min(kept, found)):
            top = -1
            for i in range(found):
                v = met[i]
                if weight[v] > 0 and (
                    top < 0 or weight[v] > weight[top] or (weight[v] == weight[top] and v < top)
                ):
                    top = v
            if top < 0:
                break
            best[u, k] = top
            weight[top] = -weight[top]
        for i in range(found):
            weight[met[i]] = 0
