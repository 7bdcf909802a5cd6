"""Tables as CSV and XLSX that Excel opens right: codes stay text, amounts exact, nothing runs.

CSV is UTF-8 with BOM; there, a text that Excel would take for a number or run as a formula begins with a
tab, which Excel shows as nothing.
"""

import io
from collections.abc import Mapping
from tempfile import TemporaryDirectory

import polars as pl

_TO_GUARD = r"^(?:[=+\-@\t\r]|\.?\d[\d.,:/eE+\-%]*$)"


def yuan(column: str) -> pl.Expr:
    """Whole fen as text in yuan, never through a binary float."""
    fen = pl.col(column).abs()
    sign = pl.when(pl.col(column) < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.concat_str(sign, fen // 100, pl.lit("."), (fen % 100).cast(pl.String).str.zfill(2))


def as_csv(frame: pl.DataFrame, heads: Mapping[str, str], money: frozenset[str] = frozenset()) -> bytes:
    """`frame` as CSV under `heads` (column → heading). `money`: columns of amounts, text in yuan."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String and name not in money]
    guarded = frame.with_columns(
        pl.when(pl.col(name).str.contains(_TO_GUARD).fill_null(False))
        .then(pl.lit("\t") + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in texts
    )
    file = io.BytesIO()
    headed = guarded.rename({name: heads[name] for name in frame.columns})
    headed.write_csv(file, include_bom=True, line_terminator="\r\n")
    return file.getvalue()


def as_xlsx(
    frame: pl.DataFrame, heads: Mapping[str, str], title: str, money: frozenset[str] = frozenset()
) -> bytes:
    """`frame` as a workbook: texts as text, days as days, amounts as numbers of two decimals.

    Written row by row, so that a hundred thousand of them need no memory of their own.
    """
    import xlsxwriter

    file = io.BytesIO()
    options: dict[str, object] = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with TemporaryDirectory() as folder:
        options |= {"tmpdir": folder, "strings_to_numbers": False}
        with xlsxwriter.Workbook(file, options) as book:
            sheet = book.add_worksheet(title[:31])
            head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
            text = book.add_format({"num_format": "@"})
            amount = book.add_format({"num_format": "#,##0.00;[Red]-#,##0.00"})
            day = book.add_format({"num_format": "yyyy-mm-dd"})
            sheet.freeze_panes(1, 0)
            for c, name in enumerate(frame.columns):
                sheet.write_string(0, c, heads[name], head)
            kinds = [_kind(name, kind, money) for name, kind in frame.schema.items()]
            for r, row in enumerate(frame.iter_rows(), 1):
                for c, (kind, value) in enumerate(zip(kinds, row, strict=True)):
                    if value is None:
                        continue
                    if kind == "money":
                        sheet.write_number(r, c, float(value), amount)
                    elif kind == "day":
                        sheet.write_datetime(r, c, value, day)
                    elif kind == "number":
                        sheet.write_number(r, c, value)
                    else:
                        sheet.write_string(r, c, value, text)
    return file.getvalue()


def _kind(name: str, kind: pl.DataType, money: frozenset[str]) -> str:
    if name in money:
        return "money"
    if kind == pl.Date:
        return "day"
    return "number" if kind.is_numeric() else "text"
