"""Every item an invented firm may sell, as one table, and the segments they belong to."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seeds.chains import Chain, Segment
from seeds.knowledge import generic_items, tax_category, utilities
from seeds.streams import mixed

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
EXEMPT = -1  # rate of farm produce sold by who grew it


@dataclass(frozen=True)
class Goods:
    """Items as columns. Rows of segment i are `start[i]` to `start[i] + size[i]`; then come utilities."""

    item: tuple[str, ...]  # the bare word
    printed: tuple[str, ...]  # *short name of the category*word
    unit: tuple[str, ...]
    category: tuple[str, ...]  # 19 digits
    rate: Ints  # percent, or EXEMPT
    price: Floats  # yuan for one unit, without tax
    start: Ints
    size: Ints
    generic: Ints  # rows of the items that say nothing


@dataclass(frozen=True)
class World:
    """Chains flattened: segments numbered over all of them, with what they feed."""

    chains: tuple[Chain, ...]
    segments: tuple[Segment, ...]
    number: dict[str, int]  # id of a segment → its number
    chain_of: Ints
    tier_of: Ints
    feeds: tuple[Ints, ...]
    goods: Goods

    def in_tier(self, chain: int, tier: int) -> Ints:
        """Segments of one chain on one tier."""
        return np.flatnonzero((self.chain_of == chain) & (self.tier_of == tier))


def world_of(chains: tuple[Chain, ...]) -> World:
    """The chains with everything numbered."""
    segments = tuple(segment for chain in chains for segment in chain.segments)
    number = {segment.id: i for i, segment in enumerate(segments)}
    order = {chain.id: i for i, chain in enumerate(chains)}
    return World(
        chains=chains,
        segments=segments,
        number=number,
        chain_of=np.array([order[s.chain] for s in segments]),
        tier_of=np.array([s.tier for s in segments]),
        feeds=tuple(np.array([number[f] for f in s.feeds], dtype=np.int64) for s in segments),
        goods=_goods(segments),
    )


def _goods(segments: tuple[Segment, ...]) -> Goods:
    rows: list[tuple[str, str, str, float, bool]] = []
    start: list[int] = []
    groups: list[tuple[tuple[str, ...], tuple[str, ...], str, float, bool]] = [
        (
            s.items,
            s.tax_categories,
            s.unit,
            s.price,
            s.industry[:1] != () and s.industry[0][:2] in ("01", "03"),
        )
        for s in segments
    ]
    groups += [(u.items, u.tax_categories, u.unit, u.price, False) for u in utilities()]
    for items, prefixes, unit, price, farm in groups:
        start.append(len(rows))
        for i, item in enumerate(items):
            code = (prefixes[i % len(prefixes)] + f"{i + 1:02d}").ljust(19, "0")[:19]
            rows.append((item, code, unit, price * _spread(len(rows)), farm))
    first_generic = len(rows)
    rows += [(g.item, g.tax_category.ljust(19, "0"), g.unit, g.price, False) for g in generic_items()]
    taxes = [tax_category(code) for _, code, *_ in rows]
    return Goods(
        item=tuple(row[0] for row in rows),
        printed=tuple(f"*{tax.short}*{row[0]}" for tax, row in zip(taxes, rows, strict=True)),
        unit=tuple(row[2] for row in rows),
        category=tuple(row[1] for row in rows),
        rate=np.array([EXEMPT if row[4] else tax.rate for tax, row in zip(taxes, rows, strict=True)]),
        price=np.array([row[3] for row in rows]),
        start=np.array(start),
        size=np.array([len(group[0]) for group in groups]),
        generic=np.arange(first_generic, len(rows)),
    )


def _spread(row: int) -> float:
    """Items of one segment cost from 0.7 to 1.6 times its price, always the same for the same row."""
    return 0.7 + 0.9 * float(mixed(np.array([row]), 5)[0] % 1000) / 1000
