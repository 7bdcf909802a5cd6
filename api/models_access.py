"""Keys, the audit chain and webhooks as models."""

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.models import Answer, Model
from ledger.access import DAYS, MOST_DAYS, MOST_PARTIES

RoleName = Literal["analyst", "credit", "wealth", "reviewer", "approver", "admin", "owner"]
KeyState = Literal["active", "expired", "revoked"]
PartyId = str
Event = Literal["job.done", "decision.made", "offer.answered"]


class NewKeyBody(Model):
    """A key to be made."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"holder": "li.ming", "role": "credit", "days": 90}]}
    )

    holder: str = Field(
        pattern=r"^[\w.@-]{1,60}$", description="Whose it is; two keys of one holder are one person"
    )
    role: RoleName = Field(description="What its holder does; it holds the role's scopes")
    scopes: list[str] | None = Field(
        None, max_length=40, description="Only these of the role's scopes; null: all of them"
    )
    enterprises: list[str] | None = Field(
        None, max_length=MOST_PARTIES, description="Bound to these firms, by id; the role owner needs one"
    )
    portfolio: str | None = Field(None, max_length=60, description="Bound to the firms of this portfolio")
    days: int = Field(DAYS, ge=1, le=MOST_DAYS, description="Days that it holds")
    rate: float | None = Field(None, gt=0, le=100_000, description="Requests a second; null: the setting's")
    note: str = Field("", max_length=200, description="What it is for; no secrets, no personal numbers")


class KeyInfo(Model):
    """A key as it may be shown."""

    id: str = Field(description="Its first part: `dy_<id>_…`")
    holder: str
    role: str
    role_text: str
    scopes: list[str] = Field(description="What it may do today")
    scopes_text: list[str] = Field(description="The same in words, in the same order")
    enterprises: list[str] | None = Field(description="Null: not bound to firms by name")
    portfolio: str | None
    rate: float | None
    note: str
    state: KeyState
    state_text: str
    created: datetime
    created_by: str
    expires: datetime
    revoked: datetime | None


class KeyMade(Answer):
    """A new key. `text` is shown this once: nobody can read it again."""

    key: KeyInfo
    text: str = Field(description="The whole key, for the Authorization header")


class KeyAnswer(Answer):
    """One key."""

    key: KeyInfo


class Keys(Answer):
    """Keys, newest first."""

    items: list[KeyInfo]
    total: int
    next: str | None
    note: str | None = None


class SessionInfo(Model):
    """Somebody signed in with a browser, without the session's secret."""

    id: str
    holder: str
    role: str
    role_text: str
    method: Literal["key", "oidc"] = Field(description="Signed in with a key, or at the provider")
    key: str | None = Field(description="Id of the key that it stands on")
    enterprises: list[str] | None = Field(description="Bound to these firms; null: not by name")
    created: datetime
    seen: datetime
    until: datetime = Field(description="When it ends if nothing more is asked")


class Sessions(Answer):
    """Sessions that hold now, newest first."""

    items: list[SessionInfo]
    total: int


class SessionEnded(Answer):
    """The session that was ended."""

    session: SessionInfo


class AuditEntry(Model):
    """One thing done, and its seal: SHA-256 over the entry and the seal before it."""

    number: int
    at: datetime
    by: str
    action: str
    action_text: str
    subject: str
    detail: dict[str, Any]
    hash: str


class AuditEntries(Answer):
    """Entries of the chain, oldest first."""

    items: list[AuditEntry]
    next: str | None
    head: str = Field(description="Seal of the newest entry of the whole chain")


class AuditCheck(Answer):
    """Whether the chain holds: each entry fits, and there are as many as were sealed.

    Who can write into the whole data folder can seal what he likes: keep `head` elsewhere.
    """

    entries: int
    head: str
    holds: bool
    broken_at: int | None = Field(description="Number of the first entry that does not fit")
    sealed: bool = Field(description="Its length is the one sealed beside it: nothing was cut off its end")


class NewWebhook(Model):
    """An address that is to hear of events."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"url": "https://bank.example/hooks", "events": ["decision.made"]}]},
    )

    url: str = Field(max_length=500, description="https, or this machine where the server is for it alone")
    events: list[Event] = Field(min_length=1, max_length=10)


class WebhookInfo(Model):
    """A webhook of the caller's key."""

    id: str
    url: str
    events: list[str]
    created: datetime
    ended: datetime | None


class WebhookMade(Answer):
    """A new webhook. `secret` is shown this once; it signs what is sent."""

    webhook: WebhookInfo
    secret: str = Field(description="Key of the HMAC-SHA256 in `Dayan-Signature`")


class WebhookAnswer(Answer):
    """One webhook."""

    webhook: WebhookInfo


class Webhooks(Answer):
    """The webhooks of the caller's key, newest first."""

    items: list[WebhookInfo]
    total: int


class DeliveryInfo(Model):
    """One event on its way to the address."""

    id: str
    event: str
    subject: str
    state: Literal["queued", "delivered", "failed", "dropped"]
    state_text: str
    attempts: int
    status: int | None = Field(description="What the address answered last; null where nothing did")
    error: str | None
    created: datetime
    due: datetime = Field(description="When it is tried next, or was tried last")
    ended: datetime | None


class Deliveries(Answer):
    """Deliveries of a webhook, newest first."""

    items: list[DeliveryInfo]
    total: int
    next: str | None
    note: str | None = None
