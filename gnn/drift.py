"""Whether today's firms are still like those a model was trained on: PSI per feature and per embedding.

    PSI = sum over bins of (q - p) ln(q / p)

p, q: shares of the reference and of today in the bins that the reference's deciles make; a value that
holds several deciles at once (often 0) is a bin of its own, as is null. Every count is raised by one half,
so that an empty bin gives a number. Bands of credit practice: below 0.1 stable, to 0.25 watch, above act.

Two trainings give embeddings that are turned against each other though they say the same. Before they are
compared the new one is turned onto the old: Q = argmin ‖A Q - B‖ over orthogonal Q = U Vᵀ of the singular
vectors of Aᵀ B, rows matched by id (Schönemann, Psychometrika 31 (1966)).
"""

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

WATCH, ACT = 0.1, 0.25
BINS = 10
#: Where chance alone is expected to move a PSI by this much, it says nothing.
NOISE = 0.1
SCHEMA = pl.Schema(
    {
        "feature": pl.String,
        "psi": pl.Float64,
        "band": pl.String,
        "reference": pl.Int64,
        "current": pl.Int64,
        "sentence": pl.String,
    }
)


@dataclass(frozen=True)
class Sample:
    """n firms at one time. `ids`: text[n], to match two times by; `features`: n rows of named numbers, null
    or NaN where unknown; `embedding`: float[n, d], None: not compared. ValueError when the rows differ."""

    ids: pl.Series
    features: pl.DataFrame = field(default_factory=pl.DataFrame)
    embedding: NDArray[np.floating] | None = None

    def __post_init__(self) -> None:
        rows = [len(self.ids)]
        rows += [len(self.features)] if self.features.width else []
        rows += [len(self.embedding)] if self.embedding is not None else []
        if len(set(rows)) > 1:
            raise ValueError(f"a sample has one row a firm, not {rows}")


def drift_report(reference: Sample, current: Sample) -> pl.DataFrame:
    """feature, psi, band (stable, watch, act, unsure), reference and current (firms with a value), sentence
    (code of `ledger/words_models.yaml`); features first, then `embedding_0` …

    A feature that only one of them has is `act` without a PSI. With so few firms that chance alone moves a
    PSI past the first band, the band is `unsure`. ValueError where embeddings share no firm or differ in
    width.
    """
    rows = [_feature_row(name, reference, current) for name in _names(reference, current)]
    if reference.embedding is not None and current.embedding is not None:
        turned = current.embedding @ alignment(reference, current)[0]
        for i, (old, new) in enumerate(zip(np.asarray(reference.embedding).T, turned.T, strict=True)):
            rows.append(_row(f"embedding_{i}", np.asarray(old, np.float64), np.asarray(new, np.float64)))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def alignment(reference: Sample, current: Sample) -> tuple[Float64, float]:
    """(Q float64[d, d], residual): how to turn `current` onto `reference`, and what share of the length of
    the reference's common rows stays apart even so (0: the same but for a turn).

    ValueError where the embeddings share no firm or differ in width.
    """
    if reference.embedding is None or current.embedding is None:
        raise ValueError("both samples need an embedding")
    old, new = (_numbered(sample.ids) for sample in (reference, current))
    common = old.join(new, on="id", how="inner", suffix="_new", maintain_order="left")
    b = np.asarray(reference.embedding, np.float64)[common["row"].to_numpy()]
    a = np.asarray(current.embedding, np.float64)[common["row_new"].to_numpy()]
    if not len(a) or a.shape[1] != b.shape[1]:
        raise ValueError(
            f"embeddings of {a.shape} and {b.shape} common rows cannot be turned onto each other"
        )
    left, _, right = np.linalg.svd(a.T @ b)
    turn = left @ right
    return turn, float(np.linalg.norm(a @ turn - b)) / max(float(np.linalg.norm(b)), 1e-12)


def psi(reference: Float64, current: Float64) -> float:
    """Population stability index of two samples of one number; NaN counts as a value of its own."""
    edges, alone = _deciles(reference)
    p, q = (_counts(values, edges, alone) for values in (reference, current))
    filled = (p + q) > 0
    p, q = (_shares(counts[filled]) for counts in (p, q))
    return float(((q - p) * np.log(q / p)).sum())


def _deciles(values: Float64) -> tuple[Float64, NDArray[np.bool_]]:
    """The distinct deciles, and which of them stand for a heap of equal values."""
    known = values[~np.isnan(values)]
    if not len(known):
        return np.empty(0), np.empty(0, np.bool_)
    cuts = np.quantile(known, np.arange(1, BINS) / BINS, method="inverted_cdf")
    edges, times = np.unique(cuts, return_counts=True)
    heap = np.asarray([(known == edge).mean() for edge in edges]) > 1 / BINS
    return edges, (times > 1) | heap


def _counts(values: Float64, edges: Float64, alone: NDArray[np.bool_]) -> Float64:
    """Values per bin: (-∞, e₀], (e₀, e₁] …, (e_last, ∞), then one a heap, then NaN."""
    known = values[~np.isnan(values)]
    place = np.searchsorted(edges, known, side="left")
    held = np.zeros(len(known), np.bool_)
    inside = place < len(edges)
    held[inside] = alone[place[inside]] & (edges[place[inside]] == known[inside])
    heaps = np.bincount(place[held], minlength=len(edges))[: len(edges)]
    between = np.bincount(place[~held], minlength=len(edges) + 1)
    return np.concatenate([between, heaps, [len(values) - len(known)]]).astype(np.float64)


def _shares(counts: Float64) -> Float64:
    return np.asarray((counts + 0.5) / (counts + 0.5).sum())


def _names(reference: Sample, current: Sample) -> list[str]:
    more = [name for name in current.features.columns if name not in reference.features.columns]
    return [*reference.features.columns, *more]


def _feature_row(name: str, reference: Sample, current: Sample) -> tuple[object, ...]:
    old, new = (_column(sample, name) for sample in (reference, current))
    if old is None:
        return name, None, "act", 0, _known(new), "drift_new"
    if new is None:
        return name, None, "act", _known(old), 0, "drift_gone"
    return _row(name, old, new)


def _row(name: str, old: Float64, new: Float64) -> tuple[object, ...]:
    value = psi(old, new)
    few = (BINS - 1) * (1 / max(len(old), 1) + 1 / max(len(new), 1)) > NOISE
    band = "unsure" if few else "stable" if value < WATCH else "watch" if value <= ACT else "act"
    return name, value, band, _known(old), _known(new), f"drift_{band}"


def _column(sample: Sample, name: str) -> Float64 | None:
    if name not in sample.features.columns:
        return None
    return np.asarray(sample.features[name].cast(pl.Float64).fill_null(float("nan")).to_numpy(), np.float64)


def _known(values: Float64 | None) -> int:
    return 0 if values is None else int((~np.isnan(values)).sum())


def _numbered(ids: pl.Series) -> pl.DataFrame:
    return ids.alias("id").to_frame().with_row_index("row").unique("id", keep="first", maintain_order=True)
