"""Trains a position model on known seats and tells how good it is, beside its rivals."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.calibration import calibration_error
from gnn.positions.drift import SAMPLE, sample_of
from gnn.positions.hiding import Hidden, hide
from gnn.positions.model import PositionModel, arrays_of, stand
from gnn.positions.plain import Plain, what_is_plain
from gnn.positions.seats import Seats
from gnn.positions.signs import SIGNS, Words, words_of
from gnn.positions.training import Settings, train
from gnn.registry.folder import Seen, Trained
from gnn.view import View
from graph.snapshot_tables import hex_numbers
from ledger.errors import InputError
from seeds.chains import Chain

#: What rivals look at.
RIVALS = {"no_links": ("own", "words", "name", "industry", "common"), "text": ("own", "words", "common")}
#: Name of the array of firms a model has seen labels of, among its weights.
FITTED = "fitted"
#: Share of the labelled firms that nothing is fitted or calibrated on.
ASKED = 0.25
#: Labelled firms from which there is something to fit, to calibrate on and to ask about.
FEWEST = 40


def lesson(
    view: View,
    labels: pl.DataFrame,
    chains: Sequence[Chain],
    snapshot: str,
    synthetic: bool,
    seed: int = 1,
    hidden: Hidden | None = None,
) -> Trained:
    """`labels`: code (or id), segment, one row a seat; `hidden`: what is hidden before training (default
    `Hidden()`: books are never whole, and a model must not trust that they are).

    InputError where labels name no firm of the view or no segment; MissingExtra without the extra `learn`.
    """
    seen, _ = hide(view, hidden or Hidden(), seed)
    plain = what_is_plain(seen, chains)
    words = words_of(seen, plain)
    truth = seats_from(labels, view.enterprises, plain.seats)
    known = np.flatnonzero(truth[:, 0] >= 0)
    asked = np.random.default_rng([6, seed]).permutation(known)[: int(len(known) * ASKED)]
    shown = truth.copy()
    shown[asked] = -1
    if len(known) < FEWEST:
        raise InputError("labels_too_few", firms=len(known), least=FEWEST)
    model = train(seen, plain, words, shown, Settings(seed=seed))
    figures = _figures(seen, plain, words, model, truth, asked)
    rivals = {}
    for name, signs in RIVALS.items():
        settings = Settings(seed=seed, without=tuple(s for s in SIGNS if s not in signs))
        rivals[name] = _figures(seen, plain, words, train(seen, plain, words, shown, settings), truth, asked)
    whole = what_is_plain(view, chains)  # drift is measured on books as they come, nothing hidden
    fitted = keys_of(view.enterprises["id"].gather(np.flatnonzero(shown[:, 0] >= 0)))
    sample = sample_of(view, whole, words_of(view, whole), model, seed)
    return Trained(
        kind="position",
        model={"signs": list(SIGNS), "rounds": len(model.weight), "hidden": vars(hidden or Hidden())},
        weights={**arrays_of(model), SAMPLE: sample, FITTED: fitted},
        features={f"sign_{name}": 1 for name in SIGNS},
        seed=seed,
        seen=Seen(snapshot, view.as_of, synthetic, view.firms, view.graph.edges),
        metrics=figures,
        headline="covered",
        samples=len(asked),
        ablations=rivals,
        rival="no_links",
        purpose="model_for_position",
        never=("model_never_alone", "model_never_ground"),
        libraries=("numpy", "torch"),
    )


def evaluate(
    view: View, labels: pl.DataFrame, chains: Sequence[Chain], model: PositionModel
) -> Mapping[str, float]:
    """The figures of `model` on known seats it was not trained on, with the books as they are."""
    plain = what_is_plain(view, chains)
    truth = seats_from(labels, view.enterprises, plain.seats)
    return _figures(view, plain, words_of(view, plain), model, truth, np.flatnonzero(truth[:, 0] >= 0))


def keys_of(ids: pl.Series) -> NDArray[np.uint64]:
    """uint64: the ids of firms as numbers, to be known again by."""
    return hex_numbers(ids) if len(ids) else np.empty(0, np.uint64)


def seats_from(labels: pl.DataFrame, firms: pl.DataFrame, seats: Seats) -> NDArray[np.int64]:
    """int64[n, 2]: the seats that `labels` (code or id, segment) name; further ones of a firm are left out.

    InputError for a segment that no chain has, with its row, and where no firm is known.
    """
    if missing := {"code", "segment"} - set(labels.columns):
        raise InputError("labels_columns", missing=", ".join(sorted(missing)))
    unknown = labels.with_row_index("row").filter(~pl.col("segment").is_in(list(seats.ids)))
    if unknown.height:
        row = unknown.row(0, named=True)
        raise InputError("labels_segment", row=row["row"] + 2, segment=str(row["segment"]))
    at = firms.select("code", "id").with_row_index("firm")
    both = pl.concat([at.select("firm", code="code"), at.select("firm", code="id")]).drop_nulls("code")
    found = labels.select("code", "segment").join(both, on="code", maintain_order="left")
    if found.is_empty():
        raise InputError("labels_no_firm", rows=labels.height)
    ranked = found.unique(["firm", "segment"], keep="first", maintain_order=True).with_columns(
        rank=pl.int_range(pl.len()).over("firm")
    )
    kept = ranked.filter(pl.col("rank") < 2)
    truth = np.full((firms.height, 2), -1, np.int64)
    truth[kept["firm"].to_numpy(), kept["rank"].to_numpy()] = seats.numbers(kept["segment"])
    return truth


def _figures(
    view: View,
    plain: Plain,
    words: Words,
    model: PositionModel,
    truth: NDArray[np.int64],
    asked: NDArray[np.int64],
) -> dict[str, float]:
    found = stand(view, plain, words, model)
    asked = asked[~plain.hubs[asked]]
    right = ((found.best[:, None] == truth) & (found.best[:, None] >= 0)).any(axis=1)[asked]
    placed = found.placed[asked]
    return {
        "covered": float((right & placed).mean()),
        "precision": float(right[placed].mean()) if placed.any() else 0.0,
        "ece": calibration_error(found.confidence[asked], right),
    }
