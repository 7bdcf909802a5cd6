"""Small heads without torch: standardise, dense layers, softmax, scores of pairs, all in float32.

dense(x) = x Wᵀ + b          W: float32[out, in], b: float32[out], under "<name>.weight", "<name>.bias"
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Weights = Mapping[str, Float32]

#: Rows at a time, so that hidden layers of many nodes do not stand in memory at once.
ROWS = 1 << 16


def encoded(x: Float32, weights: Weights) -> Float32:
    """float32[n, d]: `second(relu(first((x - shift) * scale)))` of float32[n, F], block by block."""
    made = np.empty((len(x), len(weights["second.bias"])), np.float32)
    for low in range(0, len(x), ROWS):
        scaled = (x[low : low + ROWS] - weights["shift"]) * weights["scale"]
        hidden = np.maximum(dense(scaled, weights, "first"), 0, dtype=np.float32)
        made[low : low + ROWS] = dense(hidden, weights, "second")
    return made


def dense(x: Float32, weights: Weights, name: str) -> Float32:
    """One dense layer: float32[n, in] → float32[n, out]."""
    return np.asarray(x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"], np.float32)


def probabilities(h: Float32, weights: Weights) -> Float32:
    """Node classification: softmax of the layer `head`, float32[n, C], rows sum to 1."""
    raw = dense(h, weights, "head")
    raw = np.exp(raw - raw.max(axis=1, keepdims=True))
    return np.asarray(raw / raw.sum(axis=1, keepdims=True), np.float32)


def pair_scores(h: Float32, pairs: NDArray[np.integer], weights: Weights) -> Float32:
    """Link scoring, float32[k] of pairs [2, k]: `seller(h_i) · buyer(h_j)`, higher is likelier; no
    probability until somebody calibrates it."""
    seller, buyer = dense(h, weights, "seller"), dense(h, weights, "buyer")
    return np.asarray((seller[pairs[0]] * buyer[pairs[1]]).sum(axis=1), np.float32)
