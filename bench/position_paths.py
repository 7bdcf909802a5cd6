"""Whether the path of goods that is shown was planted, and how often the shortest path is one."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.positions.goods_paths import present, reached, way, ways
from gnn.positions.model import Standing
from graph.csr import rows
from graph.kernels.reach import UNMET, reach

if TYPE_CHECKING:
    from bench.positions import Case

#: Paths are counted for every so many firms of a chain; all of them tell no more.
EVERY = 7


@dataclass(frozen=True)
class PlantedPaths:
    """What was planted of links: (seller, buyer) → kind; who is a trader; seats of every firm."""

    kind: dict[tuple[int, int], str]
    traders: set[int]
    seats: NDArray[np.int64]

    @classmethod
    def read(cls, truth: Path, code: dict[str, int], seats: NDArray[np.int64]) -> "PlantedPaths":
        """From the economy's truth folder."""
        links = pl.read_parquet(truth / "links.parquet").select("seller", "buyer", "kind")
        kind = {(code[a], code[b]): k for a, b, k in links.iter_rows() if a in code and b in code}
        firms = pl.read_parquet(truth / "firms.parquet").filter("trader")["code"]
        return cls(kind, {code[c] for c in firms if c in code}, seats)

    def is_path(self, firms: tuple[int, ...], feeds: NDArray[np.bool_]) -> bool:
        """Whether goods flow along: every link planted as main business, of goods that feed the next one's,
        or into the store of a trader of the same goods."""
        now = {s for s in self.seats[firms[0]].tolist() if s >= 0}
        for a, b in pairwise(firms):
            there = {s for s in self.seats[b].tolist() if s >= 0}
            kind = self.kind.get((a, b))
            if kind == "main":
                now = {t for t in there if any(feeds[s, t] for s in now)}
            elif kind == "same_tier" and b in self.traders:
                now &= there
            else:
                return False
            if not now:
                return False
        return True


def paths_right(case: "Case", found: Standing) -> dict[str, float]:
    """Shares of the shown and of the shortest paths that were planted, over the same firms and ends."""
    stands = present(case.plain, found.raw)
    feeds, shown, shortest, total = case.plain.seats.feeding, 0, 0, 0
    for chain, cores in enumerate(case.cores):
        for upstream in (True, False):
            best = ways(case.view, case.plain, stands, chain, cores, upstream)
            near = reach(
                rows(case.view.graph, "in" if upstream else "out", None, case.plain.usable),
                np.array(cores, np.int32),
            )
            for firm in reached(best)[::EVERY].tolist():
                path = way(best, case.view.graph, firm)
                if path is None or not path.edges:
                    continue
                total += 1
                shown += case.planted.is_path(path.firms, feeds)
                if near.hops[firm] != UNMET:
                    direct = _walk(case, near.hops, firm, upstream)
                    shortest += case.planted.is_path(direct, feeds)
    return {
        "path_right": shown / max(total, 1),
        "shortest_path_right": shortest / max(total, 1),
        "paths": float(total),
    }


def _walk(case: "Case", hops: NDArray[np.int32], firm: int, upstream: bool) -> tuple[int, ...]:
    """A shortest path: always to the first neighbour that is one hop nearer."""
    g, firms = case.view.graph, [firm]
    while hops[firms[-1]] > 0:
        here = firms[-1]
        if upstream:
            edges = np.arange(g.out_indptr[here], g.out_indptr[here + 1])
            ends = g.dst[edges]
        else:
            edges = g.in_edges[g.in_indptr[here] : g.in_indptr[here + 1]]
            ends = g.src[edges]
        nearer = ends[(hops[ends] == hops[here] - 1) & case.plain.usable[edges]]
        firms.append(int(nearer[0]))
    return tuple(firms if upstream else firms[::-1])
