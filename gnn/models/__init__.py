"""Models of the graph behind one interface: `fit`, `embed`, `predict`, `save`, `load`.

    sign      hops computed once, then a small head (`gnn.models.sign`); needs no torch once trained
    dirsage   messages along and against the goods (`gnn.models.dirsage`)
    hetero    one message for every kind of edge (`gnn.models.hetero`)

Training needs the extra `learn`. The heads on top of embeddings are numpy everywhere (`gnn.models.mlp`).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save

from gnn.data import LinkLabels, NodeLabels, typed_of
from gnn.extra import needed
from gnn.models.mlp import Float32, pair_scores, probabilities
from gnn.typed import TypedGraph
from ledger.errors import Conflict, InputError

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData
else:
    HeteroData = Any

Kind = Literal["sign", "dirsage", "hetero"]
KINDS: tuple[Kind, ...] = ("sign", "dirsage", "hetero")


@dataclass(frozen=True)
class Spec:
    """How a model is made. `layers`: hops or layers; `hidden`, `embedding`: widths; `patience`: epochs
    without a better validation before it stops; `batch`: labels at a time, None: all at once."""

    kind: Kind = "sign"
    layers: int = 2
    hidden: int = 128
    embedding: int = 64
    dropout: float = 0.3
    rate: float = 0.005
    decay: float = 0.0005
    epochs: int = 200
    patience: int = 20
    batch: int = 4096
    seed: int = 1
    device: str = "cpu"


@dataclass(frozen=True)
class Fitted:
    """What training leaves behind: the weights by name, and how it went (`epochs` until the best one, its
    score on `validation`, the last `loss`)."""

    weights: dict[str, Float32]
    course: dict[str, float]


@dataclass(frozen=True)
class Model:
    """A trained model. `task`: nodes or links; `classes`: what `predict` tells apart (none for links);
    `inputs`: names of what it is given, which data must give in this order; `more`: what the kind keeps."""

    spec: Spec
    task: Literal["nodes", "links"]
    classes: tuple[str, ...]
    inputs: dict[str, tuple[str, ...]]
    weights: dict[str, Float32]
    course: dict[str, float] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    def embed(self, data: "HeteroData | TypedGraph") -> Float32:
        """float32[n, embedding] of the enterprises of `data`, new ones included.

        Conflict when `data` gives other features than the model was trained on; MissingExtra where a
        kind other than `sign` runs without torch.
        """
        graph = typed_of(data)
        room = _running(self.spec.kind)
        if room.inputs_of(graph, self.task) != self.inputs:
            raise Conflict("model_other_features", kind=self.spec.kind)
        return np.asarray(room.embed(self, graph), np.float32)

    def predict(self, data: "HeteroData | TypedGraph", pairs: NDArray[np.integer] | None = None) -> Float32:
        """nodes: probabilities float32[n, C] of the classes; links: scores float32[k] of `pairs` [2, k],
        seller above buyer, in the numbering of `data`. InputError where a link model gets no pairs."""
        return self.predict_from(self.embed(data), pairs)

    def predict_from(self, h: Float32, pairs: NDArray[np.integer] | None = None) -> Float32:
        """The same of embeddings already there."""
        if self.task == "nodes":
            return probabilities(h, self.weights)
        if pairs is None:
            raise InputError("model_needs_pairs")
        return pair_scores(h, pairs, self.weights)

    def about(self) -> dict[str, Any]:
        """All but the weights, as JSON knows it."""
        inputs = {kind: list(names) for kind, names in self.inputs.items()}
        device = {"device": "cpu"}  # where it was trained says nothing about where it runs
        spec = {**asdict(self.spec), **device}
        about = {"spec": spec, "task": self.task, "classes": list(self.classes), "inputs": inputs}
        return {**about, "course": self.course, "more": self.more}

    def save(self, folder: Path) -> None:
        """`weights.safetensors` and `model.json` in `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "weights.safetensors").write_bytes(save(self.weights))
        text = json.dumps({"model": self.about()}, ensure_ascii=False, indent=1, sort_keys=True)
        (folder / "model.json").write_text(text + "\n", "utf-8")


def load(folder: Path) -> Model:
    """The model of a folder that `Model.save` or the registry wrote."""
    about = json.loads((folder / "model.json").read_text("utf-8"))["model"]
    return model_of(about, load_file(folder / "weights.safetensors"))


def model_of(about: Mapping[str, Any], weights: Mapping[str, Float32]) -> Model:
    """The model of `Model.about()` and its weights."""
    inputs = {kind: tuple(names) for kind, names in about["inputs"].items()}
    return Model(
        Spec(**about["spec"]),
        about["task"],
        tuple(about["classes"]),
        inputs,
        dict(weights),
        dict(about["course"]),
        dict(about["more"]),
    )


def fit(data: "HeteroData | TypedGraph", labels: NodeLabels | LinkLabels, spec: Spec | None = None) -> Model:
    """Train a model of `spec.kind` on the labels marked for training; stops early on those for validation.

    The same data, labels, spec and threads give the same weights on a CPU. MissingExtra without `learn`;
    InputError for a kind or device that is not there, and where there is nothing to learn from.
    """
    spec = spec or Spec()
    torch = needed("torch")
    if spec.device != "cpu" and not (spec.device.startswith("cuda") and torch.cuda.is_available()):
        raise InputError("model_no_device", device=spec.device)
    graph = typed_of(data)
    few = labels.train.sum() if isinstance(labels, NodeLabels) else labels.train.shape[1]
    if few == 0:
        raise InputError("model_no_labels")
    task: Literal["nodes", "links"] = "nodes" if isinstance(labels, NodeLabels) else "links"
    inputs = _running(spec.kind).inputs_of(graph, task)
    fitted, more = needed(f"gnn.models.{spec.kind}").fit(graph, labels, spec)
    classes = labels.classes if isinstance(labels, NodeLabels) else ()
    return Model(spec, task, classes, inputs, fitted.weights, fitted.course, more)


def _running(kind: str) -> Any:
    """The module that runs trained models of a kind. InputError when there is none."""
    if kind not in KINDS:
        raise InputError("model_kind_unknown", kind=kind, known=", ".join(KINDS))
    return needed("gnn.models.hops" if kind == "sign" else f"gnn.models.{kind}")
