"""Industry chains: their list, the map of one, and the enterprises of a map's cell."""

from typing import Annotated, Literal

import polars as pl
from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.asking import Asked, Asking
from api.models import ChainEnterprises, ChainMap, Chains
from api.parameters import ChainId, Limit, NextPage
from api.principal import requires
from api.views import chains as views
from api.views import listing
from ledger.errors import NotFound

router = APIRouter(prefix="/v1/chains", tags=["chains"], dependencies=[requires("graph:read")])


@router.get("", response_model=Chains, operation_id="list_chains")
def list_chains(asked: Asked) -> Response:
    """Every industry chain with its counts."""
    snapshot, lang = asked.snapshot, asked.lang
    key = ("chains", snapshot.id, lang)
    return asked.prepared(asked.data.worked_out.get(key, lambda: _bytes(views.chains(snapshot, lang))))


@router.get("/{chain}/map", response_model=ChainMap, operation_id="chain_map")
def chain_map(
    asked: Asked,
    chain: ChainId,
    color: Annotated[Literal["count"], Query(description="What the cells are coloured by")] = "count",
) -> Response:
    """The industry map: segments by depth, upstream first, with the flows between cells."""
    snapshot, lang = asked.snapshot, asked.lang
    key = ("map", snapshot.id, chain, lang, color)
    return asked.prepared(
        asked.data.worked_out.get(key, lambda: _bytes(views.chain_map(snapshot, chain, lang)))
    )


@router.get("/{chain}/enterprises", response_model=ChainEnterprises, operation_id="chain_enterprises")
def chain_enterprises(
    asked: Asked,
    chain: ChainId,
    segment: Annotated[str | None, Query(max_length=60, description="Only this segment")] = None,
    depth: Annotated[int | None, Query(ge=-1000, le=1000, description="Only this column of the map")] = None,
    unplaced: Annotated[bool | None, Query(description="Only those in no cell, or only those in one")] = None,
    limit: Limit = 50,
    cursor: NextPage = None,
) -> Response:
    """The enterprises of a chain or of one cell of its map, largest sales first."""
    after = asked.from_page(cursor, listing.LISTING, listing.KEYS)
    rows = asked.only(_standing(asked, chain))
    _check_segment(asked, chain, segment)
    choice = listing.Choice(segment, depth, unplaced)
    page = listing.chain_enterprises(asked.snapshot, rows, choice, limit, after, asked.lang)
    asked.listed(item.id for item in page.items)
    return asked.answer(page)


def _standing(asked: Asking, chain: str) -> pl.DataFrame:
    snapshot = asked.snapshot
    views.chain_named(snapshot, chain)
    key = ("standing", snapshot.id, chain)
    return asked.data.worked_out.get(key, lambda: views.standing(snapshot, chain))


def _check_segment(asked: Asking, chain: str, segment: str | None) -> None:
    declared = views.chain_named(asked.snapshot, chain)["segments"]
    if segment is not None and segment not in {s["id"] for s in declared}:
        raise NotFound("segment_not_found", chain=chain, segment=segment)


def _bytes(body: Chains | ChainMap) -> bytes:
    return body.model_dump_json(by_alias=True).encode()
