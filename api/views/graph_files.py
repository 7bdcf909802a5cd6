"""A view of the explorer as a file: GraphML, GEXF, JSON, or a table of its nodes or edges."""

from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from fastapi.responses import Response

from api import models_graph as told
from api.asking import Asking
from api.views.graph import Graph
from ledger.words import label
from services.sheets import as_csv, yuan

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "graphml": "application/graphml+xml",
    "gexf": "application/gexf+xml",
    "json": "application/json",
}


def graph_file(asked: Asking, wanted: told.GraphFileAsked) -> Response:
    """The very nodes and edges that are named; those that are none of this snapshot are left out, and the
    header `X-Left-Out` says how many."""
    graph, snapshot = Graph(asked), asked.snapshot
    known = graph.known(list(dict.fromkeys(wanted.nodes)))
    nodes = graph.nodes(dict.fromkeys(known.values()))
    shown = {node.id for node in nodes}
    every, _, missing = graph.edges(list(dict.fromkeys(wanted.edges)))
    edges = [edge for edge in every if edge.source in shown and edge.target in shown]
    left_out = len(missing) + len(every) - len(edges) + len(set(wanted.nodes) - set(known))
    body = _written(graph, nodes, edges, wanted)
    asked.noted(
        "list_exported", str(len(nodes)), snapshot=snapshot.id, format=wanted.format, edges=len(edges),
        sha256=sha256("\n".join(node.id for node in nodes).encode()).hexdigest(),
    )  # fmt: skip
    headers = {
        "Content-Disposition": f'attachment; filename="graph-{snapshot.id}.{wanted.format}"',
        "X-Content-Type-Options": "nosniff",
        "X-Left-Out": str(left_out),
        "Vary": "Accept-Language",
        "Content-Language": asked.lang,
    }
    return Response(body, media_type=TYPES[wanted.format], headers=headers)


def _written(
    graph: Graph, nodes: list[told.GraphNode], edges: list[told.GraphEdge], wanted: told.GraphFileAsked
) -> bytes:
    if wanted.format == "csv":
        return _table(graph, nodes, edges, wanted.part)
    if wanted.format == "json":
        piece = told.Piece(snapshot=graph.snapshot.id, as_of=graph.snapshot.as_of, nodes=nodes, edges=edges)
        return piece.model_dump_json(indent=1).encode()
    from graph.exports import write_gexf, write_graphml  # brings networkx along: only where one is written

    write = write_graphml if wanted.format == "graphml" else write_gexf
    with TemporaryDirectory() as folder:
        path = Path(folder) / "graph"
        write(_networkx(graph, nodes, edges), path)
        return path.read_bytes()


def _networkx(graph: Graph, nodes: list[told.GraphNode], edges: list[told.GraphEdge]) -> Any:
    import networkx as nx

    made: nx.MultiDiGraph[str] = nx.MultiDiGraph(
        snapshot=graph.snapshot.id, as_of=graph.snapshot.as_of.isoformat(), synthetic=graph.snapshot.synthetic
    )
    for node in nodes:
        values = _told(node, "id", "kind_text", "region_name", "segment_name")
        made.add_node(node.id, label=node.name, **values)
    for edge in edges:
        values = _told(edge, "id", "source", "target", "type_text", "type")
        made.add_edge(edge.source, edge.target, edge.id, type_=edge.type, **values)
    return made


def _told(one: told.GraphNode | told.GraphEdge, *left_out: str) -> dict[str, Any]:
    """What is known, in types every graph format has."""
    values = one.model_dump(mode="json", exclude=set(left_out), exclude_none=True)
    return {str(name): value for name, value in values.items()}


def _table(graph: Graph, nodes: list[told.GraphNode], edges: list[told.GraphEdge], part: str) -> bytes:
    lang, names = graph.lang, {node.id: node.name for node in nodes}
    if part == "nodes":
        rows = [
            (
                n.id, n.kind_text, n.name, n.code, n.region_name, n.segment_name, n.level, n.sales_fen,
                n.customers, n.suppliers, n.depth,
            )
            for n in nodes
        ]  # fmt: skip
        schema = {
            **dict.fromkeys(("id", "kind", "name", "code", "region", "segment"), pl.String),
            **dict.fromkeys(("level", "sales", "customers", "suppliers"), pl.Int64),
            "depth": pl.Float64,
        }  # fmt: skip
        frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(yuan("sales").alias("sales"))
    else:
        bases = {basis: label(f"position_{basis}", lang) for basis in ("observed", "inferred")}
        lines = [
            (
                e.id, e.type_text, e.source, names[e.source], e.target, names[e.target], bases[e.basis],
                e.amount_fen, e.count, e.first, e.last, e.share, e.probability,
            )
            for e in edges
        ]  # fmt: skip
        schema = {
            **dict.fromkeys(("id", "type", "source", "source_name", "target"), pl.String),
            **dict.fromkeys(("target_name", "basis"), pl.String),
            "amount": pl.Int64, "count": pl.Int64, "first": pl.Date, "last": pl.Date, "share": pl.Float64,
            "probability": pl.Float64,
        }  # fmt: skip
        frame = pl.DataFrame(lines, schema=schema, orient="row").with_columns(yuan("amount").alias("amount"))
    heads = {name: label(f"piece_{name}", lang) for name in frame.columns}
    return as_csv(frame, heads, frozenset({"sales", "amount"}))
