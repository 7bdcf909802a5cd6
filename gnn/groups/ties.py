"""What the finders of groups hand over: groups under keys of their own, and the ties that bind members.

`named` gives them their ids, a hash of the kind and the members' ids, and makes one of those that have
the same members.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from graph.group_tables import GROUP_TABLES
from ledger.ids import stable_ids

_TEXT: Any = pl.String
#: Columns of `Found.groups`: what is not given is null.
HEADS = pl.Schema(
    [
        ("key", pl.Int64()),
        *((n, t) for n, t in GROUP_TABLES["groups"].items() if n not in ("id", "kind", "size")),
    ]
)
#: Columns of `Found.ties`.
TIES = pl.Schema(
    [("key", pl.Int64()), *((n, t) for n, t in GROUP_TABLES["group_members"].items() if n != "group")]
)


@dataclass(frozen=True)
class Found:
    """Groups of one kind: `groups` by HEADS, `ties` by TIES, at least one row a member."""

    kind: str
    groups: pl.DataFrame
    ties: pl.DataFrame

    @classmethod
    def of(cls, kind: str, groups: pl.DataFrame, ties: pl.DataFrame) -> "Found":
        """With the columns in order; those left out are null."""
        return cls(kind, shaped(groups, HEADS), shaped(ties, TIES))


def shaped(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """`frame` with exactly the columns of `schema`, null where it has none."""
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )


@dataclass(frozen=True)
class Ends:
    """The ids at the ends of ties as numbers: the firms by their rows, after them persons and others."""

    ids: pl.DataFrame  # id, node, is_person, label
    firms: int

    @classmethod
    def of(cls, firms: pl.Series, relations: pl.DataFrame) -> "Ends":
        """Of the firms' ids and everyone whom `relations` name beside them, by id."""
        own = pl.DataFrame({"id": firms}).with_columns(is_person=pl.lit(False), label=pl.lit(None, _TEXT))
        others = (
            relations.select(id="src", is_person="src_is_person", label="src_label")
            .filter(~pl.col("id").is_in(firms.implode()))
            .sort("id", "label", nulls_last=True)
            .unique("id", keep="first", maintain_order=True)
        )
        every = pl.concat([own, others.select(own.columns)]).with_row_index("node")
        return cls(every.cast({"node": pl.Int32}), len(firms))

    @property
    def count(self) -> int:
        """Number of ends."""
        return self.ids.height

    def numbered(self, relations: pl.DataFrame) -> pl.DataFrame:
        """`relations` with the numbers of their ends in `s` and `d`; without those into an unknown firm."""
        node = self.ids.select("id", "node")
        return (
            relations.join(node.rename({"id": "src", "node": "s"}), on="src", maintain_order="left")
            .join(node.rename({"id": "dst", "node": "d"}), on="dst", maintain_order="left")
            .filter((pl.col("d") < self.firms) & (pl.col("s") != pl.col("d")))
        )

    def told(self, frame: pl.DataFrame, column: str) -> pl.DataFrame:
        """`frame` with `to`, `to_is_person`, `to_label` of the node in `column`."""
        names = self.ids.select(
            pl.col("node").alias(column), to="id", to_is_person="is_person", to_label="label"
        )
        return frame.join(names, on=column, how="left", maintain_order="left")


def facts_of(relations: pl.DataFrame) -> pl.DataFrame:
    """`relations` with the column `source`: the fact, null where an older snapshot kept none."""
    fact = pl.col("fact") if "fact" in relations.columns else pl.lit(None, _TEXT)
    return relations.with_columns(fact.alias("source"))


def named(found: Sequence[Found], ids: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tables `groups` and `group_members` of `graph.group_tables`; `ids` are the firms'."""
    parts = [_named(one, ids) for one in found]
    groups = pl.concat([g for g, _ in parts])
    members = pl.concat([m for _, m in parts])
    return groups.sort("kind", "id"), members.sort(members.columns, nulls_last=True)


def _named(found: Found, ids: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
    members = found.ties.select("key", "enterprise").unique().sort("key", "enterprise")
    spelt = members.with_columns(ids.gather(members["enterprise"]).alias("id")).sort("key", "id")
    sets = spelt.group_by("key", maintain_order=True).agg(
        pl.col("id").str.join("\x1f").alias("all"), pl.len().cast(pl.Int32).alias("size")
    )
    sets = sets.select(
        "key", "size", stable_ids(pl.lit("group"), pl.lit(found.kind), pl.col("all")).alias("id")
    )
    one = (pl.col("form").n_unique() == 1) & (pl.len() > 0)
    merged = (
        sets.join(found.groups, on="key")
        .sort("id", "key")
        .group_by("id", maintain_order=True)
        .agg(pl.when(one).then(pl.col("form").first()).alias("form"), pl.exclude("key", "form").first())
    )
    groups = merged.select(
        pl.lit(found.kind).alias(n) if n == "kind" else pl.col(n) for n in GROUP_TABLES["groups"].names()
    )
    ties = found.ties.join(sets.select("key", group="id"), on="key").unique(
        GROUP_TABLES["group_members"].names()
    )
    return groups.cast(GROUP_TABLES["groups"]), ties.select(GROUP_TABLES["group_members"].names())


def numbers(frame: pl.DataFrame, *columns: str) -> list[np.ndarray[Any, np.dtype[np.int64]]]:
    """Columns without nulls as int64 arrays."""
    return [frame[column].cast(pl.Int64).to_numpy() for column in columns]
