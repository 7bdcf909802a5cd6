"""What sets a term running (signing, delivery, acceptance, invoice …) and how long after it, in a clause."""

import re
from dataclasses import dataclass, replace
from datetime import date

from extraction.contracts.lexicon import hint_words, trigger_words
from extraction.contracts.values import COUNT, dates_in, number_of

_SPAN = re.compile(
    rf"(?<![\d.年月])(?P<count>{COUNT})\s{{0,8}}(?:\(\s{{0,4}}{COUNT}\s{{0,4}}\)\s{{0,8}})?(?P<half>个半)?个?\s{{0,8}}"
    r"(?P<unit>银行工作日|工作日|营业日|个工作天|工作天|日历天|日历日|自然日|天|日|周|星期|月|年"
    r"|WORKING DAYS|BUSINESS DAYS|DAYS?|MONTHS?|YEARS?)"
    r"(?!\s{0,8}(?:期)?的?(?:银行|商业|电子)?(?:承兑|汇票|结算一次|结一次))(?P<before>\s{0,8}(?:之?前))?",
    re.IGNORECASE,
)
_WORKING = re.compile("工作|营业|WORKING|BUSINESS", re.IGNORECASE)
#: Documents that must come along, and set nothing off where something else does.
_SINCE = re.compile(r"[^,;。]{0,4}?(?:后|之日|起)")
#: Paid first, sent then: who pays bears the risk.
PREPAID = re.compile(
    r"款到(?:账|帐)?(?:后)?\s*(?:即|再|方可|才|安排)?\s*(?:发货|供货|提货|交货|发运)|先款后货|先付款后(?:发货|提货|交货)"
    r"|全款(?:提货|发货)|付款后?(?:再|方可|即)?(?:提货|发货)|带款提货|现款提货"
    r"|付清(?:全款|货款|全部货款)?(?:后)?(?:再|方可|即)?(?:提货|发货)"
)
_BEFORE = re.compile(r"(?:BEFORE|PRIOR\s+TO)\s+(?:THE\s+)?$", re.IGNORECASE)
_NEAR = 300  # characters before an event in which its time is looked for
_CONDITION = re.compile(r"凭|提供|提交|开具|同时|附")


@dataclass(frozen=True)
class Trigger:
    """One event in a chunk of a clause, with the time printed after it."""

    kind: str
    start: int
    end: int
    days: int | None = None
    working: bool = False
    before: bool = False
    due_on: date | None = None
    hint: bool = False
    condition: bool = False

    @property
    def told(self) -> int | None:
        """The days as printed: before delivery names none, unless it says how many."""
        return self.days or None if self.kind == "before_delivery" else self.days


@dataclass(frozen=True)
class Span:
    """A length of time in days."""

    days: int
    working: bool
    start: int
    end: int


def spans_in(text: str) -> list[Span]:
    """Lengths of time in a text. A month counts 30 days, a year 365: the paper knows no better."""
    text = _masked_dates(text)
    made = []
    for match in _SPAN.finditer(text):
        count = number_of(match["count"])
        unit = match["unit"].upper()
        if count is None or (unit in ("日", "月", "年") and text.endswith(("第", "每"), 0, match.start())):
            continue
        if unit == "月" and not re.search(r"个|半", match[0]):
            continue  # 3月 is March
        if match["half"]:
            count += number_of("半") or 0
        made.append(Span(_days(count, unit), bool(_WORKING.search(unit)), match.start(), match.end()))
    return made


def _days(count: "object", unit: str) -> int:
    number = float(str(count))
    if unit in ("年",) or unit.startswith("YEAR"):
        return round(number * 365)
    if unit == "月" or unit.startswith("MONTH"):
        years, months = divmod(number, 12)
        return round(years * 365 + months * 30)
    return round(number * 7) if unit in ("周", "星期") else round(number)


def _masked_dates(text: str) -> str:
    for start, end, _ in dates_in(text):
        text = text[:start] + "\x00" * (end - start) + text[end:]
    return text


def triggers_in(text: str) -> list[Trigger]:
    """The events of a chunk in order, each with the time that follows it."""
    masked = _masked_dates(text)
    made = [Trigger("before_delivery", m.start(), m.end(), 0, before=True) for m in PREPAID.finditer(masked)]
    found = [
        m
        for m in trigger_words().finditer(masked)
        if all(m.end() <= t.start or m.start() >= t.end for t in made)
    ]
    for i, match in enumerate(found):
        kind = str(match.lastgroup)
        stop = found[i + 1].start() if i + 1 < len(found) else len(text)
        made.append(_trigger(kind, match, text, stop))
    for start, end, day in dates_in(text):
        made.append(Trigger("date", start, end, due_on=day))
    if not made:
        made += [
            Trigger(str(m.lastgroup), m.start(), m.end(), hint=True) for m in hint_words().finditer(text)
        ][:1]
    return sorted(made, key=lambda t: t.start)


def _trigger(kind: str, match: "re.Match[str]", text: str, stop: int) -> Trigger:
    rest = text[match.end() : stop]
    before = re.match(r"\s*(?:之|以)?前|\s*时?即?前", rest) is not None
    condition = kind == "invoice" and bool(_CONDITION.match(match[0])) and not _SINCE.match(rest)
    before = before or bool(_BEFORE.search(text[max(0, match.start() - _NEAR) : match.start()]))
    if kind == "delivery" and before:
        kind = "before_delivery"
    if kind == "statement":
        return Trigger(kind, match.start(), match.end(), _of_month(match[0], rest, text))
    spans = spans_in(rest)
    days = sum(s.days for s in spans) if spans else _around(match, text)
    working = bool(spans) and spans[-1].working
    if days is not None and before:
        days = -days
    if (
        days is None
        and not condition
        and (before or re.match(r"\s*(?:时|当日|当天|即|付款|付清|全款|现)", rest))
    ):
        days = 0
    return Trigger(kind, match.start(), match.end(), days, working, before, condition=condition)


def _around(match: "re.Match[str]", text: str) -> int | None:
    """Days that stand before the event: within 30 days after delivery."""
    if not match[0].isascii():
        return None
    spans = spans_in(text[max(0, match.start() - _NEAR) : match.start()])
    return spans[-1].days if spans else None


def _of_month(word: str, rest: str, text: str) -> int | None:
    """Days after the end of the month of account: 月结30天 30, 次月25日 25, 隔月10日 40, 月底 none."""
    month = {"次次月": 30, "隔月": 30}.get(word, 0)
    found = re.match(rf"\s*(?:的|第)?\s*({COUNT})\s*(?:日|号|天)", rest)
    count = number_of(found[1]) if found else None
    if word in ("每月", "当月", "月底", "月末"):
        if re.search(r"上(?:个)?月|前一月", text) and count is not None:
            return int(count)
        return None
    if word in ("次月", "下月", "下个月", "隔月", "次次月", "翌月"):
        if count is not None:
            return month + int(count)
        return month + 30 if re.match(r"\s*(?:月?底|末|月末|内|付|支|结)", rest) else month or None
    if word.startswith("月结") or word.startswith("挂"):
        spans = spans_in(rest)
        return spans[0].days if spans else None
    spans = spans_in(rest)
    return spans[0].days if spans else None


def strongest(triggers: list[Trigger]) -> Trigger | None:
    """The event that counts where a clause names several: one with a time of its own before one without,
    a condition after an event, a hint last; of equals the last."""
    if not triggers:
        return None

    def rank(pair: tuple[int, Trigger]) -> tuple[bool, bool, bool, int]:
        at, trigger = pair
        timed = trigger.days is not None or trigger.due_on is not None
        return (not trigger.hint, timed, not trigger.condition, at)

    best = max(enumerate(triggers), key=rank)[1]
    if best.condition:  # 验收合格后, 凭发票在15日内: the days count from the event, not from the paper
        events = [t for t in triggers if not t.condition and not t.hint]
        if events and events[-1].days is None and events[-1].due_on is None:
            return replace(events[-1], days=best.days, working=best.working)
    return best
