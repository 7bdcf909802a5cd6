"""Statements that were read wrongly in silence: periods, journals, units, money given back or never paid."""

from datetime import date

import pytest

from extraction.readers import reader_for
from extraction.rows import Facts
from extraction.source import Source
from extraction.statements.preamble import read_preamble
from extraction.statements.purposes import why

MARCH = date(2024, 3, 1)
OWN = "账号：33001617035050012345 户名：平湖合成有限公司"


def read(*lines: str) -> Facts:
    source = Source("a", ("\n".join(lines) + "\n").encode())
    reader = reader_for(source)
    assert reader is not None
    return reader.facts(source)


def moved(facts: Facts) -> list[tuple[object, ...]]:
    return facts.tables["bank_flows"].select("direction", "amount_fen").rows()


def told(facts: Facts) -> list[str]:
    return [w.code for w in facts.warnings]


@pytest.mark.parametrize(
    ("line", "start", "end"),
    [
        ("打印日期：2024-06-30", None, None),
        ("开户日期：2019年3月1日", None, None),
        ("导出时间：[2024年04月02日 09:00:00]", None, None),
        ("打印月份 2024年6月", None, None),
        ("起止日期：20240101-20240131", date(2024, 1, 1), date(2024, 1, 31)),
        ("起始时间：[2024-03-01 00:00:00] 终止时间：[2024-03-31 23:59:59]", MARCH, date(2024, 3, 31)),
        ("起始日期：[2024年03月01日 00:00:00] 终止日期：[2024年04月01日 00:00:00]", MARCH, date(2024, 4, 1)),
        ("2024年2月对账单", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024年度银行流水", date(2024, 1, 1), None),
    ],
)  # fmt: skip
def test_a_period_is_one_that_is_called_so(line: str, start: date | None, end: date | None) -> None:
    said = read_preamble([[line]], [])
    assert (said.start, said.end) == (start, end)


def test_a_header_printed_again_goes_on() -> None:
    head = "日期,摘要,借方,贷方,余额,对方户名"
    rows = ("2024-06-03,货款,,100.00,1100.00,甲有限公司", "2024-07-05,货款,,200.00,1300.00,甲有限公司")
    (said,) = read(OWN, head, rows[0], head, rows[1]).tables["statements"].to_dicts()
    assert (said["from"], said["until"], said["flows"]) == (date(2024, 6, 3), date(2024, 7, 5), 2)
    assert said["reconciled"] is True


def test_a_journal_is_the_firms_view() -> None:
    head = "日期,摘要,对方单位,借方金额,贷方金额"
    rows = ("2024-01-03,货款,甲有限公司,5000.00,", "2024-01-04,材料款,乙有限公司,,3000.00")
    assert moved(read("出纳日记账", head, *rows)) == [("in", 500_000), ("out", 300_000)]
    spoken = ("2024-01-03,收货款,甲有限公司,5000.00,", "2024-01-04,付材料款,乙有限公司,,3000.00")
    assert moved(read("往来", head, *spoken)) == [("in", 500_000), ("out", 300_000)]
    assumed = read("往来", head, *rows)
    assert moved(assumed) == [("out", 500_000), ("in", 300_000)]
    assert told(assumed) == ["direction_by_bank_view"]
    assert moved(read(OWN, head, *rows)) == [("out", 500_000), ("in", 300_000)]
    subject = read("日记账", "日期,摘要,对方科目,借方,贷方,余额", "2024-01-03,收款,应收账款,5.00,,15.00")
    assert subject.tables["bank_flows"]["counterparty_name"].to_list() == [None]


@pytest.mark.parametrize(("above", "unit"), [(" 单位：万元", ""), ("", "(万元)")])
def test_a_unit_of_ten_thousand_multiplies(above: str, unit: str) -> None:
    head = f"交易日期,对方户名,收入金额{unit},支出金额{unit},余额{unit},摘要"
    facts = read(OWN + above, head, "2024-01-07,甲有限公司,3.5012,,13.5012,货款")
    assert moved(facts) == [("in", 3_501_200)]
    assert facts.tables["statements"]["closing_fen"].to_list() == [13_501_200]


def test_an_account_that_a_spreadsheet_cut_is_none() -> None:
    head = "交易日期,摘要,收入,支出,余额,对方户名,对方账号"
    flows = read(OWN, head, "2024-01-03,货款,100,,1100,甲有限公司,6.22202E+15").tables["bank_flows"]
    assert flows["counterparty_account"].to_list() == [None]
    assert [w["code"] for w in flows["warnings"][0]] == ["account_cut"]


def test_what_did_not_succeed_is_counted_and_told() -> None:
    head = "交易日期,收入,支出,对方户名,摘要,交易状态"
    rows = [
        f"2024-01-0{i},,100,甲有限公司,货款,{s}" for i, s in enumerate(("交易失败", "交易成功", "已撤销"), 1)
    ]
    facts = read(OWN, head, *rows)
    (warning,) = [w for w in facts.warnings if w.code == "rows_not_money"]
    assert (moved(facts), warning.params["count"]) == ([("out", 10_000)], 2)
    assert "交易失败 × 1" in warning.value


def test_a_header_without_rows_is_a_statement_of_nothing() -> None:
    head = "交易日期,摘要,对方户名,收入金额,支出金额,余额"
    (said,) = read(f"{OWN} 期初余额：12.00 起止日期：20240101-20240131", head).tables["statements"].to_dicts()
    assert (said["flows"], said["opening_fen"], said["closing_fen"]) == (0, 1_200, 1_200)
    assert (said["from"], said["until"]) == (date(2024, 1, 1), date(2024, 1, 31))


def test_signs_alone_make_a_statement() -> None:
    head = "交易日期,交易金额,对方户名,摘要"
    rows = ("2024-01-03,+1000.00,甲有限公司,货款", "2024-01-04,-500.00,乙有限公司,付款")
    assert moved(read(head, *rows)) == [("in", 100_000), ("out", 50_000)]
    assert reader_for(Source("a", "\n".join((head, *rows)).replace("+", "").encode())) is None


WALLET = "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号"


def test_what_a_wallet_gave_back_is_taken_off() -> None:
    rows = (
        "2024-03-02 12:00:00,二维码收款,张三,x,收入,¥50.00,/,已存入零钱,1000",
        "2024-03-03 12:00:00,二维码收款,李四,x,收入,¥100.00,/,已全额退款,1001",
        "2024-03-04 12:00:00,二维码收款,王五,x,收入,¥80.00,/,已退款(¥30.00),1002",
        "2024-03-05 12:00:00,零钱提现,中国银行,/,/,¥70.00,中国银行,提现已到账,1003",
    )
    facts = read("微信支付账单明细", WALLET, *rows)
    assert moved(facts) == [("in", 5_000), ("in", 5_000), ("out", 7_000)]
    assert facts.tables["bank_flows"]["purpose"].to_list() == ["trade", "trade", "own"]
    assert "rows_not_money" in told(facts)


def test_a_refund_with_a_row_of_its_own_is_not_taken_off_twice() -> None:
    rows = (
        "2024-03-03 12:00:00,商户消费,甲店,x,支出,¥100.00,零钱,已全额退款,1001",
        "2024-03-04 12:00:00,甲店-退款,甲店,x,收入,¥100.00,/,已全额退款,1002",
    )
    assert moved(read("微信支付账单明细", WALLET, *rows)) == [("out", 10_000), ("in", 10_000)]


def test_alipay_names_what_was_given_back_in_a_column() -> None:
    head = "交易号,交易创建时间,类型,交易对方,金额（元）,收/支,交易状态,服务费（元）,成功退款（元）"
    facts = read(
        "支付宝交易记录明细查询", head, "1,2024-03-03 10:00:00,即时到账,王五,100.00,收入,交易成功,0.00,40.00"
    )
    assert moved(facts) == [("in", 6_000)]


def test_merchants_count_what_is_settled() -> None:
    head = "交易时间,商户号,微信订单号,交易类型,交易状态,应结订单金额,微信退款单号,退款金额,退款状态,"
    head += "手续费,订单金额"
    rows = (
        "2024-03-01 10:00:01,1230000109,42000011,JSAPI,SUCCESS,90.00,0,0.00,,0.54,100.00",
        "2024-03-01 13:00:01,1230000109,42000012,JSAPI,REFUND,0.00,5030001,20.00,FAIL,0.00,0.00",
        "2024-03-01 14:00:01,1230000109,42000013,JSAPI,REFUND,0.00,5030002,10.00,SUCCESS,-0.06,0.00",
    )
    facts = read(head, *rows)
    flows = facts.tables["bank_flows"].select("direction", "amount_fen", "fee_fen").rows()
    assert flows == [("in", 9_000, 54), ("out", 1_000, -6)]
    assert "rows_not_money" in told(facts)


@pytest.mark.parametrize(
    ("text", "who", "direction", "purpose"),
    [
        ("转账 投资款", "甲投资有限公司", "in", "capital"),
        ("专精特新奖励", "平湖市财政局", "in", "subsidy"),
        ("货款", "平湖市财政局", "in", "trade"),
        ("家电补贴", "甲有限公司", "in", "trade"),
        ("往来款", "甲有限公司", "in", "loan"),
        ("往来货款", "甲有限公司", "in", "trade"),
        ("3月工资", "甲有限公司", "in", "wages"),
        ("票据贴现", "甲银行", "in", "loan"),
        ("结汇", "", "in", "own"),
    ],
)
def test_money_that_is_no_sale(text: str, who: str, direction: str, purpose: str) -> None:
    assert why(text, who, direction).purpose == purpose
