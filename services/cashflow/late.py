"""What if one buyer pays a firm so many days later than it was seen to: the ground with that one change."""

from dataclasses import replace

import numpy as np

from ledger.errors import InputError
from services.cashflow.ground import Ground

#: What follows from the delays, and so is made anew.
_OF_DELAYS = frozenset({"delays", "_worlds", "_tables", "_windows"})


def late_ground(ground: Ground, seller: int, buyer: int, days: int) -> Ground:
    """`ground` where every payment of `buyer` to `seller` comes `days` later, open invoices' ones among them.

    Compare it with itself at 0 days: both draw the same numbers, so that all that differs is the lateness.
    Raises InputError where the two have no dealings.
    """
    edge = ground.source.edge_between(seller, buyer)
    if edge is None:
        raise InputError("late_no_link")
    old = ground.delays
    row, rows = int(old.of[edge]), len(old.cdf)
    of = old.of.copy()
    of[edge] = rows
    delays = replace(
        old,
        cdf=np.vstack([old.cdf, old.cdf[row : row + 1]]),
        of=of,
        basis=(*old.basis, old.basis[row]),
        held=(*old.held, old.held[row]),
        paid=(*old.paid, old.paid[row]),
        open=(*old.open, old.open[row]),
        late=np.append(np.zeros(rows, np.int32), np.int32(days)),
    )
    changed = replace(ground, delays=delays)
    # Books, forecasts and their proof do not change: they cost seconds to make.
    _ = ground.proof, ground.own_until, ground.pace
    vars(changed).update({name: kept for name, kept in vars(ground).items() if name not in _OF_DELAYS})
    return changed
