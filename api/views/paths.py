"""Paths of goods to another enterprise or to a chain's core: the shortest, their links told by the store."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from api.models import Hop, Named, Path, Paths
from api.views.chains import chain_named
from api.views.goods import Feeding, Goods, Link
from api.views.shortest import LONGEST, shortest_links, widest
from graph.csr import Mask
from graph.snapshot import Snapshot
from ledger.errors import InputError, NotFound
from ledger.words import Lang

if TYPE_CHECKING:
    from graph.store import Store

#: (seller, buyer) → what the store says of the link.
Told = dict[tuple[str, str], dict[str, Any]]


@dataclass(frozen=True)
class Wanted:
    """From whom to one of whom, the chain in which goods are judged (None: any), and at most how many.

    `own`: bool[enterprises], the firms of who sees some alone: only their links are walked, and where their
    partners stand is not told."""

    start: int
    ends: list[int]
    chain: str | None
    limit: int
    own: Mask | None = None


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


def paths(snapshot: Snapshot, store: "Store", wanted: Wanted, lang: Lang) -> Paths:
    """The best of the shortest paths that are `wanted`; none from an end itself."""
    links, cut = shortest_links(snapshot, [wanted.start], wanted.ends, wanted.own)
    ways = widest(links, wanted.start, set(wanted.ends), wanted.limit)
    told = _told(snapshot, store, ways)
    linked = [[_link(snapshot, told, *pair) for pair in pairwise(way)] for way in ways]
    goods = Goods(snapshot, [link.edge for way in linked for link in way])
    feeding = Feeding(snapshot, [firm for way in ways for firm in way], wanted.chain, lang)
    return Paths(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        items=[Path(hops=_hops(snapshot, told, way, goods, feeding, wanted.own)) for way in linked],
        longest=LONGEST,
        cut=cut,
    )


def _told(snapshot: Snapshot, store: "Store", ways: list[list[int]]) -> Told:
    """Every link of `ways` as the store holds it, in one statement."""
    pairs = sorted({(snapshot.id_of(a), snapshot.id_of(b)) for way in ways for a, b in pairwise(way)})
    rows = store.run("links", pairs=[list(pair) for pair in pairs]) if pairs else []
    return {(row["src"], row["dst"]): row for row in rows}


def _link(snapshot: Snapshot, told: Told, seller: int, buyer: int) -> Link:
    edge = snapshot.edge_between(seller, buyer)
    assert edge is not None
    link = told[snapshot.id_of(seller), snapshot.id_of(buyer)]
    return Link(seller, buyer, edge, link["first"], link["last"])


def _hops(
    snapshot: Snapshot, told: Told, way: list[Link], goods: Goods, feeding: Feeding, own: Mask | None
) -> list[Hop]:
    hops = []
    for before, link in zip([None, *way], way, strict=False):
        row, items = told[snapshot.id_of(link.seller), snapshot.id_of(link.buyer)], goods.items(link)
        feeds, reason = feeding.judge(before, link, items)
        if own is not None and not (own[link.seller] and own[link.buyer]):
            feeds = reason = None
        hops.append(
            Hop(
                from_=Named(id=row["src"], name=row["src_name"]),
                to=Named(id=row["dst"], name=row["dst_name"]),
                **{name: row[name] for name in ("amount_fen", "count", "first", "last")},
                months=goods.months.get(link.edge, []),
                items=items,
                feeds=feeds,
                reason=reason,
            )
        )
    return hops
