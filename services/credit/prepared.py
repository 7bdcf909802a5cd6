"""What decisions ask of a snapshot, worked out once for it: partners by firm, months of books, who is listed.

Keep one as long as the snapshot is served. Everything is made when first asked for; `warm` asks for all.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.csr import Int64, starts
from graph.snapshot import Snapshot
from ledger.ledger import Ledger

#: What a registry says that a firm is no more.
_STATUS = "status"


@dataclass(frozen=True)
class Entry:
    """A list that a firm stands on, or a status that it has, with its days."""

    kind: str
    value: str
    since: date | None
    until: date | None
    source: str
    fact: str | None

    def holds(self, day: date) -> bool:
        """Whether it stands on a day: begun, and not yet ended."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Traded:
    """One partner of a firm within a window of months: what went between the two, net, without tax."""

    partner: int
    edge: int
    side: str
    count: int
    months: int
    amount_fen: int


@dataclass(frozen=True)
class Degrees:
    """int64[n] each: customers and suppliers that something net went to or came from."""

    customers: NDArray[np.int64]
    suppliers: NDArray[np.int64]


@dataclass(frozen=True)
class Prepared:
    """Indexes over one snapshot and its ledger."""

    snapshot: Snapshot
    ledger: Ledger

    def warm(self) -> "Prepared":
        """Work out everything now."""
        _ = self.entries, self._flow_at, self._own_at, self.parties, self.groups
        _ = self._sales_at, self._coverage_at, self._settled_at, self.traded_links
        _ = self._flow_month, self._flow_amount, self._flow_count, self._members_at, self.hubs
        _ = self._contracts_at, self._retail_at
        return self

    @cached_property
    def entries(self) -> dict[int, list[Entry]]:
        """Listed firms and firms with a status, by row. Few."""
        found: dict[int, list[Entry]] = defaultdict(list)
        for row in self.snapshot.listings.iter_rows(named=True):
            source = row["authority"] or row["list"]
            entry = Entry("list", row["list"], row["happened_on"], row["until"], source, row["fact"])
            found[row["enterprise"]].append(entry)
        said = self.snapshot.scan("attributes").filter(pl.col("name") == _STATUS).collect()
        for row in said.iter_rows(named=True):
            source = row["source"] or _STATUS
            entry = Entry("standing", row["value"], row["happened_on"], row["until"], source, row["fact"])
            found[row["enterprise"]].append(entry)
        return dict(found)

    @cached_property
    def parties(self) -> dict[str, int]:
        """Party → row of its enterprise."""
        members = self.snapshot.scan("members").select("party", "enterprise").collect()
        return dict(members.iter_rows())

    @cached_property
    def groups(self) -> dict[int, list[tuple[str, int]]]:
        """Firm → (kind of group, other member)."""
        kinds = self.snapshot.groups.select(group="id", kind="kind")
        members = self.snapshot.group_members.select("group", "enterprise").unique()
        pairs = members.join(members, on="group", suffix="_other").join(kinds, on="group")
        pairs = pairs.filter(pl.col("enterprise") != pl.col("enterprise_other"))
        found: dict[int, list[tuple[str, int]]] = defaultdict(list)
        for firm, other, kind in (
            pairs.select("enterprise", "enterprise_other", "kind").unique().sort(pl.all()).iter_rows()
        ):
            found[firm].append((kind, other))
        return dict(found)

    @cached_property
    def hubs(self) -> NDArray[np.bool_]:
        """bool[n]: firms that everybody buys from."""
        return self.snapshot.enterprises["hub"].fill_null(False).to_numpy()

    def own_both(self, firm: int) -> bool:
        """Whether own books of sales and of purchases are in."""
        return bool(self._both[firm])

    @cached_property
    def _both(self) -> NDArray[np.bool_]:
        both = pl.col("own_sales_until").is_not_null() & pl.col("own_purchases_until").is_not_null()
        return self.snapshot.enterprises.select(both).to_series().to_numpy()

    def parties_of(self, firm: int) -> tuple[str, ...]:
        """Ids of the parties that a firm was joined from, its own id among them."""
        rows = self._members.slice(*_span(self._members_at, firm))
        return tuple(sorted({*rows["party"], self.snapshot.id_of(firm)}))

    def codes(self, firm: int) -> tuple[str, ...]:
        """Credit codes and other numbers that a firm is known by."""
        rows = self._members.slice(*_span(self._members_at, firm))
        return tuple(sorted({code for code in rows["code"] if code}))

    def own_months(self, firm: int, until: int, window: int = 12) -> int:
        """Months of own sales books among the `window` months before month number `until`."""
        months = self._own["month"].to_numpy()[slice(*_ends(self._own_at, firm))]
        return int(np.count_nonzero((months >= until - window) & (months < until)))

    def sold_months(self, firm: int, until: int, window: int = 12) -> int:
        """Months of those in which own books or anybody's papers show the firm selling."""
        told = self.sales_of(firm).filter(pl.col("invoiced_fen").is_not_null())["m"].drop_nulls()
        own = self._own["month"].to_numpy()[slice(*_ends(self._own_at, firm))]
        at = (_ends(self._flow_at, int(edge)) for edge in self.snapshot.customers(firm))
        linked = [self._flow_month[low:high] for low, high in at]
        months = np.unique(np.concatenate([told.to_numpy(), own, *linked]))
        return int(np.count_nonzero((months >= until - window) & (months < until)))

    @property
    def sales_rows(self) -> pl.DataFrame:
        """Rows of `sales` of all firms with `m`, the number of the month."""
        return self._sales

    def traded(self, firm: int, until: int, window: int = 12) -> list[Traded]:
        """Partners of the `window` months before month number `until`, the largest first."""
        source = self.snapshot
        src, dst = source.column("edges", "src"), source.column("edges", "dst")
        found = []
        for side, edges in (("customer", source.customers(firm)), ("supplier", source.suppliers(firm))):
            for edge in edges:
                low, high = _ends(self._flow_at, int(edge))
                months = self._flow_month[low:high]
                inside = (months >= until - window) & (months < until)
                if not inside.any():
                    continue
                amount = int(self._flow_amount[low:high][inside].sum())
                count = int(self._flow_count[low:high][inside].sum())
                partner = int(dst[edge] if side == "customer" else src[edge])
                found.append(Traded(partner, int(edge), side, count, int(inside.sum()), amount))
        return sorted(found, key=lambda one: (-abs(one.amount_fen), one.edge))

    def seen_months(self, firm: int, until: int, window: int = 12) -> int:
        """Months of those in which anybody's papers name the firm as seller or buyer, hubs left out."""
        seen: set[int] = set()
        for edge in (*self.snapshot.customers(firm), *self._from_others(firm)):
            months = self._flow_month[slice(*_ends(self._flow_at, int(edge)))]
            seen.update(months[(months >= until - window) & (months < until)].tolist())
        return len(seen)

    def _from_others(self, firm: int) -> NDArray[np.int32]:
        edges = self.snapshot.suppliers(firm)
        apart = ~self.hubs[self.snapshot.column("edges", "src")[edges]]
        return np.asarray(edges[apart], np.int32)

    @cached_property
    def traded_links(self) -> "Degrees":
        """How many links with any net amount each firm has on either side."""
        amount = np.zeros(self.snapshot.counts["edges"], np.int64)
        np.add.at(amount, self._flow["edge"].to_numpy(), self._flow_amount)
        n, traded = self.snapshot.counts["enterprises"], amount > 0
        src, dst = (self.snapshot.column("edges", end)[traded] for end in ("src", "dst"))
        return Degrees(np.bincount(src, minlength=n), np.bincount(dst, minlength=n))

    def flow_of(self, edges: NDArray[np.int64]) -> tuple[Int64, NDArray[np.int32], Int64, NDArray[np.int32]]:
        """`at` (place in `edges`), month, amount_fen, count of each link; one of a fen in the first month
        for a link below 0, which stands for others."""
        parts = [_ends(self._flow_at, int(edge)) if edge >= 0 else (0, 0) for edge in edges]
        rows = np.concatenate([np.arange(low, high) for low, high in parts])
        at = np.repeat(np.arange(len(edges)), [high - low for low, high in parts])
        stand = np.flatnonzero(edges < 0)
        one = np.ones(len(stand), np.int64)
        return (
            np.concatenate([at, stand]),
            np.concatenate([self._flow_month[rows], 0 * one]).astype(np.int32),
            np.concatenate([self._flow_amount[rows], one]),
            np.concatenate([self._flow_count[rows], one]).astype(np.int32),
        )

    @property
    def own_rows(self) -> pl.DataFrame:
        """enterprise, month: months of own sales books, by firm."""
        return self._own

    def flow_rows(self, first: int, until: int) -> pl.DataFrame:
        """edge, month, amount_fen, count of the months from `first` to before `until`."""
        return self._flow.filter(pl.col("month").is_between(first, until - 1))

    def contracts_of(self, firm: int) -> pl.DataFrame:
        """Contracts that a firm signed as the seller."""
        return self._contracts.slice(*_span(self._contracts_at, firm))

    @cached_property
    def _contracts(self) -> pl.DataFrame:
        return self.snapshot.contracts.drop_nulls("seller").sort("seller", maintain_order=True)

    @cached_property
    def _contracts_at(self) -> Int64:
        return starts(self._contracts["seller"].to_numpy(), self.snapshot.counts["enterprises"])

    def retail_of(self, firm: int) -> pl.DataFrame:
        """Sales invoices of a firm that name no buyer: fact, happened_on; the oldest first."""
        return self._retail.slice(*_span(self._retail_at, firm))

    @cached_property
    def _retail(self) -> pl.DataFrame:
        who = self._members.lazy().select("enterprise", seller="party").unique("seller")
        sold = pl.col("buyer").is_null() & (pl.col("status") != "void")
        rows = self.ledger.scan("invoices").filter(sold).select("fact", "happened_on", "seller")
        told = rows.unique().drop_nulls().join(who, on="seller").drop("seller")
        return told.sort("enterprise", "happened_on", "fact").collect()

    @cached_property
    def _retail_at(self) -> Int64:
        return starts(self._retail["enterprise"].to_numpy(), self.snapshot.counts["enterprises"])

    def sales_of(self, firm: int) -> pl.DataFrame:
        """Rows of `sales` of a firm with `m`, the number of the month."""
        return self._sales.slice(*_span(self._sales_at, firm))

    def books_of(self, firm: int) -> pl.DataFrame:
        """Rows of `coverage` of a firm with `m`, the number of the month."""
        return self._coverage.slice(*_span(self._coverage_at, firm))

    def settled(self, firm: int) -> pl.DataFrame:
        """Payments to and from a firm."""
        sold, bought = self._settled
        return pl.concat(
            [
                sold.slice(*_span(self._settled_at[0], firm)),
                bought.slice(*_span(self._settled_at[1], firm)),
            ]
        )

    @cached_property
    def _settled(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        rows = self.snapshot.scan("settlements").drop("reasons").collect()
        return rows.sort("seller", maintain_order=True), rows.sort("buyer", maintain_order=True)

    @cached_property
    def _settled_at(self) -> tuple[Int64, Int64]:
        n = self.snapshot.counts["enterprises"]
        sold, bought = self._settled
        return starts(sold["seller"].to_numpy(), n), starts(bought["buyer"].to_numpy(), n)

    @cached_property
    def _sales(self) -> pl.DataFrame:
        papers = ("invoiced_papers", "declared_papers", "received_papers")
        return self._numbered(self.snapshot.scan("sales").drop(papers).collect())

    @cached_property
    def _sales_at(self) -> Int64:
        return starts(self._sales["enterprise"].to_numpy(), self.snapshot.counts["enterprises"])

    @cached_property
    def _coverage(self) -> pl.DataFrame:
        return self._numbered(self.snapshot.table("coverage"))

    @cached_property
    def _coverage_at(self) -> Int64:
        return starts(self._coverage["enterprise"].to_numpy(), self.snapshot.counts["enterprises"])

    def _numbered(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows by firm with `m`, the number of their month; null where it is not among those counted."""
        months = pl.DataFrame({"month": self.snapshot.months}).with_row_index("m").cast({"m": pl.Int32})
        return rows.join(months, on="month", how="left", maintain_order="left").sort("enterprise", "m")

    @cached_property
    def _members(self) -> pl.DataFrame:
        return self.snapshot.scan("members").select("enterprise", "party", "code").collect()

    @cached_property
    def _members_at(self) -> Int64:
        return starts(self._members["enterprise"].to_numpy(), self.snapshot.counts["enterprises"])

    @cached_property
    def _own(self) -> pl.DataFrame:
        months = pl.DataFrame({"month": self.snapshot.months}).with_row_index("m").cast({"m": pl.Int32})
        rows = self.snapshot.scan("coverage").filter(pl.col("side") == "sale").collect()
        return rows.join(months, on="month").select("enterprise", month="m").sort("enterprise", "month")

    @cached_property
    def _own_at(self) -> Int64:
        return starts(self._own["enterprise"].to_numpy(), self.snapshot.counts["enterprises"])

    @cached_property
    def _flow(self) -> pl.DataFrame:
        return self.snapshot.flow.sort("edge", "month")

    @cached_property
    def _flow_at(self) -> Int64:
        return starts(self._flow["edge"].to_numpy(), self.snapshot.counts["edges"])

    @cached_property
    def _flow_month(self) -> NDArray[np.int32]:
        return self._flow["month"].to_numpy()

    @cached_property
    def _flow_amount(self) -> NDArray[np.int64]:
        return self._flow["amount_fen"].to_numpy()

    @cached_property
    def _flow_count(self) -> NDArray[np.int32]:
        return self._flow["count"].to_numpy()


def _ends(at: Int64, row: int) -> tuple[int, int]:
    return int(at[row]), int(at[row + 1])


def _span(at: Int64, row: int) -> tuple[int, int]:
    low, high = _ends(at, row)
    return low, high - low
