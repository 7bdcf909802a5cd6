"""Products for a firm's idle money: who may be shown what, the shortlist, the plan, and its checks."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Protocol, TypeVar

import numpy as np
import polars as pl

from graph.csr import Int64
from ledger.errors import InputError
from services.wealth.customer import Customer, suitable
from services.wealth.ladder import Ladder, ladder
from services.wealth.needs import Needs, needs_of
from services.wealth.offers import Offers, offers, shortlist
from services.wealth.policy import Policy, policy_on

T = TypeVar("T")
#: Products that a plan is made from, and days that may be looked ahead.
SHORTLISTED, MOST_DAYS = 500, 365
#: Of those, the ones nearest to the front that the programme is solved over.
SOLVED_OVER = 160
#: And open products beside them.
OPEN = 20
#: Significant figures of the money by which shortlists are shared between customers.
_FIGURES = 1


class Path(Protocol):
    """What is read of a cash path: scenarios of daily flows in fen, int64[k, days], from `start` on."""

    @property
    def start(self) -> date:
        """The first day."""
        ...

    @property
    def inflow_fen(self) -> Int64:
        """Money in."""
        ...

    @property
    def outflow_fen(self) -> Int64:
        """Money out."""
        ...


@dataclass(frozen=True)
class Question:
    """What is asked: `amount_fen` is placed for `horizon` days from the one after `day`; `reserve_fen`
    beside it pays first. `today`: the day on which it is proposed, by which assessments, rules and sales days
    are judged; None: `day`."""

    customer: Customer
    day: date
    horizon: int
    amount_fen: int
    reserve_fen: int = 0
    shortlisted: int = SHORTLISTED
    today: date | None = None

    @property
    def proposed_on(self) -> date:
        """The day on which it is proposed."""
        return self.day if self.today is None else self.today


@dataclass(frozen=True)
class Match:
    """The answer: how many products are on the shelf, suitable, and in time; the shortlist; the plan."""

    policy: Policy
    start: date
    on_shelf: int
    suitable: int
    in_time: int
    offers: Offers
    ladder: Ladder
    needs: Needs


@dataclass(frozen=True)
class Listed:
    """Suitable offers cut down to a shortlist."""

    suitable: int
    in_time: int
    offers: Offers


Keep = Callable[[Hashable, Callable[[], Listed]], Listed]


def _not_kept(_key: Hashable, make: Callable[[], Listed]) -> Listed:
    return make()


def match(shelf: pl.DataFrame, path: Path, question: Question, keep: Keep = _not_kept) -> Match:
    """The plan for `question` on `path`. `keep` may remember shortlists: they depend on the kind of customer,
    the day and the rough size of the money, not on the firm.

    Raises InputError where nothing may be proposed: no assessment in force, no money, no days.
    """
    if not 7 <= question.horizon <= MOST_DAYS:
        raise InputError("wealth_horizon", days=question.horizon, least=7, most=MOST_DAYS)
    if question.amount_fen <= 0:
        raise InputError("wealth_no_money")
    scenarios, days = path.inflow_fen.shape
    if days < question.horizon:
        raise InputError("wealth_path_short", days=days, horizon=question.horizon)
    policy = policy_on(question.proposed_on)
    start = max(path.start, question.day + timedelta(days=1))
    if start != path.start:
        raise InputError("wealth_path_day", start=path.start.isoformat(), day=question.day.isoformat())
    listed = keep(key_of(question), lambda: listed_for(shelf, question, start, policy))
    needs = needs_of(
        path.inflow_fen, path.outflow_fen, question.horizon, question.amount_fen, question.reserve_fen
    )
    found = _for_amount(listed.offers, question.amount_fen, policy)
    nearest = shortlist(found, SOLVED_OVER)
    found = found.take(np.union1d(nearest, _open_best(found)))
    plan = ladder(found, needs, question.amount_fen, question.horizon, policy, seed=scenarios)
    return Match(
        policy=policy,
        start=start,
        on_shelf=shelf.height,
        suitable=listed.suitable,
        in_time=listed.in_time,
        offers=listed.offers,
        ladder=plan,
        needs=needs,
    )


def key_of(question: Question) -> Hashable:
    """What a shortlist depends on."""
    who = question.customer
    level = who.assessment.level if who.assessment else None
    expires = who.assessment and (
        who.assessment.assessed_on,
        who.assessment.expires_on,
        who.assessment.assessor,
    )
    rough = _rough(question.amount_fen)
    return (
        *("wealth", level, expires, who.professional, who.natural_person),
        *(question.day, question.proposed_on, question.horizon, rough, question.shortlisted),
    )


def _rough(amount_fen: int) -> int:
    """The money rounded down to one figure: products that take no more than that are compared with it."""
    unit: int = 10 ** max(len(str(amount_fen)) - _FIGURES, 0)
    return amount_fen // unit * unit


def listed_for(shelf: pl.DataFrame, question: Question, start: date, policy: Policy) -> Listed:
    """The shortlist for everybody of that kind with about that much money. Raises InputError."""
    allowed = suitable(shelf, question.customer, question.proposed_on, policy)
    every = offers(allowed, start, question.horizon, _rough(question.amount_fen), policy)
    return Listed(allowed.height, len(every), every.take(shortlist(every, question.shortlisted)))


def _for_amount(found: Offers, amount_fen: int, policy: Policy) -> Offers:
    """Offers of a shortlist with the bounds of exactly this amount."""
    least = np.maximum(found.frame["least_fen"].to_numpy(), int(amount_fen * policy.rung_share))
    size = found.frame["size_fen"].fill_null(10**17).to_numpy()
    most = np.minimum((size * policy.size_share).astype(np.int64), int(amount_fen * policy.product_share))
    most = np.minimum(most, found.frame["most_fen"].fill_null(10**17).to_numpy())
    exact = replace(found, least_fen=least, most_fen=most)
    return exact.take(np.flatnonzero(least <= most))


def _open_best(found: Offers) -> Int64:
    """The best open products: what a plan is compared with must be at hand too."""
    open_ = np.flatnonzero(
        (found.frame["lock_days"] == 0).to_numpy() & (found.frame["level"] <= 2).to_numpy()
    )
    return open_[np.argsort(-found.rate[open_], kind="stable")][:OPEN]


def liquid_rate(found: Offers, amount_fen: int, policy: Policy) -> float:
    """The best yield of open products of the two calmest levels, each to its bound, whatever is needed."""
    open_ = (found.frame["lock_days"] == 0).to_numpy() & (found.frame["level"] <= 2).to_numpy()
    return filled(found, np.flatnonzero(open_), amount_fen, policy)


def filled(found: Offers, rows: Int64, amount_fen: int, policy: Policy) -> float:
    """Yield of the money put into `rows`, the best first, each and each issuer to its bound."""
    room = dict.fromkeys(found.frame["issuer"].to_list(), policy.issuer_share * amount_fen)
    issuers = found.frame["issuer"].to_list()
    left, earned = float(amount_fen), 0.0
    for row in rows[np.argsort(-found.rate[rows], kind="stable")]:
        taken = min(left, float(found.most_fen[row]), room[issuers[row]])
        earned += taken * float(found.rate[row])
        left -= taken
        room[issuers[row]] -= taken
    return (earned + left * policy.account_rate) / amount_fen
