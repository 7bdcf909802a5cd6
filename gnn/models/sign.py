"""SIGN: diffusion computed once and ahead, then a small head that needs no neighbours.

    h_i = W2 · relu(W1 · (z_i - shift) · scale + b1) + b2

z: float32[n, 7 F], the hops of `gnn.models.hops`; h: float32[n, d]. Frasca et al. 2020 (arXiv 2004.11198),
directions kept apart as in Rossi et al. 2023 (arXiv 2305.10498). The trained head runs without torch.
"""

from typing import Any

import torch
from torch.nn import Dropout, Linear, Module

from gnn.data import LinkLabels, NodeLabels, typed_of
from gnn.models import Fitted, Spec
from gnn.models.hops import hops
from gnn.models.tasks import loop, optimiser_of, scaling, seeded, task_of
from gnn.typed import TypedGraph


class Sign(Module):
    """z float32[b, 7 F] → h float32[b, d]."""

    shift: torch.Tensor
    scale: torch.Tensor

    def __init__(self, z: torch.Tensor, spec: Spec) -> None:
        super().__init__()
        shift, scale = scaling(z)
        self.register_buffer("shift", shift)
        self.register_buffer("scale", scale)
        self.first = Linear(z.shape[1], spec.hidden)
        self.second = Linear(spec.hidden, spec.embedding)
        self.drop = Dropout(spec.dropout)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """The formula above, with dropout while training."""
        hidden = self.first((z - self.shift) * self.scale).relu()
        return self.second(self.drop(hidden))


def fit(graph: TypedGraph, labels: NodeLabels | LinkLabels, spec: Spec) -> tuple[Fitted, dict[str, Any]]:
    """Train on the hops of `graph`; links are validated on the hops of the later graph."""
    kind = "nodes" if isinstance(labels, NodeLabels) else "links"
    z = later = torch.from_numpy(hops(graph, kind, spec.layers))
    if isinstance(labels, LinkLabels):
        later = torch.from_numpy(hops(typed_of(labels.val_data), kind, spec.layers))
    with seeded(spec):
        encoder, task = Sign(z, spec).to(spec.device), task_of(graph, labels, spec)
        optimiser = optimiser_of(encoder, task, spec)

        def train() -> float:
            encoder.train()
            for rows in task.batches(spec.batch):
                optimiser.zero_grad()
                loss = task.loss(rows, lambda rows: encoder(z[rows].to(spec.device)))
                loss.backward()
                optimiser.step()
            return float(loss.detach())

        @torch.no_grad()
        def test() -> float:
            encoder.eval()
            return task.score(lambda rows: encoder(later[rows].to(spec.device)))

        return loop(encoder, task, spec, train, test), {}
