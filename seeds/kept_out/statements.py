"""Account statements of three banks nobody has described to us: a workbook, a text file, a printed table."""

import csv
from datetime import datetime
from io import BytesIO, StringIO

import xlsxwriter

from seeds.kept_out.pages import Sheets, wrapped
from seeds.paper import plain
from seeds.statement import Movement, PaperStatement

_MARK = "合成数据"


def statements(statement: PaperStatement) -> list[tuple[str, str, bytes]]:
    """(layout, suffix, file) of the statement in every layout kept here."""
    return [
        ("harbour", ".xlsx", _harbour(statement)),
        ("county", ".csv", _county(statement)),
        ("printed", ".pdf", _printed(statement)),
    ]


def _harbour(statement: PaperStatement) -> bytes:
    """One sheet with merged titles, both sides' names in columns of their own, amounts as numbers."""
    holder = statement.holder
    head = (
        *("交易发生日", "核心流水", "转出方户名", "转出方账号", "转入方户名", "转入方账号"),
        *("支出额（元）", "收入额（元）", "期末结余（元）", "交易说明", "客户备注"),
    )
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": datetime(2026, 1, 1)})
    sheet = book.add_worksheet("Sheet1")
    sheet.merge_range(0, 0, 0, 10, f"{holder.bank}对公客户收支明细（{_MARK}）")
    sheet.write_row(1, 0, ("客户", holder.name, "", "结算账户", holder.account, "", "货币", "CNY"))
    sheet.write_row(3, 0, head)
    for y, (m, balance) in enumerate(zip(statement.movements, statement.balances(), strict=True), 4):
        me, them = (holder.name, holder.account), (m.counterparty, m.counterparty_account)
        sides = (*me, *them) if m.direction == "out" else (*them, *me)
        sheet.write_row(y, 0, (f"{m.at:%Y/%m/%d}", m.serial, *sides))
        sheet.write_number(y, 6 if m.direction == "out" else 7, m.amount_fen / 100)
        sheet.write_number(y, 8, balance / 100)
        sheet.write_row(y, 9, (m.summary, m.remark))
    book.close()
    return buffer.getvalue()


def _county(statement: PaperStatement) -> bytes:
    """One column of amounts and a word for the direction, newest first, as GB 18030."""
    out = StringIO()
    write = csv.writer(out, lineterminator="\r\n")
    holder = statement.holder
    write.writerow([f"客户名称:{holder.name}", f"客户账号:{holder.account}", f"{holder.bank}", _MARK])
    write.writerow(
        ["序号", "发生日期", "借贷方向", "发生金额", "结存", "对手户名", "对手账号", "用途说明", "柜员流水"]
    )
    rows = list(zip(statement.movements, statement.balances(), strict=True))
    for nth, (m, balance) in enumerate(reversed(rows), 1):
        write.writerow(
            [
                *(str(nth), m.at.strftime("%Y%m%d"), "借" if m.direction == "out" else "贷"),
                *(plain(m.amount_fen), plain(balance), m.counterparty, f"\t{m.counterparty_account}"),
                *(" ".join(filter(None, (m.summary, m.remark))), f"\t{m.serial}"),
            ]
        )
    return out.getvalue().encode("gb18030")


def _printed(statement: PaperStatement) -> bytes:
    """A table on pages of its own headings, with what is carried over."""
    columns = (
        ("记账日期", 30, 62),
        ("摘要", 96, 70),
        ("支取", 230, 0),
        ("存入", 300, 0),
        ("余额", 376, 0),
        ("对方户名", 386, 116),
        ("对方账号", 506, 90),
    )
    sheets = Sheets(612, 792)
    holder = statement.holder
    carried, page, y = statement.opening_fen, 0, 1e9
    for m, balance in zip(statement.movements, statement.balances(), strict=True):
        name = wrapped(m.counterparty, 114, 8)
        if y + 11 * len(name) > 730:
            if page:
                sheets.next()
            page += 1
            sheets.text(306, 50, "企业账户对账清单", 14, "centre")
            sheets.text(30, 76, f"单位：{holder.name}    账号：{holder.account}", 9)
            sheets.text(30, 90, f"开户行：{holder.bank}    币种：人民币    第 {page} 页    {_MARK}", 9)
            for title, x, _ in columns:
                sheets.text(x, 110, title, 9, "right" if title in ("支取", "存入", "余额") else "left")
            sheets.text(96, 124, "承前页" if page > 1 else "上期余额", 8)
            sheets.text(376, 124, _thousands(plain(carried)), 8, "right")
            y = 138
        _print_row(sheets, m, balance, name, y)
        carried = balance
        y += 11 * len(name) + 2
    sheets.text(96, y + 4, "本期余额", 8)
    sheets.text(376, y + 4, _thousands(plain(carried)), 8, "right")
    return sheets.data()


def _print_row(sheets: Sheets, m: Movement, balance: int, name: list[str], y: float) -> None:
    sheets.text(30, y, m.at.strftime("%Y-%m-%d"), 8)
    sheets.text(96, y, (wrapped(m.summary, 70, 8) or [""])[0], 8)
    sheets.text(230 if m.direction == "out" else 300, y, _thousands(plain(m.amount_fen)), 8, "right")
    sheets.text(376, y, _thousands(plain(balance)), 8, "right")
    for i, line in enumerate(name):
        sheets.text(386, y + 11 * i, line, 8)
    sheets.text(506, y, m.counterparty_account, 7)


def _thousands(amount: str) -> str:
    if not amount:
        return ""
    whole, cents = amount.removeprefix("-").split(".")
    return f"{'-' if amount.startswith('-') else ''}{int(whole):,}.{cents}"
