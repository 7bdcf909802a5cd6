"""A report as PDF. The same report gives the same bytes; the font of its Chinese comes with the reader."""

import io
from html import escape
from typing import Any

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import (
    CondPageBreak,
    Image,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from services.report.content import Block, Grid, Picture, Report, Section, Text

FONT = "STSong-Light"
_WIDTH = A4[0] - 36 * mm
#: Room that a heading, or a line over a table, needs under it: neither stands alone at the foot of a page.
_UNDER_HEAD, _UNDER_LINE = 42 * mm, 24 * mm
_SHADES = {1: "#DCEBF2", 2: "#B3D2E0", 3: "#7FB0C8", 4: "#2F7A9E"}
_LINE = colors.HexColor("#C4CDD6")


def _style(size: float, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        f"s{size}{sorted(more)}", fontName=FONT, fontSize=size, leading=size * 1.4, wordWrap="CJK", **more
    )


_TITLE, _NAME, _HEAD = (
    _style(19, spaceAfter=4),
    _style(14, spaceAfter=6),
    _style(11.5, spaceBefore=10, spaceAfter=4),
)
_BODY, _SMALL = _style(9.5, spaceAfter=3), _style(8)
_RIGHT = _style(8, alignment=TA_RIGHT)


def pdf(report: Report) -> bytes:
    """The report as a file."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    file = io.BytesIO()
    document = SimpleDocTemplate(
        file, pagesize=A4, leftMargin=18 * mm, rightMargin=18 * mm, topMargin=20 * mm, bottomMargin=16 * mm,
        title=f"{report.title} {report.name}", author="Dayan", invariant=1,
    )  # fmt: skip
    story: list[Any] = [_said(report.title, _TITLE), _said(report.name, _NAME)]
    story += _grid(Grid([], [list(one) for one in report.facts], widths=(0.3, 0.7)))
    for section in report.sections:
        story += _section(section)

    def page(canvas: Any, at: Any) -> None:
        canvas.setFont(FONT, 8)
        canvas.setFillColor(colors.HexColor("#566273"))
        canvas.drawString(18 * mm, A4[1] - 12 * mm, "   ".join((report.title, report.name, *report.marks)))
        canvas.drawRightString(A4[0] - 18 * mm, 9 * mm, str(at.page))

    document.build(story, onFirstPage=page, onLaterPages=page)
    return file.getvalue()


def _section(section: Section) -> list[Any]:
    story: list[Any] = []
    if section.title:
        story += [CondPageBreak(_UNDER_HEAD), _said(section.title, _HEAD)]
    blocks = list(section.blocks)
    while blocks:
        block = blocks.pop(0)
        under = blocks[0] if blocks and isinstance(block, Text) else None
        if isinstance(under, Grid) and under.shades:
            # A shaded table is read as a picture: it takes the line over it along.
            blocks.pop(0)
            story += [KeepTogether([*_block(block), _table(under)]), Spacer(1, 6)]
        elif isinstance(under, Grid):
            story += [CondPageBreak(_UNDER_LINE), *_block(block)]
        else:
            story += _block(block)
    return story


def _said(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(text).replace("\n", "<br/>"), style)


def _block(block: Block) -> list[Any]:
    match block:
        case Text():
            return [_said(block.text, _SMALL if block.quiet else _BODY)]
        case Grid():
            return _grid(block)
        case Picture():
            wide, high = ImageReader(io.BytesIO(block.png)).getSize()
            width = _WIDTH * block.share
            picture: list[Any] = [Image(io.BytesIO(block.png), width, width * high / wide)]
            return [KeepTogether([*picture, _said(block.caption, _SMALL), Spacer(1, 4)])]


def _grid(grid: Grid) -> list[Any]:
    if not grid.head and not grid.rows:
        return []
    table = _table(grid)
    # It stays on one page where it is read as a picture and fits on one.
    return [KeepTogether(table) if grid.shades else table, Spacer(1, 6)]


def _table(grid: Grid) -> Any:
    lines = [*([list(grid.head)] if grid.head else []), *grid.rows]
    columns = len(lines[0])
    widths = [_WIDTH * share for share in (grid.widths or [1 / columns] * columns)]
    cells = [
        [_said(text, _RIGHT if column in grid.numbers else _SMALL) for column, text in enumerate(line)]
        for line in lines
    ]
    style = [
        ("GRID", (0, 0), (-1, -1), 0.4, _LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ]
    if grid.head:
        style.append(("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#F4F6F8")))
    for (row, column), shade in grid.shades.items():
        at = (column, row + bool(grid.head))
        style.append(("BACKGROUND", at, at, colors.HexColor(_SHADES[shade])))
    table: Any = Table(cells, widths, repeatRows=1 if grid.head else 0)
    table.setStyle(TableStyle(style))
    return table
