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
        ("coastal", ".xlsx", _coastal(statement)),
        ("county", ".csv", _county(statement)),
        ("printed", ".pdf", _printed(statement)),
    ]


def _coastal(statement: PaperStatement) -> bytes:
    """Two columns of amounts, holder above the table, totals below, oldest first."""
    holder = statement.holder
    rows: list[list[str]] = [
        ["单位活期存款账户交易明细", "", "", _MARK],
        ["户名", holder.name, "账户", holder.account],
        ["开户网点", holder.bank, "币别", "人民币"],
        [],
        [
            *("入账日", "入账时间", "交易流水", "业务种类", "支出金额", "收入金额", "账面余额"),
            *("往来单位名称", "往来账户", "往来行名", "附加信息"),
        ],
    ]
    for m, balance in zip(statement.movements, statement.balances(), strict=True):
        paid, got = (plain(m.amount_fen), "") if m.direction == "out" else ("", plain(m.amount_fen))
        rows.append(
            [
                *(m.at.strftime("%Y.%m.%d"), m.at.strftime("%H:%M:%S"), m.serial, m.summary),
                *(_thousands(paid), _thousands(got), _thousands(plain(balance))),
                *(m.counterparty, m.counterparty_account, m.counterparty_bank, m.remark),
            ]
        )
    out, into = (_sum(statement, way) for way in ("out", "in"))
    rows.append(["累计", "", "", "", _thousands(plain(out)), _thousands(plain(into)), "", "", "", "", ""])
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": datetime(2026, 1, 1)})
    sheet = book.add_worksheet("交易明细")
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            sheet.write_string(y, x, cell)
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


def _sum(statement: PaperStatement, direction: str) -> int:
    return sum(m.amount_fen for m in statement.movements if m.direction == direction)
