"""Policies, lists and monitoring of credit as models."""

from datetime import date
from typing import Any, Literal

from pydantic import Field

from api.models import Answer, Model


class RuleTold(Model):
    """One knock-out rule."""

    code: str
    kind: Literal["list", "standing", "industry", "purpose"]
    values: list[str]
    effect: Literal["decline", "refer"]
    source: str
    reread: bool = Field(description="To be read again from an official copy before it is relied on")


class PolicyTold(Model):
    """A policy in force."""

    version: str
    role: Literal["champion", "challenger"]
    since: date
    until: date | None
    approve_below: float = Field(description="Probability of default")
    decline_from: float
    knock_outs: list[RuleTold]
    body: str = Field(description="The whole policy as it is kept")


class Policies(Answer):
    """Policies in force on a day, the champion first."""

    items: list[PolicyTold]
    total: int


class ListAsked(Model):
    """A list of firms as CSV: code, name, list, since, until, source, reason."""

    name: str = Field(min_length=1, max_length=200)
    csv: str = Field(min_length=1, max_length=1_000_000)


class ListTaken(Answer):
    """What became of a list."""

    entries: int
    new: int


class AppealAsked(Model):
    """What came of an appeal about an entry."""

    outcome: Literal["open", "upheld", "dismissed"]
    why: str = Field(min_length=1, max_length=2_000)


class Listing(Answer):
    """An entry of a list."""

    id: str
    code: str
    name: str
    list: str
    since: date
    until: date | None
    source: str
    reason: str
    appeal: Literal["open", "upheld", "dismissed"] | None


class Drift(Model):
    """How far one figure has moved; null where there are too few cases."""

    name: str
    psi: float | None
    band: float | None = Field(description="What chance alone gives in 19 of 20 cases")
    moved: bool | None
    reference: int
    current: int


class Rate(Model):
    """Approval of one kind of firm, with its 95 % interval."""

    dimension: str
    value: str
    count: int
    approved: float
    low: float
    high: float


class Monitoring(Answer):
    """How decisions move."""

    decisions: int
    reviewed: int
    overrides: int
    drift: list[Drift]
    rates: list[Rate]
    calibration: dict[str, Any] | None = Field(description="Null until outcomes are known")
