"""The answers about documents and their fields as models, and what a person sends to correct one."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.models import Answer, DocumentInfo, Model, Warned

DocumentState = Literal["read", "partly", "nothing"]


class Spoken(Model):
    """A stable code and its label."""

    code: str
    text: str


class Correction(Model):
    """What a person said that a value is."""

    value: str
    by: str
    at: datetime
    why: str
    applied: bool = Field(description="Facts follow it; else it is only shown")


class DocumentField(Model):
    """One value of a document: where it stands, how it was read, how sure that is."""

    path: str = Field(description="Names the value, e.g. seller.code or lines[2].amount")
    value: str | None
    page: int | None = Field(description="From 1; null where the value was not read off a page")
    box: list[float] | None = Field(description="Left, top, right, bottom in points from the page's top left")
    method: Spoken
    confidence: float | None
    checks: list[Spoken] = Field(description="The checks it passed")
    corrected: Correction | None


class DocumentFields(Answer):
    """The values of a document, a page at a time, in the order of their paths as read."""

    items: list[DocumentField]
    total: int
    next: str | None
    note: str | None = None


class FieldsCorrected(DocumentFields):
    """The values that were just corrected."""

    follows: bool = Field(description="Facts follow the corrections; the next build uses them")
    message: str


class FieldChange(Model):
    """A correction: the value that the paper shows, null to take earlier corrections back."""

    path: str = Field(min_length=1, max_length=100)
    value: str | None = Field(max_length=2_000)
    why: str = Field("", max_length=500)


class RowWarned(Warned):
    """A warning and the row it belongs to."""

    row: int = Field(description="From 1; 0 is the document as a whole")


class Document(DocumentInfo):
    """A document with the first of its fields, warnings and rejected rows."""

    state: DocumentState
    state_text: str
    reader_version: int
    loaded_at: datetime
    owner: str | None = Field(description="Party whose books it is")
    fields: list[DocumentField]
    fields_total: int
    warnings: list[RowWarned]
    warnings_total: int
    rejects: list[RowWarned] = Field(description="Why rows were rejected; …/rejects has them as a table")


class DocumentRow(Model):
    """A document in a list."""

    id: str
    name: str
    format: str
    state: DocumentState
    state_text: str
    bytes: int
    rows: int
    facts: int
    rejected: int
    duplicates: int
    synthetic: bool
    loaded_at: datetime


class Documents(Answer):
    """Documents of the ledger, the newest first, a page at a time."""

    items: list[DocumentRow]
    total: int
    next: str | None
    note: str | None = None
    formats: list[str] = Field(description="Every format there is, for choosing one")


class PageSize(Model):
    """One page and its size in points."""

    number: int
    width: float
    height: float


class DocumentPages(Answer):
    """The pages of a document that has pages."""

    items: list[PageSize]
    total: int
