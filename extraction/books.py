"""Reader of ledgers: CSV and Excel files whose columns a layout describes (`layouts/*.yaml`)."""

import re
from dataclasses import replace
from pathlib import Path

import polars as pl

from extraction.amounts import money
from extraction.cells import tidy_cells
from extraction.credit_codes import tax_number
from extraction.layout import Layout, bundled_layouts, heading, load_layouts
from extraction.reader import InvoiceReader
from extraction.rows import COLUMNS, Rows
from extraction.sheet import Body, names, titles
from extraction.source import Source
from extraction.tables import Found, follows, forget_workbook, recognised, sheets_of
from extraction.vocabulary import bare, vocabulary
from ledger.errors import FileUnreadable, Problem

_KEYS = ("code", "number", "digital_number")
_CODED = frozenset({*_KEYS, "seller_code", "buyer_code", "owner_code", "issued", "amount", "tax", "total"})
_PRINTED = {"amount": "invoice_amount", "tax": "invoice_tax", "total": "invoice_total"}
_SHEET = "工作表"  # heading of the column that says which sheet a rejected row stood in


class BooksReader(InvoiceReader):
    """Ledgers of invoices. `folders` hold further layouts of the user's own, asked before ours."""

    name = "books"
    version = 2
    ledgers = True

    def __init__(self, *folders: Path) -> None:
        own = tuple(layout for folder in folders for layout in load_layouts(folder))
        self.layouts: tuple[Layout, ...] = own + bundled_layouts()
        #: Rises with any layout's: what was read by an older one is then read anew.
        self.version = type(self).version + sum(layout.version - 1 for layout in self.layouts)

    def recognises(self, source: Source) -> bool:
        """Whether some sheet has the columns of a layout."""
        return recognised(source, self.layouts)

    def read(self, source: Source) -> Rows:
        """The ledger as canonical rows; sheets that are no ledger are named in `problems`.

        In a workbook rows count on from sheet to sheet, and the sheet of whole invoices beside a sheet
        of lines says what each invoice must come to.
        """
        try:
            sheets = sheets_of(source)
            found = [(sheet, follows(sheet, self.layouts)) for sheet in sheets]
            known = [f for _, f in found if f]
            if not known:
                raise FileUnreadable("file_unknown", file=source.name)
            problems = [
                Problem("sheet_left_out", file=source.name, value=sheet.name)
                for sheet, f in found
                if f is None and any(any(c.strip() for c in row) for row in sheet.head)
            ]
            rows = _joined([_Read(f, source.name) for f in known], problems)
            return replace(rows, version=self.version)
        finally:
            forget_workbook()


class _Read:
    """One sheet read: canonical `frame`, the user's own columns `raw`, `problems`."""

    def __init__(self, found: Found, file: str) -> None:
        self.found, self.layout = found, found.layout
        header = found.sheet.head[found.header]
        width = max((i + 1 for i, cell in enumerate(header) if cell.strip()), default=0)
        body = found.sheet.body(found.header, width)
        rows = _without_header(body, header[:width])
        self.raw = rows.rename(dict(zip(names(width), titles(header[:width]), strict=True)))
        self.rows_in_sheet = max([found.header + 1, *rows["row"].tail(1)])
        broken = pl.Series([r for r, _, _ in body.broken], dtype=pl.Int32)
        whole = rows.filter(~pl.col("row").is_in(broken.implode())) if len(broken) else rows
        columns = [pl.col(f"c{i}").alias(name) for name, i in found.columns.items()]
        text = tidy_cells(whole.select("row", *columns), _CODED)
        text, totals = _without_totals(text)
        if totals.height:
            self.raw = self.raw.join(totals.select("row"), on="row", how="anti", maintain_order="left")
        self.problems = [
            Problem(code, file, row, value=value) for row, code, value in (*body.broken, *body.doubtful)
        ]
        self.problems += _totals_problems(text, totals, file)
        self.frame = self._canonical(text)

    def _canonical(self, text: pl.DataFrame) -> pl.DataFrame:
        """The columns of the layout as canonical ones, with what the layout itself knows."""
        if "digital_number" in text.columns:
            older = pl.col("number") if "number" in text.columns else pl.lit(None, dtype=pl.String)
            text = text.with_columns(number=pl.coalesce("digital_number", older))
        scope = self.layout.name if self.layout.codes == "own" else None
        fixed = {"side": self.found.form.side, "scope": scope} | self._from_preamble()
        text = text.with_columns(pl.lit(v, dtype=pl.String).alias(c) for c, v in fixed.items() if v)
        text = text.select(c for c in COLUMNS if c in text.columns)
        return _either_side(text) if self.layout.owner == "either_side" else text

    def _from_preamble(self) -> dict[str, str]:
        """What stands above the header, by the layout's patterns."""
        above = "\n".join(" ".join(c for c in row if c) for row in self.found.sheet.head[: self.found.header])
        hits = {name: pattern.search(above) for name, pattern in self.layout.preamble.items()}
        return {name: (hit[1] if hit.re.groups else hit[0]) for name, hit in hits.items() if hit}

    def moved(self, offset: int) -> None:
        """Count rows on from `offset`."""
        if offset:
            shift = (pl.col("row") + offset).cast(pl.Int32)
            self.frame, self.raw = self.frame.with_columns(shift), self.raw.with_columns(shift)
            self.problems = [replace(p, row=p.row + offset) if p.row else p for p in self.problems]


def _joined(sheets: list[_Read], problems: list[Problem]) -> Rows:
    """The sheets of one document as one set of rows."""
    offset = 0
    for sheet in sheets:
        sheet.moved(offset)
        offset += sheet.rows_in_sheet
        if len(sheets) > 1:
            sheet.raw = sheet.raw.with_columns(pl.lit(sheet.found.sheet.name).alias(_SHEET))
    lines = [s for s in sheets if s.layout.rows == "lines"]
    headers = [s for s in sheets if s.layout.rows == "invoices"]
    if lines and headers:
        frame = _with_headers(_stacked([s.frame for s in lines]), _stacked([s.frame for s in headers]))
    else:
        frame = _stacked([s.frame for s in sheets])
    layout = (lines or headers)[0].layout
    return Rows(
        frame=frame,
        format=layout.name,
        version=layout.version,
        raw=_stacked([s.raw for s in sheets]),
        problems=problems + [p for s in sheets for p in s.problems],
        per_line=bool(lines),
        ledger=True,
    )


def _stacked(frames: list[pl.DataFrame]) -> pl.DataFrame:
    return frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal")


def _with_headers(lines: pl.DataFrame, headers: pl.DataFrame) -> pl.DataFrame:
    """Lines with what the sheet of whole invoices prints for each; invoices that have no lines join them."""
    keys = [k for k in ("code", "number") if k in lines.columns and k in headers.columns]
    known = headers.filter(pl.col("number").is_not_null()).unique(keys, keep="first", maintain_order=True)
    printed = known.select(*keys, *(pl.col(a).alias(p) for a, p in _PRINTED.items() if a in known.columns))
    joined = lines.join(printed, on=keys, how="left", nulls_equal=True, maintain_order="left")
    listed = lines.select(keys).unique()
    alone = headers.join(listed, on=keys, how="anti", nulls_equal=True, maintain_order="left")
    return pl.concat([joined, alone], how="diagonal")


def _without_header(body: Body, header: list[str]) -> pl.DataFrame:
    """Rows without repetitions of the header, where files were pasted together."""
    first = next(i for i, cell in enumerate(header) if cell.strip())
    same = body.frame[f"c{first}"].str.strip_chars().is_in([header[first].strip()]).fill_null(False)
    if not same.any():
        return body.frame
    expected = [heading(cell) for cell in header]
    cells = body.frame.filter(same).select("row", *names(len(header)))
    repeated = [row for row, *rest in cells.iter_rows() if [heading(c or "") for c in rest] == expected]
    return body.frame.filter(~pl.col("row").is_in(repeated))


def _without_totals(text: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(data rows, totals rows): a totals row has no number, and one of its cells is 合计 or the like."""
    keys = [c for c in _KEYS if c in text.columns]
    no_number = (pl.col(k).str.contains(r"\d").fill_null(False).not_() for k in keys)
    suspects = text.filter(pl.all_horizontal(no_number))
    if suspects.is_empty():
        return text, suspects
    cells = [c for c in suspects.columns if c not in ("row", "item", "remark", "seller_name", "buyer_name")]
    found = [r["row"] for r in suspects.select("row", *cells).iter_rows(named=True) if _is_total(r)]
    is_total = pl.col("row").is_in(found)
    return text.filter(~is_total), text.filter(is_total)


def _is_total(record: dict[str, str | None]) -> bool:
    words = vocabulary().totals
    cells = (re.sub(r"[:()\d条张份共]", "", bare(c)) for c in record.values() if isinstance(c, str))
    return any(cell in words for cell in cells)


def _totals_problems(text: pl.DataFrame, totals: pl.DataFrame, file: str) -> list[Problem]:
    """A totals row that the rows above do not add up to: the file may have lost rows."""
    problems = []
    for row in totals.iter_rows(named=True):
        for name in ("amount", "tax", "total"):
            if row.get(name) is None:
                continue
            said = money(pl.Series([row[name]], dtype=pl.String))[0]
            summed = money(text.filter(pl.col("row") < row["row"])[name]).sum()
            if said is not None and said != summed and totals.height == 1:
                value = f"{row[name]} ≠ {summed / 100:.2f}"
                problems.append(Problem("totals_row_disagrees", file, 0, name, value))
    return problems


def _either_side(text: pl.DataFrame) -> pl.DataFrame:
    """The owner of an export: the tax number that stands on every row, on one side or the other.

    Where both sides of the only trading pair do, or none does, nobody is taken for the owner. A number
    that identifies nobody (a filler in place of the buyer's) is no candidate beside one that does.
    """
    if "seller_code" not in text.columns or "buyer_code" not in text.columns:
        return text
    pairs = text.select("seller_code", "buyer_code").unique()
    pairs = pairs.filter(pl.any_horizontal(pl.all().is_not_null()))
    if pairs.is_empty():
        return text
    always = [
        code
        for code in set(pairs.row(0)) - {None}
        if pairs.select(pl.any_horizontal((pl.all() == code).fill_null(False)).all()).item()
    ]
    always = [c for c in always if not tax_number(c.upper()).suspicious] or always
    if len(always) != 1:
        return text
    return text.with_columns(owner_code=pl.lit(always[0]))
