"""Reader of invoices as OFD (GB/T 33190): an attached XML wins, tags and print fill what it lacks.

Layers, most certain first: the attachment (older e-invoice, XBRL or fully digitalised XML), the tags
that point at printed text, the named values in `OFD.xml`, and a few things only the print tells.
"""

import posixpath
import re

from extraction.digital_xml import digital_paper
from extraction.ofd_tags import CONFIDENCE, METHOD, MONEY, WORDS, tag_paper
from extraction.ofd_text import Document, Text, open_document
from extraction.old_einvoice import is_old, old_paper
from extraction.paper import Paper, Value
from extraction.paper_kinds import kind_of_code, kind_of_title
from extraction.reader import PaperReader
from extraction.source import Source
from extraction.xbrl import xbrl_paper
from extraction.xml_safe import child, children, local, parse, text
from ledger.errors import FileUnreadable

#: Names of values in `OFD.xml`; they hold no names of firms in most files.
_NAMED = {
    "发票代码": "code",
    "发票号码": "number",
    "开票日期": "issued",
    "校验码": "check_code",
    "机器编号": "machine_no",
    "合计金额": "amount",
    "合计税额": "tax",
    "价税合计": "total",
    "购买方纳税人识别号": "buyer.code",
    "购买方名称": "buyer.name",
    "销售方纳税人识别号": "seller.code",
    "销售方名称": "seller.name",
    "开票人": "drawer",
}
_COLOUR = {"蓝字发票": "是", "红字发票": "否"}
_LISTED = re.compile(r"[(（]?详见.{0,4}清单[)）]?")


class OfdReader(PaperReader):
    """Invoices as OFD."""

    name = "ofd"
    version = 2

    def recognises(self, source: Source) -> bool:
        """By the entry file inside the zip."""
        return source.data.startswith(b"PK") and b"ofd.xml" in source.data.lower()

    def paper(self, source: Source) -> Paper:
        """The invoice. FileUnreadable or UnsafeFile when the container or a part is broken."""
        document = open_document(source)
        if document is None:
            raise FileUnreadable("file_malformed", file=source.name, detail="OFD.xml")
        paper = Paper()
        for layer in (_attached(document), _tagged(document), _named(document)):
            if layer is not None:
                paper.fill_from(layer)
        _put_printed(paper, document)
        paper.put_people()
        return paper


def _attached(document: Document) -> Paper | None:
    """The invoice of the first attachment that is one; of a broken one, tags and print still tell."""
    for name, data in _attachments(document):
        if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            continue
        try:
            root = parse(data, f"{document.file}/{name}", mend=True)
        except FileUnreadable:
            continue
        if local(root) == "EInvoice":
            return digital_paper(root)
        if local(root) == "xbrl":
            return xbrl_paper(root)
        if is_old(root):
            return old_paper(root)
    return None


def _attachments(document: Document) -> list[tuple[str, bytes]]:
    """Listed attachments first, then what lies in the attachments' folder unlisted."""
    found: dict[str, bytes] = {}
    listing = text(document.root, "Attachments")
    data = document.part(document.folder, listing) if listing else None
    if data is not None:
        folder = posixpath.join(document.folder, posixpath.dirname(listing))
        for entry in children(parse(data, f"{document.file}/{listing}", mend=True), "Attachment"):
            location = text(entry, "FileLoc")
            if (attachment := document.part(folder, location)) is not None:
                found[location] = attachment
    for name in document.names():
        folder, _, base = name.rpartition("/")
        unlisted = base.casefold().endswith(".xml") and base not in found
        if not unlisted or base.casefold() == "attachments.xml" or not folder.casefold().endswith("/attachs"):
            continue
        if (extra := document.part("", name)) is not None:
            found[base] = extra
    return list(found.items())


def _tagged(document: Document) -> Paper | None:
    """The invoice by its tags; a tag file that cannot be mended is no reason to give up the rest."""
    listing = text(document.root, "CustomTags")
    data = document.part(document.folder, listing) if listing else None
    if data is None:
        return None
    folder = posixpath.join(document.folder, posixpath.dirname(listing))
    paper = Paper()
    for entry in children(parse(data, f"{document.file}/{listing}", mend=True), "CustomTag"):
        tags = document.part(folder, text(entry, "FileLoc"))
        if tags is None:
            continue
        try:
            paper.fill_from(tag_paper(parse(tags, document.file, mend=True), document))
        except FileUnreadable:
            continue
    return paper


def _named(document: Document) -> Paper:
    """The named values of `OFD.xml`."""
    paper = Paper()
    for entry in children(child(document.info, "DocInfo", "CustomDatas"), "CustomData"):
        name, value = entry.get("Name", ""), (entry.text or "").strip()
        if name == "校验码":
            value = value.replace(" ", "")
        if path := _NAMED.get(name):
            paper.put(path, Value(value, METHOD, CONFIDENCE))
        if name == "开票类型" and value in _COLOUR:
            paper.derived["positive"] = _COLOUR[value]
        if name == "模板编号" and (kind := kind_of_title(value)):
            paper.derived["kind"] = kind
    return paper


def _put_printed(paper: Paper, document: Document) -> None:
    """Kind from the title, total in words, and the front page's one line of an invoice with a list."""
    texts = [t for t in document.texts.values() if t.page == 1]
    kinds = (kind_of_title(t.text) for t in texts)
    if kind := next(filter(None, kinds), "") or kind_of_code(paper.text("code")):
        paper.derived.setdefault("kind", kind)
    if words := next((t for t in texts if WORDS.fullmatch(t.text.strip()) and _is_sum(t)), None):
        paper.put("words", Value(words.text.strip(), "text", CONFIDENCE, words.page, words.box))
    for front in texts:
        if _LISTED.fullmatch(front.text.strip()):
            _put_front(paper, front, texts)


def _is_sum(text: Text) -> bool:
    return "圆" in text.text or "元" in text.text


def _put_front(paper: Paper, front: Text, texts: list[Text]) -> None:
    """`详见销货清单`: the row's first amount is without tax, its last is the tax."""
    row = [t for t in texts if abs(t.top - front.top) < front.height / 2]
    money = sorted((t for t in row if MONEY.search(t.text)), key=lambda t: t.x)
    places = {"item": front} | ({"amount": money[0], "tax": money[-1]} if len(money) > 1 else {})
    for path, found in places.items():
        value = found.text.strip().lstrip("¥￥")
        paper.extra[f"front[1].{path}"] = Value(value, "text", CONFIDENCE, found.page, found.box)
