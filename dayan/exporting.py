"""`dayan export`: the graph, or a part of it, for other tools."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from api.settings import Settings
from dayan.console import out
from dayan.judging import find_party
from dayan.target import Target, target_of
from graph.export_tables import write_csv, write_xlsx
from graph.exports import write_gexf, write_graphml, write_html
from graph.snapshot import Snapshot, open_snapshot
from graph.to_networkx import to_networkx
from ledger.errors import InputError, NotFound
from ledger.words import message

#: Formats by the ending of the path; a path without an ending is a folder for CSV.
FORMATS = {".graphml": "graphml", ".gexf": "gexf", ".html": "html", ".xlsx": "xlsx", "": "csv"}


def run(
    settings: Settings,
    path: Path,
    *,
    chain: str | None,
    around: str | None,
    hops: int,
    limit: int,
    format: str | None,
) -> None:
    """Write what was asked for to `path` and say how much of the whole it is."""
    kind = format or FORMATS.get(path.suffix.lower(), "")
    if kind not in FORMATS.values():
        raise InputError("export_format", format=kind or path.suffix, known=", ".join(FORMATS.values()))
    snapshot = open_snapshot(settings.data)
    if kind in ("csv", "xlsx"):
        if chain or around:
            raise InputError("export_whole", format=kind)
        note = f"{snapshot.enterprises.height:,}"
        if kind == "csv":
            write_csv(snapshot, path, lang=settings.lang)
        else:
            with _whole(path) as partial:
                write_xlsx(snapshot, partial, lang=settings.lang)
    else:
        ego = enterprise_named(target_of(settings), snapshot, around) if around else None
        graph = to_networkx(snapshot, chain=chain, ego=ego, hops=hops, limit=limit)
        note = str(graph.graph["note"])
        with _whole(path) as partial:
            if kind == "html":
                title = f"Dayan · {chain or around or ''}"
                shown, total = write_html(graph, partial, title=title, lang=settings.lang)
                note = f"{shown:,} / {total:,}"
            else:
                (write_graphml if kind == "graphml" else write_gexf)(graph, partial)
    out.print(message("exported", settings.lang, path=path, note=note), markup=False, soft_wrap=True)


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; it takes the name only when all went well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".part-{path.name}")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def enterprise_named(target: Target, snapshot: Snapshot, named: str) -> str:
    """The enterprise a person means by id, code or full name."""
    if snapshot.index_of(named) is not None:
        return named
    party = find_party(target.ledger(), named)
    found = snapshot.members.filter(pl.col("party") == party)["enterprise"]
    if found.is_empty():
        raise NotFound("enterprise_not_found", enterprise=named)
    return snapshot.id_of(int(found[0]))
