"""Dates, spans of time, shares and amounts as sentences write them, in digits or in words."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

import cn2an

from extraction.amount_words import fen_in_words

_HAN = "〇零○Oo一二三四五六七八九十廿卅两"
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "O": 0, "o": 0, "两": 2}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATES = (
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\s?\d)\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*[日号]?(?!\d)"),
    re.compile(
        r"(?<![\d.])(?P<y>(?:19|20)\d\d)\s*(?P<s>[-./])\s*(?P<m>\d{1,2})\s*(?P=s)\s*(?P<d>\d{1,2})(?![\d.])"
    ),
    re.compile(r"(?<!\d)(?P<y>20\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>[0-2]\d|3[01])(?!\d)"),
    re.compile(rf"(?P<y>[{_HAN}]{{4}})\s*年\s*(?P<m>[{_HAN}]{{1,3}})\s*月\s*(?P<d>[{_HAN}]{{1,3}})\s*[日号]"),
    re.compile(r"(?P<n>[A-Za-z]{3})[a-z]{0,9}\.?\s{1,4}(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s{1,4}(?P<y>20\d\d)"),
    re.compile(
        r"(?<!\d)(?P<d>\d{1,2})(?:st|nd|rd|th)?[\s\-](?P<n>[A-Za-z]{3})[a-z]{0,9}\.?,?[\s\-](?P<y>20\d\d)"
    ),
)
_FIGURE = r"(?:\d{1,3}(?:,\d{3}){1,6}|\d{1,18})(?:\.\d{1,10})?"
_MONEY = re.compile(
    rf"(?P<sign>¥|RMB|CNY|人民币|USD|US\$|\$|€|EUR)?\s{{0,8}}:?\s{{0,8}}(?<![\d.,])(?P<figure>{_FIGURE})(?![\d%‰])\s{{0,8}}"
    rf"(?P<scale>亿|千万|百万|十万|万|仟|千)?\s{{0,8}}(?P<unit>元整|元正|元|圆|RMB|¥|美元|欧元)?(?P<per>\s{{0,8}}/)?",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"(?:人民币)?[零壹贰叁肆伍陆柒捌玖拾佰仟萬万亿億〇一二三四五六七八九十百千两貳參陸][零壹贰叁肆伍陆柒捌玖拾佰仟萬万亿億〇一二三四五六七八九十百千两貳參陸\s]{0,60}[元圆圓]"
    r"(?:\s*[零壹贰叁肆伍陆柒捌玖一二三四五六七八九〇][角]?\s*)?(?:[零壹贰叁肆伍陆柒捌玖一二三四五六七八九〇]\s*角)?(?:\s*零?[壹贰叁肆伍陆柒捌玖一二三四五六七八九]\s*分)?\s*[整正]?"
)
_TRADITIONAL = str.maketrans("萬億貳參陸圓", "万亿贰叁陆元")
_SCALES = {"亿": 10**8, "千万": 10**7, "百万": 10**6, "十万": 10**5, "万": 10**4, "仟": 1000, "千": 1000}
_FOREIGN = {"USD": "USD", "US$": "USD", "$": "USD", "美元": "USD", "€": "EUR", "EUR": "EUR", "欧元": "EUR"}
#: Bounded, as every repetition here: a paper may hold a hundred thousand digits in a row.
COUNT = r"(?:\d{1,12}(?:\.\d{1,6})?|[〇零一二三四五六七八九十百两半壹贰叁肆伍陆柒捌玖拾]{1,12})"
_SHARE = re.compile(
    rf"(?<![\d.])(?P<percent>\d{{1,3}}(?:\.\d{{1,4}})?)\s*%|百分之\s*(?P<han>{COUNT})|(?P<tenths>[一二三四五六七八九])成(?!本|立|交|品|都)"
)


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in a text: from where to where, fen (minor units), whether in words, and its currency."""

    start: int
    end: int
    fen: int
    words: bool = False
    currency: str = "CNY"


def number_of(text: str) -> Decimal | None:
    """A count in digits or Chinese numerals; 半 is a half."""
    text = (
        text.strip()
        .replace(",", "")
        .translate(str.maketrans("壹贰叁肆伍陆柒捌玖拾〇", "一二三四五六七八九十零"))
    )
    if text == "半":
        return Decimal("0.5")
    try:
        return Decimal(text)
    except InvalidOperation:
        pass
    try:
        return Decimal(str(cn2an.cn2an(text.replace("两", "二"), "smart")))
    except ValueError:
        return None


@lru_cache(maxsize=20_000)
def dates_in(text: str) -> tuple[tuple[int, int, date], ...]:
    """(start, end, day) of the dates in a text, in order; what is no day of a calendar is none."""
    found: list[tuple[int, int, date]] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            day = _day(match)
            if day is not None and all(match.end() <= s or match.start() >= e for s, e, _ in found):
                found.append((match.start(), match.end(), day))
    return tuple(sorted(found))


def _day(match: "re.Match[str]") -> date | None:
    parts = match.groupdict()
    try:
        if "n" in parts:
            month = _MONTHS.index(parts["n"].lower()) + 1
            return date(int(parts["y"]), month, int(parts["d"]))
        year = "".join(parts["y"].split())
        if not year.isdigit():
            year = "".join(str(_DIGITS[c]) for c in year)
        day = date(int(year), _small(parts["m"]), _small(parts["d"]))
    except (ValueError, KeyError):
        return None
    return day if 1980 <= day.year <= 2100 else None


def _small(text: str) -> int:
    """A day or month in digits or numerals: 十一, 二十三, 廿三, 〇五."""
    if text.isdigit() and text.isascii():
        return int(text)
    text = text.replace("廿", "二十").replace("卅", "三十")
    if "十" not in text:
        return int("".join(str(_DIGITS[c]) for c in text))
    tens, _, ones = text.partition("十")
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


@lru_cache(maxsize=20_000)
def amounts_in(text: str) -> tuple[Amount, ...]:
    """The amounts of money in a text, in order: with a sign before or a unit after, or in words."""
    found: list[Amount] = []
    for match in _WORDS.finditer(text):
        fen = fen_in_words("".join(match[0].translate(_TRADITIONAL).split()))
        if fen is not None:
            found.append(Amount(match.start(), match.end(), fen, True))
    for match in _MONEY.finditer(text):
        if match["per"] or not (
            match["sign"] or match["unit"] or (match["scale"] and match["scale"] not in "千仟")
        ):
            continue
        if text[match.end() : match.end() + 1] == "/" or any(
            f.start < match.end() and match.start() < f.end for f in found
        ):
            continue
        fen = fen_of(match["figure"], _SCALES.get(match["scale"] or "", 1))
        mark = next((m for m in (match["sign"], match["unit"]) if m and m.upper() in _FOREIGN), "")
        if fen is not None:
            found.append(
                Amount(match.start("figure"), match.end(), fen, False, _FOREIGN.get(mark.upper(), "CNY"))
            )
    return tuple(sorted(found, key=lambda a: a.start))


def fen_of(figure: str, scale: int = 1) -> int | None:
    """Fen of a figure in yuan (times `scale`); null where it is no whole number of fen."""
    try:
        value = Decimal(figure.replace(",", "").strip()) * 100 * scale
    except InvalidOperation:
        return None
    return int(value) if value == int(value) and abs(value) < 9 * 10**15 else None


def shares_in(text: str) -> list[tuple[int, int, Decimal]]:
    """(start, end, share) of the percentages in a text; 30% is 0.3."""
    found = []
    for match in _SHARE.finditer(text):
        if match["percent"]:
            value = Decimal(match["percent"]) / 100
        else:
            count = number_of(match["han"] or match["tenths"])
            if count is None:
                continue
            value = count / (100 if match["han"] else 10)
        if 0 < value <= 1:
            found.append((match.start(), match.end(), value.normalize()))
    return found


def add_months(day: date, months: int) -> date:
    """The same day so many months later, the last of the month where there is none."""
    year, month = divmod(day.month - 1 + months, 12)
    year += day.year
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def day_before(day: date) -> date:
    """The day before."""
    return day - timedelta(days=1)
