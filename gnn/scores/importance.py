"""How much a firm matters to those it supplies: its share of what they buy, and who else could step in.

Shares and the absence of another source come from the customer's own purchase books alone. Other sellers
of the same goods are those seen: there may be more. A customer needs a kind of goods that it buys to go on
(`gnn.score_books.needs`) and that makes up at least `NEEDED` of what it buys.
"""

import polars as pl

from gnn.scores.books import Books, needs

#: Share of a customer's purchases from which it needs a kind of goods.
NEEDED = 0.05
#: Firms named behind a figure.
NAMED = 5
_LINK = ["src", "dst", "good"]


def supplied(books: Books, regions: pl.Series) -> pl.DataFrame:
    """One row a seller, customer and kind of goods seen in the window; sorted.

    src, dst, good, amount_fen; and from the customer's own books, else null: own_fen, of_fen (all it buys
    of the kind), share (own_fen / of_fen), needed (it cannot go on without the kind), sources (others it
    buys the kind from). sellers: others seen to sell the kind; delivering: of those, into the customer's
    province; nearby: of those, from its city; null where no region is known. `regions`: one a firm,
    GB/T 2260.
    """
    seen = _sums(books.trade.drop_nulls("dst"), "amount_fen")
    own = _sums(books.bought, "own_fen")
    own = own.with_columns(
        pl.col("own_fen").sum().over("dst", "good").alias("of_fen"),
        (pl.len().over("dst", "good") - 1).cast(pl.Int32).alias("sources"),
    ).with_columns((pl.col("own_fen") / pl.col("of_fen")).alias("share"))
    kinds = needs(books.bought, books.goods)
    needed = (pl.col("running") & (pl.col("part") >= NEEDED)).alias("needed")
    own = own.join(kinds.select("dst", "good", needed), on=["dst", "good"], how="left")
    return _others(seen.join(own, on=_LINK, how="left"), regions).sort(_LINK)


def _sums(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    summed = rows.group_by(_LINK).agg(pl.col("amount_fen").sum().alias(name))
    return summed.filter(pl.col(name) > 0)


def _others(links: pl.DataFrame, regions: pl.Series) -> pl.DataFrame:
    """With the counts of other sellers of the same goods."""
    placed = pl.DataFrame({"firm": range(len(regions)), "region": regions}).cast({"firm": pl.Int32})
    where = placed.select("firm", province=pl.col("region").str.head(2), city=pl.col("region").str.head(4))
    with_places = links.join(where.select(src="firm", src_city="city"), on="src", how="left").join(
        where.select(dst="firm", dst_province="province", dst_city="city"), on="dst", how="left"
    )
    every = links.group_by("good").agg(pl.col("src").n_unique().alias("sellers"))
    into = (
        with_places.drop_nulls("dst_province")
        .group_by("good", "dst_province")
        .agg(pl.col("src").n_unique().alias("delivering"))
    )
    near = (
        with_places.drop_nulls("src_city")
        .group_by("good", dst_city="src_city")
        .agg(pl.col("src").n_unique().alias("nearby"))
    )
    itself = (pl.col("src_city") == pl.col("dst_city")).fill_null(False).cast(pl.Int32)
    return (
        with_places.join(every, on="good", how="left")
        .join(into, on=["good", "dst_province"], how="left")
        .join(near, on=["good", "dst_city"], how="left")
        .with_columns(
            (pl.col("sellers") - 1).cast(pl.Int32),
            (pl.col("delivering") - 1).cast(pl.Int32),
            pl.when(pl.col("dst_city").is_not_null())
            .then(pl.col("nearby").fill_null(0).cast(pl.Int32) - itself)
            .alias("nearby"),
        )
        .drop("src_city", "dst_province", "dst_city")
    )


def needed_sole(links: pl.DataFrame) -> pl.DataFrame:
    """Of `supplied`: the links that are the customer's only source of goods it needs."""
    return links.filter((pl.col("sources") == 0) & pl.col("needed"))


def importance(books: Books, links: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of `scores` (share_of_customers, sole_customers, substitutes) and of `score_firms`."""
    scores = [_share_of_customers(books, links), _sole_customers(books, links), _substitutes(books, links)]
    return pl.concat(scores, how="diagonal"), _named(books, links)


def _largest(books: Books, links: pl.DataFrame, by: str) -> pl.DataFrame:
    """Of each seller its largest link: src, partner, segment, product."""
    first = links.sort("src", by, "dst", "good", descending=[False, True, False, False])
    kept = first.unique("src", keep="first", maintain_order=True)
    return kept.select("src", "good", pl.col("dst").alias("partner")).with_columns(*books.goods.named())


def _customers(links: pl.DataFrame) -> pl.DataFrame:
    """src, customers, and how many of them have own purchase books that show the link."""
    return links.group_by("src").agg(
        pl.col("dst").n_unique().cast(pl.Int32).alias("customers"),
        pl.col("dst").filter(pl.col("own_fen").is_not_null()).n_unique().cast(pl.Int32).alias("known"),
        pl.col("amount_fen").sum().alias("seen_fen"),
    )


def _share_of_customers(books: Books, links: pl.DataFrame) -> pl.DataFrame:
    own = links.drop_nulls("own_fen")
    sums = own.group_by("src").agg(pl.col("own_fen").sum(), pl.col("of_fen").sum())
    rows = _customers(links).join(sums, on="src", how="left")
    rows = rows.join(_largest(books, own, "own_fen"), on="src", how="left")
    known = pl.col("known") > 0
    return rows.select(
        pl.col("src").alias("enterprise"),
        pl.lit("share_of_customers").alias("name"),
        (pl.col("own_fen") / pl.col("of_fen")).alias("value"),
        _basis(known),
        _reason(known, "share_of_customers", "customer_books_missing"),
        "partner",
        "segment",
        "product",
        pl.coalesce("own_fen", "seen_fen").alias("amount_fen"),
        "of_fen",
        pl.col("known").alias("count"),
        pl.col("customers").alias("of_count"),
    )


def _sole_customers(books: Books, links: pl.DataFrame) -> pl.DataFrame:
    """How many customers have no other source of goods they need."""
    sole = needed_sole(links)
    counts = sole.group_by("src").agg(
        pl.col("dst").n_unique().cast(pl.Int32).alias("sole"), pl.col("own_fen").sum()
    )
    rows = _customers(links).join(counts, on="src", how="left").with_columns(pl.col("sole").fill_null(0))
    rows = rows.join(_largest(books, sole, "own_fen"), on="src", how="left")
    known, whole = pl.col("known") > 0, pl.col("known") == pl.col("customers")
    return rows.select(
        pl.col("src").alias("enterprise"),
        pl.lit("sole_customers").alias("name"),
        pl.when(whole).then("sole").cast(pl.Float64).alias("value"),
        pl.when(known & ~whole).then("sole").cast(pl.Float64).alias("at_least"),
        _basis(whole),
        pl.when(~known)
        .then(pl.lit("customer_books_missing"))
        .when(pl.col("sole") == 0)
        .then(pl.lit("sole_customers_none"))
        .otherwise(pl.lit("sole_customers"))
        .alias("reason"),
        "partner",
        "segment",
        "product",
        pl.col("own_fen").alias("amount_fen"),
        pl.col("known").alias("count"),
        pl.col("customers").alias("of_count"),
    )


def _substitutes(books: Books, links: pl.DataFrame) -> pl.DataFrame:
    """How many others are seen to sell what the firm mostly sells."""
    main = (
        links.group_by("src", "good")
        .agg(pl.col("amount_fen").sum(), pl.col("sellers").first())
        .sort("src", "amount_fen", "good", descending=[False, True, False])
        .unique("src", keep="first", maintain_order=True)
        .with_columns(*books.goods.named())
    )
    return main.select(
        pl.col("src").alias("enterprise"),
        pl.lit("substitutes").alias("name"),
        pl.col("sellers").cast(pl.Float64).alias("at_least"),
        _basis(pl.lit(False)),
        _reason(pl.col("sellers") > 0, "substitutes", "substitutes_none_seen"),
        "segment",
        "product",
        "amount_fen",
    )


def _basis(own: pl.Expr) -> pl.Expr:
    return pl.when(own).then(pl.lit("own")).otherwise(pl.lit("partial")).alias("basis")


def _reason(holds: pl.Expr, code: str, other: str) -> pl.Expr:
    return pl.when(holds).then(pl.lit(code)).otherwise(pl.lit(other)).alias("reason")


def _named(books: Books, links: pl.DataFrame) -> pl.DataFrame:
    """The largest customers, kind by kind, with how else they could buy it."""
    order = links.sort("src", "amount_fen", "dst", "good", descending=[False, True, False, False])
    top = order.group_by("src", maintain_order=True).head(NAMED).with_columns(*books.goods.named())
    return top.select(
        pl.col("src").alias("enterprise"),
        pl.lit("supplied").alias("name"),
        pl.int_range(1, pl.len() + 1).over("src").cast(pl.Int32).alias("rank"),
        pl.col("dst").alias("partner"),
        *("segment", "product", "amount_fen", "share", "sources", "sellers", "delivering", "nearby"),
        pl.concat_list("src", "dst").alias("path"),
    )
