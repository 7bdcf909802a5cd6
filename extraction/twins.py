"""Two books of one firm call one partner by two codes: which codes mean the same.

Once two owners are known to be one firm (`extraction.matching`), their books on the same side overlap.
An invoice that stands in both names its partner twice. Two codes are one partner when most of what
either book holds of its code, in the days both books cover, is shared, and neither code shares
invoices with a second one: a code for "others" overlaps with many.
"""

import polars as pl

#: Share of each code's invoices that must be shared.
MAJORITY = 0.5


def same_partners(matches: pl.DataFrame, book: pl.DataFrame, party: str) -> pl.DataFrame:
    """a, b (codes of one partner), reason, matches, covered.

    `matches`: shared invoices of twin owners (owner, owner_other, and `party` of both rows);
    `book`: all rows of that side; `party`: seller in purchase books, buyer in sales books.
    """
    other = f"{party}_other"
    named = matches.filter(pl.col(party).is_not_null() & pl.col(other).is_not_null())
    pairs = named.group_by("owner", "owner_other", a=party, b=other).agg(
        pl.len().cast(pl.Int64).alias("matches")
    )
    pairs = pairs.filter(
        pl.col("a") != pl.col("b"),
        (pl.col("b").n_unique().over("a", "owner_other") == 1)
        & (pl.col("a").n_unique().over("b", "owner") == 1),
    )
    mine = _covered(pairs, book, party, code="a", against="owner_other")
    theirs = _covered(pairs, book, party, code="b", against="owner")
    both = pairs.join(mine, on=["a", "owner_other"]).join(theirs, on=["b", "owner"], suffix="_b")
    covered = pl.max_horizontal("covered", "covered_b")
    return both.filter(pl.col("matches") >= MAJORITY * covered).select(
        "a", "b", pl.lit("same_invoice_in_twin_books").alias("reason"), "matches", covered.alias("covered")
    )


def _covered(pairs: pl.DataFrame, book: pl.DataFrame, party: str, *, code: str, against: str) -> pl.DataFrame:
    """How many invoices each code has in the days that the book `against` covers too."""
    days = book.group_by("owner").agg(
        pl.col("happened_on").min().alias("from"), pl.col("happened_on").max().alias("to")
    )
    rows = book.select(pl.col(party).alias(code), "happened_on")
    return (
        pairs.select(code, against)
        .unique()
        .join(rows, on=code)
        .join(days, left_on=against, right_on="owner")
        .filter(pl.col("happened_on").is_between("from", "to"))
        .group_by(code, against)
        .agg(pl.len().cast(pl.Int64).alias("covered"))
    )
