"""The words of a PDF with the boxes they stand in, and the files attached to it; nothing is interpreted.

A word is a run of characters on one line without a gap. Order means nothing: makers of Chinese invoices
draw all labels first and all values after. Coordinates are points from the top left of the page.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

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


@dataclass(frozen=True, slots=True)
class Word:
    """Text in half width where a compatibility form stood, and its box."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float

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
    """One page: its number from 1, its size in points, its words."""

    number: int
    width: float
    height: float
    words: tuple[Word, ...]


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
    with _LOCK:
        document = _open(source)
        try:
            if len(document) > MOST_PAGES:
                raise FileUnreadable("pdf_too_long", file=source.name, pages=len(document), limit=MOST_PAGES)
            pages = tuple(_page(document, i, source) for i in range(len(document)))
            return Pdf(pages, tuple(_attachments(document, source)))
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
        width, height = page.get_size()
        words = _words(page, width, height, source)
        return Page(index + 1, width, height, words)
    except pdfium.PdfiumError as error:
        raise FileUnreadable("file_malformed", file=source.name, detail=f"PDF, page {index + 1}") from error
    finally:
        page.close()


def _words(page: pdfium.PdfPage, width: float, height: float, source: Source) -> tuple[Word, ...]:
    """Characters joined while they follow each other on one line without a gap."""
    text = page.get_textpage()
    try:
        count = text.count_chars()
        if count > MOST_CHARACTERS:
            raise FileUnreadable("pdf_page_too_full", file=source.name, limit=MOST_CHARACTERS)
        return tuple(_joined(_characters(page, text, count, width, height)))
    finally:
        text.close()


def _characters(
    page: pdfium.PdfPage, text: pdfium.PdfTextPage, count: int, width: float, height: float
) -> list[tuple[str, float, float, float, float]]:
    """(character, x0, y0, x1, y1) as drawn; blanks have no box and end a word."""
    rotation = page.get_rotation()
    left, bottom = page.get_bbox()[:2]
    rect = raw.FS_RECTF()
    found = []
    for i in range(count):
        code = raw.FPDFText_GetUnicode(text, i)
        character = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " "
        # The loose box is as high as the font, whatever the letter: a dash stands on its line.
        if character.isspace() or not raw.FPDFText_GetLooseCharBox(text, i, rect):
            found.append((" ", 0.0, 0.0, 0.0, 0.0))
            continue
        box = (rect.left - left, rect.bottom - bottom, rect.right - left, rect.top - bottom)
        found.append((character, *_turned(*box, rotation, width, height)))
    return found


def _turned(
    x0: float, y0: float, x1: float, y1: float, rotation: int, width: float, height: float
) -> tuple[float, float, float, float]:
    """From the page's own axes (origin bottom left, before rotation) to those of the page as shown."""
    if rotation == 90:
        return y0, x0, y1, x1
    if rotation == 180:
        return width - x1, y0, width - x0, y1
    if rotation == 270:
        return width - y1, height - x1, width - y0, height - x0
    return x0, height - y1, x1, height - y0


def _joined(characters: list[tuple[str, float, float, float, float]]) -> list[Word]:
    words: list[Word] = []
    run: list[tuple[str, float, float, float, float]] = []

    def close() -> None:
        if run:
            letters = unicodedata.normalize("NFKC", "".join(c[0] for c in run)).strip()
            if letters:
                box = (
                    min(c[1] for c in run),
                    min(c[2] for c in run),
                    max(c[3] for c in run),
                    max(c[4] for c in run),
                )
                words.append(Word(letters, *box))
            run.clear()

    for character in characters:
        if character[0] == " ":
            close()
            continue
        if run and not _follows(run[-1], character):
            close()
        run.append(character)
    close()
    return words


def _follows(
    last: tuple[str, float, float, float, float], next_: tuple[str, float, float, float, float]
) -> bool:
    """Whether a character stands right of the last one, on its line and without a gap."""
    height = max(last[4] - last[2], next_[4] - next_[2], last[3] - last[1], 1.0)
    same_line = abs((last[2] + last[4]) / 2 - (next_[2] + next_[4]) / 2) < 0.6 * height
    gap = next_[1] - last[3]
    return same_line and -0.6 * height < gap < _GAP * height


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


def page_png(source: Source, number: int, scale: float = 2.0) -> bytes:
    """Page `number` (from 1) as a PNG picture, `scale` pixels a point.

    FileUnreadable as with `read_pdf`; IndexError when there is no such page.
    """
    from io import BytesIO

    with _LOCK:
        document = _open(source)
        try:
            if not 1 <= number <= len(document):
                raise IndexError(number)
            page = document[number - 1]
            width, height = page.get_size()
            scale = min(scale, 4000 / max(width, height, 1.0))  # a page of a square metre is no picture
            picture = page.render(scale=scale, may_draw_forms=False).to_pil()
            page.close()
        finally:
            document.close()
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
