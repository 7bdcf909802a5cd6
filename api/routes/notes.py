"""Notes on enterprises and on links between them: own or shared, every version kept."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query
from fastapi.responses import Response

from api.asking import Asked
from api.models_desk import Gone, NoteAnswer, NoteAsked, NoteChanged, NoteHistory, Notes
from api.once import IdempotencyKey, once
from api.parameters import Limit, NextPage
from api.principal import requires
from api.views import desk
from ledger import notes
from ledger.errors import InputError

router = APIRouter(prefix="/v1/notes", tags=["notes"], dependencies=[requires("graph:read")])
writing = APIRouter(prefix="/v1/notes", tags=["notes"], dependencies=[requires("desk:write")])
_ID = "^[0-9a-f]{16}$"
NoteId = Annotated[str, Path(pattern=_ID, description="Id of a note")]


@writing.post("", response_model=NoteAnswer, operation_id="make_note", status_code=201)
def make_note(
    asked: Asked, note: Annotated[NoteAsked, Body()], idempotency_key: IdempotencyKey = None
) -> Response:
    """Write a note on an enterprise, or on the link from a seller to a buyer."""
    party, partner = (note.enterprise, None) if note.enterprise else (note.seller, note.buyer)
    assert party is not None
    desk.known_parties(asked, [party, *([partner] if partner else [])])
    body = once(
        asked, "make_note", idempotency_key, note,
        lambda c: desk.note(asked, notes.make(c, asked.by, party, partner, note.text, note.shared)),
    )  # fmt: skip
    answer = asked.prepared(body)
    answer.status_code = 201
    return answer


@router.get("", response_model=Notes, operation_id="list_notes")
def list_notes(
    asked: Asked,
    enterprise: Annotated[
        str | None, Query(pattern=_ID, description="On this enterprise and its links")
    ] = None,
    seller: Annotated[str | None, Query(pattern=_ID, description="On the link from this enterprise")] = None,
    buyer: Annotated[str | None, Query(pattern=_ID, description="On the link to this enterprise")] = None,
    limit: Limit = 50,
    cursor: NextPage = None,
) -> Response:
    """Own and shared notes, the newest first: on an enterprise, on a link, or on anything."""
    if (seller is None) != (buyer is None) or (enterprise and seller):
        raise InputError("note_about")
    about = desk.parties(asked, enterprise or seller) if enterprise or seller else None  # type: ignore[arg-type]
    partner = desk.parties(asked, buyer) if buyer else None
    return asked.answer(desk.note_list(asked, about, partner, limit, cursor))


@router.get("/{note}/history", response_model=NoteHistory, operation_id="note_history")
def note_history(asked: Asked, note: NoteId) -> Response:
    """Every version of a note, the newest first."""
    with asked.data.state.reading() as connection:
        versions = notes.history(connection, note, asked.by)
    return asked.answer(desk.note_history(asked, note, versions))


@writing.patch("/{note}", response_model=NoteAnswer, operation_id="change_note")
def change_note(asked: Asked, note: NoteId, change: Annotated[NoteChanged, Body()]) -> Response:
    """Let an own note say something else, or share it."""
    with asked.data.state.writing() as connection:
        found = notes.change(connection, note, asked.by, change.text, change.shared)
    return asked.answer(desk.note(asked, found))


@writing.delete("/{note}", response_model=Gone, operation_id="delete_note")
def delete_note(asked: Asked, note: NoteId) -> Response:
    """Take an own note away: it is not shown any more; the audit chain tells of it."""
    with asked.data.state.writing() as connection:
        notes.delete(connection, note, asked.by)
    return asked.answer(desk.gone(asked, note))
