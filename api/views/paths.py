"""Paths of goods from an enterprise to another or to a chain's core, searched in the graph store.

A breadth-first search from both ends, one statement a layer, hubs left out: all shortest paths are
found, and of those the ones whose thinnest link carries most come first.
"""

from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from api.models import Hop, Named, Path, Paths
from api.views.chains import chain_named
from graph.snapshot import Snapshot
from ledger.errors import InputError, NotFound

if TYPE_CHECKING:
    from graph.store import Store

#: Links within which paths are looked for: nobody follows goods further.
LONGEST = 8
#: Enterprises a search may visit before it gives up and says so.
MOST_VISITED = 20_000
#: Items named on a hop.
ITEMS = 3
#: seller → {buyer: amount_fen}
Links = dict[str, dict[str, int]]


@dataclass
class _Half:
    """The search from one end: a statement's name, who was reached, and the newest layer."""

    step: str
    reached: set[str]
    layer: set[str] = field(default_factory=set)
    depth: int = 0

    def grow(self, store: "Store", links: Links) -> None:
        """Take one step from every enterprise of the newest layer; note the links it goes along."""
        rows = store.run(self.step, ids=sorted(self.layer))
        found = [
            (row["at"], row["next"], row["amount_fen"]) for row in rows if row["next"] not in self.reached
        ]
        for at, next_, amount in found:
            seller, buyer = (at, next_) if self.step == "onward" else (next_, at)
            links.setdefault(seller, {})[buyer] = amount
        self.layer = {next_ for _, next_, _ in found}
        self.reached |= self.layer
        self.depth += 1


def targets(snapshot: Snapshot, partner: int | None, chain: str | None) -> list[str]:
    """The ids that a path may end at: the partner, or the core enterprises of `chain`.

    Raises InputError where a core is meant and no chain named, NotFound where the chain has none.
    """
    if partner is not None:
        return [snapshot.id_of(partner)]
    if chain is None:
        raise InputError("path_needs_chain")
    cores = [snapshot.id_of(core["enterprise"]) for core in chain_named(snapshot, chain)["cores"]]
    if not cores:
        raise NotFound("core_not_known", chain=chain)
    return cores


def paths(snapshot: Snapshot, store: "Store", start: str, goals: list[str], limit: int) -> Paths:
    """The best `limit` of the shortest paths from `start` to one of `goals`; none from a goal itself."""
    links, cut = shortest_links(store, start, set(goals))
    return Paths(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        items=[_path(snapshot, found) for found in widest(links, start, set(goals), limit)],
        longest=LONGEST,
        cut=cut,
    )


def shortest_links(store: "Store", start: str, goals: set[str]) -> tuple[Links, bool]:
    """The links that all shortest paths go along, among others; and whether the search gave up."""
    if start in goals:
        return {}, False
    ahead, behind = _Half("onward", {start}, {start}), _Half("backward", set(goals), set(goals))
    links: Links = {}
    while ahead.depth + behind.depth < LONGEST:
        half = ahead if len(ahead.layer) <= len(behind.layer) else behind
        half.grow(store, links)
        if ahead.layer & behind.layer:
            return links, False
        if not half.layer:
            return {}, False
        if len(ahead.reached) + len(behind.reached) > MOST_VISITED:
            return {}, True
    return {}, False


def widest(links: Links, start: str, goals: set[str], limit: int) -> list[list[str]]:
    """The `limit` paths whose smallest link is largest, then by ids; `links` hold no circle."""
    if start in goals:
        return []
    best: dict[str, int] = {}
    heap: list[tuple[int, list[str]]] = []
    _push(heap, [start], _widest_from(links, start, goals, best))
    found: list[list[str]] = []
    while heap and len(found) < limit:
        bound, path = heappop(heap)
        if path[-1] in goals:
            found.append(path)
            continue
        for buyer, amount in links[path[-1]].items():
            width = min(-bound, amount, _widest_from(links, buyer, goals, best))
            _push(heap, [*path, buyer], width)
    return found


#: Widths of what leads nowhere, and of what has arrived.
_NOWHERE, _ARRIVED = -(2**62), 2**62


def _push(heap: list[tuple[int, list[str]]], path: list[str], width: int) -> None:
    if width > _NOWHERE:
        heappush(heap, (-width, path))


def _widest_from(links: Links, at: str, goals: set[str], best: dict[str, int]) -> int:
    """How wide the best way on from `at` is. No deeper than LONGEST calls."""
    if at in goals:
        return _ARRIVED
    if at not in best:
        ways = (min(a, _widest_from(links, to, goals, best)) for to, a in links.get(at, {}).items())
        best[at] = max(ways, default=_NOWHERE)
    return best[at]


def _path(snapshot: Snapshot, ids: list[str]) -> Path:
    """The hops between the enterprises `ids`, with what the snapshot says of each link."""
    firms = [index for id_ in ids if (index := snapshot.index_of(id_)) is not None]
    return Path(hops=[_hop(snapshot, a, b) for a, b in pairwise(firms)])


def _hop(snapshot: Snapshot, seller: int, buyer: int) -> Hop:
    edge = snapshot.edge_between(seller, buyer)
    if edge is None:
        raise NotFound("link_not_found", seller=snapshot.id_of(seller), buyer=snapshot.id_of(buyer))
    row = snapshot.edges.row(edge, named=True)
    names = snapshot.enterprises["name"]
    return Hop(
        from_=Named(id=snapshot.id_of(seller), name=names[seller]),
        to=Named(id=snapshot.id_of(buyer), name=names[buyer]),
        **{name: row[name] for name in ("amount_fen", "count", "first", "last")},
        items=items_between(snapshot, seller, buyer),
    )


def items_between(snapshot: Snapshot, seller: int, buyer: int) -> list[str]:
    """Products that the one sells and the other buys, by what both together move: at most ITEMS."""
    sold, bought = _rows_of(snapshot, "makes", seller), _rows_of(snapshot, "buys", buyer)
    both = sold.join(bought, on="product", suffix="_bought").select(
        "product", moved=pl.min_horizontal("amount_fen", "amount_fen_bought")
    )
    top = both.sort(["moved", "product"], descending=[True, False])["product"].head(ITEMS)
    return [item for item in snapshot.products["item"].gather(top).to_list() if item]


def _rows_of(snapshot: Snapshot, table: str, firm: int) -> pl.DataFrame:
    """The rows of a firm in `makes` or `buys`, which are sorted by firm."""
    firms = snapshot.column(table, "enterprise")
    start, stop = (int(np.searchsorted(firms, firm, side)) for side in ("left", "right"))
    frame: pl.DataFrame = getattr(snapshot, table)
    return frame.slice(start, stop - start).select("product", "amount_fen")
