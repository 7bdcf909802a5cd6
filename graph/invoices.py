"""From attestations to invoices: each invoice once, whoever's books it stands in.

The same invoice may be attested by the seller's book, the buyer's book and the paper itself. Where
they disagree, void and red win, the seller's book states the amounts, and the difference is a finding.
"""

import polars as pl

from ledger.invoice_kinds import expense_kinds

_SALE, _PAPER, _PURCHASE = 0, 1, 2


def settle(
    attested: pl.DataFrame, documents: pl.DataFrame, same_fact: pl.DataFrame, enterprise_of: pl.DataFrame
) -> pl.DataFrame:
    """One row an invoice.

    `attested`: rows of table `invoices`; `documents`: reading → sha256 (orders attestations without
    using the random reading numbers); `same_fact`: weak fact → canonical fact; `enterprise_of`: party
    → enterprise. Returns fact, kind, number, happened_on, known_at, seller, buyer (enterprises),
    currency, amount_fen, tax_fen, total_fen, status, attested (seller | buyer | both | paper),
    disagrees (the books state different amounts or standing).
    """
    canonical = attested.lazy().join(same_fact.lazy(), on="fact", how="left")
    ranked = canonical.join(documents.lazy().select("reading", "sha256"), on="reading").with_columns(
        pl.col("canonical").fill_null(pl.col("fact")).alias("fact"),
        pl.col("side")
        .replace_strict(["sale", "purchase"], [_SALE, _PURCHASE], default=_PAPER, return_dtype=pl.Int8)
        .alias("rank"),
    )
    parties = enterprise_of.lazy()
    named = (
        ranked.join(parties.rename({"party": "seller", "enterprise": "seller_e"}), on="seller", how="left")
        .join(parties.rename({"party": "buyer", "enterprise": "buyer_e"}), on="buyer", how="left")
        .sort("fact", "rank", "sha256", "row")
    )
    is_sale, is_purchase = pl.col("rank") == _SALE, pl.col("rank") == _PURCHASE
    settled = named.group_by("fact", maintain_order=True).agg(
        pl.col("kind").first(),
        pl.col("number").first(),
        pl.col("happened_on").first(),
        pl.col("known_at").min(),
        # Sorted: the seller's own book comes first, the buyer's own last.
        pl.col("seller_e").drop_nulls().first().alias("seller"),
        pl.col("buyer_e").drop_nulls().last().alias("buyer"),
        pl.col("currency").first().fill_null("CNY"),
        pl.col("amount_fen").first(),
        pl.col("tax_fen").first(),
        pl.col("total_fen").first(),
        (pl.col("status") == "void").any().alias("void"),
        (pl.col("status") == "red").any().alias("red"),
        is_sale.any().alias("by_seller"),
        is_purchase.any().alias("by_buyer"),
        ((pl.col("total_fen").n_unique() > 1) | (pl.col("status").n_unique() > 1)).alias("disagrees"),
    )
    status = pl.when("void").then(pl.lit("void")).when("red").then(pl.lit("red")).otherwise(pl.lit("normal"))
    seen = (
        pl.when(pl.col("by_seller") & pl.col("by_buyer"))
        .then(pl.lit("both"))
        .when("by_seller")
        .then(pl.lit("seller"))
        .when("by_buyer")
        .then(pl.lit("buyer"))
        .otherwise(pl.lit("paper"))
    )
    return (
        settled.with_columns(status.alias("status"), seen.alias("attested"))
        .drop("void", "red", "by_seller", "by_buyer")
        .collect()
    )


def supplies() -> pl.Expr:
    """Which settled invoices mean that goods or services went from one firm to another."""
    return (
        (pl.col("status") != "void")
        & ~pl.col("kind").is_in(expense_kinds())
        & (pl.col("currency") == "CNY")
        & pl.col("seller").is_not_null()
        & pl.col("buyer").is_not_null()
        & (pl.col("seller") != pl.col("buyer"))
    )


def coverage(attested: pl.DataFrame, enterprise_of: pl.DataFrame) -> pl.DataFrame:
    """Of which months a firm's own books are in: enterprise, side (sale | purchase), month, invoices.

    What is not here is only seen in others' papers: there a zero means nothing.
    """
    return (
        attested.lazy()
        .filter(pl.col("owner").is_not_null() & pl.col("side").is_not_null())
        .select("owner", "side", "fact", month=pl.col("happened_on").dt.strftime("%Y-%m"))
        .join(enterprise_of.lazy(), left_on="owner", right_on="party")
        .group_by("enterprise", "side", "month")
        .agg(pl.col("fact").n_unique().cast(pl.Int32).alias("invoices"))
        .sort("enterprise", "side", "month")
        .collect()
    )


def own_books(attested: pl.DataFrame, enterprise_of: pl.DataFrame) -> pl.DataFrame:
    """Whose books are in, per side, and up to which day.

    Returns enterprise, own_sales_until, own_purchases_until (null: only seen in others' papers).
    """
    last = pl.col("happened_on").max()
    return (
        attested.lazy()
        .filter(pl.col("owner").is_not_null() & pl.col("side").is_not_null())
        .group_by("owner", "side")
        .agg(last)
        .join(enterprise_of.lazy(), left_on="owner", right_on="party")
        .group_by("enterprise")
        .agg(
            pl.col("happened_on").filter(pl.col("side") == "sale").max().alias("own_sales_until"),
            pl.col("happened_on").filter(pl.col("side") == "purchase").max().alias("own_purchases_until"),
        )
        .sort("enterprise")
        .collect()
    )
