"""Pair features: counted again by hand on small graphs, blind to names' order, with a sentence for each."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnn.pairs.features import FEATURES, names_of, pair_features
from gnn.pairs.negatives import false_pairs, keys, of_edges, ranks
from gnn.text import gram_matrix, grams, text_vectors
from ledger.words import labels

NODES = 9


@st.composite
def networks(draw):
    pairs = st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)).filter(lambda p: p[0] != p[1])
    edges = draw(st.lists(pairs, min_size=1, max_size=25, unique=True))
    return np.array(edges, np.int32)


def _all_pairs():
    return np.array([(u, v) for u in range(NODES) for v in range(NODES) if u != v], np.int32)


def _column(table, name, text=False):
    return table[:, names_of(text).index(name)]


@settings(max_examples=25, deadline=None)
@given(networks())
def test_paths_are_those_of_matrix_products(edges):
    a = np.zeros((NODES, NODES))
    a[edges[:, 0], edges[:, 1]] = 1
    pairs = _all_pairs()
    table = pair_features(of_edges(NODES, edges), None, pairs)
    sold, bought = np.maximum(a.sum(1), 1), np.maximum(a.sum(0), 1)
    # A firm alike is another firm: the walk does not come back to where it began.
    alike = a @ a.T
    np.fill_diagonal(alike, 0)
    half = a @ np.diag(bought**-0.5) @ a.T
    np.fill_diagonal(half, 0)
    expected = {
        "shared_customers": alike,
        "l3": alike @ a,
        "l3_root": half @ np.diag(sold**-0.5) @ a,
        "two_ahead": a @ a,
        "reverse": a.T,
        "shared_suppliers": a.T @ a,
    }
    step = np.diag(sold**-0.5) @ a @ np.diag(bought**-0.5)
    expected["l5_root"] = step @ step.T @ step @ step.T @ step
    for name, matrix in expected.items():
        np.testing.assert_allclose(
            _column(table, name), matrix[pairs[:, 0], pairs[:, 1]], rtol=1e-5, atol=1e-6, err_msg=name
        )


@settings(max_examples=15, deadline=None)
@given(networks(), st.randoms(use_true_random=False))
def test_order_of_pairs_does_not_matter(edges, random):
    pairs = np.concatenate([_all_pairs(), _all_pairs()[:7]])
    order = list(range(len(pairs)))
    random.shuffle(order)
    graph = of_edges(NODES, edges)
    np.testing.assert_array_equal(
        pair_features(graph, None, pairs)[order], pair_features(graph, None, pairs[order])
    )


def test_most_alike_rival_is_the_cosine_of_customers():
    # 0 sells to 2, 3; 1 sells to 2, 3, 4: alike 2/√(2·3). 0 → 4 is asked.
    graph = of_edges(5, np.array([(0, 2), (0, 3), (1, 2), (1, 3), (1, 4)], np.int32))
    table = pair_features(graph, None, np.array([(0, 4)], np.int32))
    assert _column(table, "rival_most_alike")[0] == pytest.approx(2 / 6**0.5)
    assert _column(table, "rivals_alike_mean")[0] == pytest.approx(2 / 6**0.5)
    assert _column(table, "customer_most_alike")[0] == pytest.approx(1 / 2**0.5)


def test_names_of_traders_speak_for_a_firm_without_links():
    names = [
        "黄瓜",
        "番茄",
        "黄瓜沙拉",
        "番茄沙拉",
        "冬瓜汤",
        "Denso Thailand Co",
        "Denso Korea Co",
        "Toyota Motor",
    ]
    graph = of_edges(8, np.array([(0, 2), (5, 7)], np.int32))
    text = text_vectors(names, dense=4)
    table = pair_features(graph, text, np.array([(1, 3), (1, 4), (6, 7), (6, 2)], np.int32))
    assert _column(table, "source_in_target", True)[0] == pytest.approx(1)
    assert _column(table, "run_of_target", True)[0] == pytest.approx(0.5)
    supplies = _column(table, "name_most_supplies", True)
    assert supplies[2] > 0.3 > supplies[3]
    assert np.isfinite(table).all()


def test_an_empty_graph_and_no_pairs_are_no_trouble():
    graph = of_edges(3, np.empty((0, 2), np.int32))
    assert np.isfinite(
        pair_features(graph, text_vectors(["", "甲", "b"]), np.array([(0, 1)], np.int32))
    ).all()
    assert pair_features(graph, None, np.empty((0, 2), np.int32)).shape == (0, len(names_of(False)))
    with pytest.raises(ValueError, match="names"):
        pair_features(graph, text_vectors(["甲"]), np.array([(0, 1)], np.int32))


def test_every_feature_has_a_sentence():
    assert {f"hidden_link_{name}" for name in FEATURES} == {
        key for key in labels() if key.startswith("hidden_link_")
    }


def test_grams_of_both_scripts():
    assert grams("钢板") == ["钢", "板", "钢板"]
    assert "steel=" in grams("Steel AG") and "tee" in grams("ＳＴＥＥＬ")
    rows = gram_matrix(["钢板厂", "", "Steel"])
    np.testing.assert_allclose(np.asarray(rows.multiply(rows).sum(axis=1)).ravel(), [1, 0, 1], rtol=1e-5)


def test_false_pairs_are_false_play_their_part_and_repeat():
    random = np.random.default_rng(0)
    edges = np.unique(random.integers(0, 60, (300, 2)), axis=0).astype(np.int32)
    edges = edges[edges[:, 0] != edges[:, 1]]
    shown, hidden = edges[::2], edges[1::2]
    graph, known = of_edges(60, shown), keys(60, edges)
    found = false_pairs(graph, known, hidden, 5, 3)
    assert found.shape == (len(hidden), 12, 2)
    np.testing.assert_array_equal(found, false_pairs(graph, known, hidden, 5, 3))
    assert (found != false_pairs(graph, known, hidden, 6, 3)).any()
    assert (found[:, :6, 0] == hidden[:, None, 0]).all() and (found[:, 6:, 1] == hidden[:, None, 1]).all()
    assert not np.isin(keys(60, found.reshape(-1, 2)), known).any()
    assert np.isin(found[:, :6, 1], shown[:, 1]).all() and np.isin(found[:, 6:, 0], shown[:, 0]).all()


def test_ties_count_half():
    assert ranks(np.array([1.0]), np.array([[2.0, 1.0, 1.0, 0.0]])).tolist() == [3.0]
