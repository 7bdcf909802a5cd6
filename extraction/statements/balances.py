"""Do the balances run through? In which order the rows stand, which sign they have, where it breaks.

A statement is right when every balance is the one before it plus what moved. That one sentence decides
the order of the rows (exports run either way), tells wrong signs from right ones, and finds lost rows.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Chain:
    """Rows in the order in which things happened, by one reading of their signs.

    `order`: places of the rows; `matched` of `steps` balances are right; `breaks`: (place, expected,
    found) where one is not. `opening` and `closing` are None where no balance is known.
    """

    order: Ints
    signed: Ints
    matched: int
    steps: int
    breaks: tuple[tuple[int, int, int], ...]
    opening: int | None
    closing: int | None


def chain(
    signed: pl.Series, balance: pl.Series, moment: pl.Series, opening: int | None, closing: int | None
) -> Chain:
    """The best order of the rows; `opening` and `closing` are what the paper prints, if it does."""
    moved = signed.fill_null(0).to_numpy().astype(np.int64)
    known = balance.is_not_null().to_numpy()
    after = balance.fill_null(0).to_numpy().astype(np.int64)
    orders = _orders(moment)
    best: Chain | None = None
    for order in orders:
        made = _follow(order, moved, known, after, opening, closing)
        if best is None or made.matched > best.matched:
            best = made
        if made.steps == made.matched:
            break
    if best is None or not best.breaks:
        return best if best is not None else _follow(orders[0], moved, known, after, opening, closing)
    threaded = _threaded(best.order, moved, known, after, moment, best.opening)
    again = _follow(threaded, moved, known, after, opening, closing)
    return again if again.matched > best.matched else best


def _orders(moment: pl.Series) -> list[Ints]:
    """As printed and reversed; then by time, and by day, with ties either way."""
    count = len(moment)
    printed = np.arange(count, dtype=np.int64)
    stamps = moment.cast(pl.Int64).fill_null(strategy="forward").fill_null(0).to_numpy()
    newest_first = count > 1 and stamps[0] > stamps[-1]
    orders = [printed[::-1], printed] if newest_first else [printed, printed[::-1]]
    for keys in (stamps, stamps // 86_400_000_000):
        orders.append(np.argsort(keys, kind="stable"))
        orders.append(printed[::-1][np.argsort(keys[::-1], kind="stable")])
    return [np.ascontiguousarray(order) for order in orders]


def _follow(
    order: Ints, moved: Ints, known: Flags, after: Ints, opening: int | None, closing: int | None
) -> Chain:
    """Go through the rows in `order`. Rows without a balance count towards the next one that has it."""
    sums = np.cumsum(moved[order])
    places = np.flatnonzero(known[order])
    found, total = after[order][places], sums[places]
    if not len(places):
        end = None if opening is None else opening + int(sums[-1] if len(sums) else 0)
        wrong = closing is not None and end is not None and end != closing
        ends = ((int(order[-1]), end or 0, closing or 0),) if wrong and len(order) else ()
        steps = int(opening is not None and closing is not None)
        return Chain(
            order, moved, steps - len(ends), steps, ends, opening, closing if closing is not None else end
        )
    step_found, step_moved = np.diff(found), np.diff(total)
    bad = np.flatnonzero(step_found != step_moved)
    breaks = [
        (int(order[places[i + 1]]), int(found[i] + step_moved[i]), int(found[i + 1])) for i in bad.tolist()
    ]
    steps = len(step_found)
    if opening is not None:
        steps += 1
        if opening + int(total[0]) != int(found[0]):
            breaks.insert(0, (int(order[places[0]]), opening + int(total[0]), int(found[0])))
    last = int(found[-1] + sums[-1] - total[-1])
    if closing is not None:
        steps += 1
        if last != closing:
            breaks.append((int(order[-1]), last, closing))
    first = int(found[0] - total[0]) if opening is None else opening
    return Chain(order, moved, steps - len(breaks), steps, tuple(breaks), first, last)


def _threaded(
    order: Ints, moved: Ints, known: Flags, after: Ints, moment: pl.Series, opening: int | None
) -> Ints:
    """Rows of one day in the order in which their balances follow each other, where the day alone tells
    no order. Nothing is changed but the order inside a day, and only where all of it links up."""
    day = (moment.cast(pl.Int64).fill_null(strategy="forward").fill_null(0).to_numpy() // 86_400_000_000)[
        order
    ]
    made: list[int] = []
    balance = opening
    edges = np.flatnonzero(np.diff(day)) + 1
    for group in np.split(order, edges):
        path: list[int] = []
        if len(group) <= 2_000 and known[group].all() and balance is not None:
            path = _path(group, moved, after, balance)
        made += path or group.tolist()
        if known[made[-1]]:
            balance = int(after[made[-1]])
    return np.array(made, dtype=np.int64)


def _path(group: Ints, moved: Ints, after: Ints, start: int) -> list[int]:
    """A path over all rows of `group` from balance `start`, each row an edge from the balance before it
    to the one after it (Hierholzer); empty where there is none."""
    edges: dict[int, list[int]] = {}
    for place in group[::-1].tolist():
        edges.setdefault(int(after[place] - moved[place]), []).append(place)
    stack: list[tuple[int, int]] = [(start, -1)]
    path: list[int] = []
    while stack:
        balance, via = stack[-1]
        if edges.get(balance):
            place = edges[balance].pop()
            stack.append((int(after[place]), place))
        else:
            stack.pop()
            if via >= 0:
                path.append(via)
    path.reverse()
    if len(path) != len(group):
        return []
    linked = all(int(after[a]) == int(after[b] - moved[b]) for a, b in pairwise(path))
    return path if linked else []
