"""Bench `http`: point, neighbours, path and map over HTTP on the demo, four clients at once, once it is warm.

The server is `dayan serve` in its own process over a real socket; the clients are four processes
with one kept connection each, so that they do not wait for one another. Which firms are asked is
drawn with a seed. `--data` names the data folder (default ./dayan-data); where it holds no snapshot
the demo is made there first. Figure: `p95_ms`, an object keyed by the kind of request.
"""

import multiprocessing
import random
from pathlib import Path
from typing import Any

from bench.serving import Call, ask, demo, load, quantile, server

CLIENTS = 4
WARM_UP = 100
#: Measured calls of each kind, over all clients.
CALLS = 400
KINDS = ("point", "neighbours", "path", "map")
SEED = 7


def run(data: Path | None = None) -> dict[str, object]:
    """Start the server, ask it, print the table and return the figures."""
    from rich.console import Console
    from rich.table import Table

    folder = data or Path("dayan-data")
    demo(folder)
    paths = _paths(folder)
    with server(folder) as port, multiprocessing.get_context("spawn").Pool(CLIENTS) as clients:
        warm_up = [paths[kind][n] for n in range(WARM_UP // len(KINDS)) for kind in KINDS]
        clients.starmap(times, [(port, warm_up[c::CLIENTS]) for c in range(CLIENTS)])
        seconds = {kind: _measured(clients, port, paths[kind]) for kind in KINDS}
    table = Table("kind", "calls", "p50 ms", "p95 ms", "max ms", title=f"{CLIENTS} clients, load {load()}")
    for kind, taken in seconds.items():
        shown = (f"{quantile(taken, q) * 1000:.1f}" for q in (0.5, 0.95, 1.0))
        table.add_row(kind, str(len(taken)), *shown)
    Console().print(table)
    return {
        "p95_ms": {kind: round(quantile(taken, 0.95) * 1000, 2) for kind, taken in seconds.items()},
        "p50_ms": {kind: round(quantile(taken, 0.5) * 1000, 2) for kind, taken in seconds.items()},
        "calls": CALLS,
        "clients": CLIENTS,
        "load": load(),
    }


def times(port: int, paths: list[str]) -> list[float]:
    """Seconds of each request in turn over one connection. Runs in a client's process.

    RuntimeError on any answer but 200: a refusal is quick and must not count.
    """
    heard = ask(port, [Call("GET", path) for path in paths])
    for one, path in zip(heard, paths, strict=True):
        if one.status != 200:
            raise RuntimeError(f"{one.status} {path}: {one.body[:300]!r}")
    return [one.seconds for one in heard]


def _measured(clients: Any, port: int, paths: list[str]) -> list[float]:
    rest = paths[WARM_UP : WARM_UP + CALLS]
    parts = clients.starmap(times, [(port, rest[c::CLIENTS]) for c in range(CLIENTS)], chunksize=1)
    return [seconds for part in parts for seconds in part]


def _paths(folder: Path) -> dict[str, list[str]]:
    """WARM_UP + CALLS addresses of each kind. Paths are asked of firms that reach a core enterprise."""
    import polars as pl

    from graph.snapshot import open_snapshot

    snapshot, chance = open_snapshot(folder), random.Random(SEED)
    count = WARM_UP + CALLS
    firms = chance.choices(snapshot.enterprises["id"].to_list(), k=count)
    upstream = snapshot.positions.filter(pl.col("level") > 0).select("enterprise", "chain").rows()
    sides = chance.choices(["suppliers", "customers"], k=count)
    chains = [chain["id"] for chain in snapshot.chains]
    return {
        "point": [f"/v1/enterprises/{firm}" for firm in firms],
        "neighbours": [
            f"/v1/enterprises/{firm}/neighbours?side={side}" for firm, side in zip(firms, sides, strict=True)
        ],
        "path": [
            f"/v1/enterprises/{snapshot.id_of(firm)}/paths?to=core&chain={chain}"
            for firm, chain in chance.choices(upstream, k=count)
        ],
        "map": [f"/v1/chains/{chain}/map" for chain in chance.choices(chains, k=count)],
    }
