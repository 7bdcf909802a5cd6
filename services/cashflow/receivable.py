"""Open invoices of a firm as the receivables ledger has them, and both sides' told as known flows.

What the ledger of receivables knows beside payments (a person's proof, a buyer's confirmation, a pledge, a
purchase) is asked for where there is any: firms with notes in the state store. For all others both have the
same invoices open; a test holds them together.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from graph.csr import Int32, Int64
from graph.snapshot import Snapshot
from ledger.ledger import Ledger
from ledger.state import NAME, State
from services.calendar import next_banking_day
from services.cashflow.books import Flags
from services.cashflow.flows import KnownFlow
from services.cashflow.ground import Ground
from services.lending.receivables import receivables

#: Its money goes to whoever bought it, not to the firm.
_GONE = ("purchased", "void", "reversed", "collected")


@dataclass(frozen=True)
class Open:
    """Open invoices of one side: `open_fen` int64[i], `age` int32[i], `row` int32[i] of delays, `observed`
    bool[i], `partner` int32[i]; `sold_fen`, `sold`: receivables that were sold and no longer come in."""

    open_fen: Int64
    age: Int32
    row: Int32
    observed: Flags
    partner: Int32
    sold: int = 0
    sold_fen: int = 0


def noted_firms(source: Snapshot, ledger: Ledger) -> frozenset[int]:
    """Firms whose receivables somebody noted something about, or holds."""
    if not (ledger.folder / NAME).exists():
        return frozenset()
    with State(ledger.folder).reading() as connection:
        rows = connection.execute(
            "SELECT seller FROM claims UNION SELECT seller FROM receivable_marks"
        ).fetchall()
    sellers = [row[0] for row in rows]
    if not sellers:
        return frozenset()
    found = source.members.filter(pl.col("party").is_in(sellers))["enterprise"].to_list()
    return frozenset(found) | {i for s in sellers if (i := source.index_of(s)) is not None}


def open_of(ground: Ground, firm: int, edges: Int32, selling: bool, noted: bool) -> Open:
    """What is open on the ground's day on one side of a firm; `noted`: ask the ledger of receivables."""
    books = ground.books
    rows = books.rows_of(edges)
    # What nobody has seen paid or unpaid for so long is taken as settled, or lost.
    old = ground.today - books.issued[rows] > ground.policy.body["delay"]["unproven_days"]
    rows = rows[(books.open_fen[rows] > 0) & (books.observed[rows] | ~old)]
    fen, observed = books.open_fen[rows], books.observed[rows]
    sold, sold_fen = 0, 0
    if selling and noted and len(rows):
        said = receivables(ground.source, ground.ledger, firm, ground.as_of, index=ground.sales_index)
        mine = pl.DataFrame({"fact": books.fact.gather(rows)}).join(
            said.select("fact", "open_fen", "unpaid", "status"), on="fact", how="left", maintain_order="left"
        )
        gone = mine["status"].is_in(_GONE).fill_null(False).to_numpy()
        bought = (mine["status"] == "purchased").fill_null(False).to_numpy()
        told = mine["open_fen"].fill_null(pl.Series(fen)).to_numpy()
        sold, sold_fen = int(bought.sum()), int(told[bought].sum())
        fen = np.where(gone, 0, told)
        shown = mine["unpaid"].is_in(["statements", "confirmed", "asked"]).fill_null(False).to_numpy()
        observed = observed | shown
    column = ground.source.column("edges", "dst" if selling else "src")
    edge = books.edge[rows]
    age = (ground.today - books.issued[rows]).astype(np.int32)
    return Open(
        fen.astype(np.int64),
        age,
        ground.delays.of[edge],
        observed,
        column[edge].astype(np.int32),
        sold,
        sold_fen,
    )


def told(ground: Ground, open_: Open, selling: bool, last: date) -> list[KnownFlow]:
    """What of the open invoices is expected until `last`, by partner and by what shows that it is unpaid."""
    horizon = (last - ground.as_of).days
    amount, middle = _expected(ground, open_, horizon)
    kind, direction = ("receivable", "in") if selling else ("payable", "out")
    flows = []
    keys = open_.partner.astype(np.int64) * 2 + open_.observed
    for key in np.unique(keys[amount >= 1]):
        mine = (keys == key) & (amount >= 1)
        first, until = (next_banking_day(ground.as_of + timedelta(days=int(d))) for d in
                        (middle[mine].min(), middle[mine].max()))  # fmt: skip
        flows.append(
            KnownFlow(
                kind, direction, first, round(float(amount[mine].sum())),
                "statements" if key % 2 else "not_proven", partner=int(key // 2), count=int(mine.sum()),
                until=until,
            )
        )  # fmt: skip
    return flows


def _expected(ground: Ground, open_: Open, horizon: int) -> tuple["np.typing.NDArray[np.float64]", Int64]:
    """Fen expected of each open invoice within the horizon, and the day (1: tomorrow) half of it has come."""
    amount = np.zeros(len(open_.open_fen))
    middle = np.ones(len(open_.open_fen), np.int64)
    limits = ground.delays.edges
    for row in np.unique(open_.row):
        mine = open_.row == row
        by = np.concatenate([[0.0], ground.delays.cdf[row]])
        age = open_.age[mine].astype(np.float64)
        seen = open_.observed[mine]
        now, then = np.interp(age + 1, limits, by), np.interp(age + 1 + horizon, limits, by)
        share = np.where(seen, (then - now) / np.maximum(1 - now, 1e-9), then - now)
        amount[mine] = open_.open_fen[mine] * np.where(age < limits[-1], share, 0.0)
        half = np.interp((now + then) / 2, by, limits) - age
        wait = ground.waits_until(int(row), -age)
        middle[mine] = np.clip(np.maximum(half, wait), 1, horizon).astype(np.int64)
    return amount, middle
