"""Receivables as CSV and XLSX that Excel opens right: codes and numbers stay text, amounts in yuan.

CSV is UTF-8 with BOM; there, a text that Excel would take for a number or run as a formula begins with a
tab, which Excel shows as nothing.
"""

import io
from collections.abc import Mapping

import polars as pl

from graph.snapshot import Snapshot
from ledger.words import label

_TO_GUARD = r"^(?:[=+\-@\t\r]|\.?\d[\d.,:/eE+\-%]*$)"
_MONEY = ("amount", "red", "settled", "assumed", "open", "eligible", "advance")
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
    money = [yuan(f"{name}_fen").alias(name) for name in _MONEY]
    return named.with_columns(*words, *money, excluded=excluded).select(COLUMNS)


def yuan(column: str) -> pl.Expr:
    """Whole fen as text in yuan, never through a binary float."""
    fen = pl.col(column).abs()
    sign = pl.when(pl.col(column) < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.concat_str(sign, fen // 100, pl.lit("."), (fen % 100).cast(pl.String).str.zfill(2))


def as_csv(frame: pl.DataFrame, lang: str) -> bytes:
    """The table as CSV."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String and name not in _MONEY]
    risky = [pl.col(name).str.contains(_TO_GUARD).fill_null(False) for name in texts]
    guarded = frame.with_columns(
        pl.when(risk).then(pl.lit("\t") + pl.col(name)).otherwise(pl.col(name)).alias(name)
        for name, risk in zip(texts, risky, strict=True)
    )
    file = io.BytesIO()
    _headed(guarded, lang).write_csv(file, include_bom=True, line_terminator="\r\n")
    return file.getvalue()


def as_xlsx(frame: pl.DataFrame, lang: str) -> bytes:
    """The table as a workbook: texts as text, days as days, amounts as numbers of two decimals."""
    import xlsxwriter

    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, {**options, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet(label("receivable", lang)[:31])
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        text = book.add_format({"num_format": "@"})
        money = book.add_format({"num_format": "#,##0.00;[Red]-#,##0.00"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for c, name in enumerate(frame.columns):
            sheet.write_string(0, c, label(f"receivable_{name}", lang), head)
            for r, value in enumerate(frame[name], 1):
                if value is None:
                    continue
                if name in _MONEY:
                    sheet.write_number(r, c, float(value), money)
                elif frame.schema[name] == pl.Date:
                    sheet.write_datetime(r, c, value, day)
                elif frame.schema[name].is_integer():
                    sheet.write_number(r, c, value)
                else:
                    sheet.write_string(r, c, value, text)
        sheet.freeze_panes(1, 0)
    return file.getvalue()


def _headed(frame: pl.DataFrame, lang: str) -> pl.DataFrame:
    return frame.rename({name: label(f"receivable_{name}", lang) for name in frame.columns})


def _worded(values: pl.Series, prefix: str, lang: str) -> pl.Series:
    words = {value: label(f"{prefix}{value}", lang) for value in values.drop_nulls().unique()}
    return values.replace(words)


def _names(lists: pl.Series) -> list[str]:
    return sorted(lists.explode(empty_as_null=False, keep_nulls=False).unique().to_list())
