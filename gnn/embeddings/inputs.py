"""What a firm brings into its embedding: its own goods and attributes, and a random sign of who it is.

Everything is a sum of hashed tokens. A token's vector is sparse ±1 (Achlioptas 2003; FastRP, Chen et al.
2019), a hash of the token and the seed alone: nothing is counted over the population, so a firm keeps its
numbers over nights, whatever the others do and whatever row it stands in.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from gnn.embeddings.propagation import Bits, Float32, rounded, to_bf16, widened
from gnn.view import View
from graph.csr import Int32, Int64, fixed, over_rows, starts

Hashes = NDArray[np.uint64]
#: Lengths of the prefixes of a 19-digit tax category that count as tokens: chapter to article.
PREFIXES = (3, 5, 7, 9, 11, 19)


@dataclass(frozen=True)
class Spec:
    """How an embedding is made; the same spec and view give the same bytes.

    `hops`: words over c (customers) and s (suppliers), read from the firm outwards: `cs` is the mean over
    its customers of the mean over their suppliers; a word's tail must stand before it. `share`: what a
    firm's own inputs and each hop weigh in the embedding. `text`, `category`: lengths of the two parts of
    a product; `sold`, `bought`, `attributes`, `identity`: lengths of the blocks of a firm.
    """

    width: int = 64
    hops: tuple[str, ...] = ("c", "s", "cs", "sc")
    share: tuple[float, ...] = (1.0, 0.6, 0.6, 1.0, 0.7)
    by_amount: bool = True
    text: float = 1.0
    category: float = 0.7
    sold: float = 1.0
    bought: float = 0.6
    attributes: float = 0.25
    identity: float = 0.25
    seed: int = 1

    def __post_init__(self) -> None:
        if len(self.share) != len(self.hops) + 1:
            raise ValueError("one share for a firm's own inputs and one a hop")
        for at, word in enumerate(self.hops):
            if not word or set(word) - set("cs") or (word[1:] and word[1:] not in self.hops[:at]):
                raise ValueError(f"hop {word!r} must be of c and s, and {word[1:]!r} must stand before it")


def firm_keys(view: View) -> Hashes:
    """The hash of each firm's id: uint64[n]."""
    return hashes(view.enterprises["id"])


def own_inputs(view: View, spec: Spec, chosen: Int32 | None = None) -> Bits:
    """Goods and attributes of each firm: bf16[n, width]; where given, of the rows `chosen` (ascending)."""
    rows = np.arange(view.firms, dtype=np.int32) if chosen is None else chosen
    if chosen is not None:
        pick = pl.col("src").is_in(chosen.tolist()) | pl.col("dst").is_in(chosen.tolist())
        view = replace(view, items=view.items.filter(pick))
    table = product_vectors(view.products, spec)
    turn, flip = signed_orders(spec, 1, 7)
    turned = np.zeros_like(table)
    turned[:, turn[0]] = table * flip[0]
    own = np.zeros((len(rows), spec.width), np.float32)
    place = pl.DataFrame({"enterprise": rows, "at": np.arange(len(rows), dtype=np.int32)})
    for goods, length, words in ((view.makes, spec.sold, table), (view.buys, spec.bought, turned)):
        mine = goods.join(place, on="enterprise", maintain_order="left")
        indptr = starts(mine["at"].to_numpy(), len(rows))
        product, share = (
            fixed(mine["product"].to_numpy(), np.int32),
            fixed(mine["share"].to_numpy(), np.float32),
        )
        with over_rows(indptr) as run:
            run(_goods, indptr, product, share, fixed(words, np.float32), np.float32(length), own)
    _attributes(view.enterprises[rows] if chosen is not None else view.enterprises, spec, own)
    return to_bf16(own)


def with_identity(own: Bits, keys: Hashes, spec: Spec) -> Bits:
    """What is spread to neighbours: `own` and the firm's random sign, bf16[n, width]."""
    found = np.empty_like(own)
    with over_rows(fixed(np.arange(len(own) + 1), np.int64)) as run:
        run(_identity, fixed(keys, np.uint64), spec.seed, np.float32(spec.identity), own, found)
    return found


def product_vectors(products: pl.DataFrame, spec: Spec) -> Float32:
    """One row a product: hashed n-grams of its item text and prefixes of its tax category."""
    found = np.zeros((products.height, spec.width), np.float32)
    item = products["item"].fill_null("").str.normalize("NFKC").str.to_lowercase()
    offsets, data = _buffers(item)
    _texts(offsets, data, spec.seed, np.float32(spec.text), found)
    category = products["tax_category"].fill_null("")
    part = np.zeros_like(found)
    held = np.zeros(products.height, np.float32)
    for length in PREFIXES:
        known = fixed((category.str.len_bytes() >= length).to_numpy(), np.bool_)
        add_tokens(
            hashes(category.str.slice(0, length)), known, spec.seed + 100 + length, np.float32(1), part
        )
        held += known
    found += part * (spec.category / np.sqrt(np.maximum(held, 1)))[:, None].astype(np.float32)
    return found


def hashes(texts: pl.Series) -> Hashes:
    """FNV-1a of each text's UTF-8, scrambled: uint64."""
    offsets, data = _buffers(texts.fill_null(""))
    found = np.empty(len(texts), np.uint64)
    _hashed(offsets, data, found)
    return found


def signed_orders(spec: Spec, count: int, salt: int) -> tuple[NDArray[np.int64], Float32]:
    """`count` fixed rotations of the space as column orders int64[count, width] and signs: matrices with one
    ±1 a row. Turned so, parts of one sum do not meet."""
    rng = np.random.Generator(np.random.Philox(key=[spec.seed, salt]))
    order = np.stack([rng.permutation(spec.width) for _ in range(count)])
    return order, rng.choice(np.array([-1, 1], np.float32), (count, spec.width))


def _attributes(firms: pl.DataFrame, spec: Spec, own: Float32) -> None:
    """Adds a token a known attribute; of regions and industries also the wider one it lies in."""
    columns = [
        firms["region"].str.slice(0, 2),
        firms["region"].str.slice(0, 4),
        firms["industry"].str.slice(0, 1),
        firms["industry"].str.slice(0, 3),
        firms["taxpayer"],
        firms["legal_form"],
    ]
    length = np.float32(spec.attributes / np.sqrt(len(columns)))
    for which, column in enumerate(columns):
        known = fixed((column.fill_null("") != "").to_numpy(), np.bool_)
        add_tokens(hashes(column), known, spec.seed + 200 + which, length, own)


def _buffers(texts: pl.Series) -> tuple[Int64, NDArray[np.uint8]]:
    """Where each text's bytes begin, and the bytes."""
    arrow = texts.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, data = arrow.buffers()
    begins = np.frombuffer(offsets, np.int64)[arrow.offset : arrow.offset + len(arrow) + 1]
    return fixed(begins, np.int64), fixed(np.frombuffer(data or b"", np.uint8), np.uint8)


def add_tokens(tokens: Hashes, known: Any, seed: int, length: np.float32, out: Float32) -> None:
    """Adds the vector of token i, `length` long in the mean, to row i where it is known."""
    _tokens(fixed(tokens, np.uint64), fixed(known, np.bool_), seed, length, out)


@njit(nogil=True, cache=True)
def scrambled(x: np.uint64) -> np.uint64:
    """Splitmix64."""
    x += np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(nogil=True, cache=True)
def add_token(token: np.uint64, seed: int, length: np.float32, row: Float32) -> None:
    """Adds a token's vector to `row`: one number in four is ±2 length / sqrt(width), the others 0."""
    width = len(row)
    each = np.float32(2 * length / np.sqrt(np.float32(width)))
    at = scrambled(token ^ scrambled(np.uint64(seed)))
    for first in range(0, width, 64):
        a, b, sign = scrambled(at), scrambled(at + np.uint64(1)), scrambled(at + np.uint64(2))
        at += np.uint64(3)
        some = a & b
        for c in range(min(64, width - first)):
            bit = np.uint64(c)
            one = np.int32((some >> bit) & np.uint64(1))
            row[first + c] += each * np.float32(one - 2 * one * np.int32((sign >> bit) & np.uint64(1)))


@njit(nogil=True, cache=True)
def _tokens(tokens: Hashes, known: Any, seed: int, length: np.float32, out: Float32) -> None:
    for i in range(len(tokens)):
        if known[i]:
            add_token(tokens[i], seed, length, out[i])


@njit(nogil=True, cache=True)
def _hashed(offsets: Int64, data: NDArray[np.uint8], found: Hashes) -> None:
    for i in range(len(found)):
        value = np.uint64(0xCBF29CE484222325)
        for p in range(offsets[i], offsets[i + 1]):
            value = (value ^ np.uint64(data[p])) * np.uint64(0x100000001B3)
        found[i] = scrambled(value)


@njit(nogil=True, cache=True)
def _point(data: NDArray[np.uint8], p: int) -> tuple[int, int]:
    """The code point at byte p, and where the next one begins."""
    head = int(data[p])
    if head < 0x80:
        return head, p + 1
    size = 2 if head < 0xE0 else (3 if head < 0xF0 else 4)
    value = head & (0xFF >> (size + 1))
    for q in range(p + 1, p + size):
        value = (value << 6) | (int(data[q]) & 0x3F)
    return value, p + size


@njit(nogil=True, cache=True)
def _kind(point: int) -> int:
    """0 what parts words, 1 letters and digits, 2 ideographs."""
    if point >= 0x3400:
        return 2 if point <= 0x9FFF or 0xF900 <= point <= 0xFAFF or point >= 0x20000 else 0
    if point < 0x80:
        return 1 if 0x30 <= point <= 0x39 or 0x61 <= point <= 0x7A else 0
    return 1 if 0xC0 <= point < 0x2000 else 0


@njit(nogil=True, cache=True)
def _texts(offsets: Int64, data: NDArray[np.uint8], seed: int, length: np.float32, out: Float32) -> None:
    """Ideographs give themselves (at half weight) and pairs; letters give runs of three."""
    for i in range(len(offsets) - 1):
        p, run, before, last, one = offsets[i], 0, 0, 0, 0
        while p < offsets[i + 1]:
            point, p = _point(data, p)
            now = _kind(point)
            run = run + 1 if now == one and now > 0 else (1 if now > 0 else 0)
            one = now
            if now == 2:
                add_token(np.uint64(point), seed + 1, np.float32(0.5), out[i])
                if run > 1:
                    add_token(
                        np.uint64(last) << np.uint64(21) | np.uint64(point), seed + 2, np.float32(1), out[i]
                    )
            elif now == 1 and run > 2:
                pair = np.uint64(before) << np.uint64(42) | np.uint64(last) << np.uint64(21)
                add_token(pair | np.uint64(point), seed + 3, np.float32(1), out[i])
            before, last = last, point
        _stretch(out[i], length)


@njit(nogil=True, cache=True)
def _stretch(row: Float32, length: np.float32) -> None:
    """Makes `row` `length` long; a row of zeros stays."""
    square = np.float32(0)
    for c in range(len(row)):
        square += row[c] * row[c]
    if square > 0:
        factor = length / np.sqrt(square)
        for c in range(len(row)):
            row[c] *= factor


@njit(nogil=True, cache=True)
def _goods(
    _block: int,
    low: int,
    high: int,
    indptr: Int64,
    product: Int32,
    share: Float32,
    table: Float32,
    length: np.float32,
    own: Float32,
) -> None:
    total = np.empty(table.shape[1], np.float32)
    for i in range(low, high):
        total[:] = 0
        for p in range(indptr[i], indptr[i + 1]):
            for c in range(len(total)):
                total[c] += share[p] * table[product[p], c]
        _stretch(total, length)
        for c in range(len(total)):
            own[i, c] += total[c]


@njit(nogil=True, cache=True)
def _identity(
    _block: int, low: int, high: int, keys: Hashes, seed: int, length: np.float32, own: Bits, found: Bits
) -> None:
    row = np.empty(own.shape[1], np.float32)
    for i in range(low, high):
        for c in range(len(row)):
            row[c] = widened(own[i, c])
        add_token(keys[i], seed + 4, length, row)
        for c in range(len(row)):
            found[i, c] = rounded(row[c])
