"""What stands above a form's table: whose it is, for which days, filed when, in which unit."""

import calendar
import re
from dataclasses import dataclass
from datetime import date

from extraction.declarations.forms import plain
from extraction.declarations.grid import Grid

_CODE = re.compile(r"(?:纳税人识别号|统一社会信用代码|社会信用代码|税号)(?:\([^)]*\))?:?([0-9A-Z]{15,20})")
_NAMES = ("纳税人名称", "编制单位", "单位名称", "企业名称", "公司名称", "会企单位")
_NAME_ENDS = re.compile(
    r"(?:\(?公章\)?|所属行业|法定代表人|纳税人识别号|统一社会信用代码|单位:|金额单位|登记注册类型|\d{4}年|日期).*$"
)
_DAY = r"(\d{4})[-年/.](\d{1,2})[-月/.](\d{1,2})日?"
_SPAN = re.compile(rf"{_DAY}(?:至|到|—|-|~){_DAY}")
_MONTHS = re.compile(r"(\d{4})年(?:度)?(\d{1,2})(?:月)?(?:至|到|—|-|~)(\d{1,2})月")
_QUARTER = re.compile(r"(\d{4})年(?:度)?第?([一二三四1-4])季度")
_ONE_DAY = re.compile(_DAY)
_MONTH = re.compile(r"(\d{4})[年\-/.](\d{1,2})月?(?!\d)")
_YEAR = re.compile(r"(\d{4})年度?")
_FILED = re.compile(rf"(?:填表日期|填报日期|申报日期|受理日期):?{_DAY}")
_UNIT = re.compile(r"单位:?(?:人民币)?(亿元|百万元|万元|千元|元)")
_TIMES = {"元": 1, "千元": 1_000, "万元": 10_000, "百万元": 1_000_000, "亿元": 100_000_000}
#: Rows above which nothing but the heading stands.
_TOP = 12


@dataclass(frozen=True)
class Heading:
    """Whose and when; None or '' where the form does not say. `times`: units of the amounts in yuan."""

    code: str
    name: str
    begins: date | None
    ends: date | None
    filed: date | None
    times: int


def heading_of(grid: Grid) -> Heading:
    """The heading of a sheet or page."""
    top = [plain(row.text) for row in grid.rows[:_TOP]]
    every = "\n".join(top)
    code = _CODE.search(every) or _CODE.search("".join(top))
    begins, ends = _period([_FILED.sub("", line) for line in top])
    filed = _FILED.search("\n".join(plain(row.text) for row in grid.rows))
    unit = _UNIT.search(every)
    return Heading(
        code=code[1] if code else "",
        name=_name(grid),
        begins=begins,
        ends=ends,
        filed=_day(filed.groups()) if filed else None,
        times=_TIMES[unit[1]] if unit else 1,
    )


def _name(grid: Grid) -> str:
    """The cell after the label, or what follows the colon in the label's own cell."""
    for row in grid.rows[:_TOP]:
        texts = [cell.text for cell in row.cells]
        for i, text in enumerate(texts):
            label = plain(text)
            found = next((name for name in _NAMES if name in label), None)
            if found is None:
                continue
            after = re.sub(r"^(?:\([^)]*\))?:?", "", label.split(found, 1)[1])
            after = _NAME_ENDS.sub("", after) or _NAME_ENDS.sub("", plain("".join(texts[i + 1 :])))
            if len(after) > 1:
                return after
    return ""


def _period(lines: list[str]) -> tuple[date | None, date | None]:
    """First and last day: spans before months, months before years; the first line that tells wins."""
    for read in (_span, _months, _quarter, _one_day, _month, _year):
        for line in lines:
            if (days := read(line)) is not None:
                return days
    return None, None


def _span(line: str) -> tuple[date, date] | None:
    found = _SPAN.search(line)
    if not found:
        return None
    first, last = _day(found.groups()[:3]), _day(found.groups()[3:])
    return (first, last) if first and last and first <= last else None


def _months(line: str) -> tuple[date, date] | None:
    found = _MONTHS.search(line)
    return _between(int(found[1]), int(found[2]), int(found[3])) if found else None


def _quarter(line: str) -> tuple[date, date] | None:
    found = _QUARTER.search(line)
    if not found:
        return None
    nth = "一二三四".find(found[2]) + 1 or int(found[2])
    return _between(int(found[1]), 3 * nth - 2, 3 * nth)


def _one_day(line: str) -> tuple[date, date] | None:
    """A balance sheet's day; whoever needs a first day takes the month's."""
    found = _ONE_DAY.search(line)
    day = _day(found.groups()) if found else None
    return (day.replace(day=1), day) if day else None


def _month(line: str) -> tuple[date, date] | None:
    found = _MONTH.search(line)
    return _between(int(found[1]), int(found[2]), int(found[2])) if found else None


def _year(line: str) -> tuple[date, date] | None:
    found = _YEAR.search(line)
    return _between(int(found[1]), 1, 12) if found else None


def _between(year: int, first: int, last: int) -> tuple[date, date] | None:
    if not (1990 <= year < 2100 and 1 <= first <= last <= 12):
        return None
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def _day(parts: tuple[str, ...]) -> date | None:
    try:
        return date(*(int(part) for part in parts))
    except ValueError:
        return None
