"""From parties to enterprises, and from attestations to invoices and edges."""

from datetime import UTC, date, datetime

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.edges import build_edges, month_names
from graph.enterprises import resolve
from graph.invoices import coverage, own_books, settle, supplies
from ledger.records import TABLES, conform

JUDGED = pl.DataFrame(schema=TABLES["judgements"])
NOBODY_KEEPS = pl.Series("owner", [], pl.String)
SAME = {"a": pl.String, "b": pl.String, "reason": pl.String, "matches": pl.Int64, "covered": pl.Int64}


def parties(*rows: tuple[str, str, str, str | None]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["party", "scheme", "code", "name"], orient="row")
    return conform("parties", frame.cast(pl.String))


def same(*pairs: tuple[str, str]) -> pl.DataFrame:
    rows = [(a, b, "same_invoice_in_both_books", 3, 4) for a, b in pairs]
    return pl.DataFrame(rows, schema=SAME, orient="row")


def judgement(kind: str, a: str, b: str) -> pl.DataFrame:
    row = {"judgement": f"{kind}{a}{b}", "kind": kind, "subject": a, "object": b, "by": "", "why": ""}
    return pl.DataFrame([{**row, "at": datetime(2025, 1, 1, tzinfo=UTC)}], schema=TABLES["judgements"])


THREE = parties(("p3", "scoped", "B1", None), ("p2", "scoped", "C1", None), ("p9", "uscc", "91", "尼龙公司"))


def test_an_enterprise_is_named_by_its_best_code() -> None:
    found = resolve(THREE, same(("p2", "p3"), ("p3", "p9")), JUDGED, NOBODY_KEEPS)
    assert set(found.enterprise_of["enterprise"]) == {"p9"}
    reasons = dict(found.members.select("party", "reason").rows())
    assert reasons == {"p9": None, "p2": "same_invoice_in_both_books", "p3": "same_invoice_in_both_books"}


def test_without_a_proper_code_the_smaller_id_names_it() -> None:
    found = resolve(THREE, same(("p2", "p3")), JUDGED, NOBODY_KEEPS)
    assert dict(found.enterprise_of.rows()) == {"p2": "p2", "p3": "p2", "p9": "p9"}


def test_who_keeps_books_names_the_enterprise() -> None:
    found = resolve(THREE, same(("p2", "p3")), JUDGED, pl.Series("owner", ["p3"]))
    assert dict(found.enterprise_of.rows()) == {"p2": "p3", "p3": "p3", "p9": "p9"}


def test_a_person_wins_over_the_rule() -> None:
    apart = resolve(THREE, same(("p2", "p3")), judgement("different", "p3", "p2"), NOBODY_KEEPS)
    assert apart.enterprise_of["enterprise"].n_unique() == 3
    joined = resolve(THREE, same(), judgement("same", "p3", "p9"), NOBODY_KEEPS)
    assert dict(joined.enterprise_of.rows())["p3"] == "p9"


def test_a_person_wins_over_the_rule_also_across_a_third() -> None:
    """p3–p2 and p2–p9 by rule, but p3 and p9 are not one: the weaker pair gives way."""
    pairs = same(("p2", "p3"), ("p2", "p9")).with_columns(matches=pl.Series([9, 1]))
    found = dict(resolve(THREE, pairs, judgement("different", "p9", "p3"), NOBODY_KEEPS).enterprise_of.rows())
    assert found == {"p2": "p2", "p3": "p2", "p9": "p9"}


def test_the_commonest_statement_counts() -> None:
    said = parties(
        ("p", "uscc", "91", "甲公司"), ("p", "uscc", "91", "乙公司"), ("p", "uscc", "91", "甲公司")
    )
    assert resolve(said, same(), JUDGED, NOBODY_KEEPS).parties["name"].to_list() == ["甲公司"]


def attested(*rows: tuple[str, str, str | None, str | None, str | None, int, str]) -> pl.DataFrame:
    """Rows of (fact, seller, buyer, owner, side, amount, status), one reading each."""
    columns = ["fact", "seller", "buyer", "owner", "side", "amount_fen", "status"]
    frame = pl.DataFrame(
        rows, schema=columns, orient="row", schema_overrides={"owner": pl.String, "side": pl.String}
    )
    frame = frame.with_row_index("reading").with_columns(
        row=pl.lit(1),
        kind=pl.lit("digital_special"),
        happened_on=pl.lit(date(2025, 3, 31)),
        total_fen=pl.col("amount_fen") * 113 // 100,
        currency=pl.lit("CNY"),
    )
    return conform("invoices", frame)


def documents(n: int) -> pl.DataFrame:
    return pl.DataFrame(
        {"reading": range(n), "sha256": [f"{i:064x}" for i in range(n)]},
        schema_overrides={"reading": pl.Int64},
    )


NOBODY = pl.DataFrame(schema={"fact": pl.String, "canonical": pl.String})
FIRMS = pl.DataFrame({"party": ["s", "b", "s1", "b1"], "enterprise": ["S", "B", "S1", "B1"]})


def test_one_invoice_in_both_books_is_one_with_both_attestations() -> None:
    rows = attested(
        ("f1", "s", "b", "b", "purchase", 100, "normal"), ("f1", "s", "b", "s", "sale", 100, "normal")
    )
    settled = settle(rows, documents(2), NOBODY, FIRMS)
    assert settled.select("fact", "seller", "buyer", "attested").rows() == [("f1", "S", "B", "both")]


def test_weak_facts_joined_by_evidence_take_their_parties_from_their_owners() -> None:
    rows = attested(
        ("f1", "s", "b1", "s", "sale", 100, "normal"), ("f2", "s1", "b", "b", "purchase", 100, "normal")
    )
    joined = pl.DataFrame({"fact": ["f1", "f2"], "canonical": ["f1", "f1"]})
    settled = settle(rows, documents(2), joined, FIRMS)
    assert settled.select("fact", "seller", "buyer").rows() == [("f1", "S", "B")]


def test_void_wins() -> None:
    rows = attested(
        ("f1", "s", "b", "s", "sale", 100, "normal"), ("f1", "s", "b", "b", "purchase", 100, "void")
    )
    settled = settle(rows, documents(2), NOBODY, FIRMS)
    assert settled["status"].to_list() == ["void"]
    assert settled.filter(supplies()).is_empty()


def test_red_wins_with_its_own_amount() -> None:
    rows = attested(
        ("f1", "s", "b", "s", "sale", 100, "normal"), ("f1", "s", "b", "b", "purchase", -100, "red")
    )
    assert settle(rows, documents(2), NOBODY, FIRMS).select("status", "amount_fen").rows() == [("red", -100)]


def test_the_sellers_book_states_the_amount() -> None:
    rows = attested(
        ("f1", "s", "b", "b", "purchase", 200, "normal"),
        ("f1", "s", "b", None, None, 300, "normal"),
        ("f1", "s", "b", "s", "sale", 100, "normal"),
    )
    assert settle(rows, documents(3), NOBODY, FIRMS)["amount_fen"].to_list() == [100]


def test_what_is_no_supply_makes_no_edge() -> None:
    rows = attested(
        ("toll", "s", "b", None, None, 100, "normal"),
        ("usd", "s", "b", None, None, 100, "normal"),
        ("self", "s", "s", None, None, 100, "normal"),
        ("nobody", "s", None, None, None, 100, "normal"),
        ("good", "s", "b", None, None, 100, "normal"),
    ).with_columns(
        kind=pl.when(pl.col("fact") == "toll").then(pl.lit("toll")).otherwise("kind"),
        currency=pl.when(pl.col("fact") == "usd").then(pl.lit("USD")).otherwise("currency"),
    )
    settled = settle(rows, documents(5), NOBODY, FIRMS)
    assert settled.filter(supplies())["fact"].to_list() == ["good"]


INDEX = pl.DataFrame({"enterprise": ["B", "S"], "i": [0, 1]}, schema_overrides={"i": pl.Int32})


def invoices(*rows: tuple[str, date, int, str]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["fact", "happened_on", "amount_fen", "status"], orient="row")
    return frame.with_columns(seller=pl.lit("S"), buyer=pl.lit("B"), attested=pl.lit("seller"))


def test_edges_keep_gross_red_and_net_and_their_evidence() -> None:
    made = build_edges(
        invoices(
            ("f1", date(2024, 12, 31), 1000, "normal"),
            ("f2", date(2025, 2, 1), 500, "normal"),
            ("f3", date(2025, 2, 2), -300, "red"),
        ),
        INDEX,
    )
    assert made.edges.select("src", "dst", "gross_fen", "red_fen", "amount_fen", "count").rows() == [
        (1, 0, 1500, -300, 1200, 2)
    ]
    assert made.months == ["2024-12", "2025-01", "2025-02"]
    assert made.flow.select("month", "amount_fen", "count").rows() == [(0, 1000, 1), (2, 200, 2)]
    assert made.evidence["fact"].to_list() == ["f1", "f2", "f3"]


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(12)))
def test_the_order_of_invoices_does_not_matter(order: list[int]) -> None:
    rows = [(f"f{i}", date(2025, 1 + i % 5, 3), 100 * i, "normal") for i in range(12)]
    plain, shuffled = (build_edges(invoices(*r), INDEX) for r in (rows, [rows[i] for i in order]))
    assert plain.edges.equals(shuffled.edges)
    assert plain.flow.equals(shuffled.flow)
    assert plain.evidence.equals(shuffled.evidence)


def test_own_books_per_side() -> None:
    rows = attested(
        ("f1", "s", "b", "s", "sale", 100, "normal"), ("f2", "s", "b", "b", "purchase", 1, "normal")
    )
    books = own_books(rows, FIRMS)
    assert books.select("enterprise", "own_sales_until", "own_purchases_until").rows() == [
        ("B", None, date(2025, 3, 31)),
        ("S", date(2025, 3, 31), None),
    ]


def test_months_run_over_new_year() -> None:
    assert month_names(date(2024, 11, 30), date(2025, 1, 1)) == ["2024-11", "2024-12", "2025-01"]


def test_coverage_counts_invoices_by_side_and_month() -> None:
    rows = attested(
        ("f1", "s", "b", "s", "sale", 100, "normal"),
        ("f2", "s", "b", "s", "sale", 100, "void"),
        ("f3", "s", "b", "b", "purchase", 1, "normal"),
        ("f4", "s", "b", None, None, 1, "normal"),
    )
    counted = ("enterprise", "side", "month", "invoices", "void", "red")
    assert coverage(rows, FIRMS).select(counted).rows() == [
        ("B", "purchase", "2025-03", 1, 0, 0),
        ("S", "sale", "2025-03", 2, 1, 0),
    ]
