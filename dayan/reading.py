"""`dayan ingest`: documents into the ledger, the outcome as a table, rejected rows and warnings as a file."""

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


def read_into(
    settings: Settings, paths: Sequence[Path], errors: Path | None, owner: str | None = None
) -> bool:
    """Ingest and tell; True when anything was read now or was known already.

    `owner` is the tax number of whose books nameless ledgers are. Raises InputError when it is none.
    """
    ledger = Ledger(settings.data)
    limits = Limits(file_bytes=settings.max_file_bytes, unpacked_bytes=settings.max_unpacked_bytes)
    with counting(settings.lang, "reading", None) as tick:
        summary = ingest(
            paths, ledger, limits, lambda outcome: tick(outcome.name), _readers(settings), owner=owner
        )
    out.print(summary_table(summary, settings.lang))
    for example, count in summary.warned_for():
        sentence = message(
            "warning_counted", settings.lang, count=f"{count:,}", sentence=example.text(settings.lang)
        )
        out.print(sentence, markup=False, highlight=False)
    for outcome in summary.outcomes:
        for problem in outcome.warnings:
            err.print(f"{outcome.name}: {problem.text(settings.lang)}", markup=False, highlight=False)
    if errors is not None:
        rejected, warned = write_rejects(ledger, summary.outcomes, errors, settings.lang)
        out.print(message("rejects_written", settings.lang, rows=f"{rejected:,}", path=errors), markup=False)
        if warned:
            out.print(message("warnings_written", settings.lang, rows=f"{warned:,}"), markup=False)
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
    """Whether any document gave rows now, or was known to the ledger already."""
    return any(o.state == "known" or (o.state == "read" and o.rows > o.rejected) for o in summary.outcomes)


def write_rejects(ledger: Ledger, outcomes: Sequence[Outcome], path: Path, lang: str) -> tuple[int, int]:
    """The rejected rows of these documents, as the user's own rows with an errors column, and their
    invoices with warnings, to `path`; returns how many of either."""
    mine = pl.DataFrame({"sha256": [o.sha256 for o in outcomes]}, schema={"sha256": pl.String}).unique()
    documents = ledger.documents().join(mine, on="sha256", how="semi")
    readings = documents.select("reading").lazy()
    rejects = ledger.tables.scan("rejects").join(readings, on="reading", how="semi").collect()
    warned = (
        ledger.tables.scan("invoices")
        .select("reading", "row", "number", "warnings")
        .filter(pl.col("warnings").list.len() > 0)
        .join(readings, on="reading", how="semi")
        .collect()
    )
    names = dict(zip(documents["reading"], documents["name"], strict=True))
    write_errors(rejects, names, path, lang, warned)
    return rejects.height, warned.height
