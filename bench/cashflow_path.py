"""Part of bench `cashflow`: how often the cash path's own intervals hold what really came in.

On a generated economy whose payments are known. The path is made as of a day three months before the end,
from what was known then; what is held against it is every payment that firms with own sales books received
after it, also of invoices that were still to be written. Sales to consumers leave no payment in the truth:
firms with any are left out.
"""

import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from dayan.pipeline import compute
from extraction.ingest import ingest
from graph.csr import Int64
from graph.snapshot import Snapshot, write_snapshot
from ledger.ledger import Ledger
from seeds.chains import load_chains
from seeds.economy import generate
from services.cashflow.ground import Ground, ground_of
from services.cashflow.outlook import interval, stretches, summed
from services.cashflow.path import Asked, path_on

ENTERPRISES, LINKS = 3_000, 15_000
AS_OF, DAYS, LEVEL = date(2025, 9, 30), 92, 80
FIRMS, SCENARIOS, SEED = 300, 200, 11
STEPS = (("week", 13), ("month", 3))


def run() -> dict[str, object]:
    """Coverage by step of the intervals that promise LEVEL percent, and what it is of."""
    began = time.process_time()
    with tempfile.TemporaryDirectory() as scratch:
        economy, home = Path(scratch) / "economy", Path(scratch) / "home"
        generate(economy, ENTERPRISES, LINKS)
        ledger = Ledger(home)
        ingest([economy / "documents"], ledger)
        tables, _ = compute(ledger, load_chains())
        ground = ground_of(write_snapshot(home, tables), ledger, AS_OF)
        return coverage(ground, pl.read_parquet(economy / "truth" / "payments.parquet")) | {
            "cpu_seconds": round(time.process_time() - began, 1)
        }


def coverage(ground: Ground, payments: pl.DataFrame) -> dict[str, object]:
    """Shares of steps inside the interval, and of those in which anything came."""
    came, firms = received(ground.source, payments, ground.as_of)
    inside: dict[str, list[bool]] = {step: [] for step, _ in STEPS}
    moved: dict[str, list[bool]] = {step: [] for step, _ in STEPS}
    for firm in firms:
        path = path_on(ground, int(firm), Asked(DAYS, SCENARIOS, telling=False))
        for step, count in STEPS:
            steps = stretches(path.start, step, count)
            low, high = interval(summed(path.inflow_fen, path.start, steps), LEVEL)
            real = summed(came[firm], path.start, steps)
            inside[step] += ((real >= low) & (real <= high)).tolist()
            moved[step] += (real > 0).tolist()
    whose = f"inflow of {len(firms)} firms with own sales books that sell to no consumer"
    told: dict[str, object] = {"of": whose, "level": LEVEL / 100, "as_of": ground.as_of.isoformat()}
    for step, _ in STEPS:
        held, some = np.array(inside[step]), np.array(moved[step])
        told[step] = round(float(held.mean()), 4)
        told[f"{step}_with_money"] = round(float(held[some].mean()), 4)
        told[f"{step}s"] = len(held)
    return told


def received(source: Snapshot, payments: pl.DataFrame, day: date) -> tuple[Int64, Int64]:
    """int64[n, DAYS]: fen that every firm received on each day after `day`; and the rows of firms drawn."""
    who = source.enterprises.select("code").with_row_index("firm")
    rows = (
        payments.join(who, left_on="payee", right_on="code")
        .with_columns(at=(pl.col("paid_on") - pl.lit(day)).dt.total_days() - 1)
        .filter(pl.col("at").is_between(0, DAYS - 1))
    )
    came = np.zeros((source.counts["enterprises"], DAYS), np.int64)
    np.add.at(came, (rows["firm"].to_numpy(), rows["at"].to_numpy()), rows["amount_fen"].to_numpy())
    retail = source.scan("item_flow").filter(pl.col("dst").is_null()).select("src").unique().collect()["src"]
    own = source.enterprises["own_sales_until"].is_not_null().to_numpy()
    own[retail.to_numpy()] = False
    firms = np.flatnonzero(own)
    picked = np.random.default_rng(SEED).permutation(firms)[:FIRMS]
    return came, np.sort(picked).astype(np.int64)
