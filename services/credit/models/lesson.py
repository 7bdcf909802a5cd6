"""Trains the credit model of a folder on loans whose outcome is known, and judges it out of time."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.registry.folder import Seen, Trained
from graph.snapshot import Snapshot
from graph.snapshot_tables import SnapshotTables
from ledger.errors import InputError
from services.credit.models.dated import Loans, dated, typed
from services.credit.models.directions import without
from services.credit.models.figures import all_of
from services.credit.models.model import NAME, CreditModel, arrays_of, score
from services.credit.models.training import Plan, train
from services.features import CATALOGUE, NUMBERS

#: Groups of features that rest on links to others; all else is the firm's own.
GRAPH = ("links", "neighbours", "position")
#: The one feature that a model must beat.
ONE = ("log_sales",)
#: The latest loans, by booking, that nothing is fitted on; and fewest defaults to fit and to judge on.
ASKED, FEWEST = 0.3, 10
#: Upper ends of the bands of the table of grades.
BANDS = (0.01, 0.02, 0.04, 0.08, 0.16, 1.0)


def served() -> tuple[str, ...]:
    """The features a model may look at when it serves: they mean the same however long the books are."""
    return without(NUMBERS, "grows_with_books")


def own(names: Sequence[str]) -> tuple[str, ...]:
    """Those of the names that need no link to another firm."""
    return tuple(name for name in names if CATALOGUE[name].group not in GRAPH)


def lesson(
    source: Snapshot | SnapshotTables, loans: pl.DataFrame, snapshot: str, synthetic: bool, seed: int = 1
) -> Trained:
    """`loans`: code, booked_on, defaulted, known_on, one row a loan. Only loans count whose outcome was known
    by the last day of `source`. The latest are asked about, out of time; the model is fitted on the others.

    InputError where there are too few defaults; MissingExtra without the extra.
    """
    every = dated(source, closed(loans, source.as_of), served())
    early, late = split(every)
    if min(int(early.cases.bad.sum()), int(late.cases.bad.sum())) < FEWEST:
        raise InputError("loans_too_few", loans=every.table.height, least=FEWEST)
    plan = Plan(seed=seed, known=0.3, least=20)
    model = train(early.names, early.cases, plan)
    rivals = {
        "own_books": told(fitted(early, own(early.names), plan), late),
        "one_feature": told(fitted(early, ONE, Plan(seed=seed, known=0.0, kinds=("line",))), late),
        **{f"only_{kind}": told(fitted(early, early.names, Plan(seed, 0.3, kinds=(kind,), least=20)), late)
           for kind in model.kinds if len(model.kinds) > 1},
    }  # fmt: skip
    about, arrays = arrays_of(model)
    p = model.pd(late.picked(model.names).cases.rows)
    return Trained(
        kind=NAME,
        model={**about, "grades": grades(p, late.cases.bad), "asked_from": str(asked_from(late))},
        weights=arrays,
        features={f"feature_{name}": 1 for name in model.names},
        seed=seed,
        seen=Seen(snapshot, source.as_of, synthetic, source.enterprises.height, source.edges.height),
        metrics=told(model, late),
        headline="auc",
        samples=late.table.height,
        ablations=rivals,
        rival="one_feature",
        purpose="model_for_credit",
        never=("model_never_alone", "model_never_ground", "model_never_other_economy"),
        libraries=("numpy", "scipy", "lightgbm"),
    )


def evaluate(
    source: Snapshot | SnapshotTables, loans: pl.DataFrame, model: CreditModel, since: date | None
) -> Mapping[str, float]:
    """The figures of `model` on loans of known outcome booked from `since` on: what it was not trained on."""
    known = closed(loans, source.as_of)
    kept = known if since is None else known.filter(pl.col("booked_on") >= since)
    asked = dated(source, kept, model.names)
    if not 0 < int(asked.cases.bad.sum()) < asked.table.height:
        raise InputError("loans_too_few", loans=asked.table.height, least=1)
    return told(model, asked)


def closed(loans: pl.DataFrame, day: date) -> pl.DataFrame:
    """The loans whose outcome was known on a day, good and bad alike: of the latest bookings only quick
    defaults are known, so none of those counts. Columns as `dated` takes them."""
    known = typed(loans).filter(pl.col("known_on") <= day)
    return known.filter(pl.col("booked_on") <= known.filter(~pl.col("defaulted"))["booked_on"].max())


def asked_from(late: Loans) -> date:
    """The first booking among loans."""
    days: list[date] = late.table["booked_on"].to_list()
    return min(days)


def split(loans: Loans) -> tuple[Loans, Loans]:
    """Early loans and late ones: booked after the day that leaves ASKED of them; no firm is in both."""
    days = loans.table["booked_on"].sort()
    cut = days[int(len(days) * (1 - ASKED))]
    early = loans.table["booked_on"] < cut
    firms = loans.table.filter(early)["firm"].unique()
    return loans.of(early), loans.of(~early & ~loans.table["firm"].is_in(firms.to_list()))


def fitted(loans: Loans, names: Sequence[str], plan: Plan) -> CreditModel:
    """A model over some of the features."""
    return train(names, loans.picked(names).cases, plan)


def told(model: CreditModel, loans: Loans) -> dict[str, float]:
    """auc, ks and the Brier skill (1 - Brier score over that of the share of defaults): higher is better."""
    cases = loans.picked(model.names).cases
    found = all_of(model.pd(cases.rows), cases.bad)
    share = float(cases.bad.mean())
    return {"auc": found["auc"], "ks": found["ks"], "brier_skill": 1 - found["brier"] / (share * (1 - share))}


def grades(pd: NDArray[np.float64], bad: NDArray[np.bool_]) -> list[dict[str, float | int]]:
    """One row a band of probability: from, below, least score, loans, defaults, mean probability told."""
    rows: list[dict[str, float | int]] = []
    for low, high in zip((0.0, *BANDS[:-1]), BANDS, strict=True):
        inside = (pd >= low) & ((pd < high) | (high == 1.0))
        count = int(inside.sum())
        mean = round(float(pd[inside].mean()), 6) if count else 0.0
        counts = {"loans": count, "defaults": int(bad[inside].sum())}
        rows.append({"from": low, "below": high, "score": score(high), **counts, "told": mean})
    return rows
