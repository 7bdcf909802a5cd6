"""Receivables as models: what each buyer owes, how old it is, who holds it, what may be lent on it."""

from datetime import date
from typing import Literal

from pydantic import Field

from api.models import Answer, Model, Named

Bucket = Literal["d0_30", "d31_60", "d61_90", "d91_180", "d181_365", "d366"]
Standing = Literal["unconfirmed", "confirmed", "pledged", "purchased", "collected", "reversed", "void"]
Unpaid = Literal["statements", "confirmed", "asked", "not_proven"]
Excluded = Literal[
    "void", "reversed", "paid", "held", "disputed", "overdue", "related_party", "natural_person",
    "buyer_knocked_out", "own_books_missing", "payment_asked", "unpaid_not_proven", "advance_paid",
    "concentration",
]  # fmt: skip
_HEX16 = "^[0-9a-f]{16}$"
_TEXT = "^[^\\u0000-\\u001f]*$"


class Coded(Named):
    """Something with a code and its name in the reader's language."""


class ReceivableItem(Model):
    """One invoice that a buyer owes on, or owed."""

    fact: str
    number: str | None
    buyer: Named
    issued_on: date
    due_on: date
    due_basis: Literal["printed", "contract", "law", "assumed"]
    due_text: str
    contract: str | None = Field(description="Fact of the contract that the due day is from")
    amount_fen: int = Field(description="With tax")
    red_fen: int = Field(description="What red invoices took back; not above 0")
    settled_fen: int = Field(description="Proven by a payment or a person's proof")
    assumed_fen: int = Field(description="Put on it by order alone")
    open_fen: int = Field(description="At most this, where `unpaid` is not proven")
    age_days: int = Field(description="From the day of the invoice")
    bucket: Bucket
    overdue_days: int
    unpaid: Unpaid | None = Field(description="What shows it unpaid; null where nothing is open")
    unpaid_text: str | None
    status: Standing
    status_text: str
    disputed: bool
    claim: str | None
    holder: str | None
    register_number: str | None
    registered_on: date | None
    eligible_fen: int
    if_proven_fen: int = Field(description="What would be eligible, were it shown to be unpaid")
    excluded_by: list[Excluded]
    advance_bp: int = Field(description="Advance rate in hundredths of a percent")
    advance_fen: int


class AgeBucket(Model):
    """What is open of an age."""

    bucket: Bucket
    label: str
    open_fen: int


class BuyerReceivables(Named):
    """What one buyer owes in all."""

    invoices: int
    open_invoices: int
    amount_fen: int
    red_fen: int
    settled_fen: int
    assumed_fen: int
    open_fen: int = Field(description="All that is open, with tax; a cash flow tells what of it is awaited")
    proven_fen: int = Field(description="Of what is open, shown to be unpaid")
    overdue_fen: int
    next_due_on: date | None = Field(description="Next due day of what is open; past ones are left out")
    overdue_since: date | None = Field(description="Oldest due day of what is open and overdue")
    ageing: list[AgeBucket]
    eligible_fen: int
    if_proven_fen: int
    advance_fen: int


class ReceivableFigure(Model):
    """One figure, or why there is none."""

    name: Literal["dso_days", "dilution", "top5_share"]
    label: str
    value: float | None
    reason: str | None
    text: str | None


class Exclusion(Model):
    """What one exclusion keeps out; one receivable may be kept out by several."""

    name: Excluded
    label: str
    open_fen: int


class Receivables(Answer):
    """应收账款台账: the whole, per buyer, and invoice by invoice, a page at a time. All amounts with tax."""

    enterprise: Named
    on: date
    policy: str
    amount_basis: Literal["with_tax"] = "with_tax"
    amount_fen: int
    red_fen: int
    settled_fen: int
    assumed_fen: int
    open_fen: int = Field(description="All that is open, with tax; a cash flow tells what of it is awaited")
    proven_fen: int
    eligible_fen: int
    if_proven_fen: int
    advance_fen: int
    ageing: list[AgeBucket]
    figures: list[ReceivableFigure]
    excluded: list[Exclusion]
    buyers: list[BuyerReceivables]
    buyers_total: int
    items: list[ReceivableItem]
    total: int
    next: str | None
    note: str | None = Field(description="Says what was left off, such as `40 of 1,312`")
    notes: list[str]


class MarkAsked(Model):
    """What a person knows of a receivable, and the paper that says so."""

    receivable: str = Field(pattern=_HEX16, description="Fact of the invoice")
    kind: Literal["confirmed", "disputed", "settled_dispute", "collected"]
    on: date = Field(ge=date(2000, 1, 1), le=date(2100, 1, 1))
    proof: str = Field(min_length=1, max_length=300, pattern=_TEXT, description="The paper that says so")
    amount_fen: int | None = Field(None, ge=1, le=10**15, description="Collected: how much; null: all of it")


class RegisterSearch(Model):
    """What the movables-finance register (中登网) answered."""

    number: str = Field(min_length=1, max_length=80, pattern=_TEXT)
    on: date = Field(ge=date(2000, 1, 1), le=date(2100, 1, 1))
    result: Literal["free", "taken"]


class RegisterEntry(Model):
    """An entry in the register."""

    number: str = Field(min_length=1, max_length=80, pattern=_TEXT)
    on: date = Field(ge=date(2000, 1, 1), le=date(2100, 1, 1))


class ClaimAsked(Model):
    """A pledge or purchase of receivables."""

    kind: Literal["pledge", "purchase"]
    holder: str = Field(min_length=1, max_length=120, pattern=_TEXT)
    receivables: list[str] = Field(min_length=1, max_length=1_000, description="Facts of the invoices")
    search: RegisterSearch
    registered: RegisterEntry | None = None


class ClaimBody(Model):
    """A claim as it stands."""

    id: str
    kind: Literal["pledge", "purchase"]
    kind_text: str
    seller: str = Field(description="Party that sold")
    holder: str
    searched_on: date
    search_number: str
    register_number: str | None
    registered_on: date | None
    amount_fen: int = Field(description="Open on the day it was made, with tax")
    receivables: list[str]
    by: str
    at: str
    released: str | None


class ClaimAnswer(Answer):
    """One claim."""

    claim: ClaimBody


class Claims(Answer):
    """Claims on what an enterprise sold, oldest first."""

    items: list[ClaimBody]
    total: int


class ReasonAsked(Model):
    """Why."""

    why: str = Field(min_length=1, max_length=500, pattern=_TEXT)
