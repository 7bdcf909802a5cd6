"""How contracts put things: days, shares, events and amounts in words, several ways each."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from seeds.contract import PaperContract, Term
from seeds.paper import in_words

_HAN = "〇一二三四五六七八九"
_EVENTS = {
    "signing": ("合同签订后", "本合同签订之日起", "自合同生效之日起"),
    "delivery": ("货到后", "货物送达甲乙双方约定地点后", "货到需方仓库之日起"),
    "acceptance": ("验收合格后", "货物验收合格之日起", "经验收合格后"),
    "invoice": ("收到增值税专用发票后", "票到", "收到卖方开具的合格发票之日起"),
    "completion": ("安装调试完成后", "全部完工后", "安装调试完毕之日起"),
}


def money(fen: int) -> str:
    """Fen as yuan with thousands separators: 1,200,000.00."""
    return f"{fen // 100:,}.{fen % 100:02d}"


def part_of(total: int, share: Decimal | None) -> int:
    """A share of an amount in whole fen."""
    return int((total * (share or Decimal(0))).to_integral_value(ROUND_HALF_UP))


def number(value: Decimal | None) -> str:
    """A quantity or price without needless zeros."""
    return "" if value is None else f"{value.normalize():f}"


def percent(share: Decimal) -> str:
    """30%."""
    return f"{(share * 100).normalize():f}%"


def day(value: date | None, style: int = 0) -> str:
    """2025年3月5日, 2025-03-05, 二〇二五年三月五日; blanks to be filled in where there is none."""
    if value is None:
        return "____年__月__日"
    if style == 1:
        return value.isoformat()
    if style == 2:
        year = "".join(_HAN[int(c)] for c in str(value.year))
        return f"{year}年{_count(value.month)}月{_count(value.day)}日"
    return f"{value.year}年{value.month}月{value.day}日"


def _count(value: int) -> str:
    tens, ones = divmod(value, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{_HAN[tens]}十") + (_HAN[ones] if ones else "")


def words(fen: int) -> str:
    """The amount in words with 元: 壹佰元整."""
    return in_words(fen).replace("圆", "元")


def when(term: Term, style: int = 0) -> str:
    """The event and the days: 合同签订后7日内, 货到后30个工作日内, 月结30天."""
    days = term.days
    if term.trigger == "date":
        return f"{day(term.due_on)}前"
    if term.trigger == "statement":
        return (f"月结{days}天", f"每月25日对账，次月{days}日前", f"双方对账后{days}日内")[style % 3]
    event = _EVENTS[term.trigger][style % 3]
    if days is None:
        return event.replace("之日起", "后")
    if days and days % 365 == 0:
        return f"{event.removesuffix('之日起').removesuffix('后')}满{12 * days // 365}个月后"
    unit = "个工作日" if term.working_days else "日"
    return f"{event}{days}{unit}内"


def pays(term: Term, style: int, buyer: str = "买方") -> str:
    """One instalment as a sentence without its stop."""
    share = "" if term.share is None else f"合同总价的{percent(term.share)}"
    amount = "" if term.amount_fen is None else f"人民币{money(term.amount_fen)}元"
    part = "，即".join(filter(None, (share, amount)))
    if term.share == 1:
        part = "全部货款"
    time = when(term, style)
    if term.kind == "retention":
        return (
            f"剩余{percent(term.share or Decimal(0))}作为质保金，{time}无息付清",
            f"质保金{percent(term.share or Decimal(0))}，自{time}支付"
            if not time.startswith("自")
            else f"质保金{part}，{time}支付",
            f"{time}，{buyer}支付{share}（质量保证金）",
        )[style % 3]
    if term.kind == "deposit":
        return f"{time}，{buyer}支付{part}作为定金"
    if style % 3 == 1:
        return f"{buyer}应于{time}支付{part}"
    if style % 3 == 2 and term.share != 1:
        return f"{time}{buyer}付{part}"
    return f"{time}，{buyer}向卖方支付{part}"


def payments(contract: PaperContract) -> list[Term]:
    """The terms that pay the price, in order."""
    return [t for t in contract.terms if t.kind in ("payment", "retention", "deposit")]


def delivers(contract: PaperContract, style: int = 0) -> str:
    """When goods are delivered, '' where the contract leaves it open."""
    term = next((t for t in contract.terms if t.kind == "delivery"), None)
    if term is None:
        return ""
    if term.due_on is not None:
        return (f"{day(term.due_on)}前交货", f"交货期：{day(term.due_on, 1)}")[style % 2]
    return (f"合同签订后{term.days}日内交货", f"卖方应于合同签订之日起{term.days}天内将货物送达")[style % 2]
