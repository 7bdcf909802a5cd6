"""XML read without trust: no DTD, no entities, no network, bounded size; and a peek at the root.

`peek` tells readers what a document is without parsing it. `parse` refuses what declares a DTD before
the parser sees it. `mend_prefixes` puts right the one quirk of real files: prefixes that are empty or
never declared, as some invoice platforms write them; a document cut short stays an error.
"""

import re
from functools import lru_cache

from lxml import etree

from extraction.source import Source
from ledger.errors import FileUnreadable, UnsafeFile

#: No invoice comes near this; a ledger in XML would be read another way.
LARGEST_XML = 64 * 1024**2
_HEAD = 64 * 1024
_LARGEST_MENDED = 2 * 1024**2  # an invoice; its prefixes are taken off tag by tag
_FIRST_TAG = re.compile(r"<:?[^\s<>/!?=]")
_ROOT = re.compile(r"<(?P<tag>:?[^\s<>/!?=]+)(?P<attributes>(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*)>")
_XMLNS = re.compile(r"\sxmlns(?::(?P<prefix>[\w.-]*))?\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)')")
_TAG = re.compile(r"<(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*+>")
#: What is no tag, and how it ends.
_ENDS = (("<![CDATA[", "]]>"), ("<!--", "-->"), ("<?", "?>"))
_PREFIX = re.compile(r"^(</?)(?:[\w.-]*:)")
_ATTRIBUTE_PREFIX = re.compile(r"(\s)[\w.-]+:([\w.-]+\s*=)")
_PARSER = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def peek(source: Source) -> tuple[str, str, str]:
    """(local name of the root, its namespace or '', the start of the document); ('', '', '') if no XML."""
    return _peek(source.data[:_HEAD])


@lru_cache(maxsize=64)
def _peek(head: bytes) -> tuple[str, str, str]:
    text = _head_text(head)
    if not text.startswith("<"):
        return "", "", ""
    root = _root(_bare_prolog(text))
    if root is None:
        return "", "", ""
    prefix, _, local = root["tag"].rpartition(":")
    spaces = {
        m["prefix"] or "": m["double"] or m["single"] or "" for m in _XMLNS.finditer(root["attributes"])
    }
    return local, spaces.get(prefix, ""), text


def _root(text: str) -> "re.Match[str] | None":
    """The tag of the root: the first tag, or nothing."""
    first = _FIRST_TAG.search(text)
    return None if first is None else _ROOT.match(text, first.start())


def _bare_prolog(text: str) -> str:
    """`text` without comments and processing instructions; what does not end stays."""
    kept: list[str] = []
    at = start = 0
    unended: set[str] = set()
    while (start := text.find("<", start)) >= 0:
        ends = next((e for begins, e in _ENDS[1:] if text.startswith(begins, start)), None)
        found = (
            -1 if ends is None or ends in unended else text.find(ends, start + (4 if ends == "-->" else 2))
        )
        if ends is None or found < 0:
            unended |= {ends} if ends else set()
            start += 1
            continue
        kept.append(text[at:start])
        at = start = found + len(ends)
    return "".join([*kept, text[at:]])


def _head_text(head: bytes) -> str:
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return head.decode(encoding, "replace").lstrip()


def parse(data: bytes, file: str, *, mend: bool = False) -> etree._Element:
    """The root of an XML document.

    `mend` allows one second try with all namespaces taken off. UnsafeFile when it declares a DTD,
    FileUnreadable when it is too large, cut short or not well-formed; both name `file`.
    """
    if len(data) > LARGEST_XML:
        raise FileUnreadable("file_too_large", file=file, bytes=len(data), limit=LARGEST_XML)
    _refuse_dtd(data, file)
    try:
        return _parse(data.lstrip(), file)
    except etree.XMLSyntaxError as error:
        first = error
    if mend and len(data) <= _LARGEST_MENDED:
        try:
            return _parse(mend_prefixes(data), file)
        except (etree.XMLSyntaxError, UnicodeDecodeError):
            pass  # the first error is the one that means something to the reader of the message
    raise _unreadable(first, file)


def mend_prefixes(data: bytes) -> bytes:
    """The document without any namespace: tags and attributes lose their prefixes.

    From the first tag, comment or section that does not end it is left as it is: no parser takes it.
    """
    text = data.decode("utf-8-sig").lstrip()
    kept: list[str] = []
    at = 0
    while (start := text.find("<", at)) >= 0:
        stop = _end_of(text, start)
        if stop < 0:
            break
        tag = text[start:stop]
        if not tag.startswith(("<!", "<?")):
            tag = _ATTRIBUTE_PREFIX.sub(r"\1\2", _XMLNS.sub("", _PREFIX.sub(r"\1", tag)))
        kept += [text[at:start], "" if tag.startswith("<?") else tag]
        at = stop
    return "".join([*kept, text[at:]]).encode()


def _end_of(text: str, start: int) -> int:
    """Where what begins at `start` with < ends; -1 where it does not."""
    for begins, ends in _ENDS:
        if text.startswith(begins, start):
            found = text.find(ends, start + len(begins))
            return -1 if found < 0 else found + len(ends)
    match = _TAG.match(text, start)
    return -1 if match is None else match.end()


def local(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def space(element: etree._Element) -> str:
    """The namespace of an element, '' for none."""
    return str(element.tag)[1:].partition("}")[0] if str(element.tag).startswith("{") else ""


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """The first descendant along exact local names, one step a name; None where it ends."""
    for name in path:
        if element is None:
            return None
        element = next(element.iterchildren(f"{{*}}{name}"), None)
    return element


def children(element: etree._Element | None, name: str) -> list[etree._Element]:
    """All children of that exact local name."""
    return [] if element is None else list(element.iterchildren(f"{{*}}{name}"))


def text(element: etree._Element | None, *path: str) -> str:
    """The text at the end of a path of exact local names, blanks at the ends off; '' where it is not."""
    found = child(element, *path)
    return "" if found is None or found.text is None else found.text.strip()


def texts(element: etree._Element | None) -> dict[str, str]:
    """The texts of all children by local name, blanks at the ends off; of several of a name the first."""
    found: dict[str, str] = {}
    for each in () if element is None else element.iterchildren("*"):
        found.setdefault(local(each), (each.text or "").strip())
    return found


def _parse(data: bytes, file: str) -> etree._Element:
    root = etree.fromstring(data, etree.XMLParser(**_PARSER))
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnsafeFile("xml_bomb", file=file)
    return root


def _refuse_dtd(data: bytes, file: str) -> None:
    """UnsafeFile when the prolog declares a DTD: entities of attributes expand whatever one asks."""
    prolog = _bare_prolog(_head_text(data[:_HEAD]))
    root = _root(prolog)
    if "<!" in prolog[: root.start() if root else len(prolog)]:
        raise UnsafeFile("xml_bomb", file=file)


def _unreadable(error: etree.XMLSyntaxError, file: str) -> FileUnreadable:
    message = error.msg or "XML"
    cut = ("Premature end", "EndTag: '</' not found", "Couldn't find end of Start Tag", "Document is empty")
    if any(sign in message for sign in cut):
        return FileUnreadable("file_truncated", file=file)
    return FileUnreadable("file_malformed", file=file, detail=message)
