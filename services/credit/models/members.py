"""The parts of a credit model, each a sum over features: a scorecard of bins, a line, trees of one feature.

Every part gives `given(rows)`: float64[n, k], the log odds of default that each feature adds, and `base`,
what it says of nobody in particular. So a blend of parts is a sum over features too, and its explanation
is the model itself and no approximation of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gnn.trees import Trees
from gnn.trees import from_arrays as trees_from

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


class Member(Protocol):
    """A part of a model."""

    @property
    def base(self) -> float:
        """Log odds before any feature has spoken."""

    def given(self, rows: Float64) -> Float64:
        """float64[n, k]: log odds of default that each of k features adds; NaN in `rows` is null."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What a file holds of it."""


@dataclass(frozen=True)
class Line:
    """A logistic regression on values less `centre`, over `scale`, cut at ± `cut`; null counts as the centre.

    `centre`, `scale`, `weight`: float64[k].
    """

    centre: Float64
    scale: Float64
    weight: Float64
    base: float
    cut: float = 3.0

    def given(self, rows: Float64) -> Float64:
        """See `Member`."""
        return scaled(rows, self.centre, self.scale, self.cut) * self.weight

    def arrays(self) -> dict[str, NDArray[Any]]:
        """See `Member`."""
        return {
            "centre": self.centre,
            "scale": self.scale,
            "weight": self.weight,
            "base": np.array([self.base, self.cut]),
        }


@dataclass(frozen=True)
class Card:
    """A scorecard: feature j has the bins between edge[start[j]:start[j+1]] and one for null.

    `points`: log odds of each bin, features after each other, the bin of null last; a feature that is not
    on the card has no edge and points 0, 0. A value equal to an edge lies in the bin above it.
    """

    start: Int64
    edge: Float64
    points: Float64
    base: float

    def given(self, rows: Float64) -> Float64:
        """See `Member`."""
        out = np.zeros(rows.shape)
        for j in range(rows.shape[1]):
            edges = self.edge[self.start[j] : self.start[j + 1]]
            points = self.points[self.start[j] + 2 * j : self.start[j + 1] + 2 * j + 2]
            which = np.searchsorted(edges, rows[:, j], side="right")
            out[:, j] = points[np.where(np.isnan(rows[:, j]), len(edges) + 1, which)]
        return out

    def arrays(self) -> dict[str, NDArray[Any]]:
        """See `Member`."""
        return {
            "start": self.start,
            "edge": self.edge,
            "points": self.points,
            "base": np.array([self.base]),
        }


@dataclass(frozen=True)
class Boosted:
    """Boosted trees that each look at one feature: `owner` int64[T] says at which."""

    trees: Trees
    owner: Int64
    base: float

    @cached_property
    def _by_feature(self) -> dict[int, Trees]:
        return {int(j): only(self.trees, np.flatnonzero(self.owner == j)) for j in np.unique(self.owner)}

    def given(self, rows: Float64) -> Float64:
        """See `Member`."""
        out, floats = np.zeros(rows.shape), np.ascontiguousarray(rows, np.float32)
        for j, trees in self._by_feature.items():
            out[:, j] = trees.score(floats)
        return out

    def arrays(self) -> dict[str, NDArray[Any]]:
        """See `Member`."""
        return {**self.trees.arrays(), "owner": self.owner, "base": np.array([self.base])}


def scaled(rows: Float64, centre: Float64, scale: Float64, cut: float) -> Float64:
    """float64[n, k]: distance from the centre in scales, at most ± cut, 0 where null."""
    return np.asarray(np.nan_to_num(np.clip((rows - centre) / scale, -cut, cut), nan=0.0))


def only(trees: Trees, which: Int64) -> Trees:
    """The trees with those numbers, in their order."""
    nodes = [np.arange(trees.node_at[t], trees.node_at[t + 1]) for t in which]
    leaves = [np.arange(trees.leaf_at[t], trees.leaf_at[t + 1]) for t in which]
    at_node = np.concatenate(nodes) if nodes else np.empty(0, np.int64)
    at_leaf = np.concatenate(leaves) if leaves else np.empty(0, np.int64)
    return Trees(
        node_at=np.cumsum([0, *(len(n) for n in nodes)]).astype(np.int64),
        leaf_at=np.cumsum([0, *(len(n) for n in leaves)]).astype(np.int64),
        feature=trees.feature[at_node],
        threshold=trees.threshold[at_node],
        left=trees.left[at_node],
        right=trees.right[at_node],
        left_if_missing=trees.left_if_missing[at_node],
        leaf=trees.leaf[at_leaf],
    )


def member_of(kind: str, arrays: Mapping[str, NDArray[Any]], features: int) -> Member:
    """The part that `arrays()` gave. KeyError where an array is missing, ValueError where they do not fit
    together: they may come from a stranger's file."""
    base = arrays["base"]
    if not all(np.isfinite(a).all() for a in arrays.values() if a.dtype.kind == "f"):
        raise ValueError("numbers of a model are finite")
    if kind == "line":
        line = Line(arrays["centre"], arrays["scale"], arrays["weight"], float(base[0]), float(base[1]))
        if any(len(a) != features for a in (line.centre, line.scale, line.weight)) or (line.scale <= 0).any():
            raise ValueError("a line has a centre, a scale and a weight for each feature")
        return line
    if kind == "card":
        card = Card(arrays["start"], arrays["edge"], arrays["points"], float(base[0]))
        whole = len(card.start) == features + 1 and card.start[0] == 0 and card.start[-1] == len(card.edge)
        if not whole or (np.diff(card.start) < 0).any() or len(card.points) != len(card.edge) + 2 * features:
            raise ValueError("a card has a bin between its edges and one for null")
        return card
    if kind != "boosted":
        raise ValueError(f"no part of a credit model is called {kind}")
    boosted = Boosted(trees_from(dict(arrays)), arrays["owner"], float(base[0]))
    seen = boosted.trees.feature
    if len(boosted.owner) != len(boosted.trees.node_at) - 1 or (len(seen) and seen.max() >= features):
        raise ValueError("every tree has the feature it looks at")
    if (np.repeat(boosted.owner, np.diff(boosted.trees.node_at)) != seen).any():
        raise ValueError("a tree of a credit model looks at one feature")
    return boosted
