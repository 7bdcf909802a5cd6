"""What the owner of a firm is told as models: what is proven, and an offer down to its first instalment."""

from datetime import date
from typing import Literal

from pydantic import Field

from api.models import Answer, Model, Named
from api.models_credit import ConsentPurpose, DataKind, ProductName
from api.models_lending import Method

Line = Literal["sales", "purchases", "buyers", "suppliers", "payments", "contracts"]
PaperKind = Literal["sales_book", "purchase_book", "statements", "contracts", "confirmation"]


class ConsentPart(Model):
    """One thing that the owner agrees to, in plain words."""

    code: str
    title: str
    text: str


class ConsentText(Answer):
    """What an owner is asked to agree to; a consent given today begins and ends on the days told."""

    version: str = Field(description="What an application names as the text that was agreed to")
    scope: list[DataKind] = Field(description="Which data")
    purpose: ConsentPurpose
    given_on: date
    until: date = Field(description="Last day")
    parts: list[ConsentPart]
    machine: str = Field(description="That a machine answers first, and what to do about it")
    law: str
    source: str
    reread: bool = Field(description="To be read again from an official copy")


class ProvenLine(Model):
    """One thing that papers show of the firm in the last twelve months."""

    code: Line
    text: str
    proven: bool = Field(description="Whether it is enough for a decision")
    count: int
    of: int | None = Field(description="Months that would be whole; null where nothing bounds it")
    feature: str | None = Field(description="Feature that shows what it rests on")


class PaperWanted(Model):
    """The one paper that would help most."""

    code: PaperKind
    text: str = Field(description="What to hand in")
    why: str


class ProductOffered(Model):
    """What can be applied for, within which bounds."""

    product: ProductName
    text: str
    least_fen: int
    most_fen: int
    least_months: int
    most_months: int


class Proven(Answer):
    """What is proven of a firm, and which one paper would help most."""

    enterprise: Named
    lines: list[ProvenLine]
    best: PaperWanted | None = Field(description="Null where nothing is wanting")
    products: list[ProductOffered]


class OfferWay(Model):
    """One way to pay back, in figures; all of it paid out on `starts_on`."""

    method: Method
    method_text: str
    first_due_on: date
    first_fen: int = Field(description="The first instalment, interest included")
    last_due_on: date
    last_fen: int
    instalments: int
    interest_fen: int = Field(description="All interest together")
    total_fen: int


class Offer(Answer):
    """What an approved decision offers. The bank pays out when the contract is signed: dates are those of
    a loan that starts on `starts_on`."""

    decision: str
    amount_fen: int
    rate: str = Field(description="Annual, simple: 0.0585 is 5.85 %")
    months: int
    valid_until: date
    starts_on: date
    day_count: int
    ways: list[OfferWay]
