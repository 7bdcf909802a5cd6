"""What follows where a firm stops or pays late: who runs short of goods and of money, when, by how much.

A plain model in weekly steps; every assumption is a number of `Assumptions`. Goods and money are counted
apart: who is short of goods still pays, who is short of money still delivers. Both work on observed
links alone (`gnn.contagion.network`).

Goods, downstream. In week t a link of normal amount a carries a · f, with f of the seller `lag_weeks`
before (0 where it stopped): of a trader's goods that pass through, the share of them that it got; else its
output. What a buyer misses of a kind of goods is made up

- by its other suppliers of the kind that are not short themselves: `spare` of what each delivers to it,
- then out of stock: `cover_weeks` of its purchases, or more where the books prove more,

and the rest is its shortage x, as a share of what it buys of the kind. Its output is
1 - (1 - mixing) · max x - mixing · mean x over the kinds it needs (those it buys to go on, from
`needed_share` of its purchases up; mean by amount): Leontief's smallest input, softened.

Money, upstream. A firm that pays N days late pays nothing for N days and then on: its suppliers miss
what they would have received in these days; so they do for `term_days` where it stops, which is what it
owes them. What a firm misses by week t less `cash_weeks` of its outlays is its shortage; `lag_weeks` later
it withholds `passed_on` of that from its suppliers, in proportion to what it buys of each, and never more
than it would have paid them by then.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from gnn.contagion.network import Network
from graph.csr import Float64, Int32, Mask, fixed

Kind = Literal["stop", "late"]
#: No week: never short.
NEVER = 0
#: Fen: less than half a fen is nothing.
LEAST = 0.5


@dataclass(frozen=True)
class Assumptions:
    """The model's numbers. Shares are 0 … 1; `lag_weeks` is 1 or more; `weeks` is how far it looks."""

    cover_weeks: float = 2.0
    cover_most: float = 8.0
    spare: float = 0.2
    needed_share: float = 0.05
    mixing: float = 0.25
    cash_weeks: float = 2.0
    outlay_share: float = 0.9
    term_days: float = 60.0
    passed_on: float = 0.5
    lag_weeks: int = 1
    weeks: int = 26


@dataclass(frozen=True)
class Shock:
    """`firm` (a place in the network) stops, or pays `days` late; `size` is the share of it that does."""

    firm: int
    kind: Kind
    days: float = 0.0
    size: float = 1.0


@dataclass(frozen=True)
class Goods:
    """Shortage of goods. Firms, float64[n] or int32[n]: `first` the week it begins (1 …, `NEVER`),
    `peak` fen in the worst week, `peak_week`, `total` fen over all weeks, `lost` the largest share of
    output lost. Slots: `slot_first` int32[S] and `slot_total` float64[S] likewise, `needed` bool[S].
    `link_peak`, `link_total` float64[L]: what each link misses."""

    first: Int32
    peak: Float64
    peak_week: Int32
    total: Float64
    lost: Float64
    slot_first: Int32
    slot_total: Float64
    needed: Mask
    link_peak: Float64
    link_total: Float64


@dataclass(frozen=True)
class Money:
    """Shortage of money. Firms: `first` as for goods, `peak` fen short in the end (it only grows),
    `missed` fen not received, `outlays` fen a week. `link_missed` float64[L]: not paid by buyer to
    seller. `orders` float64[n]: fen a week that a firm no longer sells to the one that stopped."""

    first: Int32
    peak: Float64
    missed: Float64
    outlays: Float64
    link_missed: Float64
    orders: Float64


@dataclass(frozen=True)
class Outcome:
    """Both, and what they rest on."""

    shock: Shock
    goods: Goods
    money: Money
    assumptions: Assumptions = field(default_factory=Assumptions)


def shake(network: Network, shock: Shock, assumptions: Assumptions | None = None) -> Outcome:
    """What follows in `network`. Deterministic; time grows with links × weeks."""
    given = assumptions or Assumptions()
    size = shock.size if shock.kind == "stop" else 0.0
    return Outcome(shock, _goods(network, shock.firm, size, given), _money(network, shock, given), given)


def _goods(net: Network, stopped: int, size: float, given: Assumptions) -> Goods:
    n, slots, links = len(net.firms), len(net.slot_buyer), len(net.seller)
    here, through = net.seller == stopped, net.through >= 0
    inputs = _sums(net.slot_buyer, net.slot_amount, n)
    needed = net.running & (net.slot_amount >= given.needed_share * inputs[net.slot_buyer])
    cover = np.maximum(given.cover_weeks, np.minimum(net.stock_weeks, given.cover_most))
    stock = cover[net.slot_buyer] * net.slot_amount
    needs = _sums(net.slot_buyer, net.slot_amount * needed, n)
    spared = (net.slot_buyer == stopped) | ~net.inside[net.slot_buyer]
    past = deque([(np.ones(n), np.ones(slots))] * given.lag_weeks)
    first, peak_week = np.zeros(n, np.int32), np.zeros(n, np.int32)
    peak, total, lost = np.zeros(n), np.zeros(n), np.zeros(n)
    slot_first, slot_total = np.zeros(slots, np.int32), np.zeros(slots)
    link_peak, link_total = np.zeros(links), np.zeros(links)
    for week in range(1, (given.weeks if size > 0 and links else 0) + 1):
        output, got = past.popleft()
        flow = np.where(through, got[net.through], output[net.seller])
        flow[here] = 1.0 - size
        missing = net.amount * (1.0 - flow)
        able = np.where(~here & (flow >= 1.0), net.amount * given.spare, 0.0)
        gap = _sums(net.slot, missing, slots) - _sums(net.slot, able, slots)
        gap = np.where(spared, 0.0, np.maximum(gap, 0.0))
        used = np.minimum(stock, gap)
        stock -= used
        short = gap - used
        short[short < LEAST] = 0.0
        got = 1.0 - np.minimum(short / net.slot_amount, 1.0)
        output = _output(net, got, needed, needs, given.mixing)
        past.append((output, got))
        firm = _sums(net.slot_buyer, short, n)
        first[(first == NEVER) & (firm > 0)] = week
        slot_first[(slot_first == NEVER) & (short > 0)] = week
        worse = firm > peak
        peak[worse], peak_week[worse] = firm[worse], week
        total += firm
        slot_total += short
        lost = np.maximum(lost, 1.0 - output)
        link_total += missing
        link_peak = np.maximum(link_peak, missing)
    return Goods(
        fixed(first, np.int32),
        fixed(peak, np.float64),
        fixed(peak_week, np.int32),
        fixed(total, np.float64),
        fixed(lost, np.float64),
        fixed(slot_first, np.int32),
        fixed(slot_total, np.float64),
        fixed(needed, np.bool_),
        fixed(link_peak, np.float64),
        fixed(link_total, np.float64),
    )


def _sums(place: Int32, amount: Float64, places: int) -> Float64:
    """Amounts added up by place: float64[places]."""
    return np.asarray(np.bincount(place, amount, places), np.float64)


def _output(net: Network, got: Float64, needed: Mask, needs: Float64, mixing: float) -> Float64:
    """Share of normal output: float64[n]."""
    lacks = (1.0 - got) * needed
    worst = np.zeros(len(net.firms))
    some = np.flatnonzero(np.diff(net.firm_slots))
    if len(some):
        worst[some] = np.maximum.reduceat(lacks, net.firm_slots[some])
    lacking = _sums(net.slot_buyer, lacks * net.slot_amount, len(worst))
    mean = np.divide(lacking, needs, out=np.zeros(len(worst)), where=needs > 0)
    return np.asarray(1.0 - (1.0 - mixing) * worst - mixing * mean)


def _money(net: Network, shock: Shock, given: Assumptions) -> Money:
    n, links = len(net.firms), len(net.seller)
    from_it = np.where(net.buyer == shock.firm, net.amount, 0.0)
    pays = _sums(net.buyer, net.amount, n)
    outlays = np.maximum(net.inputs, given.outlay_share * net.sales)
    buffer = given.cash_weeks * outlays
    days = shock.days if shock.kind == "late" else given.term_days
    spared = ~net.inside | (np.arange(n) == shock.firm)
    past, link_missed = deque([np.zeros(n)] * given.lag_weeks), np.zeros(links)
    missed, short = np.zeros(n), np.zeros(n)
    first = np.zeros(n, np.int32)
    for week in range(1, (given.weeks if links else 0) + 1):
        share = np.divide(past.popleft(), pays, out=np.zeros(n), where=pays > 0)
        link_missed = net.amount * share[net.buyer] + from_it * (min(week, days / 7.0) * shock.size)
        missed = _sums(net.seller, link_missed, n)
        missed[spared] = 0.0
        short = np.maximum(missed - buffer, 0.0)
        short[short < LEAST] = 0.0
        first[(first == NEVER) & (short > 0)] = week
        past.append(np.minimum(given.passed_on * short, pays * week))
    orders = _sums(net.seller, from_it, n) * (shock.size if shock.kind == "stop" else 0.0)
    return Money(
        fixed(first, np.int32),
        fixed(short, np.float64),
        fixed(missed, np.float64),
        fixed(outlays, np.float64),
        fixed(link_missed, np.float64),
        fixed(orders, np.float64),
    )
