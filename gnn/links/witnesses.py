"""Which observed paths speak for a link nobody reported, and which speak against it.

For: seller → shared customer ← rival → buyer, a firm of the seller's trade that supplies the buyer.
Against: `reverse`, goods that already flow from the buyer to the seller, over one or two firms at most;
`elsewhere`, rivals that share a customer with the seller and do not supply the buyer; `served`, who already
sells the buyer what this seller would.
"""

from dataclasses import dataclass

import polars as pl

from graph.snapshot import Snapshot

#: A firm with more dealings than this joins everybody.
BUSIEST = 300


@dataclass(frozen=True)
class Against:
    """One path that speaks against a link: `kind`, the firms along it in the direction of the goods, and of
    how many such there are, out of how many."""

    kind: str
    firms: tuple[int, ...]
    count: int
    of: int


def speaking_for(snapshot: Snapshot, seller: int, buyer: int) -> list[tuple[int, int]]:
    """(shared customer, rival) of every path, customers with the fewest suppliers first."""
    suppliers = set(_suppliers(snapshot, buyer))
    found = []
    for shared, rivals in _rivals(snapshot, seller):
        found += [(len(rivals), shared, rival) for rival in rivals if rival in suppliers and rival != seller]
    return [(shared, rival) for _, shared, rival in sorted(found)]


def speaking_against(snapshot: Snapshot, seller: int, buyer: int, product: int | None) -> list[Against]:
    """At most one of each kind, the weightiest first."""
    found = (
        _reverse(snapshot, seller, buyer),
        _elsewhere(snapshot, seller, buyer),
        None if product is None else _served(snapshot, seller, buyer, product),
    )
    return [one for one in found if one]


def _reverse(snapshot: Snapshot, seller: int, buyer: int) -> Against | None:
    """buyer → … → seller, the shortest with the smallest numbers."""
    ahead, behind = _customers(snapshot, buyer), _suppliers(snapshot, seller)
    between = sorted(set(ahead) & set(behind))
    if between:
        return Against("reverse", (buyer, between[0], seller), len(between), len(ahead))
    last = set(behind)
    longer = [(x, y) for x in ahead for y in _customers(snapshot, x) if y in last and y not in (buyer, x)]
    return Against("reverse", (buyer, *min(longer), seller), len(longer), len(ahead)) if longer else None


def _elsewhere(snapshot: Snapshot, seller: int, buyer: int) -> Against | None:
    suppliers = set(_suppliers(snapshot, buyer))
    shared_by: dict[int, int] = {}
    for shared, rivals in _rivals(snapshot, seller):
        for rival in rivals:
            shared_by.setdefault(rival, shared)
    for firm in (seller, buyer):
        shared_by.pop(firm, None)
    away = sorted(set(shared_by) - suppliers)
    if not away:
        return None
    return Against("elsewhere", (away[0], shared_by[away[0]]), len(away), len(shared_by))


def _served(snapshot: Snapshot, seller: int, buyer: int, product: int) -> Against | None:
    """The buyer's largest supplier of the product, other than the seller."""
    edges = snapshot.suppliers(buyer).tolist()
    over = snapshot.edge_products.filter(pl.col("edge").is_in(edges), pl.col("product") == product)
    if over.is_empty():
        return None
    best = over.sort("amount_fen", "edge", descending=[True, False])
    sellers = snapshot.column("edges", "src")[best["edge"].to_numpy()].tolist()
    others = [one for one in sellers if one != seller]
    return Against("served", (others[0], buyer), len(others), len(edges)) if others else None


def _rivals(snapshot: Snapshot, seller: int) -> list[tuple[int, list[int]]]:
    """The seller's customers, hubs and the busiest left out, each with all its suppliers but hubs."""
    pairs = ((shared, _suppliers(snapshot, shared)) for shared in _customers(snapshot, seller))
    return [(shared, rivals) for shared, rivals in pairs if len(rivals) <= BUSIEST]


def _customers(snapshot: Snapshot, firm: int) -> list[int]:
    return _known(snapshot, snapshot.column("edges", "dst")[snapshot.customers(firm)].tolist())


def _suppliers(snapshot: Snapshot, firm: int) -> list[int]:
    return _known(snapshot, snapshot.column("edges", "src")[snapshot.suppliers(firm)].tolist())


def _known(snapshot: Snapshot, firms: list[int]) -> list[int]:
    hub = snapshot.column("enterprises", "hub")
    return [firm for firm in firms if not hub[firm]]
