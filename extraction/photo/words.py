"""Runs of writing on a sheet → words on a page, as readers of print expect them; and the way back.

A page's points are chosen so that its writing is as wide as on an invoice of A4's width: readers of print
know distances in points. Runs that cross two cells of a table are parted where the letters stand apart;
names that stand upright beside a block are taken letter by letter.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import numpy as np

from extraction.paper import Paper, Value
from extraction.pdf_invoice_rows import cut
from extraction.pdf_words import Page, Word
from extraction.photo.engine import Spot
from extraction.photo.picture import Matrix
from extraction.photo.rectify import moved

#: How a value read from a picture came about.
METHOD = "ocr"
#: Points that the writing of an invoice is wide.
_WIDTH, _MARGIN = 545.0, 20.0
#: Runs stand in boxes wider than their letters, on each side by this share of their height.
_PADDING = 0.12
#: A gap between two letters of a run wider than this share of a full-width letter parts two words: anywhere,
#: and between two headings of a table.
_GAP, _CELL_GAP = 1.5, 0.4
#: Headings of the lines of an invoice.
_HEADINGS = re.compile(
    r"项目名称|货物.*名称|规格型号|单位|数量|单价|金额|税率.{0,4}|税额|单|数|金|税|位|量|价|额|率"
)
#: Signs that stand in half of their width: the other half is no gap.
_HALF = frozenset("（）()：:，,、.。;；·-—*/％%￥¥[]【】《》“”")
#: 名称： with the first letter of 购买方 or 销售方 glued to it, or another sign for its colon.
_NAME = re.compile(r"([购销]?)名称[:：_.;；]")
#: How sure a run is at most that was parted at a guessed place: less than a value that passes in silence.
_GUESSED = 0.8
#: A value no run of which lies under it is as sure as this; printed values are never surer than this.
_UNSEEN, _SUREST = 0.5, 0.9


@dataclass(frozen=True)
class Sheet:
    """A page of words, how sure each is, and the matrix that takes its points to those of the picture."""

    page: Page
    scores: tuple[float, ...]
    back: Matrix


def sheet_of(spots: list[Spot], back: Matrix, number: int) -> Sheet:
    """Runs (in pixels of a sheet) as words of page `number`; `back` takes them to points of the picture."""
    upright = _rotation(-_lean(spots))
    placed = [replace(s, corners=moved(upright, s.corners)) for s in spots]
    points = np.concatenate([s.corners for s in placed]) if placed else np.zeros((1, 2))
    low, high = points.min(axis=0), points.max(axis=0)
    scale = _WIDTH / max(float(high[0] - low[0]), 1.0)
    fit = np.array([[scale, 0, _MARGIN - scale * low[0]], [0, scale, _MARGIN - scale * low[1]], [0, 0, 1]])
    words: list[Word] = []
    scores: list[float] = []
    fitted = [replace(spot, corners=moved(fit, spot.corners)) for spot in placed]
    table = _table(fitted)
    for spot in fitted:
        mine, guessed = _words(spot, table)
        words += mine
        scores += [min(spot.score, _GUESSED) if guessed else spot.score] * len(mine)
    height = float(high[1] - low[1]) * scale + 2 * _MARGIN
    page = Page(number, _WIDTH + 2 * _MARGIN, height, tuple(words))
    return Sheet(page, tuple(scores), back @ np.linalg.inv(fit @ upright))


def seen(paper: Paper, sheets: Iterable[Sheet]) -> None:
    """Values of a paper as read from pictures: how sure by the writing under them, boxes on the picture."""
    by_page = {sheet.page.number: sheet for sheet in sheets}
    for values in (paper.header, *paper.lines, paper.extra):
        for path, value in values.items():
            if value.page in by_page and value.box:
                values[path] = _seen(value, by_page[value.page])
            else:
                values[path] = replace(value, method=METHOD)


def hull(points: Matrix) -> str:
    """The upright box around points, as the ledger keeps it."""
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return f"{max(x0, 0.0):.1f},{max(y0, 0.0):.1f},{max(x1, 0.0):.1f},{max(y1, 0.0):.1f}"


def _seen(value: Value, sheet: Sheet) -> Value:
    x0, y0, x1, y1 = (float(part) for part in (value.box or "").split(","))
    under = [
        score
        for word, score in zip(sheet.page.words, sheet.scores, strict=True)
        if (x0 - 0.5 <= (word.x0 + word.x1) / 2 <= x1 + 0.5 and y0 - 0.5 <= word.middle <= y1 + 0.5)
        or (word.x0 - 0.5 <= (x0 + x1) / 2 <= word.x1 + 0.5 and word.y0 <= (y0 + y1) / 2 <= word.y1)
    ]
    sure = round(min(_SUREST, value.confidence, *under), 2) if under else _UNSEEN
    corners = moved(sheet.back, np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]))
    return Value(value.text, METHOD, sure, value.page, hull(corners))


def _lean(spots: list[Spot]) -> float:
    """How far the lines lean, in radians: the middle of what long runs do."""
    long = [s.corners for s in spots if len(s.text) > 5]
    edges = [(c[1] - c[0] + c[2] - c[3]) / 2 for c in long]
    angles = [float(np.arctan2(y, x)) for x, y in edges if abs(x) > 3 * abs(y)]
    return median(angles) if angles else 0.0


def _rotation(angle: float) -> Matrix:
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])


@dataclass(frozen=True)
class _Table:
    """Where lines stand: between two heights; `between` are the gaps between headings, from left to right;
    `begins` are places at which cells of the columns of text begin, with where the columns before begin."""

    top: float = 0.0
    bottom: float = 0.0
    between: tuple[tuple[float, float], ...] = ()
    begins: tuple[tuple[float, float], ...] = ()

    def holds(self, y: float) -> bool:
        """Whether a height is one of lines."""
        return self.top < y < self.bottom

    def parts(self, x: float, y: float) -> bool:
        """Whether a cell may end at a place."""
        return self.holds(y) and any(a < x < b for a, b in self.between)


def _table(spots: list[Spot]) -> _Table:
    """The place of the table's lines, by its headings and its sums; nowhere where there are none."""
    boxes = [_Box(s.text.replace(" ", ""), *s.corners.min(axis=0), *s.corners.max(axis=0)) for s in spots]
    first = next((box for box in boxes if box.text in ("金额", "单价", "数量", "单位")), None)
    if first is None:
        return _Table()
    row = [box for box in boxes if abs(box.y0 - first.y0) < first.y1 - first.y0]
    row = sorted((box for box in row if not box.text[0].isdigit()), key=lambda box: box.x0)
    if sum(bool(_HEADINGS.fullmatch(box.text)) for box in row) < 4:
        return _Table()
    between = tuple((a.x1, b.x0 + 0.4 * (b.x1 - b.x0)) for a, b in pairwise(row))
    ends = (box.y0 for box in boxes if box.y0 > first.y1 and re.match("合|价税|小计", box.text))
    table = _Table(first.y1, min(ends, default=1e9), between)
    lines = [box for box in boxes if table.holds((box.y0 + box.y1) / 2)]
    begins = []
    for before, after in list(pairwise(row))[:2]:
        starts = [box.x0 for box in lines if before.x1 < box.x0 < after.x1]
        begins += [(min(starts), before.x1)] if starts else []
    return replace(table, begins=tuple(begins))


class _Box(NamedTuple):
    text: str
    x0: float
    y0: float
    x1: float
    y1: float


def _words(spot: Spot, table: _Table) -> tuple[list[Word], bool]:
    """A run as words, and whether where its cells end is a guess."""
    (x0, y0), (x1, y1) = spot.corners.min(axis=0).tolist(), spot.corners.max(axis=0).tolist()
    text = spot.text.strip()
    if len(text) > 1 and y1 - y0 > 1.5 * (x1 - x0):
        return _stacked(text, (x0, y0, x1, y1)), False
    first, last = spot.corners[[0, 3]].mean(axis=0), spot.corners[[1, 2]].mean(axis=0)
    high = float(np.linalg.norm(spot.corners[3] - spot.corners[0]))
    pad, half = _PADDING * high, (0.5 - _PADDING) * high
    cuts = [
        at
        for at, gap in _gaps(text, spot.letters)
        if gap > _GAP or table.parts(float(first[0] + (last[0] - first[0]) * at), (y0 + y1) / 2)
    ]
    guesses = list(_overrun(spot, table, cuts)) if table.holds((y0 + y1) / 2) else []
    guessed = bool(guesses) or (table.holds((y0 + y1) / 2) and " " in text and not cuts)
    cuts = sorted({*cuts, *guesses})
    words = []
    for part, begin, end in _parts(text, spot.letters, cuts):
        (left, above), (right, below) = ((first + (last - first) * at).tolist() for at in (begin, end))
        left, right = left + pad * (begin == 0), right - pad * (end == 1)
        middle = (above + below) / 2
        words += _labelled(Word(part, left, middle - half, right, middle + half, part))
    return words, guessed


def _labelled(word: Word) -> list[Word]:
    """A word with its label as forms print it: the side's letter before it apart, its colon a colon."""
    found = _NAME.match(word.printed)
    if not found:
        return [word]
    letter, rest = found.end(1), word.printed[found.end() :]
    name = cut(word, letter, len(word.printed))
    text = f"名称：{rest}"
    return [*([cut(word, 0, letter)] if letter else []), replace(name, text=text, printed=text)]


def _overrun(spot: Spot, table: _Table, cuts: list[float]) -> Iterator[float]:
    """Where a run goes on into the next column: cells of that column begin there in other rows, and text
    that fills its own column is wrapped before it. The widest gap near that place parts them."""
    (x0, _), (x1, _) = spot.corners.min(axis=0).tolist(), spot.corners.max(axis=0).tolist()
    places = [x0 + (x1 - x0) * at for _, at in spot.letters]
    for begin, left in table.begins:
        near = [x0 + (x1 - x0) * at for at in cuts]
        if x0 >= left or len(places) < 2 or not places[0] < begin < places[-1]:
            continue
        letter = (places[-1] - places[0]) / max(sum(_width(c) for c, _ in spot.letters[1:]), 0.5)
        if any(abs(at - begin) < 1.5 * letter for at in near):
            continue
        pairs = list(zip(spot.letters, pairwise(places), strict=False))
        close = [
            (b - a - letter * _width(c), a, b)
            for (c, _), (a, b) in pairs
            if abs(a + b - 2 * begin) < 2 * letter
        ]
        if close:
            _, a, b = max(close)
            yield ((a + b) / 2 - x0) / (x1 - x0)


def _gaps(text: str, letters: tuple[tuple[str, float], ...]) -> list[tuple[float, float]]:
    """Places along a run (0 to 1) at which two letters stand apart, and how far, in full-width letters."""
    if len(letters) < 2 or "".join(c for c, _ in letters) != text.replace(" ", ""):
        return []
    steps = [b - a for (_, a), (_, b) in pairwise(letters)]
    wide = [_width(c) for c, _ in letters]
    expected = [(a + b) / 2 for a, b in pairwise(wide)]
    unit = median([s / e for s, e in zip(steps, expected, strict=True)])
    found = []
    for (a, x), (b, y), step, width in zip(letters, letters[1:], steps, expected, strict=False):
        gap = step / unit - width if unit > 0 else 0.0
        if gap > (_GAP if a in _HALF or b in _HALF else _CELL_GAP):
            left, right = x + _width(a) * unit / 2, y - _width(b) * unit / 2
            found.append(((left + right) / 2, gap))
    return found


def _width(letter: str) -> float:
    return 1.0 if ord(letter[0]) > 0x2E7F else 0.5


def _stacked(text: str, box: tuple[float, float, float, float]) -> list[Word]:
    """A run that goes down: its letters one under another."""
    x0, y0, x1, y1 = box
    letters = text.replace(" ", "")
    step = (y1 - y0) / len(letters)
    return [Word(c, x0, y0 + n * step, x1, y0 + (n + 1) * step, c) for n, c in enumerate(letters)]


def _parts(
    text: str, letters: tuple[tuple[str, float], ...], cuts: list[float]
) -> list[tuple[str, float, float]]:
    """A run parted at places along it, each part with where its letters begin and end, 0 to 1."""
    if not cuts:
        return [(text, 0.0, 1.0)]
    unit = median([(b - a) / (_width(x) + _width(y)) * 2 for (x, a), (y, b) in pairwise(letters)])
    parts = []
    for low, high in pairwise([-1.0, *cuts, 2.0]):
        mine = [(c, at) for c, at in letters if low < at <= high]
        if not mine:
            continue
        begin = mine[0][1] - _width(mine[0][0]) * unit / 2 if low >= 0 else 0.0
        end = mine[-1][1] + _width(mine[-1][0]) * unit / 2 if high <= 1 else 1.0
        parts.append(("".join(c for c, _ in mine), max(begin, 0.0), min(end, 1.0)))
    return parts
