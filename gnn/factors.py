"""Truncated singular vectors of a sparse matrix, by a seeded random projection.

Halko, Martinsson and Tropp, SIAM Review 53 (2011), algorithm 4.4: project on random directions, sharpen
by a few passes, solve the small problem exactly. Same matrix and seed, same vectors.
"""

import numpy as np
import scipy.sparse as sp

from graph.csr import Float

EXTRA, PASSES = 10, 4


def factors(matrix: sp.csr_matrix, rank: int, seed: int) -> tuple[Float, Float, Float]:
    """(left float32[n, r], size float32[r] falling, right float32[m, r]), r = min(rank, n, m); the
    product left · size · rightᵀ is near `matrix`. Each left vector's largest entry is positive."""
    rows, columns = matrix.shape
    rank = min(rank, rows, columns)
    if rank == 0 or matrix.nnz == 0:
        return (
            np.zeros((rows, rank), np.float32),
            np.zeros(rank, np.float32),
            np.zeros((columns, rank), np.float32),
        )
    matrix = matrix.astype(np.float32)
    across = matrix.T.tocsr()
    width = min(rank + EXTRA, rows, columns)
    basis = np.random.default_rng(seed).standard_normal((columns, width)).astype(np.float32)
    basis, _ = np.linalg.qr(matrix @ basis)
    for _ in range(PASSES):
        basis, _ = np.linalg.qr(across @ basis)
        basis, _ = np.linalg.qr(matrix @ basis)
    small = (across @ basis).T
    inner, size, right = np.linalg.svd(small, full_matrices=False)
    left = (basis @ inner)[:, :rank]
    right = right[:rank].T
    sign = np.sign(left[np.abs(left).argmax(axis=0), np.arange(rank)])
    sign[sign == 0] = 1
    return (left * sign).astype(np.float32), size[:rank].astype(np.float32), (right * sign).astype(np.float32)
