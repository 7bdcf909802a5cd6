"""What else stands in a firm's statement: wages, taxes, fees, loans, transfers between its own accounts."""

from datetime import date, datetime, timedelta

import numpy as np

from seeds.paper import Party
from seeds.statement import Movement

#: purpose → direction, counterparty, summary, typical yuan
_MONTHLY = {
    "wages": ("out", "", "代发工资", 180_000),
    "social": ("out", "社会保险基金管理中心", "社保费", 42_000),
    "tax": ("out", "国家金库", "实时缴税", 26_000),
    "fee": ("out", "", "手续费", 35),
    "interest": ("in", "", "结息", 210),
}


def noise_of(firm: Party, rng: np.random.Generator, first: date, days: int) -> list[Movement]:
    """The movements of a firm that pay no invoice."""
    made, serial = [], 0
    bank, number = firm.account.split(" ")
    for month in range(days // 30):
        for purpose, (direction, other, summary, yuan) in _MONTHLY.items():
            serial += 1
            at = _at(first, month * 30 + int(rng.integers(0, 28)))
            amount = max(int(yuan * 100 * rng.lognormal(0, 0.3)), 1)
            made.append(
                Movement(
                    at,
                    direction,
                    amount,
                    other,
                    summary=summary,
                    serial=_serial(firm, serial),
                    purpose=purpose,
                )
            )
        if rng.random() < 0.5:
            serial += 1
            at, amount = (
                _at(first, month * 30 + int(rng.integers(0, 28))),
                int(rng.integers(1, 60)) * 1_000_000,
            )
            direction = "in" if rng.random() < 0.5 else "out"
            made.append(
                Movement(
                    at,
                    direction,
                    amount,
                    firm.name,
                    f"{int(number) + 1}",
                    bank,
                    summary="转账",
                    remark="资金调拨",
                    serial=_serial(firm, serial),
                    purpose="own",
                )
            )
        if rng.random() < 0.05:
            serial += 1
            at, amount = _at(first, month * 30 + 3), int(rng.integers(5, 50)) * 10_000_000
            made.append(
                Movement(
                    at,
                    "in",
                    amount,
                    f"{bank}股份有限公司",
                    summary="贷款发放",
                    serial=_serial(firm, serial),
                    purpose="loan",
                )
            )
    return made


def _serial(firm: Party, n: int) -> str:
    return f"N{firm.code[8:16]}{n:05d}"


def _at(first: date, days: int) -> datetime:
    day = first + timedelta(days=days)
    return datetime(day.year, day.month, day.day, 15, 0)
