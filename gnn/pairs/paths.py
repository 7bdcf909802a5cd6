"""Kernels over paths between the two ends of a candidate pair, many pairs at once.

Pairs are grouped by one end. From that end the walk goes out once, two steps to firms alike (`acc`),
a third step to the other ends; the values are read off at the ends asked for. So a thousand
candidates of one firm cost about as much as one. Groups are independent: threads share them.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from os import cpu_count
from typing import Any

import numpy as np
import scipy.sparse as sp
from numba import njit

from graph.csr import Float, Graph, Int32, Int64, fixed

BLOCKS = 16
#: What `spread` writes for a pair, in this order.
SPREAD = ("two", "two_weighed", "three", "three_root", "three_weighed", "alike_sum", "alike_max")


@dataclass(frozen=True)
class Side:
    """A CSR without weights: row i holds column[indptr[i]:indptr[i + 1]], sorted."""

    indptr: Int64
    column: Int32


@dataclass(frozen=True)
class Groups:
    """Pairs grouped by one end: group g is firm key[g] and the pairs order[start[g]:start[g + 1]],
    whose other ends are `other` in the same order."""

    key: Int32
    start: Int64
    order: Int64
    other: Int32


def sides(graph: Graph) -> tuple[Side, Side]:
    """(customers of each firm, suppliers of each firm)."""
    return Side(graph.out_indptr, graph.dst), Side(
        graph.in_indptr, fixed(graph.src[graph.in_edges], np.int32)
    )


def undirected(graph: Graph) -> Side:
    """The partners of each firm, whichever way the goods flow; each once."""
    ends = np.concatenate([graph.src, graph.dst]), np.concatenate([graph.dst, graph.src])
    plain = sp.csr_matrix((np.ones(len(ends[0]), np.int8), ends), shape=(graph.nodes, graph.nodes))
    plain.sort_indices()
    return Side(fixed(plain.indptr, np.int64), fixed(plain.indices, np.int32))


def grouped(ends: Any, others: Any) -> Groups:
    """The pairs (ends[i], others[i]) grouped by `ends`."""
    order = np.argsort(ends, kind="stable")
    key, first = np.unique(np.asarray(ends)[order], return_index=True)
    start = np.append(first, len(order))
    return Groups(
        fixed(key, np.int32),
        fixed(start, np.int64),
        fixed(order, np.int64),
        fixed(np.asarray(others)[order], np.int32),
    )


def over_groups(groups: Groups, kernel: Callable[..., None], *args: Any) -> None:
    """kernel(low, high, key, start, order, other, *args) over blocks of groups, on all threads."""
    cuts = np.searchsorted(groups.start, np.linspace(0, len(groups.order), BLOCKS + 1)[1:-1])
    edges = [0, *(int(cut) for cut in cuts), len(groups.key)]
    fixed_args = (groups.key, groups.start, groups.order, groups.other, *args)
    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        jobs = [pool.submit(kernel, low, high, *fixed_args) for low, high in pairwise(edges) if high > low]
        for job in jobs:
            job.result()


def spread(groups: Groups, first: Side, second: Side, third: Side, back: Side) -> Float:
    """float32[pairs, len(SPREAD)]: walks first · second · third from the key to the other end.

    `back` is the reverse of `second`, that is, from a firm alike to the firms in the middle. With
    s the key, x a firm in the middle, w a firm alike and t the other end:
    two = number of s–x–t; two_weighed = Σ 1/|second(x)|; three = number of s–x–w–t; three_root = Σ
    1/√(|second(x)|·|third(w)|) (Kovács et al., Nature Communications 10, 2019); three_weighed
    without the root; alike = common middle firms of s and w / √(|first(s)|·|back(w)|), summed over
    the w that lead to t, and the largest.
    """
    out = np.zeros((len(groups.order), len(SPREAD)), np.float32)
    over_groups(
        groups,
        _spread,
        first.indptr,
        first.column,
        second.indptr,
        second.column,
        third.indptr,
        third.column,
        back.indptr,
        out,
    )
    return out


def rooted(groups: Groups, out_side: Side, in_side: Side) -> Float:
    """float32[pairs, 2]: entries (source, target) of N·Nᵀ·N·Nᵀ·N with N = Dout^-½ · A · Din^-½ (paths
    of length five), and the chance that a walker out, back, out, back, out ends at the target.
    Groups are by source."""
    out = np.zeros((len(groups.order), 2), np.float32)
    over_groups(groups, _rooted, out_side.indptr, out_side.column, in_side.indptr, in_side.column, out)
    return out


def near_spread(groups: Groups, near: Int32, likeness: Float, third: Side) -> Float:
    """float32[pairs, 4]: firms w named like the key that lead to the other end t: Σ likeness, the
    largest, and over the names z alike those ends: Σ likeness(key, w) · likeness(t', z), the largest."""
    out = np.zeros((len(groups.order), 4), np.float32)
    over_groups(groups, _near_spread, near, likeness, third.indptr, third.column, out)
    return out


@njit(nogil=True, cache=True)
def _spread(  # noqa: PLR0912 - one loop, not cut up for the compiler's sake
    low: int,
    high: int,
    key: Int32,
    start: Int64,
    order: Int64,
    other: Int32,
    p1: Int64,
    c1: Int32,
    p2: Int64,
    c2: Int32,
    p3: Int64,
    c3: Int32,
    p4: Int64,
    out: Float,
) -> None:
    nodes = len(p1) - 1
    count, weighed, root = np.zeros(nodes), np.zeros(nodes), np.zeros(nodes)
    wanted = np.full(nodes, -1, np.int64)
    slot = np.zeros((0, 5))
    touched = np.empty(nodes, np.int32)
    for g in range(low, high):
        s = key[g]
        first = p1[s + 1] - p1[s]
        if first == 0:
            continue
        reached = 0
        for a in range(p1[s], p1[s + 1]):
            x = c1[a]
            degree = p2[x + 1] - p2[x]
            for b in range(p2[x], p2[x + 1]):
                w = c2[b]
                if w == s:
                    continue
                if count[w] == 0:
                    touched[reached] = w
                    reached += 1
                count[w] += 1
                weighed[w] += 1 / degree
                root[w] += 1 / np.sqrt(degree)
        slots = 0
        if len(slot) < start[g + 1] - start[g]:
            slot = np.zeros((start[g + 1] - start[g], 5))
        for i in range(start[g], start[g + 1]):
            t = other[i]
            if wanted[t] < 0:
                wanted[t] = slots
                slot[slots] = 0
                slots += 1
        for k in range(reached):
            w = touched[k]
            degree = p3[w + 1] - p3[w]
            if degree == 0:
                continue
            alike = count[w] / np.sqrt(first * max(p4[w + 1] - p4[w], 1))
            for c in range(p3[w], p3[w + 1]):
                at = wanted[c3[c]]
                if at < 0:
                    continue
                slot[at, 0] += count[w]
                slot[at, 1] += root[w] / np.sqrt(degree)
                slot[at, 2] += weighed[w] / degree
                slot[at, 3] += alike
                slot[at, 4] = max(slot[at, 4], alike)
        for i in range(start[g], start[g + 1]):
            t, row = other[i], order[i]
            out[row, 0], out[row, 1] = count[t], weighed[t]
            for j in range(5):
                out[row, 2 + j] = slot[wanted[t], j]
        for i in range(start[g], start[g + 1]):
            wanted[other[i]] = -1
        for k in range(reached):
            w = touched[k]
            count[w] = weighed[w] = root[w] = 0


@njit(nogil=True, cache=True)
def _rooted(
    low: int,
    high: int,
    key: Int32,
    start: Int64,
    order: Int64,
    other: Int32,
    p1: Int64,
    c1: Int32,
    p2: Int64,
    c2: Int32,
    out: Float,
) -> None:
    nodes = len(p1) - 1
    here, there = np.zeros((2, nodes)), np.zeros((2, nodes))
    at, to = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    for g in range(low, high):
        s = key[g]
        here[0, s] = here[1, s] = 1
        at[0], many = s, 1
        for step in range(5):
            reached = 0
            for k in range(many):
                x = at[k]
                forth = step % 2 == 0
                a, b = (p1[x], p1[x + 1]) if forth else (p2[x], p2[x + 1])
                if b > a:
                    walk, half = here[0, x] / (b - a), here[1, x] / np.sqrt(b - a)
                    for e in range(a, b):
                        y = c1[e] if forth else c2[e]
                        if there[0, y] == 0:
                            to[reached] = y
                            reached += 1
                        back = p2[y + 1] - p2[y] if forth else p1[y + 1] - p1[y]
                        there[0, y] += walk
                        there[1, y] += half / np.sqrt(back)
                here[0, x] = here[1, x] = 0
            here, there, at, to, many = there, here, to, at, reached
        for i in range(start[g], start[g + 1]):
            t, row = other[i], order[i]
            out[row, 0], out[row, 1] = here[1, t], here[0, t]
        for k in range(many):
            here[0, at[k]] = here[1, at[k]] = 0


@njit(nogil=True, cache=True)
def _near_spread(
    low: int,
    high: int,
    key: Int32,
    start: Int64,
    order: Int64,
    other: Int32,
    near: Int32,
    likeness: Float,
    p3: Int64,
    c3: Int32,
    out: Float,
) -> None:
    nodes, width = near.shape
    total, most = np.zeros(nodes), np.zeros(nodes)
    total_far, most_far = np.zeros(nodes), np.zeros(nodes)
    touched, far = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    for g in range(low, high):
        s = key[g]
        reached = reached_far = 0
        for k in range(width):
            w = near[s, k]
            if w < 0:
                break
            like = likeness[s, k]
            for c in range(p3[w], p3[w + 1]):
                t = c3[c]
                if total[t] == 0:
                    touched[reached] = t
                    reached += 1
                total[t] += like
                most[t] = max(most[t], like)
        for k in range(reached):
            t = touched[k]
            for q in range(width):
                z = near[t, q]
                if z < 0:
                    break
                like = likeness[t, q]
                if total_far[z] == 0:
                    far[reached_far] = z
                    reached_far += 1
                total_far[z] += total[t] * like
                most_far[z] = max(most_far[z], most[t] * like)
        for i in range(start[g], start[g + 1]):
            t, row = other[i], order[i]
            out[row, 0], out[row, 1] = total[t], most[t]
            out[row, 2], out[row, 3] = total_far[t], most_far[t]
        for k in range(reached):
            total[touched[k]] = most[touched[k]] = 0
        for k in range(reached_far):
            total_far[far[k]] = most_far[far[k]] = 0
