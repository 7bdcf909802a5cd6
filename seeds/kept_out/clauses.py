"""The clauses of the kept-out contracts in words: what is paid when, what is let for how long."""

from datetime import date
from decimal import Decimal

from seeds.contract import PaperContract, Term
from seeds.paper import in_words, plain

_AFTER = {
    "signing": "本协议生效之日起",
    "delivery": "全部货物运抵需求单位指定仓库后",
    "acceptance": "经需求单位检验合格并出具验收单后",
    "invoice": "需求单位收到等额增值税发票后",
    "completion": "安装调试完毕且试运行通过后",
}
_DIGITS = "〇一二三四五六七八九"


def day(value: date) -> str:
    """2025年3月5日."""
    return f"{value.year}年{value.month}月{value.day}日"


def chinese_day(value: date) -> str:
    """二〇二五年三月五日."""
    year = "".join(_DIGITS[int(c)] for c in str(value.year))
    return f"{year}年{_small(value.month)}月{_small(value.day)}日"


def _small(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")


def share(value: Decimal) -> str:
    """30%, or 百分之三十 is never used here."""
    return f"{(value * 100).normalize():f}%"


def money(fen: int) -> str:
    """¥1,234.50."""
    whole, cents = plain(fen).split(".")
    return f"￥{int(whole):,}.{cents}"


def payment(term: Term, contract: PaperContract) -> str:
    """One step of the payment schedule as a sentence."""
    what = f"货款总额的{share(term.share)}" if term.share is not None else f"{money(term.amount_fen or 0)}元"
    if term.kind == "retention":
        return f"余下{what}留作质量保证金，{_when(term)}一次性结清（不计利息）"
    if term.amount_fen is not None and term.share is not None:
        what += f"（计{money(term.amount_fen)}元）"
    del contract
    return f"{_when(term)}，需求单位向供货单位支付{what}"


def _when(term: Term) -> str:
    if term.trigger == "date" and term.due_on is not None:
        return f"{day(term.due_on)}前"
    if term.trigger == "statement":
        return f"双方每月末对账，对账确认后{_days(term)}"
    return f"{_AFTER.get(term.trigger, _AFTER['delivery'])}{_days(term)}"


def _days(term: Term) -> str:
    if not term.days:
        return "当日"
    return f"{term.days}个{'工作日' if term.working_days else '自然日'}内"


def total(contract: PaperContract) -> str:
    """The amount in figures and in words, with its basis."""
    fen = contract.amount_fen or 0
    rate = "" if contract.rate is None else f"，增值税税率{share(contract.rate)}"
    basis = "含税" if contract.basis == "with_tax" else "不含税"
    return f"总价款为人民币{money(fen)}元（大写：{in_words(fen)}），该价格为{basis}价{rate}。"


def rent(term: Term) -> str:
    """How rent is paid."""
    months = {1: "月", 3: "季度", 6: "半年", 12: "年"}.get(term.every_months or 1, f"{term.every_months}个月")
    fen = term.amount_fen or 0
    start = f"首期租金于{day(term.due_on)}前交付，" if term.due_on else ""
    each = f"租金按每{months}一期支付，每期人民币{money(fen)}元（大写{in_words(fen)}）。"
    return f"{each}{start}以后各期于相应期首五日内付清。"
