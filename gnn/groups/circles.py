"""担保圈: firms that guarantee for one another in a circle.

A strongly connected part of the guarantees is one circle, whatever its size; 互保 are two firms for each
other, 联保 three or more each for every other. Where a circle is no single ring, its simple cycles are
told beside it, up to limits of the policy. A chain of guarantees (担保链) that does not return is none.
"""

from itertools import islice

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gnn.groups.policy import GroupPolicy
from gnn.groups.ties import Ends, Found, numbers


def guarantee_circles(ends: Ends, relations: pl.DataFrame, policy: GroupPolicy) -> list[Found]:
    """Groups of the kinds `guarantee_circle` and `guarantee_cycle`.

    `relations`: those that hold, numbered, with `source`. What people guarantee closes no circle.
    """
    given = relations.filter((pl.col("kind") == "GUARANTEES") & (pl.col("s") < ends.firms))
    inside = _circles(ends.firms, given)
    ends_of = inside.select("key", "s", "d").unique().sort("key", "s", "d")
    shapes, rings = [], []
    for (key,), pairs in ends_of.group_by("key", maintain_order=True):
        shape, cycles = _shape(pairs.select("s", "d").rows(), policy)
        shapes.append((key, *shape))
        rings += [(key, *step) for number, cycle in enumerate(cycles) for step in _steps(number, cycle)]
    schema = {"key": pl.Int64, "form": pl.String, "cycles": pl.Int32, "complete": pl.Boolean}
    groups = pl.DataFrame(shapes, schema=schema, orient="row")
    sums = inside.group_by("key").agg(pl.col("amount_fen").sum())
    told = ends.told(inside, "d").with_columns(tie="kind", enterprise="s")
    steps = pl.DataFrame(rings, schema=["circle", "cycle", "s", "d"], orient="row").cast(pl.Int64)
    return [
        Found.of("guarantee_circle", groups.join(sums, on="key", how="left"), told),
        _cycles(told, steps),
    ]


def _circles(firms: int, given: pl.DataFrame) -> pl.DataFrame:
    """The guarantees inside circles, with `key`, the smallest member of each."""
    src, dst = numbers(given, "s", "d")
    _, part = connected_components(
        coo_array((np.ones(len(src), np.int8), (src, dst)), shape=(firms, firms)), connection="strong"
    )
    inside = given.with_columns(part=pl.Series(part[src], dtype=pl.Int64)).filter(
        pl.Series(part[src] == part[dst], dtype=pl.Boolean)
    )
    return inside.with_columns(key=pl.col("s").min().over("part").cast(pl.Int64))


def _shape(
    pairs: list[tuple[int, int]], policy: GroupPolicy
) -> tuple[tuple[str, int | None, bool], list[list[int]]]:
    """(form, number of simple cycles, whether all were counted), and those to be told beside the circle."""
    size = len({firm for pair in pairs for firm in pair})
    if size == 2:
        return ("mutual", 1, True), []
    if len(pairs) == size:  # strongly connected, and one guarantee each
        return ("ring", 1, True), []
    joint = len(pairs) == size * (size - 1)
    form = "joint" if joint else "web"
    if size > policy.most_in_circle:
        return (form, None, False), []
    import networkx as nx  # slow to import, and few circles need it

    graph: nx.DiGraph[int] = nx.DiGraph(pairs)
    found = [_turned(cycle) for cycle in islice(nx.simple_cycles(graph), policy.most_cycles + 1)]
    complete = len(found) <= policy.most_cycles
    found = sorted(found, key=lambda cycle: (len(cycle), cycle))[: policy.most_cycles]
    return (form, len(found), complete), [] if joint else found


def _turned(cycle: list[int]) -> list[int]:
    """The same ring, from its smallest firm on."""
    first = cycle.index(min(cycle))
    return cycle[first:] + cycle[:first]


def _steps(number: int, cycle: list[int]) -> list[tuple[int, int, int]]:
    return [(number, a, b) for a, b in zip(cycle, [*cycle[1:], cycle[0]], strict=True)]


def _cycles(told: pl.DataFrame, steps: pl.DataFrame) -> Found:
    """Each simple cycle as a group; one that spans the whole circle is told too, its members are the same."""
    numbered = steps.with_columns(key=pl.struct("circle", "cycle").rank("dense").cast(pl.Int64))
    ties = told.drop("key").with_columns(pl.col("s", "d").cast(pl.Int64)).join(numbered, on=["s", "d"])
    per = ties.group_by("key").agg(pl.col("amount_fen").sum(), pl.col("enterprise").n_unique().alias("size"))
    form = pl.when(pl.col("size") == 2).then(pl.lit("mutual")).otherwise(pl.lit("ring"))
    groups = per.select("key", "amount_fen", form=form, cycles=pl.lit(1), complete=pl.lit(True))
    return Found.of("guarantee_cycle", groups, ties)
