"""Full names of firms by their legal form: the longest string that ends in one and parses as a name.

Where a name begins is not written in Chinese. So the text before the legal form is cut at words that
stand in no name, a place in front speaks for a beginning, and what is left must have a part that is
the firm's own (a brand, or a place with a trade).
"""

import re
from collections.abc import Iterator
from functools import cache

from extraction.prose.lexicon import longest_at, places
from seeds.name_words import longest_first, name_words

#: Endings that also end other words stand only after a place; 公司 alone wants a name before it.
_SURE = (
    "有限公司|责任公司|股份公司|集团公司|合伙企业|事务所|合作社|联合社|家庭农场|经营部|经销部|批发部|门市部"
    "|商行|商贸行|加工厂|总厂|制造厂|工作室|研究院|设计院|研究所"
)
_AFTER_PLACE = "公司|集团|厂|银行|超市|酒店|饭店|医院|大学|学院|法院|委员会|商店|经销处|服务部"
_BANKS = re.compile(
    r"^(?:中国|(?:招商|交通|平安|民生|光大|华夏|兴业|浦东发展|浦发|中信|广发|浙商|渤海|恒丰|网商|微众|邮政储蓄|汇丰|渣打|花旗|工商|农业|建设)$)"
)
_BRANCH = (
    r"(?:\((?:有限合伙|普通合伙|特殊普通合伙|个体工商户|集团|中国)\))?"
    r"(?:[\u4e00-\u9fff]{2,8}?(?:分公司|分行|支行|分厂|办事处|营业部)(?![\u4e00-\u9fff]{0,2}公司))?"
)
_NAME = r"\u4e00-\u9fff\u3400-\u4dbfA-Za-z0-9()·&\-"
#: What makes another word of an ending: 厂房, 银行承兑汇票, 集团有限公司 (whose ending comes later).
_OTHER_WORD = (
    r"(?<!厂(?=[房区家商址长里内牌门库]))(?<!银行(?=[承账帐卡转流存贷汇间业有股]))"
    r"(?<!集团(?=[股控有公内旗下总]))(?<!大学(?=[生路城]))(?<!学院(?=路))(?<!公司(?=章程|法))"
)
#: Words no firm's name holds: what follows the last of them begins the name.
_NEVER = re.compile(
    r"[甲乙丙丁]方|[买卖供需承发]方|买受人|出卖人|[出承]租[方人]|[委受]托[方人]|定作方|承揽方|[收付]款[方人]?|开户行|户名|名称|单位|抬头|"
    r"与|付给|支付|[付汇转打][至到入]|转账|签订|签署|购买|采购|销售给|供应给|委托|收到|收取|交付|开具|提供|代表|以下|简称|所属|位于|隶属|"
    r"本合同|本协议|按照|根据|通过|关于|及其|其中|以及|或者|已经|来自|归还|偿还|客户|供应商|经销商|厂家|股东|债务人|债权人|担保人|"
    r"[出付]票人|背书人|[借贷][款出]人|保证人|抵押人|出质人|[兹现]有|送至|转让|要求|持有|包括|代付|预付|应[付收]|负责|双方|同意|提交|报送|送达|联系|通知|[销发运]往|申请|起诉|应当|必须|我们|他们|[这那][家个]|一家|[应须需]由|系由"
)
#: Words a name may hold: they cut where a place follows, at the front, and behind two characters or more
#: when what follows them is still a name of its own.
_WEAK = re.compile(r"[诉欠派收转付由向从自至在于是为给被把将系请兹现据和及同跟经对以到的了并或年月日元]")
_NOBODY = re.compile(
    r"^(?:[本该我贵你他各某此子分总母]司?|有限|责任|股份|集团|两家|双方|上述|上市|外资|国有|民营|小型|大型|物业|保险|贸易)*$"
)


def companies(text: str) -> Iterator[tuple[int, int, float]]:
    """(start, end, confidence) of every firm's full name in folded text, without overlaps."""
    last = 0
    for match in _ending().finditer(text):
        if match.start() < last:
            continue
        window = _window(text, last, match.start())
        begin = _begin(text, window, match.start())
        if begin is None:
            continue
        confidence = _sure(text[begin : match.start()], match[1])
        if confidence:
            yield begin, match.end(), confidence
            last = match.end()


@cache
def _ending() -> re.Pattern[str]:
    forms = {word for word, form in name_words().forms.items() if len(word) > 2 and form != "public"}
    words = longest_first({*_SURE.split("|"), *_AFTER_PLACE.split("|"), *forms})
    return re.compile(rf"({'|'.join(map(re.escape, words))}){_OTHER_WORD}{_BRANCH}")


def _window(text: str, last: int, end: int) -> int:
    """Where the run of characters that names are made of begins before `end`, at most 40 back."""
    begin = max(last, end - 40)
    broken = re.search(rf"[^{_NAME}][{_NAME}]*$", text[begin:end])
    if broken:
        begin += broken.start() + 1
    opened = text[begin:end].rfind("(")
    if opened >= 0 and ")" not in text[begin + opened : end]:
        begin += opened + 1
    closed = text[begin:end].find(")")
    if closed >= 0 and "(" not in text[begin : begin + closed]:
        begin += closed + 1
    return begin


def _begin(text: str, begin: int, end: int) -> int | None:
    """Where the name before `end` begins; None where hardly anything stands there."""
    window = text[begin:end]
    for match in _NEVER.finditer(text[begin:end]):
        if match.end() <= end - begin - 2:
            window = text[begin + match.end() : end]
    window = window[_weak_cut(window) :]
    return end - len(window) if len(window) >= 2 else None


def _weak_cut(window: str) -> int:
    """How much of a window stands before the name, by words that a name may hold too."""
    brands = name_words().brands_not_places
    weak = [m.end() for m in _WEAK.finditer(window) if window[m.start() : m.start() + 2] not in brands]
    for cut in reversed(weak):
        if longest_at(places(), window, cut, cut):
            return cut
    if longest_at(places(), window, 0, 0):
        return 0
    return next((cut for cut in reversed(weak) if (cut == 1 or cut > 3) and _own(window[cut:])), 0)


def _own(stem: str) -> str:
    """The part of a stem that is neither place nor trade."""
    place = longest_at(places(), stem, 0, 0)
    rest = re.sub(r"[()]", "", stem[place:])
    trade = next((word for word in name_words().trades if rest.endswith(word)), "")
    own = rest.removesuffix(trade)
    return own if len(own) >= 2 or (own and place) else ""


def _sure(stem: str, ending: str) -> float:
    """How sure a name of this stem and legal form is; 0 where it is none."""
    place = longest_at(places(), stem, 0, 0)
    own = re.sub(r"[()]", "", stem[place:])
    common = ending in _AFTER_PLACE.split("|")
    if _NOBODY.match(stem) or (not own and common):
        return 0.0
    if ending == "银行":
        return 0.93 if _BANKS.match(stem) or (place and own) else 0.0
    trade = any(own.endswith(word) for word in name_words().trades)
    branded = ending in ("公司", "集团") and trade and len(own) > 3
    if common and not (place and own) and not branded:
        return 0.0
    if own in name_words().trades and not place:
        return 0.0
    return 0.98 if place and trade else 0.93 if place or trade else 0.85
