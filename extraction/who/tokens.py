"""What names are found by: pairs of letters (a gap or a swap does no harm), place with a letter of the
brand, whole keys. A token is a 64-bit number; the rarest ones of a name are looked up."""

from typing import NamedTuple

import numpy as np
from numba import njit

from extraction.who import encoded as n
from extraction.who.encoded import Int32, Int64, Names, UInt64

#: Tokens that more rows share find nobody and are left out of the index.
COMMON = 3000
_MOST = 96  # tokens of one name
_BUCKETS = 20  # bits


class Index(NamedTuple):
    """Token → rows. `keys` ascend; token k's rows are `rows[at[k] : at[k + 1]]`. `bucket` says where
    the keys with the same first bits begin."""

    keys: UInt64
    at: Int64
    rows: Int32
    bucket: Int32


@njit(nogil=True, cache=True)
def mixed(a: np.uint64, b: np.uint64) -> np.uint64:
    """Two numbers as one, every bit of both in every bit of it (splitmix64)."""
    x = a * np.uint64(0x9E3779B97F4A7C15) + b
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(nogil=True, cache=True)
def tokens_of(names: Names, i: int, out: UInt64) -> int:
    """The tokens of name i, written to `out`; how many. Repeated ones stand once."""
    low, high = names.start[i], names.start[i + 1]
    count = 0
    for a in range(low, high):
        for gap in (1, 2):
            if a + gap < high and count < _MOST - 24:
                x, y = np.uint64(names.letters[a]), np.uint64(names.letters[a + gap])
                out[count] = mixed(min(x, y), max(x, y))
                count += 1
    core = low + names.numbers[i, n.CORE]
    for place in (names.numbers[i, n.PLACE], names.numbers[i, n.PLACE2]):
        if place > 0:
            city = np.uint64(place // 100 + 1_000_000)
            for a in range(core, min(high, core + min(names.numbers[i, n.BRAND], 8))):
                out[count] = mixed(city, np.uint64(names.letters[a]))
                count += 1
    if names.words[i, n.TRADE_WORD] != 0:
        for a in range(core, min(high, core + min(names.numbers[i, n.BRAND], 2))):
            out[count] = mixed(names.words[i, n.TRADE_WORD], np.uint64(names.letters[a]))
            count += 1
    for key in (names.words[i, n.WHOLE_WORD], names.words[i, n.CORE_WORD], names.words[i, n.BRAND_WORD]):
        if key != 0:
            out[count] = mixed(np.uint64(7), key)
            count += 1
    return _distinct(out, count)


@njit(nogil=True, cache=True)
def _distinct(out: UInt64, count: int) -> int:
    """Sort the few numbers in `out` and let each stand once; how many are left."""
    kept = 0
    for k in range(count):
        value, place = out[k], kept
        while place > 0 and out[place - 1] > value:
            place -= 1
        if place > 0 and out[place - 1] == value:
            continue
        for m in range(kept, place, -1):
            out[m] = out[m - 1]
        out[place] = value
        kept += 1
    return kept


@njit(nogil=True, cache=True)
def _all_tokens(names: Names, tokens: UInt64, rows: Int32) -> int:
    buffer, count = np.empty(_MOST, np.uint64), 0
    for i in range(len(names.start) - 1):
        if names.numbers[i, n.GONE]:
            continue
        for k in range(tokens_of(names, i, buffer)):
            if count < len(tokens):
                tokens[count], rows[count] = buffer[k], i
            count += 1
    return count


@njit(nogil=True, cache=True)
def find(index: Index, token: np.uint64) -> int:
    """The number of `token` among the keys, -1 if it is not there."""
    first = token >> np.uint64(64 - _BUCKETS)
    low, high = index.bucket[first], index.bucket[first + 1]
    while low < high:
        middle = (low + high) // 2
        if index.keys[middle] < token:
            low = middle + 1
        else:
            high = middle
    return low if low < len(index.keys) and index.keys[low] == token else -1


def built(names: Names, extra: list[tuple[Int32, UInt64]]) -> Index:
    """The index of `names`; `extra` are further (row, token) columns: codes, accounts, telephones."""
    size = _all_tokens(names, np.empty(0, np.uint64), np.empty(0, np.int32))
    tokens, rows = np.empty(size, np.uint64), np.empty(size, np.int32)
    _all_tokens(names, tokens, rows)
    if extra:
        tokens = np.concatenate([tokens, *(token for _, token in extra)])
        rows = np.concatenate([rows, *(row for row, _ in extra)]).astype(np.int32)
    order = np.argsort(tokens, kind="stable")
    tokens, rows = tokens[order], rows[order]
    del order
    first = (
        np.flatnonzero(np.concatenate([[True], tokens[1:] != tokens[:-1]]))
        if len(tokens)
        else np.empty(0, np.int64)
    )
    length = np.diff(np.append(first, len(tokens)))
    kept = length <= COMMON
    rows = rows[np.repeat(kept, length)]
    keys, at = tokens[first[kept]], np.zeros(int(kept.sum()) + 1, np.int64)
    np.cumsum(length[kept], out=at[1:])
    edges = np.arange(1 << _BUCKETS, dtype=np.uint64) << np.uint64(64 - _BUCKETS)
    bucket = np.append(np.searchsorted(keys, edges), len(keys)).astype(np.int32)
    return Index(keys, at, rows, bucket)
