"""Rows as people print them, put into the form of one row a movement: days told once, cells run over.

Nothing is invented: a day is taken from the row above only where its cell is blank beside an amount and a
balance; text of a line without day and amounts belongs to the movement above it.
"""

from dataclasses import replace
from datetime import date

import polars as pl

from extraction.statements.cells import amounts, days, with_years
from extraction.statements.sections import TEXTS, Section

_MONEY = ("amount", "out", "in")
_CLOCK = r"^\d{1,2}:\d{2}(:\d{2})?$|^\d{6}$"
#: Name and account in one cell, either first.
_NAME_FIRST = r"^(?<n>.*?[\u4e00-\u9fffA-Za-z)）])[\s/|,，:：;；_-]*[(（\[]?(?<a>\d[\d* -]{7,33}\d)[)）\]]?$"
_ACCOUNT_FIRST = (
    r"^(?<a>\d[\d* -]{7,33}\d)[\s/|,，:：;；_-]*[(（\[]?(?<n>[\u4e00-\u9fffA-Za-z(（].*?)[)）\]]?$"
)


def mended(section: Section, start: date | None) -> Section:
    """The section with one row a movement. `start`: of the period, for days printed without their year."""
    section = _right_day(_one_day(section, start))
    text = section.text.with_columns(with_years(section.column("date"), start).alias("date"))
    section = replace(section, text=text)
    section = _with_days(_run_on(section))
    return _parted(section)


def _one_day(section: Section, start: date | None) -> Section:
    """Year, month and day in columns of their own as one; each may stand on its first row only."""
    if "month" not in section.text.columns or "date" in section.text.columns:
        return section
    parts = [section.column(c).str.extract(r"(\d+)", 1) for c in ("year", "month", "day")]
    year, month, day = (p.fill_null(strategy="forward") for p in parts)
    if year.null_count() == len(year) and start is not None:
        year = pl.Series([str(start.year)] * len(year), dtype=pl.String)
    frame = pl.DataFrame({"y": year, "m": month, "d": day})
    joined = pl.concat_str("y", pl.col("m").str.zfill(2), pl.col("d").str.zfill(2), separator="-")
    return replace(section, text=section.text.with_columns(frame.select(date=joined).to_series()))


def _right_day(section: Section) -> Section:
    """Where the column taken for the day holds times only, another that holds days takes its place."""
    day = section.column("date")
    given = day.drop_nulls()
    if not given.len() or _share(days(given)) > 0.3 or not given.str.contains(_CLOCK).any():
        return section
    loose = [c for c in section.text.columns if c.startswith("c") and c[1:].isdigit()]
    place = next((c for c in loose if _share(days(section.text[c].drop_nulls())) > 0.5), None)
    if place is None:
        return section
    text = section.text.drop("time", strict=False).rename({"date": "time"}).rename({place: "date"})
    return replace(section, text=text)


def _share(values: pl.Series) -> float:
    """Of values that are there."""
    return 1 - values.null_count() / values.len() if values.len() else 0.0


def _filled(section: Section, roles: tuple[str, ...]) -> pl.Series:
    found = pl.Series([False] * section.text.height, dtype=pl.Boolean)
    for role in roles:
        found = found | section.column(role).is_not_null()
    return found


def _run_on(section: Section) -> Section:
    """Lines that only carry on the texts of the movement above are joined to it."""
    numbers = _filled(section, (*_MONEY, "balance", "date", "time", "sequence", "flag", "serial"))
    texts = [c for c in section.text.columns if c in TEXTS or c == "account"]
    loose = _filled(section, tuple(c for c in section.text.columns if c.startswith("c") and c[1:].isdigit()))
    only = ~numbers & ~loose & _filled(section, tuple(texts))
    if not only.any() or only[0]:
        return section
    group = (~only).cum_sum().alias("_group")
    joined = [
        pl.col(c).first() if c not in texts else pl.col(c).drop_nulls().str.join("").alias(c)
        for c in section.text.columns
    ]
    text = section.text.with_columns(group).group_by("_group", maintain_order=True).agg(joined).drop("_group")
    blank = [pl.when(pl.col(c) != "").then(pl.col(c)).alias(c) for c in texts]
    return replace(section, text=text.with_columns(blank).select(section.text.columns))


def _with_days(section: Section) -> Section:
    """A day that is printed once for several movements, on each of them."""
    day, balance = section.column("date"), section.column("balance")
    moved = pl.Series([False] * len(day), dtype=pl.Boolean)
    for role in _MONEY:
        moved = moved | (amounts(section.column(role)).fill_null(0) != 0)
    missing = (
        day.is_null()
        & moved
        & balance.is_not_null()
        & _filled(section, ("summary", "name", "remark", "account", "flag"))
    )
    if not missing.any():
        return section
    known = pl.when(days(day).is_not_null()).then(day).forward_fill()
    text = section.text.with_columns(
        pl.when(missing).then(pl.select(known).to_series()).otherwise(day).alias("date")
    )
    return replace(section, text=text)


def _parted(section: Section) -> Section:
    """Name and account that share one cell, parted where most cells do."""
    text = section.text
    if "account" in text.columns or "name" not in text.columns:
        return section
    given = text["name"].drop_nulls()
    for pattern in (_NAME_FIRST, _ACCOUNT_FIRST):
        if given.len() and int(given.str.contains(pattern).sum()) > 0.5 * given.len():
            parts = text["name"].str.extract_groups(pattern)
            name = pl.coalesce(pl.lit(parts).struct.field("n"), pl.col("name"))
            return replace(
                section, text=text.with_columns(name=name, account=pl.lit(parts).struct.field("a"))
            )
    return section
