"""`dayan ingest`: documents into the ledger, the outcome as a table, rejected rows and warnings as a file."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, TypedDict

import polars as pl
import psutil
import typer
from rich.markup import escape

from api.settings import Settings
from dayan.console import MOST_LINES, err, out, summary_table
from dayan.reading_progress import Stop, reading_progress
from extraction.errors_file import write_errors
from extraction.ingest import Outcome, Summary, ingest, reread
from extraction.outcome import warnings_column
from extraction.readers import all_readers
from extraction.rows import Reader
from extraction.source import Limits
from ledger.ledger import Ledger
from ledger.records import TABLES
from ledger.words import message

#: Seconds that one process reads before others are started: small things end by then.
LEAD = 2.0
#: Memory that a process is reckoned to take.
MEMORY_EACH = 1 << 30
#: What a warned fact is known by, where its table has a number for it.
NUMBERS = {
    "invoices": pl.col("number"),
    "statements": pl.col("account_shown"),
    "bank_flows": pl.col("serial"),
    "bills": pl.col("number"),
    "declarations": pl.col("printed"),
}


class _Processes(TypedDict, total=False):
    processes: int
    isolated: bool
    lead: float


def read_into(
    settings: Settings, paths: Sequence[Path], errors: Path | None, owner: str | None = None
) -> bool:
    """Ingest and tell; True when anything was read now or was known already.

    `owner` is the tax number of whose books nameless ledgers are. Raises InputError when it is none, and
    typer.Exit when a person stopped it: what was read by then is committed.
    """
    ledger, lang = Ledger(settings.data), settings.lang
    limits = Limits(file_bytes=settings.max_file_bytes, unpacked_bytes=settings.max_unpacked_bytes)
    with Stop(lang) as stop, reading_progress(lang) as watch:
        summary = ingest(
            paths,
            ledger,
            limits,
            readers=_readers(settings),
            owner=owner,
            stop=stop,
            watch=watch,
            **_processes(settings),
        )
    out.print(summary_table(summary, lang))
    if len(summary.outcomes) > 1:
        out.print(message("reading_done", lang, **_counts(summary)), soft_wrap=True)
    _tell_failures(summary, lang, listed=errors is not None)
    _tell_warnings(summary, lang)
    if errors is not None:
        rejected, warned = write_rejects(ledger, summary.outcomes, errors, lang)
        out.print(message("rejects_written", lang, rows=f"{rejected:,}", path=errors), markup=False)
        if warned:
            out.print(message("warnings_written", lang, rows=f"{warned:,}"), markup=False)
    elif summary.total("rejected"):
        err.print(message("rejects_hint", lang))
    if summary.stopped:
        _tell_stopped(summary, stop, lang)
    if not anything(summary):
        err.print(f"[red]{message('nothing_read', lang)}[/]")
        return False
    return True


def reread_all(settings: Settings) -> None:
    """Read kept originals anew and tell what changed."""
    lang = settings.lang
    with Stop(lang) as stop, reading_progress(lang) as watch:
        ledger, readers = Ledger(settings.data), _readers(settings)
        summary = reread(ledger, readers=readers, stop=stop, watch=watch, **_processes(settings))
    out.print(summary_table(summary, lang))
    _tell_failures(summary, lang, listed=True)
    if summary.stopped:
        _tell_stopped(summary, stop, lang)


def _processes(settings: Settings) -> _Processes:
    """Told how many processes, as many and at once; else one for each core, once that is worth it. Windows
    reads in one."""
    if os.name == "nt":  # the pool hands its workers open files, which only POSIX can
        return {"processes": 1}
    if settings.processes:
        return {"processes": settings.processes}
    return {"processes": cores(), "isolated": True, "lead": LEAD}


def cores() -> int:
    """Processes that this machine has cores and memory for."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(usable, int(psutil.virtual_memory().available) // MEMORY_EACH))


def _tell_failures(summary: Summary, lang: str, *, listed: bool) -> None:
    """Why documents failed: the first of them, and where the others stand."""
    told = [outcome.error.text(lang) for outcome in summary.outcomes if outcome.error]
    for sentence in told[:MOST_LINES]:
        out.print(f"[red]{escape(sentence)}[/]", highlight=False, soft_wrap=True)
    if (more := len(told) - MOST_LINES) > 0:
        code = "failures_more" if listed else "failures_hint"
        out.print(message(code, lang, more=f"{more:,}"), soft_wrap=True)


def _tell_warnings(summary: Summary, lang: str) -> None:
    for example, count in summary.warned_for():
        sentence = message("warning_counted", lang, count=f"{count:,}", sentence=example.text(lang))
        out.print(sentence, markup=False, highlight=False)
    for outcome in summary.outcomes:
        for problem in outcome.warnings:
            err.print(f"{outcome.name}: {problem.text(lang)}", markup=False, highlight=False)


def _counts(summary: Summary) -> dict[str, str]:
    return {state: f"{summary.count(state):,}" for state in ("read", "known", "failed")}


def _tell_stopped(summary: Summary, stop: Stop, lang: str) -> NoReturn:
    err.print(message("reading_stopped", lang, **_counts(summary)), soft_wrap=True)
    raise typer.Exit(stop.code)


def _readers(settings: Settings) -> Sequence[Reader]:
    return all_readers(*([settings.layouts] if settings.layouts else []))


def anything(summary: Summary) -> bool:
    """Whether any document gave rows now, or was known to the ledger already."""
    return any(o.state == "known" or (o.state == "read" and o.rows > o.rejected) for o in summary.outcomes)


def write_rejects(ledger: Ledger, outcomes: Sequence[Outcome], path: Path, lang: str) -> tuple[int, int]:
    """The documents that failed, the rejected rows of the others, as the user's own rows with an errors
    column, and their facts with warnings, to `path`; returns how many rows and facts."""
    mine = pl.DataFrame({"sha256": [o.sha256 for o in outcomes]}, schema={"sha256": pl.String}).unique()
    documents = ledger.documents().join(mine, on="sha256", how="semi")
    readings = documents.select("reading").lazy()
    rejects = ledger.scan("rejects").join(readings, on="reading", how="semi").collect()
    columns = {table: warnings_column(table) for table in TABLES}
    warned = pl.concat(
        ledger.scan(table)
        .select("reading", "row", number=NUMBERS.get(table, pl.lit(None, pl.String)), warnings=column)
        .filter(pl.col("warnings").list.len() > 0)
        .join(readings, on="reading", how="semi")
        for table, column in columns.items()
        if column
    ).collect()
    names = dict(zip(documents["reading"], documents["name"], strict=True))
    failed = [(outcome.name, outcome.error) for outcome in outcomes if outcome.error]
    write_errors(rejects, names, path, lang, warned, failed)
    return rejects.height, warned.height
