"""Sales as three figures side by side: invoiced, declared and received, by firm and month.

Each is null where no paper says it: a month without an invoice in a firm's own book is not in that book,
a month that no statement covers has no receipts. Invoiced and declared are without tax, received is with
it. What only others' papers show is at least that much, and says so.
"""

from dataclasses import dataclass
from functools import reduce

import polars as pl

from graph.paper_tables import PAPER_TABLES

#: Documents listed beside a figure; how many there are stands beside them.
LISTED = 20
#: What a VAT return's sales are made of where its schedule is not in.
_PARTS = (
    "sales.taxable",
    "sales.taxable_5",
    "sales.simple",
    "sales.export",
    "sales.exempt",
    "sales.export_exempt",
)
_KEYS = ["enterprise", "month"]
#: Purposes of money that came in for sales; `bill` is a bill that fell due or was discounted.
_TRADE = ("trade", "bill")


@dataclass(frozen=True)
class SalesPapers:
    """Rows of the ledger: invoices as attested with their canonical `fact`, declarations, statements and
    bank_flows; `documents`: reading, sha256; `enterprise_of`: party, enterprise."""

    attested: pl.DataFrame
    declarations: pl.DataFrame
    statements: pl.DataFrame
    flows: pl.DataFrame
    documents: pl.DataFrame
    enterprise_of: pl.DataFrame


def sales(
    papers: SalesPapers,
    invoices: pl.DataFrame,
    covered: pl.DataFrame,
    movements: pl.DataFrame,
    index: pl.DataFrame,
) -> pl.DataFrame:
    """Table `sales`. `covered`: enterprise, side, month of own books; `movements`: each transfer once."""
    parts = [_invoiced(papers, invoices, covered), _declared(papers), _received(papers, movements)]
    together = reduce(lambda a, b: a.join(b, on=_KEYS, how="full", coalesce=True), parts)
    firms = index.rename({"i": "_i"})
    rows = together.join(firms, on="enterprise").drop("enterprise").rename({"_i": "enterprise"})
    return rows.select(pl.col(c).cast(t) for c, t in PAPER_TABLES["sales"].items()).sort(_KEYS)


def _month(day: str = "happened_on") -> pl.Expr:
    return pl.col(day).dt.strftime("%Y-%m").alias("month")


def _listed(rows: pl.DataFrame, figure: str) -> pl.DataFrame:
    """enterprise, month → the documents (column sha256) behind a figure, the first few and how many."""
    every = pl.col("sha256").unique().sort()
    return rows.group_by(_KEYS).agg(
        every.head(LISTED).alias(f"{figure}_papers"),
        pl.col("sha256").n_unique().cast(pl.Int32).alias(f"{figure}_documents"),
    )


def _invoiced(papers: SalesPapers, invoices: pl.DataFrame, covered: pl.DataFrame) -> pl.DataFrame:
    """Sales invoices of each firm, from its own book where that covers the month."""
    sold = invoices.filter(
        (pl.col("status") != "void") & (pl.col("currency") == "CNY") & pl.col("seller").is_not_null(),
        (pl.col("seller") != pl.col("buyer")).fill_null(True),
    ).select("fact", "amount_fen", "total_fen", _month(), enterprise="seller")
    own = covered.filter(pl.col("side") == "sale").select(*_KEYS, invoiced_from=pl.lit("own"))
    amount = pl.col("amount_fen")
    sums = sold.group_by(_KEYS).agg(
        amount.sum().alias("invoiced_fen"),
        amount.filter(amount < 0).sum().alias("red_fen"),
        pl.col("total_fen").sum().alias("invoiced_total_fen"),
    )
    behind = papers.attested.select("fact", "reading").join(papers.documents, on="reading")
    behind = behind.join(sold.select("fact", *_KEYS), on="fact")
    return (
        sums.join(own, on=_KEYS, how="left")
        .with_columns(pl.col("invoiced_from").fill_null("seen"))
        .join(_listed(behind, "invoiced"), on=_KEYS, how="left")
    )


def _declared(papers: SalesPapers) -> pl.DataFrame:
    """Of each VAT return the sales of its period: the schedule's total, else what the return adds up to."""
    rows = (
        papers.declarations.filter(
            pl.col("form").str.starts_with("vat_") & pl.col("column").str.starts_with("period"),
            pl.col("currency").fill_null("CNY") == "CNY",
        )
        .join(papers.enterprise_of, left_on="owner", right_on="party")
        .join(papers.documents, on="reading")
        .with_columns(_month())
    )
    # A return handed in again replaces the first.
    latest = rows.sort("known_at", "sha256", "row").unique(
        [*_KEYS, "form", "item", "column"], keep="last", maintain_order=True
    )
    amount, item = pl.col("amount_fen"), pl.col("item")
    schedule = pl.col("form") == "vat_schedule_1"
    whole = amount.filter(schedule & (item == "sales.total"))
    parts = amount.filter(~schedule & item.is_in(_PARTS))
    start, end = pl.col("from").min(), pl.col("happened_on").max()
    months = (end.dt.year() - start.dt.year()) * 12 + end.dt.month() - start.dt.month() + 1
    sums = latest.group_by(_KEYS).agg(
        pl.when(whole.count() > 0)
        .then(whole.sum())
        .when(parts.count() > 0)
        .then(parts.sum())
        .alias("declared_fen"),
        _sum_or_null(amount.filter(schedule & (item == "sales.uninvoiced"))).alias("uninvoiced_fen"),
        months.cast(pl.Int32).alias("declared_months"),
    )
    told = sums.filter(pl.col("declared_fen").is_not_null() | pl.col("uninvoiced_fen").is_not_null())
    return told.join(_listed(latest, "declared"), on=_KEYS, how="left")


def _sum_or_null(values: pl.Expr) -> pl.Expr:
    return pl.when(values.count() > 0).then(values.sum())


def _received(papers: SalesPapers, movements: pl.DataFrame) -> pl.DataFrame:
    """Money that came in for sales, less what was given back; of months that a statement covers also where
    nothing came."""
    money = movements.filter(pl.col("channel") != "bills").with_columns(_month())
    came = money.filter(pl.col("purpose").is_in(_TRADE)).with_columns(own=pl.col("seen") != "payer")
    back = money.filter(pl.col("purpose") == "refund").with_columns(
        -pl.col("amount_fen"), payee="payer", own=pl.col("seen") != "payee"
    )
    moved = pl.concat([came, back], how="diagonal").filter(pl.col("payee").is_not_null())
    sums = moved.group_by("month", enterprise="payee").agg(
        pl.col("amount_fen").sum().alias("received_fen"), pl.col("own").any().alias("own")
    )
    covered = _statement_months(papers)
    shown = (
        papers.flows.select("reading", "owner", _month())
        .join(papers.enterprise_of, left_on="owner", right_on="party")
        .join(papers.documents, on="reading")
    )
    source = (
        pl.when(pl.col("whole").fill_null(False)).then(pl.lit("own")).when(pl.col("own").fill_null(False))
    )
    return (
        sums.join(covered, on=_KEYS, how="full", coalesce=True)
        .with_columns(source.then(pl.lit("part")).otherwise(pl.lit("seen")).alias("received_from"))
        .with_columns(pl.col("received_fen").fill_null(0))
        .drop("own", "whole")
        .join(_listed(shown, "received"), on=_KEYS, how="left")
    )


def _statement_months(papers: SalesPapers) -> pl.DataFrame:
    """enterprise, month, whole: months that a statement covers from their first day to their last."""
    first = pl.col("from").dt.offset_by("-1d").dt.month_start().dt.offset_by("1mo")
    end = pl.col("until").dt.offset_by("1d").dt.month_start()
    return (
        papers.statements.filter(
            pl.col("from").is_not_null() & pl.col("until").is_not_null() & (pl.col("channel") != "bills")
        )
        .join(papers.enterprise_of, left_on="owner", right_on="party")
        .select("enterprise", day=pl.date_ranges(first, end, interval="1mo", closed="left"))
        .explode("day", empty_as_null=True, keep_nulls=True)
        .drop_nulls()
        .select("enterprise", _month("day"), whole=pl.lit(True))
        .unique()
    )
