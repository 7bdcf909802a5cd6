"""Lending: receivables and claims on them, portfolios and exposures, loans, the watch after the loan."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Path, Query
from fastapi.responses import Response

from api.asking import Asked
from api.models_lending import (
    ApprovalAsked,
    Entries,
    Exposures,
    LoanAnswer,
    LoanAsked,
    Loans,
    LoanState,
    Members,
    MembersAsked,
    MoneyAsked,
    PortfolioAnswer,
    PortfolioAsked,
    PortfolioChanged,
    Portfolios,
    RoundAnswer,
    RoundAsked,
    Schedule,
    WarningAnswer,
    Warnings,
)
from api.models_receivables import (
    ClaimAnswer,
    ClaimAsked,
    Claims,
    MarkAsked,
    ReasonAsked,
    Receivables,
    RegisterEntry,
)
from api.parameters import EnterpriseId, Limit, NextPage
from api.principal import requires
from api.routes.enterprises import MOVED
from api.views import loans, portfolios, receivables
from ledger import claims
from ledger import portfolios as kept
from services.lending import booking, export, servicing
from services.lending.policy import today

_READ, _WRITE, _APPROVE = (
    [requires(scope)] for scope in ("portfolios:read", "portfolios:write", "credit:approve")
)
firms = APIRouter(prefix="/v1/enterprises", tags=["receivables"], dependencies=_READ, responses=MOVED)
firms_writing = APIRouter(
    prefix="/v1/enterprises", tags=["receivables"], dependencies=_WRITE, responses=MOVED
)
reading = APIRouter(prefix="/v1", tags=["lending"], dependencies=_READ)
writing = APIRouter(prefix="/v1", tags=["lending"], dependencies=_WRITE)
approving = APIRouter(prefix="/v1", tags=["lending"], dependencies=_APPROVE)
routers = (firms, firms_writing, reading, writing, approving)

_ID = "^[0-9a-f]{16}$"
PortfolioId = Annotated[str, Path(pattern=_ID, description="Id of a portfolio")]
LoanId = Annotated[str, Path(pattern=_ID, description="Id of a loan")]
ClaimId = Annotated[str, Path(pattern=_ID, description="Id of a claim")]
Buyer = Annotated[str | None, Query(pattern=_ID, description="Only of this buyer")]
OpenOnly = Annotated[bool, Query(description="Only what is open")]
Day = Annotated[
    date | None,
    Query(ge=date(2000, 1, 1), le=date(2100, 1, 1), description="As of this day; null: the data cut-off"),
]
AccountDay = Annotated[
    date | None, Query(ge=date(2000, 1, 1), le=date(2100, 1, 1), description="Account as of; null: today")
]


@firms.get("/{enterprise}/receivables", response_model=Receivables, operation_id="receivables")
def enterprise_receivables(
    asked: Asked,
    enterprise: EnterpriseId,
    on: Day = None,
    buyer: Buyer = None,
    open_only: OpenOnly = True,
    limit: Limit = 50,
    cursor: NextPage = None,
) -> Response:
    """应收账款台账: what each buyer owes, by invoice: ageing, status, eligible amounts, exclusions."""
    after = asked.from_page(cursor, receivables.LISTING, receivables.KEYS)
    firm = asked.enterprise(enterprise)
    of = None if buyer is None else asked.counterparty(buyer)
    wanted = receivables.Wanted(on, of, open_only, limit, after)
    return asked.answer(receivables.answer(asked, firm, wanted))


@firms.get(
    "/{enterprise}/receivables/file",
    operation_id="receivables_file",
    response_class=Response,
    responses={
        200: {
            "description": "The table as a file",
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (
                "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            )},
        }
    },
)  # fmt: skip
def receivables_file(
    asked: Asked,
    enterprise: EnterpriseId,
    format_: Annotated[Literal["xlsx", "csv"], Query(alias="format", description="Kind of file")] = "xlsx",
    on: Day = None,
) -> Response:
    """All receivables of the enterprise as XLSX or CSV: codes and numbers as text, amounts in yuan."""
    rows = receivables.table(asked, asked.enterprise(enterprise), on)
    frame = export.table(rows, asked.snapshot, asked.lang)
    made, kind = (
        (export.as_csv(frame, asked.lang), "text/csv; charset=utf-8")
        if format_ == "csv"
        else (
            export.as_xlsx(frame, asked.lang),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
    )
    headers = {"Content-Disposition": f'attachment; filename="receivables-{enterprise}.{format_}"'}
    return Response(made, media_type=kind, headers={**headers, "X-Content-Type-Options": "nosniff"})


@firms_writing.post(
    "/{enterprise}/receivables/marks", response_model=Receivables, operation_id="mark_receivable"
)
def mark_receivable(asked: Asked, enterprise: EnterpriseId, mark: Annotated[MarkAsked, Body()]) -> Response:
    """Note that a buyer confirmed a receivable, disputes it or has paid it, with the paper that says so."""
    return asked.answer(receivables.noted(asked, asked.enterprise(enterprise), mark))


@firms.get("/{enterprise}/claims", response_model=Claims, operation_id="list_claims")
def list_claims(asked: Asked, enterprise: EnterpriseId) -> Response:
    """Pledges and purchases of what the enterprise sold, oldest first, released ones among them."""
    return asked.answer(receivables.claims_of(asked, asked.enterprise(enterprise)))


@firms_writing.post("/{enterprise}/claims", response_model=ClaimAnswer, operation_id="hold_receivables")
def hold_receivables(
    asked: Asked, enterprise: EnterpriseId, claim: Annotated[ClaimAsked, Body()]
) -> Response:
    """Pledge or sell receivables, all or none, by the register's answer; a second time is refused.

    The same search number, holder and receivables sent twice are one claim.
    """
    return asked.answer(receivables.hold(asked, asked.enterprise(enterprise), claim))


@writing.post("/claims/{claim}/release", response_model=ClaimAnswer, operation_id="release_claim")
def release_claim(asked: Asked, claim: ClaimId, reason: Annotated[ReasonAsked, Body()]) -> Response:
    """Let go of a claim: its receivables are free again."""
    found = claims.release(asked.data.state, claim, asked.by, reason.why)
    return asked.answer(receivables.claim_answer(asked, found))


@writing.post("/claims/{claim}/registration", response_model=ClaimAnswer, operation_id="register_claim")
def register_claim(asked: Asked, claim: ClaimId, entry: Annotated[RegisterEntry, Body()]) -> Response:
    """Note the register's number of a claim."""
    on = servicing.happened(entry.on)
    found = claims.register(asked.data.state, claim, entry.number, on, asked.by)
    return asked.answer(receivables.claim_answer(asked, found))


@reading.get("/portfolios", response_model=Portfolios, operation_id="list_portfolios")
def list_portfolios(asked: Asked, limit: Limit = 50, cursor: NextPage = None) -> Response:
    """Portfolios in the order they were made."""
    after = asked.from_page(cursor, portfolios.LISTING, portfolios.KEYS)
    return asked.answer(portfolios.listed(asked, limit, after))


@writing.post("/portfolios", response_model=PortfolioAnswer, operation_id="make_portfolio")
def make_portfolio(asked: Asked, portfolio: Annotated[PortfolioAsked, Body()]) -> Response:
    """A new portfolio, with the capital that its limits are shares of."""
    with asked.data.state.writing() as connection:
        made = kept.make(connection, portfolio.name, portfolio.capital_fen, portfolio.note, asked.by)
        told = portfolios.one(asked, connection, made.id)
    return asked.answer(told)


@reading.get("/portfolios/{portfolio}", response_model=PortfolioAnswer, operation_id="portfolio")
def portfolio(asked: Asked, portfolio: PortfolioId) -> Response:
    """One portfolio."""
    with asked.data.state.reading() as connection:
        told = portfolios.one(asked, connection, portfolio)
    return asked.answer(told)


@writing.patch("/portfolios/{portfolio}", response_model=PortfolioAnswer, operation_id="change_portfolio")
def change_portfolio(
    asked: Asked, portfolio: PortfolioId, change: Annotated[PortfolioChanged, Body()]
) -> Response:
    """Another name, capital or note."""
    with asked.data.state.writing() as connection:
        kept.change(connection, portfolio, asked.by, **change.model_dump())
        told = portfolios.one(asked, connection, portfolio)
    return asked.answer(told)


@writing.delete("/portfolios/{portfolio}", response_model=PortfolioAnswer, operation_id="close_portfolio")
def close_portfolio(asked: Asked, portfolio: PortfolioId) -> Response:
    """Close a portfolio in which no loan runs: it stays readable and takes no new loan."""
    with asked.data.state.writing() as connection:
        kept.close(connection, portfolio, asked.by)
        told = portfolios.one(asked, connection, portfolio)
    return asked.answer(told)


@reading.get(
    "/portfolios/{portfolio}/enterprises", response_model=Members, operation_id="portfolio_enterprises"
)
def portfolio_enterprises(asked: Asked, portfolio: PortfolioId) -> Response:
    """Firms of a portfolio."""
    return asked.answer(portfolios.members(asked, portfolio))


@writing.post("/portfolios/{portfolio}/enterprises", response_model=Members, operation_id="add_to_portfolio")
def add_to_portfolio(
    asked: Asked, portfolio: PortfolioId, wanted: Annotated[MembersAsked, Body()]
) -> Response:
    """Put firms into a portfolio; those that are in it stay."""
    ids = portfolios.known(asked.snapshot, wanted.enterprises)
    with asked.data.state.writing() as connection:
        kept.join(connection, portfolio, ids, asked.by)
    return asked.answer(portfolios.members(asked, portfolio))


@writing.delete(
    "/portfolios/{portfolio}/enterprises/{party}",
    response_model=Members,
    operation_id="take_from_portfolio",
)
def take_from_portfolio(
    asked: Asked,
    portfolio: PortfolioId,
    party: Annotated[str, Path(pattern=_ID, description="Party that it was put in under")],
) -> Response:
    """Take a firm without running loans out of a portfolio."""
    with asked.data.state.writing() as connection:
        kept.leave(connection, portfolio, party, asked.by)
    return asked.answer(portfolios.members(asked, portfolio))


@reading.get("/portfolios/{portfolio}/exposures", response_model=Exposures, operation_id="exposures")
def exposures(
    asked: Asked,
    portfolio: PortfolioId,
    enterprise: Annotated[
        str | None, Query(pattern=_ID, description="Also what a loan to this enterprise would change")
    ] = None,
    amount_fen: Annotated[
        int | None, Query(ge=1, le=9_000_000_000_000_000, description="Amount of that loan")
    ] = None,
) -> Response:
    """What hangs on each borrower, group, guarantor, core enterprise, chain, industry, region; the limits."""
    firm = None if enterprise is None else asked.partner(enterprise)
    return asked.answer(portfolios.exposures(asked, portfolio, firm, amount_fen))


@reading.get("/portfolios/{portfolio}/warnings", response_model=Warnings, operation_id="list_warnings")
def list_warnings(
    asked: Asked,
    portfolio: PortfolioId,
    standing: Annotated[bool, Query(description="Only those that nobody lifted")] = True,
) -> Response:
    """Warnings about the portfolio's borrowers, the newest first."""
    return asked.answer(loans.warnings(asked, portfolio, standing))


@writing.post("/portfolios/{portfolio}/rounds", response_model=RoundAnswer, operation_id="go_round")
def go_round(asked: Asked, portfolio: PortfolioId, round_: Annotated[RoundAsked, Body()]) -> Response:
    """A round after the loan: what the papers say of borrowers becomes warnings that freeze, cut or refer."""
    stopped = None if round_.stopped is None else asked.partner(round_.stopped)
    return asked.answer(loans.go_round(asked, portfolio, round_.on, stopped))


@approving.post("/warnings/{warning}/lift", response_model=WarningAnswer, operation_id="lift_warning")
def lift_warning(
    asked: Asked,
    warning: Annotated[str, Path(pattern=_ID, description="Id of a warning")],
    reason: Annotated[ReasonAsked, Body()],
) -> Response:
    """Take a warning off, with the reason."""
    return asked.answer(loans.lift(asked, warning, reason.why))


@writing.post("/loans", response_model=LoanAnswer, operation_id="book_loan")
def book_loan(asked: Asked, loan: Annotated[LoanAsked, Body()]) -> Response:
    """Book an approved decision and pay it out (simulated), or let it wait for approvals by amount.

    The same decision sent twice is one loan. A limit that would break is named with its use before and after.
    """
    return asked.answer(loans.book(asked, loan))


@reading.get("/loans", response_model=Loans, operation_id="list_loans")
def list_loans(
    asked: Asked,
    portfolio: Annotated[str | None, Query(pattern=_ID, description="Only of this portfolio")] = None,
    enterprise: Annotated[str | None, Query(pattern=_ID, description="Only of this enterprise")] = None,
    state: Annotated[LoanState | None, Query(description="Only in this state")] = None,
    limit: Limit = 50,
    cursor: NextPage = None,
) -> Response:
    """Loans in the order they were entered."""
    after = asked.from_page(cursor, loans.LISTING, loans.KEYS)
    firm = None if enterprise is None else asked.partner(enterprise)
    return asked.answer(loans.listed(asked, portfolio, firm, state, limit, after))


@reading.get("/loans/{loan}", response_model=LoanAnswer, operation_id="loan")
def loan(asked: Asked, loan: LoanId, on: AccountDay = None) -> Response:
    """A loan and its account on a day: outstanding, due, overdue days, class, payoff."""
    return asked.answer(loans.answer(asked, loan, on))


@reading.get("/loans/{loan}/schedule", response_model=Schedule, operation_id="loan_schedule")
def loan_schedule(asked: Asked, loan: LoanId) -> Response:
    """What the loan pays when, as agreed; due days are banking days."""
    return asked.answer(loans.schedule(asked, loan))


@reading.get("/loans/{loan}/entries", response_model=Entries, operation_id="loan_entries")
def loan_entries(asked: Asked, loan: LoanId) -> Response:
    """The double-entry book of the loan."""
    return asked.answer(loans.entries(asked, loan))


@writing.post("/loans/{loan}/repayments", response_model=LoanAnswer, operation_id="repay_loan")
def repay_loan(asked: Asked, loan: LoanId, money: Annotated[MoneyAsked, Body()]) -> Response:
    """Enter a repayment; the same reference twice is one. What is due is paid in the policy's order."""
    servicing.repay(
        asked.data.state, loan, money.amount_fen, servicing.happened(money.on), money.reference, asked.by
    )
    return asked.answer(loans.answer(asked, loan, money.on))


@writing.post("/loans/{loan}/draws", response_model=LoanAnswer, operation_id="draw_loan")
def draw_loan(asked: Asked, loan: LoanId, money: Annotated[MoneyAsked, Body()]) -> Response:
    """Draw on a revolving loan (随借随还), simulated."""
    on = servicing.happened(money.on)
    servicing.draw(asked.snapshot, asked.data.state, loan, money.amount_fen, on, money.reference, asked.by)
    return asked.answer(loans.answer(asked, loan, money.on))


@approving.post("/loans/{loan}/approval", response_model=LoanAnswer, operation_id="approve_loan")
def approve_loan(asked: Asked, loan: LoanId, verdict: Annotated[ApprovalAsked, Body()]) -> Response:
    """Say yes or no to a loan that waits; the last approval needed checks it anew and pays it out.

    Who entered it or its application, or reviewed the decision, cannot.
    """
    refuse = verdict.verdict == "refused"
    booking.approve(asked.snapshot, asked.data.state, loan, asked.by, verdict.why, today(), refuse=refuse)
    return asked.answer(loans.answer(asked, loan, None))
