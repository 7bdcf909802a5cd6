"""One round after the loan: signals of every borrower become warnings that freeze, cut or refer, logged."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from graph.snapshot import Snapshot
from ledger import lending, portfolios, watch
from ledger.lending import Loan
from ledger.state import State
from services.lending.account import Account
from services.lending.policy import Policy, policy_on
from services.lending.receivables import parties_of
from services.lending.sales_index import SalesIndex
from services.lending.servicing import account_of
from services.lending.ties import rows_of
from services.lending.watching import Signal, Unknown, signals

#: Who raises warnings on a round; a person lifts them.
WATCH = "watch"


@dataclass(frozen=True)
class Round:
    """What a round found. `raised`: warnings that were not noted before; `cut_fen`: credit that ended."""

    borrowers: int
    found: tuple[Signal, ...]
    unknown: tuple[Unknown, ...]
    raised: int
    cut_fen: int


def patrol(
    source: Snapshot,
    state: State,
    index: SalesIndex,
    portfolio: str,
    on: date,
    more: Sequence[Signal] = (),
) -> Round:
    """Look at every borrower of a portfolio as of the snapshot and at their loans as of `on`.

    `more`: signals found elsewhere, such as `watching.contagion`. The same round again raises nothing anew.
    A cut ends what is granted and not drawn, in every portfolio; a freeze keeps anything more from being lent
    or drawn until somebody lifts it; a refer sends the next decision to a person. Raises NotFound.
    """
    rules = policy_on(on)
    with state.reading() as connection:
        portfolios.portfolio(connection, portfolio)
        loans = lending.loans(connection, portfolio, states=("active",))
        overdue = [(loan, account_of(connection, loan, max(on, _starts(loan)))) for loan in loans]
    rows = rows_of(source, sorted({loan.party for loan in loans}))
    found, unknown = signals(source, index, list(rows.values()), rules)
    known = set(rows.values())
    found += [one for one in more if one.firm in known]
    found += _overdue(overdue, rows, rules)
    parties = {firm: [p for p, f in rows.items() if f == firm] for firm in known}
    raised, cut = 0, 0
    with state.writing() as connection:
        for one in found:
            for party in parties[one.firm]:
                detail = {"value": one.value, "at_least": one.at_least, **one.detail}
                new = watch.raise_(
                    connection, party, one.code, _day(one, source, on), one.action, detail, WATCH
                )
                raised += new
                if new and one.action == "cut":
                    every = lending.loans(connection, None, parties_of(source, one.firm), ("active",))
                    cut += sum(_cut(connection, loan, on) for loan in every)
    return Round(len(known), tuple(found), tuple(unknown), raised, cut)


def hold_on(source: Snapshot, state: State, firm: int) -> tuple[str | None, list[watch.Warning_]]:
    """The strongest action that stands against the firm in row `firm` (freeze, cut, refer, note; None), and
    the warnings behind it: what the next decision on it has to keep to."""
    with state.reading() as connection:
        parties = parties_of(source, firm)
        return watch.strongest(connection, parties), watch.warnings(connection, parties, standing=True)


def every_party(source: Snapshot, parties: Sequence[str]) -> list[str]:
    """These parties and all others that their firms were joined from: a warning stands under any of them."""
    firms = pl.Series(sorted(set(rows_of(source, list(parties)).values())), dtype=pl.Int32)
    others = source.members.filter(pl.col("enterprise").is_in(firms.implode()))["party"]
    return sorted({*parties, *others, *source.enterprises["id"].gather(firms)})


def _starts(loan: Loan) -> date:
    return date.fromisoformat(loan.starts_on)


def _day(one: Signal, source: Snapshot, on: date) -> date:
    """What is read off the papers is dated by them, so that the next round does not raise it again."""
    return on.replace(day=1) if one.code == "overdue" else source.as_of


def _overdue(accounts: list[tuple[Loan, Account]], rows: dict[str, int], rules: Policy) -> list[Signal]:
    """Loans overdue, the worst of each firm."""
    steps = [row for row in rules.rows("warnings") if row["code"] == "overdue"]
    worst: dict[int, tuple[int, Loan]] = {}
    for loan, told in accounts:
        if loan.party in rows and told.overdue_days > worst.get(rows[loan.party], (0, loan))[0]:
            worst[rows[loan.party]] = (told.overdue_days, loan)
    found = []
    for firm, (days, loan) in sorted(worst.items()):
        met = [row for row in steps if days >= row["from"]]
        if met:
            row = max(met, key=lambda step: step["from"])
            detail = {"loan": loan.id}
            found.append(Signal(firm, "overdue", float(days), float(row["from"]), row["action"], detail))
    return found


def _cut(connection: sqlite3.Connection, loan: Loan, on: date) -> int:
    """End what is granted and not drawn; returns how much. Never before the last entry: what was drawn on a
    later day than the round looks at is drawn."""
    entries = lending.entries(connection, loan.id)
    rest = sum(entry.postings.get("commitment", 0) for entry in entries)
    if rest <= 0:
        return 0
    on = max(on, *(entry.happened_on for entry in entries))
    ended = {"commitment": -rest, "commitment_contra": rest}
    lending.post(connection, loan.id, "commitment_ended", on, f"cut {on.isoformat()}", WATCH, ended)
    return rest
