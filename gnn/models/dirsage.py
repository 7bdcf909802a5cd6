"""DirSAGE: GraphSAGE that listens to suppliers and customers apart.

    x_i' = W x_i + (1 - α) W_in · mean(x_j : j supplies i) + α W_out · mean(x_j : i supplies j),   α = 1/2

Layers of width `hidden`, relu between, the last of width d. x: float32[n, F] of `gnn.models.inputs`, scaled;
edges: int64[2, m], seller above buyer; h: float32[n, d]. Rossi et al. 2023 (arXiv 2305.10498); Hamilton et
al. 2017 (arXiv 1706.02216).
"""

from itertools import pairwise
from typing import Any

import torch
from torch.nn import Dropout, Module, ModuleList
from torch_geometric.nn import DirGNNConv, SAGEConv

from gnn.data import LinkLabels, NodeLabels, typed_of
from gnn.models import Fitted, Model, Spec
from gnn.models.hops import inputs_of
from gnn.models.inputs import firm_inputs
from gnn.models.tasks import at, filled, loop, optimiser_of, scaling, seeded, task_of
from gnn.typed import SUPPLIES, TypedGraph

__all__ = ["DirSage", "embed", "fit", "inputs_of"]


class DirSage(Module):
    """x float32[n, F], edges int64[2, m] → h float32[n, d]."""

    shift: torch.Tensor
    scale: torch.Tensor

    def __init__(self, x: torch.Tensor, spec: Spec) -> None:
        super().__init__()
        shift, scale = scaling(x)
        self.register_buffer("shift", shift)
        self.register_buffer("scale", scale)
        widths = [x.shape[1], *[spec.hidden] * (spec.layers - 1), spec.embedding]
        pairs = pairwise(widths)
        self.convs = ModuleList(DirGNNConv(SAGEConv(into, out)) for into, out in pairs)
        self.drop = Dropout(spec.dropout)

    def forward(self, x: torch.Tensor, edges: torch.Tensor) -> torch.Tensor:
        """The formula above layer by layer, with dropout while training."""
        x = (x - self.shift) * self.scale
        for conv in self.convs[:-1]:
            x = self.drop(conv(x, edges).relu())
        return self.convs[-1](x, edges)


def tensors(graph: TypedGraph, task: str, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    """x and edges of a graph on a device."""
    x = torch.from_numpy(firm_inputs(graph, signs=task == "links"))
    return x.to(device), torch.from_numpy(graph.links[SUPPLIES].index).to(device)


@torch.no_grad()
def embed(model: Model, graph: TypedGraph) -> Any:
    """h of every firm, float32[n, d]."""
    x, edges = tensors(graph, model.task, model.spec.device)
    encoder = filled(DirSage(x, model.spec), model).to(model.spec.device)
    return encoder(x, edges).cpu().numpy()


def fit(graph: TypedGraph, labels: NodeLabels | LinkLabels, spec: Spec) -> tuple[Fitted, dict[str, Any]]:
    """Train full-batch on `graph`; links are validated on the later graph."""
    kind = "nodes" if isinstance(labels, NodeLabels) else "links"
    now = later = tensors(graph, kind, spec.device)
    if isinstance(labels, LinkLabels):
        later = tensors(typed_of(labels.val_data), kind, spec.device)
    with seeded(spec):
        encoder, task = DirSage(now[0], spec).to(spec.device), task_of(graph, labels, spec)
        optimiser = optimiser_of(encoder, task, spec)

        def train() -> float:
            encoder.train()
            for rows in task.batches(spec.batch):
                optimiser.zero_grad()
                h = encoder(*now)
                loss = task.loss(rows, at(h))
                loss.backward()
                optimiser.step()
            return float(loss.detach())

        @torch.no_grad()
        def test() -> float:
            encoder.eval()
            h = encoder(*later)
            return task.score(at(h))

        return loop(encoder, task, spec, train, test), {}
