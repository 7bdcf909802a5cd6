"""Hubs: firms everybody buys from (power, water, telecoms, tolls, banks), which carry no supply meaning.

A path of goods through the power company joins everything with everything. A firm is a hub when what
it sells stands in no segment of any chain and either

- most of it is a utility or general service (`seeds/utilities.yaml`: words and tax categories) and at
  least `LEAST_SERVED` firms buy it: a landlord with two tenants is a firm like any other, or
- its customers are many (at least `LEAST`) and spread over everything: at least `SPREAD` of all firms
  that buy anything. Ledgers without item names have only this to go by.

A great buyer is no hub, nor is a distributor with thousands of shops: they deal in goods of a segment.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

#: A seller with fewer customers is never a hub by number alone.
LEAST = 100
#: Share of all buyers that must buy from a firm to make it a hub by number alone.
SPREAD = 0.1
#: A utility serves at least so many firms.
LEAST_SERVED = 20
#: Share of its sales in utilities or general services that makes a firm a hub.
MOSTLY = 0.5


def find_hubs(
    customers: NDArray[np.int64],
    buyers: int,
    makes: pl.DataFrame,
    products: pl.DataFrame,
    recognised: pl.DataFrame,
    utilities: tuple[Sequence[str], Sequence[str]],
) -> NDArray[np.bool_]:
    """One flag an enterprise.

    `customers`: how many firms buy from each; `buyers`: firms that buy anything; `makes`, `products`:
    what each sells; `recognised`: products that stand in a segment (column product); `utilities`:
    (item words, tax category prefixes).
    """
    n = len(customers)
    words, prefixes = utilities
    item = pl.col("item").fill_null("")
    of_words = item.str.contains_any(list(words)) if words else pl.lit(False)
    tax = pl.col("tax_category").fill_null("")
    of_tax = pl.any_horizontal([tax.str.starts_with(p) for p in prefixes]) if prefixes else pl.lit(False)
    kinds = (
        products.select("item", "tax_category")
        .with_row_index("product")
        .cast({"product": pl.Int32})
        .with_columns((of_words | of_tax).alias("utility"))
        .join(
            recognised.select("product").unique().with_columns(placed=pl.lit(True)), on="product", how="left"
        )
        .with_columns(pl.col("placed").fill_null(False), pl.col("utility").fill_null(False))
    )
    shares = (
        makes.join(kinds.select("product", "utility", "placed"), on="product")
        .group_by("enterprise")
        .agg(
            pl.col("share").filter("utility", ~pl.col("placed")).sum().alias("utility"),
            pl.col("share").filter("placed").sum().alias("placed"),
        )
    )
    utility, placed = np.zeros(n), np.zeros(n)
    where = shares["enterprise"].to_numpy()
    utility[where], placed[where] = shares["utility"].to_numpy(), shares["placed"].to_numpy()
    many = (customers >= LEAST) & (customers >= SPREAD * max(buyers, 1)) & (placed < MOSTLY)
    return np.asarray(((utility >= MOSTLY) & (customers >= LEAST_SERVED)) | many)
