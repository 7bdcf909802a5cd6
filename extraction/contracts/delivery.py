"""Terms other than payment: delivery, deposit, penalty, warranty, and when a contract begins and ends."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from extraction.contracts.clauses import Clause
from extraction.contracts.document import Place
from extraction.contracts.found import Found
from extraction.contracts.goods import Goods
from extraction.contracts.instalment import Instalment
from extraction.contracts.payment import sentences, ticked
from extraction.contracts.triggers import spans_in, triggers_in
from extraction.contracts.values import (
    COUNT,
    Amount,
    add_months,
    amounts_in,
    dates_in,
    day_before,
    number_of,
    shares_in,
)

_DELIVERS = re.compile(
    r"交货|货期|供货|送货|发货|交付|到货|提货|送达|运抵|发运|交(?:\(提\))?期|完成全部|DELIVER|SHIP",
    re.IGNORECASE,
)
_NOT_DELIVERY = re.compile(r"逾期|延迟|延期|违约|迟延|验收|异议|付款|支付|不能|未能|未按|发票|罚")
_PENALTY = re.compile(
    r"违约金|滞纳金|罚款|罚金|万分之|千分之|‰|赔偿(?:金|损失)?|按日|双倍返还|承担违约责任|(?:逾期|迟延|延迟)[^。]{0,40}\d\s*%"
)
_DEPOSIT = re.compile(r"履约保证金|租赁保证金|保证金|押\s*金|定\s*金|订\s*金")
_BECOMES = re.compile(r"退还|返还|没收|不予退|无息退|抵作|冲抵|双倍")
_RETENTION = re.compile(r"质保金|质量保证金|保修金|保留金")
_WARRANTY = re.compile(r"(?:质保|保修|质量保证|三包|保质|质量保修|免费保修|免费质保|缺陷责任)(?:期限|期)?")
_RUNS = re.compile(
    r"有效期|合同期限|协议期限|合作期限|服务期限|租赁期限|租\s*期|租赁期|供货期限|合同期|协议有效|履行期限|期限"
)
_VALID = re.compile(r"有效期|(?:合同|协议|合作|服务)\s*(?:期限|期|的期限)|(?:自|从)[^,。;]{0,16}生效")
#: Said of two days apart: 5月1日起租,…到期; 1月1日开始,于12月31日届满.
_BEGINS = re.compile(r"\s*(?:正式)?(?:起|开始|生效|交付)")
_ENDS = re.compile(r"\s*(?:当日|当天)?(?:止|为止|到期|届满|期满|终止|结束|届至|退租|失效)")
_FREE = re.compile(r"免租|装修期|免收|违约")
_OTHERS = ("payment", "penalty")
_LENGTH = re.compile(
    rf"(?P<years>{COUNT})\s{{0,8}}(?:\(\s{{0,4}}{COUNT}\s{{0,4}}\)\s{{0,8}})?(?P<half>个半)?\s{{0,8}}年(?!\d)"
    rf"|(?P<months>{COUNT})\s{{0,8}}(?:\(\s{{0,4}}{COUNT}\s{{0,4}}\)\s{{0,8}})?个?\s{{0,8}}月(?!\d)"
)


def deliveries(clauses: list[Clause], goods: Goods) -> list[Instalment]:
    """Delivery terms: the first that a clause gives a time for."""
    for clause in clauses:
        topical = clause.topic == "delivery"
        if not topical and not (
            clause.topic in ("", "other", "term", "goods") and _DELIVERS.search(clause.text)
        ):
            continue
        for start, end in sentences(clause.text):
            text = ticked(clause.text[start:end])
            if topical and not _DELIVERS.search(text) and _only_days(text):
                continue  # the days of the signatures
            found = _delivery(text, topical, clause.line.place(clause.start + start, clause.start + end))
            if found is not None:
                return [found]
    days = {line.deliver_on for line in goods.lines}
    if len(days) == 1 and (day := next(iter(days))) is not None:
        cell = goods.lines[0].values["deliver"]
        return [Instalment("delivery", cell.text, cell.place, trigger="date", due_on=day)]
    for line in goods.lines[:1]:
        cell_text = line.text("deliver")
        if cell_text and (found := _delivery(cell_text, True, line.values["deliver"].place)):
            return [found]
    return []


def _only_days(text: str) -> bool:
    """Whether a line holds two days and nothing else, as below signatures."""
    dates = dates_in(text)
    return len(dates) >= 2 and not re.search(r"\w", without_dates(text, dates))


def _delivery(text: str, topical: bool, place: Place) -> Instalment | None:
    if _NOT_DELIVERY.search(re.sub(r"(?:预|首)付款", "", text)) or not (topical or _DELIVERS.search(text)):
        return None
    if _VALID.search(text) and not _DELIVERS.search(text):
        return None  # how long the contract holds
    days = [d for _, _, d in dates_in(text)]
    if days and (topical or _DELIVERS.search(text)):
        return Instalment("delivery", text.strip(), place, trigger="date", due_on=days[-1])
    spans = spans_in(text)
    if not spans:
        return None
    events = [t for t in triggers_in(text) if not t.hint and t.kind in ("signing", "statement")]
    received = re.search(r"(?:收到|预付款|首付款|定金)[^,。;]{0,14}(?:款|定金)|款到|预付(?:款)?后", text)
    made = Instalment("delivery", text.strip(), place, days=spans[0].days, working_days=spans[0].working)
    made.trigger = "signing" if any(t.kind == "signing" for t in events) and not received else None
    return made


def penalty_of(clauses: list[Clause]) -> Found[str] | None:
    """The first sentence that says what a breach costs, as printed."""
    chosen = [c for c in clauses if c.topic == "penalty"] or [
        c for c in clauses if re.search(r"违约金|滞纳金|万分之|‰", c.text)
    ]
    for pattern in (_PENALTY, None):
        for clause in chosen:
            for start, end in sentences(clause.text):
                text = clause.text[start:end].strip(" 。;")
                if pattern is not None and not pattern.search(text):
                    continue
                text = re.sub(r"^[^:。]{0,10}(?:违约|责任|罚)[^:,。]{0,8}:", "", text).strip()
                text = re.sub(r"^\(?\d{1,2}[).、]\s*", "", text)
                if len(text) >= 6 and pattern is not None:
                    place = clause.line.place(clause.start + start, clause.start + end)
                    return Found(text, text, place, "prose")
    return None


def deposit_of(clauses: list[Clause], total_fen: int | None) -> tuple[Found[int] | None, Instalment | None]:
    """The deposit: in fen, and as a term with its share and when it is due."""
    for clause in clauses:
        for start, end in sentences(clause.text):
            text = ticked(clause.text[start:end])
            named = next(
                (
                    m
                    for m in _DEPOSIT.finditer(text)
                    if not _RETENTION.search(text[max(0, m.start() - 3) : m.end()])
                ),
                None,
            )
            if named is None or (_given_back(text, named) and not amounts_in(text)):
                continue
            after = text[named.start() :]
            amounts = [
                a
                for a in amounts_in(text)
                if not re.search(r"(?:总价|总金额|租金|价款|单价)[^,;]{0,8}$", text[: a.start])
            ]
            near = [a for a in amounts if a.start >= named.start()] or amounts
            shares = [s for s in shares_in(after) if s[0] < 30] or [
                s for s in shares_in(text[: named.start()]) if named.start() - s[1] < 12
            ]
            if not near and not shares:
                continue
            place = clause.line.place(clause.start + start, clause.start + end)
            return _deposit(text, near, shares, place, total_fen)
    return None, None


def _given_back(text: str, named: "re.Match[str]") -> bool:
    """Whether a sentence only says what becomes of a deposit: 定金为总价的20%,交货后抵作货款 says more."""
    found = _BECOMES.search(text[: named.start() + 16])
    return found is not None and not shares_in(text[: found.start()])


def _deposit(
    text: str,
    near: list[Amount],
    shares: list[tuple[int, int, Decimal]],
    place: Place,
    total_fen: int | None,
) -> tuple[Found[int] | None, Instalment]:
    share: Decimal | None = shares[0][2] if shares else None
    figures = [a for a in near if not a.words] or near
    fen = figures[0].fen if figures else None
    if fen is None and share is not None and total_fen is not None:
        fen = int((total_fen * share).to_integral_value(ROUND_HALF_UP))
    events = [t for t in triggers_in(text) if not t.hint]
    term = Instalment("deposit", text.strip(), place, share, fen, surety=True)
    if events:
        term.trigger, term.days, term.due_on = events[0].kind, events[0].told, events[0].due_on
        term.working_days = events[0].working
    return (None if fen is None else Found(fen, text.strip(), place, "prose")), term


def warranty_days(clauses: list[Clause]) -> int | None:
    """How long the warranty runs, in days, where one length is named."""
    for clause in clauses:
        for match in _WARRANTY.finditer(clause.text):
            if re.match(r"\s*(?:届?满|到期|结束|内|后|金|款|责任)", clause.text[match.end() :]):
                continue
            piece = re.split(r"[。;]", clause.text[match.end() : match.end() + 40])[0]
            long = [s.days for s in spans_in(piece) if s.days >= 90]
            if long:
                return long[0]
    return None


@dataclass
class Runs:
    """From when until when; either may be missing."""

    starts: Found[date] | None = None
    until: Found[date] | None = None


def runs_of(clauses: list[Clause], lease: bool) -> Runs:
    """The term of a lease or of a framework agreement: two dates, or one and a length."""
    named = [c for c in clauses if c.topic == "term" or (_RUNS.search(c.text) and c.topic not in _OTHERS)]
    rest = [c for c in clauses if c not in named] if lease else []
    for clause in (*named, *rest):
        for start, end in sentences(clause.text):
            if found := _between(clause, start, end):
                return found
    for clause in named:
        for start, end in sentences(clause.text):
            if found := _with_length(clause, start, end):
                return found
    return Runs()


def _between(clause: Clause, start: int, end: int) -> Runs | None:
    """自 … 至 …; rent-free time is another matter."""
    text = clause.text[start:end]
    if _FREE.search(text):
        return None
    for (s1, e1, first), (s2, e2, second) in pairwise(dates_in(text)):
        between = text[e1:s2]
        spans = re.search(r"至|到|-|—|~|止", between) or (_BEGINS.match(between) and _ENDS.match(text[e2:]))
        if len(between) <= 14 and spans and second > first:
            place = clause.line.place(clause.start + start + s1, clause.start + start + e2)
            checks = ["until_after_start"]
            return Runs(
                Found(first, text[s1:e1], place, "prose", list(checks)),
                Found(second, text[s2:e2], place, "prose", list(checks)),
            )
    return None


def _with_length(clause: Clause, start: int, end: int) -> Runs | None:
    """One day, and a length or nothing: 自 … 起三年, 有效期至 …."""
    text = clause.text[start:end]
    found = dates_in(text)
    if len(found) != 1 or _FREE.search(text):
        return None
    s, e, day = found[0]
    place = clause.line.place(clause.start + start + s, clause.start + start + e)
    ends = re.match(r"\s*(?:止|为止|终止|到期)", text[e:]) or re.search(r"(?:至|到|有效期)\s*$", text[:s])
    if ends:
        return Runs(None, Found(day, text[s:e], place, "prose"))
    length = _LENGTH.search(without_dates(text, found))
    if length is None:
        return None
    until = day_before(add_months(day, _months(length)))
    return Runs(Found(day, text[s:e], place, "prose"), Found(until, text, place, "concluded"))


def without_dates(text: str, found: tuple[tuple[int, int, date], ...]) -> str:
    """A text with commas in the place of its dates."""
    for start, end, _ in found:
        text = text[:start] + "," * (end - start) + text[end:]
    return text


def _months(length: "re.Match[str]") -> int:
    if length["years"]:
        return int((number_of(length["years"]) or 0) * 12) + (6 if length["half"] else 0)
    return int(number_of(length["months"]) or 0)
