"""Who is who by exact keys: the same invoice in two books makes two codes one enterprise.

A ledger's own code (`B00643`) means something only inside the book that uses it. But an invoice
has one seller and one buyer. So where one firm's sales book and another's purchase book hold the
same invoice, the first firm is its seller and the second its buyer; where two sales books (or two
purchase books) hold it, the two owners are one firm.

**The rule of evidence.** Two rows are the same invoice when number (leading zeros aside), date,
amount, tax and total all agree. How often would that happen by chance? Let q be the share of
(row, row) pairs of the two kinds of books that carry the same number though date or amounts differ:
the measured chance of a number repeating. Let C be the number of pairs that agree in date and all
three amounts though the numbers differ. Then Λ = q·C accidental matches are to be expected in the
whole ledger. A pair of owners is joined when it shares m invoices and Λᵐ/m! ≤ 0.05: even if all the
chance there is fell on this one pair, m matches would still be unlikely (Poisson tail). Books with
real invoice numbers give Λ ≈ 0.01 and one invoice suffices; books that number their rows 1, 2, 3 or
repeat the same few amounts give a large Λ and need many. q is never taken below 10⁻ᴸ, L being the
digits the numbers have. Where they are short (L < 6), a number is no evidence beside a date, for two
firms that count from 1 agree all year: then full matches are not left out of q and C, and m counts
different amounts instead of invoices.

**Never through hubs.** A code inside a book joins an enterprise only when at least half of the
code's invoices, in the months both books cover, are among the matched ones, and no other enterprise
claims it too. A code that stands for a tax bureau issuing for many sellers, or for "others", shares
one invoice with this firm and a hundred with nobody: the invoice is tied, the code is not.
A firm's sale found in its own purchase book (farm-produce purchases, self-billing) ties nothing.
"""

from dataclasses import dataclass
from math import lgamma, log

import polars as pl

from extraction.twins import MAJORITY, same_partners
from ledger.components import components

#: Accidental joins tolerated in a whole ledger (Λᵐ/m! must not exceed it).
TOLERATED = 0.05

#: Numbers of fewer digits than this are counters, not invoice numbers.
LONG = 6

_AMOUNTS = ("happened_on", "amount_fen", "tax_fen", "total_fen")
_KEY = ("digits", *_AMOUNTS)
_PARTY_PAIRS = pl.Schema(
    {"a": pl.String, "b": pl.String, "reason": pl.String, "matches": pl.Int64, "covered": pl.Int64}
)


@dataclass(frozen=True)
class Evidence:
    """What the books prove about each other.

    `same_party`: a, b (parties that are one firm), reason, matches, covered (invoices that could
    have matched). `pairs`: supplier, buyer (owners), matches, first, last, amount_fen.
    `same_fact`: fact → canonical fact. `ambiguous`: codes left alone, and why.
    `expected_by_chance`: Λ, by the kind of comparison.
    """

    same_party: pl.DataFrame
    pairs: pl.DataFrame
    same_fact: pl.DataFrame
    ambiguous: pl.DataFrame
    expected_by_chance: dict[str, float]


def match_books(attested: pl.DataFrame) -> Evidence:
    """Compare every owner's books with every other's.

    `attested` has the columns of table `invoices` (one row an attestation). Only rows of a book
    (owner and side known) take part, and only where at least one of the two rows has a weak key:
    strong keys identify an invoice by themselves.
    """
    books = (
        attested.lazy()
        .filter(pl.col("owner").is_not_null() & pl.col("side").is_not_null())
        .filter(pl.col("weak").any())  # nothing to do where every key is strong
        .select("fact", "weak", "owner", "side", "seller", "buyer", *_AMOUNTS, digits=_digits())
        .sort("owner", "side", "fact", "seller", "buyer")
        .unique(["owner", "side", "fact"], keep="first", maintain_order=True)
        .collect()
    )
    sales, purchases = (books.filter(pl.col("side") == side) for side in ("sale", "purchase"))
    twins = [_twins(sales), _twins(purchases)]
    trade = _trade(sales, purchases)
    owners_merged = pl.concat([t.owners for t in twins])
    partners = [
        same_partners(twins[0].matches, sales, "buyer"),
        same_partners(twins[1].matches, purchases, "seller"),
    ]
    codes, ambiguous = _codes(trade.matches, sales, purchases, owners_merged)
    matches = pl.concat([t.matches.select("fact", "fact_other") for t in (*twins, trade)])
    return Evidence(
        same_party=pl.concat([owners_merged, codes, *partners]).sort("a", "b", "reason"),
        pairs=_pairs(trade.matches),
        same_fact=_canonical(matches),
        ambiguous=ambiguous,
        expected_by_chance={
            "sales": twins[0].chance,
            "purchases": twins[1].chance,
            "trade": trade.chance,
        },
    )


@dataclass(frozen=True)
class _Compared:
    matches: pl.DataFrame
    chance: float
    owners: pl.DataFrame


def _digits() -> pl.Expr:
    return pl.col("number").str.strip_chars_start("0").alias("digits")


def _trade(sales: pl.DataFrame, purchases: pl.DataFrame) -> _Compared:
    """Sales of one owner that stand in another's purchase book, and are not chance."""
    matches = sales.join(purchases, on=_KEY, suffix="_other").filter(
        (pl.col("owner") != pl.col("owner_other")) & (pl.col("weak") | pl.col("weak_other"))
    )
    chance, by = _chance(sales, purchases)
    return _Compared(_convincing(matches, chance, by), chance, pl.DataFrame(schema=_PARTY_PAIRS))


def _twins(book: pl.DataFrame) -> _Compared:
    """Owners whose books on the same side hold the same invoices: one firm under two codes."""
    matches = book.join(book, on=_KEY, suffix="_other").filter(
        (pl.col("owner") < pl.col("owner_other")) & (pl.col("weak") | pl.col("weak_other"))
    )
    # Each pair of rows is met twice, and each row meets itself; both cancel against full matches.
    chance, by = _chance(book, book)
    chance /= 2
    kept = _convincing(matches, chance, by)
    size = book.group_by("owner").len("size")
    owners = (
        kept.group_by(a="owner", b="owner_other")
        .agg(pl.len().cast(pl.Int64).alias("matches"))
        .join(size, left_on="a", right_on="owner")
        .join(size, left_on="b", right_on="owner", suffix="_b")
        .select(
            "a",
            "b",
            pl.lit("same_book_twice").alias("reason"),
            "matches",
            pl.min_horizontal("size", "size_b").cast(pl.Int64).alias("covered"),
        )
    )
    return _Compared(kept, chance, owners.cast(dict(_PARTY_PAIRS)))  # type: ignore[arg-type]


def _coincidences(left: pl.DataFrame, right: pl.DataFrame, key: tuple[str, ...]) -> float:
    """Pairs of rows that agree in `key`, counted without making them."""
    a, b = left.group_by(key).len("n"), right.group_by(key).len("m")
    both = a.join(b, on=list(key))
    return float((both["n"].cast(pl.Float64) * both["m"].cast(pl.Float64)).sum())


def _chance(left: pl.DataFrame, right: pl.DataFrame) -> tuple[float, tuple[str, ...]]:
    """Λ, the accidental full matches to be expected, and what tells matches apart when counted."""
    lengths = pl.concat([left["digits"], right["digits"]]).str.len_chars()
    digits = lengths.quantile(0.9, interpolation="nearest") or 0
    same_all = _coincidences(left, right, _KEY)
    known = same_all if digits >= LONG else 0.0
    pairs = max(1.0, float(left.height) * float(right.height))
    q = max((_coincidences(left, right, ("digits",)) - known) / pairs, 10.0**-digits)
    chance = q * (_coincidences(left, right, _AMOUNTS) - known)
    return max(0.0, chance), (_KEY if digits >= LONG else ("total_fen",))


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


def _convincing(matches: pl.DataFrame, chance: float, by: tuple[str, ...]) -> pl.DataFrame:
    """Only the matches of owner pairs that share enough invoices, told apart `by` these columns."""
    enough = pl.struct(by).n_unique().over("owner", "owner_other") >= matches_needed(chance)
    return matches.filter(enough) if not matches.is_empty() else matches


def _pairs(matches: pl.DataFrame) -> pl.DataFrame:
    return (
        matches.unique(["owner", "owner_other", *_KEY])
        .group_by(supplier="owner", buyer="owner_other")
        .agg(
            pl.len().cast(pl.Int64).alias("matches"),
            pl.col("happened_on").min().alias("first"),
            pl.col("happened_on").max().alias("last"),
            pl.col("total_fen").sum(),
        )
        .sort("matches", "supplier", "buyer", descending=[True, False, False])
    )


def _codes(
    matches: pl.DataFrame, sales: pl.DataFrame, purchases: pl.DataFrame, twins: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Codes inside a book that stand for the owner of another book; and those left alone."""
    found = pl.concat(
        [
            _claims(
                matches, code="buyer", book="owner", claimed_by="owner_other", rows=sales, other=purchases
            ),
            _claims(
                matches,
                code="seller_other",
                book="owner_other",
                claimed_by="owner",
                rows=purchases,
                other=sales,
            ),
        ]
    )
    group = _groups(twins)
    claims = found.join(group, left_on="b", right_on="party", how="left").with_columns(
        pl.col("group").fill_null(pl.col("b"))
    )
    # A code already proper (a tax number, or the owner's own) needs no joining.
    claims = claims.filter(pl.col("a") != pl.col("b"))
    rivals = pl.col("group").n_unique().over("a") > 1
    share = pl.col("matches") / pl.col("covered")
    verdict = claims.with_columns(
        pl.when(rivals)
        .then(pl.lit("claimed_by_several"))
        .when(share < MAJORITY)
        .then(pl.lit("mostly_unmatched"))
        .alias("why")
    )
    good = verdict.filter(pl.col("why").is_null()).select(
        "a", "b", pl.lit("same_invoice_in_both_books").alias("reason"), "matches", "covered"
    )
    left = verdict.filter(pl.col("why").is_not_null()).select("a", "b", "why", "matches", "covered")
    return good.cast(dict(_PARTY_PAIRS)), left.sort("a", "b")  # type: ignore[arg-type]


def _claims(
    matches: pl.DataFrame, *, code: str, book: str, claimed_by: str, rows: pl.DataFrame, other: pl.DataFrame
) -> pl.DataFrame:
    """Per (code, claiming owner): matched invoices, and those within the days both books cover."""
    party = "buyer" if code == "buyer" else "seller"
    counted = (
        matches.filter(pl.col(code).is_not_null())
        .unique([book, claimed_by, code, *_KEY])
        .group_by(a=code, owner=book, b=claimed_by)
        .agg(pl.len().cast(pl.Int64).alias("matches"))
    )
    days = other.group_by(b="owner").agg(
        pl.col("happened_on").min().alias("from"), pl.col("happened_on").max().alias("to")
    )
    covered = (
        rows.rename({party: "a"})
        .join(counted.select("a", "owner", "b"), on=["a", "owner"])
        .join(days, on="b")
        .filter(pl.col("happened_on").is_between("from", "to"))
        .group_by("a", "owner", "b")
        .agg(pl.len().cast(pl.Int64).alias("covered"))
    )
    return counted.join(covered, on=["a", "owner", "b"]).select("a", "b", "matches", "covered")


def _groups(pairs: pl.DataFrame) -> pl.DataFrame:
    """party → the smallest party it is joined with."""
    return components(pairs["a"], pairs["b"]).rename({"item": "party", "smallest": "group"})


def _canonical(matches: pl.DataFrame) -> pl.DataFrame:
    return components(matches["fact"], matches["fact_other"]).rename(
        {"item": "fact", "smallest": "canonical"}
    )
