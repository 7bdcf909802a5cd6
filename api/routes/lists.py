"""Lists: paste names or codes and see who is meant; screen all enterprises; take either away as a file."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Query
from fastapi.responses import Response

from api.asking import Asked, Asking
from api.models_lists import ListAsked, ListMatches, LoanState, Offer, Screened
from api.parameters import NextPage
from api.principal import requires
from api.views import lists as views
from services.desk.screen import KEYS, Choice

router = APIRouter(prefix="/v1/lists", tags=["lists"], dependencies=[requires("graph:read")])

FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The table as a file",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}} for kind in views.TYPES.values()
        },
    }
}  # fmt: skip
Format = Annotated[Literal["csv", "xlsx"], Query(alias="format", description="Kind of file")]
Size = Literal["micro", "small", "medium", "large"]
Sort = Literal[
    "sales_fen", "name", "code", "growth", "level", "depth", "confidence", "customers", "suppliers",
    "region", "size", "chain", "segment",
]  # fmt: skip
_SLUG, _ID = "^[a-z0-9-]{1,60}$", "^[0-9a-f]{16}$"
_Slug = Annotated[str, Query(pattern=_SLUG)]
_Cell = Annotated[str, Query(pattern="^[a-z0-9-]{1,60}:-?[0-9]{1,3}$")]
_Region = Annotated[str, Query(pattern="^[0-9]{2,6}$")]


async def _question(
    chain: Annotated[list[_Slug], Query(max_length=20, description="In one of these chains")] = [],  # noqa: B006
    segment: Annotated[list[_Slug], Query(max_length=200, description="In one of these segments")] = [],  # noqa: B006
    cell: Annotated[
        list[_Cell], Query(max_length=200, description="In one of these cells of a map, as segment:depth")
    ] = [],  # noqa: B006
    region: Annotated[
        list[_Region], Query(max_length=100, description="Codes of regions, or their beginnings: 33, 3304")
    ] = [],  # noqa: B006
    size: Annotated[list[Size], Query(max_length=4, description="Of one of these sizes")] = [],  # noqa: B006
    offer: Annotated[
        list[Offer], Query(max_length=5, description="Whose credit stands so; needs credit:read")
    ] = [],  # noqa: B006
    level_from: Annotated[int | None, Query(ge=-20, le=20, description="Least level")] = None,
    level_to: Annotated[int | None, Query(ge=-20, le=20, description="Most level")] = None,
    depth_from: Annotated[float | None, Query(ge=-100, le=100, description="Least depth")] = None,
    depth_to: Annotated[float | None, Query(ge=-100, le=100, description="Most depth")] = None,
    growth_from: Annotated[float | None, Query(ge=-1, le=1000, description="Least growth, 0.05: 5 %")] = None,
    growth_to: Annotated[float | None, Query(ge=-1, le=1000, description="Most growth")] = None,
    sales_from_fen: Annotated[int | None, Query(ge=0, lt=2**62, description="Least sales, fen")] = None,
    sales_to_fen: Annotated[int | None, Query(ge=0, lt=2**62, description="Most sales, fen")] = None,
    basis: Annotated[Literal["observed", "inferred"] | None, Query(description="How it was placed")] = None,
    placed: Annotated[bool | None, Query(description="With a segment, or without")] = None,
    own_books: Annotated[bool | None, Query(description="With own books, or only seen in others'")] = None,
    is_core: Annotated[bool | None, Query(description="Core enterprises alone, or none of them")] = None,
    core: Annotated[
        str | None, Query(pattern=_ID, description="Whose nearest core enterprise is this")
    ] = None,
    loan: Annotated[
        LoanState | None, Query(description="`none`: without loan; needs portfolios:read")
    ] = None,
    knocked_out: Annotated[
        bool | None, Query(description="Who hits a knock-out rule, or who hits none")
    ] = None,
    group: Annotated[str | None, Query(pattern=_ID, description="Of this group")] = None,
    watchlist: Annotated[str | None, Query(pattern=_ID, description="On this watchlist")] = None,
    q: Annotated[
        str | None, Query(min_length=1, max_length=100, description="Part of a name or code")
    ] = None,
    hubs: Annotated[bool, Query(description="Hubs too: firms that everybody buys from")] = False,
) -> tuple[Choice, str | None, str | None]:
    """Every condition of a screen; core enterprise and watchlist as they were named."""
    choice = Choice(
        chains=tuple(sorted(set(chain))), segments=tuple(sorted(set(segment))),
        regions=tuple(sorted(set(region))),
        cells=tuple((one.split(":")[0], int(one.split(":")[1])) for one in sorted(set(cell))),
        sizes=tuple(sorted(set(size))), offers=tuple(sorted(set(offer))), level_from=level_from,
        level_to=level_to, depth_from=depth_from, depth_to=depth_to, growth_from=growth_from,
        growth_to=growth_to, sales_from_fen=sales_from_fen, sales_to_fen=sales_to_fen, basis=basis,
        placed=placed, own_books=own_books, is_core=is_core, loan=loan, knocked_out=knocked_out, group=group,
        q=q, hubs=hubs,
    )  # fmt: skip
    return choice, core, watchlist


Question = Annotated[tuple[Choice, str | None, str | None], Depends(_question)]
SortBy = Annotated[Sort, Query(description="Column to sort by")]
Descending = Annotated[bool, Query(description="Largest first; rows without a value come last either way")]


def _wanted(
    asked: Asking, question: tuple[Choice, str | None, str | None], sort: str, desc: bool
) -> views.Wanted:
    """The question with its ids as rows of the snapshot. Raises NotFound, Forbidden."""
    choice, core, watchlist = question
    if choice.offers:
        asked.needs("credit:read")
    if choice.loan is not None:
        asked.needs("portfolios:read")
    if core is not None:
        choice = replace(choice, core=asked.partner(core))
    if watchlist is not None:
        choice = replace(choice, members=views.members_of(asked, watchlist))
    return views.Wanted(choice, sort, desc)


@router.get("/screen", response_model=Screened, operation_id="screen")
def screen(
    asked: Asked,
    question: Question,
    sort: SortBy = "sales_fen",
    descending: Descending = True,
    limit: Annotated[int, Query(ge=1, le=1000, description="Most rows in the answer")] = 50,
    cursor: NextPage = None,
    offset: Annotated[
        int, Query(ge=0, le=100_000_000, description="Rows to leave out, for a table that jumps")
    ] = 0,
) -> Response:
    """All enterprises that fit every condition, a page at a time; a cursor holds for its own question."""
    listing = views.listing_of(question, sort, descending)
    after = asked.from_page(cursor, listing, KEYS)
    wanted = _wanted(asked, question, sort, descending)
    return asked.answer(views.screen(asked, wanted, listing, limit, after, offset))


@router.get("/screen/file", operation_id="screen_file", response_class=Response, responses=FILE)
def screen_file(
    asked: Asked, question: Question, sort: SortBy = "sales_fen", descending: Descending = True,
    format_: Format = "xlsx",
) -> Response:  # fmt: skip
    """All enterprises that fit as CSV or XLSX: codes as text, amounts in yuan."""
    return views.screen_file(asked, _wanted(asked, question, sort, descending), format_)


@router.post("/match", response_model=ListMatches, operation_id="match_list")
def match_list(asked: Asked, pasted: Annotated[ListAsked, Body()]) -> Response:
    """Who is meant by up to 5,000 pasted names or codes, each with its row of the table."""
    body = views.matches(asked, pasted)
    return asked.answer(body, {text for item in body.items for text in (item.name, item.code)})


@router.post("/match/file", operation_id="match_list_file", response_class=Response, responses=FILE)
def match_list_file(asked: Asked, pasted: Annotated[ListAsked, Body()], format_: Format = "xlsx") -> Response:
    """The same as CSV or XLSX, a line for each line pasted."""
    return views.matches_file(asked, pasted, format_)
