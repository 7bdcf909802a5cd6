"""Rows of text to facts: keys, copies, red and void invoices, the true seller, remarks, batches."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.amounts import decimals, money, rate_of
from extraction.books import BooksReader
from extraction.cells import tidy_cells
from extraction.dates import dated
from extraction.normalise import normalise, normalise_many
from extraction.rows import COLUMNS, Facts, Rows
from ledger.errors import Problem
from ledger.ids import party_id
from ledger.keys import strong_fact
from ledger.money import fen_of, yuan
from ledger.records import TABLES
from tests.ledgers import BUYER, SELLER, THIRD, digital, line, priced, source

READER = BooksReader()


def paper(*lines: dict[str, str], problems: tuple[Problem, ...] = (), **header: str) -> Rows:
    """One invoice as a reader of papers gives it."""
    basic = {"number": digital(1), "issued": "2025-03-01", "seller_code": SELLER, "buyer_code": BUYER}
    records = [{**basic, **header, **cells, "row": i} for i, cells in enumerate(lines or ({},), 1)]
    return Rows(pl.DataFrame(records, schema=COLUMNS), "test", 1, problems=list(problems))


def only(facts: Facts) -> dict[str, object]:
    """The one invoice."""
    assert facts.rejected == 0, facts.tables["rejects"]["problems"].to_list()
    return facts.tables["invoices"].row(0, named=True)


def warned(facts: Facts) -> list[str]:
    """Codes of the warnings of the first invoice."""
    return [p["code"] for p in only(facts)["warnings"]]  # type: ignore[attr-defined]


def rejected_for(facts: Facts) -> set[str]:
    """Codes of everything that was rejected for."""
    return {p["code"] for ps in facts.tables["rejects"]["problems"].to_list() for p in ps}


def test_tables_have_the_columns_of_the_ledger() -> None:
    facts = normalise(paper({"item": "尼龙", "amount": "100", "tax": "13"}))
    for name, table in facts.tables.items():
        expected = {c: t for c, t in TABLES[name].items() if c != "reading"}
        assert dict(table.schema) == expected, name


def test_a_paper_as_facts() -> None:
    nylon = {"item": "尼龙", "amount": "60", "tax": "7.8", "rate": "13%"}
    colour = {"item": "色母", "amount": "40", "tax": "5.2"}
    printed = {"invoice_amount": "100.00", "invoice_tax": "13.00", "invoice_total": "113.00"}
    facts = normalise(paper(nylon, colour, **printed, total_words="壹佰壹拾叁圆整"))
    invoice = only(facts)
    assert invoice["fact"] == strong_fact(None, digital(1))
    assert (invoice["amount_fen"], invoice["tax_fen"], invoice["total_fen"]) == (10_000, 1_300, 11_300)
    assert invoice["seller"] == party_id("uscc", "", SELLER)
    assert (invoice["owner"], invoice["side"], invoice["weak"]) == (None, None, False)
    assert facts.tables["invoice_lines"].select("line", "item", "rate").rows() == [
        (1, "尼龙", Decimal("0.13")),
        (2, "色母", None),
    ]


def test_known_from_the_time_of_issue() -> None:
    assert only(normalise(paper({"amount": "1"})))["known_at"] == datetime(2025, 2, 28, 16, tzinfo=UTC)
    timed = normalise(paper({"amount": "1"}, issued="2025-03-01 00:30:00"))
    assert only(timed)["known_at"] == datetime(2025, 2, 28, 16, 30, tzinfo=UTC)
    assert only(timed)["happened_on"] == date(2025, 3, 1)


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ({"invoice_amount": "100", "invoice_tax": "13", "invoice_total": "112"}, "amounts_do_not_add"),
        ({"invoice_amount": "90"}, "lines_do_not_sum"),
        ({"total_words": "壹佰壹拾贰圆整"}, "words_disagree"),
    ],
)
def test_an_invoice_that_contradicts_itself_is_rejected(header: dict[str, str], problem: str) -> None:
    lines = ({"item": "a", "amount": "60", "tax": "7.8"}, {"item": "b", "amount": "40", "tax": "5.2"})
    facts = normalise(paper(*lines, **header))
    assert problem in rejected_for(facts)
    assert (facts.rows, facts.rejected) == (2, 2)
    assert facts.tables["invoices"].is_empty()
    assert facts.tables["parties"].is_empty()


def test_lines_may_each_round_by_a_fen() -> None:
    lines = [{"item": "a", "amount": "33.33"}] * 3
    assert only(normalise(paper(*lines, invoice_amount="100.00")))["amount_fen"] == 10_000


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        ({"发票状态": "正常"}, "normal"),
        ({"发票状态": "作废", "是否正数发票": "否"}, "void"),
        ({"是否正数发票": "否", "金额": "-5000", "税额": "-650", "价税合计": "-5650"}, "red"),
        ({"是否正数发票": "", "金额": "-5000", "税额": "-650", "价税合计": "-5650"}, "red"),
        ({"发票状态": "已红冲-全额"}, "normal"),
        ({"发票状态": "自造词"}, "normal"),
    ],
)
def test_status(cells: dict[str, str], status: str) -> None:
    assert only(READER.facts(source([line(1, **cells)])))["status"] == status


@pytest.mark.parametrize(
    ("cells", "warning"),
    [
        ({"发票状态": "作废"}, "digital_void"),
        ({"发票状态": "已红冲-部分"}, "reversed_elsewhere"),
        ({"发票状态": "自造词"}, "status_unknown"),
        ({"发票票种": "自造票"}, "kind_unknown"),
        ({"是否正数发票": "否"}, "red_not_negative"),
        ({"税率": "17%"}, "rate_not_in_force"),
        ({"税率": "13%", "税额": "600", "价税合计": "5600"}, "tax_not_rate"),
        ({"税率": "一成三"}, "rate_unreadable"),
        ({"单价": "40"}, "price_times_quantity"),
        ({"数量": "若干"}, "quantity_unreadable"),
        ({"销方识别号": SELLER[:-1] + ("0" if SELLER[-1] != "0" else "1")}, "credit_code_check_digit"),
    ],
)
def test_warnings_never_reject(cells: dict[str, str], warning: str) -> None:
    facts = READER.facts(source([line(1, **cells), line(2, 购方识别号=THIRD)]))
    first = facts.tables["invoices"].filter(pl.col("number") == digital(1)).row(0, named=True)
    assert warning in {p["code"] for p in first["warnings"]}
    assert facts.rejected == 0


def test_exempt_and_hidden_tax() -> None:
    rows = [
        line(1, 税率="免税", 税额="免税", 价税合计="5000.00"),
        line(2, 税率="***", 税额="***", 价税合计="5200.00"),
    ]
    facts = READER.facts(source(rows))
    assert facts.tables["invoices"].sort("number")["tax_fen"].to_list() == [0, 20_000]


def test_kind_by_word_and_by_business() -> None:
    rows = [line(1), line(2, 特定业务类型="农产品收购"), line(3, 发票票种="增值税普通发票（卷票）")]
    kinds = READER.facts(source(rows)).tables["invoices"].sort("number")["kind"].to_list()
    assert kinds == ["digital_special", "farm_purchase", "vat_roll"]


@pytest.mark.parametrize(
    ("remark", "blue"),
    [
        (f"被红冲蓝字数电票号码：{digital(9)} 红字发票信息确认单编号：33000", strong_fact(None, digital(9))),
        ("对应正数发票代码:3300191130号码:12345678", strong_fact("3300191130", "12345678")),
        ("送货单号 12345678", None),
    ],
)
def test_red_names_its_blue_in_the_remark(remark: str, blue: str | None) -> None:
    red = line(1, 金额="-5000", 税额="-650", 价税合计="-5650", 是否正数发票="否", 备注=remark)
    facts = READER.facts(source([red]))
    assert only(facts)["reverses"] == blue
    assert facts.tables["links"]["dst"].to_list() == ([blue] if blue else [])


def test_several_red_ones_may_hit_one_blue() -> None:
    remark = f"被红冲蓝字数电票号码：{digital(9)}"
    reds = [priced(i, -100 * i, 是否正数发票="否", 数量="-1", 备注=remark) for i in (1, 2)]
    facts = READER.facts(source([priced(9, 1000), *reds]))
    assert facts.tables["links"]["dst"].to_list() == [strong_fact(None, digital(9))] * 2


def test_the_arrow_follows_the_goods_not_the_bureau() -> None:
    remark = f"代开企业税号:{THIRD} 代开企业名称:平湖市丁五金厂"
    facts = READER.facts(source([line(1, 销方名称="国家税务总局平湖市税务局", 销方识别号="", 备注=remark)]))
    assert only(facts)["seller"] == party_id("uscc", "", THIRD)
    assert only(facts)["kind"] == "bureau"
    assert "平湖市丁五金厂" in facts.tables["parties"]["name"].to_list()


def test_personal_numbers_in_remarks_are_masked() -> None:
    facts = READER.facts(source([line(1, 备注=f"身份证110101199003074258,电话13812345678,票{digital(9)}")]))
    assert only(facts)["remark"] == f"身份证110101********4258,电话138****5678,票{digital(9)}"


def test_exact_copies_are_counted_and_dropped() -> None:
    rows = [priced(1, 100, 序号="1"), priced(1, 200, 序号="2"), priced(2, 300, 序号="3")]
    facts = READER.facts(source([*rows, *rows]))
    assert (facts.rows, facts.duplicates) == (6, 3)
    assert facts.tables["invoices"].sort("number")["amount_fen"].to_list() == [300, 300]


def test_a_second_export_with_its_own_running_numbers_is_a_copy() -> None:
    first = [priced(1, 100, 序号="1"), priced(1, 200, 序号="2")]
    second = [priced(1, 100, 序号="7"), priced(1, 200, 序号="8")]
    facts = READER.facts(source([*first, *second]))
    assert only(facts)["amount_fen"] == 300
    assert facts.duplicates == 2
    assert "identical_lines_dropped" in warned(facts)


def test_equal_lines_in_one_run_are_goods_sold_twice() -> None:
    facts = READER.facts(source([priced(1, 100, 序号="4"), priced(1, 100, 序号="5"), priced(2, 3, 序号="6")]))
    assert facts.tables["invoices"].sort("number")["amount_fen"].to_list() == [200, 3]
    assert facts.duplicates == 0


def test_the_printed_total_decides_whether_equal_lines_are_copies() -> None:
    twice = ({"item": "a", "amount": "50"}, {"item": "a", "amount": "50"})
    assert only(normalise(paper(*twice, invoice_amount="100")))["amount_fen"] == 10_000
    assert only(normalise(paper(*twice, invoice_amount="50")))["amount_fen"] == 5_000


def test_rows_of_one_invoice_that_disagree_are_rejected() -> None:
    facts = READER.facts(source([priced(1, 100), priced(1, 200, 购方识别号=THIRD), priced(2, 5)]))
    assert "lines_differ" in rejected_for(facts)
    assert facts.tables["invoices"]["number"].to_list() == [digital(2)]


def test_foreign_currencies_keep_their_minor_units() -> None:
    cells = {"amount": "1234", "tax": "123", "total": "1357"}
    yen = only(normalise(paper(cells, number="INV-7", kind="foreign", currency="JPY")))
    assert (yen["currency"], yen["total_fen"]) == ("JPY", 1357)
    euro = only(normalise(paper(cells, number="INV-7", kind="foreign", currency="EUR")))
    assert (euro["total_fen"], euro["weak"]) == (135_700, False)
    assert euro["fact"] == strong_fact(None, "INV-7", party_id("uscc", "", SELLER))


def test_reader_problems_reject_warn_or_speak_of_the_whole() -> None:
    problems = (Problem("row_short", row=9), Problem("last_row_unfinished", row=1), Problem("sheet_left_out"))
    facts = normalise(paper({"amount": "1"}, problems=problems))
    assert (facts.rows, facts.rejected) == (2, 1)
    assert facts.tables["rejects"]["row"].to_list() == [9]
    warnings = [p["code"] for p in facts.tables["invoices"]["warnings"][0]]
    assert warnings == ["last_row_unfinished", "row_beside_unreadable"]
    assert [p.code for p in facts.warnings] == ["sheet_left_out"]


def test_weak_facts_of_two_files_without_owner_are_two() -> None:
    first, other = (replace(paper({"amount": "1"}, number="123"), sha256=sha) for sha in ("a" * 64, "b" * 64))
    assert only(normalise(first))["weak"]
    assert only(normalise(first))["fact"] != only(normalise(other))["fact"]
    together = normalise_many([first, other])
    assert [only(f)["fact"] for f in together] == [only(normalise(f))["fact"] for f in (first, other)]
    foreign = {"number": "INV-7", "kind": "foreign", "seller_code": ""}
    nobodys = [replace(paper({"amount": "1"}, **foreign), sha256=sha) for sha in ("a" * 64, "b" * 64)]
    assert len({only(normalise(rows))["fact"] for rows in nobodys}) == 2


def test_weak_facts_of_an_owner_do_not_hang_on_the_file() -> None:
    rows = [line(i, 数电发票号码="--", 发票号码=str(i), 购方识别号=b) for i, b in ((1, BUYER), (2, THIRD))]
    facts = [READER.facts(source(rows[:n] + rows[2 - n :])) for n in (1, 2)]
    assert set(facts[0].tables["invoices"]["fact"]) == set(facts[1].tables["invoices"]["fact"])
    assert facts[0].tables["invoices"]["weak"].all()


@pytest.mark.parametrize(
    ("issued", "problem"),
    [
        ("2025-03-02", None),
        ("2025-03-03", "date_in_future"),
        ("2099-01-01", "date_in_future"),
        ("1994-01-01", None),
        ("1993-12-31", "date_before_vat"),
    ],
)
def test_no_invoice_is_of_tomorrows_tomorrow_or_older_than_the_tax(issued: str, problem: str | None) -> None:
    facts = normalise(paper({"amount": "1"}, issued=issued), date(2025, 3, 1))
    assert rejected_for(facts) == ({problem} if problem else set())


def test_an_empty_ledger_is_no_error() -> None:
    facts = READER.facts(source([]))
    assert (facts.rows, facts.rejected, facts.tables["invoices"].height) == (0, 0, 0)


def test_documents_together_say_what_they_say_alone() -> None:
    documents = [
        paper({"item": "a", "amount": "1"}),
        READER.read(source([priced(1, 100), priced(1, 200), priced(2, 1), priced(2, 1, 税额="x")])),
        READER.read(source([line(3, 发票状态="自造词"), line(4)])),
        paper({"amount": "x"}),
        READER.read(source([priced(1, 100), priced(1, 200)])),
        paper({"amount": "5"}, problems=(Problem("row_short", row=7),)),
        READER.read(source([])),
        paper({"item": "a", "amount": "1"}, number="I-1", kind="foreign", currency="JPY"),
    ]
    for alone, together in zip(map(normalise, documents), normalise_many(documents), strict=True):
        for name, table in alone.tables.items():
            assert table.equals(together.tables[name]), name
        for what in ("rows", "duplicates", "rejected", "owner", "synthetic", "warnings"):
            assert getattr(alone, what) == getattr(together, what), what


@settings(deadline=None, max_examples=200)
@given(st.integers(-(10**14), 10**14))
def test_fen_survive_being_written_and_read(fen: int) -> None:
    written = pl.Series([yuan(fen), yuan(fen).replace(",", "")])
    assert money(written).to_list() == [fen, fen]
    assert money(written[1:]).to_list() == [fen]


@settings(deadline=None, max_examples=300)
@given(st.from_regex(r"[-+]?[0-9]{0,15}(\.[0-9]{0,4})?", fullmatch=True))
def test_the_fast_way_reads_what_the_slow_way_reads(text: str) -> None:
    read = money(pl.Series([text]))[0]
    if read is not None:
        assert read == fen_of(text)


@pytest.mark.parametrize("text", ["1.2E+05", "1.005", "", "-", "一百", "1.2.3", "0x10", "١٢"])
def test_what_is_no_amount(text: str) -> None:
    assert money(pl.Series([text]))[0] is None


@pytest.mark.parametrize(
    ("text", "fen"), [("(1,234.50)", -123_450), ("（12.5）", -1_250), ("￥3", 300), (" 7 ", 700)]
)
def test_how_people_write_amounts(text: str, fen: int) -> None:
    assert money(pl.Series([text]))[0] == fen


@pytest.mark.parametrize(
    "text",
    [
        *("2025-07-04", "2025/7/4", "2025.07.04", "2025年7月4日", "20250704", "45842", "45842.5"),
        "2025-07-04T10:00:00+08:00",
    ],
)
def test_how_people_write_dates(text: str) -> None:
    assert dated(pl.Series([text]))["happened_on"].to_list() == [date(2025, 7, 4)]


@pytest.mark.parametrize(
    "text", ["2025-02-30", "2025-13-01", "25-07-04", "0", "1899-01-01", "2025-07-04 25:00:00", "07/04/2025"]
)
def test_what_is_no_date(text: str) -> None:
    assert dated(pl.Series([text])).row(0) == (None, None)


@given(st.dates(date(1994, 1, 1), date(2099, 12, 31)))
@settings(deadline=None, max_examples=50)
def test_dates_round_trip(day: date) -> None:
    forms = [day.isoformat(), f"{day.year}/{day.month}/{day.day}", day.strftime("%Y%m%d")]
    assert dated(pl.Series(forms))["happened_on"].to_list() == [day] * 3


def test_rates_and_decimals() -> None:
    assert [rate_of(t)[0] for t in ("13%", "0.13", "13", "1%", "免税", "***")] == [
        *[Decimal("0.13")] * 3, Decimal("0.01"), None, None
    ]  # fmt: skip
    assert not rate_of("很多")[1]
    assert decimals(pl.Series(["1,000.25", "1e3", None])).to_list() == [Decimal("1000.25"), None, None]


def test_placeholders_are_nothing_only_where_they_stand_alone() -> None:
    cells = tidy_cells(pl.DataFrame({"a": ["--", " ", "a--b", "NULL", "-5"]}), frozenset())
    assert cells["a"].to_list() == [None, None, "a--b", None, "-5"]
