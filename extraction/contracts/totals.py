"""What a contract comes to: the total in figures and in words, its tax basis and rate, and its currency."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from extraction.contracts.clauses import Clause
from extraction.contracts.document import Place
from extraction.contracts.found import Found
from extraction.contracts.goods import Goods
from extraction.contracts.values import Amount, amounts_in

_TOTAL = re.compile(
    r"(?:合同|订单|协议)?(?:含税|暂定|暂估|固定|签约|不含税|未税)*(?:总\s*价款?|总\s*金\s*额|总\s*额|总\s*货\s*款|总货值)|(?:合同|订单"
    r"|协议)(?:总)?(?:价格|价款|金额|价)|货款(?:总额|合计|总计|共计)|合\s*计|总\s*计|共\s*计|价税合计|金额合计|总价款"
    r"|总费用|加工费(?:总额|合计)|TOTAL(?:\s+(?:AMOUNT|PRICE|VALUE))?|CONTRACT\s+(?:PRICE|VALUE|AMOUNT)",
    re.IGNORECASE,
)
_NOT_TOTAL = re.compile(
    r"违约金|质保金|保证金|定金|订金|押金|预付|首付|余款|尾款|剩余|支付|付至|罚|赔偿|超过|不超|低于|运费|税额|增值税额|税金|每日|租金|单价|每吨|额度|限额|注册资本|其中"
)
_NET = re.compile(r"不含(?:增值)?税|未税|除税|税前|不含\s*\d+%|无税")
_TAXED = re.compile(r"(?<!不)含(?:\s*\d{1,2}%\s*的?)?(?:增值)?税|价税合计|税价合计|含\s*\d{1,2}\s*%")
_RATE = (
    re.compile(r"(?:税率|税点|税率为|增值税率|征收率)[^%;。]{0,10}?(\d{1,2}(?:\.\d)?)\s*%"),
    re.compile(r"(?<![\d.])(\d{1,2}(?:\.\d)?)\s*%\s*(?:的|税率的?|的?全额)?\s*(?:增值)?(?:税|专用发票|专票|增值税|普通发票|普票)"),
    re.compile(r"含\s*(\d{1,2}(?:\.\d)?)\s*%"),
)  # fmt: skip
#: What a change takes the place of: 由1,000元调整为1,200元 leaves 1,200, 由17%调整为13% leaves 13%.
_CHANGE = (
    r"(?:[^,。;\d]{0,6}?(?:调整|变更|修改|修正|修订|更改|更正|增加|提高|上调|减少|降低|下调|降|改|增))"
    r"(?:为|至|到|成)"
)
_WAS = re.compile(rf"\s*(?:整|元整|[(][^()]*[)])?\s*{_CHANGE}")
_FROM = re.compile(r"(?:由|从|自|原)[^,。;]{0,24}$")
_NEW_RATE = re.compile(rf"税率?[^;。]{{0,16}}?\d{{1,2}}(?:\.\d)?\s*%\s*{_CHANGE}\s*(\d{{1,2}}(?:\.\d)?)\s*%")
#: Rates of value added tax there are or have been; another percentage is none.
_RATES = frozenset(Decimal(r) for r in ("0", "1", "1.5", "3", "5", "6", "9", "10", "11", "13", "16", "17"))


@dataclass
class Candidate:
    """One total as printed: figures or words, with or without tax, where."""

    fen: int
    text: str
    place: Place
    words: bool = False
    net: bool | None = None
    way: str = "label"
    row: int = 0
    currency: str = "CNY"


@dataclass
class Total:
    """The total agreed on, and what was seen against it."""

    amount: Found[int] | None = None
    words_fen: int | None = None
    words_text: str = ""
    basis: Found[str] | None = None
    rate: Found[Decimal] | None = None
    currency: str = "CNY"
    conflict: str = ""  # the words that say another amount
    net_fen: int | None = None  # the total without tax, where both are printed
    others: list[Candidate] = field(default_factory=list)


def total_of(clauses: list[Clause], goods: Goods) -> Total:
    """The total of a contract. One that agrees in figures and words, or with the lines, is believed first."""
    candidates = _from_table(goods) + [c for clause in clauses for c in _from_clause(clause)]
    made = Total(basis=_basis(clauses, goods), rate=_rate(clauses, goods))
    figures = [c for c in candidates if not c.words]
    words = {c.fen for c in candidates if c.words}
    lines = [line.amount_fen for line in goods.lines]
    summed = sum(a for a in lines if a is not None) if lines and None not in lines else None
    chosen = _best(figures, words, summed)
    spelled = [c for c in candidates if c.words]
    if chosen is None and spelled:
        chosen = next((c for c in spelled if c.fen == summed), spelled[0])
    if chosen is None:
        if summed is not None and summed > 0:
            made.amount = Found(
                summed, "", goods.lines[-1].values["amount"].place, "concluded", ["sum_of_lines"]
            )
        return made
    made.amount = Found(chosen.fen, chosen.text, chosen.place, chosen.way)
    made.currency = chosen.currency
    same = next((c for c in spelled if c.fen == chosen.fen), None)
    near = next((c for c in spelled if c.row == chosen.row and c.row), None) or (
        spelled[0] if len(spelled) == 1 else None
    )
    if same is not None:
        made.words_fen, made.words_text = same.fen, same.text
        made.amount.checks.append("words_agree")
    elif near is not None:
        made.words_fen, made.words_text, made.conflict = near.fen, near.text, near.text
    if summed is not None and summed == chosen.fen:
        made.amount.checks.append("lines_sum")
    if chosen.net is not None:
        made.basis = Found("without_tax" if chosen.net else "with_tax", chosen.text, chosen.place)
        made.net_fen = next((c.fen for c in figures if c.net and c.fen != chosen.fen), None)
    made.others = [c for c in figures if c.fen != chosen.fen]
    return made


def _best(figures: list[Candidate], words: set[int], summed: int | None) -> Candidate | None:
    """A total with tax before one without, then one that words or lines confirm, then the first."""
    if not figures:
        return None

    def rank(pair: tuple[int, Candidate]) -> tuple[int, bool, int]:
        at, c = pair
        proof = 2 * (c.fen in words) + (c.fen == summed)
        return (proof + (1 if c.net is False else -1 if c.net else 0), c.net is False, -at)

    return max(enumerate(figures), key=rank)[1]


def _from_table(goods: Goods) -> list[Candidate]:
    net = True if goods.net else False if goods.with_tax else None
    return [
        Candidate(a.fen, "", place, a.words, net if not a.words else None, "table", 0, a.currency)
        for a, place in goods.totals
    ]


def _from_clause(clause: Clause) -> list[Candidate]:
    """Totals that a line names, in figures and in words; amounts of other things are none."""
    text, made = clause.text, []
    if clause.topic in ("penalty", "rent", "deposit"):
        return []
    anchors = list(_TOTAL.finditer(text))
    if not anchors and not (clause.topic == "price" and re.search(r"大\s*写|人民币", text)):
        return []
    for amount in amounts_in(text):
        if replaced(text, amount.start, amount.end):
            continue
        anchor = next((m for m in reversed(anchors) if m.end() <= amount.start), None)
        between = text[anchor.end() if anchor else 0 : amount.start]
        before = text[max(0, (anchor.start() if anchor else 0) - 12) : anchor.start() if anchor else 0]
        if anchor is None and amount.start > 16 and not re.search(r"大\s*写|小\s*写|人民币|¥", between):
            continue
        if (
            len(between) > 60
            or _NOT_TOTAL.search(_unbracketed(between))
            or re.search(r"\d\s*%\s*(?:即|,|作为|的)", between)
        ):
            continue
        if re.search(r"[。;]", between) and not amount.words:
            continue
        made.append(_candidate(clause, amount, before + (anchor[0] if anchor else "") + between))
    return made


def replaced(text: str, start: int, end: int) -> bool:
    """Whether what stands there is what a change takes away: 由 … 调整为."""
    return bool(_FROM.search(text[:start]) and _WAS.match(text[end:]))


def _unbracketed(text: str) -> str:
    return re.sub(r"\([^()]*\)", "", text)


def _candidate(clause: Clause, amount: Amount, named: str) -> Candidate:
    text = clause.text
    after = text[amount.end : amount.end + 8]
    net = True if _NET.search(named[-24:]) else False if _TAXED.search(named[-24:]) else None
    if net is None and (found := re.match(r"\s*[(]\s*(不含税|未税|含税)", after)):
        net = found[1] != "含税"
    place = clause.line.place(clause.start + amount.start, clause.start + amount.end)
    return Candidate(
        amount.fen,
        text[amount.start : amount.end],
        place,
        amount.words,
        net,
        "label",
        clause.line.row,
        amount.currency,
    )


def _basis(clauses: list[Clause], goods: Goods) -> Found[str] | None:
    """with_tax or without_tax, where the table's heading or a clause about the price says so."""
    if goods.net or goods.with_tax:
        return Found("without_tax" if goods.net else "with_tax", "", way="table")
    for pattern, basis in ((_NET, "without_tax"), (_TAXED, "with_tax")):
        for clause in clauses:
            found = pattern.search(clause.text)
            if found and (
                clause.topic in ("price", "goods", "payment", "invoice", "") or "价" in clause.text
            ):
                start = clause.start + found.start()
                place = clause.line.place(start, start + len(found[0]))
                if basis == "without_tax" and any(_TAXED.search(c.text) for c in clauses):
                    break  # both are named: the total tells, further on
                return Found(basis, found[0], place, "prose")
    return None


def _rate(clauses: list[Clause], goods: Goods) -> Found[Decimal] | None:
    """The one rate of value added tax that the paper names; none where it names several."""
    named: list[Found[Decimal]] = []
    for line in goods.lines:
        if line.rate is not None:
            named.append(Found(line.rate, "", line.values["rate"].place, "table"))
    for clause in clauses:
        for pattern in (*_RATE, _NEW_RATE):
            for match in pattern.finditer(clause.text):
                percent = clause.text.index("%", match.end(1)) + 1
                if replaced(clause.text, match.start(1), percent):
                    continue
                value = Decimal(match[1])
                if value in _RATES:
                    place = clause.line.place(clause.start + match.start(1), clause.start + match.end(1))
                    named.append(Found(value / 100, match[0], place, "prose"))
    values = {f.value for f in named}
    return named[0] if len(values) == 1 else None
