"""Photographs and scans of invoices: read like any paper, or refused in one sentence; doubts are told."""

import struct
import sys
import zlib
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image, ImageDraw

from bench.einvoice_photos import photographed
from bench.einvoice_truth import compare, found_in, truth_of
from extraction import page_picture
from extraction.ingest import ingest
from extraction.paper import Paper, Value
from extraction.photo import picture
from extraction.photo.codes import invoice_codes, parsed
from extraction.photo.engine import Spot
from extraction.photo.gate import doubts
from extraction.photo.mending import set_right, unlabelled, with_code
from extraction.photo.picture import pixels_of
from extraction.photo.reader import PhotoReader
from extraction.photo.rectify import moved, rectified
from extraction.photo.words import sheet_of
from extraction.readers import reader_for
from extraction.rows import Facts
from extraction.source import Source
from ledger.errors import FileUnreadable, InputError, MissingExtra, UnsafeFile
from ledger.ledger import Ledger
from ledger.words import label
from seeds.codes import synthetic_codes
from seeds.paper import PaperInvoice, PaperLine, Party
from seeds.papers_pdf import write_pdf
from seeds.papers_xml import write_digital_xml

READER = PhotoReader()
CODES = synthetic_codes(np.array([91, 91]), np.array([1, 2]))
SELLER, BUYER = Party("平湖合成尼龙有限公司", CODES[0]), Party("海南合成商贸有限公司", CODES[1])
LINES = (
    PaperLine(
        "*塑料制品*高温尼龙切片", 10000, 1300, Decimal("0.13"), Decimal(4), Decimal(25), "千克", "PA46"
    ),
    PaperLine("*塑料制品*尼龙扎带", 52000, 6760, Decimal("0.13"), Decimal(10), Decimal(52), "箱", "5*300"),
)
INVOICE = PaperInvoice("25990000000000000001", datetime(2025, 3, 4), SELLER, BUYER, LINES, drawer="合成一")
PLACE = np.array([[0, 0], [10, 0], [10, 10], [0, 10]], dtype=float)


def source(data: bytes, name: str = "照片.jpg") -> Source:
    return Source(name, data)


def coded(kind: str, **how: int) -> bytes:
    out = BytesIO()
    Image.effect_noise((how.get("width", 900), how.get("height", 700)), 80).convert("RGB").save(out, kind)
    return out.getvalue()


def facts(data: bytes) -> Facts:
    return READER.facts(source(data))


def warned(found: Facts) -> list[tuple[str, str]]:
    [warnings] = found.tables["invoices"]["warnings"].to_list()
    return [(one["code"], one["field"]) for one in warnings]


def assert_right(found: Facts, invoice: PaperInvoice = INVOICE) -> None:
    [read] = found_in(found)
    assert [key for key, right in compare(truth_of(invoice), read, printed=True) if not right] == []


# What is handed in.


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_pictures_are_known_by_their_content(kind: str) -> None:
    reader = reader_for(source(coded(kind), "无名"))
    assert isinstance(reader, PhotoReader)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_cut_off_anywhere_is_told_and_never_worse(kind: str) -> None:
    whole = coded(kind)
    for share in (0.02, 0.2, 0.6, 0.95):
        with pytest.raises(FileUnreadable) as refused:
            READER.read(source(whole[: int(len(whole) * share)]))
        assert refused.value.code == "picture_broken"
        assert "照片.jpg" in refused.value.text("zh")


def _png(width: int, height: int) -> bytes:
    """A PNG of that size in its head, with next to nothing in it."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("size", [(60_000, 60_000), (2_000_000_000, 1), (20_001, 10), (8_001, 8_001)])
def test_a_bomb_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    with pytest.raises(UnsafeFile) as refused:
        READER.read(source(_png(*size)))
    assert refused.value.code == "picture_too_large"


@pytest.mark.parametrize("size", [(1, 1), (599, 400), (5_000, 2)])
def test_a_picture_too_small_to_read_says_its_size(size: tuple[int, int]) -> None:
    with pytest.raises(FileUnreadable) as refused:
        READER.read(source(coded("PNG", width=size[0], height=size[1])))
    assert refused.value.code == "picture_too_small"
    assert str(size[0]) in str(refused.value)


def test_a_picture_comes_upright_on_white_and_in_a_bearable_size() -> None:
    image = Image.new("RGBA", (3_000, 1_500), (0, 0, 0, 0))
    notes = image.getexif()
    notes[0x0112] = 6  # the camera was held upright
    out = BytesIO()
    image.save(out, "PNG", exif=notes)
    pixels = pixels_of(out.getvalue(), "a")
    assert pixels.shape == (picture.WORKED_SIDE, picture.WORKED_SIDE // 2, 3)
    assert pixels.min() == 255


@pytest.mark.parametrize("package", ["rapidocr", "cv2", "zxingcpp", "onnxruntime"])
def test_without_the_extra_a_sentence_says_what_to_do(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    (tmp_path / "a.png").write_bytes(coded("PNG"))
    [outcome] = ingest([tmp_path / "a.png"], Ledger(tmp_path / "home")).outcomes
    assert outcome.state == "failed"
    assert isinstance(outcome.error, MissingExtra)
    for lang in ("zh", "en"):
        said = outcome.error.text(lang)
        assert "[ocr]" in said and "OFD" in said and "a.png" in said and package in said


# The steps between the picture and the facts.


def test_the_corners_of_a_sheet_are_found_and_lead_back() -> None:
    picture_ = np.full((900, 1200, 3), (70, 60, 50), dtype=np.uint8)
    image = Image.fromarray(picture_)
    corners = [(210, 130), (1020, 190), (980, 760), (180, 700)]
    ImageDraw.Draw(image).polygon(corners, fill=(240, 240, 236))
    flat, back = rectified(np.asarray(image), "a")
    height, width = flat.shape[:2]
    found = moved(back, np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=float))
    assert np.abs(found - np.array(corners)).max() < 12
    assert (flat[20:-20, 20:-20] > 200).all()


def test_a_picture_without_a_sheet_is_taken_as_it_is() -> None:
    flat, back = rectified(np.full((600, 800, 3), 255, dtype=np.uint8), "a")
    assert moved(back, np.array([[flat.shape[1], flat.shape[0]]], dtype=float)) == pytest.approx(
        np.array([[800, 600]])
    )


def _run(text: str, x: float, y: float, *, wide: float = 20, gap_at: int = 0, gap: float = 0) -> Spot:
    """A run of letters, one wider gap before letter `gap_at`."""
    steps = [wide if ord(c) > 0x2E7F else wide / 2 for c in text]
    starts = np.concatenate([[0], np.cumsum(steps)])
    starts[gap_at if gap else len(starts) :] += gap
    long = starts[-1]
    middles = [(a + s / 2) / long for a, s in zip(starts[:-1], steps, strict=True)]
    box = np.array([[x, y], [x + long, y], [x + long, y + 24], [x, y + 24]], dtype=float)
    return Spot(text, 0.99, box, tuple(zip(text, middles, strict=True)))


HEADINGS = [
    _run(t, 40 + 150 * n, 0) for n, t in enumerate(("项目名称", "规格型号", "单位", "数量", "单价", "金额"))
]


def test_cells_glued_together_are_parted_between_headings_only() -> None:
    glued = _run("冷鲜猪肉二级", 40, 60, gap_at=4, gap=18)
    name = _run("海南合成贸易公司", 40, 300, gap_at=4, gap=18)
    spots = [*HEADINGS, glued, name, _run("合计", 40, 200)]
    words = [w.text for w in sheet_of(spots, np.eye(3), 1).page.words]
    assert "冷鲜猪肉" in words and "二级" in words
    assert "海南合成贸易公司" in words


def test_a_guess_where_a_cell_ends_is_never_sure() -> None:
    wrapped = _run("GB/T70.1-20镀锌", 40, 60)
    other = _run("M10×40", 152, 90)
    spots = [*HEADINGS, wrapped, other, _run("合计", 40, 200)]
    sheet = sheet_of(spots, np.eye(3), 1)
    sure = dict(zip([w.text for w in sheet.page.words], sheet.scores, strict=True))
    assert sure["M10×40"] == 0.99
    assert min(sure.values()) == 0.8


def test_an_upright_name_is_taken_letter_by_letter() -> None:
    box = np.array([[0, 0], [20, 0], [20, 100], [0, 100]], dtype=float)
    page = sheet_of([*HEADINGS, Spot("购买方信息", 0.9, box)], np.eye(3), 1).page
    assert [w.text for w in page.words[-5:]] == list("购买方信息")
    assert all(a.y1 <= b.y0 + 0.01 for a, b in zip(page.words[-5:], page.words[-4:], strict=False))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("01,32,,25990000000000000001,700.60,20250304,,1A2B", "total"),
        ("01,10,033002000211,83089647,620.00,20250304,16197833567414507415,0941,", "amount"),
        ("01,51,,25990000000000000001,1.00,20250304,,1A2B", ""),
    ],
)
def test_codes_of_invoices_are_understood(text: str, path: str) -> None:
    code = parsed(text, PLACE)
    assert code is not None
    assert (code.path, code.issued) == (path, "2025-03-04")


@pytest.mark.parametrize(
    "text", ["https://example.com/01,32", "", "01,32,,abc,1,20250304,,", "02,32,,1,1,1,,"]
)
def test_other_codes_say_nothing(text: str) -> None:
    assert parsed(text, PLACE) is None


def test_a_code_on_a_picture_is_found() -> None:
    import zxingcpp

    text = "01,32,,25990000000000000001,700.60,20250304,,1A2B"
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    square = np.asarray(zxingcpp.write_barcode_to_image(code, scale=6))
    sheet = np.full((800, 900), 255, dtype=np.uint8)
    sheet[100 : 100 + square.shape[0], 50 : 50 + square.shape[1]] = square
    [found] = invoice_codes(np.repeat(sheet[:, :, None], 3, axis=2), "a")
    assert found.number == INVOICE.number
    assert 50 <= found.corners[:, 0].min() < found.corners[:, 0].max() <= 50 + square.shape[1]


def paper(**header: str) -> Paper:
    """The invoice as a picture of it says it; `header` with `_` for the point says otherwise."""
    said = {
        "number": INVOICE.number, "issued": "2025年03月04日", "seller_name": SELLER.name,
        "seller_code": SELLER.code,
        "buyer_name": BUYER.name, "buyer_code": BUYER.code, "amount": "620.00", "tax": "80.60",
        "total": "700.60", "words": "柒佰圆陆角",
    } | header  # fmt: skip
    lines = [
        {"item": "*塑料制品*高温尼龙切片", "amount": "100.00", "rate": "13%", "tax": "13.00", "quantity": "4",
         "price": "25"},
        {"item": "*塑料制品*尼龙扎带", "amount": "520.00", "rate": "13%", "tax": "67.60"},
    ]  # fmt: skip
    box = {"method": "ocr", "confidence": 0.9, "page": 1, "box": "1.0,2.0,3.0,4.0"}
    return Paper(
        {path.replace("_", "."): Value(text, **box) for path, text in said.items() if text},  # type: ignore[arg-type]
        [{path: Value(text, **box) for path, text in line.items()} for line in lines],  # type: ignore[arg-type]
    )


def test_a_sound_paper_passes_in_silence() -> None:
    assert doubts(paper(), "a", 1) == []


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"number": "2599000000000000000"}, "photo_number", "number"),
        ({"issued": ""}, "photo_date", "issued"),
        ({"seller_code": BUYER.code[:-1] + SELLER.code[-1]}, "photo_seller_code", "seller.code"),
        ({"buyer_code": ""}, "photo_buyer_code", "buyer.code"),
        ({"buyer_name": ""}, "photo_buyer_name", "buyer.name"),
        ({"words": "柒佰圆柒角"}, "photo_total", "total"),
        ({"words": ""}, "photo_total", "total"),
        ({"tax": "80.80"}, "photo_amount", "amount"),
    ],
)  # fmt: skip
def test_whatever_does_not_hold_is_told(said: dict[str, str], code: str, field: str) -> None:
    told = doubts(paper(**said), "a", 1)
    assert (code, field) in [(one.code, one.field) for one in told]
    assert all("{" not in one.text("zh") + one.text("en") for one in told)


def test_a_line_that_does_not_fit_and_a_doubtful_reading_are_told() -> None:
    wrong = paper()
    wrong.lines[0]["quantity"] = replace(wrong.lines[0]["quantity"], text="14")
    wrong.lines[1]["item"] = replace(wrong.lines[1]["item"], confidence=0.6)
    told = [(one.code, one.field) for one in doubts(wrong, "a", 1)]
    assert ("photo_line", "lines[1].quantity") in told
    assert ("photo_line", "lines[2].item") in told


@pytest.mark.parametrize("text", ["*信息技术服务*平台技 合成省", "*软件*服务(含运维", "*软件*服务（含运维"])
def test_a_text_that_may_be_two_cells_is_told(text: str) -> None:
    said = paper()
    said.lines[1]["item"] = replace(said.lines[1]["item"], text=text)
    assert [(one.code, one.field) for one in doubts(said, "a", 1)] == [("photo_line", "lines[2].item")]


@pytest.mark.parametrize("gone", ["quantity", "price"])
def test_a_price_and_a_quantity_go_together(gone: str) -> None:
    said = paper()
    del said.lines[0][gone]
    (told,) = doubts(said, "a", 1)
    assert told.field in ("lines[1].quantity", "lines[1].price")


def test_the_code_mends_a_misread_number_and_tells_an_altered_amount() -> None:
    code = parsed("01,32,,25990000000000000001,700.60,20250304,,1A2B", PLACE)
    assert code is not None
    misread = paper(number="25990000000000000007")
    misread.header["number"] = replace(misread.header["number"], confidence=0.6)
    with_code(misread, code, 1)
    assert misread.text("number") == INVOICE.number
    assert misread.header["number"].method == "qr"
    assert doubts(misread, "a", 1) == []
    altered = paper(amount="6200.00", tax="806.00", total="7006.00", words="柒仟零陆圆整")
    with_code(altered, code, 1)
    assert altered.text("total") == "7006.00"
    assert ("photo_total", "total") in [(one.code, one.field) for one in doubts(altered, "a", 1)]
    other = paper(number="25990000000000777777")
    with_code(other, code, 1)
    assert other.text("number") == "25990000000000777777"
    assert doubts(other, "a", 1)[0].code == "photo_number"


def test_a_sticker_with_another_code_makes_no_second_invoice_of_one() -> None:
    sticker = parsed("01,32,,25990000000000000123,700.60,20250304,,1A2B", PLACE)
    assert sticker is not None
    printed = paper()  # surely read, as the other digits are
    with_code(printed, sticker, 1)
    assert printed.text("number") == INVOICE.number
    assert ("photo_number", "number") in [(one.code, one.field) for one in doubts(printed, "a", 1)]
    unread = paper(number="", issued="2025年03月05日")  # the code alone has a number, and another day
    with_code(unread, sticker, 1)
    assert unread.text("number") == "25990000000000000123"
    assert "photo_number" in [one.code for one in doubts(unread, "a", 1)]


@pytest.mark.parametrize("printed", ["3300221130", "3300221131"])
def test_the_code_of_an_old_form_stays_as_it_is_printed(printed: str) -> None:
    code = parsed("01,04,3300221130,87654321,620.00,20250304,12345678901234567890,1A2B", PLACE)
    assert code is not None
    said = paper(number="87654321", code=printed)
    with_code(said, code, 1)
    assert said.text("code") == printed
    told = [(one.code, one.field) for one in doubts(said, "a", 1)]
    assert (("photo_number", "code") in told) == (printed != code.code)


@pytest.mark.parametrize(("read", "meant"), [("138", "13%"), ("18%", "13%"), ("13%", "13%"), ("免税", "13%")])
def test_a_misread_rate_follows_from_amount_and_tax(read: str, meant: str) -> None:
    said = paper()
    said.lines[0]["rate"] = replace(said.lines[0]["rate"], text=read)
    set_right(said)
    assert said.lines[0]["rate"].text == (meant if read != "免税" else "免税")
    # One that was set right is told: a person looks whether it was misread or altered.
    told = [one.field for one in doubts(said, "a", 1)]
    assert ("lines[1].rate" in told) == (said.lines[0]["rate"].text != read)


def test_a_number_without_a_label_is_found_by_its_two_prints() -> None:
    runs = ["1100094140", "No87654321", "1100094140", "87654321", "开票日期：2010年11月18日"]
    spots = [_run(text, 20 + 170 * n, 0) for n, text in enumerate(runs)] + [_run("合计", 0, 900)]
    found = Paper()
    unlabelled(found, sheet_of(spots, np.eye(3), 1).page)
    assert (found.text("number"), found.text("code")) == ("87654321", "1100094140")


@pytest.mark.parametrize("method", ["ocr", "qr"])
def test_ways_of_reading_have_names(method: str) -> None:
    assert all(label(f"method_{method}", lang) for lang in ("zh", "en"))


# Whole pictures: two to three seconds each.


def test_a_clean_picture_is_read_whole_and_shown_with_its_boxes(tmp_path: Path) -> None:
    data = photographed(write_pdf(INVOICE), 1, "clean", "PNG")
    (tmp_path / "a.png").write_bytes(data)
    ledger = Ledger(tmp_path / "home")
    [outcome] = ingest([tmp_path / "a.png"], ledger).outcomes
    assert (outcome.state, outcome.format, outcome.new, outcome.warned) == ("read", "photo_invoice", 1, 0)
    [(width, height)] = page_picture.sizes(tmp_path / "a.png", "a.png")
    assert max(width, height) == picture.POINTS
    shown = page_picture.picture(tmp_path / "a.png", "a.png", 1, 1.0)
    image = np.asarray(Image.open(BytesIO(shown.png)).convert("L"))
    fields = ledger.scan("fields").filter(pl.col("box").is_not_null()).collect()
    assert {"number", "total", "seller.code", "lines[2].amount"} <= set(fields["path"])
    for box in fields["box"]:
        x0, y0, x1, y1 = (round(float(part)) for part in box.split(","))
        assert 0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height
        assert image[y0:y1, x0:x1].min() < 128  # there is writing in it


@pytest.mark.slow
@pytest.mark.parametrize("manner", ["photo", "scan"])
def test_a_photograph_is_read_right_and_the_same_every_time(manner: str) -> None:
    data = photographed(write_pdf(INVOICE), 3, manner)
    first = facts(data)
    assert_right(first)
    assert warned(first) == []
    again = facts(data)
    assert first.tables["fields"].equals(again.tables["fields"])


@pytest.mark.slow
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_picture_lying_on_its_side_is_turned(turns: int) -> None:
    sheet = Image.open(BytesIO(photographed(write_pdf(INVOICE), 3, "scan")))
    out = BytesIO()
    sheet.rotate(90 * turns, expand=True).save(out, "JPEG")
    assert_right(facts(out.getvalue()))


@pytest.mark.slow
def test_a_scan_as_pdf_is_read_and_boxed_in_its_points() -> None:
    sheet = Image.open(BytesIO(photographed(write_pdf(INVOICE), 5, "scan")))
    out = BytesIO()
    sheet.save(out, "PDF", resolution=150)
    found = READER.facts(Source("扫描.pdf", out.getvalue()))
    assert_right(found)
    boxes = found.tables["fields"]["box"].drop_nulls().to_list()
    assert max(float(box.split(",")[2]) for box in boxes) <= sheet.width / 150 * 72


@pytest.mark.slow
def test_a_photograph_of_an_invoice_already_held_is_no_second_fact(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "home")
    (tmp_path / "a.xml").write_bytes(write_digital_xml(INVOICE))
    (tmp_path / "b.jpg").write_bytes(photographed(write_pdf(INVOICE), 3))
    summary = ingest([tmp_path / "a.xml", tmp_path / "b.jpg"], ledger)
    assert [o.new for o in summary.outcomes] == [1, 0]
    assert ledger.scan("invoices").collect()["fact"].n_unique() == 1


@pytest.mark.slow
def test_an_altered_figure_is_accepted_with_its_place_told() -> None:
    wrong = replace(LINES[0], tax_fen=1200)
    found = facts(photographed(write_pdf(replace(INVOICE, lines=(wrong, LINES[1]))), 3))
    assert any(field.startswith("lines[1].") for _, field in warned(found))
    fields = {row["path"]: row for row in found.tables["fields"].to_dicts()}
    assert fields["lines[1].tax"]["box"] and fields["lines[1].tax"]["confidence"] <= 0.5


@pytest.mark.slow
def test_what_is_no_invoice_or_cannot_be_read_is_refused_in_one_sentence(tmp_path: Path) -> None:
    blurred = Image.open(BytesIO(photographed(write_pdf(INVOICE), 3, "clean"))).convert("RGB")
    small = blurred.resize((160, 110)).resize(blurred.size)
    cut = blurred.crop((0, 0, blurred.width, blurred.height * 45 // 100))
    white = Image.new("RGB", (1_200, 900), "white")
    for name, image, codes in (
        ("blurred", small, {"picture_unreadable", "picture_no_invoice", "picture_not_whole"}),
        ("cut", cut, {"picture_not_whole"}),
        ("white", white, {"picture_unreadable"}),
    ):
        image.save(tmp_path / f"{name}.png")
        with pytest.raises(InputError) as refused:
            READER.read(source((tmp_path / f"{name}.png").read_bytes(), f"{name}.png"))
        assert refused.value.code in codes, name


@pytest.mark.slow
def test_processes_of_their_own_read_the_same(tmp_path: Path) -> None:
    for seed in (1, 2):
        (tmp_path / f"{seed}.jpg").write_bytes(photographed(write_pdf(INVOICE), seed))
    ledger = Ledger(tmp_path / "home")
    summary = ingest([tmp_path / "1.jpg", tmp_path / "2.jpg"], ledger, isolated=True)
    assert [o.state for o in summary.outcomes] == ["read", "read"], [str(o.error) for o in summary.outcomes]
    assert sum(o.new for o in summary.outcomes) == 1


def test_a_faint_first_asterisk_comes_back() -> None:
    said = paper()
    for text, meant in (
        ("塑料制品*尼龙扎带", "*塑料制品*尼龙扎带"),
        ("5*300", "5*300"),
        ("*纸*A4", "*纸*A4"),
    ):
        said.lines[0]["item"] = replace(said.lines[0]["item"], text=text)
        set_right(said)
        assert said.lines[0]["item"].text == meant
