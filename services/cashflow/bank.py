"""What a firm's own statements show: outlays that come back, money without an invoice, bills, the balance.

Only a firm's own statements count; where there are none, its wages, taxes and rent are not known.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from statistics import median, pstdev
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from graph.csr import Int64
from graph.snapshot import Snapshot
from ledger.ledger import Ledger
from services.calendar import next_banking_day, tax_due
from services.cashflow.flows import KnownFlow
from services.cashflow.panel import month_first, month_number

_LOCAL = pl.col("known_at").dt.convert_time_zone("Asia/Shanghai").dt.date()
#: Purposes whose payments may come back every month or quarter.
_OUTLAYS = ("wages", "social", "tax", "fee", "interest", "trade")
#: Outlays that may be told by purpose alone, whoever is paid.
_BY_PURPOSE = ("wages", "social", "tax", "fee", "interest")


@dataclass(frozen=True)
class Recurring:
    """An outlay that comes back every `every` months: about `amount_fen` on day `day` of the month."""

    purpose: str
    name: str | None
    every: int
    amount_fen: int
    spread: float
    day: int
    months: tuple[int, ...]  # in which it was seen, counted from year 0


@dataclass(frozen=True)
class Loose:
    """Trade money that no invoice explains: its sums in each of the last `months` months and their days."""

    direction: str
    sums: tuple[int, ...]


class Move(NamedTuple):
    """A movement of a firm's account."""

    partner: int | None
    fact: str
    account: str
    on: date
    direction: str
    fen: int
    purpose: str
    balance_fen: int | None
    name: str | None


class Span(NamedTuple):
    """A statement: its account and days."""

    account: str
    first: date
    last: date
    closing_fen: int | None
    channel: str


@dataclass(frozen=True)
class Bank:
    """What is known on `day`, by enterprise. `rows`: movements; `spans`: statements; `bills`: not due yet;
    `explained`: facts of payments that an invoice or contract explains."""

    day: date
    rows: pl.DataFrame
    spans: pl.DataFrame
    bills: pl.DataFrame
    explained: frozenset[str]

    @cached_property
    def stated(self) -> frozenset[int]:
        """Firms with statements of their own."""
        return frozenset(self.spans["enterprise"].to_list())

    @cached_property
    def holding(self) -> frozenset[int]:
        """Firms with bills that are not due yet."""
        return frozenset(self.bills["enterprise"].to_list())

    def of(self, firm: int) -> list[Move]:
        """Movements of one firm, oldest first."""
        return [Move(*row[1:]) for row in _of(self.rows, self._rows_at, firm)]

    def statements(self, firm: int) -> list[Span]:
        """Statements of one firm, by account and day."""
        return [Span(*row[1:]) for row in _of(self.spans, self._spans_at, firm)]

    def months(self, firm: int) -> set[int]:
        """Months that statements of a firm cover in whole or in part, counted from year 0."""
        found: set[int] = set()
        for one in self.statements(firm):
            found |= set(range(month_number(one.first), month_number(min(one.last, self.day)) + 1))
        return found

    @cached_property
    def _rows_at(self) -> Int64:
        return self.rows["enterprise"].to_numpy()

    @cached_property
    def _spans_at(self) -> Int64:
        return self.spans["enterprise"].to_numpy()


def _of(frame: pl.DataFrame, firms: Int64, firm: int) -> list[tuple[Any, ...]]:
    low, high = np.searchsorted(firms, (firm, firm + 1))
    return frame.slice(int(low), int(high - low)).rows()


def bank_of(source: Snapshot, ledger: Ledger, day: date) -> Bank:
    """What statements and bills show on `day`."""
    who = source.members.lazy().select("party", "enterprise")
    known = (pl.col("happened_on") <= day) & (day >= _LOCAL) & (pl.col("currency").fill_null("CNY") == "CNY")
    rows = (
        ledger.scan("bank_flows")
        .filter(known)
        .join(who, left_on="owner", right_on="party")
        .join(who.rename({"enterprise": "partner"}), left_on="counterparty", right_on="party", how="left")
        .select(
            *("enterprise", "partner", "fact", "account", "happened_on", "direction", "amount_fen"),
            *("purpose", "balance_fen", "row"),
            name="counterparty_name",
        )
        .sort("enterprise", "happened_on", "row", "fact")
        .unique(["enterprise", "fact"], keep="first", maintain_order=True)
        .drop("row")
        .collect()
    )
    spans = (
        ledger.scan("statements")
        .filter(pl.col("channel") != "bills", pl.col("from") <= day, pl.col("until").is_not_null())
        .filter(pl.col("currency").fill_null("CNY") == "CNY")
        .join(who, left_on="owner", right_on="party")
        .select("enterprise", "account", "from", "until", "closing_fen", "channel")
        .unique()
        .sort("enterprise", "account", "until", "from")
        .collect()
    )
    bills = (
        ledger.scan("bills")
        .filter(known)
        .join(who, left_on="owner", right_on="party")
        .with_columns(own=_pays())
        .sort("enterprise", "number", "happened_on", "row")
        .unique(["enterprise", "number"], keep="last", maintain_order=True)
        .filter(pl.col("due_on") > day)
        .select("enterprise", "fact", "event", "due_on", "amount_fen", "own")
        .collect()
    )
    paid = source.settlements.filter((pl.col("happened_on") <= day) & (pl.col("basis") != "asked"))
    return Bank(day, rows, spans, bills, frozenset(paid["payment"].drop_nulls().to_list()))


def _pays() -> pl.Expr:
    """Whether the owner finds a bill's money: who accepted it; of one that a bank accepts, who drew it."""
    accepted = (pl.coalesce("acceptor", "drawer") == pl.col("owner")).fill_null(False)
    return accepted | ((pl.col("kind") == "bank") & (pl.col("drawer") == pl.col("owner"))).fill_null(False)


def recurring(bank: Bank, firm: int, rules: dict[str, Any], partners: set[int]) -> list[Recurring]:
    """Outlays of a firm that come back. What an invoice or contract explains, and trade with `partners`, who
    have invoices or contracts, is told there."""
    months = sorted(bank.months(firm))[-12:]
    if len(months) < rules["months"]:
        return []
    groups: dict[tuple[str, str], list[Move]] = {}
    for one in bank.of(firm):
        if one.direction != "out" or one.purpose not in _OUTLAYS or one.fact in bank.explained:
            continue
        if one.purpose == "trade" and (one.partner in partners or one.name is None):
            continue
        who = "" if one.purpose in _BY_PURPOSE else str(one.name)
        groups.setdefault((one.purpose, who), []).append(one)
    found = (_pattern(purpose, who or None, mine, months, rules) for (purpose, who), mine in groups.items())
    return sorted((one for one in found if one), key=lambda one: (one.purpose, one.name or ""))


def _pattern(
    purpose: str, who: str | None, group: list[Move], months: list[int], rules: dict[str, Any]
) -> Recurring | None:
    """The group as an outlay of every month or quarter, None where it is neither."""
    sums: dict[int, int] = {}
    dates: dict[int, int] = {}
    for one in group:
        month = month_number(one.on)
        sums[month] = sums.get(month, 0) + one.fen
        dates[month] = one.on.day
    seen = [m for m in months if m in sums]
    every = 1 if len(seen) >= rules["share"] * len(months) else 3
    if every == 3 and (len(seen) < 3 or {b - a for a, b in pairwise(seen)} != {3}):
        return None
    if not seen or months[-1] - seen[-1] >= 2 * every:
        return None
    values = [sums[m] for m in seen]
    middle = round(median(values))
    spread = min(pstdev(values) / middle, 1.0) if middle else 0.0
    return Recurring(purpose, who, every, middle, spread, round(median(dates[m] for m in seen)), tuple(seen))


def outlays(found: list[Recurring], day: date, last: date) -> list[KnownFlow]:
    """The outlays of every month or quarter after `day` until `last`, on banking days."""
    flows = []
    for one in found:
        month = one.months[-1] + one.every
        while month <= month_number(last):
            on = _due(one, month)
            if day < on <= last:
                flows.append(KnownFlow(one.purpose, "out", on, one.amount_fen, "history", spread=one.spread))
            month += one.every
    return flows


def _due(one: Recurring, month: int) -> date:
    """When an outlay is paid in a month: taxes by law, the others on their usual day, rolled."""
    first = month_first(month)
    if one.purpose == "tax":
        return tax_due(first.year, first.month)
    days = (month_first(month + 1) - first).days
    return next_banking_day(first.replace(day=min(one.day, days)))


def bills_due(bank: Bank, firm: int, last: date) -> list[KnownFlow]:
    """Bills held come in, bills drawn or accepted go out, on the banking day they fall due."""
    flows: list[KnownFlow] = []
    if firm not in bank.holding:
        return flows
    for _, fact, event, due_on, fen, own in _of(bank.bills, bank.bills["enterprise"].to_numpy(), firm):
        on = next_banking_day(due_on)
        held = event == "received"
        if on <= last and (held or (event in ("drawn", "accepted") and own)):
            flows.append(KnownFlow("bill", "in" if held else "out", on, fen, "bill", fact=fact))
    return flows


def loose(bank: Bank, firm: int, rules: dict[str, Any], partners: set[int], told: set[str]) -> list[Loose]:
    """Trade money of the last months that no invoice explains, where it is no trifle.

    Money from or to a partner with invoices pays those, whether or not the matching found which; what is told
    as recurring (`told`: names paid) is left out. A month that has not ended says nothing of a whole one.
    """
    current = (
        month_number(bank.day) if month_number(bank.day + timedelta(days=1)) == month_number(bank.day) else -1
    )
    covered = sorted(bank.months(firm) - {current})[-int(rules["months"]) :]
    if not covered:
        return []
    trade = [
        one
        for one in bank.of(firm)
        if one.purpose == "trade" and covered[0] <= month_number(one.on) and month_number(one.on) != current
    ]
    found = []
    for direction in ("in", "out"):
        every = [one for one in trade if one.direction == direction]
        mine = [
            one
            for one in every
            if one.fact not in bank.explained and one.partner not in partners and one.name not in told
        ]
        if mine and sum(one.fen for one in mine) >= rules["share"] * sum(one.fen for one in every):
            sums = dict.fromkeys(covered, 0)
            for one in mine:
                sums[month_number(one.on)] = sums.get(month_number(one.on), 0) + one.fen
            found.append(Loose(direction, tuple(sums.values())))
    return found


def balance(bank: Bank, firm: int, within: int) -> tuple[int, date] | None:
    """What the firm's bank accounts held together by their last statements, and the oldest day of those.

    None where there is none, or one of them ends more than `within` days before the day.
    """
    last = {one.account: one for one in bank.statements(firm) if one.channel == "bank"}
    moves = bank.of(firm)
    total, oldest = 0, bank.day
    for account, one in last.items():
        until = min(one.last, bank.day)
        printed = [m.balance_fen for m in moves if m.account == account and m.balance_fen is not None]
        if until < bank.day - timedelta(days=within):
            return None
        if one.last <= bank.day and one.closing_fen is not None:
            total += one.closing_fen
        elif printed:
            total += printed[-1]
        else:
            return None
        oldest = min(oldest, until)
    return (total, oldest) if last else None
