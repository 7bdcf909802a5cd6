"""Amounts, shares and numbers inside sentences: 万元 in Chinese, CNY m in English, two decimals."""

from ledger.words import message

_FEN_IN = {"zh": 1_000_000, "en": 100_000_000}


def amount_text(fen: int | None, lang: str) -> str:
    """`1,234.56万元` or `CNY 12.35 m`; the word for unknown where there is none."""
    if fen is None:
        return message("score_unknown", lang)
    scaled = f"{fen / _FEN_IN['zh' if lang == 'zh' else 'en']:,.2f}"
    return f"{scaled}万元" if lang == "zh" else f"CNY {scaled} m"


def share_text(share: float | None, lang: str, *, signed: bool = False) -> str:
    """`62.3 %`, with its sign where asked."""
    if share is None:
        return message("score_unknown", lang)
    return f"{100 * share:+.1f} %" if signed else f"{100 * share:.1f} %"


def count_text(count: float | None, lang: str) -> str:
    """`1,312`."""
    return message("score_unknown", lang) if count is None else f"{round(count):,}"
