"""The calendar of money: banking days, days worked instead, dates of law with their shifts, seasons."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.words import labels
from seeds.holidays import holiday_years
from services.calendar import (
    banking_days,
    days_off_between,
    is_banking_day,
    marks,
    next_banking_day,
    tax_due,
    unannounced,
)

DAYS = st.dates(date(2023, 6, 1), date(2028, 6, 1))


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2025, 10, 8), False),  # the last day of the long week
        (date(2025, 10, 11), True),  # a Saturday worked instead
        (date(2025, 10, 12), False),
        (date(2026, 2, 23), False),
        (date(2026, 2, 14), True),
        (date(2024, 2, 9), True),  # the eve was no day off in 2024
        (date(2027, 2, 8), False),  # not announced: the statutory days
    ],
)
def test_banks_are_open_on_working_days_alone(day, open_):
    assert is_banking_day(day) is open_


# As the tax administration published them for the three years.
PUBLISHED = {
    2024: "01-15 02-23 03-15 04-18 05-22 06-19 07-15 08-15 09-18 10-24 11-15 12-16",
    2025: "01-15 02-20 03-17 04-18 05-22 06-16 07-15 08-15 09-15 10-27 11-17 12-15",
    2026: "01-20 02-24 03-16 04-20 05-22 06-15 07-15 08-17 09-15 10-26 11-16 12-15",
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_tax_is_due_when_the_administration_says(year):
    assert [tax_due(year, month) for month in range(1, 13)] == [
        date.fromisoformat(f"{year}-{one}") for one in PUBLISHED[year].split()
    ]


@given(DAYS)
def test_what_falls_due_moves_forward_to_the_first_open_day(day):
    moved = next_banking_day(day)
    assert moved >= day
    assert is_banking_day(moved)
    assert not any(is_banking_day(day + timedelta(days=i)) for i in range((moved - day).days))


@given(DAYS, st.integers(1, 400))
def test_days_rolled_at_once_are_days_rolled_one_by_one(first, count):
    rolled = banking_days(first, count)
    for i in {0, count // 2, count - 1}:
        assert first + timedelta(days=int(rolled[i])) == next_banking_day(first + timedelta(days=i))


def test_a_year_without_a_notice_says_so():
    assert unannounced(date(2025, 12, 1), date(2026, 12, 31)) == []
    assert unannounced(date(2026, 12, 1), date(2028, 1, 31)) == [2027, 2028]
    assert not any(
        one.announced for one in marks(date(2027, 1, 1), date(2027, 3, 1)) if one.kind == "holiday"
    )


def test_every_year_kept_names_its_source_and_works_only_weekends_instead():
    for known in holiday_years().values():
        assert known.source["zh"]
        assert known.source["en"]
        assert all(day.weekday() >= 5 for day in known.worked)
        off = [
            first + timedelta(days=i) for _, first, last in known.off for i in range((last - first).days + 1)
        ]
        assert not set(off) & set(known.worked)
        assert {day.year for day in off} == {known.year}


def test_seasons_lie_where_they_belong_and_run_over_the_new_year():
    found = {one.name: one for one in marks(date(2025, 11, 1), date(2026, 1, 31)) if one.kind == "season"}
    assert (found["heating"].first, found["heating"].last) == (date(2025, 11, 15), date(2026, 3, 15))
    assert found["shopping_1111"].last == date(2025, 11, 11)
    assert "harvest_summer" not in found


def test_every_mark_has_a_word():
    for one in marks(date(2025, 1, 1), date(2025, 12, 31)):
        assert f"calendar_{one.name}" in labels()


def test_days_off_for_contracts_are_weekdays():
    assert days_off_between(date(2025, 10, 1), date(2025, 10, 12)) == [
        date(2025, 10, day) for day in (1, 2, 3, 6, 7, 8)
    ]
