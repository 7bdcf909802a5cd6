"""What a model is trained for: the segment of a firm, or which links appear. Losses, scores, the loop.

An encoder gives embeddings h float32[n, d]; a task puts a small head on them. `embed(rows)` are the
embeddings of some rows, so that an encoder that needs no neighbours computes those alone.

    nodes   cross-entropy of softmax(head(h_i)) over the labelled firms
    links   cross-entropy of the true pair among 1 + 2K: seller(h_i) · buyer(h_j), K buyers and K sellers
            drawn by degree ^ 3/4 (Mikolov et al. 2013) in place of the true ones
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import Linear, Module, ModuleDict
from torch.nn.functional import cross_entropy

from gnn.data import LinkLabels, NodeLabels, typed_of
from gnn.models import Fitted, Model, Spec
from gnn.models.inputs import SIGNS
from gnn.models.mlp import Float32
from gnn.node_features import projected
from gnn.typed import SUPPLIES, TypedGraph

Embed = Callable[[torch.Tensor], torch.Tensor]
NEGATIVES, RANKED = 8, 50


@dataclass
class NodeTask:
    """The labels on the device, and the head: d → number of classes."""

    labels: NodeLabels
    head: ModuleDict
    device: str

    def batches(self, size: int) -> Iterator[torch.Tensor]:
        """Labelled rows for training, drawn anew, `size` at a time."""
        rows = torch.from_numpy(np.flatnonzero(self.labels.train))
        yield from rows[torch.randperm(len(rows))].split(size)

    def loss(self, rows: torch.Tensor, embed: Embed) -> torch.Tensor:
        """Mean cross-entropy of these rows."""
        y = torch.from_numpy(self.labels.y)[rows].to(self.device)
        return cross_entropy(self.head["head"](embed(rows)), y)

    def score(self, embed: Embed) -> float:
        """Accuracy on the validation rows."""
        rows = torch.from_numpy(np.flatnonzero(self.labels.val))
        right = self.head["head"](embed(rows)).argmax(dim=1).cpu().numpy() == self.labels.y[rows.numpy()]
        return float(right.mean()) if len(right) else 0.0


@dataclass
class LinkTask:
    """Pairs that appear later, whom else to rank them among, and the two heads: d → d."""

    train: torch.Tensor
    val: torch.Tensor
    weights: tuple[torch.Tensor, torch.Tensor]
    among: torch.Tensor
    head: ModuleDict

    def batches(self, size: int) -> Iterator[torch.Tensor]:
        """Columns of `train`, drawn anew, `size` at a time."""
        yield from torch.randperm(self.train.shape[1]).split(size)

    def loss(self, columns: torch.Tensor, embed: Embed) -> torch.Tensor:
        """Mean cross-entropy of each true pair among its drawn rivals."""
        seller, buyer = self.train[:, columns]
        rivals = (len(columns), NEGATIVES)
        sellers, buyers = (
            torch.multinomial(w, rivals[0] * rivals[1], True).view(rivals) for w in self.weights
        )
        rows, place = torch.cat([seller, buyer, sellers.ravel(), buyers.ravel()]).unique(return_inverse=True)
        h = embed(rows)
        out, into = self.head["seller"](h), self.head["buyer"](h)
        parts = place.split([len(seller), len(buyer), sellers.numel(), buyers.numel()])
        a, b, others, elsewhere = out[parts[0]], into[parts[1]], out[parts[2]], into[parts[3]]
        raw = torch.cat(
            [
                (a * b).sum(-1, keepdim=True),
                (others.view(*rivals, -1) * b[:, None]).sum(-1),
                (a[:, None] * elsewhere.view(*rivals, -1)).sum(-1),
            ],
            dim=1,
        )
        return cross_entropy(raw, torch.zeros(len(raw), dtype=torch.long, device=raw.device))

    def score(self, embed: Embed) -> float:
        """Mean reciprocal rank of the validation pairs among RANKED buyers, ties in the middle."""
        rows, place = torch.cat([self.val.ravel(), self.among.ravel()]).unique(return_inverse=True)
        h = embed(rows)
        out, into = self.head["seller"](h), self.head["buyer"](h)
        seller, buyer, others = place.split([*[self.val.shape[1]] * 2, self.among.numel()])
        true = (out[seller] * into[buyer]).sum(-1, keepdim=True)
        rivals = (out[seller][:, None] * into[others].view(*self.among.shape, -1)).sum(-1)
        rank = 1 + (rivals > true).sum(1) + 0.5 * (rivals == true).sum(1)
        return float((1 / rank).mean()) if len(rank) else 0.0


Task = NodeTask | LinkTask


def task_of(graph: TypedGraph, labels: NodeLabels | LinkLabels, spec: Spec) -> Task:
    """The task with fresh heads on the spec's device; call it inside `seeded`."""
    d = spec.embedding
    if isinstance(labels, NodeLabels):
        return NodeTask(
            labels, ModuleDict({"head": Linear(d, len(labels.classes))}).to(spec.device), spec.device
        )
    val = torch.from_numpy(labels.val)
    among = torch.multinomial(_chances(typed_of(labels.val_data), 1), val.shape[1] * RANKED, True)
    head = ModuleDict({"seller": Linear(d, d), "buyer": Linear(d, d)}).to(spec.device)
    chances = (_chances(graph, 0), _chances(graph, 1))
    return LinkTask(torch.from_numpy(labels.train), val, chances, among.view(-1, RANKED), head)


def _chances(graph: TypedGraph, end: int) -> torch.Tensor:
    """How likely each firm is drawn as a seller (end 0) or a buyer (end 1), float64[n]."""
    degree = np.bincount(graph.links[SUPPLIES].index[end], minlength=len(graph.nodes["enterprise"].id))
    return torch.from_numpy(degree**0.75 + 1e-3)


def scaling(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(shift, scale), float32[F] each: the columns' means and one over their spread; 0 for a column that is
    always the same, which a model must not come to rest on."""
    if not len(x):
        return x.new_zeros(x.shape[1]), x.new_zeros(x.shape[1])
    spread = x.std(dim=0, correction=0)
    return x.mean(dim=0), torch.where(spread > 1e-4, 1 / spread.clamp(min=1e-4), 0.0)


def signs_of(graph: TypedGraph) -> torch.Tensor:
    """float32[n, SIGNS]: the signs of the firms' ids."""
    return torch.from_numpy(
        projected(([str(identifier)] for identifier in graph.nodes["enterprise"].id), SIGNS)
    )


def at(h: torch.Tensor) -> Embed:
    """The embeddings of some rows out of those of all."""
    return lambda rows: h[rows.to(h.device)]


def optimiser_of(encoder: Module, task: Task, spec: Spec) -> torch.optim.Optimizer:
    """Adam over the encoder and the head."""
    parameters = [*encoder.parameters(), *task.head.parameters()]
    return torch.optim.Adam(parameters, spec.rate, weight_decay=spec.decay)


def filled(encoder: Module, model: Model) -> Module:
    """A fresh encoder with the trained weights, ready to be asked."""
    own = {name: torch.from_numpy(model.weights[name]) for name in encoder.state_dict()}
    encoder.load_state_dict(own)
    return encoder.eval()


@contextmanager
def seeded(spec: Spec) -> Iterator[None]:
    """All draws follow the spec's seed, and everybody else's go on undisturbed. On a CPU sums are made in
    one order; on CUDA they are not, and runs differ in the last digits."""
    before = torch.are_deterministic_algorithms_enabled()
    with torch.random.fork_rng():
        torch.manual_seed(spec.seed)
        torch.use_deterministic_algorithms(spec.device == "cpu")
        try:
            yield
        finally:
            torch.use_deterministic_algorithms(before)


def loop(
    encoder: Module, task: Task, spec: Spec, train: Callable[[], float], test: Callable[[], float]
) -> Fitted:
    """Epochs of `train()` until `test()` has not risen for `patience` of them; keeps the best weights."""
    best, best_epoch, weights, loss = -1.0, 0, {}, 0.0
    for epoch in range(1, spec.epochs + 1):
        loss, score = train(), test()
        if score > best:
            best, best_epoch, weights = score, epoch, _weights(encoder, task.head)
        if epoch - best_epoch >= spec.patience:
            break
    return Fitted(weights, {"epochs": best_epoch, "validation": best, "loss": loss})


def _weights(*parts: Module) -> dict[str, Float32]:
    state = {name: value for part in parts for name, value in part.state_dict().items()}
    return {name: value.detach().cpu().numpy().copy() for name, value in sorted(state.items())}
