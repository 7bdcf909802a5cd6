"""`dayan credit`: applications entered, decided and reviewed, lists imported, backtests and monitoring."""

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.errors import InputError
from ledger.words import label, message

if TYPE_CHECKING:
    from api.settings import Settings
    from services.credit.desk import Desk

credit = typer.Typer(no_args_is_help=True, help="Credit: applications, decisions, reviews, policies.")
Data = Annotated[Path | None, typer.Option("--data", help="The data folder (default ./dayan-data).")]
By = Annotated[str | None, typer.Option(help="Who does it; none: who is logged in here.")]


@credit.command("apply")
def apply(
    enterprise: Annotated[str, typer.Argument(metavar="FIRM", help="Its id, code or full name.")],
    amount: Annotated[str, typer.Option(help="Yuan.")],
    consent: Annotated[str, typer.Option(help="Version of the text that the applicant agreed to.")],
    months: Annotated[int, typer.Option(min=1)] = 12,
    product: Annotated[str, typer.Option(help="working_capital, receivables or order.")] = "working_capital",
    purpose: Annotated[str, typer.Option(help="raw_materials, orders, wages …")] = "raw_materials",
    until: Annotated[str | None, typer.Option(help="Last day of consent; none: a year from today.")] = None,
    document: Annotated[list[str] | None, typer.Option(help="SHA-256 of a paper; may come again.")] = None,
    by: By = None,
    data: Data = None,
) -> None:
    """Enter an application with the applicant's consent; prints its id."""
    from dayan.console import out
    from dayan.judging import find_party
    from ledger.credit import Consent
    from ledger.ledger import Ledger
    from ledger.money import fen_of
    from services.credit.desk import Asked

    settings = _settings(data)
    desk = _desk(settings)
    fen, day = fen_of(amount), desk.today()
    if fen is None:
        raise InputError("amount_unreadable", field="amount", value=amount)
    known = desk.prepared.snapshot.index_of(enterprise) is not None
    ends = day + timedelta(days=365) if until is None else _day(until)
    policy_scope = ("enterprise_graph", "invoices", "bank_statements")
    asked = Asked(
        party=enterprise if known else find_party(Ledger(settings.data), enterprise),
        product=product,
        amount_fen=fen,
        months=months,
        purpose=purpose,
        consent=Consent(consent, policy_scope, "credit_decision", day, ends),
        documents=tuple(document or ()),
    )
    out.print(desk.apply(asked, by or _me()).id)


@credit.command("decide")
def decide(
    application: Annotated[str, typer.Argument(help="Id of the application.")],
    json: Annotated[bool, typer.Option("--json", help="The whole answer.")] = False,
    machine_refused: Annotated[
        bool, typer.Option("--person", help="The applicant refuses a decision by a machine alone.")
    ] = False,
    by: By = None,
    data: Data = None,
) -> None:
    """Decide an application and say why."""
    settings = _settings(data)
    desk = _desk(settings)
    made = desk.decide(application, by or _me(), machine_refused=machine_refused)
    _tell(settings, desk, made, as_json=json)


@credit.command("show")
def show(
    decision: Annotated[str, typer.Argument(help="Id of the decision.")],
    json: Annotated[bool, typer.Option("--json", help="The whole answer.")] = False,
    data: Data = None,
) -> None:
    """Show a decision, and whether it replays to the same bytes."""
    from dayan.console import out
    from ledger.credit import decision as kept

    settings = _settings(data)
    desk = _desk(settings)
    with desk.state.reading() as connection:
        found = kept(connection, decision)
    _tell(settings, desk, found, as_json=json)
    same = desk.replay(decision)[1]
    if not json:
        out.print(message("credit_replay_same" if same else "credit_replay_other", settings.lang))


@credit.command("review")
def review(
    decision: Annotated[str, typer.Argument(help="Id of the decision.")],
    status: Annotated[str, typer.Argument(help="approved or declined.")],
    reason: Annotated[str, typer.Option(help="papers_seen, talked_to, risk_too_high …")],
    why: Annotated[str, typer.Option(help="In words.")],
    limit: Annotated[str | None, typer.Option(help="Yuan; none: the proposed limit.")] = None,
    by: By = None,
    data: Data = None,
) -> None:
    """Decide what was referred to a person; never who entered the application."""
    from ledger.money import fen_of
    from services.credit.desk import Review

    settings = _settings(data)
    desk = _desk(settings)
    fen = None if limit is None else fen_of(limit)
    made = desk.review(decision, Review(status, fen, reason, why), by or _me())
    _tell(settings, desk, made, as_json=False)


@credit.command("lists")
def lists(
    file: Annotated[Path, typer.Argument(help="CSV: code, name, list, since, until, source, reason.")],
    by: By = None,
    data: Data = None,
) -> None:
    """Import a list of firms (black, grey, court, tax); entries known already stay as they are."""
    from dayan.console import out
    from ledger import audit
    from ledger.credit_lists import keep, read_csv
    from ledger.state import State

    settings = _settings(data)
    entries = read_csv(file.read_text("utf-8-sig"), file.name)
    with State(settings.data).writing() as connection:
        new = keep(connection, entries, by or _me())
        audit.append(connection, by or _me(), "lists_imported", file.name, entries=len(entries), new=new)
    out.print(message("lists_imported", settings.lang, entries=len(entries), new=new, file=file.name))


@credit.command("backtest")
def backtest(
    day: Annotated[list[str] | None, typer.Option(help="A day, e.g. 2025-06-30; may come again.")] = None,
    policy: Annotated[
        list[Path] | None, typer.Option(help="A policy file; none: those in force; may come again.")
    ] = None,
    outcomes: Annotated[
        Path | None, typer.Option(help="CSV or Parquet: code, booked_on, amount_fen, defaulted.")
    ] = None,
    data: Data = None,
) -> None:
    """Say what policies would have done on past days, and what became of loans booked then."""
    from dayan.console import out, table
    from services.credit.backtest import backtest as run
    from services.credit.policy import read_policy, shipped

    settings = _settings(data)
    desk = _desk(settings)
    days = [_day(one) for one in day] if day else [desk.prepared.snapshot.as_of]
    chosen = [read_policy(one.read_text("utf-8")) for one in policy] if policy else shipped()
    known = None if outcomes is None else _outcomes(desk, outcomes)
    rows = run(desk.prepared, desk.sources.model(), chosen, days, known)
    names = [label(f"backtest_{name}", settings.lang) for name in rows.columns]
    shown = [[f"{v:,}" if isinstance(v, int) else v for v in row] for row in rows.iter_rows()]
    out.print(table(names, shown, right=names[2:]))


@credit.command("monitor")
def monitor(
    since: Annotated[str, typer.Option(help="Decisions from this day on are set against those before.")],
    json: Annotated[bool, typer.Option("--json", help="The whole report.")] = False,
    data: Data = None,
) -> None:
    """Say how decisions move: drift with the band of chance, approval by kind of firm, overrides."""
    from json import dumps

    from dayan.console import out, table
    from services.credit.monitoring import decided, report

    settings, lang = _settings(data), _settings(data).lang
    desk = _desk(settings)
    with desk.state.reading() as connection:
        rows = decided(connection, desk.prepared)
    told = report(rows, _day(since).isoformat(), desk.sources.model().names)
    if json:
        out.print(dumps(told, ensure_ascii=False, indent=1), markup=False, highlight=False, soft_wrap=True)
        return
    out.print(message("monitor_head", lang, **{k: told[k] for k in ("decisions", "reviewed", "overrides")}))
    heads = [label(f"monitor_{name}", lang) for name in ("name", "psi", "band", "reference", "current")]
    moved = [[one[k] for k in ("name", "psi", "band", "reference", "current")] for one in told["drift"]]
    out.print(table(heads, moved, right=heads[1:]))
    heads = [label(f"monitor_{name}", lang) for name in ("dimension", "value", "count", "approved")]
    rates = [[one[k] for k in ("dimension", "value", "count", "approved")] for one in told["rates"]]
    out.print(table(heads, rates, right=heads[2:]))


def _tell(settings: "Settings", desk: "Desk", made: Any, *, as_json: bool) -> None:
    """A decision in words."""
    from api.views.credit import decision as told
    from dayan.console import out

    answer = told(made, desk.prepared, desk.today(), settings.lang)
    if as_json:
        out.print(answer.model_dump_json(indent=1), markup=False, highlight=False, soft_wrap=True)
        return
    head = {k: getattr(answer, k) for k in ("decision_id", "score", "grade", "valid_until")}
    limit, pd = f"{answer.limit.amount_fen / 100:,.2f}", f"{100 * answer.pd:.2f}"
    line = message(
        "credit_head", settings.lang, name=answer.enterprise.name, status=answer.status_text,
        limit=limit, pd=pd, **head,
    )  # fmt: skip
    out.print(line, markup=False, highlight=False, soft_wrap=True)
    if answer.rate_basis:
        out.print(answer.rate_basis.text, markup=False, highlight=False)
    lines: list[Any] = [*answer.reasons, *answer.limit.parts, *answer.dealings]
    for one in lines:
        out.print(f"  {one.text}", markup=False, highlight=False, soft_wrap=True)
    if answer.advice_text:
        out.print(f"→ {answer.advice_text}", markup=False, highlight=False)


def _outcomes(desk: "Desk", path: Path) -> Any:
    """Loans with their outcomes, by rows of the snapshot."""
    import polars as pl

    from services.credit.backtest import OUTCOMES

    rows = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, try_parse_dates=True)
    firms = desk.prepared.snapshot.enterprises.select("code").with_row_index("enterprise")
    return rows.join(firms, on="code").select(pl.col(n).cast(t) for n, t in OUTCOMES.items())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("day_unreadable", value=text) from None


def _desk(settings: "Settings") -> "Desk":
    from graph.snapshot import open_snapshot
    from ledger.ledger import Ledger
    from ledger.state import State
    from services.credit.desk import Desk
    from services.credit.rooms import rooms_of

    state = State(settings.data)
    rooms = rooms_of(open_snapshot(settings.data), Ledger(settings.data), state)
    return Desk(rooms.prepared, rooms, state)


def _settings(data: Path | None) -> "Settings":
    from api.settings import load_settings

    return load_settings(data=data)


def _me() -> str:
    from getpass import getuser

    try:
        return getuser()
    except OSError:
        return "local"
