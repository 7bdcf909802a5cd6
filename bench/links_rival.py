"""The rivals of bench `links`: single scores, and LightGBM on the fourteen pair features of research.

Features of the training edges are counted out-of-fold: the graph they are counted in lacks their own
quarter of the edges.
"""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numba import njit

from bench.links_split import Split
from gnn.extra import needed
from gnn.factors import factors
from gnn.pairs.negatives import Pairs, false_pairs, of_edges
from gnn.pairs.paths import Side, grouped, sides, spread, undirected
from graph.csr import Float, Graph, Int32, Int64

FEATURES = (
    "l3",
    "pa",
    "out_source",
    "in_source",
    "out_target",
    "in_target",
    "cn",
    "aa",
    "ra",
    "katz3",
    "shared_customers",
    "shared_suppliers",
    "fastrp_cosine",
    "text_cosine",
)
FOLDS, PER_END, TREES = 4, 2, 200
POSITIVES = 4000
BETA = 0.05
TEXT_DENSE = 64


def fourteen(graph: Graph, text: Float, pairs: Pairs) -> Float:
    """float32[k, 14]: the columns of FEATURES for each pair. `text`: float[n, d], rows of length 1."""
    ahead, behind = sides(graph)
    source, target = pairs[:, 0], pairs[:, 1]
    groups = grouped(source, target)
    forward = spread(groups, ahead, behind, ahead, ahead)
    suppliers = spread(groups, behind, ahead, ahead, behind)
    both = undirected(graph)
    around = spread(groups, both, both, both, both)
    aa = np.zeros(len(pairs), np.float32)
    _adamic_adar(both.indptr, both.column, source, target, aa)
    sold, bought = np.diff(graph.out_indptr), np.diff(graph.in_indptr)
    place = _fastrp(both, 64)
    columns = (
        forward[:, 3],
        sold[source] * bought[target],
        sold[source],
        bought[source],
        sold[target],
        bought[target],
        around[:, 0],
        aa,
        around[:, 1],
        BETA * around[:, 0] + BETA**2 * around[:, 2],
        forward[:, 0],
        suppliers[:, 0],
        _dot(place, source, target),
        _dot(text, source, target),
    )
    return np.column_stack(columns).astype(np.float32)


def lightgbm_scores(split: Split, text: Float, asked: Pairs, seed: int, hard: bool) -> Float:
    """Scores of the `asked` pairs by LightGBM trained on the split's training edges.

    `hard` False is the rival of research: `POSITIVES` edges, half the false pairs uniform, the others
    drawn beside the whole training graph. That reproduces research's figures on all of its measures;
    how it drew them is not written down. `hard` True is stronger: all training edges, every false
    pair drawn as those that are asked about.
    """
    lightgbm = needed("lightgbm")
    order = np.random.default_rng(1000 + seed).permutation(len(split.train))
    some = np.random.default_rng(2000 + seed)
    parts, labels = [], []
    for fold in range(FOLDS):
        mine = split.train[order[fold::FOLDS]]
        graph = of_edges(split.nodes, split.train[np.setdiff1d(order, order[fold::FOLDS])])
        mine = mine if hard else mine[: POSITIVES // FOLDS]
        beside = graph if hard else split.graph
        false = false_pairs(
            beside, split.open, mine, 7 + seed * FOLDS + fold, PER_END if hard else 1
        ).reshape(-1, 2)
        if not hard:
            easy = some.random(len(false)) < 0.5
            false[easy] = some.integers(0, split.nodes, (int(easy.sum()), 2))
        parts.append(fourteen(graph, text, np.concatenate([mine, false])))
        labels.append(np.repeat([1, 0], [len(mine), len(false)]))
    settings = {
        "objective": "binary",
        "num_leaves": 31,
        "learning_rate": 0.05,
        "min_data_in_leaf": 50,
        "num_threads": 1,
        "seed": seed,
        "deterministic": True,
        "verbose": -1,
    }
    data = lightgbm.Dataset(np.concatenate(parts), np.concatenate(labels))
    model = lightgbm.train(settings, data, TREES)
    return np.asarray(model.predict(fourteen(split.graph, text, asked), raw_score=True))


def text_of(names: Sequence[str]) -> Float:
    """float32[n, 64]: singular vectors of tf-idf runs of one and two characters, rows of length 1."""
    count: dict[str, int] = {}
    column, indptr = [], [0]
    for name in names:
        padded = f" {name.lower()} "
        for size in (1, 2):
            for i in range(len(padded) - size + 1):
                column.append(count.setdefault(padded[i : i + size], len(count)))
        indptr.append(len(column))
    matrix = sp.csr_matrix((np.ones(len(column)), column, indptr), shape=(len(names), len(count)))
    matrix.sum_duplicates()
    rarity = np.log((1 + len(names)) / (1 + np.bincount(matrix.indices, minlength=len(count)))) + 1
    matrix = matrix @ sp.diags(rarity)
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    left, size_of, _ = factors(sp.diags(1 / np.maximum(length, 1e-12)) @ matrix, TEXT_DENSE, 1)
    return _unit(left * size_of)


def _fastrp(both: Side, width: int) -> Float:
    """FastRP of Chen et al. (CIKM 2019): sparse random signs, spread over one to three steps."""
    nodes = len(both.indptr) - 1
    degree = np.maximum(np.diff(both.indptr), 1)
    steps = np.repeat(1 / degree, np.diff(both.indptr))
    walk = sp.csr_matrix((steps, both.column, both.indptr), shape=(nodes, nodes))
    signs = np.random.default_rng(3).choice([-1.0, 0.0, 1.0], (nodes, width), p=[1 / 6, 2 / 3, 1 / 6])
    here, total = signs / np.sqrt(degree)[:, None], np.zeros((nodes, width))
    for weight in (0.0, 1.0, 1.0):
        here = walk @ here
        total += weight * here / np.maximum(np.linalg.norm(here, axis=1, keepdims=True), 1e-12)
    return _unit(total)


def _unit(values: Float) -> Float:
    length = np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)
    return np.asarray(values / length, np.float32)


def _dot(values: Float, source: Int32, target: Int32) -> Float:
    return np.asarray(np.einsum("ij,ij->i", values[source], values[target]))


@njit(nogil=True, cache=True)
def _adamic_adar(indptr: Int64, column: Int32, source: Int32, target: Int32, out: Float) -> None:
    for i in range(len(source)):
        a, b = indptr[source[i]], indptr[target[i]]
        while a < indptr[source[i] + 1] and b < indptr[target[i] + 1]:
            if column[a] == column[b]:
                x = column[a]
                out[i] += 1 / np.log(max(indptr[x + 1] - indptr[x], 2))
                a += 1
                b += 1
            elif column[a] < column[b]:
                a += 1
            else:
                b += 1
