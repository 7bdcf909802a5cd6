"""Words of a PDF with their boxes: joined along a line, told apart by gaps, placed as the page is shown."""

from io import BytesIO

import pytest
from pypdfium2 import PdfDocument
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from extraction.pdf_words import is_pdf, read_pdf
from extraction.source import Source
from ledger.errors import FileUnreadable


def drawn(*texts: tuple[float, float, str], rotation: int = 0) -> Source:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = BytesIO()
    page = Canvas(out, pagesize=(400, 300), invariant=True)
    page.setFont("STSong-Light", 10)
    for x, y, text in texts:
        page.drawString(x, y, text)
    page.save()
    return Source("a.pdf", turned(out.getvalue(), rotation) if rotation else out.getvalue())


def turned(data: bytes, rotation: int) -> bytes:
    document, out = PdfDocument(data), BytesIO()
    document[0].set_rotation(rotation)
    document.save(out)
    document.close()
    return out.getvalue()


def test_words_are_placed_from_the_top_left() -> None:
    (page,) = read_pdf(drawn((50, 280, "发票号码：12"), (300, 280, "￥1.00"), (50, 20, "末行"))).pages
    assert [w.text for w in page.words] == ["发票号码:12", "¥1.00", "末行"]
    first, _, last = page.words
    assert first.x0 == pytest.approx(50, abs=1)
    assert first.y1 < 30 < 270 < last.y0
    assert (page.number, page.width, page.height) == (1, 400, 300)


def test_what_was_drawn_piece_by_piece_is_one_word() -> None:
    (page,) = read_pdf(drawn((50, 100, "平湖"), (70, 100, "尼龙"), (50, 80, "平湖"))).pages
    assert [w.text for w in page.words] == ["平湖尼龙", "平湖"]


def test_a_turned_page_is_read_as_it_is_shown() -> None:
    (page,) = read_pdf(drawn((50, 280, "左上"), rotation=90)).pages
    assert (page.width, page.height) == (300, 400)
    assert page.words[0].x0 > 250  # the top edge is now the right one
    assert page.words[0].y0 == pytest.approx(50, abs=1)


def test_broken_files_are_named() -> None:
    broken = Source("x.pdf", b"%PDF-1.7 nothing")
    assert is_pdf(broken)
    with pytest.raises(FileUnreadable, match=r"x\.pdf"):
        read_pdf(broken)


def test_slanted_letters_are_no_words() -> None:
    out = BytesIO()
    page = Canvas(out, pagesize=(400, 300), invariant=True)
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    page.setFont("STSong-Light", 10)
    page.drawString(50, 250, "平湖尼龙")
    page.translate(50, 100)
    page.rotate(30)
    page.drawString(0, 0, "样张")
    page.save()
    (read,) = read_pdf(Source("a.pdf", out.getvalue())).pages
    assert [w.text for w in read.words] == ["平湖尼龙"]
    assert read.slanted == "样张"


def test_cells_that_nearly_touch_stay_two_words() -> None:
    (page,) = read_pdf(drawn((50, 100, "高温尼龙切片"), (111.5, 100, "件装"))).pages
    assert [w.text for w in page.words] == ["高温尼龙切片", "件装"]


def test_what_is_printed_is_kept_beside_its_half_width() -> None:
    (page,) = read_pdf(drawn((50, 100, "合成（集团）㎡"))).pages
    assert (page.words[0].text, page.words[0].printed) == ("合成(集团)m2", "合成（集团）㎡")


def test_a_sideways_page_can_be_turned_upright() -> None:
    (page,) = read_pdf(drawn((50, 280, "左上角的字"), rotation=90)).pages
    assert page.turn == 1
    upright = page.upright()
    assert (upright.width, upright.height, upright.words[0].text) == (400, 300, "左上角的字")
    assert upright.words[0].x0 == pytest.approx(50, abs=1)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_writing_is_read_whichever_way_it_runs_on_its_page(quarters: int, rotation: int) -> None:
    """`quarters`: turns of the writing against the clock; `rotation`: of the page with it."""
    out = BytesIO()
    wide, high = (300, 400) if quarters % 2 else (400, 300)
    page = Canvas(out, pagesize=(wide, high), invariant=True)
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    page.setFont("STSong-Light", 10)
    page.translate(*{0: (0, 0), 1: (wide, 0), 2: (wide, high), 3: (0, high)}[quarters])
    page.rotate(90 * quarters)
    page.drawString(50, 280, "平湖尼龙")
    page.drawString(50, 20, "有限公司")
    page.save()
    (read,) = read_pdf(Source("a.pdf", turned(out.getvalue(), rotation))).pages
    assert read.turn == (rotation // 90 - quarters) % 4
    upright = read.upright()
    first, last = sorted(upright.words, key=lambda w: w.y0)
    assert (upright.width, upright.height) == (400, 300)
    assert (first.text, last.text) == ("平湖尼龙", "有限公司")
    assert (first.x0, last.x0) == (pytest.approx(50, abs=1), pytest.approx(50, abs=1))
    assert first.y1 < 30 < 270 < last.y0
