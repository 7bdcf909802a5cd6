"""Which days banks are open, when law wants its money, and which seasons lie ahead.

A banking day is a working day of the State Council's notice: weekdays that are not off, and the weekend days
worked instead. A year without a notice counts weekends and the statutory days alone, and says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from seeds.holidays import HolidayYear, holiday_years, monthly_due, yearly_seasons
from seeds.knowledge import lunar_new_year

_DAY = timedelta(days=1)
#: Statutory days of years that no notice is kept of: (month, day).
_FIXED = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))


@dataclass(frozen=True)
class Mark:
    """A stretch of the calendar: `kind` holiday | worked | tax_due | social_due | season; name, days."""

    kind: str
    name: str
    first: date
    last: date
    announced: bool = True


@cache
def year_of(year: int) -> HolidayYear:
    """Days off in a year. One that is not kept has the statutory days that are known, unannounced."""
    known = holiday_years().get(year)
    if known is not None:
        return known
    off = [("new_year" if month == 1 else "labour_day" if month == 5 else "national_day",
            date(year, month, day), date(year, month, day)) for month, day in _FIXED]  # fmt: skip
    if (spring := lunar_new_year().get(year)) is not None:
        off.append(("spring_festival", spring, spring + 2 * _DAY))
    source = {"zh": "未收录该年的放假通知", "en": "no notice of this year is kept"}
    return HolidayYear(year, False, source, tuple(sorted(off, key=lambda one: one[1])), ())


@cache
def _days_off(year: int) -> frozenset[date]:
    return frozenset(day for _, first, last in year_of(year).off for day in _days(first, last))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + i * _DAY for i in range((last - first).days + 1))


def is_banking_day(day: date) -> bool:
    """Whether money moves between banks for firms on that day."""
    if day in year_of(day.year).worked:
        return True
    return day.weekday() < 5 and day not in _days_off(day.year)


def next_banking_day(day: date) -> date:
    """That day, or the next one on which banks are open: where what falls due then is paid."""
    while not is_banking_day(day):
        day += _DAY
    return day


def banking_days(first: date, count: int) -> NDArray[np.int32]:
    """How many days after `first` the banking day of each of `count` days lies: int32[count]."""
    rolled = np.empty(count, np.int32)
    day = first + (count - 1) * _DAY
    ahead = count - 1 + (next_banking_day(day) - day).days
    for i in range(count - 1, -1, -1):
        if is_banking_day(first + i * _DAY):
            ahead = i
        rolled[i] = ahead
    return rolled


def days_off_between(first: date, last: date) -> list[date]:
    """Weekdays off and no others: what `extraction.contract_schedule.schedule` asks for."""
    return [day for day in _days(first, last) if day.weekday() < 5 and not is_banking_day(day)]


def law_due(name: str, year: int, month: int) -> date:
    """The last day in a month on which `name` (tax, social) is paid in time. KeyError where there is none.

    Three or more days off in a row within the period push its last day by as many working days; a last day
    that is none moves to the next working day.
    """
    rule = monthly_due(name)
    first, due = date(year, month, 1), date(year, month, rule.day)
    pushed = sum(run for run in _runs(first, due) if run >= rule.extended_from)
    while pushed:
        due += _DAY
        pushed -= is_banking_day(due)
    return next_banking_day(due)


def tax_due(year: int, month: int) -> date:
    """The last day to declare and pay monthly taxes in that month."""
    return law_due("tax", year, month)


def social_due(year: int, month: int) -> date:
    """The day taken for social insurance where no statement shows one; regions differ."""
    return law_due("social", year, month)


def _runs(first: date, last: date) -> list[int]:
    """Lengths of the named holidays as far as they lie between the two days."""
    found = []
    for _, begins, ends in year_of(first.year).off:
        days = (min(ends, last) - max(begins, first)).days + 1
        if days > 0:
            found.append(days)
    return found


def unannounced(first: date, last: date) -> list[int]:
    """Years between the two days whose holidays no notice has named yet."""
    return [year for year in range(first.year, last.year + 1) if not year_of(year).announced]


def marks(first: date, last: date) -> list[Mark]:
    """Everything of the calendar between two days, by its first day."""
    found: list[Mark] = []
    for year in range(first.year - 1, last.year + 1):
        known = year_of(year)
        found += [Mark("holiday", name, begins, ends, known.announced) for name, begins, ends in known.off]
        found += [Mark("worked", "worked", day, day) for day in known.worked]
        for month in range(1, 13):
            for name in ("tax", "social"):
                due = law_due(name, year, month)
                found.append(Mark(f"{name}_due", f"{name}_due", due, due, known.announced))
        for season in yearly_seasons():
            begins = date(year, *season.first)
            ends = date(year + (season.last < season.first), *season.last)
            found.append(Mark("season", season.name, begins, ends))
    inside = [one for one in found if one.last >= first and one.first <= last]
    return sorted(inside, key=lambda one: (one.first, one.kind, one.name))
