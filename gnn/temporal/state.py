"""Everything known of a trading world up to a step, and the features of possible next transactions."""

import numpy as np
from numpy.typing import NDArray

from gnn.temporal.counts import Activity, Floats, Int64
from gnn.temporal.habits import Habits
from gnn.temporal.plan import Recipes, totals
from gnn.temporal.sampling import Steps
from gnn.temporal.stock import Outlook, Stock, Times

WARM = 5  # steps before the states of stock are worth counting


class Stream:
    """The state after the last step taken in; `features` never sees anything later.

    Steps are taken in in order with `advance`. What is kept is dense over firms × products (and
    sparse over triplets), so this is for one chain's few thousand firms, not for a whole country.
    Without `known` (recipes) there are counts and recencies only.
    """

    def __init__(self, firms: int, products: int, known: Recipes | None) -> None:
        self.firms, self.products = firms, products
        self._of = {name: Activity() for name in ("triplet", "demand", "supply", "pair", "s", "b", "p")}
        self._stock = None if known is None else Stock(known, firms, products)
        self._habits = Habits(firms, products)
        self._times = Times(firms, products)
        self._bought, self._sold = np.zeros((firms, products)), np.zeros((firms, products))
        self._outlook: Outlook | None = None
        self.taken = 0

    def advance(self, step: int, steps: Steps) -> None:
        """Take in the transactions of `step`."""
        at = steps.at(step)
        source, target, product = steps.source[at], steps.target[at], steps.product[at]
        weight = steps.weight[at]
        bought, sold = totals(steps, at)
        if self._stock is not None:
            if self.taken >= WARM:
                trading = (self._times.sold, self._times.bought)
                self._habits.advance(self._states(), trading, (source, target, product))
            self._stock.advance(bought, sold)
        for name, keys in self._keys(source, target, product).items():
            self._of[name].advance(step, keys, weight)
        self._times.advance(source, target, product, weight)
        self._bought, self._sold, self._outlook = bought, sold, None
        self.taken += 1

    def _keys(self, source: Int64, target: Int64, product: Int64) -> dict[str, Int64]:
        return {
            "triplet": (source * self.firms + target) * self.products + product,
            "demand": target * self.products + product,
            "supply": source * self.products + product,
            "pair": source * self.firms + target,
            "s": source,
            "b": target,
            "p": product,
        }

    def _seen(self) -> Outlook:
        if self._stock is None:
            raise RuntimeError("a stream without recipes knows no stock")
        if self._outlook is None:
            self._outlook = self._stock.outlook(self._times)
        return self._outlook

    def _states(self) -> tuple[Int64, Int64]:
        if self._stock is None:
            raise RuntimeError("a stream without recipes knows no stock")
        supply = self._of["supply"]
        every = np.arange(self.firms * self.products)
        usual = np.expm1(supply.amount[supply.slots.of(every)]).reshape(self.firms, self.products)
        return self._stock.states(self._seen(), usual)

    def features(self, step: int, keys: Int64) -> tuple[list[str], NDArray[np.float32]]:
        """Names and values (keys, features) of the triplets `keys` as candidates for `step`."""
        pair, product = np.divmod(keys, self.products)
        source, target = np.divmod(pair, self.firms)
        of = self._keys(source, target, product)
        at = {name: self._of[name].slots.of(key) for name, key in of.items()}
        found: dict[str, Floats] = {}
        for name in ("triplet", "demand", "supply"):
            found |= self._of[name].features(name, step, at[name], amounts=True)
        for name in ("pair", "s", "b", "p"):
            whole = self._of[name].features(name, step, at[name], amounts=False)
            kept = ("often", "since", "decayed_1.5", "decayed_12")
            found |= {f"{name}.{key}": whole[f"{name}.{key}"] for key in kept}
        found |= self._shares(at)
        if self._stock is not None:
            found |= self._stocked(keys, (source, target, product), at)
            found |= self._by_state(step, (source, target, product), at)
        return list(found), np.column_stack(list(found.values())).astype(np.float32)

    def _shares(self, at: dict[str, Int64]) -> dict[str, Floats]:
        found: dict[str, Floats] = {}
        mine = self._of["triplet"]
        for name in ("demand", "supply"):
            whole = self._of[name]
            found[f"share.{name}"] = mine.times[at["triplet"]] / np.maximum(whole.times[at[name]], 1)
            lately = np.maximum(whole.decayed[2, at[name]], 1e-6)
            found[f"share.{name}_lately"] = mine.decayed[2, at["triplet"]] / lately
        return found

    def _stocked(
        self, keys: Int64, rows: tuple[Int64, Int64, Int64], at: dict[str, Int64]
    ) -> dict[str, Floats]:
        seen, (source, target, product) = self._seen(), rows
        usual = {
            name: np.maximum(np.expm1(self._of[name].amount[at[name]]), 1)
            for name in ("triplet", "demand", "supply")
        }
        can, ships = seen.can[source, product], seen.ships[source, product]
        lacks, will = seen.lacks[target, product], seen.will_lack[target, product]
        stock, wanted = self._stock.stock[target, product], seen.wanted[source, product]  # type: ignore[union-attr]
        place = np.minimum(np.searchsorted(seen.pair, keys), max(len(seen.pair) - 1, 0))
        ours = seen.pair[place] == keys if len(seen.pair) else np.zeros(len(keys), bool)
        by = {
            name: np.where(ours, getattr(seen, name)[place], 0.0) if len(seen.pair) else np.zeros(len(keys))
            for name in ("chosen", "due", "habit", "outlet", "short")
        }
        can_, ships_ = np.maximum(can, 0), np.maximum(ships, 0)
        return {
            "stock.can": np.log1p(np.maximum(can, -0.5)),
            "stock.ships": np.log1p(np.maximum(ships, -0.5)),
            "stock.lacking": seen.lacking[source, product],
            "stock.ordered": np.log1p(seen.ordered[source, product]),
            "stock.most": np.log1p(seen.most[source, product]),
            "stock.can_usual": can_ / usual["triplet"],
            "stock.ships_usual": ships_ / usual["supply"],
            "stock.lacks": np.log1p(lacks),
            "stock.lacks_usual": lacks / usual["demand"],
            "stock.will_lack": np.log1p(will),
            "stock.will_lack_usual": will / usual["demand"],
            "stock.lacks_can": np.where(can > 0, lacks / np.maximum(can, 1e-3), -1.0),
            "stock.will_lack_ships": np.where(ships > 0, will / np.maximum(ships, 1e-3), -1.0),
            "stock.has": np.log1p(stock),
            "stock.has_usual": stock / usual["demand"],
            "stock.age": self._stock.age[target, product],  # type: ignore[union-attr]
            "stock.takes": np.log1p(seen.takes[target, product]),
            "stock.served": seen.served[target, product],
            "stock.wanted": np.log1p(wanted),
            "stock.wanted_ships": np.where(ships > 0, wanted / np.maximum(ships, 1e-3), -1.0),
            **{f"stock.{name}": value for name, value in by.items()},
            "stock.due_usual": by["due"] * ships_ / usual["triplet"],
            "stock.buyer_bought": (self._bought[target] > 0).sum(axis=1).astype(np.float64),
            "stock.supplier_bought": (self._bought[source] > 0).sum(axis=1).astype(np.float64),
            "stock.buyer_sold": (self._sold[target] > 0).sum(axis=1).astype(np.float64),
            "stock.buyer_lacks_most": np.log1p(seen.lacks[target].max(axis=1)),
            "stock.buyer_lacks_some": (seen.lacks[target] > 0.5).sum(axis=1).astype(np.float64),
            "stock.match": np.abs(np.log((lacks + 0.5) / (can_ + 0.5))),
            "stock.will_match": np.abs(np.log((will + 0.5) / (ships_ + 0.5))),
        }

    def _by_state(
        self, step: int, rows: tuple[Int64, Int64, Int64], at: dict[str, Int64]
    ) -> dict[str, Floats]:
        span = max(step, 1)
        plain = (
            (self._of["triplet"].times[at["triplet"]] + 0.05) / (span + 1),
            self._of["supply"].steps[at["supply"]] / span,
            self._of["demand"].steps[at["demand"]] / span,
        )
        found = self._habits.features(self._states(), rows, plain)
        keys = self._keys(*rows)["triplet"]
        seen = self._seen()
        place = np.minimum(np.searchsorted(seen.pair, keys), max(len(seen.pair) - 1, 0))
        ours = seen.pair[place] == keys if len(seen.pair) else np.zeros(len(keys), bool)
        chosen = np.where(ours, seen.chosen[place], 0.0) if len(seen.pair) else np.zeros(len(keys))
        outlet = np.where(ours, seen.outlet[place], 0.0) if len(seen.pair) else np.zeros(len(keys))
        return found | {
            "state.buys_here": found["state.buys"] * chosen,
            "state.sells_here": found["state.sells"] * outlet,
        }
