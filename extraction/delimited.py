"""CSV and its relatives, as columns of text: any of the usual encodings and delimiters, cut off or not.

Lines without quotes are split by column expressions; only records that hold quotes are read one by
one. A quote that nobody closes costs its own record, not the rest of the file.
"""

import codecs
import csv
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from extraction.sheet import HEAD, Body, names

_DELIMITERS = (",", "\t", ";", "|")
_SAMPLE = 1 << 16
_MARK = "\x1f"  # stands in no text; keeps lines whole while they are split off
_BINARY = (b"%PDF", b"PK", b"\x89PNG", b"\xff\xd8", b"\xd0\xcf\x11\xe0")
_REPLACED = "\ufffd"
#: Lines that a quoted cell may run over.
_LONGEST_CELL = 200


def looks_like_text(data: bytes) -> bool:
    """Whether the beginning of `data` may be a table in text: no binary, XML or PDF."""
    start = data[:_SAMPLE]
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    if start.startswith(_BINARY) or start.lstrip()[:1] in (b"<", b"{"):
        return False
    return start.count(0) * 10 < len(start)


def decoded(data: bytes) -> str:
    """`data` as text: UTF-8 or UTF-16 by their marks, else UTF-8 where it is that, else GB18030.

    A character cut in two at the very end is left out; bytes that are no characters become U+FFFD.
    """
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return data[2:].decode(name, "replace")
    data = data.removeprefix(codecs.BOM_UTF8)
    for name in ("utf-8", "gb18030"):
        try:
            return codecs.getincrementaldecoder(name)().decode(data, final=False)
        except UnicodeDecodeError:
            continue
    best = min(("utf-8", "gb18030"), key=lambda name: data.decode(name, "replace").count(_REPLACED))
    return data.decode(best, "replace")


@dataclass
class _Records:
    """Lines joined to records: `plain` have no quotes (`row`, `line`), `quoted` are split already;
    `unclosed` are the numbers of those whose quote nobody closes, split as if it were none."""

    plain: pl.DataFrame
    quoted: list[tuple[int, list[str]]]
    unclosed: list[int]


class DelimitedSheet:
    """A CSV file as a sheet."""

    def __init__(self, data: bytes) -> None:
        self.name = ""
        self._data = data

    @cached_property
    def head(self) -> list[list[str]]:
        """The first rows, split by the delimiter that makes most cells."""
        return self._splits[self._delimiter]

    @cached_property
    def _splits(self) -> dict[str, list[list[str]]]:
        sample = _newlines(decoded(self._data[:_SAMPLE])).replace("\0", "")
        return {d: _first_rows(sample, d) for d in _DELIMITERS}

    @cached_property
    def _delimiter(self) -> str:
        return max(_DELIMITERS, key=lambda d: max((_cells(r) for r in self._splits[d]), default=0))

    def body(self, header: int, width: int) -> Body:
        """The rows below the header; short, long, unclosed and undecodable ones are told apart."""
        text = _newlines(decoded(self._data))
        records = _records(text, self._delimiter, width)
        frame = _split(records.plain.filter(pl.col("row") > header + 1), self._delimiter, width)
        quoted = [(row, cells) for row, cells in records.quoted if row > header + 1]
        if quoted:
            frame = pl.concat([frame, _from_lists(quoted, width)]).sort("row")
        body = _sorted_out(frame, width)
        body.broken += [(r, "quote_not_closed", "") for r in records.unclosed if r > header + 1]
        if not text.endswith("\n") and body.frame.height:
            last = int(body.frame["row"].max())  # type: ignore[arg-type]
            if last >= max((row for row, _, _ in body.broken), default=0):
                body.doubtful.append((last, "last_row_unfinished", ""))
        return body


def _cells(row: list[str]) -> int:
    """Cells of a row split by the right delimiter. One that begins with another delimiter was split by a
    mark inside the cells: some programs end each with a tab, so that digits stay text."""
    return sum(1 for cell in row if not cell or cell[0] not in _DELIMITERS)


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _first_rows(sample: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(sample.splitlines(keepends=True), delimiter=delimiter):
            rows.append(row)
            if len(rows) == HEAD:
                break
    except csv.Error:
        pass  # what came before the bad line is what there is to recognise the file by
    return rows


def _records(text: str, delimiter: str, width: int) -> _Records:
    lines = pl.read_csv(
        text.replace(_MARK, "\0").encode(),
        has_header=False,
        separator=_MARK,
        quote_char=None,
        schema={"line": pl.String},
        empty_string_is_null=False,
        raise_if_empty=False,
    )
    if '"' not in text:
        plain = lines.with_row_index("row", offset=1).with_columns(pl.col("row").cast(pl.Int32))
        return _Records(plain, [], [])
    return _quoted_records(lines["line"], delimiter, width)


def _quoted_records(lines: pl.Series, delimiter: str, width: int) -> _Records:
    """Records of a file with quotes. A record number counts what a spreadsheet shows as a row."""
    quoted: list[tuple[int, list[str]]] = []
    unclosed: list[int] = []
    inner: list[tuple[int, int]] = []  # lines swallowed by a quoted cell: first, last
    places = lines.str.contains('"', literal=True).arg_true().to_list()
    done = -1
    for position, start in enumerate(places):
        if start <= done:
            continue
        cells, end = _close(lines, places, position, delimiter, width)
        if cells is None:
            unclosed.append(start)
            cells = lines[start].split(delimiter)
        quoted.append((start, cells))
        if end > start:
            inner.append((start + 1, end))
        done = end
    index = pl.DataFrame({"line": lines}).with_row_index("index")
    swallowed = pl.Series([i for a, b in inner for i in range(a, b + 1)], dtype=pl.UInt32)
    index = index.filter(~pl.col("index").is_in(swallowed.implode()))
    index = index.with_columns(row=pl.int_range(1, pl.len() + 1, dtype=pl.Int32))
    taken = pl.Series([i for i, _ in quoted], dtype=pl.UInt32)
    row_of = dict(index.filter(pl.col("index").is_in(taken.implode())).select("index", "row").iter_rows())
    plain = index.filter(~pl.col("index").is_in(taken.implode())).select("row", "line")
    return _Records(plain, [(row_of[i], c) for i, c in quoted], [row_of[i] for i in unclosed])


def _close(
    lines: pl.Series, places: list[int], position: int, delimiter: str, width: int
) -> tuple[list[str] | None, int]:
    """(cells, last line) of the record that starts at `places[position]`; cells None when its quote is
    closed nowhere before rows begin that look like rows of their own."""
    start = places[position]
    ends = [start, *(p for p in places[position + 1 : position + 60] if p - start <= _LONGEST_CELL)]
    for end in ends:
        between = lines[start + 1 : end] if end > start + 1 else None
        if between is not None and (between.str.count_matches(delimiter, literal=True) >= width - 1).any():
            break
        record = "\n".join(lines[start : end + 1])
        try:
            rows = list(csv.reader([record], delimiter=delimiter, strict=True))
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                continue
            return next(csv.reader([record], delimiter=delimiter)), end  # a stray quote inside a cell
        return rows[0] if rows else [], end
    return None, start


def _split(plain: pl.DataFrame, delimiter: str, width: int) -> pl.DataFrame:
    """Lines in `width` columns and `rest`, what does not fit; null where a line is short."""
    parts = plain["line"].str.splitn(delimiter, width + 1).struct.unnest()
    parts.columns = [*names(width), "rest"]
    return plain.select("row").hstack(parts)


def _from_lists(records: list[tuple[int, list[str]]], width: int) -> pl.DataFrame:
    rows = []
    for row, cells in records:
        rest = ",".join(cells[width:]) if len(cells) > width else None
        rows.append((row, *(cells[i] if i < len(cells) else None for i in range(width)), rest))
    schema = {"row": pl.Int32} | dict.fromkeys((*names(width), "rest"), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def _sorted_out(frame: pl.DataFrame, width: int) -> Body:
    """Rows that fit the header, and what is wrong with the others. Blank rows are no rows."""
    cells = pl.col(names(width))
    empty = pl.all_horizontal(cells.fill_null("").str.strip_chars() == "")
    frame = frame.filter(~(empty & (pl.col("rest").fill_null("").str.strip_chars(", \t") == "")))
    last = pl.col(f"c{width - 1}")
    faults = {
        "row_short": last.is_null(),
        "row_long": pl.col("rest").fill_null("").str.strip_chars(", \t;|") != "",
        "characters_unreadable": pl.any_horizontal(cells.str.contains("\0|\ufffd")),
    }
    broken: list[tuple[int, str, str]] = []
    for code, fault in faults.items():
        for row, shown in frame.filter(fault).select("row", last.fill_null("")).iter_rows():
            broken.append((row, code, "" if code == "row_short" else shown.replace("\0", "")))
    return Body(frame.drop("rest"), broken)
