"""Rows that repeat another row of the same document: told from lines that an invoice prints twice."""

import polars as pl

from extraction.findings import Check, Findings

#: Columns in which two rows that say the same may still differ: where they stand, and how it is spelled.
_SPELLING = frozenset(
    {
        *("row", "sequence", "issued", "status_word", "positive", "kind_word", "business_word", "scope"),
        *("amount", "tax", "total", "invoice_amount", "invoice_tax", "invoice_total", "total_words"),
        *("owner_code", "owner_name", "owner_shown", "seller_shown", "buyer_shown"),
    }
)


def repeated_rows(invoices: pl.DataFrame) -> pl.DataFrame:
    """Rows without those that say exactly what an earlier one says (one row an invoice)."""
    again = invoices.select("fact", "document").is_duplicated()
    if not again.any():
        return invoices
    suspects = invoices.filter(again)
    first = suspects.unique(_content(suspects), keep="first", maintain_order=True)
    gone = suspects.select("row").join(first.select("row"), on="row", how="anti")
    return invoices.join(gone, on="row", how="anti", maintain_order="left")


def running_number(rows: pl.DataFrame) -> pl.Expr:
    """The running number that the document prints, as a number; null where there is none."""
    if "sequence" not in rows.columns:
        return pl.lit(None, dtype=pl.Int64)
    return pl.col("sequence").cast(pl.Int64, strict=False)


def drop_copies(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """`rows` without repetitions, where an invoice has several rows.

    Two equal lines of one invoice may both be goods sold, or the invoice may stand in the document
    twice (two exports pasted together). It stands there twice when the running number repeats too, or
    when every one of its lines comes equally often, more than once. Unless the running numbers are one
    unbroken run, as a portal writes the lines of one invoice, or all lines together make the total
    that is printed: then every line is one.
    """
    suspects = rows.filter(pl.struct("key", "amount_fen").is_duplicated())
    if suspects.is_empty():
        return rows
    suspects = rows.join(suspects.select("key").unique(), on="key", how="semi", maintain_order="left")
    suspects = suspects.with_columns(nth=running_number(suspects))
    once = _without_same_number(suspects)
    content = _content(suspects)
    marked = once.with_columns(copy=pl.col("row").cum_count().over(content), times=pl.len().over(content))
    doubled = marked.join(_twice(marked), on="key", how="semi", maintain_order="left")
    findings.note(
        doubled.unique("key", keep="first", maintain_order=True),
        Check("identical_lines_dropped", "item", pl.lit(True), pl.col("number"), fatal=False),
    )
    copies = doubled.filter(pl.col("copy") > 1).select("row")
    same_number = suspects.select("row").join(once.select("row"), on="row", how="anti")
    return rows.join(pl.concat([same_number, copies]), on="row", how="anti", maintain_order="left")


def _content(rows: pl.DataFrame) -> list[str]:
    return [c for c in rows.columns if c not in _SPELLING and c != "nth"]


def _without_same_number(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows without those that repeat another one together with its running number."""
    numbered = rows.filter(pl.col("nth").is_not_null())
    exact = numbered.unique([*_content(rows), "nth"], keep="first", maintain_order=True)
    return pl.concat([exact, rows.filter(pl.col("nth").is_null())]).sort("row")


def _makes(amount: str) -> pl.Expr:
    """All rows together make the amount that is printed, give or take a fen for each."""
    return (pl.col(amount).sum() - pl.col(f"invoice_{amount}").first()).abs() <= pl.len()


def _twice(marked: pl.DataFrame) -> pl.DataFrame:
    """Keys of the invoices that stand in the document more than once."""
    nth = pl.col("nth")
    by_key = marked.group_by("key", maintain_order=True).agg(
        equally=(pl.col("times").min() == pl.col("times").max()) & (pl.col("times").max() > 1),
        unbroken=(nth.null_count() == 0)
        & (nth.n_unique() == pl.len())
        & (nth.max() - nth.min() + 1 == pl.len()),
        printed=_makes("amount_fen") | _makes("total_fen"),
    )
    single = ~pl.col("unbroken").fill_null(False) & ~pl.col("printed").fill_null(False)
    return by_key.filter(pl.col("equally") & single).select("key")
