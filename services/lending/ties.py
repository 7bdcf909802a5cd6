"""What a firm's loan hangs on: its group, guarantors, core enterprises, chain, industry, region.

Only what was observed counts: the ties of a registry, trade that invoices show, paths of goods made of such
trade, a place in a chain that the firm's own goods show. An inferred link or place is no exposure.
"""

from datetime import date

import numpy as np
import polars as pl

from graph.snapshot import Snapshot

#: Dimensions in the order they are told.
DIMENSIONS = (
    *("borrower", "group", "dependent", "guarantor"),
    *("core", "chain", "industry", "region"),
)
TIES = pl.Schema({"firm": pl.Int32, "dimension": pl.String, "subject": pl.String})
#: Kinds of groups → the dimension they count in.
_GROUPS = {"control": "group", "dependent": "dependent", "guarantee_circle": "guarantor"}


def ties(source: Snapshot, firms: list[int]) -> pl.DataFrame:
    """firm, dimension, subject: everything that loans of these firms hang on, each once.

    Subjects are ids of enterprises (borrower: the legal person, branches with their head office), of groups,
    of persons (guarantors), slugs of chains, first two digits of GB/T 4754 and of GB/T 2260.
    """
    wanted = pl.Series("firm", sorted(set(firms)), pl.Int32)
    found = [
        _self(source, wanted),
        _groups(source, wanted),
        _guarantors(source, wanted),
        _cores(source, wanted),
        _chains(source, wanted),
        _codes(source, wanted, "industry", "industry"),
        _codes(source, wanted, "region", "region"),
    ]
    return pl.concat([part.select(TIES.names()).cast(TIES) for part in found]).unique(maintain_order=True)


def _self(source: Snapshot, firms: pl.Series) -> pl.DataFrame:
    """The legal person: a branch and what succeeds another count with it."""
    own = pl.DataFrame({"firm": firms}).with_columns(subject=source.enterprises["id"].gather(firms))
    heads = source.groups.filter(pl.col("kind") == "one_entity").select(group="id", head="head")
    members = source.group_members.filter(pl.col("enterprise").is_in(firms.implode()))
    one = (
        members.join(heads, on="group")
        .select(firm="enterprise", group="group", head="head")
        .unique("firm", keep="first", maintain_order=True)
    )
    if not one.is_empty():
        ids = source.enterprises["id"]
        named = one.select("firm", root=pl.coalesce(pl.lit(ids).gather("head"), "group"))
        own = own.join(named, on="firm", how="left", maintain_order="left")
        own = own.with_columns(subject=pl.coalesce("root", "subject")).drop("root")
    return own.with_columns(dimension=pl.lit("borrower"))


def _groups(source: Snapshot, firms: pl.Series) -> pl.DataFrame:
    members = source.group_members.filter(pl.col("enterprise").is_in(firms.implode()))
    kinds = source.groups.select(subject="id", dimension=pl.col("kind").replace_strict(_GROUPS, default=None))
    rows = members.select(firm="enterprise", subject="group").unique(maintain_order=True)
    return rows.join(kinds.drop_nulls(), on="subject", maintain_order="left")


def _guarantors(source: Snapshot, firms: pl.Series) -> pl.DataFrame:
    """Who guarantees for a firm, and the firm itself where it guarantees for others."""
    ids = pl.DataFrame({"firm": firms, "id": source.enterprises["id"].gather(firms)})
    given = source.relations.filter(pl.col("kind") == "GUARANTEES").filter(holds(source.as_of))
    by = given.join(ids, left_on="dst", right_on="id").select("firm", subject="src")
    own = given.join(ids, left_on="src", right_on="id").select("firm", subject="src")
    return pl.concat([by, own]).with_columns(dimension=pl.lit("guarantor"))


def holds(day: date) -> pl.Expr:
    """Relations that had begun, were known and had not ended on the day; no day counts as always."""
    begun = pl.all_horizontal((pl.col(name) <= day).fill_null(True) for name in ("first", "known_on"))
    return begun & (pl.col("until") >= day).fill_null(True)


def _cores(source: Snapshot, firms: pl.Series) -> pl.DataFrame:
    """Core enterprises that goods lead to or come from, and the firm itself where it is one."""
    paths = (
        source.scan("goods_paths")
        .filter(pl.col("enterprise").is_in(firms.implode()))
        .select(firm="enterprise", core="core")
        .collect()
    )
    cores = sorted({int(one["enterprise"]) for chain in source.chains for one in chain["cores"]})
    ids = source.enterprises["id"]
    own = pl.DataFrame({"firm": firms, "subject": ids.gather(firms)})
    own = own.filter(pl.col("firm").is_in(cores))
    led = paths.select("firm", subject=pl.lit(ids).gather("core"))
    return pl.concat([led, own]).with_columns(dimension=pl.lit("core"))


def _chains(source: Snapshot, firms: pl.Series) -> pl.DataFrame:
    placed = source.positions.filter(
        pl.col("enterprise").is_in(firms.implode()),
        pl.col("basis") == "observed",
        pl.col("segment").is_not_null(),
    )
    return placed.select(firm="enterprise", subject="chain", dimension=pl.lit("chain"))


def _codes(source: Snapshot, firms: pl.Series, column: str, dimension: str) -> pl.DataFrame:
    """The first two digits of a code; firms without one are told of nowhere."""
    codes = source.enterprises[column].gather(firms).str.extract(r"(\d{2})")
    rows = pl.DataFrame({"firm": firms, "subject": codes}).drop_nulls()
    return rows.with_columns(dimension=pl.lit(dimension))


def rows_of(source: Snapshot, parties: list[str]) -> dict[str, int]:
    """Party id → row of the firm that it belongs to; parties that the snapshot does not know are left out."""
    wanted = pl.Series("party", parties, pl.String)
    known = source.members.filter(pl.col("party").is_in(wanted.implode())).select("party", "enterprise")
    found = dict(known.iter_rows())
    for party in parties:
        if party not in found and (row := source.index_of(party)) is not None:
            found[party] = row
    return found


def sums(rows: pl.DataFrame, fen: dict[int, int]) -> dict[tuple[str, str], tuple[int, int]]:
    """(dimension, subject) → fen and firms, of `ties` and what hangs on each firm. Exact, in whole fen."""
    firms = np.fromiter(fen, np.int32, len(fen))
    amounts = np.fromiter(fen.values(), np.int64, len(fen))
    owed = pl.DataFrame({"firm": firms, "fen": amounts}, schema={"firm": pl.Int32, "fen": pl.Int64})
    summed = rows.join(owed, on="firm").group_by("dimension", "subject").agg(pl.col("fen").sum(), pl.len())
    return {(d, s): (int(f), int(n)) for d, s, f, n in summed.iter_rows()}
