"""SupplySim as published: its files, the stored negatives if any, the rivals that only count."""

import io
import json
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from gnn.temporal.sampling import EACH, HISTORICAL, Floats, Ranked, Steps, drawn

NEGATIVES = HISTORICAL + 3 * EACH


@dataclass(frozen=True)
class World:
    """One simulated world: its transactions and where training and validation end."""

    name: str
    steps: Steps
    table: pl.DataFrame
    threshold: int
    entities: tuple[str, ...]
    train_max: int
    val_max: int
    folder: Path

    @property
    def has_test(self) -> bool:
        """Whether there are steps after validation."""
        return bool(self.steps.ts[-1] > self.val_max)


def read_world(folder: Path, name: str, metas: Path) -> World | None:
    """The world `name` of `folder` ({name}.csv or {name}_train_val.csv, .gz too), None if not there.

    The `{name}_meta.json` may lie in `folder` or in `metas`.
    """
    files = [folder / f"{name}{end}" for end in (".csv", ".csv.gz", "_train_val.csv", "_train_val.csv.gz")]
    file = next((f for f in files if f.exists()), None)
    if file is None:
        return None
    meta = next(f for f in (folder / f"{name}_meta.json", metas / f"{name}_meta.json") if f.exists())
    facts = json.loads(meta.read_text(encoding="utf-8"))
    kinds = dict.fromkeys(("ts", "source", "target", "product"), pl.Int64) | {"weight": pl.Float64}
    table = (
        pl.read_csv(file, infer_schema=False)
        .select(pl.col(c).cast(pl.Float64).cast(kind) for c, kind in kinds.items())
        .sort("ts", maintain_order=True)
    )
    names = tuple(facts["id2entity"][str(i)] for i in range(len(facts["id2entity"])))
    threshold = int(facts["product_threshold"])
    steps = Steps.of(table, threshold, len(names))
    ends = int(facts["train_max_ts"]), int(facts["val_max_ts"])
    return World(name, steps, table, threshold, names, *ends, folder)


def sets_of(world: World, part: str, seed: int) -> tuple[Ranked, str]:
    """What to rank in `part` (val or test), and "stored" or "drawn": where the negatives are from."""
    first, last = (
        (world.train_max + 1, world.val_max)
        if part == "val"
        else (world.val_max + 1, int(world.steps.ts[-1]))
    )
    endings = (f"{world.name}_{part}_ns.pkl", f"tgbl-hypergraph_synthetic_{world.name}_{part}_ns.pkl")
    file = next((world.folder / end for end in endings if (world.folder / end).exists()), None)
    if file is None:
        return drawn(world.steps, world.train_max, first, last, seed), "drawn"
    return _stored(world, file, first, last), "stored"


def _stored(world: World, file: Path, first: int, last: int) -> Ranked:
    """Negatives kept as {(supplier, buyer, product, step): [[supplier, buyer, product], …]}."""
    kept = _Plain(io.BytesIO(file.read_bytes())).load()
    steps = world.steps
    rows = slice(*np.searchsorted(steps.ts, [first, last + 1]))
    true = list(
        zip(
            steps.source[rows].tolist(),
            steps.target[rows].tolist(),
            (steps.product[rows] + world.threshold).tolist(),
            steps.ts[rows].tolist(),
            strict=True,
        )
    )
    others = np.array([np.asarray(kept[key], np.int64).reshape(-1, 3)[:NEGATIVES] for key in true])
    whole = np.concatenate([np.array([key[:3] for key in true])[:, None, :], others], axis=1)
    keys = steps.key(whole[..., 0], whole[..., 1], whole[..., 2] - world.threshold)
    return Ranked(steps.ts[rows], keys)


class _Plain(pickle.Unpickler):
    """Reads numbers, tuples, lists, dicts and numpy arrays; anything else in the file is refused."""

    _allowed = ("scalar", "_reconstruct", "ndarray", "dtype")

    def find_class(self, module: str, name: str) -> Any:
        if module.partition(".")[0] == "numpy" and name in self._allowed:
            return super().find_class(module.replace("numpy.core", "numpy._core"), name)
        raise pickle.UnpicklingError(f"{module}.{name} is not a number")


def counted(world: World, sets: Ranked, streaming: bool = False) -> Floats:
    """EdgeBank: how often a triplet occurred in training (streaming: in all steps before its own)."""
    steps = world.steps
    if not streaming:
        past = steps.until(world.train_max)
        keys, count = np.unique(past.key(past.source, past.target, past.product), return_counts=True)
        at = np.minimum(np.searchsorted(keys, sets.keys), len(keys) - 1)
        return np.where(keys[at] == sets.keys, count[at], 0).astype(np.float64)
    scores = np.zeros(sets.keys.shape)
    for step in np.unique(sets.step):
        past, rows = steps.until(int(step) - 1), sets.step == step
        keys, count = np.unique(past.key(past.source, past.target, past.product), return_counts=True)
        at = np.minimum(np.searchsorted(keys, sets.keys[rows]), len(keys) - 1)
        scores[rows] = np.where(keys[at] == sets.keys[rows], count[at], 0)
    return scores
