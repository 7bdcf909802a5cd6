"""Wealth: a plan for a firm's idle money, and the flows of a product for whoever manages it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Body, Path, Query
from fastapi.responses import Response

from api.asking import Asked, Asking
from api.models import Named
from api.models_wealth import PathGiven, ProductFlows, WealthMatch, WealthQuestion
from api.principal import requires
from api.views import wealth as views
from extraction.dates import beijing_today
from graph.csr import Int64
from ledger.errors import InputError
from ledger.words import message
from services.cashflow.ground import ground_of
from services.cashflow.path import Asked as Drawn
from services.cashflow.path import path_on
from services.cashflow.receivable import noted_firms
from services.freshness import judged_on
from services.wealth.customer import Assessment, Customer
from services.wealth.match import Question, match
from services.wealth.needs import needed_by_day
from services.wealth.policy import policy_on
from services.wealth.product_flows import Band, drawn_by, product_flows
from services.wealth.stock import Stock

router = APIRouter(prefix="/v1/wealth", tags=["wealth"], dependencies=[requires("wealth:read")])

#: Scenarios of a firm's cash path: half make a plan, half check it; of a holder's.
SCENARIOS, OF_HOLDERS = 400, 50
#: Numbers that a cash path of one's own may hold.
MOST_NUMBERS = 400_000


@dataclass(frozen=True)
class _Given:
    """A cash path as the caller gives it."""

    start: date
    inflow_fen: Int64
    outflow_fen: Int64
    opening_fen: int | None = None
    basis: str = "given"


@router.post("/matches", response_model=WealthMatch, operation_id="wealth_match")
def wealth_match(asked: Asked, question: Annotated[WealthQuestion, Body()]) -> Response:
    """How much in what until when, from the cash path, the risk level and the shelf: no money that is needed
    lies in its lock, no product is above the customer's level, and without an assessment in force nothing is
    proposed. Yields are scenario calculations. Nothing is stored."""
    return asked.answer(planned(asked, question))


def planned(asked: Asking, question: WealthQuestion) -> WealthMatch:
    """The plan that answers a question. Raises InputError, NotFound."""
    if (question.enterprise is None) == (question.cash_path is None):
        raise InputError("wealth_path_or_firm")
    with asked.turn("match"):
        return _match(asked, question)


def _match(asked: Asking, question: WealthQuestion) -> WealthMatch:
    day = question.as_of or asked.snapshot.as_of
    named, person, path, firm = None, bool(question.customer.individual_business), None, None
    if question.enterprise is not None:
        firm = asked.partner(question.enterprise)
        row = asked.snapshot.enterprises.row(firm, named=True)
        named = Named(id=asked.snapshot.id_of(firm), name=str(row["name"]))
        if question.customer.individual_business is None:
            person = row["legal_form"] == "individual_business" or str(row["code"]).startswith("92")
        ground = ground_of(asked.snapshot, asked.ledger, day)
        noted = noted_firms(asked.snapshot, asked.ledger)
        drawn = Drawn(question.horizon_days, SCENARIOS, noted, telling=False)
        path = path_on(ground, firm, drawn, question.opening_fen)
    given = path or _given(question.cash_path, day, question.opening_fen)
    stock = _stock(asked)
    opening, wanted = _money(question, given.opening_fen)
    today = beijing_today()
    # An assessment is judged today, however far the data reach; synthetic data have a day of their own.
    own_clock = judged_on(asked.snapshot, today, firm) != today
    whole = _question(question, day, person, wanted, opening, day if own_clock else today)
    found = match(
        stock.products,
        given,
        whole,
        lambda key, make: asked.data.worked_out.get(("shortlist", stock.path, key), make),
    )
    told = views.Told(found, whole, asked.lang)
    aged = views.aged(asked.snapshot, today, firm, found.policy, asked.lang)
    return WealthMatch(
        snapshot=asked.snapshot.id,
        as_of=asked.snapshot.as_of,
        enterprise=named,
        basis=given.basis,  # type: ignore[arg-type]
        opening_fen=opening,
        reserve_fen=whole.reserve_fen,
        notes=[*told.notes(given.basis), *(one.text for one in aged)],
        warnings=aged,
        **told.parts(question.listed),
    )


@router.get("/products/{product}/flows", response_model=ProductFlows, operation_id="wealth_product_flows")
def wealth_product_flows(
    asked: Asked,
    product: Annotated[
        str, Path(pattern="^[0-9A-Za-z_-]{1,60}$", description="Id of a product of the shelf")
    ],
    days: Annotated[int, Query(ge=7, le=60, description="Days to come")] = 28,
    as_of: Annotated[
        date | None,
        Query(ge=date(2024, 1, 1), le=date(2030, 1, 1), description="The last day known; the data cut-off"),
    ] = None,
    low_share: Annotated[
        float, Query(ge=0, le=1, description="Lower end of the band, of today's size")
    ] = 0.95,
    high_share: Annotated[float, Query(ge=1, le=10, description="Its upper end")] = 1.05,
) -> Response:
    """Subscriptions and redemptions to come of one product, with intervals, from its history and the cash
    paths of holders that are known, and what may be sold so that its size stays in a band."""
    stock = _stock(asked)
    row = stock.product(product)
    day = as_of or asked.snapshot.as_of
    key = ("flows", stock.path, asked.snapshot.id, product, day, days, low_share, high_share, asked.lang)
    shares = (low_share, high_share)
    made = asked.data.worked_out.get(key, lambda: _flows(asked, stock, row, day, days, shares))
    today = beijing_today()
    aged = views.aged(asked.snapshot, today, None, policy_on(today), asked.lang)
    notes = [*made.notes, *(one.text for one in aged)]
    return asked.answer(made.model_copy(update={"notes": notes, "warnings": aged}))


def _flows(
    asked: Asking, stock: Stock, row: dict[str, object], day: date, days: int, shares: tuple[float, float]
) -> ProductFlows:
    history, first = stock.history(row, day)
    size = int(row["size_fen"])  # type: ignore[call-overload]
    band = Band(round(size * shares[0]), round(size * shares[1]))
    held = stock.holders(row, asked.snapshot.enterprises.select("id", "code"))
    held = [(firm, fen) for firm, fen in held if asked.may_see(firm)]
    drawn: Int64 | None = None
    if held:
        ground = ground_of(asked.snapshot, asked.ledger, day)
        noted = noted_firms(asked.snapshot, asked.ledger)
        wanted = Drawn(days, OF_HOLDERS, noted, telling=False)
        each = []
        for firm, fen in held:
            path = path_on(ground, firm, wanted)
            opening = max(path.opening_fen or 0, 0)
            each.append(drawn_by(needed_by_day(path.inflow_fen, path.outflow_fen, opening), fen))
        drawn = np.sum(each, axis=0)
    known = min(sum(fen for _, fen in held) / size, 1.0) if size else 0.0
    yearly = (float(row["benchmark_low"]) + float(row["benchmark_high"])) / 2  # type: ignore[arg-type]
    found = product_flows(history, first, days, size, band, drawn, known, yearly)
    notes = ["wealth_note_synthetic", "wealth_note_history_synthetic"] if row["synthetic"] else []
    return ProductFlows(
        snapshot=asked.snapshot.id,
        as_of=asked.snapshot.as_of,
        product=views.product(row, asked.lang),
        day=day,
        known_holders=len(held),
        synthetic=bool(row["synthetic"]),
        notes=[message(code, asked.lang) for code in notes],
        warnings=[],
        **views.product_flows(found, size, band),
    )


def _stock(asked: Asking) -> Stock:
    """The shelf of the settings, read once."""
    path = asked.data.settings.shelf
    stock: Stock = asked.data.worked_out.get(("stock", path), lambda: Stock(path))
    return stock


def _given(path: PathGiven | None, day: date, opening_fen: int | None) -> _Given:
    """The caller's own path. Raises InputError where its scenarios do not fit each other."""
    assert path is not None
    lengths = {len(one) for side in (path.inflow_fen, path.outflow_fen) for one in side}
    if len(lengths) != 1 or len(path.inflow_fen) != len(path.outflow_fen):
        raise InputError("wealth_path_rows")
    if len(path.inflow_fen) * lengths.pop() > MOST_NUMBERS:
        raise InputError("wealth_path_size", most=f"{MOST_NUMBERS:,}")
    inflow, outflow = (np.array(side, np.int64) for side in (path.inflow_fen, path.outflow_fen))
    return _Given(day + timedelta(days=1), inflow, outflow, opening_fen)


def _money(question: WealthQuestion, opening_fen: int | None) -> tuple[int | None, int]:
    """The balance and what is to be placed of it. Raises InputError where neither is known."""
    opening = question.opening_fen if question.opening_fen is not None else opening_fen
    if question.amount_fen is None and opening is None:
        raise InputError("wealth_opening_unknown")
    wanted = question.amount_fen
    if wanted is None:
        wanted = max((opening or 0) - question.reserve_fen, 0)
    if opening is not None and wanted + question.reserve_fen > opening:
        raise InputError("wealth_amount_above" if question.amount_fen is not None else "wealth_no_money")
    return opening, wanted


def _question(
    question: WealthQuestion, day: date, person: bool, wanted: int, opening: int | None, today: date
) -> Question:
    told = question.customer.assessment
    assessment = (
        None if told is None else Assessment(told.level, told.assessor, told.assessed_on, told.expires_on)
    )
    who = Customer(assessment, question.customer.investor_class == "professional", person)
    reserve = question.reserve_fen if opening is None else opening - wanted
    return Question(who, day, question.horizon_days, wanted, reserve, today=today)
