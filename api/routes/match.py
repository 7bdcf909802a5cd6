"""Who is meant: names and codes in, candidates with their scores and reasons out."""

from typing import Annotated

from fastapi import APIRouter, Body, Query
from fastapi.responses import Response

from api.asking import Asked
from api.models_match import MatchQuestion, MatchResults
from api.principal import requires
from api.views import match as views
from ledger.errors import InputError, Problem

router = APIRouter(prefix="/v1/match", tags=["match"], dependencies=[requires("graph:read")])


@router.post("", response_model=MatchResults, operation_id="match")
def match(
    asked: Asked,
    question: Annotated[MatchQuestion, Body()],
    explain: Annotated[bool, Query(description="With the table of features behind each score")] = False,
) -> Response:
    """Which firms of the ledger are meant, each with its score and why or why not. Nothing is stored."""
    empty = [i for i, query in enumerate(question.queries) if not (query.name.strip() or query.code.strip())]
    if empty:
        problems = tuple(Problem("match_query_empty", row=i + 1, field="name") for i in empty[:20])
        raise InputError("request_invalid", problems)
    return asked.answer(views.match(asked.data, asked.snapshot_or_none, question, explain, asked.lang))
