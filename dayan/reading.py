"""`dayan ingest`: documents into the ledger, the outcome as a table, rejected rows back as a file."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from api.settings import Settings
from dayan.console import counting, err, out, summary_table
from extraction.errors_file import write_errors
from extraction.ingest import Outcome, Summary, ingest, reread
from extraction.readers import all_readers
from extraction.rows import Reader
from extraction.source import Limits
from ledger.ledger import Ledger
from ledger.words import message


def read_into(settings: Settings, paths: Sequence[Path], errors: Path | None) -> bool:
    """Ingest and tell; True when anything was read (or was there already)."""
    ledger = Ledger(settings.data)
    limits = Limits(file_bytes=settings.max_file_bytes, unpacked_bytes=settings.max_unpacked_bytes)
    with counting(settings.lang, "reading", None) as tick:
        summary = ingest(paths, ledger, limits, lambda outcome: tick(outcome.name), _readers(settings))
    out.print(summary_table(summary, settings.lang))
    for outcome in summary.outcomes:
        for problem in outcome.warnings:
            err.print(f"{outcome.name}: {problem.text(settings.lang)}", markup=False, highlight=False)
    if errors is not None:
        rows = write_rejects(ledger, summary.outcomes, errors, settings.lang)
        out.print(message("rejects_written", settings.lang, rows=rows, path=errors), markup=False)
    elif summary.total("rejected"):
        err.print(message("rejects_hint", settings.lang))
    if not anything(summary):
        err.print(f"[red]{message('nothing_read', settings.lang)}[/]")
        return False
    return True


def reread_all(settings: Settings) -> None:
    """Read kept originals anew and tell what changed."""
    with counting(settings.lang, "reading", None) as tick:
        summary = reread(Ledger(settings.data), lambda outcome: tick(outcome.name), _readers(settings))
    out.print(summary_table(summary, settings.lang))


def _readers(settings: Settings) -> Sequence[Reader]:
    return all_readers(*([settings.layouts] if settings.layouts else []))


def anything(summary: Summary) -> bool:
    """Whether any document gave rows that are now in the ledger."""
    return any(o.state == "known" or (o.state == "read" and o.rows > o.rejected) for o in summary.outcomes)


def write_rejects(ledger: Ledger, outcomes: Sequence[Outcome], path: Path, lang: str) -> int:
    """The rejected rows of these documents as the user's own rows with an errors column."""
    mine = pl.DataFrame({"sha256": [o.sha256 for o in outcomes]}, schema={"sha256": pl.String}).unique()
    documents = ledger.documents().join(mine, on="sha256", how="semi")
    rejects = (
        ledger.tables.scan("rejects")
        .join(documents.select("reading").lazy(), on="reading", how="semi")
        .collect()
    )
    names = dict(zip(documents["reading"], documents["name"], strict=True))
    write_errors(rejects, names, path, lang)
    return rejects.height
