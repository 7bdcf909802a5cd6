"""A credit model as it answers: probability of default, score, and what each feature gave to it.

    log odds of default = base + Σ contribution(feature)

It is evaluated with the core install. The bank's own rating is refused as a feature, by name: it was given
by people who knew who had defaulted.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gnn.registry.folder import Registered, current, load, shipped
from ledger.errors import Conflict
from services.credit.models.directions import directions as said
from services.credit.models.members import Float64, Member, member_of

#: Name of the credit model in the registry, and where the one that comes with the package lies.
NAME = "credit"
SHIPPED = Path(__file__).parents[1] / "shipped"
#: Words for a rating that a bank gave itself; a feature whose name holds one is refused.
RATING = frozenset({"rating", "ratings", "评级", "信誉评级", "信用评级", "信誉等级", "信用等级"})
#: A score of ANCHOR says that ANCHOR_ODDS firms pay for one that does not; DOUBLE points more, twice as many.
ANCHOR, ANCHOR_ODDS, DOUBLE = 640, 20.0, 35.0
LOWEST, HIGHEST = 300, 850


@dataclass(frozen=True)
class CreditModel:
    """`names`: k features of the catalogue, in the order of columns; `parts`: (weight, part), summed;
    `slope`, `shift`: the calibration of the summed log odds; `mean` float64[k]: what each feature gave on
    average in training, so that a contribution is one beyond the average firm's; `version`: of the registry;
    `directions`: +1 of a feature of which more only raises the risk, -1 where it only lowers it: every part
    was held to it. What is not in it may move the risk either way, and is no reason to tell anybody.
    """

    names: tuple[str, ...]
    parts: tuple[tuple[float, Member], ...]
    slope: float
    shift: float
    mean: Float64
    version: str = "unregistered"
    kinds: tuple[str, ...] = field(default=())
    directions: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        refuse_rating(self.names)

    @property
    def base(self) -> float:
        """Log odds of default of a firm whose features all give what they give on average."""
        parts = sum(weight * part.base for weight, part in self.parts)
        return float(self.shift + self.slope * (parts + self.mean.sum()))

    def contributions(self, rows: Float64) -> Float64:
        """float64[n, k]: log odds of default that each feature gave beyond its average; NaN is null."""
        rows = self._checked(rows)
        given = np.zeros(rows.shape)
        for weight, part in self.parts:
            given += weight * part.given(rows)
        return np.asarray(self.slope * (given - self.mean))

    def log_odds(self, rows: Float64) -> Float64:
        """float64[n]: of default within a year."""
        return np.asarray(self.base + self.contributions(rows).sum(axis=1))

    def pd(self, rows: Float64) -> Float64:
        """float64[n]: probability of default within a year, of float64[n, k]; NaN is null."""
        return logistic(self.log_odds(rows))

    def score(self, pd: float) -> int:
        """300 to 850 by points to double the odds."""
        return score(pd)

    def _checked(self, rows: Float64) -> Float64:
        rows = np.asarray(rows, np.float64)
        if rows.ndim != 2 or rows.shape[1] != len(self.names):
            raise ValueError(f"rows have {len(self.names)} columns")
        return np.where(np.isfinite(rows), rows, np.nan)


def refuse_rating(names: Sequence[str]) -> None:
    """Raises Conflict `rating_is_no_feature` where a name says that it is a bank's own rating."""
    for name in names:
        if RATING & {name, *re.split(r"[^0-9a-z\u4e00-\u9fff]+", name.lower())}:
            raise Conflict("rating_is_no_feature", feature=name)


def logistic(log_odds: Float64) -> Float64:
    """1 / (1 + e^-x), without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * np.asarray(log_odds))))


def score(pd: float) -> int:
    """ANCHOR + DOUBLE · log2(odds of paying / ANCHOR_ODDS), whole and within 300 … 850, of a PD in 0 … 1."""
    safe = min(max(pd, 1e-9), 1 - 1e-9)
    points = ANCHOR + DOUBLE * np.log2((1 - safe) / safe / ANCHOR_ODDS)
    return int(min(max(round(float(points)), LOWEST), HIGHEST))


def load_model(folder: Path | None = None) -> CreditModel:
    """The promoted credit model of a data folder, else (and for None) the one that comes with the package.

    NotFound where there is neither, Conflict where it is damaged, newer or of another make.
    """
    return model_of(registered(folder))


def registered(folder: Path | None, version: str | None = None) -> Registered:
    """The files of that version, None: of the model that `load_model` gives. Raises as it does."""
    if folder is not None and (version is not None or current(folder, NAME) is not None):
        return load(folder, NAME, version)
    return shipped(NAME, SHIPPED)


def model_of(found: Registered) -> CreditModel:
    """The registered model, ready to use. Conflict as `load_model`."""
    about = found.about
    if about["kind"] != NAME:
        raise Conflict("model_of_other_make", name=about["name"], version=about["version"])
    try:
        return from_arrays(about["model"], found.weights, str(about["version"]))
    except (KeyError, ValueError, TypeError):
        raise Conflict("model_damaged", name=about["name"], file="weights.safetensors") from None


def arrays_of(model: CreditModel) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """What model.json says of it, and the arrays beside it."""
    arrays: dict[str, NDArray[Any]] = {
        "weights": np.array([weight for weight, _ in model.parts]),
        "calibration": np.array([model.slope, model.shift]),
        "mean": model.mean,
    }
    for at, (_, part) in enumerate(model.parts):
        arrays |= {f"{at}.{key}": value for key, value in part.arrays().items()}
    told = {"names": list(model.names), "parts": list(model.kinds), "directions": dict(model.directions)}
    return told, arrays


def from_arrays(about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], version: str) -> CreditModel:
    """The model of `arrays_of`. KeyError or ValueError where they are none."""
    names, kinds = tuple(str(n) for n in about["names"]), tuple(str(k) for k in about["parts"])
    parts = []
    for at, kind in enumerate(kinds):
        own = {k.split(".", 1)[1]: v for k, v in arrays.items() if k.startswith(f"{at}.")}
        parts.append((float(arrays["weights"][at]), member_of(kind, own, len(names))))
    slope, shift = (float(x) for x in arrays["calibration"])
    if slope < 0 or len(arrays["mean"]) != len(names) or any(weight < 0 for weight, _ in parts):
        raise ValueError("a calibration never turns a model round")
    # Models from before it was written down were trained by the package's own list.
    held = {str(k): int(v) for k, v in about.get("directions", said()).items() if k in names}
    if not set(held.values()) <= {1, -1}:
        raise ValueError("a direction is up or down")
    return CreditModel(names, tuple(parts), slope, shift, arrays["mean"], version, kinds, held)
