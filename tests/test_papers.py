"""What the writers of `seeds.papers` write, the readers read back, value by value."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.digital_xml import DigitalXmlReader
from extraction.ofd import OfdReader
from extraction.readers import reader_for
from extraction.source import Source
from extraction.ubl_cii import UblReader
from ledger.money import fen_of
from seeds.papers import PaperInvoice, PaperLine, Party, in_words, write_digital_xml, write_ofd, write_ubl
from tests.ledgers import whole

CHARS = st.characters(categories=("Lu", "Ll", "Lo", "Nd"), max_codepoint=0xFFFF) | st.sampled_from(
    "*（）/.-&<>\"' "
)
WORDS = st.text(CHARS, min_size=1, max_size=60).map(lambda t: " ".join(t.split())).filter(bool)
SHORT = st.text(st.sampled_from("ABC789-号米kg"), max_size=8)
CODES = st.from_regex(r"91990000MA[0-9A-H]{8}", fullmatch=True)
RATES = st.sampled_from([None, *map(Decimal, ("0", "0.005", "0.015", "0.03", "0.06", "0.09", "0.13"))])
AMOUNTS = st.integers(1, 10**11)
DECIMALS = st.decimals("0.0001", "99999999", places=4, allow_nan=False)

PARTIES = st.builds(
    Party,
    name=WORDS,
    code=CODES,
    address=WORDS,
    phone=st.just("0573-85012345"),
    account=st.just("合成银行 6222020"),
)


@st.composite
def invoices(draw):
    sign = draw(st.sampled_from([1, 1, -1]))
    lines = [
        PaperLine(
            item=draw(WORDS),
            amount_fen=sign * draw(AMOUNTS),
            tax_fen=sign * draw(AMOUNTS),
            rate=draw(RATES),
            quantity=draw(st.none() | DECIMALS),
            price=draw(st.none() | DECIMALS),
            unit=draw(SHORT),
            specification=draw(SHORT),
            tax_category=draw(st.just("") | st.from_regex(r"[1-9]\d{18}", fullmatch=True)),
        )
        for _ in range(draw(st.sampled_from([1, 1, 2, 3, 30])))
    ]
    return PaperInvoice(
        number=draw(st.from_regex(r"25\d{18}", fullmatch=True)),
        issued=draw(
            st.dates(date(2021, 1, 1), date(2027, 1, 1))
            | st.datetimes(datetime(2021, 1, 1), datetime(2027, 1, 1))
        ),
        seller=draw(PARTIES),
        buyer=draw(PARTIES),
        lines=tuple(lines),
        kind=draw(st.sampled_from(["digital_special", "digital_ordinary"])),
        reverses="24330000000000000001" if sign < 0 else "",
        remark=draw(st.just("") | WORDS),
        drawer=draw(SHORT),
    )


def rows_of(reader, data):
    source = Source("paper", data)
    assert reader.recognises(source)
    assert reader_for(source).name == reader.name
    return reader.read(source)


def check_lines(frame, invoice, *, taxes=True):
    assert frame.height == len(invoice.lines)
    for row, line in zip(frame.sort("row").iter_rows(named=True), invoice.lines, strict=True):
        assert row["item"] == line.item
        assert (row["specification"] or "") == line.specification
        assert fen_of(row["amount"]) == line.amount_fen
        assert not taxes or fen_of(row["tax"]) == line.tax_fen
        for name in ("quantity", "price"):
            expected = getattr(line, name)
            assert (row[name] is None) == (expected is None)
            assert expected is None or Decimal(row[name]) == expected


def check_header(frame, invoice):
    row = frame.row(0, named=True)
    assert row["number"] == invoice.number
    for side, party in (("seller", invoice.seller), ("buyer", invoice.buyer)):
        assert row[f"{side}_code"] == party.code
        assert row[f"{side}_name"] == party.name
    assert fen_of(row["invoice_amount"]) == invoice.amount_fen
    assert fen_of(row["invoice_tax"]) == invoice.tax_fen
    assert fen_of(row["invoice_total"]) == invoice.total_fen


@given(invoices())
@settings(max_examples=60, deadline=None)
def test_digital_xml(invoice):
    rows = rows_of(DigitalXmlReader(), write_digital_xml(invoice))
    check_header(whole(rows), invoice)
    check_lines(whole(rows), invoice)
    row = whole(rows).row(0, named=True)
    assert row["kind"] == invoice.kind
    assert row["total_words"] == in_words(invoice.total_fen)
    assert row["positive"] == ("否" if invoice.total_fen < 0 else "是")
    assert row["seller_address"] == invoice.seller.address
    assert row["buyer_account"] == invoice.buyer.account
    assert (row["reverses_number"] or "") == invoice.reverses
    assert (row["remark"] or "") == invoice.full_remark
    assert rows.synthetic


@given(invoices())
@settings(max_examples=60, deadline=None)
def test_ofd(invoice):
    rows = rows_of(OfdReader(), write_ofd(invoice))
    check_header(whole(rows), invoice)
    check_lines(whole(rows), invoice)
    row = whole(rows).row(0, named=True)
    assert row["kind"] == invoice.kind
    assert row["issued"] == f"{invoice.issued:%Y年%m月%d日}"
    assert (row["remark"] or "") == invoice.full_remark
    assert {f["method"] for f in rows.fields} <= {"ofd_tag", "text"}
    pages = {f["page"] for f in rows.fields if f["path"].endswith(".item")}
    assert len(pages) > 1 or len(invoice.lines) < 30


@given(invoices())
@settings(max_examples=60, deadline=None)
def test_ubl(invoice):
    rows = rows_of(UblReader(), write_ubl(invoice))
    check_header(whole(rows), invoice)
    check_lines(whole(rows), invoice, taxes=False)
    row = whole(rows).row(0, named=True)
    assert row["currency"] == "CNY"
    assert (row["reverses_number"] or "") == invoice.reverses
    assert row["seller_account"] == invoice.seller.account


@pytest.mark.parametrize("write", [write_digital_xml, write_ofd, write_ubl])
@given(invoice=invoices())
@settings(max_examples=5, deadline=None)
def test_the_same_invoice_gives_the_same_bytes(write, invoice):
    assert write(invoice) == write(invoice)


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (10000, "壹佰圆整"),
        (-50000, "（负数）伍佰圆整"),
        (444905, "肆仟肆佰肆拾玖圆零伍分"),
        (1120, "壹拾壹圆贰角"),
    ],
)
def test_amounts_in_words(fen, words):
    assert in_words(fen) == words
