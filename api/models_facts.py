"""Answers about one fact: what it says, on which papers it stands, and what rests on it."""

from datetime import date
from typing import Literal

from pydantic import Field

from api.models import Answer, Model, Named


class FactValue(Model):
    """One value of a fact. `value` is text as it is kept; `unit` says how to write it."""

    name: str
    label: str
    value: str
    unit: Literal["text", "fen", "date", "share", "number"]
    text: str | None = Field(None, description="The value in words, where it is a code")
    enterprise: Named | None = Field(None, description="The enterprise that a party belongs to")


class FactPaper(Model):
    """A document that says so. `row` counts from 1 in a table; null on a paper that is one fact."""

    id: str
    name: str
    format: str
    row: int | None
    counts: bool = Field(description="Whether its values are those that count where papers differ")
    synthetic: bool


class FactTable(Model):
    """What belongs to a fact line by line."""

    name: str
    label: str
    rows: list[list[FactValue]]


class FactLink(Model):
    """The link of the graph that the fact is evidence of."""

    seller: Named
    buyer: Named
    amount_fen: int
    count: int


class FactDecision(Model):
    """A credit decision that names the fact as evidence."""

    id: str
    enterprise: str
    status: str
    status_text: str


class FactAnswer(Answer):
    """A fact, in both directions: down to the papers, up to what rests on it."""

    fact: str
    table: str
    kind_text: str
    happened_on: date | None
    amount_fen: int | None
    values: list[FactValue]
    tables: list[FactTable]
    papers: list[FactPaper]
    link: FactLink | None = None
    decisions: list[FactDecision]
    decisions_total: int
