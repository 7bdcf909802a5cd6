"""Means over neighbours in bf16 against plain numpy, whatever the threads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnn.embeddings.propagation import from_bf16, links, propagate, propagate_into, propagate_some, to_bf16
from tests.graphs import edge_lists, graph_of

#: Half a step of bf16, relative.
STEP = 2.0**-8


@st.composite
def cases(draw):
    n, pairs = draw(edge_lists())
    weight = np.array(draw(st.lists(st.integers(0, 9), min_size=len(pairs), max_size=len(pairs))), float)
    values = np.random.default_rng(draw(st.integers(0, 99))).standard_normal((n, 7)).astype(np.float32)
    return graph_of(n, pairs), weight, values


def dense_mean(graph, side, weight, values):
    n = graph.nodes
    matrix = np.zeros((n, n))
    for e in range(graph.edges):
        a, b = graph.src[e], graph.dst[e]
        if a != b:
            matrix[a, b] += weight[e] * (side != "in")
            matrix[b, a] += weight[e] * (side != "out")
    total = matrix.sum(axis=1, keepdims=True)
    return np.divide(matrix, total, out=np.zeros_like(matrix), where=total > 0) @ values


@settings(max_examples=80, deadline=None)
@given(cases(), st.sampled_from(["out", "in", "both"]), st.booleans())
def test_means_are_those_of_a_dense_matrix(case, side, weighted):
    graph, weight, values = case
    now = to_bf16(values)
    rows = links(graph, side, weight if weighted else None)
    found = from_bf16(propagate(rows, now, np.empty_like(now)))
    want = dense_mean(graph, side, weight if weighted else np.ones(graph.edges), from_bf16(now))
    np.testing.assert_allclose(found, want, atol=STEP * 4, rtol=STEP)


def test_bf16_is_the_nearest_even():
    exact = np.array([0.0, 1.0, -2.5, 3.140625, 1e30], np.float32)
    assert from_bf16(to_bf16(exact)).tolist()[:4] == exact.tolist()[:4]
    half_way = np.array([1 + 2**-8, 1 + 3 * 2**-8], np.float32)  # between two bf16: to the even one
    assert from_bf16(to_bf16(half_way)).tolist() == [1.0, 1 + 2**-6]
    many = np.random.default_rng(1).standard_normal(1000).astype(np.float32)
    assert (np.abs(from_bf16(to_bf16(many)) - many) <= np.abs(many) * STEP).all()


def big():
    rng = np.random.default_rng(4)
    pairs = sorted(
        {
            (int(a), int(b))
            for a, b in zip(rng.integers(0, 900, 5000), rng.integers(0, 900, 5000), strict=True)
        }
    )
    graph = graph_of(900, pairs)
    return links(graph, "in", rng.random(graph.edges)), to_bf16(rng.standard_normal((900, 64)))


def test_threads_and_pieces_change_no_bit():
    rows, now = big()
    whole = [propagate(rows, now, np.empty_like(now), threads) for threads in (1, 2, 5)]
    pieces = np.empty_like(now)

    def put(low, part):
        pieces[low : low + len(part)] = part

    propagate_into(rows, now, put)
    some = np.zeros_like(now)
    chosen = np.array([3, 17, 899], np.int32)
    propagate_some(rows, chosen, now, some)
    assert whole[0].tobytes() == whole[1].tobytes() == whole[2].tobytes() == pieces.tobytes()
    assert (some[chosen] == pieces[chosen]).all()
    assert not some[:3].any()


def test_a_row_without_links_is_zero_and_wrong_memory_is_refused():
    rows = links(graph_of(3, [(0, 1)]), "out")
    now = to_bf16(np.ones((3, 4), np.float32))
    assert from_bf16(propagate(rows, now, np.empty_like(now))).sum(axis=1).tolist() == [4, 0, 0]
    for out in (now, np.empty((3, 5), np.uint16)):
        with pytest.raises(ValueError, match="cannot be spread"):
            propagate(rows, now, out)
