"""The graph as plain arrays by node and edge type, as of a day: what any learning library is fed from.

Only what was seen until the day has a row: a firm, product or person that appears later is not there,
not even as a node without links, because that it will come is itself known later.
"""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.node_features import (
    FIRM_FEATURES,
    INDUSTRY_FEATURES,
    PRODUCT_FEATURES,
    REGION,
    TEXT,
    YEAR,
    Float32,
    firm_features,
    months_so_far,
    prefixes,
    product_features,
    projected,
)
from gnn.text import grams
from gnn.view import View, view_of
from graph.csr import Int64
from graph.model import EDGE_KINDS, EDGES
from graph.snapshot import Snapshot
from graph.snapshot_tables import SnapshotTables, shaped
from seeds.chains import ROLES

EdgeType = tuple[str, str, str]

NODE_TYPES = ("enterprise", "product", "segment", "chain", "person", "region")
#: What a registry counts anew every year: without a day it would tell of the whole period.
MEASURED = ("size", "employees", "revenue")
GOODS_FEATURES = ("amount_log", "share")
SUPPLY_FEATURES = ("amount_log", "year_log", "count_log", "months", "idle", "age")
TIE_FEATURES = ("share", "share_said", "amount_log", "years")
SUPPLIES: EdgeType = ("enterprise", "SUPPLIES", "enterprise")
#: Every edge type that is built. `STANDS_IN` is what is to be learned, and accounts say nothing of goods.
EDGE_TYPES: tuple[EdgeType, ...] = tuple(
    (source.lower(), kind.name, kind.target.lower())
    for kind in EDGE_KINDS
    if kind.name != "STANDS_IN"
    for source in sorted(kind.sources)
)


@dataclass(frozen=True)
class Nodes:
    """n nodes: `id` text[n], `x` float32[n, F], `features` the F names of its columns."""

    id: NDArray[np.object_]
    x: Float32
    features: tuple[str, ...]


@dataclass(frozen=True)
class Links:
    """m links: `index` int64[2, m] from row 0 to row 1, sorted; `x` float32[m, F]; the F names."""

    index: Int64
    x: Float32
    features: tuple[str, ...] = ()


@dataclass(frozen=True)
class TypedGraph:
    """`nodes` by NODE_TYPES, `links` by EDGE_TYPES, in that order, empty ones included."""

    as_of: date
    nodes: dict[str, Nodes]
    links: dict[EdgeType, Links]

    def fingerprint(self) -> str:
        """SHA-256 of all of it: names, types and bytes."""
        digest = sha256(self.as_of.isoformat().encode())
        for kind, node in self.nodes.items():
            digest.update(repr((kind, node.features, node.id.tolist(), node.x.shape)).encode())
            digest.update(np.ascontiguousarray(node.x).tobytes())
        for edge, link in self.links.items():
            digest.update(repr((edge, link.features, link.index.shape)).encode())
            digest.update(np.ascontiguousarray(link.index).tobytes())
            digest.update(np.ascontiguousarray(link.x).tobytes())
        return digest.hexdigest()


def typed_graph(source: Snapshot | SnapshotTables, as_of: date | None = None) -> TypedGraph:
    """The graph as of a day, None: all that `source` holds, firms without any paper included.

    Attributes and relations without a day count always, as in `gnn.view`, save those in MEASURED.
    """
    view = view_of(source, as_of)
    said = _holding(_table(source, "attributes"), view.as_of)
    ties = _ties(view)
    firms = _Numbers(view.enterprises["id"], _seen(view, said, ties, everybody=as_of is None))
    sold = pl.concat([view.makes["product"], view.buys["product"]]).unique()
    products = _Numbers(view.products["id"], sold.to_numpy())
    regions = said.filter(pl.col("name") == "region").select("enterprise", "value").sort("enterprise")
    chains = sorted(source.chains, key=lambda chain: str(chain["id"]))
    people = ties.filter("src_is_person")["src"].unique().sort()
    nodes = {
        "enterprise": Nodes(
            firms.ids, firm_features(view, said)[firms.rows], (*FIRM_FEATURES, *INDUSTRY_FEATURES)
        ),
        "product": Nodes(products.ids, product_features(view.products[products.rows]), PRODUCT_FEATURES),
        **_chain_nodes(chains),
        "person": Nodes(_texts(people), np.ones((len(people), 1), np.float32), ("one",)),
        "region": _region_nodes(regions["value"].unique().sort()),
    }
    links = {
        SUPPLIES: _supplies(view, firms),
        ("enterprise", "MAKES", "product"): _goods(view.makes, firms, products),
        ("enterprise", "BUYS", "product"): _goods(view.buys, firms, products),
        ("enterprise", "LOCATED_IN", "region"): _bare(
            firms.of[regions["enterprise"].to_numpy()], _places(nodes["region"], regions["value"])
        ),
        **_chain_links(chains, nodes),
        **_tie_links(view.as_of, ties, nodes),
    }
    return TypedGraph(view.as_of, nodes, {edge: links[edge] for edge in EDGE_TYPES})


class _Numbers:
    """Rows of a snapshot table that are kept, in the order of ids; `of`: int64, old row → new, -1: none."""

    def __init__(self, ids: pl.Series, rows: NDArray[np.integer]) -> None:
        kept = pl.DataFrame({"row": rows, "id": ids.gather(rows)}).sort("id")
        self.rows = kept["row"].to_numpy()
        self.ids = _texts(kept["id"])
        self.of = np.full(len(ids), -1, np.int64)
        self.of[self.rows] = np.arange(len(self.rows))


def _seen(view: View, said: pl.DataFrame, ties: pl.DataFrame, everybody: bool) -> NDArray[np.integer]:
    """Rows of the firms that a paper, tie or registry speaks of until the day."""
    seen = np.full(view.firms, everybody)
    for column in (view.graph.src, view.graph.dst, said["enterprise"], view.items["src"]):
        seen[np.asarray(column)] = True
    seen[view.items["dst"].drop_nulls().to_numpy()] = True
    ends = pl.concat([ties.filter(~pl.col("src_is_person"))["src"], ties["dst"]])
    seen |= view.enterprises["id"].is_in(ends.implode()).to_numpy()
    return np.flatnonzero(seen)


def _holding(attributes: pl.DataFrame, day: date) -> pl.DataFrame:
    """enterprise, name, value: the latest that each firm is said to be on the day."""
    begun = (pl.col("happened_on") <= day).fill_null(~pl.col("name").is_in(MEASURED))
    held = attributes.filter(begun & (pl.col("until") >= day).fill_null(True))
    ordered = held.sort("enterprise", "name", "happened_on", "value", nulls_last=False)
    latest = ordered.unique(["enterprise", "name"], keep="last", maintain_order=True)
    return latest.select("enterprise", "name", "value")


def _ties(view: View) -> pl.DataFrame:
    """The relations of the view between people and firms of the graph."""
    ids = view.enterprises["id"].implode()
    known = pl.col("dst").is_in(ids) & (pl.col("src_is_person") | pl.col("src").is_in(ids))
    return view.relations.filter(known & pl.col("kind").is_in(list(EDGES)))


def _table(source: Snapshot | SnapshotTables, name: str) -> pl.DataFrame:
    return source.table(name) if isinstance(source, Snapshot) else shaped(name, getattr(source, name))


def _texts(ids: pl.Series) -> NDArray[np.object_]:
    return np.asarray(ids.to_list(), dtype=np.object_)


def _places(nodes: Nodes, ids: pl.Series) -> Int64:
    """The rows that bear these ids, int64; every one is there."""
    number = pl.DataFrame({"id": pl.Series(nodes.id.tolist(), dtype=pl.String)}).with_row_index("row")
    found = ids.alias("id").to_frame().join(number, on="id", how="left", maintain_order="left")
    return np.asarray(found["row"].to_numpy(), np.int64)


def _links(src: Int64, dst: Int64, x: Float32, features: tuple[str, ...]) -> Links:
    order = np.lexsort((dst, src))
    index = np.stack([src, dst]).astype(np.int64)[:, order]
    return Links(index, np.ascontiguousarray(x[order], np.float32), features)


def _bare(src: Int64, dst: Int64) -> Links:
    return _links(src, dst, np.zeros((len(src), 0), np.float32), ())


def _supplies(view: View, firms: _Numbers) -> Links:
    """Net amounts without tax, log10 of one plus yuan; months, idle and age in years."""
    months, month, amount = months_so_far(view), pl.col("month"), pl.col("amount_fen")
    sums = (
        view.flow.group_by("edge")
        .agg(
            amount.sum().alias("whole"),
            amount.filter(month >= months - YEAR).sum().alias("year"),
            pl.col("count").sum().log1p().alias("count_log"),
            month.n_unique() / YEAR,
            ((months - 1 - month.max()) / YEAR).alias("idle"),
            ((months - 1 - month.min()) / YEAR).alias("age"),
        )
        .sort("edge")
        .with_columns(_yuan_log("whole").alias("amount_log"), _yuan_log("year").alias("year_log"))
        .rename({"month": "months"})
    )
    ends = (firms.of[view.graph.src], firms.of[view.graph.dst])
    return _links(*ends, sums.select(SUPPLY_FEATURES).to_numpy(), SUPPLY_FEATURES)


def _goods(shares: pl.DataFrame, firms: _Numbers, products: _Numbers) -> Links:
    x = shares.select(_yuan_log("amount_fen").alias("amount_log"), "share").to_numpy()
    ends = firms.of[shares["enterprise"].to_numpy()], products.of[shares["product"].to_numpy()]
    return _links(*ends, x, GOODS_FEATURES)


def _tie_links(day: date, ties: pl.DataFrame, nodes: dict[str, Nodes]) -> dict[EdgeType, Links]:
    """One link a pair and kind: the share last stated, the sum of the amounts, years since the first day.

    `until` is never read: on the day itself nobody knows yet that a tie will end.
    """
    made = {}
    years = (pl.lit(day) - pl.col("first").min()).dt.total_days() / 365.25
    for edge in EDGE_TYPES:
        source, kind, target = edge
        if "first" not in {p.name for p in EDGES[kind].properties} or kind == "SUPPLIES":
            continue
        here = ties.filter((pl.col("kind") == kind) & (pl.col("src_is_person") == (source == "person")))
        pairs = (
            here.sort("src", "dst", "first", "share", nulls_last=False)
            .group_by("src", "dst", maintain_order=True)
            .agg(
                pl.col("share").drop_nulls().last().cast(pl.Float64),
                pl.col("amount_fen").sum(),
                years.alias("years"),
            )
            .with_columns(
                pl.col("share").fill_null(0.0),
                pl.col("years").fill_null(0.0),
                pl.col("share").is_not_null().cast(pl.Float64).alias("share_said"),
                _yuan_log("amount_fen").alias("amount_log"),
            )
        )
        ends = _places(nodes[source], pairs["src"]), _places(nodes[target], pairs["dst"])
        made[edge] = _links(*ends, pairs.select(TIE_FEATURES).to_numpy(), TIE_FEATURES)
    return made


def _chain_nodes(chains: list[dict[str, Any]]) -> dict[str, Nodes]:
    """Segments by name, tier and role, chains by name: what the product knows at birth, without days."""
    segments = sorted(_segments(chains), key=lambda s: str(s["id"]))
    texts = projected((grams(s["name"]["zh"]) for s in segments), TEXT)
    facts = [[s["tier"], *(s["role"] == role for role in ROLES)] for s in segments]
    numbers = np.asarray(facts, np.float32).reshape(len(segments), 1 + len(ROLES))
    names = projected((grams(c["name"]["zh"]) for c in chains), TEXT)
    ids = [_texts(pl.Series([row["id"] for row in rows], dtype=pl.String)) for rows in (segments, chains)]
    columns = tuple(f"text_{i}" for i in range(TEXT))
    return {
        "segment": Nodes(ids[0], np.hstack([texts, numbers]).astype(np.float32), (*columns, "tier", *ROLES)),
        "chain": Nodes(ids[1], names, columns),
    }


def _chain_links(chains: list[dict[str, Any]], nodes: dict[str, Nodes]) -> dict[EdgeType, Links]:
    part = [(s["id"], c["id"]) for c in chains for s in c["segments"]]
    feeds = sorted({(s["id"], to) for s in _segments(chains) for to in s["feeds"]})
    made = {}
    for kind, pairs, target in (("FEEDS", feeds, "segment"), ("PART_OF", part, "chain")):
        table = pl.DataFrame(pairs, schema={"src": pl.String, "dst": pl.String}, orient="row")
        ends = _places(nodes["segment"], table["src"]), _places(nodes[target], table["dst"])
        made["segment", kind, target] = _bare(*ends)
    return made


def _segments(chains: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [segment for chain in chains for segment in chain["segments"]]


def _region_nodes(codes: pl.Series) -> Nodes:
    x = projected((prefixes(code, (2, 4, 6)) for code in codes), REGION)
    return Nodes(_texts(codes), x, tuple(f"region_{i}" for i in range(REGION)))


def _yuan_log(column: str) -> pl.Expr:
    return (pl.col(column).clip(0) / 100 + 1).log(10)
