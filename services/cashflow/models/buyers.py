"""What a supplier's buyers did last, as columns for the learned model: their flows, and when they pay.

`Growth`: did the buyers buy and sell more than usual lately? `Due`: what was invoiced to each buyer and, by
the delay that buyer is known for, falls due in the months ahead. Both look only at months before the origin.
`shuffled` gives every link another buyer: what remains then is no news from the graph but what any buyer
would have told, so a gain counts only over the shuffled one.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from graph.csr import Float64, Int64
from services.cashflow.models.panel import YEAR, Panel, recent_mean

#: Payments later than this many months are taken as made in the last of them.
LATEST = 7
#: A link's own delays weigh as much as the pool's once it has been invoiced for this many ordinary months.
_SHRINK = 1.0


@dataclass(frozen=True)
class Growth:
    """`supplier`: int64[m] rows of the panel; `buyer`: int64[m] rows of `flows`; `weight`: float64[m, T]
    amounts of the link by month; `flows`: list of float64[b, T], NaN unknown, what is watched of each
    buyer."""

    supplier: Int64
    buyer: Int64
    weight: Float64
    flows: list[Float64]

    def __call__(self, known: Panel, horizon: int) -> Float64:
        """float64[h, n, 2 × flows + 1]: logarithm of the last month and of the last three over the buyer's
        year, weighted by what each link carried in the last year, then how many links count; NaN without
        any."""
        months = known.months
        carried = self.weight[:, max(0, months - YEAR) : months].sum(1)
        columns = []
        for flow in self.flows:
            seen = flow[:, :months]
            year = recent_mean(seen)
            for last in (1, 3):
                ratio = (recent_mean(seen, last) + 0.1 * year) / np.maximum(1.1 * year, 1e-9)
                said = np.where(year > 0, np.log(np.clip(ratio, 0.05, 20.0)), np.nan)[self.buyer]
                columns.append(self._mean(said, carried, known.rows))
        links = np.bincount(self.supplier[carried > 0], minlength=known.rows).astype(float)
        table = np.stack([*columns, links], axis=1)
        return np.broadcast_to(table, (horizon, *table.shape))

    def _mean(self, said: Float64, carried: Float64, rows: int) -> Float64:
        usable = (carried > 0) & ~np.isnan(said)
        at = self.supplier[usable]
        weight = np.bincount(at, carried[usable], minlength=rows)
        total = np.bincount(at, (carried * np.nan_to_num(said))[usable], minlength=rows)
        mean: Float64 = np.where(weight > 0, total / np.maximum(weight, 1e-9), np.nan)
        return mean

    def shuffled(self, seed: int) -> "Growth":
        """Every link with the buyer of another link, drawn without replacement."""
        return replace(self, buyer=np.random.default_rng(seed).permutation(self.buyer))


@dataclass(frozen=True)
class Due:
    """`supplier`: int64[m]; `invoiced`: float64[m, T] by link and month; `paid`: float64[m, T, LATEST], what
    of a month's invoices was paid how many months later (the last: that or later); `per_link`: whether each
    buyer's own delay is used, or the pool's for all."""

    supplier: Int64
    invoiced: Float64
    paid: Float64
    per_link: bool = True
    order: Int64 | None = field(default=None, compare=False)

    def delays(self, origin: int) -> Float64:
        """float64[m, LATEST]: share of an invoice paid after so many months, seen before `origin`, each
        link's shrunk towards the pool's."""
        paid, could = np.zeros((len(self.supplier), LATEST)), np.zeros((len(self.supplier), LATEST))
        for lag in range(LATEST):
            months = max(origin - lag, 0)  # invoices this old may have been paid at that lag and seen
            paid[:, lag] = self.paid[:, :months, lag].sum(1)
            could[:, lag] = self.invoiced[:, :months].sum(1)
        pool = paid.sum(0) / np.maximum(could.sum(0), 1e-9)
        if not self.per_link:
            return np.broadcast_to(pool, paid.shape)
        ordinary = self.invoiced[:, :origin].sum(1, keepdims=True) / np.maximum(
            (self.invoiced[:, :origin] > 0).sum(1, keepdims=True), 1
        )
        rest = np.maximum(_SHRINK * ordinary, 1e-9)
        shares: Float64 = (paid + rest * pool) / (could + rest)
        return shares

    def expected(self, origin: int, horizon: int, rows: int) -> Float64:
        """float64[horizon, rows]: of what is invoiced by `origin`, the amount each month ahead should
        bring."""
        share, invoiced = self.delays(origin), self.invoiced[:, :origin]
        if self.order is not None:  # another buyer's months and delays, in this link's size
            size = invoiced.sum(1) / np.maximum(invoiced[self.order].sum(1), 1e-9)
            share, invoiced = share[self.order], invoiced[self.order] * size[:, None]
        out = np.zeros((horizon, rows))
        for h in range(horizon):
            for lag in range(h + 1, min(LATEST, origin + h + 1)):
                falls = share[:, lag] * invoiced[:, origin + h - lag]
                out[h] += np.bincount(self.supplier, falls, minlength=rows)
        return out

    def __call__(self, known: Panel, horizon: int) -> Float64:
        """float64[h, n, 1]: the expected amount in units of the row's mean of the last year."""
        unit = recent_mean(known.values)
        due = self.expected(known.months, horizon, known.rows)
        said: Float64 = np.where(unit > 0, due / np.maximum(unit, 1e-9), np.nan)[:, :, None]
        return said

    def of_pool(self) -> "Due":
        """The same with the pool's delay for every link: what a supplier's own invoices tell without the
        graph."""
        return replace(self, per_link=False)

    def shuffled(self, seed: int) -> "Due":
        """Every link with the invoices and delays of another link's buyer, in its own size."""
        order = np.random.default_rng(seed).permutation(len(self.supplier))
        return replace(self, order=order)


def together(*extras: "Growth | Due") -> "Together":
    """The columns of all, side by side."""
    return Together(extras)


@dataclass(frozen=True)
class Together:
    """Several givers of columns as one."""

    extras: tuple["Growth | Due", ...]

    def __call__(self, known: Panel, horizon: int) -> Float64:
        """float64[h, n, all columns]."""
        return np.concatenate([extra(known, horizon) for extra in self.extras], axis=2)
