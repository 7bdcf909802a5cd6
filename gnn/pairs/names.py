"""What the names of the two ends of a candidate pair say: overlap, containment, and what such firms trade.

Only names and the graph's own links are used; an end that has no link yet is scored all the same.
"""

import numpy as np
import scipy.sparse as sp
from numba import njit

from gnn.text import TextVectors
from graph.csr import Float, Graph, Int32, Int64, Rows

RIDGE = 1.0  # of the closed-form bilinear map, in units of the mean squared text coordinate
#: What `overlap` writes for a pair, in this order.
OVERLAP = ("shared", "source_in_target", "target_in_source", "run_of_source", "run_of_target", "head", "tail")


def cosine(vectors: Float, source: Int32, target: Int32) -> Float:
    """float32[k]: dot products of rows of length 1."""
    return np.einsum("ij,ij->i", vectors[source], vectors[target]).astype(np.float32)  # type: ignore[no-any-return]


def overlap(text: TextVectors, source: Int32, target: Int32) -> Float:
    """float32[k, 7]: weighed shared grams (cosine); the share of the source's grams that the target
    has, and the other way; the longest common run of letters as a share of each; equal letters at
    the beginning and at the end, as a share of the shorter name."""
    out = np.zeros((len(source), len(OVERLAP)), np.float32)
    _overlap(text.indptr, text.column, text.weight, text.letter_at, text.letter, source, target, out)
    return out


def bilinear(graph: Graph, text: TextVectors, source: Int32, target: Int32) -> Float:
    """float32[k]: x_source · M · x_target, M the ridge solution of X M Xᵀ ≈ Dout^-½ A Din^-½ in closed
    form, M = (XᵀX + λ)⁻¹ Xᵀ N X (XᵀX + λ)⁻¹: how well firms so named supply firms so named."""
    vectors = text.dense.astype(np.float64)
    weight = 1 / np.sqrt(_degree(graph.out_indptr)[graph.src] * _degree(graph.in_indptr)[graph.dst])
    links = sp.csr_matrix((weight, (graph.src, graph.dst)), shape=(graph.nodes, graph.nodes))
    gram = vectors.T @ vectors
    gram[np.diag_indices_from(gram)] += RIDGE * max(float(np.trace(gram)) / max(len(gram), 1), 1e-9)
    inverse = np.linalg.inv(gram)
    mapped = vectors @ (inverse @ (vectors.T @ (links @ vectors)) @ inverse)
    return np.einsum("ij,ij->i", mapped[source], vectors[target]).astype(np.float32) * 1e3  # type: ignore[no-any-return]


def profile(text: TextVectors, partners: Rows, owner: Int32, other: Int32) -> Float:
    """float32[k]: cosine of the mean text of the owner's partners and the other end's text."""
    nodes = len(partners.indptr) - 1
    ones = np.ones(len(partners.column), np.float32)
    mean = sp.csr_matrix((ones, partners.column, partners.indptr), shape=(nodes, nodes)) @ text.dense
    mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-9)
    return np.einsum("ij,ij->i", mean[owner], text.dense[other]).astype(np.float32)  # type: ignore[no-any-return]


def popular(text: TextVectors, degree: Int64) -> Float:
    """float32[n]: the mean log degree of the firms named alike, weighed by likeness."""
    safe = np.maximum(text.near, 0)
    total = (np.log1p(degree)[safe] * text.likeness).sum(axis=1)
    return (total / np.maximum(text.likeness.sum(axis=1), 1e-9)).astype(np.float32)  # type: ignore[no-any-return]


def _degree(indptr: Int64) -> Float:
    return np.maximum(np.diff(indptr), 1).astype(np.float64)


@njit(nogil=True, cache=True)
def _overlap(
    indptr: Int64,
    column: Int32,
    weight: Float,
    letter_at: Int64,
    letter: Int32,
    source: Int32,
    target: Int32,
    out: Float,
) -> None:
    line = np.zeros(256, np.int32)
    for i in range(len(source)):
        u, v = source[i], target[i]
        a, b = indptr[u], indptr[v]
        dot = of_u = of_v = 0.0
        while a < indptr[u + 1] and b < indptr[v + 1]:
            if column[a] == column[b]:
                dot += weight[a] * weight[b]
                of_u += weight[a] * weight[a]
                of_v += weight[b] * weight[b]
                a += 1
                b += 1
            elif column[a] < column[b]:
                a += 1
            else:
                b += 1
        out[i, 0], out[i, 1], out[i, 2] = dot, of_u, of_v
        su, sv = letter_at[u], letter_at[v]
        lu, lv = letter_at[u + 1] - su, letter_at[v + 1] - sv
        if lu == 0 or lv == 0:
            continue
        longest = 0
        line[: lv + 1] = 0
        for p in range(lu):
            before = 0
            for q in range(lv):
                above = line[q + 1]
                line[q + 1] = before + 1 if letter[su + p] == letter[sv + q] else 0
                longest = max(longest, line[q + 1])
                before = above
        least = min(lu, lv)
        head = 0
        while head < least and letter[su + head] == letter[sv + head]:
            head += 1
        tail = 0
        while tail < least and letter[su + lu - 1 - tail] == letter[sv + lv - 1 - tail]:
            tail += 1
        out[i, 3], out[i, 4] = longest / lu, longest / lv
        out[i, 5], out[i, 6] = head / least, tail / least
