"""Scores and what-if as models: importance, dependence, momentum; who runs short, when, and by which path."""

from datetime import date
from typing import Literal

from pydantic import Field

from api.models import Answer, Model, Named

Books = Literal["own", "partial"]


class Seated(Named):
    """A firm and where it stands in the chain that is spoken of."""

    segment: Named | None
    level: int | None
    placed: Literal["observed", "inferred"] | None = Field(
        description="Whether its own goods show its place, or its dealings do; null: it has none there"
    )


class ScoreFirm(Model):
    """A firm behind a score, as seller or buyer of so much."""

    partner: Seated
    goods: Named | None = Field(description="What mostly goes between the two")
    amount_fen: int | None = Field(description="Over the months looked at, without tax")
    share: float | None = Field(description="Null where own books do not show the whole")
    sources: int | None = Field(description="Others that it buys these goods from; null: not known")
    sellers: int | None = Field(description="Others seen to sell these goods; there may be more")
    delivering: int | None = Field(description="Of those, into its province")
    nearby: int | None = Field(description="Of those, from its city")
    path: list[Seated] = Field(description="Firms from the enterprise to this one, in the goods' direction")
    text: str


class Score(Model):
    """One figure, its basis and its reason."""

    name: str
    label: str
    chain: Named | None = Field(description="Null: of all that the firm does")
    segment: Named | None
    unit: Literal["share", "index", "count"]
    value: float | None = Field(description="Null where own books do not show it")
    at_least: float | None
    basis: Books
    reason: str = Field(description="Code of the sentence")
    text: str
    partner: Seated | None
    amount_fen: int | None
    of_fen: int | None
    count: int | None
    of_count: int | None
    months: int | None = Field(description="Months of own books that the figure rests on")


class Momentum(Model):
    """Sales of a segment's firms against the same months a year before."""

    chain: Named
    segment: Named
    value: float | None = Field(description="Growth: 0.05 is 5 % more")
    breadth: float | None = Field(description="Share of its firms that grew")
    basis: Books
    reason: str
    text: str
    firms: int = Field(description="With own sales books of the months in both years")
    of_firms: int
    growing: int
    gone: int = Field(description="With books of the year before alone")
    came: int = Field(description="With books of this year alone")
    sales_fen: int
    before_fen: int
    months: list[str]


class EnterpriseScores(Answer):
    """What an enterprise means to its chain and what it hangs on, with the firms behind each figure."""

    items: list[Score]
    total: int
    customers: list[ScoreFirm]
    suppliers: list[ScoreFirm]
    supplied: list[ScoreFirm] = Field(description="Customers kind by kind, with how else they could buy it")
    downstream: list[ScoreFirm] = Field(description="Firms reached along sole sources, the furthest first")
    momentum: list[Momentum]
    amount_basis: Literal["without_tax"] = "without_tax"


class AssumptionsAsked(Model):
    """Numbers of the model to be taken instead of the defaults."""

    cover_weeks: float | None = Field(None, ge=0, le=52)
    cover_most: float | None = Field(None, ge=0, le=52)
    spare: float | None = Field(None, ge=0, le=10)
    needed_share: float | None = Field(None, ge=0, le=1)
    mixing: float | None = Field(None, ge=0, le=1)
    cash_weeks: float | None = Field(None, ge=0, le=104)
    outlay_share: float | None = Field(None, ge=0, le=2)
    term_days: float | None = Field(None, ge=0, le=365)
    passed_on: float | None = Field(None, ge=0, le=1)
    lag_weeks: int | None = Field(None, ge=1, le=26)
    weeks: int | None = Field(None, ge=1, le=104)


class WhatIfQuestion(Model):
    """Which firm of the chain stops, or pays how many days late, and from which day on."""

    enterprise: str = Field(pattern="^[0-9a-f]{16}$", description="Id of the enterprise, or of a party of it")
    shock: Literal["stop", "late"]
    days: int | None = Field(None, ge=1, le=365, description="How late it pays")
    share: float = Field(1.0, gt=0, le=1, description="Share of the firm that stops or pays late")
    starts: date | None = Field(
        None,
        ge=date(2000, 1, 1),
        le=date(2100, 1, 1),
        description="First day; the day after the data cut-off where none is said",
    )
    assumptions: AssumptionsAsked | None = None
    limit: int = Field(40, ge=1, le=200, description="Most firms listed on each side")
    paths: int = Field(3, ge=1, le=5, description="Most paths listed for a firm")


class Assumption(Model):
    """One number that the answer rests on."""

    name: str
    label: str
    value: float
    unit: Literal["weeks", "days", "share"]
    default: bool
    text: str


class WhatIfHop(Model):
    """One link of a path, in the direction of the goods."""

    from_: Named = Field(serialization_alias="from")
    to: Named
    goods: Named | None = Field(description="The kind of goods; null on paths of money")
    items: list[str] = Field(description="What went over the link, largest first")
    months: list[str] = Field(description="Months in which the link was invoiced")
    amount_fen: int = Field(description="A week, normally")
    missing_fen: int = Field(description="Goods: in the worst week; money: not paid by the end")


class WhatIfPath(Model):
    """How a shortage comes, link by link."""

    hops: list[WhatIfHop]


class _Hit(Seated):
    """A firm that runs short."""

    week: int = Field(description="The first week short, from 1")
    begins: date = Field(description="First day of that week")
    basis: Books = Field(description="partial: its own books are not all in, and no share is told")
    text: str
    paths: list[WhatIfPath]
    paths_total: int


class ShortOfGoods(_Hit):
    """A firm that gets too little to go on as before."""

    goods: Named | None = Field(description="What it lacks first")
    peak_fen: int = Field(description="What it lacks in the worst week")
    peak_week: int
    total_fen: int = Field(description="Over all weeks looked at")
    inputs_fen: int = Field(description="What it buys in a week, as far as seen")
    share: float | None = Field(description="peak_fen of inputs_fen")
    output_lost: float | None = Field(description="Largest share of output lost")


class ShortOfMoney(_Hit):
    """A firm that is paid too little to pay as before."""

    short_fen: int = Field(description="Short in the end, after its assumed cash")
    missed_fen: int = Field(description="Not received in the end")
    outlays_fen: int = Field(description="What it pays in a week, as far as seen or assumed")
    share: float | None = Field(description="short_fen in weeks of outlays_fen")
    orders_fen: int = Field(description="A week's sales to the firm that stopped, lost")


class GoodsEffect(Model):
    """Everybody who runs short of goods, the largest shortage first."""

    items: list[ShortOfGoods]
    total: int
    peak_fen: int = Field(description="Sum over all of them, each in its worst week")
    stopped_fen: int = Field(description="What the firm no longer delivers in a week")
    outside: int = Field(description="Firms outside the chain that get less; they are not followed")
    outside_fen: int = Field(description="What these get less in the worst week")
    note: str | None = None


class MoneyEffect(Model):
    """Everybody who runs short of money, the largest shortage first."""

    items: list[ShortOfMoney]
    total: int
    short_fen: int = Field(description="Sum over all of them")
    withheld_fen: int = Field(description="What the firm itself does not pay in the end")
    orders_fen: int = Field(description="What it no longer buys in a week")
    outside: int
    outside_fen: int
    note: str | None = None


class WhatIf(Answer):
    """Who runs short where a firm stops or pays late: in which week, by how much, along which paths."""

    chain: Named
    enterprise: Seated
    shock: Literal["stop", "late"]
    days: int | None
    share: float
    starts: date
    weeks: int
    goods: GoodsEffect
    money: MoneyEffect
    assumptions: list[Assumption]
    notes: list[str]
    amount_basis: Literal["without_tax"] = "without_tax"
