"""How well two names agree: what each feature of the comparison gives (compiled)."""

import numpy as np
from numba import njit

from extraction.who import align as t
from extraction.who import encoded as n
from extraction.who import weights as w
from extraction.who.align import Float32, Rarity, align
from extraction.who.encoded import Int32, Names


@njit(nogil=True, cache=True)
def _sides(r: Rarity, q: Names, i: int, e: Names, j: int, placed: bool, cost: Int32, tally: Float32) -> None:
    """Align the names by the brand's boundary of the one that has a trade.

    `placed`: one name has a place and the other may have it garbled, so the place takes part.
    """
    q0, q1 = q.start[i] + q.numbers[i, n.CORE], q.start[i + 1]
    e0, e1 = e.start[j] + e.numbers[j, n.CORE], e.start[j + 1]
    before_q = int(q.numbers[i, n.CORE]) if placed and q.numbers[i, n.PLACE] > 0 else 0
    before_e = int(e.numbers[j, n.CORE]) if placed and e.numbers[j, n.PLACE] > 0 else 0
    if before_e > 0 or (before_q == 0 and (e.words[j, n.TRADE_WORD] != 0 or q.words[i, n.TRADE_WORD] == 0)):
        brand = min(int(e.numbers[j, n.BRAND]), e1 - e0) if e.words[j, n.TRADE_WORD] != 0 else e1 - e0
        align(r, q, q0, q1, e, e0 - before_e, e1, before_e, before_e + brand, cost, tally)
        return
    brand = min(int(q.numbers[i, n.BRAND]), q1 - q0) if q.words[i, n.TRADE_WORD] != 0 else q1 - q0
    align(r, e, e0, e1, q, q0 - before_q, q1, before_q, before_q + brand, cost, tally)


@njit(nogil=True, cache=True)
def _edits(r: Rarity, tally: Float32, zone: int) -> float:
    return float(
        r.w.alike * tally[zone + t.ALIKE]
        + r.w.other * tally[zone + t.OTHER]
        + r.w.lost * (tally[zone + t.GONE] + tally[zone + t.ADDED])
        + r.w.swapped * tally[zone + t.SWAPPED]
        + r.w.counted * tally[zone + t.COUNTED]
    )


@njit(nogil=True, cache=True)
def _core(r: Rarity, q: Names, i: int, e: Names, j: int, cost: Int32, tally: Float32, gave: Float32) -> None:
    """Brand, trade and place."""
    q_trade, e_trade = q.words[i, n.TRADE_WORD] != 0, e.words[j, n.TRADE_WORD] != 0
    gave[w.PLACE] = _place(
        r, q.numbers[i, n.PLACE], q.numbers[i, n.PLACE2], e.numbers[j, n.PLACE], e.numbers[j, n.PLACE2]
    )
    before = max(q.numbers[i, n.CORE], e.numbers[j, n.CORE])
    placed = (q.numbers[i, n.PLACE] == 0) != (e.numbers[j, n.PLACE] == 0) and before > 0
    while True:
        _sides(r, q, i, e, j, placed, cost, tally)
        if not placed:
            break
        # The one place may stand garbled in the other name: half of its letters must be found.
        kept = tally[16 + t.SAME] + 2 * tally[16 + t.SWAPPED] + tally[16 + t.ALIKE]
        if kept >= 1 and 2 * kept >= before:
            place = max(q.numbers[i, n.PLACE], e.numbers[j, n.PLACE])
            # A letter more is the 市 or 县 that went unread with the rest of the place.
            edits = _edits(r, tally, 16) - r.w.lost * min(tally[16 + t.ADDED], np.float32(1))
            gave[w.PLACE] = max(_agreed(r, place, place) + r.w.place_part * edits, r.w.place_absent)
            break
        placed = False
    gave[w.BRAND] = _edits(r, tally, 0)
    most = r.brand[j]
    gave[w.RARITY] = most if gave[w.BRAND] == 0 else min(tally[t.LETTERS], most, -0.95 * r.start)
    gave[w.TRADE] = _trade(
        r, q.words[i, n.TRADE_WORD] == e.words[j, n.TRADE_WORD], q_trade, e_trade, j, tally
    )


@njit(nogil=True, cache=True)
def _trade(  # noqa: PLR0911
    r: Rarity, equal: bool, q_trade: bool, e_trade: bool, j: int, tally: Float32
) -> float:
    if not q_trade and not e_trade:
        return 0.0
    if equal:
        return float(r.trade[j])
    kept = tally[8 + t.SAME] + 2 * tally[8 + t.SWAPPED]
    gone, added, counted = tally[8 + t.GONE], tally[8 + t.ADDED], tally[8 + t.COUNTED]
    odd = tally[8 + t.ALIKE] + tally[8 + t.OTHER]
    if kept + odd == 0 and added == 0 and counted == 0:
        return r.w.trade_absent
    if counted > 0:
        return r.w.counted
    edits = odd + gone + added + tally[8 + t.SWAPPED]
    if edits <= 1 and kept >= 1:
        lost = r.w.alike * tally[8 + t.ALIKE] + r.w.other * tally[8 + t.OTHER] + r.w.lost * (gone + added)
        lost += r.w.swapped * tally[8 + t.SWAPPED]
        return float(0.6 * r.trade[j] * kept / (kept + edits) + r.w.trade_part * lost)
    if kept >= 2 and odd == 0 and (gone == 0 or added == 0):
        return r.w.trade_inside
    return (
        r.w.trade_differs if q_trade and e_trade else max(r.w.trade_differs, 0.5 * r.w.other * (odd + added))
    )


@njit(nogil=True, cache=True)
def _within(a: int, b: int) -> int:
    """Digits that two places share where the one lies in the other; 0: they conflict, 1: same city only."""
    if a == b:
        return 2 if a % 10_000 == 0 else 4 if a % 100 == 0 else 6
    if a // 10_000 != b // 10_000:
        return 0
    if a % 10_000 == 0 or b % 10_000 == 0:
        return 2
    if a // 100 != b // 100:
        return 0
    return 4 if a % 100 == 0 or b % 100 == 0 else 1


@njit(nogil=True, cache=True)
def _place(r: Rarity, a: int, a2: int, b: int, b2: int) -> float:
    if a == 0 and b == 0:
        return 0.0
    if a == 0 or b == 0:
        return r.w.place_absent if a2 == 0 and b2 == 0 else r.w.place_extra
    best, extra = _agreed(r, a, b), 0.0
    if a2 > 0 and b2 > 0:
        second = _agreed(r, a2, b2)
        return min(best, second) if min(best, second) < 0 else min(best + second, np.float64(r.w.place_most))
    if a2 > 0 or b2 > 0:
        best = max(best, _agreed(r, a2, b) if a2 > 0 else _agreed(r, a, b2))
        extra = r.w.place_extra
    return best + extra if best > 0 else best


@njit(nogil=True, cache=True)
def _agreed(r: Rarity, a: int, b: int) -> float:
    shared = _within(a, b)
    if shared == 0:
        return r.w.place_conflicts
    if shared == 1:
        return r.w.place_beside
    if shared == 2:
        return float(r.place2[a // 10_000])
    return float(r.place4[a // 100] if shared == 4 else r.place6[a])


@njit(nogil=True, cache=True)
def _form(r: Rarity, a: int, b: int) -> float:
    """Legal forms by number: 1 company, 2 joint stock, 3 partnership, 4 cooperative, 5 plant, 6 business."""
    if a == b:
        return r.w.form_equal if a > 0 else 0.0
    if a == 0 or b == 0:
        return r.w.form_absent
    return r.w.form_near if a <= 2 and b <= 2 else r.w.form_far


@njit(nogil=True, cache=True)
def _short(r: Rarity, q: Names, i: int, e: Names, j: int, cost: Int32) -> float:
    """What q, read as an abbreviation of e, gives; minus infinity where it cannot be one.

    The best way to find q's letters one after another in e's stem; hundredths in whole numbers."""
    q0, q1, e0, e1 = q.start[i], q.start[i + 1], e.start[j], e.start[j + 1]
    most_q, most_e = q1 - q0, e1 - e0
    if (
        not q.numbers[i, n.BRIEF]
        or e.numbers[j, n.FORM] == 0
        or most_q > r.w.short_longest
        or most_q < 2
        or most_e <= most_q - 1
    ):
        return -1e9
    core, edge = (
        int(e.numbers[j, n.CORE]),
        int(e.numbers[j, n.CORE]) + int(e.numbers[j, n.BRAND]),
    )
    # cost[a, b]: best for q[:a], e[:b]; `last` needs q[a-1] to be found at e[b-1].
    worst = -1_000_000
    last = np.full((most_q + 1, most_e + 1), worst, np.int64)
    for b in range(most_e + 1):
        cost[0, b] = 0 if b == 0 else cost[0, b - 1] + _skipped(r, b - 1, core, edge)
    for a in range(1, most_q + 1):
        cost[a, 0] = int(100 * r.w.short_missing) * a
        for b in range(1, most_e + 1):
            letter = q.letters[q0 + a - 1]
            if letter == e.letters[e0 + b - 1]:
                part = r.w.short_kept_place if b <= core else r.w.short_kept
                kept = int(100 * part * r.letter[letter])
                if a == 1 and (b == 1 or b == core + 1):
                    kept += int(100 * r.w.short_first)
                last[a, b] = max(cost[a - 1, b - 1], last[a - 1, b - 1] + int(100 * r.w.short_next)) + kept
            cost[a, b] = max(
                last[a, b],
                cost[a, b - 1] + _skipped(r, b - 1, core, edge),
                cost[a - 1, b] + int(100 * r.w.short_missing),
            )
    return float(cost[most_q, most_e] / 100.0)


@njit(nogil=True, cache=True)
def _skipped(r: Rarity, b: int, core: int, edge: int) -> int:
    return int(100 * (r.w.short_place if b < core else r.w.short_brand if b < edge else r.w.short_trade))


@njit(nogil=True, cache=True)
def compare(
    r: Rarity, q: Names, i: int, e: Names, j: int, cost: Int32, tally: Float32, gave: Float32
) -> float:
    """What each feature of names q[i] and e[j] gives, written to `gave`; their sum."""
    gave[:] = 0
    gave[w.START] = r.start
    _core(r, q, i, e, j, cost, tally, gave)
    gave[w.FORM] = _form(r, q.numbers[i, n.FORM], e.numbers[j, n.FORM])
    gave[w.GROUP] = (
        r.w.group_differs
        if q.numbers[i, n.GROUP] != e.numbers[j, n.GROUP] and not q.numbers[i, n.BRIEF]
        else 0.0
    )
    if q.words[i, n.BRANCH_WORD] != e.words[j, n.BRANCH_WORD]:
        head = q.words[i, n.BRANCH_WORD] == 0 or e.words[j, n.BRANCH_WORD] == 0
        gave[w.BRANCH] = r.w.branch_or_head if head else r.w.branches_differ
    elif q.words[i, n.BRANCH_WORD] != 0:
        gave[w.BRANCH] = r.w.branches_equal
    if q.words[i, n.WHOLE_WORD] == e.words[j, n.WHOLE_WORD] and q.words[i, n.WHOLE_WORD] != 0:
        gave[w.WHOLE] = r.w.equal_whole
    total = gave.sum()
    near = gave[w.BRAND] == 0 and gave[w.TRADE] >= 0 and gave[w.PLACE] >= 0 and q.numbers[i, n.CORE] > 0
    if total < r.w.short_cap and not near and gave[w.WHOLE] == 0 and gave[w.BRANCH] >= 0:
        short = min(r.start + _short(r, q, i, e, j, cost), np.float64(r.w.short_cap))
        if short > total:
            gave[:] = 0
            gave[w.START] = r.start
            gave[w.SHORT] = short - r.start
            return short
    return float(total)
