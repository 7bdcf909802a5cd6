"""Rent that changes: by so many percent, by the year, or on days the paper names; each rate is a phase."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from extraction.contracts.clauses import Clause
from extraction.contracts.instalment import Instalment
from extraction.contracts.payment import sentences
from extraction.contracts.values import COUNT, add_months, dates_in, day_before, fen_of, number_of

#: An amount of rent, and the words that say for how long it is.
FIGURE = (
    r"(?P<figure>(?:\d{1,3}(?:,\d{3}){1,6}|\d{1,18})(?:\.\d{1,10})?)\s{0,8}(?P<wan>万)?\s{0,8}元?(?:整)?"
    r"(?:\([^()]{0,60}\))?"
)
#: How much for how long: 1000元/月; 每月租金1000元.
PER_AFTER = re.compile(rf"{FIGURE}\s{{0,8}}(?:/|每)\s{{0,8}}(?P<per>个?月|季度?|半年|年)")
PER_BEFORE = re.compile(
    r"(?P<per>(?:每\s*个?月|月租|每\s*季度?|季租|季度租|每\s*半年|半年租|每\s*年|年租|年度租|全年|首年|每期|每次)[^。;\d%]{0,40}?)"
    rf"(?:¥|人民币|RMB)?\s{{0,8}}:?\s{{0,8}}{FIGURE}(?!\s*(?:%|日|号|个|平|/\s*(?:平|m|㎡)|年|月))"
)
MONTHS = {"月": 1, "季": 3, "半": 6, "年": 12}
#: Sums that are paid beside the rent.
OTHER = re.compile(r"押金|保证金|物业|管理费|水电|水费|电费|违约|定金|滞纳|卫生费|服务费|中介|装修|赔偿")
_AREA = re.compile(r"平方|平米|㎡|m2")
_PERIOD = re.compile(r"半\s*年|季|月|年")
_MOST = 40  # phases of one lease
_RISE = re.compile(
    rf"(?:(?:自|从)?第\s*(?P<from>{COUNT})\s*(?:个)?(?:租赁)?年(?:度)?(?:起|开始)?[^。;]{{0,16}}?)?"
    rf"(?:(?P<each>每)\s*(?P<n>{COUNT})?\s*年[^。;%]{{0,20}}?)?"
    r"(?:递增|上浮|上涨|增加|增长|上调|涨幅)[^。;\d%]{0,8}(?P<rate>\d{1,2}(?:\.\d+)?)\s*%"
)
_CHANGED = re.compile(
    rf"(?P<per>每\s*个?月|月|每\s*季度?|季度?|每\s*半年|半年|每\s*年|年|每期|每次)?\s{{0,8}}(?:的)?租金[^。;\d%]{{0,14}}?"
    rf"(?:¥|人民币|RMB)?\s{{0,8}}:?\s{{0,8}}{FIGURE}(?!\s*%)"
)
_YEARS = re.compile(
    rf"(?:前\s*(?P<first>{COUNT})\s*(?:个)?(?:租赁)?年"
    rf"|第\s*(?P<a>{COUNT})\s*年?\s*(?:[、至到\-~和及])\s*第?\s*{COUNT}\s*年(?:度)?"
    rf"|第\s*(?P<n>{COUNT})\s*(?:个)?(?:租赁)?年(?:度)?(?:起|开始)?)"
    rf"[^;。\d%]{{0,20}}?(?:¥|人民币)?{FIGURE}(?!\s*%)"
)


@dataclass(frozen=True)
class Phase:
    """A rate of rent that holds for a time."""

    base: Instalment
    every_months: int
    until: date | None

    @property
    def term(self) -> Instalment:
        """The term, with how often it is paid and until when."""
        return replace(self.base, every_months=self.every_months, until=self.until)


def months_of(words: str) -> int:
    """For how many months an amount is, by the last word for a period before it; 0 where none is."""
    found = _PERIOD.findall(words)
    return MONTHS[found[-1][0]] if found else 0


def scaled(fen: int, months: int, of: int) -> int:
    """An amount for `of` months as one for `months`."""
    return int((Decimal(fen) * months / of).quantize(Decimal(1), ROUND_HALF_UP))


def phases(
    clauses: list[Clause], base: Instalment, cycle: int, per: int, spans: tuple[date, date]
) -> list[Phase]:
    """The rates of rent one after another. `cycle`: months between payments; `per`: months that a bare
    amount is for; `spans`: first and last day of the lease."""
    return (
        _by_year(clauses, base, cycle, per, spans)
        or _by_date(clauses, base, cycle, per, spans)
        or _by_pair(clauses, base, cycle, spans)
        or _risen(clauses, base, cycle, spans)
    )


def _risen(clauses: list[Clause], base: Instalment, cycle: int, spans: tuple[date, date]) -> list[Phase]:
    """第三年起每年递增 5%: a phase for each rate."""
    start, until = spans
    rise = next((m for c in clauses for m in _RISE.finditer(c.text)), None)
    if rise is None:
        return [Phase(base, cycle, until)]
    step = int(number_of(rise["n"]) or 1) if rise["n"] else 1
    year = int(number_of(rise["from"]) or 2) - 1 if rise["from"] else step
    once = bool(rise["from"]) and not rise["each"]
    factor = 1 + Decimal(rise["rate"]) / 100
    late = _late(base, start)
    made: list[Phase] = []
    begins, fen = base.due_on or start, Decimal(base.amount_fen or 0)
    while len(made) < _MOST:
        turn = add_months(start, 12 * year)
        last = bool(made) and once
        ends = until if last else min(until, day_before(turn))
        amount = int(fen.quantize(Decimal(1), ROUND_HALF_UP))
        made.append(Phase(replace(base, amount_fen=amount, due_on=begins), cycle, ends))
        if ends >= until:
            break
        begins, fen, year = turn + late, fen * factor, year + step
    return made


def _late(base: Instalment, start: date) -> timedelta:
    """How many days into a period its rent is due: 每季度首月10日前 is nine."""
    days = base.due_on.day - start.day if base.due_on else 0
    return timedelta(days if 0 < days < 28 else 0)


def _by_year(
    clauses: list[Clause], base: Instalment, cycle: int, per: int, spans: tuple[date, date]
) -> list[Phase]:
    """Rent listed year by year: 第一年 … 元, 第二年 … 元; 前两年 …, 第三年起 …."""
    start, until = spans
    for clause in clauses:
        years = dict(_listed(clause.text))
        if len(years) < 2 or 1 not in years:
            continue
        turns = {}
        for year, match in sorted(years.items()):
            fen = fen_of(match["figure"], 10_000 if match["wan"] else 1)
            if fen is None:
                return []
            named = clause.text[max(0, match.start() - 8) : match.start()] + _after_year(match)
            months = months_of(named) or (1 if "月租" in clause.text else 0) or per or 12
            turns[add_months(start, 12 * (year - 1))] = scaled(fen, cycle, months)
        first = replace(base, amount_fen=turns.pop(start))
        return list(_turned(first, cycle, turns, base.due_on or start, until))
    return []


def _listed(text: str) -> Iterator[tuple[int, "re.Match[str]"]]:
    for match in _YEARS.finditer(text):
        word = match["n"] or match["a"]
        count = number_of(word) if word else Decimal(1)
        if count is not None and 1 <= count <= 30:
            yield int(count), match


def _after_year(match: "re.Match[str]") -> str:
    """What stands between the year and its amount, and right after it: 月租金; 元/月."""
    text = match[0][: match.start("figure") - match.start()]
    return re.sub(r"^[^年]*年(?:度)?", "", text)


def _by_date(
    clauses: list[Clause], base: Instalment, cycle: int, per: int, spans: tuple[date, date]
) -> list[Phase]:
    """Rent that changes on days the paper names: 2027年1月1日起租金调整为每期 … 元, or a list of spans."""
    turns: dict[date, int] = {}
    for clause in clauses:
        for start, end in sentences(clause.text):
            text = clause.text[start:end]
            dates = dates_in(text)
            if not dates or "租金" not in text or OTHER.search(text) or re.search(r"首[期次笔]|第一期", text):
                continue
            found = _CHANGED.search(text[dates[-1][1] :])
            fen = fen_of(found["figure"], 10_000 if found["wan"] else 1) if found else None
            if found is None or fen is None or dates[0][2] > spans[1]:
                continue
            months = months_of(found[0][: found.start("figure") - found.start()]) or per
            turns[dates[0][2]] = scaled(fen, cycle, months) if months else fen
    first = base.due_on
    if not turns or first is None or (len(turns) == 1 and min(turns) <= first):
        return []
    return list(_turned(base, cycle, turns, first, spans[1]))


def _by_pair(clauses: list[Clause], base: Instalment, cycle: int, spans: tuple[date, date]) -> list[Phase]:
    """Rates told one after another, each with its days beside it or in the sentence after:
    每期租金 … 元。第一次于2025年5月1日交纳,至 … 为止。每期租金 … 元。第一次于2027年5月1日 …."""
    start, until = spans
    turns: dict[date, int] = {}
    for clause in clauses:
        rate: int | None = None
        for begin, end in sentences(clause.text):
            text = clause.text[begin:end]
            beside = OTHER.search(text) or _AREA.search(text)
            told = None if beside else (PER_BEFORE.search(text) or PER_AFTER.search(text))
            if told:
                fen = fen_of(told["figure"], 10_000 if told["wan"] else 1)
                months = months_of(told["per"])
                rate = scaled(fen, cycle, months) if fen is not None and months else fen
            day = next((d for _, _, d in dates_in(text) if start <= d < until), None)
            if rate is not None and day is not None:
                turns.setdefault(day, rate)
                rate = None
    first = base.due_on
    if first is None or len(set(turns.values())) < 2 or min(turns) > first:
        return []
    return list(_turned(base, cycle, turns, first, until))


def _turned(
    base: Instalment, cycle: int, turns: dict[date, int], first: date, until: date
) -> Iterator[Phase]:
    """A phase from `first`, and one from every later day on which the rent changes."""
    days = [first, *sorted(d for d in turns if d > first)]
    for i, day in enumerate(days):
        ends = day_before(days[i + 1]) if i + 1 < len(days) else until
        known = [d for d in turns if d <= day]
        fen = turns[max(known)] if known else base.amount_fen
        yield Phase(replace(base, amount_fen=fen, due_on=day), cycle, ends)
