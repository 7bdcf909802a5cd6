"""One fact: the rung between a figure of the graph and the box on a paper."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.asking import Asked
from api.models_facts import FactAnswer
from api.principal import requires
from api.views import facts
from ledger.errors import NotFound

router = APIRouter(prefix="/v1/facts", tags=["documents"], dependencies=[requires("documents:read")])
FactId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="Id of a fact: 16 hex digits")]


@router.get("/{fact}", response_model=FactAnswer, operation_id="fact")
def fact(asked: Asked, fact: FactId) -> Response:
    """A fact: what it says, the papers that say so, and what rests on it: its link, credit decisions."""
    state = asked.data.state if "credit:read" in asked.who.scopes else None
    found = facts.fact(asked.snapshot, asked.ledger, state, fact, asked.lang)
    _check_rows(asked, found)
    asked.noted("fact_read", fact)
    return asked.answer(found)


def _check_rows(asked: Asked, found: FactAnswer) -> None:
    """A bound caller reads facts that name one of their own firms. Raises NotFound."""
    if asked.visible is None:
        return
    named = [value.enterprise.id for value in found.values if value.enterprise]
    rows = [asked.snapshot.index_of(id_) for id_ in named]
    if not any(row is not None and asked.may_see(row) for row in rows):
        asked.noted("read_refused", found.fact)
        raise NotFound("fact_not_found", fact=found.fact)
