"""The text of a Word document (DOCX): paragraphs and tables as they stand, revisions accepted.

Read from the zip itself, not trusted: bounded sizes, no DTD, no entities. Deleted, hidden and struck-out
text is left out, inserted text is in; text boxes and headers come as paragraphs aside; content controls
are looked through; ticked boxes drawn in a symbol font become ☑, empty ones □.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import count

from lxml import etree

from extraction.archive import Archive, Limits
from extraction.contracts.document import Block, Cell, Document, Paragraph, Table, Text, tidy
from extraction.source import Source
from extraction.xml_safe import child, children, local, parse
from ledger.errors import FileUnreadable

#: A contract is small; what unpacks to more is something else.
LIMITS = Limits(file_bytes=64 << 20, unpacked_bytes=256 << 20)
_MAIN = "word/document.xml"
_DEEPEST = 8  # tables inside tables
#: Glyphs of symbol fonts: what they show. Ticked and empty boxes matter in contracts.
_SYMBOLS = {
    **dict.fromkeys(("52", "FE", "54", "FD", "78", "A2"), "☑"),
    **dict.fromkeys(("FC", "50"), "√"),
    **dict.fromkeys(("A8", "6F", "A3", "2A", "30", "71"), "□"),
}
_BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_DELETED = frozenset({"del", "moveFrom"})
#: What is no text of the paragraph: properties, codes of fields, the small reading above a character.
_SKIPPED = frozenset({"instrText", "delText", "delInstrText", "rPr", "pPr", "sdtPr", "rt"})
_OFF = frozenset({"0", "false", "none", "off"})


def is_docx(source: Source) -> bool:
    """By the main part inside the zip."""
    return source.data.startswith(b"PK") and _MAIN.encode() in source.data


@lru_cache(maxsize=2)
def read_docx(source: Source) -> Document:
    """Paragraphs and tables. FileUnreadable or UnsafeFile when the container or its main part is broken.

    Kept for the readers that look at one document in turn.
    """
    archive = Archive(source.data, source.name, LIMITS)
    parts = {member.name: member for member in archive.members}
    if _MAIN not in parts:
        raise FileUnreadable("file_malformed", file=source.name, detail=_MAIN)
    walk = _Walk()
    body = child(parse(archive.read(parts[_MAIN]), source.name), "body")
    blocks = list(walk.blocks(body)) if body is not None else []
    heads: list[Block] = []
    for name in sorted(n for n in parts if n.startswith("word/header") and n.endswith(".xml")):
        for block in _Walk(prefix="header").blocks(parse(archive.read(parts[name]), source.name)):
            if isinstance(block, Paragraph) and block not in heads:
                heads.append(Paragraph(block.text, aside=True))
    return Document((*heads, *blocks), left_out=tuple(sorted(walk.left_out)))


@dataclass
class _Walk:
    """One pass over a part: numbers paragraphs and tables as it meets them."""

    prefix: str = ""
    left_out: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._paragraphs, self._tables = count(1), count(1)

    def blocks(self, parent: etree._Element, depth: int = 0) -> Iterator[Block]:
        """The blocks of a body, header, cell or content control, in order."""
        for element in parent:
            name = local(element)
            if name == "p":
                yield from self._paragraph(element, depth)
            elif name == "tbl" and depth < _DEEPEST:
                yield from self._table(element, depth)
            elif name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"):
                yield from self.blocks(element, depth)
            elif name == "AlternateContent":
                yield from self.blocks(_chosen(element), depth)

    def _paragraph(self, element: etree._Element, depth: int) -> Iterator[Block]:
        where = f"{self.prefix}paragraph[{next(self._paragraphs)}]"
        boxes: list[etree._Element] = []
        text = tidy("".join(self._runs(element, boxes)))
        if text.strip():
            yield Paragraph(Text(text, where, level=_level(element)))
        for box in boxes:
            for block in self.blocks(box, depth + 1):
                yield Paragraph(block.text, aside=True) if isinstance(block, Paragraph) else block

    def _runs(self, element: etree._Element, boxes: list[etree._Element]) -> Iterator[str]:
        """Text of a paragraph as shown; text boxes are put aside into `boxes`."""
        for part in element:
            name = local(part)
            if name in _BREAKS:
                yield _BREAKS[name]
            elif name == "t":
                yield part.text or ""
            elif name == "sym":
                yield _symbol(part)
            elif name == "txbxContent":
                boxes.append(part)
            elif name in _DELETED or (name == "r" and _unseen(part)):
                self.left_out.add("deleted" if name in _DELETED else "struck")
            elif name not in _SKIPPED:
                yield from self._runs(_chosen(part) if name == "AlternateContent" else part, boxes)

    def _table(self, element: etree._Element, depth: int) -> Iterator[Block]:
        number = next(self._tables)
        rows: list[list[Cell]] = []
        nested: list[Block] = []
        above: dict[int, tuple[int, int]] = {}  # column → row and place in it of the cell that reaches down
        for r, row in enumerate(_rows(element), 1):
            cells: list[Cell] = []
            rows.append(cells)
            column = _number(child(row, "trPr", "gridBefore"), 0)
            for c, part in enumerate(_cells(row), 1):
                properties = child(part, "tcPr")
                span = _number(child(properties, "gridSpan"), 1)
                merge = child(properties, "vMerge")
                continued = merge is not None and _value(merge) != "restart"
                where = f"{self.prefix}table[{number}].row[{r}].cell[{c}]"
                if continued and column in above:
                    i, j = above[column]
                    rows[i][j] = replace(rows[i][j], rows=r - i)
                else:
                    above[column] = (r - 1, len(cells))
                    cells.append(Cell(Text(self._cell(part, depth, nested), where), column, span))
                column += span
        yield Table(tuple(tuple(cells) for cells in rows), number)
        yield from nested

    def _cell(self, cell: etree._Element, depth: int, nested: list[Block]) -> str:
        """The paragraphs of a cell as lines; tables inside it are put aside into `nested`."""
        lines = []
        for block in self.blocks(cell, depth + 1):
            if isinstance(block, Paragraph):
                lines.append(block.text.text)
            else:
                nested.append(block)
        return "\n".join(lines)


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for element in table:
        name = local(element)
        if name == "tr":
            properties = child(element, "trPr")
            if child(properties, "del") is None:
                yield element
        elif name in ("sdt", "sdtContent", "customXml", "ins"):
            yield from _rows(element)


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    for element in row:
        name = local(element)
        if name == "tc":
            yield element
        elif name in ("sdt", "sdtContent", "customXml"):
            yield from _cells(element)


def _chosen(alternatives: etree._Element) -> etree._Element:
    """The newer of two drawings of one thing, the older where there is no newer."""
    choices = children(alternatives, "Choice") or children(alternatives, "Fallback")
    return choices[0] if choices else alternatives


def _unseen(run: etree._Element) -> bool:
    """Whether a run is hidden, or struck out by hand."""
    properties = child(run, "rPr")
    return any(
        (found := child(properties, name)) is not None and (_value(found) or "1") not in _OFF
        for name in ("vanish", "strike", "dstrike")
    )


def _level(paragraph: etree._Element) -> int | None:
    """Depth of the paragraph's automatic number, None where it has none."""
    numbering = child(paragraph, "pPr", "numPr")
    if numbering is None or _value(child(numbering, "numId")) == "0":
        return None
    return _number(child(numbering, "ilvl"), 0)


def _symbol(element: etree._Element) -> str:
    code = next((v for k, v in element.attrib.items() if str(k).endswith("char")), "")
    return _SYMBOLS.get(str(code)[-2:].upper(), "")


def _value(element: etree._Element | None) -> str | None:
    if element is None:
        return None
    return next((str(v) for k, v in element.attrib.items() if str(k).rpartition("}")[2] == "val"), None)


def _number(element: etree._Element | None, otherwise: int) -> int:
    value = _value(element) or ""
    return min(int(value), 64) if value.isdecimal() and len(value) <= 9 else otherwise
