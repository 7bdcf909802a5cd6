"""Candidate links by goods: who buys what a firm sells, needs it for what it makes, or calls it nearly so.

Each way is one join of two tables: what sellers offer (enterprise, key, product, worth) and what buyers ask
for (enterprise, key, worth). Both are cut to the few that matter most before they meet, so that the join
stays bounded whatever the number of firms.
"""

import polars as pl

from gnn.positions.plain import Plain
from gnn.production.knowledge import kinds_of
from gnn.text import nearest_names
from gnn.view import View
from graph.csr import Mask

#: Products of a seller that are looked at, largest first.
OFFERED = 3
#: Names of goods that are taken as near to one, and how alike they must be (cosine of their letters).
NAMED_ALIKE, ALIKE = 3, 0.4
#: Buyers of one key are a few of the same region and a few of all.
PREFIX = 4  # digits of a region: the city
PAIRS = pl.Schema({"src": pl.Int32, "dst": pl.Int32, "product": pl.Int32, "worth": pl.Float64})


def by_goods(view: View, plain: Plain, closed_sellers: Mask, closed_buyers: Mask, kept: int) -> pl.DataFrame:
    """Of each open seller up to `kept` firms that buy what it sells, from others, as `PAIRS`: those first
    that spend the largest part on it, firms of its city counting double."""
    known = plain.recognised.select("product").unique()
    sold = _sold(view, closed_sellers | plain.hubs, known).with_columns(key="product")
    bought = _bought(view, closed_buyers | plain.hubs, known).with_columns(key="product")
    return _met(view, sold, bought, kept)


def by_words(view: View, plain: Plain, closed_sellers: Mask, closed_buyers: Mask, kept: int) -> pl.DataFrame:
    """As `by_goods`, for firms that buy goods named nearly as those it sells: one firm's 铜母线 is another's
    铜排(母线). Goods that no chain knows count as well."""
    near, likeness = nearest_names(view.products["item"].to_list(), NAMED_ALIKE)
    alike = pl.DataFrame({"near": near, "alike": likeness}).with_row_index("product")
    alike = (
        alike.explode("near", "alike")
        .filter(pl.col("near") >= 0, pl.col("alike") >= ALIKE)
        .select(
            pl.col("product").cast(pl.Int32),
            key=pl.col("near").cast(pl.Int32),
            alike=pl.col("alike").cast(pl.Float64),
        )
    )
    sold = _sold(view, closed_sellers | plain.hubs).join(alike, on="product")
    sold = sold.with_columns(worth=pl.col("worth") * pl.col("alike")).drop("alike")
    bought = _bought(view, closed_buyers | plain.hubs).with_columns(key="product")
    return _met(view, sold, bought, kept)


def by_needs(
    view: View, plain: Plain, made: pl.DataFrame, closed_sellers: Mask, closed_buyers: Mask, kept: int
) -> pl.DataFrame:
    """As `by_goods`, for firms whose goods are made of what it sells (`made`: the table `made_of`) and that
    are seen to buy that from nobody: somebody must sell it to them."""
    kinds = kinds_of(view, plain).select("product", "kind")
    recipe = _by_kind(made, plain)
    makers = _sold(view, plain.hubs | closed_buyers).join(kinds, on="product").join(recipe, on="kind")
    needs = makers.group_by("enterprise", key="input").agg((pl.col("worth") * pl.col("score")).max())
    bought = view.buys.join(kinds, on="product").select("enterprise", key="kind").unique()
    needs = needs.join(bought, on=["enterprise", "key"], how="anti")
    sold = _sold(view, closed_sellers | plain.hubs).join(kinds, on="product").rename({"kind": "key"})
    return _met(view, sold, needs, kept)


def _by_kind(made: pl.DataFrame, plain: Plain) -> pl.DataFrame:
    """kind, input, score: the table `made_of` by the numbers of `kinds_of`."""
    number = {segment: at for at, segment in enumerate(plain.seats.ids)}

    def kind(segment: str, product: str) -> pl.Expr:
        of_segment = pl.col(segment).replace_strict(number, default=None, return_dtype=pl.Int64)
        return pl.coalesce(of_segment, pl.col(product).cast(pl.Int64) + plain.seats.count)

    return made.select(
        "score", kind=kind("segment", "product"), input=kind("input_segment", "input_product")
    ).drop_nulls()


def _sold(view: View, without: Mask, known: pl.DataFrame | None = None) -> pl.DataFrame:
    """enterprise, product, worth (share of its sales): the OFFERED largest of each firm not in `without`."""
    rows = view.makes if known is None else view.makes.join(known, on="product", how="semi")
    mine = rows.filter(~pl.Series(without).gather(rows["enterprise"]))
    largest = mine.filter(_rank("share", "enterprise") <= OFFERED)
    return largest.select("enterprise", "product", worth="share")


def _bought(view: View, without: Mask, known: pl.DataFrame | None = None) -> pl.DataFrame:
    rows = view.buys if known is None else view.buys.join(known, on="product", how="semi")
    mine = rows.filter(~pl.Series(without).gather(rows["enterprise"]))
    return mine.select("enterprise", "product", worth="share")


def _met(view: View, sold: pl.DataFrame, asked: pl.DataFrame, kept: int) -> pl.DataFrame:
    """Sellers and those who ask for the same key, the `kept` worthiest of each seller."""
    region = view.enterprises["region"].str.head(PREFIX)
    asked = asked.with_columns(region=region.gather(asked["enterprise"]))
    sold = sold.with_columns(region=region.gather(sold["enterprise"]))
    near = sold.join(asked.filter(_rank("worth", "key", "region") <= kept), on=["key", "region"])
    far = sold.join(asked.filter(_rank("worth", "key") <= kept), on="key")
    met = pl.concat(
        [
            part.select(
                src="enterprise",
                dst="enterprise_right",
                product="product",
                worth=pl.col("worth") * pl.col("worth_right") * times,
            )
            for part, times in ((near, 2.0), (far, 1.0))
        ]
    )
    best = (
        met.filter(pl.col("src") != pl.col("dst"))
        .sort("src", "worth", "dst", "product", descending=[False, True, False, False])
        .unique(["src", "dst"], keep="first", maintain_order=True)
        .group_by("src", maintain_order=True)
        .head(kept)
    )
    return best.select(pl.col(name).cast(dtype) for name, dtype in PAIRS.items())


def _rank(by: str, *over: str) -> pl.Expr:
    return pl.col(by).rank("ordinal", descending=True).over(*over)
