"""Small files made to keep a reader busy: each is read, or refused, within a few seconds."""

import io
import time
import zipfile
from contextlib import suppress
from xml.sax.saxutils import escape

import psutil
import pytest

from extraction import readers, xml_safe
from extraction.bulk_pool import Bounds
from extraction.contract import ContractReader
from extraction.contracts.bounded import LONGEST_LINE, bounded
from extraction.contracts.document import Document, Mark, Paragraph, Text
from extraction.source import Source
from ledger.errors import InputError

#: Seconds; the worst took minutes.
_PATIENCE = 6.0
_BASE = (
    "采购合同", "合同编号：HT-2024-001",
    "甲方（买方）：北京甲乙商贸有限公司", "乙方（卖方）：上海丙丁机械有限公司",
    "合同总金额：人民币壹拾万元整（¥100000.00）",
    "第一条 付款方式：合同签订后7日内支付30%",
)  # fmt: skip
_ROW = (
    '<w:tr><w:tc><w:tcPr><w:gridSpan w:val="{}"/></w:tcPr><w:p><w:r><w:t>品名</w:t></w:r></w:p></w:tc></w:tr>'
)


def _docx(*paragraphs: str, raw: str = "") -> bytes:
    body = "".join(f'<w:p><w:r><w:t xml:space="preserve">{escape(p)}</w:t></w:r></w:p>' for p in paragraphs)
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml", f'<w:document xmlns:w="{space}"><w:body>{body}{raw}</w:body></w:document>'
        )
    return kept.getvalue()


_PARAGRAPHS = {
    "labels": "甲方：" * 5_000,
    "nought": "零" * 15_000,
    "nought after payment": "付款方式：合同签订后" + "零" * 15_000 + "支付",
    "numerals": "零一二三四五" * 3_000,
    "figures": "每月租金" + "1" * 15_000,
    "tabs": "x" + "\t\t" * 8_000 + "y",
    "amounts in words": "壹佰" * 8_000,
    "many dates": "2024年1月1日" * 1_500,
    "brackets": "(" * 15_000,
}
_FILES = {
    **{f"docx {name}": _docx(*_BASE, text) for name, text in _PARAGRAPHS.items()},
    "docx span": _docx(*_BASE, raw="<w:tbl>" + _ROW.format("²") + _ROW.format("9" * 5_000) + "</w:tbl>"),
    "csv blanks": ("a,b\n1,x" + " " * 50_000 + "y\n2,3\n").encode(),
    "csv lines": ("户名：甲\n" + "~\t" * 40_000 + "x\n2 3\n").encode(),
    **{
        f"xml {part!r}": b'<?xml version="1.0"?><r>' + part * 60_000
        for part in (b"<!--", b"<?", b'<a "', b"<a '\"", b'<a x="1" ')
    },
    "html span": '<html><body><table><tr><td colspan="²">交易日期</td><td colspan="9999999999999">x</td></tr>'
    "</table></body></html>".encode(),
}


def _read(source: Source) -> None:
    reader = readers.reader_for(source)
    if reader is None:
        return
    facts = getattr(reader, "facts", None)
    (facts or reader.rows)(source)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", _FILES)
def test_no_small_file_keeps_a_reader_for_long(name: str) -> None:
    began = time.process_time()
    with suppress(InputError):  # refused in words is as good as read
        _read(Source("x", _FILES[name]))
    assert time.process_time() - began < _PATIENCE


def test_a_long_paragraph_is_cut_and_the_paper_says_so() -> None:
    read = ContractReader().facts(Source("x.docx", _docx(*_BASE, "甲方：" * 5_000, "签订日期：2024年3月1日")))
    row = read.tables["contracts"].row(0, named=True)
    assert "contract_left_out_long" in {warning["code"] for warning in row["warnings"]}
    assert str(row["happened_on"]) == "2024-03-01"  # what stands below the long one
    plain = ContractReader().facts(Source("x.docx", _docx(*_BASE)))
    assert "contract_left_out_long" not in {w["code"] for w in plain.tables["contracts"]["warnings"][0]}


def test_many_lines_in_one_cell_are_all_read_and_marks_move_with_a_cut() -> None:
    many = Document((Paragraph(Text("\n".join(["一" * 1_000] * 9))),))
    assert bounded(many) is many
    line = "一" * (LONGEST_LINE + 10)
    marks = (Mark(0, len(line), 1, 0, 0, 9, 9), Mark(len(line) + 1, len(line) + 3, 1, 0, 9, 9, 18))
    (block,) = bounded(Document((Paragraph(Text(f"{line}\n尾行", marks=marks)),))).blocks
    assert isinstance(block, Paragraph)
    assert block.text.place(LONGEST_LINE + 1).box == "0.0,9.0,9.0,18.0"


def test_a_comment_may_hold_tags_and_what_does_not_end_is_left() -> None:
    mended = xml_safe.mend_prefixes(b"<!--<a:b>--><x:r :y='1>2'><![CDATA[<k:l>]]><?p <m:n>?></x:r>")
    assert mended == b"<!--<a:b>--><r :y='1>2'><![CDATA[<k:l>]]></r>"
    assert xml_safe.mend_prefixes(b"<x:r><!-- <x:y>") == b"<r><!-- <x:y>"
    assert xml_safe.peek(Source("x", b"<?xml?><!--<a>--><!-- --><b:c xmlns:b='u'>"))[:2] == ("c", "u")


def test_processes_share_half_of_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", type("M", (), {"total": 64 << 30}))
    assert Bounds().most_memory(4) == 8 << 30
    assert Bounds().most_memory(1_000) == 1 << 30
    assert Bounds(memory=5).most_memory(4) == 5
    assert Bounds().seconds == 60.0
