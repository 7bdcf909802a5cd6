"""Momentum of a segment: its firms' sales against the same months a year before.

Seasonal firms are compared with the same season; January and February go together, for the lunar new
year moves between them. Only months that a firm's own sales books cover in both years count, firm by
firm: nobody grows because more of its papers were handed in. The last `SEASONS` such months (January
with February as one) are compared.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.scores.books import Books
from gnn.view import View

#: Months compared, January and February together counting as one.
SEASONS = 3
#: A segment's growth needs so many firms.
LEAST_FIRMS = 3


def seasons(months: list[str]) -> list[list[int]]:
    """The months of a view in groups that are compared as one, as row numbers, latest last.

    January and February stand together; one without the other, or without the year before, is left out.
    """
    number = {month: i for i, month in enumerate(months)}
    groups = []
    for month, i in number.items():
        year, name = month.split("-")
        if name == "01":
            continue
        group = [number.get(f"{year}-01"), i] if name == "02" else [i]
        before = [number.get(_year_before(months[m])) if m is not None else None for m in group]
        if None not in group and None not in before:
            groups.append([m for m in group if m is not None])
    return groups


def _year_before(month: str) -> str:
    year, name = month.split("-")
    return f"{int(year) - 1}-{name}"


def momentum(view: View, coverage: pl.DataFrame, positions: pl.DataFrame) -> pl.DataFrame:
    """Table `momentum`: one row a chain and segment that firms stand in."""
    compared, groups = _compared(view)
    firms = _firms(view, coverage, groups)
    stands = positions.filter(pl.col("segment").is_not_null()).select("chain", "segment", "enterprise")
    rows = (
        stands.join(firms, on="enterprise", how="left")
        .group_by("chain", "segment")
        .agg(
            pl.col("now").is_not_null().sum().cast(pl.Int32).alias("firms"),
            pl.len().cast(pl.Int32).alias("of_firms"),
            (pl.col("now") > pl.col("before")).sum().cast(pl.Int32).alias("growing"),
            pl.col("gone").sum().cast(pl.Int32).alias("gone"),
            pl.col("came").sum().cast(pl.Int32).alias("came"),
            pl.col("now").sum().alias("sales_fen"),
            pl.col("before").sum().alias("before_fen"),
        )
    )
    enough = (pl.col("firms") >= LEAST_FIRMS) & (pl.col("before_fen") > 0)
    told = [view.months[m] for months in compared for m in months]
    return rows.select(
        "chain",
        "segment",
        pl.when(enough).then(pl.col("sales_fen") / pl.col("before_fen") - 1).alias("value"),
        pl.when(enough).then(pl.col("growing") / pl.col("firms")).alias("breadth"),
        pl.when(enough).then(pl.lit("own")).otherwise(pl.lit("partial")).alias("basis"),
        pl.when(enough)
        .then(pl.lit("momentum"))
        .otherwise(pl.lit("momentum_few_firms" if told else "momentum_no_year_before"))
        .alias("reason"),
        *("firms", "of_firms", "growing", "gone", "came", "sales_fen", "before_fen"),
        pl.lit(pl.Series([told], dtype=pl.List(pl.String))).first().alias("months"),
    ).sort("chain", "segment")


def behind(view: View, coverage: pl.DataFrame, stands: pl.DataFrame) -> pl.DataFrame:
    """enterprise, now, before: of the firms that `stands` names (column `enterprise`) those with own books of
    both years, the largest change first. Their sums are those of `momentum`."""
    found = _firms(view, coverage, _compared(view)[1]).join(stands, on="enterprise", how="semi")
    change = (pl.col("now") - pl.col("before")).abs()
    paired = found.filter(pl.col("now").is_not_null()).select("enterprise", "now", "before")
    return paired.sort(change, "enterprise", descending=[True, False])


def _compared(view: View) -> tuple[list[list[int]], pl.DataFrame]:
    """The groups of months compared, as row numbers; and group, month, then: those and the year before."""
    compared = seasons(view.months)[-SEASONS:]
    number = {month: i for i, month in enumerate(view.months)}
    groups = pl.DataFrame(
        [
            (g, m, then)
            for g, months in enumerate(compared)
            for m in months
            for then, m in ((False, m), (True, number[_year_before(view.months[m])]))
        ],
        schema={"group": pl.Int32, "month": pl.Int32, "then": pl.Boolean},
        orient="row",
    )
    return compared, groups


def _firms(view: View, coverage: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """enterprise, now, before (null where no month is covered in both years), gone, came."""
    schema = {"month": pl.String, "m": pl.Int32}
    months = pl.DataFrame({"month": view.months, "m": range(len(view.months))}, schema=schema)
    own = (
        coverage.filter(pl.col("side") == "sale")
        .join(months, on="month")
        .select("enterprise", month="m")
        .join(groups, on="month")
    )
    size = groups.group_by("group", "then").len("of")
    whole = (
        own.group_by("enterprise", "group", "then")
        .len("covered")
        .join(size, on=["group", "then"])
        .filter(pl.col("covered") == pl.col("of"))
    )
    sold = own.join(_sales(view), on=["enterprise", "month"], how="left").join(
        whole, on=["enterprise", "group", "then"], how="semi"
    )
    sums = sold.group_by("enterprise", "group").agg(
        pl.col("amount_fen").filter(~pl.col("then")).sum().alias("now"),
        pl.col("amount_fen").filter("then").sum().alias("before"),
        (pl.col("then").any() & (~pl.col("then")).any()).alias("both"),
    )
    after, was = (~pl.col("then")).any(), pl.col("then").any()
    ends = own.group_by("enterprise").agg((was & ~after).alias("gone"), (after & ~was).alias("came"))
    paired = sums.filter("both").group_by("enterprise").agg(pl.col("now").sum(), pl.col("before").sum())
    return ends.join(paired, on="enterprise", how="left")


def _sales(view: View) -> pl.DataFrame:
    """enterprise, month, amount_fen: to firms by the links, to consumers by the items."""
    seller: NDArray[np.int32] = view.graph.src[view.flow["edge"].to_numpy()]
    firms = view.flow.select(
        pl.Series("enterprise", seller, pl.Int32), pl.col("month").cast(pl.Int32), "amount_fen"
    )
    consumers = view.items.filter(pl.col("dst").is_null()).select(
        enterprise="src", month=pl.col("month").cast(pl.Int32), amount_fen="amount_fen"
    )
    return pl.concat([firms, consumers]).group_by("enterprise", "month").agg(pl.col("amount_fen").sum())


def segment_share(books: Books, positions: pl.DataFrame) -> pl.DataFrame:
    """Rows of `scores`: how much of a segment's sales passes through each firm that stands in it.

    Of the sales in the window of the firms whose own sales books are in; the reason says of how many.
    """
    number = {segment: i for i, segment in enumerate(books.goods.segments)}
    kinds = pl.DataFrame(list(number.items()), schema={"segment": pl.String, "good": pl.Int32}, orient="row")
    stands = positions.select("enterprise", "chain", "segment").join(kinds, on="segment")
    own = _sold(books.sold, "own_fen")
    seen = _sold(books.trade, "seen_fen")
    whole = own.group_by("good").agg(
        pl.col("own_fen").sum().alias("of_fen"), pl.len().cast(pl.Int32).alias("count")
    )
    sellers = seen.group_by("good").agg(pl.len().cast(pl.Int32).alias("of_count"))
    keys = ["enterprise", "good"]
    rows = (
        stands.join(seen, on=keys)
        .join(own, on=keys, how="left")
        .join(whole, on="good", how="left")
        .join(sellers, on="good", how="left")
    )
    known = pl.col("own_fen").is_not_null()
    return rows.select(
        "enterprise",
        "chain",
        "segment",
        pl.lit("segment_share").alias("name"),
        (pl.col("own_fen") / pl.col("of_fen")).alias("value"),
        pl.when(known).then(pl.lit("own")).otherwise(pl.lit("partial")).alias("basis"),
        pl.when(known).then(pl.lit("segment_share")).otherwise(pl.lit("sale_books_missing")).alias("reason"),
        pl.coalesce("own_fen", "seen_fen").alias("amount_fen"),
        pl.when(known).then("of_fen").alias("of_fen"),
        "count",
        "of_count",
    )


def _sold(trade: pl.DataFrame, name: str) -> pl.DataFrame:
    sums = trade.group_by(pl.col("src").alias("enterprise"), "good").agg(
        pl.col("amount_fen").sum().alias(name)
    )
    return sums.filter(pl.col(name) > 0)
