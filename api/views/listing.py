"""The enterprises of a chain, of one cell of its map, or of no chain, by sales, a page at a time."""

from dataclasses import dataclass

import polars as pl

from api.models import ChainEnterprise, ChainEnterprises
from api.paging import Cursor
from api.views.notes import shown_of
from graph.snapshot import Snapshot

LISTING = "chain"
NOWHERE = "nowhere"
#: Sort key of the list: sales, then the enterprise's index.
KEYS = 2


@dataclass(frozen=True)
class Choice:
    """Which of a chain's enterprises: one segment, one map column, only unplaced; None takes all."""

    segment: str | None = None
    depth: int | None = None
    unplaced: bool | None = None


def chain_enterprises(
    snapshot: Snapshot, rows: pl.DataFrame, choice: Choice, limit: int, after: Cursor | None, lang: str
) -> ChainEnterprises:
    """The page of `rows` (`api.views.chains.standing`) that follows `after`."""
    return _page(snapshot, LISTING, rows.filter(_condition(choice)), limit, after, lang)


def nowhere_enterprises(
    snapshot: Snapshot, rows: pl.DataFrame, limit: int, after: Cursor | None, lang: str
) -> ChainEnterprises:
    """The page of `rows` (`api.views.chains.nowhere`) that follows `after`."""
    return _page(snapshot, NOWHERE, rows, limit, after, lang)


def _page(
    snapshot: Snapshot, listing: str, chosen: pl.DataFrame, limit: int, after: Cursor | None, lang: str
) -> ChainEnterprises:
    page = chosen
    if after:
        sales, index = after.key
        page = chosen.filter(
            (pl.col("sales_fen") < sales) | ((pl.col("sales_fen") == sales) & (pl.col("enterprise") > index))
        )
    more, page = page.height > limit, page.head(limit)
    last = page.select("sales_fen", "enterprise").row(-1) if more else None
    return ChainEnterprises(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        items=[_item(row) for row in page.iter_rows(named=True)],
        total=chosen.height,
        next=Cursor(listing, snapshot.id, last).text() if last else None,
        note=shown_of(page.height, chosen.height, lang) if page.height < chosen.height else None,
    )


def _condition(choice: Choice) -> pl.Expr:
    """A cell of the map holds exactly the enterprises its count says: those with a column."""
    condition = pl.lit(True)
    if choice.segment is not None:
        condition &= pl.col("segment") == choice.segment
    if choice.depth is not None:
        condition &= pl.col("column") == choice.depth
    if choice.unplaced is not None:
        condition &= pl.col("column").is_null() == choice.unplaced
    return condition


def _item(row: dict[str, object]) -> ChainEnterprise:
    own = row["own_sales_until"] is not None or row["own_purchases_until"] is not None
    fields = {name: row.get(name) for name in ChainEnterprise.model_fields if name != "own_books"}
    return ChainEnterprise.model_validate({**fields, "own_books": own})
