"""Payment clauses → instalments: what share or amount, after which event, within how many days.

A clause is cut at its commas. A piece with a share (or amount) and an event is an instalment; a share waits
for the event in the next piece, an event for the share. 余款 is what the others leave, 付至 counts on.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from extraction.contracts.clauses import Clause
from extraction.contracts.document import Place
from extraction.contracts.instalment import Instalment, settled, warranted
from extraction.contracts.triggers import PREPAID, Trigger, spans_in, strongest, triggers_in
from extraction.contracts.values import amounts_in, shares_in

_NO_SHARE_AFTER = re.compile(
    r"\s{0,8}(?:的)?(?:[\u4e00-\u9fff]{0,4}发票|税率|增值税|专用发票|专票|普票|发票|税|违约金|利息|滞纳金|损耗|误差|合格率|溢短|浮动|/日|每日|/天|以内的?(?:损耗|误差))"
)
_NO_SHARE_BEFORE = re.compile(
    r"(?:税率|税点|违约金|损耗|误差|利率|浮动|上下|±|不超过|不低于|高于|超过|低于|含税|增值税|折扣|下浮|上浮|合格率|利息|逾期[^,]{0,8})(?:为|是|按|:|约|率)?\s*$"
)
_NO_AMOUNT = re.compile(
    r"(?:总价款?|总金额|合同金额|合同价款?|合计|总额|总计|总货款|单价|每吨|每米|每件|每套|违约金|罚款|赔偿|注册资本|价款|总费用|货款总额|订单金额|价格)"
    r"(?:\([^()]*\))?\s*(?:共计|共|为|是|:|计|人民币|RMB|¥|\s|约|大写|小写|\()*$"
)
_PENALTY = re.compile(r"逾期|违约|滞纳|罚|赔偿|万分之|千分之|‰|延迟付款|延期付款|拖欠|未按|有权|否则|不按")
_PAY = re.compile(r"支付|付款|付清|结清|结算|付给|付全款|汇款|电汇|转账|付|PAY|T/T|BALANCE", re.IGNORECASE)
_FULL = re.compile(
    r"全\s*款|全部(?:货款|价款|款项|合同|费用|金额)|全额(?:货款|支付|付款|付清)?|一次性|所有货款|货款(?:一次)?付清|付清(?:本批|该批|全部|所有|货款|当批)|100\s*%",
    re.IGNORECASE,
)
_REST = re.compile(r"余\s*款|余额|尾\s*款|剩余|其余|余下|余货款|余(?=\d|付|的)|BALANCE", re.IGNORECASE)
_UPTO = re.compile(r"(?:付|支付|付款|累计(?:支付|付款)?|累计付)(?:至|到|款至)|至合同(?:总)?(?:价|金额|款|额)")
_SAME = re.compile(r"^\s{0,8}[(]?\s{0,8}(?:即|计|共计|合计|金额|折合|为人民币|人民币|¥|大写|小写|约|总计)")
_RETENTION = re.compile(
    r"质保\s*[金款期]|质量\s*保证\s*[金期]|质量保修|保修\s*[金期]|保留金|缺陷责任期|质保|保质期|RETENTION|WARRANTY",
    re.IGNORECASE,
)
_DEPOSIT = re.compile(r"定\s*金|订\s*金|履约保证金|押\s*金")
_SURETY = re.compile(r"履约保证金|履约担保|投标保证金|押\s*金")
#: A way of paying that says everything in a word.
_SPOKEN = (
    (
        PREPAID,
        "before_delivery",
    ),
    (
        re.compile(
            r"货到(?:后)?(?:即|现)?付(?:清)?款|货到付(?:清|全款|现)|现结"
            r"|现款结算|现款现货|COD|CASH ON DELIVERY"
        ),
        "delivery",
    ),
    (re.compile(r"见票即付|票到(?:即)?付款|票到付清"), "invoice"),
)
_TERM_DAYS = re.compile(
    r"(?:账期|帐期|信用期|赊销期|付款期限?|结算周期|付款周期)[^,。;]{0,6}?(?=\d|[一二三四五六七八九十])"
)


@dataclass
class _Open:
    """What a sentence has said so far."""

    triggers: list[Trigger] = field(default_factory=list)
    days: int | None = None
    working: bool = False
    kind: str = ""  # named before the share: 质保金, 5%
    waiting: Instalment | None = None
    made: list[Instalment] = field(default_factory=list)


def instalments(clauses: list[Clause], warranty_days: int | None = None) -> list[Instalment]:
    """The payments of the clauses that speak of paying, in order, shares worked out."""
    made: list[Instalment] = []
    for clause in clauses:
        for start, end in sentences(clause.text):
            text = clause.text[start:end]
            place = clause.line.place(clause.start + start, clause.start + end)
            made += _sentence(text, place)
    made = settled(warranted(made, warranty_days))
    for found in made:
        if found.trigger == "before_delivery":
            found.days = found.days or None  # nothing printed: just before
    return made


def ticked(text: str) -> str:
    """A choice of boxes with only what is ticked; untouched where nothing is."""
    text = re.sub(r"[\[(]\s*[√✓✔vV]\s*[\])]", "☑", text)
    if not re.search(r"[☑√✓✔☒■]", text) or not re.search(r"[□○◯☐]|[\[(]\s+[\])]", text):
        return text
    text = re.sub(r"[\[(]\s+[\])]", "□", text)
    return re.sub(r"[□○◯☐][^☑√✓✔☒■□○◯☐;。\n]*", lambda m: " " * len(m[0]), text)


def sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a clause begin and end: at stops, semicolons and numbers inside the line."""
    cuts = [0]
    for match in re.finditer(
        r"[。;\n!]|(?<=[\u4e00-\u9fff,:%)\s])(?=[(]\s*\d\s*[)](?!\s*(?:个|天|日|工作|年|月|周|%|份|元|人|套|万|吨)))"
        r"|(?<=[,:。;\s%])(?=\d{1,2}[、.)](?!\d))",
        text,
    ):
        cuts.append(match.end())
    cuts.append(len(text))
    return [(a, b) for a, b in pairwise(cuts) if text[a:b].strip(" 。;,\n")]


def _chunks(text: str) -> list[str]:
    """The pieces between commas; commas in figures and brackets part nothing."""
    pieces, depth, start = [], 0, 0
    for i, character in enumerate(text):
        depth += (character in "(《") - (character in ")》")
        inside = depth > 0 or (text[i - 1 : i].isdigit() and text[i + 1 : i + 4].isdigit())
        if (character == "," and not inside) or character == "\t":
            pieces.append(text[start:i])
            start = i + 1
    pieces.append(text[start:])
    return [part for piece in pieces for part in _several(piece) if part.strip()]


def _several(piece: str) -> list[str]:
    """A piece with several shares cut so that each has one."""
    shares = _shares(piece)
    if len(shares) < 2:
        return [piece]
    before = bool(triggers_in(piece[: shares[0][0]]))
    cuts = [e for _, e, _ in shares[:-1]] if before else [s for s, _, _ in shares[1:]]
    edges = [0, *cuts, len(piece)]
    return [piece[a:b].strip(" 、+/和及") for a, b in pairwise(edges)]


def _shares(text: str) -> list[tuple[int, int, Decimal]]:
    return [
        (s, e, share)
        for s, e, share in shares_in(text)
        if not _NO_SHARE_AFTER.match(text[e:]) and not _NO_SHARE_BEFORE.search(text[:s])
    ]


def _sentence(text: str, place: Place) -> list[Instalment]:
    shown = ticked(text)
    if _PENALTY.search(shown) and not _shares(shown):
        return []
    state = _Open()
    for chunk in _chunks(shown):
        if not _PENALTY.search(chunk):
            _chunk(chunk, text.strip(), place, state)
    _close(state)
    if not state.made:
        _whole(shown, text.strip(), place, state)
    return state.made


def _chunk(chunk: str, text: str, place: Place, state: _Open) -> None:
    triggers = triggers_in(chunk)
    found = _quantum(chunk, text, place)
    if found is not None and found.kind == "payment" and state.kind:
        found.kind, state.kind = state.kind, ""
    told = state.waiting is not None or any(m.share is not None for m in state.made)
    if found is None or (found.rest and told and not _REST.search(chunk)):
        _without(chunk, triggers, state)  # 一次性付清 of what was just told is no part of its own
        return
    last = state.made[-1] if state.made else None
    echo = (
        found.share is None
        and not found.rest
        and found.amount_fen is not None
        and not [t for t in triggers if not t.hint]
    )
    target = state.waiting or last
    if (
        echo
        and target is not None
        and target.amount_fen is None
        and not state.triggers
        and (_SAME.match(chunk) or target.share is not None)
    ):
        target.amount_fen = found.amount_fen
        return
    strong = [t for t in triggers if not t.hint]
    if state.waiting is not None:
        _close(state)
    if not strong and (spans := spans_in(chunk)):
        state.days, state.working = sum(s.days for s in spans), spans[-1].working
    if strong or state.triggers:
        _settle(found, [*state.triggers, *triggers], state)
        state.made.append(found)
        state.triggers, state.days, state.working = [], None, False
    else:
        state.waiting = found
        state.triggers = []
        _settle(found, triggers, state)


def _without(chunk: str, triggers: list[Trigger], state: _Open) -> None:
    """A piece without share or amount: an event for what waits, or for what comes."""
    if len(chunk.strip()) <= 8 and state.waiting is None:
        state.kind = "retention" if _RETENTION.search(chunk) else "deposit" if _DEPOSIT.search(chunk) else ""
    spans = spans_in(chunk)
    strong = [t for t in triggers if not t.hint]
    if state.waiting is not None and strong:
        if _RETENTION.search(chunk):
            state.waiting.kind = "retention"
        _settle(state.waiting, strong, state)
        if state.waiting.timed or not re.search(r"[后时]\s*$", chunk):
            state.made.append(state.waiting)
            state.waiting = None
        return
    if (
        state.waiting is None
        and state.made
        and strong
        and not state.made[-1].timed
        and _RETENTION.search(chunk)
        and state.made[-1].kind == "retention"
    ):
        _settle(state.made[-1], strong, state)
        return
    if state.waiting is not None and _RETENTION.search(chunk):
        state.waiting.kind = "retention"
    state.triggers += triggers
    last = state.made[-1] if state.made else None
    if spans and last is not None and last.kind == "retention" and re.match(r"\s*(?:期满|到期|届满)", chunk):
        last.days = (last.days or 0) + spans[-1].days
        return
    if spans and not strong:
        target = state.waiting or (
            state.made[-1] if state.made and not state.made[-1].timed and not triggers else None
        )
        if target is not None and target.days is None:
            target.days, target.working_days = spans[-1].days, spans[-1].working
        else:
            state.days, state.working = spans[-1].days, spans[-1].working


def _close(state: _Open) -> None:
    """What still waits at the end of a sentence goes without more."""
    if state.waiting is not None:
        strong = [t for t in state.triggers if not t.hint]
        if strong and state.waiting.trigger is None:
            _settle(state.waiting, strong, state)
        state.made.append(state.waiting)
        state.waiting = None


def _quantum(chunk: str, text: str, place: Place) -> Instalment | None:
    """How much a piece speaks of; None where it names no part of the price."""
    shares = _shares(chunk)
    amounts = [a for a in amounts_in(chunk) if not _NO_AMOUNT.search(chunk[: a.start])]
    kind = "retention" if _RETENTION.search(chunk) else "deposit" if _DEPOSIT.search(chunk) else "payment"
    made = Instalment(kind, text, place, surety=bool(_SURETY.search(chunk)))
    if shares:
        made.share = shares[0][2]
        made.upto = bool(_UPTO.search(chunk[: shares[0][0]])) and not _REST.search(chunk)
    if amounts:
        figures = [a for a in amounts if not a.words] or amounts
        made.amount_fen = figures[0].fen
    if shares or amounts:
        return made
    if _REST.search(chunk) and (_PAY.search(chunk) or triggers_in(chunk)):
        made.rest = True
        return made
    full = _FULL.search(chunk)
    if full and "发票" not in chunk[full.end() : full.end() + 4]:
        if not _PAY.search(chunk) and not _SPOKEN[0][0].search(chunk):
            return None
        made.rest = True
        return made
    return None


def _settle(found: Instalment, triggers: list[Trigger], state: _Open) -> None:
    """Give an instalment its event and time."""
    trigger = strongest(triggers)
    if trigger is None:
        found.days, found.working_days = state.days, state.working
        if state.days is not None and found.kind == "payment" and state.made:
            found.trigger = state.made[-1].trigger  # 货到30日内付50%, 60日内付清余款
        state.days = None
        return
    found.trigger, found.days, found.working_days = trigger.kind, trigger.days, trigger.working
    found.due_on = trigger.due_on
    if trigger.kind == "warranty":
        found.kind = "retention" if not found.upto or found.kind == "retention" else found.kind
        other = next((t for t in triggers if t.kind in ("acceptance", "delivery", "completion")), None)
        found.days = trigger.days
        found.trigger = f"warranty:{other.kind if other else ''}"
        if other is not None and other.days is not None:
            found.days = other.days + (trigger.days or 0)
            found.trigger = other.kind
    if found.days is None and found.due_on is None and state.days is not None:
        found.days, found.working_days = state.days, state.working


def _whole(shown: str, text: str, place: Place, state: _Open) -> None:
    """A sentence that names no part of the price: all of it, if it speaks of paying at all."""
    for pattern, trigger in _SPOKEN:
        if pattern.search(shown):
            state.made.append(
                Instalment("payment", text, place, trigger=trigger, days=0, rest=True, weak=True)
            )
            return
    if _PENALTY.search(shown) or re.search(r"付款前|支付前|付款之前", shown):
        return
    triggers = [t for t in triggers_in(shown) if not t.hint]
    spans = spans_in(shown)
    spoken = re.search(r"月结|票到|货到\s*\d|账期|帐期|NET", shown, re.IGNORECASE)
    if not (_PAY.search(shown) or spoken) or not (triggers or (_TERM_DAYS.search(shown) and spans)):
        return
    found = Instalment("payment", text, place, rest=True, weak=True)
    paid = [triggers_in(c) for c in _chunks(shown) if _PAY.search(c)]
    own = [t for t in (paid[-1] if paid else []) if not t.hint and (t.days is not None or t.due_on)]
    statement = [t for t in triggers if t.kind == "statement" and t.days is not None]
    _settle(found, own or statement or triggers, state)
    if found.days is None and found.due_on is None and spans:
        found.days, found.working_days = spans[-1].days, spans[-1].working
    state.made.append(found)
