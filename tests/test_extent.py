"""Workbooks that reach too far: refused before anything makes room for them."""

import io
import resource
import struct
import zipfile
from collections.abc import Callable

import pytest

from extraction.books import BooksReader
from extraction.extent import LARGEST, check_area, check_extent, place_name
from extraction.sheet import HEAD
from extraction.source import Source
from extraction.workbook import open_workbook
from ledger.errors import FileUnreadable
from tests.ledgers import line, table, xlsx_bytes


@pytest.fixture(autouse=True)
def _little_memory() -> object:
    """A guard that fails to hold ends in a MemoryError or abort of this process, not of the machine."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (24 << 30, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def edited(data: bytes, edit: Callable[[str, bytes], bytes], rename: dict[str, str] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr((rename or {}).get(name, name), edit(name, old.read(name)))
    return out.getvalue()


def with_cell(xml: bytes, rows: int = 1, rename: dict[str, str] | None = None) -> bytes:
    """A ledger of so many rows, with `xml` behind the last one."""
    ledger = xlsx_bytes(账=table([line(n) for n in range(1, rows + 1)]))

    def edit(name: str, data: bytes) -> bytes:
        if "worksheets/" in name:
            return data.replace(b"</sheetData>", xml + b"</sheetData>")
        for old, new in (rename or {}).items():
            data = data.replace(old.removeprefix("xl/").encode(), new.removeprefix("xl/").encode())
        return data

    return edited(ledger, edit, rename)


def stray(place: str, value: bytes = b"<v>1</v>") -> bytes:
    return f'<row r="9"><c r="{place}">'.encode() + value + b"</c></row>"


def refused(data: bytes) -> FileUnreadable:
    with pytest.raises(FileUnreadable) as caught:
        open_workbook(data, "books.xlsx")
    assert "books.xlsx" in str(caught.value)
    return caught.value


@pytest.mark.parametrize("place", ["XFD1048576", "AE1048576", "XFD9000"])
def test_one_stray_cell_is_refused_and_named(place: str) -> None:
    error = refused(with_cell(stray(place)))
    assert error.code == "sheet_too_wide"
    assert place in str(error)
    assert place in error.text("zh")


def test_two_stray_cells_that_only_together_reach_far_are_both_named() -> None:
    error = refused(with_cell(stray("A900000") + stray("XFD9")))
    assert "A900000" in str(error)
    assert "XFD9" in str(error)


def test_a_stray_cell_hidden_from_a_quick_look_is_found() -> None:
    renamed = {"xl/worksheets/sheet1.xml": "xl/other.part"}
    assert refused(with_cell(stray("XFD1048576"), rename=renamed)).code == "sheet_too_wide"
    prefixed = b'<x:row xmlns:x="u"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>'
    assert refused(with_cell(prefixed)).code == "sheet_too_wide"
    unplaced = b'<row r="1048576">' + b"<c><v>1</v></c>" * 60 + b"</row>"
    assert refused(with_cell(unplaced)).code == "sheet_too_wide"


def test_formatted_empty_cells_far_away_do_no_harm() -> None:
    data = with_cell(stray("XFD1048576", b""))
    assert len(open_workbook(data, "x")[0].head) == 2
    assert BooksReader().facts(Source("x", data)).rows == 1


def test_control_characters_and_references_do_not_stop_the_look() -> None:
    data = with_cell(b'<row r="3"><c r="A3" t="inlineStr"><is><t>a&#x1;b&amp;\x02</t></is></c></row>')
    assert open_workbook(data, "x")[0].head[2][0].startswith("a")


def test_a_sheet_that_is_cut_off_is_refused() -> None:
    data = edited(xlsx_bytes(a=[["x"]]), lambda n, d: d[:-20] if "worksheets/" in n else d)
    assert refused(data).code == "file_malformed"


def test_an_opendocument_in_disguise_is_refused() -> None:
    out = io.BytesIO(xlsx_bytes(a=[["x"]]))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert refused(out.getvalue()).code == "file_malformed"


def record(kind: int, content: bytes) -> bytes:
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return head + bytes([len(content)]) + content


def test_a_stray_cell_of_a_binary_workbook_is_found() -> None:
    def sheet(row: int, column: int) -> bytes:
        cells = record(0, struct.pack("<I", row) + bytes(8)) + record(
            2, struct.pack("<II", column, 0) + bytes(4)
        )
        return record(129, b"") + record(145, b"") + cells + record(146, b"")

    def book(row: int, column: int) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("xl/workbook.bin", b"")
            archive.writestr("xl/worksheets/sheet1.bin", sheet(row, column))
        return out.getvalue()

    check_extent(book(9, 9), "x.xlsb")
    with pytest.raises(FileUnreadable) as caught:
        check_extent(book(1_048_575, 16_383), "x.xlsb")
    assert "XFD1048576" in str(caught.value)


def test_dense_sheets_pass() -> None:
    assert len(open_workbook(xlsx_bytes(a=[["1"] * 30] * 300), "x")[0].head) == HEAD
    check_area("x", LARGEST, "", LARGEST)
    assert [place_name(1, 26), place_name(2, 27), place_name(1_048_576, 16_384)] == [
        "Z1",
        "AA2",
        "XFD1048576",
    ]
