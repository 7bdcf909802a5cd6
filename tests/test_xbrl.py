"""MOF XBRL: the voucher is the last segment of the namespace, whatever its date."""

import pytest

from extraction.source import Source
from extraction.xbrl import XbrlReader

INV = """<inv:TypeOfInvoice>增值税电子普通发票</inv:TypeOfInvoice>
<inv:CodeOfInvoice>033002200211</inv:CodeOfInvoice>
<inv:NumberOfInvoice>00934328</inv:NumberOfInvoice><inv:DateOfIssue>2022-09-01</inv:DateOfIssue>
<inv:NameOfPurchaser>乙</inv:NameOfPurchaser><inv:NameOfSeller>甲</inv:NameOfSeller>
<inv:AddressPhoneNumberOfSeller>合成路1号 0571-88771512</inv:AddressPhoneNumberOfSeller>
<inv:TaxpayerIdentificationNumberUnifiedSocialCreditCodeOfSeller>91990000MA0000001A</inv:TaxpayerIdentificationNumberUnifiedSocialCreditCodeOfSeller>
<inv:TotalAmountExcludingTax>9.91</inv:TotalAmountExcludingTax><inv:TotalTaxAmount>1.29</inv:TotalTaxAmount>
<inv:TaxIncludedAmountInFigures>11.20</inv:TaxIncludedAmountInFigures>
<inv:InformationOfTaxableGoodsOrServicesDetailItemsTuple>
<inv:NameOfTaxableGoodsOrServices>*金属制品*螺丝</inv:NameOfTaxableGoodsOrServices>
<inv:AmountExcludingTax>9.91</inv:AmountExcludingTax><inv:TaxRate>13.00%</inv:TaxRate>
<inv:TaxAmount>1.29</inv:TaxAmount>
</inv:InformationOfTaxableGoodsOrServicesDetailItemsTuple>"""
RAI = """<rai:ElectronicInvoiceRailwayETicketNumber>
25339999999999999999</rai:ElectronicInvoiceRailwayETicketNumber>
<rai:DateOfIssue>2025-01-02</rai:DateOfIssue><rai:NameOfPurchaser>乙</rai:NameOfPurchaser>
<rai:TotalAmountExcludingTax>67.43</rai:TotalAmountExcludingTax><rai:TaxAmount>6.07</rai:TaxAmount>
<rai:Fare>73.50</rai:Fare>"""
ATR = """<atr:ElectronicInvoiceAirTransportReceiptNumber>
25449999999999999999</atr:ElectronicInvoiceAirTransportReceiptNumber>
<atr:IssueDate>2025-01-02</atr:IssueDate><atr:VatTaxAmount>82.57</atr:VatTaxAmount>
<atr:TotalAmount>1050.00</atr:TotalAmount><atr:NameOfSeller>合成航空</atr:NameOfSeller>"""
EINV = """<einv:InvoiceNumber>25330000000000000001</einv:InvoiceNumber><einv:SellerName>甲</einv:SellerName>
<einv:TotalAmWithoutTax>100.00</einv:TotalAmWithoutTax><einv:TotalTaxAm>13.00</einv:TotalTaxAm>
<einv:TotalTax-includedAmount>113.00</einv:TotalTax-includedAmount><einv:RequestTime>2025-03-04</einv:RequestTime>
<einv:WhetherEinvoiceHasBeenFactoredSoldOrSecuritized>否</einv:WhetherEinvoiceHasBeenFactoredSoldOrSecuritized>"""


def document(voucher, body, edition="2021-09-30", entry=""):
    prefix = voucher.split("_")[0]
    return (
        f'<xbrl xmlns="http://www.xbrl.org/2003/instance" xmlns:link="http://www.xbrl.org/2003/linkbase" '
        f'xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'xmlns:{prefix}="http://xbrl.mof.gov.cn/taxonomy/{edition}/{voucher}">'
        f'<link:schemaRef xlink:href="{entry}"/>{body}</xbrl>'
    ).encode()


def read(*args, **named):
    source = Source("x.xml", document(*args, **named))
    assert XbrlReader().recognises(source)
    return XbrlReader().read(source)


@pytest.mark.parametrize("edition", ["2021-09-30", "2023-12-31", "2031-01-01"])
def test_an_invoice_of_any_edition(edition):
    row = read("inv", INV, edition).frame.row(0, named=True)
    assert (row["code"], row["number"], row["issued"]) == ("033002200211", "00934328", "2022-09-01")
    assert (row["seller_name"], row["seller_code"]) == ("甲", "91990000MA0000001A")
    assert (row["seller_address"], row["seller_phone"]) == ("合成路1号", "0571-88771512")
    assert (row["invoice_amount"], row["invoice_tax"], row["invoice_total"]) == ("9.91", "1.29", "11.20")
    assert (row["item"], row["amount"], row["rate"]) == ("*金属制品*螺丝", "9.91", "13.00%")
    assert row["kind_word"] == "增值税电子普通发票"


@pytest.mark.parametrize(
    ("voucher", "body", "kind", "amounts"),
    [
        ("rai", RAI, "rail", ("67.43", "6.07", "73.50")),
        ("atr", ATR, "air", ("967.43", "82.57", "1050.00")),
        ("inv_tlf", INV, "toll", ("9.91", "1.29", "11.20")),
    ],
)
def test_kinds_that_are_expenses(voucher, body, kind, amounts):
    row = read(voucher, body).frame.row(0, named=True)
    assert row["kind"] == kind
    assert (row["invoice_amount"], row["invoice_tax"], row["invoice_total"]) == amounts


def test_the_receivers_view_keeps_its_flags_and_kind():
    rows = read("einv", EINV, entry="einv_spcl_receiver_entry_point_2023-05-15.xsd")
    row = rows.frame.row(0, named=True)
    assert (row["number"], row["kind"], row["invoice_total"]) == (
        "25330000000000000001",
        "digital_special",
        "113.00",
    )
    assert {f["path"]: f["value"] for f in rows.fields}["factored"] == "否"


def test_other_vouchers_are_left_alone():
    assert not XbrlReader().recognises(Source("x.xml", document("bkrs", "<bkrs:A/>")))
    assert not XbrlReader().recognises(Source("x.xml", b"<xbrl xmlns='http://www.xbrl.org/2003/instance'/>"))
