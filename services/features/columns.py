"""A feature as a column: one number a firm, or the reason why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.csr import Float64, Mask, fixed
from services.features.catalogue import CODE

Codes = NDArray[np.int8]
#: Why a value is missing: the firms it holds for, and the code. The first that holds is told.
Missing = Sequence[tuple[Any, str]]


@dataclass(frozen=True)
class Column:
    """n firms. `values`: float64[n], NaN where missing, or a String series; `missing`: int8[n], a place in
    REASONS, 0 where there is a value."""

    values: Float64 | pl.Series
    missing: Codes


def column(values: Any, *missing: tuple[Any, str]) -> Column:
    """Numbers with the reasons of those missing. ValueError where one is missing without a reason."""
    codes = codes_of(len(values), missing)
    told = np.where(codes == 0, np.asarray(values, np.float64), np.nan)
    _check(np.isnan(told) & (codes == 0))
    return Column(fixed(told, np.float64), codes)


def texts(values: pl.Series, *missing: tuple[Any, str]) -> Column:
    """Words with the reasons of those that are missing. ValueError as `column`."""
    codes = codes_of(len(values), missing)
    shown = pl.select(pl.when(pl.Series(codes == 0)).then(values)).to_series()
    _check(shown.is_null().to_numpy() & (codes == 0))
    return Column(shown, codes)


def codes_of(firms: int, missing: Missing) -> Codes:
    """int8[n]: of the reasons that hold the first."""
    codes = np.zeros(firms, np.int8)
    for where, reason in missing:
        codes = np.where((codes == 0) & where, np.int8(CODE[reason]), codes)
    return np.asarray(fixed(codes, np.int8))


def ratio(part: Any, whole: Any) -> Float64:
    """part / whole, NaN where there is no whole."""
    part, whole = np.broadcast_arrays(np.asarray(part, np.float64), np.asarray(whole, np.float64))
    return np.asarray(np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0), np.float64)


def sums(place: Any, weight: Any, count: int) -> Float64:
    """float64[count]: `weight` added up by place, in the order of the rows."""
    return np.asarray(np.bincount(place, weight, count), np.float64)


def log10(values: Any) -> Float64:
    """log10 of 1 + the value, negative ones as 0."""
    return np.asarray(np.log10(1 + np.maximum(values, 0)), np.float64)


def _check(wrong: Mask) -> None:
    if wrong.any():
        raise ValueError(f"{int(wrong.sum())} values are missing without a reason")
