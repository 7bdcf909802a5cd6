"""The running text of a document (PDF, DOCX, plain text) as one string, with where each part stands."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from extraction.contracts.document import Document, Paragraph, Place, Text
from extraction.contracts.pdf_text import read_pdf_text
from extraction.delimited import decoded
from extraction.docx_text import is_docx, read_docx
from extraction.pdf_words import is_pdf
from extraction.source import Source
from extraction.xml_safe import peek
from ledger.errors import FileUnreadable

#: More characters than any contract has; looking at them all would take minutes.
LONGEST = 2_000_000
_CONTROL = frozenset(map(chr, range(32))) - set("\t\n\r\f")


@dataclass(frozen=True)
class Running:
    """`text` is the parts with a line or a tab between; part i begins at `begins[i]`."""

    text: str
    begins: tuple[int, ...]
    parts: tuple[Text, ...]
    document: Document

    def place(self, start: int, end: int) -> Place:
        """Page with box, or paragraph, cell or line, in which the characters `start` to `end` begin."""
        i = max(0, bisect_right(self.begins, start) - 1)
        place = self.document.shown(self.parts[i].place(start - self.begins[i], end - self.begins[i]))
        return place if place.page is None else Place(page=place.page, box=place.box)


def running_text(source: Source) -> Running:
    """FileUnreadable where the file is broken, or holds no text that runs (a scan, a table, markup)."""
    document = _document(source)
    begins: list[int] = []
    parts: list[Text] = []
    pieces: list[str] = []
    length = 0
    for row in _rows(document):
        for i, part in enumerate(row):
            gap = "" if not parts else "\t" if i else "\n"
            begins.append(length + len(gap))
            parts.append(part)
            pieces += [gap, part.text]
            length += len(gap) + len(part.text)
    text = "".join(pieces)
    if not text.strip():
        raise FileUnreadable("names_no_text", file=source.name)
    if len(text) > LONGEST:
        raise _too_long(source)
    return Running(text, tuple(begins), tuple(parts), document)


def _document(source: Source) -> Document:
    if is_pdf(source):
        return read_pdf_text(source)
    return read_docx(source) if is_docx(source) else Document(tuple(_lines(source)))


def _rows(document: Document) -> Iterator[list[Text]]:
    for block in document.blocks:
        if isinstance(block, Paragraph):
            yield [block.text]
        else:
            yield from ([cell.text for cell in row] for row in block.rows)


def _lines(source: Source) -> Iterator[Paragraph]:
    """Lines of a plain text; nothing of what only looks like one."""
    if len(source.data) > 4 * LONGEST:  # no character takes more bytes
        raise _too_long(source)
    text = decoded(source.data)
    if peek(source)[0] or not _CONTROL.isdisjoint(text):
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield Paragraph(Text(line, f"line[{number}]"))


def _too_long(source: Source) -> FileUnreadable:
    return FileUnreadable("names_text_long", file=source.name, limit=f"{LONGEST:,}")
