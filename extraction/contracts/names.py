"""Names of firms as contracts print them: cut out of what stands around them."""

import re

from extraction.contracts.lexicon import is_blank, lexicon, plain

#: What ends the name of an organisation.
ENDING = (
    "公司|集团|厂|商行|商店|商场|超市|经营部|经销部|门市部|营业部|服务部|事务所|研究院|研究所|设计院|医院|学院|大学|中学|小学|学校|幼儿园"
    "|合作社|中心|协会|银行|酒店|饭店|宾馆|工作室|工厂|委员会|管理局|局|处|所|站|店|部|行|社|院|馆|坊|铺|场|基地|企业|商会|联社|农场|林场|"
    "专卖店|加工厂|批发部|五金店|政府|支队|大队"
)
_INSIDE = r"[\u4e00-\u9fff\u3400-\u4dbfA-Za-z0-9()·&\-.•]"
#: A name inside a sentence: ends like an organisation.
IN_PROSE = re.compile(rf"{_INSIDE}{{2,48}}?(?:{ENDING})(?:\([\u4e00-\u9fff]{{2,6}}\))?(?![\u4e00-\u9fff])")
FOREIGN = re.compile(
    r"[A-Z][\w&.,'\- ]{2,70}?\b(?:CO\.?,?\s*LTD|LIMITED|LTD|INC|CORP(?:ORATION)?|GMBH|LLC|PTE|S\.?A|AG"
    r"|B\.?V)\b\.?",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*[(\[【](?:[^()\[\]]*(?:简\s*称|下称|盖\s*章|公\s*章|签\s*章|签\s*字|签\s*名|印章|全称|个体工商户|经营者|手印"
    r"|法人)[^()\[\]]*)[)\]】].*$"
)
_STAMP = re.compile(r"[\s(]*(?:盖\s*章|公\s*章|签\s*章|签\s*字|签\s*名|合同专用章|签字盖章|\(章\))[\s)]*$")
_LEAD = re.compile(
    r"^(?:\(\d{1,2}\)|\d{1,2}[.)])?(?:(?:本合同|本协议|合同|协议|现|今|兹)?(?:由|与|和|及|以及|同|经|系|为|是|即|下列双方|甲乙双方)\s*)?"
)
_CUT = re.compile(r"[,;。、!?]|\s{2,}|(?<=[\u4e00-\u9fff)])\s+(?=[\u4e00-\u9fff(])")


def firm_name(value: str) -> str:
    """The name in a value behind 甲方: and the like; '' where there is none."""
    text = _TAIL.sub("", value).strip(" _\t:'\"“”‘’《》")
    text = _STAMP.sub("", text).strip(" _\t")
    if is_blank(text):
        return ""
    if FOREIGN.match(text):
        return FOREIGN.match(text)[0].strip(" ,")  # type: ignore[index]
    pieces = [p for p in _CUT.split(text) if p]
    spaced = re.split(r"\s", text)
    if all(len(p) == 1 for p in spaced if p):  # letters drawn apart
        return "".join(spaced)
    name = pieces[0] if pieces else ""
    native = re.match(r"[\u4e00-\u9fff()]{4,}(?=\s+[A-Za-z])", name)
    if native and _ends(native[0]):
        name = native[0]  # the English name goes on after it
    if len(pieces) > 1 and not _ends(name) and _ends("".join(pieces[:2])) and "," not in text:
        name = "".join(pieces[:2])
    name = _own_tail(name.strip(" ()") if name.count("(") != name.count(")") else name)
    return name if 2 <= len(name) <= 60 and not is_role(name) and not _SENTENCE.search(name) else ""


_SENTENCE = re.compile(
    r"应当|必须|有权|负责|承担|支付|提供|按照|根据|应在|不得|如果|以下|合同约定|收到|验收|年\d{1,2}月|逾期|违约|保证"
)


def _own_tail(name: str) -> str:
    """The name without a role in brackets after it: 平湖尼龙有限公司(卖方)."""
    if found := re.search(r"\(([^()]*)\)$", name):
        words = re.split(r"[、/,]", found[1])
        if any(plain(w) in lexicon().roles for w in words):
            return name[: found.start()]
    return name


def _ends(name: str) -> bool:
    return re.search(rf"(?:{ENDING})(?:\([\u4e00-\u9fff]+\))?$", name) is not None


def is_role(text: str) -> bool:
    """Whether a text is only a word for a party."""
    return plain(text) in lexicon().roles


def names_in(text: str) -> list[tuple[int, str]]:
    """Names of organisations inside a sentence, with where they begin."""
    made = []
    for match in IN_PROSE.finditer(text):
        lead = _LEAD.match(match[0])
        start = match.start() + (lead.end() if lead else 0)
        name = text[start : match.end()]
        if len(name) >= 4:
            made.append((start, name))
    return made


def looks_like_firm(name: str) -> bool:
    """Whether a name ends as organisations do."""
    return _ends(name) or FOREIGN.fullmatch(name) is not None
