"""Fully digitalised invoices (数电票) drawn as PDF: buyer and seller side by side, lines on as many pages as
they need, trade blocks of their own (建筑服务, 货物运输)."""

from dataclasses import dataclass

from seeds.paper import PaperInvoice, PaperLine, Party, in_words, percent, plain
from seeds.papers_pdf_sheet import MARK, Sheet, wrapped

#: Millimetres of the page, and what a form takes of it when two share one.
WIDTH, HEIGHT = 210.0, 140.0
_ROW = 4.3
#: Column: path, heading, left edge, right edge, how the cell stands in it.
_Column = tuple[str, str, float, float, str]
_GOODS: tuple[_Column, ...] = (
    ("item", "项目名称", 5.0, 41.0, "left"),
    ("specification", "规格型号", 41.5, 64.0, "left"),
    ("unit", "单 位", 65.0, 77.0, "centre"),
    ("quantity", "数 量", 77.5, 102.0, "right"),
    ("price", "单 价", 102.5, 127.0, "right"),
    ("amount", "金 额", 127.5, 153.0, "right"),
    ("rate", "税率/征收率", 154.0, 178.0, "centre"),
    ("tax", "税 额", 179.5, 205.0, "right"),
)
_BUILDING: tuple[_Column, ...] = (
    ("item", "项目名称", 5.0, 45.0, "left"),
    ("place", "建筑服务发生地", 46.0, 80.0, "left"),
    ("project", "建筑项目名称", 81.0, 126.0, "left"),
    ("amount", "金 额", 127.5, 153.0, "right"),
    ("rate", "税率/征收率", 154.0, 178.0, "centre"),
    ("tax", "税 额", 179.5, 205.0, "right"),
)
_TITLES = {
    "digital_special": "电子发票（增值税专用发票）",
    "digital_ordinary": "电子发票（普通发票）",
}


@dataclass(frozen=True)
class DigitalForm:
    """How one maker draws the form.

    `glued`: label and value are one text. `ruled`: columns have rules between them. `trade`: a trade block
    (建筑服务, 货物运输) instead of plain goods. `downloads`: the noise that the portal prints.
    """

    glued: bool = False
    ruled: bool = False
    trade: str = ""
    downloads: bool = False
    centred: bool = False  # cells stand in the middle of a line that takes several rows
    watermark: bool = False

    @property
    def columns(self) -> tuple[_Column, ...]:
        """Columns of the table of lines."""
        return _BUILDING if self.trade == "建筑服务" else _GOODS

    def cells(self, line: PaperLine) -> dict[str, str]:
        """What a line prints in each column."""
        return {
            "item": line.item,
            "specification": line.specification,
            "unit": line.unit,
            "quantity": "" if line.quantity is None else f"{line.quantity:f}",
            "price": "" if line.price is None else f"{line.price:f}",
            "amount": plain(line.amount_fen),
            "rate": percent(line.rate),
            "tax": "***" if line.rate is None else plain(line.tax_fen),
            "place": "合成省合成市",
            "project": "合成工程（一期）",
        }


def draw_digital(sheet: Sheet, invoice: PaperInvoice, form: DigitalForm) -> None:
    """Draw one invoice from the sheet's present top; further pages are added as needed."""
    heights = [_height(form, line) for line in invoice.lines]
    pages = _paged(heights)
    for number, (first, last) in enumerate(pages):
        if number:
            sheet.next_page()
        _draw_page(sheet, invoice, form, (first, last), (number + 1, len(pages)))


def _paged(heights: list[int]) -> list[tuple[int, int]]:
    """Lines from, to (excluded) on each page: seven rows fit."""
    pages, first, used = [], 0, 0
    for index, height in enumerate(heights):
        if used and used + height > 7:
            pages.append((first, index))
            first, used = index, 0
        used += height
    return [*pages, (first, len(heights))]


def _height(form: DigitalForm, line: PaperLine) -> int:
    cells = form.cells(line)
    return max(len(wrapped(cells[path], x1 - x0, 9)) for path, _, x0, x1, _ in form.columns if cells[path])


def _draw_page(
    sheet: Sheet, invoice: PaperInvoice, form: DigitalForm, span: tuple[int, int], page: tuple[int, int]
) -> None:
    number, of = page
    sheet.label(105, 15, _TITLES.get(invoice.kind, _TITLES["digital_ordinary"]), 16, "centre")
    sheet.label(5, 8, f"{MARK}  {form.trade}".strip(), 8)
    _pair(sheet, form, 150, 12, "发票号码：", invoice.number)
    _pair(sheet, form, 150, 18, "开票日期：", f"{invoice.issued:%Y年%m月%d日}")
    if form.downloads:
        sheet.label(150, 24, "下载次数：1")
    if of > 1:
        sheet.label(180, 27, f"共{of}页 第{number}页", 8)
    _party(sheet, form, "购买方信息", invoice.buyer, 5)
    _party(sheet, form, "销售方信息", invoice.seller, 105)
    _table(sheet, invoice, form, span)
    _sums(sheet, invoice, span, of > 1, last=number == of)
    _rules(sheet, form)
    sheet.upright(6, 107, "备注", 6)
    rows = wrapped(invoice.full_remark, 190, 9)
    for count, row in enumerate(rows if number == of else []):
        sheet.value(13, 105 + count * _ROW, row)
    _pair(sheet, form, 15, 133, "开票人：", invoice.drawer)
    if form.watermark:
        sheet.watermark(MARK, 60, 95)


def _pair(sheet: Sheet, form: DigitalForm, x: float, y: float, label: str, value: str) -> None:
    if form.glued:
        sheet.label(x, y, label + value)
    else:
        sheet.label(x, y, label)
        sheet.value(x + 17, y, value)


def _party(sheet: Sheet, form: DigitalForm, name: str, party: Party, x: float) -> None:
    sheet.upright(x + 1, 33, name, 4)
    rows = wrapped(party.name, 78, 9)
    if form.glued and len(rows) == 1:
        sheet.label(x + 8, 36, f"名称：{party.name}")
    else:
        sheet.label(x + 8, 36, "名称：")
        for number, row in enumerate(rows):
            sheet.value(x + 18, 36 + _ROW * (number - (len(rows) - 1) / 2 * form.centred), row)
    label = "统一社会信用代码/纳税人识别号："
    if form.glued:
        sheet.label(x + 8, 47, label + party.code)
    else:
        sheet.label(x + 8, 47, label)
        sheet.value(x + 57, 47, party.code)


def _table(sheet: Sheet, invoice: PaperInvoice, form: DigitalForm, span: tuple[int, int]) -> None:
    """Headings and lines."""
    for _, heading, x0, x1, _ in form.columns:
        sheet.label((x0 + x1) / 2, 56, heading, align="centre")
    y = 61.0
    for line in invoice.lines[span[0] : span[1]]:
        cells, height = form.cells(line), _height(form, line)
        for path, _, x0, x1, align in form.columns:
            rows = wrapped(cells[path], x1 - x0, 9)
            x = {"left": x0, "right": x1, "centre": (x0 + x1) / 2}[align]
            down = (height - len(rows)) / 2 if form.centred else 0.0
            for number, row in enumerate(rows):
                sheet.value(x, y + _ROW * (number + down), row, align=align)
        y += _ROW * height


def _sums(sheet: Sheet, invoice: PaperInvoice, span: tuple[int, int], several: bool, *, last: bool) -> None:
    """The page's own sum where there are several, and those of the invoice on the last page."""
    exempt = all(line.rate is None for line in invoice.lines)
    tax = "***" if exempt else f"¥{plain(invoice.tax_fen)}"
    if several:
        lines = invoice.lines[span[0] : span[1]]
        sheet.label(12, 91, "小 计")
        sheet.value(153, 91, f"¥{plain(sum(x.amount_fen for x in lines))}", align="right")
        sheet.value(205, 91, f"¥{plain(sum(x.tax_fen for x in lines))}", align="right")
    sheet.label(12, 95.5, "合 计")
    sheet.label(10, 101, "价税合计（大写）")
    sheet.label(140, 101, "（小写）")
    if last:
        sheet.value(153, 95.5, f"¥{plain(invoice.amount_fen)}", align="right")
        sheet.value(205, 95.5, tax, align="right")
        sheet.value(60, 101, in_words(invoice.total_fen))
        sheet.value(155, 101, f"¥{plain(invoice.total_fen)}")


def _rules(sheet: Sheet, form: DigitalForm) -> None:
    across = ((4.5, y, 205.5, y) for y in (29.0, 52.0, 97.5, 103.0, 128.0))
    down = ((x, 29.0, x, 128.0) for x in (4.5, 205.5))
    sheet.rules(*across, *down, (104, 29, 104, 52), (11, 29, 11, 52), (111, 29, 111, 52))
    if form.ruled:
        sheet.rules(*((x0 - 0.3, 52.0, x0 - 0.3, 97.5) for _, _, x0, _, _ in form.columns[1:]))
