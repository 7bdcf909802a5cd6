"""The answers about what a document's table holds, row by row, and which facts stand in it."""

from datetime import date

from pydantic import Field

from api.models import Answer, Model


class ExcerptTable(Model):
    """A table of a document: a sheet, or a section of one."""

    name: str = Field(description="Of its sheet; empty where there is one only")
    titles: list[str] = Field(description="Its own headings; letters where no row is known as the header")


class ExcerptRow(Model):
    """One row as it stands in the table, numbers and names of people masked."""

    row: int = Field(description="As facts count it, from 1")
    table: int = Field(description="Which of `tables`, from 0")
    cells: list[str | None]
    facts: list[str] = Field(description="Facts that stand in it")
    rejected: list[str] = Field(description="Why it was rejected, in sentences; empty where it was not")


class DocumentRows(Answer):
    """Rows of a document's tables from some row on."""

    tables: list[ExcerptTable]
    items: list[ExcerptRow]
    total: int = Field(description="Rows of all tables")
    before: int = Field(description="Rows that stand before the first of these")
    note: str | None = None


class DocumentFact(Model):
    """One fact that a document says."""

    fact: str
    table: str
    kind_text: str
    row: int | None = Field(description="In a table, from 1; null on a paper that is one fact")
    happened_on: date | None
    amount_fen: int | None
    number: str | None


class DocumentFacts(Answer):
    """The facts that a document says, in the order of their rows, a page at a time."""

    items: list[DocumentFact]
    total: int
    next: str | None
    note: str | None = None
