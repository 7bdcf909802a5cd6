"""Bench `credit`, the graph: loans of a synthetic economy whose firms fail along supply links, out of time.

Trained on loans of the labelled 30 % whose outcome was known on the last day of the books; asked about
loans of all firms booked in the year after, whose outcomes only the truth holds. Features are as of the last
quarter's end before each booking.
"""

import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.credit_reach import reach
from dayan.pipeline import compute
from extraction.ingest import ingest
from graph.snapshot import SnapshotTables
from ledger.ledger import Ledger
from seeds.chains import load_chains
from seeds.economy import generate
from services.credit.models.dated import Loans, dated
from services.credit.models.figures import all_of, auc
from services.credit.models.fitting import Cases
from services.credit.models.lesson import GRAPH, own, served
from services.credit.models.training import Plan, train
from services.features import CATALOGUE

ENTERPRISES, LINKS = 20_000, 100_000
ASKED_FROM = date(2025, 6, 30)
DEGREES = ("seen_customers", "seen_suppliers")
Floats = NDArray[np.float64]


def planted(console: Console) -> dict[str, object]:
    """`graph_gain_low` and what stands beside it."""
    with tempfile.TemporaryDirectory() as scratch:
        economy = Path(scratch) / "economy"
        generate(economy, ENTERPRISES, LINKS)
        ledger = Ledger(Path(scratch) / "home")
        ingest([economy / "documents"], ledger)
        tables, _ = compute(ledger, load_chains())
        shown = pl.read_parquet(economy / "loan_labels.parquet")
        whole = pl.concat([shown, pl.read_parquet(economy / "truth" / "loans.parquet")])
    return measured(tables, shown, whole, console)


def measured(
    tables: SnapshotTables, shown: pl.DataFrame, whole: pl.DataFrame, console: Console
) -> dict[str, object]:
    """The figures over one economy: `shown` are the loans to learn from, `whole` those to be asked about."""
    names = (*served(), *DEGREES)
    good = shown.filter(~pl.col("defaulted") & (pl.col("known_on") <= tables.as_of))
    early = dated(tables, shown.filter(pl.col("booked_on") <= good["booked_on"].max()), names)
    late = dated(tables, whole.filter(pl.col("booked_on") >= ASKED_FROM), names)
    learnt = set(early.table["firm"].to_list())
    late = late.of(~late.table["firm"].is_in(learnt))
    mine = own(served())
    tries = {
        "no_graph": told(early, late, mine),
        "degree_only": told(early, late, (*mine, *DEGREES)),
        "shuffled_graph": told(shuffled(early), shuffled(late), served()),
        "graph": told(early, late, served()),
        "one_feature": told(early, late, ("log_sales",)),
    }
    bad = late.cases.bad
    table = Table("features", "auc", "ks", "brier", title="planted contagion, out of time")
    for name, p in tries.items():
        table.add_row(name, *(f"{value:.4f}" for value in all_of(p, bad).values()))
    console.print(table)
    gains = {f"over_{name}": gain(tries["graph"], p, bad) for name, p in tries.items() if name != "graph"}
    level = late.cases.rows[:, late.names.index("level")]
    return {
        **reach(tries["graph"], bad, level),
        "graph_gain_low": gains["over_no_graph"][0],
        "graph_gain": gains,
        "economy": {name: {k: round(v, 4) for k, v in all_of(p, bad).items()} for name, p in tries.items()},
        "loans": {"learnt": len(early.cases.bad), "learnt_bad": int(early.cases.bad.sum())}
        | {"asked": len(bad), "asked_bad": int(bad.sum())},
    }


def told(early: Loans, late: Loans, names: tuple[str, ...]) -> Floats:
    """What a model over those features, trained on the early loans, says of the late ones."""
    model = train(names, early.picked(names).cases, Plan(known=0.3, least=20))
    return model.pd(late.picked(model.names).cases.rows)


def shuffled(loans: Loans, seed: int = 7) -> Loans:
    """Every borrower bears the graph features of another one of the same day."""
    rng, rows = np.random.default_rng(seed), loans.cases.rows.copy()
    graph = np.array([CATALOGUE[name].group in GRAPH for name in loans.names])
    days = loans.table["day"].to_numpy()
    for day in np.unique(days):
        at = np.flatnonzero(days == day)
        rows[at] = np.where(graph, rows[rng.permutation(at)], rows[at])
    c = loans.cases
    return Loans(loans.table, Cases(rows, c.bad, c.direction, c.group), loans.names)


def gain(one: Floats, other: Floats, bad: NDArray[np.bool_], draws: int = 1000) -> tuple[float, float]:
    """95 % interval of the gain in AUC: the same loans drawn anew for both."""
    rng, gains = np.random.default_rng(13), []
    for _ in range(draws):
        at = rng.integers(0, len(bad), len(bad))
        if bad[at].any():
            gains.append(auc(one[at], bad[at]) - auc(other[at], bad[at]))
    low, high = np.quantile(gains, [0.025, 0.975])
    return round(float(low), 4), round(float(high), 4)
