"""From attestations to invoices: each invoice once, whoever's books it stands in.

The same invoice may be attested by the seller's book, the buyer's book and the paper itself. Where
they disagree, void and red win and the seller's book states the amounts; whoever opens the evidence sees
every document with its own.
"""

import polars as pl

from ledger.invoice_kinds import expense_kinds

_SALE, _PAPER, _PURCHASE = 0, 1, 2
#: Tax over amount from which an invoice bears the general rate (17, 16 or 13 %), and below which that of
#: small-scale taxpayers (3 or 1 %) or none.
FULL_RATE, LOW_RATE = 0.12, 0.05
#: The first day of a month's last days: books are closed and targets met.
MONTH_END = 25


def preferred(attestations: pl.DataFrame) -> pl.DataFrame:
    """One row a fact: the attestation that counts.

    Void wins, then red; among equals the seller's own book comes first, then the paper, then the
    buyer's book; then the document's SHA-256 and the row. Columns: fact, status, side, sha256, row …
    """
    ordered = attestations.sort("fact", _strength(), _rank(), "sha256", "row")
    return ordered.unique("fact", keep="first", maintain_order=True)


def _strength() -> pl.Expr:
    return pl.col("status").replace_strict(["void", "red"], [0, 1], default=2, return_dtype=pl.Int8)


def _rank() -> pl.Expr:
    ranks = [_SALE, _PURCHASE]
    return pl.col("side").replace_strict(["sale", "purchase"], ranks, default=_PAPER, return_dtype=pl.Int8)


def settle(
    attested: pl.DataFrame, documents: pl.DataFrame, same_fact: pl.DataFrame, enterprise_of: pl.DataFrame
) -> pl.DataFrame:
    """One row an invoice.

    `attested`: rows of table `invoices`; `documents`: reading → sha256 (orders attestations without
    using the random reading numbers); `same_fact`: weak fact → canonical fact; `enterprise_of`: party
    → enterprise. Amounts and standing are those of the `preferred` attestation. Returns fact, kind,
    number, happened_on, seller, buyer (enterprises), side of the preferred one, currency, amount_fen,
    tax_fen, total_fen, status, attested (seller | buyer | both | paper).
    """
    canonical = pl.col("canonical").fill_null(pl.col("fact")).alias("fact")
    named = (
        attested.lazy()
        .join(same_fact.lazy(), on="fact", how="left")
        .with_columns(canonical)
        .drop("canonical")
        .join(documents.lazy().select("reading", "sha256"), on="reading")
        .join(_as(enterprise_of, "seller"), on="seller", how="left")
        .join(_as(enterprise_of, "buyer"), on="buyer", how="left")
        .select(*_KEPT, "fact", "side", "status", "sha256", "row", "seller_e", "buyer_e")
        .collect()
    )
    parties = _parties(named)
    counted = preferred(named).drop("seller_e", "buyer_e", "sha256", "row")
    currency = pl.col("currency").fill_null("CNY")
    return counted.join(parties, on="fact", maintain_order="left").with_columns(currency)


_KEPT = ("kind", "number", "happened_on", "currency", "amount_fen", "tax_fen", "total_fen")


def _as(enterprise_of: pl.DataFrame, who: str) -> pl.LazyFrame:
    return enterprise_of.lazy().rename({"party": who, "enterprise": f"{who}_e"})


def _parties(named: pl.DataFrame) -> pl.DataFrame:
    """Who sold, who bought, and who attests it, by fact: each side knows itself best."""
    sale, purchase = pl.col("side") == "sale", pl.col("side") == "purchase"
    seller, buyer = pl.col("seller_e").drop_nulls(), pl.col("buyer_e").drop_nulls()
    own_seller = pl.col("seller_e").filter(sale).drop_nulls().min()
    own_buyer = pl.col("buyer_e").filter(purchase).drop_nulls().min()
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
        named.lazy()
        .group_by("fact")
        .agg(
            pl.coalesce(own_seller, seller.min()).alias("seller"),
            pl.coalesce(own_buyer, buyer.min()).alias("buyer"),
            sale.any().alias("by_seller"),
            purchase.any().alias("by_buyer"),
        )
        .select("fact", "seller", "buyer", seen.alias("attested"))
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


def sold_to_consumers() -> pl.Expr:
    """Which settled invoices are sales to nobody in particular. A purchase book that does not say whose
    it is proves no such sale."""
    return (
        (pl.col("status") != "void")
        & (pl.col("currency") == "CNY")
        & pl.col("seller").is_not_null()
        & pl.col("buyer").is_null()
        & (pl.col("side").fill_null("paper") != "purchase")
    )


def coverage(attested: pl.DataFrame, enterprise_of: pl.DataFrame) -> pl.DataFrame:
    """Of which months a firm's own books are in: enterprise, side (sale | purchase), month, invoices, and how
    many of those are void and red.

    Of the valid blue ones also how many were issued at a weekend and in the last days of a month (from
    MONTH_END on), and how much of their amount bears tax at all, at the general rate (FULL_RATE or more) and
    at a reduced one (below LOW_RATE, or none). What is not here is only seen in others' papers: there a zero
    means nothing.
    """
    day, amount = pl.col("happened_on"), pl.col("amount_fen")
    blue = (pl.col("status") != "void") & (amount > 0) & (pl.col("currency") == "CNY")
    rate = pl.col("tax_fen") / amount
    counted = {"weekend": day.dt.weekday() >= 6, "month_end": day.dt.day() >= MONTH_END}
    summed = {"rated": rate.is_not_null(), "full_rate": rate >= FULL_RATE, "low_rate": rate < LOW_RATE}
    return (
        attested.lazy()
        .filter(pl.col("owner").is_not_null() & pl.col("side").is_not_null())
        .join(enterprise_of.lazy(), left_on="owner", right_on="party")
        .with_columns(month=day.dt.strftime("%Y-%m"))
        .unique(["enterprise", "side", "fact", "status", "happened_on", "amount_fen", "tax_fen"])
        .group_by("enterprise", "side", "month")
        .agg(
            pl.col("fact").n_unique().cast(pl.Int32).alias("invoices"),
            *(
                pl.col("fact").filter(pl.col("status") == status).n_unique().cast(pl.Int32).alias(status)
                for status in ("void", "red")
            ),
            blue.sum().cast(pl.Int32).alias("blue"),
            *((blue & when).sum().cast(pl.Int32).alias(name) for name, when in counted.items()),
            *(amount.filter(blue & what).sum().alias(f"{name}_fen") for name, what in summed.items()),
        )
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
