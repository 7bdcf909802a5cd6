"""What changed between two published snapshots, and what happened to watched enterprises."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from api.models import Answer, Model, Named

AlertKind = Literal[
    "new_enterprise", "placed", "unplaced", "segment", "level", "new_link", "listed", "warning"
]


class Alert(Model):
    """Something that happened to a watched enterprise."""

    id: str
    kind: AlertKind
    kind_text: str
    text: str
    enterprise: Named
    partner: Named | None = None
    amount_fen: int | None = None
    before: str | None = None
    after: str | None = None
    on: date = Field(description="The day of the papers, or the day of the warning")


class Version(Model):
    """A published snapshot."""

    id: str
    as_of: date
    published: datetime = Field(description="When it was published on this machine")


class Compared(Answer):
    """Two published snapshots compared; `text` says so where there is only one."""

    compared: bool
    text: str
    before: Version | None
    after: Version
    hidden: list[str] = Field(description="Kinds of alerts that the caller's key may not see")


class Alerts(Compared):
    """What happened to the enterprises of a watchlist, the gravest first."""

    items: list[Alert]
    total: int
    note: str | None


class Moved(Model):
    """An enterprise whose place changed."""

    enterprise: Named
    chain_name: str | None
    segment_name: str | None
    level_text: str
    new: bool = Field(description="Whether the enterprise itself is new")


class MovedList(Model):
    """The largest by sales, and how many there are."""

    items: list[Moved]
    total: int
    note: str | None


class NewEnterprise(Named):
    """An enterprise that the snapshot before did not hold."""

    region_name: str | None
    chain_name: str | None
    segment_name: str | None
    sales_fen: int


class NewEnterprises(Model):
    """The largest by sales, and how many there are."""

    items: list[NewEnterprise]
    total: int
    note: str | None


class NewLink(Model):
    """A supply link that the snapshot before did not hold."""

    seller: Named
    buyer: Named
    amount_fen: int
    count: int
    first: date | None


class NewLinks(Model):
    """The largest by amount, how many there are, and what all of them come to."""

    items: list[NewLink]
    total: int
    amount_fen: int
    note: str | None


class WatchedAlerts(Model):
    """Alerts of all watchlists that the caller may read and that have alerts on."""

    items: list[Alert]
    total: int
    note: str | None
    watchlists: int


class Changes(Compared):
    """What changed between two published snapshots; each list says how many it left off."""

    placed: MovedList
    unplaced: MovedList
    new_enterprises: NewEnterprises
    gone: int = Field(description="Enterprises of the snapshot before that are none now: merged or withdrawn")
    new_links: NewLinks
    alerts: WatchedAlerts
