"""Documents as answers: what the ledger counts of them, their values, warnings and rejected rows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from api.models import DocumentInfo
from api.models_documents import Document, DocumentRow, Documents, RowWarned
from api.paging import Cursor
from api.views import fields
from api.views.notes import shown_of
from extraction.errors_file import write_errors
from graph.snapshot import Snapshot
from ledger.errors import NotFound, Problem
from ledger.ledger import FACT_TABLES, Ledger
from ledger.records import TABLES
from ledger.words import label, messages

LISTING = "documents"
#: Sort key of the list: when it was loaded (microseconds), then 60 bits of its id.
KEYS = 2
#: Values, warnings and rejected rows that the answer about one document holds.
SHOWN = 200
WITH_WARNINGS = tuple(t for t in FACT_TABLES if "warnings" in TABLES[t] and "row" in TABLES[t])
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def document(ledger: Ledger, sha256: str, snapshot: Snapshot | None, lang: str) -> Document:
    """The document `sha256`. Raises NotFound where none is committed, or it was withdrawn."""
    row = committed(ledger, sha256)
    values = fields.values_of(ledger, row)
    warnings = list(_warnings(ledger, row["reading"], lang))
    head = row["rejected"] and list(_rejects(ledger, row["reading"], lang))
    return Document(
        **_counts(row),
        snapshot=snapshot.id if snapshot else None,
        as_of=snapshot.as_of if snapshot else None,
        state=_state(row),
        state_text=label(f"document_{_state(row)}", lang),
        reader_version=row["reader_version"],
        loaded_at=row["loaded_at"],
        owner=row["owner"],
        fields=fields.shown(values.head(SHOWN), ledger, sha256, lang),
        fields_total=values.height,
        warnings=warnings[:SHOWN],
        warnings_total=len(warnings),
        rejects=(head or [])[:SHOWN],
    )


def committed(ledger: Ledger, sha256: str) -> dict[str, Any]:
    """The row of `documents` that counts. Raises NotFound."""
    rows = ledger.documents().filter(pl.col("sha256") == sha256)
    if rows.is_empty():
        raise NotFound("document_not_found", document=sha256)
    return rows.row(0, named=True)


def documents(
    every: pl.DataFrame,
    snapshot: Snapshot | None,
    wanted: "Wanted",
    limit: int,
    after: Cursor | None,
    lang: str,
) -> Documents:
    """A page of `every` (documents of the ledger), the newest first."""
    chosen = every.filter(wanted.condition()).with_columns(
        _loaded=pl.col("loaded_at").dt.epoch("us"),
        _number=pl.col("sha256").str.slice(0, 15).str.to_integer(base=16, dtype=pl.Int64),
    )
    rest = chosen
    if after:
        loaded, number = after.key
        older, same = pl.col("_loaded") < loaded, pl.col("_loaded") == loaded
        rest = chosen.filter(older | (same & (pl.col("_number") > number)))
    page = rest.sort("_loaded", "_number", descending=[True, False]).head(limit)
    last = page.select("_loaded", "_number").row(-1) if rest.height > limit else None
    return Documents(
        snapshot=snapshot.id if snapshot else None,
        as_of=snapshot.as_of if snapshot else None,
        items=[_listed(row, lang) for row in page.iter_rows(named=True)],
        total=chosen.height,
        next=Cursor(LISTING, "", last).text() if last else None,
        note=shown_of(page.height, chosen.height, lang) if page.height < chosen.height else None,
        formats=every["format"].unique().sort().to_list(),
    )


class Wanted:
    """Which documents: of a format, in a state, with a text in the name or an id that begins so."""

    def __init__(self, format_: str | None = None, state: str | None = None, text: str | None = None) -> None:
        self.format, self.state, self.text = format_, state, text

    def condition(self) -> pl.Expr:
        """As a condition on the ledger's documents."""
        chosen = pl.lit(True)
        if self.format:
            chosen &= pl.col("format") == self.format
        if self.state:
            chosen &= _STATES[self.state]
        if self.text:
            sought = self.text.strip().lower()
            named = pl.col("name").str.to_lowercase().str.contains(sought, literal=True)
            chosen &= named | pl.col("sha256").str.starts_with(sought)
        return chosen


#: nothing: no row became a fact; partly: some were rejected; read: all are in.
_STATES = {
    "nothing": pl.col("facts") == 0,
    "partly": (pl.col("facts") > 0) & (pl.col("rejected") > 0),
    "read": (pl.col("facts") > 0) & (pl.col("rejected") == 0),
}


def rejects_table(ledger: Ledger, sha256: str, lang: str) -> tuple[str, bytes]:
    """The document's name, and its rejected rows as CSV with a column that says why."""
    row = committed(ledger, sha256)
    rejects = _of_reading(ledger, "rejects", row["reading"])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rejects.csv"
        write_errors(rejects, {row["reading"]: row["name"]}, path, lang)
        return row["name"], BytesIO(path.read_bytes()).getvalue()


def download_name(name: str) -> str:
    """The file's own name, without the archives and folders around it."""
    return name.replace("\\", "/").rsplit("/", 1)[-1] or "document"


def _state(row: dict[str, Any]) -> Any:
    if not row["facts"]:
        return "nothing"
    return "partly" if row["rejected"] else "read"


def _counts(row: dict[str, Any]) -> dict[str, Any]:
    named = set(DocumentInfo.model_fields) & set(row)
    return {name: row[name] for name in named} | {"id": row["sha256"], "synthetic": bool(row["synthetic"])}


def _listed(row: dict[str, Any], lang: str) -> DocumentRow:
    state = _state(row)
    loaded = _EPOCH + timedelta(microseconds=row["_loaded"])
    return DocumentRow(
        **_counts(row), state=state, state_text=label(f"document_{state}", lang), loaded_at=loaded
    )


def _of_reading(ledger: Ledger, table: str, reading: int) -> pl.DataFrame:
    """A table's rows of one committed reading."""
    return ledger.tables.scan(table).filter(pl.col("reading") == reading).collect()


def _warnings(ledger: Ledger, reading: int, lang: str) -> Iterator[RowWarned]:
    """What was found odd about what was accepted, row by row."""
    for table in WITH_WARNINGS:
        rows = ledger.tables.scan(table).filter(pl.col("reading") == reading)
        warned = rows.filter(pl.col("warnings").list.len() > 0).select("row", "warnings").collect()
        for row, problems in warned.sort("row").iter_rows():
            yield from (_warned(row, problem, lang) for problem in problems)


def _rejects(ledger: Ledger, reading: int, lang: str) -> Iterator[RowWarned]:
    rows = ledger.tables.scan("rejects").filter(pl.col("reading") == reading)
    for row, problems in rows.select("row", "problems").sort("row").head(SHOWN).collect().iter_rows():
        yield from (_warned(row, problem, lang) for problem in problems)


def _warned(row: int, problem: dict[str, Any], lang: str) -> RowWarned:
    code, field, value = problem["code"], problem["field"] or "", problem["value"] or ""
    text = Problem(code, field=field, value=value).text(lang) if code in messages() else code
    return RowWarned(code=code, message=text, field=field, value=value, row=row)
