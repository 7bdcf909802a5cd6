"""A firm's own surroundings (itself, its partners, its books), laid out once whole and once without each of
some links, side by side, as what features are worked out from.

In plain arrays: every decision lays out up to nine of them, and frames would take most of its time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.view import View
from graph import csr
from graph.csr import Float64, Int32, Int64, Mask
from graph.snapshot import Snapshot
from graph.snapshot_tables import TABLES
from services.credit.prepared import Prepared
from services.features.payment import shown_by
from services.features.seen import Seen, Side

#: What own books tell of a month, beside its number of invoices.
_TOLD = (
    *("void", "red", "blue", "weekend", "month_end"),
    *("rated_fen", "full_rate_fen", "low_rate_fen"),
)
#: Tables of a view that a firm's own surroundings do without.
_EMPTY = {name: pl.DataFrame(schema=TABLES[name]) for name in ("item_flow", "products", "relations")}


class Surroundings(Seen):
    """What is seen of the copies: firm 0 of each, `size` firms after each other, is the firm itself.

    Answers the groups of features that a firm's own surroundings show, and no others.
    """

    def __init__(self, prepared: Prepared, firm: int, edges: Sequence[int], day: date) -> None:
        self._base = base = _Base.of(prepared, firm, day)
        self._gone = gone = np.array([-1, *edges], np.int64)
        self.size = base.nodes
        self.source: Snapshot = prepared.snapshot
        self.day = day
        self.view = _view(base, gone, self.source, day)
        self._chains = None

    @property
    def at(self) -> NDArray[np.int64]:
        """int64[1 + edges]: rows of the firm, in the whole copy and without each of the links."""
        return np.arange(len(self._gone)) * self.size

    def covered(self, side: Side) -> pl.DataFrame:
        """Own books of a side, once a copy, less what went over the link that is gone."""
        return self._sale_books if side == "sale" else self._purchase_books

    @cached_property
    def _sale_books(self) -> pl.DataFrame:
        return self._books_less("sale", self._less.sold)

    @cached_property
    def _purchase_books(self) -> pl.DataFrame:
        return self._books_less("purchase", self._less.bought)

    def _books_less(self, side: Side, less: Int64) -> pl.DataFrame:
        rows = self._base.books[side]
        m = rows["m"].astype(np.int32)
        told = {name: np.tile(rows[name], len(self._gone)) for name in _TOLD}
        invoices = (rows["invoices"][None, :] - less[:, m]).ravel()
        return pl.DataFrame({**self._once_a_copy(m), "invoices": invoices, **told})

    @cached_property
    def invoiced(self) -> pl.DataFrame:
        """Months with invoices, once a copy, less what went over the link that is gone."""
        rows = self._base.invoiced
        m = rows["m"].astype(np.int32)
        amount = (rows["invoiced_fen"][None, :] - self._less.sold_fen[:, m]).ravel()
        red = np.tile(rows["red_fen"], len(self._gone))
        told = {"invoiced_fen": amount, "red_fen": red}
        return pl.DataFrame({**self._once_a_copy(m), **told}, nan_to_null=True)

    def _once_a_copy(self, m: Int32) -> dict[str, NDArray[np.int32]]:
        copies = len(self._gone)
        return {
            "enterprise": np.repeat((np.arange(copies) * self.size).astype(np.int32), len(m)),
            "m": np.tile(m, copies),
        }

    @cached_property
    def months_of_sales(self) -> pl.DataFrame:
        """All of table `sales` of the firm, once a copy."""
        rows, less, copies = self._base.sales, self._less.sold_fen, len(self._gone)
        m = rows["m"].to_numpy()
        lacking = pl.Series(less[:, m].ravel())
        row = np.tile(np.arange(len(m)), copies)
        firms = pl.Series("enterprise", self._once_a_copy(m)["enterprise"])
        return rows[row].with_columns(firms, pl.col("invoiced_fen") - lacking)

    @cached_property
    def paid(self) -> pl.DataFrame:
        """Payments once a copy, without those to or from the partner that is gone."""
        base = self._base
        rows = _local(shown_by(base.settled, self.day), base.local)
        seller, buyer = (rows[end].to_numpy() for end in ("seller", "buyer"))
        away = np.array([base.partner_of(int(edge)) for edge in self._gone])
        kept = (seller[None, :] != away[:, None]) & (buyer[None, :] != away[:, None])
        copy, row = np.nonzero(kept)
        shift = copy * self.size
        return rows[row].with_columns(
            pl.Series("seller", (seller[row] + shift).astype(np.int32)),
            pl.Series("buyer", (buyer[row] + shift).astype(np.int32)),
        )

    @cached_property
    def _less(self) -> "_Less":
        return _less(self._base, self._gone, self.months)


def _view(base: "_Base", gone: Int64, source: Snapshot, day: date) -> View:
    """The links of the copies and what went over them."""
    size, months = base.nodes, source.months[: base.until]
    kept = (base.edge[None, :] != gone[:, None]) & base.flows[None, :]
    number = (np.cumsum(kept.ravel()) - 1).reshape(kept.shape).astype(np.int32)
    copy, link = np.nonzero(kept)
    flow_copy, row = np.nonzero(kept[:, base.at])
    edge = number[flow_copy, base.at[row]]
    order = np.lexsort((edge, base.month[row]))
    edge, row = edge[order], row[order]
    amount = np.zeros(len(link), np.int64)
    np.add.at(amount, edge, base.amount[row])
    flow = {"edge": edge, "month": base.month[row], "amount_fen": base.amount[row], "count": base.count[row]}
    return View(
        as_of=day,
        months=months,
        enterprises=pl.DataFrame(),
        graph=csr.build(len(gone) * size, base.src[link] + copy * size, base.dst[link] + copy * size),
        edge_of=csr.fixed(np.arange(len(link)), np.int32),
        amount_fen=csr.fixed(amount, np.int64),
        flow=pl.DataFrame(flow),
        items=_EMPTY["item_flow"],
        products=_EMPTY["products"],
        relations=_EMPTY["relations"],
    )


@dataclass(frozen=True)
class _Less:
    """What each copy lacks, int64[copies, months]: fen and number of invoices sold, number bought."""

    sold_fen: Int64
    sold: Int64
    bought: Int64


def _less(base: "_Base", gone: Int64, months: int) -> _Less:
    """What went over the missing link in each month."""
    fen, number = np.zeros((len(gone), months), np.int64), np.zeros((2, len(gone), months), np.int64)
    for k, edge in enumerate(gone[1:], start=1):
        place = int(np.flatnonzero(base.edge == edge)[0])
        mine, side = base.at == place, 0 if base.src[place] == 0 else 1
        np.add.at(number[side, k], base.month[mine], base.count[mine])
        if side == 0:
            np.add.at(fen[k], base.month[mine], base.amount[mine])
    return _Less(fen, number[0], number[1])


@dataclass(frozen=True)
class _Base:
    """The surroundings once: local firm 0 is the firm, then its partners, then one who also sells to its
    customers and one who also buys from its suppliers, where somebody does.

    `edge`, `src`, `dst`: its links, sorted; `flows`: those that anything went over in the months that count
    (`until` of them); `at` (place in `edge`), `month`, `amount`, `count`: what did. `sales`: its rows of
    that table; `invoiced`, `books`: columns of them and of `coverage`, as numbers, NaN where null.
    """

    nodes: int
    until: int
    edge: Int64
    src: Int32
    dst: Int32
    flows: Mask
    at: Int64
    month: Int32
    amount: Int64
    count: Int32
    sales: pl.DataFrame
    invoiced: Mapping[str, Float64]
    books: Mapping[Side, Mapping[str, Float64]]
    settled: pl.DataFrame
    local: Mapping[int, int]

    @classmethod
    def of(cls, prepared: Prepared, firm: int, day: date) -> "_Base":
        """Cut out of the snapshot."""
        source = prepared.snapshot
        until = source.months_until(day)
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
        at, month, amount, count = prepared.flow_of(edge)
        over = month < until
        at, month, amount, count = at[over], month[over], amount[over], count[over]
        sales, books = (_until(rows, until) for rows in (prepared.sales_of(firm), prepared.books_of(firm)))
        side = (books["side"] == "purchase").to_numpy()
        told = _numbers(books, ("m", "invoices", *_TOLD))
        invoiced = _numbers(sales, ("m", "invoiced_fen", "red_fen"))
        known = ~np.isnan(invoiced["invoiced_fen"])
        return cls(
            nodes=other + 2, until=until, edge=edge, src=src, dst=dst,
            flows=np.bincount(at, minlength=len(edge)) > 0,
            at=at, month=month, amount=amount, count=count,
            sales=sales,
            invoiced={name: values[known] for name, values in invoiced.items()},
            books={
                "sale": {name: values[~side] for name, values in told.items()},
                "purchase": {name: values[side] for name, values in told.items()},
            },
            settled=prepared.settled(firm),
            local={firm: 0, **{int(one): i for i, one in enumerate(partners, start=1)}},
        )  # fmt: skip

    def partner_of(self, edge: int) -> int:
        """The local firm at the other end of a link, -1 where there is none."""
        at = np.flatnonzero(self.edge == edge)
        return -1 if edge < 0 else int(self.dst[at[0]] if self.src[at[0]] == 0 else self.src[at[0]])


def _until(rows: pl.DataFrame, until: int) -> pl.DataFrame:
    """Rows of the months that count. They are sorted by month, those of none first."""
    m = rows["m"]
    low = m.null_count()
    high = low + int(np.searchsorted(m.to_numpy()[low:], until))
    return rows.slice(low, high - low)


def _numbers(rows: pl.DataFrame, names: Sequence[str]) -> dict[str, Float64]:
    """Columns as numbers, NaN where null, or where an older snapshot has no such column."""
    none = np.full(rows.height, np.nan)
    return {n: rows[n].cast(pl.Float64).to_numpy() if n in rows.columns else none for n in names}


def _local(rows: pl.DataFrame, local: Mapping[int, int]) -> pl.DataFrame:
    """Payments between the firm and its partners, under their local numbers."""
    if rows.is_empty():
        return rows
    kept = rows.filter(pl.col("seller").is_in(list(local)) & pl.col("buyer").is_in(list(local)))
    return kept.with_columns(pl.col("seller", "buyer").replace_strict(local, return_dtype=pl.Int32))
