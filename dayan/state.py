"""`dayan status`: what the ledger and the published graph hold, and whether they agree."""

import polars as pl

from api.settings import Settings
from dayan.console import out, table
from dayan.pipeline import held_elsewhere, is_current
from dayan.target import target_of
from graph.snapshot import Snapshot, open_snapshot
from ledger.errors import DayanError, NotFound
from ledger.ledger import Ledger
from ledger.words import label, message


def show(settings: Settings) -> None:
    """Print the state of the data folder."""
    lang = settings.lang
    ledger = Ledger(settings.data)
    documents = ledger.documents()
    counts = ("rows", "facts", "duplicates", "rejected")
    by_format = documents.group_by("format").agg(pl.len().alias("n"), pl.col(*counts).sum()).sort("format")
    names = [label(k, lang) for k in ("format", "document", "rows", "facts", "duplicates", "rejected")]
    rows = [[r[0], *(f"{v:,}" for v in r[1:])] for r in by_format.iter_rows()]
    out.print(table(names, rows or [[message("status_empty", lang)]], right=names[1:]))
    try:
        snapshot = open_snapshot(settings.data)
    except NotFound as error:
        out.print(error.text(lang))
        return
    sizes = {"enterprises": f"{snapshot.enterprises.height:,}", "links": f"{snapshot.edges.height:,}"}
    out.print(message("build_done", lang, snapshot=snapshot.id, **sizes))
    out.print(f"{label('data_cut_off', lang)}: {snapshot.as_of}")
    if snapshot.synthetic:
        out.print(label("synthetic", lang))
    if not is_current(target_of(settings)):
        out.print(message("status_stale", lang))
    _tell_store(settings, snapshot)


def _tell_store(settings: Settings, snapshot: Snapshot) -> None:
    """Say when the database holds something else than the published snapshot, or does not answer."""
    try:
        found = held_elsewhere(target_of(settings), snapshot)
    except DayanError as error:
        out.print(error.text(settings.lang), markup=False)
        return
    if found:
        why, marker = found
        held = marker.snapshot if marker and marker.state == "ready" else "-"
        out.print(message(f"status_store_{why}", settings.lang, held=held, snapshot=snapshot.id))
