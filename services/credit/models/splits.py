"""How cases are divided for choosing and for judging: by outcome, and never two books of one firm apart."""

import numpy as np
from numpy.typing import NDArray

from services.credit.models.members import Int64

Bool = NDArray[np.bool_]


def folds(bad: Bool, group: Int64, parts: int, seed: int) -> Int64:
    """int64[n]: the part, 0 … parts - 1, of each case: groups are dealt out in seeded order, those with a
    default first, so that every part has its share of them. ValueError with fewer groups than parts."""
    groups, at = np.unique(group, return_inverse=True)
    if len(groups) < parts:
        raise ValueError("fewer firms than parts")
    worst = np.zeros(len(groups), np.bool_)
    np.logical_or.at(worst, at, bad)
    order = np.random.default_rng([23, seed]).permutation(len(groups))
    order = order[np.argsort(~worst[order], kind="stable")]
    part = np.empty(len(groups), np.int64)
    part[order] = np.arange(len(groups)) % parts
    return np.asarray(part[at], np.int64)
