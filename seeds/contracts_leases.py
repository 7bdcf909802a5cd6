"""Layouts of leases: a plant let by one firm to another, and a shop."""

from seeds.contract import PaperContract, Term
from seeds.contracts_blocks import MARK, Block, Grid, Pair, Text
from seeds.contracts_words import day, money, words
from seeds.paper import Party

_EVERY = {1: "按月支付", 3: "按季支付", 6: "每半年支付一次", 12: "按年支付"}


def _rents(contract: PaperContract) -> list[Term]:
    return [t for t in contract.terms if t.kind == "rent"]


def _monthly(term: Term) -> int:
    return (term.amount_fen or 0) // (term.every_months or 1)


def plant(contract: PaperContract) -> list[Block]:
    """厂房租赁合同: 出租方（甲方）, 承租方（乙方）; the rent by month, rises told as a list of years."""
    rents = _rents(contract)
    first = rents[0]
    deposit = contract.deposit_fen or 0
    rise = ""
    if len(rents) > 1:
        before, after = rents[0].amount_fen or 1, rents[1].amount_fen or 1
        year = (rents[1].due_on or contract.signed).year - (contract.starts or contract.signed).year + 1
        rise = f"自第{year}年起，租金递增{round(after / before * 100 - 100)}%。"
    return [
        Text("厂房租赁合同", title=True),
        Text(f"合同编号：{contract.number}"),
        Text(f"出租方（甲方）：{contract.seller.name}"),
        Text(f"统一社会信用代码：{contract.seller.code}"),
        Text(f"承租方（乙方）：{contract.buyer.name}"),
        Text(f"统一社会信用代码：{contract.buyer.code}"),
        Text("甲乙双方经友好协商，就乙方承租甲方厂房事宜订立本合同。"),
        Text(f"一、租赁物：甲方将位于{contract.subject}的厂房出租给乙方使用。"),
        Text(f"二、租赁期限：自{day(contract.starts)}起至{day(contract.until)}止。"),
        Text(
            f"三、租金及支付方式：每月租金为人民币{money(_monthly(first))}元（大写：{words(_monthly(first))}），"
            f"{_EVERY[first.every_months or 1]}，先付后用。{rise}"
        ),
        Text(
            f"四、押金：乙方应于本合同签订之日向甲方支付押金人民币{money(deposit)}元。"
            if deposit
            else "四、押金：无。"
        ),
        Text(f"五、违约责任：{contract.penalty or '依法承担'}。"),
        *(Text(remark) for remark in contract.remarks),
        Pair(f"甲方（盖章）：{contract.seller.name}", f"乙方（盖章）：{contract.buyer.name}"),
        Pair(f"签订日期：{day(contract.signed)}", f"签订日期：{day(contract.signed)}"),
        Text(MARK),
    ]


def shop(contract: PaperContract) -> list[Block]:
    """商铺租赁合同: 出租人 and 承租人 as a table, the rent by payment, clauses numbered 1.1."""
    first = _rents(contract)[0]
    later = [f"自{day(t.due_on)}起每期租金调整为{money(t.amount_fen or 0)}元" for t in _rents(contract)[1:]]

    def rows(label: str, party: Party) -> tuple[tuple[str, ...], ...]:
        return ((label, party.name), ("统一社会信用代码", party.code), ("联系地址", party.address))

    return [
        Text("商 铺 租 赁 合 同", title=True),
        Pair(f"合同编号：{contract.number}", f"签订日期：{day(contract.signed, 1)}"),
        Grid(rows("出租人", contract.seller) + rows("承租人", contract.buyer), (0.25, 0.75)),
        Text("1. 租赁商铺"),
        Text(f"1.1 商铺坐落于{contract.subject}。"),
        Text("2. 租期"),
        Text(f"2.1 租期自{day(contract.starts)}至{day(contract.until)}。"),
        Text("3. 租金"),
        Text(
            f"3.1 租金每{first.every_months}个月支付一次，每期租金人民币{money(first.amount_fen or 0)}元，"
            f"首期租金于{day(first.due_on)}前支付。"
        ),
        *(Text(f"3.2 {text}。") for text in later),
        Text("4. 保证金"),
        Text(
            f"4.1 承租人于签订本合同时支付租赁保证金{money(contract.deposit_fen)}元。"
            if contract.deposit_fen
            else "4.1 无。"
        ),
        Text("5. 违约"),
        Text(f"5.1 {contract.penalty or '依法承担'}。"),
        *(Text(remark) for remark in contract.remarks),
        Pair("出租人（签章）：", "承租人（签章）："),
        Text(MARK),
    ]
