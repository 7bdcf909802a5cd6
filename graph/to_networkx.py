"""A part of the snapshot as a networkx graph, for what an analyst takes away."""

from typing import Any

import networkx as nx
import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.snapshot import Snapshot
from ledger.errors import NotFound

#: More firms than this are seldom meant; the graph says how many there were.
LIMIT = 2000
_FIRM = ["name", "code", "region", "industry", "size", "taxpayer", "legal_form", "role", "hub"]
_FIRM += ["sales_fen", "purchases_fen", "customers", "suppliers"]
_PLACE = ["chain", "segment", "level", "depth", "confidence", "membership", "basis", "probability"]
_EDGE = ["amount_fen", "gross_fen", "red_fen", "count", "first", "last", "attested"]


def to_networkx(
    snapshot: Snapshot,
    chain: str | None = None,
    segment: str | None = None,
    ego: str | None = None,
    hops: int = 2,
    limit: int | None = LIMIT,
    people: bool = False,
) -> "nx.MultiDiGraph[str]":
    """The firms of a chain or segment, or those within `hops` links of the firm `ego`, with all
    links among them.

    Nodes are enterprise ids with name, code, place, sales and position (that in `chain`, else in
    the chain the firm belongs to most); edges follow the goods: kind SUPPLIES, amounts in fen
    without tax, count, first, last; ties between the firms (OWNS …) are edges of their kind, those
    of people to them too if `people` are wanted. What is unknown is absent; dates are ISO text.
    Conditions narrow each other.

    At most `limit` firms (None: all), nearest or largest first: `graph["shown"]` of
    `graph["total"]`, `graph["note"]` in words ("40 of 1,312"). NotFound for an unknown ego, chain
    or segment.
    """
    firms = _chosen(snapshot, chain, segment, ego, hops)
    shown = firms if limit is None else firms[:limit]
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(
        snapshot=snapshot.id,
        as_of=snapshot.as_of.isoformat(),
        synthetic=snapshot.synthetic,
        shown=len(shown),
        total=len(firms),
        note=f"{len(shown):,} of {len(firms):,}",
    )
    ids = _add_firms(graph, snapshot, shown, chain)
    _add_links(graph, snapshot, shown, ids)
    _add_ties(graph, snapshot, people)
    return graph


def _chosen(
    snapshot: Snapshot, chain: str | None, segment: str | None, ego: str | None, hops: int
) -> NDArray[np.int32]:
    """The firms that meet all conditions, nearest to `ego` first, else largest sales first."""
    if ego is None:
        order = snapshot.enterprises.select(
            pl.col("sales_fen").fill_null(0).arg_sort(descending=True, nulls_last=True)
        )
        firms = order.to_series().to_numpy().astype(np.int32)
    else:
        firms = _around(snapshot, _known(snapshot, ego), hops)
    if chain is None and segment is None:
        return firms
    placed = snapshot.positions
    for column, wanted in (("chain", chain), ("segment", segment)):
        if wanted is not None:
            placed = placed.filter(pl.col(column) == wanted)
            if placed.is_empty():
                raise NotFound("snapshot_nobody", value=wanted)
    return np.asarray(firms[np.isin(firms, placed["enterprise"].to_numpy())])


def _known(snapshot: Snapshot, id: str) -> int:
    """Row of a firm by its id or by that of any of its parties."""
    at = snapshot.index_of(id)
    if at is None:
        found = snapshot.members.filter(pl.col("party") == id)["enterprise"]
        if found.is_empty():
            raise NotFound("snapshot_no_enterprise", id=id)
        at = int(found[0])
    return at


def _around(snapshot: Snapshot, ego: int, hops: int) -> NDArray[np.int32]:
    """Firms within `hops` links, nearest first, then by the amount that ties them.

    Hubs are met but not passed: through the electricity company everybody is two links away.
    """
    src, dst = snapshot.column("edges", "src"), snapshot.column("edges", "dst")
    amount, hub = (
        snapshot.column("edges", "amount_fen"),
        snapshot.enterprises["hub"].fill_null(False).to_numpy(),
    )
    met, ring = [ego], [ego]
    seen = {ego}
    for _ in range(hops):
        best: dict[int, int] = {}
        for firm in ring:
            if hub[firm] and firm != ego:
                continue
            for edges, other in ((snapshot.suppliers(firm), src), (snapshot.customers(firm), dst)):
                for e in edges.tolist():
                    best[int(other[e])] = max(best.get(int(other[e]), 0), int(amount[e]))
        ring = sorted(best.keys() - seen, key=lambda firm: (-best[firm], firm))
        seen.update(ring)
        met.extend(ring)
    return np.array(met, np.int32)


def _add_firms(
    graph: "nx.MultiDiGraph[str]", snapshot: Snapshot, firms: NDArray[np.int32], chain: str | None
) -> dict[int, str]:
    """One node a firm, in the given order; returns row → id."""
    places = snapshot.positions.filter(pl.col("enterprise").is_in(firms.tolist()))
    if chain is not None:
        places = places.filter(pl.col("chain") == chain)
    places = places.sort("membership", "chain", descending=[True, False], nulls_last=True)
    placed = {row["enterprise"]: row for row in reversed(places.to_dicts())}
    ids = {}
    for at, row in zip(firms.tolist(), snapshot.enterprises[firms].iter_rows(named=True), strict=True):
        place = placed.get(at, {})
        values = {name: row[name] for name in _FIRM} | {name: place.get(name) for name in _PLACE}
        if place.get("core") is not None:
            values["core"] = snapshot.id_of(place["core"])
        ids[at] = row["id"]
        graph.add_node(row["id"], kind="Enterprise", **_told({"label": row["name"], **values}))
    return ids


def _add_links(
    graph: "nx.MultiDiGraph[str]", snapshot: Snapshot, firms: NDArray[np.int32], ids: dict[int, str]
) -> None:
    """SUPPLIES among the firms. The key names the edge for good within a snapshot."""
    inside = np.zeros(len(snapshot.out_indptr) - 1, np.bool_)
    inside[firms] = True
    src, dst = snapshot.column("edges", "src"), snapshot.column("edges", "dst")
    edges = np.flatnonzero(inside[src] & inside[dst])
    for e, row in zip(edges.tolist(), snapshot.edges[edges].iter_rows(named=True), strict=True):
        values = _told({name: row[name] for name in _EDGE})
        graph.add_edge(ids[row["src"]], ids[row["dst"]], f"SUPPLIES:{e}", kind="SUPPLIES", **values)


def _add_ties(graph: "nx.MultiDiGraph[str]", snapshot: Snapshot, people: bool) -> None:
    """Ownership, guarantees … among the firms, and those of people where they are wanted."""
    ties = snapshot.relations.with_row_index("row").filter(pl.col("dst").is_in(list(graph.nodes)))
    for row in ties.iter_rows(named=True):
        if row["src_is_person"] and people:
            graph.add_node(row["src"], kind="Person", label=row["src_label"] or row["src"])
        if row["src"] in graph:
            values = _told({name: row[name] for name in ("share", "amount_fen", "first", "until")})
            graph.add_edge(row["src"], row["dst"], f"{row['kind']}:{row['row']}", kind=row["kind"], **values)


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """What is known, in types every graph format has."""
    return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in values.items() if v is not None}
