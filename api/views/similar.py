"""Whom an enterprise is like, and what they have in common."""

import numpy as np
import numpy.typing as npt
import polars as pl

from api.models import Named
from api.models_positions import Alike, Similar
from api.views.chains import chain_names
from api.views.enterprises import rows_of
from gnn.embeddings.embedding import most_alike
from graph.snapshot import Snapshot
from ledger.words import Lang

Firms = npt.NDArray[np.int32]
#: Goods named of what two firms both sell.
NAMED = 3


def similar(snapshot: Snapshot, firm: int, limit: int, lang: Lang) -> Similar:
    """The firms nearest to `firm`; none where the snapshot holds no embeddings or nothing is known of it."""
    values = snapshot.embedding
    found = [] if values is None else zip(*most_alike(values, firm, limit), strict=True)
    items = [_alike(snapshot, firm, int(other), float(cosine), lang) for other, cosine in found if cosine > 0]
    return Similar(snapshot=snapshot.id, as_of=snapshot.as_of, items=items)


def _alike(snapshot: Snapshot, firm: int, other: int, cosine: float, lang: Lang) -> Alike:
    _, segments = chain_names(snapshot, lang)
    seats = rows_of(snapshot, "positions", other).filter(pl.col("segment").is_not_null())
    seat = seats.sort("membership", descending=True).row(0, named=True) if seats.height else None
    row = snapshot.enterprises.row(other, named=True)
    return Alike(
        id=row["id"],
        name=row["name"],
        similarity=round(min(cosine, 1.0), 4),
        segment=Named(id=seat["segment"], name=segments[seat["chain"], seat["segment"]]) if seat else None,
        level=seat["level"] if seat else None,
        region=row["region"],
        shared_products=_shared_products(snapshot, firm, other),
        shared_customers=_shared(snapshot, _buyers(snapshot, firm), _buyers(snapshot, other)),
        shared_suppliers=_shared(snapshot, _sellers(snapshot, firm), _sellers(snapshot, other)),
    )


def _shared(snapshot: Snapshot, mine: Firms, theirs: Firms) -> int:
    """How many firms both deal with; everybody deals with hubs, so they do not count."""
    both = np.intersect1d(mine, theirs)
    return int((~snapshot.enterprises["hub"].to_numpy()[both]).sum())


def _shared_products(snapshot: Snapshot, firm: int, other: int) -> list[str]:
    mine, theirs = (rows_of(snapshot, "makes", one) for one in (firm, other))
    both = mine.join(theirs.select("product"), on="product").sort(
        "amount_fen", "product", descending=[True, False]
    )
    return [snapshot.products["item"][p] for p in both["product"].head(NAMED)]


def _buyers(snapshot: Snapshot, firm: int) -> Firms:
    return np.asarray(snapshot.column("edges", "dst")[snapshot.customers(firm)])


def _sellers(snapshot: Snapshot, firm: int) -> Firms:
    return np.asarray(snapshot.column("edges", "src")[snapshot.suppliers(firm)])
