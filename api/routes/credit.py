"""Credit: applications, decisions with reasons and evidence, their replay, objections and reviews."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Body, Header, Path, Query
from fastapi.responses import Response

from api.asking import Asked
from api.models_credit import (
    Application,
    ApplicationAsked,
    Applications,
    Decision,
    DecisionAsked,
    Decisions,
    ObjectionAsked,
    Replay,
    ReviewAsked,
    State,
    Status,
)
from api.models_credit_desk import AppealAsked, ListAsked, Listing, ListTaken, Monitoring, Policies
from api.parameters import Limit, NextPage
from api.principal import requires
from api.views.credit_desk import Counter

applications = APIRouter(prefix="/v1/applications", tags=["credit"], dependencies=[requires("credit:read")])
applying = APIRouter(prefix="/v1/applications", tags=["credit"], dependencies=[requires("credit:apply")])
decisions = APIRouter(prefix="/v1/credit/decisions", tags=["credit"], dependencies=[requires("credit:read")])
deciding = APIRouter(prefix="/v1/credit/decisions", tags=["credit"], dependencies=[requires("credit:decide")])
objecting = APIRouter(prefix="/v1/credit/decisions", tags=["credit"], dependencies=[requires("credit:apply")])
reviewing = APIRouter(
    prefix="/v1/credit/decisions", tags=["credit"], dependencies=[requires("credit:review")]
)
policies = APIRouter(prefix="/v1/credit", tags=["credit"], dependencies=[requires("credit:read")])
listing = APIRouter(prefix="/v1/credit/lists", tags=["credit"], dependencies=[requires("credit:review")])
routers = (applications, applying, decisions, deciding, objecting, reviewing, policies, listing)

ApplicationId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="Id of an application")]
DecisionId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="Id of a decision")]
Firm = Annotated[
    str | None, Query(pattern="^[0-9a-f]{16}$", description="Only of this enterprise, or of a party of it")
]
Key = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        description="The same key with the same request again gets the same answer, and it is done once",
    ),
]


@applying.post("", response_model=Application, operation_id="apply_for_credit", status_code=201)
def apply_for_credit(
    asked: Asked, application: Annotated[ApplicationAsked, Body()], idempotency_key: Key = None
) -> Response:
    """Enter an application with the applicant's consent, its purpose and its papers."""
    return _created(asked.answer(Counter(asked).apply(application, idempotency_key)))


@applications.get("", response_model=Applications, operation_id="list_applications")
def list_applications(
    asked: Asked,
    enterprise: Firm = None,
    state: Annotated[State | None, Query(description="Only in this state")] = None,
    limit: Limit = 50,
    cursor: NextPage = None,
) -> Response:
    """Applications, the newest first."""
    return asked.answer(Counter(asked).applications(enterprise, state, limit, cursor))


@applications.get("/{application}", response_model=Application, operation_id="application")
def application(asked: Asked, application: ApplicationId) -> Response:
    """An application as it stands."""
    return asked.answer(Counter(asked).application(application))


@applying.post("/{application}/withdraw", response_model=Application, operation_id="withdraw_application")
def withdraw_application(asked: Asked, application: ApplicationId) -> Response:
    """Withdraw an application that is not booked."""
    return asked.answer(Counter(asked).withdraw(application))


@deciding.post("", response_model=Decision, operation_id="decide_credit", status_code=201)
def decide_credit(
    asked: Asked, decision: Annotated[DecisionAsked, Body()], idempotency_key: Key = None
) -> Response:
    """Decide an application: approved, declined or for a person, with reasons, evidence and versions."""
    with asked.turn("decision"):
        return _created(asked.answer(Counter(asked).decide(decision, idempotency_key)))


@decisions.get("", response_model=Decisions, operation_id="list_decisions")
def list_decisions(
    asked: Asked,
    enterprise: Firm = None,
    status: Annotated[Status | None, Query(description="Only where this holds now")] = None,
    limit: Limit = 50,
    cursor: NextPage = None,
) -> Response:
    """Decisions, the newest first; those that wait for a person are `manual_review`."""
    return asked.answer(Counter(asked).decisions(enterprise, status, limit, cursor))


@decisions.get("/{decision}", response_model=Decision, operation_id="credit_decision")
def credit_decision(asked: Asked, decision: DecisionId) -> Response:
    """A decision as it was made, and what people did about it since."""
    return asked.answer(Counter(asked).decision(decision))


@decisions.get("/{decision}/replay", response_model=Replay, operation_id="replay_decision")
def replay_decision(asked: Asked, decision: DecisionId) -> Response:
    """Work a decision out again from the inputs and versions kept with it; `same` says whether it is it."""
    return asked.answer(Counter(asked).replay(decision))


@objecting.post("/{decision}/objection", response_model=Decision, operation_id="object_to_decision")
def object_to_decision(
    asked: Asked, decision: DecisionId, objection: Annotated[ObjectionAsked, Body()]
) -> Response:
    """The applicant refuses a decision that a machine made alone: a person decides now."""
    return asked.answer(Counter(asked).object_to(decision, objection))


@reviewing.post("/{decision}/review", response_model=Decision, operation_id="review_decision")
def review_decision(asked: Asked, decision: DecisionId, review: Annotated[ReviewAsked, Body()]) -> Response:
    """A person's decision on what was referred; never by who entered it, and an override is counted."""
    return asked.answer(Counter(asked).review(decision, review))


@policies.get("/policies", response_model=Policies, operation_id="credit_policies")
def credit_policies(asked: Asked) -> Response:
    """The policies in force with their rules and sources, the champion first."""
    return asked.answer(Counter(asked).policies())


@policies.get("/monitoring", response_model=Monitoring, operation_id="credit_monitoring")
def credit_monitoring(
    asked: Asked,
    since: Annotated[
        date, Query(ge=date(2000, 1, 1), le=date(2100, 1, 1), description="Set against those before it")
    ],
) -> Response:
    """How decisions move: drift with the band of chance, approval by kind of firm, overrides."""
    return asked.answer(Counter(asked).monitoring(since))


@listing.post("", response_model=ListTaken, operation_id="import_list", status_code=201)
def import_list(asked: Asked, given: Annotated[ListAsked, Body()]) -> Response:
    """Import a list of firms (black, grey, court, tax) with source and days; known entries stay."""
    return _created(asked.answer(Counter(asked).take_list(given)))


@listing.post("/{entry}/appeal", response_model=Listing, operation_id="appeal_listing")
def appeal_listing(
    asked: Asked,
    entry: Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="Id of an entry of a list")],
    appeal: Annotated[AppealAsked, Body()],
) -> Response:
    """Note an appeal about an entry: an upheld one takes its effect away."""
    return asked.answer(Counter(asked).appeal(entry, appeal))


def _created(answer: Response) -> Response:
    answer.status_code = 201
    return answer
