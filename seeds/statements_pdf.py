"""Written statements as PDF: tables over several pages, the header repeated, long names wrapped."""

from functools import cache
from io import BytesIO

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from seeds.statements_cells import AMOUNTS, comma

_FONT, _SIZE, _LEADING, _PAD = "STSong-Light", 8, 10, 3
_MARGIN = 36
#: Width of a column, by what it prints.
_WIDTHS = {"other": 130, "remark": 110, "other_account": 96, "summary": 70, "sequence": 28, "clock": 52}


def write_pdf(
    above: list[list[str]], titles: list[str], grid: list[list[str]], keys: list[str], quirks: tuple[str, ...]
) -> bytes:
    """The table; `centred`: wrapped cells stand around the middle of their row, else at its top;
    `page_sums`: each page ends with the sums of its amounts."""
    _fonts()
    out = BytesIO()
    size = landscape(A4)
    canvas = Canvas(out, pagesize=size, invariant=True)
    widths = _widths(keys, size[0])
    pages = _pages(grid, widths, above, size[1], sums="page_sums" in quirks)
    for number, rows in enumerate(pages, 1):
        y = _head(canvas, above, titles, keys, widths, size[1])
        for row in rows:
            cells = [_wrapped(text, width) for text, width in zip(row, widths, strict=True)]
            height = max(len(c) for c in cells) * _LEADING + 2 * _PAD
            _draw(canvas, cells, keys, widths, y, height, centred="centred" in quirks)
            y -= height
        if "page_sums" in quirks:
            _draw(
                canvas,
                [[c] for c in _sums(rows, keys)],
                keys,
                widths,
                y - 2,
                _LEADING + 2 * _PAD,
                centred=True,
            )
        canvas.drawCentredString(size[0] / 2, 20, f"第 {number} 页 共 {len(pages)} 页")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@cache
def _fonts() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))


def _widths(keys: list[str], page: float) -> list[float]:
    raw = [float(_WIDTHS.get(key, 76)) for key in keys]
    scale = (page - 2 * _MARGIN) / sum(raw)
    return [w * scale for w in raw]


def _pages(
    grid: list[list[str]], widths: list[float], above: list[list[str]], height: float, *, sums: bool
) -> list[list[list[str]]]:
    """Rows parted into pages."""
    room = height - 2 * _MARGIN - (len(above) + 3) * _LEADING * 1.6 - (20 if sums else 0)
    pages: list[list[list[str]]] = [[]]
    left = room
    for row in grid:
        needed = max(len(_wrapped(t, w)) for t, w in zip(row, widths, strict=True)) * _LEADING + 2 * _PAD
        if needed > left:
            pages.append([])
            left = room
        pages[-1].append(row)
        left -= needed
    return pages


def _head(
    canvas: Canvas,
    above: list[list[str]],
    titles: list[str],
    keys: list[str],
    widths: list[float],
    height: float,
) -> float:
    """Draw what stands over the rows; the height at which they begin."""
    canvas.setFont(_FONT, _SIZE)
    y = height - _MARGIN
    for line in above:
        x = float(_MARGIN)
        for text in line:
            canvas.drawString(x, y, text)
            x += 300
        y -= _LEADING * 1.6
    cells = [title.split("\n") for title in titles]
    tall = max(map(len, cells)) * _LEADING + 2 * _PAD
    _draw(canvas, cells, keys, widths, y, tall, centred=False)
    return y - tall


def _draw(
    canvas: Canvas,
    cells: list[list[str]],
    keys: list[str],
    widths: list[float],
    y: float,
    height: float,
    *,
    centred: bool,
) -> None:
    """One row of the table with its rules; amounts stand right."""
    canvas.setFont(_FONT, _SIZE)
    x = float(_MARGIN)
    for lines, key, width in zip(cells, keys, widths, strict=True):
        slack = height - 2 * _PAD - len(lines) * _LEADING
        top = y - _PAD - _SIZE - (slack / 2 if centred else 0)
        for number, text in enumerate(lines):
            at = top - number * _LEADING
            if key in AMOUNTS:
                canvas.drawRightString(x + width - _PAD, at, text)
            else:
                canvas.drawString(x + _PAD, at, text)
        canvas.rect(x, y - height, width, height)
        x += width


def _wrapped(text: str, width: float) -> list[str]:
    """A text in lines that fit."""
    lines, line = [], ""
    for character in text:
        if pdfmetrics.stringWidth(line + character, _FONT, _SIZE) > width - 2 * _PAD:
            lines.append(line)
            line = ""
        line += character
    return [*lines, line]


def _sums(rows: list[list[str]], keys: list[str]) -> list[str]:
    cells = ["本页合计", *[""] * (len(keys) - 1)]
    for column, key in enumerate(keys):
        if key.startswith(("in", "out")):
            cells[column] = comma(sum(int(r[column].replace(",", "").replace(".", "") or 0) for r in rows))
    return cells
