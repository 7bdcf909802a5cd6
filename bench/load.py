"""Bench `load`: edges a second into an empty graph store, embedded and Neo4j, with a build's own statements.

Enterprises first, then three lots of SUPPLIES; the figure is the best lot. The receivers' degrees
follow a power law, and rows come in the order a build writes them: by supplier, then customer.
"""

import tempfile
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from bench.measure import Measure
from graph.engine import connect
from graph.model import EDGES, NODES
from graph.store import Store
from ledger.ids import stable_ids
from tests.neo4j.launcher import Unavailable, neo4j_store

FIRMS, LOTS, LOT = 60_000, 3, 80_000
BARS = {"embedded": 8_000, "neo4j": 12_000}


def run(data: Path | None = None) -> dict[str, float | None]:
    """Edges a second of each engine's best lot; None, with what to install, where there is no Neo4j."""
    del data  # the graph is generated
    firms, links = enterprises(FIRMS), supplies(FIRMS, LOTS * LOT)
    figures: dict[str, float | None] = {}
    shown = Table("engine", "rows", "rows/s", "seconds", "CPU s", "peak GB", "load")
    shown.caption = "the best lot of edges counts; bars: " + ", ".join(f"{e} {b:,}" for e, b in BARS.items())
    for engine in BARS:
        try:
            with tempfile.TemporaryDirectory() as folder, _opened(engine, Path(folder)) as store:
                figures[engine] = _load(store, engine, firms, links, shown)
        except Unavailable as what_to_do:
            shown.add_row(engine, str(what_to_do))
            figures[engine] = None
        shown.add_section()
    Console().print(shown)
    return figures


def _opened(engine: str, folder: Path) -> AbstractContextManager[Store]:
    return connect(None, folder) if engine == "embedded" else neo4j_store(folder)


def _load(store: Store, engine: str, firms: pl.DataFrame, links: pl.DataFrame, shown: Table) -> float:
    store.schema()
    lots = [links[start : start + LOT] for start in range(0, links.height, LOT)]
    work = [("nodes", "create_enterprise", firms), *(("edges", "create_supplies", lot) for lot in lots)]
    best = 0.0
    for what, statement, rows in work:
        with Measure() as measured:
            written = store.write(statement, rows)
        if written != rows.height:
            raise RuntimeError(f"only {written} of {rows.height} rows found their place")
        rate = written / measured.seconds
        best = max(best, rate) if what == "edges" else best
        told = measured.figures()
        shown.add_row(
            engine,
            f"{written:,} {what}",
            f"{rate:,.0f}",
            *(f"{told[key]:,.1f}" for key in ("seconds", "cpu_seconds", "peak_gb", "load")),
        )
    return round(best)


def enterprises(count: int) -> pl.DataFrame:
    """Rows of Enterprise as wide as a build's."""
    number = pl.int_range(count, dtype=pl.Int64, eager=True).alias("n").to_frame()
    text = pl.col("n").cast(pl.String)
    made = {
        "id": stable_ids(pl.lit("bench"), text),
        "name": pl.format("平湖新材料{}有限公司", text),
        "code": pl.format("91990000MA{}", text.str.zfill(8)),
        "pinyin": pl.format("pinghu xincailiao {} youxian gongsi", text),
        "initials": pl.format("phxcl{}yxgs", text),
        "region": pl.lit("330482"),
        "industry": pl.lit("2651"),
        "size": pl.lit("small"),
        "taxpayer": pl.lit("general"),
        "legal_form": pl.lit("company"),
        "role": pl.lit("manufacture"),
        "hub": pl.lit(False),
        "sales_fen": pl.col("n") * 997,
        "purchases_fen": pl.col("n") * 991,
        "synthetic": pl.lit(True),
    }
    return number.select(
        made[name].cast(dtype).alias(name) for name, dtype in NODES["Enterprise"].schema.items()
    )


def supplies(firms: int, count: int, seed: int = 1) -> pl.DataFrame:
    """`count` different SUPPLIES between `enterprises(firms)`, half of them to few large buyers."""
    random = np.random.default_rng(seed)
    src = random.integers(0, firms, 2 * count)
    few = np.minimum(random.pareto(0.7, 2 * count), firms - 1).astype(np.int64)
    dst = np.where(random.random(2 * count) < 0.5, few, random.integers(0, firms, 2 * count))
    pairs = pl.DataFrame({"a": src, "b": dst}).filter(pl.col("a") != pl.col("b")).unique(maintain_order=True)
    ids = enterprises(firms)["id"]
    chosen = pairs.head(count)
    if chosen.height < count:
        raise ValueError(f"{firms} firms are too few for {count} links")
    ends = pl.DataFrame({"src": ids.gather(chosen["a"]), "dst": ids.gather(chosen["b"])})
    amount = pl.int_range(pl.len(), dtype=pl.Int64) * 100 + 12_345
    made = {
        "src": pl.col("src"),
        "dst": pl.col("dst"),
        "amount_fen": amount,
        "gross_fen": amount,
        "red_fen": pl.lit(0),
        "count": pl.lit(7),
        "first": pl.lit(date(2024, 1, 5)),
        "last": pl.lit(date(2025, 11, 28)),
        "basis": pl.lit("observed"),
        "confidence": pl.lit(1.0),
        "attested": pl.lit("both"),
    }
    return ends.sort("src", "dst").select(
        made[name].cast(dtype).alias(name) for name, dtype in EDGES["SUPPLIES"].schema.items()
    )
