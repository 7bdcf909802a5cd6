"""How often two books would agree by chance, and how many agreements it takes to rule that out.

Let q be the share of (row, row) pairs of the two kinds of books that carry the same number though date
or amounts differ: the measured chance of a number repeating. Let C be the number of pairs that agree in
date and all three amounts though the numbers differ. Then Λ = q·C accidental matches are to be expected
in the whole ledger. m matches of one pair of owners convince when Λᵐ/m! ≤ 0.05: even if all the chance
there is fell on this one pair, m would be unlikely (Poisson tail). q is never taken below 10⁻ᴸ, L being
the digits the numbers have.

Two things would fool that reckoning, and are no evidence:

- *Counters.* A book whose numbers run 1, 2, 3 (or 100001, 100002 …) agrees with every other such book
  on every day. Short numbers (L < 6) and books in which nearly every number follows another by one are
  counters; there m counts different amounts, at least three, and short numbers leave full matches in q
  and C. Sellers' own invoice numbers do run on, so that only purchase books are judged for trade: the
  numbers a real buyer collects come from many sellers' booklets.
- *Keys of many.* An invoice has one seller and one buyer, at most known by two codes each. A key that
  stands in the books of three owners on one side is no invoice number.
"""

from math import lgamma, log

import polars as pl

AMOUNTS = ("happened_on", "amount_fen", "tax_fen", "total_fen")
KEY = ("digits", *AMOUNTS)
#: Accidental joins tolerated in a whole ledger (Λᵐ/m! must not exceed it).
TOLERATED = 0.05
#: Numbers of fewer digits than this are counters, not invoice numbers.
LONG = 6
#: Share of numbers that follow another by one from which a book of at least `LEAST_ROWS` is a counter.
#: Real purchase books lie at 0.2 on average and at 0.96 at most (425 firms of CUMCM 2020 C).
COUNTED, LEAST_ROWS = 0.975, 5
#: Different amounts that two counters must share.
LEAST_AMOUNTS = 3
#: Owners that may hold one key on one side.
MOST_OWNERS = 2


def digits() -> pl.Expr:
    """The number without leading zeros, which ledgers lose."""
    return pl.col("number").str.strip_chars_start("0").alias("digits")


def identifying(book: pl.DataFrame) -> pl.DataFrame:
    """The rows whose key at most two owners hold."""
    return book.filter(pl.col("owner").n_unique().over(KEY) <= MOST_OWNERS)


def counters(book: pl.DataFrame) -> pl.Series:
    """Owners whose book numbers its rows one after another."""
    numbers = (
        book.select("owner", number=pl.col("digits").cast(pl.Int64, strict=False))
        .drop_nulls()
        .unique()
        .sort("owner", "number")
    )
    runs = numbers.group_by("owner").agg(
        ((pl.col("number").diff() == 1).sum() / (pl.len() - 1)).alias("share"), pl.len().alias("rows")
    )
    return runs.filter((pl.col("rows") >= LEAST_ROWS) & (pl.col("share") >= COUNTED))["owner"]


def expected(left: pl.DataFrame, right: pl.DataFrame) -> float:
    """Λ: accidental full matches to be expected between two kinds of books."""
    known = _coincidences(left, right, KEY) if not short_numbers(left, right) else 0.0
    pairs = max(1.0, float(left.height) * float(right.height))
    q = max((_coincidences(left, right, ("digits",)) - known) / pairs, 10.0 ** -_length(left, right))
    return float(max(0.0, q * (_coincidences(left, right, AMOUNTS) - known)))


def convincing(
    matches: pl.DataFrame, chance: float, counted: pl.Series, *, short: bool, judged: tuple[str, ...]
) -> pl.DataFrame:
    """The matches of owner pairs that share enough.

    `counted`: owners whose books are counters; `judged`: the owner columns of `matches` whose books are
    judged; `short`: the numbers are short everywhere.
    """
    if matches.is_empty():
        return matches
    pair = ("owner", "owner_other")
    needed = matches_needed(chance)
    invoices = pl.struct(KEY).n_unique().over(pair)
    amounts = pl.col("total_fen").n_unique().over(pair)
    counter = pl.any_horizontal([pl.col(c).is_in(counted.implode()) for c in judged]) | pl.lit(short)
    enough = pl.when(counter).then(amounts >= max(needed, LEAST_AMOUNTS)).otherwise(invoices >= needed)
    return matches.filter(enough)


def matches_needed(chance: float, tolerated: float = TOLERATED) -> int:
    """The smallest m with Λᵐ/m! ≤ tolerated."""
    if chance <= tolerated:
        return 1
    # log(Λᵐ/m!) rises up to m = Λ and falls from there: the answer lies on the falling side.
    low, high = max(1, int(chance)), int(4 * chance) + 60
    while low < high:
        middle = (low + high) // 2
        if middle * log(chance) - lgamma(middle + 1) <= log(tolerated):
            high = middle
        else:
            low = middle + 1
    return low


def _length(left: pl.DataFrame, right: pl.DataFrame) -> float:
    lengths = pl.concat([left["digits"], right["digits"]]).str.len_chars()
    return lengths.quantile(0.9, interpolation="nearest") or 0.0


def short_numbers(left: pl.DataFrame, right: pl.DataFrame) -> bool:
    """Whether the numbers are counters by their length alone."""
    return _length(left, right) < LONG


def _coincidences(left: pl.DataFrame, right: pl.DataFrame, key: tuple[str, ...]) -> float:
    """Pairs of rows that agree in `key`, counted without making them."""
    a, b = left.group_by(key).len("n"), right.group_by(key).len("m")
    both = a.join(b, on=list(key))
    return float((both["n"].cast(pl.Float64) * both["m"].cast(pl.Float64)).sum())
