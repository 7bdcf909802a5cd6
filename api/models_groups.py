"""Answers about groups: who hangs together with whom, by which tie, and what says so."""

from datetime import date
from typing import Literal

from pydantic import Field

from api.models import Answer, Model, Named

GroupKind = Literal["control", "one_entity", "guarantee_circle", "guarantee_cycle", "dependent", "suspected"]


class TiePaper(Named):
    """A document that says so; its id is its SHA-256."""

    row: int | None = Field(description="Row in the document; null: the document as a whole")


class Tie(Model):
    """One tie that binds a member into the group."""

    tie: str
    text: str
    to: Named | None = Field(description="Whom it binds the member to; a person's name is masked")
    to_is_person: bool
    share: float | None = Field(description="Of the capital, or of a year's receipts or spending")
    amount_fen: int | None = Field(description="Guaranteed, or traded without tax")
    since: date | None
    until: date | None
    papers: list[TiePaper] = Field(description="Empty: the invoices of the link, see its evidence")


class GroupMember(Named):
    """An enterprise of the group, with every tie that binds it."""

    ties: list[Tie]


class Group(Model):
    """Enterprises that hang together."""

    id: str
    kind: GroupKind
    kind_text: str
    form: str | None = Field(description="mutual, joint, ring, web, or what the firms have in common")
    form_text: str | None
    size: int = Field(description="Enterprises in the group")
    head: Named | None = Field(description="The firm at the top, or the one that the others depend on")
    controller: Named | None = Field(description="Who controls it; a person's name is masked")
    controller_is_person: bool
    amount_fen: int | None = Field(description="Guaranteed inside, or traded without tax")
    cycles: int | None = Field(description="Rings of guarantees counted; null: not counted")
    complete: bool = Field(description="False: too large for every ring to be listed")
    members: list[GroupMember] = Field(description="The first of them, the head ahead, then by id")
    note: str | None = Field(description="Says what was left off, such as `40 of 1,312`")


class DependsOn(Model):
    """The partner that makes up most of what is seen of an enterprise's receipts or spending."""

    side: Literal["sale", "purchase"]
    partner: Named
    share: float | None = Field(description="Of a year's side; null where own books do not say")
    amount_fen: int = Field(description="Without tax; on partial books at least that much")
    outcome: Literal["depends", "partial", "seen", "hub", "common"]
    text: str


class EnterpriseGroups(Answer):
    """Every group an enterprise is in; those by control first."""

    items: list[Group]
    total: int
    next: str | None = None
    note: str | None = None
    dependence: list[DependsOn]


class GroupAnswer(Answer):
    """One group."""

    group: Group
