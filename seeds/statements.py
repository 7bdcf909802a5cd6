"""Account statements as real files: every bank's layout written from one description of a statement.

`LAYOUTS` are the layouts by name; `write_statement` gives (suffix, bytes), the same for the same
statement on every machine. Each file says 合成数据 where a reader sees it.
"""

import csv
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import yaml

from seeds.statement import PaperStatement
from seeds.statements_cells import MARK, Row, cell, rows_of
from seeds.statements_pdf import write_pdf
from seeds.statements_sheet import write_html, write_xlsx
from seeds.statements_xbrl import write_bkrs


@dataclass(frozen=True)
class Layout:
    """One bank's export, from `statement_layouts.yaml`. `quirks` name what else is particular."""

    form: str  # csv | xlsx | html | pdf | bkrs
    columns: tuple[tuple[str, str], ...] = ()
    above: tuple[tuple[str, ...], ...] = ()
    below: tuple[tuple[str, ...], ...] = ()
    newest_first: bool = False
    encoding: str = "utf-8"
    quirks: tuple[str, ...] = ()


def _layout(raw: dict[str, Any]) -> Layout:
    frozen = {
        part: tuple(tuple(line) for line in raw.get(part, ())) for part in ("above", "below", "columns")
    }
    return Layout(**(raw | frozen | {"quirks": tuple(raw.get("quirks", ()))}))


def _layouts() -> dict[str, Layout]:
    raw = yaml.safe_load((Path(__file__).parent / "statement_layouts.yaml").read_text("utf-8"))
    return {name: _layout(entry) for name, entry in raw.items()}


LAYOUTS: dict[str, Layout] = _layouts()


def prints(layout: str, what: str) -> bool:
    """Whether a layout prints `what`: counterparty, serial."""
    keys = {key for _, key in LAYOUTS[layout].columns}
    return LAYOUTS[layout].form == "bkrs" or bool(
        keys & {"counterparty": {"other", "payee"}}.get(what, {what})
    )


def write_statement(
    statement: PaperStatement, layout: str, *, without: int | None = None
) -> tuple[str, bytes]:
    """(suffix, content) of the statement in a layout of `LAYOUTS`. `without` leaves out the movement at that
    place, as a lost page would: the balances stay as they were."""
    form = LAYOUTS[layout]
    rows = [row for row in rows_of(statement) if row.index != without]
    if form.form == "bkrs":
        return "xml", write_bkrs(statement, rows)
    grid = [[cell(key, row) for _, key in form.columns] for row in rows]
    if "opening_row" in form.quirks:
        grid.insert(0, _opening(form, rows[0]))
    if form.newest_first:
        grid.reverse()
    above, below = (_filled(lines, statement) for lines in (form.above, form.below))
    titles = [heading for heading, _ in form.columns]
    if form.form == "csv":
        return "csv", _csv(form, [*above, titles, *grid, *_ending(form, statement), *below], len(above))
    if form.form == "html":
        return "xls", write_html([*above, titles, *grid, *below])
    if form.form == "pdf":
        return "pdf", write_pdf(above, titles, grid, [k for _, k in form.columns], form.quirks)
    return "xlsx", write_xlsx(above, titles, grid, below, [k for _, k in form.columns], form.quirks)


def _opening(form: Layout, first: Row) -> list[str]:
    """The row that carries the opening balance over."""
    said = {"summary": "期初余额", "balance": cell("opening", first)}
    return [said.get(key, "") for _, key in form.columns]


def _filled(lines: tuple[tuple[str, ...], ...], statement: PaperStatement) -> list[list[str]]:
    first = Row(statement, 0, None, statement.opening_fen)
    keys = ("account", "name", "bank", "code", "from", "until", "opening", "closing", "total_out", "total_in")
    values = {key: cell(key, first) for key in keys}
    return [[text.format(**values) for text in line] for line in lines]


def _ending(form: Layout, statement: PaperStatement) -> list[list[str]]:
    """WeChat's own totals below its rows."""
    if "wechat_ending" not in form.quirks:
        return []
    inward = [m.amount_fen for m in statement.movements if m.direction == "in"]
    outward = [m.amount_fen for m in statement.movements if m.direction == "out"]
    counts = [len(inward) + len(outward), len(inward), sum(inward) / 100, len(outward), sum(outward) / 100]
    return [
        ["资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额"],
        [f"{c}" for c in counts],
        [MARK],
    ]


def _csv(form: Layout, lines: list[list[str]], head: int) -> bytes:
    out = StringIO()
    quoted = "quoted" in form.quirks
    writer = csv.writer(out, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL, lineterminator="\r\n")
    for number, line in enumerate(lines):
        body = number > head and len(line) == len(form.columns)
        writer.writerow(_marked(line, form.quirks) if body else line)
    return out.getvalue().encode(form.encoding)


def _marked(cells: list[str], quirks: tuple[str, ...]) -> list[str]:
    """Cells with the marks by which a bank keeps a spreadsheet from turning digits into numbers."""
    if "tabs" in quirks:
        return [f"{c}\t" for c in cells]
    if "backticks" in quirks:
        return [f"`{c}" for c in cells]
    return [f'="{c}"' if c.isdigit() else c for c in cells] if "forced" in quirks else cells
