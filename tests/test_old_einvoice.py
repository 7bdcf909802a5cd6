"""The older e-invoice XML: namespaces on the children only, empty prefixes, joined address and phone."""

import pytest

from extraction.old_einvoice import OldEInvoiceReader
from extraction.paper import split_phone
from extraction.source import Source
from ledger.errors import FileUnreadable
from tests.ledgers import whole

BODY = """<fp:InvoiceCode>033002000211</fp:InvoiceCode><fp:InvoiceNo>00000647</fp:InvoiceNo>
<fp:IssueDate>2020年07月23日</fp:IssueDate><fp:InvoiceCheckCode>1</fp:InvoiceCheckCode>
<fp:GraphCode>{qr}</fp:GraphCode><fp:Note><![CDATA[a < b]]></fp:Note>
<fp:Buyer><fp:BuyerName>乙</fp:BuyerName><fp:BuyerTaxID>
</fp:BuyerTaxID></fp:Buyer>
<fp:Seller><fp:SellerName>甲</fp:SellerName><fp:SellerAddrTel>合成路1055号057388222001</fp:SellerAddrTel></fp:Seller>
<fp:TaxInclusiveTotalAmount>206.00</fp:TaxInclusiveTotalAmount><fp:TaxTotalAmount>6.00</fp:TaxTotalAmount>
<fp:TaxExclusiveTotalAmount>200.00</fp:TaxExclusiveTotalAmount>
<fp:GoodsInfos><fp:GoodsInfo><fp:Item>*谷物*稻谷</fp:Item><fp:Price>100</fp:Price><fp:Quantity>2</fp:Quantity>
<fp:Amount>200.00</fp:Amount><fp:TaxScheme>3%</fp:TaxScheme><fp:TaxAmount>6.00</fp:TaxAmount></fp:GoodsInfo>
</fp:GoodsInfos>"""
ROOT = '<eInvoice xmlns:fp="http://www.edrm.org.cn/schema/e-invoice/2019" Version="1.0">{}</eInvoice>'
QUIRK = '<:eInvoice xmlns:="">{}</:eInvoice>'


def read(text):
    source = Source("old.xml", text.encode())
    assert OldEInvoiceReader().recognises(source)
    return OldEInvoiceReader().read(source)


@pytest.mark.parametrize("root", [ROOT, QUIRK])
def test_header_and_line(root):
    rows = read(root.format(BODY.format(qr="01,10,033002000211,00000647,200.00,20200723,1,0941,")))
    row = whole(rows).row(0, named=True)
    assert (row["code"], row["number"], row["issued"]) == ("033002000211", "00000647", "2020年07月23日")
    assert (row["seller_address"], row["seller_phone"]) == ("合成路1055号", "057388222001")
    assert (row["invoice_amount"], row["invoice_tax"], row["invoice_total"]) == ("200.00", "6.00", "206.00")
    assert (row["item"], row["quantity"], row["rate"]) == ("*谷物*稻谷", "2", "3%")
    assert (row["buyer_code"], row["remark"], row["kind"]) == (None, "a < b", "vat_e_ordinary")
    fields = {f["path"]: f["value"] for f in rows.fields}
    assert fields["qr"].startswith("01,10,")
    assert fields["check_code"] == "1"


def test_a_picture_is_no_qr_text():
    rows = read(ROOT.format(BODY.format(qr="iVBORw0KGgo=")))
    assert "qr" not in {f["path"] for f in rows.fields}


@pytest.mark.parametrize(
    ("digits", "kind"), [("11", "vat_e_ordinary"), ("12", "toll"), ("13", "vat_e_special")]
)
def test_the_code_tells_the_kind(digits, kind):
    text = ROOT.format(BODY.format(qr="")).replace("033002000211", f"0330020002{digits}")
    assert whole(read(text))["kind"][0] == kind


def test_mending_never_hides_a_cut_file():
    with pytest.raises(FileUnreadable):
        read(QUIRK.format(BODY.format(qr=""))[:-400])


@pytest.mark.parametrize(
    ("joined", "parts"),
    [
        ("合成路1号 010-84782665", ("合成路1号", "010-84782665")),
        ("合成路1号13800000000", ("合成路1号", "13800000000")),
        ("合成路11号", ("合成路11号", "")),
        ("", ("", "")),
    ],
)
def test_address_and_phone(joined, parts):
    assert split_phone(joined) == parts
