"""The clauses of the kept-out contracts in words: each house's way to say when, how much and to whom."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import cn2an

from seeds.contract import PaperContract, Term
from seeds.paper import in_words, plain

_DIGITS = "零一二三四五六七八九"
_EVERY = {1: "一月一交", 6: "半年一交", 12: "一年一交"}  # months


def dotted_day(value: date) -> str:
    """2025.03.05."""
    return f"{value:%Y.%m.%d}"


def spaced_day(value: date) -> str:
    """2025 年 3 月 5 日, as typed into a form."""
    return f"{value.year} 年 {value.month} 月 {value.day} 日"


def written_day(value: date) -> str:
    """二零二五年三月五日."""
    year = "".join(_DIGITS[int(c)] for c in str(value.year))
    return f"{year}年{number_words(value.month)}月{number_words(value.day)}日"


def number_words(number: Decimal | int) -> str:
    """Twelve and half: 十二, 零点五."""
    text = f"{number.normalize():f}" if isinstance(number, Decimal) else str(number)
    return str(cn2an.an2cn(text, "low"))


def grouped(fen: int) -> str:
    """¥1,234.50."""
    whole, cents = plain(fen).split(".")
    return f"¥{int(whole):,}.{cents}"


def figures(fen: int) -> str:
    """1234.50元."""
    return f"{plain(fen)}元"


def yuan_words(fen: int) -> str:
    """人民币壹仟元整, with the everyday character for yuan."""
    return f"人民币{in_words(fen).replace('圆', '元')}"


def percentage(value: Decimal) -> str:
    """30%."""
    return f"{(value * 100).normalize():f}%"


def spoken_share(value: Decimal) -> str:
    """百分之三十."""
    return f"百分之{number_words(value * 100)}"


@dataclass(frozen=True)
class Wording:
    """How one house writes its terms. `events` names what happens at each trigger, as a clause."""

    events: Mapping[str, str]
    within: str  # "{event}后{span}内"
    same_day: str  # "{event}当日"
    full_term: str  # "自{event}起满{span}": a retention is due when its time is over
    latest: str  # "不迟于{day}"
    unit: str  # what a calendar day is called
    day: Callable[[date], str]
    money: Callable[[int], str]
    share: Callable[[Decimal], str]

    def when(self, term: Term, pattern: str = "") -> str:
        """The time of a term; `pattern` in place of `within`."""
        if term.due_on is not None:
            return self.latest.format(day=self.day(term.due_on))
        event = self.events.get(term.trigger, self.events["signing"])
        if not term.days:
            return self.same_day.format(event=event)
        span = f"{term.days}{'个工作日' if term.working_days else self.unit}"
        return (pattern or self.within).format(event=event, span=span)

    def part(self, term: Term, base: str) -> str:
        """How much: a share of `base`, an amount, or both."""
        if term.share is None:
            return f"全部{base}" if term.amount_fen is None else self.money(term.amount_fen)
        amount = "" if term.amount_fen is None else f"（计{self.money(term.amount_fen)}）"
        return f"{base}的{self.share(term.share)}{amount}"


#: The sales department of a maker: 卖方 and 买方.
MAKER = Wording(
    events={
        "signing": "合同签字盖章",
        "delivery": "产品运抵买方现场",
        "acceptance": "双方签署终验收报告",
        "invoice": "买方收到卖方开具的增值税发票",
        "statement": "双方签认当月往来对账单",
        "completion": "卖方完成安装调试",
    },
    within="{event}后{span}内",
    same_day="{event}当日",
    full_term="自{event}起满{span}时",
    latest="不迟于{day}",
    unit="天",
    day=dotted_day,
    money=grouped,
    share=percentage,
)

#: A purchasing centre: 甲方 buys, 乙方 supplies.
CENTRE = Wording(
    events={
        "signing": "本合同签订",
        "delivery": "货物全部送达并经甲方清点签收",
        "acceptance": "货物经甲方履约验收合格",
        "invoice": "甲方收到乙方合规有效发票",
        "statement": "甲乙双方核对确认当月结算单",
        "completion": "货物安装、调试全部完成",
    },
    within="{event}之日起{span}内",
    same_day="{event}之日",
    full_term="{event}之日起满{span}后",
    latest="最迟于 {day} ",
    unit="日",
    day=spaced_day,
    money=figures,
    share=spoken_share,
)

#: A village letting what it owns: 甲方 lets, 乙方 uses.
VILLAGE = Wording(
    events={
        "signing": "双方签字盖章",
        "delivery": "甲方交出租赁物",
        "acceptance": "乙方验看并接收租赁物",
        "invoice": "乙方收到甲方租金票据",
        "statement": "双方结清当月账目",
        "completion": "租赁物修缮完工",
    },
    within="{event}后{span}之内",
    same_day="{event}的当天",
    full_term="{event}后满{span}",
    latest="在{day}以前（含当日）",
    unit="天",
    day=written_day,
    money=figures,
    share=spoken_share,
)


def maker_payment(term: Term, contract: PaperContract) -> str:
    """One instalment in the maker's words."""
    base = "合同总价" if contract.lines else "各订单货款"
    part = MAKER.part(term, base)
    if term.kind == "retention":
        return f"{part}留作质保金，{MAKER.when(term, MAKER.full_term)}由买方付清，不计利息"
    verb = "预付" if term.trigger == "signing" else "电汇"
    return f"{MAKER.when(term)}，买方{verb}{part}"


def centre_payment(term: Term, contract: PaperContract) -> str:
    """One instalment in the purchasing centre's words."""
    base = "合同价款" if contract.lines else "当批货物价款"
    part = CENTRE.part(term, base)
    if term.kind == "retention":
        return f"{part}作为质量保证金暂不支付，{CENTRE.when(term, CENTRE.full_term)}由甲方无息付清"
    return f"{CENTRE.when(term)}，由甲方以转账方式支付{part}"


def deposit(contract: PaperContract, house: Wording, pays: str, base: str) -> list[str]:
    """The deposit, once: by its term where there is one, else by its amount. `pays` is "买方向卖方交"."""
    terms = [t for t in contract.terms if t.kind == "deposit"]
    if not terms and contract.deposit_fen:
        return [f"{pays}{house.money(contract.deposit_fen)}"]
    return [f"{house.when(t)}，{pays}{_deposited(t, contract, house, base)}" for t in terms]


def _deposited(term: Term, contract: PaperContract, house: Wording, base: str) -> str:
    if term.share is None:
        return house.money(term.amount_fen or contract.deposit_fen or 0)
    return house.part(term, base)


def rent(term: Term, contract: PaperContract) -> str:
    """How rent is paid, in the village's words: the first day, the rhythm and the last."""
    fen, months = term.amount_fen or 0, term.every_months or 1
    every = _EVERY.get(months, f"{number_words(months)}个月一交")
    first = term.due_on or (contract.starts if term.trigger == "date" else None)
    begins = VILLAGE.when(term) if first is None else f"于{written_day(first)}"
    until = term.until or contract.until
    ends = "" if until is None else f"，交至{written_day(until)}为止"
    gap = number_words(months)
    sentence = f"租金{every}，每次交{yuan_words(fen)}（小写：{figures(fen)}）。"
    return f"{sentence}第一次{begins}交清，以后每满{gap}个月的当日交下一次{ends}。"
