"""Scores of enterprises and segments, each a number with the firms, goods and paths behind it.

Importance: share of customers' purchases, only sources, other sellers, share of a segment's sales.
Dependence: largest customers and suppliers. Momentum: a segment against the year before. What a firm's
standstill would do is worked out on request (`gnn.contagion.shake`).
"""

from collections.abc import Sequence

import polars as pl

from gnn.scores.books import best_segments, books_of, goods_of, observed
from gnn.scores.concentration import concentration
from gnn.scores.downstream import downstream
from gnn.scores.importance import importance, needed_sole, supplied
from gnn.scores.momentum import momentum, segment_share
from gnn.view import View
from graph.score_tables import SCORE_ORDER, SCORE_TABLES
from seeds.chains import Chain


def chain_scores(
    view: View,
    positions: pl.DataFrame,
    enterprises: pl.DataFrame,
    coverage: pl.DataFrame,
    chains: Sequence[Chain],
) -> dict[str, pl.DataFrame]:
    """Tables `goods`, `scores`, `score_firms` and `momentum` of the snapshot (`graph.score_tables`).

    `positions`: those inferred do not count; `enterprises`: column region, one row a firm; `coverage`:
    enterprise, side, month of own books.
    """
    scored, positions = view.scores(list(chains)), observed(positions)
    segment_of = best_segments(scored)
    goods = goods_of(view.products.height, segment_of, positions, view.firms)
    books = books_of(view, goods, coverage, view.hubs(scored))
    links = supplied(books, enterprises["region"])
    parts = [concentration(books), importance(books, links), downstream(needed_sole(links), view.firms)]
    scores = [part for part, _ in parts] + [segment_share(books, positions)]
    return {
        "goods": segment_of,
        "scores": _shaped("scores", scores),
        "score_firms": _shaped("score_firms", [named for _, named in parts]),
        "momentum": _shaped("momentum", [momentum(view, coverage, positions)]),
    }


def _shaped(table: str, parts: list[pl.DataFrame]) -> pl.DataFrame:
    """The parts under each other, with the table's columns, types and order."""
    schema = SCORE_TABLES[table]
    full = [
        part.select(
            (pl.col(name) if name in part.columns else pl.lit(None)).cast(dtype).alias(name)
            for name, dtype in schema.items()
        )
        for part in parts
        if part.width
    ]
    return pl.concat(full).sort(SCORE_ORDER[table], nulls_last=True)
