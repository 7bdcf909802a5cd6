"""What was seen up to a day, laid out for features: own books month by month, and what went over each link.

All windows end with the last month that a firm's own books of that side cover: of later months nothing is
known, and a month without an invoice inside the books counts as one without sales. Every number comes from
months that were over on the day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.view import View, view_of
from graph.csr import Float64, Int32, Int64, Mask, fixed, starts
from graph.snapshot import Snapshot, SnapshotTables
from graph.snapshot_tables import shaped
from seeds.chains import Chain, Segment, load_chains
from services.features.columns import sums

if TYPE_CHECKING:
    from services.features.position import Places

Source = Snapshot | SnapshotTables
Side = Literal["sale", "purchase"]
#: Months of a window, and of this and the one before.
YEAR, LAGS = 12, 24
#: Own books that run over, or show papers of, fewer months say nothing of a year; books that end longer ago
#: nothing of now.
LEAST_MONTHS, OLD_MONTHS = 3, 12


@dataclass(frozen=True)
class Books:
    """Own books of one side of n firms, cut at the day.

    `first`, `end`: int32[n], the months between which they run, -1 where there are none; `idle`: int32[n],
    months over since; `shown`, `shown_year`: int32[n], months in which they show papers, of all and of the
    last year of them; `amount`: float64[n, LAGS], net amounts in fen by months before the end; `invoices`,
    `void`, `red`: float64[n, LAGS] counts, NaN of an older snapshot. `*_all`: float64[n], the same over all
    months of the books.
    """

    first: Int32
    end: Int32
    idle: Int32
    shown: Int32
    shown_year: Int32
    amount: Float64
    invoices: Float64
    void: Float64
    red: Float64
    amount_all: Float64
    invoices_all: Float64
    void_all: Float64
    red_all: Float64

    @property
    def there(self) -> Mask:
        """bool[n]: whether there are any."""
        return np.asarray(self.end >= 0)

    @property
    def span(self) -> Int32:
        """int32[n]: months from the first to the last."""
        return np.where(self.there, self.end - self.first + 1, 0).astype(np.int32)

    @cached_property
    def inside(self) -> Mask:
        """bool[n, LAGS]: months that the books run over."""
        return np.asarray(np.arange(LAGS)[None, :] < self.span[:, None])


@dataclass(frozen=True)
class Traded:
    """What went over each of m links, in fen, by the months of one side's own books: `recent`, `before`:
    float64[m], the last year of the books and the year before; `months`: int32[m] with goods in the last;
    `whole`: float64[m] over all months of the books; `fresh`: bool[m], first seen in the last year."""

    recent: Float64
    before: Float64
    months: Int32
    whole: Float64
    fresh: Mask


class Seen:
    """One source as of a day. Columns are worked out when first asked for, for all firms at once."""

    def __init__(self, source: Source, day: date, chains: Sequence[Chain] | None = None) -> None:
        self.source, self.day = source, day
        self.view: View = view_of(source, day)
        self._chains = chains

    @cached_property
    def chains(self) -> Sequence[Chain]:
        """The industry chains that goods are read by: those given, else those the source was built with."""
        return chains_of(self.source) if self._chains is None else self._chains

    @property
    def firms(self) -> int:
        """Number of firms."""
        return self.view.firms

    @property
    def months(self) -> int:
        """Months that count."""
        return len(self.view.months)

    def table(self, name: str) -> pl.DataFrame:
        """A table of the source as it stands: whoever reads it cuts it at the day."""
        if isinstance(self.source, Snapshot):
            return shaped(name, self.source.table(name))
        return shaped(name, getattr(self.source, name))

    @cached_property
    def behind(self) -> int:
        """Full months between the last one seen and the day."""
        if not self.view.months:
            return 0
        over = (self.day.year * 12 + self.day.month) - (0 if _is_month_end(self.day) else 1)
        year, month = self.view.months[-1].split("-")
        return max(over - int(year) * 12 - int(month), 0)

    @cached_property
    def unseen(self) -> Mask:
        """bool[n]: firms that no paper in the graph had shown until then."""
        graph = self.view.graph
        traded = (np.diff(graph.out_indptr) > 0) | (np.diff(graph.in_indptr) > 0)
        return np.asarray(~(traded | self.books("sale").there | self.books("purchase").there))

    @cached_property
    def _coverage(self) -> pl.DataFrame:
        return self._with_month(self.table("coverage"))

    def _with_month(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows of the months that count, with `m`, the number of the month."""
        numbers = pl.DataFrame(
            {"month": self.view.months, "m": range(self.months)}, schema={"month": pl.String, "m": pl.Int32}
        )
        return rows.join(numbers, on="month", maintain_order="left")

    @property
    def covered_all(self) -> pl.DataFrame:
        """Rows of `coverage` of the months that count, with `m`, ordered by firm."""
        return self._coverage

    def covered(self, side: Side) -> pl.DataFrame:
        """Rows of `coverage` of a side, of the months that count, with `m`."""
        return self._coverage.filter(pl.col("side") == side)

    def books(self, side: Side) -> Books:
        """Own books of a side."""
        return self._sale if side == "sale" else self._purchase

    @cached_property
    def _sale(self) -> Books:
        return self._books("sale")

    @cached_property
    def _purchase(self) -> Books:
        return self._books("purchase")

    def _books(self, side: Side) -> Books:
        rows = self.covered(side)
        firm, month = rows["enterprise"].to_numpy(), rows["m"].to_numpy()
        first = np.full(self.firms, self.months, np.int32)
        end = np.full(self.firms, -1, np.int32)
        np.minimum.at(first, firm, month)
        np.maximum.at(end, firm, month)
        first = np.where(end < 0, -1, first)
        idle = np.where(end < 0, 0, self.months - 1 - end + self.behind).astype(np.int32)
        counts = {}
        for name in ("invoices", "void", "red"):
            number = rows[name].cast(pl.Float64).to_numpy()  # NaN where null
            counts[name] = self._lagged(end, firm, month, number)
            counts[f"{name}_all"] = sums(firm, number, self.firms)
        who, when, amount = self.amounts(side)
        within = (first[who] >= 0) & (when >= first[who]) & (when <= end[who])
        who, when, amount = who[within], when[within], amount[within]
        return Books(
            first=fixed(first, np.int32),
            end=fixed(end, np.int32),
            idle=fixed(idle, np.int32),
            shown=np.bincount(firm, minlength=self.firms).astype(np.int32),
            shown_year=np.bincount(firm[end[firm] - month < YEAR], minlength=self.firms).astype(np.int32),
            amount=self._lagged(end, who, when, amount),
            amount_all=sums(who, amount, self.firms),
            **counts,
        )

    def _lagged(self, end: Int32, firm: Any, month: Any, weight: Any) -> Float64:
        """float64[n, LAGS]: sums by how many months before the end of the books."""
        lag = end[firm] - month
        near = (lag >= 0) & (lag < LAGS)
        place = firm[near].astype(np.int64) * LAGS + lag[near]
        return np.asarray(np.bincount(place, weight[near], self.firms * LAGS).reshape(self.firms, LAGS))

    def amounts(self, side: Side) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """(firm, month, net fen): sales to everybody, or purchases from firms."""
        view, ends = self.view, self.view.graph.src if side == "sale" else self.view.graph.dst
        parts = [(ends[view.flow["edge"].to_numpy()], view.flow["month"], view.flow["amount_fen"])]
        if side == "sale":
            if self.invoiced.height:  # whatever was invoiced, be it to nobody or without item lines
                told = self.invoiced
                parts = [(told["enterprise"].to_numpy(), told["m"], told["invoiced_fen"])]
            else:
                retail = view.items.filter(pl.col("dst").is_null())
                parts.append((retail["src"].to_numpy(), retail["month"], retail["amount_fen"]))
        firm, month, amount = (np.concatenate([np.asarray(part[i]) for part in parts]) for i in range(3))
        return firm, month, amount.astype(np.float64)

    @cached_property
    def invoiced(self) -> pl.DataFrame:
        """Rows of `sales` with invoices, of the months that count, with `m`."""
        return self.months_of_sales.drop_nulls("invoiced_fen")

    @cached_property
    def sales(self) -> pl.DataFrame:
        """Table `sales`, whole."""
        papers = ("invoiced_papers", "declared_papers", "received_papers")
        return self.table("sales").drop(papers)

    @cached_property
    def months_of_sales(self) -> pl.DataFrame:
        """Rows of `sales` of the months that count, with `m`."""
        return self._with_month(self.sales)

    def month_sums(self, side: Side, rows: pl.DataFrame, amount: str) -> Float64:
        """float64[n, LAGS]: a column of rows enterprise, m by how many months before the end of the books."""
        end = self.books(side).end
        who, when = rows["enterprise"].to_numpy(), rows["m"].to_numpy()
        inside = (end[who] >= 0) & (when >= self.books(side).first[who])
        weight = rows[amount].cast(pl.Float64).fill_null(0.0).to_numpy()
        return self._lagged(end, who[inside], when[inside], weight[inside])

    def traded(self, side: Side) -> Traded:
        """What went over each link, by the months of the seller's (the buyer's) own books."""
        return self._sold if side == "sale" else self._bought

    @cached_property
    def _sold(self) -> Traded:
        return self._traded("sale")

    @cached_property
    def _bought(self) -> Traded:
        return self._traded("purchase")

    def _traded(self, side: Side) -> Traded:
        view, books = self.view, self.books(side)
        owner = view.graph.src if side == "sale" else view.graph.dst
        edge, month = view.flow["edge"].to_numpy(), view.flow["month"].to_numpy()
        amount = view.flow["amount_fen"].to_numpy().astype(np.float64)
        firm = owner[edge]
        lag = books.end[firm] - month
        inside = (books.end[firm] >= 0) & (lag >= 0) & (month >= books.first[firm])
        recent, before = inside & (lag < YEAR), inside & (lag >= YEAR) & (lag < LAGS)
        links = view.graph.edges

        def over(where: Mask) -> Float64:
            return np.asarray(np.bincount(edge[where], amount[where], links))

        began = np.full(links, self.months, np.int32)
        np.minimum.at(began, edge, month)
        return Traded(
            recent=over(recent),
            before=over(before),
            months=np.bincount(edge[recent & (amount > 0)], minlength=links).astype(np.int32),
            whole=over(inside),
            fresh=np.asarray(books.end[owner] - began < YEAR),
        )

    @cached_property
    def places(self) -> "Places":
        """Where everybody stands in the chains."""
        from services.features.position import places_of

        return places_of(self)

    @property
    def inferred(self) -> Mask:
        """bool[n]: whose place in a chain is inferred from its dealings."""
        return self.places.inferred

    @cached_property
    def groups(self) -> dict[str, pl.DataFrame]:
        """The tables of groups."""
        from services.features.ties import groups_of

        return groups_of(self)

    @cached_property
    def paid(self) -> pl.DataFrame:
        """Payments put against invoices."""
        from services.features.payment import paid_until

        return paid_until(self)

    @cached_property
    def attributes(self) -> pl.DataFrame:
        """Table `attributes`, whole."""
        return self.table("attributes")

    @cached_property
    def firms_said(self) -> pl.DataFrame:
        """What the table of firms says of them without a day."""
        return self.table("enterprises").select("size", "taxpayer", "legal_form", "industry", "region")

    @cached_property
    def cores(self) -> dict[str, list[int]]:
        """chain → core enterprises named in it."""
        return {one["id"]: [core["enterprise"] for core in one["cores"]] for one in self.source.chains}

    @cached_property
    def until(self) -> date:
        """The last day of the last month that counts."""
        year, month = (int(part) for part in (self.view.months or ["1970-01"])[-1].split("-"))
        return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)

    @cached_property
    def goes_on(self) -> Mask:
        """One flag an edge of the source: whether it was invoiced after the months that count."""
        last = self.table("edges")["last"]
        return np.asarray((last > self.until).fill_null(True).to_numpy())

    @cached_property
    def _flow_order(self) -> tuple[NDArray[Any], Int64]:
        """Rows of the flow by edge, and where those of each edge begin."""
        edge = self.view.flow["edge"].to_numpy()
        return np.argsort(edge, kind="stable"), starts(edge, self.view.graph.edges)

    @cached_property
    def link_months(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """First and last month of each link of the view, as numbers; a link has one at least."""
        order, at = self._flow_order
        month = self.flow_columns["month"][order]
        return np.minimum.reduceat(month, at[:-1]), np.maximum.reduceat(month, at[:-1])

    @cached_property
    def flow_columns(self) -> dict[str, NDArray[Any]]:
        """The columns of the view's flow as arrays."""
        return {name: self.view.flow[name].to_numpy() for name in ("edge", "month", "amount_fen", "count")}

    def rows_of(self, edges: Any) -> NDArray[Any]:
        """Rows of the flow over these links of the view, by link and month."""
        order, begin = self._flow_order
        rows = [order[begin[edge] : begin[edge + 1]] for edge in edges]
        return np.concatenate(rows) if rows else np.empty(0, np.int64)

    def flow_of(self, edges: Any) -> pl.DataFrame:
        """The flow over these links of the view, by link and month."""
        return self.view.flow[self.rows_of(edges)]

    @cached_property
    def kept(self) -> dict[str, Any]:
        """What others work out once from this, by name."""
        return {}

    @cached_property
    def year(self) -> Int64:
        """int64[m]: what went over each link in the last twelve months, net, whoever's papers show it."""
        flow = self.view.flow.filter(pl.col("month") > self.months - 1 + self.behind - YEAR)
        amount = np.zeros(self.view.graph.edges, np.int64)
        np.add.at(amount, flow["edge"].to_numpy(), flow["amount_fen"].to_numpy())
        return amount


def chains_of(source: Source) -> Sequence[Chain]:
    """The chains that a source was built with; those that come with the package where it does not say by
    which words their goods are known, as older ones do not."""
    told = [segment for chain in source.chains for segment in chain["segments"]]
    if not told or any("items" not in segment for segment in told):
        return load_chains()
    return tuple(
        Chain(chain["id"], chain["name"], tuple(_segment(s, chain["id"]) for s in chain["segments"]), ())
        for chain in source.chains
    )


def _segment(told: dict[str, Any], chain: str) -> Segment:
    return Segment(
        id=told["id"],
        chain=chain,
        name=told["name"],
        tier=told["tier"],
        role=told["role"],
        items=tuple(told["items"]),
        tax_categories=tuple(told["tax_categories"]),
        industry=tuple(told["industry"]),
        feeds=tuple(told["feeds"]),
        end=told["end"],
    )


def _is_month_end(day: date) -> bool:
    return day.month != date.fromordinal(day.toordinal() + 1).month
