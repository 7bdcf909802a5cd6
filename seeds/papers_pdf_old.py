"""Older electronic VAT invoices drawn as PDF: cipher area, buyer above and seller below the table, and a
list of goods (销货清单) on pages of its own."""

from dataclasses import dataclass
from hashlib import sha256

from seeds.paper import PaperInvoice, PaperLine, Party, in_words, percent, plain
from seeds.papers_pdf_sheet import MARK, Sheet, wrapped

WIDTH, HEIGHT = 215.0, 140.0
_ROW = 3.6
_CIPHER = "0123456789+-*/<>"
_Column = tuple[str, str, float, float, str]
_COLUMNS: tuple[_Column, ...] = (
    ("item", "货物或应税劳务、服务名称", 7.0, 56.0, "left"),
    ("specification", "规格型号", 57.0, 78.0, "left"),
    ("unit", "单位", 79.0, 88.0, "centre"),
    ("quantity", "数 量", 89.0, 110.0, "right"),
    ("price", "单 价", 111.0, 135.0, "right"),
    ("amount", "金 额", 136.0, 165.0, "right"),
    ("rate", "税率", 166.0, 176.0, "centre"),
    ("tax", "税 额", 177.0, 207.0, "right"),
)
_LIST: tuple[_Column, ...] = (
    ("number", "序号", 8.0, 17.0, "centre"),
    ("item", "货物（劳务）名称", 18.0, 66.0, "left"),
    ("specification", "规格型号", 67.0, 90.0, "left"),
    ("unit", "单位", 91.0, 100.0, "centre"),
    ("quantity", "数 量", 101.0, 120.0, "right"),
    ("price", "单 价", 121.0, 145.0, "right"),
    ("amount", "金 额", 146.0, 172.0, "right"),
    ("rate", "税率", 173.0, 183.0, "centre"),
    ("tax", "税 额", 184.0, 207.0, "right"),
)
_TITLES = {"vat_e_special": "合成省增值税电子专用发票", "vat_e_ordinary": "合成省增值税电子普通发票"}
_FRONT_ROWS, _LIST_ROWS = 8, 24


@dataclass(frozen=True)
class OldForm:
    """How one maker draws the form. `spaced`: the letters of labels stand apart (名    称). `seal`: the words
    of the seller's seal lie over its block."""

    spaced: bool = False
    seal: bool = False

    def label(self, text: str) -> str:
        """A label as this maker writes it."""
        short = {
            "名称：": "名        称：",
            "校验码：": "校 验 码：",
            "复核：": "复 核：",
            "开票人：": "开 票 人：",
        }
        return short.get(text, text) if self.spaced else text


def draw_old(sheet: Sheet, invoice: PaperInvoice, form: OldForm) -> None:
    """Draw one invoice; its list follows on further pages when the front does not hold all lines."""
    listed = sum(_height(line, _COLUMNS) for line in invoice.lines) > _FRONT_ROWS
    _head(sheet, invoice, form)
    _party(sheet, form, invoice.buyer, 37)
    _cipher(sheet, invoice)
    _sides(sheet)
    _headings(sheet, _COLUMNS, 65)
    if listed:
        _front(sheet, invoice)
    else:
        _lines(sheet, invoice.lines, _COLUMNS, 69.5)
    _sums(sheet, invoice)
    _party(sheet, form, invoice.seller, 114)
    for number, row in enumerate(wrapped(invoice.full_remark, 74, 8)):
        sheet.value(133, 113 + number * _ROW, row, 8)
    if form.seal:
        sheet.label(150, 122, "发票专用章", 12)
    for x, label, value in (
        (12, "收款人：", invoice.payee),
        (62, "复核：", invoice.reviewer),
        (108, "开票人：", invoice.drawer),
    ):
        sheet.label(x, 137, form.label(label), 8)
        sheet.value(x + 14, 137, value, 8)
    sheet.label(155, 137, "销售方：（章）", 8)
    if listed:
        _list_pages(sheet, invoice)


def _head(sheet: Sheet, invoice: PaperInvoice, form: OldForm) -> None:
    sheet.label(8, 8, MARK, 8)
    sheet.label(107, 16, _TITLES.get(invoice.kind, _TITLES["vat_e_ordinary"]), 17, "centre")
    pairs = (
        (155, 11, "发票代码：", invoice.code),
        (155, 16, "发票号码：", invoice.number),
        (155, 21, "开票日期：", f"{invoice.issued:%Y年%m月%d日}"),
        (155, 26, "校验码：", " ".join(invoice.check_code[i : i + 5] for i in range(0, 20, 5))),
        (12, 26, "机器编号：", invoice.machine_no),
    )
    for x, y, label, value in pairs:
        sheet.label(x, y, form.label(label), 8)
        sheet.value(x + 17, y, value, 8)


def _party(sheet: Sheet, form: OldForm, party: Party, y: float) -> None:
    rows = (
        ("名称：", party.name),
        ("纳税人识别号：", party.code),
        ("地址、电话：", f"{party.address} {party.phone}".strip()),
        ("开户行及账号：", party.account),
    )
    for number, (label, value) in enumerate(rows):
        sheet.label(14, y + 6 * number, form.label(label), 8)
        size = next((s for s in (8, 7, 6) if len(wrapped(value, 88, s)) < 3), 5)
        for extra, row in enumerate(wrapped(value, 88, size)):
            sheet.value(36, y + 6 * number + 2.7 * extra, row, size)


def _cipher(sheet: Sheet, invoice: PaperInvoice) -> None:
    digest = sha256(invoice.number.encode()).digest() * 4
    letters = "".join(_CIPHER[b % 16] for b in digest[:108])
    for row in range(4):
        sheet.value(134, 38 + row * 6, letters[row * 27 : row * 27 + 27], 9)


def _sides(sheet: Sheet) -> None:
    sheet.upright(8.5, 38, "购买方", 7)
    sheet.upright(128, 38, "密码区", 7)
    sheet.upright(8.5, 114, "销售方", 7)
    sheet.upright(128, 116, "备注", 9)
    across = ((6, y, 209, y) for y in (31.0, 61.0, 102.0, 108.0, 133.0))
    sheet.rules(*across, (6, 31, 6, 133), (209, 31, 209, 133), (127, 31, 127, 61), (127, 108, 127, 133))
    sheet.rules(*((x0 - 0.5, 61, x0 - 0.5, 102) for _, _, x0, _, _ in _COLUMNS[1:]))


def _headings(sheet: Sheet, columns: tuple[_Column, ...], y: float) -> None:
    for _, heading, x0, x1, _ in columns:
        sheet.label((x0 + x1) / 2, y, heading, 8, "centre")


def _cells(line: PaperLine, number: int = 0) -> dict[str, str]:
    return {
        "number": str(number),
        "item": line.item,
        "specification": line.specification,
        "unit": line.unit,
        "quantity": "" if line.quantity is None else f"{line.quantity:f}",
        "price": "" if line.price is None else f"{line.price:f}",
        "amount": plain(line.amount_fen),
        "rate": percent(line.rate),
        "tax": "***" if line.rate is None else plain(line.tax_fen),
    }


def _height(line: PaperLine, columns: tuple[_Column, ...]) -> int:
    cells = _cells(line)
    return max(len(wrapped(cells[path], x1 - x0, 8)) for path, _, x0, x1, _ in columns)


def _lines(
    sheet: Sheet, lines: tuple[PaperLine, ...], columns: tuple[_Column, ...], y: float, first: int = 1
) -> None:
    for number, line in enumerate(lines, first):
        cells = _cells(line, number)
        for path, _, x0, x1, align in columns:
            x = {"left": x0, "right": x1, "centre": (x0 + x1) / 2}[align]
            for extra, row in enumerate(wrapped(cells[path], x1 - x0, 8)):
                sheet.value(x, y + extra * _ROW, row, 8, align)
        y += _ROW * _height(line, columns)


def _front(sheet: Sheet, invoice: PaperInvoice) -> None:
    """The one line that stands for the list."""
    rates = {percent(line.rate) for line in invoice.lines}
    sheet.value(7, 69.5, "（详见销货清单）", 8)
    sheet.value(165, 69.5, plain(invoice.amount_fen), 8, "right")
    sheet.value(171, 69.5, rates.pop() if len(rates) == 1 else "", 8, "centre")
    sheet.value(207, 69.5, plain(invoice.tax_fen), 8, "right")


def _sums(sheet: Sheet, invoice: PaperInvoice) -> None:
    exempt = all(line.rate is None for line in invoice.lines)
    sheet.label(25, 100.5, "合      计", 8)
    sheet.value(165, 100.5, f"￥{plain(invoice.amount_fen)}", 8, "right")
    sheet.value(207, 100.5, "***" if exempt else f"￥{plain(invoice.tax_fen)}", 8, "right")
    sheet.label(15, 106.5, "价税合计（大写）", 8)
    sheet.value(62, 106.5, f"⊗ {in_words(invoice.total_fen)}")
    sheet.label(150, 106.5, "（小写）", 8)
    sheet.value(165, 106.5, f"￥{plain(invoice.total_fen)}")


def _list_pages(sheet: Sheet, invoice: PaperInvoice) -> None:
    """销售货物或者提供应税劳务、服务清单."""
    pages: list[list[PaperLine]] = [[]]
    used = 0
    for line in invoice.lines:
        height = _height(line, _LIST)
        if used + height > _LIST_ROWS:
            pages.append([])
            used = 0
        pages[-1].append(line)
        used += height
    first = 1
    for number, lines in enumerate(pages, 1):
        sheet.next_page()
        sheet.label(107, 14, "销售货物或者提供应税劳务、服务清单", 13, "centre")
        sheet.value(12, 20, f"购买方名称：{invoice.buyer.name}", 8)
        sheet.value(12, 24, f"销售方名称：{invoice.seller.name}", 8)
        title = _TITLES.get(invoice.kind, _TITLES["vat_e_ordinary"]).removeprefix("合成省")
        sheet.value(12, 28, f"所属{title}代码：{invoice.code}", 8)
        sheet.value(100, 28, f"号码：{invoice.number}", 8)
        sheet.label(170, 28, f"共 {len(pages)} 页 第 {number} 页", 8)
        _headings(sheet, _LIST, 33)
        _lines(sheet, tuple(lines), _LIST, 37.5, first)
        first += len(lines)
        for y, word, count in ((125, "小计", lines), (129, "总计", list(invoice.lines))):
            sheet.label(25, y, word, 8)
            sheet.value(172, y, f"￥{plain(sum(x.amount_fen for x in count))}", 8, "right")
            sheet.value(207, y, f"￥{plain(sum(x.tax_fen for x in count))}", 8, "right")
        sheet.label(12, 133, "备注", 8)
        sheet.label(12, 138, f"填开日期：{invoice.issued:%Y年%m月%d日}", 8)
        sheet.label(155, 138, "销售方：（章）", 8)
