"""Text vectors of names: hashed n-grams of Chinese and Latin names, nearest names, dense vectors.

Nothing is learnt from labels and nothing is downloaded. Chinese is cut into characters and pairs of
characters, Latin into words, starts of words and runs of three; each gram is hashed to a column and
weighed by how few names hold it (tf-idf, rows of length 1).
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numba import njit

from gnn.factors import factors
from graph.csr import Float, Int32, Int64, fixed

COLUMNS = 1 << 18
NEAREST = 24
DENSE = 64
LONGEST = 40  # letters of a name that are compared one by one
COMMON = 0.05  # a gram held by more names than this share does not make two names near
HOLDERS = 2_000  # nor one held by more than this many, where names are many
PIECES = re.compile(r"[㐀-鿿豈-﫿]+|[^\W_]+")
HAN = re.compile(r"[㐀-鿿豈-﫿]")


@dataclass(frozen=True)
class TextVectors:
    """n names. `grams`: CSR rows of length 1 (indptr int64[n + 1], columns int32, weights float32);
    `dense`: float32[n, d], rows of length 1 (0 for an empty name); `near`, `likeness`: [n, NEAREST],
    the most alike other names and their cosine (-1 and 0 where there are fewer). `letter`: code
    points of the names in normal form, name i at letter_at[i]:letter_at[i + 1]."""

    indptr: Int64
    column: Int32
    weight: Float
    dense: Float
    near: Int32
    likeness: Float
    letter_at: Int64
    letter: Int32

    @property
    def names(self) -> int:
        """Number of names."""
        return len(self.indptr) - 1


def text_vectors(names: Sequence[str], dense: int = DENSE, seed: int = 1) -> TextVectors:
    """The vectors of `names`; the same names give the same bytes."""
    matrix = gram_matrix(names)
    near, likeness = _nearest(matrix)
    left, size, _ = factors(_used(matrix), dense, seed)
    whole = left * size
    length = np.linalg.norm(whole, axis=1, keepdims=True)
    whole = (whole / np.maximum(length, 1e-9)).astype(np.float32)
    return TextVectors(
        fixed(matrix.indptr, np.int64),
        fixed(matrix.indices, np.int32),
        fixed(matrix.data, np.float32),
        fixed(whole, np.float32),
        fixed(near, np.int32),
        fixed(likeness, np.float32),
        *_letters(names),
    )


def _letters(names: Sequence[str]) -> tuple[Int64, Int32]:
    plain = [_normal(name)[:LONGEST] for name in names]
    indptr = np.zeros(len(plain) + 1, np.int64)
    np.cumsum([len(name) for name in plain], out=indptr[1:])
    codes = np.frombuffer("".join(plain).encode("utf-32-le"), np.int32)
    return fixed(indptr, np.int64), fixed(codes, np.int32)


def _normal(name: str) -> str:
    return unicodedata.normalize("NFKC", name).lower()


def gram_matrix(names: Sequence[str]) -> sp.csr_matrix:
    """Tf-idf of hashed grams: [n, COLUMNS], rows of length 1, columns sorted within a row."""
    indptr, column = [0], []
    for name in names:
        column.extend(sorted({_column(gram) for gram in grams(name)}))
        indptr.append(len(column))
    held = np.asarray(column, np.int32)
    count = np.bincount(held, minlength=COLUMNS)
    rarity = np.log((1 + len(names)) / (1 + count)) + 1
    matrix = sp.csr_matrix(
        (rarity[held].astype(np.float32), held, np.asarray(indptr)), shape=(len(names), COLUMNS)
    )
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    matrix.data /= np.repeat(np.maximum(length, 1e-9), np.diff(matrix.indptr)).astype(np.float32)
    return matrix


def grams(name: str) -> list[str]:
    """The grams of one name: `钢板` gives 钢, 板, 钢板; `Steel` gives steel=, ste…, ste, tee, eel."""
    found: list[str] = []
    for piece in PIECES.findall(_normal(name)):
        if HAN.match(piece):
            found.extend(piece)
            found.extend(piece[i : i + 2] for i in range(len(piece) - 1))
        else:
            found.append(piece + "=")
            found.append(piece[:4] + "…")
            found.extend(piece[i : i + 3] for i in range(len(piece) - 2))
    return found


def _column(gram: str) -> int:
    """FNV-1a of the gram's UTF-8, folded to COLUMNS."""
    value = 0x811C9DC5
    for byte in gram.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return (value ^ (value >> 18)) & (COLUMNS - 1)


def nearest_names(names: Sequence[str], kept: int = NEAREST) -> tuple[Int32, Float]:
    """Of each name the `kept` most alike others: their rows int32[n, kept] (-1: no more) and cosines."""
    near, likeness = _nearest(gram_matrix(names), kept, HOLDERS)
    return fixed(near, np.int32), fixed(likeness, np.float32)


def _used(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """Only the columns that two names share: the others say nothing about a pair."""
    count = np.bincount(matrix.indices, minlength=matrix.shape[1])
    return matrix[:, np.flatnonzero(count > 1)]


def _nearest(matrix: sp.csr_matrix, kept: int = NEAREST, holders: int | None = None) -> tuple[Int32, Float]:
    by_gram = matrix.tocsc()
    common = max(int(COMMON * matrix.shape[0]), 50)
    found: tuple[Int32, Float] = _nearest_rows(
        fixed(matrix.indptr, np.int64),
        fixed(matrix.indices, np.int32),
        fixed(matrix.data, np.float32),
        fixed(by_gram.indptr, np.int64),
        fixed(by_gram.indices, np.int32),
        fixed(by_gram.data, np.float32),
        common if holders is None else min(common, holders),
        kept,
    )
    return found


@njit(nogil=True, cache=True)
def _nearest_rows(
    indptr: Int64,
    column: Int32,
    weight: Float,
    by_gram: Int64,
    holder: Int32,
    held: Float,
    common: int,
    nearest: int,
) -> tuple[Int32, Float]:
    names = len(indptr) - 1
    near = np.full((names, nearest), -1, np.int32)
    likeness = np.zeros((names, nearest), np.float32)
    total = np.zeros(names, np.float32)
    touched = np.empty(names, np.int32)
    for i in range(names):
        count = 0
        for p in range(indptr[i], indptr[i + 1]):
            g = column[p]
            if by_gram[g + 1] - by_gram[g] > common:
                continue
            for q in range(by_gram[g], by_gram[g + 1]):
                j = holder[q]
                if j == i:
                    continue
                if total[j] == 0:
                    touched[count] = j
                    count += 1
                total[j] += weight[p] * held[q]
        least = np.float32(0)
        filled = 0
        for t in range(count):
            j = touched[t]
            value = total[j]
            total[j] = 0
            if filled == nearest and value <= least:
                continue
            at = filled if filled < nearest else nearest - 1
            while at > 0 and likeness[i, at - 1] < value:
                likeness[i, at] = likeness[i, at - 1]
                near[i, at] = near[i, at - 1]
                at -= 1
            likeness[i, at] = value
            near[i, at] = j
            filled = min(filled + 1, nearest)
            least = likeness[i, nearest - 1]
    return near, likeness
