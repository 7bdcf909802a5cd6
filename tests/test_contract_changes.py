"""Rent-free time, printed days of rent, supplements, goods paid first, and what lowers confidence."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from extraction.contract import ContractReader
from extraction.contract_schedule import ANCHORS, schedule
from tests.contract_files import as_docx

HEAD = """
购销合同
合同编号：N-1
甲方（买方）：浙江启恒泵业有限公司
乙方（卖方）：嘉兴恒朗尼龙有限公司
签订日期：2024年5月1日
"""
LEASE = """
厂房租赁合同
出租方（甲方）：平湖骏港工业园有限公司
承租方（乙方）：嘉兴恒朗尼龙有限公司
合同编号：L-1
租赁期限为3年，即从2022年7月1日起至2025年6月30日止。{free}
租金：年租金人民币120,000元；租金{paid}。
签订日期：2022年6月18日
"""
PRINTED = "按半年支付，先付后用，乙方应于每年6月20日、12月20日前支付"


def read(text: str) -> dict[str, pl.DataFrame]:
    return ContractReader().facts(as_docx(text)).tables


def told(tables: dict[str, pl.DataFrame]) -> set[str]:
    return {w["code"] for w in tables["contracts"]["warnings"][0]}


@pytest.mark.parametrize(
    ("free", "paid", "rents"),
    [
        (
            "免租期2个月。",
            PRINTED,
            [(4_000_000, "2022-09-01", "2022-09-01"), (6_000_000, "2022-12-20", "2025-06-19")],
        ),
        ("", PRINTED, [(6_000_000, "2022-06-20", "2025-06-19")]),
        ("免租期2个月。", "按半年支付", [(6_000_000, "2022-09-01", "2025-06-30")]),
        ("免租期自2022年7月1日至2022年8月31日。", "按季支付", [(3_000_000, "2022-09-01", "2025-06-30")]),
    ],
)
def test_free_time_and_printed_days_move_the_rent(free: str, paid: str, rents: list[Any]) -> None:
    tables = read(LEASE.format(free=free, paid=paid))
    made = tables["contract_terms"].filter(pl.col("kind") == "rent").to_dicts()
    assert [(t["amount_fen"], str(t["due_on"]), str(t["until"])) for t in made] == rents
    assert "contract_due_after_until" not in told(tables)


def test_rent_on_printed_days_comes_to_what_is_owed() -> None:
    tables = read(LEASE.format(free="免租期2个月。", paid=PRINTED))
    made = schedule(tables["contracts"], tables["contract_terms"])
    assert made["amount_fen"].sum() == 34 * 1_000_000  # three years but for two months
    assert made["due_on"].to_list()[:3] == [date(2022, 9, 1), date(2022, 12, 20), date(2023, 6, 20)]


def test_a_rent_due_after_the_end_is_told() -> None:
    paid = "按年支付，首期租金于2025年8月1日前支付"
    assert "contract_due_after_until" in told(read(LEASE.format(free="", paid=paid)))


def test_a_supplement_has_its_own_number_day_and_amount() -> None:
    made = read("""
采购合同补充协议
补充协议编号：ZJ-CG-0331-B1
甲方（买方）：浙江启恒泵业有限公司
乙方（卖方）：嘉兴恒朗尼龙有限公司
甲乙双方于2024年3月31日签订了编号为ZJ-CG-0331的《采购合同》，现将原合同含税总价由1,356,000元调整为1,500,000元，其余条款不变。
甲方（章）    乙方（章）
2024年6月1日
""")
    row = made["contracts"].row(0, named=True)
    assert (row["kind"], row["number"], row["parent"]) == ("purchase", "ZJ-CG-0331-B1", "ZJ-CG-0331")
    assert (row["happened_on"], row["amount_fen"]) == (date(2024, 6, 1), 150_000_000)
    assert made["links"]["kind"].to_list() == ["names"]


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("款到发货", None),
        ("全款发货前付清", None),
        ("全部货款提货前支付", None),
        ("先款后货", None),
        ("发货前3日付清全部货款", -3),
        ("全部货款付清后发货", None),
    ],
)
def test_what_is_paid_first_is_no_credit(said: str, days: int | None) -> None:
    tables = read(HEAD + f"合同总价：人民币100,000元。\n付款方式：{said}。\n")
    (term,) = tables["contract_terms"].to_dicts()
    assert (term["trigger"], term["days"], term["share"]) == ("before_delivery", days, Decimal(1))
    fact = term["fact"]
    seen = pl.DataFrame([(fact, "delivery", date(2024, 6, 10))], schema=ANCHORS, orient="row")
    made = schedule(tables["contracts"], tables["contract_terms"], seen)
    assert made["due_on"].to_list() == [date(2024, 6, 10 + (days or 0))]


def test_how_long_an_agreement_holds_is_no_delivery() -> None:
    tables = read("""
年度供货框架协议
甲方：上海延昊汽车饰件有限公司（以下简称"买方"）
乙方：嘉兴恒朗尼龙有限公司（以下简称"卖方"）
1. 本协议有效期自2024年1月1日至2024年12月31日。
2. 结算：月结60天。
甲方（签章）：上海延昊汽车饰件有限公司    乙方（签章）：嘉兴恒朗尼龙有限公司
2023年12月28日      2023年12月29日
""")
    row = tables["contracts"].row(0, named=True)
    assert (row["starts"], row["until"]) == (date(2024, 1, 1), date(2024, 12, 31))
    assert "delivery" not in tables["contract_terms"]["kind"].to_list()


def test_what_fails_a_check_is_doubted() -> None:
    tables = read(
        HEAD.replace("甲方（买方）", "甲方（买方）").replace(
            "签订日期", "统一社会信用代码：91330482MA2B8TYC4K\n签订日期"
        )
        + "合同总金额：人民币陆万元整（￥66,000.00元）。\n"
    )
    sure = {f["path"].split("@")[0]: f["confidence"] for f in tables["fields"].to_dicts()}
    assert {"contract_words_differ", "contract_code_wrong"} <= told(tables)
    assert sure["amount"] == 0.45
    assert sure["seller.code"] == 0.45
    assert sure["number"] > 0.9


def test_a_trade_mark_is_no_specification_and_a_changed_rate_is_the_new_one() -> None:
    tables = read(
        HEAD
        + "税率由17%调整为13%，含税。\n|标的名称|牌号商标|规格型号|计量单位|数量|单价|金额|\n"
        + "|尼龙66切片|恒远|EPR27|吨|20|25,000.00|500,000.00|\n"
    )
    assert tables["contract_lines"]["specification"].to_list() == ["EPR27"]
    assert tables["contracts"]["rate"][0] == Decimal("0.13")
