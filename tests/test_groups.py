"""Groups by control, circles of guarantees and suspicions: who is in, who is not, and by which tie."""

from datetime import date
from itertools import pairwise

import networkx as nx
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnn.groups.contacts import CONTACTS
from gnn.groups.find import find_groups
from gnn.groups.policy import policy_on
from graph.group_tables import GROUP_TABLES
from ledger.ids import stable_id
from ledger.words import label
from tests.graphs import tables
from tests.group_views import AS_OF, IDS, members, tie, ties_of, undated, view

NO_BOOKS = pl.DataFrame(schema={"enterprise": pl.Int32, "side": pl.String, "month": pl.String})


def found(*ties, **more):
    return find_groups(view(*ties), NO_BOOKS, **more)


def test_control_runs_along_majorities_and_stops_at_a_half():
    groups = found(
        tie("OWNS", "p", 0, 0.6), tie("OWNS", 0, 1, 0.51), tie("OWNS", 1, 2, 0.7),
        tie("OWNS", 0, 3, 0.5), tie("OWNS", 1, 4, 0.3),
    )  # fmt: skip
    assert members(groups, "control") == {frozenset({0, 1, 2})}
    row = groups["groups"].filter(pl.col("kind") == "control").row(0, named=True)
    assert (row["head"], row["controller"], row["controller_label"]) == (0, "person-p", "p*")
    assert row["id"] == stable_id("group", "control", *sorted(IDS[i] for i in (0, 1, 2)))
    assert ties_of(groups, "control") == {
        (0, "OWNS", "person-p"), (1, "OWNS", IDS[0]), (2, "OWNS", IDS[1]),
    }  # fmt: skip


def test_holdings_along_several_paths_add_up_and_each_part_is_told():
    groups = found(
        tie("OWNS", "p", 0, 0.8), tie("OWNS", "p", 1, 0.9),
        tie("OWNS", 0, 5, 0.26), tie("OWNS", 1, 5, 0.15), tie("OWNS", "p", 5, 0.1),
        tie("OWNS", 0, 6, 0.25), tie("OWNS", 1, 6, 0.25),
    )  # fmt: skip
    assert members(groups, "control") == {frozenset({0, 1, 5})}  # exactly a half is none
    rows = groups["group_members"].filter(pl.col("enterprise") == 5)
    assert sorted(rows.select("tie", "share").rows()) == [
        ("OWNS", 0.1), ("OWNS", 0.15), ("OWNS", 0.26), ("SUMS", pytest.approx(0.51)),
    ]  # fmt: skip


def test_one_declared_controller_makes_a_group_and_a_representative_only_a_suspicion():
    groups = found(
        tie("CONTROLS", "p", 0), tie("CONTROLS", "p", 1), tie("LEGAL_REP_OF", "p", 0),
        tie("LEGAL_REP_OF", "q", 2), tie("LEGAL_REP_OF", "q", 3), tie("LEGAL_REP_OF", "r", 4),
    )  # fmt: skip
    assert members(groups, "control") == {frozenset({0, 1})}
    assert members(groups, "suspected") == {frozenset({2, 3})}
    assert ties_of(groups, "suspected") == {(2, "LEGAL_REP_OF", "person-q"), (3, "LEGAL_REP_OF", "person-q")}


def test_who_leads_one_firm_and_controls_another_is_suspected():
    groups = found(tie("LEGAL_REP_OF", "p", 0), tie("OWNS", "p", 1, 0.9), tie("OWNS", "p", 2, 0.2))
    assert members(groups, "suspected") == {frozenset({0, 1})}


def test_two_controllers_share_no_more_than_what_both_control():
    groups = found(
        tie("CONTROLS", "p", 0), tie("CONTROLS", "p", 1), tie("CONTROLS", "q", 1), tie("CONTROLS", "q", 2)
    )
    assert members(groups, "control") == {frozenset({0, 1}), frozenset({1, 2})}


def test_a_branch_goes_with_its_head_office_and_alone_makes_no_group_by_control():
    alone = found(tie("BRANCH_OF", 1, 0), tie("SUCCEEDS", 3, 2))
    assert members(alone, "control") == set()
    assert members(alone, "one_entity") == {frozenset({0, 1}), frozenset({2, 3})}
    assert (1, "BRANCH_OF", IDS[0]) in ties_of(alone, "one_entity")
    assert (2, "SUCCEEDS", IDS[3]) in ties_of(alone, "one_entity")
    inside = found(tie("BRANCH_OF", 1, 0), tie("OWNS", 5, 0, 0.9))
    assert members(inside, "control") == {frozenset({0, 1, 5})}


def test_the_state_binds_nobody():
    firms = view().enterprises
    firms = firms.with_columns(
        name=pl.when(pl.col("id") == IDS[0]).then(pl.lit("某市国有资产监督管理委员会")).otherwise("name")
    )
    given = tables(40).enterprises.with_columns(name=firms["name"])
    ties = (tie("OWNS", 0, 1, 1.0), tie("OWNS", 0, 2, 1.0), tie("OWNS", 2, 3, 1.0))
    groups = find_groups(view(*ties, enterprises=given), NO_BOOKS)
    assert members(groups, "control") == {frozenset({2, 3})}


def test_only_ties_of_the_day_count():
    over, later = {"until": date(2025, 3, 30)}, {"first": date(2025, 4, 1)}
    unknown = {"first": date(2025, 1, 1), "known_on": date(2025, 4, 1)}
    groups = found(
        tie("OWNS", 0, 1, 0.9, **over), tie("OWNS", 0, 2, 0.9, **later), tie("OWNS", 0, 3, 0.9, **unknown),
        tie("OWNS", 0, 4, 0.9, until=AS_OF),
        tie("GUARANTEES", 5, 6), tie("GUARANTEES", 6, 5, **over),
    )  # fmt: skip
    assert members(groups, "control") == {frozenset({0, 4})}
    assert members(groups, "guarantee_circle") == set()


def test_the_share_last_stated_counts_once():
    old, new = {"first": date(2020, 1, 1)}, {"first": date(2024, 1, 1)}
    groups = found(
        tie("OWNS", 0, 1, 0.4, **new), tie("OWNS", 0, 1, 0.6, **old),
        tie("OWNS", 2, 3, 0.6, **new), tie("OWNS", 2, 3, 0.4, **old),
    )  # fmt: skip
    assert members(groups, "control") == {frozenset({2, 3})}


def ring(*firms):
    return [tie("GUARANTEES", a, b, amount_fen=100) for a, b in pairwise([*firms, firms[0]])]


def test_circles_have_their_names_and_chains_are_none():
    joint = [tie("GUARANTEES", a, b) for a in (20, 21, 22) for b in (20, 21, 22) if a != b]
    groups = found(
        *ring(0, 1), *ring(2, 3, 4), *joint,
        tie("GUARANTEES", 30, 31), tie("GUARANTEES", 31, 32), tie("GUARANTEES", "p", 30),
    )  # fmt: skip
    shapes = groups["groups"].select("form", "size", "cycles", "complete", "amount_fen").rows()
    assert sorted(shapes) == [
        ("joint", 3, 5, True, 0), ("mutual", 2, 1, True, 200), ("ring", 3, 1, True, 300),
    ]  # fmt: skip
    assert {(2, "GUARANTEES", IDS[3]), (4, "GUARANTEES", IDS[2])} <= ties_of(groups, "guarantee_circle")


def test_rings_that_touch_are_one_circle_with_its_rings_beside_it():
    groups = found(*ring(0, 1, 2), *ring(2, 3, 4))
    assert members(groups, "guarantee_circle") == {frozenset(range(5))}
    assert members(groups, "guarantee_cycle") == {frozenset({0, 1, 2}), frozenset({2, 3, 4})}
    assert groups["groups"].filter(pl.col("kind") == "guarantee_circle")["form"].to_list() == ["web"]


def test_a_circle_too_large_is_told_as_one_and_says_so():
    every = [tie("GUARANTEES", a, b) for a in range(30) for b in ((a + 1) % 30, (a + 2) % 30)]
    groups = found(*every)["groups"]
    assert groups.select("kind", "size", "cycles", "complete").rows() == [
        ("guarantee_circle", 30, None, False)
    ]


def contact(firm: int, what: str, value: str, first=None):
    return {"enterprise": firm, "what": what, "value": value, "first": first, "source": "5" * 64}


def test_what_few_share_is_a_suspicion_and_what_many_share_is_none():
    park = [contact(i, "address", "park") for i in range(10, 20)]
    rows = [
        contact(0, "telephone", "a"), contact(1, "telephone", "a"), contact(0, "address", "b"),
        contact(1, "address", "b"), contact(2, "account", "c"), contact(3, "account", "c"),
        contact(4, "telephone", "d"), contact(5, "telephone", "d", date(2025, 4, 2)), *park,
    ]  # fmt: skip
    groups = found(contacts=pl.DataFrame(rows, schema=CONTACTS))
    assert members(groups, "suspected") == {frozenset({0, 1}), frozenset({2, 3})}
    forms = groups["groups"].filter(pl.col("kind") == "suspected")["form"].to_list()
    assert sorted(forms, key=str) == [None, "account"], "two things in common have no single name"
    assert (0, "SHARES_TELEPHONE", None) in ties_of(groups, "suspected")
    assert (0, "SHARES_ADDRESS", None) in ties_of(groups, "suspected")


def test_what_a_registry_says_is_shared_counts_up_to_a_limit():
    star = [tie("SHARES", 10, i) for i in range(11, 30)]
    groups = found(tie("SHARES", 0, 1), tie("SHARES", 1, 2), *star)
    assert members(groups, "suspected") == {frozenset({0, 1, 2})}


def test_firms_of_one_controller_are_no_suspicion_of_their_own():
    rows = pl.DataFrame([contact(i, "telephone", "a") for i in (0, 1)], schema=CONTACTS)
    assert members(found(tie("OWNS", 0, 1, 0.9), contacts=rows), "suspected") == set()


#: (holder, firm) → share in twentieths; holders 6 and 7 are persons.
holdings = st.dictionaries(
    st.tuples(st.integers(0, 7), st.integers(0, 5)).filter(lambda pair: pair[0] != pair[1]),
    st.integers(1, 20),
    max_size=14,
)


def by_hand(owned):
    """The firms of every controller nobody controls, by adding up until nothing more falls to it."""
    reach = {}
    for start in range(8):
        inside = {start}
        while True:
            more = {
                firm for firm in set(range(6)) - inside
                if sum(part for (who, of), part in owned.items() if of == firm and who in inside) > 10
            }  # fmt: skip
            if not more:
                break
            inside |= more
        reach[start] = inside
    tops = [k for k in reach if all(j in reach[k] for j in reach if k in reach[j])]
    groups = {frozenset(x for x in reach[k] if x < 6) for k in tops}
    return {one for one in groups if len(one) > 1}


@settings(deadline=None, max_examples=15)
@given(st.lists(holdings, min_size=6, max_size=6))
def test_control_is_what_adding_up_by_hand_gives(six):
    ties, expected = [], set()
    for block, owned in enumerate(six):  # six small worlds that do not touch
        for (who, of), n in owned.items():
            holder = 6 * block + who if who < 6 else f"{'pq'[who - 6]}{block}"
            ties.append(tie("OWNS", holder, 6 * block + of, n / 20))
        expected |= {frozenset(6 * block + firm for firm in one) for one in by_hand(owned)}
    assert members(find_groups(undated(*ties), NO_BOOKS), "control") == expected


guarantees = st.sets(
    st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda pair: pair[0] != pair[1]), max_size=14
)


@settings(deadline=None, max_examples=15)
@given(st.lists(guarantees, min_size=5, max_size=5))
def test_circles_are_the_strong_parts_and_cycles_the_simple_ones(five):
    pairs = sorted((7 * block + a, 7 * block + b) for block, each in enumerate(five) for a, b in each)
    groups = find_groups(undated(*[tie("GUARANTEES", a, b) for a, b in pairs]), NO_BOOKS)
    graph = nx.DiGraph(pairs)
    strong = {frozenset(part) for part in nx.strongly_connected_components(graph) if len(part) > 1}
    assert members(groups, "guarantee_circle") == strong
    webs = groups["groups"].filter((pl.col("form") == "web") & pl.col("complete"))["id"]
    rows = groups["group_members"].filter(pl.col("group").is_in(webs.implode()))
    told = {frozenset(c) for c in nx.simple_cycles(graph) if c[0] in rows["enterprise"].to_list()}
    assert members(groups, "guarantee_cycle") == told


@settings(deadline=None, max_examples=5)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_papers_changes_nothing(random):
    ties = [
        tie("OWNS", "p", 0, 0.8), tie("OWNS", "p", 1, 0.9), tie("OWNS", 0, 5, 0.3), tie("OWNS", 1, 5, 0.3),
        tie("CONTROLS", "q", 5), tie("CONTROLS", "q", 6), *ring(0, 1, 2), *ring(2, 3, 4),
        tie("LEGAL_REP_OF", "r", 7), tie("LEGAL_REP_OF", "r", 8), tie("BRANCH_OF", 9, 8),
    ]  # fmt: skip
    mixed = list(ties)
    random.shuffle(mixed)
    one, other = (find_groups(undated(*each), NO_BOOKS) for each in (ties, mixed))
    for table in GROUP_TABLES:
        assert one[table].equals(other[table]), table


def test_every_word_of_groups_ties_and_forms_is_in_the_file():
    for name in ("control", "one_entity", "guarantee_circle", "guarantee_cycle", "dependent", "suspected"):
        assert label(f"group_{name}", "zh") != label(f"group_{name}", "en")
    for form in (
        "mutual",
        "joint",
        "ring",
        "web",
        "telephone",
        "address",
        "account",
        "registry",
        "legal_rep",
    ):
        assert label(f"form_{form}", "zh")
    for name in ("HEAD", "SUMS", "OWNS", "CONTROLS", "BRANCH_OF", "SUCCEEDS", "GUARANTEES", "LEGAL_REP_OF"):
        assert label(f"tie_{name}", "zh")


def test_the_policy_of_a_day_is_the_one_in_force():
    assert policy_on(date(2026, 1, 1)).control_above == 0.5
    assert policy_on(date(1990, 1, 1)) == policy_on(date(2026, 1, 1)), (
        "before its first day a rule still counts"
    )


def test_an_empty_graph_has_no_groups():
    groups = found()
    for table, schema in GROUP_TABLES.items():
        assert groups[table].schema == schema, table
    assert groups["groups"].is_empty()
