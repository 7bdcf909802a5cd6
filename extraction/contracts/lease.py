"""Leases: what is let, the rent with how often it is paid, rent-free time, and the terms they make."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from extraction.contracts.clauses import Clause
from extraction.contracts.delivery import Runs, without_dates
from extraction.contracts.document import Place
from extraction.contracts.found import Found
from extraction.contracts.instalment import Instalment
from extraction.contracts.payment import sentences
from extraction.contracts.rises import (
    MONTHS,
    OTHER,
    PER_AFTER,
    PER_BEFORE,
    Phase,
    months_of,
    phases,
    scaled,
)
from extraction.contracts.values import COUNT, add_months, dates_in, fen_of, number_of

#: Sharp words first: 位于 tells more than 租赁物.
_PREMISES = (
    re.compile(r"(?:坐落于|座落于|坐落在|座落在|坐落|座落|位于|地处)\s*[:]?\s*(?P<what>[^,。;:]{4,60})"),
    re.compile(
        r"(?:(?:房屋|商铺|厂房|租赁物|店铺|仓库|场地|租赁标的)(?:的)?(?:地址|位置|坐落)?|地址|位置)(?:为|是)?\s*:\s*"
        r"(?P<what>[^,。;:]{4,60})"
    ),
)
_LET = re.compile(r"(?:的)?(?:整体)?(?:出租|租赁给|租给|提供给|交由|供乙方|供承租)")
_AREA = re.compile(r"(?:面积)[^\d。;]{0,12}(?P<area>\d[\d,]*(?:\.\d+)?)\s*(?:平方米|m2|平米|㎡|平方)")
_PER_AREA = re.compile(
    r"(?:每\s*(?:平方米|平米|m2|㎡|平方)|(?:平方米|平米|m2|㎡)\s*/?\s*[·/每]?\s*(?:月|天|日|年))"
)
_A_METRE = re.compile(r"每\s*(?:平方米|平米|m2|平方)[^,。;]{0,6}$")
_PAID = r"(?:支付|付|缴|交|结|为一)"
_CYCLE = (
    (re.compile(rf"押\s*{COUNT}\s*付\s*(?P<n>{COUNT})"), 1),
    (re.compile(rf"(?:每满?|按)\s*(?P<n>{COUNT})\s*个\s*月[^。;,]{{0,10}}?{_PAID}"), 1),
    (re.compile(rf"(?P<n>{COUNT})\s{{0,8}}个\s{{0,8}}月(?:支付|付|缴纳|交|结)?(?:一次|一付|一期|一交)"), 1),
    (re.compile(rf"(?:每|按)\s*半\s*年[^。;,]{{0,8}}?{_PAID}|半年(?:一)?[付支交]|按半年"), 6),
    (re.compile(rf"(?:每|按)\s*季度?[^。;,]{{0,8}}?{_PAID}|季(?:度)?(?:一)?付|按季|一季(?:度)?一"), 3),
    (re.compile(rf"(?:每|按)\s*年(?!租)[^。;,租增]{{0,8}}?{_PAID}|年付|一年一[付交]|按年|每一?年付一次"), 12),
    (re.compile(rf"(?:每|按)\s*个?月(?!租)[^。;租]{{0,14}}?{_PAID}|月付|按月|一月一[付交]"), 1),
)  # fmt: skip
#: A year's rent in so many parts.
_PARTS = re.compile(rf"分\s*(?:为)?\s*(?P<n>{COUNT})\s*(?:期|次|笔)\s*(?:等额)?(?:支付|付|缴|交)")
_DAY = re.compile(
    r"(?:每\s*(?:个)?(?:月|季度?|期|半年|年)(?:的)?(?:首月|第一个月|首个月|起始月)?(?:的)?|首月|首个月)\s*"
    rf"(?P<day>{COUNT})\s*(?:日|号)\s*(?:之?前|以前)?"
)
_FIRST = re.compile(
    r"(?:首期|第一期|首次|第一次|首笔|第一笔|首年)[^。;]{0,24}?(?:租金|支付|缴|付|交清|交纳|交齐)|首付"
)
_FREE = re.compile(r"免\s*租|装修期|免收租金|免租装修")
#: 每年6月20日、12月20日前: the days of payment, as printed.
_EVERY_YEAR = re.compile(
    r"每年(?:度)?(?:的)?\s*\d{1,2}\s*月\s*\d{1,2}\s*[日号]?(?:\s*(?:之?前)?\s*[、,和及与]\s*(?:每年)?\s*\d{1,2}\s*月\s*\d{1,2}\s*[日号])*"
)
_SHORTLY = 45  # days before a period on which it is paid in advance
_BILLED = re.compile(r"(?:计租|起租|开始计算租金|起计租|计收租金)[^。;]{0,8}")


@dataclass(frozen=True)
class Rent:
    """One rate of rent: so much for so many months (0: for each payment)."""

    fen: int
    months: int
    text: str
    place: Place


def premises_of(clauses: list[Clause]) -> Found[str] | None:
    """What is let, with its area."""
    area, what = None, None
    chosen = [c for c in clauses if c.topic in ("premises", "goods")] or clauses[:30]
    for clause in [*chosen, *clauses[:40]]:
        patterns = _PREMISES if clause in chosen else _PREMISES[:1]
        found = next((m for p in patterns if (m := p.search(clause.text))), None)
        if what is None and found:
            place = clause.line.place(clause.start + found.start("what"), clause.start + found.end("what"))
            text = _LET.split(found["what"])[0]
            what = Found(re.sub(r"\s+", "", text), found[0], place, "prose")
        if area is None and (found := _AREA.search(clause.text)):
            area = found["area"]
    if what is not None and area and area not in what.value:
        what.value = f"{what.value}，{area}平方米"
    return what


def rent_terms(clauses: list[Clause], runs: Runs) -> list[Instalment]:
    """The rent as terms: one for each rate, paid every so many months from when until when."""
    chosen = [c for c in clauses if c.topic in ("rent", "payment", "price") or "租金" in c.text]
    chosen = [c for c in chosen if c.topic not in ("penalty", "deposit")]
    rate = _rate(chosen)
    if rate is None:
        return []
    cycle = _cycle(chosen) or rate.months or 1
    start = runs.starts.value if runs.starts else None
    until = runs.until.value if runs.until else None
    first = _after_free(clauses, start, until) or start
    fen = rate.fen if rate.months == 0 else scaled(rate.fen, cycle, rate.months)
    due = _first_due(chosen, first)
    base = Instalment("rent", rate.text, rate.place, amount_fen=fen, trigger="date", due_on=due)
    printed = _printed_days(chosen, cycle)
    if printed and start is not None and until is not None and first is not None:
        return _on_printed_days(chosen, base, (cycle, rate.months), (start, until, first), printed)
    if start is None or until is None:
        return [Phase(base, cycle, until).term]
    return [phase.term for phase in phases(chosen, base, cycle, rate.months, (start, until))]


def _rate(clauses: list[Clause]) -> Rent | None:
    """The rent: what a month (quarter, year) costs; an amount for each payment comes second to that."""
    by_payment: Rent | None = None
    for clause in clauses:
        if "租" not in clause.text + clause.heading:
            continue
        for start, end in sentences(clause.text):
            text = clause.text[start:end]
            for pattern in (PER_AFTER, PER_BEFORE):
                for match in pattern.finditer(text):
                    fen = fen_of(match["figure"], 10_000 if match["wan"] else 1)
                    if fen is None or fen < 1000 or _beside(text, match):
                        continue
                    months = MONTHS["年"] if re.search("首年|全年", match["per"]) else months_of(match["per"])
                    rent = Rent(
                        fen, months, text.strip(), clause.line.place(clause.start + start, clause.start + end)
                    )
                    if months:
                        return rent
                    by_payment = by_payment or rent
    return by_payment


def _beside(text: str, match: "re.Match[str]") -> bool:
    """Whether an amount is for a square metre, or is no rent."""
    around = match[0] + text[match.end() : match.end() + 6]
    before = text[max(0, match.start() - 10) : match.start("figure")]
    return bool(_A_METRE.search(text[: match.start()]) or OTHER.search(before) or _PER_AREA.search(around))


def _cycle(clauses: list[Clause]) -> int | None:
    """Every how many months the rent is paid."""
    texts = [c.text for c in clauses]
    for text in texts:
        found = _PARTS.search(text)
        parts = number_of(found["n"]) if found else None
        if parts and 12 % parts == 0 and re.search(r"每年|年租|全年|/年", text):
            return int(12 / parts)
    for pattern, unit in _CYCLE:
        for text in texts:
            found = pattern.search(text)
            if found is None:
                continue
            count = number_of(found["n"]) if "n" in pattern.groupindex else None
            months = int(count) if count else unit
            if 1 <= months <= 120:
                return months
    return None


def _first_due(clauses: list[Clause], first: date | None) -> date | None:
    """When the first rent is due: a date printed for it, else the day of its month, else the first day."""
    for clause in clauses:
        for start, end in sentences(clause.text):
            text = clause.text[start:end]
            named = _FIRST.search(text)
            days = [d for s, _, d in dates_in(text) if named and s >= named.start()]
            if days and re.search(r"付|缴|交", text):
                return days[0]
    if first is None:
        return None
    for clause in clauses:
        if (found := _DAY.search(clause.text)) and "租" in clause.text + clause.heading:
            day = int(number_of(found["day"]) or 0)
            if first.day <= day <= 28:
                return first.replace(day=day)
    return first


def _printed_days(clauses: list[Clause], cycle: int) -> list[tuple[int, int]]:
    """The days of every year on which rent is paid, as (month, day), where they fit how often it is paid."""
    for clause in clauses:
        if "租" not in clause.text + clause.heading:
            continue
        for found in _EVERY_YEAR.finditer(clause.text):
            days = [(int(m), int(d)) for m, d in re.findall(r"(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]", found[0])]
            apart = {(b[0] - a[0]) % 12 or 12 for a, b in zip(days, [*days[1:], days[0]], strict=True)}
            sound = all(1 <= m <= 12 and 1 <= d <= 28 for m, d in days)
            if sound and apart == {cycle} and len({d for _, d in days}) == 1:
                return days
    return []


def _on_printed_days(
    clauses: list[Clause],
    base: Instalment,
    per: tuple[int, int],
    spans: tuple[date, date, date],
    printed: list[tuple[int, int]],
) -> list[Instalment]:
    """Rent on the printed days. Each period is paid on the printed day shortly before it, else on the first
    one in it. Where free time ends within a period, its rest is due on the day it ends."""
    (cycle, months), (start, until, first) = per, spans
    period = start
    while period < first:
        period = add_months(period, cycle)
    made: list[Instalment] = []
    if period > first and first < until:
        free = next((n for n in range(1, cycle) if add_months(first, n) == period), None)
        fen = None if free is None or base.amount_fen is None else scaled(base.amount_fen, free, cycle)
        made.append(replace(base, amount_fen=fen, due_on=first, every_months=cycle, until=first))
    if period > until:
        return made
    for phase in phases(clauses, replace(base, due_on=period), cycle, months, (start, until)):
        begins = phase.base.due_on or period
        ends = until if phase.until is None else phase.until
        last = min(ends, _payday(ends + timedelta(days=1), printed) - timedelta(days=1))
        made.append(replace(phase.term, due_on=_payday(begins, printed), until=last))
    return made


def _payday(day: date, printed: list[tuple[int, int]]) -> date:
    """The printed day for a period that begins on `day`."""
    days = sorted(date(year, m, d) for year in (day.year - 1, day.year, day.year + 1) for m, d in printed)
    before = [d for d in days if d <= day and (day - d).days <= _SHORTLY]
    return before[-1] if before else next(d for d in days if d >= day)


def _after_free(clauses: list[Clause], start: date | None, until: date | None) -> date | None:
    """The first day for which rent is owed, where some time is free."""
    pieces = [c.text[a:b] for c in clauses for a, b in sentences(c.text)]
    for text in pieces:
        found = _FREE.search(text)
        if found is None:
            continue
        dates = [d for d in dates_in(text) if d[2] != until]
        billed = _BILLED.search(text)
        if billed and dates:
            near = min(dates, key=lambda d: min(abs(d[0] - billed.start()), abs(d[1] - billed.start())))
            if min(abs(near[0] - billed.start()), abs(near[1] - billed.start())) < 16:
                return near[2]
        after = [d for s, _, d in dates if s > found.start() - 40]
        if len(after) >= 2:
            return after[-1] + timedelta(days=1)
        to = [d for s, _, d in dates if s > found.start() and text[:s].rstrip().endswith(("至", "到"))]
        if to:
            return to[0] + timedelta(days=1)
        bare = without_dates(text, dates_in(text))
        piece = bare[max(0, found.start() - 12) :]
        months = re.search(rf"({COUNT})\s*个\s*月", piece)
        days = re.search(rf"({COUNT})\s*(?:天|日)(?!前)", piece)
        if start is not None and months and (count := number_of(months[1])):
            return add_months(start, int(count))
        if start is not None and days and (count := number_of(days[1])):
            return start + timedelta(days=int(count))
    return None
