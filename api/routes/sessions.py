"""Sessions of others: who is signed in, and ending one before its time."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.asking import Asked, Asking
from api.models_access import SessionEnded, Sessions
from api.principal import requires
from api.views.access import read_from, session_info
from ledger import sessions

router = APIRouter(prefix="/v1/sessions", tags=["access"], dependencies=[requires("access:admin")])
SessionId = Annotated[str, Path(pattern="^[0-9a-f]{12}$", description="Id of a session")]


@router.get("", response_model=Sessions, operation_id="list_sessions")
def list_sessions(asked: Asked) -> Response:
    """Who is signed in with a browser now, by key or at the provider, newest first."""
    idle = _idle(asked)
    items = [session_info(one, idle, asked.lang) for one in sessions.listed(asked.data.state, idle)]
    return asked.answer(Sessions(**read_from(asked.snapshot_or_none), items=items, total=len(items)))


@router.post("/{session}/end", response_model=SessionEnded, operation_id="end_session")
def end_session(asked: Asked, session: SessionId) -> Response:
    """End a session: the next request that shows it is nobody's. Who may sign in again is the key's or the
    provider's to say: end those too. 404 for one that has ended."""
    ended = sessions.end_for(asked.data.state, asked.by, session)
    told = session_info(ended, _idle(asked), asked.lang)
    return asked.answer(SessionEnded(**read_from(asked.snapshot_or_none), session=told))


def _idle(asked: Asking) -> timedelta:
    return timedelta(minutes=asked.data.settings.session_idle_minutes)
