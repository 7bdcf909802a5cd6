"""What a night changes of an embedding: firms with other inputs or links, and who takes means of them.

Every mean is taken over a firm's own links, so a change spreads one link a hop and no further. Rows are
matched by the hash of the firm's id.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gnn.embeddings.hops import by_tail, mixed
from gnn.embeddings.inputs import Hashes, Spec, own_inputs, with_identity
from gnn.embeddings.propagation import Bits, Float32, links, propagate, propagate_some
from gnn.view import View
from graph.csr import Graph, Int32, Int64, Mask, Rows, fixed
from graph.kernels.pagerank import damped


@dataclass
class Stored:
    """An embedding's arrays as rows of the firms of `keys`; `hops` by word."""

    keys: Hashes
    own: Bits
    hops: dict[str, Bits]
    values: Bits


def sides(view: View, spec: Spec) -> dict[str, Rows]:
    """The links means are taken over: `c` customers, `s` suppliers."""
    weight = damped(view.amount_fen) if spec.by_amount else None
    return {"c": links(view.graph, "out", weight), "s": links(view.graph, "in", weight)}


def old_rows(before: Hashes, after: Hashes) -> Int32:
    """The row of each firm of `after` in `before`, -1 for a new one."""
    order = np.argsort(before, kind="stable")
    at = np.minimum(np.searchsorted(before[order], after), max(len(before) - 1, 0))
    if not len(before):
        return np.full(len(after), -1, np.int32)
    found = order[at]
    return fixed(np.where(before[found] == after, found, -1), np.int32)


def moved(kept: Stored, keys: Hashes, old: Int32) -> Stored:
    """The arrays in the rows of `keys`, 0 for new firms; the same arrays where no row moves."""
    if len(old) == len(kept.keys) and np.array_equal(old, np.arange(len(old))):
        return Stored(keys, kept.own, kept.hops, kept.values)
    known = old >= 0

    def one(array: Bits) -> Bits:
        found = np.zeros((len(old), array.shape[1]), np.uint16)
        found[known] = array[old[known]]
        return found

    hops = {word: one(array) for word, array in kept.hops.items()}
    return Stored(keys, one(kept.own), hops, one(kept.values))


def refresh(kept: Stored, own: Bits, old: Int32, before: View, after: View, spec: Spec) -> int:
    """Make `kept`, in the rows of `after`, what it is from scratch, in place; returns how many changed."""
    was, now = sides(before, spec), sides(after, spec)
    changed = {letter: _changed(*_flat(was[letter]), *_flat(now[letter]), old) for letter in "cs"}
    dirty: dict[str, Mask] = {"": np.asarray((own != kept.own).any(axis=1) | (old < 0))}
    kept.own[:] = own
    spread_from = ""
    values = with_identity(own, kept.keys, spec)
    for word in by_tail(spec.hops):
        if word[1:] != spread_from:
            spread_from = word[1:]
            values = kept.hops[spread_from]
        side, hop = now[word[0]], kept.hops[word]
        rows = np.flatnonzero(changed[word[0]] | _touched(side.indptr, side.column, dirty[spread_from]))
        earlier = hop[rows]
        propagate_some(side, rows.astype(np.int32), values, hop)
        dirty[word] = np.zeros(len(old), np.bool_)
        dirty[word][rows] = (hop[rows] != earlier).any(axis=1)
    rows = np.flatnonzero(np.logical_or.reduce(list(dirty.values())))
    kept.values[rows] = mixed([kept.own[rows], *(kept.hops[word][rows] for word in spec.hops)], spec)
    return len(rows)


def of_new(kept: Stored, keys: Hashes, new: Int32, old: Int32, view: View, spec: Spec) -> Bits:
    """Values of the rows `new` of `view`: their own hops and inputs, and those of their direct partners with
    the new links in them, are taken afresh; all further ones are the stored ones. `kept` stays as it is."""
    near = np.unique(np.concatenate([new, *(_local(view, new, letter, spec)[1] for letter in "cs")]))
    own = own_inputs(view, spec, near)
    hops = {"": own}

    def stored(word: str, rows: Int32) -> Bits:
        array = kept.hops[word] if word else kept.own
        found = np.zeros((len(rows), own.shape[1]), np.uint16)
        known = old[rows] >= 0
        found[known] = array[old[rows[known]]]
        at = np.minimum(np.searchsorted(near, rows), len(near) - 1)
        here = near[at] == rows
        found[here] = hops[word][at[here]]
        return found if word else with_identity(found, keys[rows], spec)

    for word in by_tail(spec.hops):
        indptr, column, weight = _local(view, near, word[0], spec)
        asked, place = np.unique(np.concatenate([near, column]), return_inverse=True)
        whole = np.zeros(len(asked) + 1, np.int64)
        whole[place[: len(near)] + 1] = np.diff(indptr)
        rows = Rows(
            fixed(np.cumsum(whole), np.int64),
            fixed(place[len(near) :], np.int32),
            fixed(weight, np.float32),
        )
        now = stored(word[1:], asked)
        hops[word] = propagate(rows, now, np.empty_like(now))[place[: len(near)]]
    at = np.searchsorted(near, new)
    return mixed([own[at], *(hops[word][at] for word in spec.hops)], spec)


def _local(view: View, rows: Int32, letter: str, spec: Spec) -> tuple[Int64, Int32, Float32]:
    """The rows `rows` of `sides`, without making the others: indptr, columns, weights."""
    graph: Graph = view.graph
    begins = graph.out_indptr if letter == "c" else graph.in_indptr
    counts = begins[rows + 1] - begins[rows]
    where = np.repeat(begins[rows] - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
    edge = where if letter == "c" else graph.in_edges[where]
    column = graph.dst[edge] if letter == "c" else graph.src[edge]
    weight = damped(view.amount_fen[edge]) if spec.by_amount else np.ones(len(edge), np.float32)
    good = (weight > 0) & (graph.src[edge] != graph.dst[edge])
    kept = np.add.reduceat(np.append(good, False), np.cumsum(counts) - counts) * (counts > 0)
    indptr = np.concatenate([[0], np.cumsum(kept)])
    return indptr, column[good], weight[good] if spec.by_amount else np.empty(0, np.float32)


def _flat(rows: Rows) -> tuple[Int64, Int32, NDArray[Any]]:
    return rows.indptr, rows.column, rows.weight


@njit(nogil=True, cache=True)
def _changed(
    was_at: Int64, was: Int32, was_weight: Float32, now_at: Int64, now: Int32, now_weight: Float32, old: Int32
) -> Mask:
    """Rows whose links are not those they had, or weigh otherwise."""
    found = np.zeros(len(old), np.bool_)
    for i in range(len(old)):
        o = old[i]
        if o < 0 or now_at[i + 1] - now_at[i] != was_at[o + 1] - was_at[o]:
            found[i] = True
            continue
        shift = was_at[o] - now_at[i]
        for p in range(now_at[i], now_at[i + 1]):
            other = len(now_weight) > 0 and now_weight[p] != was_weight[p + shift]
            if other or old[now[p]] != was[p + shift]:
                found[i] = True
                break
    return found


@njit(nogil=True, cache=True)
def _touched(indptr: Int64, column: Int32, dirty: Mask) -> Mask:
    """Rows with a link to a dirty firm."""
    found = np.zeros(len(dirty), np.bool_)
    for i in range(len(dirty)):
        for p in range(indptr[i], indptr[i + 1]):
            if dirty[column[p]]:
                found[i] = True
                break
    return found
