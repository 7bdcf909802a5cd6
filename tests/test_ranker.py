"""The ranker of hidden links: trees as LightGBM has them, no edge sees itself, a file and back."""

import numpy as np
import pytest

from gnn.pairs.features import names_of
from gnn.pairs.negatives import keys, of_edges
from gnn.pairs.ranker import load
from gnn.pairs.training import Settings, fit, held_examples, training_examples
from gnn.trees import from_arrays, from_lightgbm, joined

lightgbm = pytest.importorskip("lightgbm")


def _market(seed=0, firms=260, groups=6):
    """Firms of a group sell to firms of the next: who else supplies your customers tells who will."""
    random = np.random.default_rng(seed)
    group = random.integers(0, groups, firms)
    ends = random.integers(0, firms, (16000, 2))
    ends = ends[group[ends[:, 1]] == group[ends[:, 0]] + 1]
    return firms, random.permutation(np.unique(ends, axis=0)).astype(np.int32)[:1100]


@pytest.mark.parametrize("missing", [False, True])
def test_trees_score_as_lightgbm_does(missing):
    random = np.random.default_rng(1)
    rows = random.standard_normal((3000, 6)).astype(np.float32)
    rows[:, 2] = np.round(rows[:, 2])
    if missing:
        rows[random.random(rows.shape) < 0.1] = np.nan
    right = (np.nan_to_num(rows[:, 0]) * np.nan_to_num(rows[:, 2]) > 0.1).astype(float)
    asked = {"objective": "binary", "verbose": -1, "num_threads": 1}
    model = lightgbm.train(asked, lightgbm.Dataset(rows, right), 60)
    trees = from_lightgbm(model)
    rows[0] = np.nan  # never seen, where nothing was missing
    expected = model.predict(rows, raw_score=True)
    np.testing.assert_allclose(trees.score(rows), expected, atol=1e-6)
    again = from_arrays(trees.arrays())
    np.testing.assert_array_equal(again.score(rows), trees.score(rows))
    both = joined([trees.scaled(0.5), trees])
    np.testing.assert_allclose(both.score(rows), 1.5 * expected, atol=1e-6)


def test_a_model_of_single_leaves():
    rows = np.zeros((50, 2), np.float32)
    asked = {"objective": "binary", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 100}
    model = lightgbm.train(asked, lightgbm.Dataset(rows, np.arange(50) % 2), 3)
    np.testing.assert_allclose(
        from_lightgbm(model).score(rows), model.predict(rows, raw_score=True), atol=1e-9
    )


def test_no_example_sees_its_own_edge():
    firms, edges = _market()
    seen = []

    def counted(graph, pairs):
        true = pairs.reshape(-1, 41, 2)[:, 0]
        seen.append(np.isin(keys(firms, true), keys(firms, np.column_stack([graph.src, graph.dst]))).any())
        return np.zeros((len(pairs), 1), np.float32)

    examples = training_examples(firms, edges, keys(firms, edges), 0, counted)
    assert seen == [False] * 8 and examples.rows.shape == (examples.count * 41, 1)
    assert examples.right.sum() == examples.count
    with pytest.raises(ValueError, match="too few"):
        training_examples(firms, edges[:200], keys(firms, edges), 0, counted)


def test_it_learns_tells_a_probability_and_comes_back_from_its_file(tmp_path):
    firms, edges = _market()
    train, valid, test = edges[:900], edges[900:1000], edges[1000:]
    graph, known = of_edges(firms, train), keys(firms, edges[:1000])
    ranker = fit(graph, None, train, valid, known, Settings(trees=40, leaves=7))
    assert ranker.features == names_of(False) and not ranker.reads_text
    from gnn.pairs.features import pair_features

    asked = held_examples(graph, keys(firms, edges), test, 3, lambda g, p: pair_features(g, None, p))
    told = ranker.probability(asked.rows).reshape(-1, 101)
    assert (told[:, 0] > np.median(told[:, 1:], axis=1)).mean() > 0.7
    assert told.min() >= 0 and told.max() <= 1 and ranker.figures["calibration_error"] < 0.02
    score = ranker.score(asked.rows)
    order = np.argsort(score)
    assert (np.diff(ranker.probability(asked.rows)[order]) >= 0).all()
    ranker.save(tmp_path / "one.safetensors")
    again = load(tmp_path / "one.safetensors")
    np.testing.assert_array_equal(again.score(asked.rows), score)
    pairs = np.column_stack([test[:, 0], test[:, 1]])
    np.testing.assert_array_equal(again.rank(graph, None, pairs), ranker.rank(graph, None, pairs))
    second = fit(graph, None, train, valid, known, Settings(trees=40, leaves=7))
    second.save(tmp_path / "two.safetensors")
    assert (tmp_path / "one.safetensors").read_bytes() == (tmp_path / "two.safetensors").read_bytes()
