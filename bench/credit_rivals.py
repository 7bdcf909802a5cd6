"""Rivals of the credit model that the product does not hold: logistic regression on ranks, free LightGBM."""

import numpy as np
from numpy.typing import NDArray

from services.credit.models.fitting import Cases, fit_line
from services.credit.models.model import logistic
from services.credit.models.training import Plan, best_penalty, narrowed, usable

Floats = NDArray[np.float64]
PENALTIES = ((0.0, 1.0), (0.0, 3.0), (0.0, 10.0), (0.0, 30.0), (0.0, 100.0))


def rank_logistic(cases: Cases, rows: Floats) -> Floats:
    """Ridge on each feature's rank among the training firms, the penalty chosen on folds of them."""
    used = usable(cases.rows, 0.5)
    ranked = Cases(_ranks(cases.rows, cases.rows), cases.bad, cases.direction, cases.group)
    kept = narrowed(ranked, used, directed=False)
    line = fit_line(kept, *best_penalty(kept, Plan(penalties=PENALTIES)))
    asked = _ranks(cases.rows, rows)[:, used]
    return logistic(line.base + line.given(asked).sum(axis=1))


def boosted_rival(cases: Cases, rows: Floats) -> Floats:
    """LightGBM with the directions as monotone constraints, features free to work together."""
    import lightgbm

    model = lightgbm.LGBMClassifier(
        n_estimators=80, learning_rate=0.05, num_leaves=4, min_child_samples=8, colsample_bytree=0.3,
        subsample=0.8, subsample_freq=1, reg_lambda=5.0,
        monotone_constraints=[int(d) for d in cases.direction], verbose=-1, n_jobs=1, random_state=0,
    )  # fmt: skip
    model.fit(cases.rows, cases.bad)
    return np.asarray(model.booster_.predict(rows), np.float64)


def _ranks(seen: Floats, rows: Floats) -> Floats:
    """float64[n, k] in 0 … 1: where each value stands among those seen; null stays null."""
    out = np.full(rows.shape, np.nan)
    for j in range(rows.shape[1]):
        known = np.sort(seen[~np.isnan(seen[:, j]), j])
        if len(known):
            low, high = (np.searchsorted(known, rows[:, j], side) for side in ("left", "right"))
            out[:, j] = np.where(np.isnan(rows[:, j]), np.nan, (low + high) / 2 / len(known))
    return out
