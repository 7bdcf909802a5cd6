"""Applications and credit decisions as models: what is asked, and the answer with its reasons.

Amounts are int64 fen; `rate` and what goes with it are exact decimals as strings, annualised and simple.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from api.models import Answer, Model, Named
from api.models_lending import Method, OfferAnswer

Status = Literal["approved", "declined", "manual_review"]
State = Literal["applied", "decided", "booked", "withdrawn"]
ProductName = Literal["working_capital", "receivables", "order"]
Purpose = Literal[
    "raw_materials", "orders", "wages", "rent_utilities", "tax", "other_working_capital",
    "fixed_assets", "equity", "securities", "property", "lending_on",
]  # fmt: skip
DataKind = Literal["enterprise_graph", "invoices", "bank_statements", "credit_bureau"]
ConsentPurpose = Literal["credit_decision", "after_loan", "marketing"]
_FIRST, _LAST = date(2000, 1, 1), date(2100, 1, 1)


class ConsentGiven(Model):
    """What the applicant agreed to, and until when (last day)."""

    text: str = Field(min_length=1, max_length=100, description="Version of the text that was agreed to")
    scope: list[DataKind] = Field(min_length=1, max_length=10, description="Which data")
    purpose: ConsentPurpose
    given_on: date = Field(ge=_FIRST, le=_LAST)
    until: date = Field(ge=_FIRST, le=_LAST)


class ApplicationAsked(Model):
    """An application for credit."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "enterprise": "5b22c9c54381f9ee",
                    "product": "working_capital",
                    "amount_fen": 50_000_000,
                    "months": 12,
                    "purpose": "raw_materials",
                    "consent": {
                        "text": "consent-2026-1",
                        "scope": ["enterprise_graph", "invoices", "bank_statements"],
                        "purpose": "credit_decision",
                        "given_on": "2026-11-22",
                        "until": "2027-11-21",
                    },
                }
            ]
        },
    )

    enterprise: str = Field(pattern="^[0-9a-f]{16}$", description="Id of the enterprise, or of a party of it")
    product: ProductName = "working_capital"
    amount_fen: int = Field(gt=0, le=10**15)
    months: int = Field(ge=1, le=360)
    purpose: Purpose
    consent: ConsentGiven
    documents: list[Annotated[str, Field(pattern="^[0-9a-f]{64}$")]] = Field(
        default=[], max_length=200, description="SHA-256 of papers handed in with it"
    )


class AcceptanceAsked(Model):
    """The customer takes an offer."""

    amount_fen: int | None = Field(
        default=None,
        gt=0,
        le=10**15,
        description="What was offered when they looked; another offer by now: 409",
    )
    method: Method | None = Field(default=None, description="The way of paying back that they choose")
    why: str = Field(
        default="",
        max_length=2_000,
        description="How the bank knows; wanted of everybody but the owner of the firm",
    )


class DecliningAsked(Model):
    """The customer turns an offer down."""

    why: str = Field(
        default="",
        max_length=2_000,
        description="A reason, if any; wanted of everybody but the owner of the firm",
    )


class Application(Answer):
    """An application as it stands."""

    id: str
    enterprise: Named = Field(description="The enterprise that the applicant belongs to now")
    party: str = Field(description="Id of the party that applied; it never changes")
    product: ProductName
    product_text: str
    amount_fen: int
    months: int
    purpose: Purpose
    purpose_text: str
    consent: ConsentGiven
    documents: list[str]
    by: str
    at: datetime
    state: State
    state_text: str
    decision: str | None = Field(description="Id of the decision on it, if any")
    consent_ended: datetime | None = Field(description="When the applicant took the consent back")
    entered_as: Literal["bank", "owner"] = Field(description="By whom it was entered")
    offer_answer: OfferAnswer | None = Field(description="What the customer said to the offer, if anything")


class Applications(Answer):
    """Applications, the newest first."""

    items: list[Application]
    total: int = Field(description="In this answer")
    next: str | None = None


class DecisionAsked(Model):
    """Which application is to be decided."""

    application: str = Field(pattern="^[0-9a-f]{16}$")
    as_of: date | None = Field(
        default=None,
        ge=_FIRST,
        le=_LAST,
        description="The snapshot's cut-off, or none: no other day is decided from",
    )
    machine_refused: bool = Field(
        default=False,
        description="The applicant refuses a decision made by a machine alone: a person decides",
    )


class Reason(Model):
    """One reason: a stable code with its values, and the sentence."""

    code: str
    text: str
    feature: str | None
    value: float | None = None
    direction: Literal["raises_risk", "lowers_risk"]
    contribution: float | None = Field(description="Log odds of default; null where a rule speaks")
    basis: Literal["observed", "inferred"] = "observed"
    evidence_ids: list[str] = Field(description="Facts behind it; a sample where there are many")
    params: dict[str, Any] = Field(default={})


class LimitPart(Model):
    """One figure that bounds the limit: amount = base × share."""

    name: str
    base_fen: int | None
    share: float | None
    amount_fen: int | None
    applies: bool = Field(description="Whether this product's limit is bound by it")
    reason: str | None = Field(description="Why it is not known")
    text: str


class LimitTold(Model):
    """The limit, the figure that binds it, and its arithmetic."""

    amount_fen: int = Field(description="0 where declined; a proposal where a person decides")
    proposed_fen: int = Field(description="What the arithmetic gives, whatever the status")
    bound_by: str
    parts: list[LimitPart]


class RateTold(Model):
    """What the rate rests on."""

    lpr: str
    over_lpr_bp: int
    lpr_since: date
    lpr_source: str
    lpr_reread: bool = Field(description="To be read again from an official copy")
    lpr_stale: bool = Field(description="No LPR of that day is known: the last one is used")
    text: str


class Requested(Model):
    """What was asked for."""

    amount_fen: int
    months: int
    product: ProductName


class DealingTold(Model):
    """What one partner adds, and what the answer would be without it."""

    partner: Named
    side: Literal["customer", "supplier"]
    count: int = Field(description="Invoices in the last twelve months")
    months: int
    amount_fen: int = Field(description="In those months, net, without tax")
    partner_grade: str | None
    effect: float = Field(description="Added to the probability that the firm pays; below 0: taken away")
    sound: float = Field(description="Probability that the firm pays")
    sound_without: float = Field(description="The same without this partner")
    score_without: int
    evidence_ids: list[str]
    text: str


class ObservedOnly(Model):
    """The result on observed links alone."""

    pd: float
    score: int
    grade: str
    model: Literal["pass", "refer", "decline"]
    inferred: list[str] = Field(description="Features that rest on inference here")


class ExposureUse(Model):
    """A limit on exposure and its use before and after this decision."""

    dimension: str
    dimension_text: str
    subject: str
    subject_text: str
    subject_enterprise: str | None = Field(description="The enterprise that the subject's name is taken from")
    over: str | None = Field(None, description="house | portfolio; null in older decisions")
    over_text: str | None
    limit_fen: int
    before_fen: int
    after_fen: int
    source: str


class Audit(Model):
    """What one rule said."""

    rule: str
    outcome: Literal["pass", "cut", "refer", "decline", "unknown"]
    outcome_text: str
    params: dict[str, Any]


class Event(Model):
    """What a person did about the decision."""

    kind: Literal["objected", "reviewed"]
    status: Status
    limit_fen: int | None
    override: bool
    reason: str
    why: str
    by: str
    at: datetime


class Decision(Answer):
    """A decision with its reasons, evidence and versions."""

    decision_id: str
    application_id: str
    enterprise: Named
    party: str
    decided_on: date
    status: Status = Field(description="What holds now, a person's word included")
    status_text: str
    machine_status: Status = Field(description="What the machine said")
    without_person: Literal["approved", "declined"] | None = Field(
        description="What the rules come to had nobody to look; null where they leave it open, and for "
        "callers outside the bank"
    )
    score: int = Field(ge=300, le=850)
    pd: float = Field(ge=0, le=1, description="Probability of default within a year")
    grade: str
    limit: LimitTold
    rate: str | None = Field(description="Annualised, simple: 0.0585 is 5.85 %")
    rate_basis: RateTold | None
    term: int | None = Field(description="Months")
    requested: Requested
    valid_until: date
    expired: bool
    reasons: list[Reason]
    advice: str | None = Field(description="Code of the one thing to do")
    advice_text: str | None
    reapply_after: date | None = Field(
        description="After a refusal: from which day another application can come out otherwise; null in "
        "decisions from before the rule"
    )
    reapply_why: Literal["at_once", "next_month"] | None
    reapply_text: str | None
    observed_only: ObservedOnly
    dealings: list[DealingTold]
    dealings_total: int
    dealings_kept: list[str] = Field(
        description="Features that need more of the graph: kept as they are where a partner is left out"
    )
    exposures: list[ExposureUse]
    model_version: str
    feature_set_version: str
    graph_snapshot: str
    policy_version: str
    synthetic: bool
    by_machine_alone: bool
    audits: list[Audit]
    events: list[Event]
    offer_answer: OfferAnswer | None = Field(description="What the customer said to the offer, if anything")
    acceptance_needed: bool = Field(description="Whether it is booked only once the customer took the offer")


class DecisionSummary(Model):
    """A decision in a list."""

    decision_id: str
    application_id: str
    enterprise: Named
    status: Status
    status_text: str
    score: int
    grade: str
    limit_fen: int
    requested_fen: int
    valid_until: date
    at: datetime


class Decisions(Answer):
    """Decisions, the newest first."""

    items: list[DecisionSummary]
    total: int = Field(description="In this answer")
    next: str | None = None


class Replay(Decision):
    """A decision worked out again from what was kept with it."""

    same: bool = Field(description="Whether it is the kept one byte for byte")


class ObjectionAsked(Model):
    """The applicant refuses a decision that a machine made alone."""

    why: str = Field(default="", max_length=2_000)


class ReviewAsked(Model):
    """A person's decision on what was referred."""

    status: Literal["approved", "declined"]
    limit_fen: int | None = Field(default=None, gt=0, le=10**15, description="None: the proposed limit")
    reason: Literal[
        "papers_seen", "talked_to", "listing_explained", "security_given", "policy_exception",
        "risk_too_high", "papers_doubtful", "not_needed",
    ]  # fmt: skip
    why: str = Field(min_length=5, max_length=2_000)
