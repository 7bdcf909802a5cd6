"""Hides part of what is known and adds what is wrong: for training under real conditions, and for measuring.

Books are never whole: partners' invoices are missing, lines say 详见销货清单 or nothing, and some invoices
name the wrong buyer. A model trained where everything is known would trust words it will not have.
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.view import View
from graph import csr


@dataclass(frozen=True)
class Hidden:
    """Shares hidden or falsified: links, firms whose goods bear no name (neither item nor tax category, in
    their books or their customers'), links that name a random buyer instead of the true one; firms whose name
    says nothing of their trade, and firms registered in an industry they are not in."""

    links: float = 0.3
    texts: float = 0.4
    wrong: float = 0.05
    names: float = 0.5
    industries: float = 0.3


def hide(view: View, what: Hidden, seed: int) -> tuple[View, NDArray[np.bool_]]:
    """The view with that share hidden, and bool[n]: firms whose goods lost their names. Seeded."""
    rng = np.random.default_rng([20261122, seed])
    n, m = view.firms, view.graph.edges
    kept = rng.random(m) >= what.links
    buyer = np.where(rng.random(m) < what.wrong, rng.integers(0, n, m), view.graph.dst)
    silent = rng.random(n) < what.texts
    moved = pl.DataFrame(
        {"src": view.graph.src, "dst": view.graph.dst, "edge": np.arange(m, dtype=np.int32)}
    ).with_columns(to=pl.Series(buyer.astype(np.int32)))
    moved = moved.filter(pl.Series(kept) & (pl.col("src") != pl.col("to")))
    flow = view.flow.join(moved.select("edge", "src", "to"), on="edge")
    pairs = flow.select("src", "to").unique().sort("src", "to").with_row_index("e").cast({"e": pl.Int32})
    flow = (
        flow.join(pairs, on=["src", "to"])
        .group_by("month", edge="e")
        .agg(pl.col("amount_fen").sum(), pl.col("count").sum())
        .select("edge", "month", "amount_fen", "count")
        .sort("month", "edge")
    )
    graph = csr.build(n, pairs["src"].to_numpy(), pairs["to"].to_numpy())
    amount = np.zeros(graph.edges, np.int64)
    np.add.at(amount, flow["edge"].to_numpy(), flow["amount_fen"].to_numpy())
    shown = view.items.filter(~pl.Series(silent).gather(view.items["src"]))
    seen = replace(
        view,
        graph=graph,
        enterprises=_attributes(view.enterprises, what, rng),
        edge_of=csr.fixed(np.full(graph.edges, -1), np.int32),
        amount_fen=csr.fixed(amount, np.int64),
        flow=flow,
        items=_moved_items(shown, moved),
    )
    return seen, silent


def _attributes(firms: pl.DataFrame, what: Hidden, rng: np.random.Generator) -> pl.DataFrame:
    """Names cut to what comes before the trade (place and brand), industries of some other firm."""
    plain, other = rng.random(firms.height) < what.names, rng.random(firms.height) < what.industries
    drawn = firms["industry"].gather(rng.integers(0, max(firms.height, 1), firms.height))
    return firms.with_columns(
        name=pl.when(pl.Series(plain)).then(pl.col("name").str.head(4)).otherwise("name"),
        industry=pl.when(pl.Series(other)).then(drawn).otherwise("industry"),
    )


def _moved_items(items: pl.DataFrame, moved: pl.DataFrame) -> pl.DataFrame:
    """Goods follow their link; those of hidden links are gone, those sold to consumers stay."""
    followed = items.join(moved.select("src", "dst", "to"), on=["src", "dst"])
    stayed = items.filter(pl.col("dst").is_null())
    columns = ("month", "src", "dst", "product", "amount_fen")
    return (
        pl.concat([followed.drop("dst").rename({"to": "dst"}).select(columns), stayed.select(columns)])
        .group_by("month", "src", "dst", "product")
        .agg(pl.col("amount_fen").sum())
        .sort("month", "src", "dst", "product", nulls_last=True)
    )
