"""Features of a firm's place in the industry chains, worked out anew from what was seen up to the day.

Places are those of a build (`gnn.positions`), made of the view of the day with the model that comes with the
package: the same papers give the same place, whoever trained what since. Where a firm's own goods do not
show its place, it is inferred from its dealings and marked so. Levels count observed links alone.
"""

from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
import polars as pl

from gnn.positions.model import PositionModel, from_arrays, stand
from gnn.positions.plain import Plain, what_is_plain
from gnn.positions.signs import words_of
from gnn.positions.table import position_table
from gnn.registry.folder import shipped
from gnn.view import View
from graph.csr import Float64, Mask
from services.features.columns import Column, Missing, column, texts
from services.features.seen import Seen

#: Sums over the whole graph differ in the last bits with the order of firms, which later ones change.
DIGITS = 9


@dataclass(frozen=True)
class Places:
    """`rows`: table `positions` of the day; `main`: one row a firm, its main place, null columns where it has
    none; `plain`: what goods alone say."""

    rows: pl.DataFrame
    main: pl.DataFrame
    plain: Plain

    @cached_property
    def placed(self) -> Mask:
        """bool[n]: in some chain."""
        return np.asarray(self.main["chain"].is_not_null().to_numpy())

    @cached_property
    def inferred(self) -> Mask:
        """bool[n]: placed, and not by its own goods."""
        return np.asarray((self.main["basis"] == "inferred").fill_null(False).to_numpy())

    def number(self, name: str) -> Float64:
        """float64[n]: a column of `main`, NaN where null."""
        return np.asarray(self.main[name].cast(pl.Float64).fill_null(np.nan).to_numpy().round(DIGITS))


def places_of(seen: Seen) -> Places:
    """Where all firms stand as of the day of `seen`."""
    view = _known(seen)
    plain = what_is_plain(view, seen.chains)
    model = _model()
    found = stand(view, plain, words_of(view, plain), model)
    rows = position_table(view, plain, found, model, seen.chains, seen.cores)
    order = ("enterprise", "placed", "membership", "confidence", "chain")
    best = (
        rows.with_columns(
            pl.col("segment").is_not_null().alias("placed"),
            pl.col("membership", "confidence").round(DIGITS),
        )
        .sort(order, descending=[False, True, True, True, False])
        .unique("enterprise", keep="first", maintain_order=True)
        .join(rows.group_by("enterprise").agg(pl.len().alias("chains")), on="enterprise")
    )
    everybody = pl.DataFrame({"enterprise": np.arange(view.firms, dtype=np.int32)})
    return Places(rows, everybody.join(best, on="enterprise", how="left", maintain_order="left"), plain)


@cache
def _model() -> PositionModel:
    return from_arrays(shipped("positions").weights)


def _known(seen: Seen) -> View:
    """The view, without the names of firms that nothing had been seen of: words count over all names."""
    there = pl.Series(~seen.unseen)
    hidden = [pl.when(there).then(pl.col(c)).alias(c) for c in ("name", "industry")]
    return replace(seen.view, enterprises=seen.view.enterprises.with_columns(hidden))


def position(seen: Seen) -> dict[str, Column]:
    """Group `position`."""
    places = seen.places
    main = places.main
    lack: Missing = [(seen.unseen, "no_graph"), (~places.placed, "not_in_chain")]
    seat: Missing = [*lack, (main["segment"].is_null().to_numpy(), "segment_unknown")]
    core: Missing = [*lack, (main["level"].is_null().to_numpy(), "no_core")]
    deep: Missing = [*lack, (main["depth"].is_null().to_numpy(), "segment_unknown")]
    return {
        "chain": texts(main["chain"], *lack),
        "segment": texts(main["segment"], *seat),
        "placed_by_goods": column(~places.inferred, *lack),
        "position_probability": column(places.number("probability"), *seat),
        "chain_probability": column(places.number("chain_probability"), *lack),
        "membership": column(places.number("membership"), *lack),
        "chains": column(places.number("chains"), *lack),
        "depth": column(places.number("depth"), *deep),
        "level": column(places.number("level"), *core),
        "core_distance": column(np.abs(places.number("level")), *core),
    }
