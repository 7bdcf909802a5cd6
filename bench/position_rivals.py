"""What positions are measured beside: two hops from a core, and a graph of shuffled links."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gnn.positions.hiding import Hidden, hide
from gnn.positions.plain import what_is_plain
from graph.csr import rows
from graph.kernels.reach import UNMET, reach

if TYPE_CHECKING:
    from bench.positions import Case

HOPS = 2


def two_hop(case: "Case", scored: NDArray[np.bool_]) -> dict[str, float]:
    """What a bank sees: firms within two links of a core enterprise, up or down.

    The chain is the core's, the tier the number of links; the segment is that of the firm's named goods
    where it is of this tier, else the commonest of this tier and chain.
    """
    seats, own = case.plain.seats, case.plain.own.segment[:, 0]
    best = np.full(case.view.firms, -1)
    count = np.bincount(own[own >= 0], minlength=seats.count)
    for chain, cores in enumerate(case.all_cores):
        for side, sign in (("in", 1), ("out", -1)):
            found = reach(rows(case.view.graph, side, None, case.plain.usable), np.array(cores, np.int32))  # type: ignore[arg-type]
            near = np.flatnonzero((found.hops != UNMET) & (found.hops <= HOPS) & (best < 0))
            for firm in near:
                home = own[found.seed[firm]]
                tier = (seats.tier[home] if home >= 0 else 0) + sign * found.hops[firm]
                there = np.flatnonzero((seats.chain == chain) & (seats.tier == tier))
                if own[firm] in there:
                    best[firm] = own[firm]
                elif len(there):
                    best[firm] = there[count[there].argmax()]
    right = (best[:, None] == case.truth).any(axis=1) & (best >= 0)
    told = scored & (best >= 0)
    return {
        "baseline_covered": float(right[scored].mean()),
        "baseline_precision": float(right[told].mean()) if told.any() else 0.0,
    }


def shuffled(case: "Case", seed: int) -> "Case":
    """The same firms and goods, every link leading to a buyer drawn anew."""
    only_links = Hidden(links=0.0, texts=0.0, wrong=1.0, names=0.0, industries=0.0)
    mixed, _ = hide(case.view, only_links, seed + 1000)
    return replace(case, view=mixed, plain=what_is_plain(mixed, case.chains))
