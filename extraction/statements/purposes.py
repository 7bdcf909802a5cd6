"""How money moved and what for, by the words beside it: rules as data, the first that fits decides.

`why` says which words decided, so that every conclusion can be shown with its reason.
"""

from typing import NamedTuple

import polars as pl

from extraction.statements.vocabulary import Rule, words
from extraction.vocabulary import bare
from ledger.names import normal_form


class Concluded(NamedTuple):
    """Way and purpose (as in the ledger's table bank_flows; None = nothing tells), and what told them."""

    way: str
    purpose: str | None
    reason: str


def why(text: str, who: str, direction: str, *, own: bool = False, default: str | None = None) -> Concluded:
    """What the words `text` (summary, remark, type) and the other side `who` say. `own`: the other side
    is the owner; `default`: the purpose where no rule fits and nobody is named."""
    text, who = bare(text), bare(who)
    way, way_words = _first(words().ways, text, "", direction)
    if own:
        return Concluded(way or "transfer", "own", who)
    purpose, purpose_words = _first(words().purposes, text, who, direction)
    if purpose is None:
        purpose = "trade" if who and not is_inner(who) else default
    reason = " · ".join(dict.fromkeys(filter(None, (way_words, purpose_words))))
    return Concluded(way or "transfer", purpose, reason)


def is_inner(name: str) -> bool:
    """Whether a name stands for the bank's own inner account rather than for somebody."""
    form = normal_form(name)
    return bool(words().inner.search(form)) and not words().firms.search(form)


def concluded(frame: pl.DataFrame, default: str | None = None) -> pl.DataFrame:
    """`frame` (summary, remark, type, name, direction, own) with `way` and `purpose`; each distinct
    combination is looked at once."""
    keys = ("summary", "remark", "type", "name", "direction", "own")
    distinct = frame.select(keys).unique(maintain_order=True)
    ways, purposes = [], []
    for summary, remark, kind, name, direction, own in distinct.iter_rows():
        text = " ".join(filter(None, (summary, remark, kind)))
        found = why(text, name or "", direction or "", own=bool(own), default=default)
        ways.append(found.way)
        purposes.append(found.purpose)
    table = distinct.with_columns(
        way=pl.Series(ways, dtype=pl.String), purpose=pl.Series(purposes, dtype=pl.String)
    )
    return frame.join(table, on=keys, how="left", nulls_equal=True, maintain_order="left")


def _first(rules: tuple[Rule, ...], text: str, who: str, direction: str) -> tuple[str | None, str]:
    for rule in rules:
        if rule.direction and rule.direction != direction:
            continue
        hit = rule.words.search(text) if rule.words else None
        if not rule.both or hit:
            other = rule.who.search(who) if rule.who and who else None
            hit = other if rule.both else hit or other
        if hit:
            return rule.gives, hit[0]
    return None, ""
