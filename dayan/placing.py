"""`dayan wealth`: a plan of a firm's idle money on the command line, as a table with what may go wrong."""

from datetime import date, timedelta
from pathlib import Path

from api.settings import Settings
from api.views.amounts import amount_text
from api.views.wealth import Told
from api.views.wealth import aged as wealth_aged
from dayan.console import out, table
from dayan.exporting import enterprise_named
from dayan.target import target_of
from extraction.dates import beijing_today
from graph.snapshot import open_snapshot
from ledger.errors import InputError
from ledger.ledger import Ledger
from ledger.words import label
from services.cashflow.path import cash_path
from services.freshness import judged_on
from services.wealth.customer import Assessment, Customer
from services.wealth.match import Question, match
from services.wealth.stock import Stock

#: Scenarios of the cash path; half make the plan, half check it.
SCENARIOS = 400


def run(
    settings: Settings,
    firm: str,
    level: str,
    assessed: str,
    days: int,
    opening: str | None,
    professional: bool,
    shelf: Path | None,
) -> None:
    """Print the plan for an enterprise (id, code or name). `assessed`: assessor@date; `opening`: yuan."""
    lang = settings.lang
    snapshot = open_snapshot(settings.data)
    row = snapshot.index_of(enterprise_named(target_of(settings), snapshot, firm))
    assert row is not None
    firm_row = snapshot.enterprises.row(row, named=True)
    path = cash_path(snapshot, Ledger(settings.data), row, snapshot.as_of, days, SCENARIOS, _fen(opening))
    if path.opening_fen is None:
        raise InputError("wealth_opening_unknown")
    person = firm_row["legal_form"] == "individual_business" or str(firm_row["code"]).startswith("92")
    who = Customer(_assessment(level, assessed), professional, person)
    today = beijing_today()
    judged = judged_on(snapshot, today, row)
    question = Question(who, snapshot.as_of, days, max(path.opening_fen, 0), today=judged)
    found = match(Stock(shelf or settings.shelf).products, path, question)
    parts = Told(found, question, lang)
    plan = parts.parts(0)
    out.print(firm_row["name"], markup=False)
    out.print(plan["counts"].text, markup=False)
    rows = [
        (
            one.product.name,
            one.product.level,
            one.product.kind.name,
            amount_text(one.amount_fen, lang),
            one.until.isoformat(),
            one.money_on.isoformat(),
            f"{100 * float(one.scenario_rate):.2f} %",
        )
        for one in plan["rungs"]
    ]
    columns = ("product", "level", "kind", "amount", "until", "money_on", "scenario")
    out.print(table([label(f"wealth_head_{name}", lang) for name in columns], rows))
    aged = [one.text for one in wealth_aged(snapshot, today, row, found.policy, lang)]
    told = (plan["account_text"], plan["scenario"].text, plan["risk"].text, *parts.notes(path.basis), *aged)
    for text in told:
        out.print(text, markup=False)


def _assessment(level: str, assessed: str) -> Assessment:
    """`desk@2025-09-01`: who assessed and when; it holds for a year. Raises InputError."""
    assessor, _, day = assessed.rpartition("@")
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise InputError("wealth_assessed_how", value=assessed) from None
    return Assessment(level, assessor, on, on + timedelta(days=365))


def _fen(yuan: str | None) -> int | None:
    from ledger.money import fen_of

    if yuan is None:
        return None
    fen = fen_of(yuan)
    if fen is None:
        raise InputError("wealth_amount_unread", value=yuan)
    return fen
