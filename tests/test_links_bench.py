"""Bench `links`: its split and data sources, and research's figures found again on chainkg."""

from pathlib import Path

import numpy as np
import pytest

from bench.links_data import CHAINKG, network
from bench.links_split import split
from gnn.pairs.negatives import keys


def test_edge_list_with_names(tmp_path):
    edges, nodes = tmp_path / "e.csv", tmp_path / "n.csv"
    edges.write_text("source,target\na,b\nb,c\na,b\nc,c\nd,a\n", "utf-8")
    nodes.write_text("id,name\na,Alpha Steel\nb,乙\nzz,nobody\n", "utf-8")
    net = network(None, edges, nodes)
    assert net.nodes == 4 and net.names == ["Alpha Steel", "乙", "", ""]
    assert net.edges.tolist() == [[0, 1], [1, 3], [2, 0]]
    assert network(None, edges, None).names is None


def test_split_shows_training_only_and_both_ends():
    random = np.random.default_rng(0)
    edges = np.unique(random.integers(0, 90, (400, 2)), axis=0).astype(np.int32)
    edges = edges[edges[:, 0] != edges[:, 1]]
    parts = split(90, edges, 1)
    shown = keys(90, np.column_stack([parts.graph.src, parts.graph.dst]))
    for hidden in (parts.valid, parts.test):
        assert len(hidden) and not np.isin(keys(90, hidden), shown).any()
        assert np.isin(hidden, parts.train).all()
    assert not np.isin(keys(90, parts.test), parts.open).any()
    assert parts.asked(0).shape == (len(parts.test), 101, 2)
    again = split(90, edges, 1)
    np.testing.assert_array_equal(parts.asked(0), again.asked(0))


@pytest.mark.data
@pytest.mark.slow
def test_rivals_reproduce_research_on_chainkg():
    if not Path(CHAINKG).exists():
        pytest.skip("the real data of ../shared/data are not here")
    pytest.importorskip("lightgbm")
    from bench.links_rival import FEATURES, fourteen, lightgbm_scores, text_of
    from gnn.pairs.negatives import ranks

    net = network(None, None, None)
    text, parts = text_of(net.names or []), split(net.nodes, net.edges, 0)
    asked = parts.asked(0).reshape(-1, 2)
    rows = fourteen(parts.graph, text, asked)

    def mrr(score):
        table = np.asarray(score).reshape(-1, 101)
        return (1 / ranks(table[:, 0], table[:, 1:])).mean()

    research = {"pa": 0.026, "cn": 0.020, "l3": 0.085, "katz3": 0.047, "text_cosine": 0.233}
    for name, figure in research.items():
        assert mrr(rows[:, FEATURES.index(name)]) == pytest.approx(figure, abs=0.012), name
    # One seed of three; the mean of three is to be within .01.
    assert mrr(lightgbm_scores(parts, text, asked, 0, hard=False)) == pytest.approx(0.249, abs=0.02)
