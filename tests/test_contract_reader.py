"""The reader of contracts: what it takes, what it leaves, the facts it makes, and what it says is missing."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from extraction.contract import ContractReader
from extraction.readers import reader_for
from extraction.rows import Facts
from extraction.source import Source
from ledger.errors import FileUnreadable
from ledger.records import TABLES
from ledger.words import labels, messages
from tests.contract_cases import CASES
from tests.contract_files import as_docx, as_pdf

SELLER, BUYER = "91990000777777770F", "91990000888888880J"
PLAIN = """
采购合同
合同编号：HT-1
甲方（买方）：平湖合成尼龙有限公司
乙方（卖方）：海盐虚拟切片有限公司
签订日期：2025年3月5日
|品名|规格|单位|数量|单价|金额|
|切片|PA66|吨|2|100.00|200.00|
合同总金额：人民币200.00元（大写：贰佰元整）
付款方式：货到验收合格后30日内付清全部货款。
"""
NOT_CONTRACTS = {
    "labour": "劳动合同\n甲方（用人单位）：平湖尼龙有限公司\n乙方（劳动者）：张三\n合同期限三年。",
    "quotation": "报价单\n供应商：苏州惠景有限公司\n客户：昆山奎达有限公司\n|品名|数量|金额|\n|轴承|1|5|",
    "delivery note": "送货单\n收货单位：昆山奎达有限公司\n送货单位：苏州惠景有限公司\n订单号：PO123",
    "account": "客户对账单\n供方：甲有限公司\n需方：乙有限公司\n|日期|数量|金额|\n|1.1|1|2|",
    "approval": "合同审批表\n合同名称：采购合同\n甲方：甲有限公司\n乙方：乙有限公司",
    "textbook": "合同法基础知识\n第一章 合同的订立\n甲方：应当付款。乙方：应当交货。",
    "equity": "股权转让协议\n转让方（甲方）：张三\n受让方（乙方）：平湖投资有限公司",
    "letter": "催款函\n致：乙有限公司\n根据采购合同，贵司应付货款100000元。",
    "register": "合同台账\n|序号|合同编号|甲方|乙方|\n|1|H1|甲有限公司|乙有限公司|",
    "tender": "招标公告\n采购人：某某学校\n供应商资格要求：……合同履行期限：30日",
}


def facts(text: str) -> Facts:
    return ContractReader().facts(as_docx(text))


def contract(read: Facts) -> dict[str, Any]:
    return read.tables["contracts"].row(0, named=True)


def told(read: Facts) -> set[str]:
    return {warning["code"] for warning in contract(read)["warnings"]}


@pytest.mark.parametrize("name", NOT_CONTRACTS)
def test_what_is_no_contract_is_not_taken(name: str) -> None:
    assert not ContractReader().recognises(as_docx(NOT_CONTRACTS[name]))
    assert not ContractReader().recognises(as_pdf(NOT_CONTRACTS[name]))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04word/document.xml", b"%PDF-1.4 broken", b"\xff" * 100])
def test_broken_files_are_not_taken_and_nothing_is_raised(data: bytes) -> None:
    assert not ContractReader().recognises(Source("x", data))


def test_asked_for_what_is_no_contract_it_says_so() -> None:
    with pytest.raises(FileUnreadable) as error:
        ContractReader().facts(as_docx(NOT_CONTRACTS["quotation"]))
    assert error.value.code == "contract_none"


def test_all_readers_hand_contracts_to_this_one() -> None:
    for source in (as_docx(PLAIN), as_pdf(PLAIN)):
        found = reader_for(source)
        assert found is not None and found.name == "contract"


def test_the_facts_fit_the_ledger_and_add_up() -> None:
    read = facts(PLAIN)
    for name, frame in read.tables.items():
        assert frame.schema == {k: v for k, v in TABLES[name].items() if k != "reading"}
    assert (read.rows, read.rejected, read.duplicates) == (1, 0, 0)
    made = contract(read)
    assert made["known_at"] == datetime(2025, 3, 4, 16, tzinfo=UTC)
    assert told(read) == set()


def test_the_copy_of_the_other_side_is_the_same_contract() -> None:
    one, other = (ContractReader().facts(source) for source in (as_docx(PLAIN), as_pdf(PLAIN)))
    assert contract(one)["fact"] == contract(other)["fact"]
    without = facts(PLAIN.replace("合同编号：HT-1", ""))
    assert contract(without)["fact"] != contract(one)["fact"]
    assert "contract_number_missing" in told(without)


def test_values_say_where_they_stand() -> None:
    word = {f["path"]: f for f in facts(PLAIN).tables["fields"].to_dicts()}
    assert word["number@paragraph[2]"]["value"] == "HT-1"
    assert word["lines[1].price@table[1].row[2].cell[5]"]["method"] == "table"
    assert all(f["page"] is None and f["box"] is None for f in word.values())
    paged = {f["path"]: f for f in ContractReader().facts(as_pdf(PLAIN)).tables["fields"].to_dicts()}
    assert paged["number"]["page"] == 1 and paged["number"]["box"].count(",") == 3
    assert set(paged["amount"]["checks"]) == {"words_agree", "lines_sum"}
    assert paged["amount"]["confidence"] > paged["penalty" if "penalty" in paged else "signed"]["confidence"]


def test_every_check_and_every_warning_has_its_words() -> None:
    checks, codes = set(), set()
    for text, _ in CASES.values():
        read = facts(text)
        checks |= {c for f in read.tables["fields"].to_dicts() for c in f["checks"]}
        codes |= told(read) if read.tables["contracts"].height else set()
    assert {"words_agree", "lines_sum", "shares_sum", "quantity_times_price", "check_digit"} <= checks
    assert {f"check_{c}" for c in checks} <= set(labels())
    assert codes and codes <= set(messages())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("贰佰元整", "贰佰壹拾元整"), "contract_words_differ"),
        (("人民币200.00元（大写：贰佰元整）", "人民币210.00元"), "contract_lines_differ"),
        (("|2|100.00|200.00|", "|3|100.00|200.00|"), "contract_line_product"),
        (("付清全部货款", "支付合同总价的90%"), "contract_shares_sum"),
        (("签订日期：2025年3月5日", "签订日期：____年__月__日"), "contract_unsigned"),
        (("付款方式：货到验收合格后30日内付清全部货款。", ""), "contract_payment_missing"),
        (("海盐虚拟切片有限公司", "____________"), "contract_party_missing"),
        (("（买方）", "").__class__(("甲方（买方）", "甲方")), "contract_role_unclear"),
    ],
)
def test_what_is_wrong_or_missing_is_said(change: tuple[str, str], code: str) -> None:
    text = PLAIN.replace(*change)
    if code == "contract_role_unclear":
        text = text.replace("乙方（卖方）", "乙方").replace("采购", "")
        read = facts(text)
        assert read.tables["contracts"].is_empty()
        assert [p["code"] for p in read.tables["rejects"].row(0, named=True)["problems"]] == [code] * 2
        return
    assert code in told(facts(text))


def test_a_wrong_check_digit_is_said_and_identifies_nobody() -> None:
    read = facts(PLAIN.replace("签订日期", f"统一社会信用代码：{SELLER[:-1]}1\n签订日期"))
    assert "contract_code_wrong" in told(read)
    schemes = set(read.tables["parties"]["scheme"])
    assert schemes == {"name", "scoped"}


def test_a_contract_that_names_nobody_is_rejected_with_what_was_read() -> None:
    read = facts(
        PLAIN.replace("平湖合成尼龙有限公司", "________").replace("海盐虚拟切片有限公司", "________")
    )
    assert (read.rows, read.rejected) == (1, 1)
    assert read.tables["contracts"].is_empty()
    assert "HT-1" in read.tables["rejects"]["raw"][0]


def test_people_are_masked_everywhere() -> None:
    text, _ = CASES["shop_lease_person"]
    read = facts(text)
    shown = "".join(str(frame.to_dicts()) for frame in read.tables.values())
    assert "王建国" not in shown and "990000197001011234" not in shown
    relation = read.tables["relations"].row(0, named=True)
    assert relation["src_is_person"] and relation["src_label"] == "王**"
    assert contract(read)["seller"] is None


def test_a_lease_is_a_relation_from_lessor_to_lessee() -> None:
    read = facts(CASES["plant_lease_unit"][0])
    relation, made = read.tables["relations"].row(0, named=True), contract(read)
    assert relation["kind"] == "LEASES"
    assert (relation["src"], relation["dst"]) == (made["seller"], made["buyer"])
    assert (relation["happened_on"], relation["until"]) == (date(2025, 7, 1), date(2030, 6, 30))


def test_an_order_is_linked_to_its_framework() -> None:
    framework = PLAIN.replace("采购合同", "采购框架协议").replace("HT-1", "KJ-1")
    order = PLAIN.replace("采购合同", "采购订单").replace("签订日期", "框架协议编号：KJ-1\n签订日期")
    link = facts(order).tables["links"].row(0, named=True)
    assert link["kind"] == "order_of"
    assert (link["src"], link["dst"]) == (contract(facts(order))["fact"], contract(facts(framework))["fact"])


def test_invented_papers_are_marked() -> None:
    assert not facts(PLAIN).synthetic
    assert facts(f"{PLAIN}\n合成数据").synthetic


def test_prices_without_tax_beside_totals_with_tax_are_not_mixed() -> None:
    read = facts(CASES["group_purchase"][0])
    assert read.tables["contract_lines"]["price"].to_list() == [None, None]
    assert read.tables["contract_lines"]["amount_fen"].to_list() == [9_492_000, 9_153_000]
    assert contract(read)["basis"] == "with_tax"


def test_what_was_left_out_is_said() -> None:
    from tests.contract_files import paragraph, word

    body = "".join(paragraph(line) for line in PLAIN.strip().split("\n") if not line.startswith("|"))
    body += "<w:p><w:del><w:r><w:delText>旧</w:delText></w:r></w:del></w:p>"
    assert "contract_left_out_deleted" in told(ContractReader().facts(word(body)))


def test_of_several_totals_the_one_that_words_confirm_counts() -> None:
    text = PLAIN.replace("|切片|PA66|吨|2|100.00|200.00|", "").replace("|品名|规格|单位|数量|单价|金额|", "")
    read = facts(text.replace("合同总金额：", "上年合同总金额：人民币900.00元。\n本合同总金额："))
    assert contract(read)["amount_fen"] == 200_00
    read = facts(text.replace("合同总金额：", "不含税总价：180.00元。\n含税总价："))
    assert (contract(read)["amount_fen"], contract(read)["basis"]) == (200_00, "with_tax")


def test_people_whom_a_contract_names_are_masked_in_every_text() -> None:
    card = "6228480402564890018"
    text = PLAIN.replace(
        "乙方（卖方）：海盐虚拟切片有限公司",
        f"法定代表人：赵大海\n开户行：中国银行平湖支行\n账号：{card}\n户名：王小明\n"
        "乙方（卖方）：海盐虚拟切片有限公司\n账号：6217000012345678901\n户名：李四光",
    )
    text = text.replace("30日内付清全部货款。", "30日内付清全部货款，汇入李四光账户。")
    text += "违约责任：逾期付款的，每日按万分之五支付违约金，由王小明承担。\n"
    read = facts(text)
    stored = "".join(str(frame.to_dicts()) for frame in read.tables.values())
    for hidden in ("王小明", "李四光", "赵大海", card, "6217000012345678901"):
        assert hidden not in stored
    accounts = {p["name"]: p["account"] for p in read.tables["parties"].to_dicts()}
    assert accounts["平湖合成尼龙有限公司"] == "中国银行平湖支行 622848*********0018"
    assert accounts["海盐虚拟切片有限公司"] == "621700*********8901"
    assert any("李**" in t["text"] for t in read.tables["contract_terms"].to_dicts())
    assert "王**" in contract(read)["penalty"]
    shown = {f["path"].partition("@")[0]: f["value"] for f in read.tables["fields"].to_dicts()}
    assert (shown["buyer.account_name"], shown["seller.account_name"]) == ("王**", "李**")


def test_a_card_of_a_party_without_a_code_is_masked_and_a_firms_account_stays() -> None:
    card = PLAIN.replace("签订日期", "账号：6228480402564890018\n签订日期")
    firm = PLAIN.replace("签订日期", "账号：33001617035050012345\n签订日期")
    assert "622848*********0018" in facts(card).tables["parties"]["account"].to_list()
    assert "33001617035050012345" in facts(firm).tables["parties"]["account"].to_list()


def test_the_subject_of_a_lease_names_nobody() -> None:
    text = CASES["shop_lease_person"][0].replace("平湖市新华路128号的", "平湖市新华路128号王建国名下的")
    read = facts(text)
    assert "王建国" not in "".join(str(frame.to_dicts()) for frame in read.tables.values())
    assert "王**" in read.tables["relations"]["note"][0]
