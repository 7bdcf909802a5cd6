"""A fully digitalised invoice as a small tax bureau's own template prints it: values first, labels after."""

from dataclasses import dataclass
from datetime import date

from seeds.kept_out.pages import Sheets, wrapped
from seeds.paper import PaperInvoice, PaperLine, Party, in_words, percent, plain

_WIDTH, _HEIGHT = 612.0, 398.0
_SIZE = 7.5
#: Column → (left edge, right edge, how it stands in there).
_COLUMNS = {
    "项目名称": (22.0, 150.0, "left"),
    "规格型号": (152.0, 214.0, "left"),
    "单  位": (216.0, 250.0, "centre"),
    "数  量": (252.0, 322.0, "right"),
    "单  价": (324.0, 398.0, "right"),
    "金  额": (400.0, 466.0, "right"),
    "税率/征收率": (468.0, 518.0, "right"),
    "税  额": (520.0, 590.0, "right"),
}
_TITLES = {
    "digital_special": "电子发票（增值税专用发票）",
    "digital_ordinary": "电子发票（普通发票）",
}
_BODY_TOP, _BODY_END = 146.0, 262.0


@dataclass(frozen=True)
class _Row:
    """A line of the invoice as cells of one or more printed lines."""

    cells: dict[str, list[str]]

    @property
    def height(self) -> float:
        return 10.5 * max(len(c) for c in self.cells.values()) + 1.5


def invoice_pdf(invoice: PaperInvoice) -> bytes:
    """The invoice; lines that do not fit go on further pages. ValueError unless its number has 20 digits."""
    if len(invoice.number) != 20:
        raise ValueError("this layout is for fully digitalised invoices")
    sheets = Sheets(_WIDTH, _HEIGHT)
    pages = _pages([_row(line) for line in invoice.lines])
    for number, rows in enumerate(pages, 1):
        _page(sheets, invoice, rows, number, len(pages))
        sheets.next()
    return sheets.data()


def _row(line: PaperLine) -> _Row:
    texts = {
        "项目名称": line.item,
        "规格型号": line.specification,
        "单  位": line.unit,
        "数  量": "" if line.quantity is None else f"{line.quantity.normalize():f}",
        "单  价": "" if line.price is None else f"{line.price:f}",
        "金  额": plain(line.amount_fen),
        "税率/征收率": percent(line.rate),
        "税  额": "***" if line.rate is None else plain(line.tax_fen),
    }
    widths = {name: right - left for name, (left, right, _) in _COLUMNS.items()}
    return _Row({name: wrapped(text, widths[name], _SIZE) for name, text in texts.items()})


def _pages(rows: list[_Row]) -> list[list[_Row]]:
    pages: list[list[_Row]] = [[]]
    room = _BODY_END - _BODY_TOP
    for row in rows:
        if pages[-1] and sum(r.height for r in pages[-1]) + row.height > room:
            pages.append([])
        pages[-1].append(row)
    return pages


def _page(sheets: Sheets, invoice: PaperInvoice, rows: list[_Row], number: int, of: int) -> None:
    last = number == of
    _values(sheets, invoice, rows)
    if last:
        _sums(sheets, invoice)
    _labels(sheets, invoice, last)
    if of > 1:
        sheets.text(590, 60, f"共{of}页 第{number}页", 7, "right")
    for x in (18, 594):
        sheets.rule(x, 70, x, 370)
    for y in (70, 132, 264, 296, 314, 370):
        sheets.rule(18, y, 594, y)


def _values(sheets: Sheets, invoice: PaperInvoice, rows: list[_Row]) -> None:
    sheets.text(500, 34, invoice.number, 8.5)
    day = invoice.issued if isinstance(invoice.issued, date) else invoice.issued.date()
    sheets.text(500, 50, f"{day.year}年{day.month:02d}月{day.day:02d}日", 8.5)
    _party(sheets, invoice.buyer, 42)
    _party(sheets, invoice.seller, 334)
    y = _BODY_TOP
    for row in rows:
        for name, cell in row.cells.items():
            left, right, align = _COLUMNS[name]
            x = {"left": left, "right": right, "centre": (left + right) / 2}[align]
            for i, text in enumerate(cell):
                sheets.text(x, y + 10.5 * (i + 1), text, _SIZE, align)
        y += row.height


def _party(sheets: Sheets, party: Party, x: float) -> None:
    for i, line in enumerate(wrapped(party.name, 210, 8.5)):
        sheets.text(x + 34, 86 + 11 * i, line, 8.5)
    sheets.text(x + 126, 120, party.code, 8.5)


def _sums(sheets: Sheets, invoice: PaperInvoice) -> None:
    sheets.text(466, 286, f"¥{plain(invoice.amount_fen)}", _SIZE, "right")
    exempt = all(line.rate is None for line in invoice.lines)
    sheets.text(590, 286, "***" if exempt else f"¥{plain(invoice.tax_fen)}", _SIZE, "right")
    sheets.text(180, 308, in_words(invoice.total_fen), 9)
    sheets.text(470, 308, f"¥{plain(invoice.total_fen)}", 9)
    lines = [line for part in invoice.full_remark.splitlines() for line in wrapped(part, 520, 7.5)]
    for i, line in enumerate(lines):
        sheets.text(46, 328 + 10 * i, line, 7.5)
    sheets.text(590, 384, "合成数据", 7.5, "right")
    sheets.text(90, 384, invoice.drawer or "王开票", 8.5)


def _labels(sheets: Sheets, invoice: PaperInvoice, last: bool) -> None:
    sheets.text(_WIDTH / 2, 44, _TITLES.get(invoice.kind, _TITLES["digital_ordinary"]), 15, "centre")
    sheets.text(440, 34, "发票号码：", 8.5)
    sheets.text(440, 50, "开票日期：", 8.5)
    for x, letters in ((24.0, "购买方信息"), (316.0, "销售方信息")):
        for i, letter in enumerate(letters):
            sheets.text(x, 82 + 11 * i, letter, 8)
    for x in (42.0, 334.0):
        sheets.text(x, 86, "名称：", 8.5)
        sheets.text(x, 120, "统一社会信用代码/纳税人识别号：", 8)
    for name, (left, right, _) in _COLUMNS.items():
        sheets.text((left + right) / 2, 143, name, _SIZE, "centre")
    sheets.text(60, 286, "合" if last else "小", 8)
    sheets.text(100, 286, "计", 8)
    sheets.text(40, 308, "价税合计（大写）", 8.5)
    sheets.text(430, 308, "（小写）", 8.5)
    for i, letter in enumerate("备注"):
        sheets.text(24, 332 + 16 * i, letter, 8.5)
    sheets.text(48, 384, "开票人：", 8.5)
