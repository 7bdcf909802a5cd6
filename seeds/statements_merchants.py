"""Merchants' bills and lists of bills of exchange as real files, from invented sales and bills."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import StringIO
from pathlib import Path

import yaml

from seeds.paper import plain
from seeds.statement import Movement, PaperStatement
from seeds.statements_cells import MARK

MERCHANTS = ("wechat_bill", "alipay_bill", "acquirer")


@cache
def _headings(name: str) -> list[str]:
    raw = yaml.safe_load((Path(__file__).parent / "merchant_headings.yaml").read_text("utf-8"))
    return [str(heading) for heading in raw[name]]


@dataclass(frozen=True)
class PaperBill:
    """One bill of exchange in somebody's list. `business` is printed as it stands: 提示收票, 背书转让."""

    number: str
    amount_fen: int
    issued: date
    due: date
    drawer: str
    acceptor: str
    payee: str
    business: str
    happened: date
    to: str = ""
    interest_fen: int = 0
    kind: str = "银行承兑汇票"


def write_sales(statement: PaperStatement, layout: str) -> tuple[str, bytes]:
    """(suffix, content) of sales (in) and refunds (out) in a layout of MERCHANTS."""
    write = {"wechat_bill": _wechat, "alipay_bill": _alipay, "acquirer": _acquirer}[layout]
    encoding = "gb18030" if layout == "alipay_bill" else "utf-8-sig"
    return "csv", _text(write(statement)).encode(encoding)


def write_bills(holder: str, bills: tuple[PaperBill, ...]) -> tuple[str, bytes]:
    """(suffix, content) of a list of bills."""
    rows = [
        [
            str(n), b.number, b.kind, plain(b.amount_fen), f"{b.issued}", f"{b.due}", b.drawer, b.acceptor,
            b.payee, b.business, b.to, f"{b.happened}", _interest(b), "已签收",
        ]
        for n, b in enumerate(bills, 1)
    ]  # fmt: skip
    total = ["合计", "", "", plain(sum(b.amount_fen for b in bills)), *[""] * 10]
    lines = [[f"{MARK} 票据清单 企业名称：{holder}"], _headings("bills"), *rows, total]
    return "csv", _text(lines).encode("gb18030")


def _interest(bill: PaperBill) -> str:
    return plain(bill.interest_fen) if bill.interest_fen else ""


def _text(lines: list[list[str]]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(lines)
    return out.getvalue()


def _wechat(statement: PaperStatement) -> list[list[str]]:
    rows = []
    for m in statement.movements:
        back = m.direction == "out"
        amount, zero = plain(m.amount_fen), "0.00"
        fee = plain(-m.fee_fen if back else m.fee_fen)
        paid = [amount, zero] if not back else [zero, zero]
        given = (
            [f"5{m.serial[1:]}", "1", amount, zero, "ORIGINAL", "SUCCESS"]
            if back
            else ["0", "0", zero, zero, "", ""]
        )
        cells = [
            _stamp(m), "wx24", statement.holder.account, "0", "1000", m.serial, m.serial[-10:], "o1", "JSAPI",
             "REFUND" if back else "SUCCESS", "CMB_DEBIT", "CNY", *paid, *given, MARK, "", fee, "0.60%",
            zero if back else amount, amount if back else zero, "",
        ]  # fmt: skip
        rows.append([f"`{c}" for c in cells])
    totals = ["总交易单数", "应结订单总金额", "退款总金额"]
    return [_headings("wechat_bill"), *rows, totals, [f"`{len(rows)}", "`0.00", "`0.00"]]


def _alipay(statement: PaperStatement) -> list[list[str]]:
    rows = []
    for m in statement.movements:
        kind, number = ("退款", f"r{m.serial[-8:]}") if m.direction == "out" else ("交易", "")
        amount = _sign(m, m.amount_fen)
        rows.append([
            m.serial, m.serial[-10:], kind, "货", _stamp(m), _stamp(m), "", "", "*明(138****0000)", amount,
            amount, "0.00", "0.00", number, _sign(m, -m.fee_fen), "0.00", "",
        ])  # fmt: skip
    line = "#" + "-" * 40
    account = f"#账号：[{statement.holder.account}]"
    above = [
        ["#支付宝业务明细查询"],
        [f"#{MARK}"],
        [account],
        [f"{line}业务明细列表{line[1:]}"],
    ]
    below = [[f"{line}业务明细列表结束{line[1:]}"], [f"#交易合计：{len(rows)}笔"]]
    return [*above, _headings("alipay_bill"), *[[f"{c}\t" for c in row] for row in rows], *below]


def _acquirer(statement: PaperStatement) -> list[list[str]]:
    rows = [
        [
            f"{m.at:%Y%m%d}", f"{m.at:%Y%m%d}", f"{m.at:%H%M%S}", "00012345", "622848******1234", "农业银行",
            "退货" if m.direction == "out" else "消费", _sign(m, m.amount_fen), _sign(m, m.fee_fen),
            _sign(m, m.amount_fen - m.fee_fen), m.serial[-12:],
        ]
        for m in statement.movements
    ]  # fmt: skip
    head = [f"{MARK}  商户编号：{statement.holder.account}  商户名称：{statement.holder.name}"]
    total = ["合计", *[""] * 6, *(plain(_sum(rows, column)) for column in (7, 8, 9)), ""]
    return [head, _headings("acquirer"), *rows, total]


def _stamp(movement: Movement) -> str:
    return f"{movement.at:%Y-%m-%d %H:%M:%S}"


def _sign(movement: Movement, fen: int) -> str:
    return plain(-fen if movement.direction == "out" else fen)


def _sum(rows: list[list[str]], column: int) -> int:
    return sum(int(row[column].replace(".", "")) for row in rows)
