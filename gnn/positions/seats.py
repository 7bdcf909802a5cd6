"""The segments of all chains by number, and beliefs: in which of them each firm stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seeds.chains import Chain

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int16 = NDArray[np.int16]
Int64 = NDArray[np.int64]

#: Segments kept of each belief.
KEPT = 4
#: A belief smaller than this is not kept.
LEAST = 0.01


@dataclass(frozen=True)
class Seats:
    """S segments: `ids`, number of their chain, `tier`, `role`, whether it is an `end` product; `feeds[s]`
    the segments that s feeds."""

    ids: tuple[str, ...]
    chains: tuple[str, ...]
    chain: Int64
    tier: Int64
    role: tuple[str, ...]
    end: NDArray[np.bool_]
    feeds: tuple[tuple[int, ...], ...]

    @property
    def count(self) -> int:
        """Number of segments."""
        return len(self.ids)

    @cached_property
    def number(self) -> dict[str, int]:
        """Segment id → its number."""
        return {name: i for i, name in enumerate(self.ids)}

    @cached_property
    def feeding(self) -> NDArray[np.bool_]:
        """bool[S, S]: whether goods of the row's segment feed the column's."""
        table = np.zeros((self.count, self.count), np.bool_)
        for s, fed in enumerate(self.feeds):
            table[s, list(fed)] = True
        return table

    def numbers(self, column: pl.Series) -> Int64:
        """The numbers of a column of segment ids."""
        known = pl.DataFrame(
            {"id": self.ids, "at": range(self.count)}, schema={"id": pl.String, "at": pl.Int64}
        )
        return (
            column.alias("id")
            .to_frame()
            .join(known, on="id", how="left", maintain_order="left")["at"]
            .to_numpy()
        )


@dataclass(frozen=True)
class Beliefs:
    """In which segments each of n firms (or links) stands: `segment` int16[n, KEPT], best first and -1
    where there is none; `share` float32[n, KEPT], a sum of at most 1, the rest being unknown."""

    segment: Int16
    share: Float32

    def dense(self, rows: Int64, seats: int) -> Float32:
        """float32[len(rows), seats]."""
        out = np.zeros((len(rows), seats), np.float32)
        for k in range(self.segment.shape[1]):
            there = self.segment[rows, k]
            known = np.flatnonzero(there >= 0)
            out[known, there[known]] += self.share[rows[known], k]
        return out

    def of(self, rows: NDArray[np.int32]) -> "Beliefs":
        """Those of some rows."""
        return Beliefs(self.segment[rows], self.share[rows])


def nobody(count: int) -> Beliefs:
    """Beliefs of `count` firms of which nothing is known."""
    return Beliefs(np.full((count, KEPT), -1, np.int16), np.zeros((count, KEPT), np.float32))


def believed(dense: Float32) -> Beliefs:
    """The KEPT largest of float32[n, S], best first; ties go to the smaller number."""
    kept = min(KEPT, dense.shape[1])
    order = np.argsort(-dense, axis=1, kind="stable")[:, :kept]
    share = np.take_along_axis(dense, order, axis=1)
    enough = share >= LEAST
    found = nobody(len(dense))
    found.segment[:, :kept] = np.where(enough, order, -1)
    found.share[:, :kept] = np.where(enough, share, 0)
    return found


def from_table(count: int, row: NDArray[np.int32], segment: Int64, share: Float64) -> Beliefs:
    """Beliefs from a table of (row, segment, share); only the KEPT largest of each row are kept."""
    order = np.lexsort((segment, -share, row))
    row, segment, share = row[order], segment[order], share[order]
    first = np.searchsorted(row, row)
    rank = np.arange(len(row)) - first
    kept = (rank < KEPT) & (share >= LEAST)
    found = nobody(count)
    found.segment[row[kept], rank[kept]] = segment[kept]
    found.share[row[kept], rank[kept]] = share[kept]
    return found


def seats_of(chains: Sequence[Chain]) -> Seats:
    """The segments of `chains`, chain by chain, in the order of their files."""
    every = [(c, s) for c, chain in enumerate(chains) for s in chain.segments]
    number = {s.id: i for i, (_, s) in enumerate(every)}
    return Seats(
        ids=tuple(s.id for _, s in every),
        chains=tuple(chain.id for chain in chains),
        chain=np.array([c for c, _ in every], np.int64),
        tier=np.array([s.tier for _, s in every], np.int64),
        role=tuple(s.role for _, s in every),
        end=np.array([s.end for _, s in every], np.bool_),
        feeds=tuple(tuple(number[fed] for fed in s.feeds) for _, s in every),
    )
