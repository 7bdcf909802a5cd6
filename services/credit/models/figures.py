"""How good probabilities of default are: ranking, separation, calibration."""

import numpy as np
from numpy.typing import NDArray

from services.credit.models.members import Float64

Bool = NDArray[np.bool_]


def auc(told: Float64, bad: Bool) -> float:
    """Probability that a bad case is told more than a good one, ties half (Mann and Whitney 1947).

    ValueError where one outcome is missing."""
    yes, no = int(bad.sum()), int((~bad).sum())
    if not yes or not no:
        raise ValueError("both outcomes are needed")
    _, at, count = np.unique(told, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[at]
    return float((rank[bad].sum() - yes * (yes + 1) / 2) / (yes * no))


def ks(told: Float64, bad: Bool) -> float:
    """Largest distance between the two cumulated distributions (Kolmogorov and Smirnov)."""
    levels = np.unique(told)
    yes, no = (
        np.searchsorted(np.sort(told[side]), levels, side="right") / side.sum() for side in (bad, ~bad)
    )
    return float(np.abs(yes - no).max())


def brier(told: Float64, bad: Bool) -> float:
    """Mean squared distance between probability and outcome (Brier 1950)."""
    return float(np.mean((told - bad) ** 2))


def log_loss(told: Float64, bad: Bool) -> float:
    """Mean negative log likelihood, probabilities kept from 0 and 1 by 1e-6."""
    safe = np.clip(told, 1e-6, 1 - 1e-6)
    return float(-np.mean(np.where(bad, np.log(safe), np.log(1 - safe))))


def all_of(told: Float64, bad: Bool) -> dict[str, float]:
    """auc, ks, brier."""
    return {"auc": auc(told, bad), "ks": ks(told, bad), "brier": brier(told, bad)}
