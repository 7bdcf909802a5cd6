"""Pieces of the graph: partners, capped and told so; how firms hang together; a view as a file.

Questions that name many ids are asked by POST; none of them writes anything.
"""

from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.responses import Response

from api.asking import Asked
from api.models_graph import (
    CommonAsked,
    CommonPartners,
    EdgesByMonth,
    ExpandAsked,
    Expansion,
    GraphFileAsked,
    MonthsAsked,
    NodesAsked,
    Opened,
    Piece,
    Relations,
    RelationsAsked,
)
from api.principal import requires
from api.views import pieces
from api.views.graph_files import TYPES, graph_file

_FILE = {"schema": {"type": "string", "format": "binary"}}
router = APIRouter(prefix="/v1/graph", tags=["graph"], dependencies=[requires("graph:read")])


@router.post("/expand", response_model=Expansion, operation_id="expand")
def expand(asked: Asked, wanted: Annotated[ExpandAsked, Body()]) -> Response:
    """The largest partners of enterprises by side and kind of link, within a time, a chain, a region.

    Each cap is told: `40 of 1,312`. Inferred links are asked for by name, and are never customers or
    receivables."""
    return asked.answer(pieces.expansion(asked, wanted))


@router.post("/nodes", response_model=Opened, operation_id="open_nodes")
def open_nodes(asked: Asked, wanted: Annotated[NodesAsked, Body()]) -> Response:
    """Nodes by id as they are now, with the links among them: what a saved view needs to be drawn again."""
    return asked.answer(pieces.opened(asked, wanted), said=frozenset(wanted.ids))


@router.post("/relations", response_model=Relations, operation_id="relations")
def relations(asked: Asked, wanted: Annotated[RelationsAsked, Body()]) -> Response:
    """找关系: the shortest ways between each two of up to ten enterprises, along links in either direction.

    Over all kinds of links chosen together, and over each kind alone."""
    return asked.answer(pieces.relations(asked, wanted))


@router.post("/common", response_model=CommonPartners, operation_id="common_partners")
def common(asked: Asked, wanted: Annotated[CommonAsked, Body()]) -> Response:
    """Suppliers or customers that several enterprises share, without the hubs that everybody shares."""
    return asked.answer(pieces.in_common(asked, wanted))


@router.post("/months", response_model=EdgesByMonth, operation_id="edge_months")
def months(asked: Asked, wanted: Annotated[MonthsAsked, Body()]) -> Response:
    """What went over supply links month by month: the histogram of a time slider."""
    return asked.answer(pieces.months(asked, wanted), said=frozenset(wanted.edges))


@router.post(
    "/export",
    operation_id="export_graph",
    response_class=Response,
    responses={
        200: {
            "description": "The view as a file",
            "model": Piece,
            "content": {kind: _FILE for kind in TYPES.values() if kind != "application/json"},
        }
    },
)  # fmt: skip
def export(asked: Asked, wanted: Annotated[GraphFileAsked, Body()]) -> Response:
    """The nodes and edges of a view, by their ids, as GraphML, GEXF, JSON or CSV."""
    return graph_file(asked, wanted)
