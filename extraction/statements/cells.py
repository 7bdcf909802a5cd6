"""Cells of statements as values: days and instants, money with its many spellings of minus, marks."""

import re
from datetime import date

import polars as pl

from extraction.amounts import money
from extraction.dates import dated
from extraction.statements.vocabulary import words
from extraction.vocabulary import bare, meaning

_STUCK = r"^(\d{4})(\d{2})(\d{2})[ T:]+(\d{1,2}):?(\d{2}):?(\d{2})?(?:\.\d+)?$"
_DOTTED = r"^(\d{4}-\d{1,2}-\d{1,2})[- ](\d{1,2})\.(\d{2})\.(\d{2})(?:\.\d+)?$"
_NO_GAP = r"^(\d{4}[-/.]\d{2}[-/.]\d{2})(\d{2}:\d{2}(?::\d{2})?)$"
_ZONE = r"(:\d{2})(?:\.\d+)?\s*(?:\(?(?:GMT|UTC)?\+0?8(?::?00)?\)?|Z)?$"
_SHORT = r"^(\d{2})[-/.](\d{1,2})[-/.](\d{1,2})(?:\s+(.*))?$"
_TURNED = r"^(\d{1,2})[-/.](\d{1,2})[-/.]((?:19|20)\d{2})(?:\s+(.*))?$"
_NO_YEAR = r"^(\d{1,2})[-/.月](\d{1,2})日?$|^(\d{2})(\d{2})$"
_COME = re.compile(r"收|贷|入|存|来|进|\bCR|CREDIT|\+")
_GONE = re.compile(r"付|借|出|支|取|往|扣|\bDR|DEBIT|^-")
_MONTHS = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
_NAMED = r"(?i)jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_TIME = r"^(\d{1,2})[:.时](\d{2})(?:[:.分](\d{2}))?(?:\.\d+)?秒?$"
_BARE_TIME = r"^\d{5,6}$"


def moments(day: pl.Series, time: pl.Series) -> pl.DataFrame:
    """Columns `happened_on`, `known_at`: the day, and the instant where the time is told too, beside the
    day or in a column of its own."""
    stamp = _spelled(day)
    clock = _clock(time)
    whole = _spelled(time)
    has_clock = stamp.str.contains(r"\d\s+\d{1,2}:\d{2}|^\d{14}$").fill_null(False)
    joined = pl.DataFrame({"stamp": stamp, "clock": clock, "whole": whole, "has": has_clock}).select(
        pl.when(pl.col("has") | pl.col("clock").is_null())
        .then("stamp")
        .otherwise(pl.concat_str("stamp", "clock", separator=" "))
        .alias("text"),
        "whole",
        "has",
    )
    first = dated(_iso(joined["text"]))
    if clock.null_count() < len(clock) or time.null_count() == len(time):
        return first
    second = dated(_iso(joined["whole"]))  # a column of full stamps beside one of days
    same = (first["happened_on"] == second["happened_on"]).fill_null(False) & ~has_clock
    return first.with_columns(known_at=pl.when(same).then(second["known_at"]).otherwise(first["known_at"]))


def with_years(day: pl.Series, start: date | None) -> pl.Series:
    """Days that a column writes otherwise than year first: 01/03/2025 (which is which, the column as a
    whole tells), 25-03-01, 03-01 of a period whose `start` is told elsewhere, times with 上午 or PM."""
    given = day.drop_nulls()
    if not given.len():
        return day
    if given.str.contains(_NAMED).any():
        day = day.map_elements(_with_number, return_dtype=pl.String)
        given = day.drop_nulls()
    if given.str.contains(r"上午|下午|(?i)[ap]m").any():
        day = day.map_elements(_whole_day, return_dtype=pl.String)
    if _most(given, _TURNED):
        parts = given.str.extract_groups(_TURNED).struct.unnest()
        first, second = (parts[c].cast(pl.Int32).max() or 0 for c in parts.columns[:2])
        if first > 12 >= second:  # type: ignore[operator]
            return day.str.replace(_TURNED, "$3-$2-$1 $4").str.strip_chars()
        return day.str.replace(_TURNED, "$3-$1-$2 $4").str.strip_chars() if second > 12 else day  # type: ignore[operator]
    if _most(given, _SHORT):
        return day.str.replace(_SHORT, "20$1-$2-$3 $4").str.strip_chars()
    if start is not None and _most(given, _NO_YEAR):
        return _in_years(day, start)
    return day


def _with_number(text: str) -> str:
    """01-Mar-2025, Mar 1, 2025 and 1 March 2025 with the year first and the month as a number."""
    day_first = re.search(r"(\d{1,2})[-/ ]?([A-Za-z]{3})[a-z]*[-/ ,.]*(\d{4})", text)
    month_first = re.search(r"([A-Za-z]{3})[a-z]*\.? ?(\d{1,2}),? ?(\d{4})", text)
    hit = day_first or month_first
    if hit is None:
        return text
    day, month = (hit[1], hit[2]) if day_first else (hit[2], hit[1])
    number = _MONTHS.find(month.upper()) // 3 + 1
    return f"{hit[3]}-{number:02d}-{int(day):02d}{text[hit.end() :]}" if number else text


def _most(texts: pl.Series, pattern: str) -> bool:
    return float(texts.str.contains(pattern).mean() or 0) > 0.6  # type: ignore[arg-type]


def _in_years(day: pl.Series, start: date) -> pl.Series:
    """Months before that of the first day lie in the next year."""
    parts = day.str.replace(r"^(\d{2})(\d{2})$", "$1-$2").str.extract_groups(
        r"^(\d{1,2})[-/.月](\d{1,2})日?$"
    )
    month, date_ = (parts.struct.field(f).str.zfill(2) for f in ("1", "2"))
    frame = pl.DataFrame({"day": day, "m": month, "d": date_})
    year = pl.when(pl.col("m").cast(pl.Int32) < start.month).then(start.year + 1).otherwise(start.year)
    spelled = pl.concat_str(year.cast(pl.String), "m", "d", separator="-")
    return frame.select(
        pl.when(pl.col("m").is_not_null()).then(spelled).otherwise("day").alias("date")
    ).to_series()


def _whole_day(text: str) -> str:
    """10:22 下午 and 下午10:22 in twenty-four hours."""
    hit = re.search(r"(\d{1,2})(:\d{2}(?::\d{2})?)", text)
    if hit is None:
        return text
    late = bool(re.search(r"下午|pm", text, re.IGNORECASE))
    hour = (
        int(hit[1]) % 12 + (12 if late else 0)
        if re.search(r"上午|下午|[ap]m", text, re.IGNORECASE)
        else int(hit[1])
    )
    rest = re.sub(r"上午|下午|[ap]m", "", text[: hit.start()], flags=re.IGNORECASE).strip()
    return f"{rest} {hour:02d}{hit[2]}".strip()


def days(day: pl.Series) -> pl.Series:
    """Just the days."""
    return dated(_iso(_spelled(day)))["happened_on"]


def _spelled(text: pl.Series) -> pl.Series:
    return (
        text.str.strip_chars()
        .str.replace(_STUCK, "$1-$2-$3 $4:$5:$6")
        .str.replace(_DOTTED, "$1 $2:$3:$4")
        .str.replace(_NO_GAP, "$1 $2")
        .str.replace(r"[:\s]+$", "")
        .str.replace(_ZONE, "$1")
    )


def _iso(text: pl.Series) -> pl.Series:
    """Compact days with a clock behind them in the spelling that `dated` reads."""
    return text.str.replace(r"^(\d{4})(\d{2})(\d{2}) (\d{1,2}:)", "$1-$2-$3 $4")


def _clock(time: pl.Series) -> pl.Series:
    """HH:MM:SS; null where the text is no time of day."""
    spelled = time.str.strip_chars()
    bare_time = spelled.str.contains(_BARE_TIME).fill_null(False)
    padded = spelled.str.zfill(6).str.replace(r"^(\d{2})(\d{2})(\d{2})$", "$1:$2:$3")
    spelled = padded.zip_with(bare_time, spelled)
    parts = spelled.str.extract_groups(_TIME)
    frame = parts.struct.unnest().cast(pl.String)
    frame.columns = ["h", "m", "s"]
    made = frame.select(
        pl.when(pl.col("h").is_not_null()).then(
            pl.concat_str(pl.col("h").str.zfill(2), "m", pl.col("s").fill_null("00"), separator=":")
        )
    )
    return made.to_series()


def amounts(text: pl.Series) -> pl.Series:
    """Amounts in minor units: 1,234.56 · ¥ · 元 · 1,234.56- · (1,234.56) · 1,234.56CR; null for no amount."""
    if text.null_count() == len(text):
        return pl.Series(text.name, [None] * len(text), dtype=pl.Int64)
    clean = text
    if clean.str.contains(r"[^\d.,+-]").any() or clean.str.ends_with("-").any():
        clean = (
            clean.str.normalize("NFKC")
            .str.replace_all("[\u2212\u2013\u2014]", "-")
            .str.replace_all(r"(?i)RMB|CNY|人民币|元|¥|\$|\s", "")
            .str.replace(r"(?i)^([\d,.]+)DR$", "-$1")
            .str.replace(r"(?i)CR$", "")
            .str.replace(r"^(?:借方?|支出?|付出?|转?出|取):?\+?-?([\d,.]+)$", "-$1")
            .str.replace(r"^(?:贷方?|收入?|存入?|转?入):?\+?([\d,.]+)$", "$1")
            .str.replace(r"^([\d,.]+)(?:借|付|支|出)$", "-$1")
            .str.replace(r"^([\d,.]+)(?:贷|收|入|存|\+)$", "$1")
            .str.replace(r"^([\d,.]+)-$", "-$1")
            .str.replace(r"^([+-]?)\.", "${1}0.")
        )
    plain = clean.str.replace_all(",", "")
    return money(plain)


def flags(text: pl.Series) -> pl.Series:
    """in | out | neither for marks of direction, by the word or by what it holds; null for others."""
    known = meaning(text, words().flags)
    strange = text.filter(text.is_not_null() & known.is_null()).unique()
    if not strange.len():
        return known
    found = {t: _sense(bare(t)) for t in strange}
    return (
        pl.DataFrame({"k": known, "t": text})
        .select(pl.coalesce("k", pl.col("t").replace_strict(found, default=None, return_dtype=pl.String)))
        .to_series()
    )


def _sense(text: str) -> str | None:
    come, gone = _COME.search(text), _GONE.search(text)
    return None if bool(come) == bool(gone) else "in" if come else "out"


def currencies(text: pl.Series) -> pl.Series:
    """ISO codes; CNY where nothing is said."""
    known = words().currencies
    distinct = text.unique().drop_nulls()
    codes = [
        known.get(bare(t)) or (bare(t) if len(bare(t)) == 3 and bare(t).isascii() else None) for t in distinct
    ]
    found = text.replace_strict(
        distinct, pl.Series(codes, dtype=pl.String), default=None, return_dtype=pl.String
    )
    return found.fill_null("CNY")
