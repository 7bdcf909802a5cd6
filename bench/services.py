"""Bench `services`: features, decisions, forecasts and matches over HTTP on the demo, eight clients at once.

The mix is that of a loan application: 60 % features, 25 % decisions, 10 % forecasts, 5 % matches, in an
order drawn by seed, once the server is warm and after 100 calls. The server is `dayan serve` on a copy of
the data folder (default ./dayan-data, made where it is missing), for decisions are kept; applications are
entered before anything is timed, and no call is asked twice. Figures: `p95_ms` by kind, and `errors`:
answers but 2xx.
"""

import multiprocessing
import random
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.serving import Call, Heard, ask, copied, demo, load, quantile, server, until_warm
from bench.three_one_zero import asked_for
from graph.snapshot import Snapshot, open_snapshot

CLIENTS, WARM_UP, CALLS, SEED = 8, 100, 800, 7
#: Kind → share of the calls.
MIX = {"features": 0.60, "decision": 0.25, "forecast": 0.10, "match": 0.05}
OPENING_FEN = 100_000_000


def run(data: Path | None = None) -> dict[str, object]:
    """Start the server, ask it, print the table and return the figures."""
    folder = data or Path("dayan-data")
    demo(folder)
    with tempfile.TemporaryDirectory(dir=folder.resolve().parent) as scratch:
        own = copied(folder, Path(scratch) / "data")
        calls = _calls(open_snapshot(own))
        with server(own, "/health") as port, multiprocessing.get_context("spawn").Pool(CLIENTS) as clients:
            until_warm(port)
            entered = _in_turn(clients, port, [call for call in calls if call.kind == "decision"])
            numbers = iter([one.json()["id"] for one in entered])
            ready = [_decision(next(numbers)) if call.kind == "decision" else call for call in calls]
            _in_turn(clients, port, ready[:WARM_UP])
            heard = _in_turn(clients, port, ready[WARM_UP:])
    return _told(heard)


def _told(heard: list[Heard]) -> dict[str, object]:
    errors = Counter(f"{one.kind} {one.status}" for one in heard if not 200 <= one.status < 300)
    table = Table("kind", "calls", "p50 ms", "p95 ms", "max ms", title=f"{CLIENTS} clients, load {load()}")
    by_kind = {kind: [one.seconds for one in heard if one.kind == kind] for kind in MIX}
    for kind, taken in by_kind.items():
        table.add_row(kind, str(len(taken)), *(f"{quantile(taken, q) * 1000:.1f}" for q in (0.5, 0.95, 1.0)))
    Console().print(table, dict(errors))
    return {
        "p95_ms": {kind: round(quantile(taken, 0.95) * 1000, 1) for kind, taken in by_kind.items()},
        "p50_ms": {kind: round(quantile(taken, 0.5) * 1000, 1) for kind, taken in by_kind.items()},
        "errors": sum(errors.values()),
        "calls": len(heard),
        "clients": CLIENTS,
        "load": load(),
    }


def _in_turn(clients: Any, port: int, calls: list[Call]) -> list[Heard]:
    """Each client asks every eighth of them, in order, over one connection."""
    parts = clients.starmap(ask, [(port, calls[c::CLIENTS]) for c in range(CLIENTS)], chunksize=1)
    return [one for part in parts for one in part]


def _calls(snapshot: Snapshot) -> list[Call]:
    """WARM_UP + CALLS calls in the order they are asked; a decision is still its application here."""
    chance, count = random.Random(SEED), WARM_UP + CALLS
    kinds = [kind for kind, share in MIX.items() for _ in range(round(share * count))]
    chance.shuffle(kinds)
    books = snapshot.enterprises.drop_nulls("own_sales_until").filter(hub=False)["id"].to_list()
    firms = chance.sample(books, count)
    return [_call(kind, firm, snapshot.as_of) for kind, firm in zip(kinds, firms, strict=True)]


def _call(kind: str, firm: str, day: date) -> Call:
    if kind == "features":
        return Call(kind, f"/v1/enterprises/{firm}/features")
    if kind == "decision":
        return Call(kind, "/v1/applications", "POST", asked_for(firm, day))
    asked: dict[str, Any] = {"enterprise": firm, "opening_fen": OPENING_FEN}
    if kind == "forecast":
        return Call(kind, "/v1/cashflow/forecast", "POST", asked | {"step": "week", "horizon": 26})
    assessed = {
        "level": "C3",
        "assessor": "bench",
        "assessed_on": day.isoformat(),
        "expires_on": (day + timedelta(days=365)).isoformat(),
    }
    customer = {"assessment": assessed, "investor_class": "ordinary"}
    return Call(kind, "/v1/wealth/matches", "POST", asked | {"customer": customer, "horizon_days": 180})


def _decision(application: str) -> Call:
    return replace(Call("decision", "/v1/credit/decisions", "POST"), body={"application": application})
