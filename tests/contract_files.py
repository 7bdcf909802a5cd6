"""Text → DOCX or PDF, as word processors print it; a line that begins with | is a row of a table."""

import zipfile
from io import BytesIO
from itertools import pairwise
from random import Random
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from extraction.source import Source

FONT = "STSong-Light"
_SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
_LEFT, _WIDTH, _TOP, _BOTTOM = 58.0, 480.0, 790.0, 60.0


def cells(line: str) -> list[str]:
    """The cells of a row."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def as_docx(text: str) -> Source:
    """The text as a Word document."""
    body: list[str] = []
    rows: list[list[str]] = []
    for line in (*text.strip("\n").split("\n"), None):
        if line is not None and line.startswith("|"):
            rows.append(cells(line))
            continue
        if rows:
            body.append(f"<w:tbl>{''.join(map(_docx_row, rows))}</w:tbl>")
            rows = []
        if line is not None:
            body.append(paragraph(line))
    return word("".join(body))


def _docx_row(row: list[str]) -> str:
    return f"<w:tr>{''.join(f'<w:tc>{paragraph(cell)}</w:tc>' for cell in row)}</w:tr>"


def paragraph(text: str) -> str:
    """A paragraph of one run."""
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def word(body: str, **parts: str) -> Source:
    """A Word document with this body, and more parts by name: header1="<w:p>…"."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f"<w:document {_SPACES}><w:body>{body}</w:body></w:document>")
        for name, part in parts.items():
            archive.writestr(f"word/{name}.xml", f"<w:hdr {_SPACES}>{part}</w:hdr>")
    return Source("paper.docx", out.getvalue())


class _Sheet:
    """Pages being drawn. `manner`: plain, letters (one by one) or scan (words apart, a little off)."""

    def __init__(self, manner: str) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        self.out = BytesIO()
        self.canvas = Canvas(self.out, pagesize=(595, 842), invariant=1)
        self.manner, self.random, self.y = manner, Random(5), _TOP

    def room(self, height: float) -> None:
        """Begin a new page where `height` does not fit."""
        if self.y - height < _BOTTOM:
            self.canvas.setFont(FONT, 9)
            self.canvas.drawCentredString(297, 30, str(self.canvas.getPageNumber()))
            self.canvas.showPage()
            self.y = _TOP

    def draw(self, x: float, y: float, text: str, size: float) -> None:
        self.canvas.setFont(FONT, size)
        if self.manner == "plain":
            self.canvas.drawString(x, y, text)
            return
        i = 0
        while i < len(text):
            count = 1 if self.manner == "letters" else self.random.randint(2, 9)
            off = 0.0 if self.manner == "letters" else self.random.uniform(-1, 1)
            piece = text[i : i + count]
            if piece.strip():
                self.canvas.drawString(x + width(text[:i], size) + off / 2, y + off, piece)
            i += count


def width(text: str, size: float) -> float:
    """How wide a text is."""
    return pdfmetrics.stringWidth(text, FONT, size)


def wrapped(text: str, room: float, size: float) -> list[str]:
    """The lines of a text."""
    lines = [""]
    for character in text:
        if width(lines[-1] + character, size) > room:
            lines.append("")
        lines[-1] += character
    return lines


def as_pdf(text: str, ruled: bool = True, manner: str = "plain") -> Source:
    """The text as a PDF with a text layer, tables with or without rules."""
    sheet = _Sheet(manner)
    rows: list[list[str]] = []
    for line in text.strip("\n").split("\n"):
        if line.startswith("|"):
            rows.append(cells(line))
            continue
        if rows:
            _table(sheet, rows, ruled)
            rows = []
        _paragraph(sheet, line)
    if rows:
        _table(sheet, rows, ruled)
    sheet.canvas.showPage()
    sheet.canvas.save()
    return Source("paper.pdf", sheet.out.getvalue())


def _paragraph(sheet: _Sheet, line: str) -> None:
    if not line.strip():
        sheet.y -= 10
        return
    title = len(line) < 16 and any(w in line for w in ("合同", "协议", "ORDER")) and "：" not in line
    if title and "。" not in line and not line.startswith("第"):
        sheet.room(30)
        sheet.draw(297 - width(line.strip(), 16) / 2, sheet.y - 16, line.strip(), 16)
        sheet.y -= 30
        return
    size, lead = 10.5, 0 if line.startswith(" ") else 21
    first = wrapped(line, _WIDTH - lead, size)
    rest = "".join(first[1:])
    for i, piece in enumerate([first[0], *(wrapped(rest, _WIDTH, size) if rest else [])]):
        sheet.room(18)
        sheet.draw(_LEFT + (lead if i == 0 else 0), sheet.y - 12, piece, size)
        sheet.y -= 18


def _table(sheet: _Sheet, rows: list[list[str]], ruled: bool) -> None:
    """Cells in the middle of their boxes; a row of one or two filled cells spans the empty ones."""
    count = max(len(row) for row in rows)
    rows = [row + [""] * (count - len(row)) for row in rows]
    lone = [sum(bool(c) for c in row) <= 2 and count > 3 for row in rows]
    wide = [
        max([36.0, *(width(r[i], 9) + 12 for r, one in zip(rows, lone, strict=True) if not one)])
        for i in range(count)
    ]
    scale = min(1.0, _WIDTH / sum(wide))
    wide = [max(w * scale, 28.0) for w in wide]
    for row, one in zip(rows, lone, strict=True):
        starts = [i for i in range(count) if i == 0 or row[i] or not one]
        edges = [*starts, count]
        boxes = [(a, b, wrapped(row[a], sum(wide[a:b]) - 8, 9)) for a, b in pairwise(edges)]
        height = max(len(lines) for _, _, lines in boxes) * 11 + 6
        sheet.room(height)
        for a, b, lines in boxes:
            x, across = _LEFT + sum(wide[:a]), sum(wide[a:b])
            if ruled:
                sheet.canvas.rect(x, sheet.y - height, across, height)
            top = sheet.y - 3 - (height - 6 - len(lines) * 11) / 2 - 8.5
            for i, line in enumerate(lines):
                sheet.draw(x + across / 2 - width(line, 9) / 2, top - i * 11, line, 9)
        sheet.y -= height
    sheet.y -= 8
