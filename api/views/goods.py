"""What goes over the links of a path: its largest products, its months, and what feeds what.

A path of goods is one on which everybody sells what comes of what he bought: judged by the segments of
the sellers, in the chains they stand in, and by the dates of the links.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from graph.snapshot import Snapshot
from ledger.words import Lang, message

#: Steps along `feeds` within which one segment's goods feed another's.
STEPS = 2

#: Whether it feeds, and why not (or why nobody knows).
Judged = tuple[bool | None, str | None]


@dataclass(frozen=True)
class Link:
    """One link of a path, by rows of the snapshot."""

    seller: int
    buyer: int
    edge: int
    first: date | None
    last: date | None


class Goods:
    """What went over some links of a snapshot, read once for all of them."""

    def __init__(self, snapshot: Snapshot, edges: Iterable[int]) -> None:
        self._snapshot, self._edges = snapshot, sorted(set(edges))

    def items(self, link: Link) -> list[str]:
        """The goods of a link, largest first; none where its invoices name none."""
        table = "edge_products"
        rows = slice(*np.searchsorted(self._snapshot.column(table, "edge"), [link.edge, link.edge + 1]))
        names = self._snapshot.products["item"]
        return [names[int(product)] for product in self._snapshot.column(table, "product")[rows]]

    @cached_property
    def months(self) -> dict[int, list[str]]:
        """edge → the months it was invoiced in."""
        found: dict[int, list[str]] = {edge: [] for edge in self._edges}
        for month, edges in zip(self._snapshot.months, self._snapshot.flow_edges, strict=True):
            at = np.searchsorted(edges, self._edges)
            for edge, place in zip(self._edges, at.tolist(), strict=True):
                if place < len(edges) and edges[place] == edge:
                    found[edge].append(month)
        return found


class Feeding:
    """Whether a hop's goods feed the next hop's, in one chain or in every chain of the snapshot."""

    def __init__(self, snapshot: Snapshot, firms: Iterable[int], chain: str | None, lang: Lang) -> None:
        self._snapshot, self._lang = snapshot, lang
        self._chains = {c["id"]: c for c in snapshot.chains if chain in (None, c["id"])}
        wanted = pl.col("enterprise").is_in(sorted(set(firms))) & pl.col("segment").is_not_null()
        seats = snapshot.positions.filter(wanted)
        self._seats = {(c, e): s for c, e, s in seats.select("chain", "enterprise", "segment").iter_rows()}
        guessed = seats.filter(pl.col("basis") == "inferred") if "basis" in seats.columns else seats.clear()
        self._inferred = set(guessed.select("chain", "enterprise").iter_rows())

    def judge(self, before: Link | None, link: Link, items: Sequence[str]) -> Judged:
        """Whether what the seller of `link` bought over `before` feeds what it sells over `link`."""
        if not items:
            return None, message("path_items_unknown", self._lang)
        if before is None:
            return True, None
        if before.first and link.last and link.last < before.first:
            return False, self._say("path_sold_before", link.seller, sold=link.last, bought=before.first)
        return self._by_segments(before.seller, link.seller)

    def _by_segments(self, maker: int, seller: int) -> Judged:
        if known := self._known(maker, seller):
            return known
        pairs = {
            chain: (self._seats[chain, maker], self._seats[chain, seller])
            for chain in self._chains
            if (chain, maker) in self._seats and (chain, seller) in self._seats
        }
        if not pairs:
            placed = {firm for chain, firm in self._seats if chain in self._chains}
            return None, self._say("path_not_placed", seller if maker in placed else maker)
        trader = self._firm(seller, "role") == "trade"
        for chain, (bought, sold) in pairs.items():
            if (trader and bought == sold) or sold in _fed_by(self._chains[chain], bought):
                return True, None
        chain, (bought, sold) = next(iter(pairs.items()))
        named = {s["id"]: s["name"][self._lang] for s in self._chains[chain]["segments"]}
        return False, self._say("path_not_fed", seller, bought=named[bought], sold=named[sold])

    def _known(self, maker: int, seller: int) -> Judged | None:
        """That a seat is only inferred proves no hop: it is told and not judged."""
        for firm in (maker, seller):
            if any((chain, firm) in self._inferred for chain in self._chains):
                return None, self._say("path_inferred", firm)
        return None

    def _say(self, code: str, firm: int, **params: Any) -> str:
        return message(code, self._lang, firm=self._firm(firm, "name"), **params)

    def _firm(self, firm: int, column: str) -> Any:
        return self._snapshot.enterprises[column][firm]


def _fed_by(chain: dict[str, Any], segment: str) -> set[str]:
    """The segments that `segment` feeds within STEPS."""
    feeds = {s["id"]: s["feeds"] for s in chain["segments"]}
    layer, found = {segment}, set[str]()
    for _ in range(STEPS):
        layer = {target for source in layer for target in feeds.get(source, ())}
        found |= layer
    return found
