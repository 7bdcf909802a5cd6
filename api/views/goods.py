"""What goes over the links of a path: items from the links' own invoices, months, and what feeds what.

A path of goods is one on which everybody sells what comes of what he bought: judged by the segments of
the sellers, in the chains they stand in, and by the dates of the links.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal

import numpy as np
import polars as pl

from graph.csr import Int32, Int64
from graph.products import item_text
from graph.snapshot import Snapshot
from ledger.ledger import Ledger
from ledger.words import Lang, message

#: Items named on a link.
ITEMS = 3
#: Invoices of a link that are looked into.
INVOICES = 20
#: Invoices in the graph beyond which a look into the ledger is no point read any more.
LARGEST = 5_000_000
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
    """What went over some links of a snapshot. Reads snapshot and ledger once for all of them."""

    def __init__(self, snapshot: Snapshot, ledger: Ledger, edges: Iterable[int]) -> None:
        self._snapshot, self._ledger, self._edges = snapshot, ledger, sorted(set(edges))

    @cached_property
    def items_of(self) -> Literal["link", "firms"]:
        """Where items come from: the links' own invoices, or in a large ledger what the firms trade."""
        return "link" if self._snapshot.counts["evidence"] <= LARGEST else "firms"

    def items(self, link: Link) -> list[str]:
        """The goods of a link, largest first: at most ITEMS; none where they are not known."""
        if self.items_of == "firms":
            return items_between(self._snapshot, link.seller, link.buyer)
        return self._invoiced.get(link.edge, [])

    @cached_property
    def months(self) -> dict[int, list[str]]:
        """edge → the months it was invoiced in."""
        flow = self._snapshot.scan("flow").filter(pl.col("edge").is_in(self._edges))
        found = flow.select("edge", "month").collect().sort("edge", "month")
        names = self._snapshot.months
        return {
            edge: [names[m] for m in months]
            for edge, months in found.group_by("edge", maintain_order=True).agg("month").iter_rows()
        }

    @cached_property
    def _invoiced(self) -> dict[int, list[str]]:
        """edge → items on its invoices; an invoice that stands in two books counts once."""
        facts = [(e, f) for e in self._edges for f in self._snapshot.evidence(e)[:INVOICES]]
        of_edge = pl.DataFrame(facts, schema={"edge": pl.Int32, "canonical": pl.String}, orient="row")
        attesting = self._snapshot.attesting(of_edge["canonical"].to_list()).join(of_edge, on="canonical")
        # Filtered before all else: the table is large, what is wanted of it is not.
        lines = self._ledger.tables.scan("invoice_lines").filter(
            pl.col("fact").is_in(attesting["fact"].implode())
        )
        readings = self._ledger.documents().lazy().select("reading")
        item = pl.col("item")
        named = (
            lines.select("reading", "fact", "amount_fen", item=item_text(item))
            .join(readings, on="reading", how="semi")
            .join(attesting.lazy(), on="fact")
            .filter(item.is_not_null())
            .group_by("edge", "canonical", "item", "reading")
            .agg(pl.col("amount_fen").sum())
            .group_by("edge", "canonical", "item")
            .agg(pl.col("amount_fen").max())
            .group_by("edge", "item")
            .agg(pl.col("amount_fen").sum())
            .collect()
            .sort("edge", "amount_fen", "item", descending=[False, True, False])
        )
        tops = named.group_by("edge", maintain_order=True).agg(item.head(ITEMS))
        return dict(tops.iter_rows())


class Feeding:
    """Whether a hop's goods feed the next hop's, in one chain or in every chain of the snapshot."""

    def __init__(self, snapshot: Snapshot, firms: Iterable[int], chain: str | None, lang: Lang) -> None:
        self._snapshot, self._lang = snapshot, lang
        self._chains = {c["id"]: c for c in snapshot.chains if chain in (None, c["id"])}
        wanted = pl.col("enterprise").is_in(sorted(set(firms))) & pl.col("segment").is_not_null()
        seats = snapshot.positions.filter(wanted).select("chain", "enterprise", "segment")
        self._seats = {(c, e): s for c, e, s in seats.iter_rows()}

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


def items_between(snapshot: Snapshot, seller: int, buyer: int) -> list[str]:
    """Products that the one sells and the other buys, by what both together move: at most ITEMS."""
    sold, sold_fen = _traded(snapshot, "makes", seller)
    bought, bought_fen = _traded(snapshot, "buys", buyer)
    both, of_seller, of_buyer = np.intersect1d(sold, bought, assume_unique=True, return_indices=True)
    moved = np.minimum(sold_fen[of_seller], bought_fen[of_buyer])
    top = both[np.lexsort((both, -moved))[:ITEMS]]
    names = snapshot.products["item"]
    return [name for product in top if (name := names[int(product)])]


def _traded(snapshot: Snapshot, table: str, firm: int) -> tuple[Int32, Int64]:
    """Products and amounts of a firm in `makes` or `buys`, which are sorted by firm, then product."""
    rows = slice(*np.searchsorted(snapshot.column(table, "enterprise"), [firm, firm + 1]))
    return snapshot.column(table, "product")[rows], snapshot.column(table, "amount_fen")[rows]
