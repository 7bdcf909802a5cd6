"""The cash of one firm to come, in scenarios: what is known on its own dates, what is forecast around it.

    inflow  = open receivables + contracts + bills held + forecast sales, each paid after a drawn delay
    outflow = open payables + contracts, rent, bills owed + outlays that come back + taxes + forecast buying

An amount is known or forecast, never both: receivables are invoiced already, the forecast holds later
invoices only, and gives way to contracts of the same two firms.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from zlib import crc32

import numpy as np

from graph.csr import Int64
from graph.snapshot import Snapshot
from ledger.errors import InputError
from ledger.ledger import Ledger
from services.calendar import next_banking_day, tax_due
from services.cashflow.agreed import Agreed, scales
from services.cashflow.bank import Loose, Recurring, balance, bills_due, loose, outlays, recurring
from services.cashflow.books import Floats
from services.cashflow.draws import Firm, draw, rounded
from services.cashflow.flows import KnownFlow
from services.cashflow.ground import MOST_DAYS, Ground, ground_of
from services.cashflow.panel import month_first, month_number
from services.cashflow.receivable import Open, noted_firms, open_of, told

SALES, PURCHASES = 0, 1


@dataclass(frozen=True)
class Note:
    """Something that whoever reads a path must know: the code of a sentence, and what fills it."""

    code: str
    params: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class CashPath:
    """Cash of `firm` from `start` on, with tax, in fen. `inflow_fen`, `outflow_fen`: int64[k, days], a row a
    scenario; `expected_fen`: int64[2, days], their means, in whole fen that add up along days and firms;
    `known_fen`: [in, out] of those expected that are known flows. `basis`: own | partial.
    """

    firm: int
    start: date
    inflow_fen: Int64
    outflow_fen: Int64
    known: list[KnownFlow]
    opening_fen: int | None
    basis: str
    notes: list[Note]
    expected_fen: Int64
    known_fen: tuple[int, int]
    opening_on: date | None = None

    def balance(self) -> Int64:
        """int64[k, days]: opening balance plus all that moved until each day; the movement alone where no
        opening balance is known."""
        return (self.opening_fen or 0) + np.cumsum(self.inflow_fen - self.outflow_fen, axis=1)


def cash_path(
    source: Snapshot,
    ledger: Ledger,
    firm: int,
    as_of: date | None = None,
    days: int = 365,
    scenarios: int = 200,
    opening_fen: int | None = None,
) -> CashPath:
    """The path of the firm in row `firm` for `days` days after `as_of` (None: the data cut-off).

    The same firm, day and snapshot give the same numbers. Raises InputError for a day outside the data, or
    more days or scenarios than there may be.
    """
    ground = ground_of(source, ledger, as_of)
    asked = Asked(days, scenarios, noted_firms(source, ledger))
    return path_on(ground, firm, asked, opening_fen)


@dataclass(frozen=True)
class Asked:
    """How far and how often to draw; `noted`: firms whose receivables somebody noted something about;
    `telling`: whether known flows are told one by one."""

    days: int = 365
    scenarios: int = 200
    noted: frozenset[int] = frozenset()
    telling: bool = True


def path_on(ground: Ground, firm: int, asked: Asked, opening_fen: int | None = None) -> CashPath:
    """`cash_path` on a ground that is at hand."""
    days, scenarios = asked.days, asked.scenarios
    if not 1 <= days <= MOST_DAYS:
        raise InputError("cashflow_horizon", days=days, most=MOST_DAYS)
    if not 10 <= scenarios <= 1_000:
        raise InputError("cashflow_scenarios", scenarios=scenarios, least=10, most=1_000)
    return _Builder(ground, firm, asked).path(opening_fen)


class _Builder:
    """One firm's path, put together."""

    def __init__(self, ground: Ground, firm: int, asked: Asked) -> None:
        self.ground, self.firm, self.asked = ground, firm, asked
        self.days, self.scenarios = days, scenarios = asked.days, asked.scenarios
        self.rules = ground.policy.body
        self.last = ground.as_of + timedelta(days=days)
        # Whatever days are asked for, the same is drawn: a longer path begins with the shorter one.
        self.far = ground.as_of + timedelta(days=MOST_DAYS)
        self.totals = np.zeros((2, scenarios, days), np.int64)
        self.known_sum = [0, 0]

    @cached_property
    def edges(self) -> tuple["np.typing.NDArray[np.int32]", "np.typing.NDArray[np.int32]"]:
        source = self.ground.source
        return source.customers(self.firm), source.suppliers(self.firm)

    def path(self, opening_fen: int | None) -> CashPath:
        ground = self.ground
        own_sales, own_purchases = (until[self.firm] is not None for until in ground.own_until)
        agreed = ground.agreed(self.firm)
        noted = self.firm in self.asked.noted
        opens = [
            open_of(ground, self.firm, self.edges[side], side == SALES, noted) for side in (SALES, PURCHASES)
        ]
        months = [self._draw(side, agreed, opens[side]) for side in (SALES, PURCHASES)]
        own = (own_sales, own_purchases)
        notes = _notes_of_books(*own)
        dated, computed = self._dated(agreed, months, all(own), notes)
        known = [one for one in (*dated, *computed) if one.on <= self.last]
        if self.asked.telling:
            for side in (SALES, PURCHASES):
                known += told(ground, opens[side], side == SALES, self.last)
        notes += _notes_of_flows(agreed, opens[SALES])
        opening, opened = self._opening(opening_fen, notes)
        return CashPath(
            firm=self.firm,
            start=ground.start,
            inflow_fen=self.totals[SALES],
            outflow_fen=self.totals[PURCHASES],
            known=sorted(
                known, key=lambda one: (one.on, one.direction, one.kind, one.partner or -1, one.amount_fen)
            ),
            opening_fen=opening,
            basis="own" if all(own) and self.firm in ground.bank.stated else "partial",
            notes=notes,
            expected_fen=rounded(self.totals.sum(axis=1), self.scenarios),
            known_fen=(self.known_sum[0] // self.scenarios, self.known_sum[1] // self.scenarios),
            opening_on=opened,
        )

    def _dated(
        self, agreed: Agreed, months: list[Floats], own: bool, notes: list[Note]
    ) -> tuple[list[KnownFlow], list[KnownFlow]]:
        """Place contracts, bills, outlays and taxes on their days; returns flows known and flows computed."""
        bank = self.ground.bank
        dated = [*agreed.flows, *bills_due(bank, self.firm, self.far)]
        seen: list[Recurring] = []
        computed: list[KnownFlow] = []
        if self.firm in bank.stated:
            seen, moving = self._seen(agreed)
            dated += outlays(seen, self.ground.as_of, self.far)
            self._loosely(moving)
        else:
            notes.append(Note("cashflow_no_statement"))
        if not any(one.purpose == "tax" for one in seen):
            if own:
                computed = self._vat(months)
            else:
                notes.append(Note("cashflow_no_tax"))
        self._place(dated)
        return dated, computed

    def _draw(self, side: int, agreed: Agreed, open_: Open) -> Floats:
        """Draw open and forecast invoices of one side; returns what is invoiced a month, float64[k, h]."""
        ground, edges = self.ground, self.edges[side]
        forecast = ground.sides[side]
        year = forecast.edge_year[edges]
        retail = float(forecast.retail[self.firm])
        factor = float(ground.books.factor[self.firm, side])
        invoices = int(ground.books.count[self.firm, side])
        months = np.zeros((self.scenarios, len(ground.months)))
        rows = ground.delays.of[edges]
        alike = len(rows) and not retail and bool((rows == rows[0]).all())
        firm = Firm(
            key=ground.key[self.firm],
            open_fen=open_.open_fen,
            age=open_.age,
            row=open_.row,
            observed=open_.observed,
            year=year,
            edge_row=rows,
            one_row=int(rows[0]) if alike else -1,
            quantiles=forecast.quantiles[self.firm],
            scale=self._scale(side, agreed, year, retail, factor),
            factor=factor,
            lumps=min(max(1, round(invoices / 12)), int(self.rules["lumps_most"])),
            swing=float(ground.books.swing[self.firm, side]),
            retail=retail,
        )
        known, _ = draw(ground.world(side, self.scenarios), firm, self.totals[side], months)
        self.known_sum[side] += known
        return months

    def _scale(self, side: int, agreed: Agreed, year: Floats, retail: float, factor: float) -> Floats:
        """What of each month's forecast is not known otherwise: float64[h]."""
        ground, edges = self.ground, self.edges[side]
        mean = ground.sides[side].mean[self.firm].copy()
        mean[0] *= ground.remaining
        whole = float(year.sum()) + retail
        left = np.ones(len(mean))
        if agreed.replaces and whole > 0:
            shares = {int(e): float(y) / whole for e, y in zip(edges, year, strict=True)}
            mine = {e: fen for e, fen in agreed.replaces.items() if e in shares}
            left = scales(mine, shares, mean, factor)
        left[0] *= ground.remaining
        return left

    def _seen(self, agreed: Agreed) -> tuple[list[Recurring], list[Loose]]:
        """What the firm's statements show to come back, and money that no invoice explains."""
        bank = self.ground.bank
        partners = self.ground.partners(self.firm)
        partners |= {flow.partner for flow in agreed.flows if flow.partner is not None}
        partners.add(self.firm)  # money moved between its own accounts
        seen = recurring(bank, self.firm, self.rules["recurring"], partners)
        names = {one.name for one in seen if one.name}
        return seen, loose(bank, self.firm, self.rules["loose"], partners, names)

    def _rng(self, *more: int) -> np.random.Generator:
        return np.random.default_rng([int(self.ground.key[self.firm]), *more])

    def _place(self, flows: list[KnownFlow]) -> None:
        """Put dated flows on their days, with how far amounts swing and days slip, if they do."""
        roll = self.ground.world(SALES, self.scenarios).roll
        every = np.arange(self.scenarios)
        for flow in flows:
            side = SALES if flow.direction == "in" else PURCHASES
            named = f"{flow.kind} {flow.direction} {flow.on} {flow.fact} {flow.amount_fen}"
            rng = self._rng(2, crc32(named.encode()))
            amounts = np.full(self.scenarios, flow.amount_fen, np.float64)
            if flow.spread:
                sigma = float(np.sqrt(np.log1p(flow.spread**2)))
                amounts *= np.exp(sigma * rng.standard_normal(self.scenarios) - sigma**2 / 2)
            at = np.full(self.scenarios, (flow.on - self.ground.start).days)
            if flow.late:
                at = at + rng.exponential(flow.late, self.scenarios).astype(np.int64)
            inside = at < min(self.days, len(roll))
            rolled = roll[np.minimum(at, len(roll) - 1)]
            inside &= rolled < self.days
            fen = np.rint(amounts).astype(np.int64)
            np.add.at(self.totals[side], (every[inside], rolled[inside]), fen[inside])
            self.known_sum[side] += int(fen[inside].sum())

    def _loosely(self, moving: list[Loose]) -> None:
        """Money without invoices: each month draws a past month's sum, on one of its banking days; of the
        month that runs, the part of its days that is left."""
        roll = self.ground.world(SALES, self.scenarios).roll
        for n, one in enumerate(moving):
            side = SALES if one.direction == "in" else PURCHASES
            rng = self._rng(3, n)
            for first in self.ground.months:
                ends = month_first(month_number(first) + 1)
                begins = max((first - self.ground.start).days, 0)
                left = (ends - max(first, self.ground.start)).days / (ends - first).days
                sums = np.rint(rng.choice(np.array(one.sums, np.int64), self.scenarios) * left).astype(
                    np.int64
                )
                days = rng.integers(begins, max((ends - self.ground.start).days, begins + 1), self.scenarios)
                inside = days < min(self.days, len(roll))
                rolled = roll[np.minimum(days, len(roll) - 1)]
                inside &= rolled < self.days
                np.add.at(self.totals[side], (np.flatnonzero(inside), rolled[inside]), sums[inside])

    def _vat(self, months: list[Floats]) -> list[KnownFlow]:
        """VAT with its surcharges on what is sold and bought, a month later on the day of law.

        Amounts follow the scenarios and are placed here; the flows that are told hold their means.
        """
        ground = self.ground
        parts = []
        for side in (SALES, PURCHASES):
            factor = float(ground.books.factor[self.firm, side])
            last = max(float(np.nan_to_num(ground.sides[side].panel[self.firm, -1])), 0.0) * factor
            whole = np.concatenate([np.full((self.scenarios, 1), last), months[side]], axis=1)
            whole[:, 1] += self._written(side)
            parts.append(whole * (1 - 1 / factor))
        # What is bought for more than is sold is carried forward.
        running = np.cumsum(parts[SALES] - parts[PURCHASES], axis=1)
        due_sum = np.maximum.accumulate(np.maximum(running, 0), axis=1)
        owed = np.diff(due_sum, axis=1, prepend=0) * (1 + self.rules["vat"]["surcharge"])
        flows = []
        for h, first in enumerate(ground.months):
            on = next_banking_day(tax_due(first.year, first.month))
            at = (on - ground.start).days
            fen = np.rint(owed[:, h]).astype(np.int64)
            if 0 <= at < self.days and fen.sum():
                self.totals[PURCHASES][:, at] += fen
                flows.append(KnownFlow("vat", "out", on, round(float(fen.mean())), "computed"))
        return flows

    def _written(self, side: int) -> int:
        """What was invoiced in the month that runs, until today: fen with tax, consumers left out."""
        books = self.ground.books
        rows = books.rows_of(self.edges[side])
        since = self.ground.today - self.ground.as_of.day
        ahead = self.ground.months[0] > self.ground.as_of
        return 0 if ahead else int(books.total_fen[rows][books.issued[rows] > since].sum())

    def _opening(self, given: int | None, notes: list[Note]) -> tuple[int | None, date | None]:
        if given is not None:
            return given, None
        bank = self.ground.bank
        found = balance(bank, self.firm, self.rules["opening_days"]) if self.firm in bank.stated else None
        if found is None:
            notes.append(Note("cashflow_no_opening"))
            return None, None
        return found


def _notes_of_books(own_sales: bool, own_purchases: bool) -> list[Note]:
    notes = []
    if not own_sales:
        notes.append(Note("cashflow_sales_seen"))
    if not own_purchases:
        notes.append(Note("cashflow_purchases_seen"))
    return notes


def _notes_of_flows(agreed: Agreed, open_: Open) -> list[Note]:
    notes = []
    if agreed.undated:
        notes.append(Note("cashflow_undated", {"count": agreed.undated, "amount_fen": agreed.undated_fen}))
    if open_.sold:
        notes.append(Note("cashflow_purchased", {"count": open_.sold, "amount_fen": open_.sold_fen}))
    return notes
