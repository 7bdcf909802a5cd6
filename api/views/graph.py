"""Pieces of the graph in the reader's words: nodes and edges by rows of its snapshot."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from api.asking import Asking
from api.models_graph import GraphEdge, GraphNode
from api.views.chains import chain_names
from api.views.tables import Tables
from ledger.words import label
from seeds.regions import region_name
from services.desk.expand import Window, sums
from services.desk.web import Narrowed, Web, narrowed, web_of
from services.lending.ties import rows_of

_NODE = (
    *("id", "name", "code", "region", "chain", "segment", "level", "depth", "basis", "size", "hub"),
    *("is_core", "sales_fen", "customers", "suppliers"),
)
#: What a direct partner of a bound caller's firms is told with: they may see nothing else of it.
_PARTNER = ("id", "name", "hub")
_SUPPLIES, _INFERRED = "SUPPLIES", "INFERRED"


class Graph:
    """One request's view of the web: finds nodes and edges by id, and tells them by number.

    `walk` is the web as the caller may walk it: for who sees some firms only, `narrow`, the links that begin
    or end at a firm of theirs. Nodes and links outside are answered as those that do not exist.
    """

    def __init__(self, asked: Asking) -> None:
        self.asked, self.snapshot, self.lang = asked, asked.snapshot, asked.lang
        snapshot = asked.snapshot
        self.web: Web = asked.data.worked_out.get(("web", snapshot.id), lambda: web_of(snapshot))
        mask, met = asked.visible, asked.met
        self.narrow: Narrowed | None = None
        if mask is not None and met is not None:
            self.narrow = narrowed(self.web, mask, met)
        self.walk: Web | Narrowed = self.narrow or self.web
        self._links = snapshot.counts["edges"]
        self._chains, self._segments = chain_names(snapshot, asked.lang)

    def firms(self, ids: Iterable[str]) -> list[int]:
        """Rows of enterprises, each once, in their order. Raises NotFound."""
        return list(dict.fromkeys(self.asked.partner(id_) for id_ in ids))

    def starts(self, ids: list[str]) -> list[int]:
        """Nodes to go on from: enterprises, people, shared things; each once. Raises NotFound."""
        others = {id_: n for id_, n in self.known(ids).items() if n >= self.web.firms}
        return list(dict.fromkeys(others[i] if i in others else self.asked.partner(i) for i in ids))

    def known(self, ids: list[str]) -> dict[str, int]:
        """Id → node, of those that the caller may see: enterprises (or parties of them), people, shared.
        Of a partner outside the caller's rows the id that it is told with alone."""
        found = rows_of(self.snapshot, ids)
        others = self.web.others.with_row_index("at").filter(pl.col("id").is_in(ids))
        found |= {id_: self.web.firms + at for at, id_ in others.select("at", "id").iter_rows()}
        if self.narrow is None:
            return found
        shown = {id_: node for id_, node in found.items() if self.narrow.shown[node]}
        return {id_: node for id_, node in shown.items() if not self.closed(node) or self.id_of(node) == id_}

    def closed(self, node: int) -> bool:
        """Whether a node is an enterprise outside the caller's rows."""
        return self.narrow is not None and node < self.web.firms and not self.narrow.own[node]

    def _sees(self, a: int, b: int) -> bool:
        """Whether the caller may see a link between two nodes."""
        return self.narrow is None or bool(self.narrow.holds(np.array([a]), np.array([b]))[0])

    def nodes(self, numbers: Iterable[int]) -> list[GraphNode]:
        """Nodes by number, in their order, each once."""
        wanted = list(dict.fromkeys(numbers))
        firms = [n for n in wanted if n < self.web.firms]
        rows = _first_places(self.asked).filter(pl.col("enterprise").is_in(firms))
        told = {row["enterprise"]: self._firm(row) for row in rows.iter_rows(named=True)}
        self.asked.listed(node.id for node in told.values())
        return [told[n] if n in told else self._other(n) for n in wanted]

    def id_of(self, number: int) -> str:
        """The id of a node."""
        if number < self.web.firms:
            return self.snapshot.id_of(number)
        return str(self.web.others["id"][number - self.web.firms])

    def supplies(self, edges: NDArray[np.int64], within: Window | None = None) -> list[GraphEdge]:
        """Supply links by their rows; their amounts within a time."""
        order = np.argsort(edges, kind="stable")
        amount, count = np.empty(len(edges), np.int64), np.empty(len(edges), np.int64)
        amount[order], count[order] = sums(self.snapshot, edges[order], within)
        rows = self.snapshot.edges.select("src", "dst", "first", "last")[edges]
        text = label(_SUPPLIES, self.lang)
        return [
            self._edge(
                "supply",
                _SUPPLIES,
                text,
                src,
                dst,
                basis="observed",
                amount_fen=a,
                count=n,
                first=first,
                last=last,
            )
            for (src, dst, first, last), a, n in zip(
                rows.iter_rows(), amount.tolist(), count.tolist(), strict=True
            )
        ]

    def ties(self, rows: Iterable[int]) -> list[GraphEdge]:
        """Ties by their rows in the web."""
        told = self.web.ties[sorted(set(rows))]
        return [
            self._edge(
                row["kind"], row["type"], _type_text(row["type"], self.lang), row["a"], row["b"],
                basis="observed",
                amount_fen=row["amount_fen"], share=row["share"], first=row["first"], last=row["until"],
            )
            for row in told.iter_rows(named=True)
        ]  # fmt: skip

    def inferred(self, rows: pl.DataFrame) -> list[GraphEdge]:
        """Rows of `inferred_links`: suggestions, never customers or receivables."""
        text = label("INFERRED", self.lang)
        return [
            self._edge("supply", _INFERRED, text, src, dst, basis="inferred", probability=chance)
            for src, dst, chance in rows.select("src", "dst", "probability").iter_rows()
        ]

    def links(self, numbers: Iterable[int]) -> list[GraphEdge]:
        """Links of the web by number: supply links, and ties after them."""
        every = sorted(set(numbers))
        supplies = np.array([n for n in every if n < self._links], np.int64)
        return [*self.supplies(supplies), *self.ties(n - self._links for n in every if n >= self._links)]

    def among(self, nodes: list[int], kinds: Iterable[str], within: Window | None = None) -> list[GraphEdge]:
        """All links of these kinds among nodes; where a time is set, supply links with an invoice in it."""
        inside = np.zeros(self.web.nodes, np.bool_)
        layer = np.array(sorted(set(nodes)), np.int32)
        inside[layer] = True
        supplies, ties = np.empty(0, np.int64), np.empty(0, np.int64)
        for kind in dict.fromkeys(kinds):
            _, far, number = self.walk.steps(layer, kind)
            kept = np.unique(number[inside[far]])
            if kind == "supply":
                supplies = kept
            else:
                ties = np.concatenate([ties, kept - self._links])
        edges = self.supplies(supplies, within)
        return [*(e for e in edges if within is None or e.count), *self.ties(ties.tolist())]

    def suggested_among(self, nodes: list[int]) -> list[GraphEdge]:
        """Inferred links among nodes."""
        inside = pl.col("src").is_in(nodes) & pl.col("dst").is_in(nodes)
        return self.inferred(self.suggestions(self.snapshot.inferred_links.filter(inside)))

    def suggestions(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Those of `inferred_links` that the caller may see."""
        if self.narrow is None:
            return rows
        return rows.filter(pl.Series(self.narrow.holds(rows["src"].to_numpy(), rows["dst"].to_numpy())))

    def edges(self, ids: list[str]) -> tuple[list[GraphEdge], dict[str, int], list[str]]:
        """Edges by id; the rows of supply links among them by id; the ids that are none of this snapshot."""
        split = [id_.split(":") for id_ in ids]
        nodes = self.known(sorted({end for _, *ends in split for end in ends}))
        rows: dict[str, int] = {}
        tied: list[tuple[str, str, int, int]] = []
        inferred: list[tuple[str, int, int]] = []
        for id_, (type_, a, b) in zip(ids, split, strict=True):
            if a not in nodes or b not in nodes or not self._sees(nodes[a], nodes[b]):
                continue
            if type_ == _SUPPLIES:
                firms = nodes[a] < self.web.firms and nodes[b] < self.web.firms
                row = self.snapshot.edge_between(nodes[a], nodes[b]) if firms else None
                if row is not None:
                    rows[id_] = row
            elif type_ == _INFERRED:
                inferred.append((id_, nodes[a], nodes[b]))
            else:
                tied.append((id_, type_, nodes[a], nodes[b]))
        supplies = self.supplies(np.array(sorted(set(rows.values())), np.int64))
        known_ties = self._tied(tied)
        known_inferred = self._suggested(inferred)
        found = rows.keys() | known_ties.keys() | known_inferred.keys()
        told = [*supplies, *self.ties(known_ties.values())]
        if known_inferred:
            told += self.inferred(self.snapshot.inferred_links[sorted(set(known_inferred.values()))])
        return told, rows, [id_ for id_ in ids if id_ not in found]

    def _tied(self, asked: list[tuple[str, str, int, int]]) -> dict[str, int]:
        schema = {"id": pl.String, "type": pl.String, "a": pl.Int32, "b": pl.Int32}
        wanted = pl.DataFrame(asked, schema=schema, orient="row")
        numbered = self.web.ties.select("type", "a", "b").with_row_index("at")
        return dict(wanted.join(numbered, on=["type", "a", "b"]).select("id", "at").iter_rows())

    def _suggested(self, asked: list[tuple[str, int, int]]) -> dict[str, int]:
        wanted = pl.DataFrame(asked, schema={"id": pl.String, "src": pl.Int32, "dst": pl.Int32}, orient="row")
        numbered = self.snapshot.inferred_links.select("src", "dst").with_row_index("at")
        return dict(wanted.join(numbered, on=["src", "dst"]).select("id", "at").iter_rows())

    def _edge(self, kind: str, type_: str, text: str, a: int, b: int, **more: Any) -> GraphEdge:
        source, target = self.id_of(a), self.id_of(b)
        ends = {"source": source, "target": target, "id": f"{type_}:{source}:{target}"}
        return GraphEdge(kind=kind, type=type_, type_text=text, **ends, **more)  # type: ignore[arg-type]

    def _firm(self, row: dict[str, Any]) -> GraphNode:
        if self.closed(row["enterprise"]):
            text = label("Enterprise", self.lang)
            told = {name: row[name] for name in _PARTNER}
            return GraphNode(kind="enterprise", kind_text=text, closed=True, **told)
        return GraphNode(
            kind="enterprise",
            kind_text=label("Enterprise", self.lang),
            **{name: row[name] for name in _NODE},
            region_name=region_name(row["region"], self.lang),
            segment_name=self._segments.get((row["chain"], row["segment"])),
            closed=False,
        )

    def _other(self, number: int) -> GraphNode:
        row = self.web.others.row(number - self.web.firms, named=True)
        text = label(f"node_{row['kind']}", self.lang)
        return GraphNode(id=row["id"], kind=row["kind"], kind_text=text, name=row["name"] or text)


def _first_places(asked: Asking) -> pl.DataFrame:
    """One row an enterprise: the table's first, without how credit stands."""
    snapshot, tables = asked.snapshot, Tables(asked)
    return asked.data.worked_out.get(
        ("places", snapshot.id, tables.day),
        lambda: tables.whole().unique("enterprise", keep="first", maintain_order=True),
    )


def _type_text(type_: str, lang: str) -> str:
    return label(f"tie_{type_}" if type_.startswith("SHARES_") else type_, lang)
