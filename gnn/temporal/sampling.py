"""What a true transaction is ranked against: transactions that did not happen in the same step."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Int64 = NDArray[np.int64]
Floats = NDArray[np.float64]

HISTORICAL, EACH = 9, 3  # negatives from known triplets, and random ones per place of the triplet


@dataclass(frozen=True)
class Steps:
    """Transactions as arrays (rows,), sorted by step; firms count from 0, products from 0."""

    ts: Int64
    source: Int64
    target: Int64
    product: Int64
    weight: Floats
    firms: int
    products: int

    @classmethod
    def of(cls, transactions: pl.DataFrame, threshold: int, entities: int) -> "Steps":
        """From ts, source, target, product, weight, where ids below `threshold` are firms."""
        rows = transactions.sort("ts", maintain_order=True)
        whole = (rows[name].to_numpy().astype(np.int64) for name in ("ts", "source", "target", "product"))
        ts, source, target, product = whole
        weight = rows["weight"].to_numpy().astype(np.float64)
        return cls(ts, source, target, product - threshold, weight, threshold, entities - threshold)

    def until(self, last: int) -> "Steps":
        """The rows of steps up to and with `last`."""
        end = int(np.searchsorted(self.ts, last, side="right"))
        parts = (self.ts[:end], self.source[:end], self.target[:end], self.product[:end], self.weight[:end])
        return Steps(*parts, self.firms, self.products)

    def at(self, step: int) -> slice:
        """The rows of one step."""
        first, end = np.searchsorted(self.ts, [step, step + 1])
        return slice(int(first), int(end))

    def key(self, source: Int64, target: Int64, product: Int64) -> Int64:
        """One number for a triplet."""
        return np.asarray((source * self.firms + target) * self.products + product)

    def apart(self, key: Int64) -> tuple[Int64, Int64, Int64]:
        """Supplier, buyer and product of the numbers of triplets."""
        pair, product = np.divmod(key, self.products)
        source, target = np.divmod(pair, self.firms)
        return source, target, product


@dataclass(frozen=True)
class Ranked:
    """Triplets to rank: `step` (n,), `keys` (n, 1 + negatives), the true one first."""

    step: Int64
    keys: Int64


def drawn(steps: Steps, known_until: int, first: int, last: int, seed: int) -> Ranked:
    """Every transaction of the steps first … last with 18 negatives, none of them true in its step.

    Nine are known triplets (steps up to `known_until`) drawn without replacement in proportion to
    how often they occurred, and three each have another random supplier, buyer or product
    (Chang et al., AAAI 2025, the rule of their repository). Same seed, same draw.
    """
    random = np.random.default_rng(seed)
    known = steps.until(known_until)
    keys, count = np.unique(known.key(known.source, known.target, known.product), return_counts=True)
    at: list[Int64] = []
    sets: list[Int64] = []
    for step in range(first, last + 1):
        rows = steps.at(step)
        true = steps.key(steps.source[rows], steps.target[rows], steps.product[rows])
        if true.size:
            at.append(np.full(len(true), step))
            sets.append(np.column_stack([true, _negatives(steps, true, keys, count, random)]))
    if not sets:
        return Ranked(np.zeros(0, np.int64), np.zeros((0, 1 + HISTORICAL + 3 * EACH), np.int64))
    return Ranked(np.concatenate(at), np.concatenate(sets))


def _negatives(steps: Steps, true: Int64, keys: Int64, count: Int64, random: np.random.Generator) -> Int64:
    """(true rows, 18) keys that are not in `true`."""
    free = ~np.isin(keys, true)
    pool, odds = keys[free], np.log(count[free])
    # the largest of log-odds plus Gumbel noise: draws without replacement in proportion to the odds
    noisy = odds + random.gumbel(size=(len(true), len(pool)))
    few = min(HISTORICAL, len(pool) - 1)
    old = np.sort(pool[np.argpartition(-noisy, few - 1, axis=1)[:, :few]], axis=1)
    source, target, product = steps.apart(true)
    taken = old
    for place, size in enumerate((steps.firms, steps.firms, steps.products)):
        every = np.argsort(random.random((len(true), size)), axis=1)
        whole = [source[:, None], target[:, None], product[:, None]]
        whole[place] = every
        other = steps.key(whole[0], whole[1], whole[2])
        bad = np.isin(other, true) | (other[:, :, None] == old[:, None, :]).any(axis=2)
        first = np.argsort(bad, axis=1, kind="stable")[:, :EACH]
        taken = np.concatenate([taken, np.take_along_axis(other, first, axis=1)], axis=1)
    return taken


def reciprocal_ranks(scores: Floats) -> Floats:
    """1 / rank of column 0 in each row of `scores` (n, candidates); ties share the middle rank."""
    true, others = scores[:, :1], scores[:, 1:]
    better, equal = (others > true).sum(axis=1), (others >= true).sum(axis=1)
    return np.asarray(1.0 / (0.5 * (better + equal) + 1.0))
