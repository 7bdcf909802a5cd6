"""What a chain's goods are made of, as trade shows it and as the chain's file says."""

from typing import Any

import polars as pl

from api.models import Named
from api.models_positions import MadeOf, MadeOfGoods
from api.views.chains import chain_named
from graph.snapshot import Snapshot
from ledger.words import Lang, label


def made_of(snapshot: Snapshot, chain: str, lang: Lang) -> MadeOf:
    """The inputs of each segment's goods, segment by segment. Raises NotFound where there is no chain."""
    declared = chain_named(snapshot, chain)
    names = {s["id"]: s["name"][lang] for c in snapshot.chains for s in c["segments"]}
    own = [s["id"] for s in declared["segments"]]
    rows = snapshot.made_of.filter(pl.col("segment").is_in(own))
    ordered = sorted(rows.iter_rows(named=True), key=lambda r: (own.index(r["segment"]), -r["score"]))
    items = [_row(snapshot, row, names, lang) for row in ordered]
    return MadeOf(snapshot=snapshot.id, as_of=snapshot.as_of, items=items)


def _row(snapshot: Snapshot, row: dict[str, Any], names: dict[str, str], lang: Lang) -> MadeOfGoods:
    product = (
        None if row["input_product"] is None else snapshot.products.row(row["input_product"], named=True)
    )
    into = row["input_segment"]
    return MadeOfGoods(
        segment=Named(id=row["segment"], name=names[row["segment"]]),
        input=Named(id=into, name=names[into]) if into else Named(id=product["id"], name=product["item"]),  # type: ignore[index]
        input_is_segment=into is not None,
        score=round(row["score"], 4),
        covered=round(row["covered"], 4),
        makers=row["makers"],
        basis=row["basis"],
        basis_text=label(f"made_of_{row['basis']}", lang),
    )
