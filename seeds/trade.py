"""What flows along the links: yearly sales of every firm and the amount of every link, in yuan.

Tier by tier from the raw material down: a firm sells at least what it buys plus a margin, or what
its own size gives, whichever is more. Its sales are spread over its customers by chance and by
their size. A link that leaves the chain's order (same tier, skipping one, another chain) carries
usually a good deal less than a main link of the same seller, as side business does.
"""

from dataclasses import dataclass

import numpy as np

from seeds.firms import STORY, Firms
from seeds.goods import Floats, Ints
from seeds.knowledge import utilities
from seeds.links import CROSS, HUB, MAIN, SAME, SKIP, Links
from seeds.streams import stream

YEARS = 2
#: Mean weight of a link by kind, main = 1.
KIND_WEIGHT = {MAIN: 1.0, SAME: 0.3, SKIP: 0.3, CROSS: 0.3, HUB: 1.0}
SPREAD = 0.6  # standard deviation of the logarithm of a link's weight
STORY_SALES, STORY_PURCHASES, STORY_NEW_CUSTOMER = 10_000_000.0, 5_900_000.0, 420_000.0
#: What the story firm pays each utility in a year, yuan.
STORY_OUTLAYS = {
    "power": 186_000, "water": 9_600, "gas": 24_000, "telecom": 11_000, "toll": 28_000, "bank": 4_800,
    "courier": 42_000, "software": 7_200, "rent": 150_000,
}  # fmt: skip
SIZES = ("micro", "small", "medium", "large")
SIZE_FROM = (0.0, 3e6, 2e7, 4e8)  # yearly sales in yuan; the official table also asks for staff


@dataclass(frozen=True)
class Trade:
    """`amount` of each link over both years without tax; yearly `sales` and `retail` of each firm; yuan."""

    amount: Floats
    sales: Floats
    retail: Floats
    size: Ints  # number in SIZES
    small_scale: np.typing.NDArray[np.bool_]


def plan_trade(firms: Firms, links: Links, seed: int) -> Trade:
    """Sales and link amounts for the whole economy."""
    rng = stream(seed, "trade")
    share = _shares(firms, links, rng)
    base = np.exp(rng.normal(14.3, 0.95, firms.count)) * np.where(firms.small | (firms.form == 1), 0.4, 1.0)
    base *= firms.weight**0.5
    margin = rng.uniform(1.12, 1.5, firms.count)
    margin = np.where(firms.trader | (firms.tier < 0), rng.uniform(1.04, 1.14, firms.count), margin)
    sales, amount = np.zeros(firms.count), np.zeros(len(links.src))
    structural = links.kind != HUB
    for tier in range(6, -3, -1):
        for trader in (False, True):
            now = (firms.tier == tier) & (firms.trader == trader)
            bought = np.bincount(links.dst, weights=amount, minlength=firms.count) / YEARS
            passes_on = firms.trader | (firms.tier < 0)
            own = np.where(passes_on, 20_000.0, base)
            sales = np.where(now, np.maximum(own, bought * margin), sales)
            mine = structural & now[links.src]
            amount = np.where(mine, share * sales[links.src] * YEARS, amount)
    sales[STORY] = STORY_SALES
    _story(links, share, amount)
    retail = np.where(firms.tier == -2, sales, 0.0)
    _utilities(firms, links, sales, amount, rng)
    sales = np.where(
        firms.utility >= 0, np.bincount(links.src, weights=amount, minlength=firms.count) / YEARS, sales
    )
    size = np.searchsorted(np.array(SIZE_FROM), sales, side="right") - 1
    small_scale = (sales < 5e6) & (rng.random(firms.count) < 0.7) & (firms.utility < 0)
    small_scale[STORY] = False
    return Trade(amount, sales, retail, size, small_scale)


def _shares(firms: Firms, links: Links, rng: np.random.Generator) -> Floats:
    """Part of its seller's sales that each link carries; sums to 1 for every seller."""
    weight = np.exp(rng.normal(0, SPREAD, len(links.src))) * firms.weight[links.dst] ** 0.2
    weight *= np.array([KIND_WEIGHT[k] for k in range(len(KIND_WEIGHT))])[links.kind]
    to_trader = (links.kind == SAME) & firms.trader[links.dst]
    weight = np.where(to_trader, weight * 2, weight)
    total = np.bincount(links.src, weights=weight, minlength=firms.count)
    return np.asarray(weight / total[links.src])


def _story(links: Links, share: Floats, amount: Floats) -> None:
    """The story firm's own figures: 10 M yuan a year, a new customer with a first delivery."""
    out = np.flatnonzero(links.src == STORY)
    new = links.dst[out] == links.story_order[1]
    old = out[~new]
    growing = STORY_SALES * YEARS - STORY_NEW_CUSTOMER
    amount[old] = share[old] / share[old].sum() * growing
    amount[out[new]] = STORY_NEW_CUSTOMER
    bought = np.flatnonzero((links.dst == STORY) & (links.kind != HUB))
    weight = np.sqrt(np.maximum(share[bought], 1e-9))
    amount[bought] = weight / weight.sum() * STORY_PURCHASES * YEARS


def _utilities(firms: Firms, links: Links, sales: Floats, amount: Floats, rng: np.random.Generator) -> None:
    """Half a percent to three percent of sales go to utilities."""
    hub = np.flatnonzero(links.kind == HUB)
    bills = np.bincount(links.dst[hub], minlength=firms.count)
    part = rng.uniform(0.005, 0.03, len(hub)) / np.maximum(bills[links.dst[hub]], 1)
    spent = np.clip(sales[links.dst[hub]] * part, 600, 40_000_000)
    outlays = np.array([STORY_OUTLAYS[u.id] for u in utilities()])[firms.utility[links.src[hub]]]
    amount[hub] = np.where(links.dst[hub] == STORY, outlays, spent) * YEARS
