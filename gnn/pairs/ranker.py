"""The ranker of hidden links: boosted trees over pair features, with a probability that is calibrated.

Held as plain arrays in one safetensors file and evaluated by `gnn.trees`: no training library is
needed. `gnn.pairs.training` makes one.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from gnn.calibration import Curve
from gnn.pairs.features import names_of, pair_features
from gnn.text import TextVectors
from gnn.trees import Trees, from_arrays
from graph.csr import Float, Float64, Graph, Int32

FORMAT = 1


@dataclass(frozen=True)
class Ranker:
    """`features`: names of the columns the trees read, in order. `curve` maps the logistic of the
    score to a probability. `figures`: what the validation pairs said when it was made."""

    trees: Trees
    features: tuple[str, ...]
    curve: Curve
    figures: dict[str, Any]

    @property
    def reads_text(self) -> bool:
        """Whether it was made for firms with names."""
        return self.features == names_of(True)

    def score(self, rows: Float) -> Float64:
        """float64[k]: higher is likelier; `rows` float32[k, F] in the order of `features`."""
        return self.trees.score(rows)

    def probability(self, rows: Float) -> Float64:
        """float64[k]: the share of true links among hard candidates that look like this one."""
        return self.curve(logistic(self.score(rows)))

    def rank(self, graph: Graph, text: TextVectors | None, pairs: Int32) -> Float64:
        """float64[k]: the probability of each pair (int32[k, 2]: supplier, customer).

        ValueError where the ranker was made with names and there are none.
        """
        if self.reads_text and text is None:
            raise ValueError("this ranker reads names; give the text of the firms")
        return self.probability(pair_features(graph, text if self.reads_text else None, pairs))

    def save(self, path: Path) -> None:
        """One safetensors file; the same ranker, the same bytes."""
        arrays = {**self.trees.arrays(), "curve.raw": self.curve.raw, "curve.true": self.curve.true}
        about = {"format": FORMAT, "features": list(self.features), "figures": self.figures}
        save_file(arrays, path, {"about": json.dumps(about, ensure_ascii=False, sort_keys=True)})


def load(path: Path) -> Ranker:
    """The ranker of a file that `Ranker.save` wrote. ValueError for another form of it."""
    with safe_open(path, framework="numpy") as file:
        about = json.loads((file.metadata() or {}).get("about", "{}"))
        if about.get("format") != FORMAT:
            raise ValueError(f"{path.name} is no ranker of form {FORMAT}")
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    curve = Curve(arrays["curve.raw"], arrays["curve.true"])
    return Ranker(from_arrays(arrays), tuple(about["features"]), curve, about["figures"])


def logistic(score: Float64) -> Float64:
    """1 / (1 + e⁻ˢ)."""
    return np.asarray(1 / (1 + np.exp(-np.clip(score, -40, 40))), np.float64)
