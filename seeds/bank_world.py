"""How invented firms pay their invoices: statements and contracts with the truth of who paid what.

Every pair of firms has its own habits (each invoice alone, a month at a time, round sums on account, by
instalments, by contract), every buyer its own way with remarks. What nobody could decide from the papers
alone is marked when it is made, by the papers' own terms: `World.undecidable`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import numpy as np

from seeds.bank_links import BY_HABIT, DAYS, FIRST, Link, Owed, Paid, with_reds
from seeds.bank_noise import noise_of
from seeds.bank_truth import disturb, judge
from seeds.codes import synthetic_codes
from seeds.contract import PaperContract
from seeds.paper import Party
from seeds.statement import Holder, Movement, PaperStatement
from seeds.streams import stream

HABITS = ("each", "month", "several", "on_account", "parts", "contract", "bill")
HABIT_SHARES = (0.40, 0.22, 0.12, 0.05, 0.08, 0.09, 0.04)
REMARKS = ("number", "tail", "month", "goods", "none")
REMARK_SHARES = (0.25, 0.06, 0.19, 0.38, 0.12)
_BANKS = ("中国工商银行", "中国建设银行", "中国农业银行", "招商银行", "宁波银行")


@dataclass(frozen=True)
class World:
    """Statements hold the truth in `Movement.pays`; `undecidable`: (serial, invoice number) that nobody
    could tell from the papers; `owners`: whose statements they are, in the same order."""

    invoices: tuple[Owed, ...]
    contracts: tuple[PaperContract, ...]
    statements: tuple[PaperStatement, ...]
    owners: tuple[Party, ...]
    undecidable: frozenset[tuple[str, str]]


def bank_world(sellers: int = 40, seed: int = 1) -> World:
    """An economy of its own: firms, two years of invoices, and how they were paid."""
    rng = stream(seed, "bank_world")
    firms = invented_firms(sellers * 4)
    invoices: list[Owed] = []
    serial = 0
    for seller in firms[:sellers]:
        for b in sorted(rng.choice(np.arange(sellers, len(firms)), int(rng.integers(2, 9)), replace=False)):
            made = invented_trade(seller, firms[b], rng, serial)
            serial += len(made) + 3
            invoices += made
    return pay(invoices, seed, firms[sellers - 1 :])


def pay(invoices: Sequence[Owed], seed: int, strangers: Sequence[Party] = ()) -> World:
    """The statements of everybody in `invoices`, and the contracts some of them rest on.

    `strangers`: firms that may pay for others.
    """
    ordered = sorted(invoices, key=lambda i: (*_pair(i), i.day, i.number))
    links = [
        _settle_link(list(group), stream(seed, "bank_link", n), strangers)
        for n, (_, group) in enumerate(groupby(ordered, key=_pair))
    ]
    return _written(links, seed)


def _pair(invoice: Owed) -> tuple[str, str]:
    return invoice.seller.code, invoice.buyer.code


def invented_firms(count: int) -> list[Party]:
    """Invented firms with codes of no registry."""
    places = ("平湖", "慈溪", "余姚", "昆山", "无锡", "台州", "温岭", "长兴", "海宁", "义乌")
    trades = ("尼龙", "轴承", "齿轮", "注塑", "电机", "包装", "模具", "铸件", "线束", "五金")
    forms = ("有限公司", "科技有限公司", "股份有限公司", "厂")
    codes = synthetic_codes(np.full(count, 91), np.arange(count) + 71_000_000)
    return [
        Party(
            f"{places[n % 10]}{'甲乙丙丁戊己庚辛壬癸'[n // 10 % 10]}{'天地玄黄宇宙洪荒'[n // 100 % 8]}"
            f"{trades[n // 3 % 10]}{forms[n % 4]}",
            code,
            account=f"{_BANKS[n % 5]} {6_222_000_000_000_000 + n * 7919}",
        )
        for n, code in enumerate(codes)
    ]


def invented_trade(seller: Party, buyer: Party, rng: np.random.Generator, serial: int) -> list[Owed]:
    """The invoices of one link over two years: odd, round or always equal amounts."""
    kind = rng.choice(["odd", "round", "equal"], p=[0.8, 0.12, 0.08])
    size, every = rng.lognormal(10.5, 1.0), float(rng.choice([9, 15, 30, 45]))
    steady = round(size) * 100
    made: list[Owed] = []
    day = FIRST + timedelta(days=int(rng.integers(0, 60)))
    while (day - FIRST).days < DAYS - 150:
        yuan = size * rng.lognormal(0, 0.6)
        total = {"odd": int(yuan * 100), "round": max(int(yuan // 100), 1) * 10_000, "equal": steady}[
            str(kind)
        ]
        number = (
            f"24{99:02d}{2000 + serial % 7:04d}{30_000_000 + (serial + len(made)) * 37 % 60_000_000:012d}"
        )
        made.append(Owed(number, seller, buyer, day, max(total, 10_000)))
        day += timedelta(days=1 + int(rng.exponential(every)))
    return made


def _settle_link(invoices: list[Owed], rng: np.random.Generator, strangers: Sequence[Party]) -> Link:
    first = invoices[0]
    link = Link(
        first.seller,
        first.buyer,
        str(rng.choice(HABITS, p=HABIT_SHARES)),
        str(rng.choice(REMARKS, p=REMARK_SHARES)),
        int(rng.choice([7, 15, 30, 45, 60, 90])),
        rng,
    )
    link.invoices = with_reds(invoices, rng) if link.habit != "contract" else invoices
    BY_HABIT[link.habit](link)
    judge(link)
    for paid in link.paid:
        disturb(link, paid, strangers)
    return link


def _written(links: list[Link], seed: int) -> World:
    """One statement a firm: every seller's, and every third buyer's."""
    firms = {p.code: p for link in links for p in (link.seller, link.buyer)}
    moved: dict[str, list[Movement]] = {}
    unclear: set[tuple[str, str]] = set()
    sellers = {link.seller.code for link in links}
    shown = sellers | {code for n, code in enumerate(sorted(firms)) if n % 3 == 0}
    serial = 0
    for link in links:
        for paid in link.paid:
            serial += 1
            source, target = (
                (link.seller, link.buyer) if paid.back else (paid.payer or link.buyer, link.seller)
            )
            unclear |= {(f"S{serial:08d}", i.number) for i in paid.invoices if not paid.clear}
            for holder, other, direction in ((target, source, "in"), (source, target, "out")):
                if holder.code in shown:
                    moved.setdefault(holder.code, []).append(_movement(paid, other, direction, serial))
    codes = sorted(moved)
    statements = []
    for n, code in enumerate(codes):
        firm, rng = firms.get(code) or _stranger(links, code), stream(seed, "bank_noise", n)
        every = sorted([*moved[code], *noise_of(firm, rng, FIRST, DAYS)], key=lambda m: (m.at, m.serial))
        bank, number = firm.account.split(" ")
        statements.append(
            PaperStatement(Holder(firm.name, number, bank, firm.code), 50_000_000, tuple(every))
        )
    return World(
        tuple(i for link in links for i in link.invoices),
        tuple(c for link in links for c in link.contracts),
        tuple(statements),
        tuple(firms.get(code) or _stranger(links, code) for code in codes),
        frozenset(unclear),
    )


def _stranger(links: list[Link], code: str) -> Party:
    return next(p.payer for link in links for p in link.paid if p.payer and p.payer.code == code)


def _movement(paid: Paid, other: Party, direction: str, serial: int) -> Movement:
    late = serial % 5 == 0 and direction == "in"
    at = datetime(paid.day.year, paid.day.month, paid.day.day, 9 + serial % 8, serial % 60) + timedelta(
        days=late
    )
    bank, number = other.account.split(" ")
    return Movement(
        at,
        direction,
        paid.amount_fen,
        other.name,
        number,
        bank,
        summary={"bill": "电子商业汇票", "cash": "现金存入"}.get(paid.way, "转账"),
        remark=paid.remark,
        serial=f"S{serial:08d}",
        way=paid.way if paid.payer is None else "third_party",
        purpose=paid.purpose,
        pays=tuple(i.number for i in paid.invoices),
    )
