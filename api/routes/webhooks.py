"""Webhooks of the caller's key: making one, their list, what was sent, ending one."""

from typing import Annotated

from fastapi import APIRouter, Body, Path
from fastapi.responses import Response

from api.asking import Asked
from api.models_access import Deliveries, NewWebhook, WebhookAnswer, WebhookMade, Webhooks
from api.outward import check_url
from api.paging import read_cursor
from api.parameters import Limit, NextPage
from api.principal import requires
from api.views import access as views
from ledger import webhooks
from ledger.errors import Conflict

router = APIRouter(prefix="/v1/webhooks", tags=["access"], dependencies=[requires("webhooks:write")])
WebhookId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="Id of a webhook")]


@router.post("", response_model=WebhookMade, operation_id="make_webhook", status_code=201)
def make_webhook(asked: Asked, body: Annotated[NewWebhook, Body()]) -> Response:
    """Have events sent to an address. The secret that signs them stands in this answer alone.

    A request bears `Dayan-Signature: t=<unix seconds>,v1=<HMAC-SHA256 over "<t>.<body>">`. What does not
    answer 2xx is tried again, seven times in about nine hours. The body names ids and states only.
    """
    # Who is bound to some firms sits elsewhere: this machine's own services are not for them.
    private = asked.request.app.state.keyring.private and not asked.who.bound
    check_url(body.url, private)
    data = asked.data
    made = webhooks.make(data.state, asked.by, _key(asked), body.url, tuple(body.events))
    secret = webhooks.secret_of(data.folder, made.id)
    told = views.read_from(asked.snapshot_or_none)
    answer = asked.answer(WebhookMade(**told, webhook=views.webhook_info(made), secret=secret))
    answer.status_code = 201
    return answer


@router.get("", response_model=Webhooks, operation_id="list_webhooks")
def list_webhooks(asked: Asked) -> Response:
    """The webhooks of this key, newest first."""
    return asked.answer(views.webhook_list(asked.data.state, asked.snapshot_or_none, _key(asked)))


@router.get("/{webhook}/deliveries", response_model=Deliveries, operation_id="list_deliveries")
def list_deliveries(asked: Asked, webhook: WebhookId, limit: Limit = 50, cursor: NextPage = None) -> Response:
    """What was sent to a webhook, or waits, newest first, and how each try went."""
    after = read_cursor(cursor, views.DELIVERY_LIST, views.KEYS)
    which = (_key(asked), webhook)
    return asked.answer(
        views.delivery_list(asked.data.state, asked.snapshot_or_none, which, limit, after, asked.lang)
    )


@router.post("/{webhook}/end", response_model=WebhookAnswer, operation_id="end_webhook")
def end_webhook(asked: Asked, webhook: WebhookId) -> Response:
    """End a webhook; what waits for it is dropped. Ending it again changes nothing."""
    ended = webhooks.end(asked.data.state, asked.by, _key(asked), webhook)
    return asked.answer(
        WebhookAnswer(**views.read_from(asked.snapshot_or_none), webhook=views.webhook_info(ended))
    )


def _key(asked: Asked) -> str:
    """The caller's key. The local user has none, and so no webhooks."""
    if asked.who.key is None:
        raise Conflict("webhook_needs_key")
    return asked.who.key
