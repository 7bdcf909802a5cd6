"""A page to write on, with a Chinese font every viewer brings and the origin at the top left."""

from io import BytesIO

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

FONT = "STSong-Light"


class Sheets:
    """Pages of one size; `y` counts down from the top edge."""

    def __init__(self, width: float, height: float) -> None:
        if FONT not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        self.width, self.height = width, height
        self._out = BytesIO()
        self._canvas = Canvas(self._out, pagesize=(width, height), invariant=True)

    def text(self, x: float, y: float, text: str, size: float = 9, align: str = "left") -> None:
        """Write one line."""
        self._canvas.setFont(FONT, size)
        draw = {
            "left": self._canvas.drawString,
            "right": self._canvas.drawRightString,
            "centre": self._canvas.drawCentredString,
        }[align]
        draw(x, self.height - y, text)

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Draw a thin line."""
        self._canvas.setLineWidth(0.4)
        self._canvas.line(x0, self.height - y0, x1, self.height - y1)

    def next(self) -> None:
        """Turn the page."""
        self._canvas.showPage()

    def data(self) -> bytes:
        """The finished file."""
        self._canvas.save()
        return self._out.getvalue()


def width_of(text: str, size: float) -> float:
    """How wide a line comes out, in points."""
    return float(pdfmetrics.stringWidth(text, FONT, size))


def wrapped(text: str, width: float, size: float) -> list[str]:
    """`text` in lines that fit, broken anywhere as Chinese is."""
    lines, line = [], ""
    for character in text:
        if line and width_of(line + character, size) > width:
            lines.append(line)
            line = ""
        line += character
    return [*lines, line] if line or not lines else lines
