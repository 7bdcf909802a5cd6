"""The table of lines of an invoice form by geometry: columns from its headings, lines from its amounts.

The white space that runs down the table between two headings parts their columns. Every line has an
amount; the other cells belong to the line in whose height they stand, which depends on whether cells
that take several rows begin at the line's amount or are centred on it.
"""

import re
from bisect import bisect
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from extraction.paper import Value
from extraction.pdf_invoice_figures import AMOUNT, FIGURES, clusters, placed, sums_of, text_of
from extraction.pdf_invoice_labels import money_text
from extraction.pdf_invoice_rows import Form, Row, fold, joined
from extraction.pdf_words import Word

#: Column → its heading, blanks left out, half width. Columns of special trades are fields only.
_HEADINGS = {
    "sequence": r"序号",
    "item": r"项目名称|货物或应税劳务[、,]?(?:服务)?名称|货物\(?(?:或应税)?劳务\)?[、,]?(?:服务)?名称"
    r"|货物名称|服务名称",
    "project": r"建筑项目名称",
    "place": r"建筑服务发生地|不动产地址",
    "title": r"产权证书/不动产权证号|产权证书号?|不动产权证号",
    "plate": r"车牌号",
    "type": r"类型",
    "from": r"通行日期起",
    "until": r"通行日期止",
    "specification": r"规格型号",
    "unit": r"(?:面积|计量)?单位",
    "quantity": r"数量",
    "price": r"单价(?:\(.{1,5}?\))?",
    "amount": r"金额(?:\(.{1,5}?\))?",
    "rate": r"税率/征收率(?:\(%\))?|税率(?:\(%\))?|征收率(?:\(%\))?",
    "tax": r"税额(?:\(.{1,5}?\))?",
}
_ORDER = ("project", "item", *(k for k in _HEADINGS if k not in ("project", "item")))
_HEADING = re.compile("|".join(f"(?P<{name}>{_HEADINGS[name]})" for name in _ORDER))
#: Columns of the canonical rows; the rest become `specific.*` fields of the line.
LINE_PATHS = frozenset({"item", "specification", "unit", "quantity", "price", "amount", "rate", "tax"})
_END = re.compile(r"(?:合计|小计|总计)(?=[¥\d(*-]|$)|价税合计|备注|收款人:|开票人:|运输工具种类|出行人")
_OPENING = re.compile(r"\*[^*]")
#: Cells whose rows run on without a blank, and which hold no blanks.
_SOLID = frozenset(FIGURES)
#: Points by which a heading may stand off the middle of its column.
_OFF = 4.0
#: Columns whose cells are one word.
_SINGLE = _SOLID | {"unit", "sequence"}
_WRAPPING = ("item", "specification", "project", "place", "title")


@dataclass
class Column:
    """A column: its path, the edges of its heading, then those of its cells."""

    path: str
    x0: float
    x1: float
    left: float = -1e9
    right: float = 1e9


@dataclass
class Table:
    """Headings at height `top`, columns, rows of lines, and rows of sums by their word (合计, 小计, 总计)."""

    top: float
    bottom: float
    columns: list[Column]
    rows: list[Row]
    sums: dict[str, Row] = field(default_factory=dict)

    def column(self, path: str) -> Column | None:
        """The column of `path`."""
        return next((c for c in self.columns if c.path == path), None)


def table_of(form: Form) -> Table | None:
    """The table of lines of a form, None where it has no headings."""
    headings = _headings(form)
    if headings is None:
        return None
    columns, top, body = headings
    rows: list[Row] = []
    table = Table(top, form.page.height, columns, rows)
    for row in form.rows:
        if row.y <= body:
            continue
        if (end := _END.match(row.text)) or (end := _sum(row, columns)):
            table.bottom = min(table.bottom, row.y - 0.5 * row.height)
            if end[0] in ("合计", "小计", "总计"):
                table.sums.setdefault(end[0], row)
                continue
            break
        if table.sums:
            break
        rows.append(row)
    _set_edges(columns, [*rows, *table.sums.values()])
    return table


def _sum(row: Row, columns: list[Column]) -> re.Match[str] | None:
    """合 计 that something stands left of (a number, a seal)."""
    found = re.search(r"(?:合计|小计|总计)(?=[¥\d(*-]|$)", row.text)
    item = next((c for c in columns if c.path == "item"), None)
    inside = found is not None and item is not None and row.x_of(found.start()) < item.x1 + 20
    return found if inside and found is not None and found.start() <= 2 else None


def _headings(form: Form) -> tuple[list[Column], float, float] | None:
    """Columns, the height of the headings and that below which lines begin."""
    for row in form.rows:
        if "金额" not in row.text:
            continue
        found = _of_row(row)
        paths = {c.path for c in found}
        if "amount" not in paths or not paths & {"tax", "rate"} or len(paths) < 4:
            continue
        near = [r for r in form.rows if r is not row and abs(r.y - row.y) < 1.3 * row.height]
        below = row.y + 0.3 * row.height
        for other in near:  # a heading of two lines, or set a little higher
            more = [c for c in _of_row(other) if c.path not in paths and _free(c, found)]
            if more:
                found += more
                below = max(below, other.y + 0.3 * other.height)
            elif re.fullmatch(r"/?征收率|\(?元\)?", other.text):
                below = max(below, other.y + 0.3 * other.height)
        return sorted(found, key=lambda c: c.x0), row.y - 0.6 * row.height, below
    return None


def _of_row(row: Row) -> list[Column]:
    columns: list[Column] = []
    for match in _HEADING.finditer(row.text):
        words = row.piece(*match.span())
        if all(c.path != match.lastgroup for c in columns):
            columns.append(Column(match.lastgroup or "", words[0].x0, words[-1].x1))
    return columns


def _free(column: Column, others: list[Column]) -> bool:
    return all(column.x1 <= c.x0 or column.x0 >= c.x1 for c in others)


def _set_edges(columns: list[Column], rows: list[Row]) -> None:
    """Part neighbouring columns by the white space that runs down between their headings.

    Where there are several gaps (a short figure stands right of its heading), one that gives both columns
    at most one figure a row goes before one that gives a column two; then one that has the heading in the
    middle of its column, then the widest.
    """
    spans = [[(w.x0, w.x1) for w in row.words] for row in rows]
    headings = [(c.x0, c.x1) for c in columns]
    begins = min([row[0][0] for row in spans if row], default=columns[0].x0)
    for left, right in pairwise(columns):
        ends = left.x0 + left.x1 - begins
        first, last = (left.x0 + left.x1) / 2, (right.x0 + right.x1) / 2
        near = [[s for s in row if s[1] > first and s[0] < last] for row in spans]
        gaps = _gaps(sorted(s for row in [*near, headings] for s in row), first, last)
        if not gaps:
            begins = left.right = right.left = (left.x1 + right.x0) / 2
            continue
        if len(gaps) > 1:
            single = (left.path in _SINGLE, right.path in _SINGLE)
            several = [row for row in near if len(row) > 1]
            crowded = [_crowded(several, (a + b) / 2, single) for a, b in gaps]
            gaps = [g for g, count in zip(gaps, crowded, strict=True) if count == min(crowded)]
        x0, x1 = min(gaps, key=lambda g: (_clear(ends, g), g[0] - g[1]))
        left.right = right.left = (x0 + x1) / 2
        begins = min(max(ends, x0), x1) if _clear(ends, (x0, x1)) < _OFF else left.right


def _clear(place: float, gap: tuple[float, float]) -> float:
    """How far a place is from a gap; all far ones alike."""
    return min(max(gap[0] - place, place - gap[1], 0.0), _OFF)


def _gaps(spans: list[tuple[float, float]], first: float, last: float) -> list[tuple[float, float]]:
    """What no span covers between two places."""
    gaps: list[tuple[float, float]] = []
    reach = first
    for x0, x1 in [*spans, (last, last)]:
        if min(x0, last) > reach:
            gaps.append((reach, min(x0, last)))
        reach = max(reach, x1)
    return gaps


def _crowded(rows: list[list[tuple[float, float]]], edge: float, single: tuple[bool, bool]) -> int:
    """Rows in which an edge leaves two figures in a column that holds one."""
    count = 0
    for row in rows:
        left = sum(x0 + x1 < 2 * edge for x0, x1 in row)
        count += (single[0] and left > 1) or (single[1] and len(row) - left > 1)
    return count


def sum_cells(form: Form, table: Table, row: Row) -> dict[str, Value]:
    """Amount and tax of a row of sums."""
    made: dict[str, Value] = {}
    near = [w for r in form.rows if abs(r.y - row.y) < 0.6 * row.height for w in r.words]
    figures = [c for c in table.columns if c.path in FIGURES]
    found = sums_of({c.path: [w for w in near if _inside(w, c)] for c in figures})
    for path, words in found.items():
        text = money_text(fold("".join(w.printed for w in words)))
        if table.column(path) and (AMOUNT.fullmatch(text) or not text.strip("*")):
            made[path] = form.value(words, text)
    return made


def lines_of(form: Form, table: Table) -> list[dict[str, Value]]:
    """The lines from top to bottom, cell by cell."""
    cells = _split(table)
    amounts = [(y, w) for y, w in cells["amount"] if AMOUNT.fullmatch(text_of(w))]
    if not amounts:
        return []
    anchors = [y for y, _ in amounts]
    height = max(w.y1 - w.y0 for _, words in amounts for w in words)
    place = _places(cells, anchors, height)
    lines: list[dict[str, list[list[Word]]]] = [defaultdict(list) for _ in anchors]
    for path, rows in cells.items():
        for (_, words), index in zip(rows, place(path, [y for y, _ in rows]), strict=True):
            lines[index][path].append(words)
    return [{p: _cell(form, p, rows) for p, rows in line.items() if p != "sequence"} for line in lines]


def _split(table: Table) -> dict[str, list[tuple[float, list[Word]]]]:
    """Cells of each column: rows from top to bottom. A word stands in the column that its middle is in."""
    paths = [c.path for c in table.columns]
    edges = [c.right for c in table.columns[:-1]]
    headings = [(c.path, c.x0, c.x1) for c in table.columns]
    cells: dict[str, list[tuple[float, list[Word]]]] = {path: [] for path in paths}
    for row in table.rows:
        found: dict[str, list[Word]] = {}
        for word in row.words:
            found.setdefault(paths[bisect(edges, (word.x0 + word.x1) / 2)], []).append(word)
        for path, words in placed(found, headings).items():
            if not words:
                continue
            y = sum([w.y0 + w.y1 for w in words]) / (2 * len(words))
            cells[path].append((y, words))
    return cells


def _inside(word: Word, column: Column) -> bool:
    middle = (word.x0 + word.x1) / 2
    return column.left <= middle < column.right


class _Places:
    """To which line the rows of a column belong."""

    def __init__(
        self, anchors: list[float], height: float, starts: list[float] | None, centred: bool
    ) -> None:
        self.anchors, self.height, self.starts, self.centred = anchors, height, starts, centred

    def __call__(self, path: str, rows: list[float]) -> list[int]:
        if path not in _WRAPPING:
            nearest = [_nearest(self.anchors, y) for y in rows]
            if all(abs(self.anchors[i] - y) < 0.45 * self.height for i, y in zip(nearest, rows, strict=True)):
                return nearest
        if path == "item" and self.starts is not None:
            return [_last_before(self.starts, y + 0.3 * self.height) for y in rows]
        if self.centred:
            return _centred(rows, self.anchors)
        return [_last_before(self.anchors, y + 0.45 * self.height) for y in rows]


def _places(cells: dict[str, list[tuple[float, list[Word]]]], anchors: list[float], height: float) -> _Places:
    items = cells.get("item", [])
    opening = [y for y, words in items if _OPENING.match(fold(words[0].printed))]
    starts = opening if len(opening) == len(anchors) and _in_turn(opening, anchors, height) else None
    centred = any(_hangs([y for y, _ in rows], anchors, height) for rows in cells.values())
    if starts is not None:
        centred |= any(a - s > 0.4 * height for s, a in zip(starts, anchors, strict=True))
    return _Places(anchors, height, starts, centred)


def _hangs(rows: list[float], anchors: list[float], height: float) -> bool:
    """Whether a column has a cell that does not begin at the height of an amount."""
    begins = [y for before, y in zip([-1e9, *rows], rows, strict=False) if y - before > 1.7 * height]
    return any(abs(anchors[_nearest(anchors, y)] - y) > 0.45 * height for y in begins)


def _in_turn(starts: list[float], anchors: list[float], height: float) -> bool:
    """Whether each line begins above its amount and after the amount before."""
    after = zip(anchors, starts[1:], strict=False)
    begins = all(s <= a + 0.4 * height for s, a in zip(starts, anchors, strict=True))
    return begins and all(s > a + 0.2 * height for a, s in after)


def _nearest(anchors: list[float], y: float) -> int:
    after = bisect(anchors, y)
    if after == len(anchors) or (after and y - anchors[after - 1] <= anchors[after] - y):
        return after - 1
    return after


def _last_before(starts: list[float], y: float) -> int:
    return max(bisect(starts, y) - 1, 0)


def _centred(rows: list[float], anchors: list[float]) -> list[int]:
    """Neighbouring rows as groups in the order of the lines, each group's middle nearest to its amount.

    Least sum of squared distances; a line may have no row at all.
    """
    count = len(rows)
    best: list[list[float]] = [[0.0] + [1e18] * count]
    chosen: list[list[int]] = []
    for anchor in anchors:
        now, choice = [1e18] * (count + 1), [0] * (count + 1)
        for end in range(count + 1):
            for begin in range(max(0, end - 12), end + 1):
                cost = best[-1][begin] + _off_centre(rows[begin:end], anchor)
                if cost < now[end]:
                    now[end], choice[end] = cost, begin
        best.append(now)
        chosen.append(choice)
    owner, end = [0] * count, count
    for index in range(len(anchors) - 1, -1, -1):
        begin = chosen[index][end]
        owner[begin:end] = [index] * (end - begin)
        end = begin
    return owner


def _off_centre(rows: list[float], anchor: float) -> float:
    """What it costs that a line has these rows: they should stand around its amount, and be there."""
    return len(rows) * ((rows[0] + rows[-1]) / 2 - anchor) ** 2 if rows else 1.0


def _cell(form: Form, path: str, rows: list[list[Word]]) -> Value:
    words = [w for row in rows for w in row]
    if path not in _SOLID:
        return form.value(words, "".join(joined(row) for row in rows))
    # A blank parts cells that could not be told apart: no figure is made of two.
    text = "".join(" ".join(text_of(part) for part in clusters(row)) for row in rows)
    return form.value(words, text.replace("¥", "").replace(",", "") if path in ("amount", "tax") else text)
