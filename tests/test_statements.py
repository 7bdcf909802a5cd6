"""Account statements: every layout round trips, balances tell lost rows, nothing doubles or is hidden."""

from datetime import date, datetime
from io import BytesIO

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdfium2 import PdfDocument

from bench.statements import shown
from extraction.books import BooksReader
from extraction.pdf_words import read_pdf
from extraction.readers import reader_for
from extraction.rows import Facts
from extraction.source import Source
from extraction.statements.facts import account_key
from extraction.statements.reader import StatementReader
from extraction.statements.values import MOST_ROWS
from ledger.keys import account_id
from ledger.names import normal_form
from ledger.words import label
from seeds.sample_statements import sample_statement
from seeds.statement import Holder, Movement, PaperStatement
from seeds.statements import LAYOUTS, prints, write_statement

HOLDER = Holder("平湖合成有限公司", "33001617035050012345", "中国建设银行平湖支行")


def read(data: bytes | str, name: str = "a") -> Facts:
    source = Source(name, data.encode() if isinstance(data, str) else data)
    reader = reader_for(source)
    assert reader is not None
    return reader.facts(source)


def rows_of(facts: Facts) -> list[tuple[object, ...]]:
    columns = ("happened_on", "direction", "amount_fen", "balance_fen", "counterparty_name")
    return [
        (*rest, normal_form(name) if name else None)
        for *rest, name in facts.tables["bank_flows"].select(columns).iter_rows()
    ]


def truth_of(statement: PaperStatement, named: bool = True) -> list[tuple[object, ...]]:
    return [
        (m.at.date(), m.direction, m.amount_fen, balance, shown(m.counterparty) if named else None)
        for m, balance in zip(statement.movements, statement.balances(), strict=True)
    ]


def one(facts: Facts) -> dict[str, object]:
    return facts.tables["statements"].row(0, named=True)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_read_back(layout: str) -> None:
    statement = sample_statement(11, 30)
    facts = read(write_statement(statement, layout)[1])
    expected = truth_of(statement, named=prints(layout, "counterparty"))
    assert rows_of(facts) == expected
    said = one(facts)
    assert (said["reconciled"], said["opening_fen"]) == (True, statement.opening_fen)
    assert said["closing_fen"] == statement.balances()[-1]
    assert (facts.rows, facts.duplicates, facts.rejected, facts.synthetic) == (30, 0, 0, True)
    if prints(layout, "counterparty"):
        concluded = facts.tables["bank_flows"].select("way", "purpose").rows()
        assert concluded == [(m.way, m.purpose) for m in statement.movements]


def test_a_pdf_over_many_pages_with_wrapped_names() -> None:
    statement = sample_statement(3, 70)
    for layout in ("icbc_pdf", "ccb_pdf"):
        assert rows_of(read(write_statement(statement, layout)[1])) == truth_of(statement)


@pytest.mark.parametrize("layout", ["icbc", "abc", "pingan", "icbc_pdf", "bkrs"])
def test_a_lost_row_is_told_where_it_is_missing(layout: str) -> None:
    statement = sample_statement(5, 30)
    facts = read(write_statement(statement, layout, without=12)[1])
    (broken,) = one(facts)["breaks"]  # type: ignore[misc]
    expected, found = (int(v.replace(",", "").replace(".", "")) for v in broken["value"].split(" ≠ "))
    movement = statement.movements[12]
    assert abs(found - expected) == movement.amount_fen
    flows = facts.tables["bank_flows"]
    at = flows.filter(pl.col("row") == int(broken["field"])).row(0, named=True)
    assert at["balance_fen"] == statement.balances()[13]  # the row after the one that is gone
    assert [(w["code"], w["field"]) for w in at["warnings"]] == [("balance_break", broken["field"])]
    assert "statement_breaks" in {w.code for w in facts.warnings}


def csv(*lines: str, head: str = "账号：33001617035050012345 户名：平湖合成有限公司") -> str:
    return "\n".join([head, "交易日期,摘要,支出,收入,余额,对方户名,对方账号", *lines]) + "\n"


PAID = "2025-03-01,转账,,100.00,1100.00,甲有限公司,330016170350501"
BACK = "2025-03-01,转账,100.00,,1000.00,甲有限公司,330016170350501"


def test_a_row_pasted_twice_counts_once_and_a_true_repetition_twice() -> None:
    later = "2025-03-02,转账,50.00,,1050.00,乙有限公司,330016170350502"
    pasted = read(csv(PAID, PAID, later))
    assert (pasted.tables["bank_flows"].height, pasted.duplicates, pasted.rows) == (2, 1, 3)
    assert one(pasted)["reconciled"] is True
    true = read(csv(PAID, BACK, PAID))  # paid, given back, paid again: three movements
    assert (true.tables["bank_flows"].height, true.duplicates) == (3, 0)
    assert true.tables["bank_flows"]["fact"].n_unique() == 3


def test_two_exports_of_one_account_meet_in_one_fact() -> None:
    statement = sample_statement(8, 40)
    facts = [
        set(read(write_statement(statement, k)[1]).tables["bank_flows"]["fact"]) for k in ("icbc", "icbc_pdf")
    ]
    assert facts[0] == facts[1]
    part = PaperStatement(statement.holder, statement.balances()[9], statement.movements[10:])
    assert set(read(write_statement(part, "boc")[1]).tables["bank_flows"]["fact"]) < facts[0]
    other = PaperStatement(HOLDER, statement.opening_fen, statement.movements)
    assert not facts[0] & set(read(write_statement(other, "icbc")[1]).tables["bank_flows"]["fact"])


def test_exports_pasted_together_are_one_account_that_runs_through() -> None:
    statement = sample_statement(9, 20)
    half = PaperStatement(statement.holder, statement.balances()[9], statement.movements[10:])
    first = PaperStatement(statement.holder, statement.opening_fen, statement.movements[:12])
    both = b"".join(write_statement(s, "bocom")[1] for s in (first, half))
    facts = read(both)
    assert (facts.tables["statements"].height, one(facts)["reconciled"]) == (1, True)
    assert rows_of(facts) == truth_of(statement)


def test_two_accounts_in_one_table_are_two_statements() -> None:
    lines = [
        "账号,交易日期,收入,支出,余额,对方户名",
        "33001617035050000001,2025-03-01,10.00,,110.00,甲有限公司",
        "33001617035050000002,2025-03-01,20.00,,220.00,甲有限公司",
        "33001617035050000001,2025-03-02,,5.00,105.00,乙有限公司",
        "33001617035050000002,2025-03-02,,5.00,215.00,乙有限公司",
    ]
    said = read("\n".join(lines) + "\n").tables["statements"]
    assert said["reconciled"].to_list() == [True, True]
    assert said["account"].to_list() == [account_id(f"3300161703505000000{n}") for n in (1, 2)]


def test_debit_that_is_income_is_read_as_the_balances_say_and_told() -> None:
    lines = [
        "银行存款 户名：平湖合成有限公司",
        "日期,摘要,借方,贷方,余额",
        "2025-03-01,收货款,1200.00,,11200.00",
        "2025-03-02,付材料,,200.00,11000.00",
        "2025-03-03,收货款,100.00,,11100.00",
    ]
    facts = read("\n".join(lines) + "\n")
    assert facts.tables["bank_flows"]["direction"].to_list() == ["in", "out", "in"]
    assert [w.code for w in facts.warnings] == ["statement_sides_swapped"]


def test_own_transfers_people_and_inner_accounts() -> None:
    lines = [
        "2025-03-01,转账,10.00,,990.00,平湖合成有限公司,330016170350599",
        "2025-03-01,报销,10.00,,980.00,王小明,6222021202000000000",
        "2025-03-01,结息,,1.00,981.00,应付利息,",
        "2025-03-01,代甲有限公司支付货款,,19.00,1000.00,乙有限公司,330016170350598",
    ]
    facts = read(csv(*lines))
    flows = facts.tables["bank_flows"]
    assert flows["purpose"].to_list() == ["own", "trade", "interest", "trade"]
    assert flows["way"].to_list() == ["transfer", "transfer", "transfer", "third_party"]
    assert flows["counterparty_name"].to_list()[1] == "王**"
    assert flows["counterparty"].is_null().to_list() == [False, True, True, False]
    assert flows["counterparty"][0] == facts.owner
    assert flows["counterparty_account"].is_null().to_list() == [False, True, True, False]
    shown_names = facts.tables["parties"]["name"].to_list()
    assert sorted(shown_names) == ["乙有限公司", "平湖合成有限公司"]
    assert "中国建设银行" not in str(shown_names)
    text = "".join(str(frame.to_dicts()) for frame in facts.tables.values())
    assert "王小明" not in text
    assert "6222021202000000000" not in text


def test_a_person_named_again_in_summary_or_remark_is_hidden_there_too() -> None:
    lines = [
        "交易日期,摘要,附言,支出,收入,余额,对方户名",
        "2025-03-01,王小明报销,付王小明差旅费,10.00,,990.00,王小明",
        "2025-03-02,转账13800138000,代王小明还款13800138000,10.00,,980.00,甲有限公司",
    ]
    flows = read("\n".join(["账号：33001617035050012345", *lines]) + "\n").tables["bank_flows"]
    assert flows["summary"].to_list() == ["王**报销", "转账138****8000"]
    assert flows["remark"].to_list() == ["付王**差旅费", "代王**还款138****8000"]


def test_a_masked_number_is_no_account() -> None:
    """Two accounts may look alike once masked: they must not meet in one id."""
    assert account_key("6222****1234") is None
    assert account_key("6222 0212 1234") == account_id("622202121234")
    masked = "2025-03-01,转账,,100.00,1100.00,甲有限公司,330016******0501"
    facts = read(csv(masked, head="账号：3300161703******2345 户名：平湖合成有限公司"))
    assert facts.tables["bank_flows"].select("account", "counterparty_account").row(0) == (None, None)
    assert one(facts)["account"] is None


def turned(pdf: bytes) -> bytes:
    """The same paper with its pages shown on their side."""
    document, out = PdfDocument(pdf), BytesIO()
    for page in document:
        page.set_rotation(90)
    document.save(out)
    document.close()
    return out.getvalue()


def fields(facts: Facts) -> dict[str, dict[str, object]]:
    return {f["path"]: f for f in facts.tables["fields"].iter_rows(named=True)}


def corners(box: object) -> list[float]:
    return [float(edge) for edge in str(box).split(",")]


def test_a_pdf_whose_pages_are_turned_is_read_where_people_see_it() -> None:
    statement = sample_statement(11, 30)
    data = write_statement(statement, "icbc_pdf")[1]
    straight, facts = read(data), read(turned(data))
    assert rows_of(facts) == truth_of(statement)
    height = read_pdf(Source("a", data)).pages[0].height
    x0, y0, x1, y1 = corners(fields(straight)["rows[5].amount"]["box"])
    there = corners(fields(facts)["rows[5].amount"]["box"])
    assert there == pytest.approx([height - y1, x0, height - y0, x1], abs=0.2)


def test_every_value_of_a_pdf_has_its_place_and_what_bears_it_out() -> None:
    statement = sample_statement(11, 30)
    data = write_statement(statement, "icbc_pdf", without=12)[1]
    facts = read(data)
    said = fields(facts)
    assert len(said) == 4 + 3 * 29
    assert said["account"]["value"] == one(facts)["account_shown"]
    assert said["holder"]["value"] == statement.holder.name
    assert "opening" not in said  # worked out, not printed
    pages = read_pdf(Source("a", data)).pages
    for path, field in said.items():
        page, (x0, y0, x1, y1) = pages[field["page"] - 1], corners(field["box"])  # type: ignore[operator]
        inside = [w.text for w in page.words if w.x0 > x0 - 0.1 and w.x1 < x1 + 0.1 and y0 < w.middle < y1]
        text = "".join(inside).replace(",", "")
        if path not in ("account", "from", "until"):
            assert str(field["value"]) in text, path
    rows = [f["row"] for f in facts.tables["bank_flows"].iter_rows(named=True)]
    follows = [said[f"rows[{r}].balance"]["checks"] for r in rows]
    assert follows == [[], *[["balance_follows"]] * 11, [], *[["balance_follows"]] * 16]
    sure = [said[f"rows[{rows[n]}].amount"]["confidence"] for n in (0, 1, 12)]
    assert sure == [0.9, 0.98, 0.45]
    assert label("check_balance_follows", "zh") != label("check_balance_follows", "en")


def test_values_of_a_table_of_text_and_of_a_long_one() -> None:
    head = "账号：33001617035050012345 户名：王小明 期初余额：1000.00 期末余额：1050.00"
    lines = [PAID, "2025-03-02,转账,50.00,,1050.00,乙有限公司,330016170350502"]
    facts = read(csv(*lines, head=head))
    said = fields(facts)
    assert [(p, f["value"]) for p, f in said.items()] == [
        ("account", "3300************2345"), ("holder", "王**"), ("opening", "1000.00"),
        ("closing", "1050.00"), ("rows[3].date", "2025-03-01"), ("rows[3].amount", "100.00"),
        ("rows[3].balance", "1100.00"), ("rows[4].date", "2025-03-02"), ("rows[4].amount", "50.00"),
        ("rows[4].balance", "1050.00"),
    ]  # fmt: skip
    borne_out = {"opening", "closing", *(f"rows[{r}].{v}" for r in (3, 4) for v in ("amount", "balance"))}
    assert {p for p, f in said.items() if f["checks"] == ["balance_follows"]} == borne_out
    assert facts.tables["bank_flows"]["row"].to_list() == [3, 4]
    wrong = fields(read(csv(*lines, head=head.replace("1050.00", "1051.00"))))["closing"]
    assert (wrong["checks"], wrong["confidence"]) == ([], 0.475)
    day, many = "2025-03-01,转账,,1.00,{},甲有限公司,330016170350501", range(1, MOST_ROWS + 2)
    long = read(csv(*(day.format(f"{n}.00") for n in many)))
    assert long.tables["bank_flows"].height == MOST_ROWS + 1
    assert list(fields(long)) == ["account", "holder"]


def test_rows_that_cannot_be_read_are_kept_with_their_reason() -> None:
    facts = read(
        csv(PAID, "2025-13-01,转账,100.00,,1000.00,甲有限公司,", "2025-03-03,转账,x1,,1000.00,甲有限公司,")
    )
    rejects = facts.tables["rejects"]
    assert [p["code"] for every in rejects["problems"] for p in every] == [
        "date_unreadable",
        "amount_unreadable",
    ]
    assert '"支出":"x1"' in rejects["raw"][1]
    assert facts.rows == facts.tables["bank_flows"].height + facts.rejected + facts.duplicates == 3


def test_opening_sums_and_footers_are_no_rows() -> None:
    facts = read(
        csv(
            ",承前页,,,1000.00,,",
            PAID,
            ",本页合计,0.00,100.00,1100.00,,",
            "2025-03-02,转账,30.00,,1070.00,乙有限公司,",
            "合计,,30.00,100.00,,,",
            "制表人：某某,,,,,,",
        )
    )
    assert (facts.rows, facts.rejected, one(facts)["opening_fen"], facts.warnings) == (2, 0, 100_000, [])
    short = read(csv(PAID, "合计,,30.00,100.00,,,"))
    assert [w.code for w in short.warnings] == ["totals_row_disagrees"]


UNSEEN = {
    """
日子,干啥,出,进,剩余,谁
2025/3/1,a,,12.00,112.00,甲有限公司
2025/3/2,b,2.00,,110.00,乙有限公司
2025/3/2,c,,3.00,113.00,甲有限公司
2025/3/3,d,,4.00,117.00,甲有限公司
""": [1200, -200, 300, 400],
    """
入账日,收支标记,发生数,结存,对方客户
2025-03-01,收(+),10,110,甲有限公司
2025-03-02,付(-),5,105,乙有限公司
2025-03-02,付(-),5,100,乙有限公司
2025-03-02,付(-),5,95,乙有限公司
""": [1000, -500, -500, -500],
    """
交易日期,付款方名称,收款方名称,金额,余额
2025-03-01,甲有限公司,平湖合成有限公司,10.00,110.00
2025-03-02,平湖合成有限公司,乙有限公司,5.00,105.00
2025-03-03,平湖合成有限公司,丙有限公司,5.00,100.00
""": [1000, -500, -500],
    """
日期,摘要,借方发生额,贷方发生额,余额,对方户名
03-01,a,,12.00,112.00,甲有限
,,,,,责任公司
,b,2.00,,110.00,乙有限公司
03-02,c,,3.00,113.00,甲有限责任公司
""": [1200, -200, 300],
    """
年,月,日,摘要,收入,支出,余额
2025,3,1,a,10.00,,110.00
,,2,b,,5.00,105.00
,4,1,c,,5.00,100.00
""": [1000, -500, -500],
    """
Date,Narrative,Credit Amount,Debit Amount,Balance
13-Mar-2025,TT,10.00,,110.00
14-Mar-2025,TT,,5.00,105.00
""": [1000, -500],
    """
日期,摘要,提款,存款,結餘
2025/3/1,a,,10.00,110.00
2025/3/2,b,5.00,,105.00
""": [1000, -500],
    """
交易时间,交易金额,账户余额,对方户名
20250301 10:22:33,10.00+,110.00,甲有限公司
20250302 9:22:33,5.00-,105.00,乙有限公司
""": [1000, -500],
    """
交易日期    摘要    借方发生额    贷方发生额    余额    对方户名
20250301    转账    0.00    1,200.00    11,200.00   甲有限责任公司
20250302    付款    200.00    0.00    11,000.00   乙有限公司
""": [120_000, -20_000],
}


@pytest.mark.parametrize("text", UNSEEN)
def test_statements_of_banks_never_seen(text: str) -> None:
    facts = read(f"某某银行 户名：平湖合成有限公司  2025-03-01至2025-03-31{text}")
    flows = facts.tables["bank_flows"]
    signed = [a if d == "in" else -a for d, a in flows.select("direction", "amount_fen").iter_rows()]
    assert signed == UNSEEN[text]
    assert one(facts)["reconciled"] is True


@pytest.mark.parametrize(
    "head",
    [
        "日期,客户名称,商品,金额,备注\n2025-03-01,甲有限公司,绳,100.00,\n",
        "日期,凭证字号,摘要,借方金额,贷方金额,方向,余额\n2025-03-01,记-1,销售,100.00,,借,100.00\n",
        "发票号码,开票日期,购方名称,金额,税额,价税合计,余额\n1,2025-03-01,甲,1.00,0.13,1.13,1.13\n",
        "企业代号,发票号码,开票日期,购方单位代号,金额,税额,价税合计,发票状态\n",
    ],
)
def test_other_tables_are_left_alone(head: str) -> None:
    assert not StatementReader().recognises(Source("x.csv", head.encode()))


def test_a_column_of_tax_numbers_does_not_hide_a_statement() -> None:
    head = "交易日期,纳税人识别号,借方发生额,贷方发生额,余额,对方户名,对方账号"
    assert StatementReader().recognises(
        Source("x", f"{head}\n2025-03-01,1,,1.00,1.00,甲,12345678\n".encode())
    )


def test_no_statement_is_taken_for_a_ledger_of_invoices() -> None:
    statement = sample_statement(2, 5)
    for layout in LAYOUTS:
        assert not BooksReader().recognises(Source(layout, write_statement(statement, layout)[1])), layout


amounts = st.integers(1, 10_000_000)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(amounts, st.booleans(), st.integers(0, 3)), min_size=2, max_size=12),
    st.integers(0, 10**9),
)
def test_whatever_moved_is_read_back(moves: list[tuple[int, bool, int]], opening: int) -> None:
    day, movements = datetime(2025, 3, 1, 9), []
    for amount, came, later in moves:
        day = day.replace(day=min(28, day.day + later))
        movements.append(Movement(day, "in" if came else "out", amount, "甲有限公司", "330016170350501"))
    statement = PaperStatement(HOLDER, opening, tuple(movements))
    for layout in ("abc", "ceb"):  # newest first and oldest first, equal times throughout
        facts = read(write_statement(statement, layout)[1])
        assert one(facts)["reconciled"] is True
        assert sorted(rows_of(facts)) == sorted(truth_of(statement))


def test_a_heading_that_promises_a_day_and_holds_a_clock() -> None:
    facts = read(
        csv(
            "到账日,到账时间,支出,收入,余额,对方户名",
            "2025.05.02,17:18:00,100.00,,900.00,甲有限公司",
            "2025.05.03,06:12:00,,50.00,950.00,乙有限公司",
        )
    )
    assert rows_of(facts)[0][0] == date(2025, 5, 2)
    assert facts.rejected == 0
    assert facts.tables["bank_flows"]["happened_on"].to_list() == [date(2025, 5, 2), date(2025, 5, 3)]


def test_payer_and_payee_in_words_of_their_own() -> None:
    facts = read(
        csv(
            "日期,转出方户名,转出方账号,汇入单位名称,汇入单位账号,支出,收入,余额",
            "2025-05-02,平湖合成有限公司,33001617035050012345,甲有限公司,1234567890123456,100.00,,900.00",
            "2025-05-03,乙有限公司,6543210987654321,平湖合成有限公司,33001617035050012345,,50.00,950.00",
        )
    )
    flows = facts.tables["bank_flows"]
    assert flows["counterparty_name"].to_list() == ["甲有限公司", "乙有限公司"]
    assert flows["direction"].to_list() == ["out", "in"]


def test_a_period_and_an_account_as_people_see_it() -> None:
    said = one(read(write_statement(sample_statement(1, 10), "ceb")[1]))
    assert isinstance(said["from"], date)
    assert "*" in str(said["account_shown"])
    assert said["bank"] == "中国光大银行"


def test_people_with_titles_latin_names_and_cards_leave_no_trace() -> None:
    card = "6228480402564890018"
    head = "账号：33001617035050012345 户名：平湖合成有限公司"
    text = "\n".join([
        head, "交易日期,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,附言",
        f"2024-01-02,100.00,,900.00,欧阳小明先生,{card},货款,付欧阳小明货款",
        f"2024-01-03,100.00,,800.00,ZHANG SAN,{card},货款,",
        f"2024-01-04,100.00,,700.00,海盐虚拟有限公司,{card},货款,",
        f"2024-01-05,abc,,600.00,赵六七,{card},货款,付赵六七工资",
    ])  # fmt: skip
    facts = read(text)
    stored = "".join(str(frame.to_dicts()) for frame in facts.tables.values())
    for hidden in ("小明", "ZHANG SAN", "赵六七", card):
        assert hidden not in stored
    assert set(facts.tables["parties"]["name"]) == {"平湖合成有限公司", "海盐虚拟有限公司"}
    assert facts.tables["bank_flows"]["remark"][0] == "付欧***货款"
