"""A firm's features without one of its links, worked out by the same door on the firm's own surroundings.

The surroundings (the firm, its partners, its books) are laid out once whole and once without each link, side
by side in one small graph, and all are worked out together. Only what comes out of the whole one as it
stands in the real graph is taken over: a feature that needs more of the graph (its place in a chain, its
group) keeps its value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.snapshot_tables import SnapshotTables
from services.credit.prepared import Prepared
from services.features import CATALOGUE
from services.features.door import Door
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
    day = every.as_of
    tables, at = _surroundings(prepared, firm, edges)
    rows = Door(tables, day).features(local).of(at).matrix(local)
    real = every.of(firm).matrix(local)[0]
    known = _same(rows[0], real)
    for k, edge in enumerate(edges, start=1):
        for j in np.flatnonzero(known & ~_same(rows[k], rows[0])):
            found[edge][local[j]] = _value(rows[k, j])
    return found


def _surroundings(prepared: Prepared, firm: int, edges: Sequence[int]) -> tuple[SnapshotTables, list[int]]:
    """The surroundings whole and without each of `edges`, and the rows of the firm in each."""
    source, base = prepared.snapshot, _Base.of(prepared, firm)
    gone = np.array([-1, *edges], np.int64)
    copies, size = len(gone), base.nodes
    kept = base.edge[None, :] != gone[:, None]
    number = np.cumsum(kept.ravel()).reshape(kept.shape) - 1
    copy, link = np.nonzero(kept)
    links = base.links[link].with_columns(
        pl.Series("src", base.src[link] + copy * size), pl.Series("dst", base.dst[link] + copy * size)
    )
    at = base.flow["at"].to_numpy()
    flow_copy, row = np.nonzero(kept[:, at])
    flow = base.flow[row].with_columns(edge=pl.Series(number[flow_copy, at[row]]))
    less = _gone(base, gone, len(source.months))
    many = copies * size
    tables = SnapshotTables(
        as_of=source.as_of,
        months=source.months,
        synthetic=source.synthetic,
        enterprises=pl.DataFrame({"id": [f"{i:016x}" for i in range(many)], "hub": [False] * many}),
        edges=links,
        flow=flow.select("edge", "month", "amount_fen", "count"),
        sales=_less(base.sales, "invoiced_fen", less.sold_fen, size),
        coverage=_less(base.books, "invoices", less.invoices, size),
        settlements=_paid(base, gone, size),
    )
    return tables, [k * size for k in range(copies)]


@dataclass(frozen=True)
class _Gone:
    """What each copy lacks: `sold_fen` int64[copies, rows of sales], `invoices` int64[copies, of books]."""

    sold_fen: NDArray[np.int64]
    invoices: NDArray[np.int64]


def _gone(base: "_Base", gone: NDArray[np.int64], months: int) -> _Gone:
    """What went over the missing link, on the rows of sales and of books of its months."""
    at, month, amount, count = (base.flow[c].to_numpy() for c in ("at", "month", "amount_fen", "count"))
    sold_fen = np.zeros((len(gone), months + 1), np.int64)
    number = np.zeros((2, len(gone), months + 1), np.int64)
    for k, edge in enumerate(gone[1:], start=1):
        place = int(np.flatnonzero(base.edge == edge)[0])
        mine, side = at == place, 0 if base.src[place] == 0 else 1
        np.add.at(number[side, k], month[mine], count[mine])
        if side == 0:
            np.add.at(sold_fen[k], month[mine], amount[mine])
    # A month that is not counted has no number: its row takes the last column, which stays empty.
    sales_m, books_m = (rows["m"].fill_null(months).to_numpy() for rows in (base.sales, base.books))
    bought = (base.books["side"] == "purchase").to_numpy()
    return _Gone(sold_fen[:, sales_m], np.where(bought, number[1][:, books_m], number[0][:, books_m]))


def _less(rows: pl.DataFrame, column: str, less: NDArray[np.int64], size: int) -> pl.DataFrame:
    """Rows of the firm once a copy, `column` less what went over the link that is gone."""
    copies, n = less.shape
    copy, row = np.repeat(np.arange(copies), n), np.tile(np.arange(n), copies)
    firms = pl.Series("enterprise", (copy * size).astype(np.int32))
    return rows[row].drop("m").with_columns(firms, pl.col(column) - pl.Series(less.ravel()))


def _paid(base: "_Base", gone: NDArray[np.int64], size: int) -> pl.DataFrame:
    """Payments once a copy, without those to or from the partner that is gone."""
    seller, buyer = (base.settled[end].to_numpy() for end in ("seller", "buyer"))
    away = np.array([base.partner_of(int(edge)) for edge in gone])
    kept = (seller[None, :] != away[:, None]) & (buyer[None, :] != away[:, None])
    copy, row = np.nonzero(kept)
    shift = copy * size
    return base.settled[row].with_columns(
        pl.Series("seller", (seller[row] + shift).astype(np.int32)),
        pl.Series("buyer", (buyer[row] + shift).astype(np.int32)),
    )


@dataclass(frozen=True)
class _Base:
    """The surroundings once: local firm 0 is the firm, then its partners, then one who also sells to its
    customers and one who also buys from its suppliers, where somebody does."""

    nodes: int
    edge: NDArray[np.int64]
    src: NDArray[np.int32]
    dst: NDArray[np.int32]
    links: pl.DataFrame
    flow: pl.DataFrame
    sales: pl.DataFrame
    books: pl.DataFrame
    settled: pl.DataFrame

    @classmethod
    def of(cls, prepared: Prepared, firm: int) -> "_Base":
        """Cut out of the snapshot."""
        source = prepared.snapshot
        out, into = source.customers(firm), source.suppliers(firm)
        buyers = source.column("edges", "dst")[out]
        sellers = source.column("edges", "src")[into]
        partners = np.unique(np.concatenate([buyers, sellers])).astype(np.int32)
        other, degrees = len(partners) + 1, prepared.traded_links
        to, by = (np.searchsorted(partners, ends) + 1 for ends in (buyers, sellers))
        shared, sharing = to[degrees.suppliers[buyers] > 1], by[degrees.customers[sellers] > 1]
        edge = np.concatenate([out, into, np.full(len(shared) + len(sharing), -2)]).astype(np.int64)
        src = np.concatenate([0 * to, by, 0 * shared + other, sharing])
        dst = np.concatenate([to, 0 * by, shared, 0 * sharing + other + 1])
        order = np.lexsort((dst, src))
        edge, src, dst = edge[order], src[order].astype(np.int32), dst[order].astype(np.int32)
        flow = prepared.flow_of(edge)
        at = flow["at"].to_numpy()
        amount = np.bincount(at, flow["amount_fen"].to_numpy(), len(edge)).astype(np.int64)
        count = np.bincount(at, flow["count"].to_numpy(), len(edge)).astype(np.int32)
        last = prepared.last_of(np.maximum(edge, 0))
        links = pl.DataFrame({"src": src, "dst": dst, "last": last, "amount_fen": amount, "count": count})
        local = {firm: 0, **{int(one): i for i, one in enumerate(partners, start=1)}}
        settled = _local(prepared.settled(firm), local)
        return cls(
            other + 2, edge, src, dst, links, flow,
            prepared.sales_of(firm), prepared.books_of(firm), settled,
        )  # fmt: skip

    def partner_of(self, edge: int) -> int:
        """The local firm at the other end of a link, -1 where there is none."""
        at = np.flatnonzero(self.edge == edge)
        return -1 if edge < 0 else int(self.dst[at[0]] if self.src[at[0]] == 0 else self.src[at[0]])


def _local(rows: pl.DataFrame, local: Mapping[int, int]) -> pl.DataFrame:
    """Payments between the firm and its partners, under their local numbers."""
    if rows.is_empty():
        return rows
    kept = rows.filter(pl.col("seller").is_in(list(local)) & pl.col("buyer").is_in(list(local)))
    return kept.with_columns(pl.col("seller", "buyer").replace_strict(local, return_dtype=pl.Int32))


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
