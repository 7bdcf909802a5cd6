"""Which segment an enterprise stands in: a rule over the words and tax categories of what it sells.

Each product is scored against every segment: the share of its name that a segment's item word
covers, plus half for a matching tax category prefix, a little more for a longer one. A product's
amount goes to its best segments; an enterprise's segments are the sums, and its confidence in one is
that segment's share of all it sells. What fits nowhere stays unplaced.

Makers and traders carry the same words on their invoices. Who buys most of what it sells is a
trader, and only segments of traders are open to it; the others are open to makers and services.
A firm of which only purchases are seen (a shop that sells over the counter) is placed by what it
buys, among the segments that sell to nobody further.
"""

from collections.abc import Sequence

import polars as pl

from seeds.chains import Chain, Segment

#: A product goes to every segment that scores at least this share of its best score.
NEAR_BEST = 0.95
#: The least a product must score somewhere to count as recognised.
LEAST_SCORE = 0.5
#: What a matching tax category prefix gives beside a full word match (1.0) …
TAX_WEIGHT = 0.5
#: … and what is added for a prefix of all 19 digits: the finer category decides.
FINENESS = 0.1
#: Share of its sales that a firm must also buy to be a trader.
RESALE = 0.5


def segment_table(chains: Sequence[Chain]) -> pl.DataFrame:
    """Every segment of every chain: chain, segment, tier, role, end, terminal (sells to nobody further)."""
    rows = [(chain.id, s.id, s.tier, s.role, s.end, not s.feeds) for chain in chains for s in chain.segments]
    schema = {
        "chain": pl.String,
        "segment": pl.String,
        "tier": pl.Int32,
        "role": pl.String,
        "end": pl.Boolean,
        "terminal": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def score_products(products: pl.DataFrame, chains: Sequence[Chain]) -> pl.DataFrame:
    """product (index), segment, score: every segment near the product's best."""
    numbered = products.select("tax_category", "item").with_row_index("product").cast({"product": pl.Int32})
    segments = [s for chain in chains for s in chain.segments]
    by_word = _word_scores(numbered, segments)
    by_tax = _tax_scores(numbered, segments)
    both = (
        pl.concat([by_word, by_tax])
        .group_by("product", "segment")
        .agg(pl.col("score").sum())
        .filter(pl.col("score") >= LEAST_SCORE)
    )
    best = pl.col("score").max().over("product")
    return both.filter(pl.col("score") >= NEAR_BEST * best).sort("product", "segment")


def _word_scores(products: pl.DataFrame, segments: Sequence[Segment]) -> pl.DataFrame:
    """Share of the item that the segment's longest word in it covers."""
    words = pl.DataFrame(
        [(w.upper(), s.id) for s in segments for w in s.items],
        schema={"word": pl.String, "segment": pl.String},
        orient="row",
    ).unique()
    if words.is_empty() or products.is_empty():
        return pl.DataFrame(schema={"product": pl.Int32, "segment": pl.String, "score": pl.Float64})
    items = products.select("item").unique()
    distinct = pl.lit(words["word"].unique().sort().implode())
    found = items.with_columns(
        pl.col("item").str.extract_many(distinct, overlapping=True).alias("word")
    ).explode("word", empty_as_null=True, keep_nulls=True)
    share = pl.col("word").str.len_chars() / pl.col("item").str.len_chars()
    by_item = (
        found.drop_nulls("word")
        .join(words, on="word")
        .with_columns(share.alias("score"))
        .group_by("item", "segment")
        .agg(pl.col("score").max())
    )
    return products.select("product", "item").join(by_item, on="item").select("product", "segment", "score")


def _tax_scores(products: pl.DataFrame, segments: Sequence[Segment]) -> pl.DataFrame:
    """`TAX_WEIGHT` where a segment's tax category prefix fits, more for finer ones."""
    prefixes = pl.DataFrame(
        [(_without_empty_levels(p), s.id) for s in segments for p in s.tax_categories],
        schema={"prefix": pl.String, "segment": pl.String},
        orient="row",
    ).unique()
    parts = [pl.DataFrame(schema={"product": pl.Int32, "segment": pl.String, "score": pl.Float64})]
    for length in prefixes["prefix"].str.len_chars().unique().sort():
        fitting = (
            products.select("product", pl.col("tax_category").str.head(length).alias("prefix"))
            .join(prefixes, on="prefix")
            .select("product", "segment", pl.lit(TAX_WEIGHT + FINENESS * length / 19.0).alias("score"))
        )
        parts.append(fitting)
    return pl.concat(parts).group_by("product", "segment").agg(pl.col("score").max())


def _without_empty_levels(prefix: str) -> str:
    """A prefix without its trailing empty levels: a code is one digit and then pairs, 2 02 00 00 → 2 02."""
    while len(prefix) % 2 and len(prefix) > 1 and prefix.endswith("00"):
        prefix = prefix[:-2]
    return prefix


def resale_share(makes: pl.DataFrame, buys: pl.DataFrame) -> pl.DataFrame:
    """enterprise → share of its sales, by amount, in products that it buys in like amounts."""
    bought = buys.select("enterprise", "product", pl.col("amount_fen").alias("bought"))
    resold = pl.min_horizontal("amount_fen", pl.col("bought").fill_null(0))
    return (
        makes.join(bought, on=["enterprise", "product"], how="left")
        .group_by("enterprise")
        .agg((resold.sum() / pl.col("amount_fen").sum()).alias("resale"))
        .sort("enterprise")
    )


def place(
    makes: pl.DataFrame,
    buys: pl.DataFrame,
    scores: pl.DataFrame,
    segments: pl.DataFrame,
    sells_to_firms: pl.DataFrame,
) -> pl.DataFrame:
    """enterprise, chain, segment, share (of all it sells, or buys where only purchases are seen) and
    role: what the firm does, trade where it buys most of what it sells, else the segment's.

    `sells_to_firms`: enterprise → share of its sales that goes to firms; it tells a distributor from
    a shop, which handle the same goods.
    """
    resale = resale_share(makes, buys)
    sold = _shares(makes, scores, segments)
    only_buys = buys.join(makes.select("enterprise").unique(), on="enterprise", how="anti")
    bought = _shares(only_buys, scores, segments).filter(pl.col("terminal") & (pl.col("role") == "trade"))
    facts = sold.join(resale, on="enterprise", how="left").join(sells_to_firms, on="enterprise", how="left")
    is_trader = pl.col("resale").fill_null(0.0) >= RESALE
    shop = pl.col("to_firms").fill_null(0.0) < 0.5
    open_to = (
        pl.when(is_trader)
        .then((pl.col("role") == "trade") & (~pl.col("terminal") | shop | ~_has_rival()))
        .otherwise(pl.col("role") != "trade")
    )
    # Where a role leaves nothing open the words decide alone.
    kept = facts.with_columns(open_to.alias("open")).filter(
        pl.col("open") | ~pl.col("open").any().over("enterprise", "chain")
    )
    kept = kept.with_columns(pl.when(is_trader).then(pl.lit("trade")).otherwise("role").alias("role"))
    columns = ["enterprise", "chain", "segment", "share", "role"]
    return pl.concat([_normalised(kept).select(columns), _normalised(bought).select(columns)]).sort(
        "enterprise", "share", "segment", descending=[False, True, False]
    )


def _has_rival() -> pl.Expr:
    """Another trading segment of the chain, one that sells on, is also possible for this firm."""
    return ((pl.col("role") == "trade") & ~pl.col("terminal")).any().over("enterprise", "chain")


def _shares(amounts: pl.DataFrame, scores: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """(enterprise, segment) → share of the enterprise's whole amount that points to the segment.

    A product that fits several segments counts for each in full here; `_normalised` shares it out
    once the firm's role has ruled some of them out.
    """
    whole = pl.col("amount_fen").sum().over("enterprise")
    return (
        amounts.with_columns((pl.col("amount_fen") / whole).alias("part"))
        .join(scores, on="product")
        .group_by("enterprise", "segment")
        .agg(pl.col("part").sum().alias("share"))
        .join(segments, on="segment")
    )


def _normalised(frame: pl.DataFrame) -> pl.DataFrame:
    """Shares that sum to the firm's recognised share (at most 1)."""
    total = pl.col("share").sum().over("enterprise")
    return frame.with_columns(
        pl.when(total > 1).then(pl.col("share") / total).otherwise(pl.col("share")).alias("share")
    )
