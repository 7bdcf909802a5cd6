"""Saved views of the explorer, the map and lists: each has an id that opens it again."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query
from fastapi.responses import Response

from api.asking import Asked
from api.models_desk import Gone, ViewAnswer, ViewAsked, ViewChanged, ViewKind, Views
from api.once import IdempotencyKey, once
from api.parameters import Limit, NextPage
from api.principal import requires
from api.views import desk
from ledger import views

router = APIRouter(prefix="/v1/views", tags=["views"], dependencies=[requires("graph:read")])
writing = APIRouter(prefix="/v1/views", tags=["views"], dependencies=[requires("desk:write")])
ViewId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="Id of a view")]


@writing.post("", response_model=ViewAnswer, operation_id="make_view", status_code=201)
def make_view(
    asked: Asked, view: Annotated[ViewAsked, Body()], idempotency_key: IdempotencyKey = None
) -> Response:
    """Keep a view of the explorer, the map or a list. It is the caller's own; all may read shared ones."""
    snapshot = asked.snapshot_or_none
    on = snapshot.id if snapshot else None
    body = once(
        asked, "make_view", idempotency_key, view,
        lambda c: desk.view(asked, views.make(c, asked.by, **view.model_dump(), snapshot=on)),
    )  # fmt: skip
    answer = asked.prepared(body)
    answer.status_code = 201
    return answer


@router.get("", response_model=Views, operation_id="list_views")
def list_views(
    asked: Asked,
    kind: Annotated[ViewKind | None, Query(description="Only of this kind")] = None,
    limit: Limit = 50,
    cursor: NextPage = None,
) -> Response:
    """Own and shared views without their states, the newest first."""
    return asked.answer(desk.view_list(asked, kind, limit, cursor))


@router.get("/{view}", response_model=ViewAnswer, operation_id="view")
def one_view(asked: Asked, view: ViewId) -> Response:
    """One view, own or shared. What its ids stand for is asked of the other routes, which keep to the
    caller's rows."""
    with asked.data.state.reading() as connection:
        found = views.view(connection, view, asked.by)
    return asked.answer(desk.view(asked, found))


@writing.patch("/{view}", response_model=ViewAnswer, operation_id="change_view")
def change_view(asked: Asked, view: ViewId, change: Annotated[ViewChanged, Body()]) -> Response:
    """Another name, state or reach of an own view."""
    snapshot = asked.snapshot_or_none
    with asked.data.state.writing() as connection:
        found = views.change(
            connection, view, asked.by, **change.model_dump(), snapshot=snapshot.id if snapshot else None
        )
    return asked.answer(desk.view(asked, found))


@writing.delete("/{view}", response_model=Gone, operation_id="delete_view")
def delete_view(asked: Asked, view: ViewId) -> Response:
    """Take an own view away."""
    with asked.data.state.writing() as connection:
        views.delete(connection, view, asked.by)
    return asked.answer(desk.gone(asked, view))
