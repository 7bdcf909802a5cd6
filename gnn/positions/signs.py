"""What speaks for a firm standing in a segment: a table of named signs, one number a firm and segment.

    own         share of what it sells whose words and tax categories are those of the segment
    customers   what its customers' segments say, `gnn.positions.messages`
    suppliers   what its suppliers' goods, or segments where goods have no names, say
    weighty     the same of customers and suppliers together, each link by its share of the firm's trade
    words       what the n-grams of its goods that no segment's words cover say, `gnn.positions.tokens`
    name        what the n-grams of the firm's name say
    industry    what its registered industry says
    common      log share of the placed firms that stand there

All but `own` and `common` are sums of log likelihood ratios learned from the graph itself, so a chain of
one's own, with segments no model has seen, is judged by the same few weights (`gnn.positions.model`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.positions.messages import link_table, neighbours_say
from gnn.positions.plain import Plain, prior_of
from gnn.positions.seats import Beliefs, Seats
from gnn.positions.tokens import Tokens, ngrams, signs, tokens, weights
from gnn.view import View
from graph.csr import Graph

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

SIGNS = ("own", "customers", "suppliers", "weighty", "words", "name", "industry", "common")
#: Pseudo-links that a chain's file is worth: from a segment to one it feeds, to itself, to any other.
FED, ITSELF, ANY = 3.0, 0.3, 0.02


@dataclass(frozen=True)
class Words:
    """Tokens of all firms: of unrecognised goods, of names, of registered industries."""

    goods: Tokens
    names: Tokens
    industries: Tokens


def words_of(view: View, plain: Plain) -> Words:
    """Read once a view; beliefs do not change them."""
    n = view.firms
    new = view.makes.join(plain.recognised.select("product").unique(), on="product", how="anti")
    items = view.products.select("item").with_row_index("product").cast({"product": pl.Int32})
    sold = new.join(items, on="product").select("enterprise", text="item")
    firms = view.enterprises.with_row_index("enterprise").cast({"enterprise": pl.Int32})
    codes = [pl.col("industry").str.head(k) for k in (2, 4)]
    industry = pl.concat([firms.select("enterprise", token=code) for code in codes])
    return Words(
        tokens(n, ngrams(sold)),
        tokens(n, ngrams(firms.select("enterprise", text="name"))),
        tokens(n, industry),
    )


@dataclass(frozen=True)
class Links:
    """Both ends of every link as told by beliefs, and what they say (`of_buyers`, `of_sellers`)."""

    sellers: Beliefs
    buyers: Beliefs
    of_buyers: Float32
    of_sellers: Float32


def links_of(graph: Graph, plain: Plain, stands: Beliefs, usable: NDArray[np.bool_]) -> Links:
    """The seller's side of a link is what went over it, and where that is unknown where the seller stands."""
    named = plain.goods.segment[:, :1] >= 0
    seller = stands.of(graph.src)
    sellers = Beliefs(
        np.where(named, plain.goods.segment, seller.segment), np.where(named, plain.goods.share, seller.share)
    )
    buyers = stands.of(graph.dst)
    some = np.flatnonzero(usable)
    table = link_table(
        sellers.segment[some],
        sellers.share[some],
        buyers.segment[some],
        buyers.share[some],
        _prior(plain.seats),
    )
    return Links(sellers, buyers, *table)


def _prior(seats: Seats) -> Float64:
    """Pseudo-counts of links from what the chains' files say feeds what."""
    return np.asarray(ANY + FED * seats.feeding + ITSELF * np.eye(seats.count))


class Signs:
    """The signs of a view under given beliefs. `stands`: where firms are believed to stand so far."""

    def __init__(self, view: View, plain: Plain, words: Words, stands: Beliefs) -> None:
        self._graph, self._plain, self._words = view.graph, plain, words
        self.links = links_of(view.graph, plain, stands, plain.usable)
        seats = plain.seats.count
        self._weights = [weights(t, stands, seats) for t in (words.goods, words.names, words.industries)]
        self._common = prior_of(plain.seats, stands).astype(np.float32)
        self._plainly = plain.usable.astype(np.float32)
        self._parts = _parts(view, plain)
        self._all_edges = np.arange(view.graph.edges, dtype=np.int32)

    def of(self, rows: Int64) -> Float32:
        """float32[len(rows), S, len(SIGNS)]."""
        g, at = self._graph, self.links
        customers = (g.out_indptr, self._all_edges), (at.buyers, at.of_buyers)
        suppliers = (g.in_indptr, g.in_edges), (at.sellers, at.of_sellers)

        def say(
            side: tuple[tuple[Int64, NDArray[np.int32]], tuple[Beliefs, Float32]], weight: Float32
        ) -> Float32:
            (indptr, edges), (who, table) = side
            return neighbours_say(indptr, edges, weight, who.segment, who.share, table, rows)

        sold, bought = self._parts
        words = (self._words.goods, self._words.names, self._words.industries)
        columns = [
            self._plain.own.dense(rows, self._plain.seats.count),
            say(customers, self._plainly),
            say(suppliers, self._plainly),
            say(customers, sold) + say(suppliers, bought),
            *(signs(t, w, rows) for t, w in zip(words, self._weights, strict=True)),
            np.broadcast_to(self._common, (len(rows), len(self._common))),
        ]
        return np.stack(columns, axis=2)


def _parts(view: View, plain: Plain) -> tuple[Float32, Float32]:
    """A link's share of its seller's sales and of its buyer's purchases, over links that mean supply."""
    amount = np.where(plain.usable, np.maximum(view.amount_fen, 0), 0).astype(np.float64)
    parts = []
    for ends in (view.graph.src, view.graph.dst):
        whole = np.bincount(ends, amount, view.firms)[ends]
        parts.append(np.divide(amount, whole, out=np.zeros_like(amount), where=whole > 0).astype(np.float32))
    return parts[0], parts[1]


def blocks(rows: Int64, size: int = 4096) -> Sequence[Int64]:
    """`rows` cut into pieces small enough for `Signs.of`."""
    return [rows[at : at + size] for at in range(0, len(rows), size)]
