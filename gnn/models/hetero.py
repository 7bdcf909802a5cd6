"""A heterogeneous model: firms, goods, people and places, one message for every kind of edge, both ways.

    x_v⁰ = relu(W_τ(v) · (x_v - shift) · scale)
    x_vˡ⁺¹ = relu( x_vˡ + mean over kinds r into v of W_r · mean(x_uˡ : u -r-> v) )
    h_i = W x_iᴸ                                                    of enterprises i

x_v: float32[n_τ, F_τ] by node type τ, all drawn to width `hidden`; h: float32[n, d]. Kinds are those of
`graph.model` with at least one edge in training, and their reverses, made after the split
(`gnn.data.with_reverse`). Messages by SAGEConv under HeteroConv, after PyG's heterogeneous examples.
"""

import warnings
from typing import Any

import torch
from torch.nn import Dropout, Linear, Module, ModuleDict, ModuleList
from torch_geometric.nn import HeteroConv, SAGEConv

from gnn.data import LinkLabels, NodeLabels, pyg_of, typed_of, with_reverse
from gnn.models import Fitted, Model, Spec
from gnn.models.inputs import SIGNS
from gnn.models.tasks import at, filled, loop, optimiser_of, scaling, seeded, signs_of, task_of
from gnn.typed import EdgeType, TypedGraph

Tensors = dict[Any, torch.Tensor]


class Hetero(Module):
    """x by node type, edges by edge type → h float32[n, d] of enterprises."""

    def __init__(self, x: Tensors, kinds: list[EdgeType], spec: Spec) -> None:
        super().__init__()
        for kind, values in x.items():
            shift, scale = scaling(values)
            self.register_buffer(f"shift_{kind}", shift)
            self.register_buffer(f"scale_{kind}", scale)
        width = spec.hidden
        self.enter = ModuleDict({kind: Linear(values.shape[1], width) for kind, values in x.items()})
        last = [kind for kind in kinds if kind[2] == "enterprise"]
        self.convs = ModuleList(heard(kinds, width) for _ in range(spec.layers - 1))
        self.convs.append(heard(last, width))
        self.leave = Linear(width, spec.embedding)
        self.drop = Dropout(spec.dropout)

    def forward(self, x: Tensors, edges: Tensors) -> torch.Tensor:
        """The formula above layer by layer, with dropout while training."""
        scaled = {k: (v - getattr(self, f"shift_{k}")) * getattr(self, f"scale_{k}") for k, v in x.items()}
        x = {kind: self.enter[kind](values).relu() for kind, values in scaled.items()}
        for conv in self.convs:
            said = conv(x, edges)
            x = {k: self.drop((v + said[k]).relu()) if k in said else v for k, v in x.items()}
        return self.leave(x["enterprise"])


def heard(kinds: list[EdgeType], width: int) -> HeteroConv:
    """One layer of messages, float32[n_τ, width] by node type in and out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that others hear nothing in the last layer: nobody asks them
        return HeteroConv({kind: SAGEConv(width, width, root_weight=False) for kind in kinds}, aggr="mean")


def inputs_of(graph: TypedGraph, task: str) -> dict[str, tuple[str, ...]]:
    """The names of the columns of x by node type."""
    signs = tuple(f"sign_{i}" for i in range(SIGNS if task == "links" else 0))
    named = {kind: nodes.features for kind, nodes in graph.nodes.items()}
    return {**named, "enterprise": (*named["enterprise"], *signs)}


def tensors(graph: TypedGraph, task: str, device: str) -> tuple[Tensors, Tensors]:
    """x by node type and edges by edge type, reverse ones included, on a device."""
    data = with_reverse(pyg_of(graph)).to(device)
    x, edges = dict(data.x_dict), dict(data.edge_index_dict)
    if task == "links":
        x["enterprise"] = torch.cat([x["enterprise"], signs_of(graph).to(device)], dim=1)
    return x, edges


@torch.no_grad()
def embed(model: Model, graph: TypedGraph) -> Any:
    """h of every firm, float32[n, d]."""
    x, edges = tensors(graph, model.task, model.spec.device)
    kinds = [tuple(kind) for kind in model.more["kinds"]]
    encoder = filled(Hetero(x, kinds, model.spec), model).to(model.spec.device)
    return encoder(x, edges).cpu().numpy()


def fit(graph: TypedGraph, labels: NodeLabels | LinkLabels, spec: Spec) -> tuple[Fitted, dict[str, Any]]:
    """Train full-batch on `graph`; links are validated on the later graph."""
    task_kind = "nodes" if isinstance(labels, NodeLabels) else "links"
    now = later = tensors(graph, task_kind, spec.device)
    if isinstance(labels, LinkLabels):
        later = tensors(typed_of(labels.val_data), task_kind, spec.device)
    kinds = [kind for kind, index in now[1].items() if index.shape[1]]
    with seeded(spec):
        encoder, task = Hetero(now[0], kinds, spec).to(spec.device), task_of(graph, labels, spec)
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

        return loop(encoder, task, spec, train, test), {"kinds": kinds}
