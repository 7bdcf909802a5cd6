"""What goods, segments and places say of a candidate pair, beside degrees and paths (`gnn.pairs.features`).

feeds          belief that the seller's segment feeds the buyer's
segments_deal  log likelihood ratio of their segments dealing with each other
bought         share of the buyer's purchases, from others, in goods that the seller sells
sold           share of the seller's sales in goods that the buyer buys
rivals         the buyer's suppliers that sell the same goods, log1p
same_city, same_province   by GB/T 2260
seller_sales, buyer_purchases   log yuan as far as seen
alike          cosine of the two firms' embeddings
like_customers    of the buyer's own goods with the mean of the seller's customers
like_suppliers    of the seller's own goods with the mean of the buyer's suppliers
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from gnn.embeddings.embedding import Embedding
from gnn.embeddings.propagation import Bits, from_bf16
from gnn.pairs.features import structure_features, structure_names
from gnn.positions.plain import Plain
from gnn.positions.seats import Beliefs
from gnn.positions.signs import links_of
from gnn.view import View
from graph import csr
from graph.csr import Graph, Int32

Float32 = NDArray[np.float32]

TRADE = (
    "feeds", "segments_deal", "bought", "sold", "rivals", "same_city", "same_province", "seller_sales",
    "buyer_purchases",
)  # fmt: skip
EMBEDDED = ("alike", "like_customers", "like_suppliers")
#: All columns, in the order of `features_of`.
NAMES = (*structure_names(), *TRADE, *EMBEDDED)


@dataclass(frozen=True)
class Goods:
    """Who sells and buys what, csr[n, products]: `sells` 0 and 1, shares of sales and of purchases, and how
    many of a firm's suppliers sell each product."""

    sells: sparse.csr_matrix
    buys: sparse.csr_matrix
    sold: sparse.csr_matrix
    bought: sparse.csr_matrix
    rivals: sparse.csr_matrix


def goods_of(view: View, plain: Plain) -> Goods:
    """Read once a view; goods in no segment (freight, packing) are left out."""
    shape = (view.firms, view.products.height)
    known = plain.recognised.select("product").unique()

    def table(rows: pl.DataFrame, value: str | None) -> sparse.csr_matrix:
        rows = rows.join(known, on="product", how="semi")
        values = (
            np.ones(rows.height, np.float32) if value is None else rows[value].to_numpy().astype(np.float32)
        )
        ends = rows["enterprise"].to_numpy(), rows["product"].to_numpy()
        return sparse.csr_matrix((values, ends), shape=shape)

    sells = table(view.makes, None)
    g = view.graph
    used = np.flatnonzero(plain.usable)
    supplied = sparse.csr_matrix(
        (np.ones(len(used), np.float32), (g.dst[used], g.src[used])), shape=(view.firms, view.firms)
    )
    return Goods(
        sells, table(view.buys, None), table(view.makes, "share"), table(view.buys, "share"), supplied @ sells
    )


def usable_graph(view: View, plain: Plain) -> Graph:
    """The links that mean supply, hubs' left out."""
    used = np.flatnonzero(plain.usable)
    return csr.build(view.firms, view.graph.src[used], view.graph.dst[used])


def features_of(view: View, plain: Plain, stands: Beliefs, embedding: Embedding, pairs: Int32) -> Float32:
    """float32[k, len(NAMES)]. `embedding`: of this very view, so that it knows no hidden link."""
    structure = structure_features(usable_graph(view, plain), pairs)
    trade = trade_features(view, plain, stands, pairs)
    return np.concatenate([structure, trade, embedded_features(embedding, pairs)], axis=1)


def embedded_features(embedding: Embedding, pairs: Int32) -> Float32:
    """float32[k, len(EMBEDDED)]: cosines; 0 where nothing is known of one side."""
    u, v = pairs[:, 0], pairs[:, 1]
    own, customers, suppliers = embedding.own, embedding.hops["c"], embedding.hops["s"]
    columns = [
        _cosine(embedding.values, u, embedding.values, v),
        _cosine(customers, u, own, v),
        _cosine(own, u, suppliers, v),
    ]
    return np.column_stack(columns).astype(np.float32)


def _cosine(a: Bits, u: Int32, b: Bits, v: Int32) -> Float32:
    out = np.zeros(len(u), np.float32)
    for low in range(0, len(u), 1 << 16):
        part = slice(low, low + (1 << 16))
        left, right = from_bf16(a[u[part]]), from_bf16(b[v[part]])
        length = np.sqrt((left * left).sum(axis=1) * (right * right).sum(axis=1))
        out[part] = np.einsum("kd,kd->k", left, right) / np.maximum(length, 1e-9)
    return out


def trade_features(view: View, plain: Plain, stands: Beliefs, pairs: Int32) -> Float32:
    """float32[k, len(TRADE)]."""
    u, v = pairs[:, 0], pairs[:, 1]
    goods = goods_of(view, plain)
    feeds, deal = _segments(view, plain, stands, u, v)
    region = view.enterprises["region"].fill_null("")
    city, province = (_codes(region.str.head(k)) for k in (4, 2))
    amount = np.where(plain.usable, np.maximum(view.amount_fen, 0), 0) / 100
    sales, purchases = (np.bincount(end, amount, view.firms) for end in (view.graph.src, view.graph.dst))
    columns = [
        feeds,
        deal,
        _row_dot(goods.sells, goods.bought, u, v),
        _row_dot(goods.sold, goods.buys, u, v),
        np.log1p(_row_dot(goods.sells, goods.rivals, u, v)),
        city[u] == city[v],
        province[u] == province[v],
        np.log1p(sales)[u],
        np.log1p(purchases)[v],
    ]
    return np.column_stack(columns).astype(np.float32)


def common_product(view: View, plain: Plain, pairs: Int32) -> NDArray[np.int64]:
    """int64[k]: what the seller sells and the buyer spends most on, -1 where there is nothing."""
    goods = goods_of(view, plain)
    both = goods.sells[pairs[:, 0]].multiply(goods.bought[pairs[:, 1]]).tocsr()
    if not both.shape[0] or not both.nnz:
        return np.full(len(pairs), -1, np.int64)
    best = np.asarray(both.argmax(axis=1)).ravel()
    return np.where(np.diff(both.indptr) > 0, best, -1)


def _codes(values: pl.Series) -> NDArray[np.int64]:
    """Numbers of equal texts; an empty one is like no other."""
    numbers = values.rank("dense").cast(pl.Int64).to_numpy().copy()
    blank = (values == "").to_numpy()
    numbers[blank] = -np.arange(1, blank.sum() + 1)
    return np.asarray(numbers)


def _row_dot(a: sparse.csr_matrix, b: sparse.csr_matrix, u: Int32, v: Int32) -> Float32:
    """float32[k]: a[u] · b[v], a block of rows at a time."""
    out = np.zeros(len(u), np.float32)
    for low in range(0, len(u), 1 << 16):
        part = slice(low, low + (1 << 16))
        out[part] = np.asarray(a[u[part]].multiply(b[v[part]]).sum(axis=1)).ravel()
    return out


def _segments(view: View, plain: Plain, stands: Beliefs, u: Int32, v: Int32) -> tuple[Float32, Float32]:
    table = links_of(view.graph, plain, stands, plain.usable).of_sellers
    seats = plain.seats.count
    feeds, deal = np.zeros(len(u), np.float32), np.zeros(len(u), np.float32)
    for low in range(0, len(u), 1 << 15):
        part = slice(low, low + (1 << 15))
        mine, theirs = (stands.dense(ends[part].astype(np.int64), seats) for ends in (u, v))
        feeds[part] = np.einsum("ks,ks->k", mine @ plain.seats.feeding.astype(np.float32), theirs)
        rest = 1 - mine.sum(axis=1) * theirs.sum(axis=1)
        deal[part] = np.log(np.maximum(rest, 0) + np.einsum("ks,ks->k", mine @ table, theirs) + 1e-6)
    return feeds, deal
