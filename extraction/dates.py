"""Dates and times as documents write them → the day in Beijing and the instant it could be known."""

from datetime import UTC, date, datetime, timedelta

import polars as pl

from ledger.records import INSTANT

_WRITTEN = (
    r"^(?<y>\d{4})\s*[-/.年]\s*(?<m>\d{1,2})\s*[-/.月]\s*(?<d>\d{1,2})\s*日?"
    r"(?:[T\s]*(?<H>\d{1,2})\s*[:时]\s*(?<M>\d{1,2})(?:\s*[:分]\s*(?<S>\d{1,2})(?:\.\d+)?)?\s*秒?(?:\+08:?00)?)?$"
)
_COMPACT = r"^(?<y>\d{4})(?<m>\d{2})(?<d>\d{2})(?:(?<H>\d{2})(?<M>\d{2})(?<S>\d{2}))?$"
#: A day number as spreadsheets count (from 1899-12-30), where a date cell lost its format.
_SERIAL = r"^[34567]\d{4}(?:\.\d+)?$"
_EPOCH = pl.date(1899, 12, 30)
#: What is outside is no date at all: registries go back to the oldest firms, terms run far ahead.
EARLIEST, LATEST = pl.date(1900, 1, 1), pl.date(2100, 1, 1)
#: The provisional regulations on VAT are in force from this day: no VAT invoice is older.
VAT_BEGINS = date(1994, 1, 1)


def beijing_today() -> date:
    """The day it is in Beijing."""
    return (datetime.now(UTC) + timedelta(hours=8)).date()


def dated(text: pl.Series) -> pl.DataFrame:
    """Columns `happened_on` and `known_at`, null where `text` is no date between 1900 and 2100.

    `known_at` is the time of issue, or 00:00 in Beijing where only a day is known; as UTC. China has
    had no summer time since 1991, so Beijing is UTC+8 throughout.
    """
    distinct = text.unique().drop_nulls()
    table = pl.DataFrame({"text": distinct}).with_columns(_moment(pl.col("text")).alias("moment"))
    sane = pl.col("moment").is_between(EARLIEST, LATEST, closed="left")
    table = table.select(
        "text",
        pl.when(sane).then(pl.col("moment").dt.date()).alias("happened_on"),
        pl.when(sane)
        .then(pl.col("moment").dt.offset_by("-8h").dt.replace_time_zone("UTC").cast(INSTANT))
        .alias("known_at"),
    )
    return (
        pl.DataFrame({"text": text})
        .join(table, on="text", how="left", maintain_order="left")
        .select("happened_on", "known_at")
    )


def _moment(text: pl.Expr) -> pl.Expr:
    """Beijing wall time as a naive datetime."""
    serial = (_EPOCH.cast(pl.Datetime("us")) + pl.duration(
        seconds=(text.cast(pl.Float64, strict=False) * 86_400).round().cast(pl.Int64, strict=False)
    ))  # fmt: skip
    return (
        pl.when(text.str.contains(_SERIAL)).then(serial)
        .when(text.str.contains(_COMPACT)).then(_read(text, _COMPACT))
        .otherwise(_read(text, _WRITTEN))
    )  # fmt: skip


def _read(text: pl.Expr, pattern: str) -> pl.Expr:
    parts = text.str.extract_groups(pattern)

    def part(name: str, blank: str = "00") -> pl.Expr:
        return parts.struct.field(name).fill_null(blank).str.zfill(2)

    stamp = pl.concat_str(
        parts.struct.field("y"), pl.lit("-"), part("m"), pl.lit("-"), part("d"),
        pl.lit(" "), part("H"), pl.lit(":"), part("M"), pl.lit(":"), part("S"),
    )  # fmt: skip
    return stamp.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
