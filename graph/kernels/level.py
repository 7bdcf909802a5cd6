"""Supplier level: the fewest links to a named core enterprise."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from graph.csr import Graph, Int32, Mask, rows, together
from graph.kernels.reach import reach

#: Level of a firm that no core enterprise is reached from.
UNREACHED = np.int32(np.iinfo(np.int32).min)


@dataclass(frozen=True)
class Levels:
    """`level` int32[n]: 0 a core, 1 its supplier …, -1 its customer …, `UNREACHED` else.
    `core` int32[n]: the core counted from, -1 where unreached."""

    level: Int32
    core: Int32


def level(graph: Graph, cores: Any, keep: Mask | None = None, keep_down: Mask | None = None) -> Levels:
    """Level of every firm from the core enterprises `cores` (int32 indices).

    Upstream: breadth-first against the arrows; downstream: with the arrows, counted negative.
    `keep` (bool[m]) are the links that count upstream: no trivial ones (`graph.kernels.trivial`), no
    hubs; `keep_down` those that count downstream (the same when None): what is trivial for a car maker
    with a thousand dealers is all a dealer lives on.

    - A firm reached both ways is upstream when that way is not the longer one, else downstream:
      who supplies a core directly is its supplier, whatever it buys from the core's dealers.
    - Among equally near cores the one of the smallest index is reported.
    """
    up, down = together(
        lambda: reach(rows(graph, "in", None, keep), cores),
        lambda: reach(rows(graph, "out", None, keep if keep_down is None else keep_down), cores),
    )
    upstream = up.met & (~down.met | (up.hops <= down.hops))
    downstream = down.met & ~upstream
    found = np.where(upstream, up.hops, np.where(downstream, -down.hops, UNREACHED))
    core = np.where(upstream, up.seed, np.where(downstream, down.seed, np.int32(-1)))
    return Levels(found.astype(np.int32), core.astype(np.int32))
