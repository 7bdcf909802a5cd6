"""The invoice of an OFD by its tags: names of values, pointing at the text objects that print them.

Tags use the names of the older e-invoice. Lines stand in `GoodsInfo` groups, or as flat lists of
references, one list a column; then the geometry says which cell belongs to which line.
"""

import re
from collections.abc import Iterable

from lxml import etree

from extraction.ofd_text import Document, Text
from extraction.old_einvoice import ACCOUNT, HEADER, JOINED, LINE, is_old
from extraction.paper import Paper, Value, split_phone
from extraction.xml_safe import child, children, local

METHOD, CONFIDENCE = "ofd_tag", 0.9
MONEY = re.compile(r"-?\d[\d,]*\.\d{2}(?!\d)")
WORDS = re.compile(r"[（(]?负?数?[)）]?[零壹贰叁肆伍陆柒捌玖拾佰仟万亿圆元角分整正]+")
_AMOUNTS = frozenset({"amount", "tax", "total"})
_SIGNS = re.compile(r"[¥￥\s]")
#: Cells that wrap over several printed lines; all others stand on one.
_WRAPPED = frozenset({"item", "specification"})


def tag_paper(root: etree._Element, document: Document) -> Paper:
    """The invoice that the tags below `root` describe."""
    root = next((e for e in root.iter() if is_old(e) and child(e, "InvoiceNo") is not None), root)
    paper = Paper()
    for path, tags in HEADER.items():
        texts = _texts(document, root, *tags)
        if path == "total":
            _put_total(paper, texts)
        else:
            paper.put(path, _value(texts, _clean(path, texts)))
    for side, tags in JOINED.items():
        texts = _texts(document, root, *tags)
        address, phone = split_phone(_joined(texts))
        paper.put(f"{side}.address", _value(texts, address))
        paper.put(f"{side}.phone", _value(texts, phone))
    for side, tags in ACCOUNT.items():
        texts = _texts(document, root, *tags)
        paper.put(f"{side}.account", _value(texts, _joined(texts)))
    groups = children(child(root, "GoodsInfos"), "GoodsInfo")
    paper.lines = _grouped(document, groups) if groups else _by_geometry(document, root)
    return paper


def _put_total(paper: Paper, texts: list[Text]) -> None:
    """The total's tag names figures, or words and figures."""
    joined = "".join(t.text for t in texts)
    if money := MONEY.search(joined):
        paper.put("total", _value(texts, money[0].replace(",", "")))
    if words := next((t for t in texts if WORDS.fullmatch(t.text.strip())), None):
        paper.put("words", _value([words], words.text.strip()))


def _grouped(document: Document, groups: list[etree._Element]) -> list[dict[str, Value]]:
    """Lines from `GoodsInfo` groups: the tags say which cell belongs where."""
    lines = []
    for group in groups:
        cells = {path: _texts(document, group, tag) for path, tag in LINE.items()}
        data = {path: _data(group, tag) for path, tag in LINE.items()}
        made = {p: _value(t, _clean(p, t)) for p, t in cells.items() if t}
        made |= {p: Value(d, METHOD, CONFIDENCE) for p, d in data.items() if d and p not in made}
        lines.append(made)
    return [made for made in lines if made]


def _by_geometry(document: Document, root: etree._Element) -> list[dict[str, Value]]:
    """Lines from flat columns: one line an amount, other cells by page and height."""
    columns = {path: sorted(_texts(document, root, tag), key=_place) for path, tag in LINE.items()}
    anchors = columns["amount"] or [t for t in columns["item"] if t.text.lstrip().startswith("*")]
    cells: list[dict[str, list[Text]]] = [{} for _ in anchors]
    for path, texts in columns.items():
        starts = _starts(path, texts, anchors)
        for text in texts:
            index = _line_of(text, starts, wraps=path in _WRAPPED)
            if index is not None:
                cells[index].setdefault(path, []).append(text)
    return [{p: _value(t, _clean(p, t)) for p, t in cell.items()} for cell in cells]


def _starts(path: str, texts: list[Text], anchors: list[Text]) -> list[Text]:
    """Where each line begins in this column: item names open with `*category*`, if all of them do."""
    opening = [t for t in texts if t.text.lstrip().startswith("*")]
    return opening if path == "item" and len(opening) == len(anchors) else anchors


def _line_of(text: Text, starts: list[Text], *, wraps: bool) -> int | None:
    """The line a cell belongs to: the last one beginning at or above it, or the nearest on its page."""
    if wraps:
        above = [i for i, s in enumerate(starts) if s.page == text.page and s.y <= text.y + text.size / 2]
        return above[-1] if above else None
    near = [(abs(s.y - text.y), i) for i, s in enumerate(starts) if s.page == text.page]
    return min(near)[1] if near else None


def _texts(document: Document, root: etree._Element, *path: str) -> list[Text]:
    """Text objects that the tags at the end of a path refer to, each distinct text once."""
    holders: Iterable[etree._Element] = [root]
    for name in path:
        holders = [e for holder in holders for e in children(holder, name)]
    found: list[Text] = []
    repeated = path[-1] not in set(LINE.values())
    for holder in holders:
        here = [t for ref in children(holder, "ObjectRef") if (t := _resolve(document, ref)) is not None]
        # One value tagged twice (a second copy lies off the page) is one value.
        if not (repeated and found and [t.text for t in here] == [t.text for t in found]):
            found += here
    return found


def _resolve(document: Document, ref: etree._Element) -> Text | None:
    return document.by_id(ref.get("PageRef", ""), (ref.text or "").strip())


def _data(group: etree._Element, tag: str) -> str:
    """A value that a tag states itself instead of pointing at print."""
    holder = child(group, tag)
    found = None if holder is None else next((e for e in holder if local(e) == "ObjectData"), None)
    return "" if found is None or found.text is None else found.text.strip()


def _clean(path: str, texts: list[Text]) -> str:
    joined = _joined(texts, rows=path == "remark")
    if path in _AMOUNTS or path.endswith((".amount", ".tax")):
        return _SIGNS.sub("", joined).replace(",", "")
    return _SIGNS.sub("", joined) if path == "check_code" else joined


def _joined(texts: list[Text], *, rows: bool = False) -> str:
    """Printed lines as one text; with `rows`, lines that do not fill their box stay lines."""
    out = ""
    for before, text in zip([None, *texts], texts, strict=False):
        same_row = before is not None and abs(before.y - text.y) < text.size / 2
        gap = "" if not rows or before is None or before.full or same_row else "\n"
        out += gap + text.text
    return out.strip()


def _value(texts: list[Text], text: str) -> Value:
    if not texts:
        return Value("", METHOD, CONFIDENCE)
    first = min(texts, key=_place)
    box = first.box if len(texts) == 1 else None
    return Value(text.strip(), METHOD, CONFIDENCE, first.page, box)


def _place(text: Text) -> tuple[int, float, float]:
    return text.page, text.y, text.x
