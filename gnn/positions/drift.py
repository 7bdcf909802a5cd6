"""Whether what speaks for positions is still as it was in training: PSI of each sign (`gnn.drift`)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.drift import Sample, drift_report
from gnn.positions.model import PositionModel, from_arrays, stand
from gnn.positions.plain import Plain, what_is_plain
from gnn.positions.signs import SIGNS, Signs, Words, words_of
from gnn.view import View
from seeds.chains import Chain

#: Firms whose signs a model keeps.
KEPT = 2_000
#: Name of the kept array among the weights.
SAMPLE = "sample"


def sample_of(
    view: View, plain: Plain, words: Words, model: PositionModel, seed: int = 1
) -> NDArray[np.float32]:
    """float32[k, len(SIGNS)]: what each sign says of the segment that a firm is put into, for a seeded
    sample of the firms that can be placed."""
    found = stand(view, plain, words, model)
    firms = np.flatnonzero(found.best >= 0)
    chosen = np.sort(np.random.default_rng([8, seed]).permutation(firms)[:KEPT])
    said = Signs(view, plain, words, found.raw).of(chosen)
    return np.asarray(said[np.arange(len(chosen)), found.best[chosen]], np.float32)


def drift_now(weights: Mapping[str, NDArray[Any]], view: View, chains: Sequence[Chain]) -> pl.DataFrame:
    """`gnn.drift.drift_report` of the signs; `weights`: of a registered position model."""
    plain = what_is_plain(view, chains)
    now = sample_of(view, plain, words_of(view, plain), from_arrays(dict(weights)))
    return drift_report(_as_sample(weights[SAMPLE]), _as_sample(now))


def _as_sample(said: NDArray[np.float32]) -> Sample:
    columns = {f"sign_{name}": said[:, i].astype(np.float64) for i, name in enumerate(SIGNS)}
    return Sample(pl.Series([str(i) for i in range(len(said))]), pl.DataFrame(columns))
