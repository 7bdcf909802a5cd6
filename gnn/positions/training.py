"""Trains the position model: maximum likelihood of the known seats, round by round, then calibration.

The labelled firms are cut in two by a seed: on the larger part weights are fitted, on the other the curves
and the threshold are. Nothing else is looked at.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gnn.calibration import Curve, fit_curve, least_confidence
from gnn.extra import needed
from gnn.positions.model import PositionModel, Standing, is_named, probabilities, proof_of, stand, straight
from gnn.positions.plain import Plain
from gnn.positions.seats import Beliefs, believed, nobody
from gnn.positions.signs import SIGNS, Signs, Words, blocks
from gnn.view import View

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

#: Precision that placed firms shall have.
PRECISION = 0.9
#: Below this confidence nobody is placed, however precise the others are.
NEVER_BELOW = 0.5
#: Cases from which a curve of their own is drawn.
FEW = 50
#: Pull of the weights towards `START`, in cases.
PULL = 20.0
#: Where fitting starts, and what it is pulled to: own goods decide, evidence counts, prior as it is.
START = {"own": 8.0, "customers": 0.7, "suppliers": 0.7, "weighty": 0.7, "words": 0.5, "name": 0.3,
         "industry": 0.3, "common": 1.0}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """`rounds` of messages; `most` labelled firms a round are fitted on; `held_out` of them calibrate;
    `without`: signs left out (for ablations)."""

    rounds: int = 3
    most: int = 30_000
    held_out: float = 0.35
    seed: int = 1
    without: tuple[str, ...] = ()


def train(
    view: View, plain: Plain, words: Words, truth: NDArray[np.int64], settings: Settings | None = None
) -> PositionModel:
    """`truth` int64[n, 2]: the known seats of each firm, -1 where there is none (or no second one).

    Raises MissingExtra without the extra `learn`; ValueError where no firm is labelled.
    """
    settings = settings or Settings()
    torch = needed("torch")
    known = np.flatnonzero((truth[:, 0] >= 0) & ~plain.hubs)
    if len(known) < 10:
        raise ValueError(f"{len(known)} labelled firms are too few to learn from")
    rng = np.random.default_rng([5, settings.seed])
    order = rng.permutation(known)[: settings.most]
    cut = int(len(order) * (1 - settings.held_out))
    fitted, held = np.sort(order[:cut]), np.sort(order[cut:])
    named = is_named(plain)
    stands, weights = plain.own, []
    for _ in range(settings.rounds):
        table = Signs(view, plain, words, stands)
        signs = np.concatenate([table.of(block) for block in blocks(fitted)])
        signs[:, :, [SIGNS.index(name) for name in settings.without]] = 0
        weight = np.stack(
            [
                _fit(torch, signs[named[fitted] == kind], truth[fitted][named[fitted] == kind])
                for kind in (False, True)
            ]
        )
        weight[:, [SIGNS.index(name) for name in settings.without]] = 0
        weights.append(weight)
        stands = _everybody(view, plain, table, weight, named)
    same = straight()
    draft = PositionModel(np.stack(weights), (same, same), (same, same), least=0.0)
    return calibrated(draft, stand(view, plain, words, draft), plain, truth, held)


def calibrated(
    draft: PositionModel, found: Standing, plain: Plain, truth: NDArray[np.int64], held: Int64
) -> PositionModel:
    """The model with curves and threshold from firms it was not fitted on. `found`: of `draft`."""
    best = found.best[held]
    right = (best[:, None] == truth[held]).any(axis=1) & (best >= 0)
    chain = plain.seats.chain
    of_chain = ((chain[best][:, None] == chain[truth[held]]) & (truth[held] >= 0)).any(axis=1) & (best >= 0)
    curves = []
    for raw, outcome in ((found.confidence, right), (found.chain_confidence, of_chain)):
        both = []
        for kind in (False, True):
            mine = found.named[held] == kind
            some = mine if mine.sum() >= FEW else np.ones(len(held), np.bool_)
            both.append(fit_curve(raw[held][some], outcome[some]))
        curves.append((both[0], both[1]))
    told = np.where(
        found.named[held], curves[0][1](found.confidence[held]), curves[0][0](found.confidence[held])
    )
    least = max(NEVER_BELOW, least_confidence(told, right, PRECISION))
    return PositionModel(draft.weight, curves[0], curves[1], least, _further(found, plain, truth, held))


def _further(found: Standing, plain: Plain, truth: NDArray[np.int64], held: Int64) -> Curve:
    """The curve of seats that are not a firm's best, from what the held firms with named goods sell."""
    firms = held[found.named[held]]
    own = plain.own.of(firms.astype(np.int32))
    row, place = np.nonzero((own.segment >= 0) & (own.segment != found.best[firms][:, None]))
    segment = own.segment[row, place].astype(np.int64)
    seats = plain.seats.count
    believed_there = found.raw.dense(firms, seats)[row, segment].astype(np.float64)
    proof = proof_of(own.share[row, place].astype(np.float64), believed_there)
    right = (truth[firms[row]] == segment[:, None]).any(axis=1)
    if len(row) < FEW:  # too few for a curve: as likely as they were right, one case of each kind added
        rate = (right.sum() + 1) / (len(row) + 2)
        return Curve(np.array([0.0, 1.0]), np.array([rate, rate]))
    return fit_curve(proof, right)


def _fit(torch: Any, signs: Float32, truth: NDArray[np.int64]) -> Float32:
    """Weights of one kind of firm: float32[F]. signs [k, S, F], truth [k, 2]."""
    start = np.array([START[name] for name in SIGNS], np.float32)
    if not len(signs):
        return start
    x, first = torch.from_numpy(signs), torch.from_numpy(truth[:, 0])
    second = torch.from_numpy(np.where(truth[:, 1] >= 0, truth[:, 1], truth[:, 0]))
    w, pull = torch.tensor(start, requires_grad=True), torch.from_numpy(start)
    scale = x.flatten(0, 1).std(dim=0) + 1e-3

    def loss() -> object:
        score = torch.log_softmax(x @ w, dim=1)
        picked = score.gather(1, torch.stack([first, second], 1))
        either = torch.where(first == second, picked[:, 0], torch.logsumexp(picked, 1))
        return (-either.sum() + PULL * (((w - pull) * scale) ** 2).sum()) / len(x)

    optimizer = torch.optim.LBFGS([w], max_iter=60, line_search_fn="strong_wolfe")

    def closure() -> object:
        optimizer.zero_grad()
        value = loss()
        value.backward()  # type: ignore[attr-defined]
        return value

    optimizer.step(closure)
    # A sign that speaks against what it stands for is chance: it is not listened to.
    return np.maximum(np.asarray(w.detach().numpy(), np.float32), np.float32(0))


def _everybody(view: View, plain: Plain, table: Signs, weight: Float32, named: NDArray[np.bool_]) -> Beliefs:
    """Beliefs of all firms after a round."""
    found = nobody(view.firms)
    for block in blocks(np.flatnonzero(~plain.hubs)):
        best = believed(probabilities(table.of(block), weight[named[block].astype(np.int64)]))
        found.segment[block], found.share[block] = best.segment, best.share
    return found
