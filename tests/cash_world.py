"""A world of sellers whose invoices, payments, statements and contracts are known by construction.

`CashWorld` collects rows and `write`s ledger and snapshot. `drawn_world` draws one in which every payment is
known, also those after the cut-off: what a forecast is held against.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from graph.snapshot import Snapshot, SnapshotTables, write_snapshot
from ledger.ledger import Ledger, Load
from services.calendar import is_banking_day, next_banking_day

YUAN = 100
RATE = 0.13


def firm_id(number: int) -> str:
    """Id of firm `number`: its row in the snapshot is the number."""
    return f"{number + 1:016x}"


def _fact(kind: int, number: int) -> str:
    return f"{kind:x}{number:015x}"


def _known(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@dataclass
class CashWorld:
    """Rows of a world until `as_of`. Firms of `own` hand in both books; others are seen in papers."""

    firms: int
    as_of: date
    first: date = date(2024, 1, 1)
    own: frozenset[int] = frozenset()
    chain_of: dict[int, str] = field(default_factory=dict)
    invoices: list[dict[str, Any]] = field(default_factory=list)
    flows: list[dict[str, Any]] = field(default_factory=list)
    statements: list[dict[str, Any]] = field(default_factory=list)
    bills: list[dict[str, Any]] = field(default_factory=list)
    settlements: list[dict[str, Any]] = field(default_factory=list)
    contracts: list[dict[str, Any]] = field(default_factory=list)
    terms: list[dict[str, Any]] = field(default_factory=list)

    def invoice(self, seller: int, buyer: int, day: date, total_fen: int) -> str:
        """An invoice with tax; left out where it lies after the cut-off."""
        fact = _fact(1, len(self.invoices) + 1)
        amount = round(total_fen / (1 + RATE))
        self.invoices.append(
            {
                "fact": fact, "seller": seller, "buyer": buyer, "happened_on": day, "total_fen": total_fen,
                "amount_fen": amount, "tax_fen": total_fen - amount,
            }
        )  # fmt: skip
        return fact

    def pay(self, fact: str, day: date) -> None:
        """The whole invoice is paid on that day, seen in statements and matched."""
        if day > self.as_of:
            return
        one = self.invoices[int(fact[1:], 16) - 1]
        payment = _fact(2, len(self.settlements) + 1)
        self.settlements.append(
            {
                "seller": one["seller"], "buyer": one["buyer"], "payment": payment, "invoice": fact,
                "happened_on": day, "amount_fen": one["total_fen"], "rule": "exact", "basis": "proven",
                "confidence": 1.0,
            }
        )  # fmt: skip
        for firm, other, way in ((one["seller"], one["buyer"], "in"), (one["buyer"], one["seller"], "out")):
            self.move(firm, way, day, one["total_fen"], "trade", partner=other, fact=payment)

    def move(
        self,
        firm: int,
        way: str,
        day: date,
        fen: int,
        purpose: str,
        partner: int | None = None,
        fact: str | None = None,
    ) -> None:
        """Money that moved; told where the firm's statements are in."""
        self.flows.append(
            {
                "fact": fact or _fact(3, len(self.flows) + 1), "owner": firm, "happened_on": day,
                "direction": way, "amount_fen": fen, "purpose": purpose, "counterparty": partner,
                "counterparty_name": None if partner is None else f"企业{partner}",
            }
        )  # fmt: skip

    def stated(self, firm: int, closing_fen: int, **more: Any) -> None:
        """Statements of a firm from the first day to the cut-off; `more`: columns that differ."""
        self.statements.append({"owner": firm, "closing_fen": closing_fen, "more": more})

    def write(self, folder: Path) -> tuple[Snapshot, Ledger]:
        """Ledger and snapshot in `folder`."""
        kept = [one for one in self.invoices if one["happened_on"] <= self.as_of]
        tables = {"invoices": self._invoices(kept)}
        with_statement = {one["owner"] for one in self.statements}
        flows = [
            one for one in self.flows if one["owner"] in with_statement and one["happened_on"] <= self.as_of
        ]
        if self.statements:
            tables["statements"] = self._statements()
        if flows:
            tables["bank_flows"] = self._flows(flows)
        if self.bills:
            tables["bills"] = pl.DataFrame(
                [
                    {**one, "owner": firm_id(one["owner"]), "fact": _fact(4, n), "row": n, "currency": "CNY",
                     "known_at": _known(one["happened_on"])}
                    for n, one in enumerate(self.bills, 1)
                ]
            )  # fmt: skip
        data = f"cash world {self.firms} {len(kept)} {len(flows)} {len(self.bills)}".encode()
        load = Load(
            sha256=sha256(data).hexdigest(), name="world", data=data, format="world", reader_version=1,
            tables=tables, rows=len(kept), facts=len(kept), synthetic=True,
        )  # fmt: skip
        Ledger(folder).commit([load])
        return write_snapshot(folder, self._tables(kept)), Ledger(folder)

    def _invoices(self, kept: list[dict[str, Any]]) -> pl.DataFrame:
        rows = [
            {
                **one, "seller": firm_id(one["seller"]), "buyer": firm_id(one["buyer"]), "row": n,
                "weak": False, "kind": "digital_special", "number": one["fact"],
                "known_at": _known(one["happened_on"]), "currency": "CNY", "status": "normal",
            }
            for n, one in enumerate(kept, 1)
        ]  # fmt: skip
        return pl.DataFrame(rows)

    def _statements(self) -> pl.DataFrame:
        rows = [
            {
                "row": n, "fact": _fact(5, n), "owner": firm_id(one["owner"]), "channel": "bank",
                "currency": "CNY", "account": f"a{one['owner']}", "from": self.first, "until": self.as_of,
                "closing_fen": one["closing_fen"], "reconciled": True, **one["more"],
            }
            for n, one in enumerate(self.statements, 1)
        ]  # fmt: skip
        return pl.DataFrame(rows)

    def _flows(self, flows: list[dict[str, Any]]) -> pl.DataFrame:
        rows = []
        for n, one in enumerate(flows, 1):
            partner = one["counterparty"]
            rows.append(
                {
                    **one, "owner": firm_id(one["owner"]), "row": n, "channel": "bank", "currency": "CNY",
                    "account": f"a{one['owner']}", "known_at": _known(one["happened_on"]),
                    "counterparty": None if partner is None else firm_id(partner),
                }
            )  # fmt: skip
        return pl.DataFrame(rows, infer_schema_length=None)

    def _tables(self, kept: list[dict[str, Any]]) -> SnapshotTables:
        firms = range(self.firms)
        rows = pl.DataFrame(kept).with_columns(month=pl.col("happened_on").dt.strftime("%Y-%m"))
        edges = (
            rows.group_by("seller", "buyer")
            .agg(pl.col("amount_fen").sum(), pl.len().alias("count"), first=pl.col("happened_on").min(),
                 last=pl.col("happened_on").max())
            .sort("seller", "buyer")
            .with_row_index("edge")
        )  # fmt: skip
        numbered = rows.join(edges.select("edge", "seller", "buyer"), on=["seller", "buyer"])
        months = sorted(rows["month"].unique().to_list())
        flow = (
            numbered.group_by("edge", "month")
            .agg(pl.col("amount_fen").sum(), pl.len().alias("count"))
            .with_columns(month=pl.col("month").replace_strict(months, list(range(len(months)))))
            .sort("month", "edge")
        )
        until = [self.as_of if n in self.own else None for n in firms]
        named = [self.chain_of.get(n) for n in firms]
        placed = [n for n in firms if named[n]]
        return SnapshotTables(
            as_of=self.as_of,
            months=months,
            synthetic=True,
            enterprises=pl.DataFrame(
                {
                    "id": [firm_id(n) for n in firms], "name": [f"企业{n}" for n in firms],
                    "code": [f"C{n}" for n in firms], "hub": [False] * self.firms,
                    "own_sales_until": pl.Series(until, dtype=pl.Date),
                    "own_purchases_until": pl.Series(until, dtype=pl.Date),
                }
            ),
            members=pl.DataFrame({"enterprise": list(firms), "party": [firm_id(n) for n in firms]}),
            edges=edges.select(
                pl.col("amount_fen").alias("gross_fen"), "amount_fen", "count", "first", "last", src="seller",
                dst="buyer",
            ),
            flow=flow,
            evidence=numbered.select("edge", "fact"),
            positions=pl.DataFrame(
                {
                    "enterprise": placed, "chain": [named[n] for n in placed],
                    "segment": ["part"] * len(placed), "chain_probability": [0.9] * len(placed),
                },
                schema_overrides={"enterprise": pl.Int32, "chain": pl.String},
            ),
            settlements=pl.DataFrame(self.settlements) if self.settlements else pl.DataFrame({"seller": []}),
            contracts=pl.DataFrame(self.contracts) if self.contracts else pl.DataFrame({"seller": []}),
            contract_terms=pl.DataFrame(self.terms) if self.terms else pl.DataFrame({"seller": []}),
            chains=[
                {"id": name, "name": {"zh": name, "en": name}, "segments": [], "cores": []}
                for name in sorted({one for one in named if one})
            ],
        )  # fmt: skip


def steady(as_of: date, months: int = 24, total_fen: int = 1_000_000 * YUAN) -> CashWorld:
    """Firm 0 sells to 1 and buys from 2, once a month on the 10th, paid after 30 days; its books and
    statements are in; 3 and 4 trade with nobody's statements seen."""
    world = CashWorld(5, as_of, own=frozenset({0}), chain_of={0: "toy", 1: "toy", 3: "toy"})
    number = as_of.year * 12 + as_of.month - months
    world.first = date(number // 12, number % 12 + 1, 1)
    for n in range(months):
        day = date((number + n) // 12, (number + n) % 12 + 1, 10)
        for seller, buyer, fen in ((0, 1, total_fen), (2, 0, total_fen // 2), (3, 4, total_fen // 10)):
            fact = world.invoice(seller, buyer, day, fen)
            if 0 in (seller, buyer):
                world.pay(fact, next_banking_day(day + timedelta(days=30)))
    world.stated(0, 500_000 * YUAN)
    return world


@dataclass(frozen=True)
class Truth:
    """What a drawn world paid after its cut-off: `received` int64[sellers, days]."""

    received: "np.typing.NDArray[np.int64]"


def drawn_world(seed: int, sellers: int, as_of: date, days: int, months: int = 24) -> tuple[CashWorld, Truth]:
    """`sellers` firms with their own levels, a common season and buyers with habits of their own."""
    rng = np.random.default_rng(seed)
    buyers = sellers // 4
    world = CashWorld(sellers + buyers, as_of, own=frozenset(range(sellers)))
    number = as_of.year * 12 + as_of.month - months
    world.first = date(number // 12, number % 12 + 1, 1)
    season = 1 + 0.4 * np.sin(np.arange(12) / 12 * 2 * np.pi)
    habit = rng.uniform(15, 75, buyers)
    received = np.zeros((sellers, days), np.int64)
    for seller in range(sellers):
        level, often = np.exp(rng.normal(12, 0.8)), rng.uniform(3, 9)
        mine = sellers + rng.choice(buyers, 3, replace=False)
        for n in range(months + days // 28 + 1):
            first = date((number + n) // 12, (number + n) % 12 + 1, 1)
            for _ in range(rng.poisson(often)):
                day = first + timedelta(days=int(rng.integers(0, 28)))
                while not is_banking_day(day):
                    day += timedelta(days=1)
                buyer = int(rng.choice(mine))
                fen = max(100, int(level * season[first.month - 1] * np.exp(rng.normal(0, 0.5))) * YUAN)
                fact = world.invoice(seller, buyer, day, fen)
                late = habit[buyer - sellers] * np.exp(rng.normal(0, 0.3))
                paid = next_banking_day(day + timedelta(days=int(late)))
                world.pay(fact, paid)
                at = (paid - as_of).days - 1
                if 0 <= at < days:
                    received[seller, at] += fen
        world.stated(seller, 10**9)
    return world, Truth(received)
