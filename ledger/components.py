"""Connected components of pairs of ids: who belongs together when each pair does."""

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def components(left: pl.Series, right: pl.Series) -> pl.DataFrame:
    """item → `smallest` item of its component, for every item named in the pairs (strings)."""
    items = pl.concat([left.rename("item"), right.rename("item")]).unique().sort()
    if items.is_empty():
        return pl.DataFrame(schema={"item": pl.String, "smallest": pl.String})
    # The items are sorted, so a binary search numbers them.
    a, b = items.search_sorted(left).to_numpy(), items.search_sorted(right).to_numpy()
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(items.len(), items.len()))
    _, component = connected_components(graph, directed=False)
    return pl.DataFrame({"item": items, "c": component}).select(
        "item", pl.col("item").min().over("c").alias("smallest")
    )
