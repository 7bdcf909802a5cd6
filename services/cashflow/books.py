"""What firms invoiced each other, what of it is still open on a day, and whose payments can be seen.

One row an invoice, in columns, read once for a snapshot and a day. Amounts with tax unless said.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.csr import Int32, Int64
from graph.snapshot import Snapshot
from ledger.invoice_kinds import expense_kinds
from ledger.ledger import Ledger

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_EPOCH = date(1970, 1, 1)
_LOCAL = pl.col("known_at").dt.convert_time_zone("Asia/Shanghai").dt.date()
#: Channels of statements that show money moving.
_MONEY = ("bank", "wechat", "alipay", "acquirer")
_NEVER = np.int32(np.iinfo(np.int32).max)


@dataclass(frozen=True)
class Books:
    """Invoices of m edges known on a day, sorted by edge and day of issue.

    `fact`: ids; `edge` int32[v]; `issued` int32[v], days since 1970; `total_fen` int64[v], less red ones;
    `open_fen` int64[v], what no payment has taken; `observed` bool[v], statements of either side run from the
    invoice to the day, so what is open is unpaid; `at` int64[m + 1], where each edge begins. `payments`:
    edge, issued, paid (days since 1970), amount_fen: what was proven to be paid. By firm as seller and as
    buyer: `factor` float64[n, 2], with tax over without; `count` int32[n, 2], `swing` float64[n, 2], invoices
    of the last twelve months and the standard deviation of the logarithm of their amounts. `covered_from`
    int32[n]: since when statements of a firm run without a gap until the day.
    """

    day: date
    fact: pl.Series
    edge: Int32
    issued: Int32
    total_fen: Int64
    open_fen: Int64
    observed: Flags
    at: Int64
    payments: pl.DataFrame
    factor: Floats
    count: Int32
    swing: Floats
    covered_from: Int32

    def rows_of(self, edges: Int32) -> Int64:
        """Rows of the invoices of some edges, edge by edge: int64[i]."""
        begins, counts = self.at[edges], self.at[edges + 1] - self.at[edges]
        ends = np.cumsum(counts)
        return np.asarray(
            np.arange(ends[-1] if len(ends) else 0) + np.repeat(begins - (ends - counts), counts)
        )


def days(day: date) -> int:
    """Days since 1970."""
    return (day - _EPOCH).days


def books_of(source: Snapshot, ledger: Ledger, day: date, lag: int) -> Books:
    """The books as of `day`; `lag`: days that a statement may end before it and still count."""
    blue = _reversed(_known(source, ledger, day))
    paid = source.settlements.filter(
        (pl.col("happened_on") <= day) & pl.col("invoice").is_not_null() & (pl.col("basis") != "asked")
    )
    settled = paid.group_by(fact="invoice").agg(settled=pl.col("amount_fen").sum())
    rows = blue.join(settled, on="fact", how="left", maintain_order="left").with_columns(
        pl.col("settled").fill_null(0)
    )
    rows = rows.sort("edge", "issued", "fact")
    edge = rows["edge"].to_numpy()
    issued = rows["issued"].to_numpy()
    covered = _covered_from(source, ledger, day, lag)
    src, dst = source.column("edges", "src"), source.column("edges", "dst")
    observed = (issued >= covered[src[edge]]) | (issued >= covered[dst[edge]])
    left = np.maximum(rows["total"].to_numpy() - rows["settled"].to_numpy(), 0)
    factor, count, swing = _factors(source, rows, day)
    return Books(
        day=day,
        fact=rows["fact"],
        edge=edge,
        issued=issued,
        total_fen=rows["total"].to_numpy(),
        open_fen=left.astype(np.int64),
        observed=observed,
        at=np.searchsorted(edge, np.arange(source.counts["edges"] + 1)).astype(np.int64),
        payments=_payments(rows, paid),
        factor=factor,
        count=count,
        swing=swing,
        covered_from=covered,
    )


def _known(source: Snapshot, ledger: Ledger, day: date) -> pl.DataFrame:
    """Invoices behind edges known on the day, each once: fact, edge, issued, amount, total, red, reverses."""
    strength = pl.col("status").replace_strict(["void", "red"], [0, 1], default=2, return_dtype=pl.Int8)
    rank = pl.col("side").replace_strict(["sale", "purchase"], [0, 2], default=1, return_dtype=pl.Int8)
    aliases = source.aliases.lazy()
    said = (
        ledger.scan("invoices")
        .filter(
            ~pl.col("kind").is_in(expense_kinds()),
            pl.col("currency").fill_null("CNY") == "CNY",
            pl.col("happened_on") <= day,
            day >= _LOCAL,
        )
        .select(
            *("fact", "status", "row", "happened_on", "amount_fen", "tax_fen", "total_fen", "reverses"),
            s=strength,
            r=rank,
        )
    )
    if source.counts["aliases"]:
        said = said.join(aliases, on="fact", how="left").with_columns(fact=pl.coalesce("canonical", "fact"))
        named = aliases.rename({"fact": "reverses", "canonical": "blue"})
        said = said.join(named, on="reverses", how="left").with_columns(
            reverses=pl.coalesce("blue", "reverses")
        )
    once = (
        said.join(source.evidence_table(), on="fact", how="inner")
        .sort("fact", "s", "r", "row", "total_fen")
        .unique("fact", keep="first", maintain_order=True)
        .filter(pl.col("status") != "void")
    )
    issued = pl.col("happened_on").to_physical().cast(pl.Int32)
    columns = ("fact", "edge", "reverses", "status")
    # A paper that prints no sum with tax owes at least what it prints.
    total = pl.coalesce("total_fen", pl.col("amount_fen") + pl.col("tax_fen"), "amount_fen").fill_null(0)
    return once.select(*columns, issued=issued, amount="amount_fen", total=total).collect()


def _reversed(rows: pl.DataFrame) -> pl.DataFrame:
    """Blue invoices less what red ones took back; a red one that names none takes from the newest."""
    red = rows.filter((pl.col("status") == "red") | (pl.col("total") < 0))
    blue = rows.join(red.select("fact"), on="fact", how="anti", maintain_order="left")
    named = red.group_by(fact="reverses").agg(back=pl.col("total").sum()).drop_nulls("fact")
    blue = blue.join(named, on="fact", how="left", maintain_order="left")
    rest = pl.col("total") + pl.col("back").fill_null(0)
    blue = blue.with_columns(printed="total", total=rest.clip(lower_bound=0)).drop("back")
    loose = red.join(blue.select(reverses="fact"), on="reverses", how="anti")
    sums = loose.group_by("edge").agg(take=-pl.col("total").sum())
    if sums.is_empty():
        return blue
    ordered = blue.sort("edge", "issued", "fact", descending=[False, True, False])
    ordered = ordered.join(sums, on="edge", how="left", maintain_order="left")
    before = pl.col("total").cum_sum().over("edge") - pl.col("total")
    taken = pl.min_horizontal("total", (pl.col("take").fill_null(0) - before).clip(lower_bound=0))
    return ordered.with_columns(total=pl.col("total") - taken).drop("take")


def _payments(rows: pl.DataFrame, paid: pl.DataFrame) -> pl.DataFrame:
    """Proven payments with the day of their invoice: edge, issued, paid, amount_fen."""
    proven = paid.filter((pl.col("basis") == "proven") & (pl.col("amount_fen") > 0))
    when = pl.col("happened_on").to_physical().cast(pl.Int32)
    return (
        proven.select("amount_fen", fact="invoice", paid=when)
        .join(rows.select("fact", "edge", "issued"), on="fact")
        .filter(pl.col("paid") >= pl.col("issued"))
        .select("edge", "issued", "paid", "amount_fen")
        .sort("edge", "issued", "paid", "amount_fen")
    )


def _covered_from(source: Snapshot, ledger: Ledger, day: date, lag: int) -> Int32:
    """int32[n]: the first day from which statements of an account of a firm run without a gap to `day`; never
    where none does.

    Spans of one account that touch within a week count as one: exports begin at their first movement. One
    account that ends and another that begins show no payment into the first since, so they do not add up.
    """
    covered = np.full(source.counts["enterprises"], _NEVER, np.int32)
    spans = (
        ledger.scan("statements")
        .filter(
            pl.col("channel").is_in(_MONEY) & pl.col("from").is_not_null() & pl.col("until").is_not_null()
        )
        .select("owner", "account", "from", "until")
        .join(source.members.lazy().select("party", "enterprise"), left_on="owner", right_on="party")
        .filter(pl.col("from") <= day)
        .sort("enterprise", "account", "from", descending=[False, False, True], nulls_last=True)
        .collect()
    )
    today = days(day)
    for (firm, _), group in spans.group_by("enterprise", "account", maintain_order=True):
        reach = today - lag
        for first, last in zip(
            group["from"].to_physical().to_list(), group["until"].to_physical().to_list(), strict=True
        ):
            if last >= reach - 7:
                reach = min(reach, first)
                covered[int(firm)] = min(covered[int(firm)], reach)
    return covered


def _factors(source: Snapshot, rows: pl.DataFrame, day: date) -> tuple[Floats, Int32, Floats]:
    """Tax factor, invoices of the last year and how they differ in size, by firm as seller and as buyer."""
    recent = rows.filter(
        (pl.col("issued") > days(day) - 730) & (pl.col("amount") > 0) & (pl.col("printed") > 0)
    )
    edge = recent["edge"].to_numpy()
    amount, total = (recent[name].to_numpy().astype(np.float64) for name in ("amount", "printed"))
    fresh = recent["issued"].to_numpy() > days(day) - 365
    firms = source.counts["enterprises"]
    pooled = float(total.sum() / amount.sum()) if len(edge) else 1.0
    factor = np.empty((firms, 2))
    count, swing = np.empty((firms, 2), np.int32), np.empty((firms, 2))
    for side, column in enumerate(("src", "dst")):
        who = source.column("edges", column)[edge]
        without = np.bincount(who, amount, firms)
        factor[:, side] = np.where(
            without > 0, np.bincount(who, total, firms) / np.maximum(without, 1), pooled
        )
        count[:, side] = np.bincount(who[fresh], minlength=firms)
        swing[:, side] = _swing(who[fresh], np.log(total[fresh]), count[:, side])
    return np.clip(factor, 1.0, 1.2), count, swing


def _swing(who: Int32, size: Floats, count: Int32) -> Floats:
    """Standard deviation of `size` by firm, drawn to that of all firms where there are few invoices."""
    number = np.maximum(count, 1)
    mean = np.bincount(who, size, len(count)) / number
    squares = np.bincount(who, (size - mean[who]) ** 2, len(count))
    usual = squares.sum() / max(float(np.maximum(count - 1, 0).sum()), 1.0)
    return np.asarray(np.sqrt((squares + 5 * usual) / (np.maximum(count - 1, 0) + 5)), np.float64)
