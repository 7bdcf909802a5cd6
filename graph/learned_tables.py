"""Tables of what is learned: why a firm stands where it does, its path of goods, links nobody reported."""

from typing import Any

import polars as pl

_EDGES: Any = pl.List(pl.Int32)

LEARNED_TABLES: dict[str, pl.Schema] = {
    # What each sign gave for the segment a firm is put into, in log odds.
    "position_signs": pl.Schema({"enterprise": pl.Int32, "sign": pl.String, "gave": pl.Float64}),
    # The path of goods between a firm and a core enterprise, one a firm and chain.
    "goods_paths": pl.Schema(
        {
            "enterprise": pl.Int32,
            "chain": pl.String,
            "core": pl.Int32,
            "upstream": pl.Boolean,  # goods flow from the firm to the core; else from the core to the firm
            "worth": pl.Float64,  # ranks paths, is no probability
            "edges": _EDGES,  # from the firm on
        }
    ),
    # Supply links that nobody reported, inferred; never a customer, a receivable or an exposure.
    "inferred_links": pl.Schema(
        {
            "src": pl.Int32,
            "dst": pl.Int32,
            "probability": pl.Float64,  # calibrated on links that were hidden
            "rank": pl.Int32,  # among the suggestions for the seller, from 1
            "way": pl.String,  # how it came to be a candidate: goods | needs | words | paths
            "product": pl.Int32,  # what would be sold; null where only paths speak
        }
    ),
    # Which kind of goods is made of which, learned from who buys what before selling what. A kind is a
    # segment's goods, or a product that stands in none.
    "made_of": pl.Schema(
        {
            **dict.fromkeys(("segment", "input_segment"), pl.String),
            **dict.fromkeys(("product", "input_product"), pl.Int32),
            "score": pl.Float64,
            "covered": pl.Float64,  # share of the makers that buy the input
            "makers": pl.Int32,
            "basis": pl.String,  # learned: trade alone says so; known: the chain's file says so as well
        }
    ),
}
LEARNED_ORDER: dict[str, tuple[str, ...]] = {
    "position_signs": ("enterprise", "sign"),
    "goods_paths": ("enterprise", "chain"),
    "inferred_links": ("src", "dst"),
    "made_of": ("segment", "product", "score", "input_segment", "input_product"),
}
LEARNED_POINTERS: dict[str, dict[str, str]] = {
    "position_signs": {"enterprise": "enterprises"},
    "goods_paths": {"enterprise": "enterprises", "core": "enterprises"},
    "inferred_links": {"src": "enterprises", "dst": "enterprises", "product": "products"},
    "made_of": {"product": "products", "input_product": "products"},
}
LEARNED_NULLABLE = {("inferred_links", "product"), ("made_of", "product"), ("made_of", "input_product")}
