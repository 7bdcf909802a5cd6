"""What an enterprise table says of a firm, value by value with source and day, and the names it had."""

import polars as pl

from extraction.registry_standing import aliases, attributes
from ledger.records import INSTANT

#: Columns that are attributes of a firm.
NAMES = ("region", "industry", "size", "taxpayer", "legal_form", "role", "status", "employees", "revenue")
#: What parts several former names in one cell.
_PARTS = r"[;；、,，|\n]+"
_NO_DAY = pl.lit(None, dtype=pl.Date)


def attributes_of(kept: pl.DataFrame) -> pl.DataFrame:
    """Rows of `attributes`, in the order of rows and columns. `as_of` is the day the table speaks of.

    Without one, an attribute has no days: it counts from when it was loaded.
    """
    days = {"happened_on": "as_of_day", "known_at": "as_of_known"}
    base = kept.select("row", "source", *NAMES, party="enterprise", **days)
    each = [
        base.filter(pl.col(name).is_not_null()).select(
            "row", "party", "happened_on", "known_at", "source",
            name=pl.lit(name), value=pl.col(name).cast(pl.String), until=_NO_DAY, place=pl.lit(place),
        )
        for place, name in enumerate(NAMES)
    ]  # fmt: skip
    return attributes(pl.concat(each).sort("row", "place").drop("place"))


def former_names(kept: pl.DataFrame) -> pl.DataFrame:
    """Rows of `aliases`: former names of a firm, several in a cell, whose days the table does not tell."""
    named = kept.filter(pl.col("former").is_not_null()).select(
        "row",
        "source",
        party="enterprise",
        alias=pl.col("former").str.replace_all(_PARTS, "\n").str.split("\n"),
    )
    each = named.explode("alias", empty_as_null=True, keep_nulls=True)
    each = each.with_columns(pl.col("alias").str.strip_chars()).filter(pl.col("alias").str.len_chars() > 1)
    return aliases(
        each.with_columns(
            alias_kind=pl.lit("former"),
            happened_on=_NO_DAY,
            until=_NO_DAY,
            known_at=pl.lit(None, dtype=INSTANT),
        )
    )
