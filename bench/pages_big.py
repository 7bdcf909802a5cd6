"""Large snapshots for bench `pages`: a map of a million enterprises, a table of a hundred thousand.

The snapshot's tables are drawn directly, with a seed: what a build of that many books would hold, without
reading that many papers. Shape as in a real chain: most firms upstream, trade mostly one step down.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Thread

import numpy as np
import polars as pl

from bench.browsing import browser, shown
from bench.serving import Call, ask, server, until_warm
from graph.build import chains_json
from graph.snapshot import write_snapshot
from graph.snapshot_tables import SnapshotTables
from ledger.ledger import Ledger
from seeds.chains import load_chains

FIRMS, TABLE = 1_000_000, 100_000
#: Links a firm sells over, on average.
LINKS_EACH = 3
CHAIN = "pv"
MONTHS = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)]
SEED = 11
#: How often what is timed is done again; the median counts.
TRIES = 5
#: How many servers are started anew to be asked for the map once each.
STARTS = 3


def tables(firms: int, seed: int = SEED) -> SnapshotTables:
    """A snapshot of so many enterprises, all in one chain, and three times as many links."""
    rng = np.random.Generator(np.random.Philox(seed))
    chain = next(one for one in load_chains() if one.id == CHAIN)
    segments = list(chain.segments)
    weight = rng.uniform(0.5, 1.5, len(segments))
    at = rng.choice(len(segments), firms, p=weight / weight.sum())
    tier = np.array([segment.tier for segment in segments])[at]
    depth = tier + rng.normal(0, 0.25, firms)
    src, dst = _links(rng, tier)
    amount = np.exp(rng.normal(13, 1.5, len(src))).astype(np.int64) * 100
    sold, bought = (np.bincount(end, amount, firms).astype(np.int64) for end in (src, dst))
    ids = np.unique(rng.integers(0, 2**63, firms + 8, dtype=np.uint64))[:firms]
    enterprises = _enterprises(rng, ids, sold, bought, src, dst)
    edges = pl.DataFrame(
        {
            "src": src.astype(np.int32), "dst": dst.astype(np.int32), "gross_fen": amount,
            "red_fen": np.zeros(len(src), np.int64), "amount_fen": amount,
            "count": np.full(len(src), 2, np.int32),
        }
    ).with_columns(
        first=pl.lit(date(2024, 1, 5)), last=pl.lit(date(2025, 12, 20)), attested=pl.lit("both")
    )  # fmt: skip
    cores = np.flatnonzero(tier == 0)[:3]
    positions = pl.DataFrame(
        {
            "enterprise": np.arange(firms, dtype=np.int32),
            "chain": [CHAIN] * firms,
            "segment": pl.Series([segment.id for segment in segments]).gather(at),
            "confidence": rng.uniform(0.5, 1, firms),
            "membership": rng.uniform(0.5, 1, firms),
            "level": np.abs(tier).astype(np.int32),
            "depth": depth,
            "depth_unweighted": depth,
            "core": cores[rng.integers(0, len(cores), firms)].astype(np.int32),
            "basis": ["observed"] * firms,
            "probability": rng.uniform(0.5, 1, firms),
            "chain_probability": rng.uniform(0.5, 1, firms),
        }
    )
    return SnapshotTables(
        as_of=date(2025, 12, 31),
        months=MONTHS,
        synthetic=True,
        enterprises=enterprises,
        edges=edges,
        flow=_flow(rng, amount),
        sales=_sales(rng, sold),
        positions=positions,
        chains=chains_json([chain], {CHAIN: [int(one) for one in cores]}),
    )


def _links(rng: np.random.Generator, tier: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct pairs, sorted: nine of ten go one tier down, the others anywhere."""
    firms = len(tier)
    order = np.argsort(tier, kind="stable")
    starts = np.searchsorted(tier[order], np.arange(tier.min(), tier.max() + 2))
    src = rng.integers(0, firms, firms * LINKS_EACH)
    below = np.maximum(tier[src] - 1, tier.min()) - tier.min()
    low, high = starts[below], np.maximum(starts[below + 1], starts[below] + 1)
    near = order[np.minimum((low + rng.random(len(src)) * (high - low)).astype(np.int64), firms - 1)]
    dst = np.where(rng.random(len(src)) < 0.9, near, rng.integers(0, firms, len(src)))
    pairs = np.unique(src * firms + dst)
    src, dst = pairs // firms, pairs % firms
    return src[src != dst], dst[src != dst]


def _enterprises(
    rng: np.random.Generator, ids: np.ndarray, sold: np.ndarray, bought: np.ndarray, src: np.ndarray,
    dst: np.ndarray,
) -> pl.DataFrame:  # fmt: skip
    firms = len(ids)
    number = pl.Series(np.arange(firms)).cast(pl.String).str.zfill(8)
    provinces = pl.Series(["330482", "320500", "440300", "110000", "360100", "430100", "130100", "370200"])
    sizes = pl.Series(["micro", "small", "small", "medium", "large"])
    frame = pl.DataFrame(
        {
            "id": [f"{one:016x}" for one in ids],
            "name": "大雁第" + number + "号有限公司",
            "pinyin": "dayandi" + number + "haoyouxiangongsi",
            "initials": "dyd" + number + "hyxgs",
            "code": "9133MA" + number + "0001",
            "region": provinces.gather(rng.integers(0, len(provinces), firms)),
            "size": sizes.gather(rng.integers(0, len(sizes), firms)),
            "sales_fen": sold,
            "purchases_fen": bought,
            "customers": np.bincount(src, minlength=firms).astype(np.int32),
            "suppliers": np.bincount(dst, minlength=firms).astype(np.int32),
        }
    )
    return frame.with_columns(
        scheme=pl.lit("uscc"), industry=pl.lit("3825"), taxpayer=pl.lit("general"),
        legal_form=pl.lit("company"), role=pl.lit("manufacture"), hub=pl.lit(False),
        own_sales_until=pl.lit(None, pl.Date), own_purchases_until=pl.lit(None, pl.Date),
        retail_fen=pl.lit(0, pl.Int64), first=pl.lit(date(2024, 1, 5)), last=pl.lit(date(2025, 12, 20)),
    )  # fmt: skip


def _flow(rng: np.random.Generator, amount: np.ndarray) -> pl.DataFrame:
    """Each link's amount in two months."""
    edge = np.arange(len(amount), dtype=np.int32)
    halves = (amount // 2, amount - amount // 2)
    months = (rng.integers(0, 12, len(amount)), rng.integers(12, 24, len(amount)))
    return pl.concat(
        pl.DataFrame({"edge": edge, "month": month.astype(np.int32), "amount_fen": half})
        for month, half in zip(months, halves, strict=True)
    ).with_columns(count=pl.lit(1, pl.Int32))


def _sales(rng: np.random.Generator, sold: np.ndarray) -> pl.DataFrame:
    """What each firm sold in two months."""
    firm = np.flatnonzero(sold).astype(np.int32)
    half = sold[firm] // 2
    names = pl.Series(MONTHS)

    def part(low: int, fen: np.ndarray) -> pl.DataFrame:
        month = names.gather(rng.integers(low, low + 12, len(firm)))
        return pl.DataFrame({"enterprise": firm, "month": month, "invoiced_fen": fen})

    return pl.concat([part(0, half), part(12, sold[firm] - half)])


@contextmanager
def home(firms: int) -> Iterator[Path]:
    """A data folder with such a snapshot, gone afterwards."""
    with TemporaryDirectory(prefix="dayan-bench-") as scratch:
        folder = Path(scratch)
        Ledger(folder)
        write_snapshot(folder, tables(firms))
        yield folder


def bigmap(firms: int = FIRMS) -> float:
    """Milliseconds until a server answers its first question for the map of `firms` enterprises, of which it
    has worked out nothing before: the median over servers started anew."""
    with home(firms) as folder:
        return round(median(_first_map(folder, firms) for _ in range(STARTS)) * 1000, 1)


def _first_map(folder: Path, firms: int) -> float:
    with _cold(folder) as port:
        heard = ask(port, [Call("map", f"/v1/chains/{CHAIN}/map")])[0]
    if heard.json()["total"] != firms:
        raise RuntimeError("the map does not hold everybody")
    return heard.seconds


@contextmanager
def _cold(folder: Path) -> Iterator[int]:
    """A server over a real socket that makes nothing ready ahead of its first request."""
    import uvicorn

    from api.app import create_app
    from api.settings import load_settings

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    app = create_app(load_settings(data=folder), warm=False)
    served = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = Thread(target=served.run, daemon=True)
    thread.start()
    while not served.started:
        time.sleep(0.02)
    try:
        yield port
    finally:
        served.should_exit = True
        thread.join()


def table(firms: int = TABLE) -> float:
    """Milliseconds until the first rows of the table of `firms` enterprises are painted, cache empty."""
    with home(firms) as folder, server(folder, "/health") as port, browser() as opened:
        until_warm(port)
        return shown(opened, f"http://127.0.0.1:{port}/lists?lang=zh", ".grid tbody tr a", TRIES)
