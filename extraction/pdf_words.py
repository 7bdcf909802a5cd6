"""The words of a PDF with the boxes they stand in, and the files attached to it; nothing is interpreted.

A word is a run of characters on one line without a gap. Order means nothing: makers of Chinese invoices
draw all labels first and all values after. Coordinates are points from the top left of the page.
"""

import math
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import addressof, byref, c_ushort, sizeof
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
from pypdfium2 import raw

from extraction.source import Source
from ledger.errors import FileUnreadable

#: Pages of one document that are read, and characters of one page; more is an error, told as such.
MOST_PAGES, MOST_CHARACTERS = 2_000, 200_000
#: Bytes of one attached file.
MOST_ATTACHED = 64 << 20
#: pdfium keeps state that threads must not share.
_LOCK = Lock()
#: A gap wider than this share of the character's height parts two words.
_GAP = 0.35
#: Where one drawn text ends and another begins, a gap of this share does.
_SEAM = 0.07
_Box = tuple[float, float, float, float]
_Array = npt.NDArray[Any]
_QUARTER = math.pi / 2
#: A letter that leans more than this is part of a watermark or of a seal, not of a line.
_SLANT = 0.05
#: A hyphen at the end of a line comes as one of these.
_HYPHENS = dict.fromkeys((0x02, 0xAD, 0xFFFE), "-")
#: Radicals that some fonts name instead of the letter they look like; NFKC knows only part of them.
_RADICALS = dict(
    zip(
        "⺟⺠⻁⻄⻅⻆⻉⻋⻑⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳⺝⺮⻊⻌⻎⻏⻖",
        "母民虎西见角贝车長长门青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙龟月竹足辶辶阝阝",
        strict=True,
    )
)
_SAME_LETTER = str.maketrans(
    _RADICALS
    | {
        chr(code): plain
        for code in (*range(0x2F00, 0x2FD6), *range(0xF900, 0xFB00), *range(0x2F800, 0x2FA20))
        if len(plain := unicodedata.normalize("NFKC", chr(code))) == 1
    }
)


@dataclass(frozen=True, slots=True)
class Word:
    """Text in half width where a compatibility form stood, its box, and the text as printed.

    `printed` keeps full width and signs such as ㎡; only letters that look like another one (compatibility
    ideographs, radicals) are that other one.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    printed: str = ""

    @property
    def box(self) -> str:
        """As the ledger keeps it."""
        return f"{self.x0:.1f},{self.y0:.1f},{self.x1:.1f},{self.y1:.1f}"

    @property
    def middle(self) -> float:
        """Height of its middle line."""
        return (self.y0 + self.y1) / 2


@dataclass(frozen=True)
class Page:
    """One page as shown: its number from 1, its size in points, its words.

    `turn`: quarter turns with the clock by which its text stands off upright. `slanted`: letters that lean
    (watermarks, seals) in the order drawn; they are no words.
    """

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    turn: int = 0
    slanted: str = ""

    def upright(self) -> "Page":
        """The page turned so that its text can be read; itself where it stands so."""
        if not self.turn:
            return self
        width, height = (self.height, self.width) if self.turn % 2 else (self.width, self.height)
        words = tuple(_placed(word, 4 - self.turn, self.width, self.height) for word in self.words)
        return Page(self.number, width, height, words, 0, self.slanted)


@dataclass(frozen=True)
class Attached:
    """A file inside the PDF."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Pdf:
    """What a PDF shows and carries."""

    pages: tuple[Page, ...]
    attached: tuple[Attached, ...]

    @property
    def text(self) -> str:
        """All words, blank between, in the order they were drawn: to look for a telling word only."""
        return " ".join(word.text for page in self.pages for word in page.words)


def is_pdf(source: Source) -> bool:
    """By the first kilobyte, as readers of PDF do."""
    return b"%PDF-" in source.data[:1024]


@lru_cache(maxsize=2)
def read_pdf(source: Source) -> Pdf:
    """Words and attachments. FileUnreadable when it is broken, encrypted or too long.

    Kept for the readers that look at one document in turn.
    """
    with opened(source) as document:
        if len(document) > MOST_PAGES:
            raise FileUnreadable("pdf_too_long", file=source.name, pages=len(document), limit=MOST_PAGES)
        pages = tuple(_page(document, i, source) for i in range(len(document)))
        return Pdf(pages, tuple(_attachments(document, source)))


@contextmanager
def opened(source: Source) -> Iterator[pdfium.PdfDocument]:
    """The document in pdfium, which one thread uses at a time. FileUnreadable as `read_pdf`."""
    with _LOCK:
        document = _open(source)
        try:
            yield document
        finally:
            document.close()


def _open(source: Source) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(source.data)
    except pdfium.PdfiumError as error:
        encrypted = "password" in str(error).lower()
        code = "file_encrypted" if encrypted else "file_malformed"
        raise FileUnreadable(code, file=source.name, detail="PDF") from error


def _page(document: pdfium.PdfDocument, index: int, source: Source) -> Page:
    page = document[index]
    try:
        text = page.get_textpage()
        try:
            count = text.count_chars()
            if count > MOST_CHARACTERS:
                raise FileUnreadable("pdf_page_too_full", file=source.name, limit=MOST_CHARACTERS)
            return _read_page(page, text, count, index + 1)
        finally:
            text.close()
    except pdfium.PdfiumError as error:
        raise FileUnreadable("file_malformed", file=source.name, detail=f"PDF, page {index + 1}") from error
    finally:
        page.close()


def _read_page(page: pdfium.PdfPage, text: pdfium.PdfTextPage, count: int, number: int) -> Page:
    """Letters are joined along the way most of them run, then placed as the page is shown."""
    width, height = page.get_size()
    runs = _direction(text, count)
    turn = (page.get_rotation() // 90 - runs) % 4
    size = (height, width) if turn % 2 else (width, height)
    letters = _letters(text, count)
    boxes = _upright(letters.boxes, page.get_bbox()[:2], runs, *size)
    words, slanted = _joined(letters, boxes, text, runs * _QUARTER)
    if turn:
        words = [_placed(word, turn, *size) for word in words]
    return Page(number, width, height, tuple(words), turn, slanted)


def _direction(text: pdfium.PdfTextPage, count: int) -> int:
    """Quarter turns, against the clock, of most letters on the page's own axes; some are looked at."""
    turns = [0, 0, 0, 0]
    for i in range(0, count, max(1, count // 20)):
        if raw.FPDFText_GetUnicode(text, i) > 32:
            turns[-round(raw.FPDFText_GetCharAngle(text, i) / _QUARTER) % 4] += 1  # pdfium: with the clock
    return turns.index(max(turns))


class _Letters(NamedTuple):
    """Letters as drawn without the blanks: which they are, their text, their boxes (left, top, right, bottom
    on the page's own axes, origin bottom left)."""

    order: _Array
    text: list[str]
    boxes: _Array


def _letters(text: pdfium.PdfTextPage, count: int) -> _Letters:
    handle = text.raw
    boxes = (raw.FS_RECTF * max(count, 1))()
    first, size = boxes[0], sizeof(raw.FS_RECTF)
    box_of = raw.FPDFText_GetLooseCharBox  # as high as the font: a dash stands on its line
    index, letters = [], []
    for i, letter in enumerate(_codes(text, count)):
        if letter > " " and not letter.isspace() and box_of(handle, i, byref(first, i * size)):
            index.append(i)
            letters.append(letter)
    found = np.array(index, dtype=np.int64)
    places = np.frombuffer(boxes, dtype=np.float32).reshape(-1, 4)
    return _Letters(found, letters, places[found].astype(float))


def _codes(text: pdfium.PdfTextPage, count: int) -> str:
    """One letter for each that pdfium counts; asked for at once where they are as many."""
    buffer = (c_ushort * (count + 1))()
    if raw.FPDFText_GetText(text, 0, count, buffer) == count + 1:
        letters = bytes(buffer)[:-2].decode("utf-16-le", "replace")
        if len(letters) == count:
            return letters.translate(_HYPHENS)
    codes = (raw.FPDFText_GetUnicode(text, i) for i in range(count))
    letters = "".join(" " if c > 0x10FFFF or 0xD800 <= c < 0xE000 else chr(c) for c in codes)
    return letters.translate(_HYPHENS)


def _upright(
    boxes: _Array, origin: tuple[float, float], runs: int, width: float, height: float
) -> tuple[_Array, _Array, _Array, _Array]:
    """x0, y0, x1, y1 of letters in points from the top left of a page that has its text upright."""
    left, top, right, bottom = boxes.T
    left, right = left - origin[0], right - origin[0]
    top, bottom = top - origin[1], bottom - origin[1]
    if runs == 1:
        return bottom, left, top, right
    if runs == 2:
        return width - right, bottom, width - left, top
    if runs == 3:
        return width - top, height - right, width - bottom, height - left
    return left, height - top, right, height - bottom


def _placed(word: Word, turn: int, width: float, height: float) -> Word:
    """A word of an upright page after `turn` quarter turns with the clock."""
    x0, y0, x1, y1 = turned((word.x0, word.y0, word.x1, word.y1), turn, width, height)
    return Word(word.text, x0, y0, x1, y1, word.printed)


def turned(box: _Box, turn: int, width: float, height: float) -> _Box:
    """A box after its page of `width` by `height` took `turn` quarter turns with the clock."""
    x0, y0, x1, y1 = box
    if turn == 1:
        return height - y1, x0, height - y0, x1
    if turn == 2:
        return width - x1, height - y1, width - x0, height - y0
    if turn == 3:
        return y0, width - x1, y1, width - x0
    return box


def _joined(
    letters: _Letters, boxes: tuple[_Array, ...], text: pdfium.PdfTextPage, straight: float
) -> tuple[list[Word], str]:
    """Letters joined while they follow each other on one line without a gap, and the slanted ones."""
    if not letters.text:
        return [], ""
    x0, y0, x1, y1 = boxes
    half, middle = (y1 - y0) / 2, (y0 + y1) / 2
    high = np.maximum(np.maximum(half[:-1], half[1:]), np.maximum((x1 - x0)[:-1] / 2, 0.5))
    gap = x0[1:] - x1[:-1]
    follows = (np.diff(letters.order) == 1) & (np.abs(np.diff(middle)) < 1.2 * high)
    follows &= (gap > -1.2 * high) & (gap < 2 * _GAP * high)
    for k in np.flatnonzero(follows & (gap > 2 * _SEAM * high)).tolist():
        follows[k] = not _two_texts(text, letters.order, k)
    starts = np.flatnonzero(np.concatenate([[True], ~follows]))
    corners = [np.minimum.reduceat(x0, starts), np.minimum.reduceat(y0, starts)]
    corners += [np.maximum.reduceat(x1, starts), np.maximum.reduceat(y1, starts)]
    places = np.stack(corners, axis=1).tolist()
    first, joined = starts.tolist(), "".join(letters.text)
    words, slanted = [], []
    for start, end, box, i in zip(
        first, [*first[1:], len(joined)], places, letters.order[starts].tolist(), strict=True
    ):
        run = joined[start:end]
        off = abs(raw.FPDFText_GetCharAngle(text, i) - straight) % _QUARTER
        if _SLANT < off < _QUARTER - _SLANT:  # all letters of a run lean alike
            slanted.append(run)
        elif word := _word(run, box):
            words.append(word)
    return words, "".join(slanted)


def _two_texts(text: pdfium.PdfTextPage, index: _Array, k: int) -> bool:
    """Whether letter k ends one text and the next begins another: two cells of a table may nearly touch.
    Letters that are a text each are one word drawn letter by letter."""
    near = index[max(k - 1, 0) : k + 3].tolist()
    drawn = [addressof(raw.FPDFText_GetTextObject(text, i).contents) for i in near]
    here = 1 if k else 0
    if drawn[here] == drawn[here + 1]:
        return False
    return len(set(drawn)) < len(drawn)


def _word(run: str, box: list[float]) -> Word | None:
    if run.isascii():
        return Word(run, box[0], box[1], box[2], box[3], run)
    printed = run.translate(_SAME_LETTER).strip()
    text = unicodedata.normalize("NFKC", printed).strip()
    return Word(text, box[0], box[1], box[2], box[3], printed) if text else None


def _attachments(document: pdfium.PdfDocument, source: Source) -> list[Attached]:
    found = []
    for i in range(document.count_attachments()):
        attachment = document.get_attachment(i)
        try:
            data = bytes(attachment.get_data())
        except pdfium.PdfiumError:
            continue  # an entry without a file: nothing that could be lost
        if len(data) > MOST_ATTACHED:
            raise FileUnreadable(
                "file_too_large",
                file=f"{source.name}/{attachment.get_name()}",
                bytes=len(data),
                limit=MOST_ATTACHED,
            )
        found.append(Attached(attachment.get_name(), data))
    return found
