"""Forecasts of firms, chains and portfolios that add up.

`scaled_to` lets the totals lead and the rows share them; `reconciled` gives every level its say by
least squares (S. Wickramasuriya and others, Optimal forecast reconciliation, 2019: MinT with a diagonal
covariance); `bottom_up` sums rows. All return rows: the sums over any set of them are coherent by
construction.
"""

import numpy as np
from scipy.sparse import csr_array, eye_array, vstack
from scipy.sparse.linalg import spsolve

from graph.csr import Float64, Int64

#: Rows are never moved further than this by their total.
_LEAST, _MOST = 0.25, 4.0


def bottom_up(rows: Float64, groups: Int64, count: int) -> Float64:
    """float64[count, h]: sums of float64[n, h] by group."""
    out = np.zeros((count, rows.shape[1]))
    np.add.at(out, groups, rows)
    return out


def ratios(rows: Float64, totals: Float64, groups: Int64) -> Float64:
    """float64[G, h]: what each group's rows are to be multiplied by so that they sum to `totals`."""
    sums = bottom_up(rows, groups, len(totals))
    return np.clip(np.where(sums > 0, totals / np.maximum(sums, 1e-9), 1.0), _LEAST, _MOST)


def scaled_to(rows: Float64, totals: Float64, groups: Int64) -> Float64:
    """float64[n, h]: rows in their own proportions, summing to the totals of their groups."""
    scaled: Float64 = rows * ratios(rows, totals, groups)[groups]
    return scaled


def reconciled(
    rows: Float64, totals: Float64, members: csr_array, row_variance: Float64, total_variance: Float64
) -> Float64:
    """float64[n, h]: rows nearest to all forecasts, each weighed by one over its variance.

    `members`: sparse[k, n], 1 where row j belongs to total i (a row may belong to several: its chain, its
    portfolio, all); `row_variance`: float64[n] and `total_variance`: float64[k], above 0. Minimises
    sum (x - rows)^2 / row_variance + sum (members x - totals)^2 / total_variance.
    """
    if (row_variance <= 0).any() or (total_variance <= 0).any():
        raise ValueError("a variance must be above 0")
    # x = rows + V M' (M V M' + D)^-1 (totals - M rows): k equations, however many rows there are.
    spread = members * row_variance[None, :]
    inner = (spread @ members.T + csr_array(np.diag(total_variance))).tocsc()
    gap = totals - members @ rows
    pushed = spsolve(inner, gap)
    out: Float64 = rows + spread.T @ np.asarray(pushed).reshape(gap.shape)
    return out


def summing(groups: Int64, count: int) -> csr_array:
    """sparse[n + count, n]: every row itself, then its group's sum: the levels one below the other."""
    rows = len(groups)
    ones = csr_array((np.ones(rows), (groups, np.arange(rows))), shape=(count, rows))
    return csr_array(vstack([eye_array(rows), ones]))
