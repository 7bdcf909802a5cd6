"""Papers of the layouts kept out of development: real files that hold what their description says."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

from extraction.pdf_words import read_pdf
from extraction.source import Source
from seeds.contract import ContractLine, PaperContract, Term
from seeds.kept_out import contract_docx, contract_pdf, invoice_pdf, lease_docx, statements
from seeds.paper import PaperInvoice, PaperLine, Party
from seeds.statement import Holder, Movement, PaperStatement

SELLER = Party("平湖示例高分子材料有限公司", "91990000MA00000019", "浙江省平湖市", "0573-1", "中国银行 1234")
BUYER = Party("嘉兴示例电器股份有限公司", "91990000MA00000027", "浙江省嘉兴市", "0573-2")


def contract(kind: str = "purchase") -> PaperContract:
    half = Decimal("0.5")
    terms = (Term("payment", "signing", share=half, days=5), Term("payment", "invoice", share=half, days=60))
    if kind == "lease":
        terms = (Term("rent", amount_fen=1_000_000, every_months=3, due_on=date(2025, 4, 1)),)
    line = ContractLine("高温尼龙", 12_345_600, Decimal(100), Decimal("1234.56"), "吨", "PA46")
    days = {"starts": date(2025, 4, 1), "until": date(2028, 3, 31)} if kind == "lease" else {}
    return PaperContract(
        "HT-1", kind, date(2025, 3, 5), SELLER, BUYER, (line,), terms, subject="厂房500平方米", **days
    )


def text_of(docx: bytes) -> str:
    return ZipFile(BytesIO(docx)).read("word/document.xml").decode()


def pdf_text(data: bytes) -> str:
    return "".join(read_pdf(Source("a.pdf", data)).text.split())


def test_an_invoice_prints_all_its_lines_over_pages() -> None:
    lines = tuple(
        PaperLine(f"*塑料制品*料{i:02d}", 100 + i, 13, Decimal("0.13"), Decimal(1), Decimal("1.00"))
        for i in range(25)
    )
    data = invoice_pdf(PaperInvoice("25332000000000000001", date(2025, 3, 5), SELLER, BUYER, lines))
    text = pdf_text(data)
    assert all(line.item in text for line in lines)
    assert len(read_pdf(Source("a.pdf", data)).pages) > 1
    assert "合成数据" in text


def test_contracts_name_parties_amount_and_terms() -> None:
    maker, centre = text_of(contract_docx(contract())), pdf_text(contract_pdf(contract()))
    for text in (maker, centre):
        assert SELLER.name in text
        assert BUYER.code in text
        assert "壹拾贰万叁仟肆佰伍拾陆元整" in text
        assert "合成数据" in text
    assert "¥123,456.00" in maker
    assert "买方收到卖方开具的增值税发票后60天内，买方电汇合同总价的50%" in maker
    assert "¥123456.00" in centre
    assert "甲方收到乙方合规有效发票之日起60日内" in centre
    assert centre.count("转账方式支付合同价款的百分之五十") == 2
    assert contract_docx(contract()) == contract_docx(contract())


def test_a_contract_says_all_its_description_holds() -> None:
    terms = (
        Term("deposit", "signing", amount_fen=500_000, days=3, working_days=True),
        Term("payment", "date", share=Decimal("0.95"), due_on=date(2025, 6, 30)),
        Term("retention", "acceptance", share=Decimal("0.05"), days=365),
        Term("delivery", "signing", days=30),
    )
    order = replace(contract("order"), parent="KJ-9", place="平湖市", deposit_fen=500_000)
    whole = replace(order, terms=terms, remarks=("送货前电话联系",))
    for text in (text_of(contract_docx(whole)), pdf_text(contract_pdf(whole))):
        assert "订单" in text
        assert text.count("定金") < 4
        said = ("KJ-9", "平湖市", "3个工作日内", "365", "30", "送货前电话联系", "PA46", SELLER.phone, "1234")
        assert [each for each in said if each not in text] == []


def test_a_lease_names_what_is_let_its_rent_and_its_time() -> None:
    lease = text_of(lease_docx(contract("lease")))
    assert "厂房500平方米" in lease
    assert "二零二五年四月一日起租，二零二八年三月三十一日到期" in lease
    assert "租金三个月一交，每次交人民币壹万元整（小写：10000.00元）" in lease
    assert "合成数据" in lease


def test_statements_carry_every_movement() -> None:
    moves = tuple(
        Movement(datetime(2025, 1, 1 + i), "in" if i % 2 else "out", 100_000 + i, BUYER.name, summary="货款")
        for i in range(20)
    )
    paper = PaperStatement(Holder(SELLER.name, "33001234", "示例银行"), 5_000_000, moves)
    for _, suffix, data in statements(paper):
        assert data
        if suffix == ".pdf":
            text = pdf_text(data)
            assert all(f"1,000.{i:02d}" in text for i in range(20))
            assert text.count(BUYER.name[:8]) == 20
        if suffix == ".csv":
            assert data.decode("gb18030").count(BUYER.name) == 20
