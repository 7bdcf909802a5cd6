"""How two invented firms settle with each other: their invoices, and what was meant to be paid when."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

import numpy as np

from seeds.contract import ContractLine, PaperContract, Term
from seeds.paper import Party

#: The two years of the world.
FIRST, DAYS = date(2024, 1, 1), 730


@dataclass(frozen=True)
class Owed:
    """An invoice as far as payments know it; total with tax. A red one is negative and `reverses` another."""

    number: str
    seller: Party
    buyer: Party
    day: date
    total_fen: int
    remark: str = ""
    reverses: str = ""


@dataclass
class Paid:
    """One payment as it was meant."""

    day: date
    amount_fen: int
    invoices: list[Owed]
    named: bool = False  # its words name all its invoices, or the contract that has no others
    remark: str = ""
    payer: Party | None = None  # who paid for the buyer
    way: str = "transfer"
    purpose: str = "trade"
    clear: bool = True  # nothing else that was open would explain it as well
    back: bool = False  # from the seller to the buyer


@dataclass
class Link:
    """A seller and a buyer, with their habits and what is open between them."""

    seller: Party
    buyer: Party
    habit: str
    remark: str
    lag: int
    rng: np.random.Generator
    invoices: list[Owed] = field(default_factory=list)
    paid: list[Paid] = field(default_factory=list)
    contracts: list[PaperContract] = field(default_factory=list)


def with_reds(invoices: list[Owed], rng: np.random.Generator) -> list[Owed]:
    """Some invoices are taken back, in whole or in part, soon after or much later."""
    made = list(invoices)
    for blue in invoices:
        if rng.random() < 0.02:
            share = 1.0 if rng.random() < 0.4 else float(rng.uniform(0.05, 0.5))
            day = blue.day + timedelta(days=int(rng.integers(2, 120)))
            back = -max(int(blue.total_fen * share), 100)
            number = blue.number[:-12] + f"{90_000_000 + int(blue.number[-9:]) % 9_999_999:012d}"
            remark = f"被红冲蓝字数电票号码：{blue.number}"
            made.append(
                replace(blue, number=number, day=day, total_fen=back, remark=remark, reverses=blue.number)
            )
    return sorted(made, key=lambda i: (i.day, i.number))


def net(link: Link, invoice: Owed, day: date) -> int:
    """What is left of an invoice after the red ones issued by `day`."""
    return invoice.total_fen + sum(
        r.total_fen for r in link.invoices if r.reverses == invoice.number and r.day <= day
    )


def _blues(link: Link) -> list[Owed]:
    """Invoices that will be paid at all: one in thirty never is."""
    return [i for i in link.invoices if i.total_fen > 0 and link.rng.random() > 0.03]


def _late(link: Link) -> int:
    return link.lag + int(link.rng.exponential(6))


def put(link: Link, day: date, invoices: list[Owed], amount: int | None = None) -> None:
    """A payment of all that is owed on these invoices, or of `amount`."""
    total = sum(net(link, i, day) for i in invoices) if amount is None else amount
    if total > 0 and (day - FIRST).days < DAYS:
        link.paid.append(Paid(day, total, [i for i in invoices if net(link, i, day) > 0]))
        for invoice in invoices if amount is None else ():
            _give_back(link, invoice, day)


def _give_back(link: Link, invoice: Owed, paid_on: date) -> None:
    """What was paid and then taken back is refunded."""
    for red in link.invoices:
        if red.reverses == invoice.number and red.day > paid_on and link.rng.random() < 0.7:
            day = red.day + timedelta(days=int(link.rng.integers(1, 20)))
            if (day - FIRST).days < DAYS:
                said = ("退款", "退货款", "")[int(link.rng.integers(0, 3))]
                link.paid.append(Paid(day, -red.total_fen, [red], remark=said, purpose="refund", back=True))


def _each(link: Link) -> None:
    for invoice in _blues(link):
        put(link, invoice.day + timedelta(days=_late(link)), [invoice])
    if link.habit == "bill":
        for paid in link.paid:
            paid.way = "bill"


def _monthly(link: Link) -> None:
    """All of a month at once; now and then a disputed one is left for the next time."""
    waiting: list[Owed] = []
    for _, group in groupby(_blues(link), key=lambda i: (i.day.year, i.day.month)):
        batch = [*waiting, *group]
        waiting = [i for i in batch if len(batch) > 1 and link.rng.random() < 0.04]
        now = [i for i in batch if i not in waiting]
        if now:
            put(link, now[-1].day.replace(day=28) + timedelta(days=_late(link)), now)


def _several(link: Link) -> None:
    """Two to five in a row, oldest first; sometimes one of them is left out."""
    left = _blues(link)
    while left:
        take = left[: int(link.rng.integers(2, 6))]
        if len(take) > 2 and link.rng.random() < 0.12:
            take.pop(int(link.rng.integers(0, len(take) - 1)))
        left = [i for i in left if i not in take]
        put(link, take[-1].day + timedelta(days=_late(link)), take)


def _on_account(link: Link) -> None:
    """Round sums against the running account, oldest first."""
    due = _blues(link)
    owed = {i.number: net(link, i, FIRST + timedelta(days=DAYS)) for i in due}
    typical = sum(i.total_fen for i in link.invoices) / max(len(due), 1)
    unit = 10 ** (len(str(int(typical))) - 1)
    day = FIRST + timedelta(days=90)
    while due and (day - FIRST).days < DAYS:
        open_ = [i for i in due if i.day < day and owed[i.number] > 0]
        rest = sum(owed[i.number] for i in open_) // unit * unit
        left = amount = min(unit * int(link.rng.integers(1, 16)), rest)
        hit = []
        for invoice in open_:
            part = min(left, owed[invoice.number])
            if part > 0:
                owed[invoice.number] -= part
                left -= part
                hit.append(invoice)
        if hit:
            put(link, day, hit, amount)
        day += timedelta(days=15 + int(link.rng.integers(0, 30)))


def _parts(link: Link) -> None:
    """Each invoice in two or three instalments, the last of which is the rest."""
    for invoice in _blues(link):
        day = invoice.day + timedelta(days=_late(link))
        total = net(link, invoice, invoice.day + timedelta(days=400))
        first = int(total * float(link.rng.choice([0.3, 0.5, 0.6]))) // 10_000 * 10_000
        if not 0 < first < total:
            put(link, day, [invoice])
            continue
        put(link, day, [invoice], first)
        put(link, day + timedelta(days=int(link.rng.integers(15, 60))), [invoice], total - first)


def _by_contract(link: Link) -> None:
    """Prepaid by contract; the invoice names the contract, and so do most payments."""
    made = []
    for n, invoice in enumerate(_blues(link)[::2]):
        number = f"HT{invoice.day:%Y%m}-{invoice.number[-6:]}{n:02d}"
        signed = invoice.day - timedelta(days=int(link.rng.integers(20, 60)))
        shares = ((0.3, 0.7), (0.3, 0.6, 0.1), (0.5, 0.5))[int(link.rng.integers(0, 3))]
        amounts = [int(invoice.total_fen * s) for s in shares[:-1]]
        amounts.append(invoice.total_fen - sum(amounts))
        terms = tuple(
            Term("retention" if k == 2 else "payment", "signing" if k == 0 else "invoice", Decimal(str(s)))
            for k, s in enumerate(shares)
        )
        line = ContractLine("货物", invoice.total_fen)
        link.contracts.append(
            PaperContract(number, "purchase", signed, link.seller, link.buyer, (line,), terms)
        )
        told = replace(invoice, remark=f"合同号：{number}" if link.rng.random() < 0.85 else "")
        made.append(told)
        later, last = _late(link), 180 + _late(link)
        days = [signed + timedelta(days=4), *(invoice.day + timedelta(days=d) for d in (later, last))]
        for day, amount in zip(days, amounts, strict=False):
            put(link, day, [told], amount)
            if link.rng.random() < 0.75 and link.paid and (day - FIRST).days < DAYS:
                link.paid[-1].remark, link.paid[-1].named = f"{number}货款", bool(told.remark)
    link.invoices = made


#: How each habit pays.
BY_HABIT = {
    "each": _each,
    "bill": _each,
    "month": _monthly,
    "several": _several,
    "on_account": _on_account,
    "parts": _parts,
    "contract": _by_contract,
}
