"""Part of bench `wealth`: a checker of plans, written from the rules of the trade alone.

Day by day and product by product, in plain Python; it shares nothing with the planner but the calendar of
banking days."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from services.calendar import is_banking_day

LEVELS = {"C1": 1, "C2": 2, "C3": 3, "C4": 4, "C5": 5}
#: Money needed in nineteen of twenty scenarios is never locked.
NEEDED_IN = 0.95
#: 10,000 yuan a day and product may leave at once.
QUICK_CAP_FEN = 1_000_000
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rung:
    """So much in this product until that day; `money_on`: when the plan says that it is back."""

    product: dict[str, Any]
    amount_fen: int
    bought_on: date
    until: date
    money_on: date


@dataclass(frozen=True)
class Case:
    """What a plan was asked for: `need_fen[k][d]`, needed in all until the end of day d, by scenario."""

    level: str | None
    assessed_on: date | None
    expires_on: date | None
    professional: bool
    individual_business: bool
    day: date
    start: date
    horizon: int
    amount_fen: int
    need_fen: np.ndarray


def may_be_advised(case: Case) -> bool:
    """Whether an assessment is in force: dated, not expired, no older than a year."""
    if case.level not in LEVELS or case.assessed_on is None or case.expires_on is None:
        return False
    in_time = case.assessed_on <= case.day <= case.expires_on
    return in_time and (case.day - case.assessed_on).days <= 365


def broken(case: Case, rungs: list[Rung], account_fen: int) -> list[str]:
    """The rules that a plan breaks, by name; nothing where it keeps all."""
    found = []
    if not may_be_advised(case):
        found.append("no_assessment")
    for rung in rungs:
        found += _product(case, rung)
        found += _dates(rung)
    if sum(rung.amount_fen for rung in rungs) + account_fen != case.amount_fen or account_fen < 0:
        found.append("amounts_do_not_add_up")
    if len({rung.product["id"] for rung in rungs}) != len(rungs):
        found.append("product_twice")
    return found + _locked(case, rungs, account_fen)


def _product(case: Case, rung: Rung) -> list[str]:
    product, found = rung.product, []
    if product["level"] > LEVELS.get(case.level or "", 0):
        found.append("above_level")
    if product["audience"] == "private" and not case.professional:
        found.append("private_to_ordinary")
    # An individual business counts as a natural person.
    if product["investors"] == ("institution" if case.individual_business else "natural"):
        found.append("wrong_investor")
    since, until = product["on_sale_from"], product["on_sale_until"]
    if (since and case.day < since) or (until and case.day > until):
        found.append("not_on_sale")
    if (
        rung.amount_fen < product["least_fen"]
        or (rung.amount_fen - product["least_fen"]) % product["step_fen"]
    ):
        found.append("amount_not_accepted")
    if product["most_fen"] and rung.amount_fen > product["most_fen"]:
        found.append("above_most")
    return found


def _dates(rung: Rung) -> list[str]:
    product, found = rung.product, []
    held_from = _later(rung.bought_on, product["confirm_days"])
    if not _open(rung.bought_on):
        found.append("bought_on_closed_day")
    if rung.until < held_from + product["lock_days"] * _DAY:
        found.append("asked_back_in_lock")
    if rung.until < held_from + product["notice_days"] * _DAY:
        found.append("notice_not_kept")
    if rung.money_on < _later(rung.until, product["settle_days"]):
        found.append("money_before_settlement")
    return found


def _open(day: date) -> bool:
    """Products are bought and paid back on exchange days: never on a weekend, worked or not."""
    return day.weekday() < 5 and is_banking_day(day)


def _later(day: date, count: int) -> date:
    """`count` open days after the first one from `day` on."""
    while not _open(day):
        day += _DAY
    for _ in range(count):
        day += _DAY
        while not _open(day):
            day += _DAY
    return day


def free_money(case: Case, rungs: list[Rung], account_fen: int) -> np.ndarray:
    """Money free in all by the end of each day, int64[days]: the account, what is back, and what left at once
    within its daily cap."""
    free = np.full(case.horizon, account_fen, np.int64)
    for rung in rungs:
        product = rung.product
        back = (rung.money_on - case.start).days
        cap = min(product["quick_cap_fen"] or 0, QUICK_CAP_FEN)
        quick = (_later(rung.bought_on, product["confirm_days"]) - case.start).days
        for day in range(case.horizon):
            if day >= back:
                free[day] += rung.amount_fen
            elif day >= quick:
                free[day] += min(rung.amount_fen, cap * (day - quick + 1))
    return free


def _locked(case: Case, rungs: list[Rung], account_fen: int) -> list[str]:
    free = free_money(case, rungs, account_fen)
    needed = np.minimum(case.need_fen[:, : case.horizon], case.amount_fen)
    kept = (needed <= free[None, :]).mean(axis=0)
    return ["needed_in_lock"] if bool((kept < NEEDED_IN - 1e-12).any()) else []


def missing(case: Case, rungs: list[Rung], account_fen: int) -> np.ndarray:
    """Money that was locked when it was needed, by scenario: the most of any day, as a share of the money."""
    free = free_money(case, rungs, account_fen)
    needed = np.minimum(case.need_fen[:, : case.horizon], case.amount_fen)
    most = np.maximum((needed - free[None, :]).max(axis=1), 0)
    return np.asarray(most / case.amount_fen, np.float64)
