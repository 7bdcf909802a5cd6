"""VAT returns and statements: figures by item and column, whose, when, and whether they add up."""

from datetime import date
from io import BytesIO

import numpy as np
import polars as pl
import pytest
import xlsxwriter
from pypdfium2 import PdfDocument
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from extraction.books import BooksReader
from extraction.declarations import DeclarationReader
from extraction.declarations.figures import fen_of
from extraction.declarations.forms import item_name
from extraction.readers import reader_for
from extraction.rows import Facts
from extraction.source import Source
from ledger.errors import FileUnreadable
from ledger.ids import party_id
from ledger.words import label, message
from seeds.codes import synthetic_codes
from seeds.declarations import PaperBalance, PaperReturn, statements_xlsx, vat_return_xlsx
from seeds.paper import Party

CODE = synthetic_codes(np.array([91]), np.array([5]))[0]
OWNER = Party("平湖示例高分子材料有限公司", CODE)
MARCH = (date(2025, 3, 1), date(2025, 3, 31))


def read(data: bytes) -> Facts:
    source = Source("表.xlsx", data)
    reader = reader_for(source)
    assert isinstance(reader, DeclarationReader)
    return reader.facts(source)


def figures(facts: Facts, form: str) -> dict[tuple[str, str], int]:
    rows = facts.tables["declarations"].filter(pl.col("form") == form)
    return {(i, c): v for i, c, v in rows.select("item", "column", "amount_fen").iter_rows()}


def vat(**changed: int) -> PaperReturn:
    said = {"special_fen": 12_345_678, "other_fen": 200_00, "uninvoiced_fen": 300_50, "before_fen": 100_00}
    return PaperReturn(OWNER, *MARCH, date(2025, 4, 12), **(said | changed))


def test_a_vat_return_says_what_was_sold_without_invoices() -> None:
    facts = read(vat_return_xlsx(vat()))
    schedule = figures(facts, "vat_schedule_1")
    assert schedule["sales.special", "period"] == 12_345_678
    assert schedule["sales.other_invoices", "period"] == 200_00
    assert schedule["sales.uninvoiced", "period"] == 300_50
    assert schedule["sales.invoiced", "period"] == 12_345_678 + 200_00
    assert schedule["sales.total", "period"] == 12_345_678 + 200_00 + 300_50  # 即征即退 is not added again
    main = figures(facts, "vat_return")
    assert main["sales.taxable", "period"] == 12_345_678 + 500_50
    assert main["sales.taxable", "year"] == 12_345_678 + 600_50
    row = facts.tables["declarations"].row(0, named=True)
    assert (row["owner"], row["from"], row["happened_on"]) == (party_id("uscc", "", CODE), *MARCH)
    assert row["known_at"].isoformat() == "2025-04-11T16:00:00+00:00"
    assert facts.synthetic
    assert facts.owner == party_id("uscc", "", CODE)
    assert facts.rows == facts.tables["declarations"].height
    fields = facts.tables["fields"].filter(pl.col("path") == "vat_schedule_1.sales.total.period")
    assert fields["checks"].to_list() == [["declared_adds_up"]]


def test_statements_stand_side_by_side() -> None:
    assets = {"货币资金": (100_00, 90_00), "应收账款": (250_55, 0), "资产总计": (350_55, 90_00)}
    sources = {
        "短期借款": (50_00, 40_00), "负债合计": (50_00, 40_00),
        "所有者权益（或股东权益）合计": (300_55, 50_00),
        "负债和所有者权益（或股东权益）总计": (350_55, 90_00),
    }  # fmt: skip
    income = {
        "一、营业收入": (900_00, 2_000_00),
        "减：营业成本": (500_00, 1_000_00),
        "四、净利润（净亏损以“－”号填列）": (-1_50, 9),
    }
    facts = read(
        statements_xlsx(PaperBalance(OWNER, date(2025, 1, 1), date(2025, 3, 31), assets, sources, income))
    )
    sheet = figures(facts, "balance_sheet")
    assert sheet["assets.receivables", "closing"] == 250_55
    assert sheet["assets.cash", "opening"] == 90_00
    assert sheet["liabilities.short_loans", "closing"] == 50_00
    assert sheet["sources.total", "opening"] == 90_00
    profit = figures(facts, "income_statement")
    assert profit["income.revenue", "year"] == 2_000_00
    assert profit["income.net", "period"] == -1_50
    whole = facts.tables["declarations"].filter(pl.col("item") == "assets.total")
    assert whole["warnings"].list.len().sum() == 0
    spans = facts.tables["declarations"].select("form", "from", "happened_on").unique().sort("form").rows()
    assert spans == [
        ("balance_sheet", date(2025, 3, 1), date(2025, 3, 31)),
        ("income_statement", date(2025, 1, 1), date(2025, 3, 31)),
    ]


def test_what_does_not_add_up_warns() -> None:
    broken = {"货币资金": (100_00, 1), "资产总计": (350_55, 1)}
    sources = {"负债合计": (1_00, 0), "所有者权益合计": (2_00, 1)}
    facts = read(statements_xlsx(PaperBalance(OWNER, *MARCH, broken, sources, {"营业收入": (1, 1)})))
    total = facts.tables["declarations"].filter(
        (pl.col("item") == "assets.total") & (pl.col("column") == "closing")
    )
    (warning,) = total["warnings"].item().to_list()
    assert (warning["code"], warning["value"]) == ("not_balance_sheet_balances", "300 / 35055")
    assert all(message(warning["code"], lang) for lang in ("zh", "en"))


def table(*rows: list[object]) -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                sheet.write(y, x, cell)
    return out.getvalue()


def test_units_labels_and_cells_of_other_programs() -> None:
    facts = read(
        table(
            ["资产负债表"],
            ["编制单位", OWNER.name, "", "2024-12-31", "单位：万元"],
            ["统一社会信用代码：", CODE],
            ["项  目", "期末数", "年初数"],
            ["货 币 资 金", "1,234.5678", "—"],
            ["应收账款：", "(12.00)", "abc"],
        )
    )
    sheet = figures(facts, "balance_sheet")
    assert sheet == {
        ("assets.cash", "closing"): 1_234_567_800, ("assets.receivables", "closing"): -12_000_000,
    }  # fmt: skip
    assert facts.rejected == 1
    assert facts.rows == 3
    assert facts.tables["rejects"]["problems"].to_list()[0][0]["value"] == "abc"


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["利润表"], ["2025年3月"], ["项目", "本期金额"], ["营业收入", "1.00"]], "declaration_no_owner"),
        (
            [["利润表"], ["编制单位：甲乙有限公司"], ["项目", "本期金额"], ["营业收入", "1.00"]],
            "declaration_no_period",
        ),
        ([["利润表"], ["编制单位：甲乙有限公司"], ["项目", "本期金额"]], "declaration_empty"),
    ],
)
def test_what_is_missing_is_named(rows: list[list[object]], code: str) -> None:
    source = Source("表.xlsx", table(*rows))
    with pytest.raises(FileUnreadable) as error:
        DeclarationReader().facts(source)
    assert error.value.code == code
    assert "表.xlsx" in error.value.text("zh")


def pdf(*lines: list[tuple[float, str]]) -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = BytesIO()
    page = Canvas(out, pagesize=(800, 560), invariant=True)
    page.setFont("STSong-Light", 8)
    for y, line in enumerate(lines):
        for x, text in line:
            page.drawString(x, 540 - 16 * y, text)
    page.save()
    return out.getvalue()


def turned(data: bytes) -> bytes:
    document, out = PdfDocument(data), BytesIO()
    document[0].set_rotation(90)
    document.save(out)
    document.close()
    return out.getvalue()


def test_a_printed_schedule_is_read_by_where_its_figures_stand() -> None:
    heads = [
        (150 + 60 * n, f"{n}" if n < 9 else {9: "9=1+3+5+7", 10: "10", 11: "11"}[n]) for n in range(1, 12)
    ]
    row = [(60, "13%税率的货物及加工修理修配劳务"), (196, "1")]
    values = {
        1: "100,000.00",
        2: "13,000.00",
        3: "50.00",
        4: "6.50",
        5: "1,000.00",
        6: "130.00",
        9: "101,050.00",
    }
    data = pdf(
        [(300, "增值税及附加税费申报表附列资料（一）")],
        [(320, "（本期销售情况明细）")],
        [(40, "税款所属时间：2025年3月1日至2025年3月31日")],
        [(40, f"纳税人名称：{OWNER.name}"), (500, "金额单位：元至角分")],
        [(40, f"纳税人识别号（统一社会信用代码）：{CODE}")],
        heads,
        [*row, *((140 + 60 * n, text) for n, text in values.items())],
    )
    source = Source("一.pdf", data)
    facts = DeclarationReader().facts(source)
    assert DeclarationReader().recognises(source)
    found = figures(facts, "vat_schedule_1")
    assert found["sales.uninvoiced", "period"] == 1_000_00
    assert found["sales.total", "period"] == 101_050_00
    place = facts.tables["fields"].filter(pl.col("path") == "vat_schedule_1.sales.uninvoiced.period")
    assert place["page"].item() == 1
    assert float(place["box"].item().split(",")[0]) == pytest.approx(440, abs=2)
    sideways = DeclarationReader().facts(Source("二.pdf", turned(data)))
    assert figures(sideways, "vat_schedule_1") == found
    there = sideways.tables["fields"].filter(pl.col("path") == place["path"].item())
    x0, y0, x1, y1 = (float(edge) for edge in place["box"].item().split(","))
    box = [float(edge) for edge in there["box"].item().split(",")]
    assert box == pytest.approx([560 - y1, x0, 560 - y0, x1], abs=0.2)


def test_invoice_ledgers_are_not_taken_for_forms() -> None:
    ledger = table(
        ["发票代码", "发票号码", "开票日期", "销方名称", "购方名称", "金额", "税额", "备注"], ["资产负债表"]
    )
    assert not DeclarationReader().recognises(Source("a.xlsx", ledger)) or BooksReader().recognises(
        Source("a.xlsx", ledger)
    )


def test_names_of_items_lose_what_does_not_name_them() -> None:
    assert item_name("（一）按适用税率计税销售额") == "按适用税率计税销售额"
    assert item_name("其中： 应税货物销售额") == "应税货物销售额"
    assert item_name("三、利润总额（亏损总额以“-”号填列）") == "利润总额"
    assert fen_of("1,234.56", 1) == 123_456
    assert fen_of("0.00001", 1) is None
    assert fen_of("1.2", 10_000) == 1_200_000
    assert [fen_of(t, 1) for t in ("(12.5)", "¥(12.5)", "（1,2、3）", "￥-3")] == [-1250, -1250, -12300, -300]
    assert [fen_of(t, 10_000) for t in ("1e3", "", "（）", "9" * 16)] == [None] * 4
    assert label("vat_schedule_1", "zh")
