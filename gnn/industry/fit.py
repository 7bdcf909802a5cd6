"""Learning which n-grams speak for which industry: ridge regression in its dual form, and its calibration.

    K = Xs Xsᵀ + NAME² Xn Xnᵀ + SHARPEN (Xs V)(Xs V)ᵀ        A = (K + λ I)⁻¹ (Y - mean Y)

Xs, Xn: vectors of what is sold and of names; V: leading singular directions of Xs over all firms, those
without a label too, so that words used by the same firms speak for each other; Y is 1 for a firm's industry
and -1 for the others. Everything stays linear, so V is folded into the weights: W = (I + SHARPEN V Vᵀ) Xᵀ A.

Leaving one firm out has a closed form, y - (K + λ I)⁻¹(y - mean) / diag: those scores choose how much the
broad industry adds to the narrow one and how steep the softmax is (least negative log-likelihood).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

NAME = 0.5
SHARPEN = 1.0
RANK = 400
EXTRA, PASSES = 10, 5
RIDGE = 0.4  # of the mean of K's diagonal
BROAD = (0.0, 0.25, 0.5, 0.75, 1.0)
STEEP = tuple(float(x) for x in np.geomspace(1.5, 15, 14))


@dataclass(frozen=True)
class Blocks:
    """Vectors of n firms: `sold` csr[n, S], `named` csr[n, N]."""

    sold: sparse.csr_matrix
    named: sparse.csr_matrix


@dataclass(frozen=True)
class Settings:
    """How much each part counts; a part at 0 is left out. `seed`: of the singular directions."""

    name: float = NAME
    sharpen: float = SHARPEN
    rank: int = RANK
    ridge: float = RIDGE
    seed: int = 1


@dataclass(frozen=True)
class Learned:
    """`sold` [S, F], `named` [N, F], `bias` [F]: weights of the F narrow industries, steepness and broad
    part folded in; `told` [n, F]: probabilities of the training firms, each without itself."""

    sold: Float64
    named: Float64
    bias: Float64
    told: Float64
    broad_part: float
    steepness: float


def learn(blocks: Blocks, all_sold: sparse.csr_matrix, fine: Int64, parent: Int64, how: Settings) -> Learned:
    """`fine`: the narrow industry 0 … F - 1 of each training firm; `parent`: the broad one of each narrow
    one; `all_sold`: vectors of the firms without a label too."""
    across = directions(all_sold, how)
    inward = blocks.sold @ across
    kernel = (blocks.sold @ blocks.sold.T).toarray() + how.sharpen * inward @ inward.T
    kernel += how.name**2 * (blocks.named @ blocks.named.T).toarray()
    narrow, broad = _signs(fine, len(parent)), _signs(parent[fine], int(parent.max()) + 1)
    dual, alone = _solved(kernel, np.hstack([narrow, broad]), how.ridge)
    means = np.concatenate([narrow.mean(axis=0), broad.mean(axis=0)])
    part, steepness = _calibrated(alone, fine, parent)
    mixed = steepness * (dual[:, : len(parent)] + part * dual[:, len(parent) :][:, parent])
    drawn = blocks.sold.T @ mixed
    return Learned(
        drawn + how.sharpen * across @ (inward.T @ mixed),
        how.name**2 * (blocks.named.T @ mixed),
        steepness * (means[: len(parent)] + part * means[len(parent) :][parent]),
        softmax(steepness * _joined(alone, parent, part)),
        part,
        steepness,
    )


def directions(sold: sparse.csr_matrix, how: Settings) -> Float64:
    """[S, r]: the right singular vectors of `sold` with the greatest values, by subspace iteration on
    its (dense) Gram matrix from a seeded start."""
    if not how.sharpen or not sold.nnz:
        return np.zeros((sold.shape[1], 0))
    gram = (sold @ sold.T).toarray()
    rank = min(how.rank, len(gram))
    basis = np.random.default_rng(how.seed).standard_normal((len(gram), min(rank + EXTRA, len(gram))))
    for _ in range(PASSES):
        basis, _ = np.linalg.qr(gram @ basis)
    size, turned = np.linalg.eigh(basis.T @ gram @ basis)
    most = size > 1e-9 * size[-1]
    most[:-rank] = False
    return np.asarray(sold.T @ (basis @ (turned[:, most] / np.sqrt(size[most]))))


def _signs(which: Int64, classes: int) -> Float64:
    signs = np.full((len(which), classes), -1.0)
    signs[np.arange(len(which)), which] = 1
    return signs


def _solved(kernel: Float64, y: Float64, ridge: float) -> tuple[Float64, Float64]:
    """(dual weights, scores of each firm from all the others), both [n, classes]."""
    kernel = kernel.copy()
    mean = y.mean(axis=0)
    kernel[np.diag_indices_from(kernel)] += ridge * max(float(np.diag(kernel).mean()), 1e-9)
    turned = cho_solve(cho_factor(kernel, lower=True), np.eye(len(kernel)))
    dual = turned @ (y - mean)
    return dual, y - dual / np.diag(turned)[:, None]


def _joined(scores: Float64, parent: Int64, part: float) -> Float64:
    return np.asarray(scores[:, : len(parent)] + part * scores[:, len(parent) :][:, parent])


def _calibrated(scores: Float64, fine: Int64, parent: Int64) -> tuple[float, float]:
    """(part of the broad score, steepness) under which the true narrow industries are likeliest."""
    firms = np.arange(len(fine))
    best = (np.inf, BROAD[0], STEEP[0])
    for part in BROAD:
        joined = _joined(scores, parent, part)
        for steepness in STEEP:
            loss = -float(np.log(np.maximum(softmax(steepness * joined)[firms, fine], 1e-12)).mean())
            best = min(best, (loss, part, steepness))
    return best[1], best[2]


def softmax(scores: Float64) -> Float64:
    """Rows that sum to 1."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def gathered(fine: Float64, parent: Int64) -> Float64:
    """float64[n, B]: probabilities of the broad industries, the sum of their narrow ones'."""
    broad = np.zeros((int(parent.max()) + 1, len(fine)))
    np.add.at(broad, parent, fine.T)
    return broad.T
