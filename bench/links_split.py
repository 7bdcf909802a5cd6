"""The protocol of bench `links`: a random 85/5/10 split of the edges; a hidden edge counts when training
shows both its ends. The false pairs beside each are those of `gnn.pairs.negatives`."""

from dataclasses import dataclass

import numpy as np

from gnn.pairs.negatives import Pairs, false_pairs, keys, of_edges
from graph.csr import Graph, Int64

TRAIN, VALID = 0.85, 0.05


@dataclass(frozen=True)
class Split:
    """Edges as int32[k, 2]; `graph` holds the training edges only; `known` all edges as keys,
    `open` those of training and validation: what a model may know."""

    nodes: int
    train: Pairs
    valid: Pairs
    test: Pairs
    graph: Graph
    known: Int64
    open: Int64
    unseen: float  # share of the test edges that were left out for an end never seen

    def asked(self, seed: int) -> Pairs:
        """int32[tests, 101, 2]: each hidden edge, then its 100 false pairs. No true edge, whichever
        part of the split it is in, is ever a false pair."""
        false = false_pairs(self.graph, self.known, self.test, seed)
        return np.concatenate([self.test[:, None], false], axis=1)


def split(nodes: int, edges: Pairs, seed: int) -> Split:
    """The seed's split of distinct `edges` without loops."""
    order = np.random.default_rng(seed).permutation(len(edges))
    first, second = int(TRAIN * len(edges)), int((TRAIN + VALID) * len(edges))
    train, valid, test = edges[order[:first]], edges[order[first:second]], edges[order[second:]]
    seen = np.zeros(nodes, np.bool_)
    seen[train.ravel()] = True
    both = seen[test].all(axis=1)
    return Split(
        nodes,
        train,
        valid[seen[valid].all(axis=1)],
        test[both],
        of_edges(nodes, train),
        keys(nodes, edges),
        keys(nodes, edges[order[:second]]),
        1 - float(both.mean()) if len(test) else 0.0,
    )
