"""A paper as paragraphs and tables, and its two renderings: DOCX and PDF. The same blocks, the same bytes."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

FONT = "STSong-Light"
MARK = "合成数据"
_WIDTH = 170 * mm
#: The date of everything inside: papers must not differ by the day they were made.
_MADE = datetime(2000, 1, 1)


@dataclass(frozen=True)
class Text:
    """A paragraph; a title stands in the middle, larger."""

    text: str
    title: bool = False


@dataclass(frozen=True)
class Pair:
    """Two texts side by side, as signature blocks have them, without a table's lines."""

    left: str
    right: str


@dataclass(frozen=True)
class Grid:
    """A table of texts; `widths` are shares; in `spans` (row, first column, last column) are one cell."""

    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...] = ()
    spans: tuple[tuple[int, int, int], ...] = ()
    ruled: bool = True


Block = Text | Pair | Grid


def to_docx(blocks: Sequence[Block]) -> bytes:
    """The paper as a Word document."""
    paper = docx.Document()
    paper.core_properties.created = paper.core_properties.modified = _MADE
    paper.core_properties.author = paper.core_properties.title = MARK
    for block in blocks:
        if isinstance(block, Text):
            paragraph = paper.add_paragraph(block.text)
            if block.title:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif isinstance(block, Pair):
            paper.add_paragraph(f"{block.left}\t\t{block.right}")
        else:
            _docx_table(paper, block)
    out = BytesIO()
    paper.save(out)
    return _undated(out.getvalue())


def _docx_table(paper: "docx.document.Document", grid: Grid) -> None:
    table = paper.add_table(len(grid.rows), len(grid.rows[0]))
    if grid.ruled:
        table.style = "Table Grid"
    for row, first, last in grid.spans:
        table.cell(row, first).merge(table.cell(row, last))
    covered = {(r, c) for r, first, last in grid.spans for c in range(first + 1, last + 1)}
    for r, texts in enumerate(grid.rows):
        cells = table.rows[r].cells
        for c, text in enumerate(texts):
            if (r, c) not in covered:
                cells[c].text = text


def _undated(data: bytes) -> bytes:
    """The same zip with every member of one date."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, old.read(name))
    return out.getvalue()


def to_pdf(blocks: Sequence[Block], running: str = "") -> bytes:
    """The paper as a PDF with a text layer; `running` stands at the top of every page."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    body = ParagraphStyle("body", fontName=FONT, fontSize=10.5, leading=17, wordWrap="CJK")
    title = ParagraphStyle("title", body, fontSize=16, leading=28, alignment=TA_CENTER)
    small = ParagraphStyle("cell", body, fontSize=9, leading=12)
    flow: list[object] = []
    for block in blocks:
        if isinstance(block, Text):
            flow.append(Paragraph(_shown(block.text), title if block.title else body))
        elif isinstance(block, Pair):
            cells = [[Paragraph(_shown(block.left), body), Paragraph(_shown(block.right), body)]]
            flow.append(Table(cells, colWidths=[_WIDTH / 2] * 2, style=TableStyle([])))
        else:
            flow += [Spacer(1, 4), _pdf_table(block, small), Spacer(1, 4)]
    out = BytesIO()
    paper = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=20 * mm, rightMargin=20 * mm, invariant=1, title=MARK, author=MARK
    )

    def edges(canvas: Canvas, template: SimpleDocTemplate) -> None:
        canvas.setFont(FONT, 8)
        if running:
            canvas.drawString(20 * mm, 285 * mm, running)
        canvas.drawCentredString(105 * mm, 10 * mm, f"第 {template.page} 页")

    paper.build(flow, onFirstPage=edges, onLaterPages=edges)
    return out.getvalue()


def _pdf_table(grid: Grid, style: ParagraphStyle) -> Table:
    count = len(grid.rows[0])
    widths = grid.widths or (1 / count,) * count
    rules: list[tuple[Any, ...]] = [("SPAN", (a, r), (b, r)) for r, a, b in grid.spans] + [
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE")
    ]
    if grid.ruled:
        rules.append(("GRID", (0, 0), (-1, -1), 0.5, (0, 0, 0)))
    cells = [[Paragraph(_shown(text), style) for text in row] for row in grid.rows]
    return Table(cells, colWidths=[_WIDTH * w for w in widths], style=TableStyle(rules), repeatRows=0)


def _shown(text: str) -> str:
    return escape(text).replace("\t", "&nbsp;" * 8).replace("  ", "&nbsp;&nbsp;").replace("\n", "<br/>")
