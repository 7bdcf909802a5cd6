"""Money in fen: exact parsing of what people write, never through a binary float."""

from decimal import Decimal, InvalidOperation

import polars as pl

#: Whole fen that fit comfortably: 90 trillion yuan.
LARGEST_FEN = 9_000_000_000_000_000
_WRITTEN = r"^[+-]?\d{1,16}(\.\d+)?$"


def tidy(text: pl.Expr) -> pl.Expr:
    """Numbers as people write them, without currency signs, thousands separators and blanks."""
    return text.str.strip_chars().str.replace_all(r"[¥￥,，\s]", "")


def fen(text: pl.Expr) -> pl.Expr:
    """Yuan as text → int64 fen; null where it is no amount or has a part smaller than a fen.

    Trailing zeros beyond two decimals are fine (`12.3400`), other digits there are not: rounding
    belongs to whoever computes, not to whoever reads.
    """
    clean = tidy(text)
    exact = clean.str.contains(_WRITTEN) & clean.str.contains(r"^[^.]*(\.\d{1,2}0*)?$")
    whole = clean.str.extract(r"^[+-]?(\d+)", 1).cast(pl.Int64, strict=False)
    cents = (
        clean.str.extract(r"\.(\d{1,2})", 1).fill_null("0").str.pad_end(2, "0").cast(pl.Int64, strict=False)
    )
    sign = pl.when(clean.str.starts_with("-")).then(-1).otherwise(1)
    value = sign * (whole * 100 + cents)
    return pl.when(exact & (value.abs() <= LARGEST_FEN)).then(value).otherwise(None)


def fen_of(text: str) -> int | None:
    """`fen` for one value."""
    try:
        value = Decimal(text.strip().translate({ord(c): None for c in "¥￥,， "}))
        scaled = value * 100
        whole = int(scaled)
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return whole if scaled == whole and abs(whole) <= LARGEST_FEN else None


def yuan(amount_fen: int) -> str:
    """Fen as yuan with two decimals and thousands separators."""
    sign, rest = ("-", -amount_fen) if amount_fen < 0 else ("", amount_fen)
    return f"{sign}{rest // 100:,}.{rest % 100:02d}"
