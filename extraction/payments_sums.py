"""Which of several amounts add up to one: runs of neighbours, small choices, and how likely that is chance.

Any sum can be hit by accident when enough sums are tried. Let n be the sums tried, g how round the
amounts are that were hit (the largest power of ten that divides them all: prices in whole hundreds hit
each other far more often than odd ones) and s the largest sum: then n·g/s accidental hits are to be
expected, and a hit counts only where that is small.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, combinations
from math import comb

import numpy as np

#: Accidental hits tolerated in one search.
TOLERATED = 0.002
#: All choices are tried among so many amounts; of more, only two or three at a time.
ALL_OF, THREE_OF, TWO_OF = 14, 40, 300
#: A run of neighbours is looked for among so many.
LONGEST_RUN = 400

Choice = tuple[int, ...]


def runs(amounts: Sequence[int], least: int, most: int | None = None) -> list[Choice]:
    """Every run of two or more neighbours that comes to `least`, or to between `least` and `most`.

    Positions; amounts are positive.
    """
    sums = [0, *accumulate(amounts[:LONGEST_RUN])]
    found = []
    for begin, before in enumerate(sums):
        low = bisect_left(sums, before + least, begin + 2)
        high = bisect_right(sums, before + (least if most is None else most), low)
        found += [tuple(range(begin, end)) for end in range(low, high)]
    return found


def choices(amounts: Sequence[int], wanted: int, most: int = ALL_OF) -> list[Choice]:
    """Every choice of two or more (of `most` at most) that comes to `wanted` and is hardly chance."""
    n = len(amounts)
    if n < 2:
        return []
    if n <= ALL_OF:
        found, tried = _any(amounts, wanted), 2**n
    else:
        found, tried = (_two(amounts, wanted) if n <= TWO_OF else []), comb(n, 2)
        if not found and n <= THREE_OF:
            threes = combinations(range(n), 3)
            found = [c for c in threes if sum(amounts[i] for i in c) == wanted]
            tried = comb(n, 3)
    largest = sum(amounts)
    return [
        c for c in found if len(c) <= most and chance([amounts[i] for i in c], tried, largest) <= TOLERATED
    ]


def chance(hit: Sequence[int], tried: int, largest: int) -> float:
    """Accidental hits such as `hit` to be expected when so many sums of up to `largest` are tried."""
    return tried * min(map(roundness, hit)) / largest if largest > 0 else float("inf")


def roundness(amount: int) -> int:
    """The largest power of ten that divides an amount: 1,250.00 yuan → 1000 fen."""
    power = 1
    while amount and amount % (power * 10) == 0:
        power *= 10
    return power


def _any(amounts: Sequence[int], wanted: int) -> list[Choice]:
    sums = np.zeros(1, np.int64)
    for amount in amounts:
        sums = np.concatenate([sums, sums + amount])
    hits = np.flatnonzero(sums == wanted).tolist()
    found = [tuple(i for i in range(len(amounts)) if hit >> i & 1) for hit in hits]
    return [c for c in found if len(c) > 1]


def _two(amounts: Sequence[int], wanted: int) -> list[Choice]:
    seen, found = dict[int, list[int]](), list[Choice]()
    for i, amount in enumerate(amounts):
        found += [(j, i) for j in seen.get(wanted - amount, ())]
        seen.setdefault(amount, []).append(i)
    return found
