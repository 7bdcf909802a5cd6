"""Proofs: what a figure that no single paper holds was worked out from; each row opens the next step."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.asking import Asked
from api.models_cashflow import CashflowQuestion
from api.models_proofs import WorkedProof
from api.models_report import LateQuestion
from api.models_scores import WhatIfQuestion
from api.models_wealth import Level, WealthQuestion
from api.principal import requires
from api.routes.wealth import planned
from api.routes.whatif import worked_out
from api.views import (
    proofs_alike,
    proofs_cash,
    proofs_exposure,
    proofs_hit,
    proofs_pair,
    proofs_receivables,
    proofs_scores,
    proofs_wealth,
)
from api.views.reviews import Reader
from api.views.reviews import review as one_review

_MONTH = "(19|20)[0-9]{2}-(0[1-9]|1[0-2])"
_HEX = "^[0-9a-f]{16}$"
_NAME = "^[a-z0-9_]{1,60}$"
_SLUG = "^[a-z0-9-]{1,60}$"
_MOST = 10_000_000_000_000


def _router(*scopes: str) -> APIRouter:
    return APIRouter(
        prefix="/v1/proofs", tags=["enterprises"], dependencies=[requires(one) for one in scopes]
    )


graph, cash, lending, wealth = (
    _router("graph:read"),
    _router("cashflow:read"),
    _router("portfolios:read"),
    _router("wealth:read", "cashflow:read"),
)
routers = (graph, cash, lending, wealth)

Firm = Annotated[str, Query(pattern=_HEX, description="Id of the enterprise, or of a party of it")]
Step = Annotated[Literal["week", "month"], Query(description="Step of the path")]
Opening = Annotated[
    int | None, Query(ge=-_MOST, le=_MOST, description="Opening balance; of statements where none is said")
]
First = Annotated[
    date | None,
    Query(
        ge=date(2000, 1, 1),
        le=date(2100, 1, 1),
        description="First day of one step; all of them where none is said",
    ),
]


@lending.get("/exposure", response_model=WorkedProof, operation_id="proof_of_exposure")
def exposure(
    asked: Asked,
    enterprise: Firm,
    dimension: Annotated[str, Query(pattern=_NAME, description="Dimension of the limit")],
    subject: Annotated[
        str, Query(max_length=80, description="What the limit is about, as exposures name it")
    ],
    over: Annotated[Literal["house", "portfolio"] | None, Query(description="Over what the limit is")] = None,
    portfolio: Annotated[
        str | None, Query(pattern=_HEX, description="The portfolio; the firm's own where none is said")
    ] = None,
) -> Response:
    """The use of a limit as it is now: the loans and approvals that make it, and the rule that sets it."""
    firm = asked.partner(enterprise)
    return asked.answer(proofs_exposure.exposure(asked, firm, dimension, subject, over, portfolio))


@cash.get("/cash", response_model=WorkedProof, operation_id="proof_of_cash")
def cash_path(
    asked: Asked,
    enterprise: Firm,
    flow: Annotated[Literal["inflow", "outflow", "balance"], Query(description="Which figure of the path")],
    step: Step = "month",
    first: First = None,
    opening_fen: Opening = None,
) -> Response:
    """A figure of a cash path: known flows one by one, features behind its forecast, scenarios, seed."""
    firm = asked.partner(enterprise)
    question = CashflowQuestion.model_validate(
        {"enterprise": enterprise, "step": step, "opening_fen": opening_fen}
    )
    with asked.turn("forecast"):
        return asked.answer(proofs_cash.cash(asked, firm, question, flow, first))


@cash.get("/late", response_model=WorkedProof, operation_id="proof_of_lateness")
def late(
    asked: Asked,
    enterprise: Firm,
    buyer: Annotated[str, Query(pattern=_HEX, description="Id of the customer that pays late")],
    days: Annotated[int, Query(ge=1, le=180, description="How many days later")] = 30,
    step: Step = "month",
    first: First = None,
    opening_fen: Opening = None,
    flow: Annotated[Literal["inflow", "balance"], Query(description="Which figure")] = "inflow",
) -> Response:
    """What one buyer's lateness moves, step by step, and the open invoices that it holds up."""
    question = LateQuestion.model_validate(
        {"enterprise": enterprise, "buyer": buyer, "days": days, "step": step, "opening_fen": opening_fen}
    )
    with asked.turn("forecast"):
        return asked.answer(proofs_cash.late(asked, question, first, flow == "balance"))


@lending.get("/receivables", response_model=WorkedProof, operation_id="proof_of_receivables")
def receivables(
    asked: Asked,
    enterprise: Firm,
    measure: Annotated[
        Literal["open", "proven", "eligible", "if_proven", "overdue", "dso_days", "dilution", "top5_share"],
        Query(description="Which sum or ratio"),
    ],
    buyer: Annotated[str | None, Query(pattern=_HEX, description="Of this buyer alone")] = None,
    bucket: Annotated[
        Literal["d0_30", "d31_60", "d61_90", "d91_180", "d181_365", "d366"] | None,
        Query(description="Of this age alone"),
    ] = None,
) -> Response:
    """A sum of receivables, invoice by invoice; a ratio with what enters it."""
    firm = asked.partner(enterprise)
    of = None if buyer is None else asked.counterparty(buyer)
    return asked.answer(proofs_receivables.receivables(asked, firm, measure, of, bucket))


@graph.get("/momentum", response_model=WorkedProof, operation_id="proof_of_momentum")
def momentum(
    asked: Asked,
    chain: Annotated[str, Query(pattern=_SLUG, description="Id of the chain")],
    segment: Annotated[str, Query(pattern=_SLUG, description="Id of the segment")],
) -> Response:
    """The firms behind the momentum of a segment, with their sales in both years; each opens its months."""
    return asked.answer(proofs_scores.momentum(asked, chain, segment))


@graph.get("/sold", response_model=WorkedProof, operation_id="proof_of_sales")
def sold(
    asked: Asked,
    enterprise: Firm,
    months: Annotated[
        str,
        Query(pattern=f"^{_MONTH}(,{_MONTH}){{0,47}}$", description="Months, with commas between"),
    ],
) -> Response:
    """What a firm sold in some months: month by month, and link by link."""
    return asked.answer(proofs_scores.sold(asked, asked.partner(enterprise), months.split(",")))


@graph.get("/score", response_model=WorkedProof, operation_id="proof_of_score")
def score(
    asked: Asked,
    enterprise: Firm,
    name: Annotated[str, Query(pattern=_NAME, description="Name of the score")],
    chain: Annotated[
        str | None, Query(pattern=_SLUG, description="Id of the chain, where it has one")
    ] = None,
    segment: Annotated[
        str | None, Query(pattern=_SLUG, description="Id of the segment, where it has one")
    ] = None,
) -> Response:
    """The firms behind a score; each opens its link."""
    return asked.answer(proofs_scores.score(asked, asked.partner(enterprise), name, chain, segment))


@graph.get("/seat", response_model=WorkedProof, operation_id="proof_of_seat")
def seat(
    asked: Asked,
    enterprise: Firm,
    chain: Annotated[
        str | None, Query(pattern=_SLUG, description="Id of the chain; the surest where none is said")
    ] = None,
) -> Response:
    """A firm's place in a chain: its path of goods, what speaks for it, and the model that said so."""
    return asked.answer(proofs_scores.seat(asked, asked.partner(enterprise), chain))


@graph.get("/alike", response_model=WorkedProof, operation_id="proof_of_likeness")
def alike(
    asked: Asked,
    enterprise: Firm,
    other: Annotated[str, Query(pattern=_HEX, description="Id of the firm that trades alike")],
) -> Response:
    """What makes two firms alike: customers and suppliers that both deal with, each opening its link."""
    return asked.answer(proofs_alike.alike(asked, asked.partner(enterprise), asked.partner(other)))


@graph.get("/suggested", response_model=WorkedProof, operation_id="proof_of_suggestion")
def suggested(
    asked: Asked,
    enterprise: Firm,
    partner: Annotated[str, Query(pattern=_HEX, description="Id of the firm that it may deal with")],
) -> Response:
    """The observed links that speak for and against a link that nobody reported."""
    return asked.answer(proofs_alike.suggested(asked, asked.partner(enterprise), asked.partner(partner)))


@graph.get("/hit", response_model=WorkedProof, operation_id="proof_of_hit")
def hit(
    asked: Asked,
    chain: Annotated[str, Query(pattern=_SLUG, description="Id of the chain")],
    enterprise: Firm,
    side: Annotated[Literal["goods", "money"], Query(description="What it runs short of")],
    shock: Annotated[Literal["stop", "late"], Query(description="What happens to the enterprise")] = "stop",
    days: Annotated[int | None, Query(ge=1, le=365, description="How late it pays")] = None,
    hit: Annotated[str | None, Query(pattern=_HEX, description="One firm that is hit; null: all")] = None,
) -> Response:
    """The links by which a shortage comes to a firm in a what-if, and the assumptions it rests on."""
    question = WhatIfQuestion.model_validate(
        {"enterprise": enterprise, "shock": shock, "days": days, "limit": 200}
    )
    told = worked_out(asked, chain, question)
    given: dict[str, object] = {"chain": chain, "enterprise": enterprise, "shock": shock, "days": days}
    return asked.answer(proofs_hit.hit(asked, told, given, side, hit))


@graph.get("/pair", response_model=WorkedProof, operation_id="proof_of_pair")
def pair(asked: Asked, review: Annotated[str, Query(pattern=_HEX, description="Id of a review")]) -> Response:
    """What would move if two names were one firm: the invoices of either side."""
    found = one_review(asked.snapshot, asked.ledger, review, Reader(asked.lang))
    return asked.answer(proofs_pair.pair(asked, found))


@wealth.get("/wealth", response_model=WorkedProof, operation_id="proof_of_wealth")
def wealth_plan(
    asked: Asked,
    enterprise: Firm,
    level: Annotated[Level, Query(description="The customer's risk level")],
    assessor: Annotated[str, Query(min_length=1, max_length=100, description="Who assessed")],
    assessed_on: Annotated[date, Query(ge=date(2000, 1, 1), le=date(2100, 1, 1), description="When")],
    expires_on: Annotated[
        date, Query(ge=date(2000, 1, 1), le=date(2100, 1, 1), description="Until when it holds")
    ],
    horizon_days: Annotated[int, Query(ge=7, le=365, description="Days looked ahead")] = 180,
    opening_fen: Annotated[int | None, Query(ge=0, le=_MOST, description="Balance on the day")] = None,
    reserve_fen: Annotated[int, Query(ge=0, le=_MOST, description="Stays outside the plan")] = 0,
    rung: Annotated[int | None, Query(ge=0, le=500, description="One rung of the plan, from 0")] = None,
) -> Response:
    """A figure of a plan of idle money, worked out again: cash path, product, customer, draws."""
    assessed = {"level": level, "assessor": assessor, "assessed_on": assessed_on, "expires_on": expires_on}
    question = WealthQuestion.model_validate(
        {
            "enterprise": enterprise,
            "customer": {"assessment": assessed},
            "horizon_days": horizon_days,
            "opening_fen": opening_fen,
            "reserve_fen": reserve_fen,
        }
    )
    return asked.answer(proofs_wealth.wealth(asked, question, planned(asked, question), rung))
