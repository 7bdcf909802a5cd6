"""The hops a SIGN model reads, and what it makes of them: numpy and scipy, no torch.

    z_i = [ x | O x | I x | O O x | O I x | I O x | I I x ]_i        (2 layers)

x: float32[n, F] of `gnn.models.inputs`. O: mean over the customers of a firm, I: mean over its suppliers,
so O I x is what the other suppliers of its customers are: its rivals.
"""

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from gnn.models.inputs import firm_inputs, input_names, neighbours
from gnn.models.mlp import Float32, encoded
from gnn.typed import TypedGraph

if TYPE_CHECKING:
    from gnn.models import Model


def inputs_of(graph: TypedGraph, task: str) -> dict[str, tuple[str, ...]]:
    """The names of the columns of x."""
    return {"enterprise": input_names(graph, signs=task == "links")}


def hops(graph: TypedGraph, task: str, layers: int) -> Float32:
    """z: x and every way of `layers` or fewer steps, float32[n, F · (2^(layers + 1) - 1)]."""
    x = firm_inputs(graph, signs=task == "links")
    step = {"O": neighbours(graph, "customers"), "I": neighbours(graph, "suppliers")}
    found = {"": x}
    for length in range(1, layers + 1):
        for way in map("".join, product("OI", repeat=length)):
            found[way] = np.asarray(step[way[0]] @ found[way[1:]], np.float32)
    return np.hstack(list(found.values()))


def embed(model: "Model", graph: TypedGraph) -> Float32:
    """h of every firm."""
    return encoded(hops(graph, model.task, model.spec.layers), model.weights)
