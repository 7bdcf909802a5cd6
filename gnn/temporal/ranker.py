"""Which firm will buy what from whom in the next step: a ranker that reads stock, orders and habits."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gnn.extra import needed
from gnn.temporal.plan import Recipes, learnt_recipes
from gnn.temporal.sampling import Ranked, Steps, drawn
from gnn.temporal.state import Stream

Floats = NDArray[np.float64]

SKIPPED = 0.35  # the first part of the training steps fills the state and teaches nothing
MOST = 120  # transactions of one step that are learnt from
ROUNDS = 250
PARAMS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 16,
    "min_data_in_leaf": 200,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 20.0,
    "max_bin": 63,
    "verbose": -1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
}


@dataclass(frozen=True)
class Ranker:
    """A trained ranker: LightGBM on the columns `names`, and the recipes its stream runs with.

    The score is the mean log-odds of the `boosters`, which differ in their draws only.
    """

    boosters: tuple[Any, ...]
    names: tuple[str, ...]
    known: Recipes | None

    def scores(self, steps: Steps, sets: Ranked) -> Floats:
        """(n, candidates) scores of `sets`; each step's from the transactions of the steps before it."""
        values, names = table(steps, sets, self.known)
        if names != self.names:
            raise ValueError("the features are not those the ranker was trained on")
        odds = [np.asarray(one.predict(values, raw_score=True), np.float64) for one in self.boosters]
        return np.asarray(np.mean(odds, axis=0)).reshape(sets.keys.shape)


def fit(
    steps: Steps, until: int, seed: int = 0, repeats: int = 2, stock: bool = True, shuffled: bool = False
) -> Ranker:
    """A ranker from the transactions of steps up to `until`; nothing later is looked at.

    Recipes are learnt first, then every step is replayed: its transactions against negatives drawn
    as for the test, features from the steps before it. Binary log loss over the 19 candidates.
    `stock=False` leaves out everything that stands on recipes (the ablation "counts only");
    `shuffled` gives the recipes to the wrong products (the ablation "shuffled recipes").
    MissingExtra without the extra `learn`.
    """
    lightgbm = needed("lightgbm")
    past = steps.until(until)
    known = learnt_recipes(past) if stock else None
    if known is not None and shuffled:
        known = _shuffled(known, seed)
    first = int(past.ts[0] + SKIPPED * (until - past.ts[0]))
    boosters: list[Any] = []
    names: tuple[str, ...] = ()
    for draw in range(repeats):
        sets = _thinned(drawn(past, until, first, until, seed + draw + 1), seed + draw)
        values, names = table(past, sets, known)
        wanted = np.zeros(sets.keys.shape)
        wanted[:, 0] = 1
        data = lightgbm.Dataset(values, wanted.ravel(), free_raw_data=True)
        boosters.append(lightgbm.train({**PARAMS, "seed": seed + draw}, data, ROUNDS))
    return Ranker(tuple(boosters), names, known)


def table(steps: Steps, sets: Ranked, known: Recipes | None) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Features (n · candidates, d) of `sets` and their names, replaying `steps` one by one."""
    stream = Stream(steps.firms, steps.products, known)
    wanted = np.unique(sets.step)
    parts: list[NDArray[np.float32]] = []
    names: list[str] = []
    for step in range(int(steps.ts[0]), int(wanted[-1]) + 1):
        rows = sets.step == step
        if rows.any():
            keys, place = np.unique(sets.keys[rows], return_inverse=True)
            names, values = stream.features(step, keys)
            parts.append(values[place.ravel()])
        stream.advance(step, steps)
    return np.concatenate(parts), tuple(names)


def _thinned(sets: Ranked, seed: int) -> Ranked:
    """At most MOST rows of each step, drawn at random."""
    order = np.random.default_rng(seed).permutation(len(sets.step))
    step = sets.step[order]
    by_step = np.argsort(step, kind="stable")
    first = np.searchsorted(step[by_step], step[by_step])
    kept = np.sort(order[by_step[np.arange(len(step)) - first < MOST]])
    return Ranked(sets.step[kept], sets.keys[kept])


def _shuffled(known: Recipes, seed: int) -> Recipes:
    has = np.flatnonzero((known.amounts > 0).any(axis=1))
    amounts = known.amounts.copy()
    amounts[has] = known.amounts[np.random.default_rng(seed).permutation(has)]
    return Recipes(amounts, known.unseen_supply, known.hidden, known.sells_unseen)
