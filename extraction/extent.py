"""How far the cells of a workbook reach, told before anything lays them out as a full rectangle.

A program that reads sheets makes room for every place between A1 and the last filled cell: one stray
cell at XFD1048576 would be 17 thousand million places. So the cells' own coordinates are read first,
in a stream; what a sheet declares as its dimension is not believed.
"""

from collections.abc import Iterator
from functools import lru_cache
from xml.parsers import expat

from extraction.archive import Archive, Limits
from ledger.errors import FileUnreadable

#: No sheet may span more places than this; from `_CHECKED` places on, one in `_SPARSE` must be filled.
LARGEST, _CHECKED, _SPARSE = 50_000_000, 2_000_000, 100
#: Without these bytes no program finds cells in a part, whatever the part is called.
_CELLS = b"sheetData"
#: Control characters, and the mark of references: as blanks they cannot make the parser stop or expand.
_BLANKED = bytes(32 if (b < 32 and b not in b"\t\n\r") or b == ord("&") else b for b in range(256))
#: Records of XLSB: the one a sheet begins with, a row's header, and cells that hold something.
_SHEET_RECORD = b"\x81\x01"
_ROW_RECORD, _CELL_RECORDS = 0, range(2, 12)


class _Extent:
    """The filled cells of one sheet: how many, and the lowest and the rightmost of them (from 1)."""

    def __init__(self) -> None:
        self.filled = 0
        self.lowest = self.rightmost = (0, 0)

    def add(self, row: int, column: int) -> None:
        self.filled += 1
        if row > self.lowest[0]:
            self.lowest = (row, column)
        if column > self.rightmost[1]:
            self.rightmost = (row, column)

    def check(self, file: str) -> None:
        """FileUnreadable, naming the cells that reach too far."""
        cells = "、".join(dict.fromkeys(place_name(*place) for place in (self.lowest, self.rightmost)))
        check_area(file, self.lowest[0] * self.rightmost[1], cells, self.filled)


def check_area(file: str, area: int, cells: str, filled: int | None = None) -> None:
    """FileUnreadable when a sheet of `area` places from A1 is larger than any ledger, or nearly empty."""
    if area > LARGEST or (filled is not None and area > max(_CHECKED, _SPARSE * filled)):
        raise FileUnreadable("sheet_too_wide", file=file, cells=cells, area=area)


def check_extent(data: bytes, file: str) -> None:
    """Look through all sheets of an XLSX or XLSB. FileUnreadable when one reaches too far or is broken."""
    archive = Archive(data, file, Limits())
    if any(name.lower() in ("content.xml", "mimetype") for name in archive.names):
        raise FileUnreadable("file_malformed", file=file, detail="OpenDocument")
    binary = any(name.lower() == "xl/workbook.bin" for name in archive.names)
    for member in archive.members:
        if binary and member.name.lower().endswith(".bin"):
            part = archive.read(member)
            if part.startswith(_SHEET_RECORD):
                _binary(part).check(file)
        elif _holds(archive.chunks(member), _CELLS):
            _cells(archive.chunks(member), file).check(file)


def _holds(chunks: Iterator[bytes], word: bytes) -> bool:
    end = b""
    for chunk in chunks:
        if word in end + chunk:
            return True
        end = chunk[-len(word) :]
    return False


class _Cells:
    """The handlers that walk one sheet. Cells without coordinates follow one another."""

    def __init__(self, file: str) -> None:
        self.extent, self.file = _Extent(), file
        self.row = self.column = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag if tag in ("c", "v", "row") else tag.rpartition(":")[2]
        if name == "c":
            self._move(attributes.get("r"))
        elif name in ("v", "is"):
            self.extent.add(self.row, self.column)
        elif name == "row":
            given = attributes.get("r", "")
            self.row, self.column = (int(given) if given.isdecimal() and len(given) < 8 else self.row + 1), 0

    def _move(self, place: str | None) -> None:
        if place is None:
            self.column += 1
            return
        letters = place.rstrip("0123456789")  # a million cells pass here: no pattern is matched for each
        row, self.column = place[len(letters) :], _number(letters)
        if not self.column or not 0 < len(row) < 8:
            raise FileUnreadable("file_malformed", file=self.file, detail=place[:20])
        self.row = int(row)


def _cells(chunks: Iterator[bytes], file: str) -> _Extent:
    """The extent of one sheet in XML. Bytes beyond ASCII are letters to it, whatever they mean."""
    walk, parser = _Cells(file), expat.ParserCreate("iso-8859-1")
    parser.StartElementHandler = walk.start
    try:
        for chunk in chunks:
            parser.Parse(chunk.translate(_BLANKED), False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        detail = expat.ErrorString(error.code)
        raise FileUnreadable("file_malformed", file=file, detail=detail) from error
    return walk.extent


def _binary(data: bytes) -> _Extent:
    """The extent of one sheet of an XLSB, whose records are a kind, a length and content."""
    extent, place, row = _Extent(), 0, -1
    while place < len(data):
        kind, place = _packed(data, place, 2)
        size, place = _packed(data, place, 4)
        if kind == _ROW_RECORD and size >= 4:
            row = int.from_bytes(data[place : place + 4], "little")
        elif kind in _CELL_RECORDS and size >= 4 and row >= 0:
            extent.add(row + 1, 1 + int.from_bytes(data[place : place + 4], "little"))
        place += size
    return extent


def _packed(data: bytes, place: int, longest: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where the next thing stands."""
    value = 0
    for index, byte in enumerate(data[place : place + longest]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, place + index + 1
    return value, place + longest


@lru_cache(maxsize=20_000)
def _number(letters: str) -> int:
    """The column of that name; 0 for what names none."""
    if len(letters) > 3 or not (letters.isascii() and letters.isalpha()):
        return 0
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return column


def place_name(row: int, column: int) -> str:
    """A place as spreadsheets write it: (1048576, 16384) → XFD1048576."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"
