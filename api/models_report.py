"""Answers that the enterprise page has of its own: partners by month, and a buyer that pays late."""

from datetime import date
from typing import Literal

from pydantic import ConfigDict, Field

from api.models import Answer, Model, Named
from api.models_cashflow import CashShortfall


class PartnerMonth(Named):
    """One partner and the net amount of every month."""

    amount_fen: int = Field(description="Over all months, without tax")
    by_month: list[int] = Field(description="In fen, one for each of `months`")


class PartnerMonths(Answer):
    """The largest partners on one side by month, and all others together."""

    months: list[str]
    items: list[PartnerMonth]
    others_fen: list[int]
    total: int = Field(description="Partners on that side")
    amount_basis: Literal["without_tax"] = "without_tax"


class LateQuestion(Model):
    """Which buyer pays an enterprise how many days later than it was seen to."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [{"enterprise": "4a6ca9b4d70d409f", "buyer": "5b22c9c54381f9ee", "days": 30}]
        },
    )
    enterprise: str = Field(pattern="^[0-9a-f]{16}$", description="Id of the enterprise that is paid")
    buyer: str = Field(pattern="^[0-9a-f]{16}$", description="Id of the customer that pays late")
    days: int = Field(30, ge=1, le=180)
    step: Literal["week", "month"] = "month"
    horizon: int | None = Field(
        None, ge=1, le=52, description="Steps; 26 weeks or 12 months where none is said"
    )
    opening_fen: int | None = Field(
        None,
        ge=-(10**13),
        le=10**13,
        description="Balance at the data cut-off; of statements where none is said",
    )


class LateStep(Model):
    """One step as usual and with the late payments: what is expected."""

    first: date
    last: date
    usual_inflow_fen: int
    late_inflow_fen: int
    usual_balance_fen: int | None = Field(description="Null: no opening balance is known")
    late_balance_fen: int | None


class LatePayment(Answer):
    """Cash flow with and without one buyer paying late. Nothing else differs between the two."""

    enterprise: Named
    buyer: Named
    days: int
    step: Literal["week", "month"]
    items: list[LateStep]
    opening_fen: int | None
    usual_shortfall: CashShortfall | None
    late_shortfall: CashShortfall | None
    basis: Literal["own", "partial"]
    scenarios: int
    amount_basis: Literal["with_tax"] = "with_tax"
