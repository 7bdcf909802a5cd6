"""Bench `credit`, the real firms: 123 firms of which 27 defaulted, features from the graph, no bank rating.

Five folds, twenty times over; the told probabilities of a repeat are pooled. Whatever a model chooses
(features, penalties, bins, weights, calibration) it chooses on its training folds. Firms with the same two
books are one enterprise and never stand on both sides.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.credit_rivals import boosted_rival, rank_logistic
from dayan.pipeline import compute
from extraction.ingest import ingest
from ledger.errors import Conflict
from ledger.ledger import Ledger
from seeds.chains import load_chains
from services.credit.models.directions import direction_of, without
from services.credit.models.figures import all_of, auc
from services.credit.models.fitting import Cases
from services.credit.models.lesson import GRAPH
from services.credit.models.model import refuse_rating
from services.credit.models.splits import folds
from services.credit.models.training import Plan, train
from services.features import CATALOGUE, NUMBERS, features

REPEATS, PARTS = 20, 5
BOOKS = ("att1_input_invoices", "att1_output_invoices", "att2_input_invoices", "att2_output_invoices")
DEGREES = ("seen_customers", "seen_suppliers")
L1 = ((0.5, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0), (5.0, 0.0), (10.0, 0.0))
L2 = ((0.0, 1.0), (0.0, 3.0), (0.0, 10.0), (0.0, 30.0), (0.0, 100.0), (0.0, 300.0))
Floats = NDArray[np.float64]
#: Tells probabilities of the rows of the second argument from the cases of the first.
Model = Callable[[Cases, Floats], Floats]


@dataclass(frozen=True)
class Firms:
    """The firms that are asked about."""

    names: tuple[str, ...]
    cases: Cases

    def picked(self, names: Sequence[str]) -> "Firms":
        """With those features only."""
        at = [self.names.index(name) for name in names]
        c = self.cases
        return Firms(tuple(names), Cases(c.rows[:, at], c.bad, c.direction[at], c.group))


def real_firms(folder: Path, console: Console) -> dict[str, object]:
    """`auc`, `ks`, `brier` of one model, the interval against L1-logistic, and everything beside it."""
    firms = firms_of(folder)
    _assert_no_rating(firms.names)
    told, table = {}, Table("model", "auc", "±", "ks", "brier", title="CUMCM, 5 × 20, pooled")
    for name, (chosen, model) in _tries(firms).items():
        told[name] = repeated(chosen, model)
        table.add_row(name, *(f"{value:.4f}" for value in _row(told[name], firms.cases.bad)))
    console.print(table)
    best, bad = told["model"], firms.cases.bad
    low, high = paired(best, told["l1_logistic"], bad)
    rows = {name: _figures(p, bad) for name, p in told.items()}
    return {
        **rows.pop("model"),
        "firms": len(bad),
        "bad": int(bad.sum()),
        "over_l1": [low, high],
        "models": rows,
    }


def firms_of(folder: Path) -> Firms:
    """The firms of attachment 1 with every number of the catalogue, from the four books."""
    with tempfile.TemporaryDirectory() as scratch:
        ledger = Ledger(Path(scratch))
        books = [next(p for p in (folder / f"{b}.csv.gz", folder / f"{b}.csv") if p.exists()) for b in BOOKS]
        ingest(books, ledger)
        tables, _ = compute(ledger, load_chains())
    listed = pl.read_csv(folder / "att1_enterprises.csv", new_columns=["firm", "name", "rating", "bad"])
    found = listed.select("firm", "bad").join(
        tables.members.select("enterprise", firm="code").unique("firm"), on="firm", how="inner",
        maintain_order="left",
    )  # fmt: skip
    if found.height != listed.height:
        raise ValueError("a firm of the list has no books")
    rows = features(tables, found["enterprise"].to_numpy(), names=NUMBERS).matrix(NUMBERS)
    bad, group = (found["bad"] == "是").to_numpy(), found["enterprise"].to_numpy().astype(np.int64)
    return Firms(NUMBERS, Cases(rows, bad, direction_of(NUMBERS), group))


def _assert_no_rating(names: Sequence[str]) -> None:
    """The rating is no feature, and asking for it is refused by name."""
    refuse_rating(names)
    try:
        refuse_rating([*names, "信誉评级"])
    except Conflict:
        return
    raise AssertionError("the bank's rating was let in")


def _tries(firms: Firms) -> dict[str, tuple[Firms, Model]]:
    """Every model that is reported; `model` is the one that counts."""
    names = firms.names
    own = [n for n in names if CATALOGUE[n].group not in GRAPH]
    line = trained(Plan(kinds=("line",)))
    one = firms.picked(["log_sales_total"])
    return {
        "model": (firms, line),
        "timing_safe": (firms.picked(without(names, "rests_on_dates")), line),
        "blend": (firms, trained(Plan())),
        "scorecard": (firms, trained(Plan(kinds=("card",)))),
        "boosted_by_feature": (firms, trained(Plan(kinds=("boosted",)))),
        "undirected": (firms, trained(Plan(kinds=("line",), directed=False))),
        "l1_logistic": (firms, trained(Plan(kinds=("line",), penalties=L1, directed=False))),
        "l2_logistic": (firms, trained(Plan(kinds=("line",), penalties=L2, directed=False))),
        "rank_logistic": (firms, rank_logistic),
        "lightgbm_monotone": (firms, boosted_rival),
        "no_graph": (firms.picked(own), line),
        "degree_only": (firms.picked([*own, *DEGREES]), line),
        "shuffled_graph": (shuffled(firms), line),
        "one_feature": (one, trained(Plan(kinds=("line",), penalties=((0.0, 0.1),)))),
    }


def trained(plan: Plan) -> Model:
    """A model of the product, trained by `plan` on whatever it is shown."""

    def told(cases: Cases, rows: Floats) -> Floats:
        names = [str(at) for at in range(rows.shape[1])]
        model = train(names, cases, plan)
        return model.pd(rows[:, [int(name) for name in model.names]])

    return told


def shuffled(firms: Firms, seed: int = 7) -> Firms:
    """Every firm bears the graph features of another one."""
    order = np.random.default_rng(seed).permutation(len(firms.cases.bad))
    rows = firms.cases.rows.copy()
    graph = [at for at, name in enumerate(firms.names) if CATALOGUE[name].group in GRAPH]
    rows[:, graph] = rows[order][:, graph]
    c = firms.cases
    return Firms(firms.names, Cases(rows, c.bad, c.direction, c.group))


def repeated(firms: Firms, model: Model) -> Floats:
    """float64[REPEATS, n]: what each firm was told by models that had not seen it."""
    cases, told = firms.cases, np.zeros((REPEATS, len(firms.cases.bad)))
    for repeat in range(REPEATS):
        part = folds(cases.bad, cases.group, PARTS, 1000 + repeat)
        for number in range(PARTS):
            told[repeat, part == number] = model(cases.of(part != number), cases.rows[part == number])
    return told


def _figures(told: Floats, bad: NDArray[np.bool_]) -> dict[str, float]:
    """Mean over repeats of what a repeat's pooled probabilities are worth."""
    rows = [all_of(p, bad) for p in told]
    return {name: round(float(np.mean([row[name] for row in rows])), 4) for name in rows[0]}


def _row(told: Floats, bad: NDArray[np.bool_]) -> tuple[float, float, float, float]:
    found: Mapping[str, float] = _figures(told, bad)
    return found["auc"], float(np.std([auc(p, bad) for p in told])), found["ks"], found["brier"]


def paired(one: Floats, other: Floats, bad: NDArray[np.bool_], draws: int = 1000) -> tuple[float, float]:
    """95 % interval of the difference in AUC: firms drawn anew, by outcome, for both models alike."""
    rng = np.random.default_rng(11)
    gains = []
    for _ in range(draws):
        at = np.concatenate(
            [rng.choice(np.flatnonzero(bad == side), (bad == side).sum()) for side in (True, False)]
        )
        repeat = int(rng.integers(len(one)))
        gains.append(auc(one[repeat][at], bad[at]) - auc(other[repeat][at], bad[at]))
    low, high = np.quantile(gains, [0.025, 0.975])
    return round(float(low), 4), round(float(high), 4)
