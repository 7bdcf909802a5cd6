"""Writer of invoices as OFD (GB/T 33190), in the manner of fully digitalised ones: printed pages, named
values in `OFD.xml`, and tags that point at the printed text. No attachment, no signature.

The zip stores its parts uncompressed with one fixed date, so that bytes do not depend on the machine.
"""

import re
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from xml.sax.saxutils import escape

from seeds.paper import PaperInvoice, PaperLine, Party, in_words, percent, plain

_NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SIZE = 3.175  # millimetres: nine point
_ROW = 4.5
_FONT = 900
#: Lines of the form on the front page: x0, y0, x1, y1.
_RULES = (
    *((4.5, y, 205.5, y) for y in (29.0, 51.0, 95.0, 103.0, 127.0)),
    *((x, 29.0, x, 127.0) for x in (4.5, 205.5)),
)
_WIDE = re.compile(r"[ᄀ-￿]")
_TITLES = {True: "电子发票（增值税专用发票）", False: "电子发票（普通发票）"}
#: Column of the line table: tag, left edge, width, in millimetres.
_COLUMNS = (
    ("Item", 4.5, 36.5),
    ("Specification", 41.0, 24.0),
    ("MeasurementDimension", 65.0, 12.5),
    ("Quantity", 77.5, 25.0),
    ("Price", 102.5, 25.0),
    ("Amount", 127.5, 25.5),
    ("TaxScheme", 154.0, 25.0),
    ("TaxAmount", 179.5, 26.0),
)
_HEADINGS = ("项目名称", "规格型号", "单 位", "数 量", "单 价", "金 额", "税率/征收率", "税 额")
_TABLE_TOP, _FRONT_BOTTOM, _PAGE_BOTTOM = 56.0, 88.0, 280.0
_FRONT_HEIGHT, _NEXT_HEIGHT = 140, 297


@dataclass
class _Sheet:
    """The pages being printed and the tags that point at them."""

    pages: list[list[str]] = field(default_factory=lambda: [[]])
    tags: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    last_id: int = 1000

    def print(self, text: str, x: float, y: float, width: float, tag: str = "") -> None:
        """Print one line on the last page, tagged when the text is a value."""
        if not text.strip():
            return
        self.last_id += 1
        deltas = " ".join(f"{_width(c):.4f}" for c in text[:-1])
        delta = f' DeltaX="{deltas}"' if deltas else ""
        self.pages[-1].append(
            f'<ofd:TextObject ID="{self.last_id}" Boundary="{x:g} {y:g} {width:g} {_ROW:g}" Font="{_FONT}" '
            f'Size="{_SIZE}"><ofd:TextCode X="0" Y="3.3"{delta}>{escape(text)}</ofd:TextCode>'
            "</ofd:TextObject>"
        )
        if tag:
            self.tags[tag].append((len(self.pages), self.last_id))

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Draw a straight line on the last page."""
        self.last_id += 1
        width, height = x1 - x0, y1 - y0
        self.pages[-1].append(
            f'<ofd:PathObject ID="{self.last_id}" Boundary="{x0:g} {y0:g} {width + 0.3:g} {height + 0.3:g}" '
            f'LineWidth="0.25"><ofd:AbbreviatedData>M 0.1 0.1 L {width + 0.1:g} {height + 0.1:g}'
            "</ofd:AbbreviatedData></ofd:PathObject>"
        )

    def print_wrapped(self, text: str, x: float, y: float, width: float, tag: str = "") -> int:
        """Print a text on as many rows as it needs; the number of rows."""
        rows = _wrapped(text, width)
        for number, row in enumerate(rows):
            self.print(row, x, y + number * _ROW, width, tag)
        return len(rows)


def write_ofd(invoice: PaperInvoice) -> bytes:
    """The invoice as an OFD file."""
    sheet = _Sheet()
    _print_front(sheet, invoice)
    y, bottom = _TABLE_TOP, _FRONT_BOTTOM
    for line in invoice.lines:
        if y + len(_wrapped(line.item, _COLUMNS[0][2])) * _ROW > bottom:
            sheet.pages.append([])
            y, bottom = 20.0, _PAGE_BOTTOM
        y += _ROW * _print_line(sheet, line, y)
    return _zip(
        {
            "OFD.xml": _entry(invoice),
            "Doc_0/Document.xml": _document(sheet),
            "Doc_0/PublicRes.xml": _resources(),
            "Doc_0/Tags/CustomTags.xml": (
                f'<ofd:CustomTags {_NS}><ofd:CustomTag TypeID="root"><ofd:FileLoc>CustomTag.xml</ofd:FileLoc>'
                "</ofd:CustomTag></ofd:CustomTags>"
            ),
            "Doc_0/Tags/CustomTag.xml": _tags(sheet),
            **{
                f"Doc_0/Pages/Page_{number}/Content.xml": _content(number, objects)
                for number, objects in enumerate(sheet.pages)
            },
        }
    )


def _print_front(sheet: _Sheet, invoice: PaperInvoice) -> None:
    """Everything but the lines."""
    special = invoice.kind in {"digital_special", "self_billed", "farm_purchase"}
    sheet.print(_TITLES[special], 65, 10, 80)
    for ends in _RULES:
        sheet.rule(*ends)
    sheet.print("发票号码：", 150, 10, 20)
    sheet.print(invoice.number, 170, 10, 38, "InvoiceNo")
    sheet.print("开票日期：", 150, 16, 20)
    sheet.print(f"{invoice.issued:%Y年%m月%d日}", 170, 16, 38, "IssueDate")
    _print_party(sheet, "Buyer", "购买方信息", invoice.buyer, 5)
    _print_party(sheet, "Seller", "销售方信息", invoice.seller, 105)
    for (_, x, width), heading in zip(_COLUMNS, _HEADINGS, strict=True):
        sheet.print(heading, x, 51.5, width)
    sheet.print("合 计", 10, 90, 20)
    sheet.print(f"¥{plain(invoice.amount_fen)}", 127.5, 90, 26, "TaxExclusiveTotalAmount")
    sheet.print(f"¥{plain(invoice.tax_fen)}", 179.5, 90, 26, "TaxTotalAmount")
    sheet.print("价税合计（大写）", 10, 96, 40)
    sheet.print(in_words(invoice.total_fen), 60, 96, 90, "TaxInclusiveTotalAmount")
    sheet.print(f"¥{plain(invoice.total_fen)}", 155.5, 96, 48, "TaxInclusiveTotalAmount")
    sheet.print("备注", 5, 104, 6)
    y = 104.0
    for row in invoice.full_remark.split("\n"):
        y += 3.3 * sheet.print_wrapped(row, 11, y, 193, "Note")
    sheet.print("开票人：", 18, 129, 14)
    sheet.print(invoice.drawer, 32, 129, 100, "InvoiceClerk")


def _print_party(sheet: _Sheet, role: str, heading: str, party: Party, x: float) -> None:
    sheet.print(heading, x, 30, 40)
    sheet.print("名称：", x, 35, 15)
    sheet.print_wrapped(party.name, x + 15, 35, 80, f"{role}/{role}Name")
    sheet.print("统一社会信用代码/纳税人识别号：", x, 45, 50)
    sheet.print(party.code, x + 50, 45, 45, f"{role}/{role}TaxID")


def _print_line(sheet: _Sheet, line: PaperLine, y: float) -> int:
    """One line of the table; the rows it took."""
    cells = (
        line.item,
        line.specification,
        line.unit,
        "" if line.quantity is None else f"{line.quantity:f}",
        "" if line.price is None else f"{line.price:f}",
        plain(line.amount_fen),
        percent(line.rate),
        plain(line.tax_fen),
    )
    wrapping = {"Item", "Specification"}
    took = 1
    for (tag, x, width), cell in zip(_COLUMNS, cells, strict=True):
        if tag in wrapping:
            took = max(took, sheet.print_wrapped(cell, x, y, width, tag))
        else:
            sheet.print(cell, x, y, width, tag)
    return took


def _wrapped(text: str, width: float) -> list[str]:
    """A text cut into rows that fit."""
    rows, row, used = [], "", 0.0
    for char in text:
        if row and used + _width(char) > width:
            rows.append(row)
            row, used = "", 0.0
        row, used = row + char, used + _width(char)
    return [*rows, row] if row else rows


def _width(char: str) -> float:
    return _SIZE if _WIDE.match(char) else _SIZE / 2


def _entry(invoice: PaperInvoice) -> str:
    named = {
        "发票号码": invoice.number,
        "开票日期": f"{invoice.issued:%Y年%m月%d日}",
        "合计金额": plain(invoice.amount_fen),
        "合计税额": plain(invoice.tax_fen),
        "购买方纳税人识别号": invoice.buyer.code,
        "销售方纳税人识别号": invoice.seller.code,
    }
    values = "".join(
        f'<ofd:CustomData Name="{name}">{escape(value)}</ofd:CustomData>' for name, value in named.items()
    )
    return (
        f'<ofd:OFD {_NS} DocType="OFD" Version="1.1"><ofd:DocBody><ofd:DocInfo>'
        f"<ofd:DocID>{escape(invoice.number)}</ofd:DocID><ofd:CreationDate>{invoice.issued:%Y-%m-%d}"
        f"</ofd:CreationDate><ofd:CustomDatas>{values}</ofd:CustomDatas></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    )


def _document(sheet: _Sheet) -> str:
    pages = "".join(
        f'<ofd:Page ID="{number}" BaseLoc="Pages/Page_{number - 1}/Content.xml"/>'
        for number in range(1, len(sheet.pages) + 1)
    )
    return (
        f"<ofd:Document {_NS}><ofd:CommonData><ofd:MaxUnitID>{sheet.last_id}</ofd:MaxUnitID><ofd:PageArea>"
        f"<ofd:PhysicalBox>0 0 210 {_FRONT_HEIGHT}</ofd:PhysicalBox></ofd:PageArea>"
        "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData>"
        f"<ofd:Pages>{pages}</ofd:Pages><ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags></ofd:Document>"
    )


def _resources() -> str:
    return (
        f'<ofd:Res {_NS} BaseLoc="Res"><ofd:Fonts>'
        f'<ofd:Font ID="{_FONT}" FontName="宋体" FamilyName="SimSun"/></ofd:Fonts></ofd:Res>'
    )


def _content(number: int, objects: list[str]) -> str:
    height = _NEXT_HEIGHT if number else _FRONT_HEIGHT
    return (
        f"<ofd:Page {_NS}><ofd:Area><ofd:PhysicalBox>0 0 210 {height}</ofd:PhysicalBox></ofd:Area>"
        f'<ofd:Content><ofd:Layer ID="{500 + number}">{"".join(objects)}</ofd:Layer></ofd:Content></ofd:Page>'
    )


def _tags(sheet: _Sheet) -> str:
    def refs(tag: str) -> str:
        places = sheet.tags[tag]
        return "".join(f'<ofd:ObjectRef PageRef="{page}">{ident}</ofd:ObjectRef>' for page, ident in places)

    groups: dict[str, list[str]] = defaultdict(list)
    for tag in list(sheet.tags):
        group, _, name = tag.rpartition("/")
        groups[group].append(f"<ofd:{name}>{refs(tag)}</ofd:{name}>")
    inner = "".join(
        "".join(parts) if not group else f"<ofd:{group}>{''.join(parts)}</ofd:{group}>"
        for group, parts in groups.items()
    )
    return f'<ofd:root {_NS} version="1.0">{inner}</ofd:root>'


def _zip(parts: dict[str, str]) -> bytes:
    out, moment = BytesIO(), datetime(1980, 1, 1)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, text in parts.items():
            info = zipfile.ZipInfo(name, moment.timetuple()[:6])
            info.create_system = 0
            archive.writestr(info, (_HEAD + text).encode())
    return out.getvalue()
