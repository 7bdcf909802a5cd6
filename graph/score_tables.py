"""The tables of a snapshot that hold scores: columns, order, pointers.

A figure from partial books is null; what can be said then stands in `at_least`. `reason` is the code of
a sentence (`ledger/words_scores.yaml`), the other columns are what fills it. Momentum stands by segment.
"""

from typing import Any

import polars as pl

_TEXT: Any = pl.String
_FIRM: dict[str, Any] = {"enterprise": pl.Int32}

SCORE_TABLES: dict[str, pl.Schema] = {
    # The kind of goods of a product: the segment it stands in. A product that is not here is its own kind.
    "goods": pl.Schema({"product": pl.Int32, "segment": _TEXT}),
    # One row a firm, chain (null: all it does) and figure. Amounts without tax, over `months` months.
    "scores": pl.Schema(
        {
            **_FIRM,
            **dict.fromkeys(("chain", "segment", "name"), _TEXT),
            "value": pl.Float64,
            "at_least": pl.Float64,
            "basis": _TEXT,  # own | partial
            "reason": _TEXT,
            "partner": pl.Int32,  # the firm that the reason names
            "product": pl.Int32,  # its goods, where `segment` does not name them
            "amount_fen": pl.Int64,
            "of_fen": pl.Int64,
            "count": pl.Int32,
            "of_count": pl.Int32,
            "months": pl.Int32,
        }
    ),
    # The firms behind a figure, the first few by rank.
    "score_firms": pl.Schema(
        {
            **_FIRM,
            "name": _TEXT,
            "rank": pl.Int32,
            "partner": pl.Int32,
            "segment": _TEXT,
            "product": pl.Int32,
            "amount_fen": pl.Int64,
            "share": pl.Float64,  # null: the partner's own books are not in
            "sources": pl.Int32,  # others that the partner buys these goods from; null: not known
            "sellers": pl.Int32,  # others seen to sell them at all
            "delivering": pl.Int32,  # of those, into the partner's province
            "nearby": pl.Int32,  # of those, from its city
            "path": pl.List(pl.Int32),  # firms, from this one to the partner
        }
    ),
    # One row a chain and segment: its firms' sales against the same months a year before.
    "momentum": pl.Schema(
        {
            **dict.fromkeys(("chain", "segment"), _TEXT),
            "value": pl.Float64,  # growth: 0.05 is 5 % more
            "breadth": pl.Float64,  # share of firms that grew
            "basis": _TEXT,
            "reason": _TEXT,
            **dict.fromkeys(("firms", "of_firms", "growing", "gone", "came"), pl.Int32),
            "sales_fen": pl.Int64,
            "before_fen": pl.Int64,
            "months": pl.List(pl.String),
        }
    ),
}

SCORE_ORDER: dict[str, tuple[str, ...]] = {
    "goods": ("product",),
    "scores": ("enterprise", "chain", "name"),
    "score_firms": ("enterprise", "name", "rank"),
    "momentum": ("chain", "segment"),
}
SCORE_POINTERS: dict[str, dict[str, str]] = {
    "goods": {"product": "products"},
    "scores": {"enterprise": "enterprises", "partner": "enterprises", "product": "products"},
    "score_firms": {"enterprise": "enterprises", "partner": "enterprises", "product": "products"},
}
#: Pointers that may lead nowhere.
SCORE_NULLABLE = {("scores", "partner"), ("scores", "product"), ("score_firms", "product")}


def blank(table: str) -> pl.DataFrame:
    """A table of this file without rows."""
    return pl.DataFrame(schema=SCORE_TABLES[table])
