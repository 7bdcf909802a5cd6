"""What patterns and check digits find in text: codes, numbers, money, dates, periods, terms of payment."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from extraction.amount_words import fen_in_words
from extraction.credit_codes import is_credit_code

_CN = "零〇一二两三四五六七八九十百壹贰叁肆伍陆柒捌玖拾佰"
_NUMBER = rf"(?:\d{{1,4}}|[{_CN}]{{1,6}})(?:\s*\([{_CN}\d]{{1,6}}\))?"
_UNIT = r"个?(?:工作日|自然日|日历日|日历天|交易日|营业日|银行日|日|天|周|星期|季度|年)|个月"
_WITHIN = r"(?:之?内|以内|之?后|以后|之?前|以前|期限?)"
_TRIGGER = (
    r"(?:合同|协议|订单)?(?:签订|签署|签字|生效|盖章)"
    r"|(?:货物?|产品|设备|标的物)?(?:交货|到货|发货|交付|送达|验收|签收|收货|安装|调试|入库|对账)(?:合格|完毕|完成|无误|通过|确认)?"
    r"|(?:收到|开具|取得|见|凭)[\u4e00-\u9fff]{0,14}?(?:发票|票据?|通知|货物?|预付款|定金|货款|款项?)"
    r"|(?:票|货|款)到|发票开具|竣工|质保期满|月结|次月|每月|每季度?|每年|下月|当月"
)
_AMOUNT = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,6})?|\d+(?:\.\d{1,6})?"
_DIGIT = "[零壹贰叁肆伍陆柒捌玖]"
_WORDS = rf"[零壹贰叁肆伍陆柒捌玖拾佰仟万亿]{{2,40}}[圆元圓](?:{_DIGIT}角)?(?:零?{_DIGIT}分)?[整正]?"
_HAN_YEAR = r"[〇零一二三四五六七八九O○]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日"


class Rule(NamedTuple):
    """A label, where it may stand (group 1 where there is one) and what must hold beside the shape."""

    label: str
    pattern: re.Pattern[str]
    holds: Callable[[str], bool] = bool
    confidence: float = 1.0


def _is_date(text: str) -> bool:
    parts = [int(p) for p in re.findall(r"\d+", text)]
    try:
        return 1900 <= parts[0] < 2100 and bool(date(*(parts if len(parts) > 2 else (*parts, 1))))
    except ValueError:
        return False


def _is_account(text: str) -> bool:
    return 8 <= len(re.sub(r"\D", "", text)) <= 30


def _has_digit(text: str) -> bool:
    return any(c.isdigit() for c in text)


#: In the order in which one wins over another. Patterns see text folded by NFKC.
RULES = (
    Rule(
        "credit_code", re.compile(r"(?<![0-9A-Za-z])([0-9A-HJ-NPQRTUWXY]{18})(?![0-9A-Za-z])"), is_credit_code
    ),
    Rule(
        "invoice_number",
        re.compile(
            r"(?:发票|数电票|全电票|专票|普票)\s*(?:号码?|编号|No\.?)\s*[::为是]?\s*(\d{20}|\d{8})(?!\d)"
        ),
    ),
    Rule(
        "contract_number",
        re.compile(
            r"(?:合同|协议书?|订单|采购单)\s*(?:编\s*号|号码?|No\.?)\s*[::为是]?\s*"
            r"([A-Za-z0-9\u4e00-\u9fff]{0,6}[A-Za-z0-9][A-Za-z0-9\-_/.#()]{3,38}[A-Za-z0-9)])号?"
        ),
        _has_digit,
        0.95,
    ),
    Rule(
        "account",
        re.compile(r"(?:账|帐|卡)\s*(?:户|号)?\s*(?:号码|号|码)?\s*[::为是]?\s*(\d[\d \-]{6,38}\d)(?!\d)"),
        _is_account,
        0.95,
    ),
    Rule("money", re.compile(_WORDS), lambda words: fen_in_words(words) is not None),
    Rule(
        "money",
        re.compile(
            rf"(?<![\d.,A-Za-z])((?:人民币|RMB|CNY|USD|¥|\$)\s*-?(?:{_AMOUNT})\s*(?:[十百千]?[万亿])?[元圆]?(?:整|正)?)(?![\d%])"
        ),
    ),
    Rule("money", re.compile(rf"(?<![\d.,])((?:{_AMOUNT})\s*(?:[十百千]?[万亿])?[元圆](?:整|正)?)")),
    Rule("date", re.compile(r"(?<!\d)(\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日)"), _is_date),
    Rule("date", re.compile(r"(?<![\d.\-/])(\d{4}([-/.])\d{1,2}\2\d{1,2})(?![\d\-/]|\.\d)"), _is_date),
    Rule("date", re.compile(_HAN_YEAR)),
    Rule(
        "term",
        re.compile(
            rf"((?:自|从|在|于)?(?:{_TRIGGER})(?:之日|之次日|次日|当日|日)?(?:起|后|之后)?(?:的|计)?\s*"
            rf"{_NUMBER}\s*(?:{_UNIT})(?:之?内|以内)?)"
        ),
        bool,
        0.9,
    ),
    Rule(
        "term",
        re.compile(r"(货到付款|款到发货|先款后货|先货后款|票到付款|见票即付|月结\s*\d{1,3}\s*天)"),
        bool,
        0.95,
    ),
    Rule("date", re.compile(r"(?<!\d)(\d{4}\s*年\s*\d{1,2}\s*月)(?!\s*\d)"), _is_date, 0.8),
    Rule("rate", re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d{1,4})?\s*[%‰])"), bool, 0.95),
    Rule("rate", re.compile(rf"((?:百|千|万)分之(?:\d+(?:\.\d+)?|[{_CN}点]{{1,6}}))"), bool, 0.95),
    # 5日 alone is a day of a month, 2024年 a year: they are periods only with 内, 后 and the like.
    Rule(
        "period",
        re.compile(
            rf"(?<![\d.{_CN}年月])({_NUMBER}\s*(?:(?:{_UNIT}){_WITHIN}"
            rf"|(?!\d{{3,}}\s*年)(?:{_UNIT})(?<!\d日)(?<!\d 日)))(?!\d)"
        ),
        bool,
        0.8,
    ),
)


def found(text: str) -> Iterator[tuple[int, int, str, float]]:
    """(start, end, label, confidence) of everything the rules find in folded text, sharpest rules first."""
    for rule in RULES:
        group = 1 if rule.pattern.groups else 0
        for match in rule.pattern.finditer(text):
            if rule.holds(match[group]):
                yield (*match.span(group), rule.label, rule.confidence)
