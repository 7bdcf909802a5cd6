"""Bench `http`: point, neighbours, path and map over HTTP on the demo, four clients at once, after a warm-up.

The server is `dayan serve` in its own process over a real socket; the clients are four processes
with one kept connection each, so that they do not wait for one another. Which firms are asked is
drawn with a seed. `--data` names the data folder (default ./dayan-data); where it holds no snapshot
the demo is made there first. Figure: `p95_ms`, an object keyed by the kind of request.
"""

import http.client
import math
import multiprocessing
import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENTS = 4
WARM_UP = 100
#: Measured calls of each kind, over all clients.
CALLS = 400
KINDS = ("point", "neighbours", "path", "map")
SEED = 7
#: Seconds the server gets to answer for the first time.
PATIENCE = 180


def run(data: Path | None = None) -> dict[str, object]:
    """Start the server, ask it, print the table and return the figures."""
    from rich.console import Console
    from rich.table import Table

    folder = data or Path("dayan-data")
    _demo(folder)
    paths = _paths(folder)
    with _server(folder) as port, multiprocessing.get_context("spawn").Pool(CLIENTS) as clients:
        warm_up = [paths[kind][n] for n in range(WARM_UP // len(KINDS)) for kind in KINDS]
        clients.starmap(ask, [(port, warm_up[c::CLIENTS]) for c in range(CLIENTS)])
        seconds = {kind: _measured(clients, port, paths[kind]) for kind in KINDS}
    table = Table("kind", "calls", "p50 ms", "p95 ms", "max ms", title=f"{CLIENTS} clients, load {_load()}")
    for kind, times in seconds.items():
        shown = (f"{_quantile(times, q) * 1000:.1f}" for q in (0.5, 0.95, 1.0))
        table.add_row(kind, str(len(times)), *shown)
    Console().print(table)
    return {
        "p95_ms": {kind: round(_quantile(times, 0.95) * 1000, 2) for kind, times in seconds.items()},
        "p50_ms": {kind: round(_quantile(times, 0.5) * 1000, 2) for kind, times in seconds.items()},
        "calls": CALLS,
        "clients": CLIENTS,
        "load": _load(),
    }


def ask(port: int, paths: list[str]) -> list[float]:
    """Seconds of each request in turn over one connection. Runs in a client's process.

    RuntimeError on any answer but 200: a refusal is quick and must not count.
    """
    connection, times = http.client.HTTPConnection("127.0.0.1", port, timeout=60), []
    for path in paths:
        start = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        times.append(time.perf_counter() - start)
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {path}: {body[:300]!r}")
    connection.close()
    return times


def _measured(clients: Any, port: int, paths: list[str]) -> list[float]:
    rest = paths[WARM_UP : WARM_UP + CALLS]
    parts = clients.starmap(ask, [(port, rest[c::CLIENTS]) for c in range(CLIENTS)], chunksize=1)
    return [seconds for part in parts for seconds in part]


def _quantile(times: list[float], share: float) -> float:
    """The smallest time that `share` of all do not exceed."""
    ordered = sorted(times)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


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


def _demo(folder: Path) -> None:
    """Make the demo where there is no graph yet."""
    from graph.snapshot import current_id

    if current_id(folder) is None:
        command = [sys.executable, "-m", "dayan", "demo", "--no-serve", "--data", str(folder)]
        subprocess.run(command, check=True)


@contextmanager
def _server(folder: Path) -> "Iterator[int]":
    """`dayan serve` on a free port until it is ready; stopped as Ctrl-C would at the end."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "dayan", "serve", "--data", str(folder), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            ask(port, ["/ready"])
        except (OSError, http.client.HTTPException, RuntimeError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"the server at port {port} was not ready (exit status {process.poll()})")


def _load() -> float:
    return round(os.getloadavg()[0], 2)
