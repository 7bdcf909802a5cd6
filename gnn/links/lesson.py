"""Trains the model of hidden links by hiding links that are known, and tells how good it is.

A share of the links is hidden; candidates are drawn from what is left as a build draws them; those that
were hidden are the true ones. Sellers are cut in three: to learn from, to calibrate on, to be asked about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.calibration import calibration_error, fit_curve
from gnn.embeddings.embedding import embed
from gnn.extra import needed
from gnn.links.candidates import candidates
from gnn.links.model import LEAST, LinkModel, arrays_of
from gnn.links.trade import EMBEDDED, NAMES, TRADE, features_of
from gnn.pairs.features import FEATURES
from gnn.pairs.ranker import logistic
from gnn.positions.hiding import Hidden, hide
from gnn.positions.plain import what_is_plain
from gnn.production.knowledge import made_of
from gnn.registry.folder import Seen, Trained
from gnn.trees import Trees, from_lightgbm
from gnn.view import View
from graph.csr import Int32
from ledger.errors import InputError
from seeds.chains import Chain

#: What is hidden: links only. Goods keep their names, buyers theirs.
MISSING = Hidden(links=0.3, texts=0.0, wrong=0.0, names=0.0, industries=0.0)
#: Parts of the sellers to learn from and to calibrate on; the rest is asked about.
PARTS = (0.6, 0.8)
KNOTS = 200
#: Candidates learned from and measured on, drawn by seed where there are more.
MOST = 400_000


@dataclass(frozen=True)
class Asked:
    """Candidate pairs of a graph with links hidden, their columns and which of them were true."""

    pairs: Int32
    rows: NDArray[np.float32]
    true: NDArray[np.bool_]
    hidden: int

    def of(self, some: NDArray[np.bool_]) -> "Asked":
        """Those of some sellers."""
        return Asked(self.pairs[some], self.rows[some], self.true[some], self.hidden)


def lesson(view: View, chains: Sequence[Chain], snapshot: str, synthetic: bool, seed: int = 1) -> Trained:
    """InputError where too few links were hidden to learn from; MissingExtra without the extra `learn`."""
    asked = examples(view, chains, seed)
    draw = np.random.default_rng([12, seed]).random(view.firms)[asked.pairs[:, 0]]
    learnt, tuned, held = (
        asked.of(part) for part in (draw < PARTS[0], (draw >= PARTS[0]) & (draw < PARTS[1]), draw >= PARTS[1])
    )
    if learnt.true.sum() < 100 or tuned.true.sum() < 30:
        raise InputError("links_too_few", links=int(asked.true.sum()))
    model = _fitted(learnt, tuned, list(range(len(NAMES))), seed)
    groups = {
        "degree": [i for i, name in enumerate(NAMES) if FEATURES.get(name) == "degree"],
        "trade": [NAMES.index(name) for name in TRADE],
        "l3": [NAMES.index("l3_root")],
        "embedding": [NAMES.index(name) for name in EMBEDDED],
        "no_embedding": [i for i, name in enumerate(NAMES) if name not in EMBEDDED],
    }
    rivals = {
        name: _figures(_fitted(learnt, tuned, columns, seed), held, columns)
        for name, columns in groups.items()
    }
    return Trained(
        kind="links",
        model={"columns": list(NAMES), "hidden": vars(MISSING)},
        weights=arrays_of(model),
        features={f"hidden_link_{name}" if name in FEATURES else f"pair_{name}": 1 for name in NAMES},
        seed=seed,
        seen=Seen(snapshot, view.as_of, synthetic, view.firms, view.graph.edges),
        metrics=_figures(model, held),
        headline="average_precision",
        samples=len(held.true),
        ablations=rivals,
        rival="l3",
        purpose="model_for_links",
        never=("model_never_ground", "model_never_alone"),
        libraries=("lightgbm", "numpy"),
    )


def evaluate(view: View, chains: Sequence[Chain], model: LinkModel, seed: int = 77) -> Mapping[str, float]:
    """The figures of a model where other links are hidden from today's graph."""
    return _figures(model, examples(view, chains, seed))


def examples(view: View, chains: Sequence[Chain], seed: int) -> Asked:
    """Hide, draw candidates from what is left, count their columns there."""
    seen, _ = hide(view, MISSING, seed)
    plain = what_is_plain(seen, chains)
    nobody = np.zeros(view.firms, np.bool_)
    pairs = candidates(seen, plain, made_of(seen, plain), nobody, nobody).pairs
    if len(pairs) > MOST:
        pairs = pairs[np.sort(np.random.default_rng([13, seed]).permutation(len(pairs))[:MOST])]
    keys = pairs[:, 0].astype(np.int64) * view.firms + pairs[:, 1]
    usable = ~(plain.hubs[view.graph.src] | plain.hubs[view.graph.dst])
    all_links = view.graph.src[usable].astype(np.int64) * view.firms + view.graph.dst[usable]
    kept = seen.graph.src.astype(np.int64) * view.firms + seen.graph.dst
    hidden = np.setdiff1d(all_links, kept)
    rows = features_of(seen, plain, plain.own, embed(seen), pairs)
    return Asked(pairs, rows, np.isin(keys, hidden), len(hidden))


def _fitted(learnt: Asked, tuned: Asked, columns: list[int], seed: int) -> LinkModel:
    trees = _grown(learnt.rows[:, columns], learnt.true, seed)
    curve = fit_curve(logistic(trees.score(tuned.rows[:, columns])), tuned.true, KNOTS)
    return LinkModel(trees, curve)


def _grown(rows: NDArray[np.float32], true: NDArray[np.bool_], seed: int) -> Trees:
    lightgbm = needed("lightgbm")
    asked = {
        "objective": "binary",
        "num_leaves": 31,
        "learning_rate": 0.05,
        "min_data_in_leaf": 50,
        "feature_fraction": 0.6,
        "num_threads": 1,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
    }
    data = lightgbm.Dataset(np.ascontiguousarray(rows), true.astype(np.float32))
    return from_lightgbm(lightgbm.train(asked, data, 150))


def _figures(model: LinkModel, held: Asked, columns: list[int] | None = None) -> dict[str, float]:
    """Average precision over the candidates asked about; of those told as likely enough to be shown how many
    are true and how far that is from what was told; the share of true ones among all candidates."""
    told = model.probability(held.rows if columns is None else np.ascontiguousarray(held.rows[:, columns]))
    shown = told >= LEAST
    return {
        "average_precision": average_precision(told, held.true),
        "shown_true": float(held.true[shown].mean()) if shown.any() else 0.0,
        "shown_ece": calibration_error(told[shown], held.true[shown]),
        "base_rate": float(held.true.mean()) if len(held.true) else 0.0,
    }


def average_precision(told: NDArray[np.float64], true: NDArray[np.bool_]) -> float:
    """Mean over the true cases of the precision at their rank; ties in the order of the cases."""
    order = np.argsort(-told, kind="stable")
    hits = true[order]
    if not hits.any():
        return 0.0
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean())
