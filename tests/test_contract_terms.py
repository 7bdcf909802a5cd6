"""Clauses of payment, delivery and rent, as contracts put them: events, days, shares, phases."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.contracts.clauses import Clause, clauses_of
from extraction.contracts.delivery import deliveries, deposit_of, penalty_of, runs_of, warranty_days
from extraction.contracts.document import Document, Paragraph, Text, tidy
from extraction.contracts.goods import Goods
from extraction.contracts.instalment import Instalment
from extraction.contracts.lease import premises_of, rent_terms
from extraction.contracts.lines import lines_of
from extraction.contracts.payment import instalments, ticked
from extraction.contracts.triggers import spans_in

#: What is said → (kind, share, trigger, days, working days) of each payment; a year of warranty is agreed.
PAYMENTS: list[tuple[str, list[tuple[Any, ...]]]] = [
    (
        "买方应于本合同签署之日起三日内支付全部价款。",
        [("payment", 1.0, "signing", 3, False)],
    ),
    (
        "双方签字盖章后7个工作日内，需方一次性支付全部货款。",
        [("payment", 1.0, "signing", 7, True)],
    ),
    (
        "合同生效日后10日内付清合同价款。",
        [("payment", 1.0, "signing", 10, False)],
    ),
    (
        "签约后5日内付全款。",
        [("payment", 1.0, "signing", 5, False)],
    ),
    (
        "签订本合同之日起5个工作日内支付全部货款。",
        [("payment", 1.0, "signing", 5, True)],
    ),
    (
        "乙方完成全部设备的安装、调试后20日内付清货款。",
        [("payment", 1.0, "completion", 20, False)],
    ),
    (
        "卖方完成安装调试并经买方验收合格后20日内付清货款。",
        [("payment", 1.0, "acceptance", 20, False)],
    ),
    (
        "订单确认后3日内付款。",
        [("payment", 1.0, "signing", 3, False)],
    ),
    (
        "货物交付之日起30日内支付货款。",
        [("payment", 1.0, "delivery", 30, False)],
    ),
    (
        "买方收到货物后三十（30）日内支付货款。",
        [("payment", 1.0, "delivery", 30, False)],
    ),
    (
        "到货后15天付款。",
        [("payment", 1.0, "delivery", 15, False)],
    ),
    (
        "货物运抵现场后10个工作日内结清货款。",
        [("payment", 1.0, "delivery", 10, True)],
    ),
    (
        "卖方交付全部标的物后10日内，买方付清价款。",
        [("payment", 1.0, "delivery", 10, False)],
    ),
    (
        "经买方验收合格之日起45日内付款。",
        [("payment", 1.0, "acceptance", 45, False)],
    ),
    (
        "验收通过后 60 日内付清。",
        [("payment", 1.0, "acceptance", 60, False)],
    ),
    (
        "终验合格后30天内支付。",
        [("payment", 1.0, "acceptance", 30, False)],
    ),
    (
        "卖方开具发票后60日内付款。",
        [("payment", 1.0, "invoice", 60, False)],
    ),
    (
        "收到发票之日起45天内付款。",
        [("payment", 1.0, "invoice", 45, False)],
    ),
    (
        "开票后30天付款。",
        [("payment", 1.0, "invoice", 30, False)],
    ),
    (
        "取得合规增值税专用发票后三十日内付款。",
        [("payment", 1.0, "invoice", 30, False)],
    ),
    (
        "发票开具之日起60日内电汇支付。",
        [("payment", 1.0, "invoice", 60, False)],
    ),
    (
        "票到后60天内付款",
        [("payment", 1.0, "invoice", 60, False)],
    ),
    (
        "见票后60日付款。",
        [("payment", 1.0, "invoice", 60, False)],
    ),
    (
        "按月结算，次月30日前付款。",
        [("payment", 1.0, "statement", 30, False)],
    ),
    (
        "每月对账后30日内付款。",
        [("payment", 1.0, "statement", 30, False)],
    ),
    (
        "月度对账确认后30天内支付。",
        [("payment", 1.0, "statement", 30, False)],
    ),
    (
        "以月结方式结算，月结期30天。",
        [("payment", 1.0, "statement", 30, False)],
    ),
    (
        "月末结账后30日内付款。",
        [("payment", 1.0, "statement", 30, False)],
    ),
    (
        "结算方式：月结，账期30天。",
        [("payment", 1.0, "statement", 30, False)],
    ),
    (
        "每月末对账，对账后三十日内付清当月货款。",
        [("payment", 1.0, "statement", 30, False)],
    ),
    (
        "甲乙双方按自然月对账，对账完毕之日起30日内支付对应货款的100%。",
        [("payment", 1.0, "statement", 30, False)],
    ),
    (
        "月结30日",
        [("payment", 1.0, "statement", 30, False)],
    ),
    (
        "月结三十天付款",
        [("payment", 1.0, "statement", 30, False)],
    ),
    (
        "当月货款于次月30日前支付。",
        [("payment", 1.0, "statement", 30, False)],
    ),
    (
        "安装调试完成后30日内支付全部款项。",
        [("payment", 1.0, "completion", 30, False)],
    ),
    (
        "项目竣工后30日内付清。",
        [("payment", 1.0, "completion", 30, False)],
    ),
    (
        "全部工作完成之日起15日内支付合同价款。",
        [("payment", 1.0, "completion", 15, False)],
    ),
    (
        "完工后15日内结清。",
        [("payment", 1.0, "completion", 15, False)],
    ),
    (
        "款到发货。",
        [("payment", 1.0, "before_delivery", 0, False)],
    ),
    (
        "货到付款。",
        [("payment", 1.0, "delivery", 0, False)],
    ),
    (
        "现款现货。",
        [("payment", 1.0, "delivery", 0, False)],
    ),
    (
        "先款后货",
        [("payment", 1.0, "before_delivery", 0, False)],
    ),
    (
        "货到后凭送货单付款。",
        [("payment", 1.0, "delivery", 0, False)],
    ),
    (
        "甲方在货到验收入库后90天内付款，付款方式为电汇或六个月银行承兑汇票。",
        [("payment", 1.0, "acceptance", 90, False)],
    ),
    (
        "买方于货物签收之日起满60日付清全部货款。",
        [("payment", 1.0, "delivery", 60, False)],
    ),
    (
        "自交付之日起45日内，买方以转账方式支付合同全部价款。",
        [("payment", 1.0, "delivery", 45, False)],
    ),
    (
        "付款期限：收货后30天。",
        [("payment", 1.0, "delivery", 30, False)],
    ),
    (
        "结算方式：收货30天付款",
        [("payment", 1.0, "delivery", 30, False)],
    ),
    (
        "付款方式：验收合格、发票入账后60天付款",
        [("payment", 1.0, "invoice", 60, False)],
    ),
    (
        "账期：自收货之日起60天",
        [("payment", 1.0, "delivery", 60, False)],
    ),
    (
        "付款条件：net 30 days",
        [("payment", 1.0, "invoice", 30, False)],
    ),
    (
        "分两期支付：第一期，合同签订后5日内支付50%；第二期，验收合格后10日内支付50%。",
        [("payment", 0.5, "signing", 5, False), ("payment", 0.5, "acceptance", 10, False)],
    ),
    (
        "（一）首付款：合同签订之日起5个工作日内，支付合同总价的百分之二十；（二）到货款：货物送达后10日内，支付合同总价的百分之五十；（三）验收款：验收合格之日起30个工作日内，支付合同总价的百分之二十五；（四）质保金：合同总价的百分之五，自验收合格之日起满一年后支付。",
        [
            ("payment", 0.2, "signing", 5, True),
            ("payment", 0.5, "delivery", 10, False),
            ("payment", 0.25, "acceptance", 30, True),
            ("retention", 0.05, "acceptance", 365, False),
        ],
    ),
    (
        "签约后3日内付定金20%，余款80%于验收合格后15日内付清。",
        [("deposit", 0.2, "signing", 3, False), ("payment", 0.8, "acceptance", 15, False)],
    ),
    (
        "买方于合同签订后三日内向卖方支付合同总价20%的定金，货到验收合格后15日内付清其余80%。",
        [("deposit", 0.2, "signing", 3, False), ("payment", 0.8, "acceptance", 15, False)],
    ),
    (
        "合同签订后7日内预付五成，安装调试完毕后10日内付清余下五成。",
        [("payment", 0.5, "signing", 7, False), ("payment", 0.5, "completion", 10, False)],
    ),
    (
        "30%预付款，合同签订后7日内支付；60%货到30日内支付；10%质保金，验收合格后12个月支付。",
        [
            ("payment", 0.3, "signing", 7, False),
            ("payment", 0.6, "delivery", 30, False),
            ("retention", 0.1, "acceptance", 365, False),
        ],
    ),
    (
        "合同总价的30%于合同签订后7日内支付，60%于到货后30日内支付，10%作为质量保证金于验收合格后365日支付。",
        [
            ("payment", 0.3, "signing", 7, False),
            ("payment", 0.6, "delivery", 30, False),
            ("retention", 0.1, "acceptance", 365, False),
        ],
    ),
    (
        "2025年3月31日前支付人民币100,000.00元，2025年5月30日前支付人民币100,000.01元。",
        [("payment", None, "date", None, False), ("payment", None, "date", None, False)],
    ),
    (
        "于2025年3月31日付款100000元；于2025年5月30日付款200000元。",
        [("payment", None, "date", None, False), ("payment", None, "date", None, False)],
    ),
    (
        "首期款人民币50,000元于2025年3月31日前付讫，尾款人民币60,000元于2025年5月30日前付讫。",
        [("payment", None, "date", None, False), ("payment", None, "date", None, False)],
    ),
    (
        "预付款比例30%，发货款比例60%，质保金比例10%。",
        [
            ("payment", 0.3, "signing", None, False),
            ("payment", 0.6, "delivery", None, False),
            ("retention", 0.1, "acceptance", 365, False),
        ],
    ),
    (
        "合同生效后支付30%；提货前支付30%；到货验收合格后支付35%；质保期满支付5%。",
        [
            ("payment", 0.3, "signing", None, False),
            ("payment", 0.3, "before_delivery", 0, False),
            ("payment", 0.35, "acceptance", None, False),
            ("retention", 0.05, "acceptance", 365, False),
        ],
    ),
    (
        "本合同总价款的30%（¥30,000.00）应于签订后7日内付清，其余70%（¥70,000.00）应于收到发票后30日内付清。",
        [("payment", 0.3, "signing", 7, False), ("payment", 0.7, "invoice", 30, False)],
    ),
    (
        "首付40%，提货付60%。",
        [("payment", 0.4, "signing", None, False), ("payment", 0.6, "delivery", None, False)],
    ),
    (
        "付款进度：签约30% / 到货40% / 验收25% / 质保5%（一年）",
        [
            ("payment", 0.3, "signing", None, False),
            ("payment", 0.4, "delivery", None, False),
            ("payment", 0.25, "acceptance", None, False),
            ("retention", 0.05, "acceptance", 365, False),
        ],
    ),
    (
        "定金：合同签订后3日内，买方向卖方支付合同总价的20%作为定金；货款：验收合格后15日内支付合同总价的80%。",
        [("deposit", 0.2, "signing", 3, False), ("payment", 0.8, "acceptance", 15, False)],
    ),
    (
        "买方在合同签订后3日内支付定金（合同总价的20%），验收合格后15日内支付剩余价款。",
        [("deposit", 0.2, "signing", 3, False), ("payment", 0.8, "acceptance", 15, False)],
    ),
    (
        "货到现场并经验收合格后30日内付至95%，剩余5%作为质保金，于一年质保期满后7日内付清。",
        [("payment", 0.95, "acceptance", 30, False), ("retention", 0.05, "acceptance", 372, False)],
    ),
    (
        "交付后付款60%、验收后付款35%、质保期满后付款5%",
        [
            ("payment", 0.6, "delivery", None, False),
            ("payment", 0.35, "acceptance", None, False),
            ("retention", 0.05, "acceptance", 365, False),
        ],
    ),
]

#: What is said → trigger, days, due on, working days.
DELIVERIES: list[tuple[str, str | None, int | None, str | None, bool]] = [
    ("交货期：合同签订后20日内。", "signing", 20, None, False),
    ("交货时间：自合同签订之日起20个工作日内交货。", "signing", 20, None, True),
    ("三、交货期限\n卖方应于2025年4月30日前将货物运抵买方仓库。", "date", None, "2025-04-30", False),
    ("交货日期：2025-04-30", "date", None, "2025-04-30", False),
    ("交（提）货时间：2025年4月30日之前", "date", None, "2025-04-30", False),
    ("乙方应在收到甲方订单后7日内交货。", "signing", 7, None, False),
    ("第三条 交付\n3.1 交付时间：本合同生效后45天内。", "signing", 45, None, False),
    ("供货周期：20天（自合同签订之日起计算）", "signing", 20, None, False),
    ("供货时间：合同生效之日起15日历天内", "signing", 15, None, False),
    ("到货时间：签约后15天", "signing", 15, None, False),
    ("交付期限：签订合同之日起15日", "signing", 15, None, False),
    ("乙方须于合同签订后15日内一次性交付全部货物。", "signing", 15, None, False),
    ("交货时间：收到预付款后15个工作日", None, 15, None, True),
    ("发货时间：2025年4月30日", "date", None, "2025-04-30", False),
    ("卖方于二〇二五年四月三十日前交货至买方指定地点。", "date", None, "2025-04-30", False),
    ("货期：20天", None, 20, None, False),
    ("工期：合同签订后30日历天完成供货安装。", "signing", 30, None, False),
    ("四、履行期限、地点：签订合同后20日内送至甲方厂区。", "signing", 20, None, False),
    ("供方在合同签订20天内发货", "signing", 20, None, False),
    ("交货：自订单生效之日起20日内送达。", "signing", 20, None, False),
    ("标的物应于合同签订后20日内交付。", "signing", 20, None, False),
    ("买卖双方约定，卖方最迟于2025年4月30日交付全部货物。", "date", None, "2025-04-30", False),
    ("交货期为2025年4月30日，地点为需方仓库。", "date", None, "2025-04-30", False),
]

#: What is said → (fen, every months, first due, until) of each rate of rent.
RENTS: list[tuple[str, list[tuple[int, int, str, str]]]] = [
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n月租金10000元，按月支付。",
        [(1000000, 1, "2025-01-01", "2027-12-31")],
    ),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n租金为每月人民币壹万元整（¥10,000.00），每三个月支付一次。",
        [(3000000, 3, "2025-01-01", "2027-12-31")],
    ),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n年租金为人民币120,000.00元，每半年支付一次。",
        [(6000000, 6, "2025-01-01", "2027-12-31")],
    ),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n租金标准：10000元/月，按季度支付。",
        [(3000000, 3, "2025-01-01", "2027-12-31")],
    ),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n租金：人民币120000元/年，按年一次性支付，先付后用。",
        [(12000000, 12, "2025-01-01", "2027-12-31")],
    ),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n每期租金为30000元，每3个月为一个支付周期。",
        [(3000000, 3, "2025-01-01", "2027-12-31")],
    ),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n租金支付：每季度租金30000元，承租方应于每季度首月5日前支付。",
        [(3000000, 3, "2025-01-05", "2027-12-31")],
    ),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n租金合计每年120000元，分两次支付，每半年支付60000元。",
        [(6000000, 6, "2025-01-01", "2027-12-31")],
    ),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n租金每年120000元，分四期支付。",
        [(3000000, 3, "2025-01-01", "2027-12-31")],
    ),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n承租人按季度向出租人支付租金，每季度租金为人民币30,000.00元（大写：叁万元整）。",
        [(3000000, 3, "2025-01-01", "2027-12-31")],
    ),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n租金每3个月支付一次，每次支付30000元，首次支付日为2025年1月10日。",
        [(3000000, 3, "2025-01-10", "2027-12-31")],
    ),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n自2025年1月1日至2026年12月31日，月租金10000元；自2027年1月1日至2027年12月31日，月租金10500元。租金按月支付。",
        [(1000000, 1, "2025-01-01", "2026-12-31"), (1050000, 1, "2027-01-01", "2027-12-31")],
    ),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n租金按季支付，每期30000元。2027年1月1日起租金调整为每期31500元。",
        [(3000000, 3, "2025-01-01", "2026-12-31"), (3150000, 3, "2027-01-01", "2027-12-31")],
    ),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n第一、二年月租金10000元，第三年月租金10500元，按季支付。",
        [(3000000, 3, "2025-01-01", "2026-12-31"), (3150000, 3, "2027-01-01", "2027-12-31")],
    ),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n前两年租金为每月10000元，第三年起每月10500元，租金按季支付。",
        [(3000000, 3, "2025-01-01", "2026-12-31"), (3150000, 3, "2027-01-01", "2027-12-31")],
    ),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n首年租金120000元，以后每年递增5%，每年支付一次。",
        [
            (12000000, 12, "2025-01-01", "2025-12-31"),
            (12600000, 12, "2026-01-01", "2026-12-31"),
            (13230000, 12, "2027-01-01", "2027-12-31"),
        ],
    ),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n租金为10000元/月，每两年递增5%，押二付三。",
        [(3000000, 3, "2025-01-01", "2026-12-31"), (3150000, 3, "2027-01-01", "2027-12-31")],
    ),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n年租金12万元，按年支付，第三年起在上年基础上上浮5%。",
        [(12000000, 12, "2025-01-01", "2026-12-31"), (12600000, 12, "2027-01-01", "2027-12-31")],
    ),
    ("租期3年，自2025年1月1日起计算。\n租金10000元/月，月付。", [(1000000, 1, "2025-01-01", "2027-12-31")]),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n租金支付方式：一年一付，租金每年为人民币：120000元（大写：壹拾贰万元整）。",
        [(12000000, 12, "2025-01-01", "2027-12-31")],
    ),
    (
        "租期：2025年1月1日起租，2027年12月31日到期。\n租金：每月租金壹万元整（¥10000.00）。自2025年1月1日交起。每月租金壹万零伍佰元整（¥10500.00）。自2027年1月1日交起。",
        [(1000000, 1, "2025-01-01", "2026-12-31"), (1050000, 1, "2027-01-01", "2027-12-31")],
    ),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n租金每满半年交一次，每次交60000元。第一次于2025年1月10日交清。",
        [(6000000, 6, "2025-01-10", "2027-12-31")],
    ),
    (
        "租赁期限自2025年1月1日起至2027年12月31日止。\n租金（含税）：每平方米每月20元，按500平方米计算，每月租金10000元，季付。",
        [(3000000, 3, "2025-01-01", "2027-12-31")],
    ),
]


def clauses(text: str) -> list[Clause]:
    blocks = tuple(Paragraph(Text(tidy(line), "p")) for line in text.split("\n"))
    return clauses_of(lines_of(Document(blocks)))


def paying(text: str) -> list[Clause]:
    return [Clause(c.line, "payment", c.start, c.heading) for c in clauses(text)]


@pytest.mark.parametrize(("text", "said"), PAYMENTS)
def test_payments_are_read_as_they_are_put(text: str, said: list[tuple[Any, ...]]) -> None:
    made = instalments(paying(text), 365)
    found = [(m.kind, None if m.share is None else float(m.share), m.days or 0, m.working_days) for m in made]
    assert found == [(kind, share, days or 0, working) for kind, share, _, days, working in said]
    wanted = [trigger or made[i].trigger for i, (_, _, trigger, _, _) in enumerate(said)]
    assert [m.trigger for m in made] == wanted


@pytest.mark.parametrize(("text", "trigger", "days", "due", "working"), DELIVERIES)
def test_deliveries_are_read_as_they_are_put(
    text: str, trigger: str | None, days: int | None, due: str | None, working: bool
) -> None:
    (made,) = deliveries(clauses(text), Goods())
    assert (made.days, str(made.due_on or "") or None, made.working_days) == (days, due, working)
    assert made.trigger == trigger


@pytest.mark.parametrize(("text", "said"), RENTS)
def test_rent_is_read_with_its_rises(text: str, said: list[tuple[int, int, str, str]]) -> None:
    read = clauses(text)
    made = rent_terms(read, runs_of(read, True))
    assert [(m.amount_fen, m.every_months, str(m.due_on), str(m.until)) for m in made] == said


def test_rent_free_time_comes_before_the_first_payment() -> None:
    read = clauses(
        "租赁期限自2025年1月1日起至2026年12月31日止，免租期为2025年1月1日至2025年2月28日。\n月租金10000元，按月支付。"
    )
    (made,) = rent_terms(read, runs_of(read, True))
    assert str(made.due_on) == "2025-03-01"


def test_what_is_let_is_told_with_its_area() -> None:
    found = premises_of(
        clauses("一、租赁物：甲方将位于平湖市工业路8号的厂房出租给乙方，建筑面积1,200平方米。")
    )
    assert found is not None
    assert found.value == "平湖市工业路8号的厂房，1,200平方米"


def test_a_deposit_has_its_amount_and_a_refund_is_none() -> None:
    found, term = deposit_of(clauses("履约保证金：合同签订后5日内乙方支付履约保证金20,000元。"), None)
    assert found is not None and found.value == 2_000_000
    assert term is not None and (term.trigger, term.days) == ("signing", 5)
    assert deposit_of(clauses("押金在租赁期满后无息退还。"), None) == (None, None)
    assert deposit_of(clauses("卖方双倍返还定金，并另付总价的20%。"), 100) == (None, None)
    found, term = deposit_of(clauses("买方付定金为总价的20%，交货后抵作货款。"), 1000)
    assert found is not None and found.value == 200


def test_the_penalty_is_printed_as_it_stands() -> None:
    found = penalty_of(clauses("第六条 违约责任\n6.1 每逾期一日，按逾期金额的万分之五支付违约金。"))
    assert found is not None and found.value == "每逾期一日,按逾期金额的万分之五支付违约金"


def test_the_warranty_is_no_day_of_payment() -> None:
    assert warranty_days(clauses("质保金：质保期满后60日内支付。\n质保期：验收合格后24个月。")) == 730


def test_only_ticked_choices_count() -> None:
    assert "现款" not in ticked("□现款 ☑月结30天 □货到付款") and "月结30天" in ticked("□现款 ☑月结30天")
    assert "月结" in ticked("( )现款 (√)月结30天")
    assert ticked("□现款 □月结30天") == "□现款 □月结30天"


def test_the_term_of_a_bill_is_no_time_to_pay() -> None:
    assert spans_in("以6个月银行承兑汇票支付") == []
    assert [s.days for s in spans_in("一年零三个月")] == [365, 90]


def shares(made: list[Instalment]) -> Decimal:
    return sum((m.share or Decimal(0) for m in made), Decimal(0))


@given(st.lists(st.integers(1, 60), min_size=1, max_size=5).filter(lambda parts: sum(parts) < 100))
def test_the_rest_is_what_the_others_leave(parts: list[int]) -> None:
    said = "；".join(f"第{i}批货到后{i}日内支付{part}%" for i, part in enumerate(parts, 1))
    made = instalments(paying(f"{said}；余款于验收合格后90日内付清。"))
    assert shares(made) == 1
    assert made[-1].share == 1 - Decimal(sum(parts)) / 100


@given(st.lists(st.integers(1, 99), min_size=1, max_size=5, unique=True))
def test_paid_up_to_counts_on(levels: list[int]) -> None:
    steps = sorted(levels)
    said = "；".join(f"第{i}批验收合格后{i}日内付至合同总价的{level}%" for i, level in enumerate(steps, 1))
    made = instalments(paying(said + "。"))
    assert shares(made) == Decimal(steps[-1]) / 100
