"""Features of the chain around a firm: how its buyers and suppliers fare, and what it means to them.

A mean over partners weighs each by what went over the link in the last year, whoever's papers show it, and
counts only partners of whom the figure is known from their own books. Only observed links count; what
everybody buys (power, water, tolls) is left out.
"""

from collections.abc import Callable

import numpy as np
import polars as pl

from gnn.groups.policy import policy_on
from gnn.scores.books import Books, best_segments, books_of, goods_of, observed
from gnn.scores.importance import importance, supplied
from gnn.scores.momentum import momentum, segment_share
from graph.csr import Float64, Mask
from services.features.books import short
from services.features.catalogue import CODE
from services.features.columns import Column, Missing, column, sums
from services.features.seen import Seen, Side

#: A firm is failing whose sales fell by so much against the same season, or that invoiced nothing so long.
FALL, SILENT_MONTHS = -0.3, 3

#: Figure of the firm at the other end → how it is called by buyers and by suppliers.
_MEANS = {
    "sales_growth": ("buyers_growth", "suppliers_growth"),
    "log_sales": ("buyers_log_sales", "suppliers_log_sales"),
    "size_class": ("buyers_size", "suppliers_size"),
    "lost_customers": (None, "suppliers_churn"),
    "days_paying": ("buyers_days_paying", None),
}


def neighbours(seen: Seen, figure: Callable[[str], Column]) -> dict[str, Column]:
    """Group `neighbours`. `figure`: the column of another feature, of all firms."""

    def values(name: str) -> Float64:
        return np.asarray(figure(name).values, np.float64)

    ends = Ends(seen, seen.places.plain.hubs)
    found = ends.near(values)
    found |= ends.far(*(np.asarray(found[name].values) for name in ("buyers_failing", "suppliers_failing")))
    return {**found, **_momentum(seen), **_dependence(seen, figure), **_importance(seen)}


def failing_of(values: Callable[[str], Float64]) -> Float64:
    """float64[n]: 1 where own sales books show that sales break away, 0 where they do not, NaN unknown."""
    growth, idle = values("sales_growth"), values("idle_months")
    silent = idle >= SILENT_MONTHS
    known = ~np.isnan(idle) & (silent | ~np.isnan(growth))
    return np.where(known, (silent | (growth <= FALL)).astype(np.float64), np.nan)


class Ends:
    """The links that count, with their weights. `hubs` bool[n]: sellers that everybody buys from."""

    def __init__(self, seen: Seen, hubs: Mask) -> None:
        graph, self._seen = seen.view.graph, seen
        weight = np.maximum(seen.year, 0).astype(np.float64)
        kept = (weight > 0) & ~hubs[graph.src]
        self._src, self._dst, self._weight = graph.src[kept], graph.dst[kept], weight[kept]

    def near(self, values: Callable[[str], Float64]) -> dict[str, Column]:
        """What is told of a firm's own partners. `values`: a feature of all firms by name."""
        found: dict[str, Column] = {}
        for name, (of_buyers, of_suppliers) in _MEANS.items():
            if of_buyers:
                found[of_buyers] = self.mean("sale", values(name))
            if of_suppliers:
                found[of_suppliers] = self.mean("purchase", values(name))
        failing = failing_of(values)
        found["buyers_failing"] = self.mean("sale", failing)
        found["suppliers_failing"] = self.mean("purchase", failing)
        return found

    def far(self, buyers: Float64, suppliers: Float64) -> dict[str, Column]:
        """What is told of the partners of its partners, from the shares that fail among each firm's buyers
        and suppliers."""
        return {
            "buyers_failing_2": self.mean("sale", buyers),
            "suppliers_failing_2": self.mean("purchase", suppliers),
        }

    def mean(self, side: Side, values: Float64) -> Column:
        """The mean of `values` over a firm's buyers (side sale) or suppliers, weighed by trade."""
        mine, other = (self._src, self._dst) if side == "sale" else (self._dst, self._src)
        told, n = values[other], self._seen.firms
        known = ~np.isnan(told)
        weight = sums(mine[known], self._weight[known], n)
        total = sums(mine[known], (self._weight * told)[known], n)
        alone = np.bincount(mine, minlength=n) == 0
        return column(
            _over(total, weight),
            (self._seen.unseen, "no_graph"),
            (alone, "no_own_partners"),
            (~(weight > 0), "partners_unknown"),
        )


def _over(total: Float64, weight: Float64) -> Float64:
    return np.asarray(np.divide(total, weight, out=np.full(len(total), np.nan), where=weight > 0))


def _momentum(seen: Seen) -> dict[str, Column]:
    """How the firm's segment moves against the year before, and how many of its firms grow."""
    places = seen.places
    rows = momentum(seen.view, seen.table("coverage"), places.rows)
    main = places.main.select("enterprise", "chain", "segment")
    told = main.join(rows, on=["chain", "segment"], how="left", maintain_order="left")
    lack: Missing = [
        (seen.unseen, "no_graph"),
        (~places.placed, "not_in_chain"),
        (main["segment"].is_null().to_numpy(), "segment_unknown"),
        (told["value"].is_null().to_numpy(), "partners_unknown"),
    ]
    return {
        f"segment_{name}": column(told[of].fill_null(np.nan).to_numpy(), *lack)
        for name, of in (("momentum", "value"), ("breadth", "breadth"))
    }


def _dependence(seen: Seen, figure: Callable[[str], Column]) -> dict[str, Column]:
    """Whether one partner makes up so much that the firm fails with it, and how many hang so on the firm."""
    rows, n = seen.groups["dependence"], seen.firms
    bound = rows.filter(pl.col("outcome").is_in(["depends", "common"]))
    found = {}
    sides: tuple[tuple[Side, str, str], ...] = (
        ("sale", "depends_on_buyer", "top1_customer"),
        ("purchase", "depends_on_supplier", "top1_supplier"),
    )
    for side, name, share in sides:
        flag = np.zeros(n)
        flag[bound.filter(pl.col("side") == side)["enterprise"].to_numpy()] = 1.0
        # Who sells to consumers alone depends on no buyer.
        nobody = figure(share).missing == CODE["no_named_customers"]
        unknown = np.isnan(np.asarray(figure(share).values)) & (flag == 0) & ~nobody
        partial = (np.asarray(figure(share).values) >= policy_on(seen.day).dependence_from) & (flag == 0)
        short_now = [(where & (flag == 0), reason) for where, reason in short(seen, side)]
        found[name] = column(flag, *short_now, (unknown | partial, "partners_unknown"))
    hang = np.bincount(bound["partner"].to_numpy(), minlength=n)
    found["dependents"] = column(hang, (seen.unseen, "no_graph"))
    return found


def _importance(seen: Seen) -> dict[str, Column]:
    """Its share of what its customers buy, customers without another source, other sellers of its goods."""
    books = trade_of(seen)
    regions = seen.view.enterprises["region"]
    rows, _ = importance(books, supplied(books, regions))
    shares = segment_share(books, observed(seen.places.rows))
    main = seen.places.main.select("enterprise", "chain", "segment")
    mine = main.join(shares, on=["enterprise", "chain", "segment"], how="left", maintain_order="left")
    unseen: Missing = [(seen.unseen, "no_graph")]

    def told(name: str) -> Float64:
        kept = rows.filter(pl.col("name") == name)
        values = np.full(seen.firms, np.nan)
        at_least = kept["at_least"] if "at_least" in kept.columns else pl.Series([None] * kept.height)
        both = pl.select(pl.coalesce(kept["value"], at_least)).to_series().cast(pl.Float64)
        values[kept["enterprise"].to_numpy()] = both.fill_null(np.nan).to_numpy()
        return values

    found = {
        name: column(told(name), *unseen, (np.isnan(told(name)), "partners_unknown"))
        for name in ("share_of_customers", "sole_customers", "substitutes")
    }
    share = mine["value"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    found["segment_share"] = column(share, *unseen, *_shares(seen, share))
    return found


def _shares(seen: Seen, share: Float64) -> Missing:
    places = seen.places
    unknown = places.main["segment"].is_null().to_numpy()
    return [
        (~places.placed, "not_in_chain"),
        (unknown, "segment_unknown"),
        (np.isnan(share), "no_sales_books"),
    ]


def trade_of(seen: Seen) -> Books:
    """The trade of the last twelve months by kind of goods, as the scores of a build see it."""
    plain, rows = seen.places.plain, observed(seen.places.rows)
    goods = goods_of(seen.view.products.height, best_segments(plain.recognised), rows, seen.firms)
    return books_of(seen.view, goods, seen.table("coverage"), plain.hubs)
