"""What counts for scores: the last twelve months, whose own books cover them, and trade by kind of goods.

A kind of goods is the segment a product stands in, or the product itself where it stands in none, so
that two names of one thing are one kind. Trade without item lines counts as the goods of its seller's
segment. Hubs (`graph.hubs`) sell nothing that counts here.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.view import View
from graph.csr import Int32, Mask

#: Months looked at, the last of the view.
WINDOW = 12
#: A figure needs own books of so many of them (of all, where the view has fewer).
LEAST_MONTHS = 3
#: Goods bought in fewer months are no running need.
RUNNING_MONTHS = 2

TRADE = pl.Schema(
    {"month": pl.Int32, "src": pl.Int32, "dst": pl.Int32, "good": pl.Int32, "amount_fen": pl.Int64}
)


@dataclass(frozen=True)
class Goods:
    """Kinds of goods: first the `segments`, ascending, then the products, then what nobody names.

    `of_product` int32[p]: the kind of each product; `of_seller` int32[n]: the kind that unnamed sales of
    a firm count as.
    """

    segments: list[str]
    of_product: Int32
    of_seller: Int32

    def segment(self, good: int) -> str | None:
        """The segment of a kind, None where it is no segment."""
        return self.segments[good] if good < len(self.segments) else None

    def product(self, good: int) -> int | None:
        """The product of a kind that is one product."""
        at = good - len(self.segments)
        return at if 0 <= at < len(self.of_product) else None

    def named(self, column: str = "good") -> tuple[pl.Expr, pl.Expr]:
        """`segment` and `product` of a column of kinds."""
        kind, count = pl.col(column), len(self.segments)
        segment = kind.replace_strict(range(count), self.segments, default=None, return_dtype=pl.String)
        product = pl.when((kind >= count) & (kind < count + len(self.of_product))).then(kind - count)
        return segment.alias("segment"), product.cast(pl.Int32).alias("product")


def needs(trade: pl.DataFrame, goods: Goods) -> pl.DataFrame:
    """dst, good, part, running: the share of each kind in what a firm buys, and whether it is bought to go
    on: in at least `RUNNING_MONTHS` months, and a kind that stands in a segment where such kinds are most
    of what the firm buys (moulds, samples and freight are none). `trade`: columns TRADE."""
    placed = pl.col("good") < len(goods.segments)
    amount = pl.col("amount_fen")
    kinds = (
        trade.drop_nulls("dst")
        .group_by("dst", "good")
        .agg(amount.sum(), pl.col("month").filter(amount > 0).n_unique().alias("months"))
        .filter(amount > 0)
    )
    known = amount.filter(placed).sum().over("dst") * 2 >= amount.sum().over("dst")
    return kinds.select(
        "dst",
        "good",
        (amount / amount.sum().over("dst")).alias("part"),
        ((pl.col("months") >= RUNNING_MONTHS) & (placed | ~known)).alias("running"),
    )


def best_segments(scores: pl.DataFrame) -> pl.DataFrame:
    """product, segment: the best of `View.scores`, the first by name among equals. Table `goods`."""
    order = scores.sort("product", "score", "segment", descending=[False, True, False])
    return order.unique("product", keep="first", maintain_order=True).select("product", "segment")


def observed(positions: pl.DataFrame) -> pl.DataFrame:
    """The positions that a firm's own goods show; those inferred from its dealings are left out."""
    if "basis" not in positions.columns:  # a snapshot from before any were inferred
        return positions
    return positions.filter(pl.col("basis").fill_null("observed") == "observed")


def goods_of(products: int, segment_of: pl.DataFrame, positions: pl.DataFrame, firms: int) -> Goods:
    """The kinds of goods of `products` products and `firms` firms.

    `segment_of`: product, segment (`best_segments`); `positions`: enterprise, segment, membership,
    confidence.
    """
    stands = (
        positions.filter(pl.col("segment").is_not_null())
        .sort("enterprise", "membership", "confidence", "segment", descending=[False, True, True, False])
        .unique("enterprise", keep="first", maintain_order=True)
    )
    segments = sorted({*segment_of["segment"], *stands["segment"]})
    number = {segment: i for i, segment in enumerate(segments)}
    of_product = np.arange(len(segments), len(segments) + products, dtype=np.int32)
    of_product[segment_of["product"].to_numpy()] = [number[s] for s in segment_of["segment"]]
    of_seller = np.full(firms, len(segments) + products, np.int32)
    of_seller[stands["enterprise"].to_numpy()] = [number[s] for s in stands["segment"]]
    return Goods(segments, of_product, of_seller)


@dataclass(frozen=True)
class Books:
    """The window of a view. `trade`: TRADE without hubs' sales, dst null for consumers, months counted as
    in the view; `sale`, `purchase` bool[n, months]: own books are in; `resells` bool[n]: a trader."""

    months: list[str]
    first: int
    trade: pl.DataFrame
    sale: NDArray[np.bool_]
    purchase: NDArray[np.bool_]
    resells: Mask
    goods: Goods

    @property
    def firms(self) -> int:
        """Number of firms."""
        return len(self.sale)

    @property
    def least(self) -> int:
        """Months of own books that a figure needs."""
        return min(LEAST_MONTHS, max(len(self.months), 1))

    @cached_property
    def own_sales(self) -> Mask:
        """bool[n]: enough months of own sales books."""
        return np.asarray(self.sale.sum(axis=1) >= self.least, np.bool_)

    @cached_property
    def own_purchases(self) -> Mask:
        """bool[n]: enough months of own purchase books."""
        return np.asarray(self.purchase.sum(axis=1) >= self.least, np.bool_)

    @cached_property
    def sold(self) -> pl.DataFrame:
        """`trade` in months that the seller's own books cover, of firms with enough of them."""
        return self.trade.filter(self._covered(self.sale & self.own_sales[:, None], "src"))

    @cached_property
    def bought(self) -> pl.DataFrame:
        """`trade` between firms in months that the buyer's own books cover, likewise."""
        firms = self.trade.filter(pl.col("dst").is_not_null())
        return firms.filter(self._covered(self.purchase & self.own_purchases[:, None], "dst", firms))

    def _covered(self, own: NDArray[np.bool_], who: str, rows: pl.DataFrame | None = None) -> pl.Series:
        of = self.trade if rows is None else rows
        return pl.Series(own[of[who].to_numpy(), of["month"].to_numpy() - self.first])


def books_of(view: View, goods: Goods, coverage: pl.DataFrame, hubs: Mask, window: int = WINDOW) -> Books:
    """The last `window` months of `view`. `coverage`: enterprise, side, month."""
    first = max(len(view.months) - window, 0)
    months = view.months[first:]
    named = view.items.filter(pl.col("month") >= first)
    parts = [
        named.select(
            pl.col("month", "src", "dst").cast(pl.Int32),
            pl.Series("good", goods.of_product[named["product"].to_numpy()], pl.Int32),
            pl.col("amount_fen").cast(pl.Int64),
        ),
        _unnamed(view, goods, first),
    ]
    every = pl.concat(parts)
    summed = (
        every.filter(~pl.Series(hubs[every["src"].to_numpy()]))
        .group_by("month", "src", "dst", "good")
        .agg(pl.col("amount_fen").sum())
        .match_to_schema(TRADE)
        .sort("month", "src", "dst", "good", nulls_last=True)
    )
    sides = {
        side: _months_of(coverage.filter(pl.col("side") == side), months, view.firms)
        for side in ("sale", "purchase")
    }
    return Books(months, first, summed, sides["sale"], sides["purchase"], _resellers(summed, view), goods)


def _unnamed(view: View, goods: Goods, first: int) -> pl.DataFrame:
    """Trade over links on which no invoice has item lines."""
    pairs = pl.DataFrame({"src": view.graph.src, "dst": view.graph.dst})
    lined = view.items.select("src", "dst").unique()
    bare = pairs.with_row_index("edge").cast({"edge": pl.Int32}).join(lined, on=["src", "dst"], how="anti")
    flow = view.flow.filter(pl.col("month") >= first).join(bare, on="edge")
    return flow.select(
        pl.col("month", "src", "dst").cast(pl.Int32),
        pl.Series("good", goods.of_seller[flow["src"].to_numpy()], pl.Int32),
        pl.col("amount_fen").cast(pl.Int64),
    )


def _months_of(coverage: pl.DataFrame, months: list[str], firms: int) -> NDArray[np.bool_]:
    own = np.zeros((firms, len(months)), np.bool_)
    if not months:
        return own
    inside = coverage.filter(pl.col("month").is_in(months))
    column = inside["month"].replace_strict(months, range(len(months)), return_dtype=pl.Int32)
    own[inside["enterprise"].to_numpy(), column.to_numpy()] = True
    return own


def _resellers(trade: pl.DataFrame, view: View) -> Mask:
    """Who buys, of the same kind, at least half of what it sells: its goods pass through."""
    sold = trade.group_by("src", "good").agg(pl.col("amount_fen").sum().clip(0))
    bought = trade.drop_nulls("dst").group_by(src="dst", good="good").agg(bought=pl.col("amount_fen").sum())
    both = sold.join(bought, on=["src", "good"], how="left").with_columns(pl.col("bought").fill_null(0))
    passed = both.group_by("src").agg(
        pl.col("amount_fen").sum().alias("whole"),
        pl.min_horizontal("amount_fen", pl.col("bought").clip(0)).sum().alias("passed"),
    )
    found = passed.filter((pl.col("whole") > 0) & (pl.col("passed") * 2 >= pl.col("whole")))
    flags = np.zeros(view.firms, np.bool_)
    flags[found["src"].to_numpy()] = True
    return flags
