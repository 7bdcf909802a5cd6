"""What the models that look at firms alone are given: each firm's numbers, its goods, and who it is.

    x_i = [ features_i | mean of what it makes | mean of what it buys | signs of its id ]

A firm's goods are means over its MAKES and BUYS links weighted by their share of its sales or purchases.
The signs (seeded by nothing but the id) let two firms with the same partners be told from two strangers;
only link scoring uses them.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from gnn.node_features import Float32, projected
from gnn.typed import SUPPLIES, TypedGraph

#: Signs of an id for link scoring.
SIGNS = 32
Side = Literal["customers", "suppliers"]


def firm_inputs(graph: TypedGraph, signs: bool) -> Float32:
    """float32[n, F] as above; `input_names` names the columns."""
    firms = graph.nodes["enterprise"]
    parts = [firms.x, goods(graph, "MAKES"), goods(graph, "BUYS")]
    if signs:
        parts.append(projected(([str(identifier)] for identifier in firms.id), SIGNS))
    return np.ascontiguousarray(np.hstack(parts), np.float32)


def input_names(graph: TypedGraph, signs: bool) -> tuple[str, ...]:
    """The F names of the columns of `firm_inputs`."""
    goods = graph.nodes["product"].features
    made, bought = (tuple(f"{side}_{name}" for name in goods) for side in ("makes", "buys"))
    drawn = tuple(f"sign_{i}" for i in range(SIGNS if signs else 0))
    return (*graph.nodes["enterprise"].features, *made, *bought, *drawn)


def goods(graph: TypedGraph, kind: Literal["MAKES", "BUYS"]) -> Float32:
    """float32[n, F of products]: mean of a firm's products by share; 0 for a firm without any."""
    links, products = graph.links["enterprise", kind, "product"], graph.nodes["product"].x
    shape = len(graph.nodes["enterprise"].id), len(products)
    return np.asarray(
        _rows(links.index, links.x[:, links.features.index("share")], shape) @ products, np.float32
    )


def neighbours(graph: TypedGraph, side: Side) -> sparse.csr_matrix:
    """n × n, rows of a mean: float32, 1 / (number of customers or suppliers), rows of the others empty."""
    index = graph.links[SUPPLIES].index if side == "customers" else graph.links[SUPPLIES].index[::-1]
    n = len(graph.nodes["enterprise"].id)
    return _rows(index, np.ones(index.shape[1], np.float32), (n, n))


def _rows(index: NDArray[np.integer], weight: Any, shape: tuple[int, int]) -> sparse.csr_matrix:
    """The weights as a matrix whose rows sum to 1 or are empty."""
    made = sparse.csr_matrix((weight.astype(np.float32), (index[0], index[1])), shape=shape)
    whole = np.asarray(made.sum(axis=1)).ravel()
    made.data /= np.repeat(np.maximum(whole, 1e-9), np.diff(made.indptr)).astype(np.float32)
    return made
