"""Which product is made of which, and how much of it, learnt from who buys what before selling what."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from gnn.production.fit import modal_ratios, one_sided

CANDIDATE = 0.75  # share of a product's makers that buy an input before its amount is looked for
SURE_PEAK = 0.1  # a modal ratio with this share of the weight stands on its own
NEAR_PEAK = 0.03  # one with this share corrects the regression when it is near it
LEAST_SHARE = 0.02  # a use below this share of what the makers buy of it is noise of the regression
CHECKPOINTS = 8
PASSES = 3
PAIR = ["product", "input"]
EMPTY = {
    "product": pl.Int64,
    "input": pl.Int64,
    "score": pl.Float64,
    "amount": pl.Float64,
    "covered": pl.Float64,
    "lift": pl.Float64,
    "peak": pl.Float64,
    "explained": pl.Float64,
    "makers": pl.UInt32,
}


def learn_inputs(
    transactions: pl.DataFrame, products: Sequence[int] = (), lag: int = 1, since: int | None = None
) -> pl.DataFrame:
    """product, input, score, amount, covered, lift, peak, explained, makers; best first per product.

    `transactions` has ts (whole steps), source (seller), target (buyer), product, weight (a
    quantity > 0); `lag` is the steps from a purchase to the sale of what it became. Only pairs
    where some maker of the product buys the input are returned. Four sorts of evidence:

    - `covered`: share of the makers of a product that ever buy the input. A true input is bought
      by all of them, whatever else they make.
    - `lift`: covered over the share of all sellers that buy the input (PMI without its logarithm).
    - `peak`, `amount`: the commonest ratio of bought at t to sold at t + lag and its share of the
      weight; what other products took is subtracted, in three passes.
    - `explained`: share of the makers' purchases of the input that the product's sales use up, by a
      regression of purchases so far on sales so far that forgives stock but not debt.

    score = covered² · (1 + 2·peak/(peak + .05) + 2·explained/(explained + .05) + lift/(1 + lift)) / 6.

    For a product in `products` that nobody is seen to sell (a final good), the score is the share
    of all purchases of an input that no seen product uses, halved: what is bought and never seen
    again went into something nobody reported. Cost: joins of purchases and sales by firm and step,
    linear in rows times the inputs of one product; the regression is one small problem per input.
    """
    if transactions.is_empty():
        return pl.DataFrame(schema=EMPTY)
    kept = transactions if since is None else transactions.filter(pl.col("ts") >= since)
    bought = _by_firm(kept, "target").rename({"product": "input", "weight": "bought"})
    sold = _by_firm(kept, "source").rename({"weight": "sold"})
    cover = _coverage(bought, sold)
    amounts = _amounts(bought, sold, cover.filter(pl.col("covered") >= CANDIDATE).select(PAIR), lag)
    found = _scored(bought, sold, cover, amounts)
    unseen = sorted(set(products) - set(sold["product"].unique().to_list()))
    if unseen:
        found = pl.concat([found, _of_unseen(bought, sold, amounts, unseen)])
    order = ["product", "score", "input"]
    return found.sort(order, descending=[False, True, False])


def recipes(found: pl.DataFrame) -> pl.DataFrame:
    """product, input, amount of the pairs whose amount is known and whose coverage is nearly whole."""
    sure = (pl.col("peak") >= SURE_PEAK) | (
        (pl.col("covered") >= 0.95) & (pl.col("explained") >= LEAST_SHARE)
    )
    return (
        found.filter(sure & (pl.col("amount") > 0) & (pl.col("explained") > 0))
        .select(*PAIR, "amount")
        .sort(PAIR)
    )


def _by_firm(transactions: pl.DataFrame, end: str) -> pl.DataFrame:
    # sorted here and before every sum of floats: the same transactions give the same bytes
    return (
        transactions.sort("ts", "source", "target", "product", "weight")
        .group_by(firm=pl.col(end), product="product", ts="ts", maintain_order=True)
        .agg(pl.col("weight").cast(pl.Float64).sum())
        .sort("firm", "product", "ts")
    )


def _coverage(bought: pl.DataFrame, sold: pl.DataFrame) -> pl.DataFrame:
    """product, input, makers, covered, lift of pairs that some firm both sells and buys."""
    makes, buys = sold.select("firm", "product").unique(), bought.select("firm", "input").unique()
    sellers = makes["firm"].n_unique()
    makers = makes.group_by("product").agg(makers=pl.len())
    common = buys.join(makes.select("firm").unique(), on="firm").group_by("input").agg(buyers=pl.len())
    both = makes.join(buys, on="firm").group_by(PAIR).agg(both=pl.len())
    return (
        both.filter(pl.col("product") != pl.col("input"))
        .join(makers, on="product")
        .join(common, on="input")
        .select(
            *PAIR,
            "makers",
            covered=pl.col("both") / pl.col("makers"),
            lift=pl.col("both") * float(sellers) / (pl.col("makers") * pl.col("buyers")),
        )
    )


def _amounts(bought: pl.DataFrame, sold: pl.DataFrame, pairs: pl.DataFrame, lag: int) -> pl.DataFrame:
    """product, input, amount, peak: modal ratios where they are sure, else the regression, snapped."""
    steps = (
        sold.with_columns(ts=pl.col("ts") - lag)
        .join(pairs, on="product")
        .join(bought, on=["firm", "ts", "input"])
        .sort("firm", "ts", *PAIR)
    )
    regressed = _regressed(bought, sold, pairs)
    modal = modal_ratios(steps.with_columns(left="bought"))
    for _ in range(PASSES - 1):
        sure = modal.filter(pl.col("peak") >= SURE_PEAK)
        modal = modal_ratios(_less_others(steps, sure))
    joined = regressed.join(modal.rename({"amount": "modal"}), on=PAIR, how="left")
    joined = joined.with_columns(pl.col("modal", "peak").fill_null(0.0))
    stray = pl.col("modal") < 0.2 * pl.col("amount")  # a peak far below the volumes is chance
    use = pl.when((pl.col("peak") >= SURE_PEAK) & ~stray).then("modal").otherwise("amount")
    start = joined.select(*PAIR, amount=use, peak="peak").filter(pl.col("amount") > 0)
    near = modal_ratios(_less_others(steps, start), near=0.22).rename({"amount": "modal", "peak": "by"})
    snapped = pl.when(pl.col("by") >= NEAR_PEAK).then("modal").otherwise("amount")
    return start.join(near, on=PAIR, how="left").select(*PAIR, amount=snapped, peak="peak")


def _less_others(steps: pl.DataFrame, amounts: pl.DataFrame) -> pl.DataFrame:
    """`steps` with `left`: what was bought less what the firm's other products took of it."""
    known = steps.join(amounts.select(*PAIR, "amount"), on=PAIR, how="left", maintain_order="left")
    own = (pl.col("amount") * pl.col("sold")).fill_null(0.0)
    whole = own.sum().over("firm", "ts", "input")
    return known.with_columns(left=pl.col("bought") - whole + own)


def _regressed(bought: pl.DataFrame, sold: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """product, input, amount by one regression per input over firms and checkpoints."""
    first, last = int(sold["ts"].min()), int(sold["ts"].max())  # type: ignore[arg-type]
    ends = np.unique(np.linspace(first + 0.2 * (last - first), last, CHECKPOINTS).astype(int))
    sales = _up_to(sold, "product", "sold", ends).sort("at", "firm", "product")
    buys = _up_to(bought.with_columns(ts=pl.col("ts") + 1), "input", "bought", ends)
    found: list[pl.DataFrame] = []
    for (item,), wanted in pairs.sort(PAIR).group_by("input", maintain_order=True):
        made = wanted["product"].to_numpy()
        seen = sales.filter(pl.col("product").is_in(made.tolist()))
        rows = seen.select("at", "firm").unique(maintain_order=True).with_row_index("row")
        place = seen.join(rows, on=["at", "firm"])
        uses = np.zeros((rows.height, len(made)))
        uses[place["row"].to_numpy(), np.searchsorted(made, place["product"].to_numpy())] = place["sold"]
        got = rows.join(buys.filter(pl.col("input") == item), on=["at", "firm"], how="left").sort("row")
        right = got["bought"].fill_null(0.0).to_numpy()
        ever = rows["firm"].is_in(bought.filter(pl.col("input") == item)["firm"].unique().to_list())
        keep = ever.to_numpy()
        amounts = one_sided(uses[keep], right[keep])
        found.append(pl.DataFrame({"product": made, "input": [item] * len(made), "amount": amounts}))
    if not found:
        return pairs.with_columns(amount=pl.lit(0.0))
    return pl.concat(found).cast({name: pairs.schema[name] for name in PAIR})


def _up_to(rows: pl.DataFrame, item: str, value: str, ends: np.ndarray) -> pl.DataFrame:
    """at, firm, item, value: sums over the steps up to each of `ends`."""
    edges = [int(rows["ts"].min()) - 1, *(int(e) for e in ends)]  # type: ignore[arg-type]
    parts = [
        rows.filter((pl.col("ts") > a) & (pl.col("ts") <= b)).with_columns(at=pl.lit(k, pl.Int64))
        for k, (a, b) in enumerate(pairwise(edges))
    ]
    sums = pl.concat(parts).group_by("at", "firm", item, maintain_order=True).agg(pl.col(value).sum())
    every = sums.select("firm", item).unique().join(pl.DataFrame({"at": range(len(ends))}), how="cross")
    return (
        every.join(sums, on=["at", "firm", item], how="left")
        .sort("firm", item, "at")
        .with_columns(pl.col(value).fill_null(0.0).cum_sum().over("firm", item))
        .filter(pl.col(value) > 0)
    )


def _scored(
    bought: pl.DataFrame, sold: pl.DataFrame, cover: pl.DataFrame, amounts: pl.DataFrame
) -> pl.DataFrame:
    made = sold.group_by("firm", "product", maintain_order=True).agg(pl.col("sold").sum())
    got = bought.group_by("firm", "input", maintain_order=True).agg(pl.col("bought").sum())
    volumes = (
        made.join(amounts, on="product")
        .join(got, on=["firm", "input"])
        .sort("firm", "product", "input")
        .with_columns(used=pl.min_horizontal(pl.col("sold") * pl.col("amount"), "bought"))
        .group_by(PAIR, maintain_order=True)
        .agg(explained=pl.col("used").sum() / pl.col("bought").sum())
    )
    table = cover.join(amounts, on=PAIR, how="left").join(volumes, on=PAIR, how="left")
    table = table.with_columns(
        pl.col("amount", "peak").fill_null(0.0),
        explained=pl.when(pl.col("explained") >= LEAST_SHARE).then("explained").otherwise(0.0),
    )
    evidence = (
        1
        + 2 * pl.col("peak") / (pl.col("peak") + 0.05)
        + 2 * pl.col("explained") / (pl.col("explained") + 0.05)
        + pl.col("lift") / (1 + pl.col("lift"))
    )
    return table.with_columns(score=pl.col("covered").pow(2) * evidence / 6).select(list(EMPTY)).cast(EMPTY)  # type: ignore[arg-type]


def _of_unseen(
    bought: pl.DataFrame, sold: pl.DataFrame, amounts: pl.DataFrame, unseen: list[int]
) -> pl.DataFrame:
    """Rows for products nobody is seen to sell: inputs by the share of them no seen product uses."""
    made = sold.group_by("firm", "product", maintain_order=True).agg(pl.col("sold").sum())
    used = (
        made.join(amounts, on="product")
        .sort("firm", "product", "input")
        .group_by("firm", "input", maintain_order=True)
        .agg(used=(pl.col("sold") * pl.col("amount")).sum())
    )
    loose = (
        bought.group_by("firm", "input", maintain_order=True)
        .agg(pl.col("bought").sum())
        .join(used, on=["firm", "input"], how="left", maintain_order="left")
        .with_columns(left=(pl.col("bought") - pl.col("used").fill_null(0.0)).clip(0))
        .group_by("input", maintain_order=True)
        .agg(share=pl.col("left").sum() / pl.col("bought").sum())
    )
    return (
        pl.DataFrame({"product": unseen})
        .join(loose, how="cross")
        .filter(pl.col("product") != pl.col("input"))
        .with_columns(
            score=pl.col("share") / 2,
            explained=pl.lit(0.0),
            amount=pl.lit(0.0),
            covered=pl.lit(0.0),
            lift=pl.lit(0.0),
            peak=pl.lit(0.0),
            makers=pl.lit(0, pl.UInt32),
        )
        .select(list(EMPTY))
        .cast(EMPTY)  # type: ignore[arg-type]
    )
