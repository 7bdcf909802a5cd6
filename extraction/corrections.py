"""What a person says that a paper says: corrections, applied to its values before they mean anything.

A correction names a document, the path of a value in it and the value; it is a judgement of kind
`field` in the ledger. A reading of the document, today's or that of a better reader later, takes it
up, so facts and fields follow from the corrected paper as from any other.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from extraction.paper import Paper, Value
from extraction.source import Source

METHOD = "human"
_LINE = re.compile(r"lines\[(\d{1,6})\]\.(\w+)")


def corrections_in(judgements: pl.DataFrame) -> dict[str, tuple[tuple[str, str], ...]]:
    """Document → its corrections (path, value), by path; of several for one value the newest counts.

    `judgements` are those that stand, oldest first (`Ledger.judgements`).
    """
    found: dict[str, dict[str, str]] = {}
    mine = judgements.filter(pl.col("kind") == "field", pl.col("value").is_not_null())
    for document, path, value in mine.select("subject", "object", "value").iter_rows():
        found.setdefault(document, {})[path] = value
    return {document: tuple(sorted(said.items())) for document, said in found.items()}


def with_corrections(source: Source, known: dict[str, tuple[tuple[str, str], ...]]) -> Source:
    """`source` with what people corrected in it."""
    said = known.get(source.sha256, ()) if known else ()
    return replace(source, corrections=said) if said else source


def corrected(paper: Paper, corrections: Sequence[tuple[str, str]], prefix: str = "") -> Paper:
    """`paper` with every correction in its place; an empty value means that the paper prints none.

    Of a file of several invoices the paths of one begin with its `prefix`. A corrected value keeps the
    place it was read from.
    """
    if not corrections:
        return paper
    header, extra = dict(paper.header), dict(paper.extra)
    lines = [dict(line) for line in paper.lines]
    for whole, text in corrections:
        if not whole.startswith(prefix):
            continue
        path = whole[len(prefix) :]
        if line := _LINE.fullmatch(path):
            number = int(line[1])
            if 1 <= number <= len(lines):
                _put(lines[number - 1], line[2], text)
        elif path in extra and path not in header:
            _put(extra, path, text)
        elif "[" not in path:
            _put(header, path, text)
    return replace(paper, header=header, lines=lines, extra=extra)


def corrected_each(papers: Sequence[Paper], corrections: Sequence[tuple[str, str]]) -> list[Paper]:
    """The papers of one file with every correction in its place; paths name them as `fields` does."""
    if len(papers) == 1:
        return [corrected(papers[0], corrections)]
    return [corrected(paper, corrections, f"invoices[{n}].") for n, paper in enumerate(papers, 1)]


def _put(values: dict[str, Value], path: str, text: str) -> None:
    read = values.pop(path, None)
    if text:
        page, box = (read.page, read.box) if read else (None, None)
        values[path] = Value(text, METHOD, 1.0, page, box)
