"""Shortest ways along the goods, compared with networkx on random graphs that have a hub in them."""

from datetime import date

import networkx as nx
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.views import shortest
from api.views.shortest import LONGEST, shortest_links, widest
from graph.snapshot import SnapshotTables, write_snapshot

FIRMS = 25
HUB = 0
firms = st.integers(1, FIRMS - 1)
trades = st.dictionaries(
    st.tuples(st.integers(0, FIRMS - 1), st.integers(0, FIRMS - 1)).filter(lambda pair: pair[0] != pair[1]),
    st.integers(1, 9),
    max_size=60,
)


def snapshot_of(folder, trade):
    ids = [f"{i:016x}" for i in range(FIRMS)]
    firms = pl.DataFrame({"id": ids, "hub": [i == HUB for i in range(FIRMS)]})
    schema = {"src": pl.Int32, "dst": pl.Int32, "amount_fen": pl.Int64}
    edges = pl.DataFrame([(*pair, amount) for pair, amount in sorted(trade.items())], schema, orient="row")
    return write_snapshot(folder, SnapshotTables(date(2025, 1, 1), [], True, enterprises=firms, edges=edges))


def graph_of(trade):
    graph = nx.DiGraph()
    graph.add_nodes_from(range(FIRMS))
    graph.add_weighted_edges_from((a, b, amount) for (a, b), amount in trade.items())
    graph.remove_node(HUB)
    return graph


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    trade=trades,
    start=st.integers(1, FIRMS - 1),
    goals=st.sets(st.integers(1, FIRMS - 1), min_size=1, max_size=3),
)
def test_all_shortest_ways_are_found_the_widest_first(tmp_path, trade, start, goals):
    graph = graph_of(trade)
    links, cut = shortest_links(snapshot_of(tmp_path, trade), [start], sorted(goals))
    ours = widest(links, start, goals, 10_000)
    lengths = nx.single_source_shortest_path_length(graph, start)
    nearest = min((lengths[g] for g in goals if g in lengths), default=None)
    theirs = []
    if nearest is not None and 0 < nearest <= LONGEST:
        ends = [g for g in goals if lengths.get(g) == nearest]
        theirs = [way for g in ends for way in nx.all_shortest_paths(graph, start, g)]
    assert not cut
    assert sorted(ours) == sorted(theirs)
    widths = [min(graph.edges[pair]["weight"] for pair in nx.utils.pairwise(way)) for way in ours]
    assert widths == sorted(widths, reverse=True)
    assert widest(links, start, goals, 2) == ours[:2]


@pytest.mark.parametrize("length", [1, 2, LONGEST, LONGEST + 1])
def test_ways_are_followed_to_the_longest_and_no_further(tmp_path, length):
    line = {(i, i + 1): 5 for i in range(1, 1 + length)}
    links, cut = shortest_links(snapshot_of(tmp_path, line), [1], [1 + length])
    found = widest(links, 1, {1 + length}, 5)
    assert found == ([list(range(1, 2 + length))] if length <= LONGEST else [])
    assert cut is False


def test_a_way_through_a_hub_is_none(tmp_path):
    snapshot = snapshot_of(tmp_path, {(1, HUB): 9, (HUB, 2): 9})
    assert shortest_links(snapshot, [1], [2]) == ({}, False)


def test_a_search_that_gives_up_says_so(tmp_path, monkeypatch):
    snapshot = snapshot_of(tmp_path, {(1, 2): 1, (2, 3): 1, (3, 4): 1, (4, 5): 1})
    monkeypatch.setattr(shortest, "MOST_VISITED", 2)
    assert shortest_links(snapshot, [1], [5]) == ({}, True)
