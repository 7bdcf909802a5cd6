"""Pairs that may be supply links nobody reported: by directed paths of three links, and by goods.

A firm u is a candidate supplier of v where

    paths   u sells to a, who also buys from b, who sells to v (u → a ← b → v): v buys from a rival of u
    goods   v buys products that u sells, from somebody else

Nobody is a candidate where books would show it: a seller whose own sales books are in, or a buyer whose own
purchase books are, for most of the months. Hubs are left out, as are pairs already linked either way.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from gnn.positions.plain import Plain
from gnn.view import View
from graph.csr import Int32, Int64, Mask, fixed, over_rows

Float32 = NDArray[np.float32]

#: Candidates kept of each seller, by paths and by goods each.
PER_SELLER = 20
#: A firm with more dealings than this joins everybody: paths through it say nothing.
BUSIEST = 300
#: Share of the months from which own books would show a link.
WHOLE_BOOKS = 0.8


@dataclass(frozen=True)
class Candidates:
    """k pairs: `pairs` int32[k, 2] (seller, buyer), sorted; `by_goods` bool[k]: found by goods as well."""

    pairs: Int32
    by_goods: Mask


def candidates(view: View, plain: Plain, closed_sellers: Mask, closed_buyers: Mask) -> Candidates:
    """`closed_*` bool[n]: firms whose own books would show their sales (purchases); see `closed`."""
    walked = by_paths(view, plain, closed_sellers, closed_buyers)
    traded = by_goods(view, plain, closed_sellers, closed_buyers)
    n = view.firms
    keys = [pairs[:, 0].astype(np.int64) * n + pairs[:, 1] for pairs in (walked, traded)]
    every = np.unique(np.concatenate(keys))
    known = np.concatenate(
        [_keys(view.graph.src, view.graph.dst, n), _keys(view.graph.dst, view.graph.src, n)]
    )
    every = np.setdiff1d(every, known, assume_unique=False)
    pairs = np.stack([every // n, every % n], axis=1).astype(np.int32)
    return Candidates(pairs, np.isin(every, keys[1]))


def closed(coverage: pl.DataFrame, firms: int, months: Sequence[str], side: str) -> Mask:
    """bool[n]: firms whose own books of `side` (sale, purchase) reach over most of `months`. A month inside
    without an invoice is a month without business, not one without books."""
    schema = {"month": pl.String, "at": pl.Int32}
    at = pl.DataFrame({"month": list(months), "at": range(len(months))}, schema=schema)
    numbered = coverage.filter(pl.col("side") == side).join(at, on="month")
    reach = numbered.group_by("enterprise").agg(span=pl.col("at").max() - pl.col("at").min() + 1)
    found = np.zeros(firms, np.bool_)
    whole = reach.filter(pl.col("span") >= WHOLE_BOOKS * len(months))
    found[whole["enterprise"].to_numpy()] = True
    return found


def by_paths(view: View, plain: Plain, closed_sellers: Mask, closed_buyers: Mask) -> Int32:
    """int32[k, 2]: of each open seller the PER_SELLER buyers with the heaviest paths of three links, each
    weighed by 1 / sqrt(number of a's suppliers · number of b's customers)."""
    g = view.graph
    best = np.full((view.firms, PER_SELLER), -1, np.int32)
    used = fixed(plain.usable, np.bool_)
    open_buyers = fixed(~closed_buyers & ~plain.hubs, np.bool_)
    starts = fixed(~closed_sellers & ~plain.hubs, np.bool_)
    sellers = fixed(g.src[g.in_edges], np.int32)
    used_in = fixed(used[g.in_edges], np.bool_)
    with over_rows(g.out_indptr) as run:
        run(_walk, g.out_indptr, g.dst, used, g.in_indptr, sellers, used_in, starts, open_buyers, best)
    row, place = np.nonzero(best >= 0)
    return np.stack([row.astype(np.int32), best[row, place]], axis=1)


def by_goods(view: View, plain: Plain, closed_sellers: Mask, closed_buyers: Mask) -> Int32:
    """int32[k, 2]: of each open seller up to PER_SELLER buyers of its goods, those first that spend the
    largest part on them; the same region before others."""
    open_sellers = pl.Series("open", ~(closed_sellers | plain.hubs))
    open_buyers = pl.Series("open", ~(closed_buyers | plain.hubs))
    recognised = plain.recognised.select("product").unique()
    region = view.enterprises["region"].str.head(4)
    sold = view.makes.filter(open_sellers.gather(view.makes["enterprise"])).join(
        recognised, on="product", how="semi"
    )
    sold = sold.filter(pl.col("share").rank("ordinal", descending=True).over("enterprise") <= 3)
    bought = view.buys.filter(open_buyers.gather(view.buys["enterprise"])).join(
        recognised, on="product", how="semi"
    )
    # Of each product and region the buyers it matters to most: a bounded table to join.
    bought = bought.with_columns(region=region.gather(bought["enterprise"]))
    top = bought.filter(
        pl.col("share").rank("ordinal", descending=True).over("product", "region") <= PER_SELLER
    )
    wide = bought.filter(pl.col("share").rank("ordinal", descending=True).over("product") <= PER_SELLER)
    near = sold.with_columns(region=region.gather(sold["enterprise"])).join(top, on=["product", "region"])
    far = sold.join(wide.drop("region"), on="product")
    both = pl.concat(
        [
            part.select(src="enterprise", dst="enterprise_right", worth=pl.col("share_right") * w)
            for part, w in ((near, 2.0), (far, 1.0))
        ]
    )
    ranked = (
        both.filter(pl.col("src") != pl.col("dst"))
        .group_by("src", "dst")
        .agg(pl.col("worth").max())
        .sort("src", "worth", "dst", descending=[False, True, False])
        .group_by("src", maintain_order=True)
        .head(PER_SELLER)
    )
    return np.asarray(ranked.select("src", "dst").to_numpy(), np.int32)


def _keys(src: Int32, dst: Int32, n: int) -> Int64:
    return src.astype(np.int64) * n + dst


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
