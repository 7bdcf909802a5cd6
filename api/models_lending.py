"""Portfolios, exposures, loans and warnings as models."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from api.models import Answer, Model, Named

_HEX16 = "^[0-9a-f]{16}$"
_TEXT = "^[^\\u0000-\\u001f]*$"
#: The same, with something in it that is no blank.
_NAME = "^[^\\u0000-\\u001f]*[^\\u0000-\\u001f\\s][^\\u0000-\\u001f]*$"
Method = Literal["equal_instalment", "interest_bullet", "revolving"]
Dimension = Literal[
    "borrower", "group", "dependent", "guarantor", "core", "chain", "industry", "region", "unknown"
]
Over = Literal["house", "portfolio"]
LoanState = Literal["waiting", "active", "refused", "closed"]
Classed = Literal["normal", "special_mention", "substandard", "doubtful", "loss"]
Action = Literal["note", "refer", "cut", "freeze"]
_LARGEST = 9_000_000_000_000_000


class PortfolioAsked(Model):
    """A new portfolio."""

    name: str = Field(min_length=1, max_length=80, pattern=_NAME)
    capital_fen: int = Field(ge=1, le=_LARGEST, description="What its limits are shares of")
    note: str | None = Field(None, max_length=500, pattern=_TEXT)


class PortfolioChanged(Model):
    """What is to be changed; null leaves it."""

    name: str | None = Field(None, min_length=1, max_length=80, pattern=_NAME)
    capital_fen: int | None = Field(None, ge=1, le=_LARGEST)
    note: str | None = Field(None, max_length=500, pattern=_TEXT)


class PortfolioBody(Named):
    """A portfolio."""

    capital_fen: int
    note: str | None
    enterprises: int = Field(description="Firms in it")
    loans: int = Field(description="Loans that run")
    outstanding_fen: int = Field(description="Principal that borrowers owe")
    committed_fen: int = Field(description="Granted and not drawn")
    overrides: int = Field(description="Loans entered against what was decided")
    by: str
    created: str
    closed: str | None


class PortfolioAnswer(Answer):
    """One portfolio."""

    portfolio: PortfolioBody


class Portfolios(Answer):
    """Portfolios in the order they were made."""

    items: list[PortfolioBody]
    total: int
    next: str | None


class MembersAsked(Model):
    """Firms to be put in."""

    enterprises: list[str] = Field(
        min_length=1, max_length=1_000, description="Ids of enterprises, or of parties of them"
    )


class Member(Named):
    """A firm in a portfolio."""

    party: str = Field(description="The party that it was put in under")


class Members(Answer):
    """Firms in a portfolio."""

    items: list[Member]
    total: int
    unknown: list[str] = Field(description="Parties that the snapshot does not know")


class LimitUse(Model):
    """A limit and its use."""

    dimension: Dimension
    dimension_text: str
    subject: str
    subject_text: str
    subject_enterprise: str | None = Field(description="The enterprise that the subject's name is taken from")
    over: Over = Field(description="Whether it limits all portfolios together, or this one")
    over_text: str
    limit_fen: int
    before_fen: int
    after_fen: int
    room_fen: int
    firms: int = Field(description="Borrowers that hang on it")
    breaks: bool
    effect: Literal["cut", "refer"]
    source: str
    reread: bool = Field(description="The article is still to be read again from an official copy")


class Fit(Model):
    """What the limits leave of a loan that was asked about."""

    enterprise: Named
    amount_fen: int
    action: Literal["pass", "cut", "refer"]
    left_fen: int
    uses: list[LimitUse]


class Exposures(Answer):
    """What a portfolio's loans hang on, the fullest limits first."""

    portfolio: Named
    policy: str
    capital_fen: int
    total_fen: int = Field(description="Owed, granted and not drawn, and waiting for approval")
    borrowers: int
    unknown_fen: int = Field(description="Of it, of borrowers that the snapshot does not know")
    house_capital_fen: int = Field(description="What limits over the house are shares of")
    house_total_fen: int = Field(description="Of all portfolios, with what is approved and not booked")
    house_unknown_fen: int = Field(description="Of it, of borrowers that the snapshot does not know")
    approved_fen: int = Field(description="Of it, approved by decisions that hold and are not booked")
    items: list[LimitUse]
    total: int
    note: str | None
    asked: Fit | None


class LoanAsked(Model):
    """Book an approved decision. The same decision again is the same loan."""

    decision: str = Field(pattern=_HEX16)
    portfolio: str = Field(pattern=_HEX16)
    method: Method = "equal_instalment"
    amount_fen: int | None = Field(None, ge=1, le=_LARGEST, description="Null: all that was granted")
    months: int | None = Field(None, ge=1, le=360, description="Null: the whole term")
    draw_fen: int | None = Field(
        None, ge=0, le=_LARGEST, description="Revolving: paid out at once; null: all of it"
    )
    override: str | None = Field(
        None,
        min_length=1,
        max_length=500,
        pattern=_TEXT,
        description="Why beyond what was granted, or a limit",
    )


class ApprovalBody(Model):
    """What a second person said."""

    by: str
    verdict: Literal["approved", "refused"]
    why: str
    at: str


class AccountBody(Model):
    """A loan as of a day, in fen."""

    on: date
    drawn_fen: int
    outstanding_fen: int
    due_fen: int = Field(description="Fallen due and unpaid")
    due_principal_fen: int
    due_interest_fen: int
    due_penalty_fen: int
    credit_fen: int = Field(description="Paid ahead; goes to what falls due next")
    paid_fen: int
    payoff_fen: int = Field(description="What ends the loan on that day")
    overdue_days: int
    next_due_on: date | None
    classed: Classed
    classed_text: str


class OfferAnswer(Model):
    """What the customer said to an approved decision."""

    said: Literal["accepted", "declined"]
    said_text: str
    amount_fen: int = Field(description="What was offered")
    method: Method | None = Field(description="The way of paying back that was chosen, if any")
    said_on: date
    by: str
    for_customer: bool = Field(description="Entered by the bank in the customer's place")
    why: str = Field(description="How the bank knows, where it entered it")
    at: datetime


class LoanBody(Model):
    """A loan of the book."""

    id: str
    decision: str
    portfolio: str
    borrower: Named
    party: str
    amount_fen: int
    rate: str = Field(description="Annual, simple; 0.0745 is 7.45 %")
    method: Method
    method_text: str
    months: int
    starts_on: date
    ends_on: date
    policy: str
    state: LoanState
    state_text: str
    override: str | None
    approvals: list[ApprovalBody]
    approvals_needed: int = Field(description="People who must approve it and had no part in it before")
    entered_by: str
    entered_at: str
    offer_answer: OfferAnswer | None = Field(description="What the customer said to the offer, if anything")


class LoanAnswer(Answer):
    """A loan, its account, and the limits as they were checked when it was entered by this call."""

    loan: LoanBody
    account: AccountBody | None = Field(description="Null until it runs")
    made: bool = Field(description="Whether this call made it")
    limits: list[LimitUse]
    notes: list[str]


class Loans(Answer):
    """Loans in the order they were entered."""

    items: list[LoanBody]
    total: int
    next: str | None


class InstalmentBody(Model):
    """One instalment as agreed."""

    number: int
    starts_on: date
    due_on: date
    principal_fen: int
    interest_fen: int
    total_fen: int


class Schedule(Answer):
    """What a loan pays when, as agreed; sums are exact to the fen."""

    loan: str
    day_count: int
    items: list[InstalmentBody]
    total: int
    principal_fen: int
    interest_fen: int
    notes: list[str]


class PostingBody(Model):
    """One line of an entry; a debit is above 0, a credit below."""

    account: str
    account_text: str
    amount_fen: int


class EntryBody(Model):
    """One entry; its lines add up to nothing."""

    id: str
    kind: Literal["granted", "drawn", "repaid", "credit_used", "commitment_ended"]
    kind_text: str
    happened_on: date
    reference: str
    by: str
    at: str
    postings: list[PostingBody]


class Entries(Answer):
    """Entries of a loan in the order they were written."""

    loan: str
    items: list[EntryBody]
    total: int


class MoneyAsked(Model):
    """A repayment, or a draw on a revolving loan."""

    amount_fen: int = Field(ge=1, le=_LARGEST)
    on: date = Field(ge=date(2000, 1, 1), le=date(2100, 1, 1))
    reference: str = Field(
        min_length=1, max_length=80, pattern=_TEXT, description="The payer's own; sent twice it counts once"
    )


class ApprovalAsked(Model):
    """Yes or no to a loan that waits."""

    verdict: Literal["approved", "refused"]
    why: str = Field(min_length=1, max_length=500, pattern=_TEXT)


class WarningBody(Model):
    """A warning about a borrower."""

    id: str
    borrower: Named
    party: str
    code: str
    label: str
    text: str
    action: Action
    action_text: str
    value: float | None
    at_least: float | None
    found_on: date
    by: str
    at: str
    lifted: str | None
    lifted_by: str | None
    lifted_why: str | None


class WarningAnswer(Answer):
    """One warning."""

    warning: WarningBody


class Warnings(Answer):
    """Warnings, the newest first."""

    items: list[WarningBody]
    total: int
    note: str | None


class RoundAsked(Model):
    """A round after the loan."""

    on: date | None = Field(
        None, ge=date(2000, 1, 1), le=date(2100, 1, 1), description="Day of the loans' accounts; null: today"
    )
    stopped: str | None = Field(
        None, pattern=_HEX16, description="Also ask whom it would hit if this enterprise stopped"
    )


class NotShown(Model):
    """A signal that the papers do not show."""

    borrower: Named
    code: str
    label: str
    reason: str
    text: str


class RoundAnswer(Answer):
    """What a round found."""

    borrowers: int
    found: int
    raised: int = Field(description="Warnings that were not noted before")
    cut_fen: int = Field(description="Credit that ended by it")
    warnings: list[WarningBody] = Field(description="All that stand against borrowers of the portfolio")
    not_shown: list[NotShown]
