"""Merchants' bills count gross, the fee apart; refunds go out; bills of exchange; XBRL inside other files."""

import zipfile
from datetime import date
from io import BytesIO

import polars as pl
import pytest
from pypdfium2 import PdfDocument

from extraction.personal import masked_text
from extraction.readers import reader_for
from extraction.rows import Facts
from extraction.source import Source
from extraction.statements.purposes import why
from seeds.sample_statements import sample_sales, sample_statement
from seeds.statements import write_statement
from seeds.statements_merchants import MERCHANTS, PaperBill, write_bills, write_sales


def read(data: bytes) -> Facts:
    source = Source("a", data)
    reader = reader_for(source)
    assert reader is not None
    return reader.facts(source)


@pytest.mark.parametrize(
    ("layout", "channel"), list(zip(MERCHANTS, ("wechat", "alipay", "acquirer"), strict=True))
)
def test_sales_are_gross_and_refunds_go_out(layout: str, channel: str) -> None:
    sales = sample_sales(4, 50)
    facts = read(write_sales(sales, layout)[1])
    flows = facts.tables["bank_flows"]
    got = flows.select("direction", "amount_fen", "fee_fen", "purpose").rows()
    assert got == [
        (m.direction, m.amount_fen, m.fee_fen if m.direction == "in" else -m.fee_fen, m.purpose)
        for m in sales.movements
    ]
    assert (facts.rows, facts.rejected, facts.synthetic) == (50, 0, True)
    assert flows["channel"].unique().to_list() == [channel]
    assert flows["counterparty"].null_count() == 50  # payers are people
    assert facts.tables["statements"]["reconciled"].to_list() == [None]
    assert flows["fact"].n_unique() == 50
    values = facts.tables["fields"].filter(pl.col("path").str.ends_with("].amount"))
    assert (values.height, values["checks"].list.len().sum()) == (50, 0)


def test_a_net_amount_that_is_not_gross_less_fee_is_told() -> None:
    head, row = (
        "商户编号,交易日期,终端号,交易类型,交易金额,手续费,清算金额",
        "8983,20250305,01,消费,100.00,0.60,99.00",
    )
    (warned,) = read(f"{head}\n{row}\n".encode()).tables["bank_flows"]["warnings"].to_list()
    assert [w["code"] for w in warned] == ["net_is_not_gross_less_fee"]


def test_bills_of_exchange_and_what_happened_to_them() -> None:
    day = date(2025, 3, 1)
    common = (10_000_000, day, date(2025, 9, 1), "甲有限公司", "平湖农商银行", "平湖合成有限公司")
    bills = (
        PaperBill("130833500001220250301000000001", *common, "提示收票", date(2025, 3, 2)),
        PaperBill("130833500001220250301000000001", *common, "背书转让", date(2025, 3, 9), to="乙有限公司"),
        PaperBill(
            "230833500001220250301000000002", *common, "贴现", date(2025, 4, 1), "平湖农商银行", 120_000,
            kind="电子商业承兑汇票",
        ),
    )  # fmt: skip
    facts = read(write_bills("平湖合成有限公司", bills)[1])
    table = facts.tables["bills"]
    assert table["event"].to_list() == ["received", "endorsed", "discounted"]
    assert table["kind"].to_list() == ["bank", "bank", "commercial"]
    assert table["interest_fen"].to_list() == [None, None, 120_000]
    assert table["happened_on"].to_list() == [date(2025, 3, 2), date(2025, 3, 9), date(2025, 4, 1)]
    names = dict(facts.tables["parties"].select("party", "name").rows())
    assert [names[p] for p in table["counterparty"]] == ["甲有限公司", "乙有限公司", "平湖农商银行"]
    assert table["payee"].to_list() == [facts.owner] * 3
    assert (facts.rows, facts.rejected, facts.synthetic) == (3, 0, True)
    first = facts.tables["fields"].head(4).select("path", "value", "method").rows()
    row = table["row"][0]
    values = {"number": bills[0].number, "date": "2025-03-02", "due": "2025-09-01", "amount": "100000.00"}
    assert first == [(f"rows[{row}].{name}", value, "table") for name, value in values.items()]


def test_xbrl_of_a_statement_inside_an_ofd_and_a_pdf() -> None:
    statement = sample_statement(6, 10)
    xml = write_statement(statement, "bkrs")[1]
    alone = set(read(xml).tables["bank_flows"]["fact"])
    values = read(xml).tables["fields"]
    assert values["method"].unique().to_list() == ["xml"]
    assert {"account", "closing"} < set(values["path"])
    assert values.filter(pl.col("checks").list.contains("balance_follows")).height == 2 * 9 + 1
    ofd = BytesIO()
    with zipfile.ZipFile(ofd, "w") as archive:
        archive.writestr("OFD.xml", "<OFD/>")
        archive.writestr("Doc_0/Attachs/bkrs_1.xml", xml)
    assert set(read(ofd.getvalue()).tables["bank_flows"]["fact"]) == alone
    pdf, out = PdfDocument.new(), BytesIO()
    pdf.new_page(100, 100)
    pdf.new_attachment("0").set_data(xml)
    pdf.save(out)
    pdf.close()
    assert set(read(out.getvalue()).tables["bank_flows"]["fact"]) == alone


@pytest.mark.parametrize(
    ("text", "who", "direction", "way", "purpose"),
    [
        ("货款 增值税专用发票12345678", "甲有限公司", "in", "transfer", "trade"),
        ("请代宁波瑞丰模具有限公司支付货款", "甲有限公司", "in", "third_party", "trade"),
        ("代发工资", "", "out", "transfer", "wages"),
        ("银行承兑汇票到期", "甲有限公司", "in", "bill", "trade"),
        ("退货款", "甲有限公司", "out", "transfer", "refund"),
        ("实时扣税", "国家金库平湖市支库", "out", "transfer", "tax"),
        ("归还贷款本金", "", "out", "transfer", "loan"),
        ("现金存入", "", "in", "cash", None),
        ("以货抵账", "甲有限公司", "in", "offset", "trade"),
        ("电汇手续费", "", "out", "transfer", "fee"),
    ],
)
def test_words_tell_way_and_purpose(
    text: str, who: str, direction: str, way: str, purpose: str | None
) -> None:
    found = why(text, who, direction)
    assert (found.way, found.purpose) == (way, purpose)
    assert found.reason or purpose in ("trade", None)


def test_a_long_number_of_a_half_known_region_ends_no_reading() -> None:
    assert masked_text("账号 11002119900101123700 备注") == "账号 110021********123700 备注"


def test_a_rejected_bill_names_no_person() -> None:
    day = date(2025, 3, 1)
    bill = PaperBill(
        "130833500001220250301000000001", 10_000_000, day, date(2025, 9, 1), "赵六七", "平湖农商银行",
        "平湖合成有限公司", "提示收票", date(2025, 3, 2),
    )  # fmt: skip
    written = write_bills("平湖合成有限公司", (bill,))[1].decode("gb18030")
    facts = read(written.replace(",100000.00,2025", ",一百,2025", 1).encode())
    assert facts.rejected == 1
    raw = facts.tables["rejects"]["raw"][0]
    assert "赵六七" not in raw and "赵**" in raw and "平湖合成有限公司" in raw
