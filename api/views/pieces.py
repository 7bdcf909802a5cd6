"""The explorer's questions over the graph: expand, open, relate, what is in common, months."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from api import models_graph as told
from api.asking import Asking
from api.views.graph import Graph
from api.views.notes import shown_of
from ledger.errors import InputError
from ledger.words import message
from services.desk import expand
from services.desk.relate import COUNTED, Related, related


@dataclass
class _Piece:
    """What an expansion gathers."""

    nodes: list[int] = field(default_factory=list)
    edges: dict[str, told.GraphEdge] = field(default_factory=dict)
    expanded: list[told.Expanded] = field(default_factory=list)

    def add(self, edges: list[told.GraphEdge]) -> None:
        self.edges |= {edge.id: edge for edge in edges}


def expansion(asked: Asking, wanted: told.ExpandAsked) -> told.Expansion:
    """The partners of each enterprise, capped by kind and side."""
    graph, piece = Graph(asked), _Piece()
    firms = graph.starts(wanted.enterprises)
    within = expand.window(asked.snapshot, wanted.since, wanted.until)
    allowed = _allowed(graph, wanted)
    piece.nodes += firms
    for firm in firms:
        for kind in dict.fromkeys(wanted.kinds):
            if kind != "supply":
                _expand_ties(graph, piece, firm, kind, wanted.limit, allowed)
                continue
            if firm >= graph.web.firms:  # people supply nobody
                continue
            for side in ("suppliers", "customers") if wanted.side == "both" else (wanted.side,):
                if wanted.basis != "inferred":
                    _expand_supply(graph, piece, firm, side, within, wanted, allowed)
                if wanted.basis != "observed":
                    _expand_inferred(graph, piece, firm, side, wanted.limit, allowed)
    nodes, snapshot = graph.nodes(piece.nodes), asked.snapshot
    return told.Expansion(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        nodes=nodes,
        edges=list(piece.edges.values()),
        expanded=piece.expanded,
    )


def opened(asked: Asking, wanted: told.NodesAsked) -> told.Opened:
    """Nodes by id as they are now, and the links among them."""
    graph, snapshot = Graph(asked), asked.snapshot
    ids = list(dict.fromkeys(wanted.ids))
    known = graph.known(ids)
    nodes = [known[id_] for id_ in ids if id_ in known]
    within = expand.window(snapshot, wanted.since, wanted.until)
    kinds = wanted.kinds or []
    edges = graph.among(nodes, kinds, within) if wanted.edges and kinds and nodes else []
    if wanted.edges and wanted.basis == "both" and "supply" in kinds:
        edges += graph.suggested_among(nodes)
    moved = {id_: graph.id_of(node) for id_, node in known.items() if graph.id_of(node) != id_}
    return told.Opened(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        nodes=graph.nodes(nodes),
        edges=edges,
        moved=moved,
        missing=[id_ for id_ in ids if id_ not in known],
    )


def relations(asked: Asking, wanted: told.RelationsAsked) -> told.Relations:
    """How each pair hangs together. Raises InputError where fewer than two enterprises are meant."""
    graph, snapshot = Graph(asked), asked.snapshot
    firms = _several(graph, wanted.enterprises)
    kinds = list(dict.fromkeys(wanted.kinds))
    pairs = related(graph.walk, firms, kinds, wanted.longest, wanted.hubs)
    steps = _Steps(graph)
    items = [_pair(graph, steps, pair, wanted.longest) for pair in pairs]
    nodes = list(dict.fromkeys([*firms, *(n for pair in pairs for way in pair.ways for n in way.nodes)]))
    return told.Relations(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        nodes=graph.nodes(nodes),
        edges=list(steps.edges.values()),
        pairs=items,
    )


def in_common(asked: Asking, wanted: told.CommonAsked) -> told.CommonPartners:
    """Partners that several have in common, hubs left out."""
    graph, snapshot = Graph(asked), asked.snapshot
    firms = _several(graph, wanted.enterprises)
    rows, hubs = expand.common(snapshot, firms, wanted.side, min(wanted.at_least, len(firms)))
    page = rows.head(wanted.limit)
    edges = np.unique(page["edges"].explode(empty_as_null=False).to_numpy().astype(np.int64))
    return told.CommonPartners(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        nodes=graph.nodes([*firms, *page["partner"]]),
        edges=graph.supplies(edges),
        items=[
            told.CommonPartner(enterprise=snapshot.id_of(partner), shared=shared, amount_fen=amount)
            for partner, shared, amount in page.select("partner", "shared", "amount_fen").iter_rows()
        ],
        total=rows.height,
        note=shown_of(page.height, rows.height, asked.lang),
        hubs_left_out=hubs,
    )


def months(asked: Asking, wanted: told.MonthsAsked) -> told.EdgesByMonth:
    """Amounts of supply links by month, together and each."""
    graph, snapshot = Graph(asked), asked.snapshot
    ids = list(dict.fromkeys(wanted.edges))
    _, rows, _ = graph.edges([id_ for id_ in ids if id_.startswith("SUPPLIES:")])
    edges = np.array(sorted(set(rows.values())), np.int64)
    flow = expand.by_month(snapshot, edges)
    whole = flow.group_by("month").agg(pl.col("amount_fen").sum(), pl.col("count").sum().cast(pl.Int64))
    every = pl.DataFrame({"month": range(len(snapshot.months))}, schema={"month": pl.Int32})
    by_month = every.join(whole, on="month", how="left", maintain_order="left").fill_null(0)
    return told.EdgesByMonth(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        months=snapshot.months,
        amount_fen=by_month["amount_fen"].to_list(),
        count=by_month["count"].to_list(),
        each=_each(flow, rows, edges) if wanted.each else None,
        missing=[id_ for id_ in ids if id_ not in rows],
    )


def _each(flow: pl.DataFrame, rows: dict[str, int], edges: NDArray[np.int64]) -> list[told.EdgeMonths]:
    told_of = {
        int(edges[at]): (month, amount)
        for at, month, amount in flow.sort("month").group_by("at").agg("month", "amount_fen").iter_rows()
    }
    return [
        told.EdgeMonths(
            edge=id_, months=told_of.get(row, ([], []))[0], amount_fen=told_of.get(row, ([], []))[1]
        )
        for id_, row in rows.items()
    ]


def _several(graph: Graph, ids: list[str]) -> list[int]:
    firms = graph.firms(ids)
    if len(firms) < 2:
        raise InputError("relation_of_one")
    return firms


def _allowed(graph: Graph, wanted: told.ExpandAsked) -> NDArray[np.bool_] | None:
    """bool[enterprises]: partners that the chain, the region and the caller's rows let in; None: all. Where a
    partner outside these rows stands is not told, so that no chain or region lets it in."""
    source = graph.snapshot
    asked_for = wanted.chain is not None or wanted.region is not None
    mask = graph.asked.visible if asked_for else graph.asked.met
    allowed = np.ones(source.enterprises.height, np.bool_) if mask is None else np.array(mask, np.bool_)
    if wanted.chain is not None:
        inside = np.zeros(len(allowed), np.bool_)
        inside[source.positions.filter(pl.col("chain") == wanted.chain)["enterprise"].to_numpy()] = True
        allowed &= inside
    if wanted.region is not None:
        region = source.enterprises["region"].str.starts_with(wanted.region).fill_null(False)
        allowed &= region.to_numpy()
    return None if allowed.all() else allowed


def _expand_supply(
    graph: Graph, piece: _Piece, firm: int, side: str, within: expand.Window | None,
    wanted: told.ExpandAsked, allowed: NDArray[np.bool_] | None,
) -> None:  # fmt: skip
    found = expand.partners(graph.snapshot, firm, side, within, wanted.amount_least_fen, allowed)
    piece.add(graph.supplies(found.edge[: wanted.limit], within))
    piece.nodes += found.other[: wanted.limit].tolist()
    _count(graph, piece, (firm, "supply", side, "observed"), min(wanted.limit, found.total), found.total)


def _expand_inferred(
    graph: Graph, piece: _Piece, firm: int, side: str, limit: int, allowed: NDArray[np.bool_] | None
) -> None:
    here, there = ("dst", "src") if side == "suppliers" else ("src", "dst")
    rows = graph.snapshot.inferred_links.filter(pl.col(here) == firm)
    if allowed is not None:
        rows = rows.filter(pl.Series(allowed[rows[there].to_numpy()]))
    rows = graph.suggestions(rows)
    shown = rows.sort("probability", there, descending=[True, False]).head(limit)
    piece.add(graph.inferred(shown))
    piece.nodes += shown[there].to_list()
    _count(graph, piece, (firm, "supply", side, "inferred"), shown.height, rows.height)


def _expand_ties(
    graph: Graph, piece: _Piece, firm: int, kind: str, limit: int, allowed: NDArray[np.bool_] | None
) -> None:
    layer, firms = np.array([firm], np.int32), graph.web.firms
    _, far, number = graph.walk.steps(layer, kind)
    # Of the own ties of a firm it is told how many lead to whom the caller may not see; not of a person's.
    whole = len(graph.web.steps(layer, kind)[1]) if graph.narrow is not None and firm < firms else len(far)
    left_out = whole - len(far)
    if allowed is not None:
        kept = (far >= firms) | allowed[np.minimum(far, firms - 1)]
        far, number = far[kept], number[kept]
    links = graph.snapshot.counts["edges"]
    piece.add(graph.ties((number[:limit] - links).tolist()))
    piece.nodes += far[:limit].tolist()
    _count(graph, piece, (firm, kind, "both", "observed"), min(limit, len(far)), len(far), left_out)


def _count(
    graph: Graph, piece: _Piece, of: tuple[int, str, str, str], shown: int, total: int, left_out: int = 0
) -> None:
    firm, kind, side, basis = of
    note = shown_of(shown, total, graph.lang)
    if left_out:
        note = message("rows_left_out", graph.lang, shown=note, count=f"{left_out:,}")
    piece.expanded.append(
        told.Expanded(
            enterprise=graph.id_of(firm),
            kind=kind,  # type: ignore[arg-type]
            side=side,  # type: ignore[arg-type]
            basis=basis,  # type: ignore[arg-type]
            shown=shown,
            total=total,
            left_out=left_out,
            note=note,
        )
    )


class _Steps:
    """The links along ways: every parallel one between two nodes, of the kinds that were looked for."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.edges: dict[str, told.GraphEdge] = {}
        self._known: dict[tuple[int, int, tuple[str, ...]], list[str]] = {}

    def between(self, a: int, b: int, kinds: tuple[str, ...]) -> list[str]:
        """Ids of the links between two nodes."""
        key = (a, b, kinds)
        if key not in self._known:
            numbers: list[int] = []
            for kind in kinds:
                _, far, number = self._graph.walk.steps(np.array([a], np.int32), kind)
                numbers += number[far == b].tolist()
            found = self._graph.links(numbers)
            self.edges |= {edge.id: edge for edge in found}
            self._known[key] = [edge.id for edge in found]
        return self._known[key]


def _pair(graph: Graph, steps: _Steps, pair: Related, longest: int) -> told.RelatedPair:
    ways = [
        told.RelationWay(
            nodes=[graph.id_of(node) for node in way.nodes],
            kinds=list(way.kinds),  # type: ignore[arg-type]
            edges=[
                id_
                for a, b in zip(way.nodes, way.nodes[1:], strict=False)
                for id_ in steps.between(a, b, way.kinds)
            ],
        )
        for way in pair.ways
    ]
    names = graph.snapshot.enterprises["name"]
    code = "related_in" if pair.shortest is not None else ("related_cut" if pair.cut else "related_not")
    text = message(
        code, graph.lang, one=names[pair.one], other=names[pair.other], links=pair.shortest, longest=longest,
        found=f"{pair.found:,}" + ("+" if pair.found >= COUNTED else ""),
    )  # fmt: skip
    if graph.narrow is not None:
        text = message("rows_ways", graph.lang, text=text)
    return told.RelatedPair(
        from_=graph.id_of(pair.one),
        to=graph.id_of(pair.other),
        shortest=pair.shortest,
        ways=ways,
        found=pair.found,
        cut=pair.cut,
        text=text,
    )
