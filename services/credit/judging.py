"""The model's word on one firm: as it is, on observed links alone, and without each of its dealings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ledger.errors import Conflict
from services.credit.inputs import Dealing, Inputs
from services.credit.models.model import refuse_rating

Float64 = NDArray[np.float64]
#: Digits that probabilities and contributions are told with; enough to tell firms apart.
DIGITS = 6


class Model(Protocol):
    """What this room needs of a credit model (`services.credit.models`)."""

    @property
    def names(self) -> Sequence[str]:
        """Names of its features, in the order of its columns."""

    @property
    def version(self) -> str:
        """Names the model in answers."""

    @property
    def directions(self) -> Mapping[str, int]:
        """+1 of a feature of which more only raises the risk, -1 where it only lowers it; no other one is a
        reason to tell."""

    def pd(self, rows: Float64) -> Float64:
        """Probability of default within a year: float64[n] of float64[n, k], NaN = null."""

    def contributions(self, rows: Float64) -> Float64:
        """Log odds of default that each feature gave: float64[n, k]."""

    def score(self, pd: float) -> int:
        """The score from 300 to 850 of a probability of default."""


@dataclass(frozen=True)
class Without:
    """What the model says without one dealing. `effect`: what the dealing adds to the probability that
    the firm pays, below 0 where it takes away."""

    dealing: Dealing
    sound: float
    effect: float
    score: int


@dataclass(frozen=True)
class Verdict:
    """Probability of default and what each feature gave, with inference and without it.

    `gave`, `gave_observed`: (feature, value, log odds of default), largest first; `directions`: the model's.
    """

    pd: float
    pd_observed: float
    score: int
    score_observed: int
    gave: tuple[tuple[str, float | None, float], ...]
    gave_observed: tuple[tuple[str, float | None, float], ...]
    without: tuple[Without, ...]
    directions: Mapping[str, int]


def judge(inputs: Inputs, model: Model) -> Verdict:
    """Evaluate the model on the kept feature vector. Raises Conflict where the vector lacks a feature,
    or where the model asks for the bank's own rating, which is refused by name."""
    refuse_rating(model.names)
    values: dict[str, float | None] = dict(zip(inputs.names, inputs.values, strict=True))
    if lacking := [name for name in model.names if name not in values]:
        raise Conflict("features_lacking", features=", ".join(lacking[:5]))
    observed: dict[str, float | None] = {**values, **dict.fromkeys(inputs.inferred, None)}
    reduced: list[dict[str, float | None]] = [{**values, **one.without} for one in inputs.dealings]
    rows = np.array([[_number(row[n]) for n in model.names] for row in (values, observed, *reduced)])
    told = np.round(np.clip(model.pd(rows), 0.0, 1.0), DIGITS)
    gave = np.round(model.contributions(rows[:2]), DIGITS)
    pd, pd_observed = float(told[0]), float(told[1])
    return Verdict(
        pd=pd,
        pd_observed=pd_observed,
        score=int(model.score(pd)),
        score_observed=int(model.score(pd_observed)),
        gave=_ranked(model.names, values, gave[0]),
        gave_observed=_ranked(model.names, observed, gave[1]),
        without=tuple(
            Without(
                one, round(1 - float(p), DIGITS), round(float(p) - pd, DIGITS), int(model.score(float(p)))
            )
            for one, p in zip(inputs.dealings, told[2:], strict=True)
        ),
        directions=model.directions,
    )


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _ranked(
    names: Sequence[str], values: dict[str, float | None], gave: Any
) -> tuple[tuple[str, float | None, float], ...]:
    rows = [(name, values[name], float(given)) for name, given in zip(names, gave, strict=True)]
    return tuple(sorted(rows, key=lambda row: (-abs(row[2]), row[0])))
