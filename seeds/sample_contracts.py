"""Seeded, varied contracts for measuring readers: purchase, sales, orders, frameworks, leases."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from seeds.codes import synthetic_codes
from seeds.contract import ContractLine, PaperContract, Term
from seeds.paper import Party

KINDS = ("purchase", "sales", "purchase", "sales", "order", "framework", "lease")
_PLACES = ("平湖市", "浙江省嘉兴市", "苏州", "广东省东莞市", "青岛", "重庆", "上海")
_BRANDS = ("合成", "虚拟", "样例", "演示", "拟真", "仿真", "示意", "空想")
_TRADES = (
    "尼龙",
    "精密机械",
    "汽车零部件",
    "电子科技",
    "商贸",
    "包装材料",
    "（集团）新材料",
    "五金制品",
    "纺织品进出口",
)
_ENDINGS = ("有限公司", "有限公司", "有限责任公司", "股份有限公司", "经营部", "加工厂")
_GOODS = (
    ("高温尼龙切片", ("PA46-25kg", "PA66 GF30"), "吨", (12_000, 38_000), (1, 60)),
    ("锦纶长丝", ("70D/24F", "40D/12F 半消光"), "吨", (16_000, 31_000), (1, 40)),
    ("数控车床", ("CK6150×1000", "CAK50135"), "台", (80_000, 260_000), (1, 4)),
    ("不锈钢内六角螺钉", ("M8*25", "M10×40-8.8级"), "件", (1, 9), (500, 30_000)),
    ("左前减振器总成", ("48520-09X10", "ZX-12"), "只", (90, 460), (20, 900)),
    ("瓦楞纸箱", ("600*400*350mm 五层", ""), "个", (3, 19), (200, 9_000)),
    ("色母粒", ("黑色 2014", "W-100"), "公斤", (18, 65), (100, 4_000)),
    ("伺服电机", ("750W", "SGM7J-08A"), "套", (900, 4_300), (2, 60)),
)
_PENALTIES = (
    "每逾期一日，按逾期金额的万分之五支付违约金",
    "逾期付款的，每逾期一日应按未付金额的千分之一支付违约金",
    "一方违约的，应向守约方支付合同总价5%的违约金",
    "",
)


def sample_contracts(count: int, seed: int = 20) -> Iterator[PaperContract]:
    """`count` contracts; a seed gives the same ones."""
    draw = random.Random(f"contracts{seed}")
    firms = _firms(draw, 40)
    for number in range(count):
        yield _contract(draw, firms, number, KINDS[number % len(KINDS)])


def _firms(draw: random.Random, count: int) -> list[Party]:
    codes = synthetic_codes(np.full(count, 91), np.arange(count) + 31_000)
    made: list[Party] = []
    for number, code in enumerate(codes):
        name = draw.choice(_PLACES) + draw.choice(_BRANDS) + draw.choice(_TRADES) + draw.choice(_ENDINGS)
        if any(name == firm.name for firm in made):
            name = f"{name}第{number}分公司" if name.endswith("公司") else f"{draw.choice(_BRANDS)}{name}"
        made.append(
            Party(
                name=name,
                code=code,
                address=f"{draw.choice(_PLACES)}合成路{number + 1}号",
                phone=f"0573-85{number:06d}",
                account=f"合成银行{draw.choice(('平湖支行', '新区支行'))} {3300160000 + number}{number:05d}",
            )
        )
    return made


def _contract(draw: random.Random, firms: list[Party], number: int, kind: str) -> PaperContract:
    seller, buyer = draw.sample(firms, 2)
    signed = date(2023, 1, 1) + timedelta(days=draw.randrange(900))
    name = draw.choice(
        (
            f"HT-{signed:%Y%m%d}-{number:03d}",
            f"PH{signed.year}{number:04d}",
            f"（{signed.year}）采字第{number:03d}号",
        )
    )
    if kind == "lease":
        return _lease(draw, seller, buyer, signed, name)
    lines = tuple(_line(draw) for _ in range(draw.randint(1, 6)))
    total = sum(line.amount_fen for line in lines)
    terms = _terms(draw, total, signed)
    basis = draw.choice(("with_tax", "with_tax", "without_tax"))
    framework = kind == "framework"
    deposit = next((t for t in terms if t.kind == "deposit"), None)
    return PaperContract(
        number=name,
        kind=kind,
        signed=signed,
        seller=seller,
        buyer=buyer,
        lines=() if framework else lines,
        terms=_frame_terms(terms) if framework else terms,
        basis=basis,
        rate=draw.choice((Decimal("0.13"), Decimal("0.13"), Decimal("0.03"))),
        parent=f"KJ-{signed.year}-{number:03d}" if kind == "order" else "",
        starts=signed if framework else None,
        until=date(signed.year + 1, 12, 31) if framework else None,
        deposit_fen=None
        if framework or deposit is None or deposit.share is None
        else int((total * deposit.share).to_integral_value(ROUND_HALF_UP)),
        penalty=draw.choice(_PENALTIES),
        subject=lines[0].item if framework else "",
        place=draw.choice(("平湖市", "北京市海淀区", "")),
    )


def _frame_terms(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """Those that make sense without an amount; by the month where none does."""
    kept = tuple(t for t in terms if t.amount_fen is None and t.kind in ("payment", "retention"))
    return kept if sum(t.share or 0 for t in kept) == 1 else _MONTHLY


_MONTHLY = (Term("payment", "statement", Decimal(1), days=30),)


def _line(draw: random.Random) -> ContractLine:
    item, specifications, unit, prices, quantities = draw.choice(_GOODS)
    price = Decimal(draw.randint(prices[0] * 100, prices[1] * 100)) / 100
    quantity = Decimal(draw.randint(*quantities))
    if unit in ("吨", "公斤") and draw.random() < 0.4:
        quantity += Decimal(draw.randint(1, 999)) / 1000
    amount = int((price * quantity * 100).quantize(Decimal(1), ROUND_HALF_UP))
    return ContractLine(item, amount, quantity, price, unit, draw.choice(specifications))


def _terms(draw: random.Random, total: int, signed: date) -> tuple[Term, ...]:
    """Payments that come to the whole price, and a delivery in most contracts."""
    pay = _plan(draw, total, signed)
    if draw.random() < 0.2:
        return pay
    if draw.random() < 0.5:
        return (*pay, Term("delivery", "signing", days=draw.choice((7, 15, 20, 45))))
    return (*pay, Term("delivery", "date", due_on=signed + timedelta(days=draw.randint(10, 60))))


def _plan(draw: random.Random, total: int, signed: date) -> tuple[Term, ...]:
    d = Decimal
    days = draw.choice((7, 10, 15, 30, 45, 60))
    plans: tuple[tuple[Term, ...], ...] = (
        (Term("payment", "acceptance", d(1), days=days),),
        (Term("payment", "statement", d(1), days=30),),
        (Term("payment", "invoice", d(1), days=days),),
        (Term("payment", "delivery", d(1), days=days),),
        (
            Term("payment", "signing", d("0.3"), days=draw.choice((3, 5, 7))),
            Term("payment", "delivery", d("0.6"), days=days),
            Term("retention", "acceptance", d("0.1"), days=365),
        ),
        (
            Term("payment", "signing", d("0.2"), days=5, working_days=True),
            Term("payment", "delivery", d("0.5"), days=10),
            Term("payment", "acceptance", d("0.25"), days=days, working_days=True),
            Term("retention", "acceptance", d("0.05"), days=365),
        ),
        (
            Term("deposit", "signing", d("0.2"), days=3),
            Term("payment", "acceptance", d("0.8"), days=days),
        ),
        (
            Term("payment", "signing", d("0.5"), days=7),
            Term("payment", "completion", d("0.5"), days=days),
        ),
        (
            Term("payment", "date", amount_fen=total // 2, due_on=signed + timedelta(days=30)),
            Term("payment", "date", amount_fen=total - total // 2, due_on=signed + timedelta(days=90)),
        ),
    )
    return draw.choice(plans)


def _lease(draw: random.Random, lessor: Party, lessee: Party, signed: date, number: str) -> PaperContract:
    starts = date(signed.year + (signed.month == 12), signed.month % 12 + 1, 1)
    years = draw.choice((1, 2, 3, 5))
    until = date(starts.year + years, starts.month, 1) - timedelta(days=1)
    every = draw.choice((1, 3, 6, 12))
    rent = draw.randint(30, 900) * 10_000 * every
    rents = [Term("rent", "date", amount_fen=rent, due_on=starts, every_months=every, until=until)]
    if years >= 3 and draw.random() < 0.5:
        turn = date(starts.year + 2, starts.month, 1)
        risen = rent * 105 // 100
        rents = [
            Term(
                "rent",
                "date",
                amount_fen=rent,
                due_on=starts,
                every_months=every,
                until=turn - timedelta(days=1),
            ),
            Term("rent", "date", amount_fen=risen, due_on=turn, every_months=every, until=until),
        ]
    deposit = draw.choice((None, rent))
    place = f"{draw.choice(_PLACES)}合成路{draw.randint(1, 400)}号{draw.choice(('', '3幢', '1-102室'))}"
    return PaperContract(
        number=number,
        kind="lease",
        signed=signed,
        seller=lessor,
        buyer=lessee,
        terms=tuple(rents),
        rate=None,
        starts=starts,
        until=until,
        deposit_fen=deposit,
        penalty=draw.choice(_PENALTIES),
        subject=place,
        place="平湖市",
    )
