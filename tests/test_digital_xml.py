"""数电票 XML: exact paths, all versions, red invoices, tolls, zips."""

import io
import zipfile

import pytest

from extraction.digital_xml import DigitalXmlReader
from extraction.source import Source, sources
from ledger.errors import FileUnreadable

INVOICE = """<?xml version="1.0" encoding="UTF-8"?>
<EInvoice>
 <Header><EIid>25330000000000000001</EIid><EInvoiceTag>SWEI3300</EInvoiceTag><Version>{version}</Version>
  <InherentLabel><InIssuType><LabelCode>{blue}</LabelCode></InIssuType>
   <GeneralOrSpecialVAT><LabelCode>{vat}</LabelCode></GeneralOrSpecialVAT></InherentLabel>
  <UndefinedLabel><Label><LabelType>x</LabelType><LabelCode>1</LabelCode><LabelName>{label}</LabelName></Label>
  </UndefinedLabel></Header>
 <EInvoiceData>
  <SpecificInformation>{specific}</SpecificInformation>
  <SellerInformation><SellerIdNum>{seller}</SellerIdNum><SellerName>甲</SellerName></SellerInformation>
  <BuyerInformation><BuyerIdNum>91990000MA0000002X</BuyerIdNum><BuyerName>乙</BuyerName>
   <BuyerBankName>合成银行</BuyerBankName><BuyerBankAccNum>62</BuyerBankAccNum></BuyerInformation>
  <BasicInformation><TotalAmWithoutTax>{sign}100.00</TotalAmWithoutTax><TotalTaxAm>{sign}13.00</TotalTaxAm>
   <TotalTax-includedAmount>{sign}113.00</TotalTax-includedAmount>
   <TotalTax-includedAmountInChinese>壹佰壹拾叁圆整</TotalTax-includedAmountInChinese>
   <RequestTime>2025-03-04 10:11:12</RequestTime></BasicInformation>
  <IssuItemInformation><ItemName>*塑料制品*切片</ItemName><Amount>{sign}60</Amount><TaxRate>0.130000</TaxRate>
   <ComTaxAm>{sign}7.80</ComTaxAm><TaxClassificationCode>1070601010000000000</TaxClassificationCode>
  </IssuItemInformation>
  <IssuItemInformation><ItemName>*塑料制品*颗粒</ItemName><Amount>{sign}40</Amount><TaxRate>13%</TaxRate>
   <ComTaxAm>{sign}5.20</ComTaxAm></IssuItemInformation>
  <AdditionalInformation><Remark>{remark}</Remark></AdditionalInformation>
 </EInvoiceData>
 {supervision}
</EInvoice>"""
SUPERVISION = (
    "<TaxSupervisionInfo><InvoiceNumber>25330000000000000099</InvoiceNumber>"
    "<IssueTime>2025-03-05</IssueTime></TaxSupervisionInfo>"
)
PLAIN = {
    "version": "0.37",
    "blue": "Y",
    "vat": "01",
    "label": "无",
    "specific": "",
    "seller": "91990000MA0000001A",
    "sign": "",
    "remark": "",
    "supervision": SUPERVISION,
}


def document(**changes):
    return INVOICE.format(**{**PLAIN, **changes}).encode()


def read(**changes):
    return DigitalXmlReader().read(Source("a.xml", document(**changes)))


def fields(rows):
    return {f["path"]: f["value"] for f in rows.fields}


def test_header_lines_and_fields():
    rows = read()
    first, second = rows.frame.iter_rows(named=True)
    assert (first["number"], first["issued"]) == ("25330000000000000099", "2025-03-05")
    assert (first["seller_name"], first["buyer_name"]) == ("甲", "乙")
    assert (first["invoice_amount"], first["invoice_tax"], first["invoice_total"]) == (
        "100.00",
        "13.00",
        "113.00",
    )
    assert (first["item"], first["amount"], first["rate"], first["row"]) == (
        "*塑料制品*切片",
        "60",
        "0.130000",
        1,
    )
    assert (second["item"], second["tax"], second["row"]) == ("*塑料制品*颗粒", "5.20", 2)
    assert first["tax_category"] == "1070601010000000000"
    assert first["buyer_account"] == "合成银行 62"
    assert first["kind"] == "digital_special"
    assert fields(rows)["lines[2].amount"] == "40"
    sure = {(f["method"], f["confidence"]) for f in rows.fields if not f["path"].endswith(".code")}
    assert sure == {("xml", 1.0)}
    assert {f["confidence"] for f in rows.fields if f["path"].endswith(".code")} == {
        0.5
    }  # wrong check digits


@pytest.mark.parametrize("version", ["0.2", "0.31", "0.35", "9.9", ""])
def test_no_version_is_pinned(version):
    assert read(version=version).frame.height == 2


def test_number_and_date_fall_back_when_supervision_is_missing():
    row = read(supervision="").frame.row(0, named=True)
    assert (row["number"], row["issued"]) == ("25330000000000000001", "2025-03-04 10:11:12")


def test_a_plate_number_is_no_number_and_a_toll_is_an_expense():
    toll = "<Toll><PlateNumber>浙F00000</PlateNumber><VehicleType>客车</VehicleType></Toll>"
    rows = read(specific=toll, vat="02")
    row = rows.frame.row(0, named=True)
    assert row["number"] == "25330000000000000099"
    assert row["kind"] == "toll"
    assert fields(rows)["specific.Toll.PlateNumber"] == "浙F00000"


def test_travellers_stay_unnamed():
    travel = (
        "<PassengerTransportation><Traveler>某人</Traveler><ValidIDNumber>1</ValidIDNumber>"
        "<Departure>平湖</Departure></PassengerTransportation>"
    )
    found = fields(read(specific=travel))
    assert found["specific.PassengerTransportation.Departure"] == "平湖"
    assert not any("Traveler" in path or "ValidID" in path for path in found)


def test_a_red_invoice_names_the_blue_one():
    specific = (
        "<RedEInvoice><OriginalInvoiceCode>24330000000000000007</OriginalInvoiceCode>"
        "<CreditNoteNumber>33</CreditNoteNumber></RedEInvoice>"
    )
    row = read(blue="N", sign="-", specific=specific).frame.row(0, named=True)
    assert (row["positive"], row["reverses_number"]) == ("否", "24330000000000000007")
    assert (row["invoice_total"], row["amount"]) == ("-113.00", "-60")


@pytest.mark.parametrize(
    ("label", "kind"),
    [("农产品收购", "farm_purchase"), ("报废产品收购", "self_billed"), ("建筑服务", "digital_ordinary")],
)
def test_labels_that_name_a_kind(label, kind):
    assert read(label=label, vat="02").frame["kind"][0] == kind


def test_payee_and_reviewer_from_the_remark():
    found = fields(read(remark="收款人:张三;  复核人：李四;"))
    assert (found["payee"], found["reviewer"]) == ("张三", "李四")


def test_a_citizens_number_is_masked_in_fields_only():
    # 11010519491231002X is the standard's own example (GB 11643).
    rows = read(seller="11010519491231002X01", remark="身份证11010519491231002X")
    found = fields(rows)
    assert found["seller.code"] == "110*************2X01"
    assert found["remark"] == "身份证110105********002X"
    assert rows.frame["seller_code"][0] == "11010519491231002X01"


def test_an_invoice_inside_nested_zips(tmp_path):
    data = document()
    for name in ("dzfp_1_乙_20250305.xml", "in.zip"):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(name, data)
        data = out.getvalue()
    (tmp_path / "all.zip").write_bytes(data)
    [source] = sources(tmp_path / "all.zip")
    assert DigitalXmlReader().recognises(source)
    assert DigitalXmlReader().read(source).frame.height == 2


def test_what_is_not_one():
    reader = DigitalXmlReader()
    assert not reader.recognises(Source("a.xml", b"<eInvoice/>"))
    assert not reader.recognises(Source("EInvoice.xml", b"<Invoice><EInvoice/></Invoice>"))
    assert not reader.recognises(Source("a.xml", b"EInvoice"))


def test_without_a_number_the_file_is_named():
    with pytest.raises(FileUnreadable) as caught:
        DigitalXmlReader().read(Source("empty.xml", b"<EInvoice/>"))
    assert caught.value.code == "paper_no_invoice"
    assert "empty.xml" in str(caught.value)


def test_a_cut_file_gives_nothing():
    with pytest.raises(FileUnreadable):
        DigitalXmlReader().read(Source("cut.xml", document()[:-40]))
