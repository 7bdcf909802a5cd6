"""Firms as vectors of the character n-grams of what they sell and what they are called.

    x(i, g) = log(1 + sum over items p of firm i that hold g of  sqrt(share(i, p) + .05)) · idf(g)

and each firm's row has length 1. Lines of the books that are no goods (`NO_GOODS`) are left out; a
firm's name loses its legal form. Characters get small numbers, so that an n-gram is one uint64.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from seeds.name_words import name_words

Float32 = NDArray[np.float32]
UInt32 = NDArray[np.uint32]
UInt64 = NDArray[np.uint64]

LONGEST = 4  # characters of an n-gram, the blanks around a text included
RAREST = 2  # firms that must hold an n-gram
FLOOR = 0.05  # weight of an item without revenue: named in the papers, not seen in the sales
BITS = 16
#: Lines of an account that name no goods; a firm that has nothing else keeps them.
NO_GOODS = (
    "平衡项目|抵[销消]|调整项目|未分配|^其[他它]|^主营业务|^其中|^合计|^小计|"
    "^(?:销售|服务|产品|商品|收入)$"
)  # fmt: skip
#: Kinds of legal forms that say nothing about the trade (a works, a hospital or a shop does).
FORMS = frozenset({"company", "joint_stock", "partnership", "cooperative"})


@dataclass(frozen=True)
class Firms:
    """What is known of n firms. `sold`: firm (row 0 … n - 1), item, share of revenue (null where it is
    not known; an item told twice counts with its greatest share); `names`: n names, null or "" for none."""

    count: int
    sold: pl.DataFrame
    names: pl.Series

    def rows(self, chosen: NDArray[np.integer]) -> "Firms":
        """The firms of these rows, each once, in this order."""
        at = pl.DataFrame({"firm": chosen.astype(np.int64), "row": np.arange(len(chosen))})
        sold = self.sold.with_columns(pl.col("firm").cast(pl.Int64)).join(at, on="firm")
        return Firms(
            len(chosen), sold.select(pl.col("row").alias("firm"), "item", "share"), self.names[chosen]
        )


@dataclass(frozen=True)
class Held:
    """Which items each firm has. `weight`: csr[n, items], the root of the share; `items`: their texts."""

    weight: sparse.csr_matrix
    items: pl.Series


def held(firms: Firms) -> Held:
    """What the firms sell, without `NO_GOODS`."""
    sold = firms.sold.select(
        pl.col("firm").cast(pl.Int64), _plain(pl.col("item")), pl.col("share").cast(pl.Float64)
    )
    sold = sold.drop_nulls("item").filter(pl.col("item") != "")
    goods = ~pl.col("item").str.contains(NO_GOODS)
    sold = sold.filter(goods | ~goods.any().over("firm"))
    return _held(firms.count, sold.with_columns(weight=(_share() + FLOOR).sqrt()))


def named(firms: Firms) -> Held:
    """What the firms are called, without legal forms."""
    names = pl.DataFrame({"firm": np.arange(firms.count), "item": firms.names.cast(pl.String)})
    bare = _plain(pl.col("item")).str.replace_all(_forms(), " ").str.strip_chars()
    names = names.with_columns(bare).drop_nulls("item").filter(pl.col("item") != "")
    return _held(firms.count, names.with_columns(weight=pl.lit(1.0)))


def _share() -> pl.Expr:
    return pl.col("share").fill_null(0).fill_nan(0).clip(0, 1)


def _plain(text: pl.Expr) -> pl.Expr:
    return text.str.normalize("NFKC").str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()


@cache
def _forms() -> str:
    """A pattern of legal forms, and of the words for a group of firms, in brackets or not."""
    words = name_words()
    endings = [word for word, form in words.forms.items() if form in FORMS]
    return "[(]?(?:" + "|".join([*endings, *words.group, "控股"]) + ")[)]?"


def _held(count: int, sold: pl.DataFrame) -> Held:
    sold = sold.group_by("firm", "item").agg(pl.col("weight").max()).sort("firm", "item")
    items = sold["item"].unique().sort()
    table = items.to_frame().with_row_index("at")
    at = sold.join(table, on="item", maintain_order="left")
    place = (at["firm"].to_numpy(), at["at"].to_numpy())
    return Held(sparse.csr_matrix((at["weight"].to_numpy(), place), shape=(count, len(items))), items)


@dataclass(frozen=True)
class Grams:
    """The n-grams that count. `alphabet`: code points, rising; `keys`: n-grams, rising, each its
    characters' numbers in `alphabet` (from 1) shifted by `BITS` per place; `idf` of each."""

    alphabet: UInt32
    keys: UInt64
    idf: Float32

    def of(self, items: pl.Series) -> sparse.csr_matrix:
        """csr[items, n-grams] of 0 and 1."""
        owner, key = _cut(items, self.alphabet)
        at = np.searchsorted(self.keys, key)
        at[at == len(self.keys)] = 0
        known = self.keys[at] == key if len(self.keys) else np.zeros(len(key), np.bool_)
        place = (owner[known], at[known])
        held_by = sparse.csr_matrix(
            (np.ones(int(known.sum()), np.float32), place), shape=(len(items), len(self.keys))
        )
        held_by.data[:] = 1
        return held_by

    def vectors(self, held: Held) -> sparse.csr_matrix:
        """csr[n, n-grams], float64, rows of length 1 (0 for a firm without a known n-gram)."""
        return self._weighed((held.weight @ self.of(held.items)).tocsr())

    def _weighed(self, sums: sparse.csr_matrix) -> sparse.csr_matrix:
        sums.sort_indices()
        sums.data = np.log1p(sums.data) * self.idf[sums.indices]
        length = np.sqrt(np.asarray(sums.multiply(sums).sum(axis=1)).ravel())
        return sparse.csr_matrix(sparse.diags(1 / np.where(length > 0, length, 1)) @ sums)

    def text(self, gram: int) -> str:
        """The n-gram as it is read, the blanks around a text left out."""
        key, letters = int(self.keys[gram]), ""
        while key:
            letters += chr(int(self.alphabet[(key & ((1 << BITS) - 1)) - 1]))
            key >>= BITS
        return letters.strip()


def learn_grams(held: Held) -> Grams:
    """The n-grams that at least `RAREST` of the firms hold, with how seldom they are."""
    letters = np.unique(_points(held.items)[0])[: (1 << BITS) - 1]
    owner, key = _cut(held.items, letters)
    keys, at = np.unique(key, return_inverse=True)
    holds = sparse.csr_matrix((np.ones(len(at)), (owner, at)), shape=(len(held.items), len(keys)))
    firms = np.bincount((held.weight @ holds).tocsr().indices, minlength=len(keys))
    often = firms >= RAREST
    idf = np.log((1 + held.weight.shape[0]) / (1 + firms[often])) + 1
    return Grams(letters, keys[often], idf.astype(np.float32))


def _points(items: pl.Series) -> tuple[UInt32, NDArray[Any]]:
    """Code points of all items, a blank on either side of each; which item each belongs to."""
    padded = " " + items + " "
    points = np.frombuffer("".join(padded.to_list()).encode("utf-32-le"), np.uint32)
    return points, np.repeat(np.arange(len(items)), padded.str.len_chars().to_numpy())


def _cut(items: pl.Series, alphabet: UInt32) -> tuple[NDArray[Any], UInt64]:
    """(item, n-gram): every n-gram of 1 to `LONGEST` known characters, each once per item."""
    points, owner = _points(items)
    if not len(points) or not len(alphabet):
        return np.zeros(0, np.int64), np.zeros(0, np.uint64)
    at = np.minimum(np.searchsorted(alphabet, points), len(alphabet) - 1)
    letter = np.where(alphabet[at] == points, at + 1, 0).astype(np.uint64)
    found = []
    for length in range(1, LONGEST + 1):
        last = len(points) - length + 1
        if last <= 0:
            break
        same = owner[:last] == owner[length - 1 :]
        key = np.zeros(last, np.uint64)
        for place in range(length):
            step = letter[place : place + last]
            key |= step << np.uint64(BITS * place)
            same &= step > 0
        if length == 1:
            same &= points != ord(" ")
        found.append(pl.DataFrame({"item": owner[:last][same], "key": key[same]}))
    cut = pl.concat(found).unique().sort("item", "key")
    return cut["item"].to_numpy(), cut["key"].to_numpy()
