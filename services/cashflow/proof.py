"""How good the forecast was: made again from an earlier month, held against what came, at a named level.

Accuracy is 1 - WAPE. It is measured on what was invoiced, without tax: the part that is forecast. One firm's
month is far harder than a chain's, and the figure says which of them it is of.
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.snapshot import Snapshot
from services.cashflow.books import Floats
from services.cashflow.models.accuracy import wape, wape_of_totals
from services.cashflow.panel import SHARES, Side, chain_groups, forecast

#: Months held out.
HELD_OUT = 3
_LEAST = 12
#: Rows of firms from which on their errors are looked at together.
_FIRMS = 100
_ENDS = {80: (0.10, 0.90), 90: (0.05, 0.95), 95: (0.025, 0.975)}


@dataclass(frozen=True)
class Proof:
    """Forecasts of the last three full months, made before them: `made`, `came` float64[n, 3], `inside` by
    coverage, for sales and purchases; `own`: firms with own books. `lasting`: of the variance of what went
    wrong, the share that all firms had in common, and that a firm's months had; None of too few firms."""

    made: tuple[Floats, Floats]
    came: tuple[Floats, Floats]
    inside: "tuple[dict[int, NDArray[np.bool_]], dict[int, NDArray[np.bool_]]]"
    own: "tuple[NDArray[np.bool_], NDArray[np.bool_]]"
    lasting: tuple[float, float] | None


@dataclass(frozen=True)
class Figure:
    """`accuracy`: 1 - WAPE of `side` (sales | purchases) at `level` (firm_month: pooled over firms with own
    books; sum_month: of the sum of the firms asked for), one to three months ahead; `coverage`: share of firm
    months inside the interval promised."""

    side: str
    level: str
    accuracy: float
    firms: int
    months: int
    coverage: dict[int, float]


def proof_of(source: Snapshot, sides: tuple[Side, Side], start: int) -> Proof | None:
    """The forecasts held out, for all firms at once."""
    width = sides[0].panel.shape[1] - HELD_OUT
    if width < _LEAST:
        return None
    groups = chain_groups(source)
    scores: list[Floats] = []
    parts: list[Any] = [[], [], []]
    for side in sides:
        mean, quantiles = forecast(side.panel[:, :width], start, HELD_OUT, groups)
        came = side.panel[:, width:]
        live = (mean > 0).any(axis=1) & ~np.isnan(came).any(axis=1)
        scores.append(_scores(quantiles[live], came[live]))
        parts[0].append(mean)
        parts[1].append(came)
        at = {round(float(share), 3): i for i, share in enumerate(SHARES)}
        parts[2].append(
            {
                level: (came >= quantiles[:, :, at[low]]) & (came <= quantiles[:, :, at[high]])
                for level, (low, high) in _ENDS.items()
            }
        )
    firms = source.enterprises
    own = tuple(firms[name].is_not_null().to_numpy() for name in ("own_sales_until", "own_purchases_until"))
    lasting = _lasting(np.concatenate(scores))
    return Proof(tuple(parts[0]), tuple(parts[1]), tuple(parts[2]), own, lasting)  # type: ignore[arg-type]


def _scores(quantiles: "NDArray[np.float32]", came: Floats) -> Floats:
    """Where each month came to lie in its forecast, as a standard normal number: float64[n, h].

    Where the forecast has a lump (months without an invoice), the middle of it.
    """
    shares = np.concatenate([[0.0], SHARES, [1.0]])
    below, upto = ((quantiles < came[:, :, None]).sum(axis=2), (quantiles <= came[:, :, None]).sum(axis=2))
    within = (shares[below] + shares[upto + 1]) / 2
    points = np.array([NormalDist().inv_cdf(float(one)) for one in np.linspace(0.005, 0.995, 199)])
    return np.asarray(points[np.clip(np.rint(within * 200).astype(np.int64) - 1, 0, 198)], np.float64)


def _lasting(scores: Floats) -> tuple[float, float] | None:
    """(common, own) shares of variance of scores float64[n, h]; months of one firm and firms of one month."""
    if len(scores) < _FIRMS:
        return None
    spread = float(scores.var())
    if spread <= 0:
        return None
    common = float((scores.mean(axis=0) ** 2).mean()) / spread
    centred = scores - scores.mean(axis=0)
    months = scores.shape[1]
    together = centred.sum(axis=1).var() - centred.var(axis=0).sum()
    own = together / (months * (months - 1)) / max(float(centred.var()), 1e-9)
    return min(max(common, 0.0), 0.3), min(max(float(own), 0.0), 0.6)


def figures(proof: Proof | None, firms: "NDArray[np.int64]") -> list[Figure]:
    """What may be said of a forecast of `firms` (rows): of one firm the level of a firm's month, pooled over
    all firms with own books; of several that, and the level of their sum."""
    if proof is None:
        return []
    found = []
    for number, side in enumerate(("sales", "purchases")):
        made, came, own = proof.made[number], proof.came[number], proof.own[number]
        live = own & ((made > 0) | (came > 0)).any(axis=1)
        if (live[:, None] & ~np.isnan(came)).any():
            # Months after the end of a firm's books are not known, and neither inside nor outside.
            known = live[:, None] & ~np.isnan(came)
            inside = {level: float(flags[known].mean()) for level, flags in proof.inside[number].items()}
            error = wape(came[live], made[live])
            if np.isfinite(error):
                found.append(Figure(side, "firm_month", 1 - error, int(live.sum()), HELD_OUT, inside))
        if len(firms) > 1:
            error = wape_of_totals(came[firms], made[firms])
            if np.isfinite(error):
                found.append(Figure(side, "sum_month", 1 - error, len(firms), HELD_OUT, {}))
    return found
