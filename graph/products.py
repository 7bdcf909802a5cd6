"""Products: what is named on invoice lines, and who makes and who buys each.

A product is a tax category and a normalised item. `*塑料制品*高温尼龙切片 ` and `高温尼龙切片` under the
same category are one.
"""

from dataclasses import dataclass

import polars as pl

from ledger.ids import stable_ids


@dataclass(frozen=True)
class Products:
    """`products`: id, tax_category, item (sorted by id). `makes`, `buys`: enterprise and product as
    indices, amount_fen (net, without tax), share of the enterprise's sales or purchases by item.
    `traded`: edge-level item amounts (src, dst, product, amount_fen)."""

    products: pl.DataFrame
    makes: pl.DataFrame
    buys: pl.DataFrame


def item_text(item: pl.Expr) -> pl.Expr:
    """The item without its category in asterisks, blanks and width differences."""
    plain = item.str.replace(r"^\*[^*]*\*", "").str.normalize("NFKC").str.replace_all(r"\s+", "")
    return pl.when(plain.str.len_chars() > 0).then(plain.str.to_uppercase())


def build_products(
    lines: pl.LazyFrame, supplies: pl.DataFrame, retail: pl.DataFrame, index: pl.DataFrame
) -> Products:
    """Sum invoice lines by enterprise and product.

    `lines`: rows of `invoice_lines` with `fact` already canonical and one book per fact; `supplies`
    and `retail`: settled invoices between firms, and to nobody in particular.
    """
    sides = pl.concat(
        [
            supplies.lazy().select("fact", "seller", "buyer"),
            retail.lazy().select("fact", "seller", pl.lit(None, pl.String).alias("buyer")),
        ]
    )
    named = (
        lines.select("fact", "tax_category", "amount_fen", item=item_text(pl.col("item")))
        .filter(pl.col("item").is_not_null())
        .join(sides, on="fact")
        .group_by("seller", "buyer", "tax_category", "item")
        .agg(pl.col("amount_fen").sum())
        .collect()
    )
    products = (
        named.select("tax_category", "item")
        .unique()
        .with_columns(stable_ids(pl.lit("product"), pl.col("tax_category"), pl.col("item")).alias("id"))
        .sort("id")
        .with_row_index("product")
        .cast({"product": pl.Int32})
    )
    traded = named.join(products, on=["tax_category", "item"], nulls_equal=True)
    return Products(
        products.select("id", "tax_category", "item"),
        _by(traded, "seller", index),
        _by(traded.filter(pl.col("buyer").is_not_null()), "buyer", index),
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
