"""The printed text of an OFD document: text objects by id, with page, place and size (GB/T 33190).

Lengths in the file are millimetres from the top left; boxes leave here in points. Glyph deltas do not
matter for reading: a text object's characters stand in order in its `TextCode`.
"""

import posixpath
import re
from dataclasses import dataclass, field

from lxml import etree

from extraction.archive import Archive, Limits, Member
from extraction.source import Source
from extraction.xml_safe import child, children, local, parse, text

_POINTS = 72 / 25.4
_WIDE = re.compile(r"[ᄀ-￿]")


@dataclass(frozen=True)
class Text:
    """One text object. `page` counts from 1; `x`, `y` (baseline) and sizes in millimetres."""

    page: int
    x: float
    y: float
    width: float
    height: float
    top: float
    size: float
    text: str

    @property
    def box(self) -> str:
        """`x0,y0,x1,y1` in points."""
        corners = (self.x, self.top, self.x + self.width, self.top + self.height)
        return ",".join(f"{c * _POINTS:.1f}" for c in corners)

    @property
    def full(self) -> bool:
        """Whether the text fills its box to the right edge, so that it was wrapped there."""
        wide = len(_WIDE.findall(self.text))
        return (wide + (len(self.text) - wide) / 2) * self.size > self.width - 1.5 * self.size


@dataclass
class Document:
    """An opened OFD: its parts by path, the document's root, and what its pages print."""

    archive: Archive
    file: str
    info: etree._Element
    root: etree._Element
    folder: str
    texts: dict[tuple[str, str], Text] = field(default_factory=dict)

    def by_id(self, page: str, ident: str) -> Text | None:
        """The text object that a reference names; the page may be left out where ids are unique."""
        found = self.texts.get((page, ident))
        if found is None and not page:
            found = next((t for (_, i), t in self.texts.items() if i == ident), None)
        return found

    def part(self, folder: str, loc: str) -> bytes | None:
        """A part by its location: absolute, or relative to `folder`; letter case may differ."""
        member = self._members().get(_join(folder, loc).casefold())
        if member is None:
            member = self._members().get(_join("", loc).casefold())
        return None if member is None else self.archive.read(member)

    def names(self) -> list[str]:
        """Paths of all parts."""
        return self.archive.names

    def _members(self) -> dict[str, Member]:
        return {m.name.casefold(): m for m in self.archive.members}


def open_document(source: Source, limits: Limits = Limits()) -> Document | None:  # noqa: B008
    """The first document of an OFD with its pages' texts; None when there is none inside.

    UnsafeFile or FileUnreadable as `extraction.archive` and `extraction.xml_safe` raise them.
    """
    archive = Archive(source.data, source.name, limits)
    entry = next((m for m in archive.members if m.name.upper() == "OFD.XML"), None)
    if entry is None:
        return None
    info = child(parse(archive.read(entry), f"{source.name}/{entry.name}", mend=True), "DocBody")
    if info is None:
        return None
    location = _join("", text(info, "DocRoot"))
    document = Document(archive, source.name, info, info, posixpath.dirname(location))
    root = document.part("", location)
    if root is None:
        return None
    document.root = parse(root, f"{source.name}/{location}", mend=True)
    _read_pages(document)
    return document


def _read_pages(document: Document) -> None:
    """Text objects of every page, in the order of the document."""
    templates = {
        t.get("ID", ""): t.get("BaseLoc", "")
        for t in children(child(document.root, "CommonData"), "TemplatePage")
    }
    for number, page in enumerate(children(child(document.root, "Pages"), "Page"), 1):
        ident = page.get("ID", "")
        content = _page(document, page.get("BaseLoc", ""))
        if content is None:
            continue
        for template in children(content, "Template"):
            below = _page(document, templates.get(template.get("TemplateID", ""), ""))
            _read_texts(document, below, f"template {number}", number)
        _read_texts(document, content, ident, number)


def _page(document: Document, location: str) -> etree._Element | None:
    data = document.part(document.folder, location) if location else None
    return None if data is None else parse(data, f"{document.file}/{location}", mend=True)


def _read_texts(document: Document, content: etree._Element | None, page: str, number: int) -> None:
    for element in () if content is None else content.iter():
        if local(element) != "TextObject":
            continue
        codes = children(element, "TextCode")
        words = "".join(c.text or "" for c in codes)
        place = [_number(p) for p in element.get("Boundary", "").split()]
        if len(place) != 4 or not words.strip():
            continue
        x, top, width, height = place
        baseline = top + (_number(codes[0].get("Y", "")) if codes else 0.0)
        size = _number(element.get("Size", "")) or 3.0
        found = Text(number, x, baseline, width, height, top, size, words)
        document.texts[page, element.get("ID") or f"unnamed {len(document.texts)}"] = found


def _join(folder: str, loc: str) -> str:
    loc = loc.strip().replace("\\", "/")
    path = loc if loc.startswith("/") else posixpath.join(folder, loc)
    return posixpath.normpath(path).lstrip("/")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
