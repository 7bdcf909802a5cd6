"""Which links count: the rule that leaves trivial ones out of the level, and sums over months."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numba import njit

from graph.csr import Int32, Int64, Mask, fixed


def nontrivial(
    firm: Any,
    flow: pl.DataFrame,
    months: Sequence[str],
    as_of: date,
    *,
    within: int = 24,
    share: float = 0.01,
    least: int = 2,
) -> Mask:
    """Whether each edge is a link worth counting: bool[m].

    `firm`: int32[m], to whom each link must matter: the seller for what leads up to a core
    enterprise, the buyer for what leads down from it. `flow`: edge, month (index into
    `months`, "2025-03"), amount_fen. In the window of the last `within` calendar months up to and
    with that of `as_of`, a link counts when

    - its net amount is at least `share` of all that firm sells to (buys from) known firms there, and
    - goods went on at least `least` different months (a month of returns alone is none).
    """
    firm = fixed(firm, np.int32)
    amount, active = sums(len(firm), flow, window(months, as_of, within))
    whole = np.zeros(int(firm.max()) + 1 if len(firm) else 0, np.int64)
    np.add.at(whole, firm, amount)
    # A correctly rounded quotient meets a bound such as 1/100 exactly; a product may miss it.
    part = amount / np.maximum(whole[firm], 1)
    return np.asarray((amount > 0) & (part >= share) & (active >= least))


def window(months: Sequence[str], as_of: date, within: int) -> Mask:
    """Which of `months` lie among the last `within` calendar months up to that of `as_of`."""
    last = as_of.year * 12 + as_of.month
    serial = np.array([int(m[:4]) * 12 + int(m[5:7]) for m in months], dtype=np.int64)
    return np.asarray((serial <= last) & (serial > last - within))


def sums(edges: int, flow: pl.DataFrame, wanted: Mask) -> tuple[Int64, Int32]:
    """Per edge over the `wanted` months: net amount in fen (int64[edges]) and the number of
    months with a positive one (int32[edges]). Each (edge, month) stands once in `flow`."""
    amount, active = np.zeros(edges, np.int64), np.zeros(edges, np.int32)
    flags = fixed(wanted, np.bool_)
    for part in _parts(flow.select("edge", "month", "amount_fen")):
        edge, month, fen = (part[name].to_numpy() for name in part.columns)
        _add(fixed(edge, np.int32), fixed(month, np.int32), fixed(fen, np.int64), flags, amount, active)
    return amount, active


def _parts(flow: pl.DataFrame) -> Iterable[pl.DataFrame]:
    """Slices without a copy where the columns are cut alike, as those read from a file are."""
    return flow.iter_slices(1 << 22)


@njit(nogil=True, cache=True)
def _add(edge: Int32, month: Int32, fen: Int64, wanted: Mask, amount: Int64, active: Int32) -> None:
    for k in range(len(edge)):
        if wanted[month[k]]:
            amount[edge[k]] += fen[k]
            if fen[k] > 0:
                active[edge[k]] += 1
