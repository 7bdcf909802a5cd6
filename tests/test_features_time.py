"""Point in time: what happened or became known after the day changes no feature, whoever it concerns."""

from datetime import date, timedelta
from functools import cache

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.snapshot import write_snapshot
from services.features import CATALOGUE, backfill, features
from services.features.door import Door
from tests.feature_world import GOODS, Sold, World, day_in, end_of, id_of, tables

#: The last month that counts, and the months of which later facts speak.
LAST, LATER = 19, 27
DAY = end_of(LAST)
LETTERS = "BDFHJ"


def base() -> World:
    """Ore to metal to parts to cars, some books, some payments, a group, contracts."""
    sold = []
    for month in range(LAST + 1):
        sold += [
            Sold("B", "D", month, 100_000_00 + 7 * month, "ORE"),
            Sold("D", "F", month, 200_000_00 - 3 * month, "METAL"),
            Sold("F", "Z", month, 300_000_00 + 11 * month, "PART"),
            Sold("Z", None, month, 900_000_00 + month, "CAR"),
        ]
        if month % 3 == 0:
            sold += [
                Sold("H", "F", month, 50_000_00 + month, "METAL"),
                Sold("J", "B", month, 10_000_00, "SODA"),
            ]
    sold += [Sold("D", "F", 9, -20_000_00, "METAL", "red"), Sold("D", "F", 10, 5_000_00, "METAL", "void")]
    return World(
        sold=sold,
        own=frozenset(f"{f}:{s}" for f in "BDFZ" for s in ("sale", "purchase")),
        paid=[("D", "F", m, day_in(m) + timedelta(days=20 + m), 100_000_00) for m in range(LAST)],
        ties=[
            ("OWNS", "person-1", "B", date(2015, 1, 1), date(2015, 1, 1), None),
            ("OWNS", "person-1", "D", date(2016, 1, 1), date(2016, 1, 1), None),
            ("GUARANTEES", "B", "D", date(2024, 2, 1), date(2024, 2, 1), None),
        ],
        stated=[("B", "size", "small", date(2024, 1, 1), None), ("D", "size", "micro", None, None)],
        signed=[("D", "F", date(2025, 5, 1), date(2026, 5, 1), 700_000_00)],
        statements=frozenset("D"),
    )


firms = st.sampled_from(LETTERS + "ACEGZ")
later_months = st.integers(LAST + 1, LATER)


@st.composite
def later_facts(draw: st.DrawFn) -> dict[str, list[object]]:
    """Facts of after the day, also about firms that nobody knew."""
    sold = draw(
        st.lists(
            st.builds(
                Sold,
                firms,
                st.one_of(st.none(), firms),
                later_months,
                st.integers(-50_000_00, 900_000_00),
                st.sampled_from(GOODS),
                st.sampled_from(["normal", "red", "void"]),
            ),
            min_size=1,
            max_size=12,
        )
    )
    sold = [one for one in sold if one.seller != one.buyer]
    days = st.integers(1, 200).map(lambda n: DAY + timedelta(days=n))
    paid = draw(
        st.lists(st.tuples(firms, firms, st.integers(0, LAST), days, st.integers(1, 9_000_00)), max_size=4)
    )
    tie = st.tuples(
        st.sampled_from(["OWNS", "GUARANTEES", "CONTROLS"]), firms, firms,
        st.one_of(days, st.just(date(2020, 1, 1))), days, st.none(),
    )  # fmt: skip
    stated = st.tuples(firms, st.just("size"), st.sampled_from(["large", "medium"]), days, st.none())
    signed = st.tuples(firms, firms, days, st.none(), st.integers(1, 9_000_00))
    return {
        "sold": [Sold("Z", None, LATER, 1_00, "CAR"), *sold],
        "paid": [row for row in paid if row[0] != row[1]],
        "ties": [row for row in draw(st.lists(tie, max_size=4)) if row[1] != row[2]],
        "stated": draw(st.lists(stated, max_size=3)),
        "signed": [row for row in draw(st.lists(signed, max_size=3)) if row[0] != row[1]],
    }


def told(world: World, day: date = DAY) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Values and reasons of the firms of the base, by letter."""
    rows = [world.row(letter) for letter in base().firms]
    found = features(tables(world), rows, day)
    return found.frame.drop("enterprise"), found.missing.drop("enterprise")


@cache
def told_of_base() -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is told of the base without anything later."""
    return told(base())


@pytest.mark.slow
@given(later_facts())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_later_changes_a_feature(facts):
    unchanged(facts)


def test_nothing_of_one_later_year_changes_a_feature():
    day = DAY + timedelta(days=9)
    unchanged(
        {
            "sold": [
                Sold("A", "F", LATER, 70_000_00, "METAL"),
                Sold("D", "F", LAST + 1, 5_00, "METAL", "red"),
            ],
            "paid": [("D", "F", 3, day, 5_000_00)],
            "ties": [
                ("OWNS", "B", "F", date(2020, 1, 1), day, None),
                ("GUARANTEES", "D", "B", day, day, None),
            ],
            "stated": [("B", "size", "large", day, None)],
            "signed": [("D", "F", day, None, 3_000_00)],
        }
    )


def unchanged(facts: dict[str, list[object]]) -> None:
    before, after = told_of_base(), told(base().plus(**facts))
    for was, now in zip(before, after, strict=True):
        assert was.columns == now.columns == list(CATALOGUE)
        for name in was.columns:
            assert was[name].to_list() == now[name].to_list(), name


def test_the_world_says_something_of_most_features():
    """Or the property above would hold of nothing."""
    values, _ = told(base())
    silent = {name for name in values.columns if values[name].null_count() == values.height}
    assert silent <= {
        *("days_to_pay_change", "log_employees", "general_taxpayer", "is_individual_business"),
        *("industry_code", "region_code", "segment_momentum", "segment_breadth"),
    }


def test_what_happened_before_the_day_does_change_them():
    more = base().plus(sold=[Sold("H", "F", LAST, 400_000_00, "METAL")])
    before, after = told(base())[0], told(more)[0]
    at = base().firms.index("F")
    assert before["suppliers"][at] == after["suppliers"][at]
    assert before["top1_supplier"][at] != after["top1_supplier"][at]


def test_an_unfinished_month_does_not_count():
    middle = day_in(LAST, 20)
    assert told(base(), middle)[0].equals(
        told(World(**{**vars(base()), "sold": [o for o in base().sold if o.month < LAST]}), middle)[0]
    )


def test_a_firm_that_comes_later_has_no_graph_before(tmp_path):
    world = base().plus(sold=[Sold("A", "B", LATER, 10_000_00, "ORE")])
    found = features(tables(world), world.row("A"), DAY)
    assert found.reason(world.row("A"), "log_sales") == "no_graph"
    assert found.reason(world.row("A"), "seen_customers") == "no_graph"


def test_the_same_snapshot_gives_the_same_bytes(tmp_path):
    snapshot = write_snapshot(tmp_path, tables(base()))
    made = [Door(snapshot, DAY).features().frame.serialize() for _ in range(2)]
    assert made[0] == made[1]


def test_a_backfill_is_what_was_told_on_each_day():
    source = tables(base())
    days = [end_of(11), DAY]
    rows = [base().row("D"), base().row("F")]
    filled = backfill(source, rows, days, ["log_sales", "customers", "chain"])
    assert filled["as_of"].to_list() == [days[0]] * 2 + [days[1]] * 2
    for day in days:
        one = features(source, rows, day, ["log_sales", "customers", "chain"]).frame
        assert filled.filter(pl.col("as_of") == day).drop("as_of").equals(one)


def test_lineage_names_no_later_link():
    world = base().plus(
        sold=[Sold("D", "A", LATER, 10_000_00, "METAL"), Sold("D", "F", LATER, 1_00, "METAL")]
    )
    found = features(tables(world), None, DAY)
    rests = found.lineage(world.row("D"), "log_sales")
    assert rests.links["buyer"].to_list() == [world.row("F")]
    assert rests.links["last"].to_list() == [f"{DAY:%Y-%m}"]
    assert max(rests.months) == f"{DAY:%Y-%m}"


@pytest.mark.parametrize("letter", ["B", "D", "F", "Z"])
def test_ids_of_the_world_keep_their_rows(letter):
    assert tables(base()).enterprises["id"][base().row(letter)] == id_of(letter)
