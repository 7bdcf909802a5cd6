"""Pairs that may be supply links nobody reported: by goods, by recipes, by words, by paths.

A firm u is a candidate supplier of v where

    goods   v buys products that u sells, from somebody else
    needs   what v makes is made of what u sells, and v is seen to buy that from nobody
    words   v buys goods named nearly as those u sells
    paths   u sells to a, who also buys from b, who sells to v (u → a ← b → v): v buys from a rival of u

Nobody is a candidate where books would show it: a seller whose own sales books are in, or a buyer whose own
purchase books are, for most of the months. Hubs are left out, as are pairs already linked either way.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from gnn.links.goods import PAIRS, by_goods, by_needs, by_words
from gnn.links.walks import by_paths
from gnn.positions.plain import Plain
from gnn.view import View
from graph.csr import Int32, Int64, Mask

#: Candidates kept of each seller, by each way.
PER_SELLER = 20
#: Share of the months from which own books would show a link.
WHOLE_BOOKS = 0.8
#: The ways; a pair that came by several is told by the first.
WAYS = ("goods", "needs", "words", "paths")


@dataclass(frozen=True)
class Candidates:
    """k pairs: `pairs` int32[k, 2] (seller, buyer), sorted; `way` int8[k], a place in WAYS; `product`
    int32[k]: what would be sold, -1 where paths alone speak."""

    pairs: Int32
    way: np.ndarray[tuple[int], np.dtype[np.int8]]
    product: Int32

    def of(self, some: Mask) -> "Candidates":
        """Some of them."""
        return Candidates(self.pairs[some], self.way[some], self.product[some])


def candidates(
    view: View, plain: Plain, made: pl.DataFrame, closed_sellers: Mask, closed_buyers: Mask
) -> Candidates:
    """`made`: the table `made_of`; `closed_*` bool[n]: firms whose own books would show their sales
    (purchases); see `closed`."""
    shut = closed_sellers, closed_buyers
    walked = by_paths(view, plain, *shut, PER_SELLER)
    found = {
        "goods": by_goods(view, plain, *shut, PER_SELLER),
        "needs": by_needs(view, plain, made, *shut, PER_SELLER),
        "words": by_words(view, plain, *shut, PER_SELLER),
        "paths": pl.DataFrame({"src": walked[:, 0], "dst": walked[:, 1]}).select(
            "src", "dst", product=pl.lit(-1, pl.Int32), worth=pl.lit(0.0)
        ),
    }
    every = pl.concat(
        [
            found[way].match_to_schema(PAIRS).with_columns(way=pl.lit(at, pl.Int8))
            for at, way in enumerate(WAYS)
        ]
    )
    first = every.unique(["src", "dst"], keep="first", maintain_order=True)
    g, n = view.graph, view.firms
    known = np.concatenate([_keys(g.src, g.dst, n), _keys(g.dst, g.src, n)])
    key = _keys(first["src"].to_numpy(), first["dst"].to_numpy(), n)
    fresh = first.filter(pl.Series(~np.isin(key, known))).sort("src", "dst")
    pairs = np.stack([fresh["src"].to_numpy(), fresh["dst"].to_numpy()], axis=1)
    return Candidates(
        np.ascontiguousarray(pairs, np.int32), fresh["way"].to_numpy(), fresh["product"].to_numpy()
    )


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


def _keys(src: Int32, dst: Int32, n: int) -> Int64:
    return src.astype(np.int64) * n + dst
