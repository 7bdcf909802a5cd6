"""The layered graph of the bench `nightly`: nine chains, tiers 0 to 5, suppliers spread over shuffled rows.

Every choice is a hash of (seed, firm, number of the choice), so the same arguments give the same bytes
whatever the number of threads. Arrays go to .npy files and are read mapped.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from graph.csr import Graph, Int32, Int64, by_target, fixed, over_rows

Int8 = NDArray[np.int8]
CHAINS, TIERS, EACH = 9, 6, 5
#: Shares of the tiers; 20 of 21 firms sell.
TIER_SHARES = (1 / 21, 0.09, 0.15, 0.21, 0.25, 0.3 - 1 / 21)
#: Of the links, one in ten each: same tier, two tiers up at once, another chain.
SAME, SKIP, CROSS = 0.1, 0.1, 0.1
#: Products of a segment, firms whose text is not known, and firms that name another segment's product.
GOODS, HIDDEN, WRONG = 60, 0.4, 0.05
_NAMES = ("src", "dst", "out_indptr", "in_indptr", "in_edges", "chain", "tier", "product")


@dataclass(frozen=True)
class Layered:
    """`chain`, `tier`: int8[n], what was planted; `product`: int32[n], what a firm's papers name, -1 none."""

    graph: Graph
    chain: Int8
    tier: Int8
    product: Int32


def generate(folder: Path, firms: int, seed: int = 1) -> None:
    """Write the graph of `firms` firms with EACH customers a supplier into `folder`."""
    chain, tier, product = np.empty(firms, np.int8), np.empty(firms, np.int8), np.empty(firms, np.int32)
    evenly = fixed(np.arange(firms + 1), np.int64)
    with over_rows(evenly) as run:
        run(_firms, seed, np.cumsum(TIER_SHARES), chain, tier, product)
    place = fixed(chain.astype(np.int32) * TIERS + tier, np.int32)
    pool_start, pool = by_target(place, CHAINS * TIERS)
    counts = np.zeros(firms + 1, np.int64)
    drawn = (seed, chain, tier, pool_start, pool)
    with over_rows(evenly) as run:
        run(_links, *drawn, evenly, counts, np.empty(0, np.int32), np.empty(0, np.int32))
        out_indptr = fixed(np.cumsum(counts), np.int64)
        del counts
        src, dst = (_new(folder, name, int(out_indptr[-1])) for name in ("src", "dst"))
        run(_links, *drawn, out_indptr, np.empty(0, np.int64), src, dst)
    for name, values in (("out_indptr", out_indptr), ("chain", chain), ("tier", tier), ("product", product)):
        np.save(folder / f"{name}.npy", values)
    in_indptr, in_edges = by_target(dst, firms)
    np.save(folder / "in_indptr.npy", in_indptr)
    np.save(folder / "in_edges.npy", in_edges)


def opened(folder: Path) -> Layered:
    """The graph in `folder`, mapped."""
    at = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _NAMES}
    ends = (fixed(at["src"], np.int32), fixed(at["dst"], np.int32))
    pointers = (fixed(at["out_indptr"], np.int64), fixed(at["in_indptr"], np.int64))
    graph = Graph(*ends, *pointers, fixed(at["in_edges"], np.int32))
    return Layered(
        graph, fixed(at["chain"], np.int8), fixed(at["tier"], np.int8), fixed(at["product"], np.int32)
    )


def keys(firms: int) -> NDArray[np.uint64]:
    """What stands for the hash of each firm's id: uint64[firms]."""
    found = np.empty(firms, np.uint64)
    _keys(found)
    return found


def _new(folder: Path, name: str, length: int) -> Any:
    return np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.int32, (length,))


@njit(nogil=True, cache=True)
def _hash(seed: int, firm: int, which: int) -> np.uint64:
    x = np.uint64(seed) * np.uint64(0xD1342543DE82EF95) + np.uint64(firm) * np.uint64(0x9E3779B97F4A7C15)
    x += np.uint64(which) * np.uint64(0xC2B2AE3D27D4EB4F)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(nogil=True, cache=True)
def _unit(seed: int, firm: int, which: int) -> float:
    """A number of [0, 1)."""
    return float(_hash(seed, firm, which) >> np.uint64(11)) * (1.0 / (1 << 53))


@njit(nogil=True, cache=True)
def _keys(found: NDArray[np.uint64]) -> None:
    for i in range(len(found)):
        found[i] = _hash(0, i, 99)


@njit(nogil=True, cache=True)
def _firms(
    _block: int,
    low: int,
    high: int,
    seed: int,
    bounds: NDArray[np.float64],
    chain: Int8,
    tier: Int8,
    product: Int32,
) -> None:
    for i in range(low, high):
        chain[i] = int(_unit(seed, i, 0) * CHAINS)
        where = _unit(seed, i, 1)
        tier[i] = 0
        while tier[i] < TIERS - 1 and where >= bounds[tier[i]]:
            tier[i] += 1
        segment = int(chain[i]) * TIERS + int(tier[i])
        if _unit(seed, i, 2) < WRONG:
            segment = int(_unit(seed, i, 3) * CHAINS * TIERS)
        product[i] = segment * GOODS + int(_unit(seed, i, 4) * GOODS)
        if _unit(seed, i, 5) < HIDDEN:
            product[i] = -1


@njit(nogil=True, cache=True)
def _links(
    _block: int,
    low: int,
    high: int,
    seed: int,
    chain: Int8,
    tier: Int8,
    pool_start: Int64,
    pool: Int32,
    indptr: Int64,
    counts: Int64,
    src: Int32,
    dst: Int32,
) -> None:
    """The customers of each firm, ascending and each once: counted where `counts` has room, else written."""
    chosen = np.empty(EACH, np.int32)
    for i in range(low, high):
        found = 0
        if tier[i] > 0:
            for k in range(EACH):
                firm = _customer(seed, i, k, chain[i], tier[i], pool_start, pool)
                at = found
                while at > 0 and chosen[at - 1] > firm:
                    at -= 1
                if firm < 0 or firm == i or (at > 0 and chosen[at - 1] == firm):
                    continue
                for q in range(found, at, -1):
                    chosen[q] = chosen[q - 1]
                chosen[at] = firm
                found += 1
        if len(counts) > 0:
            counts[i + 1] = found
        else:
            for k in range(found):
                src[indptr[i] + k], dst[indptr[i] + k] = i, chosen[k]


@njit(nogil=True, cache=True)
def _customer(seed: int, firm: int, k: int, chain: int, tier: int, pool_start: Int64, pool: Int32) -> int:
    kind = _unit(seed, firm, 10 + 4 * k)
    to = tier - 1
    if kind < SAME:
        to = tier
    elif kind < SAME + SKIP and tier > 1:
        to = tier - 2
    line = chain
    if _unit(seed, firm, 11 + 4 * k) < CROSS:
        line = (chain + 1 + int(_unit(seed, firm, 12 + 4 * k) * (CHAINS - 1))) % CHAINS
    first, last = pool_start[line * TIERS + to], pool_start[line * TIERS + to + 1]
    return pool[first + int(_unit(seed, firm, 13 + 4 * k) * (last - first))] if last > first else -1
