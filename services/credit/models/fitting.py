"""How the parts of a credit model are fitted: a penalised line, a scorecard of few bins, boosted trees.

`direction` int64[k]: +1 where more of a feature may only raise the risk, -1 where it may only lower it, 0
where the cases decide. Every part keeps to it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gnn.extra import needed
from gnn.trees import from_lightgbm
from services.credit.models.members import Boosted, Card, Float64, Int64, Line, scaled
from services.credit.models.model import logistic

Bool = NDArray[np.bool_]
#: A value is cut at so many scales from the median: one firm in a hundred must not carry a line.
CUT = 3.0


@dataclass(frozen=True)
class Cases:
    """n firms: `rows` float64[n, k] with NaN for null, `bad` bool[n], `direction` int64[k], and `group`
    int64[n]: firms of one group (two books of one firm) never lie on both sides of a split."""

    rows: Float64
    bad: Bool
    direction: Int64
    group: Int64

    def of(self, which: NDArray[Any]) -> "Cases":
        """Those firms only."""
        return Cases(self.rows[which], self.bad[which], self.direction, self.group[which])


def scales(rows: Float64) -> tuple[Float64, Float64]:
    """Median and standard deviation of each column, float64[k] each; 0 and 1 of an empty or constant one."""
    empty = np.isnan(rows).all(axis=0)
    seen = np.where(empty, 0.0, rows)
    spread = np.nanstd(seen, axis=0)
    return np.nanmedian(seen, axis=0), np.where(spread > 1e-9, spread, 1.0)


def fit_line(cases: Cases, l1: float, l2: float) -> Line:
    """argmin Σ log loss + l1·Σ|w| + l2/2·Σw² over scaled values, the intercept free (Zou and Hastie 2005)."""
    centre, scale = scales(cases.rows)
    z = scaled(cases.rows, centre, scale, CUT)
    weight, base = solve(z, cases.bad, l1, l2, cases.direction)
    return Line(centre, scale, weight, base, CUT)


def solve(z: Float64, bad: Bool, l1: float, l2: float, direction: Int64) -> tuple[Float64, float]:
    """Weights float64[k] and intercept of the penalised logistic regression of `bad` on z float64[n, k].

    Every weight is the difference of two that are not negative, one of which is held at 0 where a direction
    is given: so the absolute values are linear and a bounded quasi-Newton method is enough (L-BFGS-B).
    """
    from scipy.optimize import minimize

    y, k = bad.astype(np.float64), z.shape[1]

    def loss(at: Float64) -> tuple[float, Float64]:
        up, down = at[1 : k + 1], at[k + 1 :]
        weight = up - down
        told = z @ weight + at[0]
        wrong = logistic(told) - y
        slope = z.T @ wrong + l2 * weight
        value = np.logaddexp(0.0, told).sum() - told @ y + l1 * (up + down).sum() + l2 / 2 * weight @ weight
        return float(value), np.concatenate([[wrong.sum()], slope + l1, l1 - slope])

    most = np.where(np.concatenate([direction, -direction]) < 0, 0.0, np.inf)
    share = (y.sum() + 0.5) / (len(y) + 1.0)
    start = np.concatenate([[np.log(share / (1 - share))], np.zeros(2 * k)])
    bounds = [(None, None), *((0.0, float(m)) for m in most)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500})
    return np.asarray(found.x[1 : k + 1] - found.x[k + 1 :]), float(found.x[0])


def fit_card(cases: Cases, features: int, bins: int, l2: float) -> Card:
    """A scorecard of `features` features, each in up to `bins` bins of equal size, weighed by a ridge.

    The bins' weights of evidence (Good 1950), each outcome counted half a case more, are pooled until they
    keep to the direction (else to the trend of the cases); the features are those of most information
    (Kullback 1959), of two that say nearly the same (|r| > 0.8) only the better.
    """
    k = cases.rows.shape[1]
    found = [_bins(cases.rows[:, j], cases.bad, int(cases.direction[j]), bins) for j in range(k)]
    worth = np.array([information for _, _, information in found])
    values = np.stack([_looked_up(cases.rows[:, j], *found[j][:2]) for j in range(k)], axis=1)
    kept = _chosen(values, worth, features)
    weight, base = solve(values[:, kept], cases.bad, 0.0, l2, np.ones(len(kept), np.int64))
    by = dict(zip(kept, weight, strict=True))
    edges = [found[j][0] if by.get(j, 0.0) > 0 else np.empty(0) for j in range(k)]
    points = [found[j][1] * by[j] if by.get(j, 0.0) > 0 else np.zeros(2) for j in range(k)]
    start = np.cumsum([0, *(len(e) for e in edges)]).astype(np.int64)
    return Card(start, np.concatenate(edges), np.concatenate(points), base)


def _bins(values: Float64, bad: Bool, direction: int, bins: int) -> tuple[Float64, Float64, float]:
    """Edges, weight of evidence a bin with that of null last, and the information of it all."""
    seen = ~np.isnan(values)
    edges = np.unique(np.quantile(values[seen], np.arange(1, bins) / bins)) if seen.any() else np.empty(0)
    which = np.searchsorted(edges, values[seen], side="right")
    size = np.bincount(which, minlength=len(edges) + 1).astype(np.float64)
    yes = np.asarray(np.bincount(which, bad[seen].astype(np.float64), len(edges) + 1), np.float64)
    filled = np.flatnonzero(size > 0)  # a bin without cases goes with the edge below it
    edges, size, yes = edges[filled[1:] - 1], size[filled], yes[filled]
    if not direction and len(size) > 1:
        direction = 1 if np.corrcoef(np.arange(len(size)), yes / size)[0, 1] >= 0 else -1
    edges, size, yes = _pooled(edges, size, yes, direction)
    odds = np.log((bad.sum() + 0.5) / ((~bad).sum() + 0.5))
    woe = np.log((yes + 0.5) / (size - yes + 0.5)) - odds
    share_bad, share_good = yes / max(bad.sum(), 1), (size - yes) / max((~bad).sum(), 1)
    missing, of = float(bad[~seen].sum()), float((~seen).sum())
    null = np.log((missing + 0.5) / (of - missing + 0.5)) - odds if of >= 10 else 0.0
    return edges, np.append(woe, null), float(((share_bad - share_good) * woe).sum())


def _pooled(edges: Float64, size: Float64, yes: Float64, direction: int) -> tuple[Float64, Float64, Float64]:
    """Neighbours joined until the shares rise (fall) strictly: pool adjacent violators."""
    kept: list[list[float]] = []
    for at in range(len(size)):
        kept.append([size[at], yes[at], edges[at] if at < len(edges) else np.inf])
        while len(kept) > 1 and (kept[-1][1] * kept[-2][0] - kept[-2][1] * kept[-1][0]) * direction <= 0:
            last, before = kept.pop(), kept.pop()
            kept.append([last[0] + before[0], last[1] + before[1], last[2]])
    whole = np.array(kept) if kept else np.zeros((1, 3))
    return whole[:-1, 2], whole[:, 0], whole[:, 1]


def _looked_up(values: Float64, edges: Float64, points: Float64) -> Float64:
    which = np.searchsorted(edges, values, side="right")
    return np.asarray(points[np.where(np.isnan(values), len(edges) + 1, which)])


def _chosen(values: Float64, worth: Float64, features: int) -> list[int]:
    """The columns of most worth, none of which says what a better one has said."""
    kept: list[int] = []
    for j in np.argsort(-worth, kind="stable"):
        if len(kept) == features or worth[j] <= 0 or values[:, j].std() < 1e-9:
            continue
        if all(abs(np.corrcoef(values[:, j], values[:, i])[0, 1]) <= 0.8 for i in kept):
            kept.append(int(j))
    return kept


def fit_boosted(cases: Cases, rounds: int, rate: float, least: int, seed: int) -> Boosted:
    """LightGBM with monotone constraints, each tree on one feature, so that the sum explains itself.

    `least`: cases in a leaf. MissingExtra without the extra.
    """
    lightgbm = needed("lightgbm")
    k = cases.rows.shape[1]
    asked = {
        "objective": "binary", "learning_rate": rate, "num_leaves": 4, "min_data_in_leaf": least,
        "lambda_l2": 5.0, "feature_fraction": 0.3, "bagging_fraction": 0.8, "bagging_freq": 1,
        "monotone_constraints": [int(d) for d in cases.direction], "monotone_constraints_method": "basic",
        "interaction_constraints": [[j] for j in range(k)], "boost_from_average": False, "seed": seed,
        "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1,
    }  # fmt: skip
    share = (cases.bad.sum() + 0.5) / (len(cases.bad) + 1.0)
    base = float(np.log(share / (1 - share)))
    floats = cases.rows.astype(np.float32).astype(np.float64)  # as the trees are evaluated
    data = lightgbm.Dataset(floats, cases.bad.astype(np.float64), init_score=np.full(len(cases.bad), base))
    trees = from_lightgbm(lightgbm.train(asked, data, rounds))
    first = np.diff(trees.node_at) > 0
    owner = np.zeros(len(first), np.int64)
    owner[first] = trees.feature[trees.node_at[:-1][first]]
    return Boosted(trees, owner, base)
