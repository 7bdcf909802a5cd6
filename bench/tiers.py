"""Bench `tiers`: are planted tiers, chains and levels found again in a large synthetic economy?

The economy's documents are read and built as a user's would be; what was planted is opened only
afterwards, to count. Levels are counted a second time by plain Python over plain dictionaries.
"""

import json
import tempfile
from collections import defaultdict, deque
from datetime import date
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from bench.measure import Measure
from dayan.pipeline import compute
from extraction.ingest import ingest
from graph.positions import FURTHEST_LEVEL
from graph.snapshot import Snapshot, write_snapshot
from ledger.ledger import Ledger
from seeds.chains import load_chains
from seeds.economy import generate

ENTERPRISES, LINKS = 100_000, 500_000


def run(data: Path | None = None) -> dict[str, object]:
    """Generate (or take the economy at `data`), build, compare; print a table, return the figures."""
    console = Console()
    with tempfile.TemporaryDirectory() as scratch:
        economy = data or Path(scratch) / "economy"
        if data is None:
            generate(economy, ENTERPRISES, LINKS)
        with Measure() as measure:
            ledger = Ledger(Path(scratch) / "home")
            summary = ingest([economy / "documents"], ledger)
            tables, _ = compute(ledger, load_chains())
            snapshot = write_snapshot(Path(scratch) / "home", tables)
        planted = _planted(economy)
        figures: dict[str, object] = {
            **_compared(snapshot, planted),
            "level_right": _level_right(snapshot),
            "firms_planted": planted["code"].n_unique(),
            "enterprises": snapshot.enterprises.height,
            "edges": snapshot.edges.height,
            "rows": summary.total("rows"),
            "rejected": summary.total("rejected"),
            **measure.figures(),
        }
    table = Table("figure", "value", title="tiers")
    for name, value in figures.items():
        table.add_row(name, json.dumps(value, ensure_ascii=False))
    console.print(table)
    return figures


def _planted(economy: Path) -> pl.DataFrame:
    """code, chain, segment, tier, primary: of every firm, those anybody may see and the others."""
    parts = [
        pl.read_parquet(economy / "labels.parquet"),
        pl.read_parquet(economy / "truth" / "positions.parquet"),
    ]
    return pl.concat(parts).unique(["code", "chain"], keep="first", maintain_order=True)


def _compared(snapshot: Snapshot, planted: pl.DataFrame) -> dict[str, object]:
    """Shares of the planted firms; a firm that was not found counts as wrong."""
    firms = (
        snapshot.enterprises.select("code", "hub").with_row_index("enterprise").cast({"enterprise": pl.Int32})
    )
    found = snapshot.positions.join(firms, on="enterprise")
    both = planted.join(found, on=["code", "chain"], how="left")
    within = ((both["depth"] - both["tier"]).abs() <= 0.5).fill_null(False)
    plain = ((both["depth_unweighted"] - both["tier"]).abs() <= 0.5).fill_null(False)
    primary = both["primary"]
    best = found.sort("membership", descending=True).unique("code", keep="first", maintain_order=True)
    chosen = planted.join(best.select("code", found="chain"), on="code", how="left")
    right = (chosen["chain"] == chosen["found"]).fill_null(False)
    any_right = chosen.with_columns(right=right).group_by("code").agg(pl.col("right").any())["right"]
    segment = (both["segment"] == both["segment_right"]).fill_null(False)
    by_tier = (
        both.with_columns(ok=within).filter("primary").group_by("tier").agg(pl.col("ok").mean()).sort("tier")
    )
    return {
        "depth_within_half": round(float(within.filter(primary).mean() or 0), 4),  # type: ignore[arg-type]
        "depth_unweighted_within_half": round(float(plain.filter(primary).mean() or 0), 4),  # type: ignore[arg-type]
        "second_chain_within_half": round(float(within.filter(~primary).mean() or 0), 4),  # type: ignore[arg-type]
        "chain_right": round(float(any_right.mean() or 0), 4),  # type: ignore[arg-type]
        "primary_chain_right": round(float(right.filter(chosen["primary"]).mean() or 0), 4),  # type: ignore[arg-type]
        "segment_right": round(float(segment.filter(primary).mean() or 0), 4),  # type: ignore[arg-type]
        "by_tier": {str(t): round(v, 4) for t, v in by_tier.iter_rows()},
    }


def _level_right(snapshot: Snapshot) -> float:
    """Share of positions whose level equals a count by hand."""
    ahead, behind = defaultdict(list), defaultdict(list)
    for seller, buyer in _links_by_hand(snapshot, 0):
        behind[buyer].append(seller)
    for seller, buyer in _links_by_hand(snapshot, 1):
        ahead[seller].append(buyer)
    right = total = 0
    for chain in snapshot.chains:
        cores = [c["enterprise"] for c in chain["cores"]]
        up, down = _hops(cores, behind), _hops(cores, ahead)
        rows = snapshot.positions.filter(pl.col("chain") == chain["id"])
        for firm, level in rows.select("enterprise", "level").iter_rows():
            above, below = up.get(firm, 99), down.get(firm, 99)
            by_hand = above if above <= below else -below
            right += level == (by_hand if abs(by_hand) <= FURTHEST_LEVEL else None)
            total += 1
    return right / max(total, 1)


def _links_by_hand(snapshot: Snapshot, end: int) -> list[tuple[int, int]]:
    """Links that are not trivial: 24 months, two months, 1 % of what the seller (end 0) sells or the
    buyer (end 1) buys."""
    last: date = snapshot.edges["last"].max()  # type: ignore[assignment]
    months = snapshot.months
    since = (last.year * 12 + last.month - 1) - 23
    recent = {i for i, m in enumerate(months) if int(m[:4]) * 12 + int(m[5:]) - 1 >= since}
    sold: dict[int, int] = defaultdict(int)
    seen: dict[int, int] = defaultdict(int)
    for edge, month, amount in snapshot.flow.select("edge", "month", "amount_fen").iter_rows():
        if month in recent:
            sold[edge] += amount
            seen[edge] += amount > 0
    ends = snapshot.edges.select("src", "dst").rows()
    whole: dict[int, int] = defaultdict(int)
    for edge, amount in sold.items():
        whole[ends[edge][end]] += amount
    hub = snapshot.enterprises["hub"].to_list()
    return [
        (a, b)
        for edge, (a, b) in enumerate(ends)
        if seen[edge] >= 2 and sold[edge] > 0 and sold[edge] * 100 >= whole[ends[edge][end]]
        if not hub[a] and not hub[b]
    ]


def _hops(cores: list[int], to: dict[int, list[int]]) -> dict[int, int]:
    found = dict.fromkeys(cores, 0)
    queue = deque(cores)
    while queue:
        firm = queue.popleft()
        for other in to[firm]:
            if other not in found:
                found[other] = found[firm] + 1
                queue.append(other)
    return found
