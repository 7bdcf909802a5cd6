"""Invented enterprises: where each stands in which chain, how big it is, what it is called.

Firm 0 is the story firm, then the core enterprises in the order of the chains, then the suppliers
everybody buys from, then the rest, segment by segment.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from seeds.codes import KINDS, synthetic_codes
from seeds.goods import Floats, Ints, World
from seeds.knowledge import names, places, utilities
from seeds.streams import mixed, stream

Bools = npt.NDArray[np.bool_]
#: Share of a chain's firms on each tier, before the tiers a chain lacks are left out.
TIER_SHARE = {6: 0.07, 5: 0.11, 4: 0.15, 3: 0.17, 2: 0.16, 1: 0.11, 0: 0.025, -1: 0.085, -2: 0.12}
FORMS = ("company", "individual_business", "cooperative")
TRADER_SHARE, TWO_CHAIN_SHARE, BIG_SHARE, SMALL_SHARE = 0.035, 0.05, 0.12, 0.47
STORY = 0
STORY_CODE_NUMBER = 0
STORY_NAME = "平湖市耐衡高分子材料有限公司"
STORY_SEGMENTS = ("nev-hightemp-nylon", "ce-insulation")


@dataclass(frozen=True)
class Firms:
    """Enterprises as columns. `segment` is -1 for utilities, `second` is -1 for firms in one chain."""

    count: int
    segment: Ints
    second: Ints
    tier: Ints  # planted, of the first segment
    utility: Ints  # number of the utility, else -1
    trader: Bools  # passes goods on inside its segment
    big: Bools  # a large buyer: its purchase books are in
    small: Bools  # sells to large buyers only; its own books are not in
    weight: Floats  # attraction as a buyer, power law
    place: Ints
    form: Ints  # number in FORMS
    code: pl.Series
    name: pl.Series
    cores: Ints  # firm numbers of the core enterprises

    @property
    def region(self) -> pl.Series:
        """GB/T 2260 codes."""
        return pl.Series([p.code for p in places()]).gather(self.place)


def plan_firms(world: World, count: int, seed: int) -> Firms:
    """Draw `count` enterprises."""
    rng = stream(seed, "firms")
    cores = [(world.number[core.segment], core) for chain in world.chains for core in chain.cores]
    hubs = _hubs(count)
    story = world.number[STORY_SEGMENTS[0]]
    rest = _segments_of_rest(world, count - 1 - len(cores) - len(hubs), rng)
    segment = np.concatenate([[story], [s for s, _ in cores], np.full(len(hubs), -1), rest]).astype(np.int64)
    utility = np.full(count, -1)
    utility[1 + len(cores) : 1 + len(cores) + len(hubs)] = hubs
    tier = np.where(segment >= 0, world.tier_of[segment], -9)
    core_numbers = np.arange(1, 1 + len(cores))
    weight = np.minimum(1 + rng.pareto(1.35, count), 400.0)
    weight[core_numbers] = 150 + 50 * rng.random(len(cores))
    weight[STORY] = 1.0
    big = _largest_of_each(segment, weight, BIG_SHARE)
    big[STORY] = True
    plain = (segment >= 0) & ~big
    upstream = plain & (tier >= 1)
    trader = upstream & (tier <= 5) & (rng.random(count) < TRADER_SHARE / 0.6)
    small = upstream & ~trader & (rng.random(count) < SMALL_SHARE)
    second = _second_segments(world, segment, (upstream | big) & (tier >= 1) & ~trader & ~small, rng)
    second[STORY] = world.number[STORY_SEGMENTS[1]]
    form = _forms(world, segment, big, rng)
    place = _places(count, rng)
    for number, (_, core) in zip(core_numbers, cores, strict=True):
        place[number] = _nearest_place(core.region)
    place[STORY] = _nearest_place("330482")
    kinds = np.array([int(KINDS[FORMS[f]]) for f in range(3)])[form]
    code = synthetic_codes(kinds, np.arange(count) + 1_000_003 * (seed % 97))
    name = _names(world, segment, utility, place, form, rng)
    name[STORY] = STORY_NAME
    for number, (_, core) in zip(core_numbers, cores, strict=True):
        code[number], name[number] = core.code, core.name
    return Firms(
        count=count, segment=segment, second=second, tier=tier, utility=utility, trader=trader, big=big,
        small=small, weight=weight, place=place, form=form, code=pl.Series(code), name=pl.Series(name),
        cores=core_numbers,
    )  # fmt: skip


def _hubs(count: int) -> Ints:
    """Utility numbers, one entry a firm: one of each kind at least, more as the economy grows."""
    return np.concatenate([np.full(max(1, count // u.one_in), i) for i, u in enumerate(utilities())])


def _segments_of_rest(world: World, count: int, rng: np.random.Generator) -> Ints:
    """A segment for each remaining firm: by tier share, uneven inside a tier, at least one each."""
    share = np.zeros(len(world.segments))
    for chain in range(len(world.chains)):
        size = rng.uniform(0.85, 1.15)
        tiers = {t: w for t, w in TIER_SHARE.items() if len(world.in_tier(chain, t))}
        for tier, weight in tiers.items():
            members = world.in_tier(chain, tier)
            part = rng.uniform(0.7, 1.3, len(members))
            share[members] = size * weight / sum(tiers.values()) * part / part.sum()
    exact = share / share.sum() * (count - len(share)) + 1
    sizes = np.floor(exact).astype(np.int64)
    missing = count - int(sizes.sum())
    sizes[np.argsort(sizes - exact, kind="stable")[:missing]] += 1
    return np.repeat(np.arange(len(share)), sizes)


def _largest_of_each(segment: Ints, weight: Floats, share: float) -> Bools:
    """The largest `share` of every segment, at least one firm of each."""
    order = np.lexsort((-weight, segment))
    ranked = segment[order]
    first = np.searchsorted(ranked, ranked)
    size = np.searchsorted(ranked, ranked, side="right") - first
    inside = np.arange(len(order)) - first < np.maximum(1, np.ceil(size * share))
    result = np.zeros(len(segment), dtype=np.bool_)
    result[order[inside]] = True
    return result & (segment >= 0)


def _second_segments(world: World, segment: Ints, allowed: Bools, rng: np.random.Generator) -> Ints:
    """A second chain for 5 % of all firms: a segment elsewhere, on the same tier or one beside it."""
    second = np.full(len(segment), -1)
    wanted = round(TWO_CHAIN_SHARE * len(segment))
    pool = np.flatnonzero(allowed)
    chosen = np.sort(rng.permutation(pool)[: min(wanted, len(pool))])
    for first in np.unique(segment[chosen]):
        near = np.abs(world.tier_of - world.tier_of[first]) <= 1
        choices = np.flatnonzero(near & (world.tier_of >= 1) & (world.chain_of != world.chain_of[first]))
        members = chosen[segment[chosen] == first]
        second[members] = rng.choice(choices, len(members))
    return second


def _forms(world: World, segment: Ints, big: Bools, rng: np.random.Generator) -> Ints:
    """Company, individual business or cooperative: shops and growers differ from plants."""
    farm = np.array([s.industry[0][:2] in ("01", "02", "03") for s in world.segments] + [False])
    alone = np.array([{-2: 0.5, -1: 0.15}.get(s.tier, 0.07) for s in world.segments] + [0.0])
    draw = rng.random(len(segment))
    form = np.where(draw < alone[segment], 1, 0)
    form = np.where(farm[segment] & (rng.random(len(segment)) < 0.35), 2, form)
    return np.where(big | (segment < 0), 0, form)


def _places(count: int, rng: np.random.Generator) -> Ints:
    weights = np.cumsum([p.weight for p in places()])
    return np.asarray(np.searchsorted(weights, rng.random(count) * weights[-1], side="right"))


def _nearest_place(region: str) -> int:
    """The place with that code, else one of the same city, else of the same province."""
    codes = [p.code for p in places()]
    for length in (6, 4, 2):
        for i, code in enumerate(codes):
            if code[:length] == region[:length]:
                return i
    return 0


def _names(
    world: World, segment: Ints, utility: Ints, place: Ints, form: Ints, rng: np.random.Generator
) -> list[str]:
    """Place + brand + trade + form, no two alike."""
    parts = names()
    first, second = list(parts["brand_first"]), list(parts["brand_second"])
    trades = [list(s.trades) for s in world.segments] + [list(u.trades) for u in utilities()]
    width = np.array([len(t) for t in trades])
    kind = np.where(segment >= 0, segment, len(world.segments) + utility)
    count = len(segment)
    trade = rng.integers(0, 1 << 30, count) % width[kind]
    ending_width = np.array([len(parts["forms"][f]) for f in FORMS])
    ending = rng.integers(0, 1 << 30, count) % ending_width[form]
    whole_place = rng.random(count) < 0.3
    brand = rng.integers(0, len(first) * len(second), count)
    for salt in range(64):
        key = np.stack([place, brand, kind, trade, form], axis=1)
        _, seen = np.unique(key, axis=0, return_index=True)
        repeated = np.ones(count, dtype=np.bool_)
        repeated[seen] = False
        if not repeated.any():
            break
        brand[repeated] = mixed(np.flatnonzero(repeated), 100 + salt) % (len(first) * len(second))
    where = [(p.short, p.name) for p in places()]
    endings = [list(parts["forms"][f]) for f in FORMS]
    return [
        f"{where[p][int(w)]}{first[b // len(second)]}{second[b % len(second)]}{trades[k][t]}{endings[f][e]}"
        for p, w, b, k, t, f, e in zip(
            place.tolist(), whole_place.tolist(), brand.tolist(), kind.tolist(), trade.tolist(),
            form.tolist(), ending.tolist(), strict=True,
        )
    ]  # fmt: skip
