"""Bench `supplysim`: who supplies what to whom next, and what is made of what, in simulated worlds.

Validation steps always (a ranker fitted on the training steps alone); with a folder that holds all
steps also the test steps, with the same settings fitted on training and validation. A model may
take in earlier steps, never the current one. The truth of production is opened only to count.
"""

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.measure import Measure
from bench.supplysim_production import learnt, mean_average_precision, production_figures, synthetic, truth_of
from bench.supplysim_protocol import World, counted, read_world, sets_of
from gnn.temporal.ranker import fit
from gnn.temporal.sampling import reciprocal_ranks

WORLDS = ("std", "shocks", "missing")
HOME = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "supplysim"
#: Seed of the drawn negatives; a file of stored negatives goes before them.
SEED = 0


def run(data: Path | None = None) -> dict[str, object]:
    """Figures of all worlds in `data` (default: the training and validation steps in the data folder)."""
    folder = data or HOME
    figures: dict[str, object] = {}
    with Measure() as measure:
        for name in WORLDS:
            world = read_world(folder, name, HOME)
            if world is None:
                continue
            figures |= _ranked(world, "val")
            if world.has_test:
                figures |= _ranked(world, "test")
            truth = truth_of(folder, name, world.entities)
            figures |= {k: round(v, 4) for k, v in production_figures(world, truth).items()}
            figures[f"rows_{name}"] = world.table.height
        for label, seen in (("", 1.0), ("_missing", 0.8)):
            table, truth, first, size = synthetic(seen=seen)
            found = mean_average_precision(learnt(table, first, size), truth, first)
            figures[f"map_own_synthetic{label}"] = round(found, 4)
    figures |= measure.figures()
    table_ = Table("figure", "value", title="supplysim")
    for name, value in figures.items():
        table_.add_row(name, json.dumps(value, ensure_ascii=False))
    Console().print(table_)
    return figures


def _ranked(world: World, part: str) -> dict[str, object]:
    """Mean reciprocal ranks of the ranker, of its ablations and of counting, in one part."""
    sets, source = sets_of(world, part, SEED)
    until = world.train_max if part == "val" else world.val_max
    rankers = {
        "": fit(world.steps, until),
        "_counts_only": fit(world.steps, until, stock=False),
        "_shuffled_recipes": fit(world.steps, until, shuffled=True),
    }
    scores = {name: ranker.scores(world.steps, sets) for name, ranker in rankers.items()}
    scores["_edgebank"] = counted(world, sets)
    scores["_edgebank_streaming"] = counted(world, sets, streaming=True)
    key = f"val_{world.name}" if part == "val" else world.name
    found: dict[str, object] = {
        f"{key}{name}": round(float(reciprocal_ranks(value).mean()), 4) for name, value in scores.items()
    }
    return found | {f"{key}_negatives": source, f"{key}_ranked": len(sets.step)}
