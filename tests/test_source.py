"""Sources: what is behind a path, and everything a hostile or broken file may try."""

import gzip
import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.source import Limits, Source, sources
from extraction.xml_safe import parse, peek
from ledger.errors import FileUnreadable, InputError, UnsafeFile

SMALL = Limits(file_bytes=50_000_000, unpacked_bytes=60_000_000, ratio=200, ratio_from=1_000_000, members=50)


def zipped(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def found(tmp_path, name, data, limits=SMALL):
    path = tmp_path / name
    path.write_bytes(data)
    return list(sources(path, limits))


def only_error(results):
    assert len(results) == 1, results
    assert isinstance(results[0], InputError), results
    return results[0]


def test_a_plain_file_is_itself(tmp_path):
    [source] = found(tmp_path, "a.xml", b"<a/>")
    assert (source.name, source.data) == ("a.xml", b"<a/>")
    assert len(source.sha256) == 64


def test_members_of_zips_in_zips_and_gz_carry_their_path(tmp_path):
    inner = zipped({"b.xml": b"<b/>"})
    results = found(tmp_path, "a.zip", zipped({"in.zip": inner, "c.csv.gz": gzip.compress(b"x,y\n")}))
    assert {(s.name, s.data) for s in results} == {
        ("a.zip/in.zip/b.xml", b"<b/>"),
        ("a.zip/c.csv", b"x,y\n"),
    }


def test_the_content_decides_not_the_name(tmp_path):
    [source] = found(tmp_path, "invoice.xml", zipped({"b.xml": b"<b/>"}))
    assert source.name == "invoice.xml/b.xml"


@pytest.mark.parametrize("entry", ["OFD.xml", "[Content_Types].xml"])
def test_documents_that_are_zips_stay_whole(tmp_path, entry):
    data = zipped({entry: b"<x/>", "more.xml": b"<y/>"})
    [source] = found(tmp_path, "doc", data)
    assert source == Source("doc", data)


def test_a_folder_gives_its_files_in_order(tmp_path):
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "b.xml").write_bytes(b"<b/>")
    (tmp_path / "in" / "sub" / "a.xml").write_bytes(b"<a/>")
    (tmp_path / "in" / ".DS_Store").write_bytes(b"?")
    assert [s.name for s in sources(tmp_path / "in")] == ["in/b.xml", "in/sub/a.xml"]


def test_chinese_names_without_the_utf8_flag(tmp_path):
    data = zipped({"XXXX.xml": b"<a/>"}).replace(b"XXXX", "发票".encode("gb18030"))
    [source] = found(tmp_path, "a.zip", data)
    assert source.name == "a.zip/发票.xml"


def test_an_empty_file_and_an_empty_zip(tmp_path):
    assert only_error(found(tmp_path, "a.xml", b"")).code == "file_empty"
    assert only_error(found(tmp_path, "a.zip", zipped({}))).code == "file_empty"


def test_a_missing_file(tmp_path):
    error = only_error(list(sources(tmp_path / "no.xml")))
    assert error.code == "file_not_found"
    assert "no.xml" in str(error)


def test_a_file_above_the_limit_is_not_read(tmp_path):
    error = only_error(found(tmp_path, "a.xml", b"x" * 101, Limits(file_bytes=100)))
    assert error.code == "file_too_large"
    assert "a.xml" in str(error)


def test_one_bad_member_does_not_stop_the_rest(tmp_path):
    data = zipped({"big.xml": b"z" * 2000, "../evil.xml": b"<e/>", "empty.xml": b"", "ok.xml": b"<a/>"})
    results = found(tmp_path, "a.zip", data, Limits(file_bytes=1000))
    assert [r.name for r in results if isinstance(r, Source)] == ["a.zip/ok.xml"]
    errors = {e.code: str(e) for e in results if not isinstance(e, Source)}
    assert set(errors) == {"file_too_large", "zip_path_escapes", "file_empty"}
    assert all("a.zip" in text for text in errors.values())


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/x", "C:/x", "..\\x"])
def test_paths_that_escape(tmp_path, name):
    error = only_error(found(tmp_path, "a.zip", zipped({name: b"<a/>"})))
    assert isinstance(error, UnsafeFile)
    assert error.code == "zip_path_escapes"


def test_an_encrypted_member(tmp_path):
    data = bytearray(zipped({"a.xml": b"<a/>", "b.xml": b"<b/>"}))
    central = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[central + 8] |= 1
    results = found(tmp_path, "a.zip", bytes(data))
    assert [r.name for r in results if isinstance(r, Source)] == ["a.zip/b.xml"]
    assert [r.code for r in results if not isinstance(r, Source)] == ["file_encrypted"]


def test_an_encrypted_office_file(tmp_path):
    data = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le")
    assert only_error(found(tmp_path, "a.xlsx", data)).code == "file_encrypted"


def test_zip_bombs_by_ratio_size_and_nesting(tmp_path):
    flat = zipped({"a": b"\0" * 20_000_000})
    assert only_error(found(tmp_path, "flat.zip", flat)).code == "zip_bomb"
    wide = zipped({f"{n}": b"\0" * 40_000_000 for n in range(2)}, zipfile.ZIP_DEFLATED)
    error = only_error(found(tmp_path, "wide.zip", wide))
    assert isinstance(error, UnsafeFile)
    assert "wide.zip" in str(error)
    fat = zipped({"a": b"ab" * 300_000})
    nested = zipped({f"{n}.zip": fat for n in range(20)}, zipfile.ZIP_STORED)
    results = found(tmp_path, "nested.zip", nested, Limits(unpacked_bytes=3_000_000))
    assert [r.code for r in results if not isinstance(r, Source)].count("zip_bomb") >= 10
    assert sum(len(r.data) for r in results if isinstance(r, Source)) <= 3_000_000


def test_a_bomb_inside_a_document_is_seen_before_a_reader_opens_it(tmp_path):
    data = zipped({"[Content_Types].xml": b"<x/>", "sheet.xml": b"\0" * 20_000_000})
    assert only_error(found(tmp_path, "a.xlsx", data)).code == "zip_bomb"


def test_a_size_that_lies_is_found_out(tmp_path):
    data = bytearray(zipped({"[Content_Types].xml": b"y" * 5000}))
    central = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, central + 24, 10)
    assert only_error(found(tmp_path, "a.xlsx", bytes(data))).code == "file_truncated"


def test_nesting_too_deep(tmp_path):
    data = b"<a/>"
    for _ in range(4):
        data = zipped({"in.zip": data})
    assert only_error(found(tmp_path, "a.zip", data)).code == "zip_too_deep"


def test_too_many_members(tmp_path):
    error = only_error(found(tmp_path, "a.zip", zipped({str(n): b"x" for n in range(51)})))
    assert error.code == "zip_too_many"


def test_gzip_bomb_and_cut_gzip(tmp_path):
    assert only_error(found(tmp_path, "b.csv.gz", gzip.compress(b"\0" * 20_000_000))).code == "zip_bomb"
    assert only_error(found(tmp_path, "c.csv.gz", gzip.compress(b"abc" * 999)[:-9])).code == "file_truncated"
    [source] = found(tmp_path, "d.csv.gz", gzip.compress(b"ab") + gzip.compress(b"cd"))
    assert (source.name, source.data) == ("d.csv", b"abcd")


def test_a_cut_zip(tmp_path):
    error = only_error(found(tmp_path, "a.zip", zipped({"a.xml": b"<a/>"})[:-30]))
    assert error.code == "file_truncated"
    assert "a.zip" in str(error)


@given(st.integers(0, 10_000), st.integers(0, 255), st.booleans())
@settings(max_examples=200, deadline=None)
def test_no_damage_raises(tmp_path_factory, place, byte, cut):
    data = bytearray(zipped({"a.xml": b"<a>text</a>" * 9, "n.zip": zipped({"b": b"bb" * 50})}))
    place %= len(data)
    data[place] = byte
    path = tmp_path_factory.mktemp("damage") / "a.zip"
    path.write_bytes(bytes(data[: place + 1]) if cut else bytes(data))
    for result in sources(path, SMALL):
        assert isinstance(result, Source | InputError)


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "' + b"y" * 99 + b'"><!ENTITY z "&x;&x;&x;">]><a>&z;</a>'
)


@pytest.mark.parametrize(
    "data",
    [
        BOMB,
        BOMB.decode().encode("utf-16"),
        b"<!-- c --><!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        b"<!DOCTYPE a><a/>",
    ],
)
def test_xml_with_a_dtd_is_refused(data):
    with pytest.raises(UnsafeFile) as caught:
        parse(data, "bomb.xml")
    assert caught.value.code == "xml_bomb"
    assert "bomb.xml" in str(caught.value)


def test_xml_cut_short_or_wrong_names_the_file():
    with pytest.raises(FileUnreadable) as cut:
        parse(b"<a><b>text</b>", "cut.xml")
    assert cut.value.code == "file_truncated"
    with pytest.raises(FileUnreadable) as wrong:
        parse(b"<a><b></a></b>", "wrong.xml")
    assert wrong.value.code == "file_malformed"
    assert "wrong.xml" in str(wrong.value)


def test_a_document_type_in_text_is_text():
    assert parse(b"<a><![CDATA[<!DOCTYPE x>]]></a>", "a.xml").text == "<!DOCTYPE x>"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xef\xbb\xbf\n<?xml version='1.0'?><!-- <no/> --><p:r xmlns:p='urn:x'/>", ("r", "urn:x")),
        ("<?xml version='1.0' encoding='utf-16'?><r xmlns='urn:y'/>".encode("utf-16"), ("r", "urn:y")),
        (b"a,b\n<c>", ("", "")),
        (b"", ("", "")),
    ],
)
def test_peek(data, expected):
    assert peek(Source("a", data))[:2] == expected


def test_mending_takes_prefixes_off_and_keeps_text():
    root = parse(b'<:e xmlns:=""><o:R a:Page="1">x &lt;y:z&gt;</o:R></:e>', "a.xml", mend=True)
    assert (root.tag, root[0].tag, root[0].get("Page"), root[0].text) == ("e", "R", "1", "x <y:z>")
    with pytest.raises(FileUnreadable):
        parse(b'<:e xmlns:=""><o:R>', "a.xml", mend=True)
