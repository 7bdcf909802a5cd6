"""Paths of goods to another enterprise or to a chain's core: the shortest, their links told by the store."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from api.models import Hop, Named, Path, Paths
from api.views.chains import chain_named
from api.views.shortest import LONGEST, shortest_links, widest
from graph.csr import Int32, Int64
from graph.snapshot import Snapshot
from ledger.errors import InputError, NotFound

if TYPE_CHECKING:
    from graph.store import Store

#: Items named on a hop.
ITEMS = 3
#: (seller, buyer) → what the store says of the link.
Told = dict[tuple[str, str], dict[str, Any]]


def goals(snapshot: Snapshot, partner: int | None, chain: str | None) -> list[int]:
    """The firms that a path may end at: the partner, or the core enterprises of `chain`.

    Raises InputError where a core is meant and no chain named, NotFound where the chain has none.
    """
    if partner is not None:
        return [partner]
    if chain is None:
        raise InputError("path_needs_chain")
    cores = [int(core["enterprise"]) for core in chain_named(snapshot, chain)["cores"]]
    if not cores:
        raise NotFound("core_not_known", chain=chain)
    return cores


def paths(snapshot: Snapshot, store: "Store", start: int, ends: list[int], limit: int) -> Paths:
    """The best `limit` of the shortest paths from `start` to one of `ends`; none from an end itself."""
    links, cut = shortest_links(snapshot, [start], ends)
    ways = widest(links, start, set(ends), limit)
    told = _told(snapshot, store, ways)
    return Paths(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        items=[Path(hops=[_hop(snapshot, told, a, b) for a, b in pairwise(way)]) for way in ways],
        longest=LONGEST,
        cut=cut,
    )


def _told(snapshot: Snapshot, store: "Store", ways: list[list[int]]) -> Told:
    """Every link of `ways` as the store holds it, in one statement."""
    pairs = sorted({(snapshot.id_of(a), snapshot.id_of(b)) for way in ways for a, b in pairwise(way)})
    rows = store.run("links", pairs=[list(pair) for pair in pairs]) if pairs else []
    return {(row["src"], row["dst"]): row for row in rows}


def _hop(snapshot: Snapshot, told: Told, seller: int, buyer: int) -> Hop:
    link = told[snapshot.id_of(seller), snapshot.id_of(buyer)]
    return Hop(
        from_=Named(id=link["src"], name=link["src_name"]),
        to=Named(id=link["dst"], name=link["dst_name"]),
        **{name: link[name] for name in ("amount_fen", "count", "first", "last")},
        items=items_between(snapshot, seller, buyer),
    )


def items_between(snapshot: Snapshot, seller: int, buyer: int) -> list[str]:
    """Products that the one sells and the other buys, by what both together move: at most ITEMS."""
    sold, sold_fen = _goods(snapshot, "makes", seller)
    bought, bought_fen = _goods(snapshot, "buys", buyer)
    both, of_seller, of_buyer = np.intersect1d(sold, bought, assume_unique=True, return_indices=True)
    moved = np.minimum(sold_fen[of_seller], bought_fen[of_buyer])
    top = both[np.lexsort((both, -moved))[:ITEMS]]
    names = snapshot.products["item"]
    return [name for product in top if (name := names[int(product)])]


def _goods(snapshot: Snapshot, table: str, firm: int) -> tuple[Int32, Int64]:
    """Products and amounts of a firm in `makes` or `buys`, which are sorted by firm, then product."""
    rows = slice(*np.searchsorted(snapshot.column(table, "enterprise"), [firm, firm + 1]))
    return snapshot.column(table, "product")[rows], snapshot.column(table, "amount_fen")[rows]
