"""Exposure against limits: what already hangs on a borrower, group, guarantor, core …, and what a loan adds.

Two hundred small loans that hang on one car maker are one risk: a loan counts in full with every core
enterprise that its firm's paths of goods reach. What is granted and not yet drawn counts, and so does what
waits for approval.
"""

import sqlite3
from dataclasses import dataclass

from graph.snapshot import Snapshot
from ledger import lending, portfolios
from ledger.portfolios import Portfolio
from ledger.state import State
from services.lending.policy import Policy, policy_on
from services.lending.ties import DIMENSIONS, rows_of, sums, ties


@dataclass(frozen=True)
class LimitUse:
    """One limit and its use, before and after a loan, in fen. `effect`: cut | refer where it would break."""

    dimension: str
    subject: str
    limit_fen: int
    before_fen: int
    after_fen: int
    firms: int
    effect: str
    source: str
    reread: bool

    @property
    def breaks(self) -> bool:
        """Whether the loan would take it over the limit."""
        return self.after_fen > self.limit_fen and self.after_fen > self.before_fen

    @property
    def room_fen(self) -> int:
        """What is left of it before the loan."""
        return max(0, self.limit_fen - self.before_fen)


@dataclass(frozen=True)
class Fit:
    """What the limits leave of a loan: `action` pass | cut | refer; `bound`: those that cut or refer it."""

    action: str
    amount_fen: int
    bound: tuple[LimitUse, ...]


@dataclass(frozen=True)
class Exposures:
    """All that a portfolio's loans hang on, the fullest limit first; what the snapshot no longer knows."""

    portfolio: Portfolio | None
    capital_fen: int
    policy: str
    total_fen: int
    firms: int
    unknown_fen: int
    uses: tuple[LimitUse, ...]


def check(
    source: Snapshot,
    state: State,
    policy: Policy | None,
    firm: int,
    amount_fen: int,
    portfolio: str | None = None,
) -> list[LimitUse]:
    """Every limit that a loan of `amount_fen` to the firm in row `firm` touches, in the order of dimensions.

    `policy` None: that in force on the snapshot's cut-off. `portfolio` None: the one the firm is in, else
    the first that is open; without any, nothing is lent yet and the policy's own capital counts.
    Raises NotFound where the portfolio is not there.
    """
    rules = policy or policy_on(source.as_of)
    with state.reading() as connection:
        chosen = _chosen(connection, source, firm, portfolio)
        return uses_of(connection, source, rules, firm, amount_fen, chosen)


def uses_of(
    connection: sqlite3.Connection,
    source: Snapshot,
    rules: Policy,
    firm: int,
    amount_fen: int,
    portfolio: Portfolio | None,
) -> list[LimitUse]:
    """`check` inside a transaction, so that two loans cannot both pass under one limit."""
    owed, _ = _owed(connection, source, portfolio)
    mine = ties(source, [firm])
    every = ties(source, [*owed, firm]) if owed else mine
    before = sums(every, owed)
    limits = {row["dimension"]: row for row in rules.rows("limits")}
    capital = portfolio.capital_fen if portfolio else int(rules.value("capital_fen"))
    found = []
    for _, dimension, subject in mine.iter_rows():
        used, firms = before.get((dimension, subject), (0, 0))
        found.append(_use(limits[dimension], subject, capital, used, amount_fen, firms))
    order = {name: i for i, name in enumerate(DIMENSIONS)}
    return sorted(found, key=lambda use: (order[use.dimension], use.subject))


def fitted(uses: list[LimitUse], amount_fen: int, rules: Policy) -> Fit:
    """What the limits leave of `amount_fen`; each that cuts or refers is named with its use."""
    broken = [use for use in uses if use.breaks]
    refers = tuple(use for use in broken if use.effect == "refer")
    cuts = tuple(use for use in broken if use.effect == "cut")
    left = min([amount_fen, *(use.room_fen for use in cuts)])
    if not broken:
        return Fit("pass", amount_fen, ())
    least = min(amount_fen, int(rules.value("cut", "least_fen")))
    if left < least:
        return Fit("refer", amount_fen, tuple(broken))
    still = tuple(use for use in refers if use.before_fen + left > use.limit_fen)
    return Fit("refer" if still else "cut", left, (*cuts, *still))


def exposures(source: Snapshot, state: State, portfolio: str, policy: Policy | None = None) -> Exposures:
    """What a portfolio's loans hang on. Raises NotFound."""
    rules = policy or policy_on(source.as_of)
    with state.reading() as connection:
        found = portfolios.portfolio(connection, portfolio)
        owed, unknown = _owed(connection, source, found)
    limits = {row["dimension"]: row for row in rules.rows("limits")}
    summed = sums(ties(source, list(owed)), owed) if owed else {}
    uses = [
        _use(limits[dimension], subject, found.capital_fen, fen, 0, firms)
        for (dimension, subject), (fen, firms) in summed.items()
    ]
    uses.sort(key=lambda use: (-use.before_fen / max(1, use.limit_fen), use.dimension, use.subject))
    total = sum(owed.values()) + unknown
    return Exposures(found, found.capital_fen, rules.version, total, len(owed), unknown, tuple(uses))


def _use(
    rule: dict[str, object], subject: str, capital: int, before: int, amount: int, firms: int
) -> LimitUse:
    limit = capital * round(float(str(rule["share"])) * 10_000) // 10_000
    return LimitUse(
        dimension=str(rule["dimension"]),
        subject=subject,
        limit_fen=limit,
        before_fen=before,
        after_fen=before + amount,
        firms=firms,
        effect=str(rule["effect"]),
        source=str(rule["source"]),
        reread=bool(rule.get("reread", False)),
    )


def _owed(
    connection: sqlite3.Connection, source: Snapshot, portfolio: Portfolio | None
) -> tuple[dict[int, int], int]:
    """Firm → what it owes and may draw, and the sum over parties that the snapshot does not know."""
    if portfolio is None:
        return {}, 0
    risks = lending.at_risk(connection, portfolio.id)
    rows = rows_of(source, list(risks))
    owed: dict[int, int] = {}
    unknown = 0
    for party, (drawn, granted) in risks.items():
        if drawn + granted == 0:
            continue
        if party in rows:
            owed[rows[party]] = owed.get(rows[party], 0) + drawn + granted
        else:
            unknown += drawn + granted
    return owed, unknown


def _chosen(
    connection: sqlite3.Connection, source: Snapshot, firm: int, portfolio: str | None
) -> Portfolio | None:
    if portfolio is not None:
        return portfolios.portfolio(connection, portfolio)
    running = [one for one in portfolios.portfolios(connection) if not one.closed]
    for one in running:
        members = portfolios.members(connection, one.id)
        if firm in rows_of(source, members).values():
            return one
    return running[0] if running else None
