"""Views with ties by hand for tests of groups: firms are named by numbers, persons by letters."""

from dataclasses import replace
from datetime import date
from functools import cache

import polars as pl

from gnn.view import View, view_of
from tests.graphs import firm_id, tables

AS_OF = date(2025, 3, 31)
IDS = sorted(firm_id(i) for i in range(40))
_TEXT = dict.fromkeys(("kind", "src", "src_label", "dst", "fact"), pl.String)
_DAYS = dict.fromkeys(("first", "until", "known_on"), pl.Date)
_NUMBERS = {"src_is_person": pl.Boolean, "share": pl.Float64, "amount_fen": pl.Int64}
SCHEMA = {**_TEXT, **_DAYS, **_NUMBERS}


def end(who: int | str) -> str:
    """The id of a firm (a number) or of a person (a letter)."""
    return IDS[who] if isinstance(who, int) else f"person-{who}"


def tie(kind: str, src: int | str, dst: int, share: float | None = None, **more) -> dict:
    """A relation; its fact names it."""
    row = {
        "kind": kind,
        "src": end(src),
        "src_is_person": isinstance(src, str),
        "src_label": f"{src}*" if isinstance(src, str) else None,
        "dst": end(dst),
        "share": share,
        "fact": f"{kind}-{src}-{dst}",
    }
    return {**row, **more}


def relations(ties: list[dict]) -> pl.DataFrame:
    return pl.DataFrame(ties, schema=SCHEMA)


def view(*ties: dict, **changes) -> View:
    """Forty firms and the ties between them on AS_OF."""
    return view_of(tables(40, relations=relations(list(ties)), **changes), AS_OF)


@cache
def _firms() -> View:
    return view()


def undated(*ties: dict) -> View:
    """The same without looking at days: quick, for tests of many examples."""
    return replace(_firms(), relations=relations(list(ties)))


def members(found: dict[str, pl.DataFrame], kind: str) -> set[frozenset[int]]:
    """The groups of a kind as sets of firms."""
    groups = found["groups"].filter(pl.col("kind") == kind).select(group="id")
    rows = found["group_members"].join(groups, on="group")
    sets = rows.group_by("group").agg("enterprise")["enterprise"].to_list()
    return {frozenset(one) for one in sets}


def ties_of(found: dict[str, pl.DataFrame], kind: str) -> set[tuple]:
    """(enterprise, tie, to) of a kind."""
    groups = found["groups"].filter(pl.col("kind") == kind).select(group="id")
    rows = found["group_members"].join(groups, on="group")
    return set(rows.select("enterprise", "tie", "to").iter_rows())
