"""Products: what is named on invoice lines, who makes and who buys each, and what went over each link.

A product is a tax category and a normalised item. `*塑料制品*高温尼龙切片 ` and `高温尼龙切片` under the
same category are one.
"""

from dataclasses import dataclass

import polars as pl

from graph.edges import month
from ledger.ids import stable_ids

#: Products kept of each link.
LINK_PRODUCTS = 3


@dataclass(frozen=True)
class Products:
    """`products`: id, tax_category, item (sorted by id). `item_flow`: what was sold, by month: month (as in
    `graph.edges`), src, dst (null: to consumers), product, amount_fen. `makes`, `buys`:
    enterprise and product as indices, amount_fen (net, without tax), share of the enterprise's sales or
    purchases by item. `links`: the largest LINK_PRODUCTS of each pair: src, dst, product, amount_fen, rank
    from 1."""

    products: pl.DataFrame
    item_flow: pl.DataFrame
    makes: pl.DataFrame
    buys: pl.DataFrame
    links: pl.DataFrame


def item_text(item: pl.Expr) -> pl.Expr:
    """The item without its category in asterisks, blanks and width differences."""
    plain = item.str.replace(r"^\*[^*]*\*", "").str.normalize("NFKC").str.replace_all(r"\s+", "")
    return pl.when(plain.str.len_chars() > 0).then(plain.str.to_uppercase())


def build_products(
    lines: pl.LazyFrame,
    supplies: pl.DataFrame,
    retail: pl.DataFrame,
    index: pl.DataFrame,
) -> Products:
    """Sum invoice lines by enterprise and product.

    `lines`: rows of `invoice_lines` with `fact` already canonical and one book per fact; `supplies`
    and `retail`: settled invoices between firms, and to nobody in particular. Months count from the first
    one of either, as those of `graph.edges` do.
    """
    since = pl.concat([supplies["happened_on"], retail["happened_on"]]).min()
    buyers = {"supplies": pl.col("buyer"), "retail": pl.lit(None, pl.String).alias("buyer")}
    sides = pl.concat(
        [
            frame.lazy().select("fact", "seller", buyers[name], month("happened_on", since))
            for name, frame in (("supplies", supplies), ("retail", retail))
        ]
    )
    monthly = (
        lines.select("fact", "tax_category", "amount_fen", item=item_text(pl.col("item")))
        .filter(pl.col("item").is_not_null())
        .join(sides, on="fact")
        .group_by("month", "seller", "buyer", "tax_category", "item")
        .agg(pl.col("amount_fen").sum())
        .collect()
    )
    named = monthly.group_by("seller", "buyer", "tax_category", "item").agg(pl.col("amount_fen").sum())
    products = (
        named.select("tax_category", "item")
        .unique()
        .with_columns(stable_ids(pl.lit("product"), pl.col("tax_category"), pl.col("item")).alias("id"))
        .sort("id")
        .with_row_index("product")
        .cast({"product": pl.Int32})
    )
    traded = named.join(products, on=["tax_category", "item"], nulls_equal=True)
    between = traded.filter(pl.col("buyer").is_not_null())
    return Products(
        products.select("id", "tax_category", "item"),
        _numbered(monthly, products, index),
        _by(traded, "seller", index),
        _by(between, "buyer", index),
        _largest(between, index),
    )


def _numbered(monthly: pl.DataFrame, products: pl.DataFrame, index: pl.DataFrame) -> pl.DataFrame:
    """`item_flow` by indices. Ordered, so that a dated view is a prefix."""
    return (
        monthly.join(products, on=["tax_category", "item"], nulls_equal=True)
        .join(index.rename({"enterprise": "seller", "i": "src"}), on="seller")
        .join(index.rename({"enterprise": "buyer", "i": "dst"}), on="buyer", how="left")
        .select("month", "src", "dst", "product", "amount_fen")
        .sort("month", "src", "dst", "product", nulls_last=True)
    )


def edge_products(products: Products, edges: pl.DataFrame) -> pl.DataFrame:
    """`products.links` by edge index: edge, product, amount_fen, rank. `edges`: src, dst, by row number."""
    numbered = edges.select("src", "dst").with_row_index("edge").cast({"edge": pl.Int32})
    return (
        products.links.join(numbered, on=["src", "dst"])
        .select("edge", "product", "amount_fen", "rank")
        .sort("edge", "rank")
    )


def _largest(traded: pl.DataFrame, index: pl.DataFrame) -> pl.DataFrame:
    """The largest items of each pair. An item under several tax categories is one, called by its largest."""
    src = index.rename({"enterprise": "seller", "i": "src"})
    dst = index.rename({"enterprise": "buyer", "i": "dst"})
    pair = ("src", "dst")
    return (
        traded.lazy()
        .join(src.lazy(), on="seller")
        .join(dst.lazy(), on="buyer")
        .sort(*pair, "item", "amount_fen", "product", descending=[False, False, False, True, False])
        .group_by(*pair, "item", maintain_order=True)
        .agg(pl.col("product").first(), pl.col("amount_fen").sum())
        .sort(*pair, "amount_fen", "item", descending=[False, False, True, False])
        .group_by(*pair, maintain_order=True)
        .head(LINK_PRODUCTS)
        .with_columns(rank=(pl.int_range(pl.len()).over(*pair) + 1).cast(pl.Int8))
        .select(*pair, "product", "amount_fen", "rank")
        .collect()
    )


def _by(traded: pl.DataFrame, who: str, index: pl.DataFrame) -> pl.DataFrame:
    """Amount and share by (enterprise, product); red invoices that outweigh the rest leave nothing."""
    return (
        traded.group_by(who, "product")
        .agg(pl.col("amount_fen").sum())
        .filter(pl.col("amount_fen") > 0)
        .join(index.rename({"enterprise": who, "i": "enterprise"}), on=who)
        .select("enterprise", "product", "amount_fen")
        .with_columns((pl.col("amount_fen") / pl.col("amount_fen").sum().over("enterprise")).alias("share"))
        .sort("enterprise", "product")
    )
