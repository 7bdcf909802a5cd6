"""Bench `positions`: are enterprises placed right where much of what would tell it is hidden?

Each seed is an economy of its own, read and built as a user's would be. Then 30 % of its links are
hidden, the goods of 40 % of its firms lose item and tax category, in their own books and in their
customers', and 5 % of links name a wrong buyer. The model is trained, calibrated and given its threshold
on `labels` (30 % of firms); what else was planted is opened after that, to count. A generated economy gives
firms telling names and right industries; here half of the names lose their trade and 30 % of the industries
are another firm's (`gnn.positions.hiding`). `covered_strict` is the same without looking at either at all.
"""

import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.measure import Measure
from bench.position_paths import PlantedPaths, paths_right
from bench.position_rivals import shuffled, two_hop
from dayan.pipeline import compute
from extraction.ingest import ingest
from gnn.calibration import calibration_error
from gnn.positions.hiding import Hidden, hide
from gnn.positions.model import Standing, stand
from gnn.positions.plain import Plain, what_is_plain
from gnn.positions.signs import SIGNS, words_of
from gnn.positions.training import Settings, train
from gnn.view import View, view_of
from graph.csr import rows as rows_of
from graph.kernels.reach import reach
from ledger.ledger import Ledger
from seeds.chains import Chain, load_chains
from seeds.economy import generate

ENTERPRISES, LINKS, SEEDS = 100_000, 500_000, (1, 2, 3, 4, 5)
#: What a firm is called and registered as; not looked at in the strict figure.
ATTRIBUTES = ("name", "industry")
#: Signs that remain in each ablation.
ABLATIONS = {"text_only": ("own", "words", "common"), "degree_only": ("common",)}
FURTHEST = 8
#: Of every so many chains one has no core enterprise that anybody named.
UNNAMED = 3


@dataclass(frozen=True)
class Case:
    """One economy with part of it hidden. `labels`, `truth`: int64[n, 2], planted seats, -1 for none;
    `cores` chain number → firms, none in every third chain (`all_cores`: in all); `silent` bool[n]: goods
    without names."""

    view: View
    plain: Plain
    chains: tuple[Chain, ...]
    labels: NDArray[np.int64]
    truth: NDArray[np.int64]
    cores: list[list[int]]
    all_cores: list[list[int]]
    silent: NDArray[np.bool_]
    planted: PlantedPaths


def run(
    data: Path | None = None,
    *,
    enterprises: int = ENTERPRISES,
    links: int = LINKS,
    seeds: Iterable[int] = SEEDS,
) -> dict[str, object]:
    """Print a table and return the figures: means over the seeds, the lowest beside them."""
    console = Console()
    found: dict[str, list[float]] = defaultdict(list)
    with Measure() as measure:
        for number, seed in enumerate(seeds):
            with tempfile.TemporaryDirectory() as scratch:
                case = _case(data, Path(scratch), enterprises, links, seed)
            for name, value in _figures(case, seed, ablations=number == 0).items():
                found[name].append(value)
            console.print(f"seed {seed}: covered {found['covered'][-1]:.4f}")
            if data is not None:
                break
    figures: dict[str, object] = {name: round(float(np.mean(v)), 4) for name, v in found.items()}
    figures["lowest"] = {name: round(min(v), 4) for name, v in found.items() if len(v) > 1}
    figures |= {"seeds": len(found["covered"]), **measure.figures()}
    table = Table("figure", "value", title="positions")
    for name, told in figures.items():
        table.add_row(name, json.dumps(told))
    console.print(table)
    return figures


def _case(data: Path | None, scratch: Path, enterprises: int, links: int, seed: int) -> Case:
    economy, chains = data or scratch / "economy", load_chains()
    if data is None:
        generate(economy, enterprises, links, seed)
    ledger = Ledger(scratch / "home")
    ingest([economy / "documents"], ledger)
    tables, _ = compute(ledger, chains)
    whole = view_of(tables)
    view, silent = hide(whole, Hidden(), seed)
    plain = what_is_plain(view, chains)
    code = {c: i for i, c in enumerate(view.enterprises["code"].to_list())}
    labels, truth = (
        _seats(pl.read_parquet(economy / name), code, plain, view.firms)
        for name in ("labels.parquet", "truth/positions.parquet")
    )
    all_cores = [[code[core.code] for core in chain.cores if core.code in code] for chain in chains]
    cores = [
        [code[core.code] for core in chain.cores if core.code in code and number % UNNAMED]
        for number, chain in enumerate(chains)
    ]
    planted = PlantedPaths.read(economy / "truth", code, np.maximum(labels, truth))
    return Case(view, plain, chains, labels, truth, cores, all_cores, silent, planted)


def _seats(planted: pl.DataFrame, code: dict[str, int], plain: Plain, firms: int) -> NDArray[np.int64]:
    seats = np.full((firms, 2), -1, np.int64)
    for who, segment, primary in planted.select("code", "segment", "primary").iter_rows():
        if who in code:
            seats[code[who], 0 if primary else 1] = plain.seats.number[segment]
    return seats


def _figures(case: Case, seed: int, ablations: bool) -> dict[str, float]:
    found = _stands(case, Settings(seed=seed))
    scored = (case.truth[:, 0] >= 0) & ~case.plain.hubs
    right = _right(case, found)
    tier = case.plain.seats.tier[case.truth[:, 0]]
    groups = {
        "": scored,
        "_deep": scored & (tier >= 4),
        "_coreless": scored & ~_reaches_core(case),
        "_unnamed": scored & _without_core(case),
        "_down": scored & (tier < 0),
        "_silent": scored & case.silent,
    }
    figures = {f"covered{name}": float((right & found.placed)[mask].mean()) for name, mask in groups.items()}
    figures |= {f"firms{name}": float(mask.sum()) for name, mask in groups.items()}
    placed = scored & found.placed
    figures["precision"] = float(right[placed].mean())
    figures["ece"] = calibration_error(found.confidence[scored], right[scored])
    figures |= two_hop(case, scored)
    figures |= paths_right(case, found)
    strict = _stands(case, Settings(without=ATTRIBUTES, seed=seed))
    figures["covered_strict"] = float((_right(case, strict) & strict.placed)[scored].mean())
    if ablations:
        for name, kept in ABLATIONS.items():
            alone = _stands(case, Settings(without=tuple(s for s in SIGNS if s not in kept), seed=seed))
            figures[name] = float((_right(case, alone) & alone.placed)[scored].mean())
        mixed = shuffled(case, seed)
        alone = _stands(mixed, Settings(seed=seed))
        figures["shuffled_graph"] = float((_right(mixed, alone) & alone.placed)[scored].mean())
    return figures


def _stands(case: Case, settings: Settings) -> Standing:
    words = words_of(case.view, case.plain)
    model = train(case.view, case.plain, words, case.labels, settings)
    return stand(case.view, case.plain, words, model)


def _right(case: Case, found: Standing) -> NDArray[np.bool_]:
    """Whether chain, segment and tier are those planted: a segment is of one chain and one tier."""
    best = found.best
    return np.asarray(((best[:, None] == case.truth) & (best[:, None] >= 0)).any(axis=1))


def _without_core(case: Case) -> NDArray[np.bool_]:
    """Firms whose chains, as planted, all lack a named core enterprise."""
    named = np.array([bool(cores) for cores in case.cores])
    of_chain = case.plain.seats.chain[case.truth]
    return np.asarray(~((case.truth >= 0) & named[of_chain]).any(axis=1))


def _reaches_core(case: Case) -> NDArray[np.bool_]:
    """Firms from which some core enterprise is reached within FURTHEST visible links, up or down."""
    cores = np.array(sorted({core for chain in case.cores for core in chain}), np.int32)
    met = np.zeros(case.view.firms, np.bool_)
    for side in ("in", "out"):
        hops = reach(rows_of(case.view.graph, side, None, case.plain.usable), cores).hops
        met |= (hops >= 0) & (hops <= FURTHEST)
    return met
