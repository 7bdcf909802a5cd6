"""The phrase box: saved questions to the graph store, asked by name or by a phrase. Never free Cypher."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query
from fastapi.responses import Response

from api.asking import Asked
from api.models_queries import QueryAnswer, QueryAsked, SavedQueries
from api.principal import requires
from api.saved_queries import saved_query
from api.views import queries as views

router = APIRouter(prefix="/v1/queries", tags=["queries"], dependencies=[requires("graph:read")])


@router.get("", response_model=SavedQueries, operation_id="list_queries")
def list_queries(
    asked: Asked,
    phrase: Annotated[
        str | None, Query(min_length=1, max_length=300, description="A question in words")
    ] = None,
) -> Response:
    """The questions that may be asked, and which of them a phrase is, with the enterprises that it names."""
    return asked.answer(views.listed(asked, phrase))


@router.post("/{query}", response_model=QueryAnswer, operation_id="ask_query")
def ask_query(
    asked: Asked,
    query: Annotated[str, Path(pattern="^[a-z_]{1,60}$", description="Name of a saved query")],
    given: Annotated[QueryAsked, Body()],
) -> Response:
    """The rows of one saved question from the graph store. Nothing is written."""
    return asked.answer(views.answer(asked, saved_query(query), given.params))
