"""The ruled tables of a PDF page: lines drawn → grid → cells, merged ones as one.

Only what is drawn counts: thin filled boxes (as word processors draw borders) and stroked lines.
"""

from collections import defaultdict
from collections.abc import Iterator
from ctypes import c_float, c_int
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2 as pdfium
from pypdfium2 import raw

#: What is thinner is a line, in points; lines so near are one line.
_THIN, _NEAR = 2.5, 3.0
#: Pages that draw more than this draw pictures.
_MOST_PATHS, _MOST_SEGMENTS = 4_000, 400


@dataclass(frozen=True, slots=True)
class Line:
    """A horizontal or vertical line: its place across, and from where to where it runs."""

    at: float
    start: float
    end: float


@dataclass(frozen=True)
class Box:
    """A cell of a grid: rows and columns it covers, and its edges in points from the top left."""

    row: int
    column: int
    rows: int
    columns: int
    x0: float
    y0: float
    x1: float
    y1: float

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.x0 <= x < self.x1 and self.y0 <= y < self.y1


@dataclass(frozen=True)
class Grid:
    """One ruled table."""

    boxes: tuple[Box, ...]
    x0: float
    y0: float
    x1: float
    y1: float


def grids(page: pdfium.PdfPage) -> list[Grid]:
    """The ruled tables of a page, from the top; none on a turned page. Call with pdfium's lock held."""
    if page.get_rotation():
        return []
    level: list[Line] = []
    upright: list[Line] = []
    for line, is_level in _lines(page):
        (level if is_level else upright).append(line)
    level, upright = _merged(level), _merged(upright)
    if len(level) < 2 or len(upright) < 2:
        return []
    made = [_grid(h, v) for h, v in _components(level, upright)]
    return sorted((g for g in made if g is not None), key=lambda g: (g.y0, g.x0))


def _lines(page: pdfium.PdfPage) -> Iterator[tuple[Line, bool]]:
    """Lines with whether they are level; y from the top."""
    left, bottom, _, top = page.get_bbox()
    height = top - bottom
    for number, thing in enumerate(page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=1)):
        if number > _MOST_PATHS:
            return
        filled, stroked = c_int(), c_int()
        if not raw.FPDFPath_GetDrawMode(thing.raw, filled, stroked):
            continue
        for subpath in _subpaths(thing.raw):
            points = [(x - left, height - (y - bottom)) for x, y in subpath]
            if stroked.value:
                for (x0, y0), (x1, y1) in pairwise(points):
                    yield from _line(x0, y0, x1, y1)
            if filled.value and len(points) >= 4:
                xs, ys = [p[0] for p in points], [p[1] for p in points]
                yield from _line(min(xs), min(ys), max(xs), max(ys))


def _line(x0: float, y0: float, x1: float, y1: float) -> Iterator[tuple[Line, bool]]:
    wide, high = abs(x1 - x0), abs(y1 - y0)
    if high <= _THIN < wide:
        yield Line((y0 + y1) / 2, min(x0, x1), max(x0, x1)), True
    elif wide <= _THIN < high:
        yield Line((x0 + x1) / 2, min(y0, y1), max(y0, y1)), False


def _subpaths(path: object) -> Iterator[list[tuple[float, float]]]:
    """The corners of every subpath, on the page; curves are left out."""
    count = raw.FPDFPath_CountSegments(path)
    if not 2 <= count <= _MOST_SEGMENTS:
        return
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(path, matrix)
    points: list[tuple[float, float]] = []
    x, y = c_float(), c_float()
    for i in range(count):
        segment = raw.FPDFPath_GetPathSegment(path, i)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO and points:
            yield points
            points = []
        if kind == raw.FPDF_SEGMENT_BEZIERTO or not raw.FPDFPathSegment_GetPoint(segment, x, y):
            continue
        points.append(
            (
                matrix.a * x.value + matrix.c * y.value + matrix.e,
                matrix.b * x.value + matrix.d * y.value + matrix.f,
            )
        )
        if raw.FPDFPathSegment_GetClose(segment) and points:
            points.append(points[0])
    if points:
        yield points


def _merged(lines: list[Line]) -> list[Line]:
    """Pieces of one line as one line."""
    made: list[Line] = []
    groups: dict[int, list[Line]] = defaultdict(list)
    last, group = None, 0
    for line in sorted(lines, key=lambda piece: piece.at):
        if last is not None and line.at - last > _NEAR:
            group += 1
        last = line.at
        groups[group].append(line)
    for pieces in groups.values():
        at = sum(p.at for p in pieces) / len(pieces)
        start = end = None
        for piece in sorted(pieces, key=lambda p: p.start):
            if start is None or end is None or piece.start > end + _NEAR:
                if start is not None and end is not None:
                    made.append(Line(at, start, end))
                start, end = piece.start, piece.end
            else:
                end = max(end, piece.end)
        if start is not None and end is not None:
            made.append(Line(at, start, end))
    return made


def _components(level: list[Line], upright: list[Line]) -> Iterator[tuple[list[Line], list[Line]]]:
    """Lines that touch each other, group by group."""
    group = list(range(len(level) + len(upright)))

    def root(i: int) -> int:
        while group[i] != i:
            group[i] = group[group[i]]
            i = group[i]
        return i

    for i, h in enumerate(level):
        for j, v in enumerate(upright):
            meets = h.start - _NEAR <= v.at <= h.end + _NEAR and v.start - _NEAR <= h.at <= v.end + _NEAR
            if meets:
                group[root(i)] = root(len(level) + j)
    found: dict[int, tuple[list[Line], list[Line]]] = defaultdict(lambda: ([], []))
    for i, h in enumerate(level):
        found[root(i)][0].append(h)
    for j, v in enumerate(upright):
        found[root(len(level) + j)][1].append(v)
    yield from (pair for pair in found.values() if len(pair[0]) >= 2 and len(pair[1]) >= 2)


def _grid(level: list[Line], upright: list[Line]) -> Grid | None:
    """The cells between the lines; None where it is only a frame."""
    # Where the outer border is left open, the lines across say how far the table reaches.
    ys = _places([line.at for line in level] + [e for line in upright for e in (line.start, line.end)])
    xs = _places([line.at for line in upright] + [e for line in level for e in (line.start, line.end)])
    if len(ys) < 2 or len(xs) < 2 or (len(ys) == 2 and len(xs) == 2):
        return None
    high, wide = len(ys) - 1, len(xs) - 1
    group = {(r, c): (r, c) for r in range(high) for c in range(wide)}

    def root(cell: tuple[int, int]) -> tuple[int, int]:
        while group[cell] != cell:
            cell = group[cell]
        return cell

    for r in range(high):
        for c in range(wide):
            y, x = (ys[r] + ys[r + 1]) / 2, (xs[c] + xs[c + 1]) / 2
            if c + 1 < wide and not _drawn(upright, xs[c + 1], y):
                _join(group, root((r, c)), root((r, c + 1)))
            if r + 1 < high and not _drawn(level, ys[r + 1], x):
                _join(group, root((r, c)), root((r + 1, c)))
    merged: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for cell in group:
        merged[root(cell)].append(cell)
    boxes = []
    for cells in merged.values():
        r0, r1 = min(r for r, _ in cells), max(r for r, _ in cells) + 1
        c0, c1 = min(c for _, c in cells), max(c for _, c in cells) + 1
        boxes.append(Box(r0, c0, r1 - r0, c1 - c0, xs[c0], ys[r0], xs[c1], ys[r1]))
    if len(boxes) < 2:
        return None
    return Grid(tuple(sorted(boxes, key=lambda b: (b.row, b.column))), xs[0], ys[0], xs[-1], ys[-1])


def _join(
    group: dict[tuple[int, int], tuple[int, int]], first: tuple[int, int], second: tuple[int, int]
) -> None:
    low, high = sorted((first, second))
    group[high] = low


def _places(ats: list[float]) -> list[float]:
    made: list[float] = []
    for at in sorted(ats):
        if not made or at - made[-1] > _NEAR:
            made.append(at)
    return made


def _drawn(lines: list[Line], at: float, across: float) -> bool:
    return any(abs(line.at - at) <= _NEAR and line.start <= across <= line.end for line in lines)
