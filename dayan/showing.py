"""`dayan read`: what a document says and why it is believed, value by value. Nothing is stored."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from api.settings import Settings
from dayan.console import err, out, table
from dayan.names import Finder, Names, finder, plain_names, print_names
from extraction.books import BooksReader
from extraction.held import FACT_TABLES as COUNTED
from extraction.readers import all_readers, reader_for
from extraction.rows import Facts, Reader
from extraction.source import Limits, Source, sources
from extraction.tables import follows, forget_workbook, sheets_of
from extraction.unknown import why_unknown
from ledger.errors import DayanError, Problem
from ledger.ledger import FACT_TABLES
from ledger.money import yuan
from ledger.words import label, labels, message, messages

#: Values, rows and kinds of problems shown unless all are asked for.
VALUES, ROWS, KINDS = 60, 5, 20
#: Widest table printed, in columns.
COLUMNS = 9
#: Tables of the ledger that are shown some other way, or hold nothing a person reads.
_APART = ("fields", "rejects", "links")
#: Errors of a document that is whole, but of no kind that is read: its names can still be told.
_NOT_KNOWN = ("file_unknown", "pdf_not_known")
#: Columns that say nothing to a person: keys of rows, and what is shown as problems.
_KEYS = ("fact", "weak", "known_at", "scope", "reverses", "warnings", "row", "scheme", "line")


@dataclass(frozen=True)
class Seen:
    """One document as it was read; `error` where it was not."""

    source: Source | None
    name: str
    facts: Facts | None = None
    error: DayanError | None = None
    #: Of a ledger: its own headings → the columns they were understood as.
    headings: tuple[tuple[str, str], ...] = ()
    #: The names in its text, where they were asked for.
    names: Names | None = None

    @property
    def well(self) -> bool:
        """Whether all that was asked for was answered."""
        if self.names is not None and self.names.failed:
            return False
        return self.error is None or self.only_names

    @property
    def only_names(self) -> bool:
        """Whether no reader knows the document, but its names were found."""
        return self.error is not None and self.names is not None and self.names.error is None


def show(
    settings: Settings,
    paths: Sequence[Path],
    *,
    as_json: bool,
    everything: bool,
    names: bool = False,
    ask: bool = False,
) -> bool:
    """Print every document behind `paths`, with `names` (or `ask`: the user's own model too) those in
    its text; False where any could not be read. InputError where `ask` has nobody to ask."""
    well = True
    for seen in _read(settings, paths, finder(settings, ask=ask) if names or ask else None):
        well &= seen.well
        if as_json:
            print(json.dumps(_plain(seen, settings.lang, everything), ensure_ascii=False, default=str))
        else:
            _print(seen, settings.lang, everything)
    if not as_json:
        out.print(message("read_nothing_stored", settings.lang), style="dim")
    return well


def _read(settings: Settings, paths: Sequence[Path], find: Finder | None) -> Iterator[Seen]:
    readers = all_readers(*([settings.layouts] if settings.layouts else []))
    limits = Limits(file_bytes=settings.max_file_bytes, unpacked_bytes=settings.max_unpacked_bytes)
    for found in (source for path in paths for source in sources(path, limits)):
        if isinstance(found, Source):
            seen = _one(found, readers)
            whole = seen.error is None or seen.error.code in _NOT_KNOWN
            yield replace(seen, names=find.names(found)) if find and whole else seen
        else:
            yield Seen(None, str(found.params.get("file", "")), error=found)


def _one(source: Source, readers: Sequence[Reader]) -> Seen:
    try:
        reader = reader_for(source, readers)
        if reader is None:
            raise why_unknown(source)
        return Seen(source, source.name, reader.facts(source), headings=tuple(_headings(source, reader)))
    except DayanError as error:
        return Seen(source, source.name, error=error)


def _headings(source: Source, reader: Reader) -> Iterator[tuple[str, str]]:
    """What the headings of a ledger were understood as."""
    if not isinstance(reader, BooksReader):
        return
    for sheet in sheets_of(source):
        if found := follows(sheet, reader.layouts):
            header = found.sheet.head[found.header]
            yield from ((header[place].strip(), column) for column, place in found.columns.items())
    forget_workbook()


def _print(seen: Seen, lang: str, everything: bool) -> None:
    if seen.error is not None and not seen.only_names:
        err.print(f"{seen.name}: {seen.error.text(lang)}", style="red", markup=False, highlight=False)
        return
    if seen.error is not None:
        _say(seen.error.text(lang))
    if seen.facts is not None:
        _print_facts(seen, seen.facts, lang, everything)
    if seen.names is not None:
        print_names(seen.names, lang, most=None if everything else VALUES)
    out.print()


def _print_facts(seen: Seen, facts: Facts, lang: str, everything: bool) -> None:
    _say(message("read_format", lang, file=seen.name, format=facts.format, version=facts.version))
    _say(message("read_counts", lang, **_counts(facts)))
    if facts.synthetic:
        _say(message("read_synthetic", lang))
    if seen.headings:
        told = ", ".join(f"{heading} → {column}" for heading, column in seen.headings)
        _say(message("read_columns", lang, columns=told))
    _print_values(facts, lang, everything)
    for name in _told(facts):
        _print_rows(name, _named(facts.tables[name], facts), lang, everything)
    for title, problems in (("read_warnings", _warnings(facts)), ("read_rejects", _rejects(facts))):
        _print_problems(title, problems, lang, everything)


def _print_values(facts: Facts, lang: str, everything: bool) -> None:
    """The values of a paper: each with its place, how it was read, how sure that is, what it passed."""
    values = facts.tables.get("fields")
    if values is None or values.is_empty():
        return
    shown = values if everything else values.head(VALUES)
    heads = [label(key, lang) for key in ("value_path", "value", "place", "method", "confidence", "checks")]
    rows = [
        (
            row["path"],
            row["value"],
            _place(row, lang),
            _word(f"method_{row['method']}", row["method"], lang),
            f"{row['confidence']:.2f}" if row["confidence"] is not None else "",
            ", ".join(_word(f"check_{code}", code, lang) for code in row["checks"] or ()),
        )
        for row in shown.iter_rows(named=True)
    ]
    out.print(table(heads, rows, right=[label("confidence", lang)]), markup=False)
    _print_more(values.height - shown.height, lang)


def _print_rows(name: str, rows: pl.DataFrame, lang: str, everything: bool) -> None:
    """The first rows of a table, the columns that are filled."""
    shown = rows if everything else rows.head(ROWS)
    columns = [c for c in rows.columns if c not in _KEYS and rows[c].null_count() < rows.height][:COLUMNS]
    counted = {"shown": f"{shown.height:,}", "total": f"{rows.height:,}"}
    _say(message("read_first_rows", lang, table=_word(f"table_{name}", name, lang), **counted))
    cells = [[_cell(c, v) for c, v in zip(columns, row, strict=True)] for row in shown.select(columns).rows()]
    out.print(table(columns, cells), markup=False)


def _named(rows: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """`rows` with firms by their names, or codes, instead of their ids."""
    parties = facts.tables.get("parties")
    firms = [c for c in ("seller", "buyer", "owner", "src", "dst", "party") if c in rows.columns]
    if parties is None or parties.is_empty() or not firms:
        return rows
    if rows is parties:
        return rows.drop("party")
    names = {party: name or code for party, name, code in parties.select("party", "name", "code").iter_rows()}
    return rows.with_columns(pl.col(c).replace(names) for c in firms)


def _print_problems(title: str, problems: list[Problem], lang: str, everything: bool) -> None:
    """Problems by kind: how often, and an example with its row."""
    if not problems:
        return
    kinds: dict[str, list[Problem]] = {}
    for problem in problems:
        kinds.setdefault(problem.code, []).append(problem)
    ranked = sorted(kinds.values(), key=lambda found: (-len(found), found[0].code))
    shown = ranked if everything else ranked[:KINDS]
    heads = [label(key, lang) for key in ("times", "rejected_row", "problem")]
    rows = [(f"{len(found):,}", found[0].row or "", _sentence(found[0], lang)) for found in shown]
    _say(message(title, lang))
    out.print(table(heads, rows, right=heads[:2]), markup=False)
    _print_more(len(ranked) - len(shown), lang)


def _print_more(count: int, lang: str) -> None:
    if count > 0:
        _say(message("read_more", lang, count=f"{count:,}"))


def _plain(seen: Seen, lang: str, everything: bool) -> dict[str, Any]:
    """A document as one JSON object."""
    told: dict[str, Any] = {"file": seen.name, "sha256": seen.source.sha256 if seen.source else None}
    most = None if everything else VALUES
    if seen.facts is not None:
        told |= _plain_facts(seen, seen.facts, lang, most)
    if seen.names is not None:
        told["names"] = plain_names(seen.names, lang, most)
    return told | {"error": seen.error and {"code": seen.error.code, "message": seen.error.text(lang)}}


def _plain_facts(seen: Seen, facts: Facts, lang: str, most: int | None) -> dict[str, Any]:
    values = facts.tables.get("fields")
    return {
        "format": facts.format,
        "reader_version": facts.version,
        "synthetic": facts.synthetic,
        **_counts(facts),
        "columns": dict(seen.headings),
        "fields": [] if values is None else values.head(most or values.height).to_dicts(),
        "fields_total": 0 if values is None else values.height,
        "tables": {
            name: {
                "total": facts.tables[name].height,
                "rows": facts.tables[name].head(most or facts.tables[name].height).to_dicts(),
            }
            for name in _told(facts)
        },
        "warnings": [_as_json(p, lang) for p in _warnings(facts)],
        "rejects": [_as_json(p, lang) for p in _rejects(facts)],
    }


def _counts(facts: Facts) -> dict[str, int]:
    made = sum(facts.tables[t].height for t in COUNTED if t in facts.tables)
    counts = {"rows": facts.rows, "facts": made}
    return counts | {"duplicates": facts.duplicates, "rejected": facts.rejected}


def _told(facts: Facts) -> list[str]:
    """The tables that hold something, in the ledger's order."""
    return [t for t in FACT_TABLES if t in facts.tables and t not in _APART and facts.tables[t].height]


def _warnings(facts: Facts) -> list[Problem]:
    found = list(facts.warnings)
    for rows in facts.tables.values():
        if "warnings" in rows.columns:
            warned = rows.filter(pl.col("warnings").list.len() > 0)
            numbered = warned["row"] if "row" in warned.columns else [0] * warned.height
            found += _problems(zip(numbered, warned["warnings"], strict=True))
    return found


def _rejects(facts: Facts) -> list[Problem]:
    rejects = facts.tables.get("rejects")
    return [] if rejects is None else list(_problems(rejects.select("row", "problems").iter_rows()))


def _problems(rows: Any) -> Iterator[Problem]:
    for row, problems in rows:
        for p in problems:
            yield Problem(p["code"], row=row, field=p["field"] or "", value=p["value"] or "")


def _as_json(problem: Problem, lang: str) -> dict[str, Any]:
    told = {"row": problem.row, "field": problem.field, "value": problem.value, "code": problem.code}
    return told | {"message": _sentence(problem, lang)}


def _sentence(problem: Problem, lang: str) -> str:
    return problem.text(lang) if problem.code in messages() else problem.code


def _place(row: dict[str, Any], lang: str) -> str:
    page = label("page_place", lang).format(page=row["page"]) if row["page"] else ""
    return f"{page} ({row['box']})" if row["box"] else page


def _word(key: str, other: str, lang: str) -> str:
    """The label of `key`, or `other` where it has none."""
    known = labels()
    return known[key]["zh" if lang == "zh" else "en"] if key in known else other


def _cell(column: str, value: Any) -> str:
    if value is None:
        return ""
    if column.endswith("_fen"):
        return yuan(value)
    text = f"{value:f}" if hasattr(value, "as_tuple") else str(value)
    return text.rstrip("0").rstrip(".") if hasattr(value, "as_tuple") and "." in text else text


def _say(text: str) -> None:
    out.print(text, markup=False, highlight=False)
