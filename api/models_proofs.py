"""Proofs as models: what a figure that no single paper holds was worked out from, and how to go on."""

from typing import Literal

from pydantic import Field

from api.models import Answer, Model, Named

What = Literal[
    "exposure",
    "cash",
    "late",
    "receivables",
    "momentum",
    "sold",
    "score",
    "seat",
    "wealth",
    "pair",
    "alike",
    "suggested",
    "hit",
]


class Onward(Model):
    """What a row opens: one step further down, to the paper in the end.

    `fact`, `decision` and `enterprise` take `id`; `link` the seller as `id` and the buyer as `partner`;
    `feature` the enterprise as `id` and `name`; `worked` another proof: `what` with the query `given`.
    """

    of: Literal["fact", "link", "decision", "feature", "enterprise", "worked"]
    id: str | None = None
    partner: str | None = None
    name: str | None = None
    what: What | None = None
    given: dict[str, str] = Field(default_factory=dict)


class ProofRow(Model):
    """One thing that enters the figure: an amount in fen, or a value already written in words."""

    text: str
    hint: str | None = None
    amount_fen: int | None = None
    value: str | None = None
    opens: Onward | None = None


class ProofPart(Model):
    """Things of one kind that enter the figure, the largest first."""

    name: str
    label: str
    rows: list[ProofRow]
    total: int
    note: str | None = Field(description="Says what was left off, such as `40 of 1,312`")


class ProofGround(Model):
    """What the figure was worked out by: a version, a rule, a number of scenarios."""

    name: str
    label: str
    text: str


class WorkedProof(Answer):
    """A figure, how it was worked out, from what, and by which versions."""

    what: What
    title: str
    about: Named | None = Field(description="The enterprise that the figure is of")
    amount_fen: int | None = None
    value: str | None = Field(default=None, description="A figure that is no amount, in words")
    text: str = Field(description="How it was worked out")
    parts: list[ProofPart]
    grounds: list[ProofGround]
