"""From inputs to hops, and from hops to one embedding a firm.

    hop_""  = own inputs + random sign        hop_cw = mean of hop_w over customers, hop_sw over suppliers
    value   = unit( sum_h share_h · unit(hop_h) · R_h ),   h over own inputs and hops

R_h is a fixed rotation a hop (`signed_orders`), unit() scales a row to length 1. Shapes: bf16[n, d] each.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from os import cpu_count
from pathlib import Path
from typing import Protocol

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gnn.embeddings.inputs import Spec, signed_orders
from gnn.embeddings.propagation import Bits, Float32, propagate_into, rounded, widened
from graph.csr import Rows

#: Rows mixed at a time.
ROWS = 1 << 16


class Hops(Protocol):
    """Where hops are kept by name; `own` is the firm's own inputs."""

    def put(self, name: str, low: int, rows: Bits) -> None:
        """Keep rows low, low + 1, … of a hop; called from several threads."""

    def rows(self, name: str, low: int, high: int) -> Bits:
        """Rows low … high - 1 of a hop."""


class Kept:
    """Hops in memory."""

    def __init__(self, firms: int, width: int, names: tuple[str, ...]) -> None:
        self.of = {name: np.zeros((firms, width), np.uint16) for name in names}

    def put(self, name: str, low: int, rows: Bits) -> None:
        """See `Hops`."""
        self.of[name][low : low + len(rows)] = rows

    def rows(self, name: str, low: int, high: int) -> Bits:
        """See `Hops`."""
        return self.of[name][low:high]


class Filed:
    """Hops as plain .npy files in a folder, written and read in pieces: none is ever held as a whole."""

    def __init__(self, folder: Path, names: tuple[str, ...], width: int) -> None:
        self.width = width
        self._open = {name: os.open(folder / f"{name}.npy", os.O_RDWR) for name in names}
        mapped = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in names}
        self._begin = {name: int(made.offset) for name, made in mapped.items()}

    @classmethod
    @contextmanager
    def within(
        cls, folder: Path, names: tuple[str, ...], width: int, firms: int | None = None
    ) -> Iterator["Filed"]:
        """The files, closed at the end; made first for so many `firms` where given."""
        for name in () if firms is None else names:
            np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.uint16, (firms or 0, width))
        files = cls(folder, names, width)
        try:
            yield files
        finally:
            for number in files._open.values():
                os.close(number)

    def put(self, name: str, low: int, rows: Bits) -> None:
        """See `Hops`."""
        bytes_, at = memoryview(rows.data).cast("B"), self._begin[name] + low * self.width * 2
        done = 0
        while done < len(bytes_):  # one call writes 2 GB at most
            done += os.pwrite(self._open[name], bytes_[done:], at + done)

    def rows(self, name: str, low: int, high: int) -> Bits:
        """See `Hops`."""
        found = np.empty((high - low, self.width), np.uint16)
        bytes_, at = memoryview(found.data).cast("B"), self._begin[name] + low * self.width * 2
        done = 0
        while done < len(bytes_):
            got = os.preadv(self._open[name], [bytes_[done:]], at + done)
            if not got:
                raise EOFError(f"{name} ends before row {high}")
            done += got
        return found


def diffuse(customers: Rows, suppliers: Rows, inputs: Bits, words: tuple[str, ...], hops: Hops) -> None:
    """Fill `hops` with every word of `words`. `inputs` is used up: it holds one hop after another."""
    held = ""
    for word in by_tail(words):
        if word[1:] != held:
            held = word[1:]
            for low in range(0, len(inputs), ROWS):
                high = min(low + ROWS, len(inputs))
                inputs[low:high] = hops.rows(held, low, high)
        side = customers if word[0] == "c" else suppliers
        propagate_into(side, inputs, lambda low, rows, word=word: hops.put(word, low, rows))  # type: ignore[misc]


def by_tail(words: tuple[str, ...]) -> list[str]:
    """The words so that those spread from one hop stand together, each tail before its word."""
    return sorted(words, key=lambda word: (len(word), words.index(word[1:]) if word[1:] else -1, word))


def mix(hops: Hops, firms: int, spec: Spec) -> None:
    """One embedding a firm from its own inputs and its hops, kept as `values`: bf16[n, d]."""

    def one(low: int) -> None:
        high = min(low + ROWS, firms)
        hops.put("values", low, mixed([hops.rows(name, low, high) for name in ("own", *spec.hops)], spec))

    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        list(pool.map(one, range(0, firms, ROWS)))


def mixed(parts: list[Bits], spec: Spec) -> Bits:
    """`mix` of some rows: `parts` are own inputs and hops of the same firms."""
    order, sign = signed_orders(spec, len(parts), 11)
    total = np.zeros(parts[0].shape, np.float32)
    for part, turn, flip, share in zip(parts, order, sign, spec.share, strict=True):
        back = np.argsort(turn)
        _add(part, back, flip[back], np.float32(share), total)
    return _unit(total)


@njit(nogil=True, cache=True)
def _add(part: Bits, order: NDArray[np.int64], sign: Float32, share: np.float32, total: Float32) -> None:
    row = np.empty(part.shape[1], np.float32)
    for i in range(len(part)):
        square = np.float32(0)
        for c in range(len(row)):
            row[c] = widened(part[i, c])
            square += row[c] * row[c]
        if square > 0:
            factor = share / np.sqrt(square)
            for c in range(len(row)):
                total[i, c] += factor * sign[c] * row[order[c]]


@njit(nogil=True, cache=True)
def _unit(total: Float32) -> Bits:
    found = np.empty(total.shape, np.uint16)
    for i in range(len(total)):
        square = np.float32(0)
        for c in range(total.shape[1]):
            square += total[i, c] * total[i, c]
        factor = np.float32(1) / np.sqrt(square) if square > 0 else np.float32(0)
        for c in range(total.shape[1]):
            found[i, c] = rounded(factor * total[i, c])
    return found
