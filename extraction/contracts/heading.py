"""What a contract is: title, kind, its number and the one it belongs to, where and when it was signed."""

import re
from datetime import date

from extraction.contracts.found import Found
from extraction.contracts.lexicon import is_blank, lexicon, plain
from extraction.contracts.lines import Line, Pair, pairs_of
from extraction.contracts.numbering import numbered
from extraction.contracts.values import dates_in

_TITLE = re.compile(
    r"合\s*同\s*(?:书|文本)?|协\s*议\s*(?:书)?|订\s*(?:货|购)?\s*单|采\s*购\s*单|订\s*货\s*单|契\s*约|合\s*约|确\s*认\s*[书函]"
    r"|约\s*定\s*书|订\s*货\s*函"
    r"|CONTRACT|AGREEMENT|PURCHASE\s+ORDER|SALES\s+ORDER|\bLEASE\b",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"(?:合\s*同\s*(?:书)?|协\s*议\s*(?:书)?|单|契\s*约|合\s*约|确\s*认\s*[书函]|约\s*定\s*书|CONTRACT|AGREEMENT"
    r"|ORDER)\s*(?:[(\[【《].*)?$",
    re.IGNORECASE,
)
#: A title may stand beside a label (采购合同  合同编号: …), or go on a little (买卖合同示范文本).
_WITH_LABEL = re.compile(r"\s{0,40}[《\u4e00-\u9fff]{2,24}(?:合同|协议|订单)(?:书)?[\s\t(]")
_GOES_ON = re.compile(
    r"(?:合\s*同|协\s*议|订\s*单)(?:书)?\s*(?:正本|副本|文本|文件|范本|示范文本|[(\[【—\-A-Za-z\d第《])",
    re.IGNORECASE,
)
_ITSELF = re.compile(r"本(?:合同|协议|订单|合约)")
#: A title that speaks about contracts and is none.
_NO_TITLE = re.compile(
    r"合同法|管理(?:办法|制度|规定)|登记表|台账|审批表|评审表|对照|目录|通知|说明$|指南|汇总|清单|变更(?:单|表)|解除|终止|劳动合同|劳务合同|保密协议|借款合同|担保合同"
    r"|保证合同|抵押合同|竞业|审查|须知|填写|使用说明|条例|司法解释|保险合同|讲义|培训|模板说明|付款申请|履约|股权|增资|入股|合伙|聘用|雇佣|劳务派遣|贷款|授信|质押|抵押|赠与"
    r"|保理|和解协议|调解|知识|台帐|审批|催款|函$"
)
_NUMBER = re.compile(r"[A-Za-z0-9\u4e00-\u9fff(\[〔【（#][\w\-—–_/\\()\[\]〔〕【】.#&·\s\u4e00-\u9fff]{1,48}")
#: A remark on the paper right behind its number: PH2025-01(副本).
_REMARK = re.compile(
    r"\s*[(【\[][^()【】\[\]\d]*(?:正本|副本|原件|复印|扫描|存档|合成|样本|样张|示例|测试|简称|填写|盖章|如有|共[^()]{0,3}页)[^()【】\[\]\d]*[)】\]]\s*$"
)
_SIGNED_ON = re.compile(r"(?:签订|签署|订立|签定|签约|dated|made)[^,。;]{0,8}$", re.IGNORECASE)
_NOT_THIS = re.compile(r"(?:框架|主合同|原合同|另行|已签|编号)[^。;]{0,16}$")
_ENTERED = re.compile(r"(?:签订|签署|订立|签定|签约|达成|缔结|made|entered|signed|dated)", re.IGNORECASE)
#: What dates of other things carry beside them.
_NOT_SIGNED = re.compile(r"[交付货至前起止款租版]|期限|有效|到期|验收|完成")
_PARENT = re.compile(
    r"(?:框架|年度|总|主|战略|长期|基础|原)[^。;:,《》()]{0,24}?(?:协议|合同)[》”\"]?[^。;,]{0,12}?(?:编号|合同号|协议号"
    r"|号)(?:为)?\s*[:]?\s*(?P<number>[A-Za-z0-9][\w\-/\[\]〔〕().号第年字]{3,40})"
)
_SUPPLEMENT = re.compile(
    r"补\s*充\s*(?:协\s*议|合\s*同|条\s*款)|变\s*更\s*(?:协\s*议|合\s*同)|修\s*订\s*协\s*议|SUPPLEMENT|AMENDMENT",
    re.I,
)
#: How a supplement names what it changes: 签订了编号为X的《采购合同》; 《采购合同》(合同编号:X).
_CHANGED = (
    re.compile(
        r"(?:编号|合同号|协议号)\s*(?:为|是)?\s*[:]?\s*[\"“(]?(?P<number>[A-Za-z0-9\[(][\w\-/\[\]〔〕().]*?)[\"”)]?\s*的\s*(?P<name>[《]?[^《》,。;]{0,20}(?:合同|协议|订单))"
    ),
    re.compile(
        r"(?P<name>《[^《》]{2,30}》)\s*[(]?[^()《》。;,]{0,8}?(?:编号|合同号|协议号|号)\s*(?:为|是)?\s*[:]?\s*(?P<number>[A-Za-z0-9][\w\-/\[\]〔〕.]{2,40})"
    ),
)
_OF_ANOTHER = re.compile(
    r"[^。;]{0,24}?(?:签订|签署|订立|签定|签约|达成|生效)[^。;]{0,30}?(?:编号|《|原|主合同|(?:采购|购销|买卖|租赁|销售)合同)"
)
_OWN_START = re.compile(r"本(?:补充)?(?:协议|合同)[^。;]{0,8}?(?:自|从|于)\s*$")
_KINDS = (
    ("lease", r"租|LEASE"),
    (
        "framework",
        r"框架|年度(?:采购|供货|购销|供应|销售|买卖)|长期(?:供货|采购|合作|供应)"
        r"|战略(?:采购|合作|供应)|总协议|FRAMEWORK|MASTER",
    ),
    ("order", r"订\s*(?:货|购)?\s*单|采\s*购\s*单|ORDER"),
    ("purchase", r"采购|购买|订购|订货|购货|买卖|购置|PURCHASE"),
    ("sales", r"销售|购销|供货|供应|供销|加工|承揽|定作|定制|SALES"),
)  # fmt: skip


def title_of(lines: list[Line]) -> Found[str] | None:
    """The title, among the first lines: short, no sentence, with a word for a contract in it. Where none
    is (a picture, a form without one), '' if the text calls itself a contract; None where nothing does."""
    best: tuple[int, Found[str]] | None = None
    body = [line for line in lines if not line.aside][:24] or lines[:24]
    for index, line in enumerate(body):
        name = _title_in(line)
        if name:
            score = 10 * (_ENDS.search(name) is not None) - index
            if best is None or score > best[0]:
                best = (score, Found(name, line.text.strip(), line.place()))
    if best is not None and best[0] > -12:
        return best[1]
    if any(_NO_TITLE.search(plain(line.text)) and len(plain(line.text)) < 30 for line in body[:4]):
        return None
    itself = next((line for line in lines if _ITSELF.search(line.text)), None)
    return None if itself is None else Found("", "", itself.place(), "concluded")


def _title_in(line: Line) -> str:
    """The title that a line is, '' where it is none."""
    text = line.text.strip()
    word = plain(text)
    if not _TITLE.search(text) or _NO_TITLE.search(word) or len(word) > (80 if _ENDS.search(word) else 45):
        return ""
    if re.search(r"[。;,]", text) or numbered(text)[0] >= 0:
        return ""
    name = text.replace("\t", "")
    if pairs_of(line):
        if not _WITH_LABEL.match(text):
            return ""
        name = re.split(r"\t| {2}", text)[0].strip()
    return name if _ENDS.search(name) or _GOES_ON.search(name) else ""


def kind_of(title: str) -> str:
    """purchase | sales | framework | order | lease, by the title; purchase where it names none."""
    word = plain(title)
    return next((kind for kind, pattern in _KINDS if re.search(pattern, word)), "purchase")


def number_of_paper(pairs: list[Pair], key: str = "number") -> Found[str] | None:
    """The contract's own number, or with `key` "parent" that of the agreement it belongs to."""
    for pair in pairs:
        if key not in pair.keys or (key == "number" and "parent" in pair.keys) or pair.role:
            continue
        if numbered(pair.line.text)[0] >= 0 and pair.line.row > 12:
            continue
        if number := _cut_number(pair.value):
            return Found(number, pair.value, pair.place)
    return None


def _cut_number(value: str) -> str:
    text = _REMARK.sub("", value).strip(" _《》“”\"'")
    found = _NUMBER.match(text)
    if found is None or is_blank(text):
        return ""
    number = re.split(r"\s{2,}|[,;。]|(?<=\d)\s+(?=[\u4e00-\u9fff]{2,}(?!字|号))", found[0].strip())[0].strip(
        " _-"
    )
    number = re.sub(r"_{2,}", "", number)
    number = re.sub(r"\s*([\-/()\[\]])\s*", r"\1", number)
    if re.fullmatch(r"[\w\-/.\s]+", number, re.ASCII):
        number = number.replace(" ", "")
    if number.count(")") > number.count("("):
        number = number.split(")")[0]
    elif number.count("(") > number.count(")"):
        number = number.strip("(")
    return number if any(c.isdigit() for c in number) and len(number) >= 2 else ""


def parent_number(lines: list[Line], own: str) -> Found[str] | None:
    """The framework agreement that a sentence names by its number."""
    for line in lines:
        for match in _PARENT.finditer(line.text):
            number = _cut_number(match["number"])
            if number and number != own:
                return Found(
                    number, match[0], line.place(match.start("number"), match.end("number")), "prose"
                )
    return None


def is_supplement(title: str) -> bool:
    """Whether a title is that of a paper which changes or adds to another contract."""
    return bool(_SUPPLEMENT.search(title))


def changed_by(lines: list[Line], own: str) -> tuple[Found[str], str] | None:
    """The number of the contract that a supplement changes, and what that contract is called."""
    for line in lines:
        for pattern in _CHANGED:
            for match in pattern.finditer(line.text):
                number = _cut_number(match["number"])
                if number and number != own:
                    place = line.place(match.start("number"), match.end("number"))
                    return Found(number, match[0], place, "prose"), match["name"].strip("《》")
    return None


def starts_of_its_own(lines: list[Line]) -> Found[date] | None:
    """From when a supplement holds: 本补充协议自 … 起生效."""
    for line in lines:
        for start, end, day in dates_in(line.text):
            if _OWN_START.search(line.text[:start]) and re.match(
                r"\s*(?:之?日)?(?:起|生效)", line.text[end:]
            ):
                return Found(day, line.text[start:end], line.place(start, end), "prose")
    return None


def signed_on(lines: list[Line], pairs: list[Pair], supplement: bool = False) -> Found[date] | None:
    """The day of signing: behind its label, in the opening sentence, or the later one of the signatures.
    A supplement tells when the contract it changes was signed: that day is none of its own."""
    head = [p for p in pairs if "signed" in p.keys and p.word not in ("日期", "时间", "DATE")]
    labelled = [f for f in (_dated(p) for p in head) if f]
    if labelled:
        return labelled[0]
    for line in lines:
        for start, end, day in dates_in(line.text):
            before, after = line.text[max(0, start - 40) : start], line.text[end : end + 24]
            if supplement and _OF_ANOTHER.match(line.text[end : end + 90]):
                continue
            if _NOT_THIS.search(before) or re.match(r"\s*(?:之?前|起|止|至|内|后)", after):
                continue
            if _SIGNED_ON.search(before) or _ENTERED.search(re.split(r"[。;]", after)[0]):
                return Found(day, line.text[start:end], line.place(start, end), "prose")
    loose = [f for f in (_dated(p) for p in pairs if "signed" in p.keys) if f]
    if loose:
        return max(loose, key=lambda f: f.value)
    signatures = [f for line in lines[-14:] for f in _alone(line)] or [
        f for line in lines[:6] for f in _alone(line)
    ]
    return max(signatures, key=lambda f: f.value, default=None)


def _dated(pair: Pair) -> Found[date] | None:
    found = dates_in(pair.value[:40])
    if not found or found[0][0] > 12:
        return None
    return Found(found[0][2], pair.value, pair.place)


def _alone(line: Line) -> list[Found[date]]:
    """Dates in a line that holds little else, as signatures do."""
    dates = dates_in(line.text)
    rest = plain(line.text)
    for start, end, _ in dates:
        rest = rest.replace(plain(line.text[start:end]), "", 1)
    if not dates or len(rest) > 12 or _NOT_SIGNED.search(rest) or numbered(line.text)[0] >= 0:
        return []
    return [Found(day, line.text[s:e], line.place(s, e), "prose") for s, e, day in dates]


def place_of(pairs: list[Pair]) -> Found[str] | None:
    """Where it was signed."""
    for pair in pairs:
        if "place" in pair.keys and not is_blank(pair.value) and len(pair.value) <= 40:
            return Found(re.split(r"\s{2,}|\t", pair.value)[0], pair.value, pair.place)
    return None


def names_parties(lines: list[Line]) -> int:
    """How many different words for a party stand as labels: what tells a contract from talk about one."""
    pairs = [pair for line in lines for pair in pairs_of(line)]
    words = {p.word for p in pairs if p.word in lexicon().roles} | {p.role for p in pairs if p.role}
    for line in lines:
        for match in re.finditer(
            r"(?:简\s*称|下称|称为)[^)]{0,6}?(?P<role>甲方|乙方|买方|卖方|供方|需方|出租方|承租方)", line.text
        ):
            words.add(match["role"])
        if line.cell and plain(line.text).strip(":") in lexicon().roles:
            words.add(plain(line.text).strip(":"))
    return len(words)
