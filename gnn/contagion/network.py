"""The trade of one chain as flat arrays, ready to be shaken: who supplies whom with what, a week.

Weekly figures are the window's sums (`gnn.scores.books`) over its weeks, without tax. Firms outside the
chain that deal with it are there as partners that nothing happens to. Only observed links are read; hubs
are left out.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.scores.books import Books, Goods, books_of, goods_of, needs, observed
from gnn.view import view_of
from graph.csr import Float64, Int32, Int64, Mask, fixed, starts
from graph.snapshot import Snapshot

WEEKS_A_MONTH = 365.25 / 12 / 7
#: Months of own books of both sides, the last ones, from which stock is counted.
STOCK_MONTHS = 6


@dataclass(frozen=True)
class Network:
    """n firms, L supply links sorted by (buyer, good, seller), S slots: what one buyer buys of one kind.

    `firms` int32[n]: rows of the snapshot, ascending; `inside` bool[n]: of the chain.

    Links: `seller`, `buyer`, `slot` int32[L]; `amount` float64[L] fen a week; `through` int32[L]: the slot
    of the seller whose goods pass through a trader, else -1.

    Slots: `slot_buyer`, `slot_good` int32[S]; `slot_amount` float64[S] fen a week; `running` bool[S]:
    bought to go on (`gnn.score_books.needs`); `slot_links` int64[S + 1]; `firm_slots` int64[n + 1].

    Firms: `inputs`, `sales` float64[n] fen a week, consumers included; `stock_weeks` float64[n]: weeks of
    inputs that the books prove to be in stock, 0 where they prove nothing; `own_sales`, `own_purchases`
    bool[n].
    """

    goods: Goods
    firms: Int32
    inside: Mask
    seller: Int32
    buyer: Int32
    slot: Int32
    amount: Float64
    through: Int32
    slot_buyer: Int32
    slot_good: Int32
    slot_amount: Float64
    running: Mask
    slot_links: Int64
    firm_slots: Int64
    inputs: Float64
    sales: Float64
    stock_weeks: Float64
    own_sales: Mask
    own_purchases: Mask

    def index_of(self, firm: int) -> int | None:
        """Place of a snapshot's firm here, None where it neither trades here nor belongs to the chain."""
        at = int(np.searchsorted(self.firms, firm))
        return at if at < len(self.firms) and self.firms[at] == firm else None


def networks_of(snapshot: Snapshot) -> dict[str, Network]:
    """The network of each chain of a snapshot, by chain; keep it, it reads all of the trade."""
    positions, view = snapshot.positions, view_of(snapshot)
    goods = goods_of(view.products.height, snapshot.goods, observed(positions), view.firms)
    hubs = snapshot.enterprises["hub"].fill_null(False).to_numpy()
    books = books_of(view, goods, snapshot.coverage, hubs)
    week = week_of(books)
    return {
        str(chain): build_network(week, rows["enterprise"].to_numpy())
        for (chain,), rows in positions.partition_by("chain", as_dict=True).items()
    }


@dataclass(frozen=True)
class Week:
    """What all chains' networks are cut from. `links`: src, dst, good, amount_fen over the window, running;
    sorted by (dst, good, src). `inputs`, `sales`, `stock_weeks`: as in `Network`, of every firm."""

    books: Books
    links: pl.DataFrame
    inputs: Float64
    sales: Float64
    stock_weeks: Float64

    @property
    def weeks(self) -> float:
        """Weeks of the window."""
        return max(len(self.books.months), 1) * WEEKS_A_MONTH


def week_of(books: Books) -> Week:
    """The trade of the window, summed once."""
    running = needs(books.trade, books.goods).select("dst", "good", "running")
    links = (
        books.trade.drop_nulls("dst")
        .group_by("src", "dst", "good")
        .agg(pl.col("amount_fen").sum())
        .filter((pl.col("amount_fen") > 0) & (pl.col("src") != pl.col("dst")))
        .join(running, on=["dst", "good"], how="left")
        .with_columns(pl.col("running").fill_null(False))
        .sort("dst", "good", "src")
    )
    weeks = max(len(books.months), 1) * WEEKS_A_MONTH
    inputs, sales = (_a_week(books.trade, who, books.firms, weeks) for who in ("dst", "src"))
    return Week(books, links, inputs, sales, _stock_weeks(books))


def build_network(week: Week, members: NDArray[np.integer]) -> Network:
    """The network of the firms `members` (rows of the snapshot) and of those they deal with."""
    books = week.books
    inside = np.zeros(books.firms, np.bool_)
    inside[members] = True
    touches = inside[week.links["src"].to_numpy()] | inside[week.links["dst"].to_numpy()]
    links = week.links.filter(pl.Series(touches))
    firms = np.unique(np.concatenate([links["src"].to_numpy(), links["dst"].to_numpy(), members]))
    number = np.full(books.firms, -1, np.int32)
    number[firms] = np.arange(len(firms), dtype=np.int32)
    seller, buyer = number[links["src"].to_numpy()], number[links["dst"].to_numpy()]
    good = links["good"].to_numpy()
    amount = links["amount_fen"].to_numpy() / week.weeks
    new = np.ones(len(links), np.bool_)
    new[1:] = (buyer[1:] != buyer[:-1]) | (good[1:] != good[:-1])
    slot = (np.cumsum(new) - 1).astype(np.int32)
    slot_buyer, slot_good = buyer[new], good[new]
    slots = len(slot_buyer)
    return Network(
        goods=books.goods,
        firms=fixed(firms, np.int32),
        inside=fixed(inside[firms], np.bool_),
        seller=fixed(seller, np.int32),
        buyer=fixed(buyer, np.int32),
        slot=fixed(slot, np.int32),
        amount=fixed(amount, np.float64),
        through=_through(books, firms, seller, good, slot_buyer, slot_good),
        slot_buyer=fixed(slot_buyer, np.int32),
        slot_good=fixed(slot_good, np.int32),
        slot_amount=fixed(np.bincount(slot, amount, slots), np.float64),
        running=fixed(links["running"].to_numpy()[new], np.bool_),
        slot_links=starts(slot, slots),
        firm_slots=starts(slot_buyer, len(firms)),
        inputs=fixed(week.inputs[firms], np.float64),
        sales=fixed(week.sales[firms], np.float64),
        stock_weeks=fixed(week.stock_weeks[firms], np.float64),
        own_sales=fixed(books.own_sales[firms], np.bool_),
        own_purchases=fixed(books.own_purchases[firms], np.bool_),
    )


def _through(
    books: Books, firms: Int32, seller: Int32, good: Int32, slot_buyer: Int32, slot_good: Int32
) -> Int32:
    """The slot that feeds each link of a trader who buys the same kind; -1 for all other links."""
    serial = slot_buyer.astype(np.int64) << 32 | slot_good
    wanted = seller.astype(np.int64) << 32 | good
    if not len(serial):
        return fixed(np.empty(0, np.int32), np.int32)
    at = np.searchsorted(serial, wanted).clip(0, len(serial) - 1)
    found = (serial[at] == wanted) & books.resells[firms][seller]
    return fixed(np.where(found, at, -1), np.int32)


def _a_week(trade: pl.DataFrame, who: str, firms: int, weeks: float) -> Float64:
    """Net amount a week that each firm sells or buys, fen."""
    rows = trade.drop_nulls(who)
    sums = np.bincount(rows[who].to_numpy(), rows["amount_fen"].to_numpy(), firms)
    return fixed(np.maximum(sums / weeks, 0.0), np.float64)


def _stock_weeks(books: Books) -> Float64:
    """Weeks of inputs that must be in stock by the books: float64[n].

    Purchases less what sales used of them (sales times purchases over sales) are a path of stock whose
    start is unknown; as stock is never below zero, it now is at least the path's end less its lowest
    point. Only for firms whose own books of both sides cover the last `STOCK_MONTHS` months.
    """
    months = len(books.months)
    proven = np.zeros(books.firms)
    if months < STOCK_MONTHS:
        return fixed(proven, np.float64)
    both: Mask = np.asarray((books.sale & books.purchase)[:, -STOCK_MONTHS:].all(axis=1), np.bool_)
    bought, sold = (_by_month(books, who, both) for who in ("dst", "src"))
    spent, earned = bought.sum(axis=1), sold.sum(axis=1)
    some = both & (spent > 0) & (earned > 0)
    use = np.divide(spent, earned, out=np.zeros(books.firms), where=some)
    path = np.cumsum(bought - sold * use[:, None], axis=1)
    least = path[:, -1] - np.minimum(path.min(axis=1), 0.0)
    a_week = spent / (STOCK_MONTHS * WEEKS_A_MONTH)
    np.divide(least, a_week, out=proven, where=some)
    return fixed(np.maximum(proven, 0.0), np.float64)


def _by_month(books: Books, who: str, firms: Mask) -> Float64:
    """n × STOCK_MONTHS: what the marked firms bought or sold, fen."""
    start = books.first + len(books.months) - STOCK_MONTHS
    rows = books.trade.filter(pl.col("month") >= start).drop_nulls(who)
    rows = rows.filter(pl.Series(firms[rows[who].to_numpy()]))
    at = rows[who].to_numpy() * STOCK_MONTHS + (rows["month"].to_numpy() - start)
    sums = np.bincount(at, rows["amount_fen"].to_numpy(), books.firms * STOCK_MONTHS)
    return np.asarray(sums.reshape(books.firms, STOCK_MONTHS))
