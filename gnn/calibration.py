"""From a raw probability to one that can be trusted: a monotone curve, and how far off a figure is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """A monotone, piecewise linear map: `raw` ascending, `true` not falling, both float64[k] in 0 … 1."""

    raw: Float64
    true: Float64

    def __call__(self, raw: Float64) -> Float64:
        """The calibrated probability of each raw one."""
        return np.asarray(np.interp(np.asarray(raw, np.float64), self.raw, self.true))


def checked(curve: Curve) -> Curve:
    """`curve`, if it is one. ValueError where it is not: it may come from a stranger's file."""
    for values in (curve.raw, curve.true):
        inside = np.isfinite(values).all() and (values >= 0).all() and (values <= 1).all()
        if not inside or (np.diff(values) < 0).any() or not len(values):
            raise ValueError("a calibration curve runs from 0 to 1 and never falls")
    if len(curve.raw) != len(curve.true):
        raise ValueError("a calibration curve has as many values as knots")
    return curve


def fit_curve(raw: Float64, right: NDArray[np.bool_], knots: int = 32) -> Curve:
    """Isotonic regression of `right` on `raw` (pool adjacent violators; Barlow et al. 1972).

    Cases are first pooled into at most `knots` groups of equal size; every level of the curve then counts
    one case more of each outcome, so that a handful of cases never proves 0 or 1. ValueError without cases.
    """
    if not len(raw):
        raise ValueError("nothing to calibrate on")
    order = np.argsort(raw, kind="stable")
    groups = np.array_split(order, min(knots, max(1, len(order) // 20)))
    x = np.array([raw[g].mean() for g in groups])
    levels = _levels([(float(right[g].sum()), float(len(g)), i, i) for i, g in enumerate(groups)])
    smoothed = _levels([(yes + 1, of + 2, first, last) for yes, of, first, last in levels])
    ends = [(x[at], yes / of) for yes, of, first, last in smoothed for at in sorted({first, last})]
    # A belief of nothing is a probability of nothing, however sure the least sure case was.
    start = [(0.0, 0.0)] if ends[0][0] > 0 else []
    knots_at = [*start, *ends]
    return Curve(np.array([a for a, _ in knots_at]), np.array([b for _, b in knots_at]))


def _levels(groups: list[tuple[float, float, int, int]]) -> list[tuple[float, float, int, int]]:
    """(right, cases, first group, last group): neighbours joined until the shares rise strictly."""
    joined: list[tuple[float, float, int, int]] = []
    for group in groups:
        joined.append(group)
        while len(joined) > 1 and joined[-2][0] * joined[-1][1] >= joined[-1][0] * joined[-2][1]:
            yes, of, _, last = joined.pop()
            yes_before, of_before, first, _ = joined.pop()
            joined.append((yes + yes_before, of + of_before, first, last))
    return joined


def calibration_error(told: Float64, right: NDArray[np.bool_], bins: int = 15) -> float:
    """Expected calibration error (Guo et al. 2017): the mean over equal bins of |told - true|, by cases."""
    if not len(told):
        return 0.0
    which = np.minimum((told * bins).astype(np.int64), bins - 1)
    size = np.bincount(which, minlength=bins)
    gap = np.abs(np.bincount(which, told, bins) - np.bincount(which, right.astype(np.float64), bins))
    return float(gap[size > 0].sum() / len(told))


def least_confidence(told: Float64, right: NDArray[np.bool_], precision: float) -> float:
    """The lowest threshold above which at least `precision` of the cases are right; above 1 if none is."""
    order = np.argsort(-told, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    # A threshold cuts between different values only: cases alike stand or fall together.
    last = np.append(told[order][1:] != told[order][:-1], True) if len(order) else np.empty(0, np.bool_)
    good = np.flatnonzero((share >= precision) & last)
    return float(told[order][good[-1]]) if len(good) else 1.01
