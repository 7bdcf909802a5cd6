"""Saved queries: what may be asked, and the answers as tables."""

from typing import Literal

from pydantic import Field, JsonValue

from api.models import Answer, Model, Named


class QueryParam(Model):
    """A parameter of a saved query."""

    name: str
    label: str
    kind: Literal["enterprise", "chain", "segment", "code", "text", "limit"]
    required: bool


class SavedQueryInfo(Model):
    """A saved query: its title, how to say it, its parameters."""

    name: str
    title: str
    phrases: list[str]
    params: list[QueryParam]


class SaidParam(Model):
    """A parameter as a phrase says it, and what it may mean, the likeliest first."""

    name: str
    said: str
    meant: list[Named]


class PhraseMeant(Model):
    """A question that the phrase may be. `params` are ready to be asked where `clear`."""

    name: str
    title: str
    clear: bool
    params: dict[str, str]
    said: list[SaidParam]


class SavedQueries(Answer):
    """The saved queries; with a phrase, what it may mean."""

    items: list[SavedQueryInfo]
    total: int
    meant: list[PhraseMeant] = Field(description="Empty where no phrase was given, or none fits")


class QueryAsked(Model):
    """Values of the parameters; `limit` may be left out."""

    params: dict[str, str | int] = Field({}, max_length=10)


class QueryColumn(Model):
    """A column of the answer. `kind`: what its values are."""

    name: str
    label: str
    kind: Literal["enterprise", "money", "text", "list"]


class QueryAnswer(Answer):
    """The rows that the graph store gives."""

    name: str
    title: str
    columns: list[QueryColumn]
    rows: list[list[JsonValue]]
    total: int
    note: str | None = Field(description="Says so where rows may have been left off")
