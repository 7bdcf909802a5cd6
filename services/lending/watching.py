"""After the loan (贷后): what the papers say of borrowers since, against the same season, and what it does.

Every signal needs own books of both stretches it compares; where they are not in there is no signal and no
all-clear: the reason is told instead. All of them are worked out in columns for all borrowers at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from graph.snapshot import Snapshot
from services.lending.policy import Policy
from services.lending.sales_index import SalesIndex

#: Payments on each side that a change of days needs to mean anything.
LEAST_PAYMENTS = 3


@dataclass(frozen=True)
class Signal:
    """One thing found about a firm: `value` against the policy's `at_least`, and what it does."""

    firm: int
    code: str
    value: float
    at_least: float
    action: str
    detail: dict[str, Any]


@dataclass(frozen=True)
class Unknown:
    """A signal that the papers do not show for a firm, and why."""

    firm: int
    code: str
    reason: str


def signals(
    source: Snapshot, index: SalesIndex, firms: Sequence[int], rules: Policy
) -> tuple[list[Signal], list[Unknown]]:
    """What the snapshot says of these firms, by firm and code; and what it does not say.

    Of several thresholds of one code the highest that is met counts.
    """
    wanted = pl.Series("firm", sorted(set(firms)), pl.Int32)
    found: list[Signal] = []
    unknown: list[Unknown] = []
    by_code: dict[str, list[dict[str, Any]]] = {}
    for row in rules.rows("warnings"):
        by_code.setdefault(row["code"], []).append(row)
    months = {code: int(rows[0].get("months", 0)) for code, rows in by_code.items()}
    told = {
        "invoicing_down": _invoicing(source, wanted, months["invoicing_down"]),
        "largest_buyer_gone": _largest_gone(source, wanted, months["largest_buyer_gone"]),
        "red_up": _red(index, wanted, months["red_up"]),
        "buyer_pays_later": _later(index, wanted, months["buyer_pays_later"]),
        "listed": _listed(source, wanted, rules),
    }
    for code, values in told.items():
        rows = by_code[code]
        for firm, value, detail in values.iter_rows():
            if value is None:
                unknown.append(Unknown(firm, code, detail["reason"]))
                continue
            met = [row for row in rows if value >= row["from"]]
            if met:
                row = max(met, key=lambda one: one["from"])
                at_least = float(row["from"])
                found.append(Signal(firm, code, round(value, 4), at_least, row["action"], _plain(detail)))
    return found, unknown


def contagion(
    source: Snapshot, networks: dict[str, Any], firms: Sequence[int], shocked: int, rules: Policy
) -> list[Signal]:
    """Borrowers that run short where the firm in row `shocked` stops, by observed links alone.

    `networks`: `gnn.contagion.network.networks_of`. The value is the larger of the share of output lost and
    the share of a week's sales that went to it, over all chains.
    """
    from gnn.contagion.shake import Shock, shake  # compiles kernels: only where it is asked for

    (rule,) = [row for row in rules.rows("warnings") if row["code"] == "contagion"]
    worst: dict[int, float] = {}
    for network in networks.values():
        place = network.index_of(shocked)
        if place is None:
            continue
        outcome = shake(network, Shock(place, "stop"))
        for firm in firms:
            at = network.index_of(firm)
            if at is None or firm == shocked:
                continue
            sales = float(network.sales[at])
            orders = float(outcome.money.orders[at]) / sales if sales > 0 else 0.0
            worst[firm] = max(worst.get(firm, 0.0), float(outcome.goods.lost[at]), orders)
    detail = {"shocked": source.id_of(shocked)}
    return [
        Signal(firm, "contagion", round(value, 4), float(rule["from"]), rule["action"], detail)
        for firm, value in sorted(worst.items())
        if value >= rule["from"]
    ]


def _plain(detail: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in detail.items() if v is not None}


def _windows(source: Snapshot, months: int) -> tuple[list[str], list[str]]:
    """The last full months of the snapshot, and the same months a year before."""
    full = source.months[: source.months_until(source.as_of)]
    last = full[-months:]
    before = [f"{int(month[:4]) - 1}{month[4:]}" for month in last]
    return last, before


def _told(firms: pl.Series, rows: pl.DataFrame, reason: str, *detail: str) -> pl.DataFrame:
    """firm, value, detail: one row a firm; null with `reason` where there is none."""
    told = pl.DataFrame({"firm": firms}).join(rows, on="firm", how="left", maintain_order="left")
    missing = pl.when(pl.col("value").is_null()).then(pl.lit(reason)).alias("reason")
    return told.select("firm", "value", detail=pl.struct(*detail, missing))


def _invoicing(source: Snapshot, firms: pl.Series, months: int) -> pl.DataFrame:
    """How far invoices fell below the same months of the year before, of own sales books.

    A month without a row had no invoice as long as own books of either side run on into it.
    """
    last, before = _windows(source, months)
    rows = (
        source.scan("sales")
        .filter(
            pl.col("enterprise").is_in(firms.implode()),
            pl.col("month").is_in(last + before),
            pl.col("invoiced_from") == "own",
        )
        .select("month", "invoiced_fen", firm="enterprise")
        .collect()
    )
    books = source.enterprises.select("own_sales_until", "own_purchases_until")[firms]
    until = pl.max_horizontal("own_sales_until", "own_purchases_until").dt.strftime("%Y-%m")
    ends = books.select(until=pl.when(pl.col("own_sales_until").is_not_null()).then(until))
    run = rows.join(ends.with_columns(firm=firms), on="firm")
    now = pl.col("month").is_in(last)
    then = pl.col("month").replace_strict(before, last, default=None, return_dtype=pl.String)
    fen = pl.col("invoiced_fen")
    summed = (
        run.filter(pl.col("until") >= (last[0] if last else ""))
        .group_by("firm")
        .agg(
            now_fen=fen.filter(now).sum(),
            before_fen=fen.filter(~now & (then <= pl.col("until"))).sum(),
        )
        .filter(pl.col("before_fen") > 0)
        .with_columns(value=1 - pl.col("now_fen") / pl.col("before_fen"))
    )
    return _told(firms, summed, "own_books_missing", "now_fen", "before_fen")


def _largest_gone(source: Snapshot, firms: pl.Series, months: int) -> pl.DataFrame:
    """Share of the year before that went to a buyer who bought in these months then, and nothing now."""
    last, before = _windows(source, months)
    at = {month: i for i, month in enumerate(source.months)}
    now = [at[month] for month in last if month in at]
    then = [at[month] for month in before if month in at]
    year = [i for i in range(min(then, default=0) - 12 + months, min(now, default=0)) if i >= 0]
    ends = source.edges.select("src", "dst").with_row_index("edge").cast({"edge": pl.Int32})
    mine = ends.filter(pl.col("src").is_in(firms.implode()))
    flow = source.scan("flow").join(mine.lazy(), on="edge").collect()
    fen = pl.col("amount_fen")
    by_buyer = flow.group_by(firm="src", buyer="dst").agg(
        year_fen=fen.filter(pl.col("month").is_in(year)).sum(),
        then_fen=fen.filter(pl.col("month").is_in(then)).sum(),
        now_fen=fen.filter(pl.col("month").is_in(now)).sum(),
    )
    own = firms.filter(source.enterprises["own_sales_until"].gather(firms).is_not_null())
    largest = (
        by_buyer.filter(pl.col("firm").is_in(own.implode()), pl.col("year_fen") > 0)
        .with_columns(share=pl.col("year_fen") / pl.col("year_fen").sum().over("firm"))
        .sort("firm", "year_fen", "buyer", descending=[False, True, False])
        .unique("firm", keep="first", maintain_order=True)
    )
    gone = (pl.col("now_fen") <= 0) & (pl.col("then_fen") > 0)
    told = largest.select("firm", "year_fen", value=pl.when(gone).then("share").otherwise(0.0))
    told = told.with_columns(buyer=source.enterprises["id"].gather(largest["buyer"]))
    return _told(firms, told, "own_books_missing", "buyer", "year_fen")


def _red(index: SalesIndex, firms: pl.Series, months: int) -> pl.DataFrame:
    """Red of blue invoices by amount, where it is at least twice that of the same months a year before."""
    last, before = _windows(index.snapshot, months)
    rows = index.rows.filter(pl.col("seller").is_in(firms.implode()), pl.col("status") != "void")
    once = rows.unique(["seller", "fact"], keep="first", maintain_order=True)
    month = pl.col("happened_on").dt.strftime("%Y-%m")
    fen, red = pl.col("amount_fen"), pl.col("status") == "red"
    sums = once.group_by(firm="seller").agg(
        own=(pl.col("side") == "sale").any(),
        red_fen=-fen.filter(red & month.is_in(last)).sum(),
        blue_fen=fen.filter(~red & month.is_in(last)).sum(),
        red_before=-fen.filter(red & month.is_in(before)).sum(),
        blue_before=fen.filter(~red & month.is_in(before)).sum(),
    )
    share = pl.col("red_fen") / pl.col("blue_fen")
    earlier = pl.col("red_before") / pl.col("blue_before")
    told = sums.filter(pl.col("own"), pl.col("blue_fen") > 0, pl.col("blue_before") > 0).select(
        "firm", "red_fen", "blue_fen", value=pl.when(share >= 2 * earlier).then(share).otherwise(0.0)
    )
    return _told(firms, told, "own_books_missing", "red_fen", "blue_fen")


def _later(index: SalesIndex, firms: pl.Series, months: int) -> pl.DataFrame:
    """By how many days more the buyer that changed most takes to pay than in the time before these months."""
    source = index.snapshot
    paid = source.settlements.filter(
        pl.col("seller").is_in(firms.implode()), pl.col("basis") == "proven", pl.col("amount_fen") > 0
    )
    issued = index.rows.filter(pl.col("fact").is_in(paid["invoice"].drop_nulls().implode()))
    issued = issued.select(invoice="fact", issued_on="happened_on").unique("invoice", keep="first")
    cut = pl.lit(source.as_of).dt.offset_by(f"-{months}mo")
    days = (pl.col("happened_on") - pl.col("issued_on")).dt.total_days()
    by_buyer = (
        paid.join(issued, on="invoice")
        .with_columns(days=days, now=pl.col("happened_on") > cut)
        .group_by(firm="seller", buyer="buyer")
        .agg(
            now_days=pl.col("days").filter("now").median(),
            before_days=pl.col("days").filter(~pl.col("now")).median(),
            least=pl.min_horizontal(pl.col("now").sum(), (~pl.col("now")).sum()),
        )
        .filter(pl.col("least") >= LEAST_PAYMENTS)
        .with_columns(value=pl.col("now_days") - pl.col("before_days"))
        .sort("firm", "value", "buyer", descending=[False, True, False])
        .unique("firm", keep="first", maintain_order=True)
    )
    told = by_buyer.select("firm", "value", "now_days", "before_days")
    told = told.with_columns(buyer=source.enterprises["id"].gather(by_buyer["buyer"]))
    return _told(firms, told, "no_payments_seen", "buyer", "now_days", "before_days")


def _listed(source: Snapshot, firms: pl.Series, rules: Policy) -> pl.DataFrame:
    """How many of the lists that knock out name the firm itself on the day."""
    day = source.as_of
    begun = pl.col("happened_on").is_null() | (pl.col("happened_on") <= day)
    stands = begun & (pl.col("until").is_null() | (pl.col("until") >= day))
    lists = pl.col("list").is_in(rules.body["receivables"]["buyer_lists"])
    counted = (
        source.listings.filter(pl.col("enterprise").is_in(firms.implode()) & stands & lists)
        .group_by(firm="enterprise")
        .agg(value=pl.len().cast(pl.Float64), lists=pl.col("list").unique().sort().str.join(", "))
    )
    every = pl.DataFrame({"firm": firms}).join(counted, on="firm", how="left", maintain_order="left")
    return _told(firms, every.with_columns(pl.col("value").fill_null(0.0)), "", "lists")
