"""A report as DOCX. The same report gives the same bytes."""

import io
import zipfile
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from services.report.content import Block, Grid, Picture, Report, Text

#: Named, not embedded: whatever reads the file has a font of that kind or puts its own.
_FONT, _LATIN = "SimSun", "Arial"
_WIDTH_MM = 174.0
_SHADES = {1: "DCEBF2", 2: "B3D2E0", 3: "7FB0C8", 4: "2F7A9E"}
_THEN = datetime(1980, 1, 1)


def docx(report: Report) -> bytes:
    """The report as a file."""
    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(18)
    page.top_margin = page.bottom_margin = Mm(18)
    _styles(document)
    said = document.core_properties
    said.author, said.title, said.comments = "Dayan", f"{report.title} {report.name}", ""
    said.created = said.modified = _THEN
    header, footer = page.header.paragraphs[0], page.footer.paragraphs[0]
    _small(header.add_run("   ".join((report.title, report.name, *report.marks))))
    footer.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _field(footer, "PAGE")
    _small(footer.add_run(" / "))
    _field(footer, "NUMPAGES")
    document.add_heading(report.title, 0)
    document.add_heading(report.name, 1)
    _grid(document, Grid([], [list(one) for one in report.facts], widths=(0.3, 0.7)))
    for section in report.sections:
        if section.title:
            document.add_heading(section.title, 2)
        for block in section.blocks:
            _block(document, block)
    return _same(document)


def _styles(document: "Document") -> None:  # type: ignore[valid-type]
    for name, size in (("Normal", 9.5), ("Title", 20), ("Heading 1", 15), ("Heading 2", 12)):
        style = document.styles[name]  # type: ignore[attr-defined]
        style.font.name, style.font.size = _LATIN, Pt(size)
        style.font.color.rgb = RGBColor(0x17, 0x20, 0x2B)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for slot in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(slot), None)
        fonts.set(qn("w:eastAsia"), _FONT)
    document.styles["Normal"].paragraph_format.space_after = Pt(4)  # type: ignore[attr-defined]


def _block(document: "Document", block: Block) -> None:  # type: ignore[valid-type]
    match block:
        case Text():
            run = document.add_paragraph().add_run(block.text)  # type: ignore[attr-defined]
            if block.quiet:
                run.font.size = Pt(8)
        case Grid():
            _grid(document, block)
        case Picture():
            document.add_picture(io.BytesIO(block.png), width=Mm(_WIDTH_MM * block.share))  # type: ignore[attr-defined]
            document.add_paragraph().add_run(block.caption).font.size = Pt(8)  # type: ignore[attr-defined]


def _grid(document: "Document", grid: Grid) -> None:  # type: ignore[valid-type]
    columns = len(grid.head) or len(grid.rows[0]) if grid.rows or grid.head else 0
    if not columns:
        return
    table = document.add_table(rows=0, cols=columns)  # type: ignore[attr-defined]
    table.style, table.autofit = "Table Grid", False
    widths = grid.widths or [1 / columns] * columns
    lines = [*([list(grid.head)] if grid.head else []), *grid.rows]
    for at, line in enumerate(lines):
        row = table.add_row()
        _whole(row, repeated=bool(grid.head) and at == 0)
        cells = row.cells
        for column, text in enumerate(line):
            cell = cells[column]
            cell.width = Mm(_WIDTH_MM * widths[column])
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            run = paragraph.add_run(text)
            run.font.size = Pt(8)
            run.bold = bool(grid.head) and at == 0
            if column in grid.numbers:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if shade := grid.shades.get((at - bool(grid.head), column)):
                _shade(cell, _SHADES[shade])
    document.add_paragraph()  # type: ignore[attr-defined]


def _small(run: Any) -> None:
    run.font.size = Pt(8)
    run.font.color.rgb = RGBColor(0x56, 0x62, 0x73)


def _field(paragraph: Any, name: str) -> None:
    """A number that the reader's program fills in: of the page, of all pages."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run = paragraph.add_run("1")
    _small(run)
    field.append(run._r)
    paragraph._p.append(field)


def _whole(row: Any, repeated: bool) -> None:
    """A row that no page cuts; the head of a table stands again on its every page."""
    properties = row._tr.get_or_add_trPr()
    for name in ("w:cantSplit", *(["w:tblHeader"] if repeated else [])):
        properties.append(OxmlElement(name))


def _shade(cell: object, colour: str) -> None:
    mark = OxmlElement("w:shd")
    mark.set(qn("w:val"), "clear")
    mark.set(qn("w:fill"), colour)
    cell._tc.get_or_add_tcPr().append(mark)  # type: ignore[attr-defined]


def _same(document: "Document") -> bytes:  # type: ignore[valid-type]
    """The file without the time at which it was written."""
    written, file = io.BytesIO(), io.BytesIO()
    document.save(written)  # type: ignore[attr-defined]
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, _THEN.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return file.getvalue()
