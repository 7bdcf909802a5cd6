"""Candidates for links that nobody reported, what their columns say, and the lesson that weighs them."""

import numpy as np
import polars as pl
import pytest

from gnn.links.candidates import by_goods, by_paths, candidates, closed
from gnn.links.lesson import average_precision, evaluate, examples, lesson
from gnn.links.model import from_arrays, inferred_links
from gnn.links.trade import NAMES, common_product, features_of
from gnn.positions.plain import what_is_plain
from gnn.registry.folder import load, register
from gnn.view import view_of
from seeds.chains import load_chains
from tests.learned_world import chain, economy, world

TOY = chain(ore="metal", metal="part", part="car")
FIRMS = dict.fromkeys("abc", "ore") | dict.fromkeys("de", "metal") | {"x": "part", "z": "car"}
LINKS = [("a", "d"), ("b", "d"), ("b", "e"), ("c", "e"), ("d", "x"), ("e", "x"), ("x", "z")]


def toy(links=LINKS):
    view = view_of(world(FIRMS, links))
    return view, what_is_plain(view, [TOY])


def named(pairs) -> set[str]:
    names = sorted(FIRMS)
    return {names[a] + names[b] for a, b in pairs.tolist()}


def nobody(view):
    return np.zeros(view.firms, np.bool_)


def test_who_shares_a_customer_with_a_rival_may_supply_the_rivals_customers():
    view, plain = toy()
    assert named(by_paths(view, plain, nobody(view), nobody(view))) >= {"ae", "cd"}
    found = named(candidates(view, plain, nobody(view), nobody(view)).pairs)
    assert {"ae", "cd"} <= found
    known = {a + b for a, b in LINKS}
    assert not found & known and not found & {b + a for a, b in LINKS}
    assert all(a != b for a, b in found)


def test_who_buys_the_same_goods_elsewhere_is_a_candidate():
    view, plain = toy([("a", "d"), ("c", "e"), ("d", "x")])
    assert named(by_goods(view, plain, nobody(view), nobody(view))) >= {"ae", "cd"}
    pair = np.array([[0, 4]], np.int32)
    assert view.products["item"][int(common_product(view, plain, pair)[0])] == "ORE"


def test_nobody_is_a_candidate_whose_own_books_would_show_it():
    view, plain = toy()
    months = [f"2025-0{m}" for m in (1, 2, 3)]
    rows = {"enterprise": [0, 0], "side": ["sale"] * 2, "month": ["2025-01", "2025-03"], "invoices": [1, 1]}
    books = pl.DataFrame(rows)  # in February it sold nothing
    sellers = closed(books, view.firms, months, "sale")
    assert sellers.tolist() == [True] + [False] * 6
    found = named(candidates(view, plain, sellers, nobody(view)).pairs)
    assert found and not any(pair.startswith("a") for pair in found)
    partial = books.head(1)
    assert not closed(partial, view.firms, months, "sale").any()


def test_columns_say_what_their_names_say():
    view, plain = toy()
    rows = features_of(view, plain, plain.own, np.array([[0, 4], [0, 6]], np.int32))  # a → e, a → z
    ore_to_metal, ore_to_car = (dict(zip(NAMES, row.tolist(), strict=True)) for row in rows)
    assert (ore_to_metal["feeds"], ore_to_car["feeds"]) == (1, 0)
    assert ore_to_metal["segments_deal"] > ore_to_car["segments_deal"]
    assert (ore_to_metal["bought"], ore_to_car["bought"]) == (1, 0)
    assert ore_to_metal["rivals"] == pytest.approx(np.log1p(2))


def test_average_precision_by_hand():
    told = np.array([0.9, 0.8, 0.7, 0.6])
    assert average_precision(told, np.array([True, False, True, False])) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(told, np.zeros(4, bool)) == 0


@pytest.mark.slow
def test_hidden_links_are_the_true_ones_and_are_not_in_the_graph_that_counts_them():
    tables, _, _ = economy()
    asked = examples(view_of(tables), load_chains(), 5)
    assert 0 < asked.true.sum() < asked.hidden
    shared = asked.rows[:, NAMES.index("l3_root")]
    assert shared[asked.true].mean() > 1.5 * shared[~asked.true].mean()


@pytest.mark.slow
def test_a_lesson_beats_its_rivals_and_its_model_comes_back(tmp_path):
    tables, _, _ = economy(4_000, 2)
    view, chains = view_of(tables), load_chains()
    trained = lesson(view, chains, "0" * 16, True)
    assert trained.metrics["average_precision"] > trained.ablations["l3"]["average_precision"]
    assert trained.metrics["average_precision"] > trained.ablations["degree"]["average_precision"]
    found = load(tmp_path, "links", register(tmp_path, "links", trained))
    plain = what_is_plain(view, chains)
    model = from_arrays(found.weights)
    assert evaluate(view, chains, model)["average_precision"] > 0
    links = inferred_links(view, plain, plain.own, tables.coverage, model)
    known = set(zip(view.graph.src.tolist(), view.graph.dst.tolist(), strict=True))
    assert not known & set(links.select("src", "dst").iter_rows())
    assert lesson(view, chains, "0" * 16, True).weights.keys() == trained.weights.keys()
