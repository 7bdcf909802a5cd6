"""Notes on answers: what a capped list left off."""

from ledger.words import message


def shown_of(shown: int, total: int, lang: str) -> str:
    """`40 of 1,312`."""
    return message("shown_of", lang, shown=f"{shown:,}", total=f"{total:,}")
