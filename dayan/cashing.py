"""`dayan cashflow FIRM`: a firm's cash to come, step by step, as a table with what it rests on."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.errors import InputError, NotFound
from ledger.money import fen_of
from ledger.words import label, message

if TYPE_CHECKING:
    from api.models_cashflow import CashAmount, CashForecast
    from graph.snapshot import Snapshot

_INTERVAL = 90


def cashflow(
    enterprise: Annotated[str, typer.Argument(metavar="FIRM", help="Its id, code or full name.")],
    data: Annotated[
        Path | None, typer.Option("--data", help="The data folder (default ./dayan-data).")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="The day, e.g. 2025-06-30; none: the data cut-off.")
    ] = None,
    step: Annotated[str, typer.Option(help="day, week or month.")] = "month",
    horizon: Annotated[int | None, typer.Option(min=1, max=400, help="How many steps.")] = None,
    opening: Annotated[
        str | None, typer.Option(help="Balance on that day in yuan; none: by statement.")
    ] = None,
) -> None:
    """Forecast a firm's inflow, outflow and balance, with what is known already and when it may run short."""
    from api.settings import load_settings
    from services.cashflow.outlook import STEPS

    if step not in STEPS:
        raise InputError("cashflow_step", step=step)
    settings = load_settings(data=data)
    fen = None if opening is None else fen_of(opening)
    if opening is not None and fen is None:
        raise InputError("amount_unreadable", field="opening", value=opening)
    asked = {"step": step, "horizon": horizon, "opening_fen": fen, "levels": [_INTERVAL]}
    _show(_answer(settings.data, enterprise, _day(as_of), asked, settings.lang), settings.lang)


def _answer(
    folder: Path, enterprise: str, day: date | None, asked: dict[str, Any], lang: str
) -> "CashForecast":
    """The API's own answer, worked out here."""
    from api.models_cashflow import CashflowQuestion
    from api.views import cashflow as views
    from graph.snapshot import open_snapshot
    from ledger.ledger import Ledger
    from services.cashflow.ground import ground_of
    from services.cashflow.outlook import outlook_of
    from services.cashflow.path import Asked
    from services.cashflow.receivable import noted_firms

    snapshot, ledger = open_snapshot(folder), Ledger(folder)
    firm = _row_of(snapshot, enterprise)
    question = CashflowQuestion.model_validate({**asked, "enterprise": snapshot.id_of(firm)})
    ground = ground_of(snapshot, ledger, day)
    days = (views.steps_of(ground, question)[-1][1] - ground.as_of).days
    drawn = Asked(days, noted=noted_firms(snapshot, ledger))
    outlook = outlook_of(ground, [firm], drawn, question.opening_fen)
    name = str(snapshot.enterprises["name"][firm])
    whose = views.Whose("enterprise", snapshot.id_of(firm), name, [firm])
    return views.cash_forecast(ground, outlook, whose, question, "zh" if lang == "zh" else "en")


def _row_of(snapshot: "Snapshot", enterprise: str) -> int:
    """The row of a firm by id, code or name. Raises NotFound."""
    if (firm := snapshot.index_of(enterprise)) is not None:
        return firm
    firms = snapshot.enterprises
    same = ((firms["code"] == enterprise) | (firms["name"] == enterprise)).fill_null(False).arg_true()
    if not len(same):
        raise NotFound("enterprise_not_found", enterprise=enterprise)
    return int(same[0])


def _show(answer: "CashForecast", lang: str) -> None:
    """The table, and the sentences below it."""
    from dayan.console import out, table

    unit = label("unit_wan" if lang == "zh" else "unit_cny_m", lang)
    about = {"name": answer.of.name, "start": answer.start, "as_of": answer.as_of, "unit": unit}
    out.print(message("cash_command_head", lang, **about), markup=False, highlight=False)
    names = [label(one, lang) for one in ("cash_step", "cash_inflow", "cash_outflow", "cash_balance")]
    rows = [
        (
            f"{one.first} – {one.last}",
            *(_amount(part, lang) for part in (one.inflow, one.outflow, one.balance)),
        )
        for one in answer.items
    ]
    out.print(table(names, rows, right=names[1:]))
    inflow, outflow = (_share(side.known_share) for side in (answer.inflow, answer.outflow))
    out.print(message("cash_command_known", lang, inflow=inflow, outflow=outflow), highlight=False)
    texts = [answer.shortfall.text] if answer.shortfall else []
    for part in (answer.habits, answer.fixed, answer.accuracy, answer.notes):
        texts += [one.text for one in part]
    for text in texts:
        out.print(f"· {text}", markup=False, highlight=False)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise InputError("cashflow_day", day=text) from None


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"


def _amount(amount: "CashAmount | None", lang: str) -> str:
    """`1.84 (0.91 … 2.77)` in the language's unit; a dash where nothing is known."""
    if amount is None:
        return "–"
    fen = 1_000_000 if lang == "zh" else 100_000_000
    (one,) = amount.intervals
    return f"{amount.expected_fen / fen:,.2f} ({one.low_fen / fen:,.2f} … {one.high_fen / fen:,.2f})"
