"""Bench `gpu`: the embedding step of a night on one GPU, and whether it gives what the CPU gives.

Where there is no GPU, that is said, and the torch code runs on the CPU instead (`agreement_cpu_device`).
`seconds` counts the step from inputs in main memory to embeddings back there, best of three.
"""

import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.measure import Measure
from bench.nightly import SPEC, words
from bench.nightly_graph import Layered, generate, keys, opened
from gnn.embeddings.cuda import devices, embed_on
from gnn.embeddings.hops import Kept, diffuse, mix
from gnn.embeddings.inputs import with_identity
from gnn.embeddings.propagation import Bits, from_bf16, links, to_bf16
from graph.csr import Rows

FIRMS = 1_000_000


def run(data: Path | None = None, firms: int = FIRMS) -> dict[str, Any]:
    """Embed the layered graph of `bench.nightly_graph` on both; print a table, return the figures."""
    with TemporaryDirectory(prefix="dayan-bench-") as scratch:
        folder = data or Path(scratch)
        if data is None:
            generate(folder, firms)
        world = opened(folder)
        own = to_bf16(words())[world.product]
        own[world.product < 0] = 0
        with Measure() as measured:
            figures = _both(world, own)
    figures = {"enterprises": world.graph.nodes, "links": world.graph.edges, **figures, **_other(measured)}
    table = Table("figure", "value", title="gpu")
    for name, value in figures.items():
        table.add_row(name, json.dumps(value))
    console = Console()
    console.print(table)
    if figures["gpu"] is None:
        console.print("No GPU here: the torch code ran on the CPU; `seconds` and `agreement` need a GPU.")
    return figures


def _both(world: Layered, own: Bits) -> dict[str, Any]:
    sides = {"c": links(world.graph, "out"), "s": links(world.graph, "in")}
    names = keys(world.graph.nodes)
    begun = time.perf_counter()
    ours = _ours(sides, own, names)
    figures: dict[str, Any] = {"kernel_seconds": round(time.perf_counter() - begun, 3)}
    for device in devices():
        best = np.inf
        for _ in range(3 if device == "cuda" else 1):
            begun = time.perf_counter()
            theirs = embed_on(device, own, names, sides, SPEC)
            best = min(best, time.perf_counter() - begun)
        cosine, worst = _agreement(ours, theirs)
        if device == "cuda":
            figures |= {"seconds": round(best, 3), "agreement": cosine, "agreement_worst": worst}
        else:
            figures |= {"cpu_device_seconds": round(best, 3), "agreement_cpu_device": cosine}
            figures |= {"agreement_cpu_device_worst": worst}
    return {"gpu": _name(), "seconds": None, "agreement": None} | figures


def _ours(sides: dict[str, Rows], own: Bits, names: Any) -> Bits:
    kept = Kept(len(own), SPEC.width, ("own", *SPEC.hops, "values"))
    kept.put("own", 0, own)
    diffuse(sides["c"], sides["s"], with_identity(own, names, SPEC), SPEC.hops, kept)
    mix(kept, len(own), SPEC)
    return kept.of["values"]


def _agreement(ours: Bits, theirs: Bits) -> tuple[float, float]:
    """Mean and least cosine over firms; a firm that is 0 in both agrees, in one of them does not."""
    a, b = from_bf16(ours), from_bf16(theirs)
    long, wide = np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1)
    cosine = np.where((long == 0) & (wide == 0), 1, (a * b).sum(axis=1) / np.maximum(long * wide, 1e-9))
    return round(float(cosine.mean()), 6), round(float(cosine.min()), 6)


def _name() -> str | None:
    import torch

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else None


def _other(measured: Measure) -> dict[str, float]:
    """Peak memory, CPU seconds and load of the whole comparison."""
    return {name: value for name, value in measured.figures().items() if name != "seconds"}
