"""Bench `links`: is a hidden supply link ranked above a hundred false ones that are hard to tell from it?

Three random splits; the rivals see the same splits and the same false pairs. What the ranker is made
of, its weights and its calibration come from training and validation edges only.
"""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.links_data import Network, network
from bench.links_rival import FEATURES as RIVAL_FEATURES
from bench.links_rival import fourteen, lightgbm_scores, text_of
from bench.links_split import Split, split
from bench.measure import Measure
from gnn.pairs.features import DEGREE, FEATURES, TEXT, TRADE, names_of, pair_features
from gnn.pairs.negatives import Pairs, of_edges, ranks
from gnn.pairs.training import (
    Counted,
    Examples,
    Settings,
    grown,
    held_examples,
    ranker_of,
    training_examples,
)
from gnn.text import TextVectors, text_vectors
from gnn.trees import from_lightgbm
from graph.csr import Float, Float64, Graph

SEEDS = (0, 1, 2)
FULL, SMALL = 300, 150  # trees of ours, and of each of its ablations
NORMAL = 1.96
Ranks = dict[str, Float64]
Changed = Callable[[Graph], Graph]


def run(data: Path | None = None, edges: Path | None = None, nodes: Path | None = None) -> dict[str, object]:
    """Measure, print a table, return the figures."""
    console = Console()
    with Measure() as measure:
        net = network(data, edges, nodes)
        text = text_vectors(net.names) if net.names else None
        plain = text_of(net.names) if net.names else np.zeros((net.nodes, 1), np.float32)
        found, told, unseen = [], [], []
        for seed in SEEDS:
            parts = split(net.nodes, net.edges, seed)
            ours, about = _ours(parts, text, seed)
            found.append(ours | _rivals(parts, plain, seed))
            told.append(about)
            unseen.append(parts.unseen)
            console.print(f"seed {seed}: {_line(found[-1])}")
    figures: dict[str, object] = {
        "graph": net.title,
        "nodes": net.nodes,
        "edges": len(net.edges),
        "named": net.names is not None,
        "held_out": sum(len(one["ours"]) for one in found),
        "unseen_share": round(float(np.mean(unseen)), 4),
        **_figures(found),
        "ranker": told,
        **measure.figures(),
    }
    _print(console, net, found, figures)
    return figures


def _ours(parts: Split, text: TextVectors | None, seed: int) -> tuple[Ranks, dict[str, object]]:
    """Ranks of the hidden edges by the ranker and by its ablations; what validation said of it.

    An ablation is the classifier of the ranker alone, with fewer trees.
    """
    names = names_of(text is not None)
    train, asked = _examples(parts, text, seed, lambda graph: graph)
    held = held_examples(parts.graph, parts.open, parts.valid, seed, _counter(text, lambda graph: graph))
    full = ranker_of(train, held, names, Settings(FULL, seed=seed))
    found = {"ours": _ranked(full.score(asked.rows))}
    groups = np.array([FEATURES[name] for name in names])
    kept = {"degree_only": groups == DEGREE}
    if text is not None:
        kept |= {"text_only": groups == TEXT, "no_text": (groups != TEXT) & (groups != TRADE)}
    for name, keep in kept.items():
        columns = np.flatnonzero(keep).tolist()
        found[name] = _small(train.only(columns), asked.only(columns), seed)
    found["shuffled_graph"] = _small(
        *_examples(parts, text, seed, lambda graph: _shuffled(graph, seed)), seed
    )
    return found, full.figures


def _counter(text: TextVectors | None, changed: Changed) -> Counted:
    """Pair features, counted in graphs that `changed` was applied to."""

    def counted(graph: Graph, pairs: Pairs) -> Float:
        return pair_features(changed(graph), text, pairs)

    return counted


def _examples(
    parts: Split, text: TextVectors | None, seed: int, changed: Changed
) -> tuple[Examples, Examples]:
    """What is learnt from, and what is asked."""
    counted, asked = _counter(text, changed), parts.asked(seed)
    return (
        training_examples(parts.nodes, parts.train, parts.open, seed, counted),
        Examples(counted(parts.graph, asked.reshape(-1, 2)), asked.shape[1]),
    )


def _small(train: Examples, asked: Examples, seed: int) -> Float64:
    return _ranked(from_lightgbm(grown(train, "binary", Settings(SMALL, seed=seed))).score(asked.rows))


def _shuffled(graph: Graph, seed: int) -> Graph:
    """Every firm keeps how many it sells to and buys from, but not whom; pairs drawn twice count once."""
    target = graph.dst[np.random.default_rng([seed, 9]).permutation(graph.edges)]
    ends = np.unique(np.column_stack([graph.src, target]), axis=0)
    return of_edges(graph.nodes, ends.astype(np.int32))


def _rivals(parts: Split, plain: Float, seed: int) -> Ranks:
    asked = parts.asked(seed).reshape(-1, 2)
    rows = fourteen(parts.graph, plain, asked)
    single = {"l3": "l3", "pa": "pa", "text_cosine": "text_cosine"}
    found = {name: _ranked(rows[:, RIVAL_FEATURES.index(column)]) for name, column in single.items()}
    found["lightgbm"] = _ranked(lightgbm_scores(parts, plain, asked, seed, hard=False))
    found["lightgbm_hard"] = _ranked(lightgbm_scores(parts, plain, asked, seed, hard=True))
    return found


def _ranked(score: Float) -> Float64:
    table = score.reshape(-1, 101)
    return ranks(table[:, 0], table[:, 1:])


def _figures(found: list[Ranks]) -> dict[str, object]:
    whole = {name: np.concatenate([one[name] for one in found]) for name in found[0]}
    figures: dict[str, object] = {
        "mrr": _mrr(found, "ours"),
        "mrr_deviation": round(float(np.std([(1 / one["ours"]).mean() for one in found])), 4),
        "hits10": round(float((whole["ours"] <= 10).mean()), 4),
        "hits1": round(float((whole["ours"] <= 1).mean()), 4),
    }
    for name in whole:
        if name != "ours":
            figures[f"{name}_mrr"] = _mrr(found, name)
    for rival, key in (("lightgbm", "gain"), ("lightgbm_hard", "gain_hard")):
        apart = 1 / whole["ours"] - 1 / whole[rival]
        width = NORMAL * float(apart.std()) / max(len(apart), 1) ** 0.5
        figures[key] = round(float(apart.mean()), 4)
        figures[f"{key}_low"] = round(float(apart.mean()) - width, 4)
    return figures


def _mrr(found: list[Ranks], name: str) -> float:
    """The mean over the seeds."""
    return round(float(np.mean([(1 / one[name]).mean() for one in found])), 4)


def _line(one: Ranks) -> str:
    return ", ".join(f"{name} {(1 / rank).mean():.3f}" for name, rank in one.items())


def _print(console: Console, net: Network, found: list[Ranks], figures: dict[str, object]) -> None:
    table = Table("method", "MRR", "±", "hits@1", "hits@10", title=f"links, {net.title}")
    for name in found[0]:
        each = [float((1 / one[name]).mean()) for one in found]
        whole = np.concatenate([one[name] for one in found])
        row = (np.mean(each), np.std(each), (whole <= 1).mean(), (whole <= 10).mean())
        table.add_row(name, *(f"{value:.3f}" for value in row))
    console.print(table)
    rest = Table("figure", "value")
    for name, value in figures.items():
        rest.add_row(name, json.dumps(value, ensure_ascii=False))
    console.print(rest)
