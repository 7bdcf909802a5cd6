"""Receivables as CSV and XLSX that Excel opens right: codes and numbers stay text, amounts in yuan."""

from collections.abc import Mapping

import polars as pl

from graph.snapshot import Snapshot
from ledger.words import label
from services import sheets
from services.sheets import yuan

_MONEY = frozenset({"amount", "red", "settled", "assumed", "open", "eligible", "advance"})
_WORDS: Mapping[str, str] = {"due_basis": "due_", "unpaid": "unpaid_", "status": "", "bucket": ""}
#: Columns in order; a label `receivable_<name>` heads each.
COLUMNS = (
    *("buyer", "code", "invoice", "issued_on", "due_on", "due_basis", "amount", "red", "settled"),
    *("assumed", "open", "age", "bucket", "overdue", "unpaid", "status", "holder", "register"),
    *("eligible", "excluded", "advance", "fact"),
)


def table(rows: pl.DataFrame, source: Snapshot, lang: str) -> pl.DataFrame:
    """`receivables` as people read it: COLUMNS, amounts as text in yuan with two decimals."""
    buyers = rows["buyer"]
    named = rows.with_columns(
        buyer=source.enterprises["name"].gather(buyers), code=source.enterprises["code"].gather(buyers)
    )
    named = named.rename({"number": "invoice", "age_days": "age", "overdue_days": "overdue"}).rename(
        {"register_number": "register", "excluded_by": "excluded"}
    )
    words = [_worded(named[name], prefix, lang) for name, prefix in _WORDS.items()]
    why = {name: label(f"excluded_{name}", lang) for name in _names(named["excluded"])}
    excluded = (
        pl.col("excluded").list.eval(pl.element().replace(why)).list.join("；" if lang == "zh" else "; ")
    )
    money = [yuan(f"{name}_fen").alias(name) for name in sorted(_MONEY)]
    return named.with_columns(*words, *money, excluded=excluded).select(COLUMNS)


def as_csv(frame: pl.DataFrame, lang: str) -> bytes:
    """The table as CSV."""
    return sheets.as_csv(frame, _heads(frame, lang), _MONEY)


def as_xlsx(frame: pl.DataFrame, lang: str) -> bytes:
    """The table as a workbook: texts as text, days as days, amounts as numbers of two decimals."""
    return sheets.as_xlsx(frame, _heads(frame, lang), label("receivable", lang), _MONEY)


def _heads(frame: pl.DataFrame, lang: str) -> dict[str, str]:
    return {name: label(f"receivable_{name}", lang) for name in frame.columns}


def _worded(values: pl.Series, prefix: str, lang: str) -> pl.Series:
    words = {value: label(f"{prefix}{value}", lang) for value in values.drop_nulls().unique()}
    return values.replace(words)


def _names(lists: pl.Series) -> list[str]:
    return sorted(lists.explode(empty_as_null=False, keep_nulls=False).unique().to_list())
