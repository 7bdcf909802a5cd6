"""Amounts, shares and numbers inside sentences, two decimals: 万元 in Chinese, CNY m in English, or yuan."""

from ledger.words import message

_FEN_IN = {"zh": 1_000_000, "en": 100_000_000}


def amount_text(fen: int | None, lang: str) -> str:
    """`1,234.56万元` or `CNY 12.35 m`; below one such unit `9,800.00 元` or `CNY 9,800.00`; the word for
    unknown where there is none."""
    if fen is None:
        return message("score_unknown", lang)
    unit = _FEN_IN["zh" if lang == "zh" else "en"]
    if abs(fen) < unit:
        return message("cash_yuan", lang, yuan=f"{fen / 100:,.2f}")
    scaled = f"{fen / unit:,.2f}"
    return f"{scaled}万元" if lang == "zh" else f"CNY {scaled} m"


def table_text(fen: int | None, lang: str) -> str:
    """`1,234.56`: for tables that name the unit once over them, 万元 or CNY m."""
    if fen is None:
        return message("score_unknown", lang)
    return f"{fen / _FEN_IN['zh' if lang == 'zh' else 'en']:,.2f}"


def share_text(share: float | None, lang: str, *, signed: bool = False) -> str:
    """`62.3 %`, with its sign where asked."""
    if share is None:
        return message("score_unknown", lang)
    return f"{100 * share:+.1f} %" if signed else f"{100 * share:.1f} %"


def count_text(count: float | None, lang: str) -> str:
    """`1,312`."""
    return message("score_unknown", lang) if count is None else f"{round(count):,}"
