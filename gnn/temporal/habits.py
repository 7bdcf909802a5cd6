"""How often a supplier, a buyer or a triplet acted when its stock looked as it does now."""

import numpy as np

from gnn.temporal.counts import Floats, Int64, Slots, grown
from gnn.temporal.stock import BUYER_STATES, SUPPLIER_STATES

PRIOR = 5.0  # steps' worth of the plain rate that a rate by state starts from


class Habits:
    """Counts by state of stock (before the step) of the steps seen and of those with an activity.

    A rate by state is (acts in that state + PRIOR · plain rate) / (steps in that state + PRIOR). It
    learns by itself where stock says much (a firm whose trades are all seen) and where little.
    """

    def __init__(self, firms: int, products: int) -> None:
        self.firms, self.products = firms, products
        shape = (firms, products)
        self._sold, self._bought = np.zeros((2, SUPPLIER_STATES, *shape)), np.zeros((2, BUYER_STATES, *shape))
        self._slots = Slots()
        self._triplets = np.zeros((SUPPLIER_STATES + BUYER_STATES, 1))

    def advance(
        self, states: tuple[Int64, Int64], trading: tuple[Floats, Floats], rows: tuple[Int64, Int64, Int64]
    ) -> None:
        """Take in one step. `trading`: who ever sold, who ever bought (firms, products) before it."""
        supplier, buyer = states
        for k in range(SUPPLIER_STATES):
            self._sold[0, k] += (trading[0] > 0) & (supplier == k)
        for k in range(BUYER_STATES):
            self._bought[0, k] += (trading[1] > 0) & (buyer == k)
        source, target, product = rows
        firm, item = np.divmod(np.unique(source * self.products + product), self.products)
        self._sold[1, supplier[firm, item], firm, item] += 1
        firm, item = np.divmod(np.unique(target * self.products + product), self.products)
        self._bought[1, buyer[firm, item], firm, item] += 1
        keys = np.unique((source * self.firms + target) * self.products + product)
        self._slots.add(keys)
        self._triplets = grown(self._triplets, self._slots.used)
        pair, item = np.divmod(keys, self.products)
        seller, taker = np.divmod(pair, self.firms)
        at = self._slots.of(keys)
        self._triplets[supplier[seller, item], at] += 1
        self._triplets[SUPPLIER_STATES + buyer[taker, item], at] += 1

    def features(
        self,
        states: tuple[Int64, Int64],
        rows: tuple[Int64, Int64, Int64],
        plain: tuple[Floats, Floats, Floats],
    ) -> dict[str, Floats]:
        """Columns for candidates `rows`; `plain`: rates of the triplet, supplier and buyer."""
        source, target, product = rows
        keys = (source * self.firms + target) * self.products + product
        supplier, buyer = states[0][source, product], states[1][target, product]
        at, known = self._slots.of(keys), np.maximum(self._triplets, 0)
        offered = self._sold[0, supplier, source, product] + PRIOR
        asked = self._bought[0, buyer, target, product] + PRIOR
        by_supplier = np.where(at > 0, known[supplier, at], 0.0)
        by_buyer = np.where(at > 0, known[SUPPLIER_STATES + buyer, at], 0.0)
        triplet = (by_supplier + PRIOR * plain[0]) / offered
        taken = (by_buyer + PRIOR * plain[0]) / asked
        sells = (self._sold[1, supplier, source, product] + PRIOR * plain[1]) / offered
        buys = (self._bought[1, buyer, target, product] + PRIOR * plain[2]) / asked
        return {
            "state.supplier": supplier.astype(np.float64),
            "state.buyer": buyer.astype(np.float64),
            "state.triplet_by_supplier": triplet,
            "state.triplet_by_buyer": taken,
            "state.triplet": triplet * taken / np.maximum(plain[0], 1e-6),
            "state.sells": sells,
            "state.buys": buys,
            "state.sells_more": sells / np.maximum(plain[1], 1e-3),
            "state.buys_more": buys / np.maximum(plain[2], 1e-3),
        }
