"""Depth against a dense linear solve of the same equations, and what it means on small chains."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.kernels.depth import CARRY, HORIZON, TIE, depth
from tests.graphs import edge_lists, graph_of, relabelled


def closure(n, links, seeds, allowed):
    """Nodes reached from `seeds` along `links` (pairs) through allowed nodes."""
    met, todo = set(seeds), list(seeds)
    while todo:
        i = todo.pop()
        for a, b in links:
            if a == i and b not in met and b in allowed:
                met.add(b)
                todo.append(b)
    return met


def meeting(n, weight, ends):
    """Probability of meeting an end on a walk over rows of `weight`, by the dense recursion."""
    total = weight.sum(axis=1, keepdims=True)
    share = CARRY * np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
    now = np.isin(range(n), ends).astype(float)
    for _ in range(HORIZON):
        now = np.where(np.isin(range(n), ends), 1.0, share @ now)
    return now


def dense_depth(n, pairs, weight, ends, step):
    w = np.zeros((n, n))
    for (a, b), x in zip(pairs, weight, strict=True):
        if a != b and x > 0:
            w[a, b] = x
    goods = [(a, b) for a in range(n) for b in range(n) if w[a, b] > 0]
    back = [(b, a) for a, b in goods]
    every = set(range(n))
    above, below = closure(n, back, ends, every), closure(n, goods, ends, every)
    lean = meeting(n, w.T, ends) - meeting(n, w, ends)
    judged = {i for i in above & below if lean[i] > TIE and i not in ends}
    near = {i for i in above & below if abs(lean[i] - TIE) < 0.9 * TIE and i not in ends}
    above = closure(n, back, ends, every - judged)
    below = closure(n, goods, ends, every - above)
    found = np.full(n, np.nan)
    for side, matrix, sign, steps in ((above, w, 1, step), (below, w.T, -1, np.ones(n))):
        members = sorted(side)
        sub = matrix[np.ix_(members, members)]
        fixed_at = np.isin(members, ends)
        total = sub.sum(axis=1, keepdims=True)
        share = np.divide(sub, total, out=np.zeros_like(sub), where=total > 0)
        share[fixed_at] = 0
        right = np.where(fixed_at, 0, steps[members])
        found[members] = sign * np.linalg.solve(np.eye(len(members)) - share, right)
    return found, near


@st.composite
def cases(draw):
    n, pairs = draw(edge_lists())
    ends = draw(st.sets(st.integers(0, n - 1), min_size=1, max_size=3))
    numbers = st.lists(st.integers(-1, 9), min_size=len(pairs), max_size=len(pairs))
    step = draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=n, max_size=n))
    perm = draw(st.permutations(range(n)))
    return n, pairs, np.array(draw(numbers), float), sorted(ends), np.array(step), perm


@settings(max_examples=200, deadline=None)
@given(cases())
def test_depth_is_the_dense_solution(case):
    n, pairs, weight, ends, step, _ = case
    want, near = dense_depth(n, pairs, weight, ends, step)
    found = depth(graph_of(n, pairs), ends, weight=weight, step=step)
    assert found.settled
    if not near:  # sides decided by less than float32 can tell are another test's matter
        np.testing.assert_allclose(found.depth, want, atol=1e-6, equal_nan=True)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_depth_does_not_depend_on_names(case):
    n, pairs, weight, ends, step, perm = case
    _, near = dense_depth(n, pairs, weight, ends, step)
    if near:
        return
    moved, weight_moved = relabelled(n, pairs, perm, weight)
    back = np.argsort(perm)
    one = depth(graph_of(n, pairs), ends, weight=weight, step=step).depth
    other = depth(moved, [perm[i] for i in ends], weight=weight_moved, step=step[back]).depth
    np.testing.assert_allclose(other[list(perm)], one, atol=1e-6, equal_nan=True)


def test_a_plain_chain_counts_its_steps():
    g = graph_of(6, [(0, 1), (1, 2), (2, 3), (3, 4)])
    assert depth(g, [3]).depth.tolist()[:5] == [3, 2, 1, 0, -1]
    assert np.isnan(depth(g, [3]).depth[5]), "a firm without links has no depth"


def test_a_skipped_tier_counts_by_its_share():
    g = graph_of(3, [(0, 1), (0, 2), (1, 2)])
    assert depth(g, [2], weight=[1.0, 3.0, 1.0]).depth[0] == pytest.approx(1 + 1 / 4)
    assert depth(g, [2]).depth[0] == pytest.approx(1 + 1 / 2)


def test_a_trader_adds_no_depth():
    g = graph_of(4, [(0, 1), (1, 2), (2, 3)])
    assert depth(g, [3], step=np.array([1.0, 0.0, 1.0, 1.0])).depth.tolist() == [2, 1, 1, 0]


def test_sales_that_lead_nowhere_do_not_count():
    g = graph_of(4, [(0, 1), (0, 2), (1, 3)])
    found = depth(g, [3], weight=[1.0, 99.0, 1.0])
    assert found.depth[0] == 2
    assert np.isnan(found.depth[2])


def test_a_loop_of_goods_converges_and_a_closed_one_is_left_out():
    g = graph_of(5, [(0, 1), (1, 0), (1, 2), (3, 4), (4, 3)])
    found = depth(g, [2], weight=[1.0, 9.0, 1.0, 1.0, 1.0])
    assert found.settled
    assert found.depth[:3] == pytest.approx([20, 19, 0], abs=1e-6)
    assert np.isnan(found.depth[3:]).all()


def test_a_dealer_that_sells_something_back_stays_below():
    # 0 seats → 1 cars → 2 dealer → 3 shop; the dealer sells the maker a little.
    pairs, weight = [(0, 1), (1, 2), (2, 1), (2, 3)], [80.0, 100.0, 1.0, 110.0]
    assert depth(graph_of(4, pairs), [1], weight=weight).depth.tolist() == [1, 0, -1, -2]


def test_a_supplier_that_buys_a_car_stays_above():
    # 0 steel → 1 seats → 2 cars; 0 buys a car from the maker and ore from 3.
    pairs, weight = [(0, 1), (1, 2), (2, 0), (3, 0)], [50.0, 80.0, 1.0, 40.0]
    assert depth(graph_of(4, pairs), [2], weight=weight).depth.tolist() == [2, 1, 0, 3]


def test_a_bound_that_is_hit_is_said():
    g = graph_of(3, [(0, 1), (1, 0), (1, 2)])
    found = depth(g, [2], weight=[1.0, 99.0, 1.0], bound=2)
    assert not found.settled
    assert found.sweeps == 2


def test_hubs_and_other_chains_are_left_out_by_keep():
    g = graph_of(3, [(0, 1), (0, 2), (1, 2)])
    assert np.isnan(depth(g, [2], keep=np.array([True, False, False])).depth[0])


def test_a_chain_without_an_end_product_gives_nobody_a_depth():
    assert np.isnan(depth(graph_of(3, [(0, 1), (1, 2)]), []).depth).all()


@settings(max_examples=40, deadline=None)
@given(cases())
def test_without_weights_all_links_are_alike(case):
    n, pairs, _, ends, step, _ = case
    g, ones = graph_of(n, pairs), np.ones(len(pairs))
    bare, alike = depth(g, ends, step=step), depth(g, ends, weight=ones, step=step)
    np.testing.assert_allclose(bare.depth, alike.depth, atol=1e-9, equal_nan=True)
    loose = depth(g, ends, step=step, settled=1e-3).depth
    np.testing.assert_allclose(loose, alike.depth, atol=0.1, equal_nan=True)
