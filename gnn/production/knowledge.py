"""What a chain's goods are made of, from the books of a view: segments of goods, and products outside all."""

import numpy as np
import polars as pl

from gnn.positions.plain import Plain
from gnn.production.inputs import learn_inputs
from gnn.view import View
from graph.learned_tables import LEARNED_TABLES

#: A kind of goods that fewer firms make tells nothing of its inputs.
MAKERS = 5
#: Inputs kept of each kind, and the share of makers that must buy one.
KEPT, COVERED = 8, 0.1
#: Makers must buy it so much more often than anybody who sells anything: power and freight make nothing.
LIFT = 2.0
#: Below this nothing but chance is told.
LEAST = 0.03
#: Months from a purchase to the sale of what it became.
LAG = 1


def made_of(view: View, plain: Plain) -> pl.DataFrame:
    """Table `made_of`: of each kind of goods the inputs that its makers buy, best first.

    Learned from trade alone; `known` says that the chain's file has the input's segment feed it too. What
    everybody buys makes nothing and is left out.
    """
    kinds = kinds_of(view, plain)
    sold = view.items.drop_nulls("dst")
    trade = (
        sold.filter(~pl.Series(plain.hubs).gather(sold["src"]))
        .join(kinds.select("product", "kind"), on="product")
        .group_by("month", "src", "dst", "kind")
        .agg(pl.col("amount_fen").sum())
        .filter(pl.col("amount_fen") > 0)
    )
    steps = trade.select(
        ts=pl.col("month").cast(pl.Int64),
        source=pl.col("src").cast(pl.Int64),
        target=pl.col("dst").cast(pl.Int64),
        product=pl.col("kind").cast(pl.Int64),
        weight=pl.col("amount_fen") / 100,
    )
    found = learn_inputs(steps, lag=LAG).filter(
        pl.col("product") != pl.col("input"),
        pl.col("makers") >= MAKERS,
        pl.col("covered") >= COVERED,
        pl.col("lift") >= LIFT,
        pl.col("score") >= LEAST,
    )
    best = found.with_columns(rank=pl.int_range(pl.len()).over("product")).filter(pl.col("rank") < KEPT)
    return _named(best, kinds, plain)


def kinds_of(view: View, plain: Plain) -> pl.DataFrame:
    """product, kind, segment, alone (the product itself where it stands in no segment). A kind is a number:
    a segment's place in `plain.seats`, else the product's behind them."""
    best = plain.recognised.sort("product", "score", "segment", descending=[False, True, False])
    best = best.unique("product", keep="first", maintain_order=True).select("product", "segment")
    number = pl.DataFrame({"segment": plain.seats.ids, "kind": range(plain.seats.count)})
    every = pl.DataFrame({"product": np.arange(view.products.height, dtype=np.int32)})
    joined = every.join(best, on="product", how="left").join(number, on="segment", how="left")
    return joined.with_columns(
        kind=pl.coalesce("kind", pl.col("product").cast(pl.Int64) + plain.seats.count),
        alone=pl.when(pl.col("segment").is_null()).then("product"),
    )


def _named(found: pl.DataFrame, kinds: pl.DataFrame, plain: Plain) -> pl.DataFrame:
    names = kinds.select("kind", "segment", "alone").unique("kind", keep="any")
    rows = found.join(names.rename({"kind": "product", "alone": "own"}), on="product").join(
        names.rename({"kind": "input", "segment": "input_segment", "alone": "input_own"}), on="input"
    )
    feeds = [(a, b) for a, fed in enumerate(plain.seats.feeds) for b in fed]
    schema = {"input": pl.Int64, "product": pl.Int64}
    known = pl.DataFrame(feeds, schema=schema, orient="row").with_columns(known=pl.lit("known"))
    told = rows.join(known, on=["input", "product"], how="left").select(
        "segment",
        "input_segment",
        product="own",
        input_product="input_own",
        score="score",
        covered="covered",
        makers=pl.col("makers").cast(pl.Int32),
        basis=pl.col("known").fill_null("learned"),
    )
    return told.match_to_schema(LEARNED_TABLES["made_of"])
