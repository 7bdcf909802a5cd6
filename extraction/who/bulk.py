"""A whole list against itself or another: the best firms for each name, as columns."""

import numpy as np
import polars as pl

from extraction.who.encoded import encoded
from extraction.who.known import Known
from extraction.who.parts import parted
from extraction.who.search import Found, search

ALIKE = pl.Schema({"firm": pl.Int32, "other": pl.Int32, "score": pl.Float32})


def alike(known: Known, most: int = 2) -> pl.DataFrame:
    """`ALIKE`: for each name of the firms known the `most` other firms that are most like it, best first."""
    found = search(known.rarity, known.index, known.names, known.names, known.firm, most=most, own=known.firm)
    return _columns(known, found, known.firm)


def best(names: pl.Series, known: Known, most: int = 2) -> pl.DataFrame:
    """`ALIKE` for names from elsewhere; `firm` is the number of the name, from 0."""
    asked = encoded(parted(names), known.sounds)
    found = search(known.rarity, known.index, asked, known.names, known.firm, most=most)
    return _columns(known, found, np.arange(len(names), dtype=np.int32))


def _columns(known: Known, found: Found, who: np.typing.NDArray[np.int32]) -> pl.DataFrame:
    at, place = np.nonzero(found.row >= 0)
    rows = found.row[at, place]
    return pl.DataFrame(
        {"firm": who[at], "other": known.firm[rows], "score": found.score[at, place]}, schema=ALIKE
    )
