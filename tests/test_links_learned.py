"""Candidates for links that nobody reported, what their columns say, and the lesson that weighs them."""

import numpy as np
import polars as pl
import pytest

from gnn.embeddings.embedding import embed
from gnn.links.candidates import WAYS, candidates, closed
from gnn.links.goods import by_goods, by_needs, by_words
from gnn.links.lesson import average_precision, evaluate, examples, lesson
from gnn.links.model import from_arrays, inferred_links
from gnn.links.trade import NAMES, common_product, features_of
from gnn.links.walks import by_paths
from gnn.links.witnesses import speaking_against, speaking_for
from gnn.positions.plain import what_is_plain
from gnn.production.knowledge import made_of
from gnn.registry.folder import load, register
from gnn.view import view_of
from graph.snapshot import write_snapshot
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
    assert named(by_paths(view, plain, nobody(view), nobody(view), 20)) >= {"ae", "cd"}
    found = named(candidates(view, plain, made_of(view, plain), nobody(view), nobody(view)).pairs)
    assert {"ae", "cd"} <= found
    known = {a + b for a, b in LINKS}
    assert not found & known and not found & {b + a for a, b in LINKS}
    assert all(a != b for a, b in found)


def test_who_buys_the_same_goods_elsewhere_is_a_candidate():
    view, plain = toy([("a", "d"), ("c", "e"), ("d", "x")])
    assert named(by_goods(view, plain, nobody(view), nobody(view), 20).select("src", "dst").to_numpy()) >= {
        "ae",
        "cd",
    }
    pair = np.array([[0, 4]], np.int32)
    assert view.products["item"][int(common_product(view, plain, pair)[0])] == "ORE"


def test_who_makes_goods_of_what_nobody_is_seen_to_sell_it_is_a_candidate():
    view, plain = toy([("a", "d"), ("d", "x"), ("e", "x"), ("b", "z"), ("c", "z")])
    recipe = {"segment": ["metal"], "input_segment": ["ore"], "product": [None], "input_product": [None]}
    made = pl.DataFrame(recipe | {"score": [0.8]})
    found = by_needs(view, plain, made, nobody(view), nobody(view), 20)
    assert named(found.select("src", "dst").to_numpy()) == {"ae", "be", "ce"}  # d has its ore from a
    assert set(view.products["item"].gather(found["product"])) == {"ORE"}
    every = candidates(view, plain, made, nobody(view), nobody(view))
    assert WAYS[every.way[every.pairs.tolist().index([0, 4])]] == "needs"
    assert by_needs(view, plain, made.clear(), nobody(view), nobody(view), 20).is_empty()


def test_goods_of_a_like_name_make_a_candidate_and_other_goods_do_not():
    firms = {"a": "copper busbar", "b": "copper busbars 10mm", "c": "frozen shrimp", "d": "part", "e": "part"}
    view = view_of(world(firms, [("b", "d"), ("c", "e"), ("d", "e"), ("a", "e")]))
    plain = what_is_plain(view, [TOY])
    found = by_words(view, plain, nobody(view), nobody(view), 20)
    names = sorted(firms)
    assert {names[u] + names[v] for u, v in found.select("src", "dst").iter_rows()} == {"ad", "be"}


def test_paths_speak_against_a_link_as_well(tmp_path):
    links = [("a", "d"), ("b", "d"), ("b", "e"), ("c", "d"), ("e", "x"), ("x", "a")]
    snapshot = write_snapshot(tmp_path, world(FIRMS, links))
    names = sorted(FIRMS)
    assert [(names[m], names[r]) for m, r in speaking_for(snapshot, 0, 4)] == [("d", "b")]  # a → e
    told = {one.kind: one for one in speaking_against(snapshot, 0, 4, 2)}
    assert [names[f] for f in told["reverse"].firms] == ["e", "x", "a"]
    assert [names[f] for f in told["elsewhere"].firms] == ["c", "d"]
    assert (told["elsewhere"].count, told["elsewhere"].of) == (1, 2)
    assert [names[f] for f in told["served"].firms] == ["b", "e"]
    assert not speaking_against(snapshot, names.index("z"), 0, None)


def test_nobody_is_a_candidate_whose_own_books_would_show_it():
    view, plain = toy()
    months = [f"2025-0{m}" for m in (1, 2, 3)]
    rows = {"enterprise": [0, 0], "side": ["sale"] * 2, "month": ["2025-01", "2025-03"], "invoices": [1, 1]}
    books = pl.DataFrame(rows)  # in February it sold nothing
    sellers = closed(books, view.firms, months, "sale")
    assert sellers.tolist() == [True] + [False] * 6
    found = named(candidates(view, plain, made_of(view, plain), sellers, nobody(view)).pairs)
    assert found and not any(pair.startswith("a") for pair in found)
    partial = books.head(1)
    assert not closed(partial, view.firms, months, "sale").any()


def test_columns_say_what_their_names_say():
    view, plain = toy()
    rows = features_of(
        view, plain, plain.own, embed(view), np.array([[0, 4], [0, 6]], np.int32)
    )  # a → e, a → z
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
    links = inferred_links(view, plain, plain.own, embed(view), made_of(view, plain), tables.coverage, model)
    known = set(zip(view.graph.src.tolist(), view.graph.dst.tolist(), strict=True))
    assert not known & set(links.select("src", "dst").iter_rows())
    assert lesson(view, chains, "0" * 16, True).weights.keys() == trained.weights.keys()
