"""Ledgers made for tests: the tax portal's 27 columns and others, as the bytes a person would hand in."""

import csv
import io

import polars as pl
import xlsxwriter

from extraction.credit_codes import is_credit_code
from extraction.rows import COLUMNS, Rows
from extraction.source import Source

PORTAL = [
    "序号",
    "发票代码",
    "发票号码",
    "数电发票号码",
    "销方识别号",
    "销方名称",
    "购方识别号",
    "购买方名称",
    "开票日期",
    "税收分类编码",
    "特定业务类型",
    "货物或应税劳务名称",
    "规格型号",
    "单位",
    "数量",
    "单价",
    "金额",
    "税率",
    "税额",
    "价税合计",
    "发票来源",
    "发票票种",
    "发票状态",
    "是否正数发票",
    "发票风险等级",
    "开票人",
    "备注",
]
HEADER_SHEET = [c for c in PORTAL if c not in PORTAL[9:16] and c != "税率"]
CUMCM_SALES = ["企业代号", "发票号码", "开票日期", "购方单位代号", "金额", "税额", "价税合计", "发票状态"]
DEDUCTION = [
    "序号",
    "勾选状态",
    "数电发票号码",
    "发票代码",
    "发票号码",
    "开票日期",
    "销售方纳税人识别号",
    "销售方纳税人名称",
    "金额",
    "税额",
    "有效抵扣税额",
    "发票状态",
    "勾选时间",
    "发票来源",
    "发票票种",
    "发票风险等级",
]


def code(number: int) -> str:
    """A credit code of region 990000, which no registry issues."""
    base = f"91990000{number:09d}"
    return next(base + d for d in "0123456789ABCDEFGHJKLMNPQRTUWXY" if is_credit_code(base + d))


SELLER, BUYER, THIRD = code(1), code(2), code(3)


def digital(number: int) -> str:
    """The 20-digit number of a fully digitalised invoice."""
    return f"2533200000{number:010d}"


def line(number: int = 1, **cells: str) -> dict[str, str]:
    """One row of the portal's export: 100 pieces at 50 yuan, 13 %."""
    row = dict.fromkeys(PORTAL, "")
    row |= {
        "序号": "1", "发票代码": "--", "发票号码": "--", "数电发票号码": digital(number),
        "销方识别号": SELLER, "销方名称": "平湖市甲高分子材料有限公司",
        "购方识别号": BUYER, "购买方名称": "嘉兴市乙注塑有限公司",
        "开票日期": "2025-07-24 18:22:02", "税收分类编码": "1070101010000000000",
        "货物或应税劳务名称": "*塑料制品*高温尼龙切片", "规格型号": "PA6T", "单位": "千克",
        "数量": "100", "单价": "50", "金额": "5000.00", "税率": "13%",
        "税额": "650.00", "价税合计": "5650.00",
        "发票来源": "电子发票服务平台", "发票票种": "数电发票（增值税专用发票）", "发票状态": "正常",
        "是否正数发票": "是", "发票风险等级": "正常", "开票人": "某",
    }  # fmt: skip
    return row | cells


def priced(number: int, fen: int, **cells: str) -> dict[str, str]:
    """A row that sells one piece for `fen`, 13 %."""
    tax = round(fen * 13 / 100)
    money = {"金额": yuan(fen), "税额": yuan(tax), "价税合计": yuan(fen + tax)}
    return line(number, **{"数量": "1", "单价": yuan(fen), **money, **cells})


def whole(rows: Rows) -> pl.DataFrame:
    """The canonical rows with every column: those that a reader left out hold nulls."""
    absent = [pl.lit(None, dtype=t).alias(n) for n, t in COLUMNS.items() if n not in rows.frame.columns]
    return rows.frame.with_columns(absent).select(COLUMNS.names())


def yuan(fen: int) -> str:
    """Fen as a ledger writes them."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def table(rows: list[dict[str, str]], columns: list[str] | None = None) -> list[list[str]]:
    """Rows as a table with its header."""
    columns = columns or PORTAL
    return [list(columns), *([row.get(c, "") for c in columns] for row in rows)]


def csv_bytes(cells: list[list[str]], encoding: str = "utf-8", end: str = "\r\n") -> bytes:
    """A table as CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerows(cells)
    return out.getvalue().encode(encoding)


def xlsx_bytes(**sheets: list[list[str]]) -> bytes:
    """Tables as sheets of a workbook, every cell as it is typed in Python."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name, cells in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(cells):
                for j, cell in enumerate(row):
                    if cell != "":
                        sheet.write(i, j, cell) if not isinstance(cell, str) else sheet.write_string(
                            i, j, cell
                        )
    return out.getvalue()


def source(rows: list[dict[str, str]], columns: list[str] | None = None, encoding: str = "utf-8") -> Source:
    """A portal export as a document, under a name that says nothing."""
    return Source("document", csv_bytes(table(rows, columns), encoding))
