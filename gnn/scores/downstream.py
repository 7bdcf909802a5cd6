"""Who downstream would lose a sole source: firm by firm along links that are a customer's only source.

A firm whose only source of goods it needs stops is taken to stop too, and so on: breadth-first, at most
`STEPS` links far and `MOST` firms wide. What books do not show is not followed, so every count is a
least one.
"""

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from graph.csr import Int32, Int64, starts

#: Links that are followed.
STEPS = 6
#: Firms counted from one; what reaches more says at least so many.
MOST = 1_000
#: Firms named with their paths, the furthest first.
NAMED = 3


def downstream(sole: pl.DataFrame, firms: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of `scores` (sole_downstream) and of `score_firms` from links `sole` (src, dst)."""
    pairs = sole.filter(pl.col("src") != pl.col("dst")).select("src", "dst").unique().sort("src", "dst")
    if pairs.is_empty():
        return pl.DataFrame(), pl.DataFrame()
    origins = pairs["src"].unique().sort().to_numpy().astype(np.int32)
    indptr = starts(pairs["src"].to_numpy(), firms)
    counts, depths, paths = _walk(
        indptr, pairs["dst"].to_numpy().astype(np.int32), origins, STEPS, MOST, NAMED
    )
    scores = pl.DataFrame(
        {
            "enterprise": origins,
            "name": "sole_downstream",
            "at_least": counts.astype(np.float64),
            "basis": "partial",
            "reason": "sole_downstream",
            "partner": _ends(paths[:, 0]),
            "count": counts,
            "of_count": depths,
        }
    )
    return scores, _named(origins, paths)


def _ends(paths: Int32) -> Int32:
    last = (paths >= 0).sum(axis=1) - 1
    return np.asarray(paths[np.arange(len(paths)), last], np.int32)


def _named(origins: Int32, paths: NDArray[np.int32]) -> pl.DataFrame:
    firm, rank = np.nonzero(paths[:, :, 0] >= 0)
    kept = paths[firm, rank]
    listed = pl.Series("path", kept.tolist(), dtype=pl.List(pl.Int32)) if len(kept) else None
    return pl.DataFrame(
        {"enterprise": origins[firm], "name": "sole_downstream", "rank": (rank + 1).astype(np.int32)}
    ).with_columns(
        pl.Series("partner", _ends(kept), pl.Int32),
        (listed if listed is not None else pl.Series("path", [], pl.List(pl.Int32))).list.eval(
            pl.element().filter(pl.element() >= 0)
        ),
    )


@njit(nogil=True, cache=True)
def _walk(
    indptr: Int64, targets: Int32, origins: Int32, steps: int, most: int, named: int
) -> tuple[Int32, Int32, NDArray[np.int32]]:
    """Firms reached from each origin, how far, and the paths to the last ones reached."""
    stamp = np.full(len(indptr) - 1, -1, np.int32)
    counts, depths = np.zeros(len(origins), np.int32), np.zeros(len(origins), np.int32)
    paths = np.full((len(origins), named, steps + 1), -1, np.int32)
    queue, parent = np.empty(most + 1, np.int32), np.empty(most + 1, np.int32)
    depth = np.empty(most + 1, np.int32)
    for o in range(len(origins)):
        queue[0], parent[0], depth[0] = origins[o], -1, 0
        stamp[origins[o]] = o
        head, tail = 0, 1
        while head < tail:
            if depth[head] < steps:
                for at in range(indptr[queue[head]], indptr[queue[head] + 1]):
                    firm = targets[at]
                    if stamp[firm] != o and tail <= most:
                        stamp[firm] = o
                        queue[tail], parent[tail], depth[tail] = firm, head, depth[head] + 1
                        tail += 1
            head += 1
        counts[o], depths[o] = tail - 1, depth[tail - 1]
        for k in range(min(named, tail - 1)):
            at = tail - 1 - k
            for place in range(depth[at], -1, -1):
                paths[o, k, place] = queue[at]
                at = parent[at]
    return counts, depths, paths
