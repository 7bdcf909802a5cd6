"""The text of Word documents: what is there, what was struck out, and files that are not to be trusted."""

import zipfile
from io import BytesIO

import pytest

from extraction.contracts.document import Document, Paragraph, Table
from extraction.docx_text import is_docx, read_docx
from extraction.source import Source
from ledger.errors import FileUnreadable, InputError, UnsafeFile
from tests.contract_files import paragraph, word


def texts(document: Document) -> list[str]:
    return [b.text.text for b in document.blocks if isinstance(b, Paragraph)]


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def test_deleted_text_is_out_and_inserted_text_is_in() -> None:
    revised = f"<w:p>{run('预付')}<w:del>{run('50%')}</w:del><w:ins>{run('30%')}</w:ins></w:p>"
    document = read_docx(word(revised))
    assert texts(document) == ["预付30%"]
    assert document.left_out == ("deleted",)


def test_struck_and_hidden_text_is_left_out_and_told() -> None:
    runs = run("甲", "<w:strike/>") + run("乙", "<w:vanish/>") + run("丙", '<w:strike w:val="0"/>')
    document = read_docx(word(f"<w:p>{runs}</w:p>"))
    assert texts(document) == ["丙"]
    assert document.left_out == ("struck",)


def test_ticked_boxes_of_a_symbol_font_are_ticks() -> None:
    ticked = '<w:r><w:sym w:font="Wingdings 2" w:char="F052"/></w:r>'
    empty = '<w:r><w:sym w:font="Wingdings 2" w:char="F0A3"/></w:r>'
    assert texts(read_docx(word(f"<w:p>{ticked}{run('月结')}{empty}{run('现款')}</w:p>"))) == ["☑月结□现款"]


def test_text_boxes_stand_aside_and_only_once() -> None:
    box = f"<w:txbxContent>{paragraph('合同编号：A1')}</w:txbxContent>"
    choices = f"<mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
    both = f"<mc:AlternateContent>{choices}</mc:AlternateContent>"
    document = read_docx(word(f"<w:p><w:r>{both}</w:r>{run('正文')}</w:p>"))
    assert texts(document) == ["正文", "合同编号:A1"]
    assert [b.aside for b in document.blocks if isinstance(b, Paragraph)] == [False, True]


def test_content_controls_are_looked_through() -> None:
    body = f"<w:sdt><w:sdtContent>{paragraph('甲方：')}</w:sdtContent></w:sdt>"
    assert texts(read_docx(word(body))) == ["甲方:"]


def test_headers_come_first() -> None:
    document = read_docx(word(paragraph("正文"), header1=paragraph("合同编号：A1")))
    assert texts(document) == ["合同编号:A1", "正文"]


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"


def test_merged_cells_keep_their_place_and_reach_down() -> None:
    down, again = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    made = (
        cell("a", '<w:gridSpan w:val="2"/>') + cell("b"),
        cell("c", down) + cell("d") + cell("e"),
        cell("", again) + cell("f") + cell("g"),
    )
    rows = "".join(f"<w:tr>{row}</w:tr>" for row in made)
    table = read_docx(word(f"<w:tbl>{rows}</w:tbl>")).blocks[0]
    assert isinstance(table, Table)
    assert [[(c.text.text, c.column, c.span, c.rows) for c in row] for row in table.rows] == [
        [("a", 0, 2, 1), ("b", 2, 1, 1)],
        [("c", 0, 1, 2), ("d", 1, 1, 1), ("e", 2, 1, 1)],
        [("f", 1, 1, 1), ("g", 2, 1, 1)],
    ]
    assert table.rows[1][2].text.where == "table[1].row[2].cell[3]"


def test_a_table_in_a_cell_comes_after_it() -> None:
    inner = f"<w:tbl><w:tr><w:tc>{paragraph('内')}</w:tc></w:tr></w:tbl>"
    document = read_docx(word(f"<w:tbl><w:tr><w:tc>{paragraph('外')}{inner}</w:tc></w:tr></w:tbl>"))
    assert [b.rows[0][0].text.text for b in document.blocks if isinstance(b, Table)] == ["外", "内"]


def test_wide_gaps_are_tabs_and_half_width_is_one_spelling() -> None:
    assert texts(read_docx(word(paragraph("甲方：（Ａ）        乙方：①５％")))) == ["甲方:(A)\t乙方:(1)5%"]


def test_entities_are_refused() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY x "y">]><w:document xmlns:w="u"><w:body/></w:document>'
    with pytest.raises(UnsafeFile):
        read_docx(_zipped(bomb))


def test_a_broken_main_part_is_told() -> None:
    with pytest.raises(FileUnreadable):
        read_docx(_zipped("<w:document"))


def test_a_cut_off_file_is_told() -> None:
    whole = word(paragraph("甲方"))
    with pytest.raises(InputError):
        read_docx(Source("cut.docx", whole.data[: len(whole.data) // 2]))


def test_other_zips_are_no_word_documents() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("OFD.xml", "<ofd/>")
    assert not is_docx(Source("a.ofd", out.getvalue()))


def _zipped(main: str) -> Source:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", main)
    return Source("x.docx", out.getvalue())
