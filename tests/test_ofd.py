"""OFD invoices: the attachment wins, tags fill the gaps, and the quirks that real files show."""

import io
import zipfile
from pathlib import Path

import pytest

from extraction.ofd import OfdReader
from extraction.source import Source
from ledger.errors import FileUnreadable, UnsafeFile

DATA = Path(__file__).parents[2] / "shared" / "data" / "einvoices"
NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
ATTACHED = """<eInvoice xmlns:fp="http://www.edrm.org.cn/schema/e-invoice/2019">
<fp:InvoiceCode>033002000211</fp:InvoiceCode><fp:InvoiceNo>00000647</fp:InvoiceNo>
<fp:IssueDate>2020年07月23日</fp:IssueDate><fp:Seller><fp:SellerName>甲</fp:SellerName></fp:Seller>
<fp:TaxExclusiveTotalAmount>200.00</fp:TaxExclusiveTotalAmount><fp:TaxTotalAmount>6.00</fp:TaxTotalAmount>
<fp:TaxInclusiveTotalAmount>206.00</fp:TaxInclusiveTotalAmount>
<fp:GoodsInfos><fp:GoodsInfo><fp:Item>*谷物*稻谷</fp:Item><fp:Amount>200.00</fp:Amount></fp:GoodsInfo></fp:GoodsInfos>
</eInvoice>"""
TEXTS = [
    ("1", "170 10 38 5", "99999999"),
    ("2", "20 34 84 11", "印刷的甲"),
    ("3", "4.5 56 36.5 4.5", "*信息技术服务*技术服务"),
    ("4", "4.5 60.5 36.5 4.5", "费"),
    ("5", "4.5 65 36.5 4.5", "*金属制品*螺丝"),
    ("6", "127 56.1 25 4.5", "100.00"),
    ("7", "127 65.1 25 4.5", "50.00"),
    ("8", "102 65.1 25 4.5", "0.5"),
    ("9", "155 96 48 7", "¥159.00"),
    ("10", "60 96 80 7", "壹佰伍拾玖圆整"),
    ("11", "68 7 80 6", "浙江增值税电子普通发票"),
    ("12", "128 90 25 5", "¥"),
    ("13", "128 90 25 5", "150.00"),
]
FLAT = (
    "<InvoiceNo>{1}</InvoiceNo><Seller><SellerName>{2}</SellerName></Seller><Item>{3}{4}{5}</Item>"
    "<Amount>{7}{6}</Amount><Price>{8}</Price><TaxInclusiveTotalAmount>{9}{10}</TaxInclusiveTotalAmount>"
    "<TaxExclusiveTotalAmount>{12}{13}</TaxExclusiveTotalAmount>"
)


def ref(ident):
    return f'<ofd:ObjectRef PageRef="1">{ident}</ofd:ObjectRef>'


def flat(root=f"<ofd:root {NS}>{{}}</ofd:root>"):
    refs = [ref(n) for n in range(14)]
    body = FLAT.format(*refs)
    return root.format(body)


def page(texts=TEXTS):
    objects = "".join(
        f'<ofd:TextObject ID="{i}" Boundary="{b}" Size="3.175"><ofd:TextCode Y="3">{t}</ofd:TextCode>'
        "</ofd:TextObject>"
        for i, b, t in texts
    )
    return f"<ofd:Page {NS}><ofd:Content><ofd:Layer>{objects}</ofd:Layer></ofd:Content></ofd:Page>"


def ofd(attached=None, tags=None, content=None, base="Pages/Page_0/Content.xml", named=""):
    parts = {
        "OFD.xml": f"<ofd:OFD {NS}><ofd:DocBody><ofd:DocInfo><ofd:CustomDatas>{named}</ofd:CustomDatas>"
        "</ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f'<ofd:Document {NS}><ofd:Pages><ofd:Page ID="1" BaseLoc="{base}"/></ofd:Pages>'
        "<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments>"
        "<ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags></ofd:Document>",
        "Doc_0/Pages/Page_0/Content.xml": content or page(),
    }
    if attached is not None:
        parts["Doc_0/Attachs/Attachments.xml"] = (
            f"<ofd:Attachments {NS}><ofd:Attachment><ofd:FileLoc>original_invoice.xml</ofd:FileLoc>"
            "</ofd:Attachment></ofd:Attachments>"
        )
        parts["Doc_0/Attachs/original_invoice.xml"] = attached
    if tags is not None:
        parts["Doc_0/Tags/CustomTags.xml"] = (
            f"<ofd:CustomTags {NS}><ofd:CustomTag><ofd:FileLoc>CustomTag.xml</ofd:FileLoc></ofd:CustomTag>"
            "</ofd:CustomTags>"
        )
        parts["Doc_0/Tags/CustomTag.xml"] = tags
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def read(data):
    source = Source("a.ofd", data)
    assert OfdReader().recognises(source)
    return OfdReader().read(source)


def test_the_attachment_wins_and_tags_fill_the_gaps():
    rows = read(ofd(ATTACHED, flat()))
    row = rows.frame.row(0, named=True)
    assert (row["number"], row["seller_name"], row["invoice_total"]) == ("00000647", "甲", "206.00")
    assert rows.frame["item"].to_list() == ["*谷物*稻谷"]
    assert row["total_words"] == "壹佰伍拾玖圆整"
    methods = {f["path"]: (f["method"], f["confidence"]) for f in rows.fields}
    assert methods["number"] == ("xml", 1.0)
    assert methods["words"][1] == 0.45  # of a tag, and they contradict the total


@pytest.mark.parametrize(
    "root",
    [
        f"<ofd:root {NS}>{{}}</ofd:root>",
        '<:eInvoice xmlns:="">{}</:eInvoice>',
        '<fp:eInvoice xmlns:fp="http://www.edrm.org.cn/schema/e-invoice/2019">{}</fp:eInvoice>',
    ],
)
def test_tags_alone_even_when_not_well_formed(root):
    rows = read(ofd(tags=flat(root)))
    first, second = rows.frame.iter_rows(named=True)
    assert (first["number"], first["seller_name"]) == ("99999999", "印刷的甲")
    assert (first["item"], first["amount"], first["price"]) == ("*信息技术服务*技术服务费", "100.00", None)
    assert (second["item"], second["amount"], second["price"]) == ("*金属制品*螺丝", "50.00", "0.5")
    assert (first["invoice_amount"], first["invoice_total"]) == ("150.00", "159.00")
    assert (first["total_words"], first["kind"]) == ("壹佰伍拾玖圆整", "vat_e_ordinary")
    boxes = {f["path"]: (f["page"], f["box"]) for f in rows.fields}
    assert boxes["number"] == (1, "481.9,28.3,589.6,42.5")


@pytest.mark.parametrize("base", ["/Doc_0/Pages/Page_0/Content.xml", "PAGES/page_0/Content.xml"])
def test_locations_absolute_or_in_another_case(base):
    assert read(ofd(tags=flat(), base=base)).frame["number"][0] == "99999999"


def test_named_values_alone():
    named = "".join(
        f'<ofd:CustomData Name="{n}">{v}</ofd:CustomData>'
        for n, v in {
            "发票号码": "25330000000000000001",
            "校验码": "16197 83356",
            "开票类型": "红字发票",
        }.items()
    )
    rows = read(ofd(content=page([]), named=named))
    assert (rows.frame["number"][0], rows.frame["positive"][0]) == ("25330000000000000001", "否")
    assert {f["path"]: f["value"] for f in rows.fields}["check_code"] == "1619783356"


def test_the_front_line_of_an_invoice_with_a_list_is_no_line():
    front = [
        ("20", "5.5 56 50 4.5", "(详见销货清单)"),
        ("21", "135 56 28 4.5", "200.00"),
        ("22", "176 56 28 4.5", "6.00"),
    ]
    rows = read(ofd(ATTACHED, content=page(front)))
    found = {f["path"]: f["value"] for f in rows.fields}
    assert (found["front[1].item"], found["front[1].amount"], found["front[1].tax"]) == (
        "(详见销货清单)",
        "200.00",
        "6.00",
    )
    assert rows.frame["item"].to_list() == ["*谷物*稻谷"]


def test_a_broken_attachment_leaves_the_tags():
    assert read(ofd(ATTACHED[:-60], flat())).frame["number"][0] == "99999999"


def test_a_bomb_in_an_attachment_is_refused():
    bomb = '<!DOCTYPE eInvoice [<!ENTITY a "aaaa">]>' + ATTACHED
    with pytest.raises(UnsafeFile) as caught:
        read(ofd(bomb, flat()))
    assert caught.value.code == "xml_bomb"
    assert "a.ofd" in str(caught.value)


def test_a_document_without_an_invoice_is_named():
    with pytest.raises(FileUnreadable) as caught:
        read(ofd(content=page([])))
    assert caught.value.code == "paper_no_invoice"


@pytest.mark.slow
@pytest.mark.data
def test_real_files_value_by_value():
    if not (DATA / "truth.json").exists():
        pytest.skip(f"no real invoices at {DATA}")
    from bench.einvoices import structured

    assert structured(DATA) == {"OFD": 1.0, "数电票 XML": 1.0}
