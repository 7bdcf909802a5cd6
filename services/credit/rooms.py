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
from services.features import FEATURE_SET_VERSION, NUMBERS
from services.features.door import door
from services.features.frame import Features
from services.lending.exposure import check
from services.lending.policy import policy_on
from services.lending.receivables import receivables
from services.lending.sales_index import SalesIndex

#: Scenarios of the cash path behind a limit, and days of its longest term.
SCENARIOS, MOST_DAYS = 100, 365
#: Facts told behind a feature.
FACTS = 5


@dataclass(frozen=True)
class Rooms:
    """The rooms over one snapshot; what takes long is worked out when first asked for, and kept."""

    prepared: Prepared
    state: State
    _models: dict[str | None, Model] = field(default_factory=dict, repr=False, compare=False)

    def features(self, firm: int, as_of: date) -> Seen:
        """See `services.credit.gather.Sources`."""
        every = door(self.prepared.snapshot, as_of).features(NUMBERS)
        found = every.of(firm)
        values = tuple(_value(float(found.columns[name].values[0])) for name in NUMBERS)
        missing = {
            name: str(found.reason(firm, name))
            for name, value in zip(NUMBERS, values, strict=True)
            if value is None
        }
        return Seen(
            feature_set=FEATURE_SET_VERSION,
            names=NUMBERS,
            values=values,
            missing=missing,
            inferred=tuple(name for name in NUMBERS if found.basis(firm, name) == "inferred"),
            in_graph="no_graph" not in missing.values(),
            without=lambda edges: without(self.prepared, every, firm, edges, self._in_use.names),
            facts=lambda name: self._facts(found, firm, name),
            rated=lambda firms: self._rated(every, firms),
            kept=kept(self._in_use.names),
        )

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
        owed = receivables(
            self.prepared.snapshot, self.prepared.ledger, firm, as_of, index=self.sales, state=self.state
        )
        eligible, advance = (int(owed[c].sum()) for c in ("eligible_fen", "advance_fen"))
        contracts = self._contracts(firm, as_of)
        return Money(
            cash_net_fen=cash,
            cash_reason=why,
            receivables_fen=eligible or None,
            receivables_advance_fen=advance if eligible else None,
            receivables_reason=None if eligible else "no_receivables",
            contracts_fen=contracts or None,
            contracts_reason=None if contracts else "no_contracts",
        )

    def uses(self, firm: int, amount_fen: int) -> tuple[tuple[Use, ...], str | None]:
        """See `services.credit.gather.Sources`."""
        found = check(self.prepared.snapshot, self.state, None, firm, amount_fen)
        uses = tuple(
            Use(one.dimension, one.subject, one.limit_fen, one.before_fen, one.effect, one.source)
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
        """Net cash over the term, one number a scenario; None where own books do not show both sides."""
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
        return tuple(int(one) for one in np.sort(net)), None

    def _contracts(self, firm: int, as_of: date) -> int:
        """What signed sales contracts still leave to invoice, with tax, of those in force on the day."""
        rows = self.prepared.snapshot.contracts.filter(
            (pl.col("seller") == firm)
            & (pl.col("happened_on") <= as_of)
            & (pl.col("until").is_null() | (pl.col("until") >= as_of))
            & (pl.col("currency").fill_null("CNY") == "CNY")
            & (pl.col("basis") == "with_tax")
        )
        left = (pl.col("amount_fen") - pl.col("invoiced_fen").fill_null(0)).clip(lower_bound=0)
        return int(rows.select(left.sum()).item() or 0)

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
        """A few of the facts that a feature rests on."""
        return found.lineage(firm, name).facts[:FACTS]


def rooms_of(snapshot: Snapshot, ledger: Ledger, state: State) -> Rooms:
    """The rooms over a snapshot."""
    return Rooms(Prepared(snapshot, ledger), state)


def _value(number: float) -> float | None:
    return None if np.isnan(number) else round(number, 9)
