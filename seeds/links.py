"""Who supplies whom: an economy's links along its chains, with planted departures from them.

Of all links 70 % are *main* (along the feeds of the seller's segment, one tier down), 10 % stay on
the seller's tier (makers selling to traders of the same goods among them), 10 % skip a tier, and
10 % lead into another chain. Utilities come on top. In-degrees follow a power law: a firm is chosen
with a chance that goes with its weight, and an eighth of all firms, the large buyers, are chosen
apart from the rest.

Departures are usually smaller trade than main business: see `seeds.trade`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from seeds.firms import STORY, Firms
from seeds.goods import Floats, Ints, World
from seeds.knowledge import places, utilities
from seeds.streams import stream

MAIN, SAME, SKIP, CROSS, HUB = range(5)
KIND_NAMES = ("main", "same_tier", "skip_tier", "cross_chain", "utility")
SHARES = {MAIN: 0.70, SAME: 0.10, SKIP: 0.10, CROSS: 0.10}
#: Chance that a firm whose own books are in sells to a large buyer. With it about 15 % of links are
#: seen from both sides: small firms, whose books are not in, sell to large buyers only.
TO_BIG = 0.22
STORY_LINKS = {"main": 6, "second": 3, "suppliers": 8}
_PASSES = 12


@dataclass(frozen=True)
class Links:
    """Links as columns, sorted by (src, dst). `via` is the segment of the seller that the trade is in."""

    src: Ints
    dst: Ints
    kind: Ints
    via: Ints
    story_order: tuple[int, int]  # (src, dst) of the story firm's new customer


class _Pool:
    """Firms of some segments to draw buyers from, large ones and others apart."""

    def __init__(self, firms: Firms, members: Ints, weight: Floats) -> None:
        big = firms.big[members]
        self._sides = []
        for side, most in ((big, np.inf), (~big, 8.0)):
            chosen = side if side.any() else np.ones(len(members), dtype=np.bool_)
            self._sides.append((members[chosen], np.cumsum(np.minimum(weight[chosen], most))))

    def draw(self, to_big: np.typing.NDArray[np.bool_], rng: np.random.Generator) -> Ints:
        """One buyer for each entry."""
        result = np.empty(len(to_big), dtype=np.int64)
        where = rng.random(len(to_big))
        for side, mask in zip(self._sides, (to_big, ~to_big), strict=True):
            members, cumulated = side
            found = np.searchsorted(cumulated, where[mask] * cumulated[-1], side="right")
            result[mask] = members[np.minimum(found, len(members) - 1)]
        return result


class _Wiring:
    """The links drawn so far, and how to draw more of one kind."""

    def __init__(self, world: World, firms: Firms, seed: int) -> None:
        self.world, self.firms, self.rng = world, firms, stream(seed, "links")
        self._keys = np.empty(0, dtype=np.int64)
        self.parts: list[tuple[Ints, Ints, int, Ints]] = []
        makers = np.flatnonzero((firms.segment >= 0) & ~firms.trader)
        both = np.concatenate([makers, makers[firms.second[makers] >= 0]])
        seats = np.concatenate([firms.segment[makers], firms.second[makers][firms.second[makers] >= 0]])
        weight = firms.weight[both] * np.concatenate(
            [np.ones(len(makers)), np.full(len(both) - len(makers), 0.5)]
        )
        order = np.argsort(seats, kind="stable")
        self._members, self._weight = both[order], weight[order]
        self._bounds = np.searchsorted(seats[order], np.arange(len(world.segments) + 1))
        self._pools: dict[tuple[int, ...], _Pool | None] = {}

    def pool(self, segments: Ints) -> _Pool | None:
        """The firms that stand in `segments`, or None when there are none."""
        key = tuple(segments.tolist())
        if key not in self._pools:
            rows = [np.arange(self._bounds[s], self._bounds[s + 1]) for s in key]
            found = np.concatenate(rows) if rows else np.empty(0, dtype=np.int64)
            self._pools[key] = (
                _Pool(self.firms, self._members[found], self._weight[found]) if len(found) else None
            )
        return self._pools[key]

    def buyers(self, src: Ints, via: Ints, targets: Callable[[int], Ints]) -> Ints:
        """A buyer for each (seller, segment), from the segments `targets` names; -1 where there is none."""
        dst = np.full(len(src), -1, dtype=np.int64)
        to_big = self.firms.small[src] | (self.rng.random(len(src)) < TO_BIG)
        order = np.argsort(via, kind="stable")
        bounds = np.searchsorted(via[order], np.arange(len(self.world.segments) + 1))
        for segment in np.unique(via):
            pool = self.pool(targets(int(segment)))
            mine = order[bounds[segment] : bounds[segment + 1]]
            if pool is not None:
                dst[mine] = pool.draw(to_big[mine], self.rng)
        return dst

    def add(self, src: Ints, dst: Ints, kind: int, via: Ints) -> np.typing.NDArray[np.bool_]:
        """Keep what is new; the mask says which entries were kept."""
        key = np.where((dst >= 0) & (src != dst), src * self.firms.count + dst, -1)
        _, first = np.unique(key, return_index=True)
        fresh = np.zeros(len(key), dtype=np.bool_)
        fresh[first] = True
        at = np.searchsorted(self._keys, key)
        known = np.zeros(len(key), dtype=np.bool_)
        inside = at < len(self._keys)
        known[inside] = self._keys[at[inside]] == key[inside]
        fresh &= ~known & (key >= 0)
        self._keys = np.sort(np.concatenate([self._keys, key[fresh]]))
        self.parts.append((src[fresh], dst[fresh], kind, via[fresh]))
        return fresh

    def fill(self, src: Ints, via: Ints, kind: int, targets: Callable[[int], Ints], wanted: int) -> None:
        """One link for each (seller, segment); failures are drawn again, in the end for other sellers."""
        everyone = (src, via)
        kept = 0
        for attempt in range(_PASSES):
            if len(src) == 0 or kept >= wanted:
                return
            src, via = src[: wanted - kept], via[: wanted - kept]
            fresh = self.add(src, self.buyers(src, via, targets), kind, via)
            kept += int(fresh.sum())
            src, via = src[~fresh], via[~fresh]
            if attempt >= 4 and len(src):
                other = self.rng.integers(0, len(everyone[0]), wanted - kept)
                src, via = everyone[0][other], everyone[1][other]


def plan_links(world: World, firms: Firms, count: int, seed: int) -> Links:
    """Draw `count` links along the chains and, on top, those of the utilities."""
    wiring = _Wiring(world, firms, seed)
    budget = {kind: round(count * share) for kind, share in SHARES.items()}
    budget[MAIN] = count - budget[SAME] - budget[SKIP] - budget[CROSS]
    _story_suppliers(wiring, budget)
    order = _story_order(wiring, budget)
    _from_buyers(wiring, budget)
    _main(wiring, budget)
    _to_traders(wiring, budget)
    _departures(wiring, budget)
    _utilities(wiring)
    src = np.concatenate([part[0] for part in wiring.parts])
    dst = np.concatenate([part[1] for part in wiring.parts])
    kind = np.concatenate([np.full(len(part[0]), part[2]) for part in wiring.parts])
    via = np.concatenate([part[3] for part in wiring.parts])
    sort = np.lexsort((dst, src))
    return Links(src[sort], dst[sort], kind[sort], via[sort], order)


def _taken(wiring: _Wiring, kind: int) -> int:
    return sum(len(part[0]) for part in wiring.parts if part[2] == kind)


def _story_suppliers(wiring: _Wiring, budget: dict[int, int]) -> None:
    """Makers of monomers and additives that the story firm buys from."""
    world, firms = wiring.world, wiring.firms
    story = np.array([s for s in (firms.segment[STORY], firms.second[STORY]) if s >= 0])
    for number, segment in enumerate(story):
        feeding = [i for i, feeds in enumerate(world.feeds) if segment in feeds]
        pool = np.flatnonzero(np.isin(firms.segment, feeding) & ~firms.big & ~firms.trader)
        some = wiring.rng.permutation(pool)[: STORY_LINKS["suppliers"] - 4 * number]
        wiring.add(some, np.full(len(some), STORY), MAIN, firms.segment[some])
    budget[MAIN] -= _taken(wiring, MAIN)


def _story_order(wiring: _Wiring, budget: dict[int, int]) -> tuple[int, int]:
    """The story firm's customers, the last of them the new one with the large order."""
    world, firms, rng = wiring.world, wiring.firms, wiring.rng
    before, new = _taken(wiring, MAIN), -1
    for segment, size in (
        (firms.segment[STORY], STORY_LINKS["main"]),
        (firms.second[STORY], STORY_LINKS["second"]),
    ):
        seats = np.isin(firms.segment, world.feeds[segment]) & ~firms.trader
        some = rng.permutation(np.flatnonzero(seats & ~firms.big))[:size]
        if new < 0:
            new = int(np.flatnonzero(seats & firms.big)[0])
            some = np.append(some, new)
        wiring.add(np.full(len(some), STORY), some, MAIN, np.full(len(some), segment))
    budget[MAIN] -= _taken(wiring, MAIN) - before
    return STORY, new


def _from_buyers(wiring: _Wiring, budget: dict[int, int]) -> None:
    """Downstream every distributor and shop has a supplier; drawn from the buyer's side."""
    world, firms, rng = wiring.world, wiring.firms, wiring.rng
    before = _taken(wiring, MAIN)
    for segment in np.flatnonzero(world.tier_of < 0):
        feeding = [i for i, feeds in enumerate(world.feeds) if segment in feeds]
        buyers = np.flatnonzero(firms.segment == segment)
        sellers = np.flatnonzero(np.isin(firms.segment, feeding))
        if not len(sellers) or not len(buyers):
            continue
        wanted = np.repeat(buyers, 2 + rng.poisson(1.0, len(buyers)))
        mass = np.cumsum(firms.weight[sellers])
        src = sellers[np.searchsorted(mass, rng.random(len(wanted)) * mass[-1], side="right")]
        src[: len(sellers)] = sellers[: len(src)]  # no seller without a customer
        wiring.add(src, wanted, MAIN, firms.segment[src])
    budget[MAIN] -= _taken(wiring, MAIN) - before


def _main(wiring: _Wiring, budget: dict[int, int]) -> None:
    """Upstream every firm has customers one tier down, in each chain it stands in."""
    world, firms, rng = wiring.world, wiring.firms, wiring.rng
    sellers = np.flatnonzero((firms.tier >= 1) & (np.arange(firms.count) != STORY))
    two = sellers[firms.second[sellers] >= 0]
    least = 2 if budget[MAIN] >= 2.2 * (len(sellers) + len(two)) else 1
    src = np.concatenate([np.repeat(sellers, least), np.repeat(two, least)])
    via = np.concatenate([np.repeat(firms.segment[sellers], least), np.repeat(firms.second[two], least)])
    spare = max(0, budget[MAIN] - len(src))
    mass = np.cumsum(
        np.minimum(1 + rng.pareto(1.6, len(sellers)), 120) * np.where(firms.small[sellers], 0.3, 1.0)
    )
    more = sellers[np.searchsorted(mass, rng.random(spare) * mass[-1], side="right")]
    second = (firms.second[more] >= 0) & (rng.random(spare) < 0.4)
    src = np.concatenate([src, more])
    via = np.concatenate([via, np.where(second, firms.second[more], firms.segment[more])])
    wiring.fill(src, via, MAIN, lambda segment: world.feeds[segment], budget[MAIN])


def _to_traders(wiring: _Wiring, budget: dict[int, int]) -> None:
    """A trader buys from makers of its own segment what it sells on."""
    firms, rng = wiring.firms, wiring.rng
    traders = np.flatnonzero(firms.trader)
    wanted = np.repeat(traders, 3)
    own = firms.segment[wanted]
    makers = np.flatnonzero(
        (firms.segment >= 0) & ~firms.trader & ~firms.small & (np.arange(firms.count) != STORY)
    )
    order = makers[np.argsort(firms.segment[makers], kind="stable")]
    ranked = firms.segment[order]
    low, high = np.searchsorted(ranked, own), np.searchsorted(ranked, own, side="right")
    src = order[np.minimum(low + (rng.random(len(own)) * (high - low)).astype(np.int64), len(order) - 1)]
    found = high > low
    wiring.add(src[found][: budget[SAME]], wanted[found][: budget[SAME]], SAME, own[found][: budget[SAME]])
    budget[SAME] -= _taken(wiring, SAME)


def _departures(wiring: _Wiring, budget: dict[int, int]) -> None:
    """Links on the same tier, skipping one, and into other chains."""
    world, firms, rng = wiring.world, wiring.firms, wiring.rng

    def same(segment: int) -> Ints:
        return world.in_tier(int(world.chain_of[segment]), int(world.tier_of[segment]))

    def skipping(segment: int) -> Ints:
        beyond = [world.feeds[next_one] for next_one in world.feeds[segment]]
        return np.unique(np.concatenate(beyond)) if beyond else np.empty(0, dtype=np.int64)

    def elsewhere(segment: int) -> Ints:
        return np.flatnonzero((world.chain_of != world.chain_of[segment]) & (world.tier_of >= 0))

    sellers = np.flatnonzero((firms.tier >= 0) & (np.arange(firms.count) != STORY))
    mass = np.cumsum(
        np.minimum(1 + rng.pareto(1.8, len(sellers)), 60) * np.where(firms.small[sellers], 0.5, 1.0)
    )
    for kind, targets in ((SAME, same), (SKIP, skipping), (CROSS, elsewhere)):
        draw = np.searchsorted(mass, rng.random(budget[kind]) * mass[-1], side="right")
        src = sellers[np.minimum(draw, len(sellers) - 1)]
        wiring.fill(src, firms.segment[src], kind, targets, budget[kind])


def _utilities(wiring: _Wiring) -> None:
    """Everybody buys power, many buy the rest; the story firm buys all of it."""
    firms, rng = wiring.firms, wiring.rng
    buyers = np.flatnonzero(firms.segment >= 0)
    region = np.array([int(place.code) for place in places()])
    for number, utility in enumerate(utilities()):
        hubs = np.flatnonzero(firms.utility == number)
        some = buyers[(rng.random(len(buyers)) < utility.reach) | (buyers == STORY)]
        # The one nearest by region code: the same place always has the same supplier.
        away = np.abs(region[:, None] - region[firms.place[hubs]][None, :])
        src = hubs[away.argmin(axis=1)[firms.place[some]]]
        wiring.add(src, some, HUB, np.full(len(some), -1))
