"""Graph files an analyst opens elsewhere: GraphML, GEXF, and one HTML file that stands alone."""

import json
import re
from math import log10
from pathlib import Path
from typing import Any

import networkx as nx

from ledger.money import yuan
from ledger.words import label, message

#: More nodes than this cannot be read in a picture.
PICTURED = 300
#: Characters that XML 1.0 cannot hold at all.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COLUMN, _ROW = 260, 46  # least pixels between the columns, and between the rows, of a picture
_COLOURS = ("#4477aa", "#66ccee", "#228833", "#ccbb44", "#ee6677", "#aa3377", "#997700", "#555555")


def write_graphml(graph: "nx.MultiDiGraph[str]", path: Path) -> None:
    """The graph of `to_networkx` as GraphML; numbers stay numbers, edge ids are the edge keys."""
    nx.write_graphml(_clean(graph), path, encoding="utf-8", named_key_ids=True)


def write_gexf(graph: "nx.MultiDiGraph[str]", path: Path) -> None:
    """The graph of `to_networkx` as GEXF 1.2, for Gephi."""
    nx.write_gexf(_clean(graph), path, encoding="utf-8", version="1.2draft")


def write_html(
    graph: "nx.MultiDiGraph[str]", path: Path, title: str, lang: str = "zh", limit: int = PICTURED
) -> tuple[int, int]:
    """The graph as one HTML file that asks nobody for anything; returns (shown, total).

    Drawn by pyvis without physics: upstream left, one column a depth. At most `limit` nodes, the
    first of the graph (nearest or largest); the page says how many of how many. The file forbids
    the browser every request, and names from invoices stand in it as text only.
    """
    from jinja2 import ChoiceLoader, FileSystemLoader
    from pyvis.network import Network

    shown = list(graph.nodes)[:limit]
    total = max(int(graph.graph.get("total", 0)), graph.number_of_nodes())
    net = Network(directed=True, cdn_resources="in_line", heading=title)
    own = FileSystemLoader(Path(__file__).parent)
    net.templateEnv.loader = ChoiceLoader([own, net.templateEnv.loader])
    net.path = "standalone.html"
    net.templateEnv.globals.update(
        lang=lang,
        note=message("snapshot_shown", lang, shown=f"{len(shown):,}", total=f"{total:,}"),
        cut_off=f"{label('data_cut_off', lang)} {graph.graph.get('as_of', '')}",
        synthetic=label("synthetic", lang) if graph.graph.get("synthetic") else "",
    )
    net.nodes = _drawn_nodes(graph, shown, lang)
    net.edges = _drawn_edges(graph, set(shown))
    net.options = json.loads(_OPTIONS)
    path.write_text(net.generate_html(), "utf-8")
    return len(shown), total


_OPTIONS = """{"physics": {"enabled": false}, "layout": {"improvedLayout": false},
 "interaction": {"hover": true, "tooltipDelay": 100, "navigationButtons": false, "keyboard": true},
 "nodes": {"shape": "dot", "font": {"size": 13}},
 "edges": {"arrows": {"to": {"enabled": true, "scaleFactor": 0.5}}, "smooth": false,
           "color": {"color": "#b9c2cc", "highlight": "#33475b"}}}"""


def _clean(graph: "nx.MultiDiGraph[str]") -> "nx.MultiDiGraph[str]":
    """A copy whose texts XML can hold."""
    copy = graph.copy()
    holders: list[dict[str, Any]] = [copy.graph, *(v for _, v in copy.nodes(data=True))]
    holders += [v for _, _, v in copy.edges(data=True)]
    for values in holders:
        values.update({k: _NOT_XML.sub("", v) for k, v in values.items() if isinstance(v, str)})
    return copy


def _drawn_nodes(graph: "nx.MultiDiGraph[str]", shown: list[str], lang: str) -> list[dict[str, Any]]:
    """Nodes with places: x by depth (unknown ones a column further down the goods), y by rank."""
    depths = {id: graph.nodes[id].get("depth") for id in shown}
    columns = {id: None if d is None else round(d) for id, d in depths.items()}
    known = [c for c in columns.values() if c is not None]
    beyond = min(known, default=0) - 1
    members: dict[int, list[str]] = {}
    for id in shown:
        column = columns[id]
        members.setdefault(beyond if column is None else column, []).append(id)
    # Columns stand so far apart that the whole has the shape of a screen.
    tallest = max((len(ids) for ids in members.values()), default=0)
    apart = max(_COLUMN, 1.6 * tallest * _ROW / len(members)) if members else _COLUMN
    segments = sorted({str(graph.nodes[id].get("segment", "")) for id in shown})
    colour = {s: _COLOURS[i % len(_COLOURS)] if s else "#c4c4c4" for i, s in enumerate(segments)}
    drawn = []
    for column, ids in members.items():
        for rank, id in enumerate(ids):
            values = graph.nodes[id]
            drawn.append(
                {
                    "id": id,
                    "label": values.get("label", id),
                    "title": _about_node(values, lang),
                    "x": -column * apart,
                    "y": (rank - (len(ids) - 1) / 2 + column % 2 / 2) * _ROW,
                    "size": 6 + 2 * log10(1 + max(values.get("sales_fen", 0), 0) / 1e6),
                    "color": colour[str(values.get("segment", ""))],
                }
            )
    return drawn


def _drawn_edges(graph: "nx.MultiDiGraph[str]", shown: set[str]) -> list[dict[str, Any]]:
    drawn = []
    for src, dst, key, values in graph.edges(keys=True, data=True):
        if src not in shown or dst not in shown:
            continue
        fen = int(values.get("amount_fen", 0))
        about = " · ".join(str(v) for v in (values.get("first"), values.get("last")) if v)
        drawn.append(
            {
                "id": key,
                "from": src,
                "to": dst,
                "title": f"{values['kind']} ¥{yuan(fen)}\n{about}",
                "width": 1 + log10(1 + max(fen, 0) / 1e6) / 2,
                "dashes": values["kind"] != "SUPPLIES",
            }
        )
    return drawn


def _about_node(values: dict[str, Any], lang: str) -> str:
    lines = [str(values.get("label", "")), str(values.get("code", ""))]
    for name in ("segment", "depth", "level"):
        if name in values:
            value = f"{values[name]:.2f}" if name == "depth" else values[name]
            lines.append(f"{label(name, lang)} {value}")
    if "sales_fen" in values:
        lines.append(f"{label('column_sales_fen', lang)} {yuan(values['sales_fen'])}")
    return "\n".join(line for line in lines if line)
