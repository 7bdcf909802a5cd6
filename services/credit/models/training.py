"""Trains a credit model: three parts, their penalties and weights chosen on folds of the cases it is given.

Whatever is chosen is chosen in here: whoever judges a model hands in training cases only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.credit.models.figures import log_loss
from services.credit.models.fitting import Cases, fit_boosted, fit_card, fit_line
from services.credit.models.members import Float64, Int64, Member
from services.credit.models.model import CreditModel, logistic, refuse_rating
from services.credit.models.splits import folds

#: Penalties (l1, l2) that the line chooses among, in losses summed over cases.
PENALTIES = ((1.0, 3.0), (2.0, 1.0), (3.0, 1.0), (1.0, 10.0), (5.0, 5.0), (10.0, 10.0))
KINDS = ("card", "line", "boosted")


@dataclass(frozen=True)
class Plan:
    """How to train. `known`: least share of cases in which a feature has a value; `parts`: folds to choose
    on; `pull`: how hard the blend is pulled to equal weights; `kinds`: which parts are blended."""

    seed: int = 1
    known: float = 0.5
    parts: int = 5
    pull: float = 1.0
    kinds: tuple[str, ...] = KINDS
    penalties: tuple[tuple[float, float], ...] = PENALTIES
    card_features: int = 4
    card_bins: int = 4
    rounds: int = 120
    rate: float = 0.05
    least: int = 5
    directed: bool = True


Fit = Callable[[Cases], Member]


def train(names: Sequence[str], cases: Cases, plan: Plan = Plan()) -> CreditModel:
    """The blend over the features that the cases know, chosen on folds of `cases` alone.

    `cases.direction` is of `names` too. Conflict for a bank's rating among the names, ValueError without both
    outcomes, MissingExtra without the extra where trees are part of it.
    """
    refuse_rating(names)
    if not cases.bad.any() or cases.bad.all():
        raise ValueError("both outcomes are needed")
    used = usable(cases.rows, plan.known)
    kept = narrowed(cases, used, plan.directed)
    fits = _chosen(kept, plan)
    told = held_out(kept, list(fits.values()), plan)
    weight, shift = blend(told, kept, plan.pull)
    parts = tuple((float(w), fit(kept)) for w, fit in zip(weight, fits.values(), strict=True) if w > 1e-6)
    kinds = tuple(kind for w, kind in zip(weight, fits, strict=True) if w > 1e-6)
    mean = np.sum([w * part.given(kept.rows).mean(axis=0) for w, part in parts], axis=0)
    picked = tuple(names[j] for j in used)
    held = {name: int(d) for name, d in zip(picked, kept.direction, strict=True) if d}
    return CreditModel(picked, parts, 1.0, shift, np.asarray(mean), kinds=kinds, directions=held)


def usable(rows: Float64, known: float) -> Int64:
    """int64: columns with a value in that share of cases at least, and more than one."""
    there = ~np.isnan(rows)
    varied = np.where(there, rows, -np.inf).max(axis=0) > np.where(there, rows, np.inf).min(axis=0)
    return np.flatnonzero((there.mean(axis=0) >= known) & varied)


def narrowed(cases: Cases, used: Int64, directed: bool = True) -> Cases:
    """The cases with those columns only; directions forgotten unless `directed`."""
    direction = cases.direction[used] if directed else np.zeros(len(used), np.int64)
    return replace(cases, rows=np.ascontiguousarray(cases.rows[:, used]), direction=direction)


def _chosen(cases: Cases, plan: Plan) -> dict[str, Fit]:
    """By kind how it is fitted: the line with the penalty of least loss on the folds."""
    fits: dict[str, Fit] = {}
    if "card" in plan.kinds:
        fits["card"] = lambda c: fit_card(c, plan.card_features, plan.card_bins, 1.0)
    if "line" in plan.kinds:
        l1, l2 = best_penalty(cases, plan)
        fits["line"] = lambda c: fit_line(c, l1, l2)
    if "boosted" in plan.kinds:
        fits["boosted"] = lambda c: fit_boosted(c, plan.rounds, plan.rate, plan.least, plan.seed)
    return fits


def best_penalty(cases: Cases, plan: Plan) -> tuple[float, float]:
    """The penalty whose line loses least on cases held out of its fit."""
    if len(plan.penalties) == 1:
        return plan.penalties[0]

    def fit(l1: float, l2: float) -> Fit:
        return lambda c: fit_line(c, l1, l2)

    told = held_out(cases, [fit(*penalty) for penalty in plan.penalties], plan)
    losses = [log_loss(logistic(told[:, j]), cases.bad) for j in range(told.shape[1])]
    return plan.penalties[int(np.argmin(losses))]


def held_out(cases: Cases, fits: Sequence[Fit], plan: Plan) -> Float64:
    """float64[n, len(fits)]: log odds that each fit tells of cases it was not fitted on."""
    part = folds(cases.bad, cases.group, plan.parts, plan.seed)
    told = np.zeros((len(cases.bad), len(fits)))
    for number in range(plan.parts):
        shown, hidden = cases.of(part != number), cases.rows[part == number]
        for j, fit in enumerate(fits):
            member = fit(shown)
            told[part == number, j] = member.base + member.given(hidden).sum(axis=1)
    return told


def blend(told: Float64, cases: Cases, pull: float) -> tuple[Float64, float]:
    """Weights float64[m], none below 0, and shift of the log odds that say least falsely (stacking, Wolpert
    1992): so the sum is calibrated on what was held out. `pull`: penalty on distance from equal weights."""
    from scipy.optimize import minimize

    y, m = cases.bad.astype(np.float64), told.shape[1]

    def loss(at: Float64) -> tuple[float, Float64]:
        odds = told @ at[1:] + at[0]
        wrong, apart = logistic(odds) - y, at[1:] - 1.0 / m
        value = np.logaddexp(0.0, odds).sum() - odds @ y + pull / 2 * apart @ apart
        return float(value), np.concatenate([[wrong.sum()], told.T @ wrong + pull * apart])

    start = np.concatenate([[0.0], np.full(m, 1.0 / m)])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(None, None), *[(0.0, None)] * m])
    return np.asarray(found.x[1:]), float(found.x[0])
