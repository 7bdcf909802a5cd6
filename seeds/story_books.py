"""What the story firm hands in beside its invoices: statements, contracts, returns, balance sheets.

All of it follows from its invoices and from who paid them; wages, rent and taxes are invented.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl

from seeds.contract import ContractLine, PaperContract, Term
from seeds.contracts import write_contract
from seeds.declarations import PaperBalance, PaperReturn, statements_xlsx, vat_return_xlsx
from seeds.firms import STORY, Firms
from seeds.goods import Goods
from seeds.paper import Party
from seeds.seasons import FIRST, LAST
from seeds.statement import Holder, Movement, PaperStatement
from seeds.statements import write_statement
from seeds.story import party
from seeds.streams import stream

#: Which bank's export each span of the account is written as: from, until, layout.
_SPANS = (
    (date(2024, 1, 1), date(2024, 12, 31), "ccb"),
    (date(2025, 1, 1), date(2025, 6, 30), "icbc"),
    (date(2025, 7, 1), date(2025, 12, 31), "ccb_pdf"),
)
_LEASE = (date(2023, 1, 1), date(2027, 12, 31))
_RENT_FEN = 3_600_000  # a quarter, for 500 square metres
_LEAST_BALANCE = 5_000_000
_VAT = Decimal("0.13")


@dataclass(frozen=True)
class Books:
    """What the papers are made from. `lines`: invoice lines of the firm and its partners; `paid`: payments
    between them (seeds.payments); `order`: the buyer, day and amount of the order just won."""

    firms: Firms
    goods: Goods
    lines: pl.DataFrame
    paid: pl.DataFrame
    order: tuple[int, date, int]
    seed: int


def write_story_books(folder: Path, books: Books) -> list[tuple[Path, int]]:
    """Write all of it below `folder`; returns each document with its rows."""
    folder.mkdir(parents=True, exist_ok=True)
    written = _write_statements(folder, books)
    for name, layout, contract in _contracts(books):
        suffix = "pdf" if layout.endswith("pdf") else "docx"
        path = folder / f"{name}.{suffix}"
        path.write_bytes(write_contract(contract, layout))
        written.append((path, max(1, len(contract.lines))))
    for paper in _returns(books):
        path = folder / f"增值税申报表_{paper.begins:%Y%m}.xlsx"
        path.write_bytes(vat_return_xlsx(paper))
        written.append((path, 1))
    for year in (FIRST.year, LAST.year):
        path = folder / f"财务报表_{year}.xlsx"
        path.write_bytes(statements_xlsx(_balance(books, year)))
        written.append((path, 1))
    return written


def landlord(firms: Firms) -> int:
    """The firm that lets the plant: the first other one of the place."""
    same = np.flatnonzero(firms.place == firms.place[STORY])
    return int(same[same != STORY][0])


def _write_statements(folder: Path, books: Books) -> list[tuple[Path, int]]:
    """The firm's account over two years, in three exports whose balances run on."""
    movements = sorted((*_payments(books), *_costs(books)), key=lambda m: (m.at, m.serial))
    bank, account = party(books.firms, STORY).account.split(" ")
    holder = Holder(books.firms.name[STORY], account, bank, books.firms.code[STORY])
    balance = _opening(movements)
    written = []
    for begins, ends, layout in _SPANS:
        part = tuple(m for m in movements if begins <= m.at.date() <= ends)
        paper = PaperStatement(holder, balance, part)
        suffix, data = write_statement(paper, layout)
        path = folder / f"{holder.bank}_{begins:%Y%m%d}-{ends:%Y%m%d}.{suffix}"
        path.write_bytes(data)
        written.append((path, len(part)))
        balance = paper.balances()[-1] if part else balance
    return written


def _opening(movements: list[Movement]) -> int:
    """Enough that the account is never overdrawn."""
    lowest = min((0, *PaperStatement(Holder("", "", ""), 0, tuple(movements)).balances()))
    return -(-(_LEAST_BALANCE - lowest) // 1_000_000) * 1_000_000


def _payments(books: Books) -> list[Movement]:
    """Transfers of customers and to suppliers; some name the invoice, some only the goods."""
    firms, rng = books.firms, stream(books.seed, "story-bank")
    number_of = {code: i for i, code in enumerate(firms.code)}
    mine = books.paid.filter(pl.col("kind") == "transfer").sort("paid_on", "invoice")
    movements = []
    luck = rng.random(len(mine))
    for nth, (row, chance) in enumerate(zip(mine.iter_rows(named=True), luck, strict=True)):
        got = row["payee"] == firms.code[STORY]
        other = party(firms, number_of[row["payer"] if got else row["payee"]])
        bank, account = other.account.split(" ")
        remark = f"发票{row['invoice']}" if chance < 0.3 else "货款" if chance < 0.8 else ""
        movements.append(
            Movement(
                at=_clock(row["paid_on"], nth),
                direction="in" if got else "out",
                amount_fen=row["amount_fen"],
                counterparty=other.name,
                counterparty_account=account,
                counterparty_bank=bank,
                summary="转账",
                remark=remark,
                serial=f"P{nth:08d}",
                pays=(row["invoice"],),
            )
        )
    return movements


def _costs(books: Books) -> list[Movement]:
    """Wages on the 10th, taxes on the 15th, social insurance on the 20th, rent each quarter, bank fees."""
    rng = stream(books.seed, "story-costs")
    owner = party(books.firms, landlord(books.firms))
    let_bank, let_account = owner.account.split(" ")
    movements = []
    for nth, first in enumerate(_months()):
        wages = int(rng.integers(5_500, 6_500)) * 2_500
        plan = [
            (10, wages, "代发工资", "wages", "", "", ""),
            (15, int(rng.integers(30_000, 90_000)) * 10, "缴税", "tax", "国家金库平湖市支库", "", ""),
            (20, round(wages * 0.26), "社会保险费", "social", "平湖市社会保险事业管理服务中心", "", ""),
            (21, 1_500, "账户管理费", "fee", "", "", ""),
        ]
        if first.month % 3 == 1:
            plan.append((5, _RENT_FEN, "厂房租金", "trade", owner.name, let_account, let_bank))
        for day, fen, summary, purpose, name, account, bank in plan:
            movements.append(
                Movement(
                    at=_clock(first.replace(day=day), nth), direction="out", amount_fen=fen,
                    counterparty=name, counterparty_account=account, counterparty_bank=bank,
                    summary=summary, serial=f"C{nth:04d}{day:02d}", purpose=purpose,
                )
            )  # fmt: skip
    return movements


def _clock(day: date, nth: int) -> datetime:
    return datetime(day.year, day.month, day.day, 9) + timedelta(seconds=nth * 37 % 28_800)


def _months() -> list[date]:
    return [date(year, month, 1) for year in range(FIRST.year, LAST.year + 1) for month in range(1, 13)]


def _contracts(books: Books) -> list[tuple[str, str, PaperContract]]:
    """(file name, layout, contract): the lease, the order just won, frameworks with the main suppliers."""
    firms = books.firms
    me, owner = party(firms, STORY), party(firms, landlord(firms))
    found = [("厂房租赁合同", "plant_docx", _lease(me, owner))]
    customer, signed, amount = books.order
    found.append(("销售合同_新订单", "supply_pdf", _order(me, party(firms, customer), signed, amount)))
    own = books.lines.filter((pl.col("dst") == STORY) & (pl.col("amount") > 0))
    main = own.group_by("src").agg(pl.col("amount").sum()).sort("amount", "src", descending=[True, False])
    for nth, supplier in enumerate(main["src"].head(2).to_list(), 1):
        contract = _framework(nth, party(firms, supplier), me)
        found.append((f"采购框架协议_{nth}", "framework_docx", contract))
    return found


def _lease(me: Party, owner: Party) -> PaperContract:
    rent = Term(
        "rent", amount_fen=_RENT_FEN, due_on=date(2023, 1, 5), every_months=3, until=_LEASE[1], trigger="date"
    )
    return PaperContract(
        number="HT-ZL-2022-018", kind="lease", signed=date(2022, 12, 20), seller=owner, buyer=me,
        terms=(rent,), starts=_LEASE[0], until=_LEASE[1], deposit_fen=_RENT_FEN,
        subject=f"{owner.address}厂房500平方米", place="平湖",
        penalty="逾期支付租金的，每日按欠付租金的万分之五支付违约金",
    )  # fmt: skip


def _order(me: Party, customer: Party, signed: date, amount: int) -> PaperContract:
    """The large order: a third in advance, most after delivery, the rest a year later."""
    tons = Decimal(60)
    line = ContractLine(
        item="高温尼龙切片", specification="PA6T", unit="吨", quantity=tons,
        price=(Decimal(amount) / 100 / tons).quantize(Decimal("0.01")), amount_fen=amount,
        deliver_on=date(signed.year + 1, 1, 31),
    )  # fmt: skip
    terms = (
        Term("payment", "signing", share=Decimal("0.3"), days=7),
        Term("payment", "delivery", share=Decimal("0.6"), days=30),
        Term("retention", "acceptance", share=Decimal("0.1"), days=365),
        Term("delivery", "date", due_on=date(signed.year + 1, 1, 31)),
    )
    return PaperContract(
        number=f"XS-{signed:%Y%m%d}-01", kind="sales", signed=signed, seller=me, buyer=customer,
        lines=(line,), terms=terms, rate=_VAT, place="平湖",
        penalty="逾期交货的，每日按逾期货款的千分之一支付违约金",
    )  # fmt: skip


def _framework(nth: int, supplier: Party, me: Party) -> PaperContract:
    terms = (Term("payment", "statement", share=Decimal(1), days=60),)
    return PaperContract(
        number=f"KJ-2024-{nth:03d}", kind="framework", signed=date(2023, 12, 18), seller=supplier, buyer=me,
        terms=terms, starts=date(2024, 1, 1), until=date(2026, 12, 31), subject="原材料采购", place="平湖",
    )  # fmt: skip


def _returns(books: Books) -> list[PaperReturn]:
    """VAT returns of the last year: what was invoiced, and a little that was not."""
    rng, owner = stream(books.seed, "story-returns"), party(books.firms, STORY)
    sold = books.lines.filter((pl.col("src") == STORY) & (pl.col("status") != 1))
    papers, before = [], 0
    for first in (m for m in _months() if m.year == LAST.year):
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        days = ((first - FIRST).days, (after - FIRST).days)
        month = sold.filter(pl.col("day").is_between(*days, closed="left"))
        special = int(month.filter(pl.col("kind").is_in([0, 2]))["amount"].sum())
        other = int(month.filter(~pl.col("kind").is_in([0, 2]))["amount"].sum())
        uninvoiced = int(rng.integers(0, 300)) * 1_000
        paper = PaperReturn(
            owner, first, after - timedelta(days=1), after.replace(day=12), special, other, uninvoiced,
            before_fen=before,
        )  # fmt: skip
        before += paper.total_fen
        papers.append(paper)
    return papers


def _balance(books: Books, year: int) -> PaperBalance:
    """A year's statements: sales from the invoices, the rest in the proportions of a small maker."""
    sold = books.lines.filter((pl.col("src") == STORY) & (pl.col("status") != 1))
    days = ((date(year, 1, 1) - FIRST).days, (date(year + 1, 1, 1) - FIRST).days)
    revenue = int(sold.filter(pl.col("day").is_between(*days, closed="left"))["amount"].sum())
    cost, profit = revenue * 78 // 100, revenue * 6 // 100
    cash, receivables, stock, fixed = (revenue * n // 100 for n in (6, 21, 12, 30))
    total = cash + receivables + stock + fixed
    payables, loans = revenue * 17 // 100, revenue * 8 // 100
    equity = total - payables - loans

    def pair(fen: int) -> tuple[int, int]:
        return fen, fen * 9 // 10

    assets = {
        "货币资金": cash,
        "应收账款": receivables,
        "存货": stock,
        "流动资产合计": cash + receivables + stock,
    }
    assets |= {"固定资产": fixed}
    sources = {"短期借款": loans, "应付账款": payables, "负债合计": loans + payables}
    opening = sum(pair(assets[item])[1] for item in ("货币资金", "应收账款", "存货", "固定资产"))
    owed = pair(loans)[1] + pair(payables)[1]
    return PaperBalance(
        party(books.firms, STORY), date(year, 1, 1), date(year, 12, 31),
        {k: pair(v) for k, v in assets.items()} | {"资产总计": (total, opening)},
        {k: pair(v) for k, v in sources.items()}
        | {"负债合计": (loans + payables, owed), "所有者权益（或股东权益）合计": (equity, opening - owed),
           "负债和所有者权益（或股东权益）总计": (total, opening)},
        {"一、营业收入": (revenue, revenue), "减：营业成本": (cost, cost), "四、净利润": (profit, profit)},
    )  # fmt: skip
