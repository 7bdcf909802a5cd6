"""The kinds of nodes and edges, declared once as data: names, properties, direction.

The store's constraints, the bulk statements under `cypher/bulk/`, the API's `/v1/kinds`, the exports
and the pages are read from here; the Chinese and English labels stand with all other words in
`ledger/`, under the name of the kind or property. Every node has the key `id`; between two nodes
there is at most one edge of a kind. Whatever a build writes also carries `dayan: true`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from ledger.ids import stable_id
from ledger.words import label

Type = Literal["string", "integer", "float", "boolean", "date"]

DTYPES: Mapping[Type, pl.DataType] = {
    "string": pl.String(),
    "integer": pl.Int64(),
    "float": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
}


@dataclass(frozen=True)
class Property:
    """One property of a kind. Amounts end in `_fen` and are without tax."""

    name: str
    type: Type

    def label(self, lang: str = "en") -> str:
        """Its name for people."""
        return label(self.name, lang)


@dataclass(frozen=True)
class NodeKind:
    """A label of the graph; `id` is the key and the first property."""

    name: str
    properties: tuple[Property, ...]
    key: str = "id"

    def label(self, lang: str = "en") -> str:
        """Its name for people."""
        return label(self.name, lang)

    @property
    def schema(self) -> pl.Schema:
        """The columns of its table, in order."""
        return pl.Schema({p.name: DTYPES[p.type] for p in self.properties})


@dataclass(frozen=True)
class EdgeKind:
    """A relationship type. It points from one of the kinds in `sources` to `target`."""

    name: str
    sources: tuple[str, ...]
    target: str
    properties: tuple[Property, ...] = ()

    def label(self, lang: str = "en") -> str:
        """Its name for people."""
        return label(self.name, lang)

    def direction(self, lang: str = "en") -> str:
        """What the arrow means, from whom to whom."""
        return label(f"{self.name}.direction", lang)

    @property
    def schema(self) -> pl.Schema:
        """The columns of its table, in order: `src` and `dst` are ids."""
        ends = {"src": pl.String(), "dst": pl.String()}
        return pl.Schema({**ends, **{p.name: DTYPES[p.type] for p in self.properties}})


def _properties(text: str) -> tuple[Property, ...]:
    """`name:type` words → properties; the short form keeps the tables below readable."""
    short: dict[str, Type] = {"s": "string", "i": "integer", "f": "float", "b": "boolean", "d": "date"}
    return tuple(Property(word.split(":")[0], short[word.split(":")[1]]) for word in text.split())


#: What a registry tells of a tie between two.
_TIE = _properties("share:f amount_fen:i first:d until:d")
_GOODS = _properties("amount_fen:i share:f")
_ANYBODY = ("Person", "Enterprise")

NODE_KINDS: tuple[NodeKind, ...] = (
    NodeKind(
        "Enterprise",
        _properties(
            "id:s name:s code:s pinyin:s initials:s region:s industry:s size:s taxpayer:s legal_form:s"
            " role:s hub:b sales_fen:i purchases_fen:i synthetic:b"
        ),
    ),
    NodeKind("Product", _properties("id:s tax_category:s item:s")),
    NodeKind("Segment", _properties("id:s name:s name_en:s tier:i role:s")),
    NodeKind("Chain", _properties("id:s name:s name_en:s")),
    NodeKind("Region", _properties("id:s name:s")),
    NodeKind("Person", _properties("id:s name:s")),
    NodeKind("Account", _properties("id:s name:s")),
)

EDGE_KINDS: tuple[EdgeKind, ...] = (
    EdgeKind(
        "SUPPLIES",
        ("Enterprise",),
        "Enterprise",
        _properties(
            "amount_fen:i gross_fen:i red_fen:i count:i first:d last:d basis:s confidence:f attested:s"
        ),
    ),
    EdgeKind("MAKES", ("Enterprise",), "Product", _GOODS),
    EdgeKind("BUYS", ("Enterprise",), "Product", _GOODS),
    EdgeKind(
        "STANDS_IN",
        ("Enterprise",),
        "Segment",
        _properties("level:i depth:f confidence:f basis:s membership:f"),
    ),
    EdgeKind("FEEDS", ("Segment",), "Segment"),
    EdgeKind("PART_OF", ("Segment",), "Chain"),
    EdgeKind("LOCATED_IN", ("Enterprise",), "Region"),
    EdgeKind("OWNS", _ANYBODY, "Enterprise", _TIE),
    EdgeKind("CONTROLS", _ANYBODY, "Enterprise", _TIE),
    EdgeKind("LEGAL_REP_OF", _ANYBODY, "Enterprise", _TIE),
    EdgeKind("BRANCH_OF", ("Enterprise",), "Enterprise", _TIE),
    EdgeKind("SUCCEEDS", _ANYBODY, "Enterprise", _TIE),
    EdgeKind("GUARANTEES", _ANYBODY, "Enterprise", _TIE),
    EdgeKind("LEASES", _ANYBODY, "Enterprise", _TIE),
    EdgeKind("SHARES", _ANYBODY, "Enterprise", _TIE),
)

#: Every kind, nodes first: the order in which a build writes.
KINDS: tuple[NodeKind | EdgeKind, ...] = (*NODE_KINDS, *EDGE_KINDS)
NODES: Mapping[str, NodeKind] = {kind.name: kind for kind in NODE_KINDS}
EDGES: Mapping[str, EdgeKind] = {kind.name: kind for kind in EDGE_KINDS}


def fingerprint() -> str:
    """Changes when a kind or a property does: then what stands in a database is of another form."""
    nodes = [f"{k.name}({','.join(f'{p.name}:{p.type}' for p in k.properties)})" for k in NODE_KINDS]
    edges = [
        f"{'|'.join(k.sources)}-{k.name}({','.join(f'{p.name}:{p.type}' for p in k.properties)})-{k.target}"
        for k in EDGE_KINDS
    ]
    return stable_id("model", *nodes, *edges)
