"""One enterprise as an answer, its address among its members, and its positions."""

from typing import Any

import numpy as np
import polars as pl

from api.models import EnterpriseProfile, Member, Named, OwnBooks, OwnMonth, Position
from api.views.chains import chain_names
from graph.snapshot import Snapshot
from ledger.errors import NotFound
from ledger.words import message

#: Columns of the enterprise table that the profile repeats as they are.
SAME = (
    *("id", "name", "code", "scheme", "region", "industry", "size", "taxpayer", "legal_form", "role", "hub"),
    *("sales_fen", "purchases_fen", "retail_fen", "customers", "suppliers", "first", "last"),
)

#: The trade writes 一级供应商, not 1级.
CHINESE_NUMERALS = "〇一二三四五六七八九"


def current_id(snapshot: Snapshot, party: str) -> str | None:
    """The enterprise that the party `party` belongs to now; None where nobody knows it."""
    found = snapshot.members.filter(pl.col("party") == party)
    return str(snapshot.enterprises["id"][found["enterprise"][0]]) if found.height else None


def profile(snapshot: Snapshot, index: int, lang: str) -> EnterpriseProfile:
    """All that the snapshot knows of the enterprise in row `index`."""
    row = snapshot.enterprises.row(index, named=True)
    return EnterpriseProfile(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        **{name: row[name] for name in SAME},
        synthetic=snapshot.synthetic,
        own_books=_own_books(snapshot, index, row),
        members=_members(snapshot, index, lang),
        positions=_positions(snapshot, index, lang),
    )


def index_of(snapshot: Snapshot, enterprise: str) -> int:
    """The row of an enterprise. Raises NotFound."""
    index = snapshot.index_of(enterprise)
    if index is None:
        raise NotFound("enterprise_not_found", enterprise=enterprise)
    return index


def level_text(level: int | None, lang: str) -> str:
    """The level in words: core enterprise, level 2 supplier, level 1 downstream, core none known."""
    if level is None:
        return message("level_unknown", lang)
    if level == 0:
        return message("level_core", lang)
    n = CHINESE_NUMERALS[abs(level)] if lang == "zh" and abs(level) < len(CHINESE_NUMERALS) else abs(level)
    return message("level_supplier" if level > 0 else "level_distributor", lang, n=n)


def rows_of(snapshot: Snapshot, table: str, firm: int, column: str = "enterprise") -> pl.DataFrame:
    """The rows of one enterprise: a scan of a mapped column, cheaper than any query for a few rows."""
    frame: pl.DataFrame = getattr(snapshot, table)
    return frame[np.flatnonzero(snapshot.column(table, column) == firm)] if frame.height else frame


def _own_books(snapshot: Snapshot, index: int, row: dict[str, Any]) -> OwnBooks:
    months = rows_of(snapshot, "coverage", index)
    by_side = {
        side: [
            OwnMonth(month=m, invoices=n)
            for m, n in months.filter(pl.col("side") == side).select("month", "invoices").iter_rows()
        ]
        for side in ("sale", "purchase")
    }
    return OwnBooks(
        sales_until=row["own_sales_until"],
        purchases_until=row["own_purchases_until"],
        sales=by_side["sale"],
        purchases=by_side["purchase"],
    )


def _members(snapshot: Snapshot, index: int, lang: str) -> list[Member]:
    rows = rows_of(snapshot, "members", index).drop("enterprise")
    return [
        Member(**row, reason_text=message(row["reason"], lang) if row["reason"] else None)
        for row in rows.iter_rows(named=True)
    ]


def _positions(snapshot: Snapshot, index: int, lang: str) -> list[Position]:
    rows = rows_of(snapshot, "positions", index)
    ordered = rows.sort("membership", "chain", descending=[True, False], nulls_last=True)
    return [_position(snapshot, row, lang) for row in ordered.iter_rows(named=True)]


def _position(snapshot: Snapshot, row: dict[str, Any], lang: str) -> Position:
    chains, segments = chain_names(snapshot, lang)
    chain, segment, core = row["chain"], row["segment"], row["core"]
    firms = snapshot.enterprises
    return Position(
        chain=Named(id=chain, name=chains[chain]),
        segment=None if segment is None else Named(id=segment, name=segments[chain, segment]),
        confidence=row["confidence"],
        probability=row.get("probability"),
        basis=row.get("basis"),
        membership=row["membership"],
        level=row["level"],
        level_text=level_text(row["level"], lang),
        depth=row["depth"],
        depth_unweighted=row["depth_unweighted"],
        core=None if core is None else Named(id=firms["id"][core], name=firms["name"][core]),
    )
