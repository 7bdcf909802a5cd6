"""Amounts, quantities and rates as text → exact numbers: minor units in int64, decimals; never floats."""

from decimal import Decimal, InvalidOperation

import polars as pl

from extraction.vocabulary import bare, vocabulary
from ledger.money import decimal_of, fen, scaled, tidy
from ledger.records import DECIMAL

#: The usual spelling, which a decimal cast reads exactly and ten times faster than `ledger.money.fen`.
_PLAIN = r"^[+-]?[0-9]{1,13}(?:\.[0-9]{1,2}0*)?$"
_BRACKETS = r"^\((.+)\)$"  # how accountants write a minus
_DECIMAL = r"^[+-]?[0-9]{1,20}(?:\.[0-9]+)?$"
#: Figures a program rounded for display: digits are lost for good.
SCIENTIFIC = r"^[+-]?\d+(?:\.\d+)?[eE][+-]?\d+$"
#: ISO 4217 currencies whose minor unit is not a hundredth.
_EXPONENTS = {
    **dict.fromkeys(("JPY", "KRW", "VND", "CLP", "ISK", "PYG", "XAF", "XOF", "UGX"), 0),
    **dict.fromkeys(("BHD", "KWD", "OMR", "JOD", "TND", "IQD", "LYD"), 3),
}


def money(text: pl.Series, currency: pl.Series | None = None) -> pl.Series:
    """Amounts in minor units of their currency (null: CNY); null where the text is no exact amount."""
    if currency is not None and (odd := currency.str.to_uppercase().is_in(list(_EXPONENTS))).any():
        return _other_money(text, currency, odd.fill_null(False))
    if text.str.contains(_PLAIN).all():  # nulls aside
        return (text.cast(pl.Decimal(38, 2)) * 100).cast(pl.Int64)
    spelled = text.str.normalize("NFKC").str.strip_chars().str.replace(_BRACKETS, "-$1")
    return pl.select(fen(pl.lit(spelled))).to_series()


def _other_money(text: pl.Series, currency: pl.Series, odd: pl.Series) -> pl.Series:
    """Where some currency has no hundredths: value by value, such documents are small."""
    values: list[int | None] = []
    for written, code, is_odd in zip(text, currency, odd, strict=True):
        exponent = _EXPONENTS[code.upper()] if is_odd else 2
        values.append(_scaled(written, exponent))
    return pl.Series(text.name, values, dtype=pl.Int64)


def _scaled(written: str | None, exponent: int) -> int | None:
    value = decimal_of(written or "")
    return None if value is None else scaled(value, 10**exponent)


def decimals(text: pl.Series) -> pl.Series:
    """Quantities and prices; null where the text is no plain number. Digits past the 14th are cut."""
    clean = pl.select(tidy(pl.lit(text))).to_series()
    plain = clean.str.contains(_DECIMAL).fill_null(False)
    return clean.set(~plain, None).cast(DECIMAL, strict=False)


def tax_text(text: pl.Series) -> pl.Series:
    """Tax cells with exempt words as 0 and asterisks (not shown) as null."""
    distinct = text.unique().drop_nulls()
    if not distinct.str.contains(r"[^\d.,+\-]").any():
        return text
    words = [w for w in distinct.to_list() if bare(w) in vocabulary().exempt]
    hidden = [w for w in distinct.to_list() if w and not w.strip("*")]
    return text.replace([*words, *hidden], ["0"] * len(words) + [None] * len(hidden))


def rates(text: pl.Series) -> pl.DataFrame:
    """Columns `rate` (0.13 for 13 %, null where none is due or shown) and `rate_read`: the text is a
    rate or one of the words for none. Each distinct text is seen once."""
    distinct = text.unique().drop_nulls()
    read = [rate_of(word) for word in distinct]
    table = pl.DataFrame(
        {"text": distinct, "rate": [r for r, _ in read], "rate_read": [ok for _, ok in read]},
        schema={"text": pl.String, "rate": DECIMAL, "rate_read": pl.Boolean},
    )
    joined = pl.DataFrame({"text": text}).join(table, on="text", how="left", maintain_order="left")
    return joined.select("rate", pl.col("rate_read").fill_null(True))


def rate_of(text: str) -> tuple[Decimal | None, bool]:
    """(rate, whether `text` could be read): 13%, 0.13 and 13 are one rate, 免税 and *** are none."""
    word = bare(text)
    if word in vocabulary().exempt or not word.strip("*-"):
        return None, True
    try:
        value = Decimal(word.rstrip("%"))
    except InvalidOperation:
        return None, False
    if not value.is_finite() or not 0 <= value <= 100:
        return None, False
    return (value / 100 if word.endswith("%") or value >= 1 else value), True
