"""Sales of a firm by month, as three figures, each with the papers it rests on."""

from typing import Any

import polars as pl

from api.models import Named
from api.models_payments import Sales, SalesFigure, SalesMonth
from graph.snapshot import Snapshot
from ledger.ledger import Ledger
from ledger.words import Lang, message


def sales(snapshot: Snapshot, ledger: Ledger, firm: int, lang: Lang) -> Sales:
    """The three figures of every month of which some paper speaks, earliest first."""
    rows = snapshot.sales.filter(pl.col("enterprise") == firm).sort("month").to_dicts()
    names = _names(ledger, rows)
    seen = any("seen" in (row["invoiced_from"], row["received_from"]) for row in rows)
    return Sales(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        items=[_month(row, names) for row in rows],
        total=len(rows),
        note=message("sales_at_least", lang) if seen else None,
    )


def _names(ledger: Ledger, rows: list[dict[str, Any]]) -> dict[str, str]:
    wanted = {sha for row in rows for figure in _FIGURES for sha in row[f"{figure}_papers"] or ()}
    if not wanted:
        return {}
    documents = ledger.documents().filter(pl.col("sha256").is_in(sorted(wanted)))
    return dict(documents.select("sha256", "name").iter_rows())


_FIGURES = ("invoiced", "declared", "received")


def _month(row: dict[str, Any], names: dict[str, str]) -> SalesMonth:
    sources = {
        "invoiced": row["invoiced_from"],
        "declared": None if row["declared_fen"] is None else "own",
        "received": row["received_from"],
    }
    figures = {
        name: SalesFigure(
            amount_fen=row[f"{name}_fen"],
            source=sources[name],
            documents=row[f"{name}_documents"] or 0,
            papers=[Named(id=sha, name=names[sha]) for sha in row[f"{name}_papers"] or () if sha in names],
        )
        for name in _FIGURES
    }
    return SalesMonth(
        month=row["month"],
        uninvoiced_fen=row["uninvoiced_fen"],
        declared_months=row["declared_months"],
        **figures,
    )
