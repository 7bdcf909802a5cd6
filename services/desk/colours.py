"""What the cells of an industry map are coloured by, beside how many firms they hold and what those sell."""

import polars as pl

from graph.snapshot import Snapshot

COLOURS = ("count", "amount", "risk", "growth", "region")
_CELL = ["segment", "column"]


def coloured(snapshot: Snapshot, rows: pl.DataFrame, firms: pl.DataFrame, colour: str) -> pl.DataFrame:
    """segment, column, value, of (firms behind the value), category; a row a cell.

    `rows`: who stands in a cell (enterprise, segment, column, sales_fen, region); `firms`: the table of
    enterprises (`services.desk.table`). growth: sales of the firms whose own books cover both years, against
    the year before, null where none does. risk: share of firms with a sign of risk. region: the province of
    most firms, and its share.
    """
    placed = rows.filter(pl.col("column").is_not_null())
    made = {"count": _count, "amount": _amount, "growth": _growth, "risk": _risk, "region": _region}
    told = made[colour](snapshot, placed, firms)
    return told.select(*_CELL, pl.col("value").cast(pl.Float64), pl.col("of").cast(pl.Int64), "category")


def at_risk(snapshot: Snapshot, firms: pl.DataFrame) -> pl.Series:
    """Rows of the enterprises with a sign of risk: they hit a knock-out rule by themselves, stand in a circle
    of guarantees, or hang on one partner."""
    circles = snapshot.groups.filter(pl.col("kind").is_in(["guarantee_circle", "guarantee_cycle"]))["id"]
    members = snapshot.group_members.filter(pl.col("group").is_in(circles.implode()))["enterprise"]
    hanging = snapshot.dependence.filter(pl.col("outcome") == "depends")["enterprise"]
    knocked = firms.filter(pl.col("knock_outs").list.len() > 0)["enterprise"]
    return pl.concat([members, hanging, knocked]).unique()


def _none() -> pl.Expr:
    return pl.lit(None, pl.String).alias("category")


def _count(_: Snapshot, rows: pl.DataFrame, __: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by(_CELL).agg(value=pl.len(), of=pl.len()).with_columns(_none())


def _amount(_: Snapshot, rows: pl.DataFrame, __: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by(_CELL).agg(value=pl.col("sales_fen").sum(), of=pl.len()).with_columns(_none())


def _growth(_: Snapshot, rows: pl.DataFrame, firms: pl.DataFrame) -> pl.DataFrame:
    grown = firms.select("enterprise", "now_fen", "before_fen").unique("enterprise")
    joined = rows.join(grown, on="enterprise", how="left")
    sums = joined.group_by(_CELL).agg(
        pl.col("now_fen").sum(), pl.col("before_fen").sum(), of=pl.col("before_fen").is_not_null().sum()
    )
    value = pl.when(pl.col("before_fen") > 0).then(pl.col("now_fen") / pl.col("before_fen") - 1)
    return sums.with_columns(_none(), value=value)


def _risk(snapshot: Snapshot, rows: pl.DataFrame, firms: pl.DataFrame) -> pl.DataFrame:
    marked = at_risk(snapshot, firms)
    sign = pl.col("enterprise").is_in(marked.implode())
    return rows.group_by(_CELL).agg(value=sign.mean(), of=pl.len()).with_columns(_none())


def _region(_: Snapshot, rows: pl.DataFrame, __: pl.DataFrame) -> pl.DataFrame:
    whole = rows.group_by(_CELL).agg(of=pl.len())
    province = pl.col("region").str.slice(0, 2).alias("category")
    counted = rows.with_columns(province).drop_nulls("category").group_by([*_CELL, "category"]).len()
    most = counted.sort("len", "category", descending=[True, False]).unique(
        _CELL, keep="first", maintain_order=True
    )
    joined = whole.join(most, on=_CELL, how="left", nulls_equal=True)
    return joined.with_columns(value=pl.col("len") / pl.col("of"))
