"""The words of contracts (`words.yaml`) as patterns: labels, columns of goods, topics of clauses."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

#: Nothing but blanks and strokes: a place that nobody filled in.
BLANK = re.compile(r"[\s_\-—/\\*×.:,、。()\[\]【】]*")
#: A firm's name right after a word for a party: 甲方(卖方) 山东禄丰肥业有限公司.
_FIRM = r"[\u4e00-\u9fffA-Za-z()]{2,24}(?:公司|厂|经营部|商行|合作社|集团|中心)(?![\u4e00-\u9fff])"
_BRACKET = r"(?:\s*[(\[【][^()\[\]【】]{0,24}[)\]】]){0,2}"


@dataclass(frozen=True)
class Lexicon:
    """Words by what they mean, in the form `plain` gives."""

    roles: dict[str, str]  # 买方 → buyer, 甲方 → neutral
    labels: dict[str, tuple[str, ...]]  # 税号 → ("code",); the same word may name two things
    columns: dict[str, str]  # 品名 → item
    topics: tuple[tuple[str, str], ...]  # (word, topic), longest first
    label: re.Pattern[str]  # a label with its colon, anywhere it may stand
    role: re.Pattern[str]  # a word for a party


def plain(text: str) -> str:
    """A word as it is compared: upper case, without blanks."""
    return "".join(text.split()).upper()


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
    return loaded


@cache
def trigger_words() -> re.Pattern[str]:
    """Events that set a term running; the group that matched names the trigger."""
    return _named("triggers")


@cache
def hint_words() -> re.Pattern[str]:
    """Words that hint at an event without naming it: 预付款."""
    return _named("hints")


def _named(section: str) -> re.Pattern[str]:
    groups = (f"(?P<{name}>{'|'.join(patterns)})" for name, patterns in _words()[section].items())
    return re.compile("|".join(groups), re.IGNORECASE)


@cache
def lexicon() -> Lexicon:
    """The words of `words.yaml`."""
    raw = _words()
    roles = {plain(w): side for side, words in raw["roles"].items() for w in words}
    for side, deeds in raw["deeds"].items():
        roles |= {deed + doer: side for deed in deeds for doer in raw["doers"]}
    labels: dict[str, tuple[str, ...]] = {}
    for key, words in (*raw["heading"].items(), *raw["attributes"].items()):
        for word in words:
            known = labels.get(plain(word), ())
            labels[plain(word)] = known if key in known else (*known, key)
    columns = {plain(w): key for key, words in raw["columns"].items() for w in words}
    topics = [(plain(w), topic) for topic, words in raw["topics"].items() for w in words]
    every = sorted({*roles, *labels}, key=lambda word: (-len(word), word))
    words = "|".join(_spaced(w) for w in every)
    ends = rf"(?:\s*[:;](?!//)|[ ]*\t|[ ]+(?={_FIRM}|[A-Z]{{0,6}}[-(\[]?\d))"
    pattern = rf"(?=[{_first(every)}])(?P<word>{words})(?P<bracket>{_BRACKET}){ends}"
    parties = sorted(roles, key=lambda word: (-len(word), word))
    role = rf"(?=[{_first(parties)}])(?:{'|'.join(_spaced(w) for w in parties)})"
    return Lexicon(
        roles,
        labels,
        columns,
        tuple(sorted(topics, key=lambda pair: -len(pair[0]))),
        re.compile(pattern, re.IGNORECASE),
        re.compile(role, re.IGNORECASE),
    )


#: What a heading that no list knows ends with: 药品名称, 到站价, 实收数量.
_ENDINGS = (
    ("单位名称", None),
    ("公司名称", None),
    ("厂家名称", None),
    ("名称", "item"),
    ("品名", "item"),
    ("规格", "specification"),
    ("型号", "specification"),
    ("数量", "quantity"),
    ("单价", "price"),
    ("总价", "amount"),
    ("金额", "amount"),
    ("合价", "amount"),
    ("价", "price"),
    ("交期", "deliver"),
    ("货日期", "deliver"),
    ("货时间", "deliver"),
)


def _first(words: list[str]) -> str:
    """What one of the words begins with, as a class: it spares trying them all at every character."""
    return "".join(sorted({re.escape(word[0]) + word[0].lower() for word in words}))


def _spaced(word: str) -> str:
    """A pattern for a word whose characters may stand apart, as titles and labels do; Latin words whole."""
    if word.isascii():
        return rf"(?<![A-Z]){r'[ ]?'.join(re.escape(c) for c in word)}"
    return r"\s{0,12}".join(re.escape(c) for c in word)


def is_blank(text: str) -> bool:
    """Whether a value is only a place to be filled in."""
    return BLANK.fullmatch(text) is not None


@cache
def column_of(heading: str) -> str | None:
    """What a column of a goods table holds, None where no word fits. 单价(元/吨) is a price."""
    word = plain(heading).strip(":*.")
    if not word.isascii():  # 品名 Description
        word = re.sub(r"[(\[]?[A-Z][A-Z.'/&]{2,}[)\]]?", "", word) or word
    known = lexicon().columns
    if word in known:
        return known[word]
    for bare in (_without_unit(word), re.sub(r"[(\[【].*?[)\]】]", "", word)):
        if bare in known:
            return known[bare]
    taxed = re.sub(r"[(\[【].*?[)\]】]", "", word)
    if "不含税" in word or "未税" in word or "除税" in word:
        kind = known.get(re.sub("不含税|未税|除税", "", taxed))
        return {"price": "net_price", "amount": "net_amount"}.get(kind or "", kind)
    bare = re.sub("含税|人民币|RMB|CNY|暂定|预估|预计|本次|合同", "", taxed).strip("/-,、")
    return known.get(bare) or next((kind for end, kind in _ENDINGS if bare.endswith(end)), None)


def _without_unit(word: str) -> str:
    """A heading without the unit after it: 金额(万元), 单价元/吨, 数量/吨, 金额:元."""
    return re.sub(
        r"[(\[【]?[/:,]?(?:(?:人民币|RMB|¥)?(?:万?元)?(?:RMB|¥|CNY)?)(?:/[^()/]{1,4})?[)\]】]?$"
        r"|[(\[【/][^()]{1,6}[)\]】]?$",
        "",
        word,
    )
