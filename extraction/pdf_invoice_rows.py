"""Words of a page as rows of text in which labels can be looked for, wherever their letters were drawn.

A row is what stands on one line of the page, from left to right, blanks left out: `名 称：` and `名称：` are
the same. Every letter of a row knows its word, so that a value found in the text has a place on the page.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from extraction.paper import Value
from extraction.pdf_words import Page, Word, turned

#: How a value found by its place in the print came about.
METHOD = "text"
#: The status of a form over which it is printed.
VOID = "作废"
#: Full-width forms to half width, one letter for one letter, so that places stay.
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0xFFE5: "¥", 0xFE69: "$"}
_FOLD |= dict(zip(map(ord, "﹙﹚﹕﹣－—–−‐∶：〇﹡＊∗"), "():------::0***", strict=True))
_FOLD |= {ord("圓"): "圆", ord("〔"): "(", ord("〕"): ")", ord("【"): "(", ord("】"): ")"}
#: Words that lie over the form: seals, the portal's count of downloads, the cipher area.
_NOISE = re.compile(
    r"(?:发票|财务|合同|电子发票)专用章|全国统一发票监制章|下载次数:?\d*|[\d*/+<>-]*[<>*/+][\d*/+<>-]{9,}"
)
_DOWNLOADS = re.compile(r"下载次数:?\d*$")
_SIDES = re.compile(r"(购买方|销售方|购货单位|销货单位)(?:信息)?|密码区|备注")
#: Printed over a form that counts no more; 涂改作废 and the like are rules printed on it.
_VOID = re.compile(r"(?<![改章印期])作废(?!无效)")
#: Letters of a stamp are higher than the words of the form by this much.
_LARGE = 1.5
_SIDE_LETTERS = frozenset("购买方销售信息货单位密码区备注")


def fold(text: str) -> str:
    """Full width as half width, letter for letter."""
    return text if text.isascii() else text.translate(_FOLD)


@dataclass
class Side:
    """A name that stands upright (or lies) beside a part of the form: 购买方, 销售方, 密码区, 备注."""

    name: str
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass
class Row:
    """Words on one line from left to right, and their letters without blanks, half width."""

    y: float
    words: list[Word]
    text: str = ""
    owner: list[int] = field(default_factory=list)  # word of each letter
    starts: list[int] = field(default_factory=list)  # first letter of each word
    height: float = 0.0  # of its highest word

    def __post_init__(self) -> None:
        self.words.sort(key=lambda w: w.x0)
        parts: list[str] = []
        count = 0
        for number, word in enumerate(self.words):
            self.starts.append(count)
            self.owner += [number] * len(word.printed)
            parts.append(word.printed)
            count += len(word.printed)
        self.text = fold("".join(parts))
        self.height = max([w.y1 - w.y0 for w in self.words])

    def x_of(self, letter: int) -> float:
        """Left edge of a letter; letter = length is the right edge of the row."""
        if letter >= len(self.owner):
            return self.words[-1].x1
        number = self.owner[letter]
        word, start = self.words[number], self.starts[number]
        if letter == start:
            return word.x0
        return _inside(word, letter - start)

    def piece(self, first: int, last: int) -> list[Word]:
        """Letters first to last (excluded) as words, those cut in two with the part of their box."""
        pieces = []
        for number in range(self.owner[first], self.owner[last - 1] + 1) if first < last else ():
            word, start = self.words[number], self.starts[number]
            begin, end = max(first - start, 0), min(last - start, len(word.printed))
            pieces.append(cut(word, begin, end))
        return pieces


def _inside(word: Word, letter: int) -> float:
    """Left edge of a letter inside a word: letters are wide or half as wide."""
    wide = [2 if ord(c) > 0x2E7F else 1 for c in word.printed]
    return word.x0 + (word.x1 - word.x0) * sum(wide[:letter]) / max(sum(wide), 1)


def cut(word: Word, begin: int, end: int) -> Word:
    """Letters begin to end (excluded) of a word with their part of its box."""
    if begin == 0 and end == len(word.printed):
        return word
    x0, x1 = _inside(word, begin), _inside(word, end)
    part = word.printed[begin:end]
    return Word(part, x0, word.y0, x1, word.y1, part)


@dataclass
class Form:
    """A page, or the part of one that holds one invoice: its rows from top to bottom and its sides."""

    page: Page
    rows: list[Row]
    sides: list[Side]
    shown: Page | None = None  # the page as people see it, where it stands turned
    voids: list[Word] = field(default_factory=list)  # 作废 printed over the form, upright
    whole: bool = True  # a page, not a part of one

    def value(self, words: list[Word], text: str, confidence: float = 0.9) -> Value:
        """A value read from `words`."""
        if not words:
            return Value("")
        first = words[0]
        box = (first.x0, first.y0, first.x1, first.y1)
        for word in words[1:]:
            box = (min(box[0], word.x0), min(box[1], word.y0), max(box[2], word.x1), max(box[3], word.y1))
        if self.shown is not None and self.shown.turn:
            box = turned(box, self.shown.turn, self.page.width, self.page.height)
        x0, y0, x1, y1 = box
        return Value(text, METHOD, confidence, self.page.number, f"{x0:.1f},{y0:.1f},{x1:.1f},{y1:.1f}")

    def part(self, top: float, bottom: float) -> "Form":
        """The rows and sides between two heights."""
        rows = [r for r in self.rows if top <= r.y < bottom]
        sides = [s for s in self.sides if top <= (s.y0 + s.y1) / 2 < bottom]
        voids = [w for w in self.voids if top <= (w.y0 + w.y1) / 2 < bottom]
        return Form(self.page, rows, sides, self.shown, voids, whole=False)

    @property
    def leaning(self) -> bool:
        """Whether 作废 is written slantwise over the page, where no place is known."""
        return bool(_VOID.search(self.page.slanted.replace(" ", "")))


def form_of(page: Page) -> Form:
    """A page without noise, its letters that name the sides taken out, the rest as rows."""
    upright = page.upright()
    voids, words = _voids(upright.words)
    sides, words = _sides(_clean(tuple(words)))
    return Form(upright, _rows(words), sides, page, voids)


def _voids(words: tuple[Word, ...]) -> tuple[list[Word], list[Word]]:
    """The words that say 作废 by themselves or in large letters, and the others."""
    if not any("废" in w.text for w in words):
        return [], list(words)
    large = _LARGE * median([w.y1 - w.y0 for w in words])
    high = [w for w in words if w.y1 - w.y0 > large]
    found = [
        w for w in words if w.text in ("作废", "已作废", "作废发票") or (w in high and _VOID.search(w.text))
    ]
    for first in high:
        if first.text == "作":  # letters drawn apart
            after = min((w for w in high if w.text == "废"), key=lambda w: _off(first, w), default=None)
            if after is not None and _off(first, after) < 6 * (first.y1 - first.y0):
                found += [first, after]
    taken = {id(w) for w in found}
    titled = {id(w) for w in found if "票" in w.text and w.text != "作废发票"}
    return found, [w for w in words if id(w) not in taken or id(w) in titled]


def _off(first: Word, second: Word) -> float:
    return abs(first.x0 - second.x0) + abs(first.y0 - second.y0)


def _clean(words: tuple[Word, ...]) -> list[Word]:
    if not words:
        return []
    largest = 3.5 * median([w.y1 - w.y0 for w in words])
    kept = []
    for word in words:
        if word.y1 - word.y0 > largest or _NOISE.fullmatch(word.text):
            continue
        if "下载次数" in word.text and (found := _DOWNLOADS.search(fold(word.printed))):
            if found.start():
                kept.append(cut(word, 0, found.start()))
            continue
        kept.append(word)
    return kept


def _rows(words: list[Word]) -> list[Row]:
    """Rows from top to bottom: words whose middles are no further apart than half their height."""
    rows: list[list[Word]] = []
    top = room = 0.0
    for word in sorted(words, key=lambda w: w.y0 + w.y1):
        if rows and word.y0 + word.y1 - top <= min(room, 0.9 * (word.y1 - word.y0)):
            rows[-1].append(word)
        else:
            rows.append([word])
            top, room = word.y0 + word.y1, 0.9 * (word.y1 - word.y0)
    return [Row(sum((w.y0 + w.y1) / 2 for w in row) / len(row), row) for row in rows]


def _sides(words: list[Word]) -> tuple[list[Side], list[Word]]:
    """The names beside parts of the form, and the words that are none of their letters."""
    letters = [w for w in words if len(w.text) <= 5 and _SIDE_LETTERS.issuperset(w.text)]
    sides: list[Side] = []
    taken: set[int] = set()
    for column in _columns(letters):
        text = "".join(w.text for w in column)
        owner = [w for w in column for _ in w.text]
        for found in _SIDES.finditer(text):
            parts = owner[found.start() : found.end()]
            if any(b.y0 - a.y1 > 6 * (a.y1 - a.y0) for a, b in pairwise(parts)):
                continue
            taken |= {id(w) for w in parts}
            box = (min(w.x0 for w in parts), parts[0].y0, max(w.x1 for w in parts), parts[-1].y1)
            sides.append(Side(found[0], *box))
    return sides, [w for w in words if id(w) not in taken]


def _columns(letters: list[Word]) -> list[list[Word]]:
    """Letters that stand one under another, from top to bottom."""
    columns: list[list[Word]] = []
    for word in sorted(letters, key=lambda w: w.x0 + w.x1):
        middle = word.x0 + word.x1
        if columns and middle - columns[-1][0].x0 - columns[-1][0].x1 < word.y1 - word.y0:
            columns[-1].append(word)
        else:
            columns.append([word])
    return [sorted(column, key=lambda w: w.y0) for column in columns]


def joined(words: list[Word]) -> str:
    """Words of one line as printed: a gap between two of them is a blank, unless all letters stand apart."""
    apart = len(words) > 2 and all(len(w.printed) == 1 for w in words)
    return ("" if apart else " ").join(w.printed for w in words)
