"""PageRank, global and per chain, against dense solves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.csr import BLOCKS, over_rows
from graph.kernels import pagerank as kernels
from graph.kernels.pagerank import damped, membership, pagerank, personalised
from tests.graphs import edge_lists, graph_of, relabelled


@st.composite
def cases(draw):
    n, pairs = draw(edge_lists())
    weight = draw(st.lists(st.integers(-1, 9), min_size=len(pairs), max_size=len(pairs)))
    keep = draw(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs)))
    restart = draw(st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=n, max_size=n))
    perm = draw(st.permutations(range(n)))
    return n, pairs, np.array(weight, float), np.array(keep, bool), np.array(restart, np.float32), perm


def matrix(n, pairs, weight, keep):
    dense = np.zeros((n, n))
    for (a, b), w, k in zip(pairs, weight, keep, strict=True):
        if k and a != b and w > 0:
            dense[a, b] = w
    return dense


def shares(dense):
    total = dense.sum(axis=1, keepdims=True)
    return np.divide(dense, total, out=np.zeros_like(dense), where=total > 0)


def restarting(step, start, damping=0.85):
    """Random walk that restarts at `start` with 1 - damping, and where it cannot go on; long power run."""
    now = start
    for _ in range(400):
        moved = damping * now @ step
        now = moved + (1 - moved.sum()) * start
    return now


@settings(max_examples=100, deadline=None)
@given(cases())
def test_pagerank_is_the_restarting_walk(case):
    n, pairs, weight, keep, _, _ = case
    want = restarting(shares(matrix(n, pairs, weight, keep)), np.full(n, 1 / n))
    found = pagerank(graph_of(n, pairs), weight, keep, tolerance=1e-12)
    np.testing.assert_allclose(found, want, atol=1e-9)


@settings(max_examples=100, deadline=None)
@given(cases())
def test_personalised_is_the_walk_both_ways_restarted_at_the_chain(case):
    n, pairs, weight, keep, restart, _ = case
    dense = matrix(n, pairs, weight, keep)
    step = shares(dense + dense.T)
    found = personalised(graph_of(n, pairs), restart, weight, keep, tolerance=1e-7)
    for c in range(3):
        mass = restart[:, c].sum()
        want = restarting(step, restart[:, c] / mass) if mass else np.zeros(n)
        np.testing.assert_allclose(found[:, c], want, atol=2e-6)


@settings(max_examples=40, deadline=None)
@given(cases())
def test_names_do_not_matter(case):
    n, pairs, weight, keep, restart, perm = case
    moved, weight_moved, keep_moved = relabelled(n, pairs, perm, weight, keep)
    back = np.argsort(perm)
    one, other = (
        personalised(graph_of(n, pairs), restart, weight, keep),
        personalised(moved, restart[back], weight_moved, keep_moved),
    )
    np.testing.assert_allclose(other[list(perm)], one, atol=1e-5)


def big(n=4000, m=20000):
    rng = np.random.default_rng(3)
    pairs = sorted(
        {(int(a), int(b)) for a, b in zip(rng.integers(0, n, m), rng.integers(0, n, m), strict=True)}
    )
    return graph_of(n, pairs), rng.random(len(pairs)), (rng.random((n, 9)) < 0.1).astype(np.float32)


def test_the_number_of_threads_changes_no_bit(monkeypatch):
    g, weight, restart = big()
    found = []
    for threads in (1, 2, 5):
        monkeypatch.setattr(kernels, "over_rows", lambda indptr, t=threads: over_rows(indptr, t))
        found.append(personalised(g, restart, weight).tobytes() + pagerank(g, weight).tobytes())
    assert found[0] == found[1] == found[2]


def test_the_default_tolerance_settles_membership_to_the_fourth_place():
    g, weight, restart = big()
    loose = membership(personalised(g, restart, weight))
    exact = membership(personalised(g, restart, weight, tolerance=1e-7))
    assert np.abs(loose - exact).max() < 1e-4


def test_membership_is_a_share_and_zero_where_no_walk_comes():
    mass = np.array([[0.2, 0.6], [0.0, 0.0]], np.float32)
    assert membership(mass).tolist() == [pytest.approx([0.25, 0.75]), [0.0, 0.0]]
    assert membership(mass, prior=[3, 1])[0].tolist() == pytest.approx([0.5, 0.5])


def test_two_chains_part_where_the_links_do():
    # 0-1-2 and 3-4-5, one thin thread between; restarts at 0 and 5.
    g = graph_of(6, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)])
    restart = np.zeros((6, 2))
    restart[0, 0] = restart[5, 1] = 1
    shares_of = membership(personalised(g, restart, damped([1e8, 1e8, 1, 1e8, 1e8])))
    assert (shares_of[:3, 0] > 0.9).all()
    assert (shares_of[3:, 1] > 0.9).all()


def test_damped_amounts_grow_slowly_and_returns_count_nothing():
    assert damped([-500, 0, 100]).tolist() == pytest.approx([0, 0, np.log(2)])


def test_restarts_of_the_wrong_shape_or_sign_are_refused():
    g = graph_of(3, [(0, 1)])
    for wrong in (np.ones((2, 1)), -np.ones((3, 1))):
        with pytest.raises(ValueError, match="restart"):
            personalised(g, wrong, [1.0])


@pytest.mark.parametrize("n", [1, 5, 100])
def test_blocks_cover_each_row_once(n):
    seen = []
    with over_rows(np.arange(n + 1, dtype=np.int64)) as run:
        run(lambda block, low, high: seen.append((block, low, high)))
    assert len(seen) == BLOCKS
    covered = [i for _, low, high in sorted(seen) for i in range(low, high)]
    assert covered == list(range(n))


@settings(max_examples=40, deadline=None)
@given(cases())
def test_without_weights_all_links_are_alike(case):
    n, pairs, _, keep, restart, _ = case
    g, ones = graph_of(n, pairs), np.ones(len(pairs))
    for flags in (keep, None):
        np.testing.assert_allclose(
            pagerank(g, keep=flags, tolerance=1e-12), pagerank(g, ones, flags, tolerance=1e-12), atol=1e-9
        )
        one, other = (personalised(g, restart, w, flags, tolerance=1e-7) for w in (None, ones))
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_goods_that_run_out_need_few_sweeps():
    """Four tiers, all walks end: the answer is there after one sweep more than there are tiers."""
    g = graph_of(7, [(0, 3), (1, 3), (2, 4), (3, 5), (4, 5), (5, 6)])
    assert pagerank(g, bound=5) == pytest.approx(pagerank(g, bound=200, tolerance=1e-14), abs=1e-12)
