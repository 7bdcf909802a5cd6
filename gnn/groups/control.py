"""集团客户: firms under one controller, by majority holdings, declared controllers, and what both add up to.

Whoever holds more than half of a firm, or is declared its controller, controls it, and through it all that
it controls. Holdings of a controller and of all that it controls are added up: 30 % held directly and 30 %
through a subsidiary are control. A branch follows its head office and a predecessor its successor; they
make a group of kind `one_entity` of their own, and go with the firm into the group of its controller.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gnn.groups.policy import GroupPolicy
from gnn.groups.ties import Ends, Found, numbers
from graph.csr import Int32, Int64, fixed, starts

#: Shares are compared as whole billionths, so that 0.1 + 0.2 + 0.2 is exactly one half.
_WHOLE = 1_000_000_000
_SAME = ("BRANCH_OF", "SUCCEEDS")


def control_groups(
    ends: Ends, relations: pl.DataFrame, firms: pl.DataFrame, policy: GroupPolicy
) -> tuple[list[Found], pl.DataFrame]:
    """Groups of the kinds `control` and `one_entity`, and (key, node): everybody in each of the former.

    `relations`: those that hold, numbered (`Ends.numbered`), with `source`; `firms`: id, name, code.
    """
    same = _same_entity(relations)
    told = relations.filter(~pl.col("s").is_in(_public(ends, firms, policy).implode()))
    holdings = _holdings(told)
    above = round(policy.control_above * _WHOLE)
    columns = ["s", "d", "tie", "share", "amount_fen", "first", "until", "source"]
    edges = pl.concat(
        [
            holdings.filter(pl.col("part") > above).with_columns(tie=pl.lit("OWNS")).select(columns),
            told.filter(pl.col("kind") == "CONTROLS").with_columns(tie="kind").select(columns),
            same.select(columns),
        ]
    )
    edges, reach = _summed_up(ends.count, edges, holdings.filter(pl.col("part") <= above), above)
    entity = _reached(ends.count, same)
    return [
        _groups("control", ends, edges, _Reach(reach, holdings), same),
        _groups("one_entity", ends, same.select(columns), _Reach(entity, holdings.clear()), same.clear()),
    ], reach.rename({"root": "key"})


@dataclass(frozen=True)
class _Reach:
    """`pairs`: root (a controller nobody controls), node (itself and all it controls); `holdings`: whose."""

    pairs: pl.DataFrame
    holdings: pl.DataFrame


def _public(ends: Ends, firms: pl.DataFrame, policy: GroupPolicy) -> pl.Series:
    """Nodes that are the state itself."""
    code = pl.col("code").fill_null("")
    name = pl.col("name").fill_null("")
    public = pl.any_horizontal(
        *(code.str.starts_with(c) & (code.str.len_chars() == 18) for c in policy.public_codes),
        *(name.str.ends_with(n) for n in policy.public_names),
    )
    found = firms.filter(public).select("id")
    return ends.ids.join(found, on="id", how="semi")["node"]


def _holdings(relations: pl.DataFrame) -> pl.DataFrame:
    """One row a holder and firm, with the share last stated; `part` in billionths."""
    owned = relations.filter((pl.col("kind") == "OWNS") & (pl.col("share") > 0))
    return (
        owned.sort("s", "d", "first", "share", "source", nulls_last=False)
        .unique(["s", "d"], keep="last", maintain_order=True)
        .with_columns((pl.col("share") * _WHOLE).round().cast(pl.Int64).alias("part"))
    )


def _same_entity(relations: pl.DataFrame) -> pl.DataFrame:
    """From head office to branch and from successor to predecessor."""
    branch = relations.filter(pl.col("kind") == "BRANCH_OF").rename({"s": "d", "d": "s"})
    after = relations.filter(pl.col("kind") == "SUCCEEDS")
    both = pl.concat([branch.select(after.columns), after]).filter(~pl.col("src_is_person"))
    return both.with_columns(tie="kind")


def _summed_up(
    nodes: int, edges: pl.DataFrame, minor: pl.DataFrame, above: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`edges` with those that holdings along several paths add up to (tie SUMS), and who reaches whom.

    It is enough to add up for those whom nobody controls: they control all that anybody under them does.
    Every round adds an edge to a pair without one, so it ends.
    """
    whole = minor.group_by("d").agg(pl.col("part").sum()).filter(pl.col("part") > above)
    minor = minor.join(whole.select("d"), on="d", how="semi").select("s", "d", "part")
    while True:
        reach = _reached(nodes, edges)
        sums = (
            minor.join(reach, left_on="s", right_on="node")
            .group_by("root", "d")
            .agg(pl.col("part").sum())
            .filter(pl.col("part") > above)
            .join(reach, left_on=["root", "d"], right_on=["root", "node"], how="anti")
            .sort("root", "d")
        )
        if sums.is_empty():
            return edges, reach
        new = sums.select("d", s="root", tie=pl.lit("SUMS"), share=pl.col("part") / _WHOLE)
        edges = pl.concat([edges, new.select("s", "d", "tie", "share")], how="diagonal")


def _reached(nodes: int, edges: pl.DataFrame) -> pl.DataFrame:
    """root, node: of every end that nobody outside its own circle controls, itself and all it controls.

    Firms that control each other are one; their smallest node is the root.
    """
    src, dst = numbers(edges, "s", "d")
    _, circle = connected_components(
        coo_array((np.ones(len(src), np.int8), (src, dst)), shape=(nodes, nodes)), connection="strong"
    )
    up, down = circle[src], circle[dst]
    apart = up != down
    pairs = (
        np.unique(np.stack([up[apart], down[apart]]), axis=1) if apart.any() else np.empty((2, 0), np.int64)
    )
    count = int(circle.max()) + 1 if nodes else 0
    named = np.zeros(count, np.bool_)
    named[up] = True
    named[pairs[1]] = False
    roots = np.flatnonzero(named)
    owner, reached = _walk(
        starts(pairs[0], count), fixed(pairs[1], np.int32), fixed(roots, np.int32), np.zeros(count, np.int32)
    )
    return _as_nodes(circle, owner, reached)


def _as_nodes(circle: NDArray[np.int32], owner: Int32, reached: Int32) -> pl.DataFrame:
    """Pairs of circles as pairs of nodes, sorted."""
    of = pl.DataFrame({"circle": circle}).with_row_index("node").cast({"node": pl.Int32, "circle": pl.Int32})
    root = of.group_by("circle").agg(pl.col("node").min().alias("root"))
    return (
        pl.DataFrame({"owner": owner, "circle": reached})
        .join(of, on="circle")
        .join(root, left_on="owner", right_on="circle")
        .select("root", "node")
        .sort("root", "node")
    )


@njit(nogil=True, cache=True)
def _walk(indptr: Int64, to: Int32, roots: Int32, seen: Int32) -> tuple[Int32, Int32]:
    """(root, node) of all that a walk from each root reaches, itself first. `seen`: zeros, one a node."""
    owner, reached = np.empty(2 * len(roots), np.int32), np.empty(2 * len(roots), np.int32)
    count = 0
    for number in range(len(roots)):
        root = roots[number]
        begin = count
        at = begin
        mark = number + 1
        seen[root] = mark
        if count + 1 > len(owner):
            owner, reached = _grown(owner), _grown(reached)
        owner[count], reached[count] = root, root
        count += 1
        while at < count:
            node = reached[at]
            at += 1
            for k in range(indptr[node], indptr[node + 1]):
                if seen[to[k]] != mark:
                    seen[to[k]] = mark
                    if count + 1 > len(owner):
                        owner, reached = _grown(owner), _grown(reached)
                    owner[count], reached[count] = root, to[k]
                    count += 1
    return owner[:count], reached[:count]


@njit(nogil=True, cache=True)
def _grown(array: Int32) -> Int32:
    larger = np.empty(2 * len(array) + 16, np.int32)
    larger[: len(array)] = array
    return larger


def _groups(kind: str, ends: Ends, edges: pl.DataFrame, reach: _Reach, follows: pl.DataFrame) -> Found:
    """Those of the reaches that hold at least two firms; `follows`: edges to what is no firm of its own."""
    inside = reach.pairs.filter(pl.col("node") < ends.firms)
    own = inside.join(follows.select(node="d").unique(), on="node", how="anti")
    several = own.group_by("root").len().filter(pl.col("len") >= 2).select("root")
    pairs = reach.pairs.join(several, on="root", how="semi")
    inside = inside.join(several, on="root", how="semi")
    bound = _within(edges.with_row_index("edge"), pairs)
    parts = bound.filter(pl.col("tie") == "SUMS").select("root", "d").unique()
    held = _within(reach.holdings, pairs).join(parts, on=["root", "d"], how="semi")
    ties = pl.concat([bound, held.with_columns(tie=pl.lit("OWNS"))], how="diagonal")
    ties = ends.told(ties, "s").select(pl.exclude("edge", "root", "d"), key="root", enterprise="d")
    loose = inside.rename({"root": "key", "node": "enterprise"}).join(
        ties.select("key", "enterprise").unique(), on=["key", "enterprise"], how="anti"
    )
    ties = pl.concat([ties, loose.with_columns(tie=pl.lit("HEAD"))], how="diagonal")
    heads = _heads(ends, inside, bound)
    return Found.of(kind, heads, ties)


def _within(edges: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Edges with both ends in one reach, once a reach."""
    into = edges.join(pairs.rename({"node": "d"}), on="d")
    return into.join(pairs.rename({"node": "s"}), on=["root", "s"], how="semi")


def _heads(ends: Ends, inside: pl.DataFrame, bound: pl.DataFrame) -> pl.DataFrame:
    """key, head (the firm at the top), controller: the root; under a person or an outsider the firm that
    controls most others directly is the head."""
    below = bound.group_by("root", node="s").agg(pl.col("d").n_unique().alias("below"))
    ranked = (
        inside.join(below, on=["root", "node"], how="left")
        .with_columns(pl.col("below").fill_null(0), top=pl.col("node") == pl.col("root"))
        .sort("root", "top", "below", "node", descending=[False, True, True, False])
        .unique("root", keep="first", maintain_order=True)
    )
    told = ends.told(ranked, "root")
    return told.select(
        key="root",
        head="node",
        controller="to",
        controller_is_person="to_is_person",
        controller_label="to_label",
    )
