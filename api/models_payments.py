"""Answers about sales, payments and the four flows of a sale. Payments and receipts are with tax."""

from datetime import date
from typing import Literal

from pydantic import Field

from api.models import Answer, Model, Named

Basis = Literal["proven", "assumed", "asked"]


class SalesFigure(Model):
    """One of the three figures of a month; null amounts: no paper says."""

    amount_fen: int | None
    source: Literal["own", "part", "seen"] | None = Field(
        description="own: papers of its own cover the month; part: some days of it; seen: others' papers, "
        "so at least that much"
    )
    documents: int = Field(description="How many documents say so")
    papers: list[Named] = Field(description="The first of them, by SHA-256")


class SalesMonth(Model):
    """Sales of one month as three figures."""

    month: str
    invoiced: SalesFigure
    declared: SalesFigure
    uninvoiced_fen: int | None = Field(description="Of the declared: sales without an invoice")
    declared_months: int | None = Field(description="Months that the return covers, this one the last")
    received: SalesFigure


class Sales(Answer):
    """Sales by month, invoiced, declared and received side by side."""

    items: list[SalesMonth]
    total: int
    invoiced_basis: Literal["without_tax"] = "without_tax"
    declared_basis: Literal["without_tax"] = "without_tax"
    received_basis: Literal["with_tax"] = "with_tax"
    next: str | None = None
    note: str | None = None


class PaymentReason(Model):
    """One thing that speaks for a match or against it; what they gave adds up to the log-odds."""

    name: str
    text: str
    gave: float
    left: str | None
    right: str | None


class PaymentPaper(Named):
    """A document that shows the payment; its id is its SHA-256."""

    row: int
    way: str | None = Field(description="transfer, bill, offset, third_party, cash")
    text: str | None = Field(description="Summary and remark as printed")


class Settlement(Model):
    """So much of a payment put against an invoice or a contract."""

    payment: str = Field(description="Fact id of the movement or bill")
    invoice: str | None
    invoice_number: str | None
    contract: str | None
    contract_number: str | None
    partner: Named
    happened_on: date | None
    amount_fen: int = Field(description="With tax; negative where the seller gave money back")
    rule: str
    rule_text: str
    basis: Basis = Field(description="asked: for a person to decide; the amount counts nowhere")
    basis_text: str
    confidence: float
    reasons: list[PaymentReason]
    papers: list[PaymentPaper]


class Settlements(Answer):
    """What an enterprise was paid, or paid, and for what; latest first, a page at a time."""

    items: list[Settlement]
    total: int
    next: str | None
    note: str | None = None
