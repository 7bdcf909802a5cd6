"""What only the owner of a firm asks: what is proven, what an offer comes to, taking consent back."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Body, Query
from fastapi.responses import Response

from api.asking import Asked
from api.models_credit import AcceptanceAsked, Application, Decision, DecliningAsked
from api.models_owner import ConsentText, Offer, Proven
from api.parameters import EnterpriseId
from api.principal import requires
from api.routes.credit import ApplicationId, DecisionId
from api.routes.enterprises import MOVED
from api.views.consents import shown
from api.views.credit_desk import Counter
from api.views.proven import proven
from services.lending.policy import today

firms = APIRouter(
    prefix="/v1/enterprises", tags=["credit"], dependencies=[requires("credit:read")], responses=MOVED
)
decisions = APIRouter(prefix="/v1/credit/decisions", tags=["credit"], dependencies=[requires("credit:read")])
applying = APIRouter(prefix="/v1/applications", tags=["credit"], dependencies=[requires("credit:apply")])
answering = APIRouter(prefix="/v1/credit/decisions", tags=["credit"], dependencies=[requires("credit:apply")])
consents = APIRouter(prefix="/v1", tags=["credit"], dependencies=[requires("credit:read")])
routers = (consents, firms, decisions, applying, answering)


@consents.get("/consent", response_model=ConsentText, operation_id="consent_text")
def consent_text(
    asked: Asked,
    version: Annotated[
        str | None, Query(max_length=100, description="Of this version; else the one in force today")
    ] = None,
    given_on: Annotated[
        date | None, Query(ge=date(2000, 1, 1), le=date(2100, 1, 1), description="Told as given on this day")
    ] = None,
) -> Response:
    """What an owner is asked to agree to, in plain words: which data, for what, until when. An application
    names the version that was shown."""
    return asked.answer(shown(asked, version, given_on or today()))


@firms.get("/{enterprise}/proven", response_model=Proven, operation_id="enterprise_proven")
def enterprise_proven(asked: Asked, enterprise: EnterpriseId) -> Response:
    """What papers show of a firm in the last twelve months, which one paper would help most, and what can be
    applied for."""
    return asked.answer(proven(asked, asked.enterprise(enterprise)))


@decisions.get("/{decision}/offer", response_model=Offer, operation_id="decision_offer")
def decision_offer(asked: Asked, decision: DecisionId) -> Response:
    """An approved decision in yuan: rate, first instalment and all interest by way of paying back, for a loan
    that starts today. 409 where nothing is offered, or no longer."""
    return asked.answer(Counter(asked).offer(decision))


@answering.post("/{decision}/acceptance", response_model=Decision, operation_id="accept_offer")
def accept_offer(
    asked: Asked, decision: DecisionId, acceptance: Annotated[AcceptanceAsked, Body()]
) -> Response:
    """The customer takes what an approved decision offers: the owner, or the bank in their place
    with the reason how it knows. Sent twice it is one. 409 where it was turned down, withdrawn, ended, is
    another offer by now, or consent was taken back."""
    return asked.answer(Counter(asked).answer_offer(decision, "accepted", acceptance))


@answering.post("/{decision}/declining", response_model=Decision, operation_id="decline_offer")
def decline_offer(
    asked: Asked, decision: DecisionId, declining: Annotated[DecliningAsked, Body()]
) -> Response:
    """The customer turns an offer down, with a reason if they like: the application is withdrawn with it.
    Sent twice it is one; who has taken the offer withdraws the application instead."""
    wish = AcceptanceAsked(why=declining.why)
    return asked.answer(Counter(asked).answer_offer(decision, "declined", wish))


@applying.post("/{application}/consent/withdraw", response_model=Application, operation_id="withdraw_consent")
def withdraw_consent(asked: Asked, application: ApplicationId) -> Response:
    """Take back what was consented to, from now on: an application that is not booked is withdrawn with it.
    What was read before stays as it was, and a loan that runs goes on."""
    return asked.answer(Counter(asked).withdraw_consent(application))
