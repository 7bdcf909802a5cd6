"""Money in fen: exact parsing of what people write, never through a binary float."""

import re
from decimal import Decimal

import polars as pl

#: Whole fen that fit comfortably: 90 trillion yuan.
LARGEST_FEN = 9_000_000_000_000_000
# Each pattern below is read by two engines, which must agree: no \d and no bare \s, whose extent differs.
#: What dresses a number: currency signs, separators of thousands, blanks.
_DRESS = r"[¥￥,，]|[^\S\x1c-\x1f]"
#: Sign, whole yuan, fen. Trailing zeros beyond two decimals are fine.
_AMOUNT = r"^([+-]?)([0-9]{1,16})(?:\.([0-9]{1,2})0*)?$"
_dress, _amount = re.compile(_DRESS), re.compile(_AMOUNT)
_number = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


def tidy(text: pl.Expr) -> pl.Expr:
    """Numbers as people write them, without currency signs, thousands separators and blanks."""
    return text.str.replace_all(_DRESS, "")


def fen(text: pl.Expr) -> pl.Expr:
    """Yuan as text → int64 fen; null where it is no amount or has a part smaller than a fen.

    Trailing zeros beyond two decimals are fine (`12.3400`), other digits there are not: rounding
    belongs to whoever computes, not to whoever reads.
    """
    clean = tidy(text)
    whole = clean.str.extract(_AMOUNT, 2).cast(pl.Int64, strict=False)
    cents = clean.str.extract(_AMOUNT, 3).fill_null("0").str.pad_end(2, "0").cast(pl.Int64, strict=False)
    sign = pl.when(clean.str.starts_with("-")).then(-1).otherwise(1)
    value = sign * (whole * 100 + cents)
    return pl.when(value.abs() <= LARGEST_FEN).then(value).otherwise(None)


def fen_of(text: str) -> int | None:
    """`fen` for one value, by the same rule."""
    found = _amount.fullmatch(_dress.sub("", text))
    if not found:
        return None
    value = int(found[2]) * 100 + int((found[3] or "0").ljust(2, "0"))
    return None if value > LARGEST_FEN else -value if found[1] == "-" else value


def decimal_of(text: str) -> Decimal | None:
    """One number as people write it, exactly: dressed as amounts may be, never with an exponent."""
    clean = _dress.sub("", text)
    return Decimal(clean) if _number.fullmatch(clean) else None


def scaled(value: Decimal, times: int) -> int | None:
    """`value` units of `times` fen, exactly; None where that is no whole fen, or more than there can be."""
    over, under = value.as_integer_ratio()
    whole, rest = divmod(over * times, under)
    return None if rest or abs(whole) > LARGEST_FEN else whole


def yuan(amount_fen: int) -> str:
    """Fen as yuan with two decimals and thousands separators."""
    sign, rest = ("-", -amount_fen) if amount_fen < 0 else ("", amount_fen)
    return f"{sign}{rest // 100:,}.{rest % 100:02d}"
