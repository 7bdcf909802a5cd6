"""Edges a second into an empty graph store, embedded and Neo4j, through the statements a build uses.

Nodes first, then three lots of edges; the figure is the best lot. Degrees follow a power law. Bars: at
least 8,000 embedded, 12,000 into Neo4j.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import psutil
from rich.console import Console
from rich.table import Table

from graph.engine import connect
from graph.model import EDGES, NODES
from graph.store import Store
from ledger.ids import stable_ids
from tests.neo4j.launcher import Unavailable, neo4j_store

NODE_COUNT, LOTS, LOT = 60_000, 3, 80_000


def run(data: Path | None) -> dict[str, float | None]:
    """Load both engines; the best lot of each in edges a second, None where there is no Neo4j."""
    del data  # the graph is generated
    firms, links = nodes(NODE_COUNT), edges(NODE_COUNT, LOTS * LOT)
    shown = Table("engine", "rows", "rows/s", "seconds", "CPU s of the engine", "its peak GB", "load")
    figures: dict[str, float | None] = {}
    for engine in ("embedded", "neo4j"):
        try:
            with tempfile.TemporaryDirectory() as folder, _opened(engine, Path(folder)) as store:
                figures[engine] = round(_load(store, engine, firms, links, shown))
        except Unavailable as reason:
            shown.add_row(engine, str(reason))
            figures[engine] = None
    Console().print(shown)
    return figures


def _opened(engine: str, folder: Path) -> "contextmanager[Store] | Store":  # type: ignore[valid-type]
    return connect(None, folder) if engine == "embedded" else neo4j_store(folder)


def _load(store: Store, engine: str, firms: pl.DataFrame, links: pl.DataFrame, shown: Table) -> float:
    store.schema()
    process = _engine_process(store)
    _timed(shown, engine, "nodes", store, "create_enterprise", firms, process)
    lots = [
        _timed(shown, engine, f"edges {n + 1}", store, "create_supplies", links[n * LOT : (n + 1) * LOT], process)
        for n in range(LOTS)
    ]
    return max(lots)


def _timed(
    shown: Table,
    engine: str,
    what: str,
    store: Store,
    name: str,
    rows: pl.DataFrame,
    process: psutil.Process | None,
) -> float:
    cpu, start = _cpu(process), time.perf_counter()
    written = store.write(name, rows)
    seconds = time.perf_counter() - start
    if written != rows.height:
        raise RuntimeError(f"{written} of {rows.height} rows were written")
    memory = f"{process.memory_info().rss / 1e9:.2f}" if process else "-"
    used = f"{_cpu(process) - cpu:.1f}" if process else "-"
    shown.add_row(
        engine,
        f"{what}: {written:,}",
        f"{written / seconds:,.0f}",
        f"{seconds:.1f}",
        used,
        memory,
        f"{os.getloadavg()[0]:.1f}",
    )
    return written / seconds
