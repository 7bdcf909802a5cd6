"""Invented VAT returns and financial statements, written as the tax portal and bookkeeping programs do."""

from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

import xlsxwriter

from seeds.paper import Party, plain

_MARK = "合成数据"
_HEADS = ("开具增值税专用发票", "开具其他发票", "未开具发票", "纳税检查调整", "合计")
_RATES = (
    ("13%税率的货物及加工修理修配劳务", "1"),
    ("13%税率的服务、不动产和无形资产", "2"),
    ("9%税率的货物及加工修理修配劳务", "3"),
    ("9%税率的服务、不动产和无形资产", "4"),
    ("6%税率", "5"),
)


@dataclass(frozen=True)
class PaperReturn:
    """A VAT return of a general taxpayer for one month; amounts without tax in fen, all at 13 %."""

    owner: Party
    begins: date
    ends: date
    filed: date
    special_fen: int
    other_fen: int
    uninvoiced_fen: int
    input_tax_fen: int = 0
    before_fen: int = 0  # taxable sales of the year before this month

    @property
    def total_fen(self) -> int:
        """All taxable sales."""
        return self.special_fen + self.other_fen + self.uninvoiced_fen


@dataclass(frozen=True)
class PaperBalance:
    """A balance sheet and an income statement; item as printed → (closing or period, opening or year)."""

    owner: Party
    begins: date
    ends: date
    assets: dict[str, tuple[int, int]]
    sources: dict[str, tuple[int, int]]
    income: dict[str, tuple[int, int]]


def vat_return_xlsx(paper: PaperReturn) -> bytes:
    """The return and its schedule 1 as two sheets, headings merged as on the form."""
    out = BytesIO()
    book = _book(out)
    _main(book.add_worksheet("增值税及附加税费申报表"), book, paper)
    _schedule(book.add_worksheet("附列资料（一）"), book, paper)
    book.close()
    return out.getvalue()


def statements_xlsx(paper: PaperBalance) -> bytes:
    """Balance sheet (both sides beside each other) and income statement as two sheets."""
    out = BytesIO()
    book = _book(out)
    _balance(book.add_worksheet("资产负债表"), paper)
    _income(book.add_worksheet("利润表"), paper)
    book.close()
    return out.getvalue()


def _book(out: BytesIO) -> xlsxwriter.Workbook:
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": datetime(2026, 1, 1), "comments": _MARK})
    return book


def _cn(day: date) -> str:
    return f"{day.year}年{day.month:02d}月{day.day:02d}日"


def _heading(sheet: xlsxwriter.workbook.Worksheet, paper: PaperReturn, row: int) -> None:
    sheet.write(row, 0, f"税款所属时间：{_cn(paper.begins)}至{_cn(paper.ends)}")
    sheet.write(row, 4, f"填表日期：{_cn(paper.filed)}")
    sheet.write(row, 7, "金额单位：元（列至角分）")
    sheet.write(row + 1, 0, f"纳税人识别号（统一社会信用代码）：{paper.owner.code}")
    sheet.write(row + 2, 0, f"纳税人名称：{paper.owner.name}")
    sheet.write(row + 2, 7, _MARK)


def _main(sheet: xlsxwriter.workbook.Worksheet, book: xlsxwriter.Workbook, paper: PaperReturn) -> None:
    bold = book.add_format({"bold": True, "align": "center"})
    sheet.merge_range(0, 0, 0, 7, "增值税及附加税费申报表", bold)
    sheet.merge_range(1, 0, 1, 7, "（一般纳税人适用）", bold)
    _heading(sheet, paper, 2)
    sheet.merge_range(6, 4, 6, 5, "一般项目", bold)
    sheet.merge_range(6, 6, 6, 7, "即征即退项目", bold)
    heads = ("项目", "", "", "栏次", "本月数", "本年累计", "本月数", "本年累计")
    for x, text in enumerate(heads):
        sheet.write(7, x, text)
    tax = round(paper.total_fen * 13 / 100)
    year = paper.before_fen + paper.total_fen
    rows = (
        ("销售额", "（一）按适用税率计税销售额", "1", paper.total_fen, year),
        ("", "其中：应税货物销售额", "2", paper.total_fen, year),
        ("", "（二）按简易办法计税销售额", "5", 0, 0),
        ("", "（四）免税销售额", "8", 0, 0),
        ("税款计算", "销项税额", "11", tax, round(year * 13 / 100)),
        ("", "进项税额", "12", paper.input_tax_fen, paper.input_tax_fen),
        ("", "应纳税额合计", "24=19+21-23", tax - paper.input_tax_fen, tax - paper.input_tax_fen),
    )
    for y, (group, item, column, period, total) in enumerate(rows, 8):
        sheet.write(y, 0, group)
        sheet.write(y, 1, item)
        sheet.write(y, 3, column)
        for x, fen in ((4, period), (5, total)):
            sheet.write_number(y, x, fen / 100)
        for x in (6, 7):
            sheet.write(y, x, "——")


def _schedule(sheet: xlsxwriter.workbook.Worksheet, book: xlsxwriter.Workbook, paper: PaperReturn) -> None:
    centre = book.add_format({"align": "center"})
    sheet.merge_range(0, 0, 0, 14, "增值税及附加税费申报表附列资料（一）", centre)
    sheet.merge_range(1, 0, 1, 14, "（本期销售情况明细）", centre)
    _heading(sheet, paper, 2)
    sheet.merge_range(6, 0, 8, 3, "项目及栏次", centre)
    for nth, head in enumerate(_HEADS):
        wide = 3 if head == "合计" else 2
        sheet.merge_range(6, 4 + 2 * nth, 6, 3 + 2 * nth + wide, head, centre)
        for x, text in enumerate(("销售额", "销项（应纳）税额", "价税合计")[:wide]):
            sheet.write(7, 4 + 2 * nth + x, text)
    for number in range(1, 12):
        formula = {9: "9=1+3+5+7", 10: "10=2+4+6+8", 11: "11=9+10"}.get(number, str(number))
        sheet.write(8, 3 + number, formula)
    sheet.merge_range(9, 0, 15, 0, "一、一般计税方法计税", centre)
    sheet.merge_range(9, 1, 13, 1, "全部征税项目", centre)
    amounts = (paper.special_fen, paper.other_fen, paper.uninvoiced_fen, 0, paper.total_fen)
    for y, (label, printed) in enumerate(_RATES, 9):
        sheet.write(y, 2, label)
        sheet.write(y, 3, printed)
        for nth, fen in enumerate(amounts):
            there = fen if y == 9 else 0
            sheet.write_number(y, 4 + 2 * nth, there / 100)
            sheet.write_number(y, 5 + 2 * nth, round(there * 13 / 100) / 100)
        sheet.write_number(y, 14, (amounts[-1] + round(amounts[-1] * 13 / 100)) / 100 if y == 9 else 0)
    sheet.merge_range(14, 1, 15, 1, "其中：即征即退项目", centre)
    for y, label in ((14, "即征即退货物及加工修理修配劳务"), (15, "即征即退服务、不动产和无形资产")):
        sheet.write(y, 2, label)
        sheet.write_number(y, 12, 99.0 if y == 14 else 0)  # counted above already


def _balance(sheet: xlsxwriter.workbook.Worksheet, paper: PaperBalance) -> None:
    sheet.write(0, 2, "资产负债表")
    sheet.write(1, 7, "会企01表")
    sheet.write(2, 0, f"编制单位：{paper.owner.name}")
    sheet.write(2, 3, _cn(paper.ends))
    sheet.write(2, 6, "单位：元")
    sheet.write(3, 0, f"纳税人识别号：{paper.owner.code}    {_MARK}")
    heads = (
        "资产",
        "行次",
        "期末余额",
        "年初余额",
        "负债和所有者权益（或股东权益）",
        "行次",
        "期末余额",
        "年初余额",
    )
    for x, text in enumerate(heads):
        sheet.write(4, x, text)
    for left, side in ((0, paper.assets), (4, paper.sources)):
        for y, (item, (closing, opening)) in enumerate(side.items(), 5):
            sheet.write(y, left, item)
            sheet.write(y, left + 1, y - 4 + left * 10)
            sheet.write(y, left + 2, plain(closing))
            sheet.write(y, left + 3, plain(opening))


def _income(sheet: xlsxwriter.workbook.Worksheet, paper: PaperBalance) -> None:
    sheet.write(0, 1, "利  润  表")
    sheet.write(2, 0, f"编制单位：{paper.owner.name}")
    sheet.write(2, 1, f"{paper.ends.year}年{paper.begins.month}-{paper.ends.month}月")
    sheet.write(2, 3, "单位：元")
    for x, text in enumerate(("项目", "行次", "本期金额", "本年累计金额")):
        sheet.write(3, x, text)
    for y, (item, (period, year)) in enumerate(paper.income.items(), 4):
        sheet.write(y, 0, item)
        sheet.write(y, 1, y - 3)
        sheet.write(y, 2, plain(period))
        sheet.write(y, 3, plain(year))
