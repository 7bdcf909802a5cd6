"""What firms can ship and what they lack: stock on hand against the recipes of what they make."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from gnn.production.inputs import learn_inputs, recipes
from gnn.temporal.sampling import Steps

Int64 = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SHORT = 0.03  # weight of an input that is missing, against one on hand that no order explains
SWEEPS = 60
UNSEEN_SUPPLY = 0.6  # a firm that bought less than this share of what it used has a supplier not seen
UNSEEN_SALES = 1.15  # one that bought this many times what it used sells to somebody not seen


@dataclass(frozen=True)
class Recipes:
    """What is known of production. `amounts` (products, inputs): input taken by one unit.

    `unseen_supply` (firms, inputs): bought from somebody not in the data, so stock says nothing.
    `hidden` (firms, inputs): bought in these proportions and never seen used: an unreported product.
    `sells_unseen` (firms,): part of the sales are not in the data, complete sets leave unseen.
    """

    amounts: Floats
    unseen_supply: Flags
    hidden: Floats
    sells_unseen: Flags


def learnt_recipes(steps: Steps) -> Recipes:
    """Recipes from the transactions alone, by `gnn.production.learn_inputs`."""
    table = pl.DataFrame(
        {
            "ts": steps.ts,
            "source": steps.source,
            "target": steps.target,
            "product": steps.product,
            "weight": steps.weight,
        }
    )
    found = recipes(learn_inputs(table))
    amounts = np.zeros((steps.products, steps.products))
    amounts[found["product"].to_numpy(), found["input"].to_numpy()] = found["amount"].to_numpy()
    bought, sold = totals(steps, slice(None))
    used = sold @ amounts
    ratio = np.divide(bought, used, out=np.full_like(bought, np.nan), where=used > 0)
    unseen_supply = ratio < UNSEEN_SUPPLY
    unused = np.where((used < 0.05 * bought) & (bought > 0), bought, np.inf)
    least = unused.min(axis=1, keepdims=True, initial=np.inf)
    hidden = np.where(np.isfinite(unused), unused / np.where(np.isfinite(least), least, 1.0), 0.0)
    trusted = np.where(unseen_supply, np.nan, ratio)
    some = ~np.isnan(trusted).all(axis=1)
    middle = np.zeros(steps.firms)
    middle[some] = np.nanmedian(trusted[some], axis=1)
    return Recipes(amounts, unseen_supply, hidden, middle > UNSEEN_SALES)


def totals(steps: Steps, rows: slice) -> tuple[Floats, Floats]:
    """Bought and sold of these rows, each (firms, products)."""
    shape = (steps.firms, steps.products)
    bought, sold = np.zeros(shape), np.zeros(shape)
    np.add.at(bought, (steps.target[rows], steps.product[rows]), steps.weight[rows])
    np.add.at(sold, (steps.source[rows], steps.product[rows]), steps.weight[rows])
    return bought, sold


@dataclass(frozen=True)
class Columns:
    """One row per firm and product it makes (−1: its unreported product), firm by firm.

    `firm`, `product`, `size` (rows,); `inputs`, `takes`, `real` (rows, widest recipe): the inputs,
    how much of each one unit takes, and whether the cell is one; `start` (firms + 1,).
    """

    firm: Int64
    product: Int64
    size: Int64
    inputs: Int64
    takes: Floats
    real: Flags
    start: Int64

    def levels(self, stock: Floats) -> Floats:
        """(rows, widest): units each input on hand would do for; infinite in cells that are none."""
        return np.where(self.real, stock[self.firm[:, None], self.inputs] / self.takes, np.inf)


def columns(known: Recipes, made: Flags) -> Columns:
    """The rows for `made` (firms, products): what each firm has been seen to sell."""
    has = known.amounts > 0
    visible = [
        (f, p, np.flatnonzero(has[p] & ~known.unseen_supply[f]))
        for f, p in zip(*np.nonzero(made & has.any(axis=1)), strict=True)
    ]
    rows = [(int(f), int(p), at, known.amounts[p, at]) for f, p, at in visible if at.size]
    for f in np.flatnonzero((known.hidden > 0).any(axis=1)):
        at = np.flatnonzero(known.hidden[f])
        rows.append((int(f), -1, at, known.hidden[f, at]))
    rows.sort(key=lambda row: (row[0], row[1] < 0, row[1]))
    widest = max([len(row[2]) for row in rows], default=1)
    firm = np.array([row[0] for row in rows], np.int64)
    size = np.array([len(row[2]) for row in rows], np.int64)
    inputs, takes = np.zeros((len(rows), widest), np.int64), np.ones((len(rows), widest))
    for k, (_, _, at, amount) in enumerate(rows):
        inputs[k, : len(at)], takes[k, : len(at)] = at, amount
    real = np.arange(widest)[None, :] < size[:, None]
    start = np.searchsorted(firm, np.arange(len(made) + 1))
    return Columns(firm, np.array([row[1] for row in rows], np.int64), size, inputs, takes, real, start)


def orders(cols: Columns, stock: Floats) -> tuple[Floats, Floats]:
    """Orders (rows,) that explain the stock, and what they take in all (firms, inputs).

    A firm orders the inputs of an order all at once; those that have come lie in stock and wait for
    the rest. The orders x ≥ 0 minimise Σ_i w_i (stock_i − Σ_o takes_oi x_o)² with w = 1 where stock
    is left over and SHORT where it falls short, by projected coordinate descent.
    """
    found = _descent(stock, cols.start, cols.size, cols.inputs, cols.takes)
    taken = np.zeros_like(stock)
    firm = np.repeat(cols.firm, cols.inputs.shape[1])
    np.add.at(taken, (firm, cols.inputs.ravel()), (found[:, None] * cols.takes * cols.real).ravel())
    return found, taken


@njit(nogil=True, cache=True)
def _descent(stock: Floats, start: Int64, size: Int64, inputs: Int64, takes: Floats) -> Floats:
    found = np.zeros(len(size))
    for f in range(len(stock)):
        if start[f] == start[f + 1] or stock[f].sum() <= 0:
            continue
        left = stock[f].copy()
        for _ in range(SWEEPS):
            moved = 0.0
            for k in range(start[f], start[f + 1]):
                slope, curve = -1e-6, 0.0
                for j in range(size[k]):
                    take = takes[k, j]
                    weight = (1.0 if left[inputs[k, j]] > 0 else SHORT) / (take * take)
                    slope += weight * take * left[inputs[k, j]]
                    curve += weight * take * take
                change = max(found[k] + slope / curve, 0.0) - found[k]
                if change != 0.0:
                    found[k] += change
                    for j in range(size[k]):
                        left[inputs[k, j]] -= takes[k, j] * change
                    moved = max(moved, abs(change))
            if moved < 1e-3:
                break
    return found
