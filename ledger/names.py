"""Names of firms: the normal form two spellings share, and pinyin for those who type Latin letters."""

import unicodedata
from functools import lru_cache

import polars as pl
from pypinyin import Style, lazy_pinyin

#: Written instead of a name where a sale was made to nobody in particular.
ANONYMOUS = frozenset({"", "个人", "散客", "零售", "消费者", "自然人", "客户", "现金", "无", "-", "--"})


def normal_form(name: str) -> str:
    """NFKC, upper case, no blanks, round brackets for all brackets. Nothing is dropped that could
    tell two firms apart: suffixes and places stay."""
    text = unicodedata.normalize("NFKC", name).upper()
    text = text.translate({ord(a): b for a, b in zip("【】〔〕[]", "()()()", strict=True)})
    return "".join(text.split())


def normal_forms(names: pl.Expr) -> pl.Expr:
    """`normal_form` over a column; the function sees each distinct name once."""
    return names.map_batches(_normal_series, return_dtype=pl.String)


def _normal_series(names: pl.Series) -> pl.Series:
    distinct = names.unique().drop_nulls()
    table = pl.Series([normal_form(n) for n in distinct], dtype=pl.String)
    return names.replace_strict(distinct, table, default=None, return_dtype=pl.String)


@lru_cache(maxsize=30_000)
def _syllable(character: str) -> str:
    return "".join(lazy_pinyin(character, style=Style.NORMAL, errors="default")).lower()


def pinyin(name: str) -> str:
    """Pinyin of every character run together, without tones: 平湖尼龙 → pinghunilong.

    Character by character (a heteronym takes its commonest reading): fast enough for millions.
    """
    return "".join(_syllable(c) for c in name)


def initials(name: str) -> str:
    """First letters of the syllables: 平湖尼龙 → phnl."""
    return "".join(_syllable(c)[:1] for c in name)


def masked_person(name: str) -> str:
    """A person's name with all but the family name hidden: 张三丰 → 张**."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else ""


def masked_number(number: str) -> str:
    """An identity-card or similar number with its middle hidden."""
    return number[:3] + "*" * max(0, len(number) - 7) + number[-4:] if len(number) > 7 else "*" * len(number)
