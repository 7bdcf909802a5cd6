"""The search: for each name the firms that may be it, by rare tokens, then by score (compiled, threaded)."""

from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from extraction.who import encoded as n
from extraction.who import weights as w
from extraction.who.align import Float32, Rarity
from extraction.who.encoded import LONGEST, Int32, Int64, Names, UInt64
from extraction.who.pairs import compare
from extraction.who.tokens import Index, find, tokens_of

#: Rows looked at for one name before no further list of a token is opened, lists opened at least, and
#: rows whose names are compared letter by letter.
VISITED, LISTS, COMPARED = 2000, 4, 24
#: What a row found by a code, an account or a telephone is ahead of others in the search.
_AHEAD = 100.0
_BLOCK = 2000


class Found(NamedTuple):
    """Per name the best rows, best first: `row` int32[n, k] (−1: none), `score` float32[n, k]. `looked`:
    how many rows shared a rare token."""

    row: Int32
    score: Float32
    looked: Int32


@njit(nogil=True, cache=True)
def _meet(index: Index, number: int, step: float, weight: Float32, touched: Int32, count: int) -> int:
    """Add `step` to every row of one token; new rows go to `touched`. How many it holds then."""
    for p in range(index.at[number], index.at[number + 1]):
        row = index.rows[p]
        if weight[row] == 0:
            touched[count] = row
            count += 1
        weight[row] += np.float32(step)
    return count


@njit(nogil=True, cache=True)
def _rarest(index: Index, q: Names, i: int, tokens: UInt64, numbers: Int64) -> int:
    """The tokens of name i that the index has, rarest first, written to `numbers`; how many."""
    lists = 0
    for k in range(tokens_of(q, i, tokens)):
        number = find(index, tokens[k])
        if number < 0:
            continue
        length, place = index.at[number + 1] - index.at[number], lists
        while place > 0 and index.at[numbers[place - 1] + 1] - index.at[numbers[place - 1]] > length:
            numbers[place] = numbers[place - 1]
            place -= 1
        numbers[place] = number
        lists += 1
    return lists


@njit(nogil=True, cache=True)
def _heaviest(touched: Int32, count: int, weight: Float32, firm: Int32, own: int, chosen: Int32) -> int:
    """The rows with the greatest weight that are not `own`'s, written to `chosen`; how many."""
    taken, least = 0, 0
    for k in range(count):
        row = touched[k]
        if firm[row] == own:
            continue
        if taken < len(chosen):
            chosen[taken] = row
            taken += 1
        elif weight[row] > weight[chosen[least]]:
            chosen[least] = row
        else:
            continue
        if taken == len(chosen):
            least = 0
            for m in range(1, taken):
                if weight[chosen[m]] < weight[chosen[least]]:
                    least = m
    return taken


@njit(nogil=True, cache=True)
def _search(
    low: int, high: int, r: Rarity, index: Index, q: Names, e: Names, firm: Int32, own: Int32,
    extra_at: Int64, extra: UInt64, found_row: Int32, found_score: Float32, looked: Int32,
) -> None:  # fmt: skip
    rows, most = len(e.start) - 1, found_row.shape[1]
    weight, touched = np.zeros(rows, np.float32), np.empty(rows, np.int32)
    tokens, numbers, chosen = np.empty(128, np.uint64), np.empty(128, np.int64), np.empty(COMPARED, np.int32)
    cost = np.zeros((LONGEST + 1, LONGEST + 1), np.int32)
    tally, gave = np.zeros(24, np.float32), np.zeros(w.WIDTH, np.float32)
    for i in range(low, high):
        count, visited = 0, 0
        for k in range(extra_at[i], extra_at[i + 1]):
            number = find(index, extra[k])
            if number >= 0:
                count = _meet(index, number, np.float64(_AHEAD), weight, touched, count)
        lists = 0 if q.numbers[i, n.GONE] else _rarest(index, q, i, tokens, numbers)
        for k in range(lists):
            length = index.at[numbers[k] + 1] - index.at[numbers[k]]
            if k >= LISTS and visited + length > VISITED:
                break
            visited += length
            count = _meet(index, numbers[k], np.log(1.0 + rows / length), weight, touched, count)
        looked[i] = count
        for k in range(_heaviest(touched, count, weight, firm, own[i], chosen)):
            row, score = int(chosen[k]), r.start
            if not q.numbers[i, n.GONE] and not e.numbers[row, n.GONE]:
                score = compare(r, q, i, e, row, cost, tally, gave)
            ahead = _AHEAD if weight[row] >= _AHEAD else 0.0
            _keep(found_row[i], found_score[i], most, firm, row, score + ahead)
        for k in range(count):
            weight[touched[k]] = 0


@njit(nogil=True, cache=True)
def _keep(best: Int32, score_of: Float32, most: int, firm: Int32, row: int, score: float) -> None:
    """Put a row among the best, one row a firm; equal scores in the order of rows."""
    for k in range(most):
        if best[k] >= 0 and firm[best[k]] == firm[row]:
            if score < score_of[k] or (score == score_of[k] and row > best[k]):
                return
            for m in range(k, most - 1):  # take the firm's earlier row out
                best[m], score_of[m] = best[m + 1], score_of[m + 1]
            best[most - 1], score_of[most - 1] = -1, -np.inf
            break
    for k in range(most):
        if best[k] < 0 or score > score_of[k] or (score == score_of[k] and row < best[k]):
            for m in range(most - 1, k, -1):
                best[m], score_of[m] = best[m - 1], score_of[m - 1]
            best[k], score_of[k] = row, score
            return


def search(
    r: Rarity,
    index: Index,
    q: Names,
    e: Names,
    firm: Int32,
    *,
    most: int,
    own: Int32 | None = None,
    extra: tuple[Int64, UInt64] | None = None,
) -> Found:
    """The best `most` firms for each name of `q` among the rows `e` (`firm`: row → firm).

    `own`: the firm of each name itself, not to be found; `extra`: further tokens of each name (where
    they begin, tokens). The answer does not depend on the number of threads.
    """
    n = len(q.start) - 1
    mine = own if own is not None else np.full(n, -1, np.int32)
    at, tokens = extra if extra is not None else (np.zeros(n + 1, np.int64), np.empty(0, np.uint64))
    row, score = np.full((n, most), -1, np.int32), np.full((n, most), -np.inf, np.float32)
    looked = np.zeros(n, np.int32)
    with ThreadPoolExecutor(min(cpu_count() or 1, 1 + n // _BLOCK)) as pool:
        jobs = [
            pool.submit(
                _search, low, min(n, low + _BLOCK), r, index, q, e, firm, mine, at, tokens, row, score, looked
            )
            for low in range(0, n, _BLOCK)
        ]
        for job in jobs:
            job.result()
    return Found(row, score, looked)


@njit(nogil=True, cache=True)
def features(r: Rarity, q: Names, e: Names, pairs: Int32, gave: NDArray[np.float32]) -> None:
    """What each feature gives, for pairs (name, row): `gave` float32[len(pairs), WIDTH]."""
    cost = np.zeros((LONGEST + 1, LONGEST + 1), np.int32)
    tally = np.zeros(24, np.float32)
    for k in range(len(pairs)):
        if not q.numbers[pairs[k, 0], n.GONE] and not e.numbers[pairs[k, 1], n.GONE]:
            compare(r, q, int(pairs[k, 0]), e, int(pairs[k, 1]), cost, tally, gave[k])
        else:
            gave[k, w.START] = r.start
