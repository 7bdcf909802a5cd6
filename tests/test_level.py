"""Level, reach and the rule for trivial links, against plain Python."""

from collections import deque
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.csr import build, by_target, rows
from graph.kernels.level import UNREACHED, level
from graph.kernels.reach import reach
from graph.kernels.trivial import nontrivial, window
from tests.graphs import edge_lists, graph_of, relabelled


def hops(n, pairs, seeds):
    """Fewest links from any seed along `pairs`, and the smallest nearest seed."""
    found = {}
    for s in sorted(seeds):
        dist, queue = {s: 0}, deque([s])
        while queue:
            i = queue.popleft()
            for a, b in pairs:
                if a == i and b not in dist:
                    dist[b] = dist[i] + 1
                    queue.append(b)
        for i, d in dist.items():
            if i not in found or d < found[i][0]:
                found[i] = (d, s)
    return found


@st.composite
def cases(draw):
    n, pairs = draw(edge_lists())
    seeds = draw(st.sets(st.integers(0, n - 1), max_size=3))
    keep = draw(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs)))
    perm = draw(st.permutations(range(n)))
    return n, pairs, sorted(seeds), np.array(keep, bool), perm


@settings(max_examples=150, deadline=None)
@given(cases())
def test_level_is_the_brute_force_count(case):
    n, pairs, seeds, keep, _ = case
    kept = [pair for pair, k in zip(pairs, keep, strict=True) if k]
    up, down = hops(n, [(b, a) for a, b in kept], seeds), hops(n, kept, seeds)
    found = level(graph_of(n, pairs), seeds, keep)
    for i in range(n):
        if i in up and (i not in down or up[i][0] <= down[i][0]):
            assert (found.level[i], found.core[i]) == up[i]
        elif i in down:
            assert (found.level[i], found.core[i]) == (-down[i][0], down[i][1])
        else:
            assert (found.level[i], found.core[i]) == (UNREACHED, -1)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_level_does_not_depend_on_names(case):
    n, pairs, seeds, keep, perm = case
    moved, keep_moved = relabelled(n, pairs, perm, keep)
    one = level(graph_of(n, pairs), seeds, keep).level
    other = level(moved, [perm[s] for s in seeds], keep_moved).level
    assert [other[perm[i]] for i in range(n)] == one.tolist()


def test_supplier_of_a_core_that_buys_from_its_dealer_is_upstream():
    # 0 sells to the core 1 and buys from it; 2 buys from the core and sells to 3, which sells to 1.
    found = level(graph_of(4, [(0, 1), (1, 0), (1, 2), (2, 3), (3, 1)]), [1])
    assert found.level.tolist() == [1, 0, -1, 1]


def test_reach_meets_only_allowed_firms_and_names_the_order():
    g = graph_of(5, [(0, 1), (1, 2), (2, 3), (3, 4)])
    found = reach(rows(g, "out", None, None), [0], np.array([True, True, True, False, True]))
    assert found.order.tolist() == [0, 1, 2]
    assert found.hops.tolist() == [0, 1, 2, -1, -1]


@pytest.mark.parametrize("seed", [-1, 3])
def test_a_core_outside_the_graph_is_refused(seed):
    with pytest.raises(ValueError, match="outside"):
        level(graph_of(3, [(0, 1)]), [seed])


@pytest.mark.parametrize("edges", [[(1, 0), (0, 1)], [(0, 1), (0, 1)], [(0, 5)]])
def test_a_graph_out_of_order_is_refused(edges):
    with pytest.raises(ValueError, match=r"sorted|outside"):
        build(3, [a for a, _ in edges], [b for _, b in edges])


@settings(max_examples=60, deadline=None)
@given(edge_lists())
def test_in_edges_are_the_edges_by_customer(case):
    n, pairs = case
    indptr, order = by_target(np.array([b for _, b in pairs], np.int32), n)
    assert order.tolist() == sorted(range(len(pairs)), key=lambda e: (pairs[e][1], pairs[e][0]))
    assert np.diff(indptr).tolist() == [sum(b == i for _, b in pairs) for i in range(n)]


@settings(max_examples=60, deadline=None)
@given(edge_lists(), st.sampled_from(["out", "in", "both"]))
def test_rows_hold_the_weighted_partners(case, side):
    n, pairs = case
    weight = np.arange(len(pairs)) - 1.0
    dense = np.zeros((n, n))
    for e, (a, b) in enumerate(pairs):
        if a != b and weight[e] > 0:
            if side != "in":
                dense[a, b] += weight[e]
            if side != "out":
                dense[b, a] += weight[e]
    found, matrix = np.zeros((n, n)), rows(graph_of(n, pairs), side, weight, None)
    for i in range(n):
        for p in range(matrix.indptr[i], matrix.indptr[i + 1]):
            found[i, matrix.column[p]] += matrix.weight[p]
    assert np.array_equal(found, dense)


MONTHS = [f"{y}-{m:02d}" for y in (2022, 2023, 2024, 2025) for m in range(1, 13)]


def flow(*entries):
    schema = {"edge": pl.Int32, "month": pl.Int32, "amount_fen": pl.Int64}
    return pl.DataFrame([(e, MONTHS.index(m), a) for e, m, a in entries], schema=schema, orient="row")


def test_trivial_links_are_small_rare_old_or_returned():
    src = [0, 0, 0, 0, 0, 1]
    entries = [
        (0, "2025-01", 49_000), (0, "2025-02", 50_000 - 49_000 + 48_000),  # the main customer
        (1, "2025-01", 500), (1, "2025-02", 500),  # exactly 1 % of 100,000
        (2, "2025-01", 999),  # one month only, and too little
        (3, "2022-01", 9_000_000), (3, "2022-02", 9_000_000),  # out of the window
        (4, "2025-01", 1), (4, "2025-02", 0),  # a month without sales is no month
        (5, "2025-01", 10), (5, "2025-02", -10),  # all returned
    ]  # fmt: skip
    entries.append((0, "2025-03", 1_000))
    entries.append((0, "2025-04", 0))
    kept = nontrivial(src, flow(*entries), MONTHS, date(2025, 6, 30))
    total = 49_000 + 49_000 + 1_000 + 1_000 + 999 + 1
    assert kept.tolist() == [True, 1_000 / total >= 0.01, False, False, False, False]
    exact = nontrivial(
        src, flow(*[e for e in entries if e[0] in (0, 1)], (2, "2025-01", 0)), MONTHS, date(2025, 6, 30)
    )
    assert exact[1], "exactly one percent counts"
    assert nontrivial(src, flow(*entries), MONTHS, date(2025, 6, 30), least=1, share=0.0).tolist()[2]


def test_the_window_is_whole_calendar_months_up_to_that_of_the_day():
    chosen = [m for m, w in zip(MONTHS, window(MONTHS, date(2025, 6, 1), 24), strict=True) if w]
    assert (chosen[0], chosen[-1], len(chosen)) == ("2023-07", "2025-06", 24)


def test_what_is_little_to_a_car_maker_is_all_a_dealer_lives_on() -> None:
    """A core with 150 equal dealers: each is 0.7 % of its sales and 100 % of the dealer's purchases."""
    dealers = 150
    graph = build(dealers + 1, np.zeros(dealers), np.arange(1, dealers + 1))
    entries = [(edge, month, 1_000) for edge in range(dealers) for month in ("2025-01", "2025-02")]
    up, down = (
        nontrivial(firm, flow(*entries), MONTHS, date(2025, 6, 30)) for firm in (graph.src, graph.dst)
    )
    assert not up.any()
    assert down.all()
    assert (level(graph, np.array([0]), up, down).level[1:] == -1).all()
