"""Pages of a PDF being drawn: text and rules in millimetres from the top left, in one pass or in two.

Makers of invoices differ in how they draw the same words: label and value as one text or apart, letter
by letter, all labels before all values. `Sheet` draws in each of these manners; what stands on the page
is the same. The same calls give the same bytes.
"""

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from reportlab.lib.units import mm
from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

FONT = "STSong-Light"
#: What every invented paper says.
MARK = "合成数据"


@dataclass
class Sheet:
    """A PDF of pages `width` by `height` millimetres.

    `apart`: labels and values are drawn in two passes. `letters`: letter by letter.
    """

    width: float
    height: float
    apart: bool = False
    letters: bool = False
    size: float = 9.0
    _out: BytesIO = field(default_factory=BytesIO)
    _later: list[tuple[float, float, str, float]] = field(default_factory=list)
    _top: float = 0.0

    def __post_init__(self) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        size = (self.width * mm, self.height * mm)
        self.canvas = Canvas(self._out, pagesize=size, invariant=True, pageCompression=1)
        self.canvas.setTitle(MARK)

    def move(self, top: float) -> None:
        """Measure from `top` millimetres below the page's edge: a second form on the same page."""
        self._flush()
        self._top = top

    def label(self, x: float, y: float, text: str, size: float | None = None, align: str = "left") -> None:
        """A word of the form itself; `y` is its base line."""
        self._draw(_start(x, text, size or self.size, align), y, text, size or self.size)

    def value(self, x: float, y: float, text: str, size: float | None = None, align: str = "left") -> None:
        """A value; with `apart` it is drawn after all labels."""
        size = size or self.size
        start = _start(x, text, size, align)
        if self.apart:
            self._later.append((start, y, text, size))
        else:
            self._draw(start, y, text, size)

    def upright(self, x: float, y: float, text: str, step: float, size: float | None = None) -> None:
        """Letters one under another, as the sides of the form are named."""
        for number, letter in enumerate(text):
            self.label(x, y + number * step, letter, size)

    def rules(self, *ends: tuple[float, float, float, float]) -> None:
        """Straight lines x0, y0, x1, y1."""
        self.canvas.setLineWidth(0.5)
        for x0, y0, x1, y1 in ends:
            self.canvas.line(x0 * mm, self._y(y0), x1 * mm, self._y(y1))

    def watermark(self, text: str, x: float, y: float) -> None:
        """Large slanted letters across the page."""
        self.canvas.saveState()
        self.canvas.setFillGray(0.85)
        self.canvas.translate(x * mm, self._y(y))
        self.canvas.rotate(30)
        self.canvas.setFont(FONT, 40)
        self.canvas.drawString(0, 0, text)
        self.canvas.restoreState()

    def next_page(self) -> None:
        """Close the page and open another of the same size."""
        self._flush()
        self._top = 0.0
        self.canvas.showPage()

    def attach(self, name: str, data: bytes) -> None:
        """Carry a file inside the PDF (as hybrid invoices do)."""
        document = self.canvas._doc
        stream = pdfdoc.PDFStream(content=data)
        stream.dictionary["Type"] = pdfdoc.PDFName("EmbeddedFile")
        spec = pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("Filespec"),
                "F": pdfdoc.PDFString(name),
                "UF": pdfdoc.PDFString(name),
                "EF": pdfdoc.PDFDictionary({"F": document.Reference(stream)}),
            }
        )
        names = pdfdoc.PDFArray([pdfdoc.PDFString(name), document.Reference(spec)])
        files: Any = pdfdoc.PDFDictionary({"Names": names})
        document.Catalog.Names = document.Reference(pdfdoc.PDFDictionary({"EmbeddedFiles": files}))

    def done(self) -> bytes:
        """The file."""
        self._flush()
        self.canvas.showPage()
        self.canvas.save()
        return self._out.getvalue()

    def _flush(self) -> None:
        for x, y, text, size in self._later:
            self._draw(x, y, text, size)
        self._later.clear()

    def _draw(self, x: float, y: float, text: str, size: float) -> None:
        self.canvas.setFont(FONT, size)
        if not self.letters:
            self.canvas.drawString(x * mm, self._y(y), text)
            return
        for letter in text:
            if not letter.isspace():
                self.canvas.drawString(x * mm, self._y(y), letter)
            x += wide(letter, size)

    def _y(self, y: float) -> float:
        return float((self.height - self._top - y) * mm)


def wide(text: str, size: float) -> float:
    """Millimetres a text takes."""
    return float(pdfmetrics.stringWidth(text, FONT, size) / mm)


def wrapped(text: str, width: float, size: float) -> list[str]:
    """A text cut into rows that fit into `width` millimetres; its own line ends stay."""
    rows: list[str] = []
    for part in text.split("\n"):
        row = ""
        for letter in part:
            if row and wide(row + letter, size) > width:
                rows.append(row)
                row = ""
            row += letter
        rows.append(row)
    return rows if text else []


def _start(x: float, text: str, size: float, align: str) -> float:
    taken = {"left": 0.0, "centre": 0.5, "right": 1.0}[align]
    return x - taken * wide(text, size) if taken else x
