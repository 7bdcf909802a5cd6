"""Finding enterprises by name, pinyin, initials or code: one columnar index a snapshot, asked per keystroke.

A search is a scan for a substring over four text columns: 20,000 enterprises take about a
millisecond, a million about fifty. Above `LARGEST` the graph store's own search takes over.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from api.models import Match, Matches
from api.views.notes import shown_of
from graph.snapshot import Snapshot
from ledger.names import normal_form, normal_forms
from ledger.words import message

if TYPE_CHECKING:
    from graph.store import Store

#: Enterprises up to which the index in memory serves.
LARGEST = 300_000
#: Matches that the store's search counts.
MOST = 1_000
#: Ways of matching, best first: (name in the answer, column, how).
WAYS = (
    ("code", "code", "is"),
    ("name", "folded", "starts"),
    ("initials", "initials", "starts"),
    ("pinyin", "pinyin", "starts"),
    ("code", "code", "starts"),
    ("name", "folded", "holds"),
    ("initials", "initials", "holds"),
    ("pinyin", "pinyin", "holds"),
)


@dataclass(frozen=True)
class Index:
    """What is searched: id, name, code, folded (normal form), pinyin, initials; largest sales first."""

    frame: pl.DataFrame


def build_index(snapshot: Snapshot, visible: np.ndarray | None = None) -> Index:
    """The index of a snapshot, or of the enterprises that `visible` (bool[enterprises]) marks."""
    firms = snapshot.enterprises if visible is None else snapshot.enterprises.filter(visible)
    frame = firms.select(
        "id",
        "name",
        pl.col("code").str.to_uppercase(),
        normal_forms(pl.col("name")).fill_null("").alias("folded"),
        "pinyin",
        "initials",
        "sales_fen",
    )
    return Index(frame.sort(["sales_fen", "id"], descending=[True, False], nulls_last=True))


def search(snapshot: Snapshot, index: Index, text: str, limit: int, lang: str) -> Matches:
    """The best `limit` matches of `text`, and how many there are. A blank text finds nothing."""
    found = ranked(index, text)
    page = found.head(limit)
    return Matches(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        items=[
            Match(id=id_, name=name, code=code, match=WAYS[way][0])  # type: ignore[arg-type]
            for id_, name, code, way in page.iter_rows()
        ],
        total=found.height,
        note=shown_of(page.height, found.height, lang) if page.height < found.height else None,
    )


def search_store(snapshot: Snapshot, store: "Store", text: str, limit: int, lang: str) -> Matches:
    """The same from the graph store, for a snapshot of more than LARGEST; counts no further than MOST."""
    rows = store.run("search", q=text.strip(), limit=MOST)
    items = [Match(**{name: row[name] for name in ("id", "name", "code", "match")}) for row in rows[:limit]]
    more = len(rows) == MOST
    note = message("shown_of_more" if more else "shown_of", lang, shown=len(items), total=f"{len(rows):,}")
    return Matches(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        items=items,
        total=len(rows),
        note=note if len(items) < len(rows) else None,
    )


def ranked(index: Index, text: str) -> pl.DataFrame:
    """id, name, code and `way` (row of WAYS) of every match, best way first, then by sales."""
    folded = normal_form(text)
    latin = re.sub(r"[^a-z0-9]", "", folded.lower()) if folded.isascii() else ""
    way = pl.lit(None, pl.Int32)
    for number in reversed(range(len(WAYS))):
        _, column, how = WAYS[number]
        wanted = folded if column in ("code", "folded") else latin
        if wanted:
            way = pl.when(_fits(pl.col(column), wanted, how)).then(pl.lit(number, pl.Int32)).otherwise(way)
    marked = index.frame.select("id", "name", "code", way.alias("way"))
    return marked.filter(pl.col("way").is_not_null()).sort("way", maintain_order=True)


def _fits(column: pl.Expr, wanted: str, how: str) -> pl.Expr:
    if how == "is":
        return column == wanted
    return column.str.starts_with(wanted) if how == "starts" else column.str.contains(wanted, literal=True)
