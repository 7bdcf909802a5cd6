"""What only the owner of a firm asks: what is proven, what an offer comes to, taking consent back."""

from fastapi import APIRouter
from fastapi.responses import Response

from api.asking import Asked
from api.models_credit import Application
from api.models_owner import Offer, Proven
from api.parameters import EnterpriseId
from api.principal import requires
from api.routes.credit import ApplicationId, DecisionId
from api.routes.enterprises import MOVED
from api.views.credit_desk import Counter
from api.views.proven import proven

firms = APIRouter(
    prefix="/v1/enterprises", tags=["credit"], dependencies=[requires("credit:read")], responses=MOVED
)
decisions = APIRouter(prefix="/v1/credit/decisions", tags=["credit"], dependencies=[requires("credit:read")])
applying = APIRouter(prefix="/v1/applications", tags=["credit"], dependencies=[requires("credit:apply")])
routers = (firms, decisions, applying)


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


@applying.post("/{application}/consent/withdraw", response_model=Application, operation_id="withdraw_consent")
def withdraw_consent(asked: Asked, application: ApplicationId) -> Response:
    """Take back what was consented to, from now on: an application that is not booked is withdrawn with it.
    What was read before stays as it was, and a loan that runs goes on."""
    return asked.answer(Counter(asked).withdraw_consent(application))
