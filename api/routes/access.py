"""Keys: making one, their list, ending one."""

from typing import Annotated

from fastapi import APIRouter, Body, Path
from fastapi.responses import Response

from api.asking import Asked
from api.models_access import KeyAnswer, KeyMade, Keys, NewKeyBody
from api.paging import read_cursor
from api.parameters import Limit, NextPage
from api.principal import requires
from api.roles import check
from api.views import access as views
from ledger import access

router = APIRouter(prefix="/v1/keys", tags=["access"], dependencies=[requires("access:admin")])
KeyId = Annotated[str, Path(pattern="^[0-9a-f]{12}$", description="Id of a key: `dy_<id>_…`")]


@router.post("", response_model=KeyMade, operation_id="make_key", status_code=201)
def make_key(asked: Asked, body: Annotated[NewKeyBody, Body()]) -> Response:
    """Make a key. Its text stands in this answer alone. From the first key on, every request needs one."""
    wanted = views.wanted_key(body)
    check(wanted)
    key, text = access.make(asked.data.state, asked.by, wanted)
    told = views.read_from(asked.snapshot_or_none)
    answer = asked.answer(KeyMade(**told, key=views.key_info(key, asked.lang), text=text))
    answer.status_code = 201
    return answer


@router.get("", response_model=Keys, operation_id="list_keys")
def list_keys(asked: Asked, limit: Limit = 50, cursor: NextPage = None) -> Response:
    """Every key that was ever made, newest first, without its secret."""
    after = read_cursor(cursor, views.KEY_LIST, views.KEYS)
    return asked.answer(views.key_list(asked.data.state, asked.snapshot_or_none, limit, after, asked.lang))


@router.post("/{key}/revoke", response_model=KeyAnswer, operation_id="revoke_key")
def revoke_key(asked: Asked, key: KeyId) -> Response:
    """End a key: the next request that shows it is refused. One that was ended answers 409."""
    ended = access.revoke(asked.data.state, asked.by, key)
    told = views.read_from(asked.snapshot_or_none)
    return asked.answer(KeyAnswer(**told, key=views.key_info(ended, asked.lang)))
