"""Making a ranker of hidden links from a graph: examples out-of-fold, two learners, weights by validation.

Some training edges are taken out of the graph, a tenth at a time; each is an example beside false
pairs as hard as those it will be asked about, and all features are counted in the graph that
lacks them. So no true pair sees its own edge, and the examples miss as much of the graph as a
link nobody reported does. A classifier and a ranker learn from them; the validation edges, drawn
and counted in the whole training graph, say how much each weighs and calibrate the probability.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from gnn.calibration import calibration_error, fit_curve
from gnn.extra import needed
from gnn.pairs.features import names_of, pair_features
from gnn.pairs.negatives import Pairs, false_pairs, of_edges, ranks
from gnn.pairs.ranker import Ranker, logistic
from gnn.text import TextVectors
from gnn.trees import from_lightgbm, joined
from graph.csr import Float, Graph, Int64

SHARE = 0.1  # of the edges, taken out at a time
FEWEST, MOST = 3, 8  # times
LEAST, ENOUGH = 200, 20_000  # edges taken out in all: fewer cannot teach, more gain little
PER_END = 10
KNOTS = 1000  # of the curve: one candidate in a hundred is true, so the top must be cut finely
WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)  # of the classifier; the rest is the ranker's
Counted = Callable[[Graph, Pairs], Float]


@dataclass(frozen=True)
class Examples:
    """k examples, each one true pair and then its false ones: `rows` float32[k · width, F]."""

    rows: Float
    width: int

    @property
    def count(self) -> int:
        """Number of examples."""
        return len(self.rows) // self.width

    @property
    def right(self) -> Float:
        """float32[k · width]: 1 for the true pairs."""
        return np.tile(np.eye(1, self.width, dtype=np.float32)[0], self.count)

    def only(self, columns: Sequence[int]) -> "Examples":
        """The same with these columns alone."""
        return Examples(np.ascontiguousarray(self.rows[:, columns]), self.width)


@dataclass(frozen=True)
class Settings:
    """Of both learners."""

    trees: int = 300
    leaves: int = 31
    rate: float = 0.05
    least: int = 50
    seed: int = 1


def training_examples(nodes: int, edges: Pairs, known: Int64, seed: int, counted: Counted) -> Examples:
    """Examples out of the training `edges`; `counted(graph, pairs)` gives the features.

    `known`: keys of pairs that are never taken for false. ValueError when fewer than `LEAST` edges
    can be taken out.
    """
    order = np.random.default_rng([seed, 50]).permutation(len(edges))
    size = min(int(SHARE * len(order)), ENOUGH // FEWEST)
    parts = min(max(-(-ENOUGH // max(size, 1)), FEWEST), MOST)
    if size * parts < LEAST:
        raise ValueError(f"{len(edges)} links are too few to learn from")
    found = []
    for part, (low, high) in enumerate(pairwise(range(0, size * parts + 1, size))):
        rest = of_edges(nodes, edges[np.r_[order[:low], order[high:]]])
        degree = np.diff(rest.out_indptr) + np.diff(rest.in_indptr)
        mine = edges[order[low:high]]
        mine = mine[(degree[mine] > 0).all(axis=1)]
        found.append(counted(rest, _beside(rest, known, mine, seed * 100 + part, PER_END)))
    return Examples(np.concatenate(found), 4 * PER_END + 1)


def held_examples(graph: Graph, known: Int64, edges: Pairs, seed: int, counted: Counted) -> Examples:
    """Examples of `edges` that `graph` does not hold, beside 100 false pairs each."""
    return Examples(counted(graph, _beside(graph, known, edges, seed * 100 + 50, 25)), 101)


def _beside(graph: Graph, known: Int64, edges: Pairs, seed: int, per_end: int) -> Pairs:
    false = false_pairs(graph, known, edges, seed + 1, per_end)
    return np.concatenate([edges[:, None], false], axis=1).reshape(-1, 2)


def fit(
    graph: Graph, text: TextVectors | None, train: Pairs, valid: Pairs, known: Int64, settings: Settings
) -> Ranker:
    """A ranker for `graph`, which holds the `train` edges and not the `valid` ones.

    MissingExtra without the extra `learn`; ValueError where there are too few edges.
    """

    def counted(of: Graph, pairs: Pairs) -> Float:
        return pair_features(of, text, pairs)

    examples = training_examples(graph.nodes, train, known, settings.seed, counted)
    held = held_examples(graph, known, valid, settings.seed, counted)
    return ranker_of(examples, held, names_of(text is not None), settings)


def ranker_of(examples: Examples, held: Examples, features: tuple[str, ...], settings: Settings) -> Ranker:
    """The ranker that the examples teach, weighed and calibrated on the held ones."""
    members = [from_lightgbm(grown(examples, kind, settings)) for kind in ("binary", "lambdarank")]
    scores = [member.score(held.rows) for member in members]
    spread = [max(float(score.std()), 1e-9) for score in scores]
    alone = [score / by for score, by in zip(scores, spread, strict=True)]
    mrr = {weight: _mrr(weight * alone[0] + (1 - weight) * alone[1], held.width) for weight in WEIGHTS}
    # Where weights do about as well, the more even one: the best of five on few edges is partly luck.
    best = max(WEIGHTS, key=lambda weight: (round(mrr[weight], 3), -abs(weight - 0.5)))
    shares = [(best, spread[0]), (1 - best, spread[1])]
    trees = joined([m.scaled(w / by) for m, (w, by) in zip(members, shares, strict=True) if w > 0])
    # Two halves of the held edges: the curve from one, its error told on the other.
    raw, right = logistic(trees.score(held.rows)), held.right > 0
    half = (held.count // 2) * held.width
    told = fit_curve(raw[:half], right[:half], KNOTS)(raw[half:])
    figures = {
        "validation_mrr": round(mrr[best], 4),
        "validation_edges": held.count,
        "classifier_weight": best,
        "classifier_mrr": round(mrr[1.0], 4),
        "ranker_mrr": round(mrr[0.0], 4),
        "calibration_error": round(calibration_error(told, right[half:]), 4),
        "examples": examples.count,
    }
    return Ranker(trees, features, fit_curve(raw, right, KNOTS), figures)


def grown(examples: Examples, kind: str, settings: Settings) -> Any:
    """A LightGBM booster of objective `kind`, `binary` or `lambdarank`. MissingExtra without LightGBM."""
    lightgbm = needed("lightgbm")
    ranking = kind == "lambdarank"
    group = np.full(examples.count, examples.width) if ranking else None
    asked = {
        "objective": kind,
        "num_leaves": settings.leaves,
        "learning_rate": settings.rate,
        "min_data_in_leaf": settings.least,
        "feature_fraction": 0.5,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "num_threads": 1,
        "seed": settings.seed,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
        **({"lambdarank_truncation_level": 20} if ranking else {}),
    }
    return lightgbm.train(asked, lightgbm.Dataset(examples.rows, examples.right, group=group), settings.trees)


def _mrr(score: Float, width: int) -> float:
    table = score.reshape(-1, width)
    return float((1 / ranks(table[:, 0], table[:, 1:])).mean()) if len(table) else 0.0
