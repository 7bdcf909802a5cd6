"""The industry map of a chain as a file."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.asking import Asked
from api.parameters import ChainId
from api.principal import requires
from api.routes.chains import Color
from api.views import map_files as views
from api.views import maps
from api.views.chains import chain_names

router = APIRouter(prefix="/v1/chains", tags=["chains"], dependencies=[requires("graph:read")])

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The cells of the map as a table",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in TYPES.values()},
    }
}


@router.get("/{chain}/map/file", operation_id="chain_map_file", response_class=Response, responses=FILE)
def chain_map_file(
    asked: Asked,
    chain: ChainId,
    format_: Annotated[Literal["csv", "xlsx"], Query(alias="format", description="Kind of file")] = "xlsx",
    color: Annotated[Color, Query(description="What the cells are coloured by")] = "count",
    as_of: Annotated[date | None, Query(description="Only trade of the full months up to this day")] = None,
    months: Annotated[int | None, Query(ge=1, le=120, description="Of those, the last so many")] = None,
    before: Annotated[
        date | None, Query(description="Two dates beside each other: the earlier one, instead of `as_of`")
    ] = None,
    after: Annotated[date | None, Query(description="The later one; null: the data cut-off")] = None,
) -> Response:
    """The map, or its comparison at two dates, as CSV or XLSX: a line a cell, amounts in yuan.

    Raises where no full month lies before a day.
    """
    if before is None:
        frame = views.of_map(maps.coloured_map(asked, maps.Wanted(chain, color, as_of, months)))
    else:
        made = maps.compared(asked, chain, before, after, months or 12)
        segments = chain_names(asked.snapshot, asked.lang)[1]
        frame = views.of_two(made, {one: name for (of, one), name in segments.items() if of == chain})
    name = f"{chain}-{'compare' if before else color}-{asked.snapshot.as_of}.{format_}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Language",
        "Content-Language": asked.lang,
    }
    return Response(views.written(asked, frame, format_), media_type=TYPES[format_], headers=headers)
