"""Who is who by exact keys: the same invoice in two books makes two codes one enterprise.

A ledger's own code (`B00643`) means something only inside the book that uses it. But an invoice
has one seller and one buyer. So where one firm's sales book and another's purchase book hold the
same invoice, the first firm is its seller and the second its buyer; where two sales books (or two
purchase books) hold it, the two owners are one firm.

**The rule of evidence.** Two rows are the same invoice when number (leading zeros aside), date,
amount, tax and total all agree. A number that identifies an invoice by itself (20 digits, or code and
number) proves it alone; for the others, a pair of owners is joined when it shares so many that chance
is ruled out (`extraction.chance`): one suffices among real invoice numbers, where 0.02 accidental
matches are to be expected in half a million sales and as many purchases; counters prove nothing.

**Never through hubs.** A code inside a book joins an enterprise only when at least half of the
code's invoices, in the days both books cover, are among the matched ones, and no other enterprise
claims it too. A code that stands for a tax bureau issuing for many sellers, or for "others", shares
one invoice with this firm and a hundred with nobody: the invoice is tied, the code is not.
A firm's sale found in its own purchase book (farm-produce purchases, self-billing) ties nothing.
"""

from dataclasses import dataclass

import polars as pl

from extraction.chance import AMOUNTS, KEY, convincing, counters, digits, expected, identifying, short_numbers
from extraction.twins import MAJORITY, same_partners
from ledger.components import components

_PARTY_PAIRS = pl.Schema(
    {"a": pl.String, "b": pl.String, "reason": pl.String, "matches": pl.Int64, "covered": pl.Int64}
)
_OWNERS = ("owner", "owner_other")


@dataclass(frozen=True)
class Evidence:
    """What the books prove about each other.

    `same_party`: a, b (parties that are one firm), reason, matches, covered (invoices that could
    have matched). `pairs`: supplier, buyer (owners), matches, first, last, total_fen.
    `same_fact`: fact → canonical fact. `ambiguous`: codes left alone, and why.
    `expected_by_chance`: Λ, by the kind of comparison.
    """

    same_party: pl.DataFrame
    pairs: pl.DataFrame
    same_fact: pl.DataFrame
    ambiguous: pl.DataFrame
    expected_by_chance: dict[str, float]


@dataclass(frozen=True)
class _Compared:
    """Rows of two books that are one invoice, and how many accidental ones to expect (Λ)."""

    matches: pl.DataFrame
    chance: float


def match_books(attested: pl.DataFrame, proper: pl.Series | None = None) -> Evidence:
    """Compare every owner's books with every other's.

    `attested` has the columns of table `invoices` (one row an attestation); only rows of a book (owner
    and side known) take part. `proper`: parties known by a credit code or tax number. An invoice whose
    own key is strong and whose parties are proper has nothing to gain and is left out, unless a row
    that does bears its number.
    """
    books = _books(attested, proper if proper is not None else pl.Series("party", [], pl.String))
    sales, purchases = (identifying(books.filter(pl.col("side") == side)) for side in ("sale", "purchase"))
    by_sales, by_purchases, trade = _twins(sales), _twins(purchases), _trade(sales, purchases)
    owners = pl.concat([_same_owners(by_sales.matches, sales), _same_owners(by_purchases.matches, purchases)])
    partners = [
        same_partners(by_sales.matches, sales, "buyer"),
        same_partners(by_purchases.matches, purchases, "seller"),
    ]
    codes, ambiguous = _codes(trade.matches, sales, purchases, owners)
    every = pl.concat([c.matches.select(_FACTS) for c in (by_sales, by_purchases, trade)])
    return Evidence(
        same_party=pl.concat([owners, codes, *partners]).sort("a", "b", "reason"),
        pairs=_pairs(trade.matches),
        same_fact=_canonical(every),
        ambiguous=ambiguous,
        expected_by_chance={
            "sales": by_sales.chance,
            "purchases": by_purchases.chance,
            "trade": trade.chance,
        },
    )


_FACTS = ("fact", "weak", "fact_other", "weak_other")


def _books(attested: pl.DataFrame, proper: pl.Series) -> pl.DataFrame:
    """The rows of books that may prove something, each fact once a book."""
    known = proper.implode()
    open_ = pl.col("weak") | ~pl.col("seller").is_in(known) | ~pl.col("buyer").is_in(known).fill_null(True)
    rows = (
        attested.lazy()
        .filter(pl.col("owner").is_not_null() & pl.col("side").is_not_null())
        .select("fact", "weak", "owner", "side", "seller", "buyer", *AMOUNTS, digits(), open=open_)
    )
    wanted = rows.filter("open").select("digits").unique()
    return (
        rows.join(wanted, on="digits", how="semi")
        .drop("open")
        .sort("owner", "side", "fact", "seller", "buyer")
        .unique(["owner", "side", "fact"], keep="first", maintain_order=True)
        .collect()
    )


def _trade(sales: pl.DataFrame, purchases: pl.DataFrame) -> _Compared:
    """Sales of one owner that stand in another's purchase book, and are not chance."""
    matches = sales.join(purchases, on=KEY, suffix="_other").filter(pl.col("owner") != pl.col("owner_other"))
    return _judged(matches, sales, purchases, counters(purchases), ("owner_other",), 1.0)


def _twins(book: pl.DataFrame) -> _Compared:
    """Invoices that stand in the books of two owners on the same side: one firm under two codes."""
    matches = book.join(book, on=KEY, suffix="_other").filter(pl.col("owner") < pl.col("owner_other"))
    # Every pair of rows is met twice when a book is compared with itself.
    return _judged(matches, book, book, counters(book), _OWNERS, 0.5)


def _judged(
    matches: pl.DataFrame,
    left: pl.DataFrame,
    right: pl.DataFrame,
    counted: pl.Series,
    judged: tuple[str, ...],
    times: float,
) -> _Compared:
    """The matches that are no chance: one key that identifies an invoice by itself needs no more."""
    sure = pl.col("fact") == pl.col("fact_other")
    chance = times * expected(left, right)
    short = short_numbers(left, right)
    kept = convincing(matches.filter(~sure), chance, counted, short=short, judged=judged)
    return _Compared(pl.concat([matches.filter(sure), kept]), chance)


def _same_owners(matches: pl.DataFrame, book: pl.DataFrame) -> pl.DataFrame:
    """Owners that are one firm, for their books hold the same invoices."""
    size = book.group_by("owner").len("size")
    covered = pl.min_horizontal("size", "size_b")
    pairs = matches.group_by(a="owner", b="owner_other").agg(pl.len().alias("matches"))
    sized = pairs.join(size, left_on="a", right_on="owner")
    both = sized.join(size, left_on="b", right_on="owner", suffix="_b")
    return _party_pairs(
        both.with_columns(pl.lit("same_book_twice").alias("reason"), covered.alias("covered"))
    )


def _party_pairs(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(dtype) for name, dtype in _PARTY_PAIRS.items())


def _pairs(matches: pl.DataFrame) -> pl.DataFrame:
    return (
        matches.unique([*_OWNERS, *KEY])
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
    sold = _claims(matches, sales, purchases, party="buyer", code="buyer", book="owner", by="owner_other")
    bought = _claims(
        matches, purchases, sales, party="seller", code="seller_other", book="owner_other", by="owner"
    )
    group = components(twins["a"], twins["b"]).rename({"item": "b", "smallest": "group"})
    claims = (
        pl.concat([sold, bought])
        .filter(pl.col("a") != pl.col("b"))  # a proper code, or the owner's own, needs no joining
        .join(group, on="b", how="left")
        .with_columns(pl.col("group").fill_null(pl.col("b")))
    )
    rivals = pl.col("group").n_unique().over("a") > 1
    verdict = claims.with_columns(
        pl.when(rivals)
        .then(pl.lit("claimed_by_several"))
        .when(pl.col("matches") < MAJORITY * pl.col("covered"))
        .then(pl.lit("mostly_unmatched"))
        .alias("why")
    )
    reason = pl.lit("same_invoice_in_both_books").alias("reason")
    good = _party_pairs(verdict.filter(pl.col("why").is_null()).with_columns(reason))
    left = verdict.filter(pl.col("why").is_not_null()).select("a", "b", "why", "matches", "covered")
    return good, left.sort("a", "b")


def _claims(
    matches: pl.DataFrame,
    rows: pl.DataFrame,
    other: pl.DataFrame,
    *,
    party: str,
    code: str,
    book: str,
    by: str,
) -> pl.DataFrame:
    """Per (code, claiming owner): matched invoices, and those in the days both books cover.

    `rows`: the books in which the codes of column `party` stand; `other`: the claiming owners' books.
    """
    counted = (
        matches.filter(pl.col(code).is_not_null())
        .unique([book, by, code, *KEY])
        .group_by(a=code, owner=book, b=by)
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


def _canonical(matches: pl.DataFrame) -> pl.DataFrame:
    """fact → the fact that stands for the invoice: the strong one where there is one, else the smallest.

    A weak row that fits two invoices with strong keys of their own joins neither to the other.
    """
    pairs = matches.filter(pl.col("fact") != pl.col("fact_other"))
    turned = pairs.select(fact="fact_other", weak="weak_other", fact_other="fact", weak_other="weak")
    both = pl.concat([pairs, turned])
    torn = (
        both.filter(pl.col("weak") & ~pl.col("weak_other"))
        .group_by("fact")
        .agg(pl.col("fact_other").n_unique())
    )
    torn_facts = torn.filter(pl.col("fact_other") > 1)["fact"].implode()
    sound = both.filter(~pl.col("fact").is_in(torn_facts) & ~pl.col("fact_other").is_in(torn_facts))
    strength = sound.select("fact", "weak").unique("fact", keep="any")
    joined = components(sound["fact"], sound["fact_other"]).rename({"item": "fact", "smallest": "group"})
    ranked = joined.join(strength, on="fact").sort("group", "weak", "fact")
    return ranked.select("fact", pl.col("fact").first().over("group").alias("canonical")).sort("fact")
