"""Words as evidence: which n-grams and codes go with which segment, by naive Bayes over firms already placed.

    sign(i, s) = sum over the tokens w of firm i of  log( P(w | s) / P(w) ) / sqrt(number of its tokens)

P(w | s) is the share of token w among the firms believed to stand in s, smoothed by P(w). The root keeps
long names from shouting: their n-grams overlap and are not independent. Words of legal forms and places
are the same in every segment and cancel by themselves.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from gnn.positions.seats import Beliefs

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]

#: How many pseudo-observations the overall share of a token counts for.
SMOOTHING = 20.0
#: A token of fewer firms is left out: it can say nothing yet.
RAREST = 3


@dataclass(frozen=True)
class Tokens:
    """Which tokens each of n firms bears: `bears` csr[n, V] of 0 and 1; `words` the V tokens, sorted."""

    bears: sparse.csr_matrix
    words: pl.Series


def ngrams(texts: pl.DataFrame, length: int = 2) -> pl.DataFrame:
    """enterprise, token: the character n-grams of `texts` (enterprise, text), each once."""
    lengths = texts.drop_nulls("text").with_columns(
        last=pl.col("text").str.len_chars().cast(pl.Int64) - length
    )
    starts = lengths.filter(pl.col("last") >= 0).with_columns(at=pl.int_ranges(0, pl.col("last") + 1))
    cut = starts.explode("at", empty_as_null=False, keep_nulls=False)
    return cut.select("enterprise", token=pl.col("text").str.slice(pl.col("at"), length)).unique()


def tokens(firms: int, pairs: pl.DataFrame) -> Tokens:
    """`pairs`: enterprise, token."""
    known = pairs.drop_nulls().unique().filter(pl.len().over("token") >= RAREST)
    words = known["token"].unique().sort()
    table = words.alias("token").to_frame().with_row_index("w")
    at = known.join(table, on="token").sort("enterprise", "w")
    ones = np.ones(at.height, np.float32)
    shape = (firms, len(words))
    return Tokens(
        sparse.csr_matrix((ones, (at["enterprise"].to_numpy(), at["w"].to_numpy())), shape=shape), words
    )


def weights(bears: Tokens, stands: Beliefs, seats: int) -> Float32:
    """float32[V, S]: log( P(w | s) / P(w) ) learned from the firms that `stands` places."""
    rows = np.flatnonzero(stands.segment[:, 0] >= 0)
    if not len(rows) or not len(bears.words):
        return np.zeros((len(bears.words), seats), np.float32)
    share = sparse.csr_matrix(stands.dense(rows, seats))
    counts = np.asarray((bears.bears[rows].T @ share).todense(), np.float64)
    firms = np.asarray(share.sum(axis=0)).ravel()
    overall = (counts.sum(axis=1) + 0.5) / (firms.sum() + 1.0)
    given = (counts + SMOOTHING * overall[:, None]) / (firms[None, :] + SMOOTHING)
    return np.asarray(np.log(given / overall[:, None]), np.float32)


def signs(bears: Tokens, weight: Float32, rows: Int64) -> Float32:
    """float32[len(rows), S]: what the tokens of these firms say of each segment; 0 where they bear none."""
    mine = bears.bears[rows]
    number = np.maximum(np.asarray(mine.sum(axis=1)).ravel(), 1.0)
    return np.asarray((mine @ weight) / np.sqrt(number)[:, None], np.float32)
