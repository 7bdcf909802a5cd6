"""How much a firm depends on its largest customers and suppliers, from its own books.

Share of the largest and of the five largest, and the Herfindahl index (the sum of squared shares, 0 … 1).
Sales to consumers count in the whole and are nobody's share. Without own books of a side no share is
told: only what is seen to go to, or come from, the largest partner.
"""

import polars as pl

from gnn.scores.books import Books

#: Firms named behind a figure.
NAMED = 5

_SIDES = {
    # side of the books → who it is about, whom it deals with, and the word for those
    "sale": ("src", "dst", "customer"),
    "purchase": ("dst", "src", "supplier"),
}


def concentration(books: Books) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of `scores` (top1_…, top5_…, hhi_… of customers and of suppliers) and of `score_firms`."""
    scores, firms = [], []
    for side in _SIDES:
        partners = _partners(books, side)
        scores.append(_figures(books, partners, side))
        firms.append(_named(books, partners, side))
    return pl.concat(scores), pl.concat(firms)


def _partners(books: Books, side: str) -> pl.DataFrame:
    """enterprise, partner, amount_fen, of_fen, own: own books where they are in, else all that is seen;
    largest first."""
    me, other, _ = _SIDES[side]
    own = books.sold if side == "sale" else books.bought
    flags = books.own_sales if side == "sale" else books.own_purchases
    seen = books.trade.filter(pl.col(me).is_not_null())
    seen = seen.filter(~pl.Series(flags[seen[me].to_numpy()]))
    parts = []
    for rows, proven in ((own, True), (seen, False)):
        pairs = (
            rows.group_by(pl.col(me).alias("enterprise"), pl.col(other).alias("partner"))
            .agg(pl.col("amount_fen").sum())
            .filter(pl.col("amount_fen") > 0)
        )
        whole = pl.col("amount_fen").sum().over("enterprise").alias("of_fen")
        parts.append(
            pairs.with_columns(whole, own=pl.lit(proven)).filter(pl.col("partner").is_not_null() | proven)
        )
    return pl.concat(parts).sort(
        "enterprise", "amount_fen", "partner", descending=[False, True, False], nulls_last=True
    )


def _figures(books: Books, partners: pl.DataFrame, side: str) -> pl.DataFrame:
    word = _SIDES[side][2]
    months = (books.sale if side == "sale" else books.purchase).sum(axis=1)
    share = pl.col("amount_fen") / pl.col("of_fen")
    known = pl.col("partner").is_not_null()
    firms = partners.group_by("enterprise", maintain_order=True).agg(
        pl.col("own").first(),
        pl.col("of_fen").first(),
        pl.col("partner").drop_nulls().first(),
        pl.col("amount_fen").filter(known).first().fill_null(0),
        pl.col("amount_fen").filter(known).head(NAMED).sum().alias("five_fen"),
        share.filter(known).head(1).sum().alias("top1"),
        share.filter(known).head(NAMED).sum().alias("top5"),
        (share.filter(known) ** 2).sum().alias("hhi"),
        known.sum().cast(pl.Int32).alias("count"),
    )
    covered = pl.Series(months[firms["enterprise"].to_numpy()], dtype=pl.Int32)
    parts = []
    for figure in ("top1", "top5", "hhi"):
        name = f"{figure}_{word}" if figure == "top1" else f"{figure}_{word}s"
        own = pl.col("own")
        amount = pl.col("five_fen" if figure == "top5" else "amount_fen")
        parts.append(
            firms.select(
                "enterprise",
                pl.lit(name).alias("name"),
                pl.when(own).then(figure).alias("value"),
                pl.when(own).then(pl.lit("own")).otherwise(pl.lit("partial")).alias("basis"),
                pl.when(~own)
                .then(pl.lit(f"{side}_books_missing"))
                .when(pl.col("count") == 0)
                .then(pl.lit("only_consumers"))
                .otherwise(pl.lit(name))
                .alias("reason"),
                "partner",
                amount.alias("amount_fen"),
                pl.when(own).then("of_fen").alias("of_fen"),
                "count",
                pl.when(own).then(covered).alias("months"),
            )
        )
    return pl.concat(parts)


def _named(books: Books, partners: pl.DataFrame, side: str) -> pl.DataFrame:
    """The largest partners, each with what mostly goes between the two."""
    me, other, word = _SIDES[side]
    top = partners.drop_nulls("partner").group_by("enterprise", maintain_order=True).head(NAMED)
    goods = (
        books.trade.drop_nulls("dst")
        .group_by(pl.col(me).alias("enterprise"), pl.col(other).alias("partner"), "good")
        .agg(pl.col("amount_fen").sum().alias("goods_fen"))
        .join(top, on=["enterprise", "partner"], how="semi")
        .sort("enterprise", "partner", "goods_fen", "good", descending=[False, False, True, False])
        .unique(["enterprise", "partner"], keep="first", maintain_order=True)
    )
    return (
        top.join(goods, on=["enterprise", "partner"], how="left", maintain_order="left")
        .with_columns(*books.goods.named())
        .select(
            "enterprise",
            pl.lit(f"{word}s").alias("name"),
            pl.int_range(1, pl.len() + 1).over("enterprise").cast(pl.Int32).alias("rank"),
            "partner",
            "segment",
            "product",
            "amount_fen",
            pl.when("own").then(pl.col("amount_fen") / pl.col("of_fen")).alias("share"),
        )
    )
