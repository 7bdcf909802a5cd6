"""Documents that no reader takes: each is told what it is instead."""

import io
import os
from pathlib import Path

import pytest
import xlsxwriter

from extraction.ingest import ingest
from extraction.source import Source, sources
from extraction.unknown import why_unknown
from ledger.errors import InputError
from ledger.ledger import Ledger
from tests.ledgers import line, source, xlsx_bytes

ENTITY = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7\n%...", "file_malformed"),
        (b"\x89PNG\r\n\x1a\n....", "picture_broken"),
        (b"\xff\xd8\xff\xe0....", "picture_broken"),
        (b"RIFF....WEBPVP8 ", "picture_broken"),
        (b"GIF89a....", "image_not_read"),
        (b"II*\0....", "image_not_read"),
        (b"\0\0\0\x18ftypheic....", "image_not_read"),
        (ENTITY, "xml_bomb"),
        (ENTITY.decode().encode("utf-16"), "xml_bomb"),
        (b'<?xml version="1.0"?><a><b>', "file_truncated"),
        (b"<!DOCTYPE html><html></html>", "file_unknown"),
        (b"<a>well</a>", "file_unknown"),
        (b" \r\n\r\n", "file_empty"),
        (b"one,two\n1,2\n", "file_unknown"),
        (xlsx_bytes(a=[]), "file_empty"),
        (xlsx_bytes(a=[["天气", "晴"]]), "file_unknown"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"WordDocument" * 50, "file_unknown"),
    ],
)
def test_what_it_is_instead(tmp_path: Path, data: bytes, code: str) -> None:
    (tmp_path / "paper").write_bytes(data)
    [outcome] = ingest([tmp_path / "paper"], Ledger(tmp_path / "home")).outcomes
    assert outcome.state == "failed"
    assert outcome.error is not None
    assert outcome.error.code == code
    assert "paper" in str(outcome.error)
    assert "paper" in outcome.error.text("zh")


def test_a_workbook_that_reaches_too_far_says_so() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("a").write(1_048_575, 16_383, "x")
    error = why_unknown(Source("a.xlsx", out.getvalue()))
    assert error.code == "sheet_too_wide"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("发票.csv".encode("gb18030"), "发票.csv"),
        (b"\xff\xff.csv", "\\xff\\xff.csv"),
        ("发票.csv".encode(), "发票.csv"),
    ],
)
def test_names_of_files_in_any_encoding(tmp_path: Path, name: bytes, shown: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    try:
        (folder / os.fsdecode(name)).write_bytes(source([line(1)]).data)
    except OSError:
        pytest.skip("this file system takes only names in UTF-8")
    summary = ingest([folder], Ledger(tmp_path / "home"))
    assert [(o.name, o.state) for o in summary.outcomes] == [(f"in/{shown}", "read")]
    [alone] = sources(folder / os.fsdecode(name))
    assert isinstance(alone, Source)
    assert alone.name == shown


def test_links_that_lead_outside_the_folder_are_told_and_not_followed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "in", tmp_path / "out"
    (folder / "sub").mkdir(parents=True)
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    (folder / "a").write_bytes(b"mine")
    (folder / "b").symlink_to(folder / "a")
    (folder / "c").symlink_to(outside / "secret")
    (folder / "d").symlink_to(outside)
    (folder / "e").symlink_to(folder / "e")
    (folder / "sub" / "f").symlink_to("../../out/secret")
    found = list(sources(folder))
    assert [(s.name, s.data) for s in found if isinstance(s, Source)] == [
        ("in/a", b"mine"),
        ("in/b", b"mine"),
    ]
    told = [e for e in found if isinstance(e, InputError)]
    assert {e.code for e in told} == {"link_outside"}
    assert [e.params["file"] for e in told] == ["in/c", "in/d", "in/e", "in/sub/f"]


def test_a_link_given_itself_is_read(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a").write_bytes(b"mine")
    (tmp_path / "file").symlink_to(tmp_path / "real" / "a")
    (tmp_path / "folder").symlink_to(tmp_path / "real")
    for path, name in ((tmp_path / "file", "file"), (tmp_path / "folder", "folder/a")):
        [found] = sources(path)
        assert isinstance(found, Source)
        assert (found.name, found.data) == (name, b"mine")
