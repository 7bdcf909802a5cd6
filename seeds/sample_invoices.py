"""Seeded, varied invoices for measuring readers: one to forty lines, odd names, discounts, exempt, red."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from seeds.codes import synthetic_codes
from seeds.paper import PaperInvoice, PaperLine, Party

#: Words of invented firms: brands, trades, and endings as registers write them.
_BRANDS = ["合成", "虚拟", "样例", "演示", "拟真", "仿真", "示意", "空想"]
_TRADES = (
    *("尼龙", "精密机械", "汽车零部件", "电子科技", "食品", "商贸", "建筑工程", "物流", "（集团）新材料"),
    *("医疗器械（平湖）", "农业开发", "纺织品进出口", "智能装备与自动化系统集成技术服务", "餐饮管理"),
)
_ENDINGS = ("有限公司", "有限责任公司", "股份有限公司", "经营部", "厂", "有限公司北京第一分公司")
_PLACES = ("北京", "浙江平湖", "广东省深圳市宝安区", "内蒙古自治区呼和浩特", "海南", "上海浦东新区", "")
#: Category, goods, specifications and units as lines print them.
_GOODS = (
    ("塑料制品", "高温尼龙切片", ("PA46-25kg", "PA66 GF30", ""), ("千克", "吨", "kg")),
    ("通信设备", "绝缘骨架（A型）", ("ZX-12×8/0.5mm", "φ25*300"), ("个", "PCS")),
    ("研发和技术服务", "检测费", ("",), ("次", "项", "")),
    ("信息技术服务", "SaaS平台技术服务费2025年1-6月(含运维)", ("", "V3.0"), ("套", "年")),
    ("金属制品", "304不锈钢内六角圆柱头螺钉GB/T70.1-2008全牙", ("M8*25", "M10×40-8.8级镀锌"), ("件", "盒")),
    ("乳制品", "纯牛奶250ml×24盒", ("1*24", "250ml*24"), ("箱", "提")),
    ("纸制品", "A4复印纸", ("70g 500张/包",), ("包", "箱")),
    ("建筑用石", "花岗岩板材", ("600*600*30", "光面"), ("㎡", "m2")),
    ("化学原料", "N,N-二甲基甲酰胺DMF 99.9%", ("160kg/桶", "工业级,优等品"), ("吨", "桶")),
    ("餐饮服务", "餐费", ("",), ("", "次")),
    ("物流辅助服务", "仓储装卸搬运费", ("",), ("项", "")),
    ("机床", "数控车床CK6150×1000(含安装调试及培训)", ("CK6150/1000", "定制"), ("台",)),
    ("汽车零配件", "左前减振器总成", ("48520-09X10",), ("只", "支")),
)
_EXEMPT = (
    ("蔬菜", "新鲜大白菜", ("",), ("斤", "千克")),
    ("鲜活肉类产品", "冷鲜猪肉", ("二级",), ("千克",)),
)
_RATES = ("0.13", "0.13", "0.13", "0.09", "0.06", "0.03", "0.01")
_NAMES = ("合成一", "合成二", "管理员", "系统")


def sample_invoices(
    count: int, seed: int = 20, era: str = "digital", most: int = 40
) -> Iterator[PaperInvoice]:
    """`count` invoices of an era (`digital`, `old`), of at most `most` lines; a seed gives the same ones."""
    draw = random.Random(f"{seed}{era}{most}")
    firms = _firms(draw, 60)
    for number in range(count):
        yield _invoice(draw, firms, number, era, most)


def _firms(draw: random.Random, count: int) -> list[Party]:
    kinds = np.array([draw.choice((91, 91, 91, 92)) for _ in range(count)])
    codes = synthetic_codes(kinds, np.arange(count) + 7_000)
    firms = []
    for number, code in enumerate(codes):
        name = draw.choice(_PLACES) + draw.choice(_BRANDS) + draw.choice(_TRADES) + draw.choice(_ENDINGS)
        if draw.random() < 0.1:
            name = f"{name}（{draw.choice(_PLACES) or '中国'}特种功能材料与高端装备联合研究开发中心）"
        firms.append(
            Party(
                name=name,
                code=code,
                address=f"合成路{number + 1}号" + draw.choice(("", "3幢502室")),
                phone=draw.choice(("0573-85000000", "010-60000000", "")),
                account=f"合成银行{draw.choice(('平湖支行', '股份有限公司营业部'))} {6200000000 + number}",
            )
        )
    return firms


def _invoice(draw: random.Random, firms: list[Party], number: int, era: str, most: int) -> PaperInvoice:
    seller, buyer = draw.sample(firms, 2)
    red, exempt = draw.random() < 0.1, draw.random() < 0.06
    old = era == "old"
    special = draw.random() < 0.5 and not exempt
    kinds = ("vat_e_special", "vat_e_ordinary") if old else ("digital_special", "digital_ordinary")
    kind = kinds[0 if special else 1]
    lines = tuple(
        _lines(draw, min(most, draw.choice((1, 1, 1, 2, 2, 3, 5, 8, 14, 40))), -1 if red else 1, exempt)
    )
    code = f"0990022000{13 if special else 11}" if old else ""
    blue = f"{code}{(number + 40_000_000):08d}" if old else f"2499{number:016d}"
    return PaperInvoice(
        number=f"{number * 37 + 10_000_019:08d}" if old else f"2599{number:016d}",
        issued=datetime(2020 if old else 2025, 1, 1, 8) + timedelta(hours=7 * number % 8000),
        seller=seller,
        buyer=buyer,
        lines=lines,
        kind=kind,
        reverses=blue if red else "",
        remark=draw.choice(
            ("", "", "合同号：HT-2025-0017", "订单号4500012345\n送货地址：合成路9号1幢,联系电话0573-85000000")
        ),
        drawer=draw.choice(_NAMES),
        code=code,
        check_code=f"{draw.randrange(10**19, 10**20)}" if old and not special else "",
        machine_no=f"{draw.randrange(10**11, 10**12)}" if old else "",
        payee=draw.choice(_NAMES) if old else "",
        reviewer=draw.choice(_NAMES) if old else "",
    )


def _lines(draw: random.Random, count: int, sign: int, exempt: bool) -> Iterator[PaperLine]:
    rate = None if exempt else Decimal(draw.choice(_RATES))
    for _ in range(count):
        line = _line(draw, sign, rate)
        yield line
        if line.quantity is not None and draw.random() < 0.08 and abs(line.amount_fen) > 1000:
            yield _discount(draw, line)


def _line(draw: random.Random, sign: int, rate: Decimal | None) -> PaperLine:
    category, item, specifications, units = draw.choice(_EXEMPT if rate is None else _GOODS)
    quantity = draw.choice(
        (Decimal(1), Decimal(draw.randint(1, 9999)), Decimal(draw.randint(1, 999_999)) / 1000)
    )
    fen = draw.choice(
        (draw.randint(1_000, 99_999), draw.randint(100_000, 9_999_999), draw.randint(10**8, 10**9))
    )
    price = (Decimal(fen) / 100 / quantity).quantize(Decimal(1).scaleb(-draw.choice((2, 6, 8, 13))))
    if price == 0 or draw.random() < 0.15:  # services often print neither quantity nor price
        return _finished(category, item, draw.choice(specifications), "", None, None, sign * fen, rate)
    fen = _round(quantity * price * 100)
    return _finished(
        category,
        item,
        draw.choice(specifications),
        draw.choice(units),
        sign * quantity,
        price,
        sign * fen,
        rate,
    )


def _finished(
    category: str,
    item: str,
    specification: str,
    unit: str,
    quantity: Decimal | None,
    price: Decimal | None,
    fen: int,
    rate: Decimal | None,
) -> PaperLine:
    return PaperLine(
        item=f"*{category}*{item}",
        amount_fen=fen,
        tax_fen=0 if rate is None else _round(fen * rate),
        rate=rate,
        quantity=None if quantity is None else quantity.normalize() + 0,
        price=None if price is None else price.normalize() + 0,
        unit=unit,
        specification=specification,
    )


def _discount(draw: random.Random, line: PaperLine) -> PaperLine:
    """A discount: a negative line of the same name, without quantity and price."""
    fen = -_round(Decimal(line.amount_fen) * Decimal(draw.choice(("0.1", "0.05", "0.333"))))
    tax = 0 if line.rate is None else _round(fen * line.rate)
    return PaperLine(item=line.item, amount_fen=fen, tax_fen=tax, rate=line.rate)


def _round(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))
