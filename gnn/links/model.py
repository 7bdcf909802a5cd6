"""The model of hidden links: boosted trees over pairs, and how likely it is that books keep silent."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.calibration import Curve, checked
from gnn.embeddings.embedding import Embedding
from gnn.links.candidates import WAYS, Candidates, candidates, closed
from gnn.links.trade import NAMES, common_product, features_of
from gnn.pairs.ranker import logistic
from gnn.positions.plain import Plain
from gnn.positions.seats import Beliefs
from gnn.trees import Trees
from gnn.trees import from_arrays as trees_from
from gnn.view import View
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
    view: View,
    plain: Plain,
    stands: Beliefs,
    embedding: Embedding,
    made: pl.DataFrame,
    coverage: pl.DataFrame,
    model: LinkModel,
) -> pl.DataFrame:
    """Table `inferred_links`: links that no book shows, though they are likelier than LEAST. `embedding` and
    `made` (the table `made_of`): of `view`."""
    sellers, buyers = (closed(coverage, view.firms, view.months, side) for side in ("sale", "purchase"))
    found = candidates(view, plain, made, sellers, buyers)
    told = np.zeros(len(found.pairs))
    for low in range(0, len(told), MOST):
        part = slice(low, low + MOST)
        told[part] = model.probability(features_of(view, plain, stands, embedding, found.pairs[part]))
    likely = told >= LEAST
    rest = found.of(likely)
    return _table(rest, told[likely], common_product(view, plain, rest.pairs))


def _table(found: Candidates, told: NDArray[np.float64], common: NDArray[np.int64]) -> pl.DataFrame:
    """`common`: what both sides deal in, which tells more than what the way of a pair would have sold."""
    rows = pl.DataFrame(
        {
            "src": found.pairs[:, 0],
            "dst": found.pairs[:, 1],
            "probability": told,
            "way": pl.Series(found.way, dtype=pl.Int8).replace_strict(
                dict(enumerate(WAYS)), return_dtype=pl.String
            ),
            "product": np.where(common >= 0, common, found.product),
        }
    )
    likely = rows.sort("src", "probability", "dst", descending=[False, True, False])
    ranked = likely.with_columns(rank=pl.int_range(1, pl.len() + 1).over("src"))
    kept = ranked.filter(pl.col("rank") <= KEPT).with_columns(
        product=pl.when(pl.col("product") >= 0).then("product")
    )
    schema = LEARNED_TABLES["inferred_links"]
    return kept.select(pl.col(name).cast(dtype) for name, dtype in schema.items()).sort("src", "dst")
