"""Where a firm stands, by all that speaks for it: a conditional logit over segments, in rounds.

    P(s | i) = exp(w · x(i, s)) / sum over all segments t of exp(w · x(i, t))

x are the signs of `gnn.positions.signs`; w has one weight a sign, apart for firms whose goods are named and
firms whose goods are not, and apart for each round: in the first only firms with named goods speak,
afterwards everybody does, as far as he is believed. What each sign gave is w · x: the explanation is the
model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gnn.calibration import Curve, checked
from gnn.positions.plain import Plain
from gnn.positions.seats import Beliefs, believed, nobody
from gnn.positions.signs import SIGNS, Signs, Words, blocks
from gnn.view import View

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

#: Own goods that are recognised up to this share of sales leave a firm among those without names.
NAMED = 0.5
#: Share of a firm's named goods that proves a seat, be it the firm's second.
PROOF = 0.1
#: The two kinds of firm, in the order of weights and curves.
KINDS = ("silent", "named")


def straight() -> Curve:
    """The curve that leaves a probability as it is."""
    return Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]))


@dataclass(frozen=True)
class PositionModel:
    """`weight` float32[rounds, 2, len(SIGNS)] (0: goods not named, 1: named); `segment` and `chain`: curves
    of the raw probability, one for each of the two kinds of firm; a firm below `least` cannot be placed.
    `further`: curve of the proof that a firm with named goods stands in a segment that is not its best."""

    weight: Float32
    segment: tuple[Curve, Curve]
    chain: tuple[Curve, Curve]
    least: float
    further: Curve = field(default_factory=straight)


@dataclass(frozen=True)
class Standing:
    """What the model says of n firms. `raw`: beliefs; `gave` float32[n, len(SIGNS)]: what each sign gave for
    the best segment, in log odds against the mean of all segments; `named` bool[n]; `confidence` and
    `chain_confidence` float64[n]: calibrated, of the best segment and of its chain; `placed` bool[n]: sure
    enough to say."""

    raw: Beliefs
    gave: Float32
    named: NDArray[np.bool_]
    confidence: Float64
    chain_confidence: Float64
    placed: NDArray[np.bool_]

    @property
    def best(self) -> Int64:
        """int64[n]: the best segment, -1 where nothing is known."""
        return np.asarray(self.raw.segment[:, 0], np.int64)


def proof_of(own: Float64, raw: Float64) -> Float64:
    """How far a seat of a firm with named goods is proven, 0 to 1: by the share `own` of its goods or by the
    share `raw` of the model's belief."""
    return np.maximum(raw, np.minimum(own / PROOF, 1))


def arrays_of(model: PositionModel) -> dict[str, Float64]:
    """The model as named arrays, as they are kept in a file."""
    arrays: dict[str, Float64] = {
        "weight": model.weight.astype(np.float64),
        "least": np.array([model.least]),
        "further.raw": model.further.raw,
        "further.true": model.further.true,
    }
    for name, curves in (("segment", model.segment), ("chain", model.chain)):
        for kind, curve in zip(KINDS, curves, strict=True):
            arrays |= {f"{name}.{kind}.raw": curve.raw, f"{name}.{kind}.true": curve.true}
    return arrays


def from_arrays(arrays: dict[str, Float64]) -> PositionModel:
    """The model of `arrays_of`. KeyError where one is missing, ValueError where they are no such model."""

    def curves(name: str) -> tuple[Curve, Curve]:
        parts = [(arrays[f"{name}.{kind}.raw"], arrays[f"{name}.{kind}.true"]) for kind in KINDS]
        both = [checked(Curve(*part)) for part in parts]
        return both[0], both[1]

    weight = np.asarray(arrays["weight"], np.float32)
    if weight.shape[1:] != (len(KINDS), len(SIGNS)) or not len(weight) or not np.isfinite(weight).all():
        raise ValueError("the weights are not those of this version's signs")
    further = checked(Curve(arrays["further.raw"], arrays["further.true"]))
    return PositionModel(weight, curves("segment"), curves("chain"), float(arrays["least"][0]), further)


def stand(view: View, plain: Plain, words: Words, model: PositionModel) -> Standing:
    """Evaluate `model`; numpy only."""
    rows = np.flatnonzero(~plain.hubs)
    named = is_named(plain)
    stands = plain.own
    chains = np.zeros(view.firms)
    gave = np.zeros((view.firms, len(SIGNS)), np.float32)
    for weight in model.weight:
        table = Signs(view, plain, words, stands)
        found, raw_chain = nobody(view.firms), np.zeros(view.firms)
        for block in blocks(rows):
            signs, mine = table.of(block), weight[named[block].astype(np.int64)]
            share = probabilities(signs, mine)
            best = believed(share)
            chosen = signs[np.arange(len(block)), best.segment[:, 0]]
            gave[block] = (chosen - signs.mean(axis=1)) * mine
            found.segment[block], found.share[block] = best.segment, best.share
            chain = plain.seats.chain[best.segment[:, 0]]
            raw_chain[block] = (share * (plain.seats.chain[None, :] == chain[:, None])).sum(axis=1)
        silent = silenced(view, plain)
        found.segment[silent], found.share[silent], gave[silent] = -1, 0, 0
        stands, chains = found, raw_chain
    confidence = _calibrated(model.segment, stands.share[:, 0].astype(np.float64), named)
    confidence[stands.segment[:, 0] < 0] = 0
    chain_confidence = np.maximum(_calibrated(model.chain, chains, named), confidence)
    return Standing(stands, gave, named, confidence, chain_confidence, confidence >= model.least)


def probabilities(signs: Float32, weight: Float32) -> Float32:
    """float32[r, S] from signs [r, S, F] and the weights of each row [r, F]."""
    score = np.einsum("rsf,rf->rs", signs, weight)
    score -= score.max(axis=1, keepdims=True)
    np.exp(score, out=score)
    return np.asarray(score / score.sum(axis=1, keepdims=True), np.float32)


def is_named(plain: Plain) -> NDArray[np.bool_]:
    """bool[n]: whether the firm's own goods tell where it stands."""
    return np.asarray(plain.own.share.sum(axis=1) >= NAMED)


def silenced(view: View, plain: Plain) -> NDArray[np.bool_]:
    """bool[n]: firms without goods and without a link that means supply: of them nothing can be said."""
    g = view.graph
    linked = np.zeros(view.firms, np.bool_)
    linked[g.src[plain.usable]] = linked[g.dst[plain.usable]] = True
    return ~linked & (plain.own.segment[:, 0] < 0)


def _calibrated(curves: Sequence[Curve], raw: Float64, named: NDArray[np.bool_]) -> Float64:
    return np.where(named, curves[1](raw), curves[0](raw))
