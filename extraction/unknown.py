"""Why no reader takes a document: what it is instead, as far as its bytes tell."""

from extraction.pdf_words import is_pdf, read_pdf
from extraction.source import Source
from extraction.workbook import is_workbook, open_workbook
from extraction.xml_safe import parse, peek
from ledger.errors import FileUnreadable, InputError

#: Pictures of kinds that are not read; `extraction.photo` takes the others.
_IMAGES = (b"GIF8", b"II*\0", b"MM\0*")
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
#: Names of the stream that makes an old Office file a workbook.
_BOOK = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book"))


def why_unknown(source: Source) -> InputError:
    """The error to tell of a document that no reader recognises. Never raises."""
    try:
        return FileUnreadable(_kind(source), file=source.name)
    except InputError as error:
        return error


def _kind(source: Source) -> str:
    """The code of what is wrong. InputError where looking closer says it better."""
    data = source.data
    if is_pdf(source):
        read_pdf(source)
        return "pdf_not_known"
    if _is_image(data):
        return "image_not_read"
    if is_workbook(data) and _holds_book(data):
        sheets = open_workbook(data, source.name)
        return "file_unknown" if any(_has_text(sheet.head) for sheet in sheets) else "file_empty"
    if not data.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        return "file_empty"
    root, _, _ = peek(source)
    if root and root.lower() != "html":
        parse(data, source.name)
    return "file_unknown"


def _is_image(data: bytes) -> bool:
    in_container = data[4:11] in (b"ftyphei", b"ftypmif", b"ftypavi")
    bitmap = data[:2] == b"BM" and data[6:10] == b"\0\0\0\0"
    return data.startswith(_IMAGES) or in_container or bitmap


def _holds_book(data: bytes) -> bool:
    return not data.startswith(_OLE) or any(name in data for name in _BOOK)


def _has_text(rows: list[list[str]]) -> bool:
    return any(cell.strip() for row in rows for cell in row)
