"""Part of bench `wealth`: the ladder on the generated shelf, its shortlist, ten thousand generated cases."""

import time
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from bench.wealth_check import Case, Rung, broken, may_be_advised, missing
from graph.csr import Int64
from ledger.errors import DayanError
from seeds.shelf import shelf
from services.wealth.customer import Assessment, Customer
from services.wealth.ladder import shocks
from services.wealth.match import Match, Question, filled, liquid_rate, listed_for, match
from services.wealth.offers import Offers, offers, shortlist
from services.wealth.policy import policy_on
from services.wealth.programme import Bounds, Programme, cvar

DAY, START = date(2025, 12, 31), date(2026, 1, 1)
HORIZON, AMOUNT = 182, 1_000_000_000
SCENARIOS, FRESH, CASES = 400, 5_000, 10_000


@dataclass(frozen=True)
class Path:
    """Scenarios as a cash path gives them."""

    start: date
    inflow_fen: Int64
    outflow_fen: Int64

    @property
    def need_fen(self) -> Int64:
        """Needed in all until the end of each day."""
        net = np.cumsum(self.outflow_fen - self.inflow_fen, axis=1)
        return np.maximum.accumulate(np.maximum(net, 0), axis=1)


def firm_path(scenarios: int, seed: int, days: int = HORIZON, amount_fen: int = AMOUNT) -> Path:
    """A firm that lives from invoice to invoice: takings and payments on weekdays, wages, a tax quarter, and
    two large payments whose size is not sure; good and bad half-years lift everything together."""
    rng = np.random.default_rng([seed, scenarios])
    weekday = (START.weekday() + np.arange(days)) % 7 < 5
    daily = amount_fen * 0.3 / 130
    inflow = rng.lognormal(-0.3, 0.8, (scenarios, days)) * daily * weekday
    outflow = rng.lognormal(-0.3, 0.8, (scenarios, days)) * daily * 1.1 * weekday
    outflow[:, 14::30] += amount_fen * 0.01
    for at, share in ((days // 3, 0.10), (2 * days // 3, 0.15)):
        late = np.minimum(at + rng.integers(0, 10, scenarios), days - 1)
        outflow[np.arange(scenarios), late] += amount_fen * share * rng.lognormal(0, 0.25, scenarios)
    inflow *= np.exp(rng.normal(0, 0.12, (scenarios, 1)))
    return Path(START, inflow.astype(np.int64), outflow.astype(np.int64))


def customer(level: str = "C2") -> Customer:
    """An ordinary firm, assessed in time."""
    return Customer(Assessment(level, "bench", date(2025, 9, 1), date(2026, 8, 31)))


def rungs_of(found: Match) -> list[Rung]:
    """The plan as whoever carries it out reads it."""
    ladder = found.ladder
    many = ladder.offers
    rows = ladder.rows.tolist()
    return [
        Rung(
            many.frame.row(row, named=True),
            int(amount),
            found.start + timedelta(days=many.bought),
            found.start + timedelta(days=int(many.order[row])),
            found.start + timedelta(days=int(many.money[row])),
        )
        for row, amount in zip(rows, ladder.amount_fen, strict=True)
    ]


def _case(question: Question, path: Path) -> Case:
    told = question.customer.assessment
    return Case(
        told.level if told else None,
        told.assessed_on if told else None,
        told.expires_on if told else None,
        question.customer.professional,
        question.customer.natural_person,
        question.day,
        path.start,
        question.horizon,
        question.amount_fen,
        path.need_fen,
    )


def plan(seed: int = 1) -> dict[str, object]:
    """`gain_bp` and `cvar_ratio` of one plan, on paths that made no part of it; rivals beside it."""
    products = shelf()
    question = Question(customer(), DAY, HORIZON, AMOUNT)
    begun = time.process_time()
    found = match(products, firm_path(SCENARIOS, seed), question)
    seconds = time.process_time() - begun
    fresh = firm_path(FRESH, 1_000 + seed)
    case = _case(question, fresh)
    policy = found.policy
    lost = missing(case, rungs_of(found), found.ladder.account_fen)
    every = offers(
        listed_for(products, replace(question, shortlisted=10**6), START, policy).offers.frame,
        *(START, HORIZON, AMOUNT, policy),
    )
    liquid = liquid_rate(every, AMOUNT, policy)
    return {
        "gain_bp": round((found.ladder.rate - liquid) * 1e4, 2),
        "cvar_ratio": round(cvar(lost, policy.cvar_level) / policy.cvar_share, 4),
        "yield": round(found.ladder.rate, 5),
        "liquid_yield": round(liquid, 5),
        "liquid_yield_same_needs": round(found.ladder.open_rate, 5),
        "locked_when_needed": round(float((lost > 0).mean()), 4),
        "rungs": len(found.ladder.rows),
        "greedy": _greedy(every, case),
        "greedy_yield": round(filled(every, np.arange(len(every)), AMOUNT, policy), 5),
        "plan_cpu_seconds": round(seconds, 3),
        "own_check": round(found.ladder.checked.cvar / policy.cvar_share, 4),
    }


def _greedy(every: Offers, case: Case) -> dict[str, float]:
    """The rival that takes the highest yields and looks at no need."""
    rungs, left = [], case.amount_fen
    for row in np.argsort(-every.rate, kind="stable").tolist():
        taken = min(left, int(every.most_fen[row]))
        if taken <= 0:
            break
        days = (every.bought, int(every.order[row]), int(every.money[row]))
        rungs.append(
            Rung(every.frame.row(row, named=True), taken, *(START + timedelta(days=d) for d in days))
        )
        left -= taken
    lost = missing(case, rungs, left)
    return {"cvar_ratio": round(cvar(lost, 0.95) / 0.01, 2), "locked": round(float((lost > 0).mean()), 4)}


def shortlisted(seed: int = 1) -> dict[str, object]:
    """What 500 of 10,000 products lose to all that are suitable, and how long list and plan take."""
    products, path = shelf(), firm_path(SCENARIOS, seed)
    question = Question(customer(), DAY, HORIZON, AMOUNT)
    policy = policy_on(DAY)
    begun = time.process_time()
    few = match(products, path, question)
    seconds = time.process_time() - begun
    listed = listed_for(products, replace(question, shortlisted=10**6), START, policy)
    begun = time.process_time()
    best = _relaxed(listed.offers, few, question)
    all_seconds = time.process_time() - begun
    short = _relaxed(listed.offers.take(shortlist(listed.offers, 500)), few, question)
    return {
        "shortlist_lost_bp": round(max(0.0, (best - short) * 1e4), 3),
        "shortlist_seconds": round(seconds, 3),
        "all_seconds": round(all_seconds, 3),
        "shelf": products.height,
        "suitable": few.suitable,
        "in_time": few.in_time,
        "shortlist": len(few.offers),
    }


def _relaxed(many: Offers, found: Match, question: Question) -> float:
    """The best yield of the programme itself, before amounts are rounded to what products accept."""
    policy = found.policy
    bounds = Bounds(
        *(question.amount_fen, question.horizon, policy.issuer_share, policy.needed_in),
        *(policy.cvar_level, policy.account_rate),
    )
    made = Programme(many, found.needs, shocks(len(found.needs.short), 1), bounds)
    x = made.solve(policy.cvar_share, np.zeros(len(many), bool))
    assert x is not None
    return float(made.rate @ x[: 1 + made.n])


def cases(count: int = CASES, seed: int = 1) -> dict[str, object]:
    """`violations` over generated cases: customers, shelves, horizons, needs; refusals are checked too."""
    rng = np.random.default_rng(seed)
    whole = shelf()
    broke: dict[str, int] = {}
    refused = planned = wrong = 0
    for _ in range(count):
        question, path, products = _drawn(rng, whole)
        case = _case(question, path)
        try:
            found = match(products, path, question)
        except DayanError as error:
            refused += 1
            wrong += may_be_advised(case) and error.code != "wealth_no_plan"
            continue
        planned += 1
        for name in broken(case, rungs_of(found), found.ladder.account_fen):
            broke[name] = broke.get(name, 0) + 1
    return {
        "violations": sum(broke.values()) + wrong,
        "broken": broke,
        "refused_without_cause": wrong,
        "cases": count,
        "planned": planned,
        "refused": refused,
    }


def _drawn(rng: np.random.Generator, whole: pl.DataFrame) -> tuple[Question, Path, pl.DataFrame]:
    """One case: some of the shelf, somebody, some money, some needs."""
    products = whole[np.sort(rng.choice(whole.height, int(rng.integers(5, 60)), replace=False))]
    day = DAY - timedelta(days=int(rng.integers(0, 300)))
    assessed = day - timedelta(days=int(rng.integers(-20, 480)))
    told = Assessment(
        f"C{rng.integers(1, 6)}", "desk", assessed, assessed + timedelta(days=int(rng.integers(30, 700)))
    )
    who = Customer(None if rng.random() < 0.03 else told, bool(rng.random() < 0.3), bool(rng.random() < 0.4))
    horizon = int(rng.integers(7, 200))
    amount = int(10 ** rng.uniform(6, 11))
    scenarios = int(rng.integers(20, 61))
    swing = rng.uniform(0.05, 1.5) / np.sqrt(horizon)
    net = rng.normal(rng.uniform(-0.5, 1) * swing / 5, swing, (scenarios, horizon))
    if rng.random() < 0.5:
        net[:, int(rng.integers(0, horizon))] += rng.uniform(0, 0.8)
    fen = (net * amount * 0.3).astype(np.int64)
    path = Path(day + timedelta(days=1), np.maximum(-fen, 0), np.maximum(fen, 0))
    return Question(who, day, horizon, amount), path, products
