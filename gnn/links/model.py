"""The model of hidden links: boosted trees over pairs, and how likely it is that books keep silent."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.calibration import Curve, checked
from gnn.links.candidates import candidates, closed
from gnn.links.trade import NAMES, common_product, features_of
from gnn.positions.plain import Plain
from gnn.positions.seats import Beliefs
from gnn.ranker import logistic
from gnn.trees import Trees
from gnn.trees import from_arrays as trees_from
from gnn.view import View
from graph.csr import Int32
from graph.learned_tables import LEARNED_TABLES

#: Links less likely than this are not told.
LEAST = 0.1
#: Candidates looked at together.
MOST = 2_000_000
#: Suggestions kept of each seller.
KEPT = 5


@dataclass(frozen=True)
class LinkModel:
    """`trees` over the columns `gnn.links.trade.NAMES`; `curve` from their logistic to a probability."""

    trees: Trees
    curve: Curve

    def probability(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """float64[k], calibrated on links that were hidden from a graph."""
        return self.curve(logistic(self.trees.score(rows)))


def arrays_of(model: LinkModel) -> dict[str, NDArray[Any]]:
    """The model as named arrays, as they are kept in a file."""
    return {**model.trees.arrays(), "curve.raw": model.curve.raw, "curve.true": model.curve.true}


def from_arrays(arrays: dict[str, NDArray[Any]]) -> LinkModel:
    """The model of `arrays_of`. KeyError where one is missing, ValueError where they are no such model."""
    trees = trees_from(arrays)
    if len(trees.feature) and trees.feature.max() >= len(NAMES):
        raise ValueError("the trees ask for columns that there are not")
    return LinkModel(trees, checked(Curve(arrays["curve.raw"], arrays["curve.true"])))


def inferred_links(
    view: View, plain: Plain, stands: Beliefs, coverage: pl.DataFrame, model: LinkModel
) -> pl.DataFrame:
    """Table `inferred_links`: links that no book shows, though they are likelier than LEAST."""
    sellers, buyers = (closed(coverage, view.firms, view.months, side) for side in ("sale", "purchase"))
    found = candidates(view, plain, sellers, buyers)
    if not len(found.pairs):
        return pl.DataFrame(schema=LEARNED_TABLES["inferred_links"])
    blocks = np.array_split(found.pairs, max(1, len(found.pairs) // MOST))
    told = np.concatenate([model.probability(features_of(view, plain, stands, block)) for block in blocks])
    likely = told >= LEAST
    pairs = found.pairs[likely]
    return _table(pairs, told[likely], found.by_goods[likely], common_product(view, plain, pairs))


def _table(
    pairs: Int32, told: NDArray[np.float64], by_goods: NDArray[np.bool_], product: NDArray[np.int64]
) -> pl.DataFrame:
    rows = pl.DataFrame(
        {
            "src": pairs[:, 0],
            "dst": pairs[:, 1],
            "probability": told,
            "way": pl.Series(by_goods).replace_strict(
                {True: "goods", False: "paths"}, return_dtype=pl.String
            ),
            "product": product,
        }
    )
    likely = rows.sort("src", "probability", "dst", descending=[False, True, False])
    ranked = likely.with_columns(rank=pl.int_range(1, pl.len() + 1).over("src"))
    kept = ranked.filter(pl.col("rank") <= KEPT).with_columns(
        product=pl.when(pl.col("product") >= 0).then("product")
    )
    schema = LEARNED_TABLES["inferred_links"]
    return kept.select(pl.col(name).cast(dtype) for name, dtype in schema.items()).sort("src", "dst")
