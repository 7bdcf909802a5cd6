"""Reader of photographs and scans of invoices: PNG, JPEG, WEBP, and PDF whose pages are pictures only.

A picture is turned upright, its sheet laid flat, its QR code decoded, its writing read, and the words go
through the same reading by geometry as a PDF's (`extraction.pdf_invoice_forms`). Boxes are told on the
picture as handed in, in points (`extraction.photo.picture.POINTS` along its longer side).
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from extraction import paper as papers
from extraction.corrections import corrected_each
from extraction.paper import Paper
from extraction.pdf_invoice_forms import papers_of
from extraction.pdf_words import Pdf, is_pdf, opened, read_pdf
from extraction.photo.codes import InvoiceCode, invoice_codes
from extraction.photo.engine import Spot, spots_of
from extraction.photo.gate import doubts
from extraction.photo.mending import set_right, unlabelled, with_code
from extraction.photo.picture import POINTS, Matrix, Pixels, is_picture, pixels_of
from extraction.photo.rectify import moved, rectified
from extraction.photo.words import Sheet, seen, sheet_of
from extraction.reader import InvoiceReader
from extraction.rows import Rows
from extraction.source import Source
from ledger.errors import FileUnreadable, InputError, Problem

#: Pages of a scan that are read, and pixels along the longer side in which each is.
MOST_PAGES, _PAGE_SIDE = 20, 2_000
#: Words of an invoice's form; a picture that shows fewer than `_FEW` of them is turned, or is none.
_TELLING = (
    *("发票", "名称", "纳税人", "识别号", "开票", "日期", "金额", "税额", "税率", "合计", "大写", "小写"),
    *("购买方", "销售方", "购货", "销货", "单价", "数量", "号码"),
)
_FEW, _ENOUGH = 3, 6
#: Runs of writing, and how sure they are on average, below which a picture is blurred or dark.
_LEAST_RUNS, _LEAST_SURE = 8, 0.7
#: An invoice of more pages than one.
_SEVERAL = re.compile(r"共(?:[2-9]|\d\d)\d*页")


class PhotoReader(InvoiceReader):
    """Invoices as photographs and scans."""

    name = "photo_invoice"
    version = 1
    correctable = True

    def recognises(self, source: Source) -> bool:
        """A picture of a kind that is read, or a PDF without any text."""
        if is_picture(source.data):
            return True
        if not is_pdf(source):
            return False
        try:
            pdf = read_pdf(source)
        except InputError:
            return False
        return bool(pdf.pages) and not any(page.words or page.slanted for page in pdf.pages)

    def read(self, source: Source) -> Rows:
        """The invoices of the picture as rows, one a line, with a warning for each doubtful value.

        FileUnreadable where it is broken, blurred or shows no invoice, UnsafeFile where it is too large,
        MissingExtra without the extra `ocr`.
        """
        found = _papers(source)
        said = corrected_each(found, source.corrections)
        rows = papers.rows_of(said, self.name, self.version, source.name)
        return replace(rows, problems=_problems(said, source.name))


def _problems(found: list[Paper], file: str) -> list[Problem]:
    problems, row = [], 1
    for number, paper in enumerate(found, 1):
        problems += doubts(paper, file, row, f"invoices[{number}]." if len(found) > 1 else "")
        row += max(len(paper.lines), 1)
    return problems


def _papers(source: Source) -> list[Paper]:
    """The invoices that the pages show, compared with their QR codes."""
    sheets: list[Sheet] = []
    codes: list[tuple[int, InvoiceCode]] = []
    for number, (pixels, points) in enumerate(_pages(source), 1):
        scale = np.diag([points, points, 1.0])
        sheet, mine = _sheet(pixels, scale, number, source.name)
        sheets.append(sheet)
        codes += [(number, replace(c, corners=moved(scale, c.corners))) for c in mine]
    found = papers_of(Pdf(tuple(sheet.page for sheet in sheets), ()))
    if len(found) == 1:
        unlabelled(found[0], sheets[0].page)
    for paper in found:
        seen(paper, sheets)
        set_right(paper)
    _compare(found, codes)
    _refuse(found, sheets, source.name)
    return found


def _pages(source: Source) -> Iterator[tuple[Pixels, float]]:
    """Each page's pixels, and how many points one is."""
    if not is_pdf(source):
        pixels = pixels_of(source.data, source.name)
        yield pixels, POINTS / max(pixels.shape[:2])
        return
    with opened(source) as document:
        if len(document) > MOST_PAGES:
            raise FileUnreadable("scan_too_long", file=source.name, pages=len(document), limit=MOST_PAGES)
        for page in document:
            scale = _PAGE_SIDE / max(*page.get_size(), 1.0)
            pixels = np.asarray(page.render(scale=scale).to_pil().convert("RGB"), dtype=np.uint8)
            yield pixels, 1 / scale


def _sheet(pixels: Pixels, scale: Matrix, number: int, file: str) -> tuple[Sheet, list[InvoiceCode]]:
    """The words of one page, turned until they can be read."""
    codes = invoice_codes(pixels, file)
    flat, back = rectified(pixels, file)
    best: tuple[int, list[Spot], Matrix] | None = None
    for turns in _turns(spots := spots_of(flat, file)):
        here, way = (spots, back) if not turns else _turned(flat, back, turns, file)
        told = _told(here)
        if best is None or told > best[0]:
            best = told, here, way
        if told >= _ENOUGH:
            break
    assert best is not None
    return sheet_of(best[1], scale @ best[2], number), codes


def _turns(spots: list[Spot]) -> tuple[int, ...]:
    """Quarter turns to try: sideways ones where most runs stand upright, else none and upside down."""
    if len(spots) < _LEAST_RUNS:
        return (0,)
    corners = [spot.corners for spot in spots]
    edges = [(np.linalg.norm(c[1] - c[0]), np.linalg.norm(c[3] - c[0])) for c in corners]
    upright = sum(high > 1.5 * wide for wide, high in edges)
    return (1, 3) if 2 * upright > len(spots) else (0, 2)


def _turned(flat: Pixels, back: Matrix, turns: int, file: str) -> tuple[list[Spot], Matrix]:
    """The writing of a sheet turned against the clock, and the way back to the picture."""
    height, width = flat.shape[:2]
    turned = np.ascontiguousarray(np.rot90(flat, turns))
    ways = {
        1: [[0, -1, width], [1, 0, 0], [0, 0, 1]],
        2: [[-1, 0, width], [0, -1, height], [0, 0, 1]],
        3: [[0, 1, 0], [-1, 0, height], [0, 0, 1]],
    }
    return spots_of(turned, file), back @ np.array(ways[turns], dtype=np.float64)


def _told(spots: list[Spot]) -> int:
    text = " ".join(spot.text for spot in spots)
    return sum(word in text for word in _TELLING)


def _compare(found: list[Paper], codes: list[tuple[int, InvoiceCode]]) -> None:
    """Each paper with its code: the one of its number, or the only one of the only paper."""
    for paper in found:
        mine = [c for c in codes if c[1].number == paper.text("number")]
        if not mine and len(found) == len(codes) == 1:
            mine = codes
        if mine:
            with_code(paper, mine[0][1], mine[0][0])


def _refuse(found: list[Paper], sheets: list[Sheet], file: str) -> None:
    """One sentence why nothing can be taken from the picture, if so: what is half read is not taken."""
    whole = [p for p in found if p.text("number") and (p.text("total") or p.text("amount"))]
    if found and len(whole) == len(found):
        return
    scores = [score for sheet in sheets for score in sheet.scores]
    text = " ".join(word.text for sheet in sheets for word in sheet.page.words)
    told = sum(word in text for word in _TELLING)
    if len(scores) < _LEAST_RUNS or float(np.mean(scores)) < _LEAST_SURE:
        raise FileUnreadable("picture_unreadable", file=file)
    if _SEVERAL.search(text.replace(" ", "")):
        raise FileUnreadable("picture_of_part", file=file)
    raise FileUnreadable("picture_no_invoice" if told < _FEW else "picture_not_whole", file=file)
