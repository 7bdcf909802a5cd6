"""Bench `nightly`: everything a night recomputes, on 21 million firms and 100 million links.

Tiers (level and depth), chains (nine personalised PageRanks), PageRank, embeddings (64 numbers in bf16,
three hops: customers, suppliers, customers' suppliers) and positions (a small head over the hops). The graph
is generated (`bench.nightly_graph`) before the clock starts. What was planted is opened only to count, but
for what a bank would know: the makers of the end products with their chain, and the position of a sample of
firms that the head is trained on.
"""

import json
import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.measure import Measure
from bench.nightly_graph import CHAINS, GOODS, TIERS, Layered, generate, keys, opened
from bench.nightly_head import Head, trained, widen_into
from gnn.embeddings.hops import Filed, diffuse, mix
from gnn.embeddings.inputs import Spec, add_token, with_identity
from gnn.embeddings.propagation import links, to_bf16
from graph.csr import together
from graph.kernels.depth import depth
from graph.kernels.level import level
from graph.kernels.pagerank import membership, pagerank, personalised

FIRMS = 21_000_000
#: Firms whose position is known to the head; a depth that moves by less has settled; a sum of changes.
SAMPLE, SETTLED, RANKS = 60_000, 1e-3, 1e-6
#: A chain's walks stop when they change by less in sum: see `chain_right`.
WALKS = 5e-2
SPEC = Spec(hops=("c", "s", "cs"), share=(1.0, 0.5, 0.5, 0.7), by_amount=False)
ROWS = 1 << 16
NAMES = ("own", *SPEC.hops)


@dataclass
class Night:
    """Seconds and CPU seconds of each step."""

    seconds: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Times what runs inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.seconds[name] = round(time.perf_counter() - wall, 2)
        self.cpu[name] = round(time.process_time() - cpu, 2)


def run(data: Path | None = None, firms: int = FIRMS) -> dict[str, Any]:
    """Generate (or open the graph at `data`), do a night's work, count; print a table, return the figures."""
    with TemporaryDirectory(prefix="dayan-bench-") as scratch:
        small, folder = Path(scratch) / "small", data or Path(scratch) / "graph"
        small.mkdir()
        generate(small, 2_000)
        _work(small, Path(scratch), Night())  # compiles
        if data is None:
            folder.mkdir()
            _in_a_child(generate, folder, firms)
        out = Path(scratch) / "out"
        out.mkdir()
        night = Night()
        with Measure() as measured:
            _work(folder, out, night)
        figures = _counted(folder, out)
    figures = {
        **measured.figures(),
        "quiet_seconds": round(measured.cpu_seconds / 2, 1),
        "steps": night.seconds,
        "steps_cpu": night.cpu,
        **figures,
    }
    table = Table("figure", "value", title="nightly")
    for name, value in figures.items():
        table.add_row(name, json.dumps(value))
    Console().print(table)
    return figures


def _work(folder: Path, out: Path, night: Night) -> None:
    """The night: reads the mapped graph, writes its results as .npy files into `out`."""
    with night.step("open"):
        world = opened(folder)
        makers = np.flatnonzero(world.tier == 0).astype(np.int32)
    with night.step("tiers"):  # at once: most of either is one queue or one sweep at a time
        together(lambda: _levels(world, makers, out), lambda: _depths(world, makers, out))
    with night.step("pagerank"):
        np.save(out / "rank.npy", pagerank(world.graph, tolerance=RANKS).astype(np.float32))
    with night.step("chains"):
        restart = np.zeros((world.graph.nodes, CHAINS), np.uint8)
        restart[makers, world.chain[makers]] = 1
        mass = personalised(world.graph, restart, tolerance=WALKS)
        del restart
        with np.errstate(all="raise"):
            np.save(out / "chains.npy", membership(mass))
        del mass
    with Filed.within(out, (*NAMES, "values"), SPEC.width, world.graph.nodes) as hops:
        with night.step("embeddings"):
            _embed(world, hops)
        with _plain_blas(), night.step("train"):
            head = _head(world, hops, out, NAMES)
        with _plain_blas(), night.step("positions"):
            _place(world.graph.nodes, hops, out, head)


def _plain_blas() -> AbstractContextManager[Any]:
    """One BLAS thread each for our own two, where that can be set: its threads wait by spinning."""
    try:
        limits = import_module("threadpoolctl").threadpool_limits(1)
    except ImportError:
        return nullcontext()
    return limits  # type: ignore[no-any-return]


def _levels(world: Layered, makers: Any, out: Path) -> None:
    np.save(out / "level.npy", level(world.graph, makers).level.astype(np.int8))


def _depths(world: Layered, makers: Any, out: Path) -> None:
    np.save(out / "depth.npy", depth(world.graph, makers, settled=SETTLED).depth.astype(np.float32))


def _embed(world: Layered, hops: Filed) -> None:
    """Inputs, hops and one embedding a firm; only one hop is in memory at a time."""
    firms = world.graph.nodes
    table, names = to_bf16(words()), keys(firms)
    inputs = np.empty((firms, SPEC.width), np.uint16)
    for low in range(0, firms, ROWS):
        named = world.product[low : low + ROWS]
        own = table[named]
        own[named < 0] = 0
        hops.put("own", low, own)
        inputs[low : low + ROWS] = with_identity(own, names[low : low + ROWS], SPEC)
    del names
    customers, suppliers = links(world.graph, "out"), links(world.graph, "in")
    diffuse(customers, suppliers, inputs, SPEC.hops, hops)
    del inputs, customers, suppliers
    mix(hops, firms, SPEC)


def words() -> NDArray[np.float32]:
    """A vector a product: a word of its own, three of its segment's twelve, two of 300 common ones."""
    table = np.zeros((CHAINS * TIERS * GOODS, SPEC.width), np.float32)
    rng = np.random.Generator(np.random.Philox(3))
    for product, row in enumerate(table):
        segment = product // GOODS
        said = [
            product,
            *(10_000 + 12 * segment + rng.permutation(12)[:3]),
            *(20_000 + rng.integers(0, 300, 2)),
        ]
        for word in said:
            add_token(np.uint64(word), SPEC.seed, np.float32(1 / np.sqrt(len(said))), row)
    return table


def _head(world: Layered, hops: Filed, out: Path, names: tuple[str, ...]) -> Head:
    """A head trained on the sample whose position is known."""
    count = _sample(world.graph.nodes)
    x = _features(hops, names, *_mapped(out), 0, count)
    label = world.chain[:count].astype(np.int32) * TIERS + world.tier[:count]
    return trained(x, label, CHAINS * TIERS)


def _sample(firms: int) -> int:
    """The first so many rows: rows stand in the order of hashed ids, so they are drawn at random."""
    return min(SAMPLE, firms // 3)


def _mapped(out: Path) -> tuple[Any, Any]:
    return np.load(out / "depth.npy", mmap_mode="r"), np.load(out / "chains.npy", mmap_mode="r")


def _features(hops: Filed, names: tuple[str, ...], depths: Any, chains: Any, low: int, high: int) -> Any:
    """What the head sees of rows low … high - 1: the named hops; beside all hops also how near the depth
    is to each tier, and the square roots of the chain shares."""
    width, more = SPEC.width, (TIERS + CHAINS) * (len(names) > 1)
    x = np.empty((high - low, width * len(names) + more), np.float32)
    for at, name in enumerate(names):
        widen_into(hops.rows(name, low, high), x, at * width)
    if more:
        near = np.abs(np.nan_to_num(depths[low:high], nan=-1)[:, None] - np.arange(TIERS, dtype=np.float32))
        x[:, -more:-CHAINS] = np.maximum(1 - near, 0)
        x[:, -CHAINS:] = np.sqrt(chains[low:high])
    return x


def _place(firms: int, hops: Filed, out: Path, head: Head) -> None:
    """Segment and its probability of every firm, block by block."""
    place, sure = np.empty(firms, np.int8), np.empty(firms, np.float32)
    depths, chains = _mapped(out)

    def one(low: int) -> None:
        high = min(low + ROWS, firms)
        place[low:high], sure[low:high] = head(_features(hops, NAMES, depths, chains, low, high))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, range(0, firms, ROWS)))
    np.save(out / "place.npy", place)
    np.save(out / "sure.npy", sure)


def _counted(folder: Path, out: Path) -> dict[str, Any]:
    """What was found against what was planted; firms the head was trained on are left out of its figures."""
    world = opened(folder)
    depths, chains = _mapped(out)
    sells = world.tier > 0
    within = np.abs(depths - world.tier) <= 0.5
    best = np.empty(len(within), np.int8)
    for low in range(0, len(best), ROWS):
        best[low : low + ROWS] = chains[low : low + ROWS].argmax(axis=1)
    truth = world.chain * np.int8(TIERS) + world.tier
    unseen = sells.copy()
    unseen[: _sample(len(best))] = False
    place, sure = np.load(out / "place.npy"), np.load(out / "sure.npy")
    plain = best * np.int8(TIERS) + np.clip(np.rint(np.nan_to_num(depths)), 0, TIERS - 1).astype(np.int8)
    firm = unseen & (sure >= 0.9)
    return {
        "enterprises": world.graph.nodes,
        "links": world.graph.edges,
        "depth_within_half": _share(within[sells]),
        "level_is_tier": _share(np.load(out / "level.npy")[sells] == world.tier[sells]),
        "chain_right": _share(best[sells] == world.chain[sells]),
        "position_right": _share(place[unseen] == truth[unseen]),
        "position_right_depth_and_chain_only": _share(plain[unseen] == truth[unseen]),
        "position_right_text_only": _text_only(world, out, truth),
        "position_sure": _share(firm[unseen]),
        "position_right_where_sure": _share(place[firm] == truth[firm]),
    }


def _text_only(world: Layered, out: Path, truth: NDArray[np.int8]) -> float:
    """The same head on a firm's own inputs alone, over a million firms it has not seen."""
    with Filed.within(out, NAMES, SPEC.width) as hops:
        head = _head(world, hops, out, ("own",))
        high = min(world.graph.nodes, 1_000_000)
        found, _ = head(_features(hops, ("own",), None, None, 0, high))
    unseen = world.tier[:high] > 0
    unseen[: _sample(world.graph.nodes)] = False
    return _share(found[unseen] == truth[:high][unseen])


def _share(right: Any) -> float:
    return round(float(np.mean(right)), 4)


def _in_a_child(work: Callable[..., None], *args: Any) -> None:
    """Runs `work` in a fresh process, so that its memory is gone afterwards."""
    child = multiprocessing.get_context("spawn").Process(target=work, args=args)
    child.start()
    child.join()
    if child.exitcode:
        raise RuntimeError(f"{work.__name__} ended with {child.exitcode}")
