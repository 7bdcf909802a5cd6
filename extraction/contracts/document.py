"""A document as text with places, the same for DOCX and PDF: paragraphs and tables in reading order.

Text is in half width (NFKC), so that one spelling of a bracket or digit is enough to look for; a tab
stands where the paper leaves a wide gap. A place is a page with a box (PDF), or says which paragraph,
or which row and cell of which table, it is (DOCX).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from extraction.pdf_words import turned

#: ① would become a bare 1 and grow together with the figure after it.
_CIRCLED = {0x2460 + i: f"({i + 1})" for i in range(20)}
_SPELLED = _CIRCLED | {ord("﹍"): "_", ord("﹎"): "_", ord("﹏"): "_", ord("："): ":", ord("∶"): ":"}
_GAP = re.compile(r"[ \u00a0]*\t[ \t\u00a0]*|[ \u00a0]{3,}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: page from 1 and box `x0,y0,x1,y1` in points, or `where` in words."""

    where: str = ""
    page: int | None = None
    box: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters `start` to `end` of a text stand in this box of this page."""

    start: int
    end: int
    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True)
class Text:
    """A run of text. `left` is its left edge as a share of the width (0 where nobody knows), `level` the
    depth of an automatic number that the text itself does not show."""

    text: str
    where: str = ""
    marks: tuple[Mark, ...] = ()
    left: float = 0.0
    level: int | None = None

    def place(self, start: int = 0, end: int | None = None) -> Place:
        """Where the characters from `start` to `end` stand; the first page of them."""
        stop = len(self.text) if end is None else end
        hit = [m for m in self.marks if m.start < stop and m.end > start]
        if not hit:
            return Place(self.where)
        page = hit[0].page
        boxes = [m for m in hit if m.page == page]
        box = (
            min(m.x0 for m in boxes), min(m.y0 for m in boxes),
            max(m.x1 for m in boxes), max(m.y1 for m in boxes),
        )  # fmt: skip
        return Place(self.where, page, ",".join(f"{v:.1f}" for v in box))

    def left_of(self, start: int) -> float:
        """Left edge of the character at `start`, in points where boxes are known, else as a share."""
        mark = next((m for m in self.marks if m.start <= start < m.end), None)
        return self.left if mark is None else mark.x0


@dataclass(frozen=True)
class Paragraph:
    """One paragraph; `aside` marks headers and text boxes, which stand outside the flow."""

    text: Text
    aside: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell of a table, from grid column `column` over `span` columns and `rows` rows."""

    text: Text
    column: int
    span: int = 1
    rows: int = 1


@dataclass(frozen=True)
class Table:
    """Rows of cells. A cell merged over rows stands in the first of them only."""

    rows: tuple[tuple[Cell, ...], ...]
    number: int = 0


Block = Paragraph | Table


@dataclass(frozen=True)
class Document:
    """Blocks in reading order. `paged`: places are pages and boxes."""

    blocks: tuple[Block, ...]
    paged: bool = False
    #: Parts that were left out on purpose, to be told: deleted revisions, struck text.
    left_out: tuple[str, ...] = field(default=())
    #: Pages whose text does not stand upright: quarter turns, and the size once upright. Boxes are upright.
    turns: Mapping[int, tuple[int, float, float]] = field(default_factory=dict)

    def shown(self, place: Place) -> Place:
        """A place on the page as people see it."""
        if place.page is None or place.page not in self.turns or place.box is None:
            return place
        x0, y0, x1, y1 = (float(v) for v in place.box.split(","))
        box = turned((x0, y0, x1, y1), *self.turns[place.page])
        return Place(place.where, place.page, ",".join(f"{v:.1f}" for v in box))

    @property
    def text(self) -> str:
        """All text, a line a paragraph or row: to look for telling words."""
        rows = []
        for block in self.blocks:
            if isinstance(block, Paragraph):
                rows.append(block.text.text)
            else:
                rows += ["\t".join(cell.text.text for cell in row) for row in block.rows]
        return "\n".join(rows)


def tidy(text: str) -> str:
    """`text` in half width; wide gaps as one tab, other runs of blanks as one blank."""
    plain = (
        unicodedata.normalize("NFKC", text.translate(_SPELLED)).replace("\u200b", "").replace("\ufeff", "")
    )
    lines = [_GAP.sub("\t", line) for line in plain.replace("\r", "\n").split("\n")]
    return "\n".join(re.sub(r"[ \u00a0]+", " ", line) for line in lines)


def joined(texts: Sequence[Text], separator: str = "") -> Text:
    """Several texts as one, each character still knowing its box."""
    marks: list[Mark] = []
    words: list[str] = []
    length = 0
    for i, part in enumerate(texts):
        if i:
            words.append(separator)
            length += len(separator)
        marks += [Mark(m.start + length, m.end + length, m.page, m.x0, m.y0, m.x1, m.y1) for m in part.marks]
        words.append(part.text)
        length += len(part.text)
    first = texts[0] if texts else Text("")
    return Text("".join(words), first.where, tuple(marks), first.left, first.level)
