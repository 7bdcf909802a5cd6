"""`dayan receivables` and `dayan loans`: who owes a firm what, and the bank's book of loans."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dayan.keys import _firm, _me, _settings
from ledger.words import label, message

if TYPE_CHECKING:
    import polars as pl
    from rich.table import Table

    from graph.snapshot import Snapshot
    from ledger.lending import Loan

loans = typer.Typer(no_args_is_help=True, help="The loan book: portfolios, loans, repayments, warnings.")
Data = Annotated[Path | None, typer.Option("--data", help="The data folder (default ./dayan-data).")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day, such as 2026-01-31.")]


def receivables(
    firm: Annotated[str, typer.Argument(help="Id, code or name of the enterprise.")],
    on: Day = None,
    out: Annotated[
        Path | None, typer.Option(help="Write all of it here: .xlsx or .csv, codes as text.")
    ] = None,
    data: Data = None,
) -> None:
    """Show who owes a firm how much, how old it is and what may be lent on it; amounts with tax."""
    from dayan.console import err
    from dayan.console import out as shown
    from graph.snapshot import open_snapshot
    from ledger.errors import InputError
    from ledger.ledger import Ledger
    from services.lending import export
    from services.lending.receivables import receivables as owed

    settings = _settings(data)
    if out is not None and out.suffix not in (".xlsx", ".csv"):
        raise InputError("receivables_file_kind", path=str(out))
    source, lang = open_snapshot(settings.data), settings.lang
    row = source.index_of(_firm(settings, firm))
    assert row is not None
    rows = owed(source, Ledger(settings.data), row, on.date() if on else None)
    if out is not None:
        frame = export.table(rows, source, lang)
        out.write_bytes(export.as_csv(frame, lang) if out.suffix == ".csv" else export.as_xlsx(frame, lang))
        err.print(message("receivables_written", lang, rows=f"{rows.height:,}", path=out), markup=False)
        return
    day = on.date() if on else source.as_of
    for part in _shown(rows, source, row, day, lang):
        shown.print(part)


def _shown(rows: "pl.DataFrame", source: "Snapshot", row: int, day: date, lang: str) -> "list[Table | str]":
    """A table by buyer, one by age, one of what is excluded, and the note."""
    from dayan.console import table
    from ledger.money import yuan
    from services.lending.policy import policy_on
    from services.lending.summary import summed

    told = summed(rows, source, row, policy_on(day), day)
    money = ("amount", "settled", "open", "eligible", "advance")
    heads = [label(f"receivable_{name}", lang) for name in ("buyer", *money)]
    names = source.enterprises["name"]
    lines = [
        (names[one["buyer"]], *(yuan(one[f"{name}_fen"]) for name in money))
        for one in told.buyers.iter_rows(named=True)
    ]
    ages = [(label(name, lang), yuan(fen)) for name, fen in told.buckets.items()]
    out = [(label(f"excluded_{name}", lang), yuan(fen)) for name, fen in told.excluded.items()]
    return [
        table(heads, lines),
        table([label("receivable_bucket", lang), label("receivable_open", lang)], ages),
        table([label("receivable_excluded", lang), label("receivable_open", lang)], out),
        message("receivables_note_unpaid", lang),
        message("receivables_note_open", lang),
    ]


@loans.command("portfolios")
def portfolios_(
    make: Annotated[str | None, typer.Option(help="Make one of this name.")] = None,
    capital: Annotated[
        str, typer.Option(help="万元 of capital that the limits of the new one are shares of.")
    ] = "100000",
    data: Data = None,
) -> None:
    """List the portfolios, or make one."""
    from dayan.console import out, table
    from ledger import lending, portfolios
    from ledger.errors import InputError
    from ledger.money import decimal_of, scaled, yuan
    from ledger.state import State

    settings = _settings(data)
    state, lang = State(settings.data), settings.lang
    if make is not None:
        told = decimal_of(capital)
        capital_fen = None if told is None else scaled(told, 1_000_000)
        if capital_fen is None:
            raise InputError("amount_unreadable", field="capital", value=capital)
        with state.writing() as connection:
            portfolios.make(connection, make, capital_fen, None, _me())
    rows = []
    with state.reading() as connection:
        for one in portfolios.portfolios(connection):
            owed = lending.balances(connection, one.id)["loan_principal"]
            rows.append((one.id, one.name, yuan(one.capital_fen), yuan(owed)))
    heads = [label(name, lang) for name in ("loan_id", "portfolio", "portfolio_capital", "loan_outstanding")]
    out.print(table(heads, rows))


@loans.command("book")
def book(
    decision: Annotated[str, typer.Argument(help="Id of an approved decision.")],
    portfolio: Annotated[str, typer.Option(help="Id of the portfolio it goes into.")],
    method: Annotated[
        str, typer.Option(help="equal_instalment, interest_bullet or revolving.")
    ] = "equal_instalment",
    data: Data = None,
) -> None:
    """Book an approved decision and pay it out (simulated). The same decision again is the same loan."""
    from dayan.console import out
    from graph.snapshot import open_snapshot
    from ledger.state import State
    from services.lending.booking import Request, book_decision
    from services.lending.policy import today

    settings = _settings(data)
    done = book_decision(
        open_snapshot(settings.data),
        State(settings.data),
        decision,
        Request(portfolio, method),
        _me(),
        today(),
    )
    out.print(_line(done.loan, settings.lang), markup=False)


@loans.command("list")
def list_loans(data: Data = None) -> None:
    """List the loans with their accounts as of today."""
    from dayan.console import out, table
    from ledger import lending
    from ledger.money import yuan
    from ledger.state import State
    from services.lending.policy import today
    from services.lending.servicing import account_of

    settings = _settings(data)
    lang, now = settings.lang, today()
    rows = []
    with State(settings.data).reading() as connection:
        for one in lending.loans(connection):
            shown = ("", "", "")
            if one.state in ("active", "closed"):
                told = account_of(connection, one, max(now, date.fromisoformat(one.starts_on)))
                classed = label(f"class_{told.classed}", lang)
                shown = (yuan(told.outstanding_fen), str(told.overdue_days), classed)
            rows.append((one.id, one.party, yuan(one.amount_fen), label(f"loan_{one.state}", lang), *shown))
    names = ("id", "party", "amount", "state", "outstanding", "overdue", "class")
    out.print(table([label(f"loan_{name}", lang) for name in names], rows))


@loans.command("schedule")
def schedule(
    loan: Annotated[str, typer.Argument(help="Id of the loan.")],
    data: Data = None,
) -> None:
    """Show what a loan pays when."""
    from dayan.console import out, table
    from ledger import lending
    from ledger.money import yuan
    from ledger.state import State

    settings = _settings(data)
    with State(settings.data).reading() as connection:
        lending.loan(connection, loan)
        dues = lending.instalments(connection, loan)
    heads = [label(f"loan_{name}", settings.lang) for name in ("number", "due_on", "principal", "interest")]
    rows = [(str(d.number), str(d.due_on), yuan(d.principal_fen), yuan(d.interest_fen)) for d in dues]
    out.print(table(heads, rows))


@loans.command("repay")
def repay(
    loan: Annotated[str, typer.Argument(help="Id of the loan.")],
    amount: Annotated[str, typer.Argument(help="Yuan, such as 1234.56.")],
    reference: Annotated[str, typer.Option(help="The payer's own; sent twice it counts once.")],
    on: Day = None,
    data: Data = None,
) -> None:
    """Enter a repayment."""
    from dayan.console import out
    from ledger import lending
    from ledger.errors import InputError
    from ledger.money import fen_of
    from ledger.state import State
    from services.lending import servicing
    from services.lending.policy import today

    settings = _settings(data)
    fen = fen_of(amount)
    if fen is None or fen <= 0:
        raise InputError("loan_amount_unreadable", value=amount)
    state, day = State(settings.data), on.date() if on else today()
    servicing.repay(state, loan, fen, servicing.happened(day), reference, _me())
    with state.reading() as connection:
        out.print(_line(lending.loan(connection, loan), settings.lang), markup=False)


@loans.command("approve")
def approve(
    loan: Annotated[str, typer.Argument(help="Id of a loan that waits.")],
    why: Annotated[str, typer.Option(help="The reason.")],
    refuse: Annotated[bool, typer.Option("--refuse", help="Say no.")] = False,
    data: Data = None,
) -> None:
    """Say yes to a loan that waits, or no. Who entered it or its application, or reviewed it, cannot."""
    from dayan.console import out
    from graph.snapshot import open_snapshot
    from ledger.state import State
    from services.lending.booking import approve as say
    from services.lending.policy import today

    settings = _settings(data)
    source = open_snapshot(settings.data)
    done = say(source, State(settings.data), loan, _me(), why, today(), refuse=refuse)
    out.print(_line(done, settings.lang), markup=False)


@loans.command("round")
def go_round(
    portfolio: Annotated[str, typer.Argument(help="Id of the portfolio.")],
    data: Data = None,
) -> None:
    """Look at every borrower of a portfolio; what is found becomes warnings that freeze, cut or refer."""
    from dayan.console import out, table
    from graph.snapshot import open_snapshot
    from ledger.ledger import Ledger
    from ledger.state import State
    from services.lending.patrol import patrol
    from services.lending.policy import today
    from services.lending.sales_index import SalesIndex

    settings = _settings(data)
    lang, source = settings.lang, open_snapshot(settings.data)
    index = SalesIndex.of(source, Ledger(settings.data))
    done = patrol(source, State(settings.data), index, portfolio, today())
    names = source.enterprises["name"]
    rows = [
        (
            names[one.firm],
            label(f"warning_{one.code}", lang),
            label(f"action_{one.action}", lang),
            f"{one.value:g}",
        )
        for one in done.found
    ]
    heads = [label(f"loan_{name}", lang) for name in ("party", "warning", "action", "value")]
    out.print(table(heads, rows))


def _line(loan: "Loan", lang: str) -> str:
    from ledger.money import yuan

    state = label(f"loan_{loan.state}", lang)
    return f"{loan.id}  {yuan(loan.amount_fen)}  {state}  {loan.starts_on} – {loan.ends_on}"
