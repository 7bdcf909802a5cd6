"""The real rooms behind a decision: features, model, price, cash path, receivables, exposure, authority."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from gnn.registry.folder import current
from graph.snapshot import Snapshot
from ledger.errors import InputError
from ledger.ledger import Ledger
from ledger.state import State
from services.cashflow.agreed import unbilled_of
from services.cashflow.books import days
from services.cashflow.ground import ground_of
from services.cashflow.path import cash_path
from services.credit.churn import churn_in_use, churn_of
from services.credit.decision import Price
from services.credit.gather import Seen
from services.credit.inputs import Money, Use
from services.credit.judging import Model
from services.credit.model_store import keep_model, model_in_use, model_of_version
from services.credit.models.model import NAME
from services.credit.prepared import Prepared
from services.credit.pricing import price
from services.credit.without import kept, without
from services.features import CATALOGUE, FEATURE_SET_VERSION, NUMBERS, REASONS
from services.features.door import door
from services.features.frame import Features
from services.features.lineage import within
from services.features.ties import RUNS
from services.lending.exposure import check
from services.lending.policy import policy_on
from services.lending.receivables import lendable
from services.lending.sales_index import SalesIndex

#: Scenarios of the cash path behind a limit, and days of its longest term.
SCENARIOS, MOST_DAYS = 100, 365
#: Facts told behind a feature.
FACTS = 5
#: Features that rest on the firm's place in a chain: inferred where that is.
_PLACED = tuple(name for name in NUMBERS if CATALOGUE[name].basis == "position")


@dataclass(frozen=True)
class Rooms:
    """The rooms over one snapshot; what takes long is worked out when first asked for, and kept."""

    prepared: Prepared
    state: State
    _models: dict[str | None, Model] = field(default_factory=dict, repr=False, compare=False)
    _known: dict[date, Features] = field(default_factory=dict, repr=False, compare=False)

    def features(self, firm: int, as_of: date) -> Seen:
        """See `services.credit.gather.Sources`."""
        every = self._every(as_of)
        values = tuple(_value(float(every.columns[name].values[firm])) for name in NUMBERS)
        missing = {
            name: REASONS[every.columns[name].missing[firm]]
            for name, value in zip(NUMBERS, values, strict=True)
            if value is None
        }
        return Seen(
            feature_set=FEATURE_SET_VERSION,
            names=NUMBERS,
            values=values,
            missing=missing,
            inferred=_PLACED if every.inferred[firm] else (),
            in_graph="no_graph" not in missing.values(),
            without=lambda edges: without(self.prepared, every, firm, edges, self._in_use.names),
            facts=lambda name: self._facts(every, firm, name),
            rated=lambda firms: self._rated(every, firms),
            kept=kept(self._in_use.names),
        )

    def _every(self, as_of: date) -> Features:
        """The features of all firms; those of the day that was asked for last are kept."""
        found = self._known.get(as_of)
        if found is None:
            found = door(self.prepared.snapshot, as_of).features(NUMBERS)
            self._known.clear()
            self._known[as_of] = found
        return found

    def model(self, version: str | None = None) -> Model:
        """See `services.credit.gather.Sources`."""
        return self._in_use if version is None else model_of_version(self._folder, version)

    def keep_model(self, version: str) -> None:
        """See `services.credit.gather.Sources`."""
        keep_model(self._folder, version)

    def churn(self) -> tuple[str, str]:
        """See `services.credit.gather.Sources`."""
        return churn_in_use()

    def price(self, table: str) -> Price:
        """See `services.credit.gather.Sources`."""
        curve = churn_of(table)
        return lambda pd, lgd: price(pd, lgd, curve)

    def money(self, firm: int, as_of: date, months: int) -> Money:
        """See `services.credit.gather.Sources`."""
        cash, why = self._cash(firm, as_of, months)
        eligible, advance = lendable(
            self.prepared.snapshot, self.prepared.ledger, firm, as_of, index=self.sales, state=self.state
        )
        contracts, unknown = self._contracts(firm, as_of)
        none = "contracts_unbilled_unknown" if unknown else "no_contracts"
        return Money(
            cash_net_fen=cash,
            cash_reason=why,
            receivables_fen=eligible or None,
            receivables_advance_fen=advance if eligible else None,
            receivables_reason=None if eligible else "no_receivables",
            contracts_fen=contracts or None,
            contracts_reason=None if contracts else none,
            contracts_unknown=unknown,
        )

    def uses(self, firm: int, amount_fen: int) -> tuple[tuple[Use, ...], str | None]:
        """See `services.credit.gather.Sources`."""
        found = check(self.prepared.snapshot, self.state, None, firm, amount_fen)
        uses = tuple(
            Use(one.dimension, one.subject, one.limit_fen, one.before_fen, one.effect, one.source, one.over)
            for one in found
        )
        return uses, None if uses else "no_limits"

    def machine_most_fen(self, day: date) -> int:
        """See `services.credit.gather.Sources`."""
        rows = policy_on(day).rows("authority")
        return max((int(row["up_to_fen"]) for row in rows if row["approvals"] == 0), default=0)

    def warm(self) -> "Rooms":
        """Work out now what every decision asks for."""
        snapshot = self.prepared.warm().snapshot
        _ = self.sales, self._in_use
        door(snapshot).features(NUMBERS)
        ground_of(snapshot, self.prepared.ledger)
        return self

    @cached_property
    def sales(self) -> SalesIndex:
        """What every firm sold and was paid; the cash paths' own index, which is kept as long."""
        return ground_of(self.prepared.snapshot, self.prepared.ledger).sales_index

    @property
    def _folder(self) -> Path:
        return self.prepared.ledger.folder

    @property
    def _in_use(self) -> Model:
        """The model that decides now, read anew when another was promoted."""
        used = current(self._folder, NAME)
        if used not in self._models:
            self._models[used] = model_in_use(self._folder)
        return self._models[used]

    def _cash(self, firm: int, as_of: date, months: int) -> tuple[tuple[int, ...] | None, str | None]:
        """Net cash over the term, one number a scenario; None where own books do not show both sides. Without
        statements the path misses outlays that no invoice shows: it comes with a reason and binds nothing."""
        if not self.prepared.own_both(firm):
            return None, "cash_partial_books"
        days = min(MOST_DAYS, round(months * 365 / 12))
        try:
            path = cash_path(
                self.prepared.snapshot, self.prepared.ledger, firm, as_of, days=days, scenarios=SCENARIOS
            )
        except InputError as error:
            return None, error.code
        net = (path.inflow_fen - path.outflow_fen).sum(axis=1)
        why = None if path.basis == "own" else "cash_no_statements"
        return tuple(int(one) for one in np.sort(net)), why

    def _contracts(self, firm: int, as_of: date) -> tuple[int, int]:
        """What signed sales contracts still leave to invoice, with tax, of those in force on the day; and how
        many there are of which nobody can say it."""
        snapshot = self.prepared.snapshot
        signed = self.prepared.contracts_of(firm)
        if signed.is_empty():
            return 0, 0
        rows = signed.filter(
            (pl.col("happened_on") <= as_of)
            & (pl.col("until").fill_null(pl.col("happened_on") + pl.duration(days=RUNS)) >= as_of)
            & (pl.col("basis") == "with_tax")
        )
        if rows.is_empty():
            return 0, 0
        books = ground_of(snapshot, self.prepared.ledger, as_of).books
        held = set(rows["contract"])
        left = [fen for contract, fen in unbilled_of(snapshot, books, firm) if contract in held]
        return sum(fen for fen in left if fen is not None), left.count(None)

    def _rated(self, every: Features, firms: Sequence[int]) -> dict[int, float | None]:
        """Probability of default of other firms; None where no paper of their own is in."""
        names = self._in_use.names
        at = np.array(sorted(set(firms)), np.int32)
        if not len(at):
            return {}
        rows = np.column_stack([np.asarray(every.columns[name].values)[at] for name in names])
        pd = np.round(np.clip(self._in_use.pd(rows), 0.0, 1.0), 6)
        own = ~np.isnan(np.asarray(every.columns["log_sales_all"].values)[at])
        return {int(firm): float(p) if known else None for firm, p, known in zip(at, pd, own, strict=True)}

    def _facts(self, found: Features, firm: int, name: str) -> tuple[str, ...]:
        """A few of the facts that enter a feature, the newest of the largest partners first."""
        windows = within(found.door.seen, firm, name)
        if windows is None:
            return found.lineage(firm, name).facts[:FACTS]
        months = found.door.seen.view.months
        books = ground_of(self.prepared.snapshot, self.prepared.ledger, found.as_of).books
        told = self._marked(firm, name, months, windows)
        for edge, first, last in () if told else windows:
            rows = slice(int(books.at[edge]), int(books.at[edge + 1]))
            low, high = np.searchsorted(books.issued[rows], _days(months, first, last)) + rows.start
            told += books.fact[int(low) : int(high)].reverse().to_list()
            if len(told) >= FACTS:
                break
        if not told and CATALOGUE[name].lineage == "sales":
            told = self._retail(found, firm, name)
        return tuple(dict.fromkeys(told))[:FACTS]

    def _retail(self, found: Features, firm: int, name: str) -> list[str]:
        """Sales invoices that name no buyer: they stand behind no link."""
        months = found.lineage(firm, name).months
        if not months:
            return []
        month = pl.col("happened_on").dt.strftime("%Y-%m")
        inside = month.is_between(pl.lit(months[0]), pl.lit(months[-1]))
        return self.prepared.retail_of(firm).filter(inside).tail(FACTS)["fact"].reverse().to_list()

    def _marked(
        self, firm: int, name: str, months: Sequence[str], windows: list[tuple[int, int, int]]
    ) -> list[str]:
        """Of shares of red and of void sales invoices, those that are red or void."""
        status = "void" if "_void_" in name else "red"
        if not windows or not name.startswith(("sales_red_", "sales_void_", "returned_")):
            return []
        low, high = _days(months, *windows[0][1:])
        rows = self.sales.sold(firm).filter(pl.col("status") == status)
        inside = pl.col("happened_on").cast(pl.Int32).is_between(low, high - 1)
        return rows.filter(inside).sort("happened_on", descending=True)["fact"].to_list()


def rooms_of(snapshot: Snapshot, ledger: Ledger, state: State) -> Rooms:
    """The rooms over a snapshot."""
    return Rooms(Prepared(snapshot, ledger), state)


def _days(months: Sequence[str], first: int, last: int) -> tuple[int, int]:
    """The first day of a month and the day after another one ends, in days since 1970."""
    begin, end = (int(m[:4]) * 12 + int(m[5:]) - 1 for m in (months[first], months[last]))
    return days(date(begin // 12, begin % 12 + 1, 1)), days(date((end + 1) // 12, (end + 1) % 12 + 1, 1))


def _value(number: float) -> float | None:
    return None if np.isnan(number) else round(number, 9)
