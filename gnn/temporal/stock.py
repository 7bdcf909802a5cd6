"""The stock of every firm, step by step, and what it says about the next deliveries."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.temporal.counts import Floats, Int64
from gnn.temporal.plan import Columns, Flags, Recipes, columns, orders

NONE = 1e-9  # a stock below this is none
RAW_CAN, EMPTY_CAN = 0.7, 0.02  # how likely a supplier without known inputs, or without stock, delivers

SUPPLIER_STATES = 4  # cannot deliver, a little, as usual, not known
BUYER_STATES = 3  # nothing waits, lacks this input, has it in stock


@dataclass(frozen=True)
class Outlook:
    """What stock says before a step. All (firms, products) unless said.

    `can`: units that could be made at once, −1 unknown; `ordered`: units on order by the inputs
    that wait; `ships`: the smaller of the two; `lacking`: inputs of the recipe at nothing; `most`:
    units the best stocked input would do for; `lacks`: what the firm's orders take beyond its
    stock; `will_lack`: the same counting what its suppliers are able to ship; `takes`: what its
    orders take. `wanted` sums `will_lack` over the buyers a supplier may serve, `served` how many
    suppliers of a buyer can deliver. By `pair` (sorted keys of supplier, buyer, product):
    `chosen` share of the buyer's usual choice among those who can deliver, `due` share of the
    supplier's wants, `habit` how often this buyer takes this supplier, `outlet` how often this
    supplier's product goes to this buyer, `short` share by what is lacking now.
    """

    can: Floats
    ordered: Floats
    ships: Floats
    lacking: Floats
    most: Floats
    lacks: Floats
    will_lack: Floats
    takes: Floats
    wanted: Floats
    served: Floats
    pair: Int64
    chosen: Floats
    due: Floats
    habit: Floats
    outlet: Floats
    short: Floats


class Stock:
    """Stock (firms, inputs) as purchases less what the recipes say sales took, never below nothing."""

    def __init__(self, known: Recipes, firms: int, products: int) -> None:
        shape = (firms, products)
        self.known = known
        self.stock, self.age = np.zeros(shape), np.zeros(shape)
        self.sells, self.buys = np.zeros(shape, bool), np.zeros(shape, bool)
        self.has_inputs: Flags = np.asarray((known.amounts > 0).any(axis=1))
        self.columns: Columns = columns(known, self.sells)

    def advance(self, bought: Floats, sold: Floats) -> None:
        """Take in one step: sales come out of the stock of the step before, purchases come after."""
        self.stock = np.maximum(self.stock - sold @ self.known.amounts, 0.0)
        cols = self.columns
        for k in np.flatnonzero(self.known.sells_unseen[cols.firm] | (cols.product < 0)):
            firm, at, take = cols.firm[k], cols.inputs[k, : cols.size[k]], cols.takes[k, : cols.size[k]]
            self.stock[firm, at] -= (self.stock[firm, at] / take).min() * take
        self.stock[self.stock < NONE] = 0.0
        self.age = np.where(self.stock > 0, self.age + 1, 0.0)
        self.stock += bought
        self.buys |= bought > 0
        if ((sold > 0) & ~self.sells).any():
            self.sells |= sold > 0
            self.columns = columns(self.known, self.sells)

    def outlook(self, times: "Times") -> Outlook:
        """What the stock says now, with `times` the counts of who traded with whom."""
        shape, cols = self.stock.shape, self.columns
        levels = cols.levels(self.stock)
        planned, takes = orders(cols, self.stock)
        own = cols.product >= 0
        at = (cols.firm[own], cols.product[own])
        can, ordered, lacking, most = np.full(shape, -1.0), np.zeros(shape), np.zeros(shape), np.zeros(shape)
        can[at], ordered[at] = levels.min(axis=1)[own], planned[own]
        lacking[at] = ((levels <= NONE) & cols.real).sum(axis=1)[own]
        most[at] = np.where(cols.real, levels, 0.0).max(axis=1)[own]
        ships = np.where(can >= 0, np.minimum(can, ordered), -1.0)
        seller, buyer, item, pair = times.possible(self.sells, self.buys)
        trades, amount = times.of_pairs(pair)
        habit = (trades + 2.0 / self.sells.sum(axis=0)[item]) / (times.bought[buyer, item] + 2)
        usual = 0.2 * self.buys.sum(axis=0)[item]
        outlet = (trades + 0.2) / (times.sold[seller, item] + usual)
        part = (amount + NONE) / _sums(shape, seller, item, amount + NONE)[seller, item]
        coming = _sums(shape, buyer, item, np.maximum(ships[seller, item], 0.0) * part)
        will_lack = np.maximum(orders(cols, self.stock + coming)[1] - self.stock, 0.0)
        lacks = np.maximum(takes - self.stock, 0.0)
        can_now = np.where(can[seller, item] > NONE, 1.0, EMPTY_CAN)
        able = habit * np.where(self.has_inputs[item], can_now, RAW_CAN)
        served = _sums(shape, buyer, item, able)
        wants, needs = habit * will_lack[buyer, item], habit * lacks[buyer, item]
        wanted, needed = _sums(shape, seller, item, wants), _sums(shape, seller, item, needs)
        chosen = able / np.maximum(served[buyer, item], NONE)
        due = wants / np.maximum(wanted[seller, item], NONE)
        short = needs / np.maximum(needed[seller, item], NONE)
        whole = (can, ordered, ships, lacking, most, lacks, will_lack, takes, wanted, served)
        return Outlook(*whole, pair, chosen, due, habit, outlet, short)

    def states(self, seen: Outlook, usual: Floats) -> tuple[Int64, Int64]:
        """State of each supplier and of each buyer of a product; `usual`: amount it sells in a step."""
        some = np.where(seen.ships < 0.5 * usual, 1, 2)
        supplier = np.where(seen.can < 0, 3, np.where(seen.can <= NONE, 0, some))
        buyer = np.where(seen.lacks > 1e-6 * (1 + seen.takes), 1, np.where(self.stock > NONE, 2, 0))
        return supplier, buyer


class Times:
    """How often and how much each triplet, supplier of a product and buyer of a product traded."""

    def __init__(self, firms: int, products: int) -> None:
        self.firms, self.products = firms, products
        self.bought, self.sold = np.zeros((firms, products)), np.zeros((firms, products))
        self._keys = np.zeros(0, np.int64)
        self._sums = np.zeros((2, 0))
        self._asked: tuple[int, int] = (-1, -1)
        self._possible: tuple[Int64, Int64, Int64, Int64] | None = None

    def advance(self, source: Int64, target: Int64, product: Int64, weight: Floats) -> None:
        """Count the transactions of one step."""
        np.add.at(self.bought, (target, product), 1)
        np.add.at(self.sold, (source, product), 1)
        keys = (source * self.firms + target) * self.products + product
        whole, which = np.unique(np.concatenate([self._keys, keys]), return_inverse=True)
        new = np.zeros((2, len(whole)))
        new[:, which[: len(self._keys)]] = self._sums
        np.add.at(new[0], which[len(self._keys) :], 1)
        np.add.at(new[1], which[len(self._keys) :], weight)
        self._keys, self._sums = whole, new

    def of_pairs(self, pair: Int64) -> NDArray[np.float64]:
        """Times and amount of each key, (2, keys), nought where they never traded."""
        if not self._keys.size:
            return np.zeros((2, len(pair)))
        at = np.minimum(np.searchsorted(self._keys, pair), len(self._keys) - 1)
        return np.where(self._keys[at] == pair, self._sums[:, at], 0.0)

    def possible(self, sells: Flags, buys: Flags) -> tuple[Int64, Int64, Int64, Int64]:
        """Supplier, buyer, product, key of all who sell and all who buy the same product, by key."""
        asked = (int(sells.sum()), int(buys.sum()))
        if self._possible is None or asked != self._asked:
            parts = [np.nonzero(sells[:, [p]] & buys[:, p][None, :]) for p in range(self.products)]
            seller = np.concatenate([part[0] for part in parts])
            buyer = np.concatenate([part[1] for part in parts])
            item = np.repeat(np.arange(self.products), [len(part[0]) for part in parts])
            key = (seller * self.firms + buyer) * self.products + item
            order = np.argsort(key, kind="stable")
            self._possible = seller[order], buyer[order], item[order], key[order]
            self._asked = asked
        return self._possible


def _sums(shape: tuple[int, ...], firm: Int64, item: Int64, value: Floats) -> Floats:
    found = np.zeros(shape)
    np.add.at(found, (firm, item), value)
    return found
