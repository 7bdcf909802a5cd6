"""Exposure against limits: what already hangs on a borrower, group, guarantor, core …, and what a loan adds.

Two hundred small loans that hang on one car maker are one risk: a loan counts in full with every core
enterprise that its firm's paths of goods reach. What is granted and not yet drawn counts, and so does what
waits for approval or was approved and is not booked. The policy says of each limit whether it is over the
whole house or over one portfolio.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from graph.snapshot import Snapshot
from ledger import lending, portfolios
from ledger.lending import AtRisk
from ledger.money import yuan
from ledger.portfolios import Portfolio
from ledger.state import State
from services.lending.policy import Policy, policy_on, today
from services.lending.receivables import parties_of
from services.lending.subjects import UNKNOWN, subject_of
from services.lending.ties import DIMENSIONS, rows_of, sums

#: Over what a limit may be.
OVER = ("house", "portfolio")


@dataclass(frozen=True)
class LimitUse:
    """One limit and its use, before and after a loan, in fen. `effect`: cut | refer where it would break;
    `over`: house | portfolio; `law`: the regulator's, which nobody overrides. Of dimension `unknown`: what
    nobody can place, to which a loan adds nothing."""

    dimension: str
    subject: str
    limit_fen: int
    before_fen: int
    after_fen: int
    firms: int
    effect: str
    source: str
    reread: bool
    over: str = "portfolio"
    law: bool = False

    @property
    def breaks(self) -> bool:
        """Whether the loan would take it over the limit; more unknown than the limit breaks every loan."""
        adds = self.after_fen > self.before_fen or self.dimension == UNKNOWN
        return self.after_fen > self.limit_fen and adds

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
    """All that a portfolio's loans hang on, the fullest limit first; what the snapshot no longer knows.

    `total_fen`, `firms`, `unknown_fen`: of the portfolio; `house_*`: of all portfolios and of what is
    approved and not booked (`approved_fen`). Totals hold what borrowers owe that the snapshot does not know.
    """

    portfolio: Portfolio
    capital_fen: int
    policy: str
    total_fen: int
    firms: int
    unknown_fen: int
    house_capital_fen: int
    house_total_fen: int
    house_unknown_fen: int
    approved_fen: int
    uses: tuple[LimitUse, ...]


@dataclass
class _Owed:
    """Row of a firm → what hangs on it; the parties that the snapshot does not know, and theirs."""

    firms: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    unknown: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def unknown_fen(self) -> int:
        return sum(self.unknown.values())

    @property
    def total_fen(self) -> int:
        return sum(self.firms.values()) + self.unknown_fen


@dataclass(frozen=True)
class _Book:
    """What hangs on whom, and the capital that limits are shares of: by what a limit is over."""

    owed: dict[str, _Owed]
    capital_fen: dict[str, int]
    approved_fen: int


def check(
    source: Snapshot,
    state: State,
    policy: Policy | None,
    firm: int,
    amount_fen: int,
    portfolio: str | None = None,
    on: date | None = None,
) -> list[LimitUse]:
    """Every limit that a loan of `amount_fen` to the firm in row `firm` touches, in the order of dimensions.

    `policy` None: that in force on the snapshot's cut-off. `portfolio` None: the one the firm is in, else
    the first that is open; without any, nothing is lent yet and the policy's own capital counts. `on` None:
    today, for approvals that are still valid. Raises NotFound where the portfolio is not there.
    """
    rules = policy or policy_on(source.as_of)
    with state.reading() as connection:
        chosen = _chosen(connection, source, firm, portfolio)
        return uses_of(connection, source, rules, firm, amount_fen, chosen, on)


def uses_of(
    connection: sqlite3.Connection,
    source: Snapshot,
    rules: Policy,
    firm: int,
    amount_fen: int,
    portfolio: Portfolio | None,
    on: date | None = None,
    decision: str | None = None,
    loan: str | None = None,
) -> list[LimitUse]:
    """`check` inside a transaction, so that two loans cannot both pass under one limit.

    `decision`: the decision that is being booked, `loan`: the waiting loan that is being approved, which do
    not count beside `amount_fen` (`ledger.lending.at_risk`).
    """
    risks = lending.at_risk(connection, on or today(), decision, loan)
    book = _book(connection, source, rules, portfolio, risks)
    uses = list(_uses(source, rules, book, [firm], amount_fen))
    order = {name: i for i, name in enumerate((*DIMENSIONS, UNKNOWN))}
    return sorted(uses, key=lambda use: (order[use.dimension], use.subject, use.over))


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


def refusal(source: Snapshot, fit: Fit) -> dict[str, Any]:
    """What tells of the first limit that a loan would break: codes, fen, and words for the sentence."""
    first = fit.bound[0]
    fen = {name: int(getattr(first, f"{name}_fen")) for name in ("before", "after", "limit")}
    fen["left"] = fit.amount_fen
    return {
        "dimension": first.dimension,
        "subject": first.subject,
        "over": first.over,
        **{f"{name}_fen": value for name, value in fen.items()},
        **{name: yuan(value) for name, value in fen.items()},
        "subject_text": subject_of(source, first.dimension, first.subject).texts(),
    }


def exposures(
    source: Snapshot, state: State, portfolio: str, policy: Policy | None = None, on: date | None = None
) -> Exposures:
    """What a portfolio's loans hang on; limits over the house with what all portfolios add to them. Raises
    NotFound."""
    rules = policy or policy_on(source.as_of)
    with state.reading() as connection:
        found = portfolios.portfolio(connection, portfolio)
        book = _book(connection, source, rules, found, lending.at_risk(connection, on or today()))
    own, house = book.owed["portfolio"], book.owed["house"]
    uses = list(_uses(source, rules, book, list(own.firms), 0))
    uses.sort(key=lambda use: (-use.before_fen / max(1, use.limit_fen), use.dimension, use.subject, use.over))
    return Exposures(
        portfolio=found,
        capital_fen=found.capital_fen,
        policy=rules.version,
        total_fen=own.total_fen,
        firms=len(own.firms),
        unknown_fen=own.unknown_fen,
        house_capital_fen=book.capital_fen["house"],
        house_total_fen=house.total_fen,
        house_unknown_fen=house.unknown_fen,
        approved_fen=book.approved_fen,
        uses=tuple(uses),
    )


def _uses(
    source: Snapshot, rules: Policy, book: _Book, firms_of: list[int], amount_fen: int
) -> Iterator[LimitUse]:
    """The limits on what the firms `firms_of` hang on. A limit over the portfolio is told
    beside that over the house only where less is left of it; what nobody can place, wherever there is any."""
    before = {over: sums(source, firms_of, owed.firms) for over, owed in book.owed.items()}
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(rules.rows("limits"), key=lambda row: OVER.index(_over(row))):
        rows[row["dimension"]].append(row)
    for dimension, subject in next(iter(before.values())):
        told: list[LimitUse] = []
        for row in rows[dimension]:
            fen, firms = before[_over(row)].get((dimension, subject), (0, 0))
            use = _use(row, dimension, subject, book.capital_fen[_over(row)], (fen, amount_fen), firms)
            if all(use.room_fen < other.room_fen or use.effect != other.effect for other in told):
                told.append(use)
        yield from told
    unknown = book.owed["house"].unknown
    if "unknown" in rules.body and unknown:
        row = {**rules.body["unknown"], "over": "house"}
        fen = book.owed["house"].unknown_fen
        yield _use(row, UNKNOWN, UNKNOWN, book.capital_fen["house"], (fen, 0), len(unknown))


def _use(
    rule: dict[str, Any], dimension: str, subject: str, capital: int, fen: tuple[int, int], firms: int
) -> LimitUse:
    """`fen`: used before, and added."""
    before, added = fen
    return LimitUse(
        dimension=dimension,
        subject=subject,
        limit_fen=capital * round(float(str(rule["share"])) * 10_000) // 10_000,
        before_fen=before,
        after_fen=before + added,
        firms=firms,
        effect=str(rule["effect"]),
        source=str(rule["source"]),
        reread=bool(rule.get("reread", False)),
        over=_over(rule),
        law=bool(rule.get("law", False)),
    )


def _over(rule: dict[str, Any]) -> str:
    return str(rule.get("over", "portfolio"))


def _book(
    connection: sqlite3.Connection,
    source: Snapshot,
    rules: Policy,
    portfolio: Portfolio | None,
    risks: list[AtRisk],
) -> _Book:
    """What hangs on whom, in the house and in a portfolio. What is approved and in no portfolio yet counts in
    the house alone: nobody has said where it will be booked."""
    own = None if portfolio is None else portfolio.id
    rows = rows_of(source, sorted({one.party for one in risks}))
    owed = {over: _Owed() for over in OVER}
    for one in risks:
        for over in ("house",) if one.portfolio is None or one.portfolio != own else OVER:
            if one.party in rows:
                owed[over].firms[rows[one.party]] += one.fen
            else:
                owed[over].unknown[one.party] += one.fen
    house = _house_capital(connection, rules)
    capital = {"house": house, "portfolio": portfolio.capital_fen if portfolio else house}
    return _Book(owed, capital, sum(one.fen for one in risks if one.portfolio is None))


def _house_capital(connection: sqlite3.Connection, rules: Policy) -> int:
    """The policy's capital, or what the open portfolios have together where that is less: a portfolio moves
    capital and makes none, so that opening one never widens a limit past the policy's."""
    most = int(rules.value("capital_fen"))
    opened = portfolios.open_capital_fen(connection)
    return most if opened is None else min(most, opened)


def _chosen(
    connection: sqlite3.Connection, source: Snapshot, firm: int, portfolio: str | None
) -> Portfolio | None:
    if portfolio is not None:
        return portfolios.portfolio(connection, portfolio)
    return portfolios.open_for(connection, [source.id_of(firm), *parties_of(source, firm)])
