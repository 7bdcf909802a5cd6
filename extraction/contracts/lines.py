"""A document as lines, and the labels with their values (甲方: …, 账号: …) that stand in them.

A cell that only holds a label is joined with the cell right of it; where two parties head two columns,
the label left of both goes with each.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extraction.contracts.document import Cell, Document, Paragraph, Place, Table, Text, joined
from extraction.contracts.lexicon import is_blank, lexicon, plain

_ROOM = " \t\r\n\f\v\u00a0\u3000:;,。、_"  # what may trail behind a value
_BARE = re.compile(
    r"[\s*]{0,20}(?P<word>[^:()\[\]]{1,20}?)\s{0,20}(?P<bracket>(?:[(\[][^()\[\]]{0,20}[)\]]){0,2})[\s:]{0,20}"
)
#: Labels that name a number of their own; those may stand inside a sentence (汇入以下账号: …).
_ANYWHERE = frozenset({"code", "account", "bank", "bank_account"})
#: So much before a label tells what it belongs to: more is not looked at, a line may hold thousands.
_BEFORE = 60


@dataclass(frozen=True)
class Line:
    """One line. `row` counts lines of the document (cells of one row of a table share it), `column` is how
    far right it stands, `cell` says whether it stands in a table."""

    text: str
    source: Text
    offset: int
    row: int
    column: float = 0.0
    cell: bool = False
    aside: bool = False

    @property
    def level(self) -> int | None:
        """Depth of an automatic number."""
        return self.source.level

    def place(self, start: int = 0, end: int | None = None) -> Place:
        """Where characters of the line stand."""
        stop = len(self.text) if end is None else end
        return self.source.place(self.offset + start, self.offset + stop)


@dataclass(frozen=True)
class Pair:
    """A label with its value. `keys`: what the label may mean; `role`: the word for a party in it, or right
    before it (供方账号). `start` is where the value begins in `line`."""

    keys: tuple[str, ...]
    word: str
    role: str
    bracket: str
    value: str
    line: Line
    start: int
    column: float

    @property
    def place(self) -> Place:
        """Where the value stands."""
        return self.line.place(self.start, self.start + len(self.value))


def lines_of(document: Document, taken: frozenset[tuple[int, int]] = frozenset()) -> list[Line]:
    """The lines of a document in order; `taken` are (block, row) of tables that others read."""
    made: list[Line] = []
    row = 0
    for number, block in enumerate(document.blocks):
        if isinstance(block, Paragraph):
            for offset, text in _split(block.text.text):
                row += 1
                made.append(Line(text, block.text, offset, row, aside=block.aside))
            continue
        for texts in _table_rows(block, number, taken):
            row += 1
            for whole, column in texts:
                made += [Line(part, whole, offset, row, column, True) for offset, part in _split(whole.text)]
    return made


def _split(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for part in text.split("\n"):
        if part.strip():
            yield start, part
        start += len(part) + 1


def _table_rows(
    table: Table, number: int, taken: frozenset[tuple[int, int]]
) -> Iterator[list[tuple[Text, float]]]:
    """The texts of each row with their columns: labels joined with their values."""
    heads: dict[int, Cell] = {}  # column → the party that heads it
    schedule: dict[int, str] = {}  # column → heading of a table of instalments
    for r, cells in enumerate(table.rows):
        if (number, r) in taken:
            continue
        full = [cell for cell in cells if cell.text.text.strip()]
        roles = [c for c in full if _role_alone(c)]
        if len(roles) >= 2:
            heads = {c.column: c for c in roles}
        if schedule and len(full) >= 2 and not roles:
            yield [(_instalment(full, schedule), cells[0].column)]
            continue
        schedule = _schedule(full)
        if not schedule:
            yield from _row(full, heads)


def _schedule(cells: list[Cell]) -> dict[int, str]:
    """The headings of a table of instalments by column; none where the row heads none."""
    words = {cell.column: plain(cell.text.text) for cell in cells}
    when = any(re.search(r"条件|时间|节点|阶段|期次|期数|批次|日期|事项|里程碑", w) for w in words.values())
    much = [w for w in words.values() if re.search(r"比例|金额|款额|占比", w)]
    short = all(len(w) <= 14 and not re.search(r"\d", w) for w in words.values())
    paid = any(re.search(r"付款|支付|比例|租金|期次|期数|缴", w) for w in words.values())
    return words if len(words) >= 2 and when and much and short and paid else {}


def _instalment(cells: list[Cell], heads: dict[int, str]) -> Text:
    """A row of such a table as a sentence; a bare figure under 金额 is money."""
    parts: list[Text] = []
    for cell in cells:
        bare = re.fullmatch(r"[\d,]+(?:\.\d+)?", cell.text.text.strip())
        if bare and re.search(r"金额|款额|租金", heads.get(cell.column, "")):
            wan = "万元" if "万元" in heads[cell.column] else "元"
            parts.append(joined([Text("¥"), cell.text, Text(wan)]))
        elif bare and "比例" in heads.get(cell.column, ""):
            parts.append(joined([cell.text, Text("%")]))
        elif not (bare and re.search(r"序号|期次|期数|批次", heads.get(cell.column, ""))):
            parts.append(cell.text)
    return joined(parts, ",")


def _row(cells: list[Cell], heads: dict[int, Cell]) -> Iterator[list[tuple[Text, float]]]:
    made: list[tuple[Text, float]] = []
    shared = cells and len(cells) >= 3 and _label_alone(cells[0]) and not _label_alone(cells[1])
    if shared and sum(c.column in heads for c in cells[1:]) >= 2:
        for cell in cells[1:]:
            made.append((joined([cells[0].text, cell.text], ":"), cell.column))
        yield made
        return
    if _schedule_row(cells):
        yield [(joined([c.text for c in cells], ","), cells[0].column)]
        return
    i = 0
    while i < len(cells):
        cell = cells[i]
        after = cells[i + 1] if i + 1 < len(cells) else None
        if (
            _label_alone(cell)
            and after is not None
            and not _label_alone(after)
            and ":" not in cell.text.text[-1:]
        ):
            made.append((joined([cell.text, after.text], ":"), cell.column))
            i += 2
        elif _label_alone(cell) and after is not None and not _label_alone(after):
            made.append((joined([cell.text, after.text]), cell.column))
            i += 2
        elif _role_alone(cell):
            made.append((joined([cell.text, Text(":")]), cell.column))
            i += 1
        elif len(cells) == 2 and i == 0 and after is not None and _heads(cell, after):
            made.append((joined([cell.text, after.text], ":"), cell.column))
            i += 2
        else:
            made.append((cell.text, cell.column))
            i += 1
    yield made


def _heads(cell: Cell, after: Cell) -> bool:
    """Whether a short cell names what the longer one right of it is about."""
    name = cell.text.text.strip()
    return len(plain(name)) <= 12 and "\n" not in name and ":" not in name and len(after.text.text) >= 2


def _schedule_row(cells: list[Cell]) -> bool:
    """Whether a row of three cells or more holds a share of its own: 到货款 | 货到验收合格后 | 60%."""
    return len(cells) >= 3 and any(re.fullmatch(r"\s*\d{1,3}(?:\.\d+)?\s*%\s*", c.text.text) for c in cells)


def _label_alone(cell: Cell) -> bool:
    text = cell.text.text.strip()
    if "\n" in text or len(text) > 30:
        return False
    found = _BARE.fullmatch(text)
    if found is None:
        return False
    word = plain(found["word"])
    known = lexicon()
    return word in known.labels or word in known.roles or plain(text).rstrip(":") in known.labels


def _role_alone(cell: Cell) -> bool:
    text = cell.text.text.strip()
    found = _BARE.fullmatch(text) if len(text) <= 100 else None
    return found is not None and plain(found["word"]) in lexicon().roles


def pairs_of(line: Line) -> list[Pair]:
    """The labels of a line with their values."""
    known = lexicon()
    found = [m for m in known.label.finditer(line.text) if _stands(line.text, m, known.roles)]
    made: list[Pair] = []
    seen: dict[str, int] = {}
    for i, match in enumerate(found):
        word = plain(match["word"])
        end = found[i + 1].start() if i + 1 < len(found) else len(line.text)
        end = _before_role(line.text, match.end(), end) if i + 1 < len(found) else end
        value, start = _value(line.text, match.end(), end)
        role = word if word in known.roles else _role_before(_just_before(line.text, match.start()))
        keys = known.labels.get(word, ())
        same = "" if word in known.roles else word  # two words for parties stand side by side
        column = _column(line, match.start(), seen.get(same, 0))
        seen[same] = seen.get(same, 0) + 1
        made.append(Pair(keys, word, role, match["bracket"] or "", value, line, start, column))
    return made


def _column(line: Line, start: int, same_before: int) -> float:
    if line.source.marks:
        return line.source.left_of(line.offset + start)
    if line.cell:
        return line.column
    return float(same_before or line.text.startswith(("\t", "      ")))


def _stands(text: str, match: "re.Match[str]", roles: dict[str, str]) -> bool:
    """Whether a label begins where labels begin, and not inside another word."""
    whole = _just_before(text, match.start())
    before = whole.rstrip(" ")
    if not before or not (before[-1].isalnum() or "\u4e00" <= before[-1] <= "\u9fff"):
        return True
    word = plain(match["word"])
    if word in roles:
        return len(before) < len(whole) or before[-1].isdigit()
    if _role_before(before):
        return True
    spaced = len(before) < len(whole)
    return spaced or any(key in _ANYWHERE for key in lexicon().labels.get(word, ())) or before[-1].isdigit()


def _just_before(text: str, start: int) -> str:
    """The few characters that stand before `start`."""
    return text[max(0, start - _BEFORE) : start]


def _role_before(before: str) -> str:
    """The word for a party that a text ends with: 供方 in 供方开户行."""
    tail = before.rstrip(" 的/、")[-14:]
    return next((plain(m[0]) for m in lexicon().role.finditer(tail) if m.end() == len(tail)), "")


def _before_role(text: str, start: int, end: int) -> int:
    """`end` moved before the word for a party that belongs to the next label."""
    piece = text[start:end].rstrip(" 的/、")
    return next((start + m.start() for m in lexicon().role.finditer(piece) if m.end() == len(piece)), end)


def _value(text: str, start: int, end: int) -> tuple[str, int]:
    """The value between two labels without what is only room to write, and where it begins."""
    piece = text[start:end]
    lead = len(piece) - len(piece.lstrip(" \t_"))
    piece = piece[lead:]
    for part in piece.split("\t"):
        if not is_blank(part):
            begin = piece.index(part)
            inner = len(part) - len(part.lstrip(" _"))
            return part[inner:].rstrip(_ROOM), start + lead + begin + inner
    return "", start + lead


def value_below(lines: list[Line], index: int) -> tuple[str, Line] | None:
    """What stands in the line after a label without a value: 甲方: ⏎ 平湖尼龙有限公司."""
    here = lines[index]
    for line in lines[index + 1 : index + 2]:
        if (line.cell and line.row != here.row and line.column != here.column) or pairs_of(line):
            return None
        if not is_blank(line.text) and len(line.text) <= 60:
            return line.text.strip(), line
    return None
