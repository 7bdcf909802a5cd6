"""The small head of the bench `nightly`: h = relu(x W1 + b1), p = softmax(h W2 + b2), float32, no torch.

x is standardised by the means and spreads of the sample it was trained on; Adam (Kingma & Ba 2015).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gnn.embeddings.propagation import widened
from graph.csr import Int32

Float32 = NDArray[np.float32]
#: A class this far below the best adds less than one in ten million to the sum of the softmax.
FAR = np.float32(17)
HIDDEN, ROUNDS, BATCH, RATE = 128, 5, 1024, 3e-3


@dataclass(frozen=True)
class Head:
    """`w1` [f, HIDDEN], `b1`, `w2` [HIDDEN, classes], `b2`: float32, standardising folded into the first."""

    w1: Float32
    b1: Float32
    w2: Float32
    b2: Float32

    def __call__(self, x: Any) -> tuple[Int32, Float32]:
        """The likeliest class of each row and its probability. x: float32[k, f]."""
        hidden = x @ self.w1
        _relu(hidden, self.b1)
        scores = hidden @ self.w2
        best, sure = np.empty(len(x), np.int32), np.empty(len(x), np.float32)
        _best(scores, self.b2, best, sure)
        return best, sure


def trained(x: Float32, label: Int32, classes: int, seed: int = 1) -> Head:
    """A head for rows `x` and their classes."""
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-6
    x = (x - mean) / spread
    rng = np.random.Generator(np.random.Philox(seed))
    part: list[Any] = [
        rng.normal(0, np.sqrt(2 / x.shape[1]), (x.shape[1], HIDDEN)).astype(np.float32),
        np.zeros(HIDDEN, np.float32),
        rng.normal(0, np.sqrt(1 / HIDDEN), (HIDDEN, classes)).astype(np.float32),
        np.zeros(classes, np.float32),
    ]
    first, second = [np.zeros_like(p) for p in part], [np.zeros_like(p) for p in part]
    steps = ROUNDS * max(len(x) // BATCH, 1)
    for step in range(steps):
        if step % max(len(x) // BATCH, 1) == 0:
            order = rng.permutation(len(x))
        at = (step * BATCH) % max(len(x) - BATCH + 1, 1)
        pick = order[at : at + BATCH]
        rate = RATE * (1 - step / steps)
        lift = np.sqrt(1 - 0.999 ** (step + 1)) / (1 - 0.9 ** (step + 1))
        for k, slope in enumerate(_slopes(part, x[pick], label[pick])):
            first[k] += 0.1 * (slope - first[k])
            second[k] += 0.001 * (slope * slope - second[k])
            part[k] -= np.float32(rate * lift) * first[k] / (np.sqrt(second[k]) + 1e-8)
    w1 = (part[0] / spread[:, None]).astype(np.float32)
    return Head(w1, (part[1] - mean @ w1).astype(np.float32), part[2], part[3])


def _slopes(part: list[Any], x: Float32, label: Int32) -> list[Float32]:
    w1, b1, w2, b2 = part
    hidden = np.maximum(x @ w1 + b1, 0)
    scores = hidden @ w2 + b2
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    scores /= scores.sum(axis=1, keepdims=True)
    scores[np.arange(len(x)), label] -= 1
    scores /= np.float32(len(x))
    back = scores @ w2.T
    back[hidden <= 0] = 0
    return [x.T @ back, back.sum(axis=0), hidden.T @ scores, scores.sum(axis=0)]


@njit(nogil=True, cache=True)
def widen_into(bits: NDArray[np.uint16], x: Float32, first: int) -> None:
    """bf16[k, d] into the columns first … first + d - 1 of x: float32[k, f]."""
    for i in range(len(bits)):
        for c in range(bits.shape[1]):
            x[i, first + c] = widened(bits[i, c])


@njit(nogil=True, cache=True)
def _relu(hidden: Float32, bias: Float32) -> None:
    for i in range(len(hidden)):
        for c in range(hidden.shape[1]):
            hidden[i, c] = max(hidden[i, c] + bias[c], np.float32(0))


@njit(nogil=True, cache=True)
def _best(scores: Float32, bias: Float32, best: Int32, sure: Float32) -> None:
    for i in range(len(scores)):
        top, value = 0, scores[i, 0] + bias[0]
        for c in range(scores.shape[1]):
            scores[i, c] += bias[c]
            if scores[i, c] > value:
                top, value = c, scores[i, c]
        total = np.float32(0)
        for c in range(scores.shape[1]):
            if scores[i, c] > value - FAR:
                total += np.exp(scores[i, c] - value)
        best[i], sure[i] = top, np.float32(1) / total
