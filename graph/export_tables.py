"""All tables of a snapshot as CSV or XLSX that Excel opens right: names joined in, amounts in yuan.

Codes and ids stay text. CSV has no types, so there a text that Excel would take for a number or
run as a formula begins with a tab, which Excel shows as nothing; files are UTF-8 with BOM.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from graph.snapshot import Snapshot
from ledger.words import label, message

#: Rows that fit a sheet under its heading.
SHEET_ROWS = 1_048_575
_CELL = 32_767  # characters Excel keeps in a cell
_SLICE = 100_000
_STEP = 20_000  # rows between two reports of progress
_TO_GUARD = r"^(?:[=+\-@]|\.?\d[\d.,:/eE+\-%]*$)"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Exported:
    """One table written: its file, rows, and the sheets it took (empty for CSV)."""

    table: str
    path: Path
    rows: int
    sheets: tuple[str, ...] = ()


def write_csv(
    snapshot: Snapshot, folder: Path, lang: str = "zh", progress: Progress | None = None
) -> list[Exported]:
    """Every table as folder/<table>.csv, and about.csv saying what they are. Returns what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table, query in people_tables(snapshot).items():
        frame = query.collect()
        path = folder / f"{table}.csv"
        _headed(_guarded(_in_yuan_text(frame)), lang).write_csv(
            path, include_bom=True, line_terminator="\r\n"
        )
        written.append(Exported(table, path, len(frame)))
        if progress:
            progress(table, len(frame), len(frame))
    about = pl.DataFrame(_about(snapshot, written, lang), schema=["", " "], orient="row")
    _guarded(about).write_csv(
        folder / "about.csv", include_bom=True, include_header=False, line_terminator="\r\n"
    )
    return written


def write_xlsx(
    snapshot: Snapshot,
    path: Path,
    lang: str = "zh",
    progress: Progress | None = None,
    sheet_rows: int = SHEET_ROWS,
) -> list[Exported]:
    """Every table in one workbook, in constant memory. A table with more rows than a sheet holds
    goes on in further sheets; the first sheet says which and how many rows each has."""
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, {**options, "strings_to_numbers": False}) as book:
        formats = {
            "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
            "text": book.add_format({"num_format": "@"}),
            "money": book.add_format({"num_format": "#,##0.00;[Red]-#,##0.00"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        plans = [
            _Plan(table, query, int(query.select(pl.len()).collect().item()), sheet_rows, path, lang)
            for table, query in people_tables(snapshot).items()
        ]
        about = book.add_worksheet(message("snapshot_about", lang))
        about.set_column(0, 0, 28)
        about.set_column(1, 1, 60)
        for r, line in enumerate(_about(snapshot, [p.exported for p in plans], lang)):
            for c, text in enumerate(line):
                about.write_string(r, c, text)
        for plan in plans:
            plan.write(book, formats, progress)
    return [plan.exported for plan in plans]


def people_tables(snapshot: Snapshot) -> dict[str, pl.LazyFrame]:
    """Every table with firms, edges, months and products spelt out instead of numbered."""
    firms = snapshot.scan("enterprises").select("id", "name").with_row_index("at").cast({"at": pl.Int32})
    goods = (
        snapshot.scan("products").select("tax_category", "item").with_row_index("at").cast({"at": pl.Int32})
    )
    months = pl.LazyFrame({"month_text": snapshot.months}, schema={"month_text": pl.String})
    months = months.with_row_index("at").cast({"at": pl.Int32})

    def named(frame: pl.LazyFrame, column: str, prefix: str) -> pl.LazyFrame:
        spelt = firms.select("at", pl.col("id").alias(f"{prefix}_id"), pl.col("name").alias(f"{prefix}_name"))
        joined = frame.join(spelt, left_on=column, right_on="at", how="left", maintain_order="left")
        first = [f"{prefix}_id", f"{prefix}_name"]
        return joined.select(*first, pl.exclude(*first, column))

    pairs = named(named(snapshot.scan("edges"), "dst", "buyer"), "src", "seller")
    parties = pairs.select("seller_id", "seller_name", "buyer_id", "buyer_name").with_row_index("at")
    parties = parties.cast({"at": pl.Int32})

    def linked(frame: pl.LazyFrame) -> pl.LazyFrame:
        joined = frame.join(parties, left_on="edge", right_on="at", how="left", maintain_order="left")
        first = ["seller_id", "seller_name", "buyer_id", "buyer_name"]
        return joined.select(*first, pl.exclude(*first, "edge"))

    def itemised(table: str) -> pl.LazyFrame:
        frame = snapshot.scan(table).join(
            goods, left_on="product", right_on="at", how="left", maintain_order="left"
        )
        return named(frame.drop("product"), "enterprise", "enterprise")

    flow = snapshot.scan("flow").join(
        months, left_on="month", right_on="at", how="left", maintain_order="left"
    )
    flow = flow.select("edge", pl.col("month_text").alias("month"), "amount_fen", "count")
    return {
        # What is only there to be searched by is left out.
        "enterprises": snapshot.scan("enterprises").drop("pinyin", "initials", strict=False),
        "members": named(snapshot.scan("members"), "enterprise", "enterprise"),
        "coverage": named(snapshot.scan("coverage"), "enterprise", "enterprise"),
        "supplies": pairs,
        "flow": linked(flow),
        "products": snapshot.scan("products"),
        "makes": itemised("makes"),
        "buys": itemised("buys"),
        "positions": named(named(snapshot.scan("positions"), "core", "core"), "enterprise", "enterprise"),
        "relations": snapshot.scan("relations").drop("fact", strict=False),
        "evidence": linked(snapshot.evidence_table()),
        "aliases": snapshot.scan("aliases"),
        **_learned(snapshot, named, goods),
    }


def _learned(
    snapshot: Snapshot, named: Callable[[pl.LazyFrame, str, str], pl.LazyFrame], goods: pl.LazyFrame
) -> dict[str, pl.LazyFrame]:
    """What is not on any paper: inferred links, groups, scores, recipes. Lists (paths) are left out."""

    def with_goods(frame: pl.LazyFrame, column: str = "product", prefix: str = "") -> pl.LazyFrame:
        spelt = goods.rename({name: prefix + name for name in ("tax_category", "item")})
        return frame.join(spelt, left_on=column, right_on="at", how="left", maintain_order="left").drop(
            column
        )

    links = with_goods(snapshot.scan("inferred_links"))
    made = with_goods(with_goods(snapshot.scan("made_of")), "input_product", "input_")
    told = snapshot.scan("scores").rename({"name": "figure", "reason": "reason_code"})
    scores = named(with_goods(told), "partner", "partner")
    depends = named(snapshot.scan("dependence"), "partner", "partner")
    return {
        "inferred_links": named(named(links, "dst", "buyer"), "src", "seller"),
        "groups": named(snapshot.scan("groups").rename({"size": "members"}), "head", "head"),
        "group_members": named(snapshot.scan("group_members"), "enterprise", "enterprise"),
        "dependence": named(depends, "enterprise", "enterprise"),
        "made_of": made,
        "scores": named(scores, "enterprise", "enterprise"),
        "momentum": snapshot.scan("momentum").rename({"reason": "reason_code"}).drop("months"),
    }


def _about(snapshot: Snapshot, written: list[Exported], lang: str) -> list[tuple[str, str]]:
    """What a reader must know before trusting a number: version, cut-off, unit, rows, splits."""
    lines = [
        (message("snapshot_version", lang), snapshot.id),
        (label("data_cut_off", lang), snapshot.as_of.isoformat()),
        (label("column_unit", lang), message("snapshot_unit", lang)),
    ]
    if snapshot.synthetic:
        lines.append((label("synthetic", lang), message("snapshot_synthetic", lang)))
    for one in written:
        rows = message("snapshot_rows", lang, rows=f"{one.rows:,}")
        split = message("snapshot_sheets", lang, sheets=", ".join(one.sheets)) if len(one.sheets) > 1 else ""
        lines.append((label(f"table_{one.table}", lang), f"{rows}{split}"))
    return lines


def _headed(frame: pl.DataFrame, lang: str) -> pl.DataFrame:
    return frame.rename({name: label(f"column_{name}", lang) for name in frame.columns})


def _in_yuan_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns in fen as yuan with two exact decimals."""
    money = [name for name in frame.columns if name.endswith("_fen")]
    return frame.with_columns(
        pl.format(
            "{}{}.{}",
            pl.when(pl.col(name) < 0).then(pl.lit("-")).otherwise(pl.lit("")),
            pl.col(name).abs() // 100,
            (pl.col(name).abs() % 100).cast(pl.String).str.zfill(2),
        ).alias(name)
        for name in money
    )


def _guarded(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts that Excel would compute with begin with a tab; amounts are meant to be numbers."""
    texts = [n for n, t in frame.schema.items() if t == pl.String and not n.endswith("_fen")]
    return frame.with_columns(
        pl.when(pl.col(name).str.contains(_TO_GUARD))
        .then("\t" + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in texts
    )


class _Plan:
    """How one table is laid over sheets, fixed before anything is written."""

    def __init__(
        self, table: str, query: pl.LazyFrame, rows: int, sheet_rows: int, path: Path, lang: str
    ) -> None:
        self._query, self._sheet_rows, self._lang = query, sheet_rows, lang
        title = label(f"table_{table}", lang)
        count = max(1, -(-rows // sheet_rows))
        sheets = (title, *(f"{title} ({k})" for k in range(2, count + 1)))
        self.exported = Exported(table, path, rows, sheets)

    def write(self, book: Any, formats: dict[str, Any], progress: Progress | None) -> None:
        """Writes the table; one sheet after the other, one row after the other."""
        frame = self._query.collect()
        kinds = {name: _kind(name, dtype) for name, dtype in frame.schema.items()}
        for k, title in enumerate(self.exported.sheets):
            sheet = book.add_worksheet(title)
            sheet.freeze_panes(1, 0)
            for c, (name, kind) in enumerate(kinds.items()):
                sheet.set_column(c, c, 36 if name.endswith("name") else 18, formats.get(kind))
            for c, name in enumerate(kinds):
                sheet.write_string(0, c, label(f"column_{name}", self._lang), formats["head"])
            part = frame.slice(k * self._sheet_rows, self._sheet_rows)
            for r, row in enumerate(_rows(part), start=1):
                _write_row(sheet, r, row, list(kinds.values()), formats)
                done = k * self._sheet_rows + r
                if progress and (r % _STEP == 0 or r == len(part)):
                    progress(self.exported.table, done, self.exported.rows)


def _kind(name: str, dtype: pl.DataType) -> str:
    if name.endswith("_fen"):
        return "money"
    if dtype == pl.Date:
        return "date"
    return "number" if dtype.is_numeric() else "text"


def _rows(frame: pl.DataFrame) -> Iterator[tuple[Any, ...]]:
    for part in frame.iter_slices(_SLICE):
        yield from part.iter_rows()


def _write_row(sheet: Any, r: int, row: tuple[Any, ...], kinds: list[str], formats: dict[str, Any]) -> None:
    for c, (value, kind) in enumerate(zip(row, kinds, strict=True)):
        if value is None:
            continue
        if kind == "money":
            sheet.write_number(r, c, value / 100, formats["money"])
        elif kind == "date":
            sheet.write_datetime(r, c, value, formats["date"])
        elif kind == "number":
            sheet.write_number(r, c, value)
        else:
            text = str(value)
            text = text if len(text) <= _CELL else text[: _CELL - 1] + "…"
            sheet.write_string(r, c, text, formats["text"])
