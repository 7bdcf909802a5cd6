"""What is plain before anything is inferred: hubs, who stands where by its own goods, what links carry."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from gnn.positions.seats import LEAST, Beliefs, Seats, from_table, seats_of
from gnn.view import View
from graph.csr import Mask
from graph.segments import place, segment_table
from seeds.chains import Chain


@dataclass(frozen=True)
class Plain:
    """`placed`: the table of `graph.segments.place`, hubs left out; `own`: the same as beliefs of n firms;
    `goods`: which segments' goods went over each of m links, by its items; `hubs` bool[n]; `usable` bool[m]:
    links that carry supply meaning; `recognised`: product, segment, score."""

    seats: Seats
    placed: pl.DataFrame
    own: Beliefs
    goods: Beliefs
    hubs: Mask
    usable: Mask
    recognised: pl.DataFrame


def what_is_plain(view: View, chains: Sequence[Chain]) -> Plain:
    """Read off words and tax categories, without any learning."""
    seats = seats_of(chains)
    scores = view.scores(list(chains))
    hubs = view.hubs(scores)
    placed = place(view.makes, view.buys, scores, segment_table(chains), _to_firms(view.items))
    # A firm with no more than a trace of named goods has none: its partners say where it stands, and alone.
    shown = pl.col("share").max().over("enterprise") >= LEAST
    placed = placed.filter(~pl.Series(hubs).gather(placed["enterprise"]) & shown)
    own = from_table(
        view.firms,
        placed["enterprise"].to_numpy(),
        seats.numbers(placed["segment"]),
        placed["share"].to_numpy(),
    )
    src, dst = view.graph.src, view.graph.dst
    return Plain(seats, placed, own, _goods(view, scores, seats), hubs, ~hubs[src] & ~hubs[dst], scores)


def _to_firms(items: pl.DataFrame) -> pl.DataFrame:
    """enterprise → share of its sales that goes to firms."""
    amount = pl.col("amount_fen")
    sums = items.group_by(enterprise="src").agg(
        amount.filter(pl.col("dst").is_not_null()).sum().alias("firms"), amount.sum().alias("all")
    )
    return sums.filter(pl.col("all") > 0).select("enterprise", to_firms=pl.col("firms") / pl.col("all"))


def _goods(view: View, scores: pl.DataFrame, seats: Seats) -> Beliefs:
    """A link's recognised goods by segment; a product that fits several is shared among them."""
    by_product = scores.select(
        "product", "segment", part=pl.col("score") / pl.col("score").sum().over("product")
    )
    sums = (
        view.edge_items.join(by_product, on="product")
        .group_by("edge", "segment")
        .agg((pl.col("amount_fen") * pl.col("part")).sum().alias("amount"))
        .sort("edge", "segment")
        .with_columns(share=pl.col("amount") / pl.col("amount").sum().over("edge"))
    )
    return from_table(
        view.graph.edges, sums["edge"].to_numpy(), seats.numbers(sums["segment"]), sums["share"].to_numpy()
    )


def prior_of(seats: Seats, own: Beliefs) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """log share of the placed firms that stand in each segment, one added to each: float64[S]."""
    known = own.segment >= 0
    counts = np.bincount(own.segment[known], own.share[known], seats.count) + 1.0
    return np.asarray(np.log(counts / counts.sum()))
