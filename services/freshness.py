"""How old what is known is: days since the data's cut-off, and since a firm's own sales books end.

Real data are judged against today. Synthetic data carry a clock of their own, which stopped at their cut-off:
against today the demo would refuse itself a little more each month. So they are judged as of their cut-off,
and every answer on them says `synthetic`. A firm with a real credit code is judged against today all the
same, also beside invented ones.
"""

from dataclasses import asdict, dataclass
from datetime import date, timedelta

from extraction.credit_codes import is_credit_code, is_synthetic
from graph.snapshot import Snapshot


@dataclass(frozen=True)
class Age:
    """ISO dates and days. `judged_on`: the day that counts; `books_until`: the end of the last month that the
    firm's own sales books show, None where it has handed in none."""

    judged_on: str
    data_until: str
    data_days: int
    books_until: str | None = None
    books_days: int | None = None


def judged_on(source: Snapshot, day: date, firm: int | None = None) -> date:
    """The day by which the data are judged where it is `day`: that day, or of synthetic data their cut-off.

    `firm`: the row of the firm that they are about, None: many, or none.
    """
    if not source.synthetic:
        return day
    code = "" if firm is None else str(source.enterprises["code"][firm] or "")
    return day if is_credit_code(code) and not is_synthetic(code) else source.as_of


def age_of(source: Snapshot, day: date, firm: int | None = None) -> Age:
    """How old the data are on `day`, and the books of the firm in row `firm`."""
    judged, cut_off = judged_on(source, day, firm), source.as_of
    days = max((judged - cut_off).days, 0)
    last = None if firm is None else source.enterprises["own_sales_until"][firm]
    if last is None:
        return Age(str(judged), str(cut_off), days)
    until = min(_month_end(last), cut_off)
    return Age(str(judged), str(cut_off), days, str(until), max((judged - until).days, 0))


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def warnings(
    source: Snapshot, day: date, firm: int | None, data_days: int, books_days: int
) -> list[tuple[str, dict[str, object]]]:
    """What whoever reads a forecast or a plan must know of its data's age: codes of sentences and what fills
    them. `data_days`, `books_days`: the most that pass without a word of being stale."""
    age = age_of(source, day, firm)
    told: dict[str, object] = asdict(age)
    found = []
    if judged_on(source, day, firm) == source.as_of != day:
        found.append("data_synthetic_clock")
    elif age.data_days > data_days:
        found.append("data_stale")
    elif age.data_days:
        found.append("data_behind")
    if age.books_days is not None and age.books_days - age.data_days > books_days:
        found.append("books_stale")
    return [(code, told) for code in found]
