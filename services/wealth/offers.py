"""Products as a plan sees them: net yield, when the money comes back, how much one firm may hold."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from services.calendar import is_banking_day
from services.wealth.policy import Policy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Offers:
    """Columns over products, days counted from the first day of the path (0).

    `rate`: yearly yield over the horizon, net of fees, what matures early waiting at the best open rate;
    `swing`: standard deviation of a year's result; `order`: day on which its money is asked back at the
    earliest, `money`: day on which it is there; `quick_from`, `quick_fen`: first day and daily cap of quick
    redemption (0: none); `most_fen`: what one firm may hold.
    """

    frame: pl.DataFrame
    bought: int
    rate: Floats
    swing: Floats
    order: Ints
    money: Ints
    quick_from: Ints
    quick_fen: Ints
    least_fen: Ints
    most_fen: Ints

    def take(self, rows: Ints) -> "Offers":
        """Some of them."""
        parts = {
            name: getattr(self, name)[rows]
            for name in (
                *("rate", "swing", "order", "money", "quick_from", "quick_fen", "least_fen", "most_fen"),
            )
        }
        return Offers(frame=self.frame[rows], bought=self.bought, **parts)

    def __len__(self) -> int:
        return self.frame.height


class _Open:
    """Days on which products are bought and paid back, from the first day of a path on: exchanges stay closed
    on weekend days that are worked."""

    def __init__(self, first: date, count: int) -> None:
        days = [first + timedelta(days=i) for i in range(count)]
        open_ = np.array([day.weekday() < 5 and is_banking_day(day) for day in days])
        self.days = np.flatnonzero(open_)
        self.at = np.searchsorted(self.days, np.arange(count))

    def after(self, day: Ints, count: Ints) -> Ints:
        """The `count`-th open day after the first one that is not before `day`."""
        return np.asarray(self.days[self.at[day] + count], np.int64)


def offers(shelf: pl.DataFrame, first: date, horizon: int, amount_fen: int, policy: Policy) -> Offers:
    """Suitable products as offers to place `amount_fen` on `first`; those that give the money back only after
    the `horizon`, or ask for more than may be placed in one, are left out."""
    middle = (shelf["benchmark_low"].to_numpy() + shelf["benchmark_high"].to_numpy()) / 2
    kept = shelf.filter(pl.Series(middle > 0) & (pl.col("lock_days") <= horizon))
    lock = kept["lock_days"].to_numpy().astype(np.int64)
    opened = _Open(first, 2 * horizon + 120)
    zero = np.zeros(len(lock), np.int64)
    bought = int(opened.after(np.zeros(1, np.int64), np.zeros(1, np.int64))[0])
    confirmed = opened.after(zero + bought, kept["confirm_days"].to_numpy().astype(np.int64))
    notice = kept["notice_days"].to_numpy().astype(np.int64)
    order = opened.after(confirmed + np.maximum(lock, notice), zero)
    money = opened.after(order, kept["settle_days"].to_numpy().astype(np.int64))
    quick = np.minimum(kept["quick_cap_fen"].fill_null(0).to_numpy(), policy.quick_cap_fen)
    size = kept["size_fen"].fill_null(10**17).to_numpy()
    most = np.minimum(
        kept["most_fen"].fill_null(10**17).to_numpy(), (size * policy.size_share).astype(np.int64)
    )
    most = np.minimum(most, int(amount_fen * policy.product_share))
    found = Offers(
        frame=kept,
        bought=bought,
        rate=_net(kept, money, horizon),
        swing=np.array([policy.swing[level] for level in kept["level"]], np.float64),
        order=order,
        money=money,
        quick_from=confirmed,
        quick_fen=quick.astype(np.int64),
        least_fen=np.maximum(kept["least_fen"].to_numpy(), int(amount_fen * policy.rung_share)),
        most_fen=most,
    )
    return found.take(np.flatnonzero((money < horizon) & (found.least_fen <= most)))


def _net(kept: pl.DataFrame, money: Ints, horizon: int) -> Floats:
    """Yearly yield of a yuan over the horizon: middle of the benchmark less fees; closed products mature, and
    their money then earns what the middling open product does."""
    middle = ((kept["benchmark_low"] + kept["benchmark_high"]) / 2).to_numpy()
    years = horizon / 365
    fees = (kept["subscribe_rate"] + kept["redeem_rate"]).to_numpy() / years
    open_ = (kept["lock_days"] == 0).to_numpy() & (kept["level"] == 1).to_numpy()
    waiting = float(np.median(middle[open_])) if open_.any() else 0.0
    held = np.where((kept["form"] == "closed").to_numpy(), np.minimum(money / horizon, 1.0), 1.0)
    return np.asarray(middle * held + waiting * (1 - held) - fees, np.float64)


def shortlist(found: Offers, size: int) -> Ints:
    """Rows of at most `size` products that others beat least often, in the shelf's order.

    One beats another where it yields no less, gives the money back no later, swings no more and lets no less
    out at once. What counts is how much money those that beat it can take: a product beaten by room for all
    of the money is never missed. The list is the layers nearest to the Pareto front.
    """
    n = len(found)
    if n <= size:
        return np.arange(n, dtype=np.int64)
    columns = np.stack(
        [-found.rate, found.money.astype(np.float64), found.swing, -found.quick_fen.astype(np.float64)]
    )
    order = np.lexsort((columns[3], columns[2], columns[1], columns[0]))
    ranked = columns[:, order]
    room = found.most_fen[order].astype(np.float64)
    beaten = np.zeros(n)
    for begin in range(0, n, 512):
        end = min(begin + 512, n)
        block = ranked[:, begin:end]
        better = np.ones((end - begin, end), bool)
        for row in (1, 2, 3):
            better &= ranked[row, None, :end] <= block[row, :, None]
        better &= np.arange(end)[None, :] < np.arange(begin, end)[:, None]
        beaten[begin:end] = better @ room[:end]
    best = np.lexsort((np.arange(n), beaten))[:size]
    return np.sort(order[best]).astype(np.int64)
