"""Cash to come: inflow, outflow and balance of an enterprise, a chain or a portfolio, with intervals."""

from contextlib import nullcontext
from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.responses import Response

from api.asking import Asked, Asking
from api.models_cashflow import CashflowQuestion, CashForecast
from api.principal import requires
from api.views import cashflow as views
from api.views.chains import chain_named
from ledger.errors import InputError
from services.cashflow.ground import Ground, ground_of
from services.cashflow.outlook import Outlook, outlook_of
from services.cashflow.path import Asked as Drawn
from services.cashflow.receivable import noted_firms

router = APIRouter(prefix="/v1/cashflow", tags=["cashflow"], dependencies=[requires("cashflow:read")])


@router.post("/forecast", response_model=CashForecast, operation_id="cashflow_forecast")
def forecast(asked: Asked, question: Annotated[CashflowQuestion, Body()]) -> Response:
    """Inflow, outflow and balance by day, week or month with intervals, what of it is known already, when the
    balance may first fall below nothing, how long partners take to pay, and how good the forecast was at this
    level. Amounts with tax. Sums of firms equal their chain's or portfolio's exactly. Nothing is stored."""
    whose = _whose(asked, question)
    # A chain takes seconds: it works beside the others, which would wait for its turn to end.
    with asked.turn("forecast") if question.enterprise else nullcontext():
        return _forecast(asked, question, whose)


def _forecast(asked: Asking, question: CashflowQuestion, whose: views.Whose) -> Response:
    ground = ground_of(asked.snapshot, asked.ledger, question.as_of)
    last = views.steps_of(ground, question)[-1][1]
    drawn = Drawn(days=(last - ground.as_of).days, noted=noted_firms(asked.snapshot, asked.ledger))
    outlook = _outlook(asked, ground, whose, drawn, question.opening_fen)
    return asked.answer(views.cash_forecast(ground, outlook, whose, question, asked.lang))


def _whose(asked: Asking, question: CashflowQuestion) -> views.Whose:
    """The firms asked for. Raises InputError, NotFound."""
    given = [question.enterprise, question.chain, question.portfolio]
    if sum(one is not None for one in given) != 1:
        raise InputError("cashflow_one_of")
    snapshot = asked.snapshot
    if question.enterprise is not None:
        firm = asked.partner(question.enterprise)
        return views.Whose(
            "enterprise", snapshot.id_of(firm), str(snapshot.enterprises["name"][firm]), [firm]
        )
    if question.chain is not None:
        named = chain_named(snapshot, question.chain)
        every = views.chain_firms(snapshot, question.chain)
        firms = [firm for firm in every if asked.may_see(firm)]
        _bounded(len(firms), views.CHAIN_MOST)
        name = named["name"][asked.lang]
        return views.Whose("chain", question.chain, name, firms, cut=len(firms) < len(every))
    ids = question.portfolio or []
    _bounded(len(ids), views.PORTFOLIO_MOST)
    return views.Whose("portfolio", None, None, sorted({asked.partner(one) for one in ids}))


def _bounded(firms: int, most: int) -> None:
    if not firms:
        raise InputError("cashflow_portfolio_empty")
    if firms > most:
        raise InputError("cashflow_portfolio_large", firms=firms, most=most)


def _outlook(
    asked: Asking, ground: Ground, whose: views.Whose, drawn: Drawn, opening_fen: int | None
) -> Outlook:
    """The outlook; that of a chain is kept, for it costs seconds."""
    if whose.kind == "enterprise":
        return outlook_of(ground, whose.firms, drawn, opening_fen)
    key = ("cash", ground.source.id, ground.as_of, tuple(whose.firms), drawn.days, drawn.noted)
    made = asked.data.worked_out.get(key, lambda: outlook_of(ground, whose.firms, drawn, None))
    return views.opened(made, opening_fen)
