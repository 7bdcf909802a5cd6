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
from extraction.pdf_words import Pdf, Word, read_pdf
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
    empty = source(drawn())  # a scan, for all that is known: its pages are looked at as pictures
    assert reader_for(empty, [READER]) is None
    reader = reader_for(empty)
    assert reader is not None
    assert reader.name == "photo_invoice"
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


Line = tuple[str, str, str]  # quantity, price, amount


def table_drawn(lines: list[Line], off: float = 0.0, *extra: tuple[str, float, float, str, float]) -> bytes:
    """An invoice whose headings end `off` points left of the right edge of their figures.

    `extra`: R (right edge), L or S (slanted), place, text and size.
    """
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = BytesIO()
    page = Canvas(out, pagesize=(612, 396), invariant=True)

    def text(side: str, x: float, y: float, said: str, size: float = 8) -> None:
        page.setFont("STSong-Light", size)
        if side == "S":
            page.saveState()
            page.translate(x, 396 - y)
            page.rotate(30)
            page.drawString(0, 0, said)
            page.restoreState()
        else:
            (page.drawRightString if side == "R" else page.drawString)(x, 396 - y, said)

    text("L", 200, 30, "电子发票（普通发票）", 14)
    text("L", 440, 22, f"发票号码：{INVOICE.number}")
    text("L", 440, 36, "开票日期：2025年03月04日")
    for x, side, party in ((38, "购买方", BUYER), (328, "销售方", SELLER)):
        text("L", x, 75, f"{side}名称：{party.name}")
        text("L", x, 110, f"纳税人识别号：{party.code}")
    for x, heading in ((50, "项目名称"), (135, "规格型号"), (205, "单位"), (445, "税率/征收率")):
        text("L", x, 130, heading)
    for x, heading in ((290, "数 量"), (350, "单 价"), (430, "金 额"), (585, "税 额")):
        text("R", x - off, 130, heading)
    taxes = [(Decimal(amount) * 13 / 100).quantize(Decimal("0.01")) for _, _, amount in lines]
    for n, ((quantity, price, amount), tax) in enumerate(zip(lines, taxes, strict=True)):
        y = 145 + 11 * n
        text("L", 30, y, f"*谷物*合成大米{n}", 7)
        text("L", 205, y, "公斤", 7)
        for x, cell in ((290, quantity), (350, price), (430, amount), (470, "13%"), (585, str(tax))):
            text("R", x, y, cell, 7)
    total = sum(Decimal(amount) for *_, amount in lines)
    text("L", 60, 260, "合")
    text("L", 110, 260, "计")
    text("R", 430, 260, f"¥{total:.2f}")
    text("R", 585, 260, f"¥{sum(taxes):.2f}")
    text("L", 40, 280, "价税合计（大写）")
    text("L", 430, 280, f"（小写） ¥{total + sum(taxes):.2f}")
    text("L", 60, 375, "开票人：合成一")
    for side, x, y, said, size in extra:
        text(side, x, y, said, size)
    page.showPage()
    page.save()
    return out.getvalue()


def cells_read(data: bytes) -> list[tuple[str, ...]]:
    (paper,) = papers(data)
    return [tuple(x[p].text if p in x else "" for p in ("quantity", "price", "amount")) for x in paper.lines]


def warned(data: bytes) -> set[tuple[str, str]]:
    (warnings,) = facts(data).tables["invoices"]["warnings"].to_list()
    return {(w["code"], w["field"]) for w in warnings}


FIGURES: dict[str, list[Line]] = {
    "one short": [("100", "5", "500.00")],
    "short": [("10", "10", "100.00"), ("20", "10", "200.00"), ("30", "10", "300.00")],
    "ones": [("1", "1", "1.00"), ("2", "3", "6.00")],
    "long": [("12345.678", "5.1234567891", "63252.55"), ("2", "1500", "3000.00")],
    "a discount": [("100", "5", "500.00"), ("", "", "-50.00")],
}


@pytest.mark.parametrize("off", [0, 2, 4, 6, 8, 10, 12, 14, 16])
@pytest.mark.parametrize("lines", FIGURES.values(), ids=FIGURES)
def test_figures_beside_their_headings_are_not_glued_together(lines: list[Line], off: float) -> None:
    data = table_drawn(lines, off)
    assert cells_read(data) == lines
    assert warned(data) == set()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 9999), st.integers(1, 999)), min_size=1, max_size=4),
    st.floats(0, 16),
)
def test_sampled_figures_beside_their_headings(pairs: list[tuple[int, int]], off: float) -> None:
    lines = [(str(q), str(p), f"{q * p}.00") for q, p in pairs]
    assert cells_read(table_drawn(lines, off)) == lines


@pytest.mark.parametrize("off", [0, 6, 12, 16])
def test_no_figure_is_made_of_two_where_arithmetic_does_not_help(off: float) -> None:
    data = table_drawn([("7", "10", "500.00"), ("8", "10", "600.00")], off)
    digits = {cell for row in cells_read(data) for cell in row}
    assert digits <= {"7", "8", "10", "500.00", "600.00", "7 10", "8 10"}
    assert {"price_times_quantity", "price_unreadable", "quantity_missing"} & {c for c, _ in warned(data)}


def test_a_price_without_a_quantity_is_told() -> None:
    data = table_drawn([("", "5", "500.00"), ("2", "10", "20.00")])
    assert cells_read(data) == [("", "5", "500.00"), ("2", "10", "20.00")]
    assert warned(data) == {("quantity_missing", "quantity")}


STAMPS = {
    "large": [("L", 250, 200, "作废", 30)],
    "middling, over the lines": [("L", 250, 150, "作废", 16)],
    "very large": [("L", 150, 250, "作废", 90)],
    "letters apart": [("L", 200, 200, "作", 40), ("L", 280, 200, "废", 40)],
    "slanted": [("S", 250, 220, "作废", 40)],
    "plain, by itself": [("L", 40, 50, "已作废", 9)],
}


@pytest.mark.parametrize("stamp", STAMPS.values(), ids=STAMPS)
def test_a_form_with_void_over_it_is_void(stamp: list[tuple[str, float, float, str, float]]) -> None:
    data = table_drawn(FIGURES["short"], 0.0, *stamp)
    assert cells_read(data) == FIGURES["short"]
    assert facts(data).tables["invoices"]["status"].to_list() == ["void"]
    assert ("digital_void", "status_word") in warned(data)


def test_a_rule_or_a_remark_that_names_void_is_no_status() -> None:
    for extra in (("S", 250, 220, "涂改作废", 30), ("L", 40, 310, "备注：原发票作废重开", 7)):
        data = table_drawn(FIGURES["short"], 0.0, extra)
        assert "status_word" not in papers(data)[0].header
        assert warned(data) == set()


def test_void_upright_on_a_page_of_two_is_of_one_of_them_and_slanted_of_neither() -> None:
    two = write_pdf(list(sample_invoices(2, seed=5, most=2)), "digital_two")
    page = read_pdf(source(two)).pages[0]
    stamp = Word("作废", 200, page.height - 150, 280, page.height - 110, "作废")
    upright = Pdf((replace(page, words=(*page.words, stamp)),), ())
    assert [p.text("status_word") for p in papers_of(upright)] == ["", "作废"]
    leaning = Pdf((replace(page, slanted="作废"),), ())
    assert [p.text("status_word") for p in papers_of(leaning)] == ["", ""]
    assert all("void_mark" in p.extra for p in papers_of(leaning))
