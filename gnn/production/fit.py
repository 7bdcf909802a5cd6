"""Two ways to read how much of an input a product takes: modal ratios and one-sided regression."""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import nnls

Floats = NDArray[np.float64]

BIN = 0.01  # width of a bin of the logarithm of a ratio
LEAST_PAIRS = 10  # observations below which a ratio says nothing
DEBT = 2.0  # an amount used before it was bought weighs twice an amount bought and not yet used
ROUNDS = 25


def modal_ratios(pairs: pl.DataFrame, near: float | None = None) -> pl.DataFrame:
    """product, input, amount, peak: the commonest ratio of what was bought to what was then sold.

    `pairs` has firm, ts, product, input, bought, left, sold, one row per firm and step: `left` is what was
    bought less what the firm's other products took. Ratios left/sold are put into bins of 1 % on a
    logarithmic scale, each weighing log(1 + min(bought, sold)); the amount is the median ratio of
    the heaviest bin and `peak` that bin's share of the whole weight. With `near` the column
    `amount` of `pairs` is a guess and only ratios within exp(±near) of it count.
    """
    rows = pairs.filter((pl.col("bought") > 0) & (pl.col("sold") > 0)).with_columns(
        weight=pl.min_horizontal("bought", "sold").log1p(),
        ratio=pl.when(pl.col("left") > 1e-6).then((pl.col("left") / pl.col("sold")).log()),
    )
    if near is not None:
        off = (pl.col("ratio") - pl.col("amount").log()).abs() < near
        rows = rows.with_columns(ratio=pl.when(off).then("ratio"))
    rows = rows.sort("product", "input", "firm", "ts")
    totals = rows.group_by("product", "input", maintain_order=True).agg(
        whole=pl.col("weight").sum(), pairs=pl.len()
    )
    bins = (
        rows.drop_nulls("ratio")
        .with_columns(bin=(pl.col("ratio") / BIN).round().cast(pl.Int32))
        .group_by("product", "input", "bin", maintain_order=True)
        .agg(mass=pl.col("weight").sum(), amount=pl.col("ratio").median().exp())
        .sort(["product", "input", "mass", "bin"], descending=[False, False, True, False])
        .unique(["product", "input"], keep="first", maintain_order=True)
    )
    return (
        bins.join(totals, on=["product", "input"])
        .filter(pl.col("pairs") >= LEAST_PAIRS)
        .select("product", "input", "amount", peak=pl.col("mass") / pl.col("whole"))
    )


def one_sided(uses: Floats, bought: Floats) -> Floats:
    """Amounts a ≥ 0 that make `uses` @ a explain `bought`, unused stock forgiven, debt less so.

    `uses` (rows, products): what was sold up to a step; `bought` (rows,): what was bought before
    it. Rows are scaled to their own size; the loss is the asymmetric absolute error
    |r| for r ≥ 0 and DEBT·|r| for r < 0 with r = bought − uses·a (an inventory never below
    nothing, but with errors), solved by iteratively reweighted non-negative least squares.
    """
    size = np.maximum(np.maximum(uses.sum(axis=1), bought), 1e-9)
    left, right = uses / size[:, None], bought / size
    weight = np.ones(len(right))
    amounts = np.zeros(uses.shape[1])
    for _ in range(ROUNDS):
        root = np.sqrt(weight)
        amounts, _rest = nnls(left * root[:, None], right * root, maxiter=100 * max(1, uses.shape[1]))
        error = right - left @ amounts
        weight = np.where(error >= 0, 1.0, DEBT) / np.maximum(np.abs(error), 1e-4)
    return amounts
