"""The text of a PDF as paragraphs and tables: lines from words, ruled tables, tables by aligned columns.

Headers and footers that come back on every page are dropped (the first is kept aside), sentences that run
over lines and pages are joined.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from extraction.contracts.aligned import aligned_tables
from extraction.contracts.document import Block, Cell, Document, Mark, Paragraph, Table, Text, joined, tidy
from extraction.contracts.numbering import begins_item
from extraction.contracts.rulings import Box, Grid, grids
from extraction.pdf_words import Page, Word, opened, read_pdf
from extraction.source import Source

#: Gaps between words, as shares of their height: from here a blank (beside Latin letters or figures sooner),
#: from here a tab.
_NARROW, _BLANK, _TAB = 0.12, 0.35, 1.7
_EDGE = 0.09  # share of the page in which headers and footers stand
_LABELLED = re.compile(r"\s{0,20}[\u4e00-\u9fff()、/]{2,10}:")
_PAGE_NUMBER = re.compile(
    r"[-—·\s]{0,20}(?:第?\s{0,4}\d{1,4}\s{0,4}页?\s{0,4}(?:[,/，、]?\s{0,4}共?\s{0,4}\d{1,4}\s{0,4}页?)?"
    r"|PAGE\s{0,4}\d{1,4}(?:\s{0,4}(?:OF|/)\s{0,4}\d{1,4})?)[-—·\s]{0,20}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Row:
    """One line of a page: its words from the left, and the text they make."""

    words: tuple[Word, ...]
    text: Text
    page: int
    across: float  # width of the page

    @property
    def x0(self) -> float:
        """Left edge."""
        return self.words[0].x0

    @property
    def x1(self) -> float:
        """Right edge."""
        return max(word.x1 for word in self.words)

    @property
    def y0(self) -> float:
        """Top."""
        return min(word.y0 for word in self.words)

    @property
    def y1(self) -> float:
        """Bottom."""
        return max(word.y1 for word in self.words)

    @property
    def height(self) -> float:
        """Height of its letters."""
        return max(1.0, sorted(w.y1 - w.y0 for w in self.words)[len(self.words) // 2])


@lru_cache(maxsize=2)
def read_pdf_text(source: Source) -> Document:
    """Paragraphs and tables of all pages. FileUnreadable as `extraction.pdf_words.read_pdf`."""
    pdf = read_pdf(source)
    ruled = _ruled(source, pdf.pages)
    pages = [page.upright() for page in pdf.pages]
    running = _running(pages)
    pieces: list[Row | Table] = []
    seen: set[str] = set()
    aside: list[Block] = []
    tables = 0
    for page, found in zip(pages, ruled, strict=True):
        rest, inside = _apart(page, found)
        made = [_table(grid, words, page, tables + i) for i, (grid, words) in enumerate(inside, 1)]
        tables += len(made)
        rows: list[Row] = []
        for row in _rows(rest, page):
            key = _key(row.text.text)
            at_edge = row.y1 < page.height * _EDGE or row.y0 > page.height * (1 - _EDGE)
            if at_edge and (_PAGE_NUMBER.fullmatch(row.text.text.strip()) or key in running):
                if key not in seen and not _PAGE_NUMBER.fullmatch(row.text.text.strip()):
                    aside.append(Paragraph(row.text, aside=True))
                seen.add(key)
                continue
            rows.append(row)
        flow: list[Row | Table] = []
        for part in aligned_tables(rows, tables):
            tables += isinstance(part, Table)
            flow.append(part)
        pieces += _in_order(flow, made, inside)
    turns = {
        page.number: (page.turn, page.upright().width, page.upright().height)
        for page in pdf.pages
        if page.turn
    }
    return Document((*aside, *_paragraphs(pieces, _margins(pieces))), paged=True, turns=turns)


def _ruled(source: Source, pages: Iterable[Page]) -> list[list[Grid]]:
    """The ruled tables of every page that stands upright."""
    with opened(source) as document:
        found = []
        for shown in pages:
            page = document[shown.number - 1]
            found.append([] if shown.turn else grids(page))
            page.close()
        return found


def _key(text: str) -> str:
    return re.sub(r"[\d\s]", "", text)


def _running(pages: Iterable[Page]) -> set[str]:
    """What stands at the edge of two pages or more, digits aside."""
    count: Counter[str] = Counter()
    for page in pages:
        edge = [w for w in page.words if w.y1 < page.height * _EDGE or w.y0 > page.height * (1 - _EDGE)]
        count.update({_key(row.text.text) for row in _rows(edge, page)})
    return {key for key, times in count.items() if times > 1 and key}


def _apart(page: Page, found: list[Grid]) -> tuple[list[Word], list[tuple[Grid, dict[Box, list[Word]]]]]:
    """Words outside of tables, and for every table the words of its cells."""
    cells: list[tuple[Grid, dict[Box, list[Word]]]] = [(grid, defaultdict(list)) for grid in found]
    small_first = sorted(cells, key=lambda g: (g[0].x1 - g[0].x0) * (g[0].y1 - g[0].y0))
    rest = []
    for word in page.words:
        x, y = (word.x0 + word.x1) / 2, word.middle
        for _, boxes in small_first:
            box = next((b for b in _.boxes if b.holds(x, y)), None)
            if box is not None:
                boxes[box].append(word)
                break
        else:
            rest.append(word)
    return rest, [(grid, boxes) for grid, boxes in cells if boxes]


def _rows(words: Iterable[Word], page: Page) -> list[Row]:
    """Words as lines, from the top; a word belongs to the line whose middle it shares."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda w: (w.middle, w.x0)):
        height = word.y1 - word.y0
        for line in reversed(lines[-3:]):
            other = line[0]
            if abs(other.middle - word.middle) < 0.5 * max(min(height, other.y1 - other.y0), 1.0):
                line.append(word)
                break
        else:
            lines.append([word])
    made = [_row(sorted(line, key=lambda w: w.x0), page) for line in lines]
    return sorted(made, key=lambda r: (r.y0 + r.y1) / 2)


def _row(words: list[Word], page: Page) -> Row:
    parts: list[str] = []
    marks: list[Mark] = []
    length = 0
    for i, word in enumerate(words):
        if i:
            last = words[i - 1]
            gap = (word.x0 - last.x1) / max(word.y1 - word.y0, last.y1 - last.y0, 1.0)
            mixed = gap > _NARROW and (last.text[-1].isascii() or word.text[0].isascii())
            blank = (
                "\t"
                if gap > _TAB
                else " "
                if gap > _BLANK or mixed or _latin(last.text[-1], word.text[0])
                else ""
            )
            parts.append(blank)
            length += len(blank)
        letters = tidy(word.printed or word.text)
        marks.append(Mark(length, length + len(letters), page.number, word.x0, word.y0, word.x1, word.y1))
        parts.append(letters)
        length += len(letters)
    text = Text("".join(parts), f"page[{page.number}]", tuple(marks), words[0].x0 / max(page.width, 1.0))
    return Row(tuple(words), text, page.number, page.width)


def _latin(last: str, next_: str) -> bool:
    return last.isascii() and next_.isascii() and last.isalnum() and next_.isalnum()


def _table(grid: Grid, cells: dict[Box, list[Word]], page: Page, number: int) -> Table:
    rows: dict[int, list[Cell]] = defaultdict(list)
    for box in grid.boxes:
        text = _cell_text(box, cells.get(box, []), page)
        rows[box.row].append(Cell(text, box.column, box.columns, box.rows))
    last = max(box.row for box in grid.boxes)
    return Table(tuple(tuple(rows.get(r, ())) for r in range(last + 1)), number)


def _cell_text(box: Box, words: list[Word], page: Page) -> Text:
    """The lines of a cell; one that fills its width runs on into the next."""
    lines = _rows(words, page)
    made: list[Text] = []
    for i, line in enumerate(lines):
        full = i > 0 and lines[i - 1].x1 > box.x1 - 2.2 * lines[i - 1].height
        if full and not begins_item(line.text.text):
            made[-1] = joined([made[-1], line.text], _glue(made[-1].text, line.text.text))
        else:
            made.append(line.text)
    return joined(made, "\n") if made else Text("", f"page[{page.number}]")


def _in_order(
    flow: list[Row | Table], made: list[Table], inside: list[tuple[Grid, dict[Box, list[Word]]]]
) -> Iterator[Row | Table]:
    """Tables put in between the lines where they stand on the page."""
    waiting = [(grid.y0, table) for (grid, _), table in zip(inside, made, strict=True)]
    waiting.sort(key=lambda pair: pair[0])
    for part in flow:
        top = part.y0 if isinstance(part, Row) else _top(part)
        while waiting and waiting[0][0] < top:
            yield waiting.pop(0)[1]
        yield part
    yield from (table for _, table in waiting)


def _top(table: Table) -> float:
    return min((m.y0 for row in table.rows for cell in row for m in cell.text.marks), default=0.0)


def _margins(pieces: list[Row | Table]) -> dict[int, tuple[float, float]]:
    """Left and right edge of the text of every page, as the long lines of all pages of its width have them.

    A right edge left of the page's last third is none: the lines are short and all end where they end.
    """
    rows: dict[int, list[Row]] = defaultdict(list)
    widest: dict[int, float] = defaultdict(float)
    for piece in pieces:
        if isinstance(piece, Row):
            rows[piece.page].append(piece)
            widest[round(piece.across)] = max(widest[round(piece.across)], piece.x1, piece.across * 0.66)
    return {
        page: (min(line.x0 for line in lines), widest[round(lines[0].across)]) for page, lines in rows.items()
    }


def _paragraphs(pieces: list[Row | Table], margins: dict[int, tuple[float, float]]) -> Iterator[Block]:
    open_: list[Row] = []
    for piece in pieces:
        if isinstance(piece, Row) and open_ and _runs_on(open_[-1], piece, margins):
            open_.append(piece)
            continue
        if open_:
            yield _paragraph(open_)
            open_ = []
        if isinstance(piece, Row):
            open_ = [piece]
        else:
            yield piece
    if open_:
        yield _paragraph(open_)


def _runs_on(last: Row, next_: Row, margins: dict[int, tuple[float, float]]) -> bool:
    """Whether a line goes on with the sentence of the one before: that one is full, and this one begins
    at the margin with nothing that begins an item of its own."""
    left, right = margins[last.page]
    full = last.x1 > right - 2.2 * last.height
    wide = last.x1 - last.x0 > 0.5 * (right - left)
    text = next_.text.text
    if last.text.text.count("\t") > 1 or text.count("\t") > 1:
        return False  # rows of a table without rules
    if not full or not wide or begins_item(text) or abs(last.height - next_.height) > 0.4 * last.height:
        return False
    if last.text.text.rstrip().endswith(("。", ";", ":")) and (
        next_.x0 > margins[next_.page][0] + next_.height or _LABELLED.match(text)
    ):
        return False
    if next_.page == last.page and next_.y0 - last.y1 > 1.6 * last.height:
        return False
    return next_.x0 <= max(margins[next_.page][0] + 0.8 * next_.height, last.x0 + 0.5 * next_.height)


def _paragraph(rows: list[Row]) -> Paragraph:
    text = rows[0].text
    for row in rows[1:]:
        text = joined([text, row.text], _glue(text.text, row.text.text))
    return Paragraph(text)


def _glue(last: str, next_: str) -> str:
    return " " if last and next_ and _latin(last[-1], next_[0]) and last[-1].isalpha() else ""
