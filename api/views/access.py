"""Keys, audit entries and webhooks as answers."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from api.models_access import (
    AuditCheck,
    AuditEntries,
    AuditEntry,
    Deliveries,
    DeliveryInfo,
    KeyInfo,
    Keys,
    NewKeyBody,
    SessionInfo,
    WebhookInfo,
    Webhooks,
)
from api.paging import Cursor
from api.roles import scopes_of
from api.views.notes import shown_of
from graph.snapshot import Snapshot
from ledger import access, audit, webhooks
from ledger.access import Key, NewKey
from ledger.sessions import Session
from ledger.state import State
from ledger.webhooks import Delivery, Webhook
from ledger.words import label, labels

KEY_LIST, AUDIT_LIST, DELIVERY_LIST = "keys", "audit", "deliveries"
KEYS = 1
#: Entries that one step of an export reads.
STEP = 2_000


def read_from(snapshot: Snapshot | None) -> dict[str, Any]:
    """What every answer bears."""
    return {"snapshot": snapshot.id if snapshot else None, "as_of": snapshot.as_of if snapshot else None}


def wanted_key(body: NewKeyBody) -> NewKey:
    """The key that `body` asks for."""
    return NewKey(
        body.holder,
        body.role,
        None if body.scopes is None else tuple(body.scopes),
        None if body.enterprises is None else tuple(body.enterprises),
        body.portfolio,
        body.days,
        body.rate,
        body.note,
    )


def key_info(key: Key, lang: str) -> KeyInfo:
    """A key in the reader's words."""
    state, scopes = key.state(), sorted(scopes_of(key) - {"public"})
    return KeyInfo(
        id=key.id,
        holder=key.holder,
        role=key.role,
        role_text=label(f"role_{key.role}", lang),
        scopes=scopes,
        scopes_text=[label(f"scope_{scope.replace(':', '_')}", lang) for scope in scopes],
        enterprises=None if key.parties is None else list(key.parties),
        portfolio=key.portfolio,
        rate=key.rate,
        note=key.note,
        state=state,  # type: ignore[arg-type]
        state_text=label(f"key_{state}", lang),
        created=key.created,  # type: ignore[arg-type]
        created_by=key.created_by,
        expires=key.expires,  # type: ignore[arg-type]
        revoked=key.revoked,  # type: ignore[arg-type]
    )


def key_list(state: State, snapshot: Snapshot | None, limit: int, after: Cursor | None, lang: str) -> Keys:
    """A page of keys, newest first."""
    found = access.listed(state, limit + 1, after.key[0] if after else None)
    page, total, more = found[:limit], access.count(state), len(found) > limit
    return Keys(
        **read_from(snapshot),
        items=[key_info(key, lang) for key in page],
        total=total,
        next=Cursor(KEY_LIST, "", (page[-1].number,)).text() if more else None,
        note=shown_of(len(page), total, lang) if len(page) < total else None,
    )


def session_info(found: Session, idle: timedelta, lang: str) -> SessionInfo:
    """A session in the reader's words."""
    return SessionInfo(
        id=found.id,
        holder=found.holder,
        role=found.role,
        role_text=label(f"role_{found.role}", lang),
        method=found.method,  # type: ignore[arg-type]
        key=found.key.id if found.key else None,
        enterprises=None if found.parties is None else list(found.parties),
        created=found.created,
        seen=found.seen,
        until=found.until(idle),
    )


def listing_of(newest: bool) -> str:
    """The name of the list in cursors: one of the other direction does not fit."""
    return f"{AUDIT_LIST}_newest" if newest else AUDIT_LIST


def audit_page(
    state: State,
    snapshot: Snapshot | None,
    wanted: audit.Chosen,
    limit: int,
    after: Cursor | None,
    lang: str,
    newest: bool = False,
) -> AuditEntries:
    """A page of the chain, oldest first; `newest`: newest first."""
    number = after.key[0] if after else None
    if newest:
        found = audit.newest(state, number, limit + 1, wanted)
    else:
        found = audit.entries(state, number or 0, limit + 1, wanted)
    page = found[:limit]
    more = len(found) > limit
    return AuditEntries(
        **read_from(snapshot),
        items=[_entry(entry, lang) for entry in page],
        next=Cursor(listing_of(newest), "", (page[-1].number,)).text() if more else None,
        head=audit.head(state),
    )


def audit_check(state: State, snapshot: Snapshot | None) -> AuditCheck:
    """Whether the chain holds, from its first entry to its last."""
    checked = audit.check(state)
    return AuditCheck(
        **read_from(snapshot),
        entries=checked.entries,
        head=checked.head,
        holds=checked.holds,
        broken_at=checked.broken_at,
        sealed=bool(checked.sealed),
    )


def audit_lines(state: State, wanted: audit.Chosen) -> Iterator[bytes]:
    """The chain as JSON lines, each with the seal before it, so that a copy can be verified alone."""
    after = 0
    while found := audit.entries(state, after, STEP, wanted):
        yield b"".join(audit.line(entry) for entry in found)
        after = found[-1].number


def webhook_info(hook: Webhook) -> WebhookInfo:
    """A webhook as it may be shown."""
    return WebhookInfo(
        id=hook.id,
        url=hook.url,
        events=list(hook.events),
        created=hook.created,  # type: ignore[arg-type]
        ended=hook.ended,  # type: ignore[arg-type]
    )


def webhook_list(state: State, snapshot: Snapshot | None, key: str) -> Webhooks:
    """The webhooks of a key."""
    found = webhooks.of_key(state, key)
    return Webhooks(**read_from(snapshot), items=[webhook_info(hook) for hook in found], total=len(found))


def delivery_list(
    state: State,
    snapshot: Snapshot | None,
    which: tuple[str, str],
    limit: int,
    after: Cursor | None,
    lang: str,
) -> Deliveries:
    """A page of the deliveries of `which` (key, webhook), newest first. Raises NotFound."""
    found, total = webhooks.deliveries(state, *which, limit + 1, after.key[0] if after else None)
    page, more = found[:limit], len(found) > limit
    return Deliveries(
        **read_from(snapshot),
        items=[_delivery(one, lang) for one in page],
        total=total,
        next=Cursor(DELIVERY_LIST, "", (page[-1].number,)).text() if more else None,
        note=shown_of(len(page), total, lang) if len(page) < total else None,
    )


def _delivery(one: Delivery, lang: str) -> DeliveryInfo:
    told = {name: getattr(one, name) for name in DeliveryInfo.model_fields if name != "state_text"}
    return DeliveryInfo(**told, state_text=label(f"delivery_{one.state}", lang))


def _entry(entry: audit.Entry, lang: str) -> AuditEntry:
    key = f"audit_{entry.action}"
    return AuditEntry(
        number=entry.number,
        at=entry.at,  # type: ignore[arg-type]
        by=entry.by,
        action=entry.action,
        action_text=label(key, lang) if key in labels() else entry.action,
        subject=entry.subject,
        detail=json.loads(json.dumps(entry.detail)),
        hash=entry.hash,
    )
