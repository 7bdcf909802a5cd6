"""Sending events to webhooks: signed, tried again from the state store, to nobody who may no longer hear."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from api.keyring import principal_of
from api.outward import post
from api.principal import Principal
from api.rows import parties_of, sees
from api.settings import Settings, is_loopback
from graph.snapshot import open_snapshot
from ledger import access, webhooks
from ledger.access import Key
from ledger.errors import DayanError
from ledger.state import State
from ledger.webhooks import Delivery, Webhook

log = logging.getLogger("dayan.webhooks")
#: Seconds between two looks for what is due.
LOOK_S = 1.0
#: Keys whose deliveries are tried at once: an address that does not answer holds up few others.
AT_ONCE = 8


def keep_sending(settings: Settings, state: State, leaving: Event) -> None:
    """Send what is due until `leaving` is set. A round that fails is told and the next one tried."""
    while not leaving.is_set():
        try:
            send_due(settings, state)
        except DayanError as error:
            log.warning("%s: %s", error.code, error)
        except Exception:
            log.exception("events could not be sent")
        leaving.wait(LOOK_S)


def send_due(settings: Settings, state: State) -> int:
    """Try every delivery that is due once, those of one key in their order; how many there were. One that
    cannot be tried stops no other."""
    found = webhooks.due(state) if state.path.exists() else []
    of_key: dict[str, list[tuple[Delivery, Webhook]]] = {}
    for delivery, hook in found:
        of_key.setdefault(hook.key, []).append((delivery, hook))

    def send(own: list[tuple[Delivery, Webhook]]) -> None:
        for delivery, hook in own:
            _send(settings, state, delivery, hook)

    if found:
        with ThreadPoolExecutor(AT_ONCE, "webhooks") as pool:
            list(pool.map(send, of_key.values()))
    return len(found)


def _send(settings: Settings, state: State, delivery: Delivery, hook: Webhook) -> None:
    try:
        key = access.get(state, hook.key)
        why = _barred(settings, state, delivery, key)
        if why:
            webhooks.drop(state, delivery, why)
        else:
            _try(settings, state, delivery, hook)
    except DayanError as error:
        log.warning("%s: %s", error.code, error)
    except Exception:
        log.exception("the delivery %s failed", delivery.id)
        webhooks.sent(state, delivery, None, "internal")


def _try(settings: Settings, state: State, delivery: Delivery, hook: Webhook) -> None:
    body = delivery.body.encode()
    secret = webhooks.secret_of(settings.data, hook.id)
    headers = {
        "Dayan-Event": delivery.event,
        "Dayan-Delivery": delivery.id,
        "Dayan-Signature": webhooks.signature(secret, body, int(time.time())),
    }
    private = is_loopback(settings.host) and not settings.tls
    try:
        webhooks.sent(state, delivery, post(hook.url, body, headers, loopback=private))
    except DayanError as error:
        webhooks.sent(state, delivery, None, error.code)
    except OSError as error:
        webhooks.sent(state, delivery, None, str(error)[:100])


def _barred(settings: Settings, state: State, delivery: Delivery, key: Key) -> str | None:
    """Why the key behind a webhook may not hear of this event; None where it may."""
    if key.state() != "active":
        return f"key_is_{key.state()}"
    who = principal_of(key)
    if webhooks.EVENTS[delivery.event] not in who.scopes:
        return "scope_missing"
    return None if _sees(settings, state, who, delivery.party) else "rows_not_kept"


def _sees(settings: Settings, state: State, who: Principal, party: str | None) -> bool:
    """Whether the event is about a firm that the key may see, under whichever of its parties."""
    if not who.bound or (party is not None and party in parties_of(state, who)):
        return True
    if party is None:
        return False
    try:
        return sees(open_snapshot(settings.data), state, who, party)
    except DayanError:  # nothing is built yet: nobody knows what belongs together
        return False
