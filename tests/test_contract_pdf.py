"""The text of PDFs: lines joined to sentences, tables with and without rules, edges of pages dropped."""

from io import BytesIO

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from extraction.contracts.document import Document, Paragraph, Table
from extraction.contracts.pdf_text import read_pdf_text
from extraction.source import Source
from tests.contract_files import FONT, as_pdf

SENTENCE = (
    "甲方应在收到货物并验收合格且收到乙方开具的增值税专用发票之日起三十个工作日内向乙方付清全部货款" * 2
)


def texts(document: Document, aside: bool = False) -> list[str]:
    return [b.text.text for b in document.blocks if isinstance(b, Paragraph) and b.aside == aside]


def tables(document: Document) -> list[list[list[str]]]:
    return [
        [[cell.text.text for cell in row] for row in block.rows]
        for block in document.blocks
        if isinstance(block, Table)
    ]


def pages(*drawn: list[tuple[float, float, str]]) -> Source:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = BytesIO()
    canvas = Canvas(out, pagesize=(595, 842), invariant=1)
    for page in drawn:
        canvas.setFont(FONT, 10.5)
        for x, y, text in page:
            canvas.drawString(x, 842 - y, text)
        canvas.showPage()
    canvas.save()
    return Source("x.pdf", out.getvalue())


def test_a_sentence_over_lines_is_one_and_an_item_begins_anew() -> None:
    document = read_pdf_text(as_pdf(f"一、{SENTENCE}\n二、违约责任：无"))
    assert texts(document) == [f"一、{SENTENCE}", "二、违约责任:无"]


def test_a_sentence_over_two_pages_is_one() -> None:
    long = "甲" * 45
    first = [(58.0, 60.0, "合同正文"), (58.0, 740.0, long), (280.0, 820.0, "- 1 -")]
    document = read_pdf_text(pages(first, [(58.0, 80.0, "乙方付款。"), (280.0, 820.0, "- 2 -")]))
    assert texts(document)[-1] == long + "乙方付款。"


def test_what_stands_at_the_edge_of_every_page_is_told_once_and_aside() -> None:
    head, foot = (58.0, 40.0, "合同编号：A-1"), (280.0, 820.0, "第 1 页 共 2 页")
    document = read_pdf_text(pages([head, (58.0, 200.0, "甲方"), foot], [head, (58.0, 200.0, "乙方"), foot]))
    assert texts(document, aside=True) == ["合同编号:A-1"]
    assert texts(document) == ["甲方", "乙方"]


def test_a_place_is_a_box_on_its_page() -> None:
    document = read_pdf_text(pages([(58.0, 100.0, "甲方：平湖尼龙有限公司")], [(58.0, 300.0, "乙方")]))
    last = document.blocks[-1]
    assert isinstance(last, Paragraph)
    place = last.text.place()
    assert place.page == 2
    x0, y0, x1, y1 = (float(v) for v in (place.box or "").split(","))
    assert 57 < x0 < 59 and 285 < y0 < 300 <= y1 < 306 and 75 < x1 < 82


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_place_on_a_page_that_lies_on_its_side_is_told_as_people_see_it(quarters: int) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    wide, high = (842, 595) if quarters % 2 else (595, 842)
    out = BytesIO()
    canvas = Canvas(out, pagesize=(wide, high), invariant=1)
    canvas.setFont(FONT, 10.5)
    # The writing runs down, upside down, or up, on a page that is shown as it is.
    canvas.translate(*{1: (0, high), 2: (wide, high), 3: (wide, 0)}[quarters])
    canvas.rotate(-90 * quarters)
    for down in (100, 130, 160):
        canvas.drawString(60, 842 - down, "甲方：平湖尼龙有限公司")
    canvas.save()
    document = read_pdf_text(Source("x.pdf", out.getvalue()))
    first = document.blocks[0]
    assert isinstance(first, Paragraph)
    seen = document.shown(first.text.place())
    assert seen.page == 1
    x0, y0, x1, y1 = (float(v) for v in (seen.box or "").split(","))
    middle = ((x0 + x1) / 2, (y0 + y1) / 2)
    # Upright the line runs from 60 to about 175 at 97 from the top of a sheet of 595 by 842.
    across, down = 117, 97
    expected = {1: (842 - down, across), 2: (595 - across, 842 - down), 3: (down, 595 - across)}[quarters]
    assert middle == pytest.approx(expected, abs=6)
    assert (x1 - x0 > y1 - y0) == (quarters == 2)


def test_ruled_tables_have_their_cells_and_wrapped_ones_are_joined() -> None:
    rows = "|品名|规格|数量|\n|锦纶切片|PA66|50|\n|合计||50|"
    assert tables(read_pdf_text(as_pdf(rows)))[0][1] == ["锦纶切片", "PA66", "50"]


def test_cells_merged_in_a_ruled_table_are_one() -> None:
    rows = "|品名|规格|数量|金额|\n|切片|PA66|50|100|\n|合计金额（大写）：壹佰元整||||"
    table = next(b for b in read_pdf_text(as_pdf(rows)).blocks if isinstance(b, Table))
    assert [(c.column, c.span) for c in table.rows[2]] == [(0, 4)]


def test_unruled_goods_are_cut_at_their_columns() -> None:
    text = """
|产品名称|规格型号|单位|数量|单价|金额|
|锦纶切片|PA66 2.7|吨|50|18,000.00|900,000.00|
|合计|||||900,000.00|
"""
    made = tables(read_pdf_text(as_pdf(text, ruled=False)))
    assert made[0][1] == ["锦纶切片", "PA66 2.7", "吨", "50", "18,000.00", "900,000.00"]


def test_lines_that_only_underline_are_no_table() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = BytesIO()
    canvas = Canvas(out, pagesize=(595, 842), invariant=1)
    canvas.setFont(FONT, 10.5)
    canvas.drawString(58, 700, "甲方：平湖尼龙有限公司")
    canvas.line(90, 697, 300, 697)
    canvas.rect(20, 20, 550, 800)
    canvas.showPage()
    canvas.save()
    assert texts(read_pdf_text(Source("x.pdf", out.getvalue()))) == ["甲方:平湖尼龙有限公司"]
