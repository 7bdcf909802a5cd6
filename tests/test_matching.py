"""Who is who by exact keys: what the books prove, and what they must not be taken to prove."""

import random
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.chance import matches_needed
from extraction.matching import match_books
from ledger.keys import weak_facts

DAY = date(2018, 6, 1)


def book(owner: str, side: str, rows: list[tuple[str, int, int, str]], weak: bool = True) -> pl.DataFrame:
    """A book: rows of (number, day offset, amount in fen, partner's code)."""
    frame = pl.DataFrame(
        {
            "owner": owner,
            "side": side,
            "number": [r[0] for r in rows],
            "happened_on": [DAY + timedelta(days=r[1]) for r in rows],
            "amount_fen": [r[2] for r in rows],
            "partner": [f"{owner}/{side}/{r[3]}" for r in rows],
        },
        schema_overrides={
            "amount_fen": pl.Int64,
            "number": pl.String,
            "partner": pl.String,
            "happened_on": pl.Date,
        },
    ).with_columns(
        tax_fen=pl.col("amount_fen") // 10,
        total_fen=pl.col("amount_fen") + pl.col("amount_fen") // 10,
        weak=pl.lit(weak),
    )
    own, partner = ("seller", "buyer") if side == "sale" else ("buyer", "seller")
    frame = frame.with_columns(pl.col("owner").alias(own), pl.col("partner").alias(partner)).drop("partner")
    columns = ("owner", "side", "weak", "number", "happened_on", "amount_fen", "tax_fen", "total_fen")
    return frame.with_columns(fact=weak_facts(pl.col("owner"), pl.col("side"))).select(
        *columns, "seller", "buyer", "fact"
    )


def ledger(*books: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(books)


def noise(owner: str, side: str, n: int = 60, salt: int = 0) -> pl.DataFrame:
    """Invoices that match nobody's."""
    seed = sum(map(ord, owner + side)) + salt
    rows = [(str(10_000_000 + seed * 7919 + i * 31), i % 20, 1000 + seed + i * 17, f"n{i}") for i in range(n)]
    return book(owner, side, rows)


def test_the_same_invoice_in_both_books_joins_the_codes() -> None:
    shared = [("12345678", 3, 500_000, "b1"), ("12345999", 9, 700_100, "b1")]
    mirrored = [("12345678", 3, 500_000, "s1"), ("012345999", 9, 700_100, "s1")]
    found = match_books(
        ledger(
            book("S", "sale", shared),
            book("B", "purchase", mirrored),
            noise("S", "sale"),
            noise("B", "purchase"),
        )
    )
    assert found.pairs.select("supplier", "buyer", "matches").rows() == [("S", "B", 2)]
    joined = {(a, b) for a, b in found.same_party.select("a", "b").iter_rows()}
    assert joined == {("S/sale/b1", "B"), ("B/purchase/s1", "S")}
    assert found.same_fact.height == 4
    assert found.same_fact["canonical"].n_unique() == 2


@pytest.mark.parametrize("change", ["number", "date", "amount"])
def test_rows_that_differ_in_anything_prove_nothing(change: str) -> None:
    mirrored = {
        "number": ("12345679", 3, 500_000, "s1"),
        "date": ("12345678", 4, 500_000, "s1"),
        "amount": ("12345678", 3, 500_001, "s1"),
    }[change]
    found = match_books(
        ledger(
            book("S", "sale", [("12345678", 3, 500_000, "b1")]),
            book("B", "purchase", [mirrored]),
            noise("S", "sale"),
            noise("B", "purchase"),
        )
    )
    assert found.pairs.is_empty()
    assert found.same_party.is_empty()


def test_two_books_with_the_same_invoices_are_one_firm() -> None:
    rows = [(str(20_000_000 + i), i % 9, 10_000 + i * 13, "x") for i in range(5)]
    found = match_books(
        ledger(book("A", "sale", rows), book("B", "sale", rows), noise("A", "sale"), noise("B", "sale"))
    )
    twins = found.same_party.filter(pl.col("reason") == "same_book_twice")
    assert twins.select("a", "b", "matches").rows() == [("A", "B", 5)]


def test_twin_books_tell_which_codes_mean_one_partner() -> None:
    rows = [(str(20_000_000 + i), i % 9, 10_000 + i * 13) for i in range(6)]
    books = [book(owner, "sale", [(*row, code) for row in rows]) for owner, code in (("A", "x"), ("B", "y"))]
    others = [
        book(o, "sale", [("29999999", 1, 77, "many"), (rows[0][0], 0, 10_000, "many")][:1]) for o in "AB"
    ]
    found = match_books(ledger(*books, *others, noise("A", "sale"), noise("B", "sale")))
    partners = found.same_party.filter(pl.col("reason") == "same_invoice_in_twin_books")
    assert ("A/sale/x", "B/sale/y") in set(partners.select("a", "b").iter_rows())


def test_a_code_for_others_in_a_twin_book_is_no_partner() -> None:
    shared = [(str(20_000_000 + i), i % 9, 10_000 + i * 13) for i in range(6)]
    left = book("A", "sale", [(*row, f"c{i}") for i, row in enumerate(shared)])
    right = book("B", "sale", [(*row, "others") for row in shared])
    found = match_books(ledger(left, right, noise("A", "sale"), noise("B", "sale")))
    assert set(found.same_party["reason"]) == {"same_book_twice"}


def test_books_that_repeat_numbers_and_amounts_prove_nothing() -> None:
    """Rows numbered 1, 2, 3 … and one price: they agree all the time."""
    rng = random.Random(1)
    books = [
        book(owner, side, [(str(rng.randrange(1, 60)), rng.randrange(5), 10_000, "c") for _ in range(200)])
        for owner, side in (("A", "sale"), ("B", "purchase"), ("C", "sale"))
    ]
    found = match_books(ledger(*books).unique(["owner", "fact"]))
    assert found.expected_by_chance["trade"] > 1
    assert found.pairs.is_empty()
    assert found.same_party.is_empty()


def test_two_firms_that_count_their_days_prove_nothing() -> None:
    """Number i on day i at one price in both books: a full match every day, and no evidence at all."""
    rows = [(str(i), i, 10_000, "c") for i in range(1, 200)]
    found = match_books(ledger(book("A", "sale", rows), book("B", "purchase", rows)))
    assert found.pairs.is_empty()


def test_a_code_of_many_firms_is_tied_to_none() -> None:
    """A tax bureau issues for S once and for others a hundred times: the invoice is S's, the code is not."""
    mixed = [("12345678", 3, 500_000, "bureau")] + [
        (str(30_000_000 + i), 3, 900 + i, "bureau") for i in range(100)
    ]
    found = match_books(
        ledger(
            book("S", "sale", [("12345678", 3, 500_000, "b1"), ("12345680", 15, 510_000, "b2")]),
            book("B", "purchase", mixed),
            noise("S", "sale"),
            noise("B", "purchase"),
        )
    )
    assert found.pairs.select("supplier", "buyer").rows() == [("S", "B")]
    assert ("B/purchase/bureau", "S") not in set(found.same_party.select("a", "b").iter_rows())
    assert found.ambiguous.select("a", "why").rows() == [("B/purchase/bureau", "mostly_unmatched")]


def test_a_code_claimed_by_two_firms_is_tied_to_neither() -> None:
    both = [("12345678", 3, 500_000, "c"), ("22345678", 4, 600_000, "c")]
    found = match_books(
        ledger(
            book("S", "sale", [("12345678", 3, 500_000, "b1")]),
            book("T", "sale", [("22345678", 4, 600_000, "b1")]),
            book("B", "purchase", both),
            *(noise(o, s) for o, s in (("S", "sale"), ("T", "sale"), ("B", "purchase"))),
        )
    )
    assert found.pairs.height == 2
    assert "B/purchase/c" not in found.same_party["a"].to_list()
    assert set(found.ambiguous["why"]) == {"claimed_by_several"}


def test_a_firm_that_sells_to_itself_proves_nothing() -> None:
    rows = [("12345678", 3, 500_000, "x")]
    found = match_books(
        ledger(
            book("A", "sale", rows), book("A", "purchase", rows), noise("A", "sale"), noise("A", "purchase")
        )
    )
    assert found.pairs.is_empty()
    assert found.same_party.is_empty()


def test_one_strong_key_proves_it_alone_and_joins_the_codes() -> None:
    rows = [("2" * 20, 3, 500_000, "x")]
    sold, bought = book("A", "sale", rows, weak=False), book("B", "purchase", rows, weak=False)
    fact = pl.lit("f" * 16).alias("fact")
    found = match_books(ledger(sold.with_columns(fact), bought.with_columns(fact)))
    assert found.pairs.select("supplier", "buyer").rows() == [("A", "B")]
    joined = set(found.same_party.select("a", "b").iter_rows())
    assert joined == {("A/sale/x", "B"), ("B/purchase/x", "A")}
    assert found.same_fact.is_empty()  # it is one fact already


def test_what_is_strong_and_proper_has_nothing_to_gain() -> None:
    rows = [("2" * 20, 3, 500_000, "x")]
    sold, bought = book("A", "sale", rows, weak=False), book("B", "purchase", rows, weak=False)
    proper = pl.Series("party", ["A", "B", "A/sale/x", "B/purchase/x"])
    assert match_books(ledger(sold, bought), proper).pairs.is_empty()


def test_strong_and_weak_rows_speak_for_the_same_code() -> None:
    rows = [(str(50_000_000 + i), i % 9, 9_000 + i * 7, "c") for i in range(8)]
    shared = pl.Series("fact", [f"{i:016x}" for i in range(7)])
    sold, bought = book("S", "sale", rows), book("B", "purchase", rows)
    strong = [b.head(7).with_columns(shared, weak=pl.lit(False)) for b in (sold, bought)]
    found = match_books(
        ledger(*strong, sold.tail(1), bought.tail(1), noise("S", "sale"), noise("B", "purchase"))
    )
    assert ("B/purchase/c", "S") in set(found.same_party.select("a", "b").iter_rows())
    assert found.ambiguous.is_empty()


def test_a_strong_fact_stands_for_the_invoice() -> None:
    rows = [("12345678", 3, 500_000, "c")]
    weak, strong = book("S", "sale", rows), book("B", "purchase", rows, weak=False)
    for fact in ("0" * 16, "f" * 16):
        named = strong.with_columns(fact=pl.lit(fact))
        found = match_books(ledger(weak, named, noise("S", "sale"), noise("B", "purchase")))
        assert set(found.same_fact["canonical"]) == {fact}


def counted(owner: str, side: str, n: int = 30, first: int = 100_001) -> pl.DataFrame:
    """A book that numbers its rows one after another and sells one thing at one price."""
    return book(owner, side, [(str(first + i), i, 10_000, f"c{i % 3}") for i in range(n)])


def test_counters_of_many_digits_prove_nothing_either() -> None:
    two = match_books(ledger(counted("S", "sale"), counted("B", "purchase")))
    assert two.pairs.is_empty()
    many = match_books(
        ledger(
            *(counted(f"S{i}", "sale") for i in range(6)), *(counted(f"B{i}", "purchase") for i in range(6))
        )
    )
    assert many.pairs.is_empty()
    assert many.same_party.is_empty()


def test_a_counter_hides_among_long_numbers_in_vain() -> None:
    honest = [noise(f"H{i}", side, 60, i) for i in range(5) for side in ("sale", "purchase")]
    found = match_books(ledger(counted("S", "sale"), counted("B", "purchase"), *honest))
    assert found.pairs.is_empty()


def test_more_chance_needs_more_matches() -> None:
    assert [matches_needed(x) for x in (0.0, 0.01, 0.05, 0.3, 1.0, 3.0)] == [1, 1, 1, 2, 4, 10]


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(8)), st.integers(0, 1000))
def test_names_and_order_of_rows_do_not_matter(order: list[int], seed: int) -> None:
    names = [f"F{i}" for i in order]
    books = []
    for i, name in enumerate(names):
        rows = [(str(40_000_000 + i * 100 + k), k, 5_000 + 37 * i + k, "c") for k in range(4)]
        books.append(book(name, "sale", rows))
        books.append(book(names[(i + 1) % 8], "purchase", rows))
    everything = ledger(*books, *(noise(n, s, 20) for n in names for s in ("sale", "purchase")))
    found = match_books(everything.sample(fraction=1.0, shuffle=True, seed=seed))
    assert set(found.pairs.select("supplier", "buyer").iter_rows()) == {
        (names[i], names[(i + 1) % 8]) for i in range(8)
    }
