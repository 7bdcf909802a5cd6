"""Screening: which enterprises of the table fit, in which order, and the page that follows another."""

from dataclasses import dataclass

import polars as pl

from services.desk.table import ranks

#: Columns that a list may be sorted by.
SORTS = (
    *("sales_fen", "name", "code", "growth", "level", "depth", "confidence", "customers", "suppliers"),
    *("region", "size", "chain", "segment"),
)
_SIZES = ("micro", "small", "medium", "large")
#: What a cursor of a list holds: the rank of its last row, and its enterprise.
KEYS = 2


@dataclass(frozen=True)
class Choice:
    """Which enterprises; None and empty take all. Numbers are inclusive bounds.

    A firm fits by any of its places in chains, and is shown in the one it belongs to most among those that
    fit. `regions` are beginnings of GB/T 2260 codes (33, 3304). `core`: the row of a core enterprise reached.
    `cells`: segment and column of a map. `group`: an id. `members`: rows of enterprises (of a watchlist).
    `q`: part of a name or a code.
    """

    chains: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    cells: tuple[tuple[str, int], ...] = ()
    level_from: int | None = None
    level_to: int | None = None
    depth_from: float | None = None
    depth_to: float | None = None
    growth_from: float | None = None
    growth_to: float | None = None
    sales_from_fen: int | None = None
    sales_to_fen: int | None = None
    basis: str | None = None
    placed: bool | None = None
    own_books: bool | None = None
    is_core: bool | None = None
    core: int | None = None
    loan: str | None = None
    knocked_out: bool | None = None
    group: str | None = None
    members: tuple[int, ...] | None = None
    q: str | None = None
    hubs: bool = False


def screened(rows: pl.DataFrame, choice: Choice) -> pl.DataFrame:
    """The rows of the table (`services.desk.table`, with columns offer and loan) that fit, one a firm."""
    fits = rows.lazy().filter(_condition(choice)).collect()
    return fits.unique("enterprise", keep="first", maintain_order=True)


def ordered(rows: pl.DataFrame, sort: str, descending: bool) -> pl.DataFrame:
    """`rows` with their `rank`, in order; without a value last, ties by enterprise."""
    rank = pl.Series("rank", _ranks(rows, sort))
    way = pl.when(pl.col("rank") < 0).then(None).otherwise(pl.col("rank"))
    return rows.with_columns(rank).sort(way, "enterprise", descending=[descending, False], nulls_last=True)


def after(rows: pl.DataFrame, descending: bool, key: tuple[int, int]) -> pl.DataFrame:
    """Of `ordered` rows, those that follow the one with this rank and enterprise."""
    rank, enterprise = key
    later = pl.col("enterprise") > enterprise
    if rank < 0:
        return rows.filter((pl.col("rank") < 0) & later)
    further = (pl.col("rank") < rank) if descending else (pl.col("rank") > rank)
    return rows.filter(further | (pl.col("rank") < 0) | ((pl.col("rank") == rank) & later))


def _ranks(rows: pl.DataFrame, sort: str) -> pl.Series:
    if sort == "size":
        order = dict(zip(_SIZES, range(len(_SIZES)), strict=True))
        return rows["size"].replace_strict(order, default=None, return_dtype=pl.Int64).fill_null(-1)
    return pl.Series(ranks(rows, sort))


def _condition(choice: Choice) -> pl.Expr:
    """Every condition that was set, as one."""
    held = [pl.lit(True)] if choice.hubs else [~pl.col("hub")]
    for column, names in (
        ("chain", choice.chains), ("segment", choice.segments), ("size", choice.sizes),
        ("offer", choice.offers),
    ):  # fmt: skip
        if names:
            held.append(pl.col(column).is_in(list(names)).fill_null(False))
    if choice.regions:
        begins = [pl.col("region").str.starts_with(code).fill_null(False) for code in choice.regions]
        held.append(pl.any_horizontal(begins))
    for column, low, high in (
        ("level", choice.level_from, choice.level_to), ("depth", choice.depth_from, choice.depth_to),
        ("growth", choice.growth_from, choice.growth_to),
        ("sales_fen", choice.sales_from_fen, choice.sales_to_fen),
    ):  # fmt: skip
        held += [(pl.col(column) >= low).fill_null(False)] if low is not None else []
        held += [(pl.col(column) <= high).fill_null(False)] if high is not None else []
    for column, wanted in (
        ("basis", choice.basis), ("core", choice.core), ("loan", choice.loan),
        ("own_books", choice.own_books), ("is_core", choice.is_core),
    ):  # fmt: skip
        if wanted is not None:
            held.append((pl.col(column) == wanted).fill_null(False))
    if choice.cells:
        place = (pl.col("depth") + 0.5).floor().cast(pl.Int32)
        inside = [(pl.col("segment") == segment) & (place == depth) for segment, depth in choice.cells]
        held.append(pl.any_horizontal(inside).fill_null(False))
    if choice.placed is not None:
        here = pl.col("segment").is_not_null()
        nowhere = ~here if choice.chains else ~pl.col("placed")
        held.append(here if choice.placed else nowhere)
    if choice.knocked_out is not None:
        held.append((pl.col("knock_outs").list.len() > 0) == choice.knocked_out)
    if choice.group is not None:
        held.append((pl.col("group") == choice.group).fill_null(False))
    if choice.members is not None:
        held.append(pl.col("enterprise").is_in(list(choice.members)))
    if choice.q:
        named = pl.col("name").str.contains(choice.q, literal=True)
        held.append(named | pl.col("code").str.contains(choice.q.upper(), literal=True).fill_null(False))
    return pl.all_horizontal(held)
