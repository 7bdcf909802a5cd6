"""Days off, days worked instead, monthly dates of law and seasons as Python values: `holidays.yaml`."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("holidays.yaml")


@dataclass(frozen=True)
class HolidayYear:
    """One year. `announced`: whether a notice has said which days; `off`: name, first and last day."""

    year: int
    announced: bool
    source: dict[str, str]
    off: tuple[tuple[str, date, date], ...]
    worked: tuple[date, ...]


@dataclass(frozen=True)
class MonthlyDue:
    """A date of law in every month: the last day, and from how many days off in a row it is extended."""

    day: int
    extended_from: int
    source: dict[str, str]


@dataclass(frozen=True)
class Season:
    """A season of every year, by month and day; it may run over the end of a year."""

    name: str
    first: tuple[int, int]
    last: tuple[int, int]
    source: dict[str, str]


@cache
def _body() -> dict[str, Any]:
    return dict(yaml.safe_load(_FILE.read_text("utf-8")))


@cache
def holiday_years() -> dict[int, HolidayYear]:
    """Every year of the file."""
    made = {}
    for year, entry in _body()["years"].items():
        off = tuple((one["name"], one["first"], one["last"]) for one in entry["days_off"])
        made[year] = HolidayYear(year, entry["announced"], entry["source"], off, tuple(entry["worked"]))
    return made


@cache
def monthly_due(name: str) -> MonthlyDue:
    """The date of law `name` (tax, social). KeyError where there is none."""
    entry = _body()["due"][name]
    return MonthlyDue(entry["day"], entry["extended_from"], entry["source"])


@cache
def yearly_seasons() -> tuple[Season, ...]:
    """Every season of the file."""
    return tuple(
        Season(one["name"], _month_day(one["first"]), _month_day(one["last"]), one["source"])
        for one in _body()["seasons"]
    )


def _month_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)
