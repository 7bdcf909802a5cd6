"""Watchlists: enterprises to keep an eye on, and what happened to them."""

from typing import Annotated

from fastapi import APIRouter, Body, Path
from fastapi.responses import Response

from api.asking import Asked
from api.models_changes import Alerts
from api.models_desk import Gone, WatchlistAnswer, WatchlistAsked, WatchlistChanged, Watchlists
from api.once import IdempotencyKey, once
from api.parameters import Limit, NextPage
from api.principal import requires
from api.routes.changes import Since
from api.views import changes, desk
from ledger import watchlists

router = APIRouter(prefix="/v1/watchlists", tags=["watchlists"], dependencies=[requires("graph:read")])
writing = APIRouter(prefix="/v1/watchlists", tags=["watchlists"], dependencies=[requires("desk:write")])
WatchlistId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="Id of a watchlist")]


@writing.post("", response_model=WatchlistAnswer, operation_id="make_watchlist", status_code=201)
def make_watchlist(
    asked: Asked, watchlist: Annotated[WatchlistAsked, Body()], idempotency_key: IdempotencyKey = None
) -> Response:
    """Keep enterprises under a name. It is the caller's own; shared ones are for all to read."""
    parties = desk.known_parties(asked, watchlist.enterprises)
    body = once(
        asked, "make_watchlist", idempotency_key, watchlist,
        lambda c: desk.watchlist(
            asked, watchlists.make(c, asked.by, watchlist.name, parties, watchlist.shared, watchlist.alerts)
        ),
    )  # fmt: skip
    answer = asked.prepared(body)
    answer.status_code = 201
    return answer


@router.get("", response_model=Watchlists, operation_id="list_watchlists")
def list_watchlists(asked: Asked, limit: Limit = 50, cursor: NextPage = None) -> Response:
    """Own and shared watchlists, the newest first."""
    return asked.answer(desk.watchlist_list(asked, limit, cursor))


@router.get("/{watchlist}", response_model=WatchlistAnswer, operation_id="watchlist")
def one_watchlist(asked: Asked, watchlist: WatchlistId) -> Response:
    """One watchlist with its enterprises; as a table: `GET /v1/lists/screen?watchlist=`."""
    with asked.data.state.reading() as connection:
        found = desk.readable_list(asked, connection, watchlist)
    return asked.answer(desk.watchlist(asked, found))


@router.get("/{watchlist}/alerts", response_model=Alerts, operation_id="watchlist_alerts")
def watchlist_alerts(
    asked: Asked, watchlist: WatchlistId, since: Since = None, limit: Limit = 50
) -> Response:
    """What happened to its enterprises since another snapshot: places, levels, links, lists; and warnings."""
    with asked.data.state.reading() as connection:
        found = desk.readable_list(asked, connection, watchlist)
    return asked.answer(changes.alerts(asked, since, found.parties, limit))


@writing.patch("/{watchlist}", response_model=WatchlistAnswer, operation_id="change_watchlist")
def change_watchlist(
    asked: Asked, watchlist: WatchlistId, change: Annotated[WatchlistChanged, Body()]
) -> Response:
    """Another name or reach of an own watchlist, alerts on or off, enterprises put on it or taken off."""
    add = desk.known_parties(asked, change.add)
    with asked.data.state.writing() as connection:
        desk.readable_list(asked, connection, watchlist)
        remove = desk.own_members(asked, connection, watchlist, change.remove)
        found = watchlists.change(
            connection, watchlist, asked.by, name=change.name, shared=change.shared, alerts=change.alerts,
            add=add, remove=remove,
        )  # fmt: skip
    return asked.answer(desk.watchlist(asked, found))


@writing.delete("/{watchlist}", response_model=Gone, operation_id="delete_watchlist")
def delete_watchlist(asked: Asked, watchlist: WatchlistId) -> Response:
    """Take an own watchlist away."""
    with asked.data.state.writing() as connection:
        desk.readable_list(asked, connection, watchlist)
        watchlists.delete(connection, watchlist, asked.by)
    return asked.answer(desk.gone(asked, watchlist))
