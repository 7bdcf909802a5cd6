"""Rows of a statement that are no movements: balances carried over, sums, lines that are no rows at all."""

from dataclasses import dataclass, field, replace

import polars as pl

from extraction.statements.cells import amounts
from extraction.statements.sections import Section, is_word
from extraction.statements.vocabulary import words

_MONEY = ("amount", "out", "in")


@dataclass
class Sums:
    """What such rows say: the balance at either end, and (out, in) of rows that sum up the whole."""

    opening: int | None = None
    closing: int | None = None
    totals: list[tuple[int | None, int | None]] = field(default_factory=list)


def without_sums(section: Section) -> tuple[Section, Sums]:
    """The section's movements (with `happened_on`), and what its other rows say."""
    text = section.text
    nothing = pl.Series([None] * text.height, dtype=pl.Int64)
    values = {r: amounts(text[r]) if r in text.columns else nothing for r in (*_MONEY, "balance")}
    moved = pl.Series([False] * text.height, dtype=pl.Boolean)
    claims = moved
    for role in _MONEY:
        moved = moved | (values[role].fill_null(0) != 0)
        unread = section.column(role).str.contains(r"\d").fill_null(False) & values[role].is_null()
        claims = claims | unread
    dated = text["happened_on"].is_not_null()
    kinds = _kinds(section, dated, moved)
    sums = Sums()
    downwards = _runs_down(text["known_at"])
    for kind, first in (("opening", downwards), ("closing", not downwards)):
        found = values["balance"].filter(kinds[kind]).drop_nulls()
        if found.len():
            setattr(sums, kind, int(found[0] if first else found[-1]))
    sums.totals = list(pl.DataFrame({r: values[r] for r in ("out", "in")}).filter(kinds["whole"]).iter_rows())
    rows = moved | (dated & (values["balance"].is_not_null() | claims))
    keep = rows & ~(kinds["opening"] | kinds["closing"] | kinds["total"])
    return filtered(section, keep), sums


def filtered(section: Section, keep: pl.Series) -> Section:
    """The section with some of its rows."""
    return section if keep.all() else replace(section, text=section.text.filter(keep))


def _kinds(section: Section, dated: pl.Series, moved: pl.Series) -> dict[str, pl.Series]:
    """Which rows carry over (opening, closing), which add up (total), and of these the whole (whole)."""
    text = section.text
    numbers = ("name", "account", "serial", "balance", *_MONEY)
    looks = text.drop([c for c in numbers if c in text.columns])
    opening = is_word(looks, words().opening) & ~moved
    closing = is_word(looks, words().closing) & ~moved & ~opening
    nobody = section.column("name").is_null() & section.column("account").is_null()
    total = is_word(looks, words().totals) & (~dated | nobody) & ~opening & ~closing
    return {
        "opening": opening,
        "closing": closing,
        "total": total,
        "whole": total & is_word(looks, words().whole_totals),
    }


def _runs_down(moments: pl.Series) -> bool:
    """Whether the oldest row stands first."""
    seen = moments.drop_nulls()
    return seen.len() < 2 or bool(seen[0] <= seen[-1])
