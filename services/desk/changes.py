"""What changed between two published snapshots: enterprises, their places, the links between them, lists.

An enterprise that was merged into another counts as that other one: its links are not new.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.snapshot import Snapshot
from graph.snapshot_folder import versions


@dataclass(frozen=True)
class Difference:
    """Rows are those of the later snapshot.

    `places`: enterprise, new, kind (placed | unplaced | segment | level), chain, segment, level and the same
    `_before`; by sales, largest first. `new`: enterprises that were none before, largest sales first. `gone`:
    how many are none now. `links`: src, dst, amount_fen, count, first; by amount. `listed`: enterprise, list.
    """

    places: pl.DataFrame
    new: NDArray[np.int32]
    gone: int
    links: pl.DataFrame
    listed: pl.DataFrame


def published(snapshot: Snapshot) -> datetime:
    """When a snapshot was published on this machine, UTC."""
    return datetime.fromtimestamp((snapshot.folder / "manifest.json").stat().st_mtime, UTC)


def earlier(folder: Path, current: str, on: datetime | None = None) -> str | None:
    """The snapshot published last before `current`, or the last one published by `on`; None where none is
    kept. `folder`: the data folder."""
    root = folder / "snapshots"
    for name in versions(root):
        when = datetime.fromtimestamp((root / name / "manifest.json").stat().st_mtime, UTC)
        if name != current and (on is None or when <= on):
            return name
    return None


def difference(before: Snapshot, after: Snapshot) -> Difference:
    """What changed, in columns. Whole-table work: keep what it returns."""
    now_of = _rows(before, after)
    was = np.full(after.enterprises.height, -1, np.int32)
    was[now_of[now_of >= 0][::-1]] = np.flatnonzero(now_of >= 0)[::-1]
    same = np.flatnonzero(now_of >= 0)
    ids = after.enterprises["id"].gather(now_of[same])
    kept = (before.enterprises["id"].gather(same) == ids).to_numpy()
    was[now_of[same[kept]]] = same[kept]
    new = np.flatnonzero(was < 0).astype(np.int32)
    sales = after.enterprises["sales_fen"].fill_null(0).to_numpy()
    return Difference(
        places=_places(before, after, now_of, was),
        new=new[np.argsort(-sales[new], kind="stable")],
        gone=int(len(now_of) - np.count_nonzero(kept)),
        links=_links(before, after, now_of),
        listed=_listed(before, after, now_of),
    )


def _rows(before: Snapshot, after: Snapshot) -> NDArray[np.int32]:
    """int32[n before]: the row that each enterprise has now, -1 for none; merged ones that of the whole."""
    number = pl.int_range(pl.len(), dtype=pl.Int32)
    own = after.enterprises.select(id="id", row=number)
    members = after.members.select(id="party", row="enterprise")
    every = pl.concat([own, members]).unique("id", keep="first", maintain_order=True)
    found = before.enterprises.select("id").join(every, on="id", how="left", maintain_order="left")
    return found["row"].fill_null(-1).to_numpy()


def _seat(snapshot: Snapshot) -> pl.DataFrame:
    """enterprise, chain, segment, level: the place of each placed firm in the chain it belongs to most."""
    placed = snapshot.positions.filter(pl.col("segment").is_not_null())
    return (
        placed.sort("enterprise", "membership", "chain", descending=[False, True, False], nulls_last=True)
        .unique("enterprise", keep="first", maintain_order=True)
        .select("enterprise", "chain", "segment", "level")
    )


def _places(
    before: Snapshot, after: Snapshot, now_of: NDArray[np.int32], was: NDArray[np.int32]
) -> pl.DataFrame:
    seats = _seat(before)
    rows = seats["enterprise"].to_numpy()
    told = was[now_of[rows]] == rows  # of several that became one, the one that counts
    old = seats.with_columns(enterprise=pl.Series(now_of[rows], dtype=pl.Int32)).filter(
        pl.Series((now_of[rows] >= 0) & told)
    )
    both = _seat(after).join(old, on="enterprise", how="full", suffix="_before", coalesce=True)
    here, there = pl.col("segment").is_not_null(), pl.col("segment_before").is_not_null()
    moved = (pl.col("chain") != pl.col("chain_before")) | (pl.col("segment") != pl.col("segment_before"))
    kind = (
        pl.when(here & ~there).then(pl.lit("placed"))
        .when(there & ~here).then(pl.lit("unplaced"))
        .when(moved).then(pl.lit("segment"))
        .when(pl.col("level").ne_missing(pl.col("level_before"))).then(pl.lit("level"))
    )  # fmt: skip
    changed = both.with_columns(kind=kind).filter(pl.col("kind").is_not_null())
    firms = changed["enterprise"]
    return (
        changed.with_columns(
            new=pl.Series(was[firms.to_numpy()] < 0), sales=after.enterprises["sales_fen"].gather(firms)
        )
        .sort("sales", "enterprise", descending=[True, False], nulls_last=True)
        .drop("sales")
    )


def _links(before: Snapshot, after: Snapshot, now_of: NDArray[np.int32]) -> pl.DataFrame:
    ends = [now_of[before.column("edges", end)] for end in ("src", "dst")]
    held = (ends[0] >= 0) & (ends[1] >= 0)
    n = np.int64(after.enterprises.height)
    known = np.unique(ends[0][held] * n + ends[1][held])
    pairs = after.column("edges", "src") * n + after.column("edges", "dst")
    new = np.flatnonzero(~np.isin(pairs, known))
    columns = ("src", "dst", "amount_fen", "count", "first")
    return after.edges.select(columns)[new].sort(
        "amount_fen", "src", "dst", descending=[True, False, False], nulls_last=True
    )


def _listed(before: Snapshot, after: Snapshot, now_of: NDArray[np.int32]) -> pl.DataFrame:
    old = before.scan("listings").select("enterprise", "list", "fact").collect()
    rows = now_of[old["enterprise"].to_numpy()] if old.height else np.empty(0, np.int32)
    known = old.with_columns(enterprise=pl.Series(rows, dtype=pl.Int32)).select("enterprise", "list")
    now = after.scan("listings").filter(
        pl.col("until").is_null() | (pl.col("until") >= after.as_of)
    ).select("enterprise", "list").unique().collect()  # fmt: skip
    return now.join(known, on=["enterprise", "list"], how="anti").sort("enterprise", "list")
