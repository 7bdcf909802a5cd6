"""Bench `three_one_zero`: from the first upload to a decision, from the decision to a booked loan, by nobody.

The demo economy's papers are handed in over HTTP to a server on an empty folder: reading, building and
learning count. Then small firms apply, the story's first: seconds are those of the slowest. A loan counts
as booked when its entries add up to nothing and booking it again makes no second one. `manual`: people
that had to do something for the loans booked here; `straight`: share of the small firms asked whose loan
went through alone (the others were declined, or referred for a reason told). `--data`: another economy
folder as `dayan seed` writes it.
"""

import json
import random
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import polars as pl
from rich.console import Console
from rich.table import Table

from bench.measure import Measure
from bench.serving import server
from extraction.dates import beijing_today
from graph.snapshot import Snapshot, open_snapshot
from seeds.economy import generate

ENTERPRISES, LINKS, SEED = 20_000, 100_000, 1
#: Small firms asked beside the story's.
FIRMS = 20
ASKED_FEN, MONTHS = 30_000_000, 12
CAPITAL_FEN = 1_000_000_000_000
#: Seconds between two looks at a job, and until it counts as lost.
LOOK, LOST = 0.5, 1_800
#: Yearly sales without tax of a small firm, in fen.
SMALL_FEN = (50_000_000, 2_000_000_000)


def run(data: Path | None = None) -> dict[str, object]:
    """Hand in, build, decide, book; print and return the figures."""
    with tempfile.TemporaryDirectory() as scratch:
        economy, folder = data or Path(scratch) / "economy", Path(scratch) / "data"
        if data is None:
            generate(economy, ENTERPRISES, LINKS, SEED)
        folder.mkdir()
        told = json.loads((economy / "economy.json").read_text("utf-8"))
        with (
            server(folder, "/health") as port,
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=600) as client,
            Measure() as measure,
        ):
            start = time.perf_counter()
            documents = _hand_in(client, economy / "documents")
            read = time.perf_counter() - start
            firms = _small_firms(client, open_snapshot(folder), told["story"]["code"])
            loans = [_through(client, firm) for firm in firms]
    booked = [one for one in loans if one["booked"]]
    decide, book = max(one["decide"] for one in loans), max((one["book"] for one in booked), default=None)
    figures: dict[str, object] = {
        "decide_s": round(read + decide, 1),
        "book_s": None if book is None else round(book, 3),
        "manual": sum(one["manual"] for one in booked) if booked else None,
        "story": loans[0]["status"],
        "straight": round(len(booked) / len(loans), 3),
        "read_and_build_s": round(read, 1),
        "documents": documents,
        "cpu_seconds": round(measure.cpu_seconds, 1),
        "peak_gb": round(measure.peak_gb, 3),
        "load": round(measure.load, 2),
    }
    table = Table("status", "firms", title=f"{len(loans)} firms asked")
    for status in sorted({one["status"] for one in loans}):
        table.add_row(status, str(sum(one["status"] == status for one in loans)))
    Console().print(table, figures)
    return figures


def _hand_in(client: httpx.Client, folder: Path) -> int:
    """Upload every document in one request and wait until it is read and the graph stands."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = [("files", (path.name, path.open("rb"))) for path in paths]
    answer = _good(client.post("/v1/documents", files=files, data={"build": "true"}))
    for _, (_, file) in files:
        file.close()
    if refused := [one["name"] for one in answer["files"] if not one["accepted"]]:
        raise RuntimeError(f"refused: {refused[:3]}")
    deadline = time.monotonic() + LOST
    while time.monotonic() < deadline:  # reading ends in a job of its own that builds
        jobs = _good(client.get("/v1/jobs"))["items"]
        if wrong := [one for one in jobs if one["state"] in ("failed", "stopped")]:
            raise RuntimeError(f"a job ended {wrong[0]['state']}: {wrong[0].get('error')}")
        if "build" in {one["kind"] for one in jobs} and all(one["state"] == "done" for one in jobs):
            return len(paths)
        time.sleep(LOOK)
    raise RuntimeError(f"the jobs had not ended after {LOST} seconds")


def _small_firms(client: httpx.Client, snapshot: Snapshot, story: str) -> list[str]:
    """Ids: the story's firm, then small firms with books of their own, drawn by seed."""
    first = _good(client.get("/v1/enterprises", params={"q": story}))["items"][0]["id"]
    small = snapshot.enterprises.drop_nulls("own_sales_until").filter(
        pl.col("sales_fen").is_between(*SMALL_FEN)
    )
    return [str(first), *random.Random(SEED).sample(sorted(set(small["id"]) - {first}), FIRMS)]


def _through(client: httpx.Client, firm: str) -> dict[str, Any]:
    """One firm from its application to its loan, as far as it gets without anybody."""
    start = time.perf_counter()
    # Consent is given today, however long ago the books end.
    application = _good(client.post("/v1/applications", json=asked_for(firm, beijing_today())))
    decision = _good(client.post("/v1/credit/decisions", json={"application": application["id"]}))
    decided = time.perf_counter()
    told = {
        "status": decision["status"],
        "decide": decided - start,
        "book": 0.0,
        "booked": False,
        "manual": 0,
    }
    if decision["status"] != "approved":
        return told
    portfolio = _good(client.post("/v1/portfolios", json={"name": f"{firm}", "capital_fen": CAPITAL_FEN}))
    wanted = {"decision": decision["decision_id"], "portfolio": portfolio["portfolio"]["id"]}
    loan = _good(client.post("/v1/loans", json=wanted))["loan"]
    again = _good(client.post("/v1/loans", json=wanted))
    entries = _good(client.get(f"/v1/loans/{loan['id']}/entries"))["items"]
    balanced = all(sum(line["amount_fen"] for line in one["postings"]) == 0 for one in entries)
    once = again["loan"]["id"] == loan["id"] and not again["made"]
    told["booked"] = bool(entries) and balanced and once
    told["manual"] = len(loan["approvals"]) + (0 if decision["by_machine_alone"] else 1)
    return told | {"book": time.perf_counter() - decided}


def asked_for(firm: str, day: date) -> dict[str, Any]:
    """An application of `firm` on `day`: working capital for raw materials, with consent for a year."""
    return {
        "enterprise": firm,
        "product": "working_capital",
        "amount_fen": ASKED_FEN,
        "months": MONTHS,
        "purpose": "raw_materials",
        "consent": {
            "text": "consent-2026-1",
            "scope": ["enterprise_graph", "invoices", "bank_statements"],
            "purpose": "credit_decision",
            "given_on": day.isoformat(),
            "until": (day + timedelta(days=365)).isoformat(),
        },
    }


def _good(answer: httpx.Response) -> dict[str, Any]:
    """The answer's body. RuntimeError on a refusal: it must not count."""
    if answer.is_error:
        raise RuntimeError(
            f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:400]}"
        )
    told: dict[str, Any] = answer.json()
    return told
