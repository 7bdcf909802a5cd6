"""When things happen: how much of two years' business falls on each day, by kind of season.

A day's weight is its month's (by chain) times growth, less on weekends, little around the lunar new
year, more at the end of a month. Dates are drawn from the cumulated weights.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from seeds.firms import STORY, Firms
from seeds.goods import Floats, Ints, World
from seeds.knowledge import lunar_new_year
from seeds.links import HUB, Links
from seeds.streams import mixed

FIRST, LAST = date(2024, 1, 1), date(2025, 12, 31)
DAYS = (LAST - FIRST).days + 1
GROWTH = (-0.12, 0.04, 0.25)  # logarithm of the second year's business over the first's
_STORY_SALES = (0.45, 0.35, 0.6, 0.7, 0.7, 0.7, 0.8, 1.1, 3.6, 1.3, 0.9, 0.8)
_STORY_PURCHASES = (0.5, 0.4, 0.7, 3.2, 0.9, 0.5, 0.8, 3.0, 0.8, 0.5, 0.4, 0.3)
_NEW_CUSTOMER_FROM = date(2025, 11, 1)


@dataclass(frozen=True)
class Seasons:
    """Cumulated share of business by day, one row a profile: chains × growth, then the special ones."""

    table: Floats  # profiles × DAYS, the last column is 1
    monthly: int
    story_sales: int
    story_purchases: int
    story_new: int

    def days(self, profile: Ints, share: Floats) -> Ints:
        """The day (0 = FIRST) on which `share` of a profile's business is done."""
        result = np.empty(len(profile), dtype=np.int64)
        for number in np.unique(profile):
            mine = profile == number
            result[mine] = np.searchsorted(self.table[number], share[mine], side="right")
        return np.minimum(result, DAYS - 1)


def seasons_of(world: World) -> Seasons:
    """The profiles of all chains and the special ones."""
    rows = [_weights(chain.season, growth) for chain in world.chains for growth in GROWTH]
    first = len(rows)
    calendar = _calendar()
    evenly = np.array([1 / _month_length(day) for day in calendar])
    new = np.array([float(day >= _NEW_CUSTOMER_FROM) for day in calendar])
    rows += [evenly, _weights(_STORY_SALES, 0.05), _weights(_STORY_PURCHASES, 0.05), new]
    cumulated = np.cumsum(np.stack(rows), axis=1)
    return Seasons(cumulated / cumulated[:, -1:], first, first + 1, first + 2, first + 3)


def growth_of(firms: Firms) -> Ints:
    """The number in GROWTH of every firm: how its business moves."""
    return np.asarray(mixed(np.arange(firms.count), 11) % len(GROWTH))


def profiles_of(seasons: Seasons, world: World, firms: Firms, links: Links) -> Ints:
    """The season of every link: its seller's chain and growth; utilities bill month by month."""
    growth = growth_of(firms)
    chain = world.chain_of[np.maximum(firms.segment, 0)]
    profile = chain[links.src] * len(GROWTH) + growth[links.src]
    profile = np.where(links.kind == HUB, seasons.monthly, profile)
    business = links.kind != HUB
    profile = np.where((links.src == STORY) & business, seasons.story_sales, profile)
    profile = np.where((links.dst == STORY) & business, seasons.story_purchases, profile)
    new = (links.src == links.story_order[0]) & (links.dst == links.story_order[1])
    return np.where(new, seasons.story_new, profile)


def _calendar() -> list[date]:
    return [FIRST + timedelta(days=i) for i in range(DAYS)]


def _month_length(day: date) -> int:
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return (following - day.replace(day=1)).days


def _weights(season: tuple[float, ...], growth: float) -> Floats:
    """Weight of every day for one season and growth."""
    weight = np.empty(DAYS)
    for i, day in enumerate(_calendar()):
        length = _month_length(day)
        value = season[day.month - 1] / length * np.exp(growth * (i / 365.0 - 1))
        value *= (1.0, 1.0, 1.0, 1.0, 1.0, 0.25, 0.08)[day.weekday()]
        value *= 1.8 if length - day.day < 6 else 1.0
        weight[i] = value * _new_year_dip(day)
    return weight


def _new_year_dip(day: date) -> float:
    """Little is done from a week before the lunar new year to eleven days after it."""
    away = (day - lunar_new_year()[day.year]).days
    return 0.04 if -3 <= away <= 7 else 0.35 if -8 <= away <= 12 else 1.0
