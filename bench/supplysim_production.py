"""Production functions: mean average precision, simple rivals, a small synthetic world of our own."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench.supplysim_protocol import World
from gnn.production.inputs import learn_inputs

Floats = NDArray[np.float64]
LAGS = 8
SHUFFLES = 20


def truth_of(folder: Path, name: str, entities: tuple[str, ...]) -> dict[int, set[int]] | None:
    """Product id → ids of its inputs, from a file in `folder`; None where there is none.

    Either `production.json` or `{name}_production.json`: {"product": ["input", …]}; or
    `prod_graph.csv` or `{name}_prod_graph.csv`: columns source (the input), dest (what is made of
    it). Products are named as in the meta file (or by their ids there); names not in it are left out.
    """
    ids = {entity: i for i, entity in enumerate(entities)} | {str(i): i for i in range(len(entities))}
    for file in (folder / f"{name}_production.json", folder / "production.json"):
        if file.exists():
            made = json.loads(file.read_text(encoding="utf-8"))
            pairs = [(str(p), str(i)) for p, inputs in made.items() for i in inputs]
            return _truth(pairs, ids)
    for file in (folder / f"{name}_prod_graph.csv", folder / "prod_graph.csv"):
        if file.exists():
            rows = pl.read_csv(file, infer_schema=False)
            return _truth([(p, i) for i, p in rows.select("source", "dest").iter_rows()], ids)
    return None


def _truth(pairs: list[tuple[str, str]], ids: dict[str, int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for product, item in pairs:
        if product in ids and item in ids:
            found.setdefault(ids[product], set()).add(ids[item])
    return found


def mean_average_precision(scores: Floats, truth: dict[int, set[int]], first: int) -> float:
    """Mean over products with inputs of the average precision of all other products by `scores`.

    `scores` (products, products), higher is more likely an input; ids start at `first`. Ties are
    broken by chance, the mean of SHUFFLES draws with fixed seeds.
    """
    found: list[float] = []
    size = len(scores)
    for product, inputs in sorted(truth.items()):
        others = np.delete(np.arange(size), product - first)
        right = np.isin(others, [i - first for i in inputs])
        value = scores[product - first, others]
        for seed in range(SHUFFLES):
            mixed = np.random.default_rng(seed).permutation(len(others))
            hit = right[mixed][np.argsort(-value[mixed], kind="stable")]
            at = np.flatnonzero(hit) + 1
            found.append(float(np.mean(np.arange(1, len(at) + 1) / at)) if len(at) else 0.0)
    return float(np.mean(found))


def learnt(table: pl.DataFrame, first: int, size: int) -> Floats:
    """(size, size) scores of `gnn.production.learn_inputs`."""
    found = learn_inputs(table, range(first, first + size))
    return _matrix(found, "score", first, size)


def _matrix(found: pl.DataFrame, column: str, first: int, size: int) -> Floats:
    scores = np.zeros((size, size))
    scores[(found["product"] - first).to_numpy(), (found["input"] - first).to_numpy()] = found[
        column
    ].to_numpy()
    return scores


def pmi(table: pl.DataFrame, first: int, size: int) -> Floats:
    """Pointwise mutual information over firms of selling a product and buying an input."""
    sells, buys = _series(table, first, size)
    made, got = (sells.sum(axis=2) > 0).astype(float), (buys.sum(axis=2) > 0).astype(float)
    both = made.T @ got / len(made)
    alone = np.outer(made.mean(axis=0), got.mean(axis=0))
    return np.where(both > 0, np.log(np.maximum(both, 1e-12) / np.maximum(alone, 1e-12)), -20.0)


def correlated(table: pl.DataFrame, first: int, size: int, least: int = 5) -> Floats:
    """Mean over a product's makers of the best correlation of purchases with sales 0 … 7 steps later."""
    sells, buys = _series(table, first, size)
    scores, count = np.zeros((size, size)), np.zeros((size, size))
    for firm in range(len(sells)):
        made = np.flatnonzero((sells[firm] > 0).sum(axis=1) >= least)
        got = np.flatnonzero((buys[firm] > 0).sum(axis=1) >= least)
        if not (made.size and got.size):
            continue
        best = np.full((len(made), len(got)), -1.0)
        for lag in range(LAGS):
            end = sells.shape[2] - lag
            left, right = _unit(sells[firm][made, lag:]), _unit(buys[firm][got, :end])
            best = np.maximum(best, left @ right.T)
        scores[np.ix_(made, got)] += best
        count[np.ix_(made, got)] += 1
    return scores / np.maximum(count, 1)


def _unit(values: Floats) -> Floats:
    centred = values - values.mean(axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12))


def _series(table: pl.DataFrame, first: int, size: int) -> tuple[Floats, Floats]:
    """Sold and bought (firms, products, steps)."""
    ts = table["ts"].to_numpy()
    shape = (first, size, int(ts.max()) + 1)
    found: list[Floats] = []
    for end in ("source", "target"):
        values = np.zeros(shape)
        at = (table[end].to_numpy(), table["product"].to_numpy() - first, ts)
        np.add.at(values, at, table["weight"].to_numpy())
        found.append(values)
    return found[0], found[1]


def production_figures(world: World, truth: dict[int, set[int]] | None) -> dict[str, float]:
    """Figures of one world from its training steps: against the truth where there is one."""
    table = world.table.filter(pl.col("ts") <= world.train_max)
    first, size = world.threshold, len(world.entities) - world.threshold
    if truth is None:
        return {}
    name = world.name
    return {
        f"map_{name}": mean_average_precision(learnt(table, first, size), truth, first),
        f"map_{name}_pmi": mean_average_precision(pmi(table, first, size), truth, first),
        f"map_{name}_correlation": mean_average_precision(correlated(table, first, size), truth, first),
        f"map_{name}_chance": mean_average_precision(np.zeros((size, size)), truth, first),
    }


def synthetic(seed: int = 0, seen: float = 1.0) -> tuple[pl.DataFrame, dict[int, set[int]], int, int]:
    """A small world of our own: transactions, true inputs, first product id, products. Synthetic.

    60 firms, 24 products in four tiers, 120 steps. Ten firms make raw products, the others one to
    three products of any later tier; a product takes two to four of the tier before, one to four of
    each. Orders for final goods start at random makers and travel upstream at once; a buyer's usual
    supplier gets four orders of five; raw goods come with a chance of .8 a step; a firm ships an
    order in the step after its last input came. Sales of final goods are not in the data, as in
    SupplySim, so part of the truth can hardly be found. `seen`: share of firms whose transactions
    are in the data.
    """
    random = np.random.default_rng(seed)
    firms, tiers = 60, ((0, 5), (5, 12), (12, 19), (19, 24))
    takes: dict[int, dict[int, int]] = {}
    for (low, high), (start, end) in pairwise(tiers):
        for p in range(start, end):
            some = random.choice(np.arange(low, high), size=random.integers(2, 5), replace=False)
            takes[p] = {int(i): int(random.integers(1, 5)) for i in some}
    makers: dict[int, list[int]] = {}
    for firm in range(firms):
        low, high = tiers[0] if firm < 10 else (tiers[1][0], tiers[-1][1])
        for p in random.choice(np.arange(low, high), size=random.integers(1, 4), replace=False):
            makers.setdefault(int(p), []).append(firm)
    rows = _simulated(takes, makers, tiers[-1], random)
    hidden = set(random.permutation(firms)[: round(firms * (1 - seen))].tolist())
    kept = [r for r in rows if r[1] not in hidden and r[2] not in hidden]
    table = pl.DataFrame(kept, schema=["ts", "source", "target", "product", "weight"], orient="row")
    table = (
        table.with_columns(pl.col("product") + firms, pl.col("weight").cast(pl.Float64))
        .group_by("ts", "source", "target", "product", maintain_order=True)
        .agg(pl.col("weight").sum())
    )
    truth = {p + firms: {i + firms for i in takes[p] if i in makers} for p in takes if p in makers}
    return table.sort("ts", maintain_order=True), truth, firms, tiers[-1][1]


def _simulated(
    takes: dict[int, dict[int, int]],
    makers: dict[int, list[int]],
    final: tuple[int, int],
    random: np.random.Generator,
) -> list[tuple[int, int, int, int, int]]:
    rows: list[tuple[int, int, int, int, int]] = []
    waiting: list[tuple[int, int, int, int, list[int]]] = []  # maker, buyer, product, units, inputs due
    for step in range(120):
        for p in range(*final):
            if p in makers and random.random() < 0.7:
                _order(takes, makers, waiting, int(random.choice(makers[p])), -1, p, random)
        ready: list[tuple[int, int, int, int, list[int]]] = []
        for order in waiting:
            maker, buyer, p, units, due = order
            free = random.random() < 0.8 if p not in takes else not due
            if free:
                ready.append(order)
        for order in ready:
            waiting.remove(order)
            maker, buyer, p, units, _ = order
            if buyer >= 0:
                rows.append((step, maker, buyer, p, units))
            for other in waiting:
                if other[0] == buyer and p in other[4]:
                    other[4].remove(p)
                    break
    return rows


def _order(
    takes: dict[int, dict[int, int]],
    makers: dict[int, list[int]],
    waiting: list[tuple[int, int, int, int, list[int]]],
    maker: int,
    buyer: int,
    product: int,
    random: np.random.Generator,
    units: int = 0,
) -> None:
    units = units or int(random.integers(1, 9))
    inputs = [i for i in takes.get(product, {}) if i in makers]
    due: list[int] = []
    waiting.append((maker, buyer, product, units, due))
    for item in inputs:
        usual = makers[item][maker % len(makers[item])]
        other = int(random.choice(makers[item])) if random.random() < 0.2 else usual
        if other == maker:
            continue  # made in the house, never invoiced
        due.append(item)
        _order(takes, makers, waiting, other, maker, item, random, units * takes[product][item])
