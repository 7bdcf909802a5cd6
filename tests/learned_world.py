"""Worlds for tests of learning: a chain by hand with firms, goods and links to fit, and a small economy."""

from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from dayan.pipeline import compute
from extraction.ingest import ingest
from graph.snapshot import SnapshotTables
from ledger.ledger import Ledger
from seeds.chains import Chain, Segment, load_chains
from seeds.economy import generate

MONTHS = ["2025-01", "2025-02", "2025-03"]


def chain(end: str = "car", **feeds: str) -> Chain:
    """A chain whose segments are named by their one item: ore="metal", metal="part", … up to its `end`
    product and beyond it."""
    ids = list(dict.fromkeys([*feeds, *(to for fed in feeds.values() for to in fed.split())]))
    tier = dict.fromkeys(ids, 0)
    for _ in ids:
        for one, fed in feeds.items():
            tier[one] = max([tier[one], *(tier[to] + 1 for to in fed.split())])
    tier = {one: steps - tier[end] for one, steps in tier.items()}
    segments = [
        Segment(
            id=one, chain="toy", name={"zh": one, "en": one}, tier=tier[one], role="manufacture",
            items=(one.upper(),), tax_categories=(), industry=(), feeds=tuple(feeds.get(one, "").split()),
            end=one == end,
        )
        for one in ids
    ]  # fmt: skip
    return Chain("toy", {"zh": "玩具", "en": "toys"}, tuple(segments), ())


def world(
    firms: dict[str, str | None], links: list[tuple[str, str]], months: int = 3, amount: int = 100_00
) -> SnapshotTables:
    """Firms (one letter each) → the item that they sell, None: their goods bear no name. Every link carries
    `amount` fen in each of the months."""
    at = {name: i for i, name in enumerate(sorted(firms))}
    goods = sorted({item.upper() for item in firms.values() if item})
    pairs = sorted((at[a], at[b]) for a, b in links)
    names = sorted(firms)
    flow = [(e, m, amount, 1) for m in range(months) for e in range(len(pairs))]
    sold = [
        (m, a, b, goods.index(firms[names[a]].upper()), amount)
        for m in range(months)
        for a, b in pairs
        if firms[names[a]]
    ]
    sums = pl.DataFrame(sold, schema=["month", "src", "dst", "product", "amount_fen"], orient="row")
    makes = sums.group_by(enterprise="src", product="product").agg(pl.col("amount_fen").sum())
    numbered = {pair: e for e, pair in enumerate(pairs)}
    over = [
        (numbered[a, b], goods.index(firms[names[a]].upper()), amount * months, 1)
        for a, b in pairs
        if firms[names[a]]
    ]
    size = {"count": 2, "gross_fen": amount * months, "amount_fen": amount * months, "red_fen": 0}
    return SnapshotTables(
        as_of=date(2025, 3, 31),
        months=MONTHS,
        synthetic=True,
        enterprises=pl.DataFrame(
            {"id": [f"{i:016x}" for i in range(len(firms))], "name": names, "code": names, "hub": False}
        ),
        edges=pl.DataFrame(pairs, schema=["src", "dst"], orient="row").with_columns(
            **{k: pl.lit(v) for k, v in size.items()}, first=date(2025, 1, 5), last=date(2025, 3, 5),
            attested=pl.lit("seller"),
        ),
        flow=pl.DataFrame(flow, schema=["edge", "month", "amount_fen", "count"], orient="row"),
        products=pl.DataFrame(
            {"id": [f"{i:016x}" for i in range(len(goods))], "tax_category": None, "item": goods}
        ),
        item_flow=sums,
        makes=makes.with_columns(share=1.0),
        edge_products=pl.DataFrame(over, schema=["edge", "product", "amount_fen", "rank"], orient="row"),
    )  # fmt: skip


@cache
def economy(firms: int = 2_000, seed: int = 3) -> tuple[SnapshotTables, pl.DataFrame, pl.DataFrame]:
    """(tables, labels, truth) of a generated economy, read and built once a run."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, firms, 5 * firms, seed)
        ledger = Ledger(folder / "home")
        ingest([folder / "documents"], ledger)
        tables, _ = compute(ledger, load_chains())
        return (
            tables,
            pl.read_parquet(folder / "labels.parquet"),
            pl.read_parquet(folder / "truth" / "positions.parquet"),
        )


def seats(frame: pl.DataFrame, tables: SnapshotTables, number: dict[str, int]) -> np.ndarray:
    """int64[n, 2]: planted seats of each firm by number, -1 for none."""
    at = {code: i for i, code in enumerate(tables.enterprises["code"].to_list())}
    found = np.full((len(at), 2), -1, np.int64)
    for code, segment, primary in frame.select("code", "segment", "primary").iter_rows():
        if code in at:
            found[at[code], 0 if primary else 1] = number[segment]
    return found
