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
            "confidence": pl.Float64,
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
            "way": pl.String,  # how it came to be a candidate: paths | goods | words
            "product": pl.Int32,  # what would be sold, where both sides' goods tell; else null
        }
    ),
    # Which product is made of which, learned from who buys what before selling what.
    "product_inputs": pl.Schema(
        {
            "product": pl.Int32,
            "input": pl.Int32,
            "score": pl.Float64,
            "firms": pl.Int32,  # that buy the one and sell the other
            "basis": pl.String,  # learned, or known: the chain's file says so of their segments
        }
    ),
}
LEARNED_ORDER: dict[str, tuple[str, ...]] = {
    "position_signs": ("enterprise", "sign"),
    "goods_paths": ("enterprise", "chain"),
    "inferred_links": ("src", "dst"),
    "product_inputs": ("product", "input"),
}
LEARNED_POINTERS: dict[str, dict[str, str]] = {
    "position_signs": {"enterprise": "enterprises"},
    "goods_paths": {"enterprise": "enterprises", "core": "enterprises"},
    "inferred_links": {"src": "enterprises", "dst": "enterprises", "product": "products"},
    "product_inputs": {"product": "products", "input": "products"},
}
LEARNED_NULLABLE = {("inferred_links", "product")}
