"""One table of all enterprises of a snapshot, a row for each place in a chain: what lists are cut from.

Everything is worked out in columns, once a snapshot. A firm without a place has one row, its place null.
"""

from datetime import date

import numpy as np
import polars as pl

from graph.snapshot import Snapshot
from services.desk.growth import growth
from services.desk.knocked import knocked

#: Kinds of groups in the order in which one of them is named beside a firm.
GROUPS = ("control", "one_entity", "guarantee_circle", "guarantee_cycle", "dependent", "suspected")
_FIRM = (
    *("id", "name", "code", "region", "size", "industry", "hub", "sales_fen", "purchases_fen"),
    *("customers", "suppliers", "own_sales_until", "own_purchases_until", "pinyin"),
)
_PLACE = (
    *("enterprise", "chain", "segment", "level", "depth", "confidence", "membership", "core"),
    *("basis", "probability"),
)


def table(snapshot: Snapshot, day: date) -> pl.DataFrame:
    """Rows sorted by enterprise, the chain it belongs to most first of those in which it has a segment.

    Columns: enterprise (row of the snapshot), those of `_FIRM` and `_PLACE`, own_books, is_core, placed (in
    any chain), growth (0.05 is 5 % more; null: its own books do not say) with now_fen and before_fen, group,
    group_kind, groups (how many), knock_outs (codes of the rules in force on `day` that the papers' lists,
    its standing and its industry hit, list[str]).
    """
    firms = snapshot.enterprises.select(_FIRM).with_row_index("enterprise").cast({"enterprise": pl.Int32})
    places = snapshot.positions
    for name in ("basis", "probability"):  # an older build did not say
        if name not in places.columns:
            places = places.with_columns(pl.lit(None).alias(name))
    depth = pl.when(pl.col("depth").is_finite()).then(pl.col("depth"))
    placed = places.select(_PLACE).with_columns(depth=depth)
    cores = sorted({int(core["enterprise"]) for chain in snapshot.chains for core in chain["cores"]})
    whole = (
        firms.join(placed, on="enterprise", how="left")
        .join(growth(snapshot), on="enterprise", how="left")
        .join(_groups(snapshot), on="enterprise", how="left")
        .join(knocked(snapshot, day), on="enterprise", how="left")
        .with_columns(
            pl.col("sales_fen").fill_null(0),
            pl.col("hub").fill_null(False),
            pl.col("knock_outs").fill_null(pl.lit([], pl.List(pl.String))),
            pl.col("groups").fill_null(0),
            own_books=pl.any_horizontal(
                pl.col("own_sales_until").is_not_null(), pl.col("own_purchases_until").is_not_null()
            ),
            is_core=pl.col("enterprise").is_in(cores),
            placed=pl.col("segment").is_not_null().any().over("enterprise"),
        )
        .drop("own_sales_until", "own_purchases_until")
    )
    order = [pl.col("enterprise"), pl.col("segment").is_null(), -pl.col("membership"), pl.col("chain")]
    return whole.sort(order, nulls_last=True)


def ranks(rows: pl.DataFrame, column: str) -> np.ndarray:
    """int64[rows]: the place of each row's value in `column` among all values; -1 where it has none.

    What pages are cut by: a cursor holds whole numbers only.
    """
    values = rows[column]
    if values.dtype == pl.String:
        values = rows["pinyin"] if column == "name" else values
    ranked = values.rank("dense").cast(pl.Int64).fill_null(-1)
    return ranked.to_numpy()


def _groups(snapshot: Snapshot) -> pl.DataFrame:
    """enterprise, group, group_kind, groups: the group that binds most, and of how many."""
    rank = pl.col("kind").replace_strict(list(GROUPS), list(range(len(GROUPS))), default=len(GROUPS))
    kinds = snapshot.groups.select(group="id", group_kind="kind", rank=rank)
    members = snapshot.group_members.select("enterprise", "group").unique()
    return (
        members.join(kinds, on="group")
        .sort("enterprise", "rank", "group")
        .group_by("enterprise", maintain_order=True)
        .agg(pl.col("group").first(), pl.col("group_kind").first(), pl.len().alias("groups"))
    )
