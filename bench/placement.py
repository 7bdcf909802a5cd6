"""Bench `placement`: the Shenwan industry of A-share firms from what they sell and what they are called.

70/30 random split, three seeds. Words of test firms are read (no label is needed for that), their
labels only when counting. Every step from plain text to the classifier is printed, and what the graph adds.
"""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench import placement_rivals as rivals
from bench.measure import Measure
from bench.placement_data import FOLDER, Int64, Listed, listed, splits
from gnn.calibration import calibration_error
from gnn.industry.classifier import Industry, fit
from gnn.industry.fit import Float64, Settings

SEEDS = 3
Counted = dict[str, float]


def run(data: Path | None = None) -> dict[str, object]:
    """Learn and count on the firms of `data` (the folder `chainkg`); print a table, return the figures."""
    firms = listed(data or FOLDER)
    with Measure() as measure:
        rows: dict[str, list[Counted]] = {}
        for train, test in splits(len(firms.l1), SEEDS):
            for name, counted in _seed(firms, train, test).items():
                rows.setdefault(name, []).append(counted)
    means = {name: _mean(counted) for name, counted in rows.items()}
    figures: dict[str, object] = {
        **means["all"],
        "gain_l1": _gains(means, "l1"),
        "gain_l2": _gains(means, "l2"),
        "ablations": {name: mean for name, mean in means.items() if name != "all"},
        "firms": len(firms.l1),
        "industries_l1": len(set(firms.l1)),
        "industries_l2": len(set(firms.l2)),
        "seeds": SEEDS,
        **measure.figures(),
    }
    _print(means, figures)
    return figures


def _seed(data: Listed, train: Int64, test: Int64) -> dict[str, Counted]:
    """Every method on one split."""
    plain, part = Settings(name=0, sharpen=0), Settings(sharpen=0)
    answers: dict[str, Callable[[], rivals.Answers]] = {
        "majority": lambda: rivals.majority(data, train, test),
        "industry names, untrained": lambda: rivals.titles(data, test),
        "degree only": lambda: rivals.degrees(data, train, test),
        "graph only, shuffled": lambda: rivals.graph_alone(data, train, test, True),
        "graph only": lambda: rivals.graph_alone(data, train, test, False),
        "text only: plain SVM": lambda: rivals.plain_svm(data, train, test),
        "all and hops, shuffled": lambda: rivals.with_hops(data, train, test, True),
        "all and hops": lambda: rivals.with_hops(data, train, test, False),
    }
    counted = {name: _right(data, test, *answer()) for name, answer in answers.items()}
    counted["products"] = _judged(data, train, test, plain, False, False)
    counted["products and names"] = _judged(data, train, test, part, True, False)
    counted["all but names"] = _judged(data, train, test, Settings(name=0), False, True)
    counted["all but others' words"] = _judged(data, train, test, Settings(), True, False)
    counted["all"] = _judged(data, train, test, Settings(), True, True)
    return counted


def _judged(
    data: Listed, train: Int64, test: Int64, how: Settings, names: bool, transductive: bool
) -> Counted:
    """The product's classifier: right answers, calibration, and what it answers when it may say "unknown"."""
    firms = data.firms if names else data.bare
    labels = data.l2[train].tolist()
    others = firms.rows(test) if transductive else None
    model = fit(firms.rows(train), labels, {code: code[:2] for code in labels}, others, how)
    told = model.predict(firms.rows(test))
    one, two = (
        np.array(model.broad)[told.broad.argmax(axis=1)],
        np.array(model.fine)[told.fine.argmax(axis=1)],
    )
    right1, right2 = one == data.l1[test], two == data.l2[test]
    return {
        **_right(data, test, one, two),
        "ece_l1": calibration_error(told.broad.max(axis=1), right1),
        "ece_l2": calibration_error(told.fine.max(axis=1), right2),
        **_sure(model, told.broad.max(axis=1), right1),
    }


def _sure(model: Industry, told: Float64, right: NDArray[np.bool_]) -> Counted:
    """Share of firms given a level-1 industry, and how often it is right."""
    answered = told >= model.sure["broad"]
    return {"answered_l1": float(answered.mean()), "answered_l1_right": float(right[answered].mean())}


def _right(data: Listed, test: Int64, one: rivals.Codes, two: rivals.Codes) -> Counted:
    return {"l1": float((one == data.l1[test]).mean()), "l2": float((two == data.l2[test]).mean())}


def _mean(counted: list[Counted]) -> Counted:
    """Mean over the seeds of every figure, and the standard deviation of the two that count."""
    mean = {key: round(float(np.mean([c[key] for c in counted])), 4) for key in counted[0]}
    spread = {f"{k}_sd": round(float(np.std([c[k] for c in counted], ddof=1)), 4) for k in ("l1", "l2")}
    return {**mean, **spread}


def _gains(means: dict[str, Counted], level: str) -> dict[str, float]:
    """Points won by each step from the plain SVM to all of it, and by the hops that are not used."""
    steps = ("text only: plain SVM", "products", "products and names", "all but others' words", "all")
    names = ("revenue shares and ridge", "names", "singular directions", "words of unlabelled firms")
    won = {
        name: round(means[after][level] - means[before][level], 4)
        for name, before, after in zip(names, steps, steps[1:], strict=False)
    }
    return {**won, "hops (not used)": round(means["all and hops"][level] - means["all"][level], 4)}


def _print(means: dict[str, Counted], figures: dict[str, object]) -> None:
    console, table = Console(), Table("method", "l1", "±", "l2", "±", title="placement")
    for name, mean in means.items():
        table.add_row(name, *(f"{mean[k]:.3f}" for k in ("l1", "l1_sd", "l2", "l2_sd")))
    console.print(table)
    for key, value in figures.items():
        if key != "ablations":
            console.print(f"{key}: {json.dumps(value, ensure_ascii=False)}", highlight=False)
