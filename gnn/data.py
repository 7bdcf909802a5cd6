"""PyTorch Geometric in and out: `HeteroData` as of a day, splits by time, reverse edges, node labels.

`HeteroData` holds what `gnn.typed` built: for every node type `x` float32[n, F] and `id`, for every edge type
`edge_index` int64[2, m] and `edge_attr` float32[m, F]; `features` names the columns of each type. There are
no reverse edges in it: `with_reverse` makes them, after the split.
"""

from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from gnn.extra import needed
from gnn.typed import SUPPLIES, Links, Nodes, TypedGraph, typed_graph
from graph.csr import Int64, Mask
from graph.snapshot import Snapshot, SnapshotTables

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData
else:
    HeteroData = Any

REVERSE = "rev_"
#: Shares of labelled nodes for training and for choosing when to stop; the rest is for the test.
SHARES = (0.6, 0.2)


@dataclass(frozen=True)
class NodeLabels:
    """A label of some of n nodes: `y` int64[n], a place in `classes`, -1 where none is known;
    `train`, `val`, `test`: bool[n], each labelled node in exactly one."""

    classes: tuple[str, ...]
    y: Int64
    train: Mask
    val: Mask
    test: Mask


@dataclass(frozen=True)
class LinkLabels:
    """Links that appear later: `train` int64[2, k] in the numbering of the training graph, `val` int64[2, j]
    in that of `val_data`, the graph as of the day before they appear."""

    train: Int64
    val: Int64
    val_data: "HeteroData | TypedGraph"


def to_pyg(source: Snapshot | SnapshotTables, as_of: date | None = None) -> HeteroData:
    """The graph as of a day (None: all of it) for PyTorch Geometric. MissingExtra without `learn`."""
    return pyg_of(typed_graph(source, as_of))


def pyg_of(graph: TypedGraph) -> HeteroData:
    """The same arrays as tensors, shared and not copied. MissingExtra without `learn`."""
    torch, hetero = needed("torch"), needed("torch_geometric.data").HeteroData
    data = hetero(as_of=graph.as_of.isoformat())
    data.features = {
        **{kind: nodes.features for kind, nodes in graph.nodes.items()},
        **{edge: links.features for edge, links in graph.links.items()},
    }
    for kind, nodes in graph.nodes.items():
        data[kind].x, data[kind].id = torch.from_numpy(nodes.x), nodes.id
    for edge, links in graph.links.items():
        data[edge].edge_index = torch.from_numpy(links.index)
        data[edge].edge_attr = torch.from_numpy(links.x)
    return data


def typed_of(data: "HeteroData | TypedGraph") -> TypedGraph:
    """`HeteroData` of this module as plain arrays, reverse edges left out."""
    if isinstance(data, TypedGraph):
        return data
    named = data.features  # PyG makes lists of tuples when it copies
    nodes = {
        kind: Nodes(data[kind].id, data[kind].x.cpu().numpy(), tuple(named[kind])) for kind in data.node_types
    }
    links = {
        edge: Links(
            data[edge].edge_index.cpu().numpy(), data[edge].edge_attr.cpu().numpy(), tuple(named[edge])
        )
        for edge in data.edge_types
        if not edge[1].startswith(REVERSE)
    }
    return TypedGraph(date.fromisoformat(data.as_of), nodes, links)


def with_reverse(data: HeteroData) -> HeteroData:
    """A copy with `rev_<type>` beside every edge type, for layers that pass messages along edges only.

    Made from the edges that are there, labels never: call it after the split, on each part.
    """
    both = data.clone()
    for source, kind, target in data.edge_types:
        forth = data[source, kind, target]
        back = both[target, REVERSE + kind, source]
        back.edge_index = forth.edge_index.flip([0])
        back.edge_attr = forth.edge_attr
    return both


def split(
    source: Snapshot | SnapshotTables,
    seen_until: date,
    train_until: date,
    val_until: date,
    as_of: date | None = None,
) -> tuple[HeteroData, HeteroData, HeteroData]:
    """(train, val, test): three graphs as of `seen_until`, `train_until` and `val_until`, each with the links
    that are first seen between its own day and the next as `edge_label_index` int64[2, k] of SUPPLIES.

    Split by time, then built: a label is in no graph, sum, item or tie of its part. Links of firms that
    nobody knew on the day cannot be asked for; `unknown` of SUPPLIES counts them. ValueError when the days
    do not ascend.
    """
    days = (seen_until, train_until, val_until, source.as_of if as_of is None else as_of)
    if list(days) != sorted(set(days)):
        raise ValueError("the days of a split must ascend")
    graphs = [typed_graph(source, day) for day in days]
    parts = []
    for now, later in pairwise(graphs):
        pairs, unknown = new_links(now, later)
        data = pyg_of(now)
        data[SUPPLIES].edge_label_index = needed("torch").from_numpy(pairs)
        data[SUPPLIES].unknown = unknown
        parts.append(data)
    return parts[0], parts[1], parts[2]


def new_links(now: TypedGraph, later: TypedGraph) -> tuple[Int64, int]:
    """Supply links of `later` that `now` has not, int64[2, k] in the numbering of `now`, and how many more
    there are whose firms `now` does not know."""
    place = pl.DataFrame(
        {"id": now.nodes["enterprise"].id.tolist()}, schema={"id": pl.String}
    ).with_row_index()
    named = pl.DataFrame({"id": later.nodes["enterprise"].id.tolist()}, schema={"id": pl.String})
    known = named.join(place, on="id", how="left", maintain_order="left")["index"]
    into = known.cast(pl.Int64).fill_null(-1).to_numpy()
    ends = into[later.links[SUPPLIES].index]
    both = (ends >= 0).all(axis=0)
    width = len(place)
    old = now.links[SUPPLIES].index
    fresh = ~np.isin(ends[0] * width + ends[1], old[0] * width + old[1])
    return np.ascontiguousarray(ends[:, both & fresh]), int((~both).sum())


def link_labels(train: HeteroData, val: HeteroData) -> LinkLabels:
    """What link models learn from, of the first two parts of `split`."""
    known, later = (part[SUPPLIES].edge_label_index.cpu().numpy() for part in (train, val))
    return LinkLabels(known, later, val)


def node_labels(
    data: "HeteroData | TypedGraph", said: pl.DataFrame, shares: tuple[float, float] = SHARES
) -> NodeLabels:
    """Labels of enterprises from rows `id`, `label` and, where it has days, `known_on`.

    What became known after the day of the graph is left out. Of several labels of a firm the first row
    counts. Who is trained on is drawn by a hash of the id: a firm stays where it is as others come.
    """
    graph = typed_of(data)
    if "known_on" in said.columns:
        said = said.filter((pl.col("known_on") <= graph.as_of).fill_null(True))
    first = said.select("id", "label").drop_nulls().unique("id", keep="first", maintain_order=True)
    ids = pl.DataFrame({"id": graph.nodes["enterprise"].id.tolist()}, schema={"id": pl.String})
    labels = ids.join(first, on="id", how="left", maintain_order="left")["label"]
    classes = tuple(labels.drop_nulls().unique().sort().to_list())
    number = {label: i for i, label in enumerate(classes)}
    y = np.asarray([number.get(label, -1) for label in labels], np.int64)
    known = y >= 0
    draw = np.full(len(y), -1.0)
    draw[known] = [_draw(identifier) for identifier in ids["id"].filter(known)]
    train, rest = known & (draw < shares[0]), known & (draw >= shares[0])
    val = rest & (draw < shares[0] + shares[1])
    return NodeLabels(classes, y, train, val, rest & ~val)


def _draw(identifier: str) -> float:
    """0 … 1, the same for an id in every run."""
    return int.from_bytes(sha256(identifier.encode()).digest()[:6], "big") / 2**48


def shuffled(graph: TypedGraph, seed: int = 1) -> TypedGraph:
    """The same nodes, goods and degrees, but who supplies or is tied to whom drawn anew: what a model still
    reaches here it did not learn from the graph."""
    rng = np.random.default_rng(seed)
    kept = {"MAKES", "BUYS", "FEEDS", "PART_OF", "LOCATED_IN"}
    links = {edge: link if edge[1] in kept else _dealt(link, rng) for edge, link in graph.links.items()}
    return replace(graph, links=links)


def _dealt(link: Links, rng: np.random.Generator) -> Links:
    index = np.stack([link.index[0], rng.permutation(link.index[1])])
    order = np.lexsort((index[1], index[0]))
    return replace(link, index=index[:, order], x=link.x[order])


def without(graph: TypedGraph, edges: set[str], columns: set[str] | None = None) -> TypedGraph:
    """The graph without the links of these kinds; of a firm's features only `columns`, None: all."""
    links = {
        edge: replace(link, index=link.index[:, :0], x=link.x[:0]) if edge[1] in edges else link
        for edge, link in graph.links.items()
    }
    firms = graph.nodes["enterprise"]
    keep = [i for i, name in enumerate(firms.features) if columns is None or name in columns]
    fewer = Nodes(firms.id, np.ascontiguousarray(firms.x[:, keep]), tuple(firms.features[i] for i in keep))
    return replace(graph, nodes={**graph.nodes, "enterprise": fewer}, links=links)
