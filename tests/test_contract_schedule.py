"""What contracts make due when: days from printed dates, from signing and from events; rent by its period."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from extraction.contract_schedule import ANCHORS, SCHEDULE, schedule
from extraction.contracts.values import add_months
from ledger.records import TABLES

SIGNED = date(2025, 3, 5)


def contracts(**values: Any) -> pl.DataFrame:
    row = {"fact": "c", "happened_on": SIGNED, "seller": "s", "buyer": "b", "amount_fen": 1_000_00, **values}
    return pl.DataFrame([row], schema={k: TABLES["contracts"][k] for k in row})


def terms(*rows: dict[str, Any]) -> pl.DataFrame:
    made = [{"fact": "c", "term": i, **row} for i, row in enumerate(rows, 1)]
    return pl.DataFrame(made, schema={k: v for k, v in TABLES["contract_terms"].items() if k != "reading"})


def days(*anchors: tuple[str, date]) -> pl.DataFrame:
    return pl.DataFrame([("c", *anchor) for anchor in anchors], schema=ANCHORS, orient="row")


def rows(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    return frame.select("due_on", "amount_fen", "basis").rows()


def test_signing_is_known_and_other_events_wait() -> None:
    made = schedule(
        contracts(),
        terms(
            {"kind": "payment", "share": Decimal("0.3"), "trigger": "signing", "days": 7},
            {"kind": "payment", "share": Decimal("0.7"), "trigger": "acceptance", "days": 30},
            {"kind": "delivery", "trigger": "signing", "days": 10},
        ),
    )
    assert made.schema == SCHEDULE
    assert rows(made) == [(date(2025, 3, 12), 300_00, "signing"), (None, 700_00, "waits")]
    assert made.select("payer", "payee").unique().rows() == [("b", "s")]


def test_events_date_what_waited_and_a_printed_day_wins() -> None:
    due = terms(
        {"kind": "payment", "amount_fen": 5, "trigger": "acceptance", "days": 30},
        {"kind": "payment", "amount_fen": 6, "trigger": "date", "due_on": date(2025, 9, 1)},
    )
    made = schedule(contracts(), due, days(("acceptance", date(2025, 5, 1)), ("date", date(2020, 1, 1))))
    assert rows(made) == [(date(2025, 5, 31), 5, "event"), (date(2025, 9, 1), 6, "printed")]


def test_a_statement_counts_from_the_end_of_the_month_of_delivery() -> None:
    due = terms({"kind": "payment", "share": Decimal("1"), "trigger": "statement", "days": 30})
    assert rows(schedule(contracts(), due, days(("delivery", date(2025, 5, 3))))) == [
        (date(2025, 6, 30), 1_000_00, "event")
    ]


def test_working_days_leave_out_weekends_and_holidays() -> None:
    due = terms(
        {"kind": "payment", "share": Decimal("1"), "trigger": "signing", "days": 3, "working_days": True}
    )
    assert rows(schedule(contracts(), due))[0][0] == date(2025, 3, 10)  # Wednesday + Thu, Fri, Mon
    assert rows(schedule(contracts(), due, holidays=[date(2025, 3, 6)]))[0][0] == date(2025, 3, 11)


def test_an_unknown_amount_stays_unknown() -> None:
    due = terms({"kind": "payment", "share": Decimal("1"), "trigger": "statement", "days": 30})
    assert rows(schedule(contracts(amount_fen=None), due)) == [(None, None, "waits")]


@given(
    st.dates(date(2020, 1, 1), date(2030, 12, 28)),
    st.sampled_from([1, 3, 6, 12]),
    st.integers(1, 40),
)
def test_rent_is_paid_once_a_period_until_the_end(first: date, every: int, periods: int) -> None:
    until = add_months(first, every * periods)
    until = date.fromordinal(until.toordinal() - 1)
    rent = {
        "kind": "rent",
        "amount_fen": 7,
        "trigger": "date",
        "due_on": first,
        "every_months": every,
        "until": until,
    }
    made = schedule(contracts(), terms(rent))
    assert made["due_on"].to_list() == [add_months(first, every * i) for i in range(made.height)]
    assert made["due_on"].max() <= until
    assert abs(made.height - periods) <= 1  # a lease from the 31st ends a day or two early


def test_two_papers_of_one_contract_do_not_double_it() -> None:
    due = terms({"kind": "payment", "share": Decimal("1"), "trigger": "signing", "days": 0})
    twice = schedule(pl.concat([contracts(), contracts()]), pl.concat([due, due]))
    assert twice.height == 1
