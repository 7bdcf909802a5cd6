"""Ledgers as people hand them in: encodings, workbooks, preambles, totals, broken rows, cut files."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from extraction.books import BooksReader
from extraction.normalise import normalise
from extraction.readers import reader_for
from extraction.rows import Facts
from extraction.source import Source
from ledger.errors import FileUnreadable
from ledger.ids import party_id
from ledger.words import message
from tests.ledgers import (
    BUYER,
    CUMCM_SALES,
    DEDUCTION,
    HEADER_SHEET,
    PORTAL,
    SELLER,
    THIRD,
    code,
    csv_bytes,
    digital,
    line,
    priced,
    source,
    table,
    xlsx_bytes,
)

READER = BooksReader()
SLOW = settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))


def said(facts: Facts, *columns: str) -> list[tuple[object, ...]]:
    """What the invoices say, in an order of their own."""
    columns = columns or (
        "fact",
        "amount_fen",
        "tax_fen",
        "total_fen",
        "seller",
        "buyer",
        "status",
        "owner",
        "side",
    )
    return sorted(facts.tables["invoices"].select(columns).rows(), key=str)


def accounted(facts: Facts) -> Facts:
    """Every row is accepted, a repetition or rejected; lines stand for rows where there are lines."""
    accepted = facts.tables["invoice_lines"].height or facts.tables["invoices"].height
    assert facts.rows == accepted + facts.duplicates + facts.rejected
    assert facts.rejected == facts.tables["rejects"].height
    return facts


def codes_of(facts: Facts) -> set[str]:
    """Codes of all that was rejected for; every one has a sentence."""
    found = {p["code"] for ps in facts.tables["rejects"]["problems"].to_list() for p in ps}
    assert all(message(c, lang) for c in found for lang in ("zh", "en"))
    return found


def warned(facts: Facts) -> set[str]:
    """Codes of all warnings on invoices; every one has a sentence."""
    found = {p["code"] for ps in facts.tables["invoices"]["warnings"].to_list() for p in ps}
    assert all(message(c, lang) for c in found for lang in ("zh", "en"))
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_gives_the_same_facts(encoding: str) -> None:
    rows = [line(1), line(2, 购买方名称="嘉兴市丙注塑有限公司", 购方识别号=THIRD)]
    facts = accounted(READER.facts(source(rows, encoding=encoding)))
    assert said(facts) == said(READER.facts(source(rows)))
    assert facts.tables["parties"]["name"].to_list().count("平湖市甲高分子材料有限公司") == 1


def test_workbook_text_and_numbers_alike() -> None:
    rows = [line(1), line(2)]
    typed = table(rows)
    for row in typed[1:]:
        row[14:17] = [100, 50.0, 5000]  # quantity, price, amount as numbers
    facts = READER.facts(Source("x", xlsx_bytes(信息汇总表=typed)))
    assert said(facts) == said(READER.facts(source(rows)))


def test_column_order_does_not_matter() -> None:
    rows = [line(1), line(2)]
    reordered = [*reversed(PORTAL)]
    assert said(READER.facts(source(rows, reordered))) == said(READER.facts(source(rows)))


@pytest.mark.parametrize("name", ["数电票号码", "全电发票号码"])
def test_synonyms_of_headings(name: str) -> None:
    cells = table([line(1)])
    cells[0] = [name if c == "数电发票号码" else f" {c} " for c in cells[0]]
    assert said(READER.facts(Source("x", csv_bytes(cells))), "number") == [(digital(1),)]


def test_the_name_of_the_file_says_nothing() -> None:
    data = source([line(1)]).data
    assert READER.recognises(Source("photo.jpg", data))
    assert not READER.recognises(Source("发票.csv", "日期,天气\n2025-01-01,晴\n".encode()))
    with pytest.raises(FileUnreadable):
        READER.facts(Source("发票.csv", b"a,b\n1,2\n"))


def test_totals_row_is_no_data_row_and_is_checked() -> None:
    rows = [line(1), line(2), {"序号": "合计", "金额": "10000.00", "税额": "1300.00", "价税合计": "11300.00"}]
    facts = accounted(READER.facts(source(rows)))
    assert (facts.rows, facts.rejected, facts.warnings) == (2, 0, [])
    rows[2]["金额"] = "15000.00"
    short = READER.facts(source(rows))
    assert [p.code for p in short.warnings] == ["totals_row_disagrees"]
    assert short.tables["invoices"].height == 2


def test_blank_rows_and_pasted_headers_are_no_rows() -> None:
    cells = table([line(1), line(2)])
    cells = [cells[0], cells[1], [""] * 27, cells[0], cells[2], ["", ""]]
    facts = accounted(READER.facts(Source("x", csv_bytes(cells))))
    assert facts.rows == 2


def test_owner_is_who_stands_on_every_row() -> None:
    sales = READER.facts(
        source([line(1), line(2, 购方识别号=THIRD), line(3, 购方识别号="", 购买方名称="个人")])
    )
    assert sales.owner == party_id("uscc", "", SELLER)
    assert {side for (side,) in said(sales, "side")} == {"sale"}
    purchases = READER.facts(source([line(1), line(2, 销方识别号=THIRD)]))
    assert said(purchases, "owner", "side") == [(party_id("uscc", "", BUYER), "purchase")] * 2


def test_owner_unknown_where_both_or_none_fit() -> None:
    for rows in ([line(1)], [line(1), line(2, 销方识别号=THIRD, 购方识别号=code(4))]):
        facts = READER.facts(source(rows))
        assert facts.owner is None
        assert {side for (side,) in said(facts, "side")} == {None}


def test_both_sheets_headers_say_what_lines_must_come_to() -> None:
    lines = [priced(1, 100), priced(1, 200), priced(2, 300)]
    heads = [priced(1, 300), priced(2, 900), priced(3, 500)]
    book = xlsx_bytes(
        发票基础信息=table(heads, HEADER_SHEET), 信息汇总表1=table(lines[:2]), 信息汇总表2=table(lines[2:])
    )
    facts = READER.facts(Source("x", book))
    assert said(facts, "number", "amount_fen") == [(digital(1), 300), (digital(3), 500)]
    assert codes_of(facts) == {"lines_do_not_sum"}
    assert facts.tables["invoice_lines"].height == 2


def test_lines_with_a_broken_sibling_are_rejected_together() -> None:
    rows = [priced(1, 100), priced(1, 200, 税额="x"), priced(2, 300)]
    facts = accounted(READER.facts(source(rows)))
    assert said(facts, "number") == [(digital(2),)]
    assert codes_of(facts) == {"amount_unreadable", "invoice_rejected"}


def test_sheets_without_invoices_are_named() -> None:
    book = xlsx_bytes(说明=[["导出说明", "请妥善保管"]], 信息汇总表=table([line(1)]))
    facts = READER.facts(Source("x", book))
    assert [(p.code, p.value) for p in facts.warnings] == [("sheet_left_out", "说明")]


def test_deduction_export_with_title_and_period() -> None:
    row = {
        "勾选状态": "已勾选", "数电发票号码": digital(7), "发票代码": "--", "发票号码": "--",
        "开票日期": "2025-03-02", "销售方纳税人识别号": SELLER,
        "销售方纳税人名称": "平湖市甲高分子材料有限公司",
        "金额": "100.00", "税额": "13.00", "有效抵扣税额": "13.00", "发票状态": "正常",
        "发票票种": "数电发票（增值税专用发票）",
    }  # fmt: skip
    above = [
        ["用途确认信息"],
        [f"纳税人识别号：{BUYER}", "纳税人名称：嘉兴市乙注塑有限公司", "所属期：202503"],
    ]
    facts = accounted(READER.facts(Source("x", csv_bytes([*above, *table([row], DEDUCTION)]))))
    assert facts.format == "tax_portal_deduction"
    owner = party_id("uscc", "", BUYER)
    assert said(facts, "owner", "buyer", "side", "total_fen") == [(owner, owner, "purchase", 11300)]
    nameless = READER.read(Source("x", csv_bytes(table([row], DEDUCTION))))
    assert nameless.nameless
    unknown = accounted(normalise(nameless))
    assert codes_of(unknown) == {"owner_missing"}
    assert (unknown.rejected, unknown.tables["invoices"].height) == (1, 0)
    assert [(p.code, p.value) for p in unknown.warnings] == [("ledger_without_owner", "1")]
    told = normalise(nameless.owned_by(BUYER))
    assert said(told, "owner", "buyer", "side", "total_fen") == [(owner, owner, "purchase", 11300)]


def test_nobody_is_a_buyer_only_where_the_book_is_one_of_sales() -> None:
    retail = line(1, 购方识别号="", 购买方名称="个人")
    sold = READER.facts(source([retail, line(2)]))
    assert said(sold, "buyer", "side") == [(party_id("uscc", "", BUYER), "sale"), (None, "sale")]
    mixed = READER.facts(source([retail, line(2, 销方识别号=THIRD), line(3, 购方识别号=code(4))]))
    assert codes_of(mixed) == {"owner_missing"}
    assert mixed.tables["invoices"].height == 2


def test_who_is_named_owner_stays_it() -> None:
    rows = READER.read(source([line(1), line(2, 购方识别号=THIRD)]))
    assert not rows.nameless
    assert normalise(rows.owned_by(code(9))).owner == party_id("uscc", "", SELLER)
    both = READER.read(source([line(1)]))
    assert both.nameless
    assert said(normalise(both.owned_by(BUYER)), "side") == [("purchase",)]


def test_agency_ledger_holds_both_books_of_one_invoice() -> None:
    columns = ["账套识别号", "账套名称", *PORTAL]
    rows = [line(1, 账套识别号=SELLER), line(1, 账套识别号=BUYER), line(2, 账套识别号=THIRD)]
    facts = accounted(READER.facts(source(rows, columns)))
    assert facts.format == "agency_ledger"
    assert len({fact for (fact,) in said(facts, "fact")}) == 2
    assert sorted(str(s) for (s,) in said(facts, "side")) == ["None", "purchase", "sale"]
    assert warned(facts) == {"owner_not_on_invoice"}
    assert facts.synthetic


@pytest.mark.parametrize(
    ("cell", "value", "problem"),
    [
        ("金额", "5.0E+03", "amount_scientific"),
        ("金额", "五千", "amount_unreadable"),
        ("金额", "5000.001", "amount_unreadable"),
        ("税额", "651.00", "amounts_do_not_add"),
        ("数电发票号码", "2.53320000000E+19", "number_scientific"),
        ("数电发票号码", "", "number_missing"),
        ("开票日期", "2025-02-30", "date_unreadable"),
        ("开票日期", "1925-02-03", "date_before_vat"),
        ("开票日期", "2099-02-03", "date_in_future"),
        ("开票日期", "", "date_missing"),
        ("备注", "x\0y", "characters_unreadable"),
    ],
)
def test_a_bad_cell_costs_its_row_alone(cell: str, value: str, problem: str) -> None:
    facts = accounted(READER.facts(source([line(1), line(2, **{cell: value}), line(3)])))
    assert codes_of(facts) == {problem}
    assert facts.tables["rejects"]["row"].to_list() == [3]
    assert value.replace("\0", "") in facts.tables["rejects"]["raw"][0].replace("\\u0000", "")
    assert said(facts, "number") == [(digital(1),), (digital(3),)]


def test_a_number_cell_that_lost_digits_is_refused() -> None:
    cells = table([line(1)])
    cells[1][3] = float(digital(1))  # type: ignore[call-overload]
    facts = READER.facts(Source("x", xlsx_bytes(信息汇总表=cells)))
    assert codes_of(facts) == {"number_scientific"}


def test_full_width_and_forced_text() -> None:
    row = line(1, 金额="５０００．００", 发票代码="'033001900111", 发票号码='="12345678"', 数电发票号码="--")
    facts = READER.facts(source([row, line(2, 金额="¥5,000.00", 开票日期="２０２５年7月4日")]))
    assert said(facts, "code", "number", "amount_fen") == [
        ("033001900111", "12345678", 500_000),
        (None, digital(2), 500_000),
    ]


def test_zeros_that_a_spreadsheet_ate_come_back() -> None:
    row = line(1, 发票代码="33001900111", 发票号码="45678", 数电发票号码="--")
    assert said(READER.facts(source([row])), "code", "number") == [("033001900111", "00045678")]


def test_ragged_rows() -> None:
    cells = table([line(1), line(2), line(3)])
    cells[2] = cells[2][:20]
    cells[3] = [*cells[3], "多出来的"]
    facts = READER.facts(Source("x", csv_bytes(cells)))
    assert codes_of(facts) == {"row_short", "row_long"}
    assert (facts.rows, facts.rejected) == (3, 2)
    assert warned(facts) == {"row_beside_unreadable"}


def test_quotes_commas_and_line_breaks_inside_cells() -> None:
    rows = [line(1, 备注='含"引号",逗号\n和换行'), line(2)]
    facts = accounted(READER.facts(source(rows)))
    assert facts.tables["invoices"]["remark"].to_list() == ['含"引号",逗号\n和换行', None]
    assert facts.tables["invoices"]["row"].to_list() == [2, 3]


def test_a_quote_nobody_closes_costs_one_row() -> None:
    cells = [",".join(row) for row in table([line(1), line(2), line(3)])]
    cells[2] = cells[2].replace("PA6T", '"PA6T')
    facts = READER.facts(Source("x", "\n".join([*cells, ""]).encode()))
    assert codes_of(facts) == {"quote_not_closed"}
    assert facts.tables["rejects"]["row"].to_list() == [3]


def test_a_stray_quote_inside_a_cell_is_only_a_character() -> None:
    cells = [",".join(row) for row in table([line(1, 规格型号='5" 管'), line(2)])]
    facts = accounted(READER.facts(Source("x", "\n".join([*cells, ""]).encode())))
    assert facts.tables["invoice_lines"]["specification"].to_list() == ['5" 管', "PA6T"]


def test_bytes_that_are_no_characters() -> None:
    data = source([line(1), line(2)]).data
    spoiled = data.replace("注塑".encode(), b"\xff\xfe", 1)
    facts = READER.facts(Source("x", spoiled))
    assert codes_of(facts) == {"characters_unreadable"}
    assert facts.rejected == 1


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 900, b"%PDF-1.7", b"<xml/>", b"PK\x03\x04xl/workbook broken", b"\xff"]
)
def test_other_files_are_not_ours(data: bytes) -> None:
    assert not READER.recognises(Source("x", data))


def test_a_broken_workbook_is_named() -> None:
    book = xlsx_bytes(信息汇总表=table([line(1)]))
    with pytest.raises(FileUnreadable) as caught:
        READER.facts(Source("账.xlsx", book[: len(book) // 2] + b"xl/workbook"))
    assert "账.xlsx" in caught.value.text("zh")


def test_readers_find_it() -> None:
    assert isinstance(reader_for(source([line(1)])), BooksReader)


@pytest.mark.slow
@SLOW
@given(st.permutations(range(8)))
def test_order_of_rows_does_not_matter(order: list[int]) -> None:
    rows = [priced(i // 2, 100 * i + 7, 序号=str(i + 1)) for i in range(6)] + [
        priced(9, 5, 序号="7"),
        priced(9, 5, 序号="8"),
    ]
    facts = accounted(READER.facts(source([rows[i] for i in order])))
    assert said(facts) == said(READER.facts(source(rows)))
    lines = ("fact", "line", "item", "amount_fen")
    assert set(facts.tables["invoice_lines"].select(lines).rows()) == set(
        READER.facts(source(rows)).tables["invoice_lines"].select(lines).rows()
    )


@pytest.mark.slow
@SLOW
@given(st.data(), st.sampled_from(["utf-8", "gb18030"]), st.booleans())
def test_cut_anywhere_never_half_an_invoice_in_silence(
    data: st.DataObject, encoding: str, quoted: bool
) -> None:
    remark = "备注，含\n换行" if quoted else "备注"
    rows = [priced(i, 100 * i + 1, 序号=str(i), 备注=remark) for i in range(1, 5)]
    rows.insert(2, priced(2, 777, 序号="9", 备注=remark))
    whole = source(rows, encoding=encoding)
    full = {row[0]: row for row in said(READER.facts(whole))}
    end = data.draw(st.integers(0, len(whole.data)))
    cut = Source("cut", whole.data[:end])
    assume(READER.recognises(cut))
    facts = READER.facts(cut)
    doubtful = {
        fact for fact, ws in facts.tables["invoices"].select("fact", "warnings").rows() if ws
    }  # fmt: skip
    complete_line = whole.data[:end].endswith(b"\r\n")  # cut between two rows: nothing shows it
    for row in said(facts):
        assert full.get(row[0]) == row or row[0] in doubtful or complete_line


def test_owner_of_cumcm_scopes_the_codes() -> None:
    cells = [
        ["E1", "123", "2019/3/4", "B1", "100", "13", "113", " 作废发票"],
        ["E2", "123", "2019/3/4", "B1", "1", "0", "1", "有效发票"],
    ]
    facts = accounted(READER.facts(Source("x", csv_bytes([CUMCM_SALES, *cells]))))
    scoped = [
        tuple(
            party_id("scoped", f"cumcm2020c/{scope}", c) for scope, c in (("owner", e), (f"{e}/buyer", "B1"))
        )
        for e in ("E1", "E2")
    ]
    expected = [(*scoped[0], "void"), (*scoped[1], "normal")]
    assert said(facts, "owner", "buyer", "status") == sorted(expected)


def test_a_last_row_without_line_break_is_doubtful() -> None:
    data = source([line(1, 备注="甲"), line(2, 备注="被红冲蓝字")]).data
    facts = READER.facts(Source("x", data[:-2]))
    assert warned(facts) == {"last_row_unfinished"}
    assert facts.tables["invoices"]["warnings"].list.len().to_list() == [0, 1]
    assert warned(READER.facts(Source("x", data))) == set()
