"""Which party delivers and which pays: by the words for them, else by what each has to do."""

import re

from extraction.contracts.found import Found
from extraction.contracts.lines import Line
from extraction.contracts.names import firm_name, looks_like_firm, names_in
from extraction.contracts.parties import Mention

_GAP = r"[^。;\n]{0,28}?"
_X, _Y = r"(?P<x>甲方|乙方)", r"(?P<y>甲方|乙方)"
_MUST = r"(?:应|须|需|必须|将|按|于|在|自|负责)"
_PAYS = r"(?:支付|付清|付款|付给|付至|预付|结清|汇入|汇至|缴纳|交纳|给付|打入)"
_SUPPLIES = r"(?:供应|提供|销售|出售|供货|供给|交付|交货|出租|发租|发货|送货|开具|开出)"
_BUYS = r"(?:采购|购买|订购|订货|购进|承租|租赁|租用|求租|求购|购入|定制|定作|委托)"
#: Pattern → side of x (and, where there is one, the other side of y), and what it is worth.
_EVIDENCE: tuple[tuple[re.Pattern[str], str, int], ...] = (
    (re.compile(rf"{_X}[^。;,\n]{{0,12}}?(?:向|从|自|于){_Y}{_GAP}{_BUYS}"), "buyer", 4),
    (re.compile(rf"{_X}[^。;,\n]{{0,12}}?(?:向|给|为|替){_Y}{_GAP}{_SUPPLIES}"), "seller", 3),
    (re.compile(rf"{_X}[^。;,\n]{{0,12}}?(?:向|给){_Y}{_GAP}{_PAYS}"), "buyer", 4),
    (re.compile(rf"{_X}[^。;\n]{{0,24}}?(?:出租|发租|租赁|出售|销售|转让|出卖)给{_Y}"), "seller", 4),
    (re.compile(rf"{_X}(?:应|须|需|必须|将|按|于|在|自|每)[^。;甲乙]{{0,24}}?{_PAYS}"), "buyer", 2),
    (re.compile(rf"{_X}{_MUST}?[^。;,甲乙]{{0,14}}?(?:供货|送货|发货|交货|送达)"), "seller", 1),
    (re.compile(rf"(?:支付给|付给|汇入|付至|打入|支付至){_X}"), "seller", 3),
    (re.compile(rf"(?:送至|送到|运至|运到|交付至|送货至|发往){_X}"), "buyer", 2),
    (re.compile(rf"{_X}(?:组织|负责|进行)?(?:验收|收货|签收)"), "buyer", 1),
    (re.compile(rf"{_X}{_PAYS}"), "buyer", 1),
    (re.compile(rf"{_X}(?:的)?(?:收款账|指定账|银行账|开户行)"), "seller", 1),
    (re.compile(rf"{_X}(?:同意|愿意|需要|决定|拟)?{_BUYS}{_Y}"), "buyer", 3),
)  # fmt: skip
_RECEIVED = re.compile(r"(?:收到|收取)(?:甲方|乙方)?[^。;,]{0,10}$")


def sides(mentions: list[Mention], lines: list[Line], title: str) -> dict[str, Found[Mention]]:
    """`seller` and `buyer` as far as the paper tells; a side that nothing tells is left out."""
    made: dict[str, Found[Mention]] = {}
    named = [m for m in mentions if m.names or m.details] or mentions
    for side in ("seller", "buyer"):
        mine = sorted((m for m in named if m.side == side), key=_weight, reverse=True)
        if mine:
            made[side] = Found(mine[0], "", way="label")
            for second in mine[1:]:
                _absorb_nameless(mine[0], second)
    neutral = [m for m in named if m.roles & {"甲方", "乙方"} and m.side is None]
    if len(made) == 1 and neutral:
        other = "buyer" if "seller" in made else "seller"
        made[other] = Found(neutral[0], "", way="label")
    elif not made and neutral:
        made = _by_deeds(neutral, lines)
    if len(made) < 2:
        _by_letterhead(made, lines, title)
    return made


def _weight(mention: Mention) -> tuple[bool, int, int]:
    name = mention.name
    return (name is not None and looks_like_firm(name.value), len(mention.names), len(mention.details))


def _absorb_nameless(first: Mention, other: Mention) -> None:
    """A second word for one side with the same or no name is the same party: 卖方 above, 供方 below."""
    one, two = first.name, other.name
    if two is None or one is None or one.value == two.value:
        first.absorb(other)


def _by_deeds(neutral: list[Mention], lines: list[Line]) -> dict[str, Found[Mention]]:
    """甲方 and 乙方 told apart by who pays and who delivers."""
    score = deeds([line.text for line in lines])
    if not score:
        return {}
    of = {word: next((m for m in neutral if word in m.roles), None) for word in ("甲方", "乙方")}
    buyer, seller = of["甲方" if score > 0 else "乙方"], of["乙方" if score > 0 else "甲方"]
    found = (("seller", seller), ("buyer", buyer))
    return {side: Found(m, "", way="prose" if abs(score) > 3 else "concluded") for side, m in found if m}


def deeds(texts: list[str]) -> int:
    """How strongly the text says that 甲方 pays (above zero) or delivers (below)."""
    score = 0
    for text in texts:
        if "甲方" not in text and "乙方" not in text:
            continue
        for pattern, side, worth in _EVIDENCE:
            for match in pattern.finditer(text):
                if _RECEIVED.search(match[0][: match[0].rfind("付") + 0] or ""):
                    continue
                if "y" in pattern.groupindex and match["x"] == match["y"]:
                    continue
                sign = 1 if (match["x"] == "甲方") == (side == "buyer") else -1
                score += sign * worth
    return score


def _by_letterhead(made: dict[str, Found[Mention]], lines: list[Line], title: str) -> None:
    """The firm whose letterhead an order or a sales contract carries, where its own side is not named."""
    own = (
        "buyer"
        if ("采购" in title or "订购" in title or "订货" in title)
        else "seller"
        if "销售" in title
        else ""
    )
    if not own or own in made or not made:
        return
    other = next(iter(made.values())).value
    for line in lines[:6]:
        text = line.text.strip()
        names = [n for _, n in names_in(text)] or (
            [firm_name(text)] if looks_like_firm(firm_name(text)) else []
        )
        for name in names:
            known = {f.value for f in other.names}
            if name not in known and (text.startswith(name) or len(text) < 40) and ":" not in text:
                made[own] = Found(
                    Mention({own}, [Found(name, text, line.place(), "concluded")]), "", way="concluded"
                )
                return
