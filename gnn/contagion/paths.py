"""The paths along which a shortage comes, firm by firm, from the one that stopped or pays late.

Goods: from a firm's shortage back over the link that missed most, to a seller whose own shortage began
earlier, until the firm that stopped. Money: likewise back over the buyers. Every step goes back in time,
so every path ends.
"""

from dataclasses import dataclass

import numpy as np

from gnn.contagion.network import Network
from gnn.contagion.shake import NEVER, Outcome
from graph.csr import Int64


@dataclass(frozen=True)
class Step:
    """One link of a path, in the direction of the goods: places in the network, the kind of goods, fen a
    week normally, and fen missing (goods: in the worst week; money: in the end)."""

    seller: int
    buyer: int
    good: int | None
    amount: float
    missing: float


def goods_paths(net: Network, outcome: Outcome, firm: int, most: int) -> tuple[list[list[Step]], int]:
    """Up to `most` paths of a shortage of goods, and how many links bring it in: the kind of goods that
    the firm is short of first before the others, of each kind the links that miss most first."""
    slots = _short_slots(net, outcome, firm, needed=False)
    bringing = [int(link) for slot in slots for link in _bringing(net, outcome, slot)]
    return [_goods_path(net, outcome, link) for link in bringing[:most]], len(bringing)


def _short_slots(net: Network, outcome: Outcome, firm: int, needed: bool) -> list[int]:
    """The kinds of goods of which a firm is short, those first that it is short of first, and most; all,
    or only those that its output hangs on."""
    low, high = net.firm_slots[firm], net.firm_slots[firm + 1]
    first = outcome.goods.slot_first[low:high]
    short = np.flatnonzero((first != NEVER) & (outcome.goods.needed[low:high] | (not needed)))
    order = np.lexsort((short, -outcome.goods.slot_total[low:high][short], first[short]))
    return [int(low + slot) for slot in short[order]]


def _cause(net: Network, outcome: Outcome, link: int) -> int | None:
    """The slot whose shortage a link's comes from; None where its seller is the one that stopped."""
    seller = int(net.seller[link])
    if seller == outcome.shock.firm:
        return None
    through = int(net.through[link])
    if through >= 0:
        return through
    slots = _short_slots(net, outcome, seller, needed=True)
    return slots[0] if slots else None


def _bringing(net: Network, outcome: Outcome, slot: int) -> Int64:
    """The links that bring the shortage of a slot in, those that miss most first."""
    links = np.arange(net.slot_links[slot], net.slot_links[slot + 1])
    links = links[outcome.goods.link_total[links] > 0]
    began = outcome.goods.slot_first
    earlier = []
    for link in links:
        cause = _cause(net, outcome, int(link))
        earlier.append(
            net.seller[link] == outcome.shock.firm
            or (cause is not None and NEVER < began[cause] < began[slot])
        )
    links = links[np.asarray(earlier, np.bool_)]
    return np.asarray(links[np.lexsort((links, -outcome.goods.link_total[links]))])


def _goods_path(net: Network, outcome: Outcome, link: int) -> list[Step]:
    steps = []
    while True:
        good = int(net.slot_good[net.slot[link]])
        ends = int(net.seller[link]), int(net.buyer[link])
        steps.append(Step(*ends, good, float(net.amount[link]), float(outcome.goods.link_peak[link])))
        cause = _cause(net, outcome, link)
        if cause is None:
            return steps[::-1]
        link = int(_bringing(net, outcome, cause)[0])


class Debtors:
    """Paths of a shortage of money. Sorts the links by seller once."""

    def __init__(self, net: Network, outcome: Outcome) -> None:
        self._net, self._outcome = net, outcome
        self._order = np.argsort(net.seller, kind="stable")
        self._ends = np.searchsorted(net.seller[self._order], np.arange(len(net.firms) + 1))

    def paths(self, firm: int, most: int) -> tuple[list[list[Step]], int]:
        """Up to `most` paths to a firm that is short of money, in the direction of the goods, from it to
        the one that pays late; and how many buyers pay it late."""
        buyers = self._late(firm)
        return [self._path(firm, buyer) for buyer in buyers[:most]], len(buyers)

    def _late(self, firm: int) -> list[tuple[int, float, float]]:
        """Who pays `firm` late and was short before it: buyer, normal amount, amount missing."""
        net, money = self._net, self._outcome.money
        links = self._order[self._ends[firm] : self._ends[firm + 1]]
        late = links[money.link_missed[links] > 0]
        sums: dict[int, tuple[float, float]] = {}
        for link in late.tolist():
            buyer = int(net.buyer[link])
            of_shock = buyer == self._outcome.shock.firm
            if of_shock or NEVER < money.first[buyer] < money.first[firm]:
                amount, missed = sums.get(buyer, (0.0, 0.0))
                sums[buyer] = amount + float(net.amount[link]), missed + float(money.link_missed[link])
        return sorted(((b, a, m) for b, (a, m) in sums.items()), key=lambda row: (-row[2], row[0]))

    def _path(self, firm: int, late: tuple[int, float, float]) -> list[Step]:
        buyer, amount, missed = late
        steps = [Step(firm, buyer, None, amount, missed)]
        while buyer != self._outcome.shock.firm:
            seller, (buyer, amount, missed) = buyer, self._late(buyer)[0]
            steps.append(Step(seller, buyer, None, amount, missed))
        return steps
