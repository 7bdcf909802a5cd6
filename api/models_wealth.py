"""Wealth as models: who asks, the plan of idle money with its scenarios, and a product's own flows.

Amounts are int64 fen with tax; rates are yearly shares as exact decimals in strings ("0.0231" is 2.31 %).
No yield is promised: benchmarks carry period and warning, our own figures are scenario calculations.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from api.models import Answer, Model, Named

Level = Literal["C1", "C2", "C3", "C4", "C5"]
_Fen = Annotated[int, Field(ge=0, le=10_000_000_000_000)]
_Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 1, 1))]
_Days = Annotated[list[_Fen], Field(min_length=7, max_length=365)]
_Scenarios = Annotated[list[_Days], Field(min_length=1, max_length=1_000)]


class AssessmentGiven(Model):
    """A risk assessment of the customer."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    level: Level
    assessor: str = Field(min_length=1, max_length=100, description="Who assessed")
    assessed_on: _Day
    expires_on: _Day


class CustomerGiven(Model):
    """The customer: the assessment in force and the declared class."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    assessment: AssessmentGiven | None = Field(
        None, description="Without one, or once it has expired, nothing may be proposed"
    )
    investor_class: Literal["ordinary", "professional"] = "ordinary"
    individual_business: bool | None = Field(
        None, description="个体工商户: counts as a natural person; null: by the enterprise's legal form"
    )


class PathGiven(Model):
    """A cash path of one's own: scenarios of daily flows from the day after `as_of` on."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    inflow_fen: _Scenarios
    outflow_fen: _Scenarios


class WealthQuestion(Model):
    """Whose idle money, how much of it, for how long."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "enterprise": "4a6ca9b4d70d409f",
                    "customer": {
                        "assessment": {
                            "level": "C2",
                            "assessor": "branch 12",
                            "assessed_on": "2025-09-01",
                            "expires_on": "2026-08-31",
                        },
                        "investor_class": "ordinary",
                    },
                    "horizon_days": 180,
                    "opening_fen": 500_000_000,
                }
            ]
        },
    )
    enterprise: str | None = Field(
        None, pattern="^[0-9a-f]{16}$", description="Id of the enterprise, or of a party of it"
    )
    cash_path: PathGiven | None = Field(None, description="Instead of an enterprise")
    as_of: _Day | None = Field(
        None, description="The day it is asked on; the data cut-off where none is said"
    )
    customer: CustomerGiven
    horizon_days: int = Field(180, ge=7, le=365)
    opening_fen: _Fen | None = Field(None, description="Balance on as_of; of statements where none is said")
    amount_fen: Annotated[int, Field(ge=1, le=10_000_000_000_000)] | None = Field(
        None, description="To be placed; all of the balance but the reserve where none is said"
    )
    reserve_fen: _Fen = Field(0, description="Stays outside the plan and pays first")
    listed: int = Field(20, ge=0, le=200, description="Most products of the shortlist in the answer")


class Benchmark(Model):
    """What a product compares itself with. No promise."""

    kind: Literal["benchmark", "seven_day"]
    label: str
    low: str
    high: str
    since: date = Field(description="First day of the period that it holds for")
    until: date | None
    warning: str


class Product(Named):
    """A product of the shelf, as its issuer describes it."""

    issuer: str
    kind: Named
    form: Named
    level: Literal["R1", "R2", "R3", "R4", "R5"]
    audience: Named
    investors: Named
    lock_days: int = Field(description="Closed period or least holding")
    notice_days: int
    confirm_days: int = Field(description="Exchange days from an order to buy to its confirmation")
    settle_days: int = Field(description="Exchange days from an order of redemption to the money (T+N)")
    quick_cap_fen: int | None = Field(description="Most that leaves at once on a day; null: nothing does")
    benchmark: Benchmark
    least_fen: int
    step_fen: int
    most_fen: int | None
    subscribe_rate: str
    redeem_rate: str
    manage_rate: str
    synthetic: bool


class Rung(Model):
    """So much in this product until then."""

    product: Product
    amount_fen: int
    share: float
    buy_on: date
    until: date = Field(description="Asked back on that day at the earliest")
    money_on: date = Field(description="The money is there")
    scenario_rate: str = Field(description="情景测算: yearly, net of fees; no promise")
    text: str


class FreeOn(Model):
    """What is free in all from a day on, and what nineteen of twenty scenarios need by then."""

    day: date
    free_fen: int
    needed_fen: int


class Scenario(Model):
    """情景测算 of the whole plan: yearly, over scenarios that did not make it."""

    label: str
    rate: str
    low: str = Field(description="A tenth of scenarios lie below")
    middle: str
    high: str
    open_products_rate: str = Field(description="Of open products alone, for the same needs")
    scenarios: int
    text: str


class Risk(Model):
    """What may go wrong, counted in scenarios that did not make the plan."""

    shortfall_probability: float = Field(description="Money is locked when it is needed")
    short_anyway_probability: float = Field(description="More is needed than there is, whatever is done")
    loss_probability: float = Field(description="Less is there in the end than was placed")
    cvar_share: float = Field(description="Mean over the worst twentieth of what is missing, of the money")
    cvar_limit: float
    cvar_fen: int
    scenarios: int
    text: str


class MatchCounts(Model):
    """From the shelf to the plan."""

    shelf: int
    suitable: int
    in_time: int
    shortlist: int
    text: str


class CustomerTold(Model):
    """What was taken of the customer."""

    level: Level
    highest_product: Literal["R1", "R2", "R3", "R4", "R5"]
    assessor: str
    assessed_on: date
    expires_on: date
    investor_class: Named
    natural_person: bool


class WealthWarning(Model):
    """Something about the data that whoever reads the answer must know, by code and sentence."""

    code: str
    text: str


class WealthMatch(Answer):
    """A plan of idle money: how much in what until when, what it may yield, and what may go wrong."""

    enterprise: Named | None
    day: date = Field(description="The day from which the cash path looks ahead")
    proposed_on: date = Field(
        description="The day by which assessment and products are judged: today; of synthetic data, `day`"
    )
    start: date
    until: date
    customer: CustomerTold
    basis: Literal["own", "partial", "given"]
    opening_fen: int | None
    amount_fen: int
    reserve_fen: int
    counts: MatchCounts
    rungs: list[Rung]
    account_fen: int
    account_text: str
    free: list[FreeOn]
    scenario: Scenario
    risk: Risk
    shortlist: list[Product]
    shortlist_total: int
    synthetic: bool
    policy: str
    notes: list[str]
    warnings: list[WealthWarning] = Field(description="About the age of the data")
    amount_basis: Literal["with_tax"] = "with_tax"


class FlowInterval(Model):
    """Expected, and an 80 % interval."""

    expected_fen: int
    low_fen: int
    high_fen: int


class FlowDay(Model):
    """One day to come."""

    day: date
    trading: bool
    subscribed: FlowInterval
    redeemed: FlowInterval


class FlowWeek(Model):
    """One week to come, and what may and must be sold in it."""

    first: date
    last: date
    subscribed: FlowInterval
    redeemed: FlowInterval
    size: FlowInterval = Field(description="At the end of the week, when quotas are kept")
    quota_fen: int = Field(
        description="The most that may be sold: nine in ten sizes stay below the band's end"
    )
    needed_fen: int = Field(
        description="To be sold so that nine in ten sizes stay above the band's beginning"
    )


class FlowAccuracy(Model):
    """How far past forecasts of the same product lay off (WAPE per day), beside the simplest rival."""

    side: Literal["subscribed", "redeemed"]
    wape: float
    rival_wape: float = Field(description="Median of the last four days of that weekday")


class ProductFlows(Answer):
    """Subscriptions and redemptions to come, and the sales quota that keeps a product's size in its band."""

    product: Product
    day: date
    size_fen: int
    band_low_fen: int
    band_high_fen: int
    days: list[FlowDay]
    weeks: list[FlowWeek]
    accuracy: list[FlowAccuracy]
    interval_level: int
    interval_held: float = Field(description="Share of the later half of past days that the intervals held")
    known_holders: int
    known_share: float = Field(description="Share of the product in the hands of firms with a cash path")
    synthetic: bool
    notes: list[str]
    warnings: list[WealthWarning] = Field(description="About the age of the data")
    amount_basis: Literal["with_tax"] = "with_tax"
