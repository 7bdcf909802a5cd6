"""What changed between two published snapshots."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.asking import Asked
from api.models_changes import Changes
from api.parameters import Limit
from api.principal import requires
from api.views import changes as views

router = APIRouter(prefix="/v1/changes", tags=["changes"], dependencies=[requires("graph:read")])
Since = Annotated[
    str | None,
    Query(
        pattern="^([0-9a-f]{16}|20[0-9]{2}-[0-9]{2}-[0-9]{2})$",
        description="A snapshot's id, or a day: the snapshot published last by its end. Null: the one before",
    ),
]


@router.get("", response_model=Changes, operation_id="changes")
def changes(asked: Asked, since: Since = None, limit: Limit = 20) -> Response:
    """Enterprises newly placed or placed no more, new enterprises and links, and alerts on watched ones.

    Each list says how many it left off. Where only one snapshot is kept, the answer says so.
    """
    return asked.answer(views.changes(asked, since, limit))
