"""Two names letter by letter: which letters agree, and what happened to the others (compiled)."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from extraction.who.encoded import Int32, Int64, Names
from extraction.who.letters import COUNTING, NUMERAL
from extraction.who.weights import Weights

Float32 = NDArray[np.float32]


class Rarity(NamedTuple):
    """How much agreement says, counted among the firms known.

    `start`: −ln(firms); `letter[c]`: of a letter in brands; `brand`, `trade`: of each row's own; `place2`,
    `place4`, `place6`: by two, four, six digits. `alike` (pairs, ascending), `sieve` and `kind` are of
    `extraction.who.letters`.
    """

    start: float
    letter: Float32
    brand: Float32
    trade: Float32
    place2: Float32
    place4: Float32
    place6: Float32
    alike: Int64
    sieve: NDArray[np.bool_]
    kind: NDArray[np.uint8]
    w: Weights


# What an alignment counts, by zone (0 brand, 1 trade, 2 place): 3 × these.
SAME, LETTERS, ALIKE, OTHER, GONE, ADDED, SWAPPED, COUNTED = range(8)


@njit(nogil=True, cache=True)
def _is(r: Rarity, letter: np.uint32, kind: int) -> bool:
    return bool(letter < 0x10000 and (r.kind[letter] & kind) != 0)


@njit(nogil=True, cache=True)
def _alike(r: Rarity, a: np.uint32, b: np.uint32, sound_a: int, sound_b: int) -> bool:
    """Whether two different letters are easily taken for one another."""
    same_sound = sound_a > 0 and sound_a == sound_b
    if not same_sound and not r.sieve[(np.int64(a) * 31 + np.int64(b)) & 0xFFFF]:
        return False
    if _is(r, a, COUNTING) and _is(r, b, COUNTING):
        return False
    if same_sound:
        return True
    pair = np.int64(a) << 32 | np.int64(b)
    k = np.searchsorted(r.alike, pair)
    return bool(k < len(r.alike) and r.alike[k] == pair)


@njit(nogil=True, cache=True)
def _fill(r: Rarity, x: Names, x0: int, x1: int, y: Names, y0: int, y1: int, cost: Int32) -> None:
    """What each beginning of the one costs against each of the other: swaps of neighbours and look-alikes
    one, a letter more or less two, another letter three."""
    for i in range(x1 - x0 + 1):
        cost[i, 0] = 2 * i
    for j in range(y1 - y0 + 1):
        cost[0, j] = 2 * j
    for i in range(1, x1 - x0 + 1):
        a = x.letters[x0 + i - 1]
        for j in range(1, y1 - y0 + 1):
            b = y.letters[y0 + j - 1]
            step = 0
            if a != b:
                step = 1 if _alike(r, a, b, x.sound[x0 + i - 1], y.sound[y0 + j - 1]) else 3
            best = min(cost[i - 1, j - 1] + step, cost[i - 1, j] + 2, cost[i, j - 1] + 2)
            if i > 1 and j > 1 and a != b and a == y.letters[y0 + j - 2] and b == x.letters[x0 + i - 2]:
                best = min(best, cost[i - 2, j - 2] + 1)
            cost[i, j] = best


@njit(nogil=True, cache=True)
def align(
    r: Rarity, x: Names, x0: int, x1: int, y: Names, y0: int, y1: int, brand: int, edge: int,
    cost: Int32, tally: Float32,
) -> None:  # fmt: skip
    """Align letters x0:x1 of x with y0:y1 of y and count in `tally` what happened, by zone of y: place
    before `brand`, trade from `edge` on."""
    _fill(r, x, x0, x1, y, y0, y1, cost)
    tally[:] = 0
    i, j = x1 - x0, y1 - y0
    while i > 0 or j > 0:
        zone = 16 if brand > 0 and j <= brand else 8 * int(j > edge)
        here = cost[i, j]
        if i > 0 and j > 0:
            a, b = x.letters[x0 + i - 1], y.letters[y0 + j - 1]
            turned = i > 1 and j > 1 and a == y.letters[y0 + j - 2] and b == x.letters[x0 + i - 2]
            if turned and a != b and here == cost[i - 2, j - 2] + 1:
                tally[zone + SWAPPED] += 1
                tally[zone + LETTERS] += r.letter[a] + r.letter[b]
                i, j = i - 2, j - 2
                continue
            what = _pair(r, a, b, x.sound[x0 + i - 1], y.sound[y0 + j - 1])
            if here == cost[i - 1, j - 1] + (0 if what == SAME else 1 if what == ALIKE else 3):
                tally[zone + what] += 1
                tally[zone + LETTERS] += r.letter[b] * (
                    1.0 if what == SAME else 0.6 if what == ALIKE else 0.0
                )
                i, j = i - 1, j - 1
                continue
        if j > 0 and here == cost[i, j - 1] + 2:
            counted = _is(r, y.letters[y0 + j - 1], NUMERAL)
            tally[zone + (COUNTED if counted else GONE)] += 1
            j -= 1
            continue
        # A letter more in x: of the zone its left neighbour in y belongs to.
        counted = _is(r, x.letters[x0 + i - 1], NUMERAL)
        tally[zone + (COUNTED if counted else ADDED)] += 1
        i -= 1


@njit(nogil=True, cache=True)
def _pair(r: Rarity, a: np.uint32, b: np.uint32, sound_a: int, sound_b: int) -> int:
    """What it means that one letter stands where the other should."""
    if a == b:
        return SAME
    if _alike(r, a, b, sound_a, sound_b):
        return ALIKE
    return COUNTED if _is(r, a, COUNTING) and _is(r, b, COUNTING) else OTHER
