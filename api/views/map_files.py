"""An industry map as a file: a line a cell, in the order of the map, as it stands or at two dates."""

from typing import Literal

import polars as pl

from api.asking import Asking
from api.models import ChainMap
from api.models_map import MapCompared
from ledger.words import label
from services.sheets import as_csv, as_xlsx, yuan

_MONEY = frozenset({"amount", "amount_before", "amount_after"})


def of_map(made: ChainMap) -> pl.DataFrame:
    """A map's cells: names of segments, amounts as text in yuan, what the colour shows."""
    names = {segment.id: segment.name for segment in made.segments}
    rows = [
        (
            names.get(cell.segment, cell.segment), cell.depth, cell.enterprises, cell.inferred,
            cell.amount_fen, cell.value, cell.of, cell.category_text,
        )
        for cell in made.cells
    ]  # fmt: skip
    schema = {
        "segment": pl.String, "depth": pl.Int64, "enterprises": pl.Int64, "inferred": pl.Int64,
        "amount": pl.Int64, "value": pl.Float64, "of": pl.Int64, "category": pl.String,
    }  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        yuan("amount").alias("amount"), pl.col("value").round(6)
    )
    color = made.scale.color if made.scale else "count"
    if color in ("count", "amount"):  # the value would say the same twice
        return frame.drop("value", "of", "category")
    return frame if color == "region" else frame.drop("category")


def of_two(made: MapCompared, names: dict[str, str]) -> pl.DataFrame:
    """The cells of a map at two dates."""
    rows = [
        (
            names.get(cell.segment, cell.segment), cell.depth, cell.enterprises_before,
            cell.enterprises_after, cell.amount_before_fen, cell.amount_after_fen, cell.change,
        )
        for cell in made.cells
    ]  # fmt: skip
    schema = {
        "segment": pl.String, "depth": pl.Int64, "enterprises_before": pl.Int64,
        "enterprises_after": pl.Int64, "amount_before": pl.Int64, "amount_after": pl.Int64,
        "change": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        yuan("amount_before").alias("amount_before"),
        yuan("amount_after").alias("amount_after"),
        pl.col("change").round(6),
    )


def written(asked: Asking, frame: pl.DataFrame, format_: Literal["csv", "xlsx"]) -> bytes:
    """`frame` under headings in the reader's language."""
    heads = {name: label(f"map_{name}", asked.lang) for name in frame.columns}
    if format_ == "csv":
        return as_csv(frame, heads, _MONEY)
    return as_xlsx(frame, heads, label("map_file", asked.lang), _MONEY)
