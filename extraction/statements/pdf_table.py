"""Tables of statements in a PDF: words with boxes → rows of cells, pages joined.

The header's words fix the columns. A row begins where the column of days has a day; what was wrapped in
other cells belongs to the row that it stands closest to. Rules drawn on the page are not needed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from extraction.pdf_words import Page, Word, read_pdf, turned
from extraction.source import Source
from extraction.statements.headings import Header, read_header
from extraction.statements.vocabulary import plain, words
from extraction.vocabulary import bare

_DAY = re.compile(r"^(?:19|20)\d{2}(?:[-/.年]\d{1,2}[-/.月]\d{1,2}日?|[01]\d[0-3]\d|[-/.年]\d{1,2}[-/.月]?$)")
_FULL_DAY = re.compile(r"^(?:19|20)\d{2}(?:[-/.年]\d{1,2}[-/.月]\d{1,2}|[01]\d[0-3]\d)")
_PAGE = re.compile(r"^第?\d+(?:页|/\d+$|of\d+)|共\d+页|^PAGE|^第\d+/", re.IGNORECASE)
#: Lines are one line when their middles lie this share of the height apart.
_SAME = 0.55


@dataclass
class Line:
    """Words of one height, from left to right."""

    words: list[Word]

    @property
    def y(self) -> float:
        """Middle of the line."""
        return sum(w.middle for w in self.words) / len(self.words)

    @property
    def text(self) -> str:
        """All of it without blanks."""
        return "".join(w.text for w in self.words)

    @property
    def height(self) -> float:
        """Height of its tallest word."""
        return max(w.y1 - w.y0 for w in self.words)


class Cell(NamedTuple):
    """A cell's text and the words it came from."""

    text: str
    words: list[Word]


@dataclass
class Table:
    """Rows of cells of one statement, as a sheet of text has them, and `places`: page and box of each cell
    (None of an empty one), as the page is shown."""

    name: str
    rows: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    places: list[list[tuple[int, str] | None]] = field(default_factory=list)

    def add(self, row: list[Cell], page: Page) -> None:
        """One more row of a page; rows count on from page to page."""
        self.rows.append([cell.text for cell in row])
        self.numbers.append(len(self.rows))
        self.places.append([_place(cell.words, page) if cell.words else None for cell in row])


@dataclass(frozen=True)
class _Columns:
    """The header of a page: the words of its cells, and where it ends."""

    header: Header
    cells: tuple[str, ...]
    spans: tuple[tuple[float, float], ...]
    top: float
    bottom: float


@lru_cache(maxsize=2)
def pdf_sheets(source: Source) -> tuple[Table, ...]:
    """The statements of a PDF, one table each; none where no page has a header. FileUnreadable if broken."""
    tables: list[Table] = []
    columns: _Columns | None = None
    account = ""
    for page in read_pdf(source).pages:
        lines = _lines(page.upright().words)
        found = _columns(lines)
        above = [ln for ln in lines if found and ln.y < found.top]
        if found is None and columns is None:
            continue
        number = _account(above)
        if found and (not tables or (number and account and number != account)):
            tables.append(_begun(above, found, page))
        account = number or account
        columns = found or columns
        if columns is None or not tables:
            continue
        below = columns.bottom if found else 0.0
        for row in _rows([ln for ln in lines if ln.y > below], columns):
            tables[-1].add(row, page)
    return tuple(tables)


def _begun(above: list[Line], columns: _Columns, page: Page) -> Table:
    table = Table("")
    for line in above[-30:]:
        table.add([Cell(w.text, [w]) for w in line.words], page)
    table.add([Cell(text, []) for text in columns.cells], page)
    return table


def _place(cell: list[Word], page: Page) -> tuple[int, str]:
    """Where words stand on the page as it is shown."""
    box = (min(w.x0 for w in cell), min(w.y0 for w in cell), max(w.x1 for w in cell), max(w.y1 for w in cell))
    if page.turn:
        size = (page.height, page.width) if page.turn % 2 else (page.width, page.height)
        box = turned(box, page.turn, *size)
    return page.number, ",".join(f"{edge:.1f}" for edge in box)


def _account(above: list[Line]) -> str:
    text = "\n".join("  ".join(w.text for w in line.words) for line in above)
    hit = words().preamble["account"].search(text)
    return hit[1] if hit else ""


def _lines(every: Iterable[Word]) -> list[Line]:
    """Words put on lines by height."""
    lines: list[Line] = []
    for word in sorted(every, key=lambda w: (w.middle, w.x0)):
        for line in reversed(lines[-6:]):
            first = line.words[0]
            size = min(word.y1 - word.y0, first.y1 - first.y0)
            if abs(word.middle - first.middle) < _SAME * size:
                line.words.append(word)
                break
        else:
            lines.append(Line([word]))
    for line in lines:
        line.words.sort(key=lambda w: w.x0)
    return sorted(lines, key=lambda line: line.y)


def _columns(lines: list[Line]) -> _Columns | None:
    """The header of a page: of one line, or of up to three that stand close together."""
    best: tuple[int, int, _Columns] | None = None
    for index, line in enumerate(lines):
        for count in (1, 2, 3):
            group = lines[index : index + count]
            if len(group) < count or (count > 1 and group[-1].y - line.y > 2.6 * line.height * (count - 1)):
                break
            cells = _clustered(group)
            if len(cells) < 3 or any(_FULL_DAY.match(text) for text, _, _ in cells):
                continue
            header = read_header([text for text, _, _ in cells])
            if header is None:
                continue
            weight = sum(len(c) for c in header.roles.values())
            if best is None or (weight, -count) > best[:2]:
                spans = tuple((x0, x1) for _, x0, x1 in cells)
                bottom = max(w.y1 for ln in group for w in ln.words)
                top = min(w.y0 for ln in group for w in ln.words)
                best = (weight, -count, _Columns(header, tuple(t for t, _, _ in cells), spans, top, bottom))
    return best[2] if best else None


def _clustered(lines: list[Line]) -> list[tuple[str, float, float]]:
    """The cells of a header: words that stand above each other are one, from top to bottom."""
    cells: list[list[Word]] = []
    for line in lines:
        for word in (part for w in line.words for part in _parted(w)):
            home = next((c for c in cells if _over(word, c)), None)
            if home is None:
                cells.append([word])
            else:
                home.append(word)
    made = [("".join(w.text for w in c), min(w.x0 for w in c), max(w.x1 for w in c)) for c in cells]
    return sorted(made, key=lambda cell: cell[1])


def _parted(word: Word) -> list[Word]:
    """A word that is several headings run together (their cells touch) as those headings."""
    text = plain(word.text)
    if text in _headings() or len(text) < 4 or len(text) != len(word.text):
        return [word]
    parts: list[str] = []
    while text:
        longest = next((text[:n] for n in range(len(text), 1, -1) if text[:n] in _headings()), "")
        if not longest:
            return [word]
        parts.append(longest)
        text = text[len(longest) :]
    made, x, step = [], word.x0, (word.x1 - word.x0) / len(word.text)
    for part in parts:
        made.append(Word(part, x, word.y0, x + step * len(part), word.y1))
        x += step * len(part)
    return made


@cache
def _headings() -> frozenset[str]:
    return frozenset(h for role in words().roles["account"] for h in role.headings if len(h) > 1)


def _over(word: Word, cell: list[Word]) -> bool:
    x0, x1 = min(w.x0 for w in cell), max(w.x1 for w in cell)
    overlap = min(word.x1, x1) - max(word.x0, x0)
    return overlap > 0.4 * min(word.x1 - word.x0, x1 - x0)


def _rows(lines: list[Line], columns: _Columns) -> list[list[Cell]]:
    """The rows below a header: anchors with the wrapped lines around them."""
    bounds = _bounds(lines, columns)
    day = _day_column(columns)
    anchors = [i for i, line in enumerate(lines) if _anchors(line, bounds, day)]
    rows: list[list[Cell]] = []
    for place, anchor in enumerate(anchors):
        start = _split(lines, anchors[place - 1], anchor) if place else _head(lines, anchor)
        after = anchors[place + 1] if place + 1 < len(anchors) else None
        end = _split(lines, anchor, after) if after is not None else _foot(lines, anchor)
        rows.append(_cells(lines[start:end], bounds, columns))
    if not anchors:
        return []
    rest = lines[_foot(lines, anchors[-1]) :]
    rows += [[Cell(line.text, line.words)] for line in rest if not _PAGE.search(line.text)]
    return rows


def _bounds(lines: list[Line], columns: _Columns) -> list[float]:
    """The edges between columns: in the gap, common to all lines with a day, between neighbouring cells."""
    day = _day_column(columns)
    mids = [(a[1] + b[0]) / 2 for a, b in pairwise(columns.spans)]
    full = [
        line for line in lines if any(_DAY.match(w.text) and _near(w, columns.spans[day]) for w in line.words)
    ]
    every = [w for line in full for w in line.words]
    edges: list[float] = []
    for i, mid in enumerate(mids):
        left, right = columns.spans[i], columns.spans[i + 1]
        low, high = (left[0] + left[1]) / 2, (right[0] + right[1]) / 2
        edges.append(_gap(every, low, high, mid))
    return edges


def _gap(every: list[Word], low: float, high: float, mid: float) -> float:
    """The place between `low` and `high` that fewest words cross, nearest to `mid`; middle of the gap."""
    inside = [(max(w.x0, low), min(w.x1, high)) for w in every if w.x1 > low and w.x0 < high]
    cuts = sorted({low, high, mid, *(x for pair in inside for x in pair)})
    if len(cuts) < 2:
        return mid
    best = (len(inside) + 1, 0.0, mid)
    for a, b in pairwise(cuts):
        if b - a < 0.5:
            continue
        crossing = sum(1 for x0, x1 in inside if x0 < b and x1 > a)
        centre = (a + b) / 2
        away = 0.0 if a <= mid <= b else abs(centre - mid)
        if (crossing, away) < best[:2]:
            best = (crossing, away, mid if a < mid < b else centre)
    return best[2]


def _day_column(columns: _Columns) -> int:
    return columns.header.roles.get("date", [0])[0]


def _near(word: Word, span: tuple[float, float]) -> bool:
    return word.x0 < span[1] + 20 and word.x1 > span[0] - 20


def _column(word: Word, bounds: list[float]) -> int:
    middle = (word.x0 + word.x1) / 2
    return sum(1 for edge in bounds if edge < middle)


def _anchors(line: Line, bounds: list[float], day: int) -> bool:
    """Whether a row of the table begins here: a day in its column, or a word of a row that adds up or
    carries over."""
    for word in line.words:
        if _column(word, bounds) == day and _DAY.match(word.text):
            return True
    figures = any(re.search(r"\d\.\d\d$", w.text) for w in line.words)
    known = words().opening | words().closing | words().totals
    return figures and any(plain(w.text.rstrip(":")) in known or bare(w.text) in known for w in line.words)


def _split(lines: list[Line], above: int, below: int) -> int:
    """Where the lines between two anchors are parted: at the widest gap, the lowest of equal ones."""
    best, place = 0.0, below
    for i in range(above + 1, below + 1):
        gap = lines[i].y - lines[i - 1].y
        if gap > best - 0.4:
            best, place = max(best, gap), i
    return place


def _head(lines: list[Line], anchor: int) -> int:
    """The first line of the page's first row: wrapped cells may begin above its day."""
    start = anchor
    while start > 0 and lines[start].y - lines[start - 1].y < 1.5 * lines[start].height:
        start -= 1
    return start


def _foot(lines: list[Line], anchor: int) -> int:
    """The line after the page's last row: wrapped cells stand close below, footers do not."""
    end = anchor + 1
    while end < len(lines):
        line = lines[end]
        if line.y - lines[end - 1].y > 1.5 * line.height or _PAGE.search(line.text):
            break
        if any(bare(w.text).rstrip(":") in words().totals for w in line.words):
            break
        end += 1
    return end


def _cells(lines: list[Line], bounds: list[float], columns: _Columns) -> list[Cell]:
    """The words of a row by column. Days and times keep a blank between what was wrapped."""
    cells: list[list[str]] = [[] for _ in columns.spans]
    drawn: list[list[Word]] = [[] for _ in columns.spans]
    for line in lines:
        parts: dict[int, list[Word]] = {}
        for word in line.words:
            parts.setdefault(_column(word, bounds), []).append(word)
        for column, found in parts.items():
            cells[column].append(" ".join(w.text for w in found))
            drawn[column] += found
    stamped = {i for role in ("date", "time") for i in columns.header.roles.get(role, [])}
    texts = [_wrapped(c, i in stamped) for i, c in enumerate(cells)]
    return [Cell(*pair) for pair in zip(texts, drawn, strict=True)]


def _wrapped(pieces: list[str], stamp: bool) -> str:
    if not stamp:
        return "".join(pieces)
    text = ""
    for piece in pieces:
        gap = "" if not text or text.endswith(("-", "/", ".", ":", "年", "月")) else " "
        text += f"{gap}{piece}"
    return text
