"""Seeded samples of statements with the words that people and banks write, for benches and tests."""

import random
from datetime import datetime, timedelta

import numpy as np

from seeds.codes import synthetic_codes
from seeds.statement import Holder, Movement, PaperStatement

_PLACES = ("平湖", "杭州", "宁波", "无锡", "东莞", "青岛", "成都", "合肥", "天津滨海新区", "佛山市南海区")
_CORES = (
    "恒远",
    "瑞丰",
    "华信",
    "鼎盛",
    "明达",
    "金桥",
    "宏图",
    "东晟",
    "嘉禾",
    "联创",
    "新科",
    "永泰",
    "百川",
    "凯立",
)
_TRADES = (
    "尼龙制品",
    "精密模具",
    "电子科技",
    "包装材料",
    "机械制造",
    "纺织",
    "塑料",
    "五金",
    "食品",
    "汽车零部件",
    "供应链管理",
)
_FORMS = ("有限公司", "有限公司", "有限责任公司", "股份有限公司", "（集团）有限公司", "厂", "经营部")
_BANKS = (
    "中国工商银行股份有限公司{0}支行",
    "中国农业银行{0}分行营业部",
    "中国建设银行股份有限公司{0}支行",
    "招商银行{0}分行",
    "{0}农村商业银行",
)

_RECEIVED = (
    "货款",
    "付货款",
    "",
    "尼龙切片货款",
    "2025年合同尾款",
    "尾款",
    "货款，请查收",
    "发票12345678货款",
)


def sample_statement(seed: int, count: int = 60) -> PaperStatement:
    """A statement of `count` movements over some months; every seed its own firm. Never below zero."""
    draw = random.Random(seed)
    holder = _holder(draw, seed)
    others = [(_firm(draw), _account(draw), _bank(draw)) for _ in range(max(4, count // 6))]
    at = datetime(2025, 1, 2, 8) + timedelta(days=draw.randint(0, 120))
    opening = draw.randint(5_000_000, 90_000_000)
    balance, movements = opening, []
    longest = max(4, min(30 * 60, 3 * 365 * 24 * 60 // max(count, 1)))  # minutes; never over three years
    for number in range(count):
        at += timedelta(minutes=draw.randint(3, longest))
        movement = _movement(draw, at, others, holder, f"{at:%Y%m%d}{seed % 1000:03d}{number:06d}")
        if movement.direction == "out" and movement.amount_fen > balance:
            movement = _receipt(draw, at, others, movement.serial)
        balance += movement.amount_fen if movement.direction == "in" else -movement.amount_fen
        movements.append(movement)
    return PaperStatement(holder, opening, tuple(movements))


def sample_sales(seed: int, count: int = 60) -> PaperStatement:
    """Sales of a shop as a payment firm lists them: small, many, some given back; with the fee kept."""
    draw = random.Random(seed)
    holder = Holder(_firm(draw), f"16{draw.randint(10**7, 10**8 - 1)}", "", _code(seed))
    at, movements = datetime(2025, 3, 1, 8), []
    for number in range(count):
        at += timedelta(seconds=draw.randint(20, 9_000))
        amount = draw.randint(100, 80_000)
        back = draw.random() < 0.06
        movements.append(
            Movement(
                at,
                "out" if back else "in",
                amount,
                summary="退款" if back else "消费",
                serial=f"4200{seed % 10_000:04d}{at:%Y%m%d}{number:010d}",
                purpose="refund" if back else "trade",
                fee_fen=round(amount * 0.006),
            )
        )
    return PaperStatement(holder, 0, tuple(movements))


def _holder(draw: random.Random, seed: int) -> Holder:
    place = draw.choice(_PLACES)
    return Holder(_firm(draw), _account(draw), f"中国工商银行股份有限公司{place}支行", _code(seed))


def _code(seed: int) -> str:
    return synthetic_codes(np.array([91]), np.array([seed % 100_000_000]))[0]


def _firm(draw: random.Random) -> str:
    return "".join(draw.choice(part) for part in (_PLACES, _CORES, _CORES, _TRADES, _FORMS))


def _account(draw: random.Random) -> str:
    return "".join(draw.choice("0123456789") for _ in range(draw.choice((16, 17, 18, 19, 20)))).replace(
        "0", "1", 1
    )


def _bank(draw: random.Random) -> str:
    return draw.choice(_BANKS).format(draw.choice(_PLACES))


def _amount(draw: random.Random) -> int:
    kind = draw.random()
    if kind < 0.3:
        return draw.randint(1, 400) * 1_000_000 // 10
    return draw.randint(5_000, 40_000_000)


def _receipt(draw: random.Random, at: datetime, others: list[tuple[str, str, str]], serial: str) -> Movement:
    name, account, bank = draw.choice(others)
    summary = draw.choice(("转账", "跨行转账", "汇款", "网银入账", "转账存入"))
    remark = draw.choice(
        (
            "货款",
            "付货款",
            "",
            "尼龙切片货款",
            "2025年合同尾款",
            "尾款",
            "货款，请查收",
            "发票25332000000012345678货款",
        )
    )
    return Movement(at, "in", _amount(draw), name, account, bank, summary, remark, serial)


#: Movements that are no trade with a firm: share, direction, other side, summary, remark, purpose.
_ODD: tuple[tuple[float, str, str, str, str, str], ...] = (
    (0.05, "out", "", "手续费", "对公跨行汇款手续费", "fee"),
    (0.03, "out", "国家金库平湖市支库", "实时扣税", "增值税 税款所属期202502", "tax"),
    (0.03, "out", "", "代发工资", "2月工资", "wages"),
    (0.02, "out", "平湖市社会保险事业管理中心", "社保扣款", "社会保险费", "social"),
    (0.03, "in", "应付利息", "结息", "批量结息", "interest"),
    (0.02, "in", "", "贷款发放", "流动资金贷款放款", "loan"),
    (0.02, "out", "王小明", "转账", "报销差旅费", "trade"),
)
_GOODS = ("货款", "材料款", "预付款30%", "运费", "支付加工费", "模具款", "")


def _movement(
    draw: random.Random, at: datetime, others: list[tuple[str, str, str]], holder: Holder, serial: str
) -> Movement:
    """One movement of any kind."""
    for share, direction, who, summary, remark, purpose in _ODD:
        if draw.random() < share:
            amount = draw.randint(100, 600_000)
            account = _account(draw) if direction == "out" and who else ""
            return Movement(at, direction, amount, who, account, "", summary, remark, serial, purpose=purpose)
    name, account, bank = draw.choice(others)
    kind, amount = draw.random(), _amount(draw)
    if kind < 0.03:
        way = draw.choice(("in", "out"))
        return Movement(
            at, way, amount, holder.name, _account(draw), bank, "转账", "本单位转账", serial, purpose="own"
        )
    if kind < 0.06:
        note = "银行承兑汇票到期托收款"
        return Movement(at, "in", amount, name, account, bank, "票据托收", note, serial, way="bill")
    if kind < 0.55:
        return _receipt(draw, at, others, serial)
    return Movement(at, "out", amount, name, account, bank, "转账支取", draw.choice(_GOODS), serial)
