"""A firm's features without one of its links, worked out by the same door on the firm's own surroundings.

The surroundings (the firm, its partners, its books) are laid out once whole and once without each link, side
by side in one small graph, and all are worked out together. Only what comes out of the whole one as it
stands in the real graph is taken over: a feature that needs more of the graph (its place in a chain, its
group) keeps its value.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.credit.prepared import Prepared
from services.credit.surroundings import Surroundings
from services.features import CATALOGUE
from services.features.door import GROUPS as WORK
from services.features.frame import Features
from services.features.neighbours import failing_of

#: Groups of features that a firm's own surroundings show.
GROUPS = ("books", "partners", "strength", "links", "payment")
#: Means over partners: feature → (side, what of the partner).
_MEANS = {
    "buyers_growth": ("customer", "sales_growth"),
    "suppliers_growth": ("supplier", "sales_growth"),
    "buyers_log_sales": ("customer", "log_sales"),
    "suppliers_log_sales": ("supplier", "log_sales"),
    "buyers_size": ("customer", "size_class"),
    "suppliers_size": ("supplier", "size_class"),
    "suppliers_churn": ("supplier", "lost_customers"),
    "buyers_days_paying": ("customer", "days_paying"),
    "buyers_failing": ("customer", "failing"),
    "suppliers_failing": ("supplier", "failing"),
    "buyers_failing_2": ("customer", "buyers_failing"),
    "suppliers_failing_2": ("supplier", "suppliers_failing"),
}
#: Values as close as this are the same.
_SAME = 1e-6
Changed = dict[str, float | None]


def kept(names: Sequence[str]) -> tuple[str, ...]:
    """Those of the names that need more of the graph than a firm's own surroundings, and so are kept as they
    are where a link is left out."""
    return tuple(n for n in names if CATALOGUE[n].group not in GROUPS and n not in _MEANS and _of_graph(n))


def _of_graph(name: str) -> bool:
    """Whether a feature could change with a link at all."""
    return CATALOGUE[name].group in ("position", "neighbours", "groups")


def without(
    prepared: Prepared, every: Features, firm: int, edges: Sequence[int], names: Sequence[str]
) -> dict[int, Changed]:
    """Edge → the features among `names` that change without it. `every`: features of all firms on the day."""
    if not edges:
        return {}
    found = _means(prepared, every, firm, edges, names)
    local = [name for name in names if CATALOGUE[name].group in GROUPS]
    if not local:
        return found
    rows = _laid_out(prepared, every, firm, edges, local)
    real = every.of(firm).matrix(local)[0]
    known = _same(rows[0], real)
    for k, edge in enumerate(edges, start=1):
        for j in np.flatnonzero(known & ~_same(rows[k], rows[0])):
            found[edge][local[j]] = _value(rows[k, j])
    return found


def _laid_out(
    prepared: Prepared, every: Features, firm: int, edges: Sequence[int], names: Sequence[str]
) -> NDArray[np.float64]:
    """float64[1 + edges, names]: features of the firm in its surroundings, whole and without each link."""
    seen = Surroundings(prepared, firm, edges, every.as_of)
    groups = {group: WORK[group](seen) for group in {CATALOGUE[name].group for name in names}}
    columns = [np.asarray(groups[CATALOGUE[name].group][name].values, np.float64) for name in names]
    return np.column_stack([column[seen.at] for column in columns])


def _means(
    prepared: Prepared, every: Features, firm: int, edges: Sequence[int], names: Sequence[str]
) -> dict[int, Changed]:
    """Means over partners without each link: the sums are taken apart. Nothing where they do not come out."""
    found: dict[int, Changed] = {edge: {} for edge in edges}
    wanted = [name for name in names if name in _MEANS and name in every.columns]
    if not wanted:
        return found
    hubs = prepared.hubs
    traded = prepared.traded(firm, prepared.snapshot.months_until(every.as_of))
    kept = [t for t in traded if t.amount_fen > 0 and not (t.side == "supplier" and hubs[t.partner])]
    for name in wanted:
        side, of = _MEANS[name]
        mine = [t for t in kept if t.side == side]
        values = _figure(every, of, np.array([t.partner for t in mine], np.int32))
        weight = np.array([float(t.amount_fen) for t in mine]) * ~np.isnan(values)
        filled = np.nan_to_num(values)
        whole = _mean(weight, filled)
        if not _same(np.array([whole]), np.asarray(every.columns[name].values, np.float64)[[firm]]).all():
            continue
        for k, one in enumerate(mine):
            if one.edge in found and weight[k] > 0:
                rest = np.arange(len(mine)) != k
                found[one.edge][name] = _value(_mean(weight[rest], filled[rest]))
    return found


def _figure(every: Features, name: str, partners: NDArray[np.int32]) -> NDArray[np.float64]:
    def column(one: str) -> NDArray[np.float64]:
        return np.asarray(every.columns[one].values, np.float64)[partners]

    return failing_of(column) if name == "failing" else column(name)


def _mean(weight: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    whole = float(weight.sum())
    return float(np.dot(weight, values)) / whole if whole > 0 else float("nan")


def _same(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.bool_]:
    near = np.abs(a - b) <= _SAME * np.maximum(1.0, np.abs(b))
    return np.asarray(near | (np.isnan(a) & np.isnan(b)))


def _value(number: float) -> float | None:
    return None if np.isnan(number) else round(float(number), 9)
