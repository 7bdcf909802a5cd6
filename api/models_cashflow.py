"""Cash flow as models: the question, and inflow, outflow and balance step by step with what they rest on."""

from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from api.models import Answer, Model, Named

_Id = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
_Level = Annotated[int, Field(ge=50, le=99)]
#: A hundred billion yuan either way.
_MOST_FEN = 10_000_000_000_000


class CashflowQuestion(Model):
    """Whose cash, from which day, how far: give one of enterprise, chain and portfolio."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"enterprise": "4a6ca9b4d70d409f", "step": "month", "horizon": 12, "opening_fen": 50_000_000}
            ]
        },
    )
    enterprise: _Id | None = Field(
        None, description="Id of an enterprise, or of any party that belongs to it"
    )
    chain: str | None = Field(None, pattern="^[a-z0-9-]{1,60}$", description="Id of an industry chain")
    portfolio: list[_Id] | None = Field(None, min_length=1, description="Ids of enterprises")
    as_of: date | None = Field(
        None,
        ge=date(2000, 1, 1),
        le=date(2100, 1, 1),
        description="Only what was known on that day counts; the data cut-off where none is said",
    )
    step: Literal["day", "week", "month"] = "month"
    horizon: int | None = Field(
        None, ge=1, le=400, description="Steps; 90 days, 26 weeks or 12 months where none is said"
    )
    opening_fen: int | None = Field(
        None, ge=-_MOST_FEN, le=_MOST_FEN, description="Balance on as_of; of statements where none is said"
    )
    levels: list[_Level] = Field(
        [80, 90, 95], min_length=1, max_length=5, description="Of intervals, in percent"
    )


class CashInterval(Model):
    """An interval and the share of cases it is meant to hold, in percent."""

    level: int
    low_fen: int
    high_fen: int


class CashAmount(Model):
    """What is expected (adds up over steps and firms) and how far it may lie off (does not)."""

    expected_fen: int
    intervals: list[CashInterval]


class CashStep(Model):
    """One day, week or month; the first and last may be cut short."""

    first: date
    last: date
    inflow: CashAmount
    outflow: CashAmount
    balance: CashAmount | None = Field(
        description="At the end of its last day; null: no opening balance is known"
    )


class CashSide(Model):
    """One side over all steps."""

    expected_fen: int
    known_fen: int = Field(description="Of it from known flows: invoices, contracts, bills, what comes back")
    known_share: float | None = Field(description="Null where nothing is expected")


class CashShortfall(Model):
    """Whether and when the balance falls below nothing."""

    probability: float
    basis: Literal["own", "partial"] = Field(
        description="partial: outlays are not all seen, it is at least so likely"
    )
    likely_on: date | None = Field(
        description="The first day, in the middle of the scenarios that fall short"
    )
    from_on: date | None = Field(description="A tenth of those lie before")
    until_on: date | None = Field(description="A tenth of those lie after")
    expected_on: date | None = Field(description="The first day on which the expected balance does")
    needed_fen: int = Field(description="Short at worst in 95 % of scenarios")
    text: str


class CashKnown(Model):
    """A known flow to come."""

    kind: str
    label: str
    direction: Literal["in", "out"]
    on: date = Field(description="Banking day it is expected on, the first of several")
    until: date | None = Field(description="The last of several")
    count: int
    amount_fen: int
    basis: str
    basis_label: str
    partner: Named | None
    fact: str | None = Field(description="Id of the paper's fact, where there is one")


class PaymentDelay(Model):
    """How many days one firm takes to pay another; null where that share never pays."""

    seller: Named
    buyer: Named
    low_days: int | None = Field(description="A tenth is paid by then")
    median_days: int | None
    high_days: int | None = Field(description="Nine tenths are paid by then")
    settles_in_month: int | None = Field(description="Paid in that month of the year, whenever invoiced")
    basis: Literal["edge", "buyer", "pool", "assumption"]
    basis_label: str
    payments: int
    open_invoices: int
    text: str


class CashHabit(Model):
    """When in the year the firm buys, ships or is paid most."""

    what: Literal["buys", "ships", "paid"]
    months: list[int]
    share: float | None
    reason: str
    text: str


class CashFixed(Model):
    """What it pays every month or quarter."""

    kind: str
    every_months: int
    day: int
    amount_fen: int
    partner: Named | None
    text: str


class CashCoverage(Model):
    """How much an interval held when it was tried."""

    level: int
    held: float


class CashAccuracy(Model):
    """How good the forecast of invoices was, at a level and horizon that are named."""

    side: Literal["sales", "purchases"]
    level: Literal["firm_month", "sum_month"]
    horizon_months: str
    accuracy: float | None = Field(description="1 - WAPE; null where errors exceed the amounts")
    firms: int
    months: int
    coverage: list[CashCoverage]
    text: str


class CalendarMark(Model):
    """A holiday, a date of law or a season within the horizon."""

    kind: Literal["holiday", "worked", "tax_due", "social_due", "season"]
    name: str
    label: str
    first: date
    last: date
    announced: bool


class CashNote(Model):
    """Something that the figures do not show."""

    code: str
    firms: int
    text: str


class CashOf(Model):
    """Whose cash it is."""

    kind: Literal["enterprise", "chain", "portfolio"]
    label: str
    id: str | None
    name: str | None
    firms: int
    partial_firms: int = Field(description="Of them on partial books")


class CashForecast(Answer):
    """Inflow, outflow and balance by step, with intervals, and what they rest on."""

    of: CashOf
    day: date = Field(description="The day from which it looks ahead")
    start: date
    until: date
    step: Literal["day", "week", "month"]
    basis: Literal["own", "partial"]
    amount_basis: Literal["with_tax"] = "with_tax"
    opening_fen: int | None
    opening_on: date | None
    opening_basis: Literal["given", "statement"] | None
    items: list[CashStep]
    inflow: CashSide
    outflow: CashSide
    shortfall: CashShortfall | None = Field(description="Null: no opening balance is known")
    known: list[CashKnown]
    known_total: int = Field(description="Known flows in all, of which the list holds the first")
    delays: list[PaymentDelay] = Field(description="Of a single enterprise, largest partners first")
    delays_total: int
    habits: list[CashHabit]
    fixed: list[CashFixed]
    accuracy: list[CashAccuracy]
    calendar: list[CalendarMark]
    notes: list[CashNote]
    scenarios: int
    policy: str = Field(description="Version of the assumptions")
