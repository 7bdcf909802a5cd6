"""Pieces of the graph for the explorer: nodes, edges, ways between firms, what several have in common."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.models import Answer, Model
from api.models_desk import Id

Kind = Literal["supply", "ownership", "guarantee", "person", "account", "other"]
EdgeId = Annotated[str, StringConstraints(pattern="^[A-Z_]{4,20}:[0-9a-f]{16}:[0-9a-f]{16}$")]
Month = Annotated[str, StringConstraints(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")]


class GraphNode(Model):
    """An enterprise, a person (masked) or something that firms share. Only firms have figures."""

    id: str
    kind: Literal["enterprise", "person", "account", "other"]
    kind_text: str
    name: str
    code: str | None = None
    region: str | None = None
    region_name: str | None = None
    chain: str | None = None
    segment: str | None = None
    segment_name: str | None = None
    level: int | None = None
    depth: float | None = None
    basis: str | None = None
    size: str | None = None
    hub: bool = False
    is_core: bool = False
    sales_fen: int | None = None
    customers: int | None = None
    suppliers: int | None = None
    closed: bool = Field(
        default=False, description="Outside the rows of the caller's key: a partner, told with its name alone"
    )


class GraphEdge(Model):
    """A link. Goods flow from `source` to `target`; a tie leads from who owns, leads or guarantees."""

    id: str = Field(description="TYPE:source:target; the same from build to build")
    kind: Kind
    type: str
    type_text: str
    source: str
    target: str
    basis: Literal["observed", "inferred"]
    amount_fen: int | None = Field(None, description="Net, without tax; within the time asked for")
    count: int | None = Field(None, description="Invoices; within a time red ones count too")
    first: date | None = None
    last: date | None = None
    share: float | None = None
    probability: float | None = None


class Piece(Answer):
    """Nodes and the links among them."""

    nodes: list[GraphNode]
    edges: list[GraphEdge]


class ExpandAsked(Model):
    """Whose partners, on which side, of which kinds; at most `limit` of each, by amount."""

    enterprises: list[Id] = Field(
        min_length=1, max_length=50, description="Enterprises; people and shared accounts may be among them"
    )
    side: Literal["suppliers", "customers", "both"] = "both"
    kinds: list[Kind] = Field(["supply"], min_length=1, max_length=6)
    limit: int = Field(40, ge=1, le=500, description="Most links of one enterprise, kind and side")
    since: Month | None = Field(None, description="Only trade from this month on")
    until: Month | None = Field(None, description="Only trade up to this month")
    basis: Literal["observed", "inferred", "both"] = "observed"
    amount_least_fen: int = Field(0, ge=0, lt=2**62)
    chain: Annotated[str, StringConstraints(pattern="^[a-z0-9-]{1,60}$")] | None = None
    region: Annotated[str, StringConstraints(pattern="^[0-9]{2,6}$")] | None = None


class Expanded(Model):
    """How much of one enterprise's links on one side is shown: `note` is `40 of 1,312`."""

    enterprise: str
    kind: Kind
    side: Literal["suppliers", "customers", "both"]
    basis: Literal["observed", "inferred"]
    shown: int
    total: int
    left_out: int = Field(0, description="Its links to enterprises that the caller's key does not show")
    note: str


class Expansion(Piece):
    """The partners, the links to them, and how many were left off."""

    expanded: list[Expanded]


class NodesAsked(Model):
    """Nodes by id, and whether the links among them are wanted."""

    ids: list[Id] = Field(min_length=1, max_length=2_000)
    edges: bool = True
    kinds: list[Kind] = Field(["supply"], max_length=6)
    basis: Literal["observed", "both"] = Field("observed", description="Whether suggested links come too")
    since: Month | None = None
    until: Month | None = None


class Opened(Piece):
    """The nodes as they are now. `moved`: ids that belong to another enterprise now; `missing`: to none."""

    moved: dict[str, str]
    missing: list[str]


class RelationsAsked(Model):
    """How up to ten enterprises hang together."""

    enterprises: list[Id] = Field(min_length=2, max_length=10)
    kinds: list[Kind] = Field(
        ["supply", "ownership", "guarantee", "person", "account"], min_length=1, max_length=6
    )
    longest: int = Field(4, ge=1, le=6, description="Links of a way at most")
    hubs: bool = Field(False, description="Whether a way may lead over firms that everybody buys from")


class RelationWay(Model):
    """A way by its nodes, the kinds that it was looked for in, and every link along it."""

    nodes: list[str]
    kinds: list[Kind]
    edges: list[str]


class RelatedPair(Model):
    """Two enterprises. `shortest`: links of the shortest way, null where none was found."""

    from_: str = Field(serialization_alias="from")
    to: str
    shortest: int | None
    ways: list[RelationWay]
    found: int = Field(description="Shortest ways over all kinds together; `ways` holds the first few")
    cut: bool = Field(description="True where the search gave up before it had looked everywhere")
    text: str


class Relations(Piece):
    """Every pair of the enterprises, and the piece of the graph that their ways make."""

    pairs: list[RelatedPair]


class CommonAsked(Model):
    """Suppliers (or customers) that several enterprises have in common."""

    enterprises: list[Id] = Field(min_length=2, max_length=10)
    side: Literal["suppliers", "customers"] = "suppliers"
    at_least: int = Field(2, ge=2, le=10, description="How many of the enterprises must share it")
    limit: int = Field(40, ge=1, le=500)


class CommonPartner(Model):
    """A partner that several have in common."""

    enterprise: str
    shared: int
    amount_fen: int = Field(description="With all of them together")


class CommonPartners(Piece):
    """The partners most shared, then by amount, as a piece of the graph; hubs are left out."""

    items: list[CommonPartner]
    total: int
    note: str
    hubs_left_out: int


class MonthsAsked(Model):
    """Supply links whose months are asked for."""

    edges: list[EdgeId] = Field(min_length=1, max_length=5_000)
    each: bool = Field(False, description="Each link's months too, for a time slider")


class EdgeMonths(Model):
    """The months in which a link was invoiced, as numbers of `months`."""

    edge: str
    months: list[int]
    amount_fen: list[int]


class EdgesByMonth(Answer):
    """Net amounts and invoices (red ones too) by month, over all of the links together."""

    months: list[str]
    amount_fen: list[int]
    count: list[int]
    each: list[EdgeMonths] | None
    missing: list[str] = Field(description="Ids of no supply link of this snapshot")


class GraphFileAsked(Model):
    """A view to take away, by the ids of its nodes and edges."""

    nodes: list[Id] = Field(min_length=1, max_length=5_000)
    edges: list[EdgeId] = Field([], max_length=20_000)
    format: Literal["csv", "graphml", "gexf", "json"] = "graphml"
    part: Literal["nodes", "edges"] = Field("edges", description="Which table of a CSV")
