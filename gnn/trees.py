"""Boosted trees as plain arrays, evaluated without the library that grew them.

Node k of tree t goes left when row[feature[k]] <= threshold[k], or, where the value is missing, as
`left_if_missing[k]` says. A child below 0 is a leaf: -1 - child is its number. The score of a row
is the sum of its leaves over all trees. Thresholds and leaves are float64, as LightGBM holds them.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit

from graph.csr import Float, Float64, Int32, Int64, Mask, fixed

PREFIX = "trees."


@dataclass(frozen=True)
class Trees:
    """T trees with N inner nodes and L leaves in all. `node_at`, `leaf_at`: int64[T + 1], where
    each tree's begin; children count from the tree's own first node or leaf."""

    node_at: Int64
    leaf_at: Int64
    feature: Int32
    threshold: Float64
    left: Int32
    right: Int32
    left_if_missing: Mask
    leaf: Float64

    def score(self, rows: Float) -> Float64:
        """float64[k]: the sum of leaves for each row of float32[k, F]; NaN is missing."""
        out = np.zeros(len(rows))
        _score(
            fixed(rows, np.float32),
            self.node_at,
            self.leaf_at,
            self.feature,
            self.threshold,
            self.left,
            self.right,
            self.left_if_missing,
            self.leaf,
            out,
        )
        return out

    def scaled(self, by: float) -> "Trees":
        """The same trees with every leaf times `by`."""
        return replace(self, leaf=fixed(self.leaf * by, np.float64))

    def arrays(self) -> dict[str, Any]:
        """What a safetensors file holds of it."""
        return {PREFIX + name: np.array(getattr(self, name)) for name in _TYPES}


_TYPES: dict[str, Any] = {
    "node_at": np.int64,
    "leaf_at": np.int64,
    "feature": np.int32,
    "threshold": np.float64,
    "left": np.int32,
    "right": np.int32,
    "left_if_missing": np.bool_,
    "leaf": np.float64,
}


def from_arrays(arrays: dict[str, Any]) -> Trees:
    """The trees that `arrays()` gave. KeyError where one is missing, ValueError where a walk could leave them
    or go round in them: the arrays may come from a stranger's file."""
    trees = Trees(**{name: fixed(arrays[PREFIX + name], kind) for name, kind in _TYPES.items()})
    if not _sound(trees):
        raise ValueError("these arrays are no trees")
    return trees


def _sound(trees: Trees) -> bool:
    """Whether every child comes after its parent, inside its tree, and every leaf is there."""
    nodes, leaves = np.diff(trees.node_at), np.diff(trees.leaf_at)
    same = {
        len(getattr(trees, name)) for name in ("feature", "threshold", "left", "right", "left_if_missing")
    }
    whole = len(nodes) == len(leaves) and len(same) == 1 and trees.node_at[0] == 0 == trees.leaf_at[0]
    if not whole or (nodes < 0).any() or (leaves < 1).any() or trees.node_at[-1] != len(trees.feature):
        return False
    if trees.leaf_at[-1] != len(trees.leaf) or (trees.feature < 0).any():
        return False
    tree = np.repeat(np.arange(len(nodes)), nodes)
    at = np.arange(len(trees.feature)) - trees.node_at[tree]
    return all(
        bool((np.where(child >= 0, (child > at) & (child < nodes[tree]), -child <= leaves[tree])).all())
        for child in (trees.left, trees.right)
    )


def from_lightgbm(model: Any) -> Trees:
    """The trees of a LightGBM booster. ValueError on a categorical split or on a rule for missing
    values other than NaN or none."""
    columns: dict[str, list[Any]] = {name: [] for name in _TYPES}
    columns["node_at"], columns["leaf_at"] = [0], [0]
    for tree in model.dump_model()["tree_info"]:
        _append(tree["tree_structure"], columns)
        columns["node_at"].append(len(columns["feature"]))
        columns["leaf_at"].append(len(columns["leaf"]))
    return from_arrays({PREFIX + name: np.array(columns[name], kind) for name, kind in _TYPES.items()})


def joined(parts: list[Trees]) -> Trees:
    """One set of trees whose score is the sum of the parts' scores."""
    shift_nodes = np.cumsum([0, *(part.node_at[-1] for part in parts)])
    shift_leaves = np.cumsum([0, *(part.leaf_at[-1] for part in parts)])
    arrays = {
        PREFIX + name: np.concatenate([getattr(part, name) for part in parts])
        for name in _TYPES
        if not name.endswith("_at")
    }
    for name, shift in (("node_at", shift_nodes), ("leaf_at", shift_leaves)):
        starts = [getattr(part, name)[:-1] + by for part, by in zip(parts, shift, strict=False)]
        arrays[PREFIX + name] = np.concatenate([*starts, shift[-1:]])
    return from_arrays(arrays)


def _append(root: dict[str, Any], columns: dict[str, list[Any]]) -> None:
    """One tree's nodes in the order in which they are met, children after their parent."""
    first_node, first_leaf = len(columns["feature"]), len(columns["leaf"])

    def place(node: dict[str, Any]) -> int:
        if "leaf_value" in node and "split_feature" not in node:
            columns["leaf"].append(node["leaf_value"])
            return first_leaf - len(columns["leaf"])
        if node["decision_type"] != "<=" or node["missing_type"] not in ("None", "NaN"):
            raise ValueError(f"cannot hold a split {node['decision_type']} with {node['missing_type']}")
        at = len(columns["feature"])
        for name in ("feature", "threshold", "left", "right", "left_if_missing"):
            columns[name].append(0)
        columns["feature"][at] = node["split_feature"]
        columns["threshold"][at] = node["threshold"]
        # Without a rule for missing values LightGBM reads NaN as 0.
        missing = node["default_left"] if node["missing_type"] == "NaN" else node["threshold"] >= 0
        columns["left_if_missing"][at] = missing
        columns["left"][at] = place(node["left_child"])
        columns["right"][at] = place(node["right_child"])
        return at - first_node

    place(root)


@njit(nogil=True, cache=True)
def _score(
    rows: Float,
    node_at: Int64,
    leaf_at: Int64,
    feature: Int32,
    threshold: Float64,
    left: Int32,
    right: Int32,
    left_if_missing: Mask,
    leaf: Float64,
    out: Float64,
) -> None:
    for t in range(len(node_at) - 1):
        first = node_at[t]
        single = node_at[t + 1] == first
        for i in range(len(rows)):
            at = -1 if single else 0
            while at >= 0:
                k = first + at
                value = rows[i, feature[k]]
                if np.isnan(value):
                    at = left[k] if left_if_missing[k] else right[k]
                else:
                    at = left[k] if value <= threshold[k] else right[k]
            out[i] += leaf[leaf_at[t] - 1 - at]
