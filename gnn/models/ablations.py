"""What a model is held against: the same graph with less in it, and the simplest rivals without learning."""

import numpy as np

from gnn.data import NodeLabels, shuffled, without
from gnn.models.mlp import Float32
from gnn.node_features import INDUSTRY_FEATURES
from gnn.typed import EDGE_TYPES, TypedGraph

DEGREES = {"sales_partners_log", "purchases_partners_log"}
GOODS = {"MAKES", "BUYS"}


def variants(graph: TypedGraph, seed: int = 1) -> dict[str, TypedGraph]:
    """`shuffled`: partners drawn anew; `degree`: nothing but how many partners a firm has; `text`: its goods
    and industry, no links and no other figure. Train the same spec on each."""
    kinds = {kind for _, kind, _ in EDGE_TYPES}
    return {
        "shuffled": shuffled(graph, seed),
        "degree": without(graph, kinds, DEGREES),
        "text": without(graph, kinds - GOODS, set(INDUSTRY_FEATURES)),
    }


def accuracy(probabilities: Float32, labels: NodeLabels) -> float:
    """Share of the test firms whose likeliest class is their own; NaN where there are none."""
    right = probabilities.argmax(axis=1)[labels.test] == labels.y[labels.test]
    return float(right.mean()) if len(right) else float("nan")


def majority(labels: NodeLabels) -> float:
    """Accuracy on the test firms of always saying the commonest class of the training firms."""
    commonest = np.bincount(labels.y[labels.train], minlength=len(labels.classes)).argmax()
    return float((labels.y[labels.test] == commonest).mean())
