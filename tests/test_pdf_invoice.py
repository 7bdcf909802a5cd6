"""Invoices as PDF: what a form prints is read by its geometry, whatever the order and manner of drawing."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdfium2 import PdfDocument
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from extraction.paper import Paper
from extraction.paper_checks import CHECKS
from extraction.pdf_invoice import PdfInvoiceReader
from extraction.pdf_invoice_forms import papers_of
from extraction.pdf_words import read_pdf
from extraction.readers import reader_for
from extraction.rows import Facts
from extraction.source import Source
from extraction.unknown import why_unknown
from ledger.errors import FileUnreadable
from ledger.words import label
from seeds.codes import synthetic_codes
from seeds.paper import PaperInvoice, PaperLine, Party, in_words, percent, plain
from seeds.papers_pdf import LAYOUTS, write_pdf
from seeds.papers_pdf_digital import DigitalForm, draw_digital
from seeds.papers_pdf_sheet import Sheet
from seeds.papers_xml import write_digital_xml
from seeds.sample_invoices import sample_invoices

READER = PdfInvoiceReader()
CODES = synthetic_codes(np.array([91, 91]), np.array([1, 2]))
SELLER = Party("平湖合成尼龙有限公司", CODES[0])
BUYER = Party("海南合成商贸有限公司", CODES[1])
LINE = PaperLine(
    "*塑料制品*高温尼龙切片", 10000, 1300, Decimal("0.13"), Decimal(4), Decimal(25), "千克", "PA46"
)
INVOICE = PaperInvoice("25990000000000000001", datetime(2025, 3, 4), SELLER, BUYER, (LINE,), drawer="合成一")


def source(data: bytes) -> Source:
    return Source("a.pdf", data)


def papers(data: bytes) -> list[Paper]:
    return papers_of(read_pdf(source(data)))


def facts(data: bytes) -> Facts:
    assert READER.recognises(source(data))
    return READER.facts(source(data))


def bare(text: str) -> str:
    """Blanks at the end of a printed line cannot be seen."""
    return "".join(text.split())


def assert_read(paper: Paper, invoice: PaperInvoice, unprinted: Iterable[str] = ()) -> None:
    expected = {
        "number": invoice.number,
        "issued": f"{invoice.issued:%Y年%m月%d日}",
        "seller.name": invoice.seller.name,
        "seller.code": invoice.seller.code,
        "buyer.name": invoice.buyer.name,
        "buyer.code": invoice.buyer.code,
        "amount": plain(invoice.amount_fen),
        "total": plain(invoice.total_fen),
        "words": in_words(invoice.total_fen),
        "drawer": invoice.drawer,
        "remark": invoice.full_remark,
    }
    if invoice.code:
        expected |= {"code": invoice.code, "check_code": invoice.check_code, "payee": invoice.payee}
        expected |= {"reviewer": invoice.reviewer, "seller.account": invoice.seller.account}
    assert {p: bare(paper.text(p)) for p in expected} == {p: bare(v) for p, v in expected.items()}
    assert paper.derived["kind"] == invoice.kind
    assert len(paper.lines) == len(invoice.lines)
    for found, line in zip(paper.lines, invoice.lines, strict=True):
        cells = {
            "item": line.item,
            "specification": line.specification,
            "unit": line.unit,
            "quantity": "" if line.quantity is None else f"{line.quantity:f}",
            "price": "" if line.price is None else f"{line.price:f}",
            "amount": plain(line.amount_fen),
            "rate": percent(line.rate),
            "tax": "***" if line.rate is None else plain(line.tax_fen),
        }
        wanted = {p: bare(v) for p, v in cells.items() if v and p not in unprinted}
        assert {p: bare(v.text) for p, v in found.items()} == wanted


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_read_value_by_value(layout: str) -> None:
    form = LAYOUTS[layout]
    unprinted = {"specification", "unit", "quantity", "price"} if layout == "building" else set()
    for invoice in sample_invoices(5, seed=3, era=form.era, most=2 if form.a_page > 1 else 9):
        (paper,) = papers(write_pdf(invoice, layout))
        assert_read(paper, invoice, unprinted)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([n for n in LAYOUTS if n not in ("building", "digital_two")]))
def test_sampled_invoices_come_back(seed: int, layout: str) -> None:
    (invoice,) = sample_invoices(1, seed=seed, era=LAYOUTS[layout].era)
    (paper,) = papers(write_pdf(invoice, layout))
    assert_read(paper, invoice)


def test_several_invoices_in_one_file_on_one_page_and_on_many() -> None:
    invoices = list(sample_invoices(3, seed=5, most=2))
    for layout in ("digital_two", "digital"):
        found = papers(write_pdf(invoices, layout))
        for paper, invoice in zip(found, invoices, strict=True):
            assert_read(paper, invoice)
    read = facts(write_pdf(invoices, "digital_two"))
    assert read.tables["invoices"]["number"].to_list() == [i.number for i in invoices]
    paths = dict(read.tables["fields"].select("path", "value").iter_rows())
    assert paths["invoices[2].number"] == invoices[1].number
    assert paths["invoices[3].lines[1].item"] == invoices[2].lines[0].item


def test_a_list_of_goods_replaces_the_line_of_the_front() -> None:
    invoice = next(i for i in sample_invoices(40, era="old") if len(i.lines) > 12)
    (paper,) = papers(write_pdf(invoice, "old"))
    assert_read(paper, invoice)
    assert paper.extra["front[1].amount"].text == plain(invoice.amount_fen)


def test_a_copy_of_the_same_page_adds_no_lines() -> None:
    data = write_pdf([INVOICE, INVOICE], "digital")
    (paper,) = papers(data)
    assert_read(paper, INVOICE)


def edited(data: bytes, rotation: int = 0, crop: tuple[float, ...] | None = None) -> bytes:
    document, out = PdfDocument(data), BytesIO()
    document[0].set_rotation(rotation)
    if crop:
        document[0].set_cropbox(*crop)
    document.save(out)
    document.close()
    return out.getvalue()


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_page_on_its_side_is_read_and_its_boxes_lie_on_it(rotation: int) -> None:
    data = edited(write_pdf(INVOICE, "digital"), rotation)
    (paper,) = papers(data)
    assert_read(paper, INVOICE)
    page = read_pdf(source(data)).pages[0]
    x0, y0, x1, y1 = map(float, (paper.header["number"].box or "").split(","))
    assert any(
        w.text == INVOICE.number and abs(w.x0 - x0) < 1 and abs(w.y0 - y0) < 1 and abs(w.x1 - x1) < 1
        for w in page.words
    )
    assert 0 <= x0 < x1 <= page.width
    assert 0 <= y0 < y1 <= page.height


def test_a_cropped_page_is_read() -> None:
    data = edited(write_pdf(INVOICE, "digital"), crop=(5, 10, 590, 390))
    (paper,) = papers(data)
    assert_read(paper, INVOICE)
    assert read_pdf(source(data)).pages[0].width == 585


def test_every_value_has_a_place_its_checks_and_a_confidence() -> None:
    fields = {f["path"]: f for f in facts(write_pdf(INVOICE, "digital")).tables["fields"].to_dicts()}
    total = fields["total"]
    assert (total["page"], total["method"]) == (1, "text")
    assert total["box"]
    assert total["checks"] == ["amount_plus_tax", "words_agree"]
    assert total["confidence"] == 0.996
    assert fields["lines[1].quantity"]["checks"] == ["quantity_times_price"]
    assert fields["lines[1].quantity"]["confidence"] == 0.98
    assert fields["drawer"]["confidence"] == 0.9  # nothing confirms it
    assert fields["lines[1].amount"]["checks"] == ["lines_sum", "rate_times_amount", "quantity_times_price"]
    assert {c for f in fields.values() for c in f["checks"]} <= set(CHECKS)
    assert all(label(f"check_{code}", "zh") for code in CHECKS)


def test_figures_that_contradict_each_other_are_rejected_and_unsure() -> None:
    sheet = Sheet(210, 140)
    wrong = replace(LINE, amount_fen=20000)
    draw_digital(sheet, replace(INVOICE, lines=(wrong,)), DigitalForm())
    data = sheet.done()
    read = facts(data)
    warned = {w["code"] for warnings in read.tables["invoices"]["warnings"] for w in warnings}
    assert {"tax_not_rate", "price_times_quantity"} & warned
    fields = {f["path"]: f for f in read.tables["fields"].to_dicts()}
    assert fields["lines[1].price"]["confidence"] == 0.45


def test_line_taxes_that_do_not_add_up_are_told() -> None:
    off = replace(LINE, tax_fen=1400)
    form = DigitalForm()
    sheet = Sheet(210, 140)
    draw_digital(sheet, Misprinted(**{**vars(INVOICE), "lines": (off,)}), form)
    (warnings,) = facts(sheet.done()).tables["invoices"]["warnings"].to_list()
    assert {w["code"] for w in warnings} == {"line_taxes_do_not_sum", "tax_not_rate"}


class Misprinted(PaperInvoice):
    """An invoice whose sums are those of other lines."""

    @property
    def tax_fen(self) -> int:
        return 1300


def hybrid(invoice: PaperInvoice, data: bytes) -> bytes:
    sheet = Sheet(210, 140)
    draw_digital(sheet, invoice, DigitalForm())
    sheet.attach("dzfp.xml", data)
    return sheet.done()


def test_attached_data_wins_and_the_print_gives_places() -> None:
    read = facts(hybrid(INVOICE, write_digital_xml(INVOICE)))
    assert read.tables["invoices"]["warnings"].to_list() == [[]]
    fields = {f["path"]: f for f in read.tables["fields"].to_dicts()}
    assert fields["number"]["method"] == "xml"
    assert fields["number"]["box"]
    assert "layers_agree" in fields["number"]["checks"]


def test_a_difference_between_data_and_print_is_told() -> None:
    other = replace(INVOICE, buyer=replace(BUYER, name="北京合成商贸有限公司"))
    read = facts(hybrid(other, write_digital_xml(INVOICE)))
    (warnings,) = read.tables["invoices"]["warnings"].to_list()
    assert [(w["code"], w["field"]) for w in warnings] == [("layers_differ", "buyer.name")]
    assert warnings[0]["value"] == f"{BUYER.name} / 北京合成商贸有限公司"
    fields = {f["path"]: f for f in read.tables["fields"].to_dicts()}
    assert (fields["buyer.name"]["value"], fields["buyer.name"]["confidence"]) == (BUYER.name, 0.5)


SECOND = replace(LINE, amount_fen=20000, tax_fen=2600, quantity=Decimal(8))
TWO_LINES = replace(INVOICE, lines=(LINE, SECOND))


@pytest.mark.parametrize(
    ("first", "second", "fields"),
    [
        ({"quantity": Decimal("4.01")}, {}, {"lines[1].quantity"}),
        ({}, {"price": Decimal("25.01")}, {"lines[2].price"}),
        ({"amount_fen": 10001}, {"amount_fen": 19999}, {"lines[1].amount", "lines[2].amount"}),
        ({"tax_fen": 1301}, {"tax_fen": 2599}, {"lines[1].tax", "lines[2].tax"}),
    ],
)
def test_every_cell_of_a_line_is_compared_with_the_print(first, second, fields) -> None:
    printed = replace(INVOICE, lines=(replace(LINE, **first), replace(SECOND, **second)))
    read = facts(hybrid(printed, write_digital_xml(TWO_LINES)))
    (warnings,) = read.tables["invoices"]["warnings"].to_list()
    assert {w["field"] for w in warnings if w["code"] == "layers_differ"} == fields
    values = {f["path"]: f for f in read.tables["fields"].to_dicts()}
    cells = {f"lines[{n}].{c}" for n in (1, 2) for c in ("quantity", "price", "amount", "tax")}
    assert {c for c in cells if "layers_agree" in values[c]["checks"]} == cells - fields
    assert all(values[c]["method"] == "xml" and values[c]["confidence"] == 0.5 for c in fields)


def test_data_and_print_with_other_numbers_of_lines_are_told() -> None:
    one = replace(LINE, amount_fen=30000, tax_fen=3900, quantity=Decimal(12))
    read = facts(hybrid(replace(INVOICE, lines=(one,)), write_digital_xml(TWO_LINES)))
    (warnings,) = read.tables["invoices"]["warnings"].to_list()
    assert [(w["code"], w["field"], w["value"]) for w in warnings] == [("layers_differ", "lines", "2 / 1")]


def drawn(*texts: tuple[float, float, str]) -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = BytesIO()
    page = Canvas(out, pagesize=(600, 400), invariant=True)
    page.setFont("STSong-Light", 9)
    for x, y, text in texts:
        page.drawString(x, 400 - y, text)
    page.showPage()
    page.save()
    return out.getvalue()


def test_a_rail_ticket_is_an_expense_with_a_fare() -> None:
    data = drawn(
        (200, 30, "电子发票（铁路电子客票）"),
        (60, 60, "发票号码：25999999999999999999"),
        (400, 60, "开票日期：2025年01月15日"),
        (100, 100, "平湖站"),
        (250, 100, "G1234"),
        (60, 150, "票价：￥73.50"),
        (60, 200, "3301061990****1234 合成三"),
        (60, 260, "购买方名称：海南合成商贸有限公司"),
        (300, 260, f"统一社会信用代码：{CODES[1]}"),
    )
    (invoice,) = facts(data).tables["invoices"].to_dicts()
    assert (invoice["kind"], invoice["total_fen"]) == ("rail", 7350)
    assert papers(data)[0].text("buyer.name") == "海南合成商贸有限公司"


def test_headings_above_the_blocks_and_a_lying_remark() -> None:
    data = drawn(
        (220, 30, "电子发票（普通发票）"),
        (400, 20, "发票号码：25990000000000000001"),
        (400, 32, "开票日期：2025-03-04"),
        (320, 60, "购买方信息"),
        (20, 60, "销售方信息"),
        (320, 75, f"名称：{BUYER.name}"),
        (20, 75, f"名称：{SELLER.name}"),
        (320, 90, f"纳税人识别号：{BUYER.code}"),
        (20, 90, f"纳税人识别号：{SELLER.code}"),
        *((x, 120, t) for x, t in ((40, "项目名称"), (300, "金额"), (400, "税率"), (500, "税额"))),
        *((x, 135, t) for x, t in ((20, "*餐饮服务*餐费"), (300, "100.00"), (400, "6%"), (500, "6.00"))),
        *((x, 160, t) for x, t in ((40, "合"), (60, "计"), (300, "￥100.00"), (500, "￥6.00"))),
        (20, 180, "价税合计（大写） 壹佰零陆圆整"),
        (300, 180, "（小写） ￥106.00"),
        (20, 210, "备注：合同号 HT-01"),
        (20, 260, "开票人：合成一"),
    )
    (paper,) = papers(data)
    assert (paper.text("buyer.name"), paper.text("seller.name")) == (BUYER.name, SELLER.name)
    assert (paper.text("buyer.code"), paper.text("seller.code")) == (BUYER.code, SELLER.code)
    assert (paper.text("remark"), paper.text("drawer")) == ("合同号 HT-01", "合成一")
    assert [paper.text(p) for p in ("amount", "tax", "total", "words")] == [
        "100.00",
        "6.00",
        "106.00",
        "壹佰零陆圆整",
    ]
    assert {p: v.text for p, v in paper.lines[0].items()} == {
        "item": "*餐饮服务*餐费", "amount": "100.00", "rate": "6%", "tax": "6.00",
    }  # fmt: skip


def test_other_pdfs_are_told_apart() -> None:
    letter = source(drawn((50, 50, "合成通知：本月发票请于月底前寄出，发票号码另告。")))
    assert reader_for(letter, [READER]) is None
    assert getattr(why_unknown(letter), "code", "") == "pdf_not_known"
    empty = source(drawn())
    assert getattr(why_unknown(empty), "code", "") == "pdf_scan_not_read"
    broken = source(b"%PDF-1.7 nothing")
    assert not READER.recognises(broken)
    assert getattr(why_unknown(broken), "code", "") == "file_malformed"


def test_a_form_without_a_number_is_an_error() -> None:
    data = drawn(
        (50, 50, "电子发票（普通发票）"),
        (50, 70, "开票日期：2025年01月01日"),
        (50, 90, "价税合计（大写）开票人："),
    )
    with pytest.raises(FileUnreadable) as caught:
        READER.read(source(data))
    assert caught.value.code == "paper_no_invoice"
