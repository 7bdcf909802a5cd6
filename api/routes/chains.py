"""Industry chains: their list, the map of one, and the enterprises of a map's cell."""

from datetime import date
from typing import Annotated, Literal

import polars as pl
from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.asking import Asked, Asking
from api.models import ChainEnterprises, ChainMap, Chains
from api.models_map import MapCompared
from api.parameters import ChainId, Limit, NextPage
from api.principal import requires
from api.views import chains as views
from api.views import listing, maps
from ledger.errors import NotFound

Color = Literal["count", "amount", "risk", "growth", "region"]
router = APIRouter(prefix="/v1/chains", tags=["chains"], dependencies=[requires("graph:read")])


@router.get("", response_model=Chains, operation_id="list_chains")
def list_chains(asked: Asked) -> Response:
    """Every industry chain with its counts, of the enterprises that the caller may see."""
    snapshot, lang = asked.snapshot, asked.lang
    if asked.visible is not None:
        return asked.answer(views.chains(snapshot, lang, asked.visible))
    key = ("chains", snapshot.id, lang)
    return asked.prepared(asked.data.worked_out.get(key, lambda: _bytes(views.chains(snapshot, lang))))


@router.get("/{chain}/map", response_model=ChainMap, operation_id="chain_map")
def chain_map(
    asked: Asked,
    chain: ChainId,
    color: Annotated[Color, Query(description="What the cells are coloured by")] = "count",
    as_of: Annotated[date | None, Query(description="Only trade of the full months up to this day")] = None,
    months: Annotated[int | None, Query(ge=1, le=120, description="Of those, the last so many")] = None,
) -> Response:
    """The industry map: segments by depth, upstream first, with the flows between cells.

    With a day or months, who traded in that time, and what; places are those of the snapshot. A key that is
    bound to some enterprises gets the map of these alone.
    """
    asked_for = maps.Wanted(chain, color, as_of, months)
    if asked.visible is not None:
        return asked.answer(maps.coloured_map(asked, asked_for))
    key = ("map", asked.snapshot.id, asked.lang, asked_for, maps.day_of(color))
    return asked.prepared(asked.data.maps.get(key, lambda: _bytes(maps.coloured_map(asked, asked_for))))


@router.get("/{chain}/map/compare", response_model=MapCompared, operation_id="compare_maps")
def compare_maps(
    asked: Asked,
    chain: ChainId,
    before: Annotated[date, Query(description="The earlier day: full months up to it count")],
    after: Annotated[date | None, Query(description="The later day; null: the data cut-off")] = None,
    months: Annotated[int, Query(ge=1, le=120, description="The last so many months up to each day")] = 12,
) -> Response:
    """A chain at two dates: who traded in each cell, what they sold, what flowed between cells.

    Places are those of the snapshot. Raises where no full month lies before a day.
    """
    if asked.visible is not None:
        return asked.answer(maps.compared(asked, chain, before, after, months))
    key = ("compare", asked.snapshot.id, asked.lang, chain, before, after, months)
    return asked.prepared(
        asked.data.maps.get(key, lambda: _bytes(maps.compared(asked, chain, before, after, months)))
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


def _bytes(body: Chains | ChainMap | MapCompared) -> bytes:
    return body.model_dump_json(by_alias=True).encode()
